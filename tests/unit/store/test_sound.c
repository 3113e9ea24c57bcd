/* A database that is not what it was: it is refused, with what to do, and stays as it is. */
#include "road.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "store/backup.h"

#define PAGE 4096

struct place {
	char folder[64], path[96], url[128];
};

static int place_make(void **state)
{
	struct place *place = mem_alloc(1, sizeof(*place));

	strcpy(place->folder, "/tmp/cadence-sound-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->path, sizeof(place->path), "%s/cadenced.db", place->folder);
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

static struct db *open_or_fail(const struct place *place)
{
	struct db *db = NULL;
	struct error err = {{0}};

	if (db_open(place->url, &db, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return db;
}

/* A database of some hundred pages, closed well. */
static void make(const struct place *place)
{
	struct db *db = open_or_fail(place);
	struct query *query = db_query(
	    db, "INSERT INTO history (at, actor, verb, detail) WITH RECURSIVE n(i) AS (VALUES (1)"
		" UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i, 'conf', 'x',"
		" printf('%064d', i) FROM n");

	assert_int_equal(db_begin(db), STATUS_OK);
	assert_int_equal(db_run(query), 5000);
	assert_int_equal(db_commit(db), STATUS_OK);
	db_close(db);
}

static void shell(const char *format, const struct place *place)
{
	char *command = mem_printf("d=%s; %s", place->folder, format);

	assert_int_equal(system(command), 0);
	free(command);
}

/* As a crash leaves it: the file and its log, as they were before the one that had them ended. */
static void crash(const struct place *place)
{
	struct db *db = open_or_fail(place);

	assert_int_equal(db_begin(db), STATUS_OK);
	db_run(db_query(db, "INSERT INTO meta VALUES ('written', 'late')"));
	assert_int_equal(db_commit(db), STATUS_OK);
	shell("cp -r $d $d.crashed", place);
	db_close(db);
	shell("rm -r $d && mv $d.crashed $d", place);
}

static void overwrite(const struct place *place, off_t at, const char *bytes, size_t len)
{
	const int fd = open(place->path, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, at), len);
	close(fd);
}

/* Every file there, one after the other; the caller frees. */
static char *all_bytes(const struct place *place, size_t *ret_len)
{
	char *command = mem_printf(
	    "cd %s && cat cadenced.db && if [ -e cadenced.db-wal ]; then cat cadenced.db-wal; fi",
	    place->folder);
	FILE *pipe = popen(command, "r");
	struct buf bytes = buf_make(64 << 20);
	char chunk[65536];
	size_t got;

	while ((got = fread(chunk, 1, sizeof(chunk), pipe)) > 0)
		buf_add(&bytes, chunk, got);
	pclose(pipe);
	free(command);
	*ret_len = bytes.len;
	return buf_take(&bytes);
}

static void assert_refused(const struct place *place, enum status wanted, const char *say,
			   const char *advice)
{
	struct db *db = NULL;
	struct error err = {{0}};
	size_t before_len, after_len;
	char *before = all_bytes(place, &before_len), *after;

	assert_int_equal(db_open(place->url, &db, &err), wanted);
	assert_null(db);
	if (!strstr(err.text, say) || !strstr(err.text, advice) || !strstr(err.text, place->path))
		fail_msg("%s", err.text);
	assert_null(strchr(err.text, '\n'));
	after = all_bytes(place, &after_len);
	assert_int_equal(before_len, after_len);
	assert_memory_equal(before, after, before_len);
	free(before);
	free(after);
}

static void test_a_database_that_was_closed_is_not_read_as_a_whole(void **state)
{
	struct place *place = *state;

	make(place);
	struct db *db = open_or_fail(place);
	assert_false(db_was_checked(db));
	db_close(db);
}

static void test_after_a_crash_all_of_it_is_read_once(void **state)
{
	struct place *place = *state;

	make(place);
	crash(place);
	struct db *db = open_or_fail(place);
	assert_true(db_was_checked(db));
	struct query *query = db_query(db, "SELECT count(*) FROM meta WHERE key = 'written'");
	assert_true(db_step(query));
	assert_int_equal(db_int(query, 0), 1);
	db_end(query);
	db_close(db);
	db = open_or_fail(place);
	assert_false(db_was_checked(db));
	db_close(db);
}

/* Whoever copies the file alone while it is open gets one that is read as a whole. */
static void test_the_file_of_an_open_database_bears_no_mark(void **state)
{
	struct place *place = *state;

	make(place);
	struct db *db = open_or_fail(place);
	shell("cp $d/cadenced.db $d/cadenced.db.copy", place);
	db_close(db);
	strcat(place->path, ".copy");
	strcat(place->url, ".copy");
	db = open_or_fail(place);
	assert_true(db_was_checked(db));
	db_close(db);
}

static void test_a_damaged_page_is_found_after_a_crash(void **state)
{
	struct place *place = *state;
	static char noise[PAGE];

	make(place);
	crash(place);
	memset(noise, 0x5a, sizeof(noise));
	overwrite(place, 60 * PAGE, noise, sizeof(noise));
	assert_refused(place, STATUS_DAMAGED, "is damaged: ", "nothing was written to it");
	assert_refused(place, STATUS_DAMAGED, "is damaged: ", "No backup lies in ");
}

static void test_a_file_that_was_cut_off_is_refused_after_a_good_end_too(void **state)
{
	struct place *place = *state;

	make(place);
	assert_int_equal(truncate(place->path, 20 * PAGE), 0);
	assert_refused(place, STATUS_DAMAGED, "it is cut off after 81920 of ",
		       "cadencectl restore");
}

static void test_a_file_that_was_cut_off_is_refused_after_a_crash(void **state)
{
	struct place *place = *state;

	make(place);
	crash(place);
	assert_int_equal(truncate(place->path, 20 * PAGE), 0);
	assert_refused(place, STATUS_DAMAGED, "is damaged: ", "cadencectl restore");
}

/* The engine would throw the log away, and with it what had been promised. */
static void test_a_file_that_was_cut_to_nothing_keeps_its_log(void **state)
{
	struct place *place = *state;

	make(place);
	crash(place);
	assert_int_equal(truncate(place->path, 0), 0);
	assert_refused(place, STATUS_DAMAGED, "is empty, though", "cadencectl restore");
}

static void test_a_header_that_is_overwritten_is_refused(void **state)
{
	static const struct {
		off_t at;
		const char *bytes;
		size_t len;
		const char *say;
		enum status status;
	} cases[] = {
	    {0, "\0\0\0\0", 4, "its beginning is damaged", STATUS_INVALID},
	    {16, "\x12\x34", 2, "names no size of pages", STATUS_DAMAGED},
	    {18, "\x7f\x7f", 2, "is damaged: ", STATUS_DAMAGED},
	    {21, "\x01\x02\x03", 3, "is damaged: ", STATUS_DAMAGED},
	    {100, "\xff\xff\xff\xff\xff", 5, "is damaged: ", STATUS_DAMAGED},
	};
	struct place *place = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make(place);
		overwrite(place, cases[i].at, cases[i].bytes, cases[i].len);
		assert_refused(place, cases[i].status, cases[i].say, "cadencectl restore");
		shell("rm $d/*", place);
		make(place);
		crash(place);
		overwrite(place, cases[i].at, cases[i].bytes, cases[i].len);
		assert_refused(place, cases[i].status, cases[i].say, "cadencectl restore");
		shell("rm $d/*", place);
	}
}

static void test_a_table_or_an_index_that_is_missing_is_refused(void **state)
{
	static const char *const cases[][2] = {
	    {"DROP TABLE misdated", "table misdated is missing"},
	    {"DROP INDEX contact_newest", "index contact_newest is missing"},
	    {"ALTER TABLE partner DROP COLUMN tags", "table partner, column tags is missing"},
	};
	struct place *place = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sqlite3 *handle;

		make(place);
		assert_int_equal(sqlite3_open(place->path, &handle), SQLITE_OK);
		assert_int_equal(sqlite3_exec(handle, cases[i][0], NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_close(handle), SQLITE_OK);
		assert_refused(place, STATUS_DAMAGED, cases[i][1], "cadencectl restore");
		shell("rm $d/*", place);
	}
}

static void test_the_newest_backup_is_named(void **state)
{
	struct place *place = *state;
	char *advice =
	    mem_printf("cadencectl restore %s/backups/cadenced-2026-11-10.db", place->folder);

	make(place);
	shell("mkdir $d/backups && cd $d/backups && touch cadenced-2026-11-09.db "
	      "cadenced-2026-11-10.db cadenced-2026-11-31.db other-2026-12-01.db "
	      "cadenced-2026-12-01.db.x",
	      place);
	overwrite(place, 0, "x", 1);
	assert_refused(place, STATUS_DAMAGED, "does not begin as a database does", advice);
	/* Nor is a new one begun in the place of one that is gone. */
	assert_int_equal(truncate(place->path, 0), 0);
	assert_refused(place, STATUS_DAMAGED, "is empty", advice);
	free(advice);
}

/* What is found while it runs is not cleared, and nothing is written from then on. */
static void test_damage_that_is_met_later_ends_all_writing(void **state)
{
	struct place *place = *state;
	static char noise[PAGE];
	size_t before_len, after_len;

	make(place);
	memset(noise, 0x5a, sizeof(noise));
	for (off_t page = 90; page < 120; page++)
		overwrite(place, page * PAGE, noise, sizeof(noise));
	struct db *db = open_or_fail(place);
	char *before = all_bytes(place, &before_len);
	struct query *query = db_query(db, "SELECT sum(length(detail)) FROM history");
	assert_false(db_step(query));
	assert_int_equal(db_status(db), STATUS_DAMAGED);
	db_clear(db);
	assert_int_equal(db_begin(db), STATUS_DAMAGED);
	db_rollback(db);
	db_close(db);
	char *after = all_bytes(place, &after_len);
	assert_int_equal(before_len, after_len);
	assert_memory_equal(before, after, before_len);
	free(before);
	free(after);
	assert_refused(place, STATUS_DAMAGED, "is damaged: ", "cadencectl restore");
}

/* ---- backups ---- */

static struct backup_facts keep(struct db *db, const struct place *place, day d, size_t count)
{
	struct backup_facts facts = {0};
	struct error err = {{0}};
	char *part = NULL;

	if (backup_copy(db, d, count, &part, &err) != STATUS_OK ||
	    backup_keep(part, place->path, d, count, NULL, &facts, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	free(part);
	return facts;
}

static void test_backups_are_verified_named_after_their_day_and_pruned(void **state)
{
	struct place *place = *state;
	struct backup_facts facts;
	struct stat st;
	struct error err;

	make(place);
	struct db *db = open_or_fail(place);
	assert_int_equal(backup_newest_day(place->path, 20004), DAY_NEVER);
	for (day d = 20000; d < 20005; d++)
		facts = keep(db, place, d, 3);
	assert_int_equal(facts.partners, 0);
	assert_int_equal(facts.newest_contact, DAY_NEVER);
	assert_true(facts.bytes > 100 * PAGE && facts.schema >= 4);
	assert_int_equal(backup_newest_day(place->path, 20004), 20004);
	for (day d = 20000; d < 20005; d++) {
		char *file = backup_path(place->path, d);

		assert_int_equal(stat(file, &st) == 0, d >= 20002);
		assert_true(d < 20002 || (st.st_mode & 0777) == 0600);
		free(file);
	}
	char *folder = backup_folder(place->path), *newest = backup_newest(place->path);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(backup_verify(newest, NULL, &facts, &err), STATUS_OK);
	/* The one that a daemon has open is not read behind its back. */
	assert_int_equal(db_begin(db), STATUS_OK);
	db_run(db_query(db, "INSERT INTO meta VALUES ('a', 'b')"));
	assert_int_equal(db_commit(db), STATUS_OK);
	assert_int_equal(backup_verify(place->path, NULL, &facts, &err), STATUS_BUSY);
	db_close(db);
	assert_int_equal(backup_verify(place->path, NULL, &facts, &err), STATUS_OK);
	free(folder);
	free(newest);
}

static void test_a_copy_that_is_not_sound_never_gets_a_name(void **state)
{
	struct place *place = *state;
	struct backup_facts facts;
	struct error err = {{0}};
	char *part = NULL;

	make(place);
	struct db *db = open_or_fail(place);
	assert_int_equal(backup_copy(db, 20000, SIZE_MAX, &part, &err), STATUS_OK);
	assert_int_equal(truncate(part, 50 * PAGE), 0);
	assert_int_equal(backup_keep(part, place->path, 20000, 3, NULL, &facts, &err),
			 STATUS_DAMAGED);
	assert_non_null(strstr(err.text, "is cut off"));
	assert_int_not_equal(access(part, F_OK), 0);
	assert_int_equal(backup_newest_day(place->path, 20004), DAY_NEVER);
	free(part);
	db_close(db);
}

/* An index that disagrees with its table shows only when both are read. */
static void test_verifying_compares_indexes_with_their_tables(void **state)
{
	struct place *place = *state;
	struct backup_facts facts;
	struct error err = {{0}};
	sqlite3 *handle;

	make(place);
	assert_int_equal(sqlite3_open(place->path, &handle), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(handle,
			 "INSERT INTO partner (row, id, name, owner, hears, cadence, first_seen)"
			 " VALUES (7, 'acme', 'Acme', 'maria', 'maria', 'standard', 0);"
			 "PRAGMA writable_schema = ON;"
			 "UPDATE sqlite_schema SET sql = replace(sql, '(owner)', '(cadence)')"
			 " WHERE name = 'partner_owner'",
			 NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
	assert_int_equal(backup_verify(place->path, NULL, &facts, &err), STATUS_DAMAGED);
	assert_non_null(strstr(err.text, "partner_owner"));
}

static void test_what_is_no_database_is_not_verified(void **state)
{
	struct place *place = *state;
	struct backup_facts facts;
	struct error err = {{0}};

	assert_int_equal(backup_verify(place->path, NULL, &facts, &err), STATUS_NOT_FOUND);
	const int fd = open(place->path, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(backup_verify(place->path, NULL, &facts, &err), STATUS_INVALID);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(backup_verify(place->path, NULL, &facts, &err), STATUS_INVALID);
	close(fd);
	assert_int_equal(backup_verify(place->folder, NULL, &facts, &err), STATUS_FAILED);
}

static void test_verifying_and_copying_are_broken_off(void **state)
{
	struct place *place = *state;
	struct backup_facts facts;
	struct error err = {{0}};
	atomic_bool stop;
	char *part = NULL;

	atomic_init(&stop, true);
	make(place);
	struct db *db = open_or_fail(place);
	struct query *query = db_query(
	    db, "INSERT INTO history (at, actor, verb) WITH RECURSIVE n(i) AS (VALUES (1)"
		" UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i, 'conf', 'x' FROM n");
	assert_int_equal(db_begin(db), STATUS_OK);
	assert_int_equal(db_run(query), 100000);
	assert_int_equal(db_commit(db), STATUS_OK);
	assert_int_equal(backup_copy(db, 20000, SIZE_MAX, &part, &err), STATUS_OK);
	assert_int_equal(backup_keep(part, place->path, 20000, 3, &stop, &facts, &err),
			 STATUS_FAILED);
	assert_int_not_equal(access(part, F_OK), 0);
	free(part);
	db_break_off(db);
	assert_int_equal(backup_copy(db, 20000, SIZE_MAX, &part, &err), STATUS_FAILED);
	/* Whatever else is to be done still is. */
	assert_int_equal(db_begin(db), STATUS_OK);
	assert_int_equal(db_run(db_query(db, "DELETE FROM history")), 105000);
	assert_int_equal(db_commit(db), STATUS_OK);
	db_close(db);
	assert_int_equal(backup_newest_day(place->path, 20004), DAY_NEVER);
}

static void test_the_backup_of_today_outlives_days_that_have_not_come(void **state)
{
	struct place *place = *state;

	make(place);
	struct db *db = open_or_fail(place);
	(void)keep(db, place, 20400, 2);
	(void)keep(db, place, 20401, 2);
	/* The clock was wrong, and is right now. */
	(void)keep(db, place, 20000, 2);
	char *today = backup_path(place->path, 20000), *ahead = backup_path(place->path, 20400);
	assert_int_equal(access(today, F_OK), 0);
	assert_int_not_equal(access(ahead, F_OK), 0);
	free(today);
	free(ahead);
	db_close(db);
}

static void test_a_long_statement_shows_that_it_goes_on(void **state)
{
	struct place *place = *state;
	struct error err = {{0}};
	char *part = NULL;

	make(place);
	struct db *db = open_or_fail(place);
	struct query *query = db_query(
	    db, "INSERT INTO history (at, actor, verb) WITH RECURSIVE n(i) AS (VALUES (1)"
		" UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i, 'conf', 'x' FROM n");
	assert_int_equal(db_begin(db), STATUS_OK);
	assert_int_equal(db_run(query), 100000);
	assert_int_equal(db_commit(db), STATUS_OK);
	const unsigned before = db_progress(db);
	assert_int_equal(backup_copy(db, 20000, SIZE_MAX, &part, &err), STATUS_OK);
	assert_true(db_progress(db) > before);
	free(part);
	db_close(db);
}

/* The engine's first pages of a file that was empty, half of the first one, and its
	       journal. */
static void crash_while_made(const struct place *place)
{
	sqlite3 *raw;

	assert_int_equal(sqlite3_open(place->path, &raw), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(raw,
			 "PRAGMA cache_size = 1; BEGIN; CREATE TABLE t (x);"
			 " INSERT INTO t WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL"
			 " SELECT i + 1 FROM n WHERE i < 500) SELECT zeroblob(1000) FROM n",
			 NULL, NULL, NULL),
	    SQLITE_OK);
	shell("cp -r $d $d.crashed", place);
	sqlite3_close(raw);
	shell("rm -r $d && mv $d.crashed $d && truncate -s 2048 $d/cadenced.db", place);
}

static void test_half_a_first_page_is_no_damage_but_where_a_backup_is(void **state)
{
	const struct place *place = *state;
	struct db *db;
	struct error err;

	crash_while_made(place);
	shell("test -s $d/cadenced.db-journal && mkdir $d/backups && touch "
	      "$d/backups/cadenced-2026-11-23.db",
	      place);
	assert_int_equal(db_open(place->url, &db, &err), STATUS_DAMAGED);
	shell("test $(stat -c %s $d/cadenced.db) = 2048 && rm -r $d/backups", place);
	db = open_or_fail(place);
	struct query *query =
	    db_query(db, "SELECT count(*) FROM sqlite_schema WHERE name IN ('t', 'partner')");
	assert_true(db_step(query));
	assert_int_equal(db_int(query, 0), 1);
	db_end(query);
	db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define PLACED(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)
	    PLACED(test_half_a_first_page_is_no_damage_but_where_a_backup_is),
	    PLACED(test_a_database_that_was_closed_is_not_read_as_a_whole),
	    PLACED(test_after_a_crash_all_of_it_is_read_once),
	    PLACED(test_the_file_of_an_open_database_bears_no_mark),
	    PLACED(test_a_damaged_page_is_found_after_a_crash),
	    PLACED(test_a_file_that_was_cut_off_is_refused_after_a_good_end_too),
	    PLACED(test_a_file_that_was_cut_off_is_refused_after_a_crash),
	    PLACED(test_a_file_that_was_cut_to_nothing_keeps_its_log),
	    PLACED(test_a_header_that_is_overwritten_is_refused),
	    PLACED(test_a_table_or_an_index_that_is_missing_is_refused),
	    PLACED(test_the_newest_backup_is_named),
	    PLACED(test_damage_that_is_met_later_ends_all_writing),
	    PLACED(test_backups_are_verified_named_after_their_day_and_pruned),
	    PLACED(test_a_copy_that_is_not_sound_never_gets_a_name),
	    PLACED(test_verifying_compares_indexes_with_their_tables),
	    PLACED(test_what_is_no_database_is_not_verified),
	    PLACED(test_verifying_and_copying_are_broken_off),
	    PLACED(test_the_backup_of_today_outlives_days_that_have_not_come),
	    PLACED(test_a_long_statement_shows_that_it_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
