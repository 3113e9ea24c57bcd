/* Rows: how partners and contacts are read out of the database, in one place for every verb that
 * hands them out. */
#ifndef CADENCE_STORE_ROWS_H
#define CADENCE_STORE_ROWS_H

#include "store/rhythm.h"
#include "store/verbs.h"

/* The columns that rows_facts() reads from 0 on, of a partner named p. */
#define ROWS_PARTNER                                                                               \
	"p.row, p.id, p.name, p.owner, p.cadence, p.tags, p.origin, p.since, p.first_seen, "       \
	"p.archived, p.ended, p.cold_mark, " RHYTHM_COLUMNS_TEXT ", p.hears"
#define ROWS_PARTNER_COLUMNS (12 + 1 + RHYTHM_COLUMNS)
/* The columns that rows_contact() reads from 0 on, of a contact named c. */
#define ROWS_CONTACT                                                                               \
	"c.id, c.day, c.kind, c.direction, c.minutes, c.\"by\", c.person, c.note, c.source, "      \
	"c.ext_id, c.origin, c.actor, c.entered"
#define ROWS_CONTACT_COLUMNS 13

/* A day column; DAY_NEVER for NULL. */
day rows_day(struct query *query, int column);
/* Binds a day; NULL for DAY_NEVER. */
void rows_bind_day(struct query *query, int number, day d);
/* The facts of the row the query stands on, with hearer, cadence, answers and the newest contact
 * that counts. */
void rows_facts(struct db *db, const struct scene *scene, struct query *query, struct arena *arena,
		struct facts *ret_facts);
/* The contact of the row the query stands on. */
struct contact rows_contact(struct query *query, struct arena *arena);
/* The number of the partner with this id; 0 when there is none. */
int64_t rows_partner_row(struct db *db, const char *id);

#endif
