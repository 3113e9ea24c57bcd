/* Backups: copies of the database in a folder beside it, one a day, each verified before it has its
 * name.
 *
 * The folder of /var/lib/cadenced/cadenced.db is /var/lib/cadenced/backups, a file in it
 * cadenced-2026-11-23.db. A path in memory has neither. */
#ifndef CADENCE_STORE_BACKUP_H
#define CADENCE_STORE_BACKUP_H

#include <stddef.h>
#include <stdint.h>

#include "core/day.h"
#include "store/db.h"

/* The folder of the backups of the database at path. The caller frees. */
char *backup_folder(const char *path);
/* The file of that day. The caller frees. */
char *backup_path(const char *path, day d);
/* The day of the newest one by its name; DAY_NEVER: there is none. Days after today, which a clock
 * that was once ahead has made, count only where there are no others. */
day backup_newest_day(const char *path, day today);
/* The file of the newest one, by the clock of the machine; NULL: none. The caller frees. */
char *backup_newest(const char *path);

/* Makes a copy for day d that has no name of a backup yet (and the folder, if need be), after
 * removing backups that are more than `keep`; *ret_part is its path, which the caller frees. On the
 * store's thread, outside of a transaction. */
enum status backup_copy(struct db *db, day d, size_t keep, char **ret_part,
			struct error *err) MUST_USE;

/* What a file that is a sound database holds. */
struct backup_facts {
	int64_t bytes;
	int schema;
	int64_t partners, contacts, undelivered;
	day newest_contact; /* DAY_NEVER: none */
};

/* Opens a file that no daemon has open, reads all of it and changes nothing. STATUS_NOT_FOUND,
 * STATUS_INVALID (no database of cadenced), STATUS_NEWER, STATUS_DAMAGED, STATUS_BUSY (its log lies
 * beside it: a daemon has it, or had it and crashed), STATUS_FAILED (also once *stop is set; NULL:
 * never). */
enum status backup_verify(const char *path, const atomic_bool *stop, struct backup_facts *ret_facts,
			  struct error *err) MUST_USE;
/* Verifies what backup_copy() has made, gives it the name of its day and removes all but the newest
 * `keep` ones; what is not sound is removed, and the reason said. On any thread. */
enum status backup_keep(const char *part, const char *path, day d, size_t keep,
			const atomic_bool *stop, struct backup_facts *ret_facts,
			struct error *err) MUST_USE;

#endif
