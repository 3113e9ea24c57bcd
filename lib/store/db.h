/* A narrow seam to a SQL database: one connection, numbered parameters, cached statements, sticky
 * failure.
 *
 * Verbs write plain loops: bind, `while (db_step(q))`, read columns. The first failure sticks to
 * the connection until db_clear(): every later step answers false, so a verb looks once, at its
 * end, with db_status(). The store thread rolls back whatever a failed job did. */
#ifndef CADENCE_STORE_DB_H
#define CADENCE_STORE_DB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct db;
struct query;

/* Opens (and creates) the database named by a URL such as "sqlite:///var/lib/cadenced/cadenced.db"
 * or "sqlite::memory:", takes it for this process alone, and brings its schema up to date (a copy
 * of the file is made before a migration). Its header and its schema are looked at first, and all
 * of its pages when it was not closed by db_close() the last time. STATUS_BUSY: already running;
 * STATUS_NEWER: written by a newer version; STATUS_INVALID: not such a database, or a URL of
 * another kind; STATUS_DAMAGED; STATUS_NO_SPACE; STATUS_FAILED. The reason is one line that says
 * what to do, and not a byte of the file has changed then. */
enum status db_open(const char *url, struct db **ret_db, struct error *err) MUST_USE;
/* Whether all pages were read while opening, because nobody had closed it. */
bool db_was_checked(const struct db *db);
/* The file as it is, only to be read, with nothing beside it that would change it: a backup.
 * *ret_version: of its schema. Errors as db_open(), and STATUS_NOT_FOUND. */
enum status db_open_copy(const char *path, struct db **ret_db, int *ret_version,
			 struct error *err) MUST_USE;
/* The path of its file; NULL: it is in memory. */
const char *db_path(const struct db *db);
/* How many bytes it holds, whether in its file already or in its log. */
int64_t db_size(struct db *db);
/* Closes, and marks in it that it was closed; NULL is harmless; returns NULL. */
struct db *db_close(struct db *db);

/* The statement of this text, made once and kept; it is reset and its parameters are NULL. sql must
 * be a literal: its address is the key. Never NULL; when the text is wrong the failure sticks.
 * Parameters are $1, $2, … and bound by that number, whatever their order in the text. */
struct query *db_query(struct db *db, const char *sql);
void db_bind(struct query *query, int number, int64_t value);
void db_bind_real(struct query *query, int number, double value);
/* NULL binds NULL; text must live until the last step. */
void db_bind_text(struct query *query, int number, const char *text);
void db_bind_null(struct query *query, int number);
/* The next row; false at the end or on failure. The statement is reset at the end. */
bool db_step(struct query *query);
/* Steps a statement that yields no rows; returns how many rows it changed (0 on failure). */
int64_t db_run(struct query *query);
/* Columns of the row, from 0. Texts live until the next step; NULL gives NULL and 0. */
int64_t db_int(struct query *query, int column);
double db_real(struct query *query, int column);
const char *db_text(struct query *query, int column);
bool db_is_null(struct query *query, int column);
/* Ends a loop that was left before its last row. */
void db_end(struct query *query);
/* The number of the row inserted last. */
int64_t db_last_row(struct db *db);

/* STATUS_OK, or the kind of the failure that sticks; its words are in db_error(). */
enum status db_status(const struct db *db);
const char *db_error(const struct db *db);
/* STATUS_DAMAGED cannot be cleared: nothing more is read from or written to such a file. */
void db_clear(struct db *db);
/* Whether the disk or the database itself fails, so that it says nothing about the row at hand. */
bool db_is_out_of_order(const struct db *db);

/* Transactions and, within one, named points to go back to. The point calls nest. */
/* Gives back what the engine keeps for the next statement and does not need. */
void db_release_memory(struct db *db);
enum status db_begin(struct db *db) MUST_USE;
enum status db_commit(struct db *db) MUST_USE;
void db_rollback(struct db *db);
enum status db_point(struct db *db) MUST_USE;
void db_point_keep(struct db *db);
void db_point_undo(struct db *db);
/* Whether the engine has thrown the whole transaction away by itself. */
bool db_lost_transaction(const struct db *db);

/* Counts up while a statement runs that takes long, such as a backup: whoever waits for it sees
 * that it goes on. From any thread. */
unsigned db_progress(const struct db *db);

/* Breaks off a backup that is being made, and every later one. From any thread. */
void db_break_off(struct db *db);
/* Statements of this database end with a failure once *stop is set. */
void db_watch_stop(struct db *db, const atomic_bool *stop);

/* A consistent copy into a new file. Only outside a transaction. */
enum status db_backup(struct db *db, const char *path, struct error *err) MUST_USE;
/* The same as a descriptor to read from; the caller closes it. The copy is made where the database
 * lies, so that there is room for it when there is room for the database, and its name is gone
 * before this returns. */
enum status db_backup_open(struct db *db, int *ret_fd, struct error *err) MUST_USE;

#endif
