/* Opening and copying databases of SQLite.
 *
 * One connection that holds the file for itself. It never waits for anybody and never guesses: a
 * file that is not ours, or not sound, is refused before a byte of it changes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/engine_sqlite.h"
#include "store/schema.h"
#include "store/sound.h"

#define APPLICATION_ID 0x43414443 /* "CADC", in the file's header */
#define DATABASE_MODE  0600	  /* names and notes are nobody else's business */
#define URL_PREFIX     "sqlite://"
#define URL_MEMORY     "sqlite::memory:"
#define MIGRATION_MARK "-- migration "
#define PROGRESS_STEPS 100000 /* of SQLite's machine: some milliseconds */
/* Stands in the database while nobody has it open: whoever finds it gone knows that the last one to
 * have it did not come to his end. */
#define CLOSED_MARK "closed"

/* ---- files ---- */

static enum status sync_file(const char *path, struct error *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	int failed;

	if (fd < 0)
		return error_fail(err, STATUS_FAILED, "%s: %s", path, strerror(errno));
	failed = fsync(fd) < 0 ? errno : 0;
	close(fd);
	if (failed)
		return error_fail(err, STATUS_FAILED, "%s: %s", path, strerror(failed));
	return STATUS_OK;
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

const char *db_path(const struct db *db)
{
	const char *path = sqlite3_db_filename(db->handle, "main");

	return path && *path ? path : NULL;
}

enum status db_backup(struct db *db, const char *path, struct error *err)
{
	enum status status = create_file(path, false, err);

	if (status != STATUS_OK)
		return status;
	db_reset_all(db);
	struct query *query = db_query(db, "VACUUM INTO $1");
	db_bind_text(query, 1, path);
	db->backing_up = true;
	(void)db_run(query);
	db->backing_up = false;
	status = db->status;
	if (status != STATUS_OK) {
		error_set(err, "%s: %s", path, db->error.text);
		db_clear(db);
	} else {
		status = sync_file(path, err);
	}
	if (status == STATUS_OK)
		status = path_sync_folder(path, err);
	if (status != STATUS_OK)
		(void)unlink(path);
	return status;
}

enum status db_backup_open(struct db *db, int *ret_fd, struct error *err)
{
	const char *database = db_path(db);
	enum status status;
	char *path;

	if (!database)
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

int64_t db_size(struct db *db)
{
	return ask_number(db, "SELECT page_count * page_size FROM pragma_page_count, "
			      "pragma_page_size");
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
		(void)db_execute(db, text);
		(void)db_execute(db, numbers);
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
	/* It begins as a database does: sound_file() has looked. */
	case STATUS_INVALID:
	case STATUS_DAMAGED:
		return sound_damaged(path, sqlite3_errmsg(db->handle), err);
	default:
		if (system_errno != 0)
			error_set(err, "%s: %s (%s)", path, db->error.text, strerror(system_errno));
		else
			error_set(err, "%s: %s", path, db->error.text);
	}
	return db->status;
}

/* Whose is it, and of which version? */
static enum status identify(struct db *db, const char *path, int newest, int *ret_version,
			    struct error *err)
{
	int64_t application, version, tables;

	application = ask_number(db, "PRAGMA application_id");
	version = ask_number(db, "PRAGMA user_version");
	tables = ask_number(db, "SELECT count(*) FROM sqlite_schema");
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

/* Its own count of the memory in use takes a lock with each allocation, and nobody asks for it. */
static void configure_engine(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* sqlite3_open_v2() of an engine that is set up. */
static int open_engine(const char *name, sqlite3 **ret_handle, int flags)
{
	static pthread_once_t configured = PTHREAD_ONCE_INIT;

	(void)pthread_once(&configured, configure_engine);
	return sqlite3_open_v2(name, ret_handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
}

/* The connection; a file that may only be read is refused, because SQLite would open it all the
 * same. */
static enum status connect_to(struct db *db, const char *path, struct error *err)
{
	const int code = open_engine(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

	if (code != SQLITE_OK) {
		const int system_errno = db->handle ? sqlite3_system_errno(db->handle) : 0;

		return error_fail(err, STATUS_FAILED, "%s: %s", path,
				  system_errno ? strerror(system_errno) : sqlite3_errstr(code));
	}
	if (sqlite3_db_readonly(db->handle, "main") == 1)
		return error_fail(err, STATUS_FAILED, "%s: may be read but not written (%s)", path,
				  strerror(EACCES));
	sqlite3_progress_handler(db->handle, PROGRESS_STEPS, db_count_progress, db);
	/* Until it is known to be sound, closing it must not write what its log holds. */
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, 0);
	return STATUS_OK;
}

/* The schema of that version, in a database in memory. */
static enum status make_reference(const char *schema, int version, struct db **ret_db,
				  struct error *err)
{
	struct db *db = mem_alloc(1, sizeof(*db));
	enum status status = connect_to(db, ":memory:", err);

	for (int n = 1; status == STATUS_OK && n <= version; n++)
		if ((status = migrate_one(db, schema, n)) != STATUS_OK)
			error_set(err, "%s", db_error(db));
	if (status == STATUS_OK)
		*ret_db = db;
	else
		db_close(db);
	return status;
}

static enum status check_schema(struct db *db, const char *path, const char *schema, int version,
				struct error *err)
{
	struct db *reference;
	enum status status = make_reference(schema, version, &reference, err);

	if (status != STATUS_OK)
		return status;
	status = sound_schema(db, reference, path, err);
	if (db->status != STATUS_OK)
		status = opening_failed(db, path, err);
	db_close(reference);
	return status;
}

/* ---- the mark of a good end ---- */

static bool is_marked(struct db *db)
{
	return ask_number(db, "SELECT count(*) FROM meta WHERE key = '" CLOSED_MARK "'") > 0;
}

/* The mark is gone from the file itself before anything else is written: a copy that somebody takes
 * of the file alone is known for what it is. */
static enum status take_mark(struct db *db, const char *path, struct error *err)
{
	if (is_marked(db))
		(void)db_execute(db, "DELETE FROM meta WHERE key = '" CLOSED_MARK "';"
				     "PRAGMA wal_checkpoint(TRUNCATE)");
	return db->status == STATUS_OK ? STATUS_OK : opening_failed(db, path, err);
}

void db_set_mark(struct db *db)
{
	db_reset_all(db);
	/* Where it fails the next one to open it reads all of it, and that is all. */
	(void)sqlite3_exec(db->handle,
			   "INSERT INTO meta (key, value) VALUES ('" CLOSED_MARK "', '')"
			   " ON CONFLICT DO NOTHING",
			   NULL, NULL, NULL);
}

/* ---- opening: what is there ---- */

/* Looks into the file, holding it alone, without writing. */
static enum status inspect(struct db *db, const char *path, const char *schema, int *ret_version,
			   struct error *err)
{
	enum status status;

	(void)db_execute(db, "PRAGMA locking_mode = EXCLUSIVE");
	(void)db_execute(db, "BEGIN EXCLUSIVE");
	status = identify(db, path, schema_newest(schema), ret_version, err);
	if (status == STATUS_OK && *ret_version > 0)
		status = check_schema(db, path, schema, *ret_version, err);
	if (status == STATUS_OK && *ret_version > 0 && !is_marked(db)) {
		db->checked = true;
		status = sound_pages(db, false, path, err);
	}
	if (status == STATUS_OK && db->status != STATUS_OK)
		status = opening_failed(db, path, err);
	db_rollback(db);
	return status;
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
	(void)db_execute(db, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
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
	enum status status = inspect(db, path, schema, &version, err);

	if (status == STATUS_OK)
		status = set_journal(db, path, err);
	if (status == STATUS_OK && version > 0)
		status = take_mark(db, path, err);
	if (status == STATUS_OK && version > 0 && version < newest && strcmp(path, ":memory:") != 0)
		status = keep_copy(db, path, version, err);
	for (int n = version + 1; status == STATUS_OK && n <= newest; n++)
		if ((status = migrate_one(db, schema, n)) != STATUS_OK)
			status = opening_failed(db, path, err);
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
	char *folder = path_folder(path), *us = user_name(geteuid()), *them = NULL;
	enum status status = STATUS_OK;
	struct stat st;

	if (stat(folder, &st) != 0 && errno == ENOENT) {
		status = error_fail(err, STATUS_FAILED,
				    "%s: there is no folder %s; make it, as %s: mkdir -m 700 %s",
				    path, folder, us, folder);
	} else if (stat(folder, &st) != 0) {
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
	free(folder);
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
		status = sound_file(path, err);
	if (status == STATUS_DAMAGED)
		sound_advise(path, err);
	if (status == STATUS_OK && path[0] == '/')
		status = create_file(path, true, err);
	if (status != STATUS_OK)
		return status;
	db = mem_alloc(1, sizeof(*db));
	status = connect_to(db, path, err);
	if (status == STATUS_OK)
		status = bring_up(db, path, schema, err);
	if (status == STATUS_DAMAGED)
		sound_advise(path, err);
	if (status != STATUS_OK) {
		db_close(db);
		return status;
	}
	db->is_open = true;
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	*ret_db = db;
	return STATUS_OK;
}

enum status db_open(const char *url, struct db **ret_db, struct error *err)
{
	return db_open_schema(url, schema_sqlite, ret_db, err);
}

/* "?", "#" and "%" mean something in a URI. */
static char *uri_of(const char *path)
{
	struct buf uri = buf_make(2 * PATH_MAX * 3);

	buf_adds(&uri, "file:");
	for (const char *c = path; *c; c++)
		if (*c == '?' || *c == '#' || *c == '%')
			buf_addf(&uri, "%%%02X", (unsigned char)*c);
		else
			buf_addc(&uri, *c);
	/* Nobody writes to it: no lock is taken, and no log is looked for. */
	buf_adds(&uri, "?immutable=1");
	return buf_take(&uri);
}

static enum status connect_to_copy(struct db *db, const char *path, struct error *err)
{
	char *uri = uri_of(path);
	const int code = open_engine(uri, &db->handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);

	free(uri);
	if (code != SQLITE_OK)
		return error_fail(err, STATUS_FAILED, "%s: %s", path, sqlite3_errstr(code));
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_progress_handler(db->handle, PROGRESS_STEPS, db_count_progress, db);
	(void)db_execute(db, "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY");
	return db->status == STATUS_OK ? STATUS_OK : opening_failed(db, path, err);
}

enum status db_open_copy(const char *path, struct db **ret_db, int *ret_version, struct error *err)
{
	struct db *db = mem_alloc(1, sizeof(*db));
	int version = 0;
	enum status status = connect_to_copy(db, path, err);

	if (status == STATUS_OK)
		status = identify(db, path, schema_newest(schema_sqlite), &version, err);
	if (status == STATUS_OK && version == 0)
		status = error_fail(err, STATUS_INVALID, "%s: is an empty database", path);
	if (status == STATUS_OK)
		status = check_schema(db, path, schema_sqlite, version, err);
	if (status != STATUS_OK) {
		db_close(db);
		return status;
	}
	*ret_version = version;
	*ret_db = db;
	return STATUS_OK;
}
