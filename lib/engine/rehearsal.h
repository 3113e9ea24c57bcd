/* A rehearsal: the engine in virtual time, on a database in memory. Years pass in seconds, and
 * nothing leaves.
 *
 * `cadencectl simulate` and the scenario tests drive it. It is the code of the daemon but for its
 * clock and its ways out: whoever drives it says when it is, and what becomes of each delivery. */
#ifndef CADENCE_ENGINE_REHEARSAL_H
#define CADENCE_ENGINE_REHEARSAL_H

#include "engine/engine.h"

struct rehearsal;

/* What becomes of a delivery that is sent at `now`. For SETTLE_RETRY *retry_at is when to try
 * again. */
typedef enum settle_kind rehearsal_send(void *arg, instant now, const struct delivery *delivery,
					instant *retry_at);

/* A new database, at `now`, with what the configuration says of partners. Takes over the caller's
 * reference to conf, also on failure; deliver and redirect_to are ignored. The reasons are those of
 * sync_file(). */
enum status rehearsal_new(struct conf *conf, instant now, rehearsal_send *send, void *arg,
			  struct rehearsal **ret, struct error *err) MUST_USE;
/* NULL is harmless; returns NULL. */
struct rehearsal *rehearsal_free(struct rehearsal *rehearsal);

/* Takes every turn that is due up to and at `until`, and stands there then. STATUS_FAILED also when
 * the digest of an owner cannot be composed. */
enum status rehearsal_run(struct rehearsal *rehearsal, instant until, struct error *err) MUST_USE;

/* For verbs that act in between: bracket them, and the next run looks at what has changed. */
struct db *rehearsal_db(struct rehearsal *rehearsal);
struct scene rehearsal_scene(const struct rehearsal *rehearsal, const char *actor);
/* In a transaction of its own; undone when it fails. */
typedef enum status rehearsal_job(struct db *db, const struct scene *scene, void *arg,
				  struct error *err);
enum status rehearsal_act(struct rehearsal *rehearsal, const char *actor, rehearsal_job *job,
			  void *arg, struct error *err) MUST_USE;

/* A reload with this configuration, whose reference it takes over; refused ones change nothing. */
enum status rehearsal_reload(struct rehearsal *rehearsal, struct conf *conf, bool accept_archiving,
			     struct error *err) MUST_USE;
/* The daemon was stopped and is started at `now` with this configuration, whose reference it takes
 * over: whatever lies between has not happened. */
enum status rehearsal_restart(struct rehearsal *rehearsal, struct conf *conf, instant now,
			      struct error *err) MUST_USE;
/* The clock is set, forward or back, while it runs. */
void rehearsal_set_clock(struct rehearsal *rehearsal, instant now);
instant rehearsal_now(const struct rehearsal *rehearsal);

#endif
