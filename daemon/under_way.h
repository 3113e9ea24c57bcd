/* A delivery under way, from the inside: shared by flight.c, which sends it, verdict.c, which knows
 * what a reply means, and landing.c, which has the result written down. */
#ifndef CADENCE_DAEMON_UNDER_WAY_H
#define CADENCE_DAEMON_UNDER_WAY_H

#include "base/bytes.h"
#include "channel/outcome.h"
#include "daemon/daemon.h"
#include "store/verbs.h"

struct flight {
	struct flight *next, **link; /* among all */
	struct flight *behind;	     /* in the runway, while it waits */
	struct daemon *daemon;
	struct runway *runway;
	struct conf *conf; /* a reference: the channel lives in it */
	const struct channel *channel;
	struct scene scene; /* of the settling */
	int64_t delivery;
	int attempts;
	int schedule_attempts; /* of them, before its schedule began */
	instant schedule_from;
	bool is_event;
	bool is_test; /* whoever sent it wants to know now: it is not tried again later */
	bool plain;   /* its markup was refused */
	bool doubted; /* a refusal was not believed already */
	bool untried; /* it never set out, and is given back */
	char *key;
	char *recipient;
	struct about *about;
	char *document; /* until it sets out */
	struct settlement settlement;
	char *reason;
	char refused_token[SHA256_HEX_SIZE];
};

/* Decides, from an outcome, what the store is to write, and logs it. */
void verdict_find(struct flight *f, const struct outcome *outcome);
/* Fills in what the store is to write, and has it written with what lands next to it, at the next
 * flight_land(). */
void flight_settle(struct flight *f);
/* Frees it: its result is written, or nobody will. */
void flight_end(struct flight *f);

#endif
