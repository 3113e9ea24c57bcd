/* Rows into structs. Never writes. */
#include "store/rows.h"

day rows_day(struct query *query, int column)
{
	return db_is_null(query, column) ? DAY_NEVER : (day)db_int(query, column);
}

void rows_bind_day(struct query *query, int number, day d)
{
	if (d == DAY_NEVER)
		db_bind_null(query, number);
	else
		db_bind(query, number, d);
}

struct contact rows_contact(struct query *query, struct arena *arena)
{
	struct contact contact = {
	    .id = db_int(query, 0),
	    .day = (day)db_int(query, 1),
	    .kind = CONTACT_OTHER,
	    .direction = DIRECTION_BOTH,
	    .minutes = db_is_null(query, 4) ? CONTACT_MINUTES_UNKNOWN : (int)db_int(query, 4),
	    .by = arena_strdup(arena, db_text(query, 5)),
	    .person = arena_strdup(arena, db_text(query, 6)),
	    .note = arena_strdup(arena, db_text(query, 7)),
	    .source = arena_strdup(arena, db_text(query, 8)),
	    .ext_id = arena_strdup(arena, db_text(query, 9)),
	    .origin = arena_strdup(arena, db_text(query, 10)),
	    .actor = arena_strdup(arena, db_text(query, 11)),
	    .entered = db_int(query, 12),
	};

	/* We wrote both words ourselves, so they are known. */
	(void)!contact_kind_parse(db_text(query, 2), &contact.kind);
	(void)!contact_direction_parse(db_text(query, 3), &contact.direction);
	return contact;
}

static void read_newest(struct db *db, struct arena *arena, struct facts *facts)
{
	struct query *query =
	    db_query(db, "SELECT " ROWS_CONTACT " FROM contact c WHERE c.partner = $1"
			 " AND c.counts = 1 ORDER BY c.day DESC, c.id DESC LIMIT 1");

	db_bind(query, 1, facts->partner.row);
	facts->has_last = db_step(query);
	if (facts->has_last)
		facts->last = rows_contact(query, arena);
	db_end(query);
}

void rows_facts(struct db *db, const struct scene *scene, struct query *query, struct arena *arena,
		struct facts *ret_facts)
{
	*ret_facts = (struct facts){
	    .partner =
		{
		    .row = db_int(query, 0),
		    .id = arena_strdup(arena, db_text(query, 1)),
		    .name = arena_strdup(arena, db_text(query, 2)),
		    .owner = arena_strdup(arena, db_text(query, 3)),
		    .cadence = arena_strdup(arena, db_text(query, 4)),
		    .tags = arena_strdup(arena, db_text(query, 5)),
		    .origin = arena_strdup(arena, db_text(query, 6)),
		    .since = rows_day(query, 7),
		    .first_seen = (day)db_int(query, 8),
		    .archived = rows_day(query, 9),
		},
	    .snooze =
		{
		    .until = rows_day(query, 10),
		    .given = rows_day(query, 11),
		    .reason = arena_strdup(arena, db_text(query, 12)),
		    .actor = arena_strdup(arena, db_text(query, 13)),
		},
	    .owner = roster_owner(scene->roster, db_text(query, 14)),
	};
	ret_facts->cadence = roster_cadence(scene->roster, ret_facts->partner.cadence);
	if (!ret_facts->cadence)
		ret_facts->cadence = cadence_fallback();
	read_newest(db, arena, ret_facts);
}

int64_t rows_partner_row(struct db *db, const char *id)
{
	struct query *query = db_query(db, "SELECT row FROM partner WHERE id = $1");
	int64_t row;

	db_bind_text(query, 1, id);
	row = db_step(query) ? db_int(query, 0) : 0;
	db_end(query);
	return row;
}
