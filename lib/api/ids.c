/* Ids that begin with a text: what completion asks for. A store job. */
#include "api/request.h"

#include <string.h>

#define IDS_MAX 1000

/* Ids have no byte from "~" on, and no index is needed but that of the ids. */
#define PARTNERS_SQL(which)                                                                        \
	"SELECT id FROM partner WHERE archived IS " which                                          \
	" AND id >= $1 AND id < $1 || '~' ORDER BY id LIMIT $2"

static json_t *ids_of(const struct request *r)
{
	return json_object_get(r->answer, "ids");
}

static void add(const struct request *r, const char *id)
{
	const char *start = request_query(r, "start");

	if (json_array_size(ids_of(r)) < IDS_MAX &&
	    (!start || strncmp(id, start, strlen(start)) == 0))
		json_array_append_new(ids_of(r), json_string(id));
}

static void add_rows(const struct request *r, struct query *query)
{
	const char *start = request_query(r, "start");

	db_bind_text(query, 1, start ? start : "");
	db_bind(query, 2, IDS_MAX);
	while (db_step(query))
		add(r, db_text(query, 0));
}

static void list_partners(struct db *db, const struct request *r)
{
	add_rows(r, db_query(db, PARTNERS_SQL("NULL")));
}

static void list_archived(struct db *db, const struct request *r)
{
	add_rows(r, db_query(db, PARTNERS_SQL("NOT NULL")));
}

static void list_owners(struct db *db, const struct request *r)
{
	(void)db;
	for (size_t i = 0; i < r->roster->owner_count; i++)
		add(r, r->roster->owners[i].id);
}

static void list_cadences(struct db *db, const struct request *r)
{
	(void)db;
	for (size_t i = 0; i < r->roster->cadence_count; i++)
		add(r, r->roster->cadences[i].id);
}

static void list_channels(struct db *db, const struct request *r)
{
	(void)db;
	for (size_t i = 0; i < r->roster->channel_count; i++)
		add(r, r->roster->channels[i].id);
}

static void list_deliveries(struct db *db, const struct request *r)
{
	struct query *query = db_query(db, "SELECT CAST(id AS TEXT) FROM outbox ORDER BY id");

	while (db_step(query))
		add(r, db_text(query, 0));
}

static const struct {
	const char *name;
	void (*list)(struct db *db, const struct request *r);
} lists[] = {
    {"partners", list_partners}, {"archived", list_archived}, {"owners", list_owners},
    {"cadences", list_cadences}, {"channels", list_channels}, {"deliveries", list_deliveries},
};

enum status get_ids(struct db *db, struct request *r, struct error *err)
{
	const char *of = request_query(r, "of");

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (!of || strcmp(of, lists[i].name) != 0)
			continue;
		r->answer = json_pack("{s:[]}", "ids");
		lists[i].list(db, r);
		return STATUS_OK;
	}
	return error_fail(err, STATUS_INVALID,
			  "of: say one of partners, archived, owners, cadences, channels, "
			  "deliveries");
}
