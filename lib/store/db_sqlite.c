/* The seam to SQLite; only the files *_sqlite.c know which engine there is. Here: statements and
 * transactions. */
#include "store/db.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/engine_sqlite.h"

/* ---- failure ---- */

static enum status status_of(int code, int system_errno)
{
	static const struct {
		int code;
		enum status status;
	} table[] = {
	    {SQLITE_BUSY, STATUS_BUSY},		  {SQLITE_LOCKED, STATUS_BUSY},
	    {SQLITE_FULL, STATUS_NO_SPACE},	  {SQLITE_NOTADB, STATUS_INVALID},
	    {SQLITE_CONSTRAINT, STATUS_CONFLICT}, {SQLITE_TOOBIG, STATUS_TOO_BIG},
	    {SQLITE_CORRUPT, STATUS_DAMAGED},
	};

	if ((code & 0xff) == SQLITE_IOERR && (system_errno == ENOSPC || system_errno == EDQUOT))
		return STATUS_NO_SPACE;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].code == (code & 0xff))
			return table[i].status;
	return STATUS_FAILED;
}

/* Only the first failure is kept: what follows it is its consequence. */
static enum status fail(struct db *db, int code, const char *doing)
{
	if (db->status != STATUS_OK)
		return db->status;
	db->status = status_of(code, sqlite3_system_errno(db->handle));
	/* What begins as a database does and cannot be read as one was one. */
	if (db->status == STATUS_INVALID && db->is_open)
		db->status = STATUS_DAMAGED;
	db->damaged |= db->status == STATUS_DAMAGED;
	if (db->status == STATUS_NO_SPACE)
		error_set(&db->error, "the disk that holds the database is full");
	else if (doing)
		error_set(&db->error, "database: %s: %s", doing, sqlite3_errmsg(db->handle));
	else
		error_set(&db->error, "database: %s", sqlite3_errmsg(db->handle));
	return db->status;
}

enum status db_status(const struct db *db)
{
	return db->status;
}

const char *db_error(const struct db *db)
{
	return db->error.text;
}

void db_clear(struct db *db)
{
	if (db->damaged)
		return;
	db->status = STATUS_OK;
	db->error.text[0] = '\0';
}

bool db_is_out_of_order(const struct db *db)
{
	return db->status == STATUS_NO_SPACE || db->status == STATUS_FAILED ||
	       db->status == STATUS_BUSY || db->status == STATUS_DAMAGED;
}

bool db_was_checked(const struct db *db)
{
	return db->checked;
}

unsigned db_progress(const struct db *db)
{
	return atomic_load(&db->progress);
}

void db_break_off(struct db *db)
{
	atomic_store(&db->broken_off, true);
}

void db_watch_stop(struct db *db, const atomic_bool *stop)
{
	db->stop = stop;
}

/* Called by SQLite now and then; anything but 0 would stop the statement. */
int db_count_progress(void *arg)
{
	struct db *db = arg;

	atomic_fetch_add(&db->progress, 1);
	return (db->backing_up && atomic_load(&db->broken_off)) ||
	       (db->stop && atomic_load(db->stop));
}

/* ---- statements ---- */

static struct query **bucket_of(struct db *db, const char *sql)
{
	const uintptr_t address = (uintptr_t)sql;

	return &db->queries[(address >> 4 ^ address >> 11) % QUERY_BUCKETS];
}

/* SQLite numbers $n by first appearance, so each is looked up by its name. */
static void map_numbers(struct query *query)
{
	const int count = sqlite3_bind_parameter_count(query->stmt);

	for (int i = 1; i <= count; i++) {
		const char *name = sqlite3_bind_parameter_name(query->stmt, i);
		const int number = name && name[0] == '$' ? atoi(name + 1) : 0;

		if (number < 1 || number > QUERY_NUMBERS_MAX) {
			(void)fail(query->db, SQLITE_MISUSE, query->sql);
			return;
		}
		query->index[number] = i;
	}
}

static void prepare(struct query *query)
{
	struct db *db = query->db;
	const int code = sqlite3_prepare_v3(db->handle, query->sql, -1, SQLITE_PREPARE_PERSISTENT,
					    &query->stmt, NULL);

	if (code == SQLITE_OK)
		map_numbers(query);
	else
		(void)fail(db, code, query->sql);
}

struct query *db_query(struct db *db, const char *sql)
{
	struct query **bucket = bucket_of(db, sql), *query = *bucket;

	while (query && query->sql != sql)
		query = query->next;
	if (!query) {
		query = mem_alloc(1, sizeof(*query));
		query->db = db;
		query->sql = sql;
		query->next = *bucket;
		*bucket = query;
	}
	if (!query->stmt)
		prepare(query);
	sqlite3_reset(query->stmt);
	if (query->stmt)
		sqlite3_clear_bindings(query->stmt);
	return query;
}

/* The place of a number in the statement; 0 (a failure) when the text has no such parameter. */
static int index_of(struct query *query, int number)
{
	if (!query->stmt)
		return 0;
	if (number >= 1 && number <= QUERY_NUMBERS_MAX && query->index[number] > 0)
		return query->index[number];
	(void)fail(query->db, SQLITE_RANGE, query->sql);
	return 0;
}

void db_bind(struct query *query, int number, int64_t value)
{
	const int index = index_of(query, number);

	if (index > 0 && sqlite3_bind_int64(query->stmt, index, value) != SQLITE_OK)
		(void)fail(query->db, SQLITE_MISUSE, query->sql);
}

void db_bind_real(struct query *query, int number, double value)
{
	const int index = index_of(query, number);

	if (index > 0 && sqlite3_bind_double(query->stmt, index, value) != SQLITE_OK)
		(void)fail(query->db, SQLITE_MISUSE, query->sql);
}

void db_bind_text(struct query *query, int number, const char *text)
{
	const int index = index_of(query, number);

	if (index == 0)
		return;
	const int code = sqlite3_bind_text(query->stmt, index, text, -1, SQLITE_STATIC);
	if (code != SQLITE_OK)
		(void)fail(query->db, code, query->sql);
}

void db_bind_null(struct query *query, int number)
{
	const int index = index_of(query, number);

	if (index > 0)
		sqlite3_bind_null(query->stmt, index);
}

bool db_step(struct query *query)
{
	int code;

	if (!query->stmt || query->db->status != STATUS_OK)
		return false;
	code = sqlite3_step(query->stmt);
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		(void)fail(query->db, code, NULL);
	sqlite3_reset(query->stmt);
	return false;
}

int64_t db_run(struct query *query)
{
	if (!query->stmt || query->db->status != STATUS_OK)
		return 0;
	while (db_step(query))
		;
	return query->db->status == STATUS_OK ? sqlite3_changes64(query->db->handle) : 0;
}

int64_t db_int(struct query *query, int column)
{
	return sqlite3_column_int64(query->stmt, column);
}

double db_real(struct query *query, int column)
{
	return sqlite3_column_double(query->stmt, column);
}

const char *db_text(struct query *query, int column)
{
	return (const char *)sqlite3_column_text(query->stmt, column);
}

bool db_is_null(struct query *query, int column)
{
	return sqlite3_column_type(query->stmt, column) == SQLITE_NULL;
}

void db_end(struct query *query)
{
	sqlite3_reset(query->stmt);
}

int64_t db_last_row(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

void db_release_memory(struct db *db)
{
	(void)sqlite3_db_release_memory(db->handle);
}

/* ---- transactions ---- */

/* A statement that a job left half-way would make COMMIT fail. */
void db_reset_all(struct db *db)
{
	for (size_t i = 0; i < QUERY_BUCKETS; i++)
		for (struct query *query = db->queries[i]; query; query = query->next)
			sqlite3_reset(query->stmt);
}

enum status db_execute(struct db *db, const char *sql)
{
	if (db->status != STATUS_OK)
		return db->status;
	const int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? STATUS_OK : fail(db, code, NULL);
}

static int64_t kept_changes(const struct db *db)
{
	return sqlite3_total_changes64(db->handle) - db->undone;
}

enum status db_begin(struct db *db)
{
	if (db_execute(db, "BEGIN IMMEDIATE") == STATUS_OK)
		db->in_transaction = true;
	db->undone_at_begin = db->undone;
	db->kept_at_begin = kept_changes(db);
	db->point_count = 0;
	return db->status;
}

/* Whether everything that was changed was taken back: then there is nothing to write. */
static bool is_all_undone(const struct db *db)
{
	return db->undone > db->undone_at_begin && kept_changes(db) == db->kept_at_begin;
}

enum status db_commit(struct db *db)
{
	db_reset_all(db);
	if (db->status == STATUS_OK && db_lost_transaction(db)) {
		db->status = STATUS_FAILED;
		error_set(&db->error, "database: the transaction was lost");
	}
	if (db->status != STATUS_OK || is_all_undone(db))
		db_rollback(db);
	else if (db_execute(db, "COMMIT") == STATUS_OK)
		db->in_transaction = false;
	else
		db_rollback(db);
	return db->status;
}

void db_rollback(struct db *db)
{
	db_reset_all(db);
	/* When it fails there was nothing to go back from: the engine has done it already. */
	if (!sqlite3_get_autocommit(db->handle))
		(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	db->in_transaction = false;
}

enum status db_point(struct db *db)
{
	(void)db_run(db_query(db, "SAVEPOINT point"));
	if (db->status != STATUS_OK)
		return db->status;
	if (db->point_count < POINTS_MAX)
		db->kept_at_point[db->point_count] = kept_changes(db);
	db->point_count++;
	return STATUS_OK;
}

void db_point_keep(struct db *db)
{
	if (db->point_count > 0)
		db->point_count--;
	(void)db_run(db_query(db, "RELEASE point"));
}

void db_point_undo(struct db *db)
{
	/* Works under a sticky failure too: that is what it is for. */
	if (!sqlite3_get_autocommit(db->handle))
		(void)sqlite3_exec(db->handle, "ROLLBACK TO point; RELEASE point", NULL, NULL,
				   NULL);
	if (db->point_count > 0 && --db->point_count < POINTS_MAX)
		db->undone =
		    sqlite3_total_changes64(db->handle) - db->kept_at_point[db->point_count];
}

bool db_lost_transaction(const struct db *db)
{
	return db->in_transaction && sqlite3_get_autocommit(db->handle) != 0;
}

/* ---- the end ---- */

struct db *db_close(struct db *db)
{
	if (!db)
		return NULL;
	if (db->damaged)
		sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	else if (db->is_open && db_path(db))
		db_set_mark(db);
	for (size_t i = 0; i < QUERY_BUCKETS; i++) {
		for (struct query *query = db->queries[i], *next; query; query = next) {
			next = query->next;
			sqlite3_finalize(query->stmt);
			free(query);
		}
	}
	sqlite3_close(db->handle);
	free(db);
	return NULL;
}
