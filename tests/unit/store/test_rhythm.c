/* The rhythm: kept with the partner, the same as its contacts tell whatever happened to them. */
#include "base/chance.h"
#include "road.h"
#include "store/rhythm.h"

#define NOTES 30

static int with_acme(void **state)
{
	struct road *road;
	struct partner_change change = {.id = "acme", .owner = "maria", .since = DAY_NEVER};
	enum change_result result;
	struct error err;

	road_open(state);
	road = *state;
	set_day(road, TODAY - 100);
	assert_int_equal(partner_write(road->db, &road->scene, &change, false, &result, &err),
			 STATUS_OK);
	set_day(road, TODAY);
	return 0;
}

static struct facts facts_of(struct road *road)
{
	struct facts facts;
	struct error err;

	assert_int_equal(partner_facts(road->db, &road->scene, "acme", road->arena, &facts, &err),
			 STATUS_OK);
	return facts;
}

static int64_t log_from(struct road *road, day d, const char *source, enum contact_kind kind,
			enum contact_direction direction, const char *name)
{
	const struct contact contact = {.day = d,
					.kind = kind,
					.direction = direction,
					.minutes = CONTACT_MINUTES_UNKNOWN,
					.ext_id = name,
					.source = source};
	enum change_result result;
	struct error err = {{0}};
	int64_t id = 0;

	if (contact_write(road->db, &road->scene, "acme", &contact, false, &id, &result, &err) !=
	    STATUS_OK)
		fail_msg("%s", err.text);
	return id;
}

static int64_t call_on(struct road *road, day d)
{
	return log_from(road, d, "command", CONTACT_CALL, DIRECTION_BOTH, NULL);
}

/* What is kept is what the contacts tell, and it is kept. */
static void assert_kept(struct road *road, int contacts, int live)
{
	const struct facts facts = facts_of(road);
	const struct rhythm told = rhythm_replay(road->db, facts.partner.row);

	assert_true(facts.rhythm_is_kept);
	assert_true(rhythm_equal(&facts.rhythm, &told));
	assert_int_equal(facts.rhythm.risk.n, contacts);
	assert_int_equal(facts.rhythm.live, live);
}

static void test_each_contact_moves_it_on_in_its_own_transaction(void **state)
{
	struct road *road = *state;

	assert_kept(road, 0, 0);
	call_on(road, TODAY - 30);
	call_on(road, TODAY - 23);
	call_on(road, TODAY - 2);
	assert_kept(road, 3, 3);
	assert_true(facts_of(road).rhythm.risk.weight == 1.9);
	/* Nobody answered: no contact. */
	log_from(road, TODAY - 1, "command", CONTACT_EMAIL, DIRECTION_OUT, NULL);
	assert_kept(road, 3, 3);
	/* The same day again is no other. */
	log_from(road, TODAY - 2, "command", CONTACT_MEETING, DIRECTION_BOTH, NULL);
	assert_kept(road, 3, 3);
}

static void test_imported_and_configured_contacts_are_not_live(void **state)
{
	struct road *road = *state;

	log_from(road, TODAY - 40, "csv", CONTACT_CALL, DIRECTION_BOTH, NULL);
	log_from(road, TODAY - 30, "conf", CONTACT_CALL, DIRECTION_BOTH, NULL);
	log_from(road, TODAY - 20, "api", CONTACT_CALL, DIRECTION_BOTH, NULL);
	assert_kept(road, 3, 1);
	/* A day that was imported and then lived is lived. */
	log_from(road, TODAY - 10, "csv", CONTACT_CALL, DIRECTION_BOTH, NULL);
	assert_kept(road, 4, 1);
	log_from(road, TODAY - 10, "mail", CONTACT_MEETING, DIRECTION_BOTH, NULL);
	assert_kept(road, 4, 2);
}

static void test_what_is_back_dated_edited_or_taken_back_is_replayed(void **state)
{
	struct road *road = *state;
	struct error err;
	struct rhythm before;
	int64_t id;

	call_on(road, TODAY - 50);
	call_on(road, TODAY - 10);
	before = facts_of(road).rhythm;
	id = call_on(road, TODAY - 30);
	assert_kept(road, 3, 3);
	assert_int_equal(remove_contact(road, id, &err), STATUS_OK);
	assert_kept(road, 2, 2);
	const struct rhythm after = facts_of(road).rhythm;
	assert_true(rhythm_equal(&before, &after));
	/* The same name again with another day, and with a direction that no longer counts. */
	log_from(road, TODAY - 5, "api", CONTACT_CALL, DIRECTION_BOTH, "x1");
	log_from(road, TODAY - 7, "api", CONTACT_CALL, DIRECTION_BOTH, "x1");
	assert_kept(road, 3, 3);
	assert_int_equal(facts_of(road).rhythm.risk.last, TODAY - 7);
	log_from(road, TODAY - 7, "api", CONTACT_CALL, DIRECTION_OUT, "x1");
	assert_kept(road, 2, 2);
}

static void test_a_dry_run_moves_nothing(void **state)
{
	struct road *road = *state;
	const struct contact contact = {.day = TODAY,
					.kind = CONTACT_CALL,
					.minutes = CONTACT_MINUTES_UNKNOWN,
					.source = "command"};
	enum change_result result;
	struct error err;
	int64_t id;

	call_on(road, TODAY - 9);
	assert_int_equal(
	    contact_write(road->db, &road->scene, "acme", &contact, true, &id, &result, &err),
	    STATUS_OK);
	assert_kept(road, 1, 1);
}

static void test_one_that_is_not_known_yet_is_found_and_kept_when_judged(void **state)
{
	struct road *road = *state;

	call_on(road, TODAY - 30);
	call_on(road, TODAY - 3);
	const struct rhythm before = facts_of(road).rhythm;
	/* As a migration leaves it. */
	tell(road, "UPDATE partner SET met = NULL, met_last = 1, gap_weight = 7");
	struct facts facts = facts_of(road);
	assert_false(facts.rhythm_is_kept);
	assert_true(rhythm_equal(&before, &facts.rhythm));
	assert_int_equal(nudge_judge(road->db, &road->scene, &facts, NULL), STATUS_OK);
	assert_kept(road, 2, 2);
}

static void test_a_contact_under_a_wrong_clock_counts_as_of_now_and_comes_back(void **state)
{
	struct road *road = *state;

	call_on(road, TODAY - 30);
	set_day(road, TODAY + 365);
	call_on(road, TODAY + 365);
	assert_int_equal(facts_of(road).rhythm.risk.last, TODAY + 365);
	set_day(road, TODAY);
	assert_int_equal(nudge_clock_check(road->db, &road->scene), STATUS_OK);
	sweep(road);
	assert_kept(road, 2, 2);
	assert_int_equal(facts_of(road).rhythm.risk.last, TODAY);
	/* It was the other reading that was wrong. */
	set_day(road, TODAY + 366);
	assert_int_equal(nudge_clock_check(road->db, &road->scene), STATUS_OK);
	sweep(road);
	assert_kept(road, 2, 2);
	assert_int_equal(facts_of(road).rhythm.risk.last, TODAY + 365);
}

static void test_a_day_gone_by_has_the_rhythm_of_that_day(void **state)
{
	struct road *road = *state;
	struct contact *contacts;
	struct facts facts;
	struct error err;
	size_t count;

	for (day d = TODAY - 40; d < TODAY; d += 10) {
		set_day(road, d);
		call_on(road, d);
	}
	set_day(road, TODAY);
	assert_int_equal(partner_facts_on(road->db, &road->scene, "acme", TODAY - 15, road->arena,
					  &facts, &contacts, &count, &err),
			 STATUS_OK);
	assert_int_equal(facts.rhythm.risk.n, 3);
	assert_int_equal(facts.rhythm.risk.last, TODAY - 20);
}

static void do_something(struct road *road, struct chance *chance)
{
	static const char *const sources[] = {"command", "csv", "api"};
	const day d = TODAY - (day)chance_draw(chance, 300);
	char name[16];
	struct error err;

	snprintf(name, sizeof(name), "x%u", chance_draw(chance, NOTES));
	if (chance_draw(chance, 4) == 0) {
		const int64_t id = ask(road, "SELECT coalesce(min(id), 0) FROM contact");

		if (id)
			assert_int_equal(remove_contact(road, id, &err), STATUS_OK);
		return;
	}
	log_from(road, d, sources[chance_draw(chance, 3)],
		 chance_draw(chance, 2) ? CONTACT_CALL : CONTACT_MEETING,
		 chance_draw(chance, 3) ? DIRECTION_BOTH : DIRECTION_OUT, name);
}

static void test_whatever_happens_it_is_what_the_contacts_tell(void **state)
{
	const char *given = getenv("SEED");
	const uint64_t seed = given ? strtoull(given, NULL, 10) : 20261125;
	struct chance chance = chance_make(seed);
	struct road *road = *state;

	print_message("whatever happens: SEED=%llu\n", (unsigned long long)seed);
	for (int i = 0; i < 600; i++) {
		do_something(road, &chance);
		const struct facts facts = facts_of(road);
		const struct rhythm told = rhythm_replay(road->db, facts.partner.row);

		assert_true(facts.rhythm_is_kept && rhythm_equal(&facts.rhythm, &told));
	}
}

static void assert_refused(struct road *road, day d, const char *reason)
{
	const struct contact contact = {.day = d,
					.kind = CONTACT_CALL,
					.minutes = CONTACT_MINUTES_UNKNOWN,
					.source = "command"};
	enum change_result result;
	struct error err;
	int64_t id;

	assert_int_equal(
	    contact_write(road->db, &road->scene, "acme", &contact, false, &id, &result, &err),
	    STATUS_INVALID);
	assert_non_null(strstr(err.text, reason));
}

static void test_contacts_before_1970_and_after_today_are_refused(void **state)
{
	struct road *road = *state;

	assert_refused(road, -1, "1969-12-31, lies before 1970");
	assert_refused(road, TODAY + 1, "2026-11-24 is after today");
	assert_kept(road, 0, 0);
	call_on(road, 0);
	assert_kept(road, 1, 1);
}

static void test_a_cold_mark_before_the_due_day_is_refused(void **state)
{
	struct road *road = *state;
	struct partner_change change = {.id = "acme", .since = DAY_NEVER, .cold_mark = 27};
	enum change_result result;
	struct error err;

	assert_int_equal(partner_write(road->db, &road->scene, &change, false, &result, &err),
			 STATUS_INVALID);
	assert_string_equal(err.text, "cold_mark: 27 days lie before the due day of cadence "
				      "standard, which is every 4 weeks; it should be as long at "
				      "least");
	change.cold_mark = 90;
	assert_int_equal(partner_write(road->db, &road->scene, &change, false, &result, &err),
			 STATUS_OK);
	assert_int_equal(facts_of(road).partner.cold_mark, 90);
	/* A longer cadence would put the due day behind it. */
	change = (struct partner_change){.id = "acme", .cadence = "yearly", .since = DAY_NEVER};
	assert_int_equal(partner_write(road->db, &road->scene, &change, false, &result, &err),
			 STATUS_INVALID);
	change =
	    (struct partner_change){.id = "acme", .since = DAY_NEVER, .cold_mark = COLD_MARK_NONE};
	assert_int_equal(partner_write(road->db, &road->scene, &change, false, &result, &err),
			 STATUS_OK);
	assert_int_equal(facts_of(road).partner.cold_mark, 0);
}

#define WITH_ACME(test) cmocka_unit_test_setup_teardown(test, with_acme, road_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_ACME(test_each_contact_moves_it_on_in_its_own_transaction),
	    WITH_ACME(test_imported_and_configured_contacts_are_not_live),
	    WITH_ACME(test_what_is_back_dated_edited_or_taken_back_is_replayed),
	    WITH_ACME(test_a_dry_run_moves_nothing),
	    WITH_ACME(test_one_that_is_not_known_yet_is_found_and_kept_when_judged),
	    WITH_ACME(test_a_contact_under_a_wrong_clock_counts_as_of_now_and_comes_back),
	    WITH_ACME(test_a_day_gone_by_has_the_rhythm_of_that_day),
	    WITH_ACME(test_whatever_happens_it_is_what_the_contacts_tell),
	    WITH_ACME(test_contacts_before_1970_and_after_today_are_refused),
	    WITH_ACME(test_a_cold_mark_before_the_due_day_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
