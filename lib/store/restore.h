/* Putting a backup in the place of the database, while no daemon has it. */
#ifndef CADENCE_STORE_RESTORE_H
#define CADENCE_STORE_RESTORE_H

#include "store/backup.h"

/* The path in a URL such as "sqlite:///var/lib/cadenced/cadenced.db"; NULL: it names no file. */
const char *restore_path(const char *url);

/* Verifies the file, copies it to where the database at path lies, for the same owner, verifies the
 * copy, moves what was there aside and gives the copy its name. *ret_aside: where what was there is
 * now, which the caller frees; NULL: nothing was moved. STATUS_BUSY: a daemon has the database, or
 * another restore is under way; else as backup_verify(). Unless STATUS_OK nothing has changed, or
 * *ret_aside says what has: then a start is refused until this is done again. */
enum status restore_backup(const char *file, const char *path, instant now,
			   struct backup_facts *ret_facts, char **ret_aside,
			   struct error *err) MUST_USE;

#endif
