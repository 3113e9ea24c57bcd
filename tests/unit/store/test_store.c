/* The store thread: group commit, jobs that fail alone, jobs that fail together, results in order.
 */
#include "road.h"

#include <poll.h>

#include "store/store.h"

struct seen {
	int jobs, done, failed;
	enum status last;
	struct error reason;
};

static struct store *open_store(void)
{
	struct store *store = NULL;
	struct error err = {{0}};

	if (store_open("sqlite::memory:", &store, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return store;
}

static enum status insert_job(struct db *db, void *arg, struct error *err)
{
	struct query *query = db_query(db, "INSERT INTO meta VALUES (hex(randomblob(8)), 'x')");

	(void)err;
	((struct seen *)arg)->jobs++;
	(void)db_run(query);
	return db_status(db);
}

static enum status refusing_job(struct db *db, void *arg, struct error *err)
{
	(void)insert_job(db, arg, err);
	return error_fail(err, STATUS_INVALID, "no, thank you");
}

/* Fails in the engine and does not look. */
static enum status careless_job(struct db *db, void *arg, struct error *err)
{
	(void)insert_job(db, arg, err);
	(void)db_run(db_query(db, "nonsense"));
	return STATUS_OK;
}

/* Makes the engine throw the whole transaction away. */
static enum status ruinous_job(struct db *db, void *arg, struct error *err)
{
	(void)arg;
	(void)err;
	(void)db_run(db_query(db, "INSERT INTO meta VALUES ('twice', 'x')"));
	(void)db_run(db_query(db, "INSERT OR ROLLBACK INTO meta VALUES ('twice', 'x')"));
	return db_status(db);
}

static enum status count_job(struct db *db, void *arg, struct error *err)
{
	struct query *query = db_query(db, "SELECT count(*) FROM meta");

	(void)err;
	*(int64_t *)arg = db_step(query) ? db_int(query, 0) : -1;
	db_end(query);
	return db_status(db);
}

/* Holds the thread up, so that what is queued meanwhile becomes one batch. */
struct gate {
	int reached[2], opened[2];
};

static enum status gate_job(struct db *db, void *arg, struct error *err)
{
	const struct gate *gate = arg;
	char byte = 0;

	(void)db;
	(void)err;
	return write(gate->reached[1], &byte, 1) == 1 && read(gate->opened[0], &byte, 1) == 1
		   ? STATUS_OK
		   : STATUS_FAILED;
}

/* Returns when the thread stands at the gate, in a batch of its own. */
static void gate_close(struct gate *gate, struct store *store)
{
	char byte;

	assert_int_equal(pipe(gate->reached), 0);
	assert_int_equal(pipe(gate->opened), 0);
	assert_int_equal(store_submit(store, gate_job, NULL, gate), STATUS_OK);
	assert_int_equal(read(gate->reached[0], &byte, 1), 1);
}

static void gate_open(const struct gate *gate)
{
	assert_int_equal(write(gate->opened[1], "", 1), 1);
}

static void gate_forget(const struct gate *gate)
{
	for (int i = 0; i < 2; i++) {
		close(gate->reached[i]);
		close(gate->opened[i]);
	}
}

static void note(enum status status, const struct error *err, void *arg)
{
	struct seen *seen = arg;

	seen->done++;
	seen->failed += status != STATUS_OK;
	seen->last = status;
	seen->reason = *err;
}

static void collect_until(struct store *store, const int *counter, int wanted)
{
	while (*counter < wanted) {
		struct pollfd pollfd = {.fd = store_fd(store), .events = POLLIN};

		assert_true(poll(&pollfd, 1, 10000) > 0);
		store_collect(store);
	}
}

static int64_t count_rows(struct store *store)
{
	int64_t count = -1;
	struct error err;

	assert_int_equal(store_run(store, count_job, &count, &err), STATUS_OK);
	assert_string_equal(err.text, "");
	return count;
}

static void test_results_are_collected_on_the_callers_thread(void **unused)
{
	struct store *store = open_store();
	struct seen seen = {0};

	(void)unused;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(store_submit(store, insert_job, note, &seen), STATUS_OK);
	assert_int_equal(seen.done, 0);
	collect_until(store, &seen.done, 1000);
	assert_int_equal(seen.failed, 0);
	assert_string_equal(seen.reason.text, "");
	assert_int_equal(count_rows(store), 1000);
	store_close(store);
}

static void test_a_job_that_refuses_undoes_only_its_own(void **unused)
{
	struct store *store = open_store();
	struct seen good = {0}, bad = {0};
	struct gate gate;

	(void)unused;
	gate_close(&gate, store);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(store_submit(store, insert_job, note, &good), STATUS_OK);
		assert_int_equal(store_submit(store, refusing_job, note, &bad), STATUS_OK);
	}
	gate_open(&gate);
	collect_until(store, &bad.done, 10);
	assert_int_equal(good.done, 10);
	assert_int_equal(good.failed, 0);
	assert_int_equal(bad.failed, 10);
	assert_int_equal(bad.last, STATUS_INVALID);
	assert_string_equal(bad.reason.text, "no, thank you");
	assert_int_equal(count_rows(store), 10);
	store_close(store);
	gate_forget(&gate);
}

static void test_a_failure_the_job_overlooked_is_a_failure(void **unused)
{
	struct store *store = open_store();
	struct seen seen = {0};

	(void)unused;
	assert_int_equal(store_submit(store, careless_job, note, &seen), STATUS_OK);
	collect_until(store, &seen.done, 1);
	assert_int_equal(seen.last, STATUS_FAILED);
	assert_non_null(strstr(seen.reason.text, "nonsense"));
	assert_int_equal(count_rows(store), 0);
	store_close(store);
}

static void test_all_jobs_of_a_lost_transaction_report_failure(void **unused)
{
	struct store *store = open_store();
	struct seen before = {0}, ruin = {0}, after = {0}, later = {0};
	struct gate gate;

	(void)unused;
	gate_close(&gate, store);
	assert_int_equal(store_submit(store, insert_job, note, &before), STATUS_OK);
	assert_int_equal(store_submit(store, ruinous_job, note, &ruin), STATUS_OK);
	assert_int_equal(store_submit(store, insert_job, note, &after), STATUS_OK);
	gate_open(&gate);
	collect_until(store, &after.done, 1);
	assert_int_equal(before.failed, 1);
	assert_int_equal(ruin.failed, 1);
	assert_int_equal(after.failed, 1);
	assert_string_not_equal(before.reason.text, "");
	assert_int_equal(count_rows(store), 0);
	assert_int_equal(store_submit(store, insert_job, note, &later), STATUS_OK);
	collect_until(store, &later.done, 1);
	assert_int_equal(later.failed, 0);
	assert_int_equal(count_rows(store), 1);
	store_close(store);
	gate_forget(&gate);
}

/* Counts what is there, and how often it was asked. */
struct count {
	struct seen seen; /* first: note() writes there */
	int64_t rows;
};

static enum status reading_job(struct db *db, void *arg, struct error *err)
{
	struct count *count = arg;

	count->seen.jobs++;
	return count_job(db, &count->rows, err);
}

static void test_who_only_reads_is_answered_though_the_transaction_was_lost(void **unused)
{
	struct store *store = open_store();
	struct seen before = {0}, ruin = {0};
	struct count early = {0}, late = {0};
	struct gate gate;

	(void)unused;
	gate_close(&gate, store);
	assert_int_equal(store_submit(store, insert_job, note, &before), STATUS_OK);
	assert_int_equal(store_submit_reading(store, reading_job, note, &early), STATUS_OK);
	assert_int_equal(store_submit(store, ruinous_job, note, &ruin), STATUS_OK);
	assert_int_equal(store_submit_reading(store, reading_job, note, &late), STATUS_OK);
	gate_open(&gate);
	collect_until(store, &late.seen.done, 1);
	assert_int_equal(before.failed, 1);
	/* It had seen a row that was never there. */
	assert_int_equal(early.seen.jobs, 2);
	assert_int_equal(early.seen.failed, 0);
	assert_int_equal(early.rows, 0);
	assert_int_equal(late.seen.failed, 0);
	assert_int_equal(late.rows, 0);
	store_close(store);
	gate_forget(&gate);
}

static void test_too_many_waiting_jobs_are_refused_and_none_is_lost(void **unused)
{
	struct store *store = open_store();
	struct seen seen = {0};
	struct gate gate;
	int taken = 0;

	(void)unused;
	gate_close(&gate, store);
	while (store_submit(store, insert_job, note, &seen) == STATUS_OK)
		taken++;
	assert_int_equal(taken, STORE_QUEUE_MAX - 1); /* the gate is one */
	assert_int_equal(store_submit(store, insert_job, note, &seen), STATUS_BUSY);
	gate_open(&gate);
	collect_until(store, &seen.done, taken);
	assert_int_equal(seen.failed, 0);
	assert_int_equal(store_submit(store, insert_job, note, &seen), STATUS_OK);
	store_close(store);
	assert_int_equal(seen.done, taken + 1);
	gate_forget(&gate);
}

static void test_closing_runs_what_is_queued_and_delivers_it(void **unused)
{
	struct store *store = open_store();
	struct seen seen = {0};

	(void)unused;
	for (int i = 0; i < 300; i++)
		assert_int_equal(store_submit(store, insert_job, note, &seen), STATUS_OK);
	assert_null(store_close(store));
	assert_int_equal(seen.jobs, 300);
	assert_int_equal(seen.done, 300);
	assert_null(store_close(NULL));
}

static enum status backup_job(struct db *db, void *arg, struct error *err)
{
	return db_backup(db, arg, err);
}

static void test_a_backup_runs_alone_between_batches(void **unused)
{
	struct store *store = open_store();
	struct seen seen = {0};
	char folder[] = "/tmp/cadence-store-XXXXXX";
	char *path, *url;
	struct error err;
	int64_t rows = 0;

	(void)unused;
	assert_non_null(mkdtemp(folder));
	path = mem_printf("%s/copy.db", folder);
	url = mem_printf("sqlite://%s", path);
	assert_int_equal(store_submit(store, insert_job, note, &seen), STATUS_OK);
	assert_int_equal(store_submit_alone(store, backup_job, NULL, path), STATUS_OK);
	assert_int_equal(store_submit(store, insert_job, note, &seen), STATUS_OK);
	collect_until(store, &seen.done, 2);
	store_close(store);
	assert_int_equal(store_open(url, &store, &err), STATUS_OK);
	assert_int_equal(store_run(store, count_job, &rows, &err), STATUS_OK);
	assert_int_equal(rows, 1);
	assert_int_equal(store_run(store, refusing_job, &seen, &err), STATUS_INVALID);
	assert_string_equal(err.text, "no, thank you");
	store_close(store);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	free(path);
	free(url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_results_are_collected_on_the_callers_thread),
	    cmocka_unit_test(test_a_job_that_refuses_undoes_only_its_own),
	    cmocka_unit_test(test_a_failure_the_job_overlooked_is_a_failure),
	    cmocka_unit_test(test_all_jobs_of_a_lost_transaction_report_failure),
	    cmocka_unit_test(test_who_only_reads_is_answered_though_the_transaction_was_lost),
	    cmocka_unit_test(test_too_many_waiting_jobs_are_refused_and_none_is_lost),
	    cmocka_unit_test(test_closing_runs_what_is_queued_and_delivers_it),
	    cmocka_unit_test(test_a_backup_runs_alone_between_batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
