/* What the tests of the road of a nudge share: a real database in a temporary file, a small roster,
 * rows put in by hand. */
#ifndef CADENCE_TESTS_UNIT_STORE_ROAD_H
#define CADENCE_TESTS_UNIT_STORE_ROAD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/verbs.h"

#define TODAY 20780 /* Mon 23 Nov 2026 */
#define NINE  (9 * HOUR_MS)

struct road {
	char folder[64];
	char path[96];
	struct db *db;
	struct arena *arena;
	struct zone *utc;
	struct channel channels[3];
	const struct channel *mail_and_sales[2];
	const struct channel *events[1];
	struct owner owners[2];
	struct cadence cadences[2];
	struct roster roster;
	struct scene scene;
};

static inline int64_t ask(struct road *road, const char *sql)
{
	struct query *q = db_query(road->db, sql);
	int64_t value = -1;

	if (db_step(q))
		value = db_int(q, 0);
	db_end(q);
	assert_int_equal(db_status(road->db), STATUS_OK);
	return value;
}

static inline enum status remove_contact(struct road *road, int64_t id, struct error *err)
{
	struct contact_row removed;

	return contact_remove(road->db, &road->scene, id, road->arena, &removed, err);
}

static inline void tell(struct road *road, const char *sql)
{
	(void)db_run(db_query(road->db, sql));
	assert_string_equal(db_error(road->db), "");
	assert_int_equal(db_status(road->db), STATUS_OK);
}

static inline const char *ask_text(struct road *road, const char *sql)
{
	struct query *q = db_query(road->db, sql);
	const char *value = NULL;

	if (db_step(q))
		value = arena_strdup(road->arena, db_text(q, 0));
	db_end(q);
	assert_int_equal(db_status(road->db), STATUS_OK);
	return value;
}

/* Nine in the morning of that day. */
static inline void set_day(struct road *road, day d)
{
	road->scene.now = d * DAY_MS + NINE;
}

static inline void make_roster(struct road *road)
{
	static const struct workdays mon_fri = {.week = WORKDAYS_MON_FRI};

	road->utc = zone_utc();
	road->channels[0] = (struct channel){.id = "crm", .type = CHANNEL_WEBHOOK};
	road->channels[1] = (struct channel){.id = "mail", .type = CHANNEL_SMTP};
	road->channels[2] = (struct channel){.id = "sales", .type = CHANNEL_SLACK};
	road->mail_and_sales[0] = &road->channels[1];
	road->mail_and_sales[1] = &road->channels[2];
	road->events[0] = &road->channels[0];
	for (size_t i = 0; i < 2; i++)
		road->owners[i] = (struct owner){
		    .id = i ? "maria" : "jon",
		    .name = i ? "Maria Silva" : "Jon Berg",
		    .email = i ? "maria@example.com" : "jon@example.com",
		    .zone = road->utc,
		    .digest_minute = 510,
		    .workdays = mon_fri,
		    .channels = road->mail_and_sales,
		    .channel_count = 2,
		    .weekly = true,
		};
	road->cadences[0] =
	    (struct cadence){.id = "standard", .every = {4, SPAN_WEEKS}, .grace = {1, SPAN_WEEKS}};
	road->cadences[1] =
	    (struct cadence){.id = "yearly", .every = {1, SPAN_YEARS}, .grace = {3, SPAN_WEEKS}};
	road->roster = (struct roster){
	    .zone = road->utc,
	    .owners = road->owners,
	    .owner_count = 2,
	    .cadences = road->cadences,
	    .cadence_count = 2,
	    .channels = road->channels,
	    .channel_count = 3,
	    .events = road->events,
	    .event_count = 1,
	};
}

static inline int road_open(void **state)
{
	struct road *road = mem_alloc(1, sizeof(*road));
	struct error err;
	char url[128];

	strcpy(road->folder, "/tmp/cadence-road-XXXXXX");
	assert_non_null(mkdtemp(road->folder));
	snprintf(road->path, sizeof(road->path), "%s/road.db", road->folder);
	snprintf(url, sizeof(url), "sqlite://%s", road->path);
	make_roster(road);
	road->arena = arena_new();
	road->scene = (struct scene){.roster = &road->roster, .actor = "cadenced"};
	set_day(road, TODAY);
	assert_int_equal(db_open(url, &road->db, &err), STATUS_OK);
	assert_int_equal(db_begin(road->db), STATUS_OK);
	*state = road;
	return 0;
}

static inline int road_close(void **state)
{
	struct road *road = *state;
	char *command;

	assert_int_equal(db_commit(road->db), STATUS_OK);
	db_close(road->db);
	arena_free(road->arena);
	zone_free(road->utc);
	command = mem_printf("rm -r %s", road->folder);
	assert_int_equal(system(command), 0);
	free(command);
	free(road);
	return 0;
}

/* A partner of maria, standard cadence, whose last meeting was on that day; to be looked at at
 * once. */
static inline void add_partner(struct road *road, int64_t row, const char *id, day last)
{
	struct query *q =
	    db_query(road->db, "INSERT INTO partner (row, id, name, owner, hears, cadence, tags,"
			       " first_seen) VALUES ($1, $2, $2, 'maria', 'maria', 'standard',"
			       " 'emea', 20000)");

	db_bind(q, 1, row);
	db_bind_text(q, 2, id);
	assert_int_equal(db_run(q), 1);
	q = db_query(road->db,
		     "INSERT INTO contact (partner, day, kind, direction, counts, person, note,"
		     " source, identity, actor, entered)"
		     " VALUES ($1, $2, 'meeting', 'both', 1, 'Jana', 'secret prices', 'csv', 'a',"
		     " 'conf', 0)");
	db_bind(q, 1, row);
	db_bind(q, 2, last);
	assert_int_equal(db_run(q), 1);
	q = db_query(road->db, "INSERT INTO sched (next_check, partner) VALUES (0, $1)");
	db_bind(q, 1, row);
	assert_int_equal(db_run(q), 1);
}

/* An answer given before every contact that is logged from now on. */
static inline void put_answer(struct road *road, int64_t row, const char *kind, day given,
			      day until)
{
	struct query *q =
	    db_query(road->db, "INSERT INTO answer (partner, kind, given, until, actor, at, mark)"
			       " VALUES ($1, $2, $3, $4, 'uid 1', $5, 1000)");

	db_bind(q, 1, row);
	db_bind_text(q, 2, kind);
	db_bind(q, 3, given);
	db_bind(q, 4, until);
	db_bind(q, 5, road->scene.now);
	assert_int_equal(db_run(q), 1);
}

static inline void set_last(struct road *road, int64_t row, day last)
{
	struct query *q = db_query(road->db, "UPDATE contact SET day = $2 WHERE partner = $1");

	db_bind(q, 1, row);
	db_bind(q, 2, last);
	assert_int_equal(db_run(q), 1);
}

static inline void judge(struct road *road, int64_t row, const char *cause)
{
	struct facts facts;

	assert_int_equal(partner_facts_row(road->db, &road->scene, row, road->arena, &facts),
			 STATUS_OK);
	assert_int_equal(nudge_judge(road->db, &road->scene, &facts, cause), STATUS_OK);
}

static inline void sweep(struct road *road)
{
	bool more = true;

	while (more)
		assert_int_equal(nudge_sweep(road->db, &road->scene, 100, &more), STATUS_OK);
}

static inline struct digest compose(struct road *road)
{
	struct digest_input *input = arena_alloc(road->arena, 1, sizeof(*input));
	struct error err;

	assert_int_equal(
	    digest_gather(road->db, &road->scene, &road->owners[1], road->arena, input, &err),
	    STATUS_OK);
	return digest_compose(road->arena, input);
}

/* Sweeps, composes and commits what maria should hear on that day, over mail and (count 2) sales.
 */
static inline struct digest send_digest(struct road *road, day d, size_t count)
{
	const struct parcel_plan parcels[] = {
	    {.channel = "mail", .recipient = "maria@example.com", .document = "{}"},
	    {.channel = "sales", .document = "{}"},
	};
	struct digest digest;
	struct error err;

	set_day(road, d);
	sweep(road);
	digest = compose(road);
	assert_int_equal(digest_commit(road->db, &road->scene, &digest, parcels,
				       digest.kind == DIGEST_NOTHING ? 0 : count, &err),
			 STATUS_OK);
	return digest;
}

/* Claims at most one delivery of a channel; id 0 when there is none. */
static inline struct delivery claim_one(struct road *road, const char *channel)
{
	struct delivery *deliveries;
	size_t count;

	assert_int_equal(
	    outbox_claim(road->db, &road->scene, channel, 1, road->arena, &deliveries, &count),
	    STATUS_OK);
	return count ? deliveries[0] : (struct delivery){0};
}

static inline void settle(struct road *road, const struct delivery *delivery, enum settle_kind kind)
{
	const struct settlement settlement = {
	    .id = delivery->id,
	    .attempts = delivery->attempts,
	    .kind = kind,
	    .retry_at = road->scene.now + MINUTE_MS,
	    .reason = "250 thanks",
	};

	assert_int_equal(outbox_settle(road->db, &road->scene, &settlement), STATUS_OK);
}

/* Claims one and settles it; it must be there. */
static inline struct delivery finish(struct road *road, const char *channel, enum settle_kind kind)
{
	const struct delivery delivery = claim_one(road, channel);

	assert_true(delivery.id > 0);
	settle(road, &delivery, kind);
	return delivery;
}

#endif
