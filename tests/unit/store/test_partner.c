/* Partners of the database: what may be written, by whom, and what it sets off. */
#include "road.h"

#define DUE_BASE (TODAY - 28)

static const struct partner_change nothing = {.since = DAY_NEVER};

static struct partner_change change_of(const char *id)
{
	struct partner_change change = nothing;

	change.id = id;
	return change;
}

static enum change_result write_partner(struct road *road, const struct partner_change *change)
{
	enum change_result result = CHANGE_SAME;
	struct error err = {{0}};

	if (partner_write(road->db, &road->scene, change, false, &result, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return result;
}

static void assert_refused(struct road *road, const struct partner_change *change,
			   enum status wanted, const char *reason)
{
	enum change_result result;
	struct error err = {{0}};
	const int64_t before = ask(road, "SELECT count(*) FROM history");

	assert_int_equal(partner_write(road->db, &road->scene, change, false, &result, &err),
			 wanted);
	if (!strstr(err.text, reason))
		fail_msg("\"%s\" is not in \"%s\"", reason, err.text);
	assert_int_equal(ask(road, "SELECT count(*) FROM history"), before);
}

static void add_acme(struct road *road)
{
	struct partner_change change = change_of("acme");

	change.owner = "maria";
	assert_int_equal(write_partner(road, &change), CHANGE_NEW);
}

static void test_a_new_partner_gets_its_defaults_and_a_look_ahead(void **state)
{
	struct road *road = *state;
	struct facts facts;
	struct error err;

	add_acme(road);
	assert_int_equal(partner_facts(road->db, &road->scene, "acme", road->arena, &facts, &err),
			 STATUS_OK);
	assert_string_equal(facts.partner.name, "acme");
	assert_string_equal(facts.partner.cadence, "standard");
	assert_int_equal(facts.partner.first_seen, TODAY);
	assert_int_equal(facts.partner.since, DAY_NEVER);
	assert_int_equal(facts.partner.archived, DAY_NEVER);
	assert_false(facts_have(&facts, ANSWER_SNOOZE));
	assert_null(facts.partner.origin);
	assert_ptr_equal(facts.owner, &road->owners[1]);
	assert_ptr_equal(facts.cadence, &road->cadences[0]);
	assert_false(facts.has_last);
	assert_true(nudge_next_look(road->db) > road->scene.now);
	assert_int_equal(ask(road, "SELECT count(*) FROM history WHERE verb = 'partner.added'"), 1);
}

static void test_the_same_write_again_changes_nothing(void **state)
{
	struct road *road = *state;
	struct partner_change change = change_of("acme");

	add_acme(road);
	change.owner = "maria";
	assert_int_equal(write_partner(road, &change), CHANGE_SAME);
	assert_int_equal(ask(road, "SELECT count(*) FROM history"), 1);
	change.name = "Acme GmbH";
	change.tags = "reseller, emea";
	change.since = TODAY - 100;
	assert_int_equal(write_partner(road, &change), CHANGE_CHANGED);
	assert_int_equal(write_partner(road, &change), CHANGE_SAME);
	/* What is not said stays; empty tags take them away. */
	change = change_of("acme");
	assert_int_equal(write_partner(road, &change), CHANGE_SAME);
	change.tags = "";
	assert_int_equal(write_partner(road, &change), CHANGE_CHANGED);
	assert_string_equal(ask_text(road, "SELECT name FROM partner"), "Acme GmbH");
	assert_null(ask_text(road, "SELECT tags FROM partner"));
}

static void test_a_dry_run_says_what_it_would_do_and_writes_nothing(void **state)
{
	struct road *road = *state;
	struct partner_change change = change_of("acme");
	enum change_result result;
	struct error err;

	change.owner = "maria";
	assert_int_equal(partner_write(road->db, &road->scene, &change, true, &result, &err),
			 STATUS_OK);
	assert_int_equal(result, CHANGE_NEW);
	assert_int_equal(ask(road, "SELECT count(*) FROM partner"), 0);
	assert_int_equal(ask(road, "SELECT count(*) FROM sched"), 0);
	assert_int_equal(ask(road, "SELECT count(*) FROM history"), 0);
	change.owner = "nobody";
	assert_int_equal(partner_write(road->db, &road->scene, &change, true, &result, &err),
			 STATUS_INVALID);
}

static void test_an_unknown_owner_or_cadence_is_refused_with_what_would_be_right(void **state)
{
	struct road *road = *state;
	struct partner_change change = change_of("acme");

	assert_refused(road, &change, STATUS_INVALID,
		       "owner is missing; choose one of: jon, maria");
	change.owner = "mari";
	assert_refused(road, &change, STATUS_INVALID, "did you mean maria?");
	change.owner = "xxxxxxxxx";
	assert_refused(road, &change, STATUS_INVALID, "choose one of: jon, maria");
	change.owner = "maria";
	change.cadence = "yearl";
	assert_refused(road, &change, STATUS_INVALID, "did you mean yearly?");
	change.cadence = NULL;
	road->cadences[0].id = "monthly";
	assert_refused(road, &change, STATUS_INVALID,
		       "cadence is missing; choose one of: monthly, yearly");
}

static void test_a_ladder_that_leads_nowhere_is_refused_and_one_that_was_there_is_told(void **state)
{
	struct road *road = *state;
	struct partner_change change = change_of("acme");
	const char **gaps;
	size_t count;

	road->cadences[1].escalate_count = 1;
	change.owner = "maria";
	change.cadence = "yearly";
	assert_refused(road, &change, STATUS_INVALID,
		       "cadence yearly escalates, but owner maria has nobody to escalate to");
	road->owners[1].backup = "jon";
	assert_int_equal(write_partner(road, &change), CHANGE_NEW);
	assert_int_equal(view_ladder_gaps(road->db, &road->scene, road->arena, &gaps, &count),
			 STATUS_OK);
	assert_int_equal(count, 0);
	/* To another owner, who has nobody; and with an owner whose backup has left. */
	change = change_of("acme");
	change.owner = "jon";
	assert_refused(road, &change, STATUS_INVALID, "owner jon has nobody to escalate to");
	road->owners[1].backup = NULL;
	assert_int_equal(view_ladder_gaps(road->db, &road->scene, road->arena, &gaps, &count),
			 STATUS_OK);
	assert_int_equal(count, 1);
	assert_string_equal(gaps[0], "partner acme: cadence yearly escalates, but owner maria has "
				     "nobody to escalate to: take another cadence, or give maria a "
				     "backup or a manager in the configuration");
	/* A new name is no reason to refuse what was so before. */
	change = change_of("acme");
	change.name = "Acme AG";
	assert_int_equal(write_partner(road, &change), CHANGE_CHANGED);
}

static void test_hostile_values_are_refused_and_never_repeated(void **state)
{
	struct road *road = *state;
	static const char *const ids[] = {
	    "", "a b", "1acme", "-acme", "ac\nme", "<b>", "\xc3\xa9t\xc3\xa9", "a\x1b[31m", "a\"b"};
	static const char *const names[] = {"",		"a\r\nBcc: x",	"a\x07",	 "\xff\xfe",
					    "\xc0\xaf", "\xed\xa0\x80", "a\342\200\256b"};
	char *long_name = mem_alloc(10 * 1024 * 1024 + 1, 1);
	struct partner_change change = change_of("acme");

	change.owner = "maria";
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		change.id = ids[i];
		assert_refused(road, &change, STATUS_INVALID, "is not an id");
	}
	change.id = "a b";
	assert_refused(road, &change, STATUS_INVALID, "is not an id: \"a b\" should be a letter");
	change.id = "a\x1b[31m";
	assert_refused(road, &change, STATUS_INVALID, "is not an id: a letter");
	change.id = "acme";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		change.name = names[i];
		assert_refused(road, &change, STATUS_INVALID, "name ");
	}
	memset(long_name, 'x', 10 * 1024 * 1024);
	change.name = long_name;
	assert_refused(road, &change, STATUS_INVALID, "name is longer than 200 characters");
	change.name = "<script>alert('x')</script> & *bold*";
	change.since = DAY_MAX + 1;
	assert_refused(road, &change, STATUS_INVALID, "since lies outside");
	change.since = DAY_NEVER;
	change.owner = "x\x1b[2J";
	assert_refused(road, &change, STATUS_INVALID, "owner is not an id");
	change.owner = "maria";
	assert_int_equal(write_partner(road, &change), CHANGE_NEW);
	assert_string_equal(ask_text(road, "SELECT name FROM partner"), change.name);
	free(long_name);
}

static void test_the_file_keeps_what_it_manages(void **state)
{
	struct road *road = *state;
	struct partner_change change = change_of("acme");

	add_acme(road);
	tell(road, "UPDATE partner SET origin = 'cadenced.conf:41'");
	change.name = "Other";
	assert_refused(road, &change, STATUS_CONFLICT,
		       "acme is managed by cadenced.conf:41; change it there");
	change.name = "acme";
	assert_int_equal(write_partner(road, &change), CHANGE_SAME);
}

static void test_a_near_miss_is_asked_back(void **state)
{
	struct road *road = *state;
	struct facts facts;
	struct error err;

	add_acme(road);
	assert_int_equal(partner_facts(road->db, &road->scene, "acmee", road->arena, &facts, &err),
			 STATUS_NOT_FOUND);
	assert_string_equal(err.text, "there is no partner \"acmee\"; did you mean acme?");
	assert_int_equal(
	    partner_facts(road->db, &road->scene, "zzzzzzzz", road->arena, &facts, &err),
	    STATUS_NOT_FOUND);
	assert_string_equal(err.text, "there is no partner \"zzzzzzzz\"");
	assert_int_equal(
	    partner_facts(road->db, &road->scene, "\x1b[31m", road->arena, &facts, &err),
	    STATUS_NOT_FOUND);
	assert_null(strchr(err.text, '\x1b'));
}

static void test_a_partner_whose_owner_or_cadence_vanished_still_has_facts(void **state)
{
	struct road *road = *state;
	struct facts facts;
	struct error err;

	add_acme(road);
	tell(road, "UPDATE partner SET owner = 'gone', hears = 'gone', cadence = 'gone'");
	assert_int_equal(partner_facts(road->db, &road->scene, "acme", road->arena, &facts, &err),
			 STATUS_OK);
	assert_null(facts.owner);
	assert_ptr_equal(facts.cadence, cadence_fallback());
	assert_int_equal(scene_today(&road->scene, &facts), TODAY);
}

static void test_writing_an_archived_partner_restores_it(void **state)
{
	struct road *road = *state;
	struct partner_change change = change_of("acme");

	add_acme(road);
	tell(road, "UPDATE partner SET archived = 20000");
	tell(road, "DELETE FROM sched");
	assert_int_equal(write_partner(road, &change), CHANGE_CHANGED);
	assert_int_equal(ask(road, "SELECT archived IS NULL FROM partner"), 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM sched"), 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM history WHERE verb = 'partner.restored'"),
			 1);
}

static enum status snooze(struct road *road, const char *words, const char *reason, day *ret_until,
			  struct error *err)
{
	struct answer answer;
	const enum status status =
	    answer_give(road->db, &road->scene, "acme", ANSWER_SNOOZE, words, reason, &answer, err);

	if (status == STATUS_OK)
		*ret_until = answer.until;
	return status;
}

static void test_a_snooze_holds_until_its_day_and_says_why(void **state)
{
	struct road *road = *state;
	struct facts facts;
	struct verdict verdicts[RULES];
	struct error err;
	day until = 0;

	add_partner(road, 1, "acme", TODAY - 60);
	judge(road, 1, "changed");
	assert_int_equal(snooze(road, "2w", "waiting for the board", &until, &err), STATUS_OK);
	assert_int_equal(until, TODAY + 14);
	assert_int_equal(partner_facts(road->db, &road->scene, "acme", road->arena, &facts, &err),
			 STATUS_OK);
	assert_string_equal(facts.answers[ANSWER_SNOOZE].reason, "waiting for the board");
	assert_string_equal(facts.answers[ANSWER_SNOOZE].actor, "cadenced");
	assert_int_equal(facts.answers[ANSWER_SNOOZE].given, TODAY);
	judge_partner(&facts, TODAY, verdicts);
	assert_false(verdict_calls(&verdicts[0]));
	judge_partner(&facts, TODAY + 14, verdicts);
	assert_true(verdict_calls(&verdicts[0]));
	assert_true(nudge_next_look(road->db) <= (TODAY + 14) * DAY_MS);
	assert_int_equal(ask(road, "SELECT count(*) FROM history WHERE verb = 'answer.snooze'"), 1);
}

static void test_a_snooze_that_cannot_be_meant_is_refused(void **state)
{
	struct road *road = *state;
	static const struct {
		const char *words, *reason, *say;
	} table[] = {
	    {"today", NULL, "2026-11-23 is not after today (2026-11-23)"},
	    {"2026-11-01", NULL, "is not after today"},
	    {"91d", NULL, "more than 90 days ahead; the latest is 2027-02-21"},
	    {"2026-02-30", NULL, "\"2026-02-30\" is no day; say"},
	    {"\x1b[31m", NULL, "the day holds a control character"},
	    {"", NULL, "\"\" is no day; say"},
	    {"3d", "a\nb", "reason holds a control character"},
	};
	struct error err;
	day until;

	add_partner(road, 1, "acme", TODAY - 60);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(snooze(road, table[i].words, table[i].reason, &until, &err),
				 STATUS_INVALID);
		if (!strstr(err.text, table[i].say))
			fail_msg("\"%s\" is not in \"%s\"", table[i].say, err.text);
	}
	assert_int_equal(ask(road, "SELECT count(*) FROM answer"), 0);
	assert_int_equal(snooze(road, "90d", NULL, &until, &err), STATUS_OK);
	tell(road, "UPDATE partner SET archived = 20000");
	assert_int_equal(snooze(road, "90d", NULL, &until, &err), STATUS_CONFLICT);
}

static const char *go_away(struct road *road, const char *owner)
{
	const char *stand_in = NULL;
	struct error err;

	assert_int_equal(
	    owner_set_away(road->db, &road->scene, owner, TODAY, TODAY + 4, &stand_in, &err),
	    STATUS_OK);
	return stand_in;
}

static void test_who_goes_away_hears_who_will_really_stand_in(void **state)
{
	struct road *road = *state;

	road->owners[1].backup = "jon";
	road->owners[1].manager = "ada";
	assert_string_equal(go_away(road, "maria"), "jon");
	assert_null(go_away(road, "jon"));
	assert_string_equal(go_away(road, "maria"), "ada");
	assert_string_equal(owner_stand_in(road->db, &road->scene, &road->owners[1]), "ada");
}

static void test_lists_walk_in_order_of_id_and_filter(void **state)
{
	struct road *road = *state;
	struct partner_filter filter = {0};
	struct facts *facts;
	size_t count;

	for (int64_t i = 5; i > 0; i--)
		add_partner(road, i, arena_printf(road->arena, "p%d", (int)i), TODAY - 1);
	tell(road, "UPDATE partner SET owner = 'jon', tags = 'Reseller, emea' WHERE id = 'p2'");
	tell(road, "UPDATE partner SET archived = 20000 WHERE id = 'p3'");
	assert_int_equal(
	    view_partners(road->db, &road->scene, &filter, NULL, 2, road->arena, &facts, &count),
	    STATUS_OK);
	assert_int_equal(count, 2);
	assert_string_equal(facts[1].partner.id, "p2");
	assert_true(facts[1].has_last);
	assert_string_equal(facts[1].last.note, "secret prices");
	assert_int_equal(
	    view_partners(road->db, &road->scene, &filter, "p2", 9, road->arena, &facts, &count),
	    STATUS_OK);
	assert_int_equal(count, 2);
	assert_string_equal(facts[0].partner.id, "p4");
	filter.tag = "reseller";
	assert_int_equal(
	    view_partners(road->db, &road->scene, &filter, NULL, 9, road->arena, &facts, &count),
	    STATUS_OK);
	assert_int_equal(count, 1);
	filter.tag = "resell";
	assert_int_equal(
	    view_partners(road->db, &road->scene, &filter, NULL, 9, road->arena, &facts, &count),
	    STATUS_OK);
	assert_int_equal(count, 0);
	filter = (struct partner_filter){.owner = "maria", .cadence = "standard"};
	assert_int_equal(
	    view_partners(road->db, &road->scene, &filter, NULL, 9, road->arena, &facts, &count),
	    STATUS_OK);
	assert_int_equal(count, 3);
	filter.archived = true;
	assert_int_equal(
	    view_partners(road->db, &road->scene, &filter, NULL, 9, road->arena, &facts, &count),
	    STATUS_OK);
	assert_int_equal(count, 1);
	assert_string_equal(facts[0].partner.id, "p3");
}

static void test_due_and_status_agree_about_who_waits(void **state)
{
	struct road *road = *state;
	struct digest_item *items;
	struct status_view view;
	struct error err;
	size_t count;
	day until;

	add_partner(road, 1, "acme", TODAY - 400);
	add_partner(road, 2, "borealis", TODAY - 30);
	add_partner(road, 3, "corvus", TODAY - 1);
	sweep(road);
	assert_int_equal(view_open(road->db, &road->scene, "maria", road->arena, &items, &count),
			 STATUS_OK);
	assert_int_equal(count, 2);
	assert_string_equal(items[0].facts.partner.id, "acme");
	assert_int_equal(items[0].verdict.state, STATE_COLD);
	assert_int_equal(items[0].told.day, DAY_NEVER);
	assert_int_equal(view_open(road->db, &road->scene, "jon", road->arena, &items, &count),
			 STATUS_OK);
	assert_int_equal(count, 0);
	assert_int_equal(view_status(road->db, &road->scene, road->arena, &view), STATUS_OK);
	assert_int_equal(view.partners, 3);
	assert_int_equal(view.contacts, 3);
	assert_int_equal(view.standing[STANDING_COLD], 1);
	assert_int_equal(view.standing[STANDING_DUE], 1);
	assert_int_equal(view.standing[STANDING_SNOOZED], 0);
	assert_int_equal(view.lost_count, 0);
	assert_int_equal(snooze(road, "3d", NULL, &until, &err), STATUS_OK);
	tell(road, "UPDATE partner SET cadence = 'gone' WHERE id = 'corvus'");
	assert_int_equal(view_status(road->db, &road->scene, road->arena, &view), STATUS_OK);
	assert_int_equal(view.standing[STANDING_COLD], 0);
	assert_int_equal(view.standing[STANDING_SNOOZED], 1);
	assert_int_equal(view.lost_count, 1);
	assert_string_equal(view.lost[0], "corvus");
}

static void erase(struct road *road, const char *id)
{
	struct error err = {{0}};

	if (partner_erase(road->db, &road->scene, id, &err) != STATUS_OK)
		fail_msg("%s", err.text);
}

static void test_what_is_erased_leaves_its_ids_to_nobody(void **state)
{
	struct road *road = *state;

	add_acme(road);
	erase(road, "acme");
	add_acme(road);
	assert_int_equal(ask(road, "SELECT row FROM partner"), 2);
}

static void test_the_nudge_after_an_erased_one_has_its_event(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	sweep(road);
	(void)finish(road, "crm", SETTLE_DELIVERED);
	erase(road, "acme");
	add_partner(road, 2, "borealis", DUE_BASE);
	sweep(road);
	assert_string_equal(ask_text(road, "SELECT key FROM outbox"), "event|2|1|crm");
}

static void test_erasing_one_of_yesterdays_digest_tells_the_others_today(void **state)
{
	struct road *road = *state;
	struct delivery delivery;

	add_partner(road, 1, "acme", DUE_BASE);
	add_partner(road, 2, "borealis", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	delivery = claim_one(road, "mail");
	/* While it is being sent it stands, and today has been looked at when it fails. */
	assert_int_equal(send_digest(road, TODAY + 1, 1).kind, DIGEST_NOTHING);
	settle(road, &delivery, SETTLE_RETRY);
	erase(road, "acme");
	assert_int_equal(ask(road, "SELECT looked IS NULL FROM owner"), 1);
	assert_int_equal(send_digest(road, TODAY + 1, 1).kind, DIGEST_NUDGES);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox WHERE kind = 'digest'"), 1);
	assert_int_equal(ask(road, "SELECT nudge FROM digest_nudge WHERE digest = 2"), 2);
	assert_int_equal(ask(road, "SELECT count FROM told"), 1);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM history WHERE verb = 'delivery.replaced'"),
			 1);
}

#define ON_ROAD(test) cmocka_unit_test_setup_teardown(test, road_open, road_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON_ROAD(test_a_new_partner_gets_its_defaults_and_a_look_ahead),
	    ON_ROAD(test_the_same_write_again_changes_nothing),
	    ON_ROAD(test_a_dry_run_says_what_it_would_do_and_writes_nothing),
	    ON_ROAD(test_an_unknown_owner_or_cadence_is_refused_with_what_would_be_right),
	    ON_ROAD(test_a_ladder_that_leads_nowhere_is_refused_and_one_that_was_there_is_told),
	    ON_ROAD(test_hostile_values_are_refused_and_never_repeated),
	    ON_ROAD(test_the_file_keeps_what_it_manages),
	    ON_ROAD(test_a_near_miss_is_asked_back),
	    ON_ROAD(test_a_partner_whose_owner_or_cadence_vanished_still_has_facts),
	    ON_ROAD(test_writing_an_archived_partner_restores_it),
	    ON_ROAD(test_a_snooze_holds_until_its_day_and_says_why),
	    ON_ROAD(test_a_snooze_that_cannot_be_meant_is_refused),
	    ON_ROAD(test_who_goes_away_hears_who_will_really_stand_in),
	    ON_ROAD(test_lists_walk_in_order_of_id_and_filter),
	    ON_ROAD(test_due_and_status_agree_about_who_waits),
	    ON_ROAD(test_what_is_erased_leaves_its_ids_to_nobody),
	    ON_ROAD(test_the_nudge_after_an_erased_one_has_its_event),
	    ON_ROAD(test_erasing_one_of_yesterdays_digest_tells_the_others_today),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
