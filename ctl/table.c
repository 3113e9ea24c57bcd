/* Measures, aligns and cuts. */
#include "ctl/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "core/day.h"

#define COLUMNS_MAX 8
#define GAP 2

void print_clean(const char *text)
{
	char bytes[5];
	uint32_t c;

	while ((c = text_next(&text))) {
		if ((c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0))
			c = '?';
		text_encode(c, bytes);
		fputs(bytes, stdout);
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

static size_t terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

static void print_cell(const char *text, size_t width, size_t room, int last)
{
	const size_t bytes = room ? text_fit_columns(text, room) : strlen(text);
	char *cut = strndup(text, bytes);

	print_clean(cut);
	if (!last)
		for (size_t used = text_columns(cut); used < width + GAP; used++)
			putchar(' ');
	free(cut);
}

void table_print(const json_t *rows, const struct column *columns, size_t count)
{
	const size_t terminal = terminal_width();
	size_t widths[COLUMNS_MAX] = {0};
	size_t i, before = 0;
	json_t *row;
	char scratch[32];

	for (size_t c = 0; c < count; c++) {
		widths[c] = text_columns(columns[c].title);
		json_array_foreach(rows, i, row)
		{
			const size_t w = text_columns(member_text(row, columns[c].key, scratch));
			if (w > widths[c])
				widths[c] = w;
		}
		if (c + 1 < count)
			before += widths[c] + GAP;
	}
	const size_t room = terminal > before + 10 ? terminal - before : 0;
	for (size_t c = 0; c < count; c++)
		print_cell(columns[c].title, widths[c], 0, c + 1 == count);
	putchar('\n');
	json_array_foreach(rows, i, row)
	{
		for (size_t c = 0; c < count; c++)
			print_cell(member_text(row, columns[c].key, scratch), widths[c],
				   c + 1 == count ? room : 0, c + 1 == count);
		putchar('\n');
	}
}
