/* Partners: what is known about one, as facts for a judgement. */
#ifndef CADENCE_CORE_PARTNER_H
#define CADENCE_CORE_PARTNER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/contact.h"
#include "core/day.h"
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
	day since;           /* DAY_NEVER: not said */
	day first_seen;
	day archived; /* DAY_NEVER: it is not */
};

/* A partner as the configuration file writes it. */
struct partner_entry {
	const char *id;
	const char *name;
	const char *owner;
	const char *cadence;
	const char *tags;   /* NULL: none */
	const char *origin; /* "cadenced.conf:41" */
	day since;          /* DAY_NEVER: not said */
	day last_contact;   /* DAY_NEVER: not said */
};

/* An answer that keeps a partner quiet until a day. It stays known after that day, until a contact ends it, so that
 * the digest can say why the partner is back. */
struct snooze {
	day until; /* the day it is back; DAY_NEVER: never snoozed */
	day given;
	const char *reason; /* may be NULL */
	const char *actor;
};

#define SNOOZE_DAYS_MAX 90

/* Everything a judgement of one partner depends on, besides the day. */
struct facts {
	struct partner partner;
	const struct owner *owner;     /* who hears of it; NULL when nobody can */
	const struct cadence *cadence; /* never NULL: cadence_fallback() when its own is unknown */
	bool has_last;
	struct contact last; /* the newest contact that counts, when has_last */
	struct snooze snooze;
};

#endif
