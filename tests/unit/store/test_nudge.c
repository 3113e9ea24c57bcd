/* Raising, reopening and resolving nudges; the sweep; the clock that went back. */
#include <jansson.h>

#include "road.h"

#define DUE_BASE   (TODAY - 28) /* four weeks ago: due today */
#define COLD_BASE  (TODAY - 35) /* and a week of grace: cold today */
#define TRACK_BASE (TODAY - 10) /* on track */

static void test_due_partner_raises_one_nudge_however_often_it_is_judged(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	sweep(road);
	judge(road, 1, "contact");
	judge(road, 1, "contact");
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM nudge"), 1);
	assert_int_equal(ask(road, "SELECT base FROM nudge"), DUE_BASE);
	assert_string_equal(ask_text(road, "SELECT state FROM nudge"), "due");
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox WHERE kind = 'event'"), 1);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM history WHERE verb = 'nudge.raised'"), 1);
}

static void test_next_look_is_the_start_of_the_day_of_the_next_change(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", TRACK_BASE);
	sweep(road);
	assert_int_equal(nudge_next_look(road->db), (TRACK_BASE + 28) * DAY_MS);
	set_day(road, TRACK_BASE + 28);
	sweep(road);
	assert_int_equal(nudge_next_look(road->db), (TRACK_BASE + 35) * DAY_MS);
	set_day(road, TRACK_BASE + 35);
	sweep(road);
	assert_true(nudge_next_look(road->db) == INSTANT_NEVER);
	assert_string_equal(ask_text(road, "SELECT state FROM nudge"), "cold");
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM history WHERE verb = 'nudge.cold'"), 1);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox"), 1);
}

static void test_contact_resolves_the_nudge_with_its_cause(void **state)
{
	struct road *road = *state;
	json_t *document, *data;

	add_partner(road, 1, "acme", DUE_BASE);
	sweep(road);
	set_last(road, 1, TODAY);
	judge(road, 1, "contact");
	assert_string_equal(ask_text(road, "SELECT cause FROM nudge"), "contact");
	document = json_loads(
	    ask_text(road, "SELECT document FROM outbox WHERE key = 'event|1|2|crm'"), 0, NULL);
	assert_string_equal(json_string_value(json_object_get(document, "type")), "nudge.resolved");
	data = json_object_get(document, "data");
	assert_string_equal(json_string_value(json_object_get(data, "cause")), "contact");
	assert_string_equal(json_string_value(json_object_get(data, "base")), "2026-10-26");
	assert_string_equal(json_string_value(json_object_get(data, "due_day")), "2026-11-23");
	assert_string_equal(
	    json_string_value(json_object_get(json_object_get(data, "last_contact"), "day")),
	    "2026-11-23");
	json_decref(document);
}

static void test_undone_contact_reopens_the_nudge_of_that_silence(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	sweep(road);
	tell(road, "INSERT INTO told VALUES (1, 'maria', 20780, 1, 'due', 0)");
	set_last(road, 1, TODAY);
	judge(road, 1, "contact");
	set_last(road, 1, DUE_BASE);
	judge(road, 1, "contact");
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM nudge"), 1);
	assert_int_equal(ask(road, "SELECT resolved IS NULL AND cause IS NULL FROM nudge"), 1);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM told"), 1);
	assert_non_null(
	    strstr(ask_text(road, "SELECT document FROM outbox WHERE key = 'event|1|3|crm'"),
		   "\"reopened\":true"));
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM history WHERE verb = 'nudge.reopened'"),
			 1);
}

static void test_longer_cadence_resolves_as_changed(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	sweep(road);
	tell(road, "UPDATE partner SET cadence = 'yearly'");
	judge(road, 1, "contact");
	assert_string_equal(ask_text(road, "SELECT cause FROM nudge"), "changed");
}

#define PROMISED (TODAY + 10)

/* Promised today, and open on the promised day. */
static void promise(struct road *road)
{
	struct answer answer;
	struct error err;

	add_partner(road, 1, "acme", TODAY - 60);
	assert_int_equal(
	    answer_give(road->db, &road->scene, "acme", ANSWER_FIX, "10d", NULL, &answer, &err),
	    STATUS_OK);
	set_day(road, PROMISED);
	sweep(road);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM nudge WHERE resolved IS NULL"), 1);
}

static void test_a_promise_that_had_its_old_name_goes_on_as_one_nudge(void **state)
{
	struct road *road = *state;

	promise(road);
	tell(road, "UPDATE nudge SET base = 20790 - 28"); /* the promised day - every */
	tell(road, "INSERT INTO told VALUES (1, 'maria', 20790, 1, 'due', 0)");
	judge(road, 1, "changed");
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM nudge"), 1);
	assert_int_equal(ask(road, "SELECT base FROM nudge WHERE resolved IS NULL"), TODAY);
	assert_int_equal(compose(road).entry_count, 0);
}

/* The due day that the newest event about a nudge names. */
static const char *due_day_of_event(struct road *road, const char *type)
{
	json_t *document = json_loads(
	    ask_text(road, "SELECT document FROM outbox WHERE kind = 'event' AND nudge = 1"
			   " ORDER BY id DESC LIMIT 1"),
	    0, NULL);
	const char *due_day;

	assert_string_equal(json_string_value(json_object_get(document, "type")), type);
	due_day = arena_strdup(road->arena, json_string_value(json_object_get(
						json_object_get(document, "data"), "due_day")));
	json_decref(document);
	return due_day;
}

static void test_the_end_of_a_promise_names_the_promised_day(void **state)
{
	struct road *road = *state;

	promise(road);
	assert_string_equal(due_day_of_event(road, "nudge.raised"), "2026-12-03");
	set_last(road, 1, PROMISED);
	judge(road, 1, "contact");
	assert_string_equal(due_day_of_event(road, "nudge.resolved"), "2026-12-03");
}

static void test_a_promise_that_another_follows_names_its_own_day(void **state)
{
	struct road *road = *state;
	struct answer answer;
	struct error err;

	promise(road);
	assert_int_equal(
	    answer_give(road->db, &road->scene, "acme", ANSWER_FIX, "30d", NULL, &answer, &err),
	    STATUS_OK);
	assert_string_equal(ask_text(road, "SELECT cause FROM nudge"), "decided");
	assert_string_equal(due_day_of_event(road, "nudge.resolved"), "2026-12-03");
}

static void test_snoozed_partner_keeps_its_open_nudge_and_raises_none(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	add_partner(road, 2, "borealis", DUE_BASE);
	judge(road, 1, "contact");
	put_answer(road, 1, "snooze", 20780, 20790);
	put_answer(road, 2, "snooze", 20780, 20790);
	sweep(road);
	judge(road, 1, "changed");
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM nudge"), 1);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM nudge WHERE resolved IS NULL"), 1);
	set_day(road, 20790);
	sweep(road);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM nudge WHERE resolved IS NULL"), 2);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM nudge WHERE state = 'cold'"), 2);
}

static void test_archived_partner_has_no_open_nudge_and_no_next_look(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	sweep(road);
	tell(road, "UPDATE partner SET archived = 20780");
	judge(road, 1, "contact");
	assert_string_equal(ask_text(road, "SELECT cause FROM nudge"), "archived");
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM sched"), 0);
	tell(road, "UPDATE partner SET archived = NULL");
	judge(road, 1, "changed");
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM nudge WHERE resolved IS NULL"), 1);
}

static void test_events_carry_evidence_and_no_notes(void **state)
{
	struct road *road = *state;
	const char *document;

	add_partner(road, 1, "acme", COLD_BASE);
	sweep(road);
	document = ask_text(road, "SELECT document FROM outbox");
	assert_string_equal(
	    document,
	    "{\"type\":\"nudge.raised\",\"timestamp\":\"2026-11-23T09:00:00Z\",\"data\":{"
	    "\"nudge\":1,\"partner\":{\"id\":\"acme\",\"name\":\"acme\",\"owner\":\"maria\","
	    "\"cadence\":\"standard\",\"tags\":\"emea\"},\"rule\":\"contact\",\"state\":\"cold\","
	    "\"base\":\"2026-10-19\",\"due_day\":\"2026-11-16\",\"cold_day\":\"2026-11-23\","
	    "\"days_overdue\":7,\"every\":\"4 weeks\",\"next_change\":null,\"last_contact\":{"
	    "\"day\":\"2026-10-19\",\"kind\":\"meeting\",\"person\":\"Jana\",\"by\":null,"
	    "\"source\":\"csv\"}}}");
	assert_null(strstr(ask_text(road, "SELECT detail FROM history"), "secret"));
}

static void test_no_event_without_a_channel_for_events(void **state)
{
	struct road *road = *state;

	road->roster.event_count = 0;
	add_partner(road, 1, "acme", DUE_BASE);
	sweep(road);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM nudge"), 1);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox"), 0);
}

static void test_sweep_takes_a_limited_bite_and_says_that_there_is_more(void **state)
{
	struct road *road = *state;
	bool more = false;

	add_partner(road, 1, "acme", DUE_BASE);
	add_partner(road, 2, "borealis", DUE_BASE);
	add_partner(road, 3, "cobalt", DUE_BASE);
	assert_int_equal(nudge_sweep(road->db, &road->scene, 2, &more), STATUS_OK);
	assert_true(more);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM nudge"), 2);
	assert_int_equal(nudge_sweep(road->db, &road->scene, 2, &more), STATUS_OK);
	assert_false(more);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM nudge"), 3);
}

static void test_broken_partner_delays_nobody_else(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	add_partner(road, 2, "borealis", DUE_BASE);
	tell(road, "CREATE TEMP TRIGGER broken BEFORE INSERT ON nudge WHEN new.partner = 1"
		   " BEGIN SELECT RAISE(ABORT, 'broken'); END");
	sweep(road);
	assert_int_equal(ask(road, "SELECT partner FROM nudge"), 2);
	assert_int_equal(ask(road, "SELECT next_check FROM sched WHERE partner = 1"),
			 road->scene.now + DAY_MS);
	assert_int_equal(
	    ask(road, "SELECT partner FROM history WHERE verb = 'partner.unjudgeable'"), 1);
	tell(road, "DROP TRIGGER broken");
}

static void test_row_without_a_partner_is_forgotten(void **state)
{
	struct road *road = *state;

	tell(road, "INSERT INTO sched VALUES (0, 77)");
	sweep(road);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM sched"), 0);
}

static void test_clock_that_went_back_leaves_nothing_ahead(void **state)
{
	struct road *road = *state;

	set_day(road, TODAY + 400);
	add_partner(road, 1, "acme", TODAY - 1);
	(void)send_digest(road, TODAY + 400, 1);
	tell(road, "UPDATE partner SET first_seen = 21000");
	put_answer(road, 1, "snooze", 21000, 20800);
	tell(road, "UPDATE outbox SET state = 'retry' WHERE kind = 'digest'");
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM sched"), 0);
	set_day(road, TODAY);
	assert_int_equal(nudge_clock_check(road->db, &road->scene), STATUS_OK);
	assert_int_equal(ask(road, "SELECT day FROM told"), TODAY);
	assert_int_equal(ask(road, "SELECT first_seen FROM partner"), TODAY);
	assert_int_equal(ask(road, "SELECT until FROM answer"), 20800);
	assert_int_equal(ask(road, "SELECT given FROM answer"), TODAY);
	assert_int_equal(ask(road, "SELECT looked FROM owner"), TODAY);
	assert_int_equal(ask(road, "SELECT digest FROM owner"), TODAY);
	assert_int_equal(ask(road, "SELECT MAX(next_try) FROM outbox"), road->scene.now);
	assert_int_equal(ask(road, "SELECT next_check FROM sched"), 0);
	sweep(road);
	assert_string_equal(ask_text(road, "SELECT cause FROM nudge"), "changed");
}

static void test_day_that_a_wrong_clock_used_up_gets_its_digest(void **state)
{
	struct road *road = *state;
	struct digest digest;

	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY + 1, 1);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	set_day(road, TODAY);
	assert_int_equal(nudge_clock_check(road->db, &road->scene), STATUS_OK);
	set_last(road, 1, DUE_BASE + 1);
	judge(road, 1, "contact");
	digest = send_digest(road, TODAY + 1, 1);
	assert_int_equal(digest.kind, DIGEST_NUDGES);
	assert_string_equal(ask_text(road, "SELECT key FROM outbox WHERE kind = 'digest'"),
			    "digest|maria|2026-11-24+1|mail|maria@example.com");
}

static void test_clock_that_only_went_on_disturbs_nobody(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", TRACK_BASE);
	sweep(road);
	assert_int_equal(nudge_clock_check(road->db, &road->scene), STATUS_OK);
	set_day(road, TODAY + 1);
	assert_int_equal(nudge_clock_check(road->db, &road->scene), STATUS_OK);
	assert_true(nudge_next_look(road->db) > road->scene.now);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM history WHERE verb = 'clock.went_back'"),
			 0);
	set_day(road, TODAY);
	assert_int_equal(nudge_clock_check(road->db, &road->scene), STATUS_OK);
	assert_int_equal(nudge_next_look(road->db), 0);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM history WHERE verb = 'clock.went_back'"),
			 1);
}

static void check_clock(struct road *road, day today)
{
	set_day(road, today);
	assert_int_equal(nudge_clock_check(road->db, &road->scene), STATUS_OK);
}

static void test_what_two_steps_put_back_comes_back_with_the_clock(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	check_clock(road, TODAY);
	check_clock(road, TODAY - 2000);
	check_clock(road, TODAY - 2100);
	assert_int_equal(ask(road, "SELECT day FROM contact"), TODAY - 2100);
	check_clock(road, TODAY);
	assert_int_equal(ask(road, "SELECT day FROM contact"), DUE_BASE);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM misdated"), 0);
}

static void test_what_was_changed_under_a_wrong_clock_stays(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	add_partner(road, 2, "borealis", DUE_BASE);
	check_clock(road, TODAY);
	check_clock(road, TODAY - 2000);
	set_last(road, 1, TODAY - 2003);
	set_last(road, 2, TODAY - 1999);
	check_clock(road, TODAY - 2002);
	check_clock(road, TODAY);
	assert_int_equal(ask(road, "SELECT day FROM contact WHERE partner = 1"), TODAY - 2003);
	assert_int_equal(ask(road, "SELECT day FROM contact WHERE partner = 2"), TODAY - 1999);
}

static void test_clock_that_gets_there_by_itself_brings_nothing_back(void **state)
{
	struct road *road = *state;
	bool more;

	add_partner(road, 1, "acme", TODAY + 17);
	check_clock(road, TODAY + 17);
	check_clock(road, TODAY);
	assert_int_equal(ask(road, "SELECT day FROM contact"), TODAY);
	/* A turn sees it get there; then somebody puts the clock right by a second. */
	set_day(road, TODAY + 18);
	assert_int_equal(nudge_sweep(road->db, &road->scene, 100, &more), STATUS_OK);
	check_clock(road, TODAY + 18);
	assert_int_equal(ask(road, "SELECT day FROM contact"), TODAY);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM misdated"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, road_open, road_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_due_partner_raises_one_nudge_however_often_it_is_judged),
	    TEST(test_next_look_is_the_start_of_the_day_of_the_next_change),
	    TEST(test_contact_resolves_the_nudge_with_its_cause),
	    TEST(test_undone_contact_reopens_the_nudge_of_that_silence),
	    TEST(test_longer_cadence_resolves_as_changed),
	    TEST(test_a_promise_that_had_its_old_name_goes_on_as_one_nudge),
	    TEST(test_the_end_of_a_promise_names_the_promised_day),
	    TEST(test_a_promise_that_another_follows_names_its_own_day),
	    TEST(test_snoozed_partner_keeps_its_open_nudge_and_raises_none),
	    TEST(test_archived_partner_has_no_open_nudge_and_no_next_look),
	    TEST(test_events_carry_evidence_and_no_notes),
	    TEST(test_no_event_without_a_channel_for_events),
	    TEST(test_sweep_takes_a_limited_bite_and_says_that_there_is_more),
	    TEST(test_broken_partner_delays_nobody_else),
	    TEST(test_row_without_a_partner_is_forgotten),
	    TEST(test_clock_that_went_back_leaves_nothing_ahead),
	    TEST(test_day_that_a_wrong_clock_used_up_gets_its_digest),
	    TEST(test_clock_that_only_went_on_disturbs_nobody),
	    TEST(test_what_two_steps_put_back_comes_back_with_the_clock),
	    TEST(test_what_was_changed_under_a_wrong_clock_stays),
	    TEST(test_clock_that_gets_there_by_itself_brings_nothing_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
