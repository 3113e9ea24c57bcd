/* Away, and back: what a line says of its sender. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "source/clerk.h"
#include "source/dayphrase.h"
#include "source/doubt.h"
#include "source/verb.h"

bool period_is_phrase(const struct line *line, const char *const *phrases, struct arena *arena)
{
	char *said = arena_strdup(arena, "");

	if (line->count > 4)
		return false;
	for (size_t i = 0; i < line->count; i++)
		if (*line->words[i].bare && strcmp(line->words[i].bare, "-") != 0)
			said = arena_printf(arena, "%s%s%s", said, *said ? " " : "",
					    line->words[i].bare);
	return word_is_one_of(said, phrases);
}

/* "1-4" before a month, "1dec-4dec": what a dash without spaces joins is taken apart. */
static struct line with_dashes_apart(const struct line *line, struct arena *arena)
{
	struct buf text = buf_make(3 * COMMAND_LINE_MAX);
	struct line apart;

	for (size_t i = 0; i < line->count; i++) {
		const char *bare = line->words[i].bare;
		const char *dash = strchr(bare, '-');
		const bool is_range = dash && dash > bare && dash[1] && !strchr(dash + 1, '-') &&
				      isdigit((unsigned char)dash[1]);

		buf_addc(&text, ' ');
		if (!is_range) {
			buf_add(&text, line->words[i].start, line->words[i].len);
			continue;
		}
		buf_add(&text, bare, (size_t)(dash - bare));
		buf_adds(&text, " - ");
		buf_adds(&text, dash + 1);
	}
	apart = line_read(buf_text(&text), text.len, arena);
	buf_free(&text);
	return apart;
}

/* "1 - 4 dec": the month is said once. */
static struct line with_both_months(const struct line *line, struct arena *arena)
{
	const bool is_short = number_at(line, 0) && strcmp(line_bare(line, 1), "-") == 0 &&
			      number_at(line, 2) && month_parse(line_bare(line, 3));
	const char *text;

	if (!is_short)
		return *line;
	text = arena_printf(arena, "%s %s - %s", line_bare(line, 0), line_bare(line, 3),
			    line->words[2].start);
	return line_read(text, strlen(text), arena);
}

static bool is_until(const char *bare)
{
	static const char *const words[] = {"-", "to", "until", "till", "til", "through", NULL};

	return word_is_one_of(bare, words);
}

static void give_up_on_away(struct command *c, const char *fault)
{
	command_give_up(
	    c,
	    fault ? fault : "away until when? write away until 4 dec, away 1 dec - 4 dec, or back");
}

/* The day on which it ends; said by its weekday or date alone it comes after the first. */
static bool read_last_day(const struct clerk *r, struct command *c, const struct line *rest)
{
	const day first = c->first_day == DAY_NEVER ? r->today : c->first_day;
	size_t used = 0;
	enum dayphrase found =
	    dayphrase_read(rest, r->today, DAY_AHEAD, r->arena, &used, &c->day, &c->fault);

	if (found == DAYPHRASE_DAY && c->day < first)
		found = dayphrase_read(rest, first, DAY_AHEAD, r->arena, &used, &c->day, &c->fault);
	if (found == DAYPHRASE_DAY && c->day < first) {
		c->fault = "that ends before it begins; write away 1 dec - 4 dec";
		return false;
	}
	if (found != DAYPHRASE_DAY)
		return false;
	c->fault = doubt_of(r, c, rest, used);
	c->note = line_quote(rest, used, rest->count, r->arena);
	return !c->fault;
}

static void read_away(const struct clerk *r, struct command *c, const struct line *whole)
{
	const struct line behind = line_rest(whole, 1);
	const struct line apart = with_dashes_apart(&behind, r->arena);
	const struct line line = with_both_months(&apart, r->arena);
	const bool only_last = is_until(line_bare(&line, 0));
	struct line rest = line_rest(&line, only_last);
	size_t used = 0;

	c->verb = COMMAND_AWAY;
	if (strcmp(line_bare(&line, 0), "off") == 0 && line.count == 1)
		return;
	if (!only_last) {
		if (dayphrase_read(&rest, r->today, DAY_AHEAD, r->arena, &used, &c->first_day,
				   &c->fault) != DAYPHRASE_DAY ||
		    !is_until(line_bare(&rest, used))) {
			give_up_on_away(c, c->fault);
			return;
		}
		rest = line_rest(&rest, used + 1);
	}
	if (!read_last_day(r, c, &rest))
		give_up_on_away(c, c->fault);
}

bool period_read(const struct clerk *r, struct command *c, const struct line *line)
{
	static const char *const back[] = {"back",	     "not away",  "i'm back",
					   "i\u2019m back",  "i am back", "im back",
					   "no longer away", "away off",  NULL};

	if (period_is_phrase(line, back, r->arena)) {
		c->verb = COMMAND_AWAY;
		return true;
	}
	if (strcmp(line_bare(line, 0), "away") != 0)
		return false;
	read_away(r, c, line);
	return true;
}
