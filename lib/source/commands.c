/* Reads an answer line by line: which lines are somebody's command, which belong together, and
 * where it ends. */
#include <string.h>

#include "base/text.h"
#include "source/clerk.h"
#include "source/smalltalk.h"
#include "source/verb.h"

#define WRAP_MIN     58 /* columns of a line that a mailer breaks at 65 to 80 */
#define WRAP_MAX     80
#define PHONE_DIGITS 6 /* no number of a digest has as many */

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

/* Whether a line only goes on with the one before, which was too long for the mailer: it was broken
 * where its next word no longer fitted. */
static bool is_continuation(const struct draft *draft, const struct line *line,
			    const struct command *c)
{
	const struct command *before = draft->count > 0 ? &draft->commands[draft->count - 1] : NULL;

	if (draft->last_columns < WRAP_MIN || draft->last_columns > WRAP_MAX || !before ||
	    before->verb == COMMAND_NONE || c->verb != COMMAND_NONE)
		return false;
	return !number_at(line, 0) && !command_counts_several(line) &&
	       !smalltalk_is_closing(line) && (c->prose || !verb_is_in(line));
}

/* Reads both lines again as the one they were. */
static void go_on(struct draft *draft, const struct line *line)
{
	struct arena *arena = draft->clerk.arena;
	struct command *c = &draft->commands[draft->count - 1];
	const char *text = arena_printf(arena, "%s %s", draft->last.text, line->text);

	if (strlen(text) > COMMAND_LINE_MAX) {
		command_give_up(c, "that note is longer than 2000 characters; say it in fewer");
		return;
	}
	draft->last = line_read(text, strlen(text), arena);
	draft->last_columns = text_columns(line->text);
	*c = command_of(c->line, &draft->last);
	command_read(&draft->clerk, c, &draft->last);
}

/* What is nobody's command and needs no answer. */
static bool is_left_out(struct draft *draft, const struct line *line)
{
	if (verb_is_in(line) && !smalltalk_is_closing(line))
		return false;
	if (smalltalk_is_closing(line)) {
		draft->closed = true;
		return true;
	}
	return smalltalk_is_idle(line) || draft->closed ||
	       (draft->had_prose && !number_at(line, 0));
}

/* "Email: maria@example.com" and "Call: +351 21 000 0000", as they stand under a name. */
static bool is_contact_detail(const struct line *line)
{
	const struct verb *verb = verb_at(line, 0);
	size_t digits = 0;

	if (!verb || verb->kind == VERB_NO_KIND || line->count < 2 || !line->words[0].ends)
		return false;
	if (line->count == 2 && strchr(line->words[1].bare, '@'))
		return true;
	for (const char *c = line->words[1].start; *c; c++) {
		if (!strchr("0123456789+-()/. ", *c))
			return false;
		digits += *c >= '0' && *c <= '9';
	}
	return digits >= PHONE_DIGITS;
}

static void take_line(struct draft *draft, size_t number, const char *text, size_t len)
{
	struct arena *arena = draft->clerk.arena;
	const struct line line =
	    line_read(text, len > COMMAND_LINE_MAX ? COMMAND_LINE_MAX : len, arena);
	struct command c = command_of(number, &line);

	if (line.count == 0 || is_contact_detail(&line)) {
		draft->last_columns = 0;
		return;
	}
	if (len > COMMAND_LINE_MAX)
		command_give_up_on_prose(&c);
	else
		command_read(&draft->clerk, &c, &line);
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
		if (verb_is_in(&line) && !is_contact_detail(&line))
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
