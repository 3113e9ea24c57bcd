/* One line of an answer to a digest: the words of cadencectl, forgiving in form. */
#ifndef CADENCE_SOURCE_COMMAND_H
#define CADENCE_SOURCE_COMMAND_H

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
};

/* Reads the new text of an answer, line by line; today is the sender's. Empty lines, greetings and
 * thanks are no commands and are left out; a line that looks like nothing known becomes
 * COMMAND_NONE. The arena owns what is returned. Never fails. */
struct command *commands_read(const char *text, day today, struct arena *arena, size_t *ret_count);

#endif
