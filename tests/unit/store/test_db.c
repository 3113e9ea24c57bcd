/* The seam to the database: parameters, sticky failure, points, and what it says of files that are
 * not ours. */
#include "road.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "store/schema.h"

struct place {
	char folder[64], path[96], url[128];
};

static int place_make(void **state)
{
	struct place *place = mem_alloc(1, sizeof(*place));

	strcpy(place->folder, "/tmp/cadence-db-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->path, sizeof(place->path), "%s/a.db", place->folder);
	snprintf(place->url, sizeof(place->url), "sqlite://%s", place->path);
	*state = place;
	return 0;
}

static int place_remove(void **state)
{
	struct place *place = *state;
	char *command = mem_printf("rm -r %s", place->folder);

	assert_int_equal(system(command), 0);
	free(command);
	free(place);
	return 0;
}

static struct db *open_or_fail(const char *url)
{
	struct db *db = NULL;
	struct error err = {{0}};

	if (db_open(url, &db, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return db;
}

static int64_t number(struct db *db, const char *sql)
{
	struct query *query = db_query(db, sql);
	const int64_t value = db_step(query) ? db_int(query, 0) : -1;

	db_end(query);
	return value;
}

/* Runs SQL on the file as another program would. */
static void as_another_program(const char *path, const char *sql)
{
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

static char *content(const char *path, size_t *ret_len)
{
	struct stat status;
	const int fd = open(path, O_RDONLY);
	char *bytes;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	*ret_len = (size_t)status.st_size;
	bytes = mem_alloc(*ret_len + 1, 1);
	assert_int_equal(read(fd, bytes, *ret_len), *ret_len);
	close(fd);
	return bytes;
}

/* Opening fails with this status, and words that hold `say`; not a byte of the file changes. */
static void assert_refused(const struct place *place, enum status wanted, const char *say)
{
	struct db *db = NULL;
	struct error err = {{0}};
	size_t before_len, after_len;
	char *before = content(place->path, &before_len), *after;

	assert_int_equal(db_open(place->url, &db, &err), wanted);
	assert_null(db);
	assert_non_null(strstr(err.text, say));
	assert_non_null(strstr(err.text, place->path));
	assert_null(strchr(err.text, '\n'));
	after = content(place->path, &after_len);
	assert_int_equal(before_len, after_len);
	assert_memory_equal(before, after, before_len);
	free(before);
	free(after);
}

static void test_parameters_are_bound_by_number_whatever_their_order(void **unused)
{
	struct db *db = open_or_fail("sqlite::memory:");
	struct query *query = db_query(db, "SELECT $2, $1, $2");

	(void)unused;
	db_bind(query, 1, 1);
	db_bind_text(query, 2, "two");
	assert_true(db_step(query));
	assert_string_equal(db_text(query, 0), "two");
	assert_int_equal(db_int(query, 1), 1);
	assert_string_equal(db_text(query, 2), "two");
	assert_false(db_step(query));
	db_close(db);
}

static void test_a_statement_made_again_has_forgotten_its_parameters(void **unused)
{
	static const char sql[] = "SELECT $1";
	struct db *db = open_or_fail("sqlite::memory:");
	struct query *first = db_query(db, sql);

	(void)unused;
	db_bind(first, 1, 7);
	assert_true(db_step(first));
	assert_ptr_equal(db_query(db, sql), first);
	assert_true(db_step(first));
	assert_true(db_is_null(first, 0));
	assert_null(db_text(first, 0));
	assert_int_equal(db_int(first, 0), 0);
	db_close(db);
}

static void test_the_first_failure_sticks_until_it_is_cleared(void **unused)
{
	struct db *db = open_or_fail("sqlite::memory:");

	(void)unused;
	assert_false(db_step(db_query(db, "SELECT nothing FROM nowhere")));
	assert_int_equal(db_status(db), STATUS_FAILED);
	assert_non_null(strstr(db_error(db), "nowhere"));
	assert_false(db_step(db_query(db, "SELECT 1")));
	assert_int_equal(db_run(db_query(db, "DELETE FROM meta")), 0);
	assert_non_null(strstr(db_error(db), "nowhere"));
	db_clear(db);
	assert_int_equal(number(db, "SELECT 1"), 1);
	/* A parameter that the text does not have. */
	db_bind(db_query(db, "SELECT 1"), 1, 1);
	assert_int_equal(db_status(db), STATUS_FAILED);
	db_close(db);
}

static void test_a_broken_promise_of_the_schema_is_a_conflict(void **unused)
{
	struct db *db = open_or_fail("sqlite::memory:");
	static const char sql[] = "INSERT INTO meta VALUES ('k', 'v')";

	(void)unused;
	assert_int_equal(db_run(db_query(db, sql)), 1);
	assert_int_equal(db_run(db_query(db, sql)), 0);
	assert_int_equal(db_status(db), STATUS_CONFLICT);
	db_clear(db);
	assert_int_equal(db_run(db_query(db, "INSERT INTO contact (partner, day, kind, direction,"
					     " counts, source, identity, actor, entered)"
					     " VALUES (9, 1, 'a', 'b', 1, 'c', 'd', 'e', 1)")),
			 0);
	assert_int_equal(db_status(db), STATUS_CONFLICT);
	db_close(db);
}

static void test_points_nest_and_go_back_alone(void **unused)
{
	struct db *db = open_or_fail("sqlite::memory:");

	(void)unused;
	assert_int_equal(db_begin(db), STATUS_OK);
	assert_int_equal(db_point(db), STATUS_OK);
	db_run(db_query(db, "INSERT INTO meta VALUES ('outer', '')"));
	assert_int_equal(db_point(db), STATUS_OK);
	db_run(db_query(db, "INSERT INTO meta VALUES ('inner', '')"));
	db_run(db_query(db, "wrong"));
	db_point_undo(db);
	db_clear(db);
	db_point_keep(db);
	assert_int_equal(db_commit(db), STATUS_OK);
	assert_int_equal(number(db, "SELECT count(*) FROM meta WHERE key = 'outer'"), 1);
	assert_int_equal(number(db, "SELECT count(*) FROM meta WHERE key = 'inner'"), 0);
	db_close(db);
}

static void test_a_loop_left_half_way_does_not_stop_the_commit(void **unused)
{
	struct db *db = open_or_fail("sqlite::memory:");

	(void)unused;
	assert_int_equal(db_begin(db), STATUS_OK);
	assert_true(db_step(db_query(db, "INSERT INTO meta VALUES ('a', ''), ('b', '')"
					 " RETURNING key")));
	assert_int_equal(db_commit(db), STATUS_OK);
	assert_int_equal(number(db, "SELECT count(*) FROM meta"), 2);
	db_close(db);
}

static void test_a_transaction_the_engine_threw_away_is_noticed(void **unused)
{
	struct db *db = open_or_fail("sqlite::memory:");

	(void)unused;
	assert_int_equal(db_begin(db), STATUS_OK);
	db_run(db_query(db, "INSERT INTO meta VALUES ('a', '')"));
	assert_false(db_lost_transaction(db));
	db_run(db_query(db, "INSERT OR ROLLBACK INTO meta VALUES ('a', '')"));
	assert_true(db_lost_transaction(db));
	db_clear(db);
	assert_int_equal(db_commit(db), STATUS_FAILED);
	db_clear(db);
	assert_int_equal(number(db, "SELECT count(*) FROM meta"), 0);
	db_close(db);
}

static void test_a_second_opener_is_told_that_it_is_already_running(void **state)
{
	struct place *place = *state;
	struct db *db = open_or_fail(place->url), *second = NULL;
	struct error err = {{0}};

	assert_int_equal(db_open(place->url, &second, &err), STATUS_BUSY);
	assert_null(second);
	assert_non_null(strstr(err.text, "already running (another cadenced has this database)"));
	db_close(db);
	db_close(open_or_fail(place->url));
}

static void test_the_file_is_for_its_owner_alone(void **state)
{
	struct place *place = *state;
	struct stat status;
	char *wal = mem_printf("%s-wal", place->path);
	struct db *db = open_or_fail(place->url);

	assert_int_equal(stat(place->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(stat(wal, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	free(wal);
	db_close(db);
}

static void test_what_is_committed_is_durable_and_the_settings_hold(void **state)
{
	struct place *place = *state;
	struct db *db = open_or_fail(place->url);

	assert_int_equal(number(db, "PRAGMA synchronous"), 2);
	assert_int_equal(number(db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(number(db, "PRAGMA user_version"), 7);
	db_run(db_query(db, "INSERT INTO meta VALUES ('kept', 'yes')"));
	db_close(db);
	db = open_or_fail(place->url);
	assert_int_equal(number(db, "SELECT count(*) FROM meta WHERE key = 'kept'"), 1);
	db_close(db);
}

static void test_an_empty_file_becomes_a_database(void **state)
{
	struct place *place = *state;
	const int fd = open(place->path, O_CREAT | O_WRONLY, 0600);

	assert_true(fd >= 0);
	close(fd);
	db_close(open_or_fail(place->url));
}

static void test_a_file_that_is_no_database_is_refused_untouched(void **state)
{
	struct place *place = *state;
	FILE *file = fopen(place->path, "w");

	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("this is a letter, not a database\n", file);
	fclose(file);
	assert_refused(place, STATUS_INVALID, "is not a database of cadenced");
}

static void test_another_programs_database_is_refused_untouched(void **state)
{
	struct place *place = *state;

	as_another_program(place->path, "CREATE TABLE bookmarks (url TEXT)");
	assert_refused(place, STATUS_INVALID, "another program");
}

static void test_a_newer_schema_is_refused_untouched(void **state)
{
	struct place *place = *state;

	db_close(open_or_fail(place->url));
	as_another_program(place->path, "PRAGMA journal_mode = DELETE; PRAGMA user_version = 99");
	assert_refused(place, STATUS_NEWER, "newer version");
}

static void test_a_folder_that_is_not_there_is_named_with_its_reason(void **unused)
{
	struct db *db = NULL;
	struct error err = {{0}};

	(void)unused;
	assert_int_equal(db_open("sqlite:///nowhere/at/all/a.db", &db, &err), STATUS_FAILED);
	assert_non_null(strstr(
	    err.text, "/nowhere/at/all/a.db: there is no folder /nowhere/at/all; make it, as "));
	assert_non_null(strstr(err.text, ": mkdir -m 700 /nowhere/at/all"));
	assert_int_equal(db_open("sqlite:///tmp", &db, &err), STATUS_FAILED);
	assert_string_equal(err.text, "/tmp: Is a directory");
}

static void test_urls_of_another_kind_are_refused(void **unused)
{
	static const char *const urls[] = {"",		 "/tmp/a.db",	"sqlite:",
					   "sqlite://",	 "sqlite:///",	"sqlite://a.db",
					   "postgres:x", "sqlite:a.db", "file:///tmp/a.db"};
	struct db *db = NULL;
	struct error err = {{0}};

	(void)unused;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		assert_int_equal(db_open(urls[i], &db, &err), STATUS_INVALID);
		assert_non_null(strstr(err.text, "sqlite:///path/to/file"));
	}
}

static const char two_migrations[] = "-- head\n-- migration 1\nCREATE TABLE meta (key, value);\n"
				     "-- migration 2\nCREATE TABLE more (x);\n";
static const char first_migration[] = "-- migration 1\nCREATE TABLE meta (key, value);\n";
static const char broken_second[] = "-- migration 1\nCREATE TABLE meta (key, value);\n"
				    "-- migration 2\nCREATE TABLE more (x); nonsense;\n";

static void test_a_migration_keeps_a_copy_and_runs_once(void **state)
{
	struct place *place = *state;
	struct db *db;
	struct error err = {{0}};
	char *copy = mem_printf("%s.schema-1", place->path);
	struct stat status;

	assert_int_equal(db_open_schema(place->url, first_migration, &db, &err), STATUS_OK);
	db_run(db_query(db, "INSERT INTO meta VALUES ('old', 'row')"));
	db_close(db);
	assert_int_equal(db_open_schema(place->url, two_migrations, &db, &err), STATUS_OK);
	assert_int_equal(number(db, "PRAGMA user_version"), 2);
	assert_int_equal(number(db, "SELECT count(*) FROM meta"), 1);
	assert_int_equal(number(db, "SELECT count(*) FROM more"), 0);
	db_close(db);
	assert_int_equal(stat(copy, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(unlink(copy), 0);
	assert_int_equal(db_open_schema(place->url, two_migrations, &db, &err), STATUS_OK);
	db_close(db);
	assert_int_not_equal(stat(copy, &status), 0);
	free(copy);
}

static void test_a_migration_that_fails_leaves_the_old_schema(void **state)
{
	struct place *place = *state;
	struct db *db;
	struct error err = {{0}};

	assert_int_equal(db_open_schema(place->url, first_migration, &db, &err), STATUS_OK);
	db_close(db);
	assert_int_equal(db_open_schema(place->url, broken_second, &db, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "nonsense"));
	assert_int_equal(db_open_schema(place->url, first_migration, &db, &err), STATUS_OK);
	assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'more'"), 0);
	db_close(db);
}

/* A database as the first two migrations left it, with a partner that refers to all and is referred
 * to by all. */
static void make_schema_2(const struct place *place)
{
	static const char *const rows[] = {
	    "INSERT INTO partner (row, id, name, owner, hears, cadence, first_seen)"
	    " VALUES (7, 'acme', 'Acme', 'maria', 'maria', 'standard', 0)",
	    "INSERT INTO contact (id, partner, day, kind, direction, counts, source, identity,"
	    " actor, entered) VALUES (17, 7, 1, 'call', 'both', 1, 'csv', 'a', 'conf', 1)",
	    "INSERT INTO answer VALUES (7, 'snooze', 1, 2, NULL, 'conf', 1, 17)",
	    "INSERT INTO nudge (id, partner, rule, base, raised, state)"
	    " VALUES (5, 7, 'contact', 1, 1, 'cold')",
	    "INSERT INTO told VALUES (5, 'maria', 2, 1, 'cold', 0)",
	    "INSERT INTO digest (id, owner, day, kind) VALUES (3, 'maria', 2, 'nudges')",
	    "INSERT INTO digest_nudge (digest, nudge, state) VALUES (3, 5, 'cold')",
	    "INSERT INTO outbox (key, kind, state, channel, digest, next_try, created, document)"
	    " VALUES ('d', 'digest', 'retry', 'mail', 3, 1, 1, '{}')",
	    "INSERT INTO outbox (key, kind, state, channel, nudge, next_try, created, document)"
	    " VALUES ('event|5|1|crm', 'event', 'retry', 'crm', 5, 1, 1, '{\"at\":1795424400000,"
	    "\"data\":{\"nudge\":5},\"kind\":\"event\",\"type\":\"nudge.raised\"}')",
	    "INSERT INTO sched VALUES (0, 7)",
	    "INSERT INTO misdated VALUES ('contact.day', 17, '', 9)",
	    "INSERT INTO history (at, actor, verb, partner) VALUES (1, 'conf', 'x', 7)",
	    /* A nudge that was erased had been told to a hook. */
	    "INSERT INTO history (at, actor, verb, key) VALUES (1, 'conf', 'y', 'event|12|3|crm')",
	};
	char *schema = mem_strndup(
	    schema_sqlite, (size_t)(strstr(schema_sqlite, "-- migration 3") - schema_sqlite));
	struct db *db;
	struct error err;

	assert_int_equal(db_open_schema(place->url, schema, &db, &err), STATUS_OK);
	assert_int_equal(number(db, "PRAGMA user_version"), 2);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(db_run(db_query(db, rows[i])), 1);
	db_close(db);
	free(schema);
}

static char *schema_of(struct db *db)
{
	struct query *query =
	    db_query(db, "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema"
			 " WHERE sql IS NOT NULL ORDER BY type, name)");
	char *text;

	assert_true(db_step(query));
	text = mem_strdup(db_text(query, 0));
	db_end(query);
	return text;
}

static void test_a_database_of_schema_2_keeps_its_rows_and_becomes_like_a_new_one(void **state)
{
	static const char *const tables[][2] = {
	    {"partner", "SELECT count(*) FROM partner WHERE row = 7 AND id = 'acme'"},
	    {"contact", "SELECT count(*) FROM contact WHERE id = 17 AND partner = 7"},
	    {"answer", "SELECT count(*) FROM answer WHERE partner = 7 AND mark = 17"},
	    {"nudge", "SELECT count(*) FROM nudge WHERE id = 5 AND partner = 7"},
	    {"told", "SELECT count(*) FROM told WHERE nudge = 5"},
	    {"digest_nudge", "SELECT count(*) FROM digest_nudge WHERE nudge = 5 AND digest = 3"},
	    {"outbox", "SELECT count(*) FROM outbox WHERE nudge = 5"},
	    {"sched", "SELECT count(*) FROM sched WHERE partner = 7"},
	};
	struct place *place = *state;
	struct db *db, *new = open_or_fail("sqlite::memory:");
	char *migrated, *made;

	make_schema_2(place);
	db = open_or_fail(place->url);
	assert_int_equal(number(db, "PRAGMA user_version"), 7);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (number(db, tables[i][1]) != 1)
			fail_msg("%s has lost its row", tables[i][0]);
	assert_int_equal(number(db, "SELECT count(*) FROM outbox WHERE schedule_from <> created"),
			 0);
	/* Events are the bodies that are posted. */
	assert_int_equal(
	    number(db, "SELECT count(*) FROM outbox WHERE nudge = 5 AND document ="
		       " '{\"type\":\"nudge.raised\",\"timestamp\":\"2026-11-23T09:00:00Z\","
		       "\"data\":{\"nudge\":5}}'"),
	    1);
	/* Its rhythm is not known yet: the contacts tell, until the next judgement keeps it. */
	assert_int_equal(number(db, "SELECT count(*) FROM partner WHERE met IS NULL"), 1);
	assert_false(db_step(db_query(db, "PRAGMA foreign_key_check")));
	assert_int_equal(number(db, "SELECT count(*) FROM pragma_integrity_check"
				    " WHERE integrity_check = 'ok'"),
			 1);
	migrated = schema_of(db);
	made = schema_of(new);
	assert_string_equal(migrated, made);
	free(migrated);
	free(made);
	db_close(db);
	db_close(new);
}

static void test_ids_that_were_given_out_are_not_given_out_again(void **state)
{
	static const char insert_nudge[] =
	    "INSERT INTO nudge (partner, rule, base, raised, state) VALUES (7, 'x', 1, 1, 'due')";
	static const char insert_contact[] =
	    "INSERT INTO contact (partner, day, kind, direction, counts, source, identity, actor,"
	    " entered) VALUES (7, 1, 'call', 'both', 1, 'csv', 'b', 'conf', 1)";
	static const char insert_partner[] =
	    "INSERT INTO partner (id, name, owner, hears, cadence, first_seen)"
	    " VALUES ('b', 'B', 'maria', 'maria', 'standard', 0)";
	struct place *place = *state;
	struct db *db;

	make_schema_2(place);
	db = open_or_fail(place->url);
	for (int64_t more = 1; more <= 2; more++) {
		assert_int_equal(db_run(db_query(db, insert_nudge)), 1);
		assert_int_equal(db_last_row(db), 12 + more);
		assert_int_equal(db_run(db_query(db, "DELETE FROM nudge WHERE id > 5")), 1);
		assert_int_equal(db_run(db_query(db, insert_contact)), 1);
		assert_int_equal(db_last_row(db), 17 + more);
		assert_int_equal(db_run(db_query(db, "DELETE FROM contact WHERE id > 17")), 1);
		assert_int_equal(db_run(db_query(db, insert_partner)), 1);
		assert_int_equal(db_last_row(db), 7 + more);
		assert_int_equal(db_run(db_query(db, "DELETE FROM partner WHERE row > 7")), 1);
	}
	db_close(db);
}

static void test_a_backup_is_whole_private_and_never_overwrites(void **state)
{
	struct place *place = *state;
	struct db *db = open_or_fail(place->url);
	struct error err = {{0}};
	char *path = mem_printf("%s/copy.db", place->folder),
	     *url = mem_printf("sqlite://%s", path);
	struct stat status;

	db_run(db_query(db, "INSERT INTO meta VALUES ('a', 'b')"));
	/* Even while a loop is left half-way. */
	assert_true(db_step(db_query(db, "SELECT key FROM meta")));
	assert_int_equal(db_backup(db, path, &err), STATUS_OK);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(db_backup(db, path, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "File exists"));
	assert_int_equal(db_status(db), STATUS_OK);
	db_close(db);
	db = open_or_fail(url);
	assert_int_equal(number(db, "SELECT count(*) FROM meta WHERE key = 'a'"), 1);
	db_close(db);
	free(path);
	free(url);
}

static void test_a_full_disk_has_a_status_of_its_own(void **unused)
{
	struct db *db = open_or_fail("sqlite::memory:");
	struct query *query;

	(void)unused;
	assert_true(number(db, "PRAGMA max_page_count = 60") > 0);
	query = db_query(db, "INSERT INTO meta VALUES ('big', zeroblob(10000000))");
	assert_int_equal(db_run(query), 0);
	assert_int_equal(db_status(db), STATUS_NO_SPACE);
	assert_non_null(strstr(db_error(db), "full"));
	db_close(db);
}

static void test_the_installations_secret_is_made_once(void **state)
{
	struct place *place = *state;
	struct db *db = open_or_fail(place->url), *other = open_or_fail("sqlite::memory:");
	char first[65], again[65], elsewhere[65];

	assert_int_equal(meta_installation(db, first), STATUS_OK);
	assert_int_equal(strlen(first), 64);
	db_close(db);
	db = open_or_fail(place->url);
	assert_int_equal(meta_installation(db, again), STATUS_OK);
	assert_string_equal(first, again);
	assert_int_equal(meta_installation(other, elsewhere), STATUS_OK);
	assert_string_not_equal(first, elsewhere);
	db_close(db);
	db_close(other);
}

static void test_old_history_is_forgotten_in_portions(void **unused)
{
	struct db *db = open_or_fail("sqlite::memory:");
	struct scene scene = {.actor = "uid 1000"};
	struct arena *arena = arena_new();
	struct history_row *rows;
	size_t count;

	(void)unused;
	for (scene.now = 1; scene.now <= 10; scene.now++)
		history_add(db, &scene, "partner.changed", 3, "maria", NULL, "{}");
	assert_int_equal(history_prune(db, 9, 5), STATUS_OK);
	assert_int_equal(history_of_partner(db, 3, 100, arena, &rows, &count), STATUS_OK);
	assert_int_equal(count, 5);
	assert_int_equal(rows[0].at, 10);
	assert_string_equal(rows[0].actor, "uid 1000");
	assert_int_equal(history_prune(db, 9, 5), STATUS_OK);
	assert_int_equal(history_of_partner(db, 3, 100, arena, &rows, &count), STATUS_OK);
	assert_int_equal(count, 2);
	arena_free(arena);
	db_close(db);
}

static void test_what_is_long_over_is_forgotten_and_what_waits_is_kept(void **unused)
{
	struct db *db = open_or_fail("sqlite::memory:");

	(void)unused;
	db_run(db_query(db, "INSERT INTO partner (row, id, name, owner, hears, cadence, first_seen)"
			    " VALUES (1, 'acme', 'Acme', 'maria', 'maria', 'standard', 0)"));
	/* Nudges: long resolved, resolved but in a digest that waits, open, resolved lately. */
	db_run(db_query(
	    db,
	    "INSERT INTO nudge (id, partner, rule, base, raised, resolved, state) VALUES"
	    " (1, 1, 'contact', 1, 0, 86400000, 'due'), (2, 1, 'contact', 2, 0, 86400000, 'due'),"
	    " (3, 1, 'contact', 3, 0, NULL, 'due'), (4, 1, 'contact', 4, 0, 864000000, 'due')"));
	db_run(db_query(db, "INSERT INTO told SELECT id, 'maria', 1, 1, 'due', 0 FROM nudge"));
	/* Digests: long delivered, lost with a dead delivery that nobody has looked at, open,
	 * delivered lately. */
	db_run(db_query(
	    db, "INSERT INTO digest (id, owner, day, kind, state) VALUES"
		" (1, 'maria', 1, 'nudges', 'delivered'), (2, 'maria', 2, 'nudges', 'lost'),"
		" (3, 'maria', 3, 'nudges', 'open'), (4, 'maria', 10, 'nudges', 'delivered')"));
	db_run(db_query(
	    db,
	    "INSERT INTO digest_nudge (digest, nudge, state) VALUES (1, 1, 'due'), (2, 2, 'due')"));
	db_run(db_query(
	    db,
	    "INSERT INTO outbox (key, kind, state, channel, digest, next_try, created, document)"
	    " VALUES ('k', 'digest', 'dead', 'mail', 2, 0, 0, '{}')"));
	assert_int_equal(history_prune(db, 5 * 86400000LL, 100), STATUS_OK);
	assert_int_equal(number(db, "SELECT count(*) FROM digest WHERE id = 1"), 0);
	assert_int_equal(number(db, "SELECT count(*) FROM digest"), 3);
	assert_int_equal(number(db, "SELECT count(*) FROM nudge WHERE id = 1"), 0);
	assert_int_equal(number(db, "SELECT count(*) FROM nudge"), 3);
	assert_int_equal(number(db, "SELECT count(*) FROM told"), 3);
	assert_int_equal(number(db, "SELECT count(*) FROM digest_nudge"), 1);
	db_close(db);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parameters_are_bound_by_number_whatever_their_order),
	    cmocka_unit_test(test_a_statement_made_again_has_forgotten_its_parameters),
	    cmocka_unit_test(test_the_first_failure_sticks_until_it_is_cleared),
	    cmocka_unit_test(test_a_broken_promise_of_the_schema_is_a_conflict),
	    cmocka_unit_test(test_points_nest_and_go_back_alone),
	    cmocka_unit_test(test_a_loop_left_half_way_does_not_stop_the_commit),
	    cmocka_unit_test(test_a_transaction_the_engine_threw_away_is_noticed),
	    IN_PLACE(test_a_second_opener_is_told_that_it_is_already_running),
	    IN_PLACE(test_the_file_is_for_its_owner_alone),
	    IN_PLACE(test_what_is_committed_is_durable_and_the_settings_hold),
	    IN_PLACE(test_an_empty_file_becomes_a_database),
	    IN_PLACE(test_a_file_that_is_no_database_is_refused_untouched),
	    IN_PLACE(test_another_programs_database_is_refused_untouched),
	    IN_PLACE(test_a_newer_schema_is_refused_untouched),
	    cmocka_unit_test(test_a_folder_that_is_not_there_is_named_with_its_reason),
	    cmocka_unit_test(test_urls_of_another_kind_are_refused),
	    IN_PLACE(test_a_migration_keeps_a_copy_and_runs_once),
	    IN_PLACE(test_a_migration_that_fails_leaves_the_old_schema),
	    IN_PLACE(test_a_database_of_schema_2_keeps_its_rows_and_becomes_like_a_new_one),
	    IN_PLACE(test_ids_that_were_given_out_are_not_given_out_again),
	    IN_PLACE(test_a_backup_is_whole_private_and_never_overwrites),
	    cmocka_unit_test(test_a_full_disk_has_a_status_of_its_own),
	    IN_PLACE(test_the_installations_secret_is_made_once),
	    cmocka_unit_test(test_old_history_is_forgotten_in_portions),
	    cmocka_unit_test(test_what_is_long_over_is_forgotten_and_what_waits_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
