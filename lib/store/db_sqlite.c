/* The seam to SQLite: the only file that knows which engine there is.
 *
 * One connection that holds the file for itself. It never waits for anybody and never guesses: a
 * file that is not ours is refused before a byte of it changes. */
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pwd.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/schema.h"

#define APPLICATION_ID	  0x43414443 /* "CADC", in the file's header */
#define QUERY_BUCKETS	  128
#define QUERY_NUMBERS_MAX 32
#define POINTS_MAX	  8    /* of those that nest, as deep as what was undone is counted */
#define DATABASE_MODE	  0600 /* names and notes are nobody else's business */
#define URL_PREFIX	  "sqlite://"
#define URL_MEMORY	  "sqlite::memory:"
#define MIGRATION_MARK	  "-- migration "

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
	/* Rows changed, without those that were taken back: now minus undone. A transaction all of
	 * whose changes were undone leaves dirty pages that nobody needs to write. */
	int64_t undone;
	int64_t undone_at_begin, kept_at_begin;
	int64_t kept_at_point[POINTS_MAX];
	size_t point_count;
	enum status status;
	struct error error;
};

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
	db->status = STATUS_OK;
	db->error.text[0] = '\0';
}

bool db_is_out_of_order(const struct db *db)
{
	return db->status == STATUS_NO_SPACE || db->status == STATUS_FAILED ||
	       db->status == STATUS_BUSY;
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
static void reset_all(struct db *db)
{
	for (size_t i = 0; i < QUERY_BUCKETS; i++)
		for (struct query *query = db->queries[i]; query; query = query->next)
			sqlite3_reset(query->stmt);
}

static enum status execute(struct db *db, const char *sql)
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
	if (execute(db, "BEGIN IMMEDIATE") == STATUS_OK)
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
	reset_all(db);
	if (db->status == STATUS_OK && db_lost_transaction(db)) {
		db->status = STATUS_FAILED;
		error_set(&db->error, "database: the transaction was lost");
	}
	if (db->status != STATUS_OK || is_all_undone(db))
		db_rollback(db);
	else if (execute(db, "COMMIT") == STATUS_OK)
		db->in_transaction = false;
	else
		db_rollback(db);
	return db->status;
}

void db_rollback(struct db *db)
{
	reset_all(db);
	/* When it fails there was nothing to go back from: the engine has done it already. */
	if (!sqlite3_get_autocommit(db->handle))
		(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	db->in_transaction = false;
}

enum status db_point(struct db *db)
{
	if (execute(db, "SAVEPOINT point") != STATUS_OK)
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
	(void)execute(db, "RELEASE point");
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

/* ---- files ---- */

static enum status sync_path(const char *path, int flags, struct error *err)
{
	const int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
	int failed;

	if (fd < 0)
		return error_fail(err, STATUS_FAILED, "%s: %s", path, strerror(errno));
	failed = fsync(fd) < 0 ? errno : 0;
	close(fd);
	if (failed)
		return error_fail(err, STATUS_FAILED, "%s: %s", path, strerror(failed));
	return STATUS_OK;
}

static enum status sync_folder_of(const char *path, struct error *err)
{
	char *copy = mem_strdup(path);
	const enum status status = sync_path(dirname(copy), O_DIRECTORY, err);

	free(copy);
	return status;
}

/* The caller frees. */
static char *user_name(uid_t uid)
{
	const struct passwd *user = getpwuid(uid);

	return user ? mem_strdup(user->pw_name) : mem_printf("%ld", (long)uid);
}

/* A database that we made in somebody else's directory would be in that one's way at the next start
 * under the right name; and whoever owns the directory could put another file there. Root's is
 * fine, as long as we may write in it. */
static enum status check_owner(const char *path, struct error *err)
{
	char *copy = mem_strdup(path), *us = user_name(geteuid()), *them = NULL;
	const char *folder = dirname(copy);
	enum status status = STATUS_OK;
	struct stat st;

	if (stat(folder, &st) != 0) {
		status = error_fail(err, STATUS_FAILED, "%s: %s", path, strerror(errno));
	} else if (st.st_uid != geteuid() && st.st_uid != 0) {
		them = user_name(st.st_uid);
		status = error_fail(err, STATUS_FAILED,
				    "%s belongs to %s, and this is %s: run cadenced as %s, or "
				    "`chown -R %s: %s`",
				    folder, them, us, them, us, folder);
	} else if (access(folder, W_OK | X_OK) != 0 && errno == EACCES) {
		status = error_fail(err, STATUS_FAILED, "%s: %s; `chown -R %s: %s`", path,
				    strerror(EACCES), us, folder);
	}
	free(them);
	free(us);
	free(copy);
	return status;
}

/* Makes an empty file that only we may read, so that no process-wide umask has to change. */
static enum status create_file(const char *path, bool may_exist, struct error *err)
{
	const int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, DATABASE_MODE);

	if (fd < 0 && errno == EEXIST && may_exist)
		return STATUS_OK;
	if (fd < 0)
		return error_fail(err, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_FAILED, "%s: %s",
				  path, strerror(errno));
	close(fd);
	return STATUS_OK;
}

enum status db_backup(struct db *db, const char *path, struct error *err)
{
	enum status status = create_file(path, false, err);

	if (status != STATUS_OK)
		return status;
	reset_all(db);
	struct query *query = db_query(db, "VACUUM INTO $1");
	db_bind_text(query, 1, path);
	(void)db_run(query);
	status = db->status;
	if (status != STATUS_OK) {
		error_set(err, "%s: %s", path, db->error.text);
		db_clear(db);
	} else {
		status = sync_path(path, 0, err);
	}
	if (status == STATUS_OK)
		status = sync_folder_of(path, err);
	if (status != STATUS_OK)
		(void)unlink(path);
	return status;
}

enum status db_backup_open(struct db *db, int *ret_fd, struct error *err)
{
	const char *database = sqlite3_db_filename(db->handle, "main");
	enum status status;
	char *path;

	if (!database || !*database)
		return error_fail(err, STATUS_INVALID, "a database in memory has no backup");
	path = mem_printf("%s.backup", database);
	/* One that a crash has left. */
	(void)unlink(path);
	status = db_backup(db, path, err);
	if (status == STATUS_OK) {
		*ret_fd = open(path, O_RDONLY | O_CLOEXEC);
		if (*ret_fd < 0)
			status = error_fail(err, STATUS_FAILED, "%s: %s", path, strerror(errno));
		(void)unlink(path);
	}
	free(path);
	return status;
}

/* ---- opening ---- */

static int64_t ask_number(struct db *db, const char *sql)
{
	struct query *query = db_query(db, sql);
	const int64_t number = db_step(query) ? db_int(query, 0) : 0;

	db_end(query);
	return number;
}

/* The next line that starts a migration, at or after `at`; NULL when there is none. */
static const char *next_mark(const char *at)
{
	while (at && strncmp(at, MIGRATION_MARK, strlen(MIGRATION_MARK)) != 0) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return at;
}

static int schema_newest(const char *schema)
{
	int newest = 0;

	for (const char *at = next_mark(schema); at; at = next_mark(at + 1))
		newest++;
	return newest;
}

/* The text of migration number n, which there is; the caller frees. */
static char *schema_migration(const char *schema, int n)
{
	const char *start = next_mark(schema), *end;

	for (int i = 1; i < n; i++)
		start = next_mark(start + 1);
	end = next_mark(start + 1);
	return mem_strndup(start, end ? (size_t)(end - start) : strlen(start));
}

static enum status migrate_one(struct db *db, const char *schema, int n)
{
	char *text = schema_migration(schema, n);
	char *numbers =
	    mem_printf("PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID, n);
	enum status status = db_begin(db);

	if (status == STATUS_OK) {
		(void)execute(db, text);
		(void)execute(db, numbers);
		status = db_commit(db);
	}
	free(numbers);
	free(text);
	return status;
}

/* What a sticky failure means while opening, in words that name the file. */
static enum status opening_failed(struct db *db, const char *path, struct error *err)
{
	const int system_errno = sqlite3_system_errno(db->handle);

	switch (db->status) {
	case STATUS_BUSY:
		error_set(err, "%s: already running (another cadenced has this database)", path);
		break;
	case STATUS_INVALID:
		error_set(err, "%s: is not a database of cadenced; name another file", path);
		break;
	default:
		if (system_errno != 0)
			error_set(err, "%s: %s (%s)", path, db->error.text, strerror(system_errno));
		else
			error_set(err, "%s: %s", path, db->error.text);
	}
	return db->status;
}

/* Looks into the file, holding it alone, without writing: whose is it, and of which version? */
static enum status inspect(struct db *db, const char *path, int newest, int *ret_version,
			   struct error *err)
{
	int64_t application, version, tables;

	(void)execute(db, "PRAGMA locking_mode = EXCLUSIVE");
	(void)execute(db, "BEGIN EXCLUSIVE");
	application = ask_number(db, "PRAGMA application_id");
	version = ask_number(db, "PRAGMA user_version");
	tables = ask_number(db, "SELECT count(*) FROM sqlite_schema");
	db_rollback(db);
	if (db->status != STATUS_OK)
		return opening_failed(db, path, err);
	if (application != APPLICATION_ID && (application != 0 || version != 0 || tables != 0))
		return error_fail(err, STATUS_INVALID,
				  "%s: is the database of another program; name another file",
				  path);
	if (version > newest)
		return error_fail(
		    err, STATUS_NEWER,
		    "%s: was written by a newer version of cadenced (schema %lld, this one "
		    "knows %d); install that version",
		    path, (long long)version, newest);
	*ret_version = (int)version;
	return STATUS_OK;
}

static enum status set_journal(struct db *db, const char *path, struct error *err)
{
	struct query *query = db_query(db, "PRAGMA journal_mode = WAL");
	const bool answered = db_step(query);
	const char *mode = answered ? db_text(query, 0) : NULL;
	const bool good = mode && (strcmp(mode, "wal") == 0 || strcmp(mode, "memory") == 0);

	db_end(query);
	if (db->status != STATUS_OK)
		return opening_failed(db, path, err);
	if (!good)
		return error_fail(err, STATUS_FAILED,
				  "%s: this file system cannot hold a write-ahead log", path);
	(void)execute(db, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
			  "PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY;"
			  "PRAGMA journal_size_limit = 4194304; PRAGMA trusted_schema = OFF");
	return db->status == STATUS_OK ? STATUS_OK : opening_failed(db, path, err);
}

/* The copy made before a migration, named after the schema it has. It gets its name when it is
 * whole: one of an earlier try that was cut off is not lost before. */
static enum status keep_copy(struct db *db, const char *path, int version, struct error *err)
{
	char *copy = mem_printf("%s.schema-%d", path, version);
	char *part = mem_printf("%s.part", copy);
	enum status status;

	(void)unlink(part);
	status = db_backup(db, part, err);
	if (status == STATUS_OK && rename(part, copy) != 0)
		status = error_fail(err, STATUS_FAILED, "%s: %s", copy, strerror(errno));
	free(part);
	free(copy);
	return status;
}

static enum status bring_up(struct db *db, const char *path, const char *schema, struct error *err)
{
	const int newest = schema_newest(schema);
	int version = 0;
	enum status status = inspect(db, path, newest, &version, err);

	if (status == STATUS_OK)
		status = set_journal(db, path, err);
	if (status == STATUS_OK && version > 0 && version < newest && strcmp(path, ":memory:") != 0)
		status = keep_copy(db, path, version, err);
	for (int n = version + 1; status == STATUS_OK && n <= newest; n++)
		if ((status = migrate_one(db, schema, n)) != STATUS_OK)
			status = opening_failed(db, path, err);
	return status;
}

/* The path in a URL; NULL when it is not one of ours. */
static const char *url_path(const char *url)
{
	const size_t prefix = strlen(URL_PREFIX);

	if (strcmp(url, URL_MEMORY) == 0)
		return ":memory:";
	if (strncmp(url, URL_PREFIX, prefix) == 0 && url[prefix] == '/' && url[prefix + 1])
		return url + prefix;
	return NULL;
}

/* The connection; a file that may only be read is refused, because SQLite would open it all the
 * same. */
static enum status connect_to(struct db *db, const char *path, struct error *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	const int code = sqlite3_open_v2(path, &db->handle, flags, NULL);

	if (code != SQLITE_OK) {
		const int system_errno = db->handle ? sqlite3_system_errno(db->handle) : 0;

		return error_fail(err, STATUS_FAILED, "%s: %s", path,
				  system_errno ? strerror(system_errno) : sqlite3_errstr(code));
	}
	if (sqlite3_db_readonly(db->handle, "main") == 1)
		return error_fail(err, STATUS_FAILED, "%s: may be read but not written (%s)", path,
				  strerror(EACCES));
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, 0);
	return STATUS_OK;
}

enum status db_open_schema(const char *url, const char *schema, struct db **ret_db,
			   struct error *err)
{
	const char *path = url_path(url);
	enum status status = STATUS_OK;
	struct db *db;

	if (!path)
		return error_fail(err, STATUS_INVALID,
				  "database \"%s\": is not of the form sqlite:///path/to/file",
				  url);
	if (path[0] == '/')
		status = check_owner(path, err);
	if (path[0] == '/' && status == STATUS_OK)
		status = create_file(path, true, err);
	if (status != STATUS_OK)
		return status;
	db = mem_alloc(1, sizeof(*db));
	status = connect_to(db, path, err);
	if (status == STATUS_OK)
		status = bring_up(db, path, schema, err);
	if (status != STATUS_OK)
		db = db_close(db);
	else
		*ret_db = db;
	return status;
}

enum status db_open(const char *url, struct db **ret_db, struct error *err)
{
	return db_open_schema(url, schema_sqlite, ret_db, err);
}

struct db *db_close(struct db *db)
{
	if (!db)
		return NULL;
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
