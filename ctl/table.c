/* Measures, aligns and cuts. */
#include "ctl/table.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/day.h"
#include "ctl/page.h"

#define COLUMNS_MAX 8
#define GAP	    2
#define WIDTH_MIN   3 /* of a column, when nothing else helps */

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

const char *say_due_short(const char *iso, const char *today, long long days_overdue,
			  char out[SAY_DUE_SIZE])
{
	char due[32];

	say_day(iso, today, due);
	if (days_overdue == 0)
		snprintf(out, SAY_DUE_SIZE, "%s (today)", due);
	else if (days_overdue > 0)
		snprintf(out, SAY_DUE_SIZE, "%s (%lld d late)", due, days_overdue);
	else
		snprintf(out, SAY_DUE_SIZE, "%s (in %lld d)", due, -days_overdue);
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

/* ---- tables ---- */

static size_t total_width(const size_t *widths, size_t count)
{
	size_t total = GAP * (count - 1);

	for (size_t c = 0; c < count; c++)
		total += widths[c];
	return total;
}

/* Takes room from the widest columns that have some to give until the line fits. */
static bool squeeze(size_t *widths, const size_t *floors, size_t count, size_t terminal)
{
	while (total_width(widths, count) > terminal) {
		size_t widest = count;

		for (size_t c = 0; c < count; c++)
			if (widths[c] > floors[c] &&
			    (widest == count || widths[c] > widths[widest]))
				widest = c;
		if (widest == count)
			return false;
		widths[widest]--;
	}
	return true;
}

static void measure(const json_t *rows, const struct column *columns, size_t count, size_t *widths,
		    size_t *floors)
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
		floors[c] =
		    columns[c].floor && columns[c].floor < widths[c] ? columns[c].floor : widths[c];
	}
}

/* What may be cut is cut to its floor, then texts and titles that have a shorter form take it; what
 * is still too wide then is cut wherever it is widest. */
static void fit(const json_t *rows, struct column *columns, size_t count, size_t *widths)
{
	const size_t terminal = page_width();
	size_t floors[COLUMNS_MAX];

	measure(rows, columns, count, widths, floors);
	if (terminal == 0 || squeeze(widths, floors, count, terminal))
		return;
	for (size_t c = 0; c < count; c++) {
		if (columns[c].shorter)
			columns[c].key = columns[c].shorter;
		if (columns[c].brief)
			columns[c].title = columns[c].brief;
	}
	measure(rows, columns, count, widths, floors);
	if (squeeze(widths, floors, count, terminal))
		return;
	for (size_t c = 0; c < count; c++)
		floors[c] = WIDTH_MIN;
	(void)squeeze(widths, floors, count, terminal);
}

/* A text that is too wide ends in "…", so that nobody takes the rest for the whole. */
static void print_cell(const char *text, size_t width, bool states, bool last)
{
	const bool cut = text_columns(text) > width;
	char *fitting = strndup(text, cut ? text_fit_columns(text, width - 1) : strlen(text));

	if (states)
		fputs(page_colour(text), stdout);
	print_clean(fitting);
	fputs(cut ? "…" : "", stdout);
	if (states)
		fputs(page_plain(text), stdout);
	if (!last)
		for (size_t used = text_columns(fitting) + cut; used < width + GAP; used++)
			putchar(' ');
	free(fitting);
}

void table_print(const json_t *rows, const struct column *columns, size_t count)
{
	struct column fitting[COLUMNS_MAX];
	size_t widths[COLUMNS_MAX];
	char scratch[32];
	json_t *row;
	size_t i;

	memcpy(fitting, columns, count * sizeof(*columns));
	fit(rows, fitting, count, widths);
	for (size_t c = 0; c < count; c++)
		print_cell(fitting[c].title, widths[c], false, c + 1 == count);
	putchar('\n');
	json_array_foreach(rows, i, row)
	{
		for (size_t c = 0; c < count; c++)
			print_cell(member_text(row, fitting[c].key, scratch), widths[c],
				   fitting[c].states, c + 1 == count);
		putchar('\n');
	}
}
