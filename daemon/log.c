/* Writes the log. Whoever logs a reply of another machine has had it cleaned before. */
#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sys/notify.h"

#define LINE_MAX_BYTES 2048

static void write_line(enum log_level level, const char *text, size_t len)
{
	if (notify_stderr_is_journal())
		fprintf(stderr, "<%d>%.*s\n", (int)level, (int)len, text);
	else
		fprintf(stderr, "cadenced: %.*s\n", (int)len, text);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	write_line(level, line, strcspn(line, "\r\n"));
}

void log_lines(enum log_level level, const char *text)
{
	while (*text) {
		const size_t len = strcspn(text, "\n");

		write_line(level, text, len);
		text += len + (text[len] == '\n');
	}
}
