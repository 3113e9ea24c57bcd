/* What a newer digest makes needless in the outbox: DESIGN.md section 5, "Never flooded".
 *
 * Never takes out what a channel would say and nothing else says: one that came late, or was
 * blocked, says it late. */
#include "store/outbox.h"

#include <string.h>

#include "store/delivery.h"

/* What waits, and surely was never accepted. */
#define IS_IDLE "o.state IN ('queued', 'retry', 'waiting') AND o.ambiguous = 0"

/* Whether what a digest tells, t, stands in an entry that a channel for what is cold gets: what
 * leads the entry of its partner is cold, and a question leads whatever else there is. */
#define OF_ENTRY(t)                                                                                \
	"SELECT 1 FROM nudge a JOIN nudge b ON b.partner = a.partner"                              \
	" JOIN digest_nudge e ON e.nudge = b.id AND e.digest = " t ".digest WHERE a.id = " t       \
	".nudge AND "
#define IS_COLD(t)                                                                                 \
	"EXISTS (" OF_ENTRY(t) "e.state = 'cold')"                                                 \
			       " AND NOT EXISTS (" OF_ENTRY(                                       \
				   t) "b.rule = 'booked' AND e.state <> 'cold')"

static void replace(struct db *db, const struct scene *scene, const struct row *row)
{
	const struct passage passage = passage_to(DELIVERY_REPLACED, &row->delivery);

	(void)outbox_enter(db, scene, &row->delivery, &passage);
}

void outbox_replace(struct db *db, const struct scene *scene, const char *owner, int64_t digest)
{
	struct arena *arena = arena_new();
	struct row row = {0};

	for (;;) {
		struct query *q = db_query(
		    db, "SELECT " ROW_COLUMNS " FROM digest d JOIN outbox o ON o.digest = d.id"
			" WHERE d.owner = $2"
			" AND (d.id = $3 OR ($3 = 0 AND d.state = 'replaced'))"
			" AND " IS_IDLE " AND o.id > $1 ORDER BY o.id LIMIT 1");

		db_bind_text(q, 2, owner);
		db_bind(q, 3, digest);
		if (!row_next(q, row.delivery.id, arena, &row))
			break;
		replace(db, scene, &row);
	}
	arena_free(arena);
}

/* Whether the digest goes over the row's channel too, and tells there every nudge of the row that
 * is still open. */
static bool says_all(struct db *db, int64_t digest, const struct row *row, bool only_cold)
{
	struct query *q = db_query(
	    db, "SELECT 1 WHERE EXISTS (SELECT 1 FROM outbox o WHERE o.digest = $1"
		" AND o.channel = $3)"
		" AND NOT EXISTS (SELECT 1 FROM digest_nudge t JOIN nudge n ON n.id = t.nudge"
		" WHERE t.digest = $2 AND n.resolved IS NULL AND ($4 = 0 OR (" IS_COLD(
		    "t") "))"
			 " AND NOT EXISTS (SELECT 1 FROM digest_nudge u WHERE u.digest = $1"
			 " AND u.nudge = t.nudge AND ($4 = 0 OR (" IS_COLD("u") "))))");
	bool found;

	db_bind(q, 1, digest);
	db_bind(q, 2, row->digest);
	db_bind_text(q, 3, row->delivery.channel);
	db_bind(q, 4, only_cold);
	found = db_step(q);
	db_end(q);
	return found;
}

/* Over a channel that is no longer the hearer's nobody waits for it. */
static bool is_overtaken(struct db *db, const struct owner *hearer, int64_t digest,
			 const struct row *row)
{
	for (size_t i = 0; i < hearer->channel_count; i++)
		if (strcmp(hearer->channels[i]->id, row->delivery.channel) == 0)
			return says_all(db, digest, row, owner_only_cold(hearer, i));
	return true;
}

void outbox_overtake(struct db *db, const struct scene *scene, const struct owner *hearer,
		     int64_t digest)
{
	struct arena *arena = arena_new();
	struct row row = {0};

	for (;;) {
		struct query *q = db_query(db, "SELECT " ROW_COLUMNS
					       " FROM digest d JOIN outbox o ON o.digest = d.id"
					       " WHERE d.owner = $2 AND d.id <> $3 AND " IS_IDLE
					       " AND o.id > $1 ORDER BY o.id LIMIT 1");

		db_bind_text(q, 2, hearer->id);
		db_bind(q, 3, digest);
		if (!row_next(q, row.delivery.id, arena, &row))
			break;
		if (is_overtaken(db, hearer, digest, &row))
			replace(db, scene, &row);
	}
	arena_free(arena);
}
