/* Rows into structs. Never writes. */
#include "store/rows.h"

/* Columns of ROWS_PARTNER. */
#define RHYTHM 12
#define HEARER (ROWS_PARTNER_COLUMNS - 1)

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

/* The newest contact of a partner that one of the queries below finds. */
static bool read_contact(struct query *query, int64_t partner, struct arena *arena,
			 struct contact *ret_contact)
{
	bool found;

	db_bind(query, 1, partner);
	found = db_step(query);
	if (found)
		*ret_contact = rows_contact(query, arena);
	db_end(query);
	return found;
}

static void read_newest(struct db *db, struct arena *arena, struct facts *facts)
{
	struct query *query =
	    db_query(db, "SELECT " ROWS_CONTACT " FROM contact c WHERE c.partner = $1"
			 " AND c.counts = 1 ORDER BY c.day DESC, c.id DESC LIMIT 1");

	facts->has_last = read_contact(query, facts->partner.row, arena, &facts->last);
}

static void read_newest_meeting(struct db *db, struct arena *arena, struct facts *facts)
{
	struct query *query =
	    db_query(db, "SELECT " ROWS_CONTACT " FROM contact c WHERE c.partner = $1"
			 " AND c.counts = 1 AND c.kind = 'meeting'"
			 " ORDER BY c.day DESC, c.id DESC LIMIT 1");

	facts->has_meeting = read_contact(query, facts->partner.row, arena, &facts->meeting);
}

static void read_talked(struct db *db, struct facts *facts)
{
	struct query *query = db_query(db, "SELECT max(day) FROM contact WHERE partner = $1"
					   " AND counts = 1 AND kind IN ('meeting', 'call')");

	db_bind(query, 1, facts->partner.row);
	facts->talked = db_step(query) ? rows_day(query, 0) : DAY_NEVER;
	db_end(query);
}

/* A contact that counts, on the day of the answer or later, is over it when it was entered after
 * it. */
static void read_answers(struct db *db, struct arena *arena, struct facts *facts)
{
	struct query *query =
	    db_query(db, "SELECT a.kind, a.given, a.until, a.reason, a.actor, a.at, EXISTS (SELECT "
			 "1 FROM contact c"
			 " WHERE c.partner = a.partner AND c.counts = 1 AND c.day >= a.given"
			 " AND (c.entered > a.at OR (c.entered = a.at AND c.id > a.mark)))"
			 " FROM answer a WHERE a.partner = $1");
	enum answer_kind kind;

	db_bind(query, 1, facts->partner.row);
	while (db_step(query)) {
		if (!answer_parse(db_text(query, 0), &kind))
			continue;
		facts->answers[kind] = (struct answer){
		    .is_given = true,
		    .is_over = kind <= ANSWER_ACK && db_int(query, 6) != 0,
		    .given = (day)db_int(query, 1),
		    .until = rows_day(query, 2),
		    .reason = arena_strdup(arena, db_text(query, 3)),
		    .actor = arena_strdup(arena, db_text(query, 4)),
		    .at = db_int(query, 5),
		};
	}
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
		    .ended = db_int(query, 10) != 0,
		    .cold_mark = (int)db_int(query, 11),
		},
	    .talked = DAY_NEVER,
	    .owner = roster_owner(scene->roster, db_text(query, HEARER)),
	};
	ret_facts->rhythm_is_kept = rhythm_read(query, RHYTHM, &ret_facts->rhythm);
	if (!ret_facts->rhythm_is_kept)
		ret_facts->rhythm = rhythm_replay(db, ret_facts->partner.row);
	ret_facts->cadence = roster_cadence(scene->roster, ret_facts->partner.cadence);
	if (!ret_facts->cadence)
		ret_facts->cadence = cadence_fallback();
	read_newest(db, arena, ret_facts);
	read_answers(db, arena, ret_facts);
	/* What no rule asks for is not looked up. */
	if (ret_facts->cadence->meeting_every.count > 0)
		read_newest_meeting(db, arena, ret_facts);
	if (ret_facts->answers[ANSWER_PLAN].is_given)
		read_talked(db, ret_facts);
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
