/* A line of an answer, taken apart into words as people write them: with bullets, quotes, stars and
 * full stops around them. */
#ifndef CADENCE_SOURCE_LINE_H
#define CADENCE_SOURCE_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct word {
	const char *start; /* in the line, as it was written */
	size_t len;
	const char *bare; /* lower case, without what stands around it; "-" for a dash */
	bool ends;	  /* a comma, colon or the like follows: what belongs together ends here */
};

struct line {
	const char *text; /* one space of whatever kind, no bullet before it */
	struct word *words;
	size_t count;
};

/* Takes one line apart; len bytes of valid UTF-8. The arena owns what is returned. */
struct line line_read(const char *text, size_t len, struct arena *arena);

/* The bare form of a word, or "" when there is none so far on. */
const char *line_bare(const struct line *line, size_t index);
/* What was written from a word on, up to but not with word `end`, without what stands around it;
 * NULL when that is nothing. */
const char *line_quote(const struct line *line, size_t first, size_t end, struct arena *arena);
/* The words from one on as a text of their own. */
struct line line_rest(const struct line *line, size_t first);

/* The index of the first word from `at` on that is more than a dash. */
size_t line_skip_dashes(const struct line *line, size_t at);

/* Whether a bare word is one of a list that ends with NULL. */
bool word_is_one_of(const char *bare, const char *const *list);

#endif
