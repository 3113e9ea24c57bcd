/* History: what happened, who did it and with what evidence; and the single facts of the
 * installation.
 *
 * Never decides anything: it is told, and tells again. */
#include <string.h>

#include "base/bytes.h"
#include "store/verbs.h"

#define INSTALLATION_BYTES 32

void history_add(struct db *db, const struct scene *scene, const char *verb, int64_t partner_row,
		 const char *owner, const char *key, const char *detail)
{
	history_add_delivery(db, scene, verb, partner_row, owner, key, 0, detail);
}

void history_add_delivery(struct db *db, const struct scene *scene, const char *verb,
			  int64_t partner_row, const char *owner, const char *key, int64_t delivery,
			  const char *detail)
{
	/* A key that is there already is of a delivery that was told as done: it stays told once.
	 */
	struct query *query = db_query(
	    db, "INSERT INTO history (at, actor, verb, partner, owner, key, detail, delivery)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING");

	db_bind(query, 1, scene->now);
	db_bind_text(query, 2, scene->actor);
	db_bind_text(query, 3, verb);
	if (partner_row > 0)
		db_bind(query, 4, partner_row);
	db_bind_text(query, 5, owner);
	db_bind_text(query, 6, key);
	db_bind_text(query, 7, detail);
	if (delivery > 0)
		db_bind(query, 8, delivery);
	(void)db_run(query);
}

/* What nothing waits for any more: digests without a delivery, resolved nudges that no such digest
 * told. */
#define OLD_DIGESTS                                                                                \
	"SELECT d.id FROM digest d WHERE d.day < $1 / 86400000 AND d.state <> 'open' AND NOT "     \
	"EXISTS"                                                                                   \
	" (SELECT 1 FROM outbox o WHERE o.digest = d.id) ORDER BY d.id LIMIT $2"
#define OLD_NUDGES                                                                                 \
	"SELECT n.id FROM nudge n WHERE n.resolved < $1"                                           \
	" AND NOT EXISTS (SELECT 1 FROM digest_nudge dn WHERE dn.nudge = n.id)"                    \
	" AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.nudge = n.id) LIMIT $2"

enum status history_prune(struct db *db, instant before, size_t limit)
{
	/* Those that refer to others first. */
	static const char *const deletions[] = {
	    "DELETE FROM history WHERE id IN"
	    " (SELECT id FROM history WHERE at < $1 ORDER BY at LIMIT $2)",
	    "DELETE FROM digest_nudge WHERE digest IN (" OLD_DIGESTS ")",
	    "DELETE FROM digest WHERE id IN (" OLD_DIGESTS ")",
	    "DELETE FROM told WHERE nudge IN (" OLD_NUDGES ")",
	    "DELETE FROM nudge WHERE id IN (" OLD_NUDGES ")",
	};

	for (size_t i = 0; i < sizeof(deletions) / sizeof(deletions[0]); i++) {
		struct query *query = db_query(db, deletions[i]);

		db_bind(query, 1, before);
		db_bind(query, 2, (int64_t)limit);
		(void)db_run(query);
	}
	return db_status(db);
}

enum status history_of_partner(struct db *db, int64_t partner_row, size_t limit,
			       struct arena *arena, struct history_row **ret_rows,
			       size_t *ret_count)
{
	struct query *query = db_query(db, "SELECT at, actor, verb, owner, detail FROM history"
					   " WHERE partner = $1 ORDER BY id DESC LIMIT $2");
	struct history_row *rows = NULL;
	size_t count = 0, capacity = 0;

	db_bind(query, 1, partner_row);
	db_bind(query, 2, (int64_t)limit);
	while (db_step(query)) {
		rows = arena_grow(arena, rows, count, &capacity, sizeof(*rows));
		rows[count++] = (struct history_row){
		    .at = db_int(query, 0),
		    .actor = arena_strdup(arena, db_text(query, 1)),
		    .verb = arena_strdup(arena, db_text(query, 2)),
		    .owner = arena_strdup(arena, db_text(query, 3)),
		    .detail = arena_strdup(arena, db_text(query, 4)),
		};
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_rows = rows;
	*ret_count = count;
	return STATUS_OK;
}

/* Copies the secret when there is one of the right length. */
static bool read_installation(struct db *db, char ret_id[65])
{
	struct query *query = db_query(db, "SELECT value FROM meta WHERE key = 'installation'");
	const char *value = db_step(query) ? db_text(query, 0) : NULL;
	const bool found = value && strlen(value) == (size_t)2 * INSTALLATION_BYTES;

	if (found)
		memcpy(ret_id, value, 65);
	db_end(query);
	return found;
}

enum status meta_installation(struct db *db, char ret_id[65])
{
	uint8_t secret[INSTALLATION_BYTES];
	char id[65];

	if (read_installation(db, ret_id) || db_status(db) != STATUS_OK)
		return db_status(db);
	random_bytes(secret, sizeof(secret));
	bytes_hex(secret, sizeof(secret), id);
	struct query *query =
	    db_query(db, "INSERT INTO meta (key, value) VALUES ('installation', $1)"
			 " ON CONFLICT (key) DO UPDATE SET value = excluded.value");
	db_bind_text(query, 1, id);
	(void)db_run(query);
	if (db_status(db) == STATUS_OK)
		memcpy(ret_id, id, sizeof(id));
	return db_status(db);
}
