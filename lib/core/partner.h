/* Partners: what is known about one, as facts for a judgement. */
#ifndef CADENCE_CORE_PARTNER_H
#define CADENCE_CORE_PARTNER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/contact.h"
#include "core/day.h"
#include "core/rhythm.h"
#include "core/roster.h"

/* A partner as it is stored. Texts are NULL when there is none. */
struct partner {
	int64_t row; /* number in the store, 0: not stored */
	const char *id;
	const char *name;
	const char *owner;   /* id in the roster; may name nobody any more */
	const char *cadence; /* id in the roster; may name none any more */
	const char *tags;    /* "reseller, emea" */
	const char *origin;  /* "cadenced.conf:41" when the file manages it, else NULL */
	day since;	     /* DAY_NEVER: not said */
	day first_seen;
	day archived;  /* DAY_NEVER: it is not */
	bool ended;    /* archived by a decision: only a person restores it */
	int cold_mark; /* days after the last contact; 0: what the risk model finds */
};

/* A partner as the configuration file writes it. */
struct partner_entry {
	const char *id;
	const char *name;
	const char *owner;
	const char *cadence;
	const char *tags;      /* NULL: none */
	const char *origin;    /* "cadenced.conf:41" */
	day since;	       /* DAY_NEVER: not said */
	day last_contact;      /* DAY_NEVER: not said */
	struct span cold_mark; /* count 0: not said */
};

/* What a person has answered about a partner. Each kind at most once; a later one replaces it. */
enum answer_kind {
	ANSWER_OFF,    /* stop asking: until a day, or for good (DAY_NEVER: asked again after
			  OFF_ASKS_AGAIN_DAYS) */
	ANSWER_SNOOZE, /* quiet until a day; comes back saying why */
	ANSWER_ACK,  /* working on it: skips one review day, stops the ladder for ACK_LADDER_DAYS */
	ANSWER_PLAN, /* a meeting is booked for the day `until` */
	ANSWER_KEEP, /* decided: the clocks start on the day it was given */
	ANSWER_FIX,  /* decided: mended by the day `until`, when it is due again */
	ANSWERS
};

#define SNOOZE_DAYS_MAX	    90
#define OFF_DAYS_MAX	    730
#define OFF_ASKS_AGAIN_DAYS 90
#define ACK_LADDER_DAYS	    14
#define PLAN_DAYS_MAX	    366
#define FIX_DAYS_MAX	    90
#define AWAY_DAYS_MAX	    366 /* of an absence, and how far ahead it may begin */
#define SINCE_DAYS_MAX	    366 /* how far ahead a partnership may begin */
/* A meeting or call so long before the booked day counts as the booked one */
#define PLAN_MET_DAYS 7

struct answer {
	bool is_given; /* false: there is none, and the rest means nothing */
	bool is_over;  /* snooze, off, ack: a contact that counts came after it, on its day or later
			*/
	day given;
	day until;	    /* DAY_NEVER: without a day */
	const char *reason; /* may be NULL */
	const char *actor;
	instant at; /* when it was given */
};

/* "snooze" <-> ANSWER_SNOOZE */
const char *answer_name(enum answer_kind kind);
bool answer_parse(const char *text, enum answer_kind *ret_kind);

/* Everything a judgement of one partner depends on, besides the day. */
struct facts {
	struct partner partner;
	const struct owner *owner;     /* who hears of it; NULL when nobody can */
	const struct cadence *cadence; /* never NULL: cadence_fallback() when its own is unknown */
	bool has_last;
	struct contact last; /* the newest contact that counts, when has_last */
	struct rhythm rhythm;
	bool rhythm_is_kept; /* false: reckoned from the contacts just now, and not stored yet */
	bool has_meeting;
	struct contact meeting; /* the newest meeting, when has_meeting */
	day talked;		/* of the newest meeting, or call that counts; DAY_NEVER: none */
	struct answer answers[ANSWERS];
};

/* Whether an answer was given and holds still, whatever its day. */
bool facts_have(const struct facts *facts, enum answer_kind kind);

#endif
