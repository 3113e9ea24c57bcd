/* How the digest says days, names and quotations. Private to lib/message. All texts are the
 * arena's.
 */
#ifndef CADENCE_MESSAGE_WORDING_H
#define CADENCE_MESSAGE_WORDING_H

#include "message/digest_document.h"

struct writer {
	struct arena *arena;
	struct document *document;
	const struct digest *digest;
	const struct digest_words *words;
};

/* "s" unless there is one. */
const char *word_plural(int count);
/* "Thu 29 Oct". */
const char *word_day(const struct writer *w, day d);
/* "Mon 30 Nov (in 7 days)": a day that lies ahead. */
const char *word_coming_day(const struct writer *w, day d);
/* "4 Nov": without the weekday. */
const char *word_short_day(const struct writer *w, day d);
/* The longest start of `count` code points, with an ellipsis when something was cut. */
const char *word_cut(const struct writer *w, const char *text, size_t count);
/* The first line of a note, cut; NULL when it says nothing. */
const char *word_quote(const struct writer *w, const char *note);
/* What colleagues call somebody: the first name, where it is nobody else's. */
const char *word_name(const struct writer *w, const struct owner *owner);
/* The same by id; the id itself when it names nobody any more. */
const char *word_name_of(const struct writer *w, const char *id);
/* Adds a line to an entry. label and quote may be NULL; the quote stands behind the text. */
void word_line(const struct writer *w, struct block *block, const char *label, const char *text,
	       const char *quote);

#endif
