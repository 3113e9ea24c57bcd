/* Reads the lines of an answer. A line begins with a number, a name or a verb; what is not
 * understood is asked back, and nothing is guessed that would be written down. */
#include "source/command.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "source/dayphrase.h"
#include "source/line.h"
#include "source/smalltalk.h"

#define COUNT(a)       (sizeof(a) / sizeof((a)[0]))
#define NAME_WORDS_MAX 6
#define PROSE_WORDS    7  /* so many without a verb are a sentence */
#define WRAP_MIN       58 /* columns of a line that a mailer breaks at 65 to 80 */
#define WRAP_MAX       80
#define NOWHERE	       SIZE_MAX
#define NO_KIND	       CONTACT_KINDS

#define EXAMPLES "such as 1 call today talked to them, 2 yes, 3 snooze 7 dec, 4 ack or why 1"

/* The words of cadencectl, and those with which a digest asks. log has a kind behind it. */
static const struct verb {
	const char *word;
	enum command_verb verb;
	enum contact_kind kind;
} verbs[] = {
    {"meeting", COMMAND_LOG, CONTACT_MEETING},
    {"call", COMMAND_LOG, CONTACT_CALL},
    {"event", COMMAND_LOG, CONTACT_EVENT},
    {"email", COMMAND_LOG, CONTACT_EMAIL},
    {"e-mail", COMMAND_LOG, CONTACT_EMAIL},
    {"message", COMMAND_LOG, CONTACT_MESSAGE},
    {"other", COMMAND_LOG, CONTACT_OTHER},
    {"log", COMMAND_LOG, NO_KIND},
    {"yes", COMMAND_YES, NO_KIND},
    {"no", COMMAND_NO, NO_KIND},
    {"noshow", COMMAND_NO, NO_KIND},
    {"moved", COMMAND_MOVED, NO_KIND},
    {"plan", COMMAND_MOVED, NO_KIND},
    {"snooze", COMMAND_SNOOZE, NO_KIND},
    {"ack", COMMAND_ACK, NO_KIND},
    {"off", COMMAND_OFF, NO_KIND},
    {"why", COMMAND_WHY, NO_KIND},
};

/* Verbs of cadencectl that no mail can give. */
static const char *const refused[] = {"erase",	"restore", "partner", "unlog",
				      "decide", "delete",  "import",  NULL};

struct clerk {
	day today;
	struct arena *arena;
};

/* ---- small parts ---- */

static const struct verb *verb_at(const struct line *line, size_t index)
{
	const char *bare = line_bare(line, index);

	for (size_t i = 0; i < COUNT(verbs); i++)
		if (strcmp(bare, verbs[i].word) == 0)
			return &verbs[i];
	return NULL;
}

/* The number with which a digest names an entry, or 0. */
static int number_at(const struct line *line, size_t index)
{
	const char *bare = line_bare(line, index);
	int64_t number;

	if (*bare == '#')
		bare++;
	if (!text_parse_number(bare, &number) || number < 1 || number > COMMAND_NUMBER_MAX)
		return 0;
	return (int)number;
}

static size_t skip_dashes(const struct line *line, size_t at)
{
	while (at < line->count &&
	       (!*line->words[at].bare || strcmp(line->words[at].bare, "-") == 0))
		at++;
	return at;
}

static void give_up(struct command *c, const char *fault)
{
	*c = (struct command){.line = c->line,
			      .said = c->said,
			      .verb = COMMAND_NONE,
			      .kind = CONTACT_OTHER,
			      .first_day = DAY_NEVER,
			      .day = DAY_NEVER,
			      .fault = fault};
}

static void give_up_on_prose(struct command *c)
{
	give_up(c, "that is no answer I can read; write a line for each partner, " EXAMPLES);
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
	const size_t from = skip_dashes(line, *at);
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
		give_up(c, c->fault);
	} else if (c->day != DAY_NEVER && c->day > r->today) {
		give_up(c, arena_printf(r->arena,
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
		give_up(c, c->fault);
		return;
	case DAYPHRASE_NONE:
		give_up(c,
			arena_printf(r->arena, "%s; write the day, as in %s %s 4 dec",
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
	const size_t from = skip_dashes(line, at);
	const char *two =
	    arena_printf(r->arena, "%s %s", line_bare(line, from), line_bare(line, from + 1));

	switch (take_day(r, line, &at, DAY_AHEAD, &c->day, &c->fault)) {
	case DAYPHRASE_DOUBT:
		give_up(c, c->fault);
		return;
	case DAYPHRASE_NONE:
		if (word_is_one_of(line_bare(line, from), for_good))
			at = from + 1;
		else if (word_is_one_of(two, for_good))
			at = from + 2;
		else if (from < line->count) {
			give_up(c, arena_printf(r->arena,
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
	const size_t next = skip_dashes(line, at);
	const struct verb *verb = verb_at(line, next);

	if (verb && verb->verb == COMMAND_MOVED)
		read_verb(r, c, line, verb, next + 1);
	else
		take_note(r, c, line, at);
}

static void read_verb(const struct clerk *r, struct command *c, const struct line *line,
		      const struct verb *verb, size_t at)
{
	if (verb->verb == COMMAND_LOG && verb->kind == NO_KIND) {
		verb = verb_at(line, at++);
		if (!verb || verb->verb != COMMAND_LOG || verb->kind == NO_KIND) {
			give_up(c, "what was it? behind log stands meeting, call, event, email, "
				   "message or other, as in 1 call today");
			return;
		}
	}
	c->verb = verb->verb;
	if (verb->kind != NO_KIND)
		c->kind = verb->kind;
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
	if (c->note && text_code_points(c->note) > TEXT_NOTE_MAX)
		give_up(c, "that note is longer than 2000 characters; say it in fewer");
}

/* ---- away, back, help ---- */

static bool is_phrase(const struct line *line, const char *const *phrases, struct arena *arena)
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
	char *text = arena_strdup(arena, "");

	for (size_t i = 0; i < line->count; i++) {
		const char *bare = line->words[i].bare;
		const char *dash = strchr(bare, '-');
		const bool is_range = dash && dash > bare && dash[1] && !strchr(dash + 1, '-') &&
				      isdigit((unsigned char)dash[1]);

		if (!is_range)
			text = arena_printf(arena, "%s %.*s", text, (int)line->words[i].len,
					    line->words[i].start);
		else
			text = arena_printf(arena, "%s %.*s - %s", text, (int)(dash - bare), bare,
					    dash + 1);
	}
	return line_read(text, strlen(text), arena);
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
	give_up(c, fault ? fault
			 : "away until when? write away until 4 dec, away 1 dec - 4 dec, or back");
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
	if (found == DAYPHRASE_DAY)
		take_note(r, c, rest, used);
	return found == DAYPHRASE_DAY;
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

/* What is said without naming a partner. */
static bool read_alone(const struct clerk *r, struct command *c, const struct line *line)
{
	static const char *const help[] = {"help", "help please", "please help", NULL};
	static const char *const back[] = {"back",	     "not away",  "i'm back",
					   "i\u2019m back",  "i am back", "im back",
					   "no longer away", "away off",  NULL};

	if (is_phrase(line, help, r->arena) || strcmp(line->text, "?") == 0) {
		c->verb = COMMAND_HELP;
		return true;
	}
	if (is_phrase(line, back, r->arena)) {
		c->verb = COMMAND_AWAY;
		return true;
	}
	if (strcmp(line_bare(line, 0), "away") != 0)
		return false;
	read_away(r, c, line);
	return true;
}

/* ---- who is meant ---- */

/* False when it is no name: then it is prose. */
static bool take_name(const struct clerk *r, struct command *c, const struct line *line,
		      size_t first, size_t end)
{
	char *name = arena_strdup(r->arena, line_quote(line, first, end, r->arena));
	size_t len = name ? strlen(name) : 0;

	if (end - first > NAME_WORDS_MAX || smalltalk_is_sentence(line, first, end))
		return false;
	/* why acme? */
	while (len > 0 && strchr("?!", name[len - 1]))
		name[--len] = '\0';
	c->name = name;
	return len > 0 && text_code_points(name) <= TEXT_NAME_MAX;
}

static void read_numbered(const struct clerk *r, struct command *c, const struct line *line)
{
	const size_t at = skip_dashes(line, 1);
	const struct verb *verb = verb_at(line, at);
	const char *words[COUNT(verbs)];
	const char *bare = line_bare(line, at);
	int nearest;

	c->number = number_at(line, 0);
	if (verb) {
		read_verb(r, c, line, verb, at + 1);
		return;
	}
	for (size_t i = 0; i < COUNT(verbs); i++)
		words[i] = verbs[i].word;
	nearest = *bare ? text_nearest(bare, words, COUNT(words)) : -1;
	if (nearest >= 0)
		give_up(c,
			arena_printf(r->arena, "did you mean %d %s?", c->number, words[nearest]));
	else
		give_up(c, arena_printf(r->arena,
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
	size_t at = skip_dashes(line, 1), end;

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
		give_up_on_prose(c);
	else if (end == at)
		give_up(c, arena_printf(r->arena,
					"which partner? its number in the digest or its name comes "
					"first, as in 1 %s",
					verb->word));
	else if (take_name(r, c, line, at, end))
		read_verb(r, c, line, verb, end);
	else
		give_up_on_prose(c);
}

/* The first verb behind a name, or NOWHERE. */
static size_t find_verb(const struct line *line)
{
	for (size_t i = 1; i < line->count && i <= NAME_WORDS_MAX; i++)
		if (verb_at(line, i))
			return i;
	return NOWHERE;
}

/* Whether the first word counts several entries: 1,2 or 1-3 or 3/4. */
static bool counts_several(const struct line *line)
{
	const char *bare = line_bare(line, 0);

	return isdigit((unsigned char)*bare) && strspn(bare, "0123456789/,.+&-") == strlen(bare);
}

static void read_named(const struct clerk *r, struct command *c, const struct line *line)
{
	const size_t at = find_verb(line);

	if (counts_several(line))
		give_up(c, arena_printf(r->arena,
					"\"%s\" is no number of the digest; write a line for each, "
					"as in 1 call today",
					line_bare(line, 0)));
	else if (at == NOWHERE &&
		 (line->count >= PROSE_WORDS || smalltalk_is_sentence(line, 0, line->count)))
		give_up_on_prose(c);
	else if (at == NOWHERE)
		give_up(c, "no word of it says what happened; write a line " EXAMPLES);
	else if (take_name(r, c, line, 0, at))
		read_verb(r, c, line, verb_at(line, at), at + 1);
	else
		give_up_on_prose(c);
}

/* Whether a verb in front has a name with a kind behind it: Call Centre Ltd call today, log acme
 * call. */
static bool has_kind_behind(const struct clerk *r, const struct line *line)
{
	const size_t end = name_end(r, line, 1);

	for (size_t i = 2; i < end && i <= NAME_WORDS_MAX; i++) {
		const struct verb *verb = verb_at(line, i);

		if (verb && verb->kind != NO_KIND)
			return true;
	}
	return false;
}

static void read_refused(const struct clerk *r, struct command *c, const struct line *line)
{
	give_up(c, arena_printf(r->arena,
				"%s cannot be done by mail; whoever has cadencectl can do it",
				line_bare(line, 0)));
}

static void read_line(const struct clerk *r, struct command *c, const struct line *line)
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
	} else if (first && first->verb == COMMAND_LOG && first->kind == NO_KIND &&
		   !number_at(line, 1)) {
		const struct line rest = line_rest(line, 1);

		read_named(r, c, &rest);
	} else if (first && (number_at(line, 1) || !has_kind_behind(r, line))) {
		read_verb_first(r, c, line);
	} else {
		read_named(r, c, line);
	}
}

/* ---- the whole text ---- */

struct draft {
	struct clerk clerk;
	struct command *commands;
	size_t count, capacity;
	struct line last; /* the line before, as long as its command may go on */
	size_t last_columns;
	bool had_command; /* one that was understood */
	bool had_prose;
	bool closed; /* a closing stood there: what follows is a signature */
};

static bool has_verb(const struct line *line)
{
	for (size_t i = 0; i < line->count; i++)
		if (verb_at(line, i))
			return true;
	return false;
}

/* Whether a line only goes on with the one before, which was too long for the mailer: it was broken
 * where its next word no longer fitted. */
static bool is_continuation(const struct draft *draft, const struct line *line,
			    const struct command *c)
{
	const struct command *before = draft->count > 0 ? &draft->commands[draft->count - 1] : NULL;

	if (draft->last_columns < WRAP_MIN || draft->last_columns > WRAP_MAX || !before ||
	    before->verb == COMMAND_NONE || c->verb != COMMAND_NONE)
		return false;
	return !number_at(line, 0) && !counts_several(line) && !smalltalk_is_closing(line) &&
	       (c->prose || !has_verb(line));
}

/* Reads both lines again as the one they were. */
static void go_on(struct draft *draft, const struct line *line)
{
	struct arena *arena = draft->clerk.arena;
	struct command *c = &draft->commands[draft->count - 1];
	const char *text = arena_printf(arena, "%s %s", draft->last.text, line->text);

	if (strlen(text) > COMMAND_LINE_MAX) {
		give_up(c, "that note is longer than 2000 characters; say it in fewer");
		return;
	}
	draft->last = line_read(text, strlen(text), arena);
	draft->last_columns = text_columns(line->text);
	*c = (struct command){.line = c->line,
			      .said = draft->last.text,
			      .kind = CONTACT_OTHER,
			      .first_day = DAY_NEVER,
			      .day = DAY_NEVER};
	read_line(&draft->clerk, c, &draft->last);
}

/* What is nobody's command and needs no answer. */
static bool is_left_out(struct draft *draft, const struct line *line)
{
	if (has_verb(line) && !smalltalk_is_closing(line))
		return false;
	if (smalltalk_is_closing(line)) {
		draft->closed = true;
		return true;
	}
	return smalltalk_is_idle(line) || draft->closed ||
	       (draft->had_prose && !number_at(line, 0));
}

static void take_line(struct draft *draft, size_t number, const char *text, size_t len)
{
	struct arena *arena = draft->clerk.arena;
	const struct line line =
	    line_read(text, len > COMMAND_LINE_MAX ? COMMAND_LINE_MAX : len, arena);
	struct command c = {.line = number,
			    .said = line.text,
			    .kind = CONTACT_OTHER,
			    .first_day = DAY_NEVER,
			    .day = DAY_NEVER};

	if (line.count == 0) {
		draft->last_columns = 0;
		return;
	}
	if (len > COMMAND_LINE_MAX)
		give_up_on_prose(&c);
	else
		read_line(&draft->clerk, &c, &line);
	if (is_continuation(draft, &line, &c)) {
		go_on(draft, &line);
		return;
	}
	draft->last_columns = 0;
	if (c.verb == COMMAND_NONE && is_left_out(draft, &line))
		return;
	if (c.prose && draft->had_prose)
		return;
	draft->had_prose |= c.prose;
	draft->had_command |= c.verb != COMMAND_NONE;
	draft->last = line;
	draft->last_columns = text_columns(line.text);
	draft->commands = arena_grow(arena, draft->commands, draft->count, &draft->capacity,
				     sizeof(*draft->commands));
	draft->commands[draft->count++] = c;
}

/* The paragraph with which the text ends, when another stands before it; else NULL. */
static const char *last_paragraph(const struct clerk *r, const char *text)
{
	const char *start = NULL;
	bool was_empty = false, has_text = false;

	for (const char *at = text; *at;) {
		const size_t len = strcspn(at, "\n");
		const bool is_empty = line_read(at, len, r->arena).count == 0;

		if (!is_empty && was_empty && has_text)
			start = at;
		has_text |= !is_empty;
		was_empty = is_empty;
		at += len;
		at += *at == '\n';
	}
	return start;
}

/* Whether that paragraph is a name, perhaps with a title and a telephone number under it. */
static bool is_signature(const struct clerk *r, const char *paragraph)
{
	struct line line = line_read(paragraph, strcspn(paragraph, "\n"), r->arena);

	if (!smalltalk_is_name(&line))
		return false;
	while (*paragraph) {
		const size_t len = strcspn(paragraph, "\n");

		line = line_read(paragraph, len, r->arena);
		if (has_verb(&line))
			return false;
		paragraph += len;
		paragraph += *paragraph == '\n';
	}
	return true;
}

struct command *commands_read(const char *text, day today, struct arena *arena, size_t *ret_count)
{
	struct draft draft = {.clerk = {.today = today, .arena = arena}};
	const char *last = last_paragraph(&draft.clerk, text);
	size_t number = 0;

	if (last && !is_signature(&draft.clerk, last))
		last = NULL;
	while (*text) {
		const size_t len = strcspn(text, "\n");

		if (text == last && (draft.had_command || draft.count == 0))
			draft.closed = true;
		take_line(&draft, ++number, text, len);
		text += len;
		text += *text == '\n';
	}
	*ret_count = draft.count;
	return draft.commands;
}
