/* Lines for people: on a terminal they are wrapped at its width and states have a colour; elsewhere
 * neither. */
#ifndef CADENCE_CTL_PAGE_H
#define CADENCE_CTL_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* The width of the terminal that standard output is; 0: it is none. */
size_t page_width(void);
/* What turns a state's colour on ("cold" is red, "due" yellow) and off again; "" for other words,
 * without a terminal, with NO_COLOR, and on a dumb terminal. */
const char *page_colour(const char *state);
const char *page_plain(const char *state);

/* A line as it is written. Breaks at spaces, and goes on `hang` columns from the left. */
struct line {
	size_t hang;
	size_t width;
	size_t column; /* written so far */
	size_t spaces; /* before the word */
	struct buf word;
	size_t word_columns;
};

struct line line_begin(size_t hang);
/* Texts may hold what strangers wrote: control characters are not printed, a line feed is a break.
 */
void line_put(struct line *line, const char *text);
void line_putf(struct line *line, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A state, in its colour. */
void line_state(struct line *line, const char *state);
/* Fills up with spaces to that column; what reaches it already gets one, unless it ends in one. */
void line_pad(struct line *line, size_t column);
void line_end(struct line *line);

#endif
