/* Whether a database is whole, before anything is written to it. Private to lib/store. */
#ifndef CADENCE_STORE_SOUND_H
#define CADENCE_STORE_SOUND_H

#include "store/db.h"

/* Looks at the file without the engine, which would clean up behind a file that was cut to nothing:
 * its first bytes and its length. One that is not there yet, or is empty, is sound as long as
 * nothing else says that there was a database. STATUS_INVALID: no database at all; STATUS_DAMAGED.
 */
enum status sound_file(const char *path, struct error *err) MUST_USE;
/* Whether it has every table, column and index that the reference has. STATUS_DAMAGED. */
enum status sound_schema(struct db *db, struct db *reference, const char *path,
			 struct error *err) MUST_USE;
/* Reads every page. thorough: compares indexes with their tables besides, which takes several times
 * as long. STATUS_DAMAGED. */
enum status sound_pages(struct db *db, bool thorough, const char *path, struct error *err) MUST_USE;
/* What restore_backup() copies to, beside the database. Where it is and the database is not, a
 * start is refused. The caller frees. */
char *sound_restored_path(const char *path);
/* Keeps every daemon from opening it until *ret_fd is closed (-1: there is no file to hold). False:
 * one has it open. */
bool sound_hold(const char *path, int *ret_fd);
/* STATUS_DAMAGED, with what is wrong. */
enum status sound_damaged(const char *path, const char *what, struct error *err);
/* Appends to what is wrong with the database at path what to do: which backup to put in its place.
 */
void sound_advise(const char *path, struct error *err);

#endif
