/* One line of an answer to a digest: the words of cadencectl, forgiving in form. */
#ifndef CADENCE_SOURCE_COMMAND_H
#define CADENCE_SOURCE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "core/contact.h"
#include "core/day.h"

enum command_verb {
	COMMAND_LOG,	/* kind, day, note */
	COMMAND_YES,	/* a booked meeting took place */
	COMMAND_NO,	/* it did not */
	COMMAND_MOVED,	/* it was moved to day */
	COMMAND_SNOOZE, /* until day, note */
	COMMAND_ACK,
	COMMAND_OFF, /* for good, or until day */
	COMMAND_WHY,
	COMMAND_AWAY, /* the sender, from first_day (DAY_NEVER: today) to day; DAY_NEVER: no longer
		       */
	COMMAND_HELP,
	COMMAND_NONE, /* not understood: fault says why, and what to write instead */
};

struct command {
	size_t line;	  /* of the new text, from 1 */
	const char *said; /* the line as it was written */
	enum command_verb verb;
	int number;		/* of the digest that is answered; 0: name says who */
	const char *name;	/* id or name, as written; NULL: the number says who */
	enum contact_kind kind; /* COMMAND_LOG */
	day first_day, day;	/* DAY_NEVER: not said */
	const char *note;	/* NULL: none */
	const char *fault;	/* COMMAND_NONE */
	bool prose;		/* COMMAND_NONE: a sentence rather than a line that went wrong */
};

#define COMMAND_LINE_MAX   8192 /* bytes of a line that is looked at; a longer one is prose */
#define COMMAND_NUMBER_MAX 999

/* Reads the new text of an answer, line by line; today is the sender's. Empty lines, greetings,
 * thanks and the name under a mail are no commands and are left out; a line that looks like nothing
 * known becomes COMMAND_NONE. Of prose the first line alone does, however much follows. A line that
 * the mailer broke goes on in the next: it belongs to the note. A day that is not said is
 * DAY_NEVER; a contact's lies never ahead. The text is valid UTF-8. The arena owns what is
 * returned. Never fails. */
struct command *commands_read(const char *text, day today, struct arena *arena, size_t *ret_count);

#endif
