/* Contacts, as the sync writes them; store/verbs.h has what jobs may do. */
#ifndef CADENCE_STORE_CONTACT_H
#define CADENCE_STORE_CONTACT_H

#include "store/verbs.h"

/* Makes the file's contact of a partner this day (DAY_NEVER: none), written at origin.
 * *ret_changed: the partner must be judged again; the caller does. STATUS_INVALID when a new day is
 * after today where its hearer lives. */
enum status contact_from_file(struct db *db, const struct scene *scene, int64_t partner_row, day d,
			      const char *origin, bool *ret_changed, struct error *err) MUST_USE;

/* Refuses a day for the file's contact that is after today where the owner lives (NULL: unknown),
 * as "cadenced.conf:12: partner acme: last_contact: …". */
enum status contact_check_file_day(const struct scene *scene, const struct owner *owner,
				   const char *id, day d, const char *origin,
				   struct error *err) MUST_USE;

#endif
