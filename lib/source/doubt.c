/* Two things are looked for behind a verb: another partner, and the word that it came to nothing.
 */
#include "source/doubt.h"

#include <stdbool.h>

#include "source/dayphrase.h"
#include "source/verb.h"

#define DENIAL_WORDS 3 /* that follow the verb and its day, as far as the first comma */

static const char one_each[] =
    "that is about more than one; write a line for each, as in 1 call today";

static bool is_and(const char *bare)
{
	static const char *const words[] = {"and", "or", "&", "+",    "und",
					    "et",  "e",	 "y", "then", NULL};

	return word_is_one_of(bare, words);
}

/* Whether a thought begins with this word. */
static bool begins(const struct line *line, size_t at)
{
	return line->words[at - 1].ends || is_and(line_bare(line, at - 1));
}

static bool is_day(const struct clerk *clerk, const struct line *line, size_t at,
		   enum day_lean lean, size_t *ret_used)
{
	const struct line rest = line_rest(line, at);
	const char *fault;
	day d;

	return dayphrase_read(&rest, clerk->today, lean, clerk->arena, ret_used, &d, &fault) ==
	       DAYPHRASE_DAY;
}

/* ack 1, 2 */
static bool counts_on(const struct clerk *clerk, const struct command *c, const struct line *line,
		      size_t at)
{
	const bool wants_day = c->verb == COMMAND_LOG || c->verb == COMMAND_SNOOZE ||
			       c->verb == COMMAND_MOVED || c->verb == COMMAND_OFF;
	const size_t next = at + is_and(line_bare(line, at));
	const bool is_joined = number_at(line, at - 1) && (next > at || line->words[at - 1].ends);
	size_t used;

	return number_at(line, next) && (is_joined || !wants_day) &&
	       !is_day(clerk, line, next, DAY_AHEAD, &used);
}

/* 1 yes, 2 no; acme yes, elbe no */
static bool has_second(const struct clerk *clerk, const struct line *line, size_t at)
{
	size_t used;

	for (size_t i = at; i + 1 < line->count; i++) {
		if (!verb_at(line, i + 1))
			continue;
		if (number_at(line, i) && (i == at || begins(line, i)))
			return true;
		if (begins(line, i) && (i + 2 == line->count || line->words[i + 1].ends ||
					is_day(clerk, line, i + 2, DAY_AHEAD, &used)))
			return true;
	}
	return false;
}

/* call not yet; meeting of monday was cancelled */
static bool is_denied(const struct clerk *clerk, const struct line *line, size_t at)
{
	static const char *const words[] = {
	    "not",	"never",	 "cancelled",	"canceled",    "cancel",    "postponed",
	    "missed",	"failed",	 "no-show",	"noshow",      "no",	    "nobody",
	    "planned",	"scheduled",	 "booked",	"will",	       "didn't",    "didn\u2019t",
	    "wasn't",	"wasn\u2019t",	 "hasn't",	"hasn\u2019t", "haven't",   "haven\u2019t",
	    "couldn't", "couldn\u2019t", "won't",	"won\u2019t",  "nicht",	    "kein",
	    "keine",	"abgesagt",	 "ausgefallen", "verschoben",  "geplant",   "pas",
	    "annulé",	"annulée",	 "reporté",	"não",	       "cancelado", "adiado",
	    NULL};
	size_t used = 0;

	if (is_day(clerk, line, at, DAY_PAST, &used))
		at += used;
	for (size_t i = at; i < line->count && i < at + DENIAL_WORDS; i++) {
		if (word_is_one_of(line_bare(line, i), words))
			return true;
		if (line->words[i].ends)
			return false;
	}
	return false;
}

const char *doubt_of(const struct clerk *clerk, const struct command *c, const struct line *line,
		     size_t at)
{
	const size_t next = line_skip_dashes(line, at);

	if (next >= line->count)
		return NULL;
	if (counts_on(clerk, c, line, next) || has_second(clerk, line, next))
		return one_each;
	if (c->verb == COMMAND_LOG && (verb_at(line, next) || is_denied(clerk, line, next)))
		return "that does not sound as if it took place; write 1 call today when it did, "
		       "and 1 moved 4 dec when a meeting is booked";
	return NULL;
}
