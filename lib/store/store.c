/* The store thread: owns the connection, runs jobs, groups their commits.
 *
 * Two queues join it to the loop: jobs go in, results come out. A result comes out only after its
 * transaction is on disk. The thread never calls what belongs to the loop. */
#include "store/store.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/queue.h"
#include "base/thread.h"

#define BATCH_MAX    256  /* jobs in one transaction */
#define GATHER_US    500  /* how long what nobody waits for may wait for others to be with */
#define GATHER_JOBS  8	  /* as many are company enough */
#define TRIM_AFTER   64	  /* jobs that may have left much memory behind */
#define TRIM_WAIT_MS 1000 /* without another job, before it is given back */

/* A job on its way through the thread and back. */
struct ticket {
	store_job *job;
	store_done *done;
	void *arg;
	bool alone;
	bool patient; /* nobody waits for its result */
	bool reads;   /* and writes nothing: it may run twice */
	enum status status;
	struct error error;
	bool waited_for; /* by store_run() */
};

struct store {
	struct db *db;
	pthread_t thread;
	struct queue *jobs;
	struct queue *results;
	struct queue *answers; /* for the one thread that may be inside store_run() */
	/* Jobs of the loop whose result is not collected yet: bounded, so that no result is ever
	 * without a place. */
	atomic_int outstanding;
	bool is_damaged; /* as the loop has seen */
	struct error damage;
};

/* ---- the thread ---- */

static void conclude(struct ticket *ticket, enum status status, const char *reason)
{
	ticket->status = status;
	ticket->error.text[0] = '\0';
	if (status != STATUS_OK)
		error_set(&ticket->error, "%s", reason);
}

static void run_job(struct db *db, struct ticket *ticket)
{
	ticket->error.text[0] = '\0';
	ticket->status = ticket->job(db, ticket->arg, &ticket->error);
	/* A failure that stuck counts, even when the job looked away. */
	if (db_status(db) != STATUS_OK && ticket->status == STATUS_OK)
		ticket->status = db_status(db);
	if (ticket->status != STATUS_OK && ticket->error.text[0] == '\0')
		error_set(&ticket->error, "%s", db_error(db));
	if (ticket->status == STATUS_OK)
		ticket->error.text[0] = '\0';
}

/* Whatever a job makes of damage that it meets ("no such partner"), it is damage, and the
 * database's: not that of a copy which was being made of it. */
static void name_damage(const struct db *db, struct ticket *ticket)
{
	if (db_status(db) != STATUS_DAMAGED || ticket->status == STATUS_OK)
		return;
	ticket->status = STATUS_DAMAGED;
	error_set(&ticket->error,
		  "%s: is damaged: %s; the next start reads all of it and names the backup to put "
		  "in its place",
		  db_path(db) ? db_path(db) : ":memory:", db_error(db));
}

/* One job in its savepoint; false when the engine has thrown the whole transaction away. */
static bool run_in_point(struct db *db, struct ticket *ticket)
{
	if (db_point(db) != STATUS_OK) {
		conclude(ticket, db_status(db), db_error(db));
	} else {
		run_job(db, ticket);
		if (ticket->status == STATUS_OK)
			db_point_keep(db);
		else if (!db_lost_transaction(db))
			db_point_undo(db);
	}
	/* Releasing the point may fail as well. */
	if (ticket->status == STATUS_OK && db_status(db) != STATUS_OK)
		conclude(ticket, db_status(db), db_error(db));
	if (db_lost_transaction(db))
		return false;
	db_clear(db);
	return true;
}

/* All have failed together: those that believed they had succeeded too. Each keeps a reason of its
 * own. */
static void fail_batch(struct ticket **batch, size_t count, enum status status, const char *reason)
{
	for (size_t i = 0; i < count; i++)
		if (batch[i]->status == STATUS_OK)
			conclude(batch[i], status, reason);
}

/* Who only asked need not suffer from what others could not write. They ask again, because they may
 * have seen what is undone now. */
static void read_again(struct db *db, struct ticket **batch, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (batch[i]->reads && batch[i]->status != STATUS_OK) {
			db_clear(db);
			run_job(db, batch[i]);
		}
}

/* Jobs of one transaction. */
struct batch {
	struct ticket *tickets[BATCH_MAX];
	size_t count;
	struct ticket *alone; /* came after them and must run alone; NULL: none */
};

/* Takes what is queued by now, up to a job that must run alone. */
static void take_more(struct store *store, struct batch *batch)
{
	struct ticket *ticket;

	while (!batch->alone && batch->count < BATCH_MAX && (ticket = queue_pop(store->jobs))) {
		if (ticket->alone)
			batch->alone = ticket;
		else
			batch->tickets[batch->count++] = ticket;
	}
}

/* What comes in while they run goes into the same transaction: a commit is what costs most. */
static void run_together(struct store *store, struct batch *batch)
{
	struct db *db = store->db;
	enum status status = db_begin(db);
	size_t ran = 0;

	while (status == STATUS_OK && ran < batch->count && run_in_point(db, batch->tickets[ran]))
		if (++ran == batch->count)
			take_more(store, batch);
	/* After a lost transaction db_commit() says so, in the words of what lost it when they
	 * stick. */
	if (status == STATUS_OK)
		status = db_commit(db);
	if (status != STATUS_OK) {
		db_rollback(db);
		fail_batch(batch->tickets, batch->count, status, db_error(db));
		read_again(db, batch->tickets, batch->count);
	}
	db_clear(db);
}

static void run_alone(struct db *db, struct ticket *ticket)
{
	run_job(db, ticket);
	db_rollback(db);
	db_clear(db);
}

static void post(struct store *store, struct ticket *ticket)
{
	name_damage(store->db, ticket);
	/* There is room: submit() lets in no more than the queue of results holds. */
	(void)queue_push(ticket->waited_for ? store->answers : store->results, ticket);
}

/* All that a transaction has settled at once: what the loop makes of it goes into one again. */
static void post_batch(struct store *store, struct ticket **batch, size_t count)
{
	void *results[BATCH_MAX];
	size_t posted = 0;

	for (size_t i = 0; i < count; i++) {
		name_damage(store->db, batch[i]);
		if (batch[i]->waited_for)
			post(store, batch[i]);
		else
			results[posted++] = batch[i];
	}
	(void)queue_push_many(store->results, results, posted);
}

/* A commit is what costs most: what nobody waits for lets others catch up with it. */
static void gather(struct store *store, struct batch *batch)
{
	const struct timespec pause = {.tv_nsec = GATHER_US * 1000L};

	take_more(store, batch);
	for (size_t i = 0; i < batch->count; i++)
		if (!batch->tickets[i]->patient)
			return;
	if (batch->alone || batch->count >= GATHER_JOBS || queue_is_closed(store->jobs))
		return;
	(void)nanosleep(&pause, NULL);
	take_more(store, batch);
}

/* The memory that much work has left behind is given back once there is no more of it. */
/* Returns the next job, NULL when the store is closed. */
static struct ticket *next_job(struct store *store, size_t *jobs)
{
	struct ticket *ticket = queue_wait(store->jobs, *jobs >= TRIM_AFTER ? TRIM_WAIT_MS : -1);

	if (ticket || queue_is_closed(store->jobs))
		return ticket ? ticket : queue_pop(store->jobs);
	db_release_memory(store->db);
	malloc_trim(0);
	*jobs = 0;
	return queue_wait(store->jobs, -1);
}

static void *run(void *arg)
{
	struct store *store = arg;
	struct ticket *first;
	size_t jobs = 0;

	while ((first = next_job(store, &jobs))) {
		struct batch batch = {.count = 0};

		if (first->alone)
			batch.alone = first;
		else
			batch.tickets[batch.count++] = first;
		gather(store, &batch);
		if (batch.count > 0)
			run_together(store, &batch);
		post_batch(store, batch.tickets, batch.count);
		jobs += batch.count;
		if (batch.alone) {
			run_alone(store->db, batch.alone);
			post(store, batch.alone);
			jobs += TRIM_AFTER;
		}
	}
	return NULL;
}

/* ---- the loop's side ---- */

static struct store *forget(struct store *store)
{
	queue_free(store->jobs);
	queue_free(store->results);
	queue_free(store->answers);
	db_close(store->db);
	free(store);
	return NULL;
}

enum status store_open(const char *url, struct store **ret_store, struct error *err)
{
	struct store *store = mem_alloc(1, sizeof(*store));
	const enum status status = db_open(url, &store->db, err);

	if (status != STATUS_OK) {
		free(store);
		return status;
	}
	store->jobs = queue_new(STORE_QUEUE_MAX);
	store->results = queue_new(STORE_QUEUE_MAX);
	store->answers = queue_new(1);
	if (!store->jobs || !store->results || !store->answers ||
	    !thread_start(&store->thread, run, store)) {
		forget(store);
		return error_fail(err, STATUS_FAILED, "the store's thread cannot be started");
	}
	*ret_store = store;
	return STATUS_OK;
}

static enum status submit(struct store *store, const struct ticket *wanted)
{
	struct ticket *ticket;

	if (!wanted->waited_for && atomic_fetch_add(&store->outstanding, 1) >= STORE_QUEUE_MAX) {
		atomic_fetch_sub(&store->outstanding, 1);
		return STATUS_BUSY;
	}
	ticket = mem_alloc(1, sizeof(*ticket));
	*ticket = *wanted;
	if (queue_push(store->jobs, ticket))
		return STATUS_OK;
	free(ticket);
	if (!wanted->waited_for)
		atomic_fetch_sub(&store->outstanding, 1);
	return STATUS_BUSY;
}

enum status store_submit(struct store *store, store_job *job, store_done *done, void *arg)
{
	return submit(store, &(struct ticket){.job = job, .done = done, .arg = arg});
}

enum status store_submit_patient(struct store *store, store_job *job, store_done *done, void *arg)
{
	return submit(store,
		      &(struct ticket){.job = job, .done = done, .arg = arg, .patient = true});
}

enum status store_submit_reading(struct store *store, store_job *job, store_done *done, void *arg)
{
	return submit(store, &(struct ticket){.job = job, .done = done, .arg = arg, .reads = true});
}

enum status store_submit_alone(struct store *store, store_job *job, store_done *done, void *arg)
{
	return submit(store, &(struct ticket){.job = job, .done = done, .arg = arg, .alone = true});
}

enum status store_run(struct store *store, store_job *job, void *arg, struct error *err)
{
	const struct ticket wanted = {.job = job, .arg = arg, .waited_for = true};
	enum status status = submit(store, &wanted);

	if (status != STATUS_OK)
		return error_fail(err, status, "too many jobs wait for the store");
	struct ticket *ticket = queue_wait(store->answers, -1);
	status = ticket->status;
	error_set(err, "%s", ticket->error.text);
	free(ticket);
	return status;
}

bool store_was_checked(const struct store *store)
{
	return db_was_checked(store->db);
}

unsigned store_progress(const struct store *store)
{
	return db_progress(store->db);
}

const char *store_path(const struct store *store)
{
	return db_path(store->db);
}

const struct error *store_damage(const struct store *store)
{
	return store->is_damaged ? &store->damage : NULL;
}

int store_fd(struct store *store)
{
	return queue_fd(store->results);
}

void store_collect(struct store *store)
{
	struct ticket *ticket;

	queue_drain_fd(store->results);
	while ((ticket = queue_pop(store->results))) {
		atomic_fetch_sub(&store->outstanding, 1);
		if (ticket->status == STATUS_DAMAGED && !store->is_damaged) {
			store->is_damaged = true;
			store->damage = ticket->error;
		}
		if (ticket->done)
			ticket->done(ticket->status, &ticket->error, ticket->arg);
		free(ticket);
	}
}

struct store *store_close(struct store *store)
{
	if (!store)
		return NULL;
	db_break_off(store->db);
	queue_close(store->jobs);
	pthread_join(store->thread, NULL);
	store_collect(store);
	return forget(store);
}
