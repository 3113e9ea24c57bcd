/* What the files *_sqlite.c share: the connection as it is. Private to them. */
#ifndef CADENCE_STORE_ENGINE_SQLITE_H
#define CADENCE_STORE_ENGINE_SQLITE_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>

#include "store/db.h"

#define QUERY_BUCKETS	  128
#define QUERY_NUMBERS_MAX 32
#define POINTS_MAX	  8 /* of those that nest, as deep as what was undone is counted */

struct query {
	struct db *db;
	sqlite3_stmt *stmt; /* NULL when the text is wrong */
	const char *sql;    /* its address is the key */
	int index[QUERY_NUMBERS_MAX + 1];
	struct query *next;
};

struct db {
	sqlite3 *handle;
	struct query *queries[QUERY_BUCKETS];
	bool in_transaction;
	bool is_open; /* it was found sound, and may be written */
	bool checked; /* all of it was read while opening */
	bool damaged; /* and so is not written any more */
	atomic_uint progress;
	atomic_bool broken_off; /* no backup any more */
	bool backing_up;
	const atomic_bool *stop; /* of all statements; NULL: none */
	/* Rows changed, without those that were taken back: now minus undone. A transaction all of
	 * whose changes were undone leaves dirty pages that nobody needs to write. */
	int64_t undone;
	int64_t undone_at_begin, kept_at_begin;
	int64_t kept_at_point[POINTS_MAX];
	size_t point_count;
	enum status status;
	struct error error;
};

/* Resets every statement: one that a job left half-way would make COMMIT fail. */
void db_reset_all(struct db *db);
/* Runs statements that yield nothing; the failure sticks. */
enum status db_execute(struct db *db, const char *sql);
/* For sqlite3_progress_handler(): counts, and says when to break off. arg: struct db * */
int db_count_progress(void *arg);
/* Marks that it is closed, as long as it can still be written. */
void db_set_mark(struct db *db);

#endif
