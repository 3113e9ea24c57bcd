/* Three numbers that say at a glance how things stand; cheap enough to be asked after each turn. */
#include "store/rows.h"

enum status view_figures(struct db *db, struct figures *ret_figures)
{
	struct query *query = db_query(
	    db,
	    "SELECT (SELECT count(*) FROM partner WHERE archived IS NULL),"
	    " (SELECT count(DISTINCT n.partner) FROM nudge n JOIN partner p ON p.row = n.partner"
	    " WHERE n.resolved IS NULL AND p.archived IS NULL),"
	    " (SELECT count(*) FROM outbox)");

	if (db_step(query))
		*ret_figures = (struct figures){.partners = db_int(query, 0),
						.due = db_int(query, 1),
						.undelivered = db_int(query, 2)};
	db_end(query);
	return db_status(db);
}
