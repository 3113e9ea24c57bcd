/* Rows of the outbox and the one door of their state. Private to lib/store's outbox. */
#ifndef CADENCE_STORE_DELIVERY_H
#define CADENCE_STORE_DELIVERY_H

#include "store/verbs.h"

/* One row, with what the outside need not know. */
struct row {
	struct delivery delivery;
	int64_t digest; /* 0: none */
};

/* What changes with a state. */
struct passage {
	enum delivery_state to;
	int attempts, ambiguous;
	instant next_try;
	bool plain, doubted;
	instant schedule_from;
	int schedule_attempts;
	const char *reason;
};

#define ROW_COLUMNS                                                                                \
	"o.id, o.key, o.kind, o.channel, o.recipient, o.owner, o.document, o.reason, o.state,"     \
	" o.attempts, o.ambiguous, o.next_try, o.created, o.digest, o.plain, o.doubted,"           \
	" o.schedule_from, o.schedule_attempts"
#define ROW_COLUMN_COUNT 18

/* Reads a row of ROW_COLUMNS. */
struct row row_read(struct query *q, struct arena *arena);
bool row_load(struct db *db, int64_t id, struct arena *arena, struct row *ret_row);
/* The first delivery after this id that a query finds; it must take the id as $1 and yield
 * ROW_COLUMNS. */
bool row_next(struct query *q, int64_t after, struct arena *arena, struct row *ret_row);
/* What would change nothing but the state. */
struct passage passage_to(enum delivery_state to, const struct delivery *from);
/* Takes a delivery from the state it was read in to another and writes history. False when it is no
 * longer in that state, or in another attempt: then nothing has changed. */
bool outbox_enter(struct db *db, const struct scene *scene, const struct delivery *from,
		  const struct passage *passage);
/* Everything that could be tried over the channel (for a recipient, NULL: whoever it is for) waits
 * instead; how many. A test does not: who sends it wants to know. */
int64_t outbox_hold(struct db *db, const char *channel, const char *recipient);
/* Whatever waits for the channel and is held by no block any more is tried now, on a schedule that
 * begins anew; how many. */
int64_t outbox_free(struct db *db, const struct scene *scene, const char *channel);
/* Gives it up; what its digest told is taken back when it was the last hope. */
void row_drop(struct db *db, const struct scene *scene, const struct row *row, const char *reason);

enum delivery_state delivery_state_parse(const char *name);
/* The state that a verb of history leads to: "delivery.delivered". */
enum delivery_state delivery_state_of_verb(const char *verb);

#endif
