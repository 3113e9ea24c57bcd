/* Complains. */
#include "ctl/complain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "ctl/table.h"

/* The one variable of the program: cadencectl does one thing and ends, and its first complaint is
 * about that. */
static json_t *complaint;

static void say(const char *message)
{
	fputs("cadencectl: ", stderr);
	fprint_clean(stderr, message);
	fputc('\n', stderr);
}

void complain(const char *fmt, ...)
{
	char *message, *clean;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&message, fmt, args);
	va_end(args);
	if (len < 0)
		abort();
	say(message);
	clean = text_repaired(message);
	if (!complaint)
		complaint = json_pack("{s:s, s:s}", "status", "failed", "message", clean);
	free(clean);
	free(message);
}

void complain_of(const json_t *error)
{
	say(json_string_value(json_object_get(error, "message")));
	if (!complaint)
		complaint = json_deep_copy(error);
}

bool complaint_made(void)
{
	return complaint != NULL;
}

json_t *complaint_take(void)
{
	json_t *taken = complaint;

	complaint = NULL;
	return taken;
}
