/* How much judging costs beyond writing its result down: sweeps on a database on disk, durable, by
 * the store's own verbs. Prints medians; bench/bench.py compares them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/verbs.h"

#define TODAY	     20780 /* Mon 23 Nov 2026 */
#define EVERY_DAYS   100
#define RUNS	     5
#define SWEEP_LIMIT  1000 /* as the engine does it: a transaction each */
#define IDLE_SWEEPS  200
#define PARTNERS_MAX 2000000

struct bench {
	struct db *db;
	struct owner owner;
	struct cadence cadence;
	const struct channel *mail[1];
	struct channel channel;
	struct zone *utc;
	struct roster roster;
	struct scene scene;
	char path[256];
};

static double seconds(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void give_up(const char *what, const char *why)
{
	fprintf(stderr, "sweep: %s: %s\n", what, why);
	exit(1);
}

static void expect(struct bench *bench, enum status status, const char *what)
{
	if (status != STATUS_OK || db_status(bench->db) != STATUS_OK)
		give_up(what, db_error(bench->db));
}

static void run(struct bench *bench, const char *sql)
{
	struct query *q = db_query(bench->db, sql);

	(void)db_run(q);
	expect(bench, STATUS_OK, sql);
}

static int64_t ask(struct bench *bench, const char *sql)
{
	struct query *q = db_query(bench->db, sql);
	const int64_t value = db_step(q) ? db_int(q, 0) : -1;

	db_end(q);
	expect(bench, STATUS_OK, sql);
	return value;
}

/* ---- the database ---- */

/* Partner i was last spoken to so that it is due on TODAY - i % 100 + 99: each hundredth today, the
 * others later. */
static void fill(struct bench *bench, int64_t partners)
{
	struct query *q;

	expect(bench, db_begin(bench->db), "begin");
	q = db_query(bench->db,
		     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
		     " INSERT INTO partner (row, id, name, owner, hears, cadence, first_seen)"
		     " SELECT i, 'p' || i, 'Partner number ' || i, 'maria', 'maria', 'often', $2"
		     " FROM n");
	db_bind(q, 1, partners);
	db_bind(q, 2, TODAY - 2 * EVERY_DAYS);
	(void)db_run(q);
	q = db_query(bench->db,
		     "INSERT INTO contact (partner, day, kind, direction, counts, note, source,"
		     " identity, actor, entered) SELECT row, $1 - row % $2, 'call', 'both', 1,"
		     " 'talked about the coming year', 'csv', 'x', 'uid 0', 0 FROM partner");
	db_bind(q, 1, TODAY - 1);
	db_bind(q, 2, EVERY_DAYS);
	(void)db_run(q);
	q = db_query(bench->db, "INSERT INTO sched (next_check, partner)"
				" SELECT (c.day + $1) * $2, c.partner FROM contact c");
	db_bind(q, 1, EVERY_DAYS);
	db_bind(q, 2, DAY_MS);
	(void)db_run(q);
	expect(bench, STATUS_OK, "fill");
	expect(bench, db_commit(bench->db), "commit");
}

static void open_bench(struct bench *bench, const char *folder, int64_t partners)
{
	struct error err;
	char url[300];

	snprintf(bench->path, sizeof(bench->path), "%s/sweep-%lld.db", folder,
		 (long long)partners);
	unlink(bench->path);
	snprintf(url, sizeof(url), "sqlite://%s", bench->path);
	bench->utc = zone_utc();
	bench->channel = (struct channel){.id = "mail", .type = CHANNEL_SMTP};
	bench->mail[0] = &bench->channel;
	bench->owner = (struct owner){.id = "maria",
				      .name = "Maria Silva",
				      .email = "maria@example.com",
				      .zone = bench->utc,
				      .workdays = {.week = 0x7f},
				      .channels = bench->mail,
				      .channel_count = 1};
	bench->cadence = (struct cadence){
	    .id = "often", .every = {EVERY_DAYS, SPAN_DAYS}, .grace = {1, SPAN_WEEKS}};
	bench->roster = (struct roster){.zone = bench->utc,
					.owners = &bench->owner,
					.owner_count = 1,
					.cadences = &bench->cadence,
					.cadence_count = 1,
					.channels = &bench->channel,
					.channel_count = 1};
	bench->scene = (struct scene){
	    .roster = &bench->roster, .now = TODAY * DAY_MS, .actor = "cadenced"};
	if (db_open(url, &bench->db, &err) != STATUS_OK)
		give_up("open", err.text);
	fill(bench, partners);
}

static void close_bench(struct bench *bench)
{
	db_close(bench->db);
	unlink(bench->path);
	zone_free(bench->utc);
}

/* ---- what is measured ---- */

/* Every partner due a look, as the daemon does it. */
static double sweep(struct bench *bench)
{
	const double start = seconds();
	bool more = true;

	while (more) {
		expect(bench, db_begin(bench->db), "begin");
		expect(bench, nudge_sweep(bench->db, &bench->scene, SWEEP_LIMIT, &more), "sweep");
		expect(bench, db_commit(bench->db), "commit");
	}
	return seconds() - start;
}

/* What a sweep left behind, set apart to be written again. */
static void keep_result(struct bench *bench)
{
	run(bench, "CREATE TEMP TABLE kept_nudge AS SELECT * FROM nudge");
	run(bench, "CREATE TEMP TABLE kept_history AS SELECT * FROM history");
	run(bench, "CREATE TEMP TABLE kept_sched AS SELECT * FROM sched WHERE partner IN"
		   " (SELECT partner FROM nudge)");
}

/* As before the sweep. */
static void undo(struct bench *bench)
{
	struct query *q;

	expect(bench, db_begin(bench->db), "begin");
	q = db_query(bench->db, "UPDATE sched SET next_check = $1 WHERE partner IN"
				" (SELECT partner FROM nudge)");
	db_bind(q, 1, TODAY * DAY_MS);
	(void)db_run(q);
	run(bench, "DELETE FROM nudge");
	run(bench, "DELETE FROM history");
	expect(bench, db_commit(bench->db), "commit");
}

/* The same nudges, with their history and their next looks, in transactions of the same size, and
 * nothing looked at. */
static double insert_only(struct bench *bench)
{
	const double start = seconds();
	int64_t last = 0, end;

	for (; (end = ask(bench, "SELECT coalesce(max(id), 0) FROM kept_nudge")) > last;
	     last += SWEEP_LIMIT) {
		struct query *q;

		expect(bench, db_begin(bench->db), "begin");
		q = db_query(bench->db, "INSERT INTO nudge SELECT * FROM kept_nudge"
					" WHERE id > $1 AND id <= $2");
		db_bind(q, 1, last);
		db_bind(q, 2, last + SWEEP_LIMIT);
		(void)db_run(q);
		q = db_query(bench->db, "INSERT INTO history SELECT * FROM kept_history"
					" WHERE id > $1 AND id <= $2");
		db_bind(q, 1, last);
		db_bind(q, 2, last + SWEEP_LIMIT);
		(void)db_run(q);
		expect(bench, db_commit(bench->db), "commit");
	}
	return seconds() - start;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

/* Sweeps that find nothing to do, in milliseconds each. */
static double idle(struct bench *bench)
{
	double times[RUNS];

	bench->scene.now = TODAY * DAY_MS - 1;
	for (int i = 0; i < RUNS; i++) {
		const double start = seconds();

		for (int n = 0; n < IDLE_SWEEPS; n++)
			(void)sweep(bench);
		times[i] = (seconds() - start) / IDLE_SWEEPS;
	}
	bench->scene.now = TODAY * DAY_MS;
	return 1000 * median(times, RUNS);
}

int main(int argc, char **argv)
{
	const int64_t partners = argc == 3 ? strtoll(argv[2], NULL, 10) : 0;
	double sweeps[RUNS], inserts[RUNS];
	struct bench bench = {0};

	if (partners < EVERY_DAYS || partners > PARTNERS_MAX) {
		fputs("Usage: sweep FOLDER PARTNERS\n", stderr);
		return 64;
	}
	open_bench(&bench, argv[1], partners);
	const double idle_ms = idle(&bench);
	(void)sweep(&bench);
	keep_result(&bench);
	const int64_t nudges = ask(&bench, "SELECT count(*) FROM nudge");
	if (nudges != partners / EVERY_DAYS)
		give_up("sweep", "another number of partners is due");
	/* In pairs, so that both see the same machine. */
	for (int i = 0; i < RUNS; i++) {
		undo(&bench);
		inserts[i] = insert_only(&bench);
		undo(&bench);
		sweeps[i] = sweep(&bench);
	}
	printf("{\"partners\": %lld, \"nudges\": %lld, \"idle_ms\": %.4f, \"sweep_ms\": %.2f,"
	       " \"insert_ms\": %.2f}\n",
	       (long long)partners, (long long)nudges, idle_ms, 1000 * median(sweeps, RUNS),
	       1000 * median(inserts, RUNS));
	close_bench(&bench);
	return 0;
}
