/* Measures, aligns and cuts. */
#include "ctl/table.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "core/day.h"

#define COLUMNS_MAX 8
#define GAP	    2
#define WIDTH_MIN   3

void print_clean(const char *text)
{
	fprint_clean(stdout, text);
}

void fprint_clean(FILE *file, const char *text)
{
	char bytes[5];
	uint32_t c;

	while ((c = text_next(&text))) {
		if ((c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0))
			c = '?';
		text_encode(c, bytes);
		fputs(bytes, file);
	}
}

const char *member_text(const json_t *object, const char *key, char scratch[32])
{
	const json_t *value = json_object_get(object, key);

	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_integer(value)) {
		snprintf(scratch, 32, "%lld", (long long)json_integer_value(value));
		return scratch;
	}
	if (json_is_boolean(value))
		return json_is_true(value) ? "yes" : "no";
	return "-";
}

const char *say_day(const char *iso, const char *today, char out[32])
{
	day d, now;

	if (!iso || !day_parse_iso(iso, &d))
		return iso ? iso : "-";
	if (!today || !day_parse_iso(today, &now))
		now = d;
	return day_say(d, now, out);
}

const char *say_due_day(const char *iso, const char *today, long long days_overdue,
			char out[SAY_DUE_SIZE])
{
	const long long days = days_overdue < 0 ? -days_overdue : days_overdue;
	const char *plural = days == 1 ? "" : "s";
	char due[32];

	say_day(iso, today, due);
	if (days == 0)
		snprintf(out, SAY_DUE_SIZE, "%s (today)", due);
	else if (days_overdue > 0)
		snprintf(out, SAY_DUE_SIZE, "%s (%lld day%s overdue)", due, days, plural);
	else
		snprintf(out, SAY_DUE_SIZE, "%s (in %lld day%s)", due, days, plural);
	return out;
}

const char *say_day_near(const char *iso, const char *today, char out[SAY_DUE_SIZE])
{
	char said[32];
	day d, now;

	say_day(iso, today, said);
	if (!iso || !today || !day_parse_iso(iso, &d) || !day_parse_iso(today, &now))
		snprintf(out, SAY_DUE_SIZE, "%s", said);
	else if (d == now)
		snprintf(out, SAY_DUE_SIZE, "%s (today)", said);
	else if (d > now)
		snprintf(out, SAY_DUE_SIZE, "%s (in %d day%s)", said, d - now,
			 d - now == 1 ? "" : "s");
	else
		snprintf(out, SAY_DUE_SIZE, "%s (%d day%s ago)", said, now - d,
			 now - d == 1 ? "" : "s");
	return out;
}

static size_t terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

static void print_cell(const char *text, size_t width, bool cut, bool last)
{
	const size_t bytes = cut ? text_fit_columns(text, width) : strlen(text);
	char *fitting = strndup(text, bytes);

	print_clean(fitting);
	if (!last)
		for (size_t used = text_columns(fitting); used < width + GAP; used++)
			putchar(' ');
	free(fitting);
}

static void measure(const json_t *rows, const struct column *columns, size_t count, size_t *widths)
{
	char scratch[32];
	json_t *row;
	size_t i;

	for (size_t c = 0; c < count; c++) {
		widths[c] = text_columns(columns[c].title);
		json_array_foreach(rows, i, row)
		{
			const size_t w = text_columns(member_text(row, columns[c].key, scratch));
			if (w > widths[c])
				widths[c] = w;
		}
	}
}

/* Takes room from the widest columns until the line fits. */
static void squeeze(size_t *widths, size_t count, size_t terminal)
{
	for (;;) {
		size_t total = GAP * (count - 1), widest = 0;

		for (size_t c = 0; c < count; c++) {
			total += widths[c];
			if (widths[c] > widths[widest])
				widest = c;
		}
		if (total <= terminal || widths[widest] <= WIDTH_MIN)
			return;
		widths[widest]--;
	}
}

void table_print(const json_t *rows, const struct column *columns, size_t count)
{
	const size_t terminal = terminal_width();
	size_t widths[COLUMNS_MAX];
	char scratch[32];
	json_t *row;
	size_t i;

	measure(rows, columns, count, widths);
	if (terminal)
		squeeze(widths, count, terminal);
	for (size_t c = 0; c < count; c++)
		print_cell(columns[c].title, widths[c], terminal > 0, c + 1 == count);
	putchar('\n');
	json_array_foreach(rows, i, row)
	{
		for (size_t c = 0; c < count; c++)
			print_cell(member_text(row, columns[c].key, scratch), widths[c],
				   terminal > 0, c + 1 == count);
		putchar('\n');
	}
}
