/* Forgets a partner: everything that names it goes, and what waits to be sent with it. */
#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "store/check.h"
#include "store/ended.h"
#include "store/event.h"
#include "store/partner.h"
#include "store/rows.h"
#include "store/told.h"

/* Everything that names the partner, in the order in which one row may need another. $1 is its row.
 */
static const char *const erasing[] = {
    "DELETE FROM history WHERE partner = $1",
    "DELETE FROM outbox WHERE nudge IN (SELECT id FROM nudge WHERE partner = $1)",
    "DELETE FROM digest_nudge WHERE nudge IN (SELECT id FROM nudge WHERE partner = $1)",
    "DELETE FROM told WHERE nudge IN (SELECT id FROM nudge WHERE partner = $1)",
    "DELETE FROM nudge WHERE partner = $1",
    "DELETE FROM answer WHERE partner = $1",
    "DELETE FROM contact WHERE partner = $1",
    "DELETE FROM sched WHERE partner = $1",
    "DELETE FROM answerable_entry WHERE partner = $1",
    "DELETE FROM partner WHERE row = $1",
};

#define DIGESTS_OF_PARTNER                                                                         \
	"SELECT t.digest FROM digest_nudge t JOIN nudge n ON n.id = t.nudge WHERE n.partner = $1"

struct recalled {
	int64_t digest;
	const char *owner;
};

/* Its day is free for another one, and today's is composed anew. */
static void recall_digest(struct db *db, const struct scene *scene, const struct recalled *recalled)
{
	const struct facts facts = {.owner = roster_owner(scene->roster, recalled->owner)};
	struct query *query;

	told_recall(db, scene, recalled->digest, recalled->owner);
	query = db_query(db, "UPDATE digest SET ahead = id WHERE id = $1");
	db_bind(query, 1, recalled->digest);
	(void)db_run(query);
	query = db_query(db, "UPDATE owner SET looked = NULL WHERE id = $1 AND looked = $2");
	db_bind_text(query, 1, recalled->owner);
	db_bind(query, 2, scene_today(scene, &facts));
	(void)db_run(query);
}

/* Digests that wait with this partner in them are taken back: their other nudges are told anew,
 * also when it is no review day. Of one that has arrived over another channel the rest is dropped.
 */
static enum status recall_digests(struct db *db, const struct scene *scene, int64_t row,
				  struct arena *arena)
{
	struct query *query =
	    db_query(db, "SELECT id, owner FROM digest WHERE state = 'open' AND id IN"
			 " (" DIGESTS_OF_PARTNER ")");
	struct recalled *recalled = NULL;
	size_t count = 0, capacity = 0;

	db_bind(query, 1, row);
	while (db_step(query)) {
		recalled = arena_grow(arena, recalled, count, &capacity, sizeof(*recalled));
		recalled[count++] =
		    (struct recalled){db_int(query, 0), arena_strdup(arena, db_text(query, 1))};
	}
	for (size_t i = 0; i < count; i++)
		recall_digest(db, scene, &recalled[i]);
	query = db_query(db, "DELETE FROM outbox WHERE digest IN (" DIGESTS_OF_PARTNER ")");
	db_bind(query, 1, row);
	(void)db_run(query);
	return db_status(db);
}

static enum status fail_in_flight(const char *id, struct error *err)
{
	return error_fail(err, STATUS_CONFLICT,
			  "a message about %s is being sent; try again in a moment, or drop it "
			  "(see: outbox list)",
			  id);
}

static enum status refuse_in_flight(struct db *db, int64_t row, const char *id, struct error *err)
{
	struct query *query =
	    db_query(db, "SELECT 1 FROM outbox o WHERE (o.state = 'sending' OR o.ambiguous > 0)"
			 " AND (o.nudge IN (SELECT id FROM nudge WHERE partner = $1) OR o.digest IN"
			 " (SELECT t.digest FROM digest_nudge t JOIN nudge n ON n.id = t.nudge"
			 " WHERE n.partner = $1)) LIMIT 1");
	bool found;

	db_bind(query, 1, row);
	found = db_step(query);
	db_end(query);
	return found ? fail_in_flight(id, err) : db_status(db);
}

/* ---- what waits to be said of answers ---- */

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Whether a text holds it as words of its own, in whatever case. */
static bool holds(const char *text, const char *words)
{
	const size_t len = strlen(words);

	for (const char *at = text; (at = strcasestr(at, words)); at++)
		if ((at == text || !is_word_byte(at[-1])) && !is_word_byte(at[len]))
			return true;
	return false;
}

/* Whether a document, or a part of it, says one of the words to whoever reads it. */
static bool says(const json_t *part, const struct partner *partner)
{
	static const char *const members[] = {"blocks", "lines", "runs",
					      "title",	"text",	 "title_rest"};
	const char *text = json_string_value(part);
	const json_t *element;
	size_t i;

	if (!part)
		return false;
	if (text)
		return holds(text, partner->id) || holds(text, partner->name);
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (says(json_object_get(part, members[i]), partner))
			return true;
	json_array_foreach(part, i, element)
	{
		if (says(element, partner))
			return true;
	}
	return false;
}

static bool is_named_in(const char *document, const struct partner *partner)
{
	json_t *root = json_loads(document, 0, NULL);
	const bool named = says(root, partner);

	json_decref(root);
	return named;
}

/* Confirmations are bound to no partner: they repeat what was written. Those that name it are taken
 * back whole. */
static enum status recall_confirmations(struct db *db, const struct partner *partner,
					struct arena *arena, struct error *err)
{
	struct query *query = db_query(db, "SELECT id, state = 'sending' OR ambiguous > 0, document"
					   " FROM outbox WHERE kind = 'reply'");
	int64_t *ids = NULL;
	size_t count = 0, capacity = 0;
	bool in_flight = false;

	while (db_step(query)) {
		if (!is_named_in(db_text(query, 2), partner))
			continue;
		in_flight |= db_int(query, 1) != 0;
		ids = arena_grow(arena, ids, count, &capacity, sizeof(*ids));
		ids[count++] = db_int(query, 0);
	}
	if (in_flight)
		return fail_in_flight(partner->id, err);
	for (size_t i = 0; i < count; i++) {
		query = db_query(db, "DELETE FROM outbox WHERE id = $1");
		db_bind(query, 1, ids[i]);
		(void)db_run(query);
	}
	return db_status(db);
}

/* ---- the whole ---- */

enum status partner_erase(struct db *db, const struct scene *scene, const char *id,
			  struct error *err)
{
	struct arena *arena = arena_new();
	struct facts facts;
	enum status status = partner_facts(db, scene, id, arena, &facts, err);
	const char *origin = NULL;

	if (status == STATUS_OK)
		origin = facts.partner.ended ? ended_origin(db, id, arena) : facts.partner.origin;
	/* The file would bring back at once what was erased, and what was ended too. */
	if (origin)
		status = error_fail(err, STATUS_CONFLICT,
				    "%s is managed by %s; take it out there first", id, origin);
	if (status == STATUS_OK)
		status = refuse_in_flight(db, facts.partner.row, id, err);
	if (status == STATUS_OK)
		status = recall_digests(db, scene, facts.partner.row, arena);
	if (status == STATUS_OK)
		status = recall_confirmations(db, &facts.partner, arena, err);
	for (size_t i = 0; status == STATUS_OK && i < sizeof(erasing) / sizeof(erasing[0]); i++) {
		struct query *query = db_query(db, erasing[i]);

		db_bind(query, 1, facts.partner.row);
		(void)db_run(query);
		status = db_status(db);
	}
	/* Answers kept for repeated requests may name it. */
	(void)db_run(db_query(db, "DELETE FROM idempotency"));
	history_add(db, scene, "partner.erased", 0, NULL, NULL, NULL);
	if (db_status(db) != STATUS_OK)
		status = error_fail(err, db_status(db), "%s", db_error(db));
	arena_free(arena);
	return status;
}
