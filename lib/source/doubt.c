/* Two things are looked for behind a verb: another partner, and the word that it came to nothing.
 */
#include "source/doubt.h"

#include <stdbool.h>
#include <string.h>

#include "source/dayphrase.h"
#include "source/smalltalk.h"
#include "source/verb.h"

#define NAME_WORDS   3 /* of a partner between a comma and a second verb */
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

static bool is_answer(const struct verb *verb)
{
	return verb &&
	       (verb->verb == COMMAND_YES || verb->verb == COMMAND_NO || verb->verb == COMMAND_ACK);
}

/* The verbs of which a note seldom has one behind a number; the others are nouns too. */
static bool is_plain_verb(const struct verb *verb)
{
	return verb->verb != COMMAND_LOG && strcmp(verb->word, "plan") != 0;
}

/* "snooze 2 until friday" where a thought begins; not "moved 4 dec" */
static bool is_verb_first(const struct clerk *clerk, const struct line *line, size_t i, size_t at)
{
	size_t used;

	return verb_at(line, i) && number_at(line, i + 1) && (i == at || begins(line, i)) &&
	       !is_day(clerk, line, i + 1, DAY_AHEAD, &used);
}

/* "today,2": a number that was written without a space behind what it follows. */
static bool is_glued_number(const char *bare)
{
	const char *stop = strpbrk(bare, ",;");

	return stop && stop > bare && stop[1] && strspn(stop + 1, "0123456789") == strlen(stop + 1);
}

/* "Elbe Systems no" behind a comma, to the end */
static bool is_named(const struct line *line, size_t i)
{
	const size_t last = line->count - 1;

	return line->words[i - 1].ends && last > i && last - i <= NAME_WORDS &&
	       is_answer(verb_at(line, last)) && !smalltalk_is_sentence(line, i, last);
}

/* 1 yes, 2 no; acme yes, elbe no */
static bool has_second(const struct clerk *clerk, const struct command *c, const struct line *line,
		       size_t at)
{
	const bool is_short =
	    c->verb == COMMAND_YES || c->verb == COMMAND_NO || c->verb == COMMAND_ACK;
	size_t used;

	for (size_t i = at; i + 1 < line->count; i++) {
		const struct verb *next = verb_at(line, i + 1);

		if (is_verb_first(clerk, line, i, at) || (is_short && is_named(line, i)))
			return true;
		if (!next)
			continue;
		if (is_glued_number(line_bare(line, i)))
			return true;
		if (number_at(line, i) && (i == at || begins(line, i) || is_plain_verb(next)))
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
	/* Others begin what was talked about too: a pending contract. */
	static const char *const last_words[] = {"later",  "soon",   "pending", "open", "off",
						 "please", "needed", "asap",	"tbd",	NULL};
	size_t used = 0;

	if (is_day(clerk, line, at, DAY_PAST, &used))
		at += used;
	for (size_t i = at; i < line->count && i < at + DENIAL_WORDS; i++) {
		const bool is_last = i + 1 == line->count || line->words[i].ends;

		if (word_is_one_of(line_bare(line, i), words) ||
		    (is_last && word_is_one_of(line_bare(line, i), last_words)))
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
	if (counts_on(clerk, c, line, next) || has_second(clerk, c, line, next))
		return one_each;
	if (c->verb == COMMAND_LOG && (verb_at(line, next) || is_denied(clerk, line, next)))
		return "that does not sound as if it took place; write 1 call today when it did, "
		       "and 1 moved 4 dec when a meeting is booked";
	return NULL;
}
