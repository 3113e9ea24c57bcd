/* Reads a line of an answer. It begins with a number, a name or a verb; what is not
 * understood is asked back, and nothing is guessed that would be written down. */
#include "source/clerk.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "source/dayphrase.h"
#include "source/doubt.h"
#include "source/smalltalk.h"
#include "source/verb.h"

#define COUNT(a)       (sizeof(a) / sizeof((a)[0]))
#define NAME_WORDS_MAX 6
#define PROSE_WORDS    7 /* so many without a verb are a sentence */
#define NOWHERE	       SIZE_MAX

#define EXAMPLES "such as 1 call today talked to them, 2 yes, 3 snooze 7 dec, 4 ack or why 1"

/* Verbs of cadencectl that no mail can give. */
static const char *const refused[] = {"erase",	"restore", "partner", "unlog",
				      "decide", "delete",  "import",  NULL};

struct command command_of(size_t number, const struct line *line)
{
	return (struct command){.line = number,
				.said = line->text,
				.kind = CONTACT_OTHER,
				.first_day = DAY_NEVER,
				.day = DAY_NEVER};
}

void command_give_up(struct command *c, const char *fault)
{
	const struct line line = {.text = c->said};

	*c = command_of(c->line, &line);
	c->verb = COMMAND_NONE;
	c->fault = fault;
}

void command_give_up_on_prose(struct command *c)
{
	command_give_up(c,
			"that is no answer I can read; write a line for each partner, " EXAMPLES);
	c->prose = true;
}

/* Who is meant, as it stands in an example. */
static const char *whom(const struct clerk *r, const struct command *c)
{
	return c->number ? arena_printf(r->arena, "%d", c->number) : c->name ? c->name : "1";
}

/* ---- what follows the verb ---- */

static enum dayphrase take_day(const struct clerk *r, const struct line *line, size_t *at,
			       enum day_lean lean, day *ret_day, const char **ret_fault)
{
	const size_t from = line_skip_dashes(line, *at);
	const struct line rest = line_rest(line, from);
	size_t used = 0;
	const enum dayphrase found =
	    dayphrase_read(&rest, r->today, lean, r->arena, &used, ret_day, ret_fault);

	if (found == DAYPHRASE_DAY)
		*at = from + used;
	return found;
}

static void take_note(const struct clerk *r, struct command *c, const struct line *line, size_t at)
{
	c->note = line_quote(line, at, line->count, r->arena);
}

static void read_log(const struct clerk *r, struct command *c, const struct line *line, size_t at)
{
	char text[DAY_TEXT_SIZE];

	if (take_day(r, line, &at, DAY_PAST, &c->day, &c->fault) == DAYPHRASE_DOUBT) {
		command_give_up(c, c->fault);
	} else if (c->day != DAY_NEVER && c->day > r->today) {
		command_give_up(
		    c, arena_printf(r->arena,
				    "%s lies ahead; when a meeting is booked, write %s moved "
				    "%s",
				    day_iso(c->day, text), whom(r, c), text));
	} else {
		take_note(r, c, line, at);
	}
}

/* snooze, moved: a day is needed. */
static void read_until(const struct clerk *r, struct command *c, const struct line *line, size_t at)
{
	switch (take_day(r, line, &at, DAY_AHEAD, &c->day, &c->fault)) {
	case DAYPHRASE_DOUBT:
		command_give_up(c, c->fault);
		return;
	case DAYPHRASE_NONE:
		command_give_up(
		    c, arena_printf(r->arena, "%s; write the day, as in %s %s 4 dec",
				    c->verb == COMMAND_SNOOZE ? "until when?" : "to which day?",
				    whom(r, c), c->verb == COMMAND_SNOOZE ? "snooze" : "moved"));
		return;
	case DAYPHRASE_DAY:
		take_note(r, c, line, at);
	}
}

/* As for cadencectl off: a mistyped day must not silence a partner for good. */
static void read_off(const struct clerk *r, struct command *c, const struct line *line, size_t at)
{
	static const char *const for_good[] = {"forever", "for ever", "for good", NULL};
	const size_t from = line_skip_dashes(line, at);
	const char *two =
	    arena_printf(r->arena, "%s %s", line_bare(line, from), line_bare(line, from + 1));

	switch (take_day(r, line, &at, DAY_AHEAD, &c->day, &c->fault)) {
	case DAYPHRASE_DOUBT:
		command_give_up(c, c->fault);
		return;
	case DAYPHRASE_NONE:
		if (word_is_one_of(line_bare(line, from), for_good))
			at = from + 1;
		else if (word_is_one_of(two, for_good))
			at = from + 2;
		else if (from < line->count) {
			command_give_up(
			    c, arena_printf(r->arena,
					    "write %s off alone, or a day or forever before "
					    "the reason, as in %s off forever merged",
					    whom(r, c), whom(r, c)));
			return;
		}
		break;
	case DAYPHRASE_DAY:
		break;
	}
	take_note(r, c, line, at);
}

static void read_verb(const struct clerk *r, struct command *c, const struct line *line,
		      const struct verb *verb, size_t at);

/* "no, moved to 4 dec" is no no. */
static void read_no(const struct clerk *r, struct command *c, const struct line *line, size_t at)
{
	const size_t next = line_skip_dashes(line, at);
	const struct verb *verb = verb_at(line, next);

	if (verb && verb->verb == COMMAND_MOVED)
		read_verb(r, c, line, verb, next + 1);
	else if (verb && verb->kind != VERB_NO_KIND && verb->kind != CONTACT_MEETING &&
		 next == at && !line->words[at - 1].ends)
		command_give_up(c,
				arena_printf(r->arena,
					     "no says that a booked meeting did not happen; write "
					     "%s no alone for that",
					     whom(r, c)));
	else
		take_note(r, c, line, at);
}

/* "1 call?" tells of nothing. */
static bool is_question(const struct command *c, const struct line *line)
{
	const size_t len = strlen(line->text);

	return (c->verb == COMMAND_LOG || c->verb == COMMAND_YES || c->verb == COMMAND_NO ||
		c->verb == COMMAND_OFF) &&
	       len > 0 && line->text[len - 1] == '?';
}

static void read_verb(const struct clerk *r, struct command *c, const struct line *line,
		      const struct verb *verb, size_t at)
{
	const struct verb *next;
	const char *fault;

	if (verb->verb == COMMAND_LOG && verb->kind == VERB_NO_KIND) {
		verb = verb_at(line, at++);
		if (!verb || verb->verb != COMMAND_LOG || verb->kind == VERB_NO_KIND) {
			command_give_up(
			    c, "what was it? behind log stands meeting, call, event, email, "
			       "message or other, as in 1 call today");
			return;
		}
	}
	/* The meeting was moved, and none took place. */
	next = verb_at(line, line_skip_dashes(line, at));
	if (verb->verb == COMMAND_LOG && next && next->verb == COMMAND_MOVED) {
		at = line_skip_dashes(line, at) + 1;
		verb = next;
	}
	c->verb = verb->verb;
	if (verb->kind != VERB_NO_KIND)
		c->kind = verb->kind;
	fault = doubt_of(r, c, line, at);
	if (fault) {
		command_give_up(c, fault);
		return;
	}
	switch (c->verb) {
	case COMMAND_LOG:
		read_log(r, c, line, at);
		break;
	case COMMAND_SNOOZE:
	case COMMAND_MOVED:
		read_until(r, c, line, at);
		break;
	case COMMAND_OFF:
		read_off(r, c, line, at);
		break;
	case COMMAND_NO:
		read_no(r, c, line, at);
		break;
	default:
		take_note(r, c, line, at);
	}
	if (!c->note && is_question(c, line))
		command_give_up(c, arena_printf(r->arena,
						"is that a question? write it without the question "
						"mark when it happened, or why %s",
						whom(r, c)));
	if (c->note && text_code_points(c->note) > TEXT_NOTE_MAX)
		command_give_up(c, "that note is longer than 2000 characters; say it in fewer");
}

/* ---- away, back, help ---- */

/* What is said without naming a partner. */
static bool read_alone(const struct clerk *r, struct command *c, const struct line *line)
{
	static const char *const help[] = {"help", "help please", "please help", NULL};

	if (period_is_phrase(line, help, r->arena) || strcmp(line->text, "?") == 0) {
		c->verb = COMMAND_HELP;
		return true;
	}
	return period_read(r, c, line);
}

/* ---- who is meant ---- */

/* False when it is no name: then it is prose. */
static bool take_name(const struct clerk *r, struct command *c, const struct line *line,
		      size_t first, size_t end)
{
	static const char *const articles[] = {"the", "a", "an", "any", "every", "each", NULL};
	char *name = arena_strdup(r->arena, line_quote(line, first, end, r->arena));
	size_t len = name ? strlen(name) : 0;

	if (end - first > NAME_WORDS_MAX || smalltalk_is_sentence(line, first, end))
		return false;
	/* The email and any attachments are confidential. */
	if (line->count >= PROSE_WORDS && end - first == 1 &&
	    word_is_one_of(line_bare(line, first), articles))
		return false;
	/* why acme? */
	while (len > 0 && strchr("?!", name[len - 1]))
		name[--len] = '\0';
	c->name = name;
	return len > 0 && text_code_points(name) <= TEXT_NAME_MAX;
}

static void read_numbered(const struct clerk *r, struct command *c, const struct line *line)
{
	const size_t at = line_skip_dashes(line, 1);
	const struct verb *verb = verb_at(line, at);
	const char *nearest;

	c->number = number_at(line, 0);
	if (verb) {
		read_verb(r, c, line, verb, at + 1);
		return;
	}
	nearest = verb_nearest(line_bare(line, at));
	if (nearest)
		command_give_up(c,
				arena_printf(r->arena, "did you mean %d %s?", c->number, nearest));
	else
		command_give_up(
		    c, arena_printf(r->arena,
				    "what about %d? behind the number stands what happened, as "
				    "in %d call today, %d snooze 7 dec or %d ack",
				    c->number, c->number, c->number, c->number));
}

/* Where the name behind a verb ends: before a day, and behind a comma or colon. */
static size_t name_end(const struct clerk *r, const struct line *line, size_t first)
{
	for (size_t at = first; at < line->count; at++) {
		const struct line rest = line_rest(line, at);
		const char *fault;
		size_t used;
		day d;

		if (strcmp(line->words[at].bare, "-") == 0 ||
		    dayphrase_read(&rest, r->today, DAY_AHEAD, r->arena, &used, &d, &fault) !=
			DAYPHRASE_NONE)
			return at;
		if (line->words[at].ends)
			return at + 1;
	}
	return line->count;
}

/* snooze 3 until 7 dec, why acme, call with Acme GmbH yesterday */
static void read_verb_first(const struct clerk *r, struct command *c, const struct line *line)
{
	static const char *const fillers[] = {"with", "to", "about", "for", NULL};
	const struct verb *verb = verb_at(line, 0);
	size_t at = line_skip_dashes(line, 1), end;

	at += word_is_one_of(line_bare(line, at), fillers);
	c->number = number_at(line, at);
	if (c->number) {
		read_verb(r, c, line, verb, at + 1);
		return;
	}
	/* no, moved to 4 dec: two verbs and no name. */
	end = verb_at(line, at) ? at : name_end(r, line, at);
	if (verb->verb == COMMAND_WHY)
		end = line->count;
	if (end == at && line->count > PROSE_WORDS)
		command_give_up_on_prose(c);
	else if (end == at)
		command_give_up(
		    c, arena_printf(r->arena,
				    "which partner? its number in the digest or its name comes "
				    "first, as in 1 %s",
				    verb->word));
	else if (take_name(r, c, line, at, end))
		read_verb(r, c, line, verb, end);
	else
		command_give_up_on_prose(c);
}

/* The first verb behind a name, or NOWHERE. */
static size_t find_verb(const struct line *line)
{
	for (size_t i = 1; i < line->count && i <= NAME_WORDS_MAX; i++)
		if (verb_at(line, i))
			return i;
	return NOWHERE;
}

bool command_counts_several(const struct line *line)
{
	const char *bare = line_bare(line, 0);

	return isdigit((unsigned char)*bare) && strspn(bare, "0123456789/,.+&-") == strlen(bare);
}

static void read_named(const struct clerk *r, struct command *c, const struct line *line)
{
	const size_t at = find_verb(line);

	if (command_counts_several(line))
		command_give_up(
		    c, arena_printf(r->arena,
				    "\"%s\" is no number of the digest; write a line for each, "
				    "as in 1 call today",
				    line_bare(line, 0)));
	else if (at == NOWHERE &&
		 (line->count >= PROSE_WORDS || smalltalk_is_sentence(line, 0, line->count)))
		command_give_up_on_prose(c);
	else if (at == NOWHERE)
		command_give_up(c, "no word of it says what happened; write a line " EXAMPLES);
	else if (take_name(r, c, line, 0, at))
		read_verb(r, c, line, verb_at(line, at), at + 1);
	else
		command_give_up_on_prose(c);
}

/* Whether a verb in front has a name with a kind behind it: Call Centre Ltd call today, log acme
 * call. */
static bool has_kind_behind(const struct clerk *r, const struct line *line)
{
	const size_t end = name_end(r, line, 1);

	for (size_t i = 2; i < end && i <= NAME_WORDS_MAX; i++) {
		const struct verb *verb = verb_at(line, i);

		if (verb && verb->kind != VERB_NO_KIND)
			return true;
	}
	return false;
}

static void read_refused(const struct clerk *r, struct command *c, const struct line *line)
{
	command_give_up(
	    c, arena_printf(r->arena, "%s cannot be done by mail; whoever has cadencectl can do it",
			    line_bare(line, 0)));
}

void command_read(const struct clerk *r, struct command *c, const struct line *line)
{
	const struct verb *first = verb_at(line, 0);
	const char *second = line_bare(line, number_at(line, 0) ? 1 : 0);

	if (read_alone(r, c, line))
		return;
	if (word_is_one_of(second, refused) && line->count <= PROSE_WORDS) {
		const struct line rest = line_rest(line, number_at(line, 0) ? 1 : 0);

		read_refused(r, c, &rest);
	} else if (number_at(line, 0)) {
		read_numbered(r, c, line);
	} else if (first && first->verb == COMMAND_LOG && first->kind == VERB_NO_KIND &&
		   !number_at(line, 1)) {
		const struct line rest = line_rest(line, 1);

		read_named(r, c, &rest);
	} else if (first && (number_at(line, 1) || !has_kind_behind(r, line))) {
		read_verb_first(r, c, line);
	} else {
		read_named(r, c, line);
	}
}
