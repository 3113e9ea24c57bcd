/* Gathering and committing digests; what is told and taken back. */
#include "road.h"

#define DUE_BASE (TODAY - 28)

static void test_committed_digest_is_told_and_queued_once_a_channel(void **state)
{
	struct road *road = *state;
	struct digest digest;

	add_partner(road, 1, "acme", DUE_BASE);
	digest = send_digest(road, TODAY, 2);
	assert_int_equal(digest.kind, DIGEST_NUDGES);
	assert_int_equal(digest.entry_count, 1);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox WHERE kind = 'digest'"), 2);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox WHERE key ="
				   " 'digest|maria|2026-11-23|mail|maria@example.com'"),
			 1);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox WHERE key ="
				   " 'digest|maria|2026-11-23|sales|'"),
			 1);
	assert_int_equal(ask(road, "SELECT day FROM told WHERE hearer = 'maria' AND count = 1"),
			 TODAY);
	assert_int_equal(ask(road, "SELECT looked FROM owner WHERE id = 'maria'"), TODAY);
	assert_int_equal(ask(road, "SELECT digest FROM owner WHERE id = 'maria'"), TODAY);
}

static void test_second_digest_of_a_day_is_refused_and_changes_nothing(void **state)
{
	struct road *road = *state;
	const struct parcel_plan parcel = {.channel = "mail", .document = "{}"};
	struct digest digest;
	struct error err;

	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	add_partner(road, 2, "borealis", DUE_BASE);
	sweep(road);
	digest = compose(road);
	assert_int_equal(digest.kind, DIGEST_NUDGES);
	assert_int_equal(digest_commit(road->db, &road->scene, &digest, &parcel, 1, &err),
			 STATUS_CONFLICT);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM digest"), 1);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM told"), 1);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox WHERE kind = 'digest'"), 1);
}

static void test_digest_without_a_way_out_is_refused(void **state)
{
	struct road *road = *state;
	struct digest digest;
	struct error err;

	add_partner(road, 1, "acme", DUE_BASE);
	sweep(road);
	digest = compose(road);
	assert_int_equal(digest_commit(road->db, &road->scene, &digest, NULL, 0, &err),
			 STATUS_INVALID);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM told"), 0);
}

static void test_nothing_to_say_is_remembered_as_looked(void **state)
{
	struct road *road = *state;
	struct digest digest;

	tell(road, "INSERT INTO owner (id, first_seen) VALUES ('maria', 20700)");
	digest = send_digest(road, TODAY, 1);
	assert_int_equal(digest.kind, DIGEST_NOTHING);
	assert_int_equal(ask(road, "SELECT looked FROM owner"), TODAY);
	assert_int_equal(ask(road, "SELECT turn_review FROM owner"), TODAY);
	assert_int_equal(ask(road, "SELECT digest IS NULL FROM owner"), 1);
	assert_int_equal(ask(road, "SELECT first_seen FROM owner"), 20700);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM digest"), 0);
}

static void test_quiet_line_names_the_partner_that_is_due_next(void **state)
{
	struct road *road = *state;
	struct digest digest;

	add_partner(road, 1, "acme", TODAY - 3);
	add_partner(road, 2, "borealis", TODAY - 13);
	add_partner(road, 3, "cobalt", TODAY - 20);
	put_answer(road, 3, "snooze", 20770, 20800);
	digest = send_digest(road, TODAY, 1);
	assert_int_equal(digest.kind, DIGEST_QUIET);
	assert_string_equal(digest.next_name, "borealis");
	assert_int_equal(digest.next_due, TODAY + 15);
	assert_int_equal(digest.portfolio.total, 3);
	assert_int_equal(digest.portfolio.on_track, 2);
	assert_int_equal(digest.portfolio.snoozed, 1);
	assert_string_equal(ask_text(road, "SELECT kind FROM digest"), "quiet");
}

static void test_snoozed_nudge_is_counted_and_not_told(void **state)
{
	struct road *road = *state;
	struct digest digest;

	add_partner(road, 1, "acme", DUE_BASE);
	add_partner(road, 2, "borealis", DUE_BASE);
	sweep(road);
	put_answer(road, 2, "snooze", 20780, 20800);
	digest = send_digest(road, TODAY, 1);
	assert_int_equal(digest.entry_count, 1);
	assert_string_equal(digest.entries[0].item->facts.partner.id, "acme");
	assert_int_equal(digest.portfolio.due, 1);
	assert_int_equal(digest.portfolio.snoozed, 1);
	assert_int_equal(digest.portfolio.on_track, 0);
}

static void test_only_what_the_owner_hears_is_gathered(void **state)
{
	struct road *road = *state;
	struct digest digest;

	add_partner(road, 1, "acme", DUE_BASE);
	add_partner(road, 2, "borealis", DUE_BASE);
	add_partner(road, 3, "cobalt", DUE_BASE);
	tell(road, "UPDATE partner SET hears = 'jon' WHERE row = 2");
	tell(road, "UPDATE partner SET archived = 20780 WHERE row = 3");
	digest = send_digest(road, TODAY, 1);
	assert_int_equal(digest.entry_count, 1);
	assert_int_equal(digest.portfolio.total, 1);
}

static void test_told_partner_is_no_news_on_the_next_day(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	assert_int_equal(send_digest(road, TODAY + 1, 1).kind, DIGEST_NOTHING);
}

static void test_undelivered_digest_is_replaced_by_one_that_says_all_of_it(void **state)
{
	struct road *road = *state;
	struct digest digest;

	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 2);
	(void)finish(road, "mail", SETTLE_RETRY);
	add_partner(road, 2, "borealis", DUE_BASE);
	digest = send_digest(road, TODAY + 1, 2);
	assert_int_equal(digest.entry_count, 2);
	assert_int_equal(digest.entries[0].reminder, 1);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox WHERE kind = 'digest'"), 2);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox WHERE key LIKE '%11-24%'"), 2);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM history WHERE verb = 'delivery.replaced'"
				   " AND key LIKE 'digest|maria|2026-11-23|%'"),
			 2);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM digest WHERE state = 'replaced'"), 1);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM told WHERE count = 1 AND day = 20781"), 2);
}

static void test_undelivered_review_digest_is_retold_with_its_old_count(void **state)
{
	struct road *road = *state;
	struct digest digest;

	add_partner(road, 1, "acme", DUE_BASE - 7);
	(void)send_digest(road, TODAY, 1);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	(void)send_digest(road, TODAY + 7, 1);
	(void)finish(road, "mail", SETTLE_RETRY);
	assert_int_equal(ask(road, "SELECT count FROM told"), 2);
	digest = send_digest(road, TODAY + 8, 1);
	assert_int_equal(digest.entry_count, 1);
	assert_int_equal(digest.entries[0].occasion, OCCASION_REPLACED);
	assert_int_equal(digest.entries[0].reminder, 2);
	assert_int_equal(ask(road, "SELECT count FROM told"), 2);
}

static void test_digest_that_may_have_arrived_is_not_replaced(void **state)
{
	struct road *road = *state;
	struct digest digest;

	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	assert_true(claim_one(road, "mail").id > 0);
	assert_int_equal(outbox_recover(road->db, &road->scene), STATUS_OK);
	add_partner(road, 2, "borealis", DUE_BASE);
	digest = send_digest(road, TODAY + 1, 1);
	assert_int_equal(digest.entry_count, 1);
	assert_string_equal(digest.entries[0].item->facts.partner.id, "borealis");
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox WHERE kind = 'digest'"), 2);
}

static void test_digest_being_sent_is_not_replaced(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	assert_true(claim_one(road, "mail").id > 0);
	assert_int_equal(send_digest(road, TODAY + 1, 1).kind, DIGEST_NOTHING);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox WHERE kind = 'digest'"), 1);
}

/* What still waits for the slow channel. */
static int64_t count_slow(struct road *road)
{
	return ask(road, "SELECT COUNT(*) FROM outbox WHERE channel = 'sales'");
}

static void test_slow_channel_keeps_what_the_next_digest_does_not_say(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 2);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	add_partner(road, 2, "borealis", DUE_BASE);
	assert_int_equal(send_digest(road, TODAY + 1, 2).entry_count, 1);
	assert_int_equal(count_slow(road), 2);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM told"), 2);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM digest WHERE state = 'delivered'"), 1);
}

static void test_slow_channel_keeps_one_digest_when_the_next_says_all_of_it(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE - 7);
	(void)send_digest(road, TODAY, 2);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	add_partner(road, 2, "borealis", DUE_BASE);
	assert_int_equal(send_digest(road, TODAY + 7, 2).entry_count, 2);
	assert_int_equal(count_slow(road), 1);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM history WHERE verb = 'delivery.replaced'"
				   " AND key = 'digest|maria|2026-11-23|sales|'"),
			 1);
}

static void test_slow_channel_keeps_its_digest_when_the_next_does_not_go_over_it(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE - 7);
	(void)send_digest(road, TODAY, 2);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	assert_int_equal(send_digest(road, TODAY + 7, 1).entry_count, 1);
	assert_int_equal(count_slow(road), 1);
}

static void test_slow_channel_keeps_nothing_that_is_settled(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 2);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	tell(road, "UPDATE nudge SET resolved = 1");
	add_partner(road, 2, "borealis", DUE_BASE);
	(void)send_digest(road, TODAY + 1, 2);
	assert_int_equal(count_slow(road), 1);
}

static void test_digest_for_a_channel_its_owner_no_longer_has_goes_with_the_next(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 2);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	road->owners[1].channel_count = 1;
	add_partner(road, 2, "borealis", DUE_BASE);
	(void)send_digest(road, TODAY + 1, 1);
	assert_int_equal(count_slow(road), 0);
}

/* What the slow channel keeps of a digest with something cold and something due, after one that
 * tells the cold thing alone. */
static int64_t count_kept_of_cold(struct road *road)
{
	add_partner(road, 1, "acme", DUE_BASE - 14);
	add_partner(road, 2, "borealis", DUE_BASE);
	assert_int_equal(send_digest(road, TODAY, 2).entry_count, 2);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	tell(road, "DELETE FROM told WHERE state = 'cold'");
	assert_int_equal(send_digest(road, TODAY + 1, 2).entry_count, 1);
	return ask(road, "SELECT COUNT(*) FROM outbox WHERE channel = 'sales'"
			 " AND key LIKE '%2026-11-23%'");
}

static void test_channel_for_what_is_cold_keeps_nothing_for_what_is_due(void **state)
{
	static const bool only_cold[] = {false, true};
	struct road *road = *state;

	road->owners[1].only_cold = only_cold;
	assert_int_equal(count_kept_of_cold(road), 0);
}

static void test_channel_for_everything_keeps_what_is_due(void **state)
{
	assert_int_equal(count_kept_of_cold(*state), 1);
}

static void test_lost_digest_is_told_by_the_next_one(void **state)
{
	struct road *road = *state;
	struct digest digest;

	add_partner(road, 1, "acme", DUE_BASE - 7);
	(void)send_digest(road, TODAY, 1);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	(void)send_digest(road, TODAY + 7, 2);
	(void)finish(road, "mail", SETTLE_DEAD);
	assert_int_equal(ask(road, "SELECT count FROM told"), 2);
	(void)finish(road, "sales", SETTLE_DEAD);
	assert_int_equal(ask(road, "SELECT count FROM told"), 1);
	assert_int_equal(ask(road, "SELECT day FROM told"), TODAY);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM history WHERE verb = 'digest.lost'"), 1);
	digest = send_digest(road, TODAY + 8, 1);
	assert_int_equal(digest.entry_count, 1);
	assert_int_equal(digest.entries[0].reminder, 2);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	assert_int_equal(send_digest(road, TODAY + 9, 1).kind, DIGEST_NOTHING);
}

static void test_lost_digest_that_arrives_after_all_is_told(void **state)
{
	struct road *road = *state;
	int count;

	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	(void)finish(road, "mail", SETTLE_DEAD);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM told"), 0);
	assert_int_equal(outbox_retry_all(road->db, &road->scene, &count), STATUS_OK);
	assert_int_equal(count, 1);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	assert_int_equal(ask(road, "SELECT count FROM told"), 1);
	assert_int_equal(send_digest(road, TODAY + 1, 1).kind, DIGEST_NOTHING);
}

static void test_chain_survives_the_loss_of_an_older_digest(void **state)
{
	struct road *road = *state;
	struct delivery first;

	/* Told as due in a digest that hangs, told as cold in the next; then the first is lost. */
	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	first = claim_one(road, "mail");
	assert_int_equal(send_digest(road, TODAY + 7, 1).kind, DIGEST_NUDGES);
	settle(road, &first, SETTLE_DEAD);
	assert_int_equal(ask(road, "SELECT day FROM told"), TODAY + 7);
	(void)finish(road, "mail", SETTLE_DEAD);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM told"), 0);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM digest WHERE state = 'lost'"), 2);
}

static void test_first_delivery_sends_one_told_event_for_each_nudge(void **state)
{
	struct road *road = *state;
	const char *document;

	add_partner(road, 1, "acme", DUE_BASE);
	add_partner(road, 2, "borealis", DUE_BASE);
	(void)send_digest(road, TODAY, 2);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	(void)finish(road, "sales", SETTLE_DELIVERED);
	assert_int_equal(
	    ask(road, "SELECT COUNT(*) FROM outbox WHERE document LIKE '%\"nudge.told\"%'"), 2);
	document = ask_text(road, "SELECT document FROM outbox WHERE key = 'event|1|2|crm'");
	assert_non_null(strstr(document, "\"channel\":\"mail\""));
	assert_non_null(strstr(document, "\"hearer\":\"maria\""));
	assert_non_null(strstr(document, "\"day\":\"2026-11-23\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, road_open, road_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_committed_digest_is_told_and_queued_once_a_channel),
	    TEST(test_second_digest_of_a_day_is_refused_and_changes_nothing),
	    TEST(test_digest_without_a_way_out_is_refused),
	    TEST(test_nothing_to_say_is_remembered_as_looked),
	    TEST(test_quiet_line_names_the_partner_that_is_due_next),
	    TEST(test_snoozed_nudge_is_counted_and_not_told),
	    TEST(test_only_what_the_owner_hears_is_gathered),
	    TEST(test_told_partner_is_no_news_on_the_next_day),
	    TEST(test_undelivered_digest_is_replaced_by_one_that_says_all_of_it),
	    TEST(test_undelivered_review_digest_is_retold_with_its_old_count),
	    TEST(test_digest_that_may_have_arrived_is_not_replaced),
	    TEST(test_digest_being_sent_is_not_replaced),
	    TEST(test_slow_channel_keeps_what_the_next_digest_does_not_say),
	    TEST(test_slow_channel_keeps_one_digest_when_the_next_says_all_of_it),
	    TEST(test_slow_channel_keeps_its_digest_when_the_next_does_not_go_over_it),
	    TEST(test_slow_channel_keeps_nothing_that_is_settled),
	    TEST(test_digest_for_a_channel_its_owner_no_longer_has_goes_with_the_next),
	    TEST(test_channel_for_what_is_cold_keeps_nothing_for_what_is_due),
	    TEST(test_channel_for_everything_keeps_what_is_due),
	    TEST(test_lost_digest_is_told_by_the_next_one),
	    TEST(test_lost_digest_that_arrives_after_all_is_told),
	    TEST(test_chain_survives_the_loss_of_an_older_digest),
	    TEST(test_first_delivery_sends_one_told_event_for_each_nudge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
