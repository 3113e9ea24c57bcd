/* Days, names and quotations, as every part of the digest says them. */
#include "message/wording.h"

#include <string.h>

#include "base/text.h"

#define QUOTE_MAX 160 /* code points of a note's first line */

/* "s" unless there is one. */
const char *word_plural(int count)
{
	return count == 1 ? "" : "s";
}

const char *word_day(const struct writer *w, day d)
{
	char text[DAY_TEXT_SIZE];

	return arena_strdup(w->arena, day_say(d, w->digest->today, text));
}

/* "Mon 30 Nov (in 7 days)": a day that lies ahead. */
const char *word_coming_day(const struct writer *w, day d)
{
	const int days = d - w->digest->today;

	/* Where the reader lives it may have come already. */
	if (days < 1)
		return word_day(w, d);
	if (days == 1)
		return arena_printf(w->arena, "%s (tomorrow)", word_day(w, d));
	return arena_printf(w->arena, "%s (in %d days)", word_day(w, d), days);
}

/* "4 Nov": without the weekday. */
const char *word_short_day(const struct writer *w, day d)
{
	const char *text = word_day(w, d);
	const char *space = strchr(text, ' ');

	return space != NULL ? space + 1 : text;
}

/* The longest start of `count` code points, with an ellipsis when something was cut. */
const char *word_cut(const struct writer *w, const char *text, size_t count)
{
	if (text_code_points(text) <= count)
		return text;
	return arena_printf(w->arena, "%.*s…", (int)text_fit_code_points(text, count - 1), text);
}

/* The first line of a note, or NULL when it says nothing. */
const char *word_quote(const struct writer *w, const char *note)
{
	const size_t len = note != NULL ? text_first_line(note) : 0;

	return len > 0 ? word_cut(w, arena_strndup(w->arena, note, len), QUOTE_MAX) : NULL;
}

/* ---- people ---- */

/* Bytes of what a colleague would call somebody: the first word, unless the name is written "Silva,
 * Maria". */
static size_t first_name_len(const char *name)
{
	return strchr(name, ',') != NULL ? strlen(name) : strcspn(name, " ");
}

static bool first_name_is_shared(const struct roster *roster, const struct owner *owner, size_t len)
{
	for (size_t i = 0; roster != NULL && i < roster->owner_count; i++) {
		const struct owner *other = &roster->owners[i];

		if (strcmp(other->id, owner->id) != 0 && first_name_len(other->name) == len &&
		    strncmp(other->name, owner->name, len) == 0)
			return true;
	}
	return false;
}

const char *word_name(const struct writer *w, const struct owner *owner)
{
	const size_t len = first_name_len(owner->name);

	if (first_name_is_shared(w->words->roster, owner, len))
		return owner->name;
	return arena_strndup(w->arena, owner->name, len);
}

const char *word_name_of(const struct writer *w, const char *id)
{
	const struct owner *owner =
	    w->words->roster != NULL ? roster_owner(w->words->roster, id) : NULL;

	return owner != NULL ? word_name(w, owner) : id;
}

void word_line(const struct writer *w, struct block *block, const char *label, const char *text,
	       const char *quote)
{
	struct line *line = block_add_line(w->arena, block, label);

	if (quote == NULL) {
		line_add_run(w->arena, line, RUN_PLAIN, text);
		return;
	}
	line_add_run(w->arena, line, RUN_PLAIN, arena_printf(w->arena, "%s: ", text));
	line_add_run(w->arena, line, RUN_QUOTE, quote);
}
