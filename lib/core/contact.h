/* Contacts: one occasion of contact with a partner, and which of them reset the clock. */
#ifndef CADENCE_CORE_CONTACT_H
#define CADENCE_CORE_CONTACT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/day.h"

enum contact_kind {
	CONTACT_MEETING,
	CONTACT_CALL,
	CONTACT_EVENT,
	CONTACT_EMAIL,
	CONTACT_MESSAGE,
	CONTACT_OTHER,
	CONTACT_KINDS
};

enum contact_direction { DIRECTION_BOTH, DIRECTION_IN, DIRECTION_OUT, DIRECTIONS };

#define CONTACT_DAY_MIN		0     /* 1970-01-01: nothing older is a contact */
#define CONTACT_MINUTES_MAX	10080 /* a week: longer than any meeting */
#define CONTACT_EXT_ID_MAX	200   /* code points */
#define CONTACT_MINUTES_UNKNOWN (-1)

/* Texts are NULL when unknown. Who owns them is the business of whoever fills it in. */
struct contact {
	int64_t id; /* 0: not stored */
	day day;
	enum contact_kind kind;
	enum contact_direction direction;
	int minutes;	    /* CONTACT_MINUTES_UNKNOWN, or 0..CONTACT_MINUTES_MAX */
	const char *by;	    /* id of the owner who had the contact */
	const char *person; /* who it was with */
	const char *note;
	const char *source; /* "conf", "command", "csv", "api" */
	const char *ext_id; /* its name in the source */
	const char *origin; /* "cadenced.conf:41" for source conf */
	const char *actor;  /* who entered it */
	instant entered;    /* when it was entered */
};

/* Whether it resets the clock: meeting, event and other always; call, email and message unless the
 * direction is out, because then nobody answered. */
bool contact_counts(enum contact_kind kind, enum contact_direction direction);
/* "meeting" <-> CONTACT_MEETING; case does not matter when parsing. */
const char *contact_kind_name(enum contact_kind kind);
bool contact_kind_parse(const char *text, enum contact_kind *ret_kind);
const char *contact_direction_name(enum contact_direction direction);
bool contact_direction_parse(const char *text, enum contact_direction *ret_direction);
/* All kinds, "meeting call event email message other", for messages. */
const char *contact_kind_names(void);
/* The name of the kind that a word which is none was probably meant as ("mail", "called them",
 * "meting"); NULL: none comes near. */
const char *contact_kind_near(const char *text);

#endif
