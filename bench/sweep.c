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
#define SWEEP_LIMIT  5000 /* as the engine does it: a transaction each */
#define IDLE_SWEEPS  200
#define LOOKED_AT    30000 /* partners of whom 29 in 100 are judged, on track before any hint */
#define LOOK_RUNS    15
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

/* Each was met weekly, for ten weeks. Partner i was last spoken to so that it is due on TODAY - i %
 * 100 + 99: each hundredth today, the others later. */
static void fill(struct bench *bench, int64_t partners)
{
	struct query *q;

	expect(bench, db_begin(bench->db), "begin");
	q = db_query(bench->db,
		     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
		     " INSERT INTO partner (row, id, name, owner, hears, cadence, first_seen,"
		     " met, met_first, met_last, gap_weight, gap_mean, gap_square, met_live,"
		     " live_last)"
		     " SELECT i, 'p' || i, 'Partner number ' || i, 'maria', 'maria', 'often', $2,"
		     " 10, $3 - i % $4 - 63, $3 - i % $4, 6.1, 1.9459, 0.0, 10, $3 - i % $4"
		     " FROM n");
	db_bind(q, 1, partners);
	db_bind(q, 2, TODAY - 2 * EVERY_DAYS);
	db_bind(q, 3, TODAY - 1);
	db_bind(q, 4, EVERY_DAYS);
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

	snprintf(bench->path, sizeof(bench->path), "%s/sweep-%lld.db", folder, (long long)partners);
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
	bench->scene =
	    (struct scene){.roster = &bench->roster, .now = TODAY * DAY_MS, .actor = "cadenced"};
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

/* A nudge, the history of its raising, and the partner's next look, as a sweep wrote them. */
struct written {
	int64_t partner, base, raised, at, next_check;
	char *rule, *state, *actor, *verb, *owner, *detail;
};

/* What a sweep left behind, to be written again. */
static struct written *keep_result(struct bench *bench, size_t *ret_count)
{
	struct query *q = db_query(
	    bench->db, "SELECT n.partner, n.base, n.raised, h.at, s.next_check, n.rule, n.state,"
		       " h.actor, h.verb, h.owner, h.detail FROM nudge n JOIN history h"
		       " ON h.partner = n.partner JOIN sched s ON s.partner = n.partner"
		       " ORDER BY n.id");
	struct written *rows = NULL;
	size_t count = 0;

	while (db_step(q)) {
		rows = mem_grow(rows, count + 1, sizeof(*rows));
		rows[count++] = (struct written){.partner = db_int(q, 0),
						 .base = db_int(q, 1),
						 .raised = db_int(q, 2),
						 .at = db_int(q, 3),
						 .next_check = db_int(q, 4),
						 .rule = mem_strdup(db_text(q, 5)),
						 .state = mem_strdup(db_text(q, 6)),
						 .actor = mem_strdup(db_text(q, 7)),
						 .verb = mem_strdup(db_text(q, 8)),
						 .owner = mem_strdup(db_text(q, 9)),
						 .detail = mem_strdup(db_text(q, 10))};
	}
	expect(bench, STATUS_OK, "keep");
	*ret_count = count;
	return rows;
}

/* As before the sweep. */
static void undo(struct bench *bench)
{
	struct query *q;

	expect(bench, db_begin(bench->db), "begin");
	run(bench, "DELETE FROM sched WHERE partner IN (SELECT partner FROM nudge)");
	q = db_query(bench->db,
		     "INSERT INTO sched (next_check, partner) SELECT $1, partner FROM nudge");
	db_bind(q, 1, TODAY * DAY_MS);
	(void)db_run(q);
	run(bench, "DELETE FROM nudge");
	run(bench, "DELETE FROM history");
	expect(bench, db_commit(bench->db), "commit");
}

static void insert_nudge(struct bench *bench, const struct written *row)
{
	struct query *q = db_query(bench->db, "INSERT INTO nudge (partner, rule, base, raised,"
					      " state) VALUES ($1, $2, $3, $4, $5)");

	db_bind(q, 1, row->partner);
	db_bind_text(q, 2, row->rule);
	db_bind(q, 3, row->base);
	db_bind(q, 4, row->raised);
	db_bind_text(q, 5, row->state);
	(void)db_run(q);
	q = db_query(bench->db, "INSERT INTO history (at, actor, verb, partner, owner, detail)"
				" VALUES ($1, $2, $3, $4, $5, $6)");
	db_bind(q, 1, row->at);
	db_bind_text(q, 2, row->actor);
	db_bind_text(q, 3, row->verb);
	db_bind(q, 4, row->partner);
	db_bind_text(q, 5, row->owner);
	db_bind_text(q, 6, row->detail);
	(void)db_run(q);
}

static void insert_look(struct bench *bench, const struct written *row)
{
	struct query *q =
	    db_query(bench->db, "INSERT INTO sched (next_check, partner) VALUES ($1, $2)");

	db_bind(q, 1, row->next_check);
	db_bind(q, 2, row->partner);
	(void)db_run(q);
}

/* The looks that a sweep replaces are gone before the clock of an insert starts. */
static void drop_looks(struct bench *bench)
{
	struct query *q = db_query(bench->db, "DELETE FROM sched WHERE next_check = $1");

	db_bind(q, 1, TODAY * DAY_MS);
	(void)db_run(q);
	expect(bench, STATUS_OK, "drop");
}

/* The same in one transaction of inserts, known beforehand: nothing is looked at. with_looks: the
 * partners' next looks too, so that the database is the same afterwards. */
static double insert_only(struct bench *bench, const struct written *rows, size_t count,
			  bool with_looks)
{
	const double start = seconds();

	expect(bench, db_begin(bench->db), "begin");
	for (size_t i = 0; i < count; i++) {
		insert_nudge(bench, &rows[i]);
		if (with_looks)
			insert_look(bench, &rows[i]);
	}
	expect(bench, db_commit(bench->db), "commit");
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

/* Judges some thousands who are due for a look and where nothing is due, with early hints or
 * without. */
static double look(struct bench *bench, double threshold)
{
	struct query *q;

	bench->cadence.risk_threshold = threshold;
	expect(bench, db_begin(bench->db), "begin");
	q = db_query(bench->db, "UPDATE sched SET next_check = $1 WHERE partner <= $2"
				" AND partner % $3 BETWEEN 1 AND 29");
	db_bind(q, 1, bench->scene.now);
	db_bind(q, 2, LOOKED_AT);
	db_bind(q, 3, EVERY_DAYS);
	(void)db_run(q);
	expect(bench, db_commit(bench->db), "commit");
	const double took = sweep(bench);
	bench->cadence.risk_threshold = 0;
	return took;
}

/* What the risk costs whoever judges: *ret_without in milliseconds too. */
static double compare_looks(struct bench *bench, double *ret_without)
{
	double with[LOOK_RUNS], without[LOOK_RUNS];

	for (int i = 0; i < LOOK_RUNS; i++) {
		without[i] = look(bench, 0);
		with[i] = look(bench, RISK_THRESHOLD_DEFAULT);
	}
	/* The hint is what is looked for next: 36 days after the last contact. */
	if (ask(bench, "SELECT count(*) FROM sched s JOIN partner p ON p.row = s.partner"
		       " WHERE p.row BETWEEN 1 AND 29 AND s.next_check / 86400000 = p.met_last"
		       " + 36") != 29)
		give_up("look", "the hints are not what comes next");
	*ret_without = 1000 * median(without, LOOK_RUNS);
	return 1000 * median(with, LOOK_RUNS);
}

int main(int argc, char **argv)
{
	const int64_t partners = argc == 3 ? strtoll(argv[2], NULL, 10) : 0;
	double sweeps[RUNS], inserts[RUNS], nudges_only[RUNS];
	struct bench bench = {0};

	if (partners < EVERY_DAYS || partners > PARTNERS_MAX) {
		fputs("Usage: sweep FOLDER PARTNERS\n", stderr);
		return 64;
	}
	open_bench(&bench, argv[1], partners);
	const double idle_ms = idle(&bench);
	(void)sweep(&bench);
	size_t kept;
	const struct written *rows = keep_result(&bench, &kept);
	const int64_t nudges = ask(&bench, "SELECT count(*) FROM nudge");
	if (nudges != partners / EVERY_DAYS || kept != (size_t)nudges)
		give_up("sweep", "another number of partners is due");
	/* In turn, so that all see the same machine. */
	for (int i = 0; i < RUNS; i++) {
		undo(&bench);
		nudges_only[i] = insert_only(&bench, rows, kept, false);
		undo(&bench);
		drop_looks(&bench);
		inserts[i] = insert_only(&bench, rows, kept, true);
		undo(&bench);
		sweeps[i] = sweep(&bench);
	}
	double without_ms;
	const double with_ms = compare_looks(&bench, &without_ms);
	printf("{\"partners\": %lld, \"nudges\": %lld, \"idle_ms\": %.4f, \"sweep_ms\": %.2f,"
	       " \"insert_ms\": %.2f, \"nudges_only_ms\": %.2f, \"with_risk_ms\": %.2f,"
	       " \"without_risk_ms\": %.2f}\n",
	       (long long)partners, (long long)nudges, idle_ms, 1000 * median(sweeps, RUNS),
	       1000 * median(inserts, RUNS), 1000 * median(nudges_only, RUNS), with_ms, without_ms);
	close_bench(&bench);
	return 0;
}
