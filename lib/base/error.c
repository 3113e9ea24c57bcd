/* Writes reasons. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

static void write_reason(struct error *err, const char *fmt, va_list args)
{
	const int len = vsnprintf(err->text, sizeof(err->text), fmt, args);

	/* It counts bytes: the last character may have lost its end. */
	if (len >= (int)sizeof(err->text))
		text_drop_half(err->text);
}

void error_set(struct error *err, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return;
	va_start(args, fmt);
	write_reason(err, fmt, args);
	va_end(args);
}

enum status error_fail(struct error *err, enum status status, const char *fmt, ...)
{
	va_list args;

	if (err) {
		va_start(args, fmt);
		write_reason(err, fmt, args);
		va_end(args);
	}
	return status;
}
