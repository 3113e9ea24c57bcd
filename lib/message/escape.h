/* How the words of strangers (names, notes, reasons) are written for the chats, so that they stay
 * words. Private to lib/message. */
#ifndef CADENCE_MESSAGE_ESCAPE_H
#define CADENCE_MESSAGE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ESCAPE_SIZE	 16 /* bytes of one character written, NUL included */
#define ZERO_WIDTH_SPACE "\xe2\x80\x8b"

/* Where a character stands. */
struct escape_place {
	char before;	  /* the byte before it; '\n' at the start of a line */
	bool line_start;  /* nothing but digits stands before it in its line */
	const char *rest; /* what follows it */
};

/* Writes one character; what it writes must never be cut in two. */
typedef void escaper(uint32_t c, const struct escape_place *place, char out[ESCAPE_SIZE]);

escaper escape_none;	  /* a target that knows no markup */
escaper escape_entities;  /* & < > as entities, and nothing else: HTML */
escaper escape_backslash; /* Markdown whose backslash is to be trusted */
escaper escape_shapes;	  /* Markdown without such a backslash: look-alikes instead */
escaper escape_slack;	  /* look-alikes, and & < > as entities */
escaper escape_code;	  /* between backticks */
escaper escape_slack_code;

/* Whether a zero-width space must follow the character, so that the target makes no mention, link,
 * emoji, command or list of it. */
bool escape_breaks(uint32_t c, const struct escape_place *place);
/* Bytes of the mail address that the text begins with, 0 when it begins with none. Addresses stay
 * whole: people copy them. */
size_t escape_address(const char *text, char before);

#endif
