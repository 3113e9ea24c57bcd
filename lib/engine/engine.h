/* The engine: what happens between one wake-up and the next, on a database, for whoever drives it:
 * the daemon by the clock, `simulate` and the scenario tests by a calendar they turn themselves.
 *
 * It knows no clock, no thread and no network: it is given `now`, and it hands out what is to be
 * sent. */
#ifndef CADENCE_ENGINE_ENGINE_H
#define CADENCE_ENGINE_ENGINE_H

#include "conf/conf.h"
#include "engine/compose.h"
#include "store/verbs.h"

/* Partners judged in one turn; more make another turn, so that others get theirs */
#define ENGINE_SWEEP_MAX   5000
#define ENGINE_PRUNE_MAX   10000	    /* rows of a kind forgotten in one turn */
#define ENGINE_UNHEARD_MAX 20		    /* partners that nobody hears of, told one by one */
#define ENGINE_BROKEN_MS   (15 * MINUTE_MS) /* an owner whose digest failed is tried again then */

/* At start: nothing past lies ahead, what a crash left behind is queued again, the database agrees
 * with the file. ret_installation: the installation's secret. */
enum status engine_begin(struct db *db, const struct scene *scene, struct sync_plan *plan,
			 char ret_installation[65], struct error *err) MUST_USE;

/* What may be sent over one channel, and what was claimed for it. */
struct engine_claim {
	const struct channel *channel;
	size_t room; /* deliveries that may be claimed */
	instant
	    more_at; /* when there is room for more by itself; INSTANT_NEVER: when a send ends */
	struct delivery *deliveries;
	size_t count;
};

struct engine_turn {
	const struct conf *conf;
	const char *host; /* the machine that sends, for the footer; NULL: not said */
	struct scene scene;
	struct arena *arena; /* what is claimed lives here */
	bool clock_check; /* the clock may have been set: see to it that nothing past lies ahead */
	bool prune;	  /* once a day: forget what is older than keep_history, look for unheard */
	bool hold;	  /* judge only: compose and claim nothing */
	struct engine_claim *claims;
	size_t claim_count;
	/* What came of it. */
	bool more;			 /* not everybody was judged: take another turn at once */
	struct compose_failures failed;	 /* owners who are tried again ENGINE_BROKEN_MS later */
	struct unheard_partner *unheard; /* with prune: up to ENGINE_UNHEARD_MAX */
	size_t unheard_count;
	instant next;  /* when there is something to do again; INSTANT_NEVER: nothing */
	instant paced; /* when a rate lets go of what is due already; INSTANT_NEVER: none is due */
};

/* Judges who is due for a look, composes the digests whose time it is, claims what is to be sent,
 * and says when to come back. One job of the store, one transaction. */
enum status engine_turn(struct db *db, struct engine_turn *turn, struct error *err) MUST_USE;

#endif
