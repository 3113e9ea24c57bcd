/* Contacts: which one is the newest that counts, what makes it the same, what it ends and brings
 * back. */
#include "road.h"

#define LONG_NOTE 5000

static int with_acme(void **state)
{
	struct road *road;
	struct partner_change change = {.id = "acme", .owner = "maria", .since = DAY_NEVER};
	enum change_result result;
	struct error err;

	road_open(state);
	road = *state;
	set_day(road, TODAY - 200);
	assert_int_equal(partner_write(road->db, &road->scene, &change, false, &result, &err),
			 STATUS_OK);
	set_day(road, TODAY);
	sweep(road);
	return 0;
}

static struct contact meeting_on(day d)
{
	return (struct contact){.day = d,
				.kind = CONTACT_MEETING,
				.direction = DIRECTION_BOTH,
				.minutes = CONTACT_MINUTES_UNKNOWN,
				.source = "command"};
}

static int64_t log_as(struct road *road, const struct contact *contact, enum change_result wanted)
{
	enum change_result result;
	struct error err = {{0}};
	int64_t id = 0;

	if (contact_write(road->db, &road->scene, "acme", contact, false, &id, &result, &err) !=
	    STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(result, wanted);
	return id;
}

static int64_t log_meeting(struct road *road, day d)
{
	const struct contact contact = meeting_on(d);

	return log_as(road, &contact, CHANGE_NEW);
}

static struct facts facts_of(struct road *road)
{
	struct facts facts;
	struct error err;

	assert_int_equal(partner_facts(road->db, &road->scene, "acme", road->arena, &facts, &err),
			 STATUS_OK);
	return facts;
}

static int64_t open_nudges(struct road *road)
{
	return ask(road, "SELECT count(*) FROM nudge WHERE resolved IS NULL");
}

static void assert_refused(struct road *road, const struct contact *contact, const char *reason)
{
	enum change_result result;
	struct error err = {{0}};
	int64_t id = 0;

	assert_int_equal(
	    contact_write(road->db, &road->scene, "acme", contact, false, &id, &result, &err),
	    STATUS_INVALID);
	if (!strstr(err.text, reason))
		fail_msg("\"%s\" is not in \"%s\"", reason, err.text);
	assert_int_equal(ask(road, "SELECT count(*) FROM contact"), 0);
}

static void test_back_dated_contact_never_moves_last_contact_back(void **state)
{
	struct road *road = *state;

	log_meeting(road, TODAY - 5);
	log_meeting(road, TODAY - 50);
	assert_int_equal(facts_of(road).last.day, TODAY - 5);
}

static void test_the_first_contact_replaces_the_first_seen_day_even_when_older(void **state)
{
	struct road *road = *state;
	struct verdict verdicts[RULES];
	struct facts facts;

	log_meeting(road, TODAY - 300);
	facts = facts_of(road);
	judge_partner(&facts, TODAY, verdicts);
	assert_int_equal(verdicts[0].base, TODAY - 300);
}

static void test_a_contact_clears_the_nudge_and_its_removal_brings_it_back(void **state)
{
	struct road *road = *state;
	struct error err;
	int64_t id;

	assert_int_equal(open_nudges(road), 1);
	id = log_meeting(road, TODAY);
	assert_int_equal(open_nudges(road), 0);
	assert_string_equal(ask_text(road, "SELECT cause FROM nudge"), "contact");
	assert_int_equal(remove_contact(road, id, &err), STATUS_OK);
	assert_int_equal(open_nudges(road), 1);
	assert_false(facts_of(road).has_last);
	assert_int_equal(remove_contact(road, id, &err), STATUS_NOT_FOUND);
	assert_int_equal(ask(road, "SELECT count(*) FROM history WHERE verb = 'contact.removed'"
				   " AND detail LIKE '%2026-11-23%'"),
			 1);
}

static void test_what_went_out_unanswered_does_not_count(void **state)
{
	struct road *road = *state;
	struct contact contact = meeting_on(TODAY);

	contact.kind = CONTACT_EMAIL;
	contact.direction = DIRECTION_OUT;
	log_as(road, &contact, CHANGE_NEW);
	assert_false(facts_of(road).has_last);
	assert_int_equal(open_nudges(road), 1);
	contact.direction = DIRECTION_IN;
	log_as(road, &contact, CHANGE_NEW);
	assert_true(facts_of(road).has_last);
	assert_int_equal(open_nudges(road), 0);
}

static void test_of_two_contacts_on_one_day_the_later_entered_is_the_last(void **state)
{
	struct road *road = *state;
	struct contact call = meeting_on(TODAY - 1);

	log_meeting(road, TODAY - 1);
	call.kind = CONTACT_CALL;
	log_as(road, &call, CHANGE_NEW);
	assert_int_equal(facts_of(road).last.kind, CONTACT_CALL);
}

static void test_the_same_contact_again_is_the_same(void **state)
{
	struct road *road = *state;
	struct contact contact = meeting_on(TODAY - 3);
	int64_t id;

	contact.note = "prices\nand more";
	id = log_as(road, &contact, CHANGE_NEW);
	assert_int_equal(log_as(road, &contact, CHANGE_SAME), id);
	contact.note = "prices";
	assert_int_not_equal(log_as(road, &contact, CHANGE_NEW), id);
	contact.note = "";
	log_as(road, &contact, CHANGE_NEW);
	contact.note = NULL;
	log_as(road, &contact, CHANGE_SAME);
}

static void test_an_ext_id_names_the_contact_whatever_else_changes(void **state)
{
	struct road *road = *state;
	struct contact contact = meeting_on(TODAY - 40);
	int64_t id;

	contact.ext_id = "crm-7";
	contact.note = "prices";
	contact.minutes = 30;
	contact.by = "jon";
	id = log_as(road, &contact, CHANGE_NEW);
	assert_int_equal(open_nudges(road), 1);
	contact.day = TODAY - 2;
	/* What is not said stays. */
	contact.note = contact.by = NULL;
	contact.minutes = CONTACT_MINUTES_UNKNOWN;
	assert_int_equal(log_as(road, &contact, CHANGE_CHANGED), id);
	assert_int_equal(log_as(road, &contact, CHANGE_SAME), id);
	assert_int_equal(facts_of(road).last.day, TODAY - 2);
	assert_string_equal(facts_of(road).last.note, "prices");
	assert_string_equal(facts_of(road).last.by, "jon");
	assert_int_equal(facts_of(road).last.minutes, 30);
	assert_int_equal(open_nudges(road), 0);
	contact.direction = DIRECTION_OUT;
	contact.kind = CONTACT_CALL;
	log_as(road, &contact, CHANGE_CHANGED);
	assert_false(facts_of(road).has_last);
	assert_int_equal(open_nudges(road), 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM history WHERE verb = 'contact.changed'"),
			 2);
}

static void test_a_day_that_cannot_be_is_refused(void **state)
{
	struct road *road = *state;
	struct contact contact = meeting_on(TODAY + 8);

	assert_refused(road, &contact, "2026-12-01 is after today (2026-11-23 in UTC)");
	contact.day = DAY_MIN - 1;
	assert_refused(road, &contact, "lies outside");
	contact.day = DAY_NEVER;
	assert_refused(road, &contact, "lies outside");
}

static void test_hostile_texts_are_refused(void **state)
{
	struct road *road = *state;
	char *long_note = mem_alloc(LONG_NOTE, 1);
	struct contact contact = meeting_on(TODAY);

	contact.person = "Jana\r\nBcc: x@example.com";
	assert_refused(road, &contact, "person holds a control character");
	contact.person = NULL;
	contact.note = "a\342\200\256b";
	assert_refused(road, &contact, "note holds a bidirectional formatting character");
	contact.note = "\xff";
	assert_refused(road, &contact, "note is not valid UTF-8");
	memset(long_note, 'n', LONG_NOTE - 1);
	contact.note = long_note;
	assert_refused(road, &contact, "note is longer than 2000 characters");
	contact.note = NULL;
	contact.ext_id = "a\nb";
	assert_refused(road, &contact, "ext_id holds a control character");
	contact.ext_id = NULL;
	contact.by = "mario";
	assert_refused(road, &contact, "did you mean maria?");
	contact.by = NULL;
	contact.minutes = CONTACT_MINUTES_MAX + 1;
	assert_refused(road, &contact, "minutes must lie between 0 and 10080");
	free(long_note);
}

static void test_a_dry_run_writes_nothing(void **state)
{
	struct road *road = *state;
	const struct contact contact = meeting_on(TODAY);
	enum change_result result;
	struct error err;
	int64_t id = 7;

	assert_int_equal(
	    contact_write(road->db, &road->scene, "acme", &contact, true, &id, &result, &err),
	    STATUS_OK);
	assert_int_equal(result, CHANGE_NEW);
	assert_int_equal(id, 0);
	assert_int_equal(ask(road, "SELECT count(*) FROM contact"), 0);
	assert_int_equal(open_nudges(road), 1);
}

static void test_a_contact_on_or_after_the_day_it_was_given_ends_the_snooze(void **state)
{
	struct road *road = *state;
	struct contact mail = meeting_on(TODAY);
	struct error err;
	struct answer snooze;
	struct facts facts;
	int64_t meeting;

	assert_int_equal(answer_give(road->db, &road->scene, "acme", ANSWER_SNOOZE, "4w", "board",
				     &snooze, &err),
			 STATUS_OK);
	log_meeting(road, TODAY - 1);
	facts = facts_of(road);
	assert_true(facts_have(&facts, ANSWER_SNOOZE));
	mail.kind = CONTACT_EMAIL;
	mail.direction = DIRECTION_OUT;
	log_as(road, &mail, CHANGE_NEW);
	facts = facts_of(road);
	assert_true(facts_have(&facts, ANSWER_SNOOZE));
	log_meeting(road, TODAY);
	facts = facts_of(road);
	assert_false(facts_have(&facts, ANSWER_SNOOZE));
	/* Taken back, the contact never was: the answer holds again. */
	meeting = ask(road, "SELECT max(id) FROM contact");
	assert_int_equal(remove_contact(road, meeting, &err), STATUS_OK);
	facts = facts_of(road);
	assert_true(facts_have(&facts, ANSWER_SNOOZE));
	assert_string_equal(facts.answers[ANSWER_SNOOZE].reason, "board");
}

static void test_a_contact_of_an_archived_partner_is_accepted_and_raises_nothing(void **state)
{
	struct road *road = *state;

	tell(road, "UPDATE partner SET archived = 20000");
	tell(road, "DELETE FROM sched");
	log_meeting(road, TODAY - 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM sched"), 0);
	assert_int_equal(ask(road, "SELECT count(*) FROM contact"), 1);
}

static void test_lists_hold_what_was_asked_for_in_order(void **state)
{
	struct road *road = *state;
	struct contact_row *rows;
	struct contact *recent;
	size_t count;
	int64_t all;

	assert_int_equal(contact_count(road->db, facts_of(road).partner.row, &all), STATUS_OK);
	assert_int_equal(all, 0);
	log_meeting(road, TODAY - 1);
	log_meeting(road, TODAY - 9);
	log_meeting(road, TODAY - 5);
	assert_int_equal(contact_count(road->db, facts_of(road).partner.row, &all), STATUS_OK);
	assert_int_equal(all, 3);
	assert_int_equal(contact_list(road->db, NULL, 0, 2, road->arena, &rows, &count), STATUS_OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].partner, "acme");
	assert_int_equal(rows[1].contact.day, TODAY - 9);
	assert_int_equal(
	    contact_list(road->db, "acme", rows[1].contact.id, 9, road->arena, &rows, &count),
	    STATUS_OK);
	assert_int_equal(count, 1);
	assert_int_equal(contact_list(road->db, "other", 0, 9, road->arena, &rows, &count),
			 STATUS_NOT_FOUND);
	assert_int_equal(
	    contact_recent(road->db, facts_of(road).partner.row, 2, road->arena, &recent, &count),
	    STATUS_OK);
	assert_int_equal(count, 2);
	assert_int_equal(recent[0].day, TODAY - 1);
	assert_int_equal(recent[1].day, TODAY - 5);
	assert_string_equal(recent[0].actor, "cadenced");
}

#define WITH_ACME(test) cmocka_unit_test_setup_teardown(test, with_acme, road_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_ACME(test_back_dated_contact_never_moves_last_contact_back),
	    WITH_ACME(test_the_first_contact_replaces_the_first_seen_day_even_when_older),
	    WITH_ACME(test_a_contact_clears_the_nudge_and_its_removal_brings_it_back),
	    WITH_ACME(test_what_went_out_unanswered_does_not_count),
	    WITH_ACME(test_of_two_contacts_on_one_day_the_later_entered_is_the_last),
	    WITH_ACME(test_the_same_contact_again_is_the_same),
	    WITH_ACME(test_an_ext_id_names_the_contact_whatever_else_changes),
	    WITH_ACME(test_a_day_that_cannot_be_is_refused),
	    WITH_ACME(test_hostile_texts_are_refused),
	    WITH_ACME(test_a_dry_run_writes_nothing),
	    WITH_ACME(test_a_contact_on_or_after_the_day_it_was_given_ends_the_snooze),
	    WITH_ACME(test_a_contact_of_an_archived_partner_is_accepted_and_raises_nothing),
	    WITH_ACME(test_lists_hold_what_was_asked_for_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
