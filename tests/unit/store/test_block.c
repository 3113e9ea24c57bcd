/* Channels that take nothing, and addresses that nobody has: what is for them waits and is never
 * lost. */
#include "road.h"

#define DUE_BASE (TODAY - 28)

static int64_t put(struct road *road, const char *key, const char *kind, const char *channel,
		   const char *recipient)
{
	int64_t id = 0;

	assert_int_equal(
	    outbox_add(road->db, &road->scene, key, kind, channel, recipient, "{}", &id),
	    STATUS_OK);
	return id;
}

static struct delivery get(struct road *road, int64_t id)
{
	struct delivery delivery;
	struct error err;

	assert_int_equal(outbox_get(road->db, id, road->arena, &delivery, &err), STATUS_OK);
	return delivery;
}

static size_t blocks(struct road *road, struct blocked **ret)
{
	size_t count;

	assert_int_equal(block_list(road->db, road->arena, ret, &count), STATUS_OK);
	return count;
}

static void test_a_refusal_blocks_the_channel_and_keeps_all_that_is_for_it(void **state)
{
	struct road *road = *state;
	const int64_t first = put(road, "x|1", "x", "mail", "a@example.com");
	const int64_t second = put(road, "x|2", "x", "mail", "b@example.com");
	const int64_t other = put(road, "x|3", "x", "sales", NULL);
	struct blocked *list;

	finish(road, "mail", SETTLE_BLOCKED);
	const int64_t third = put(road, "x|4", "x", "mail", "c@example.com");
	assert_int_equal(get(road, first).state, DELIVERY_WAITING);
	assert_int_equal(get(road, second).state, DELIVERY_WAITING);
	assert_int_equal(get(road, third).state, DELIVERY_WAITING);
	assert_int_equal(get(road, other).state, DELIVERY_QUEUED);
	assert_int_equal(claim_one(road, "mail").id, 0);
	assert_true(outbox_next_try(road->db, &road->scene, "mail") == INSTANT_NEVER);
	assert_int_equal(blocks(road, &list), 1);
	assert_string_equal(list[0].channel, "mail");
	assert_null(list[0].recipient);
	assert_int_equal(list[0].waiting, 3);
	assert_int_equal(list[0].since, road->scene.now);
	assert_int_equal(claim_one(road, "sales").id, other);
}

static void test_retry_of_all_unblocks_and_tries_them_in_their_order(void **state)
{
	struct road *road = *state;
	const int64_t first = put(road, "x|1", "x", "mail", "a@example.com");
	const int64_t second = put(road, "x|2", "x", "mail", "b@example.com");
	struct blocked *list;
	int count;

	finish(road, "mail", SETTLE_BLOCKED);
	assert_int_equal(outbox_retry_all(road->db, &road->scene, &count), STATUS_OK);
	assert_int_equal(count, 2);
	assert_int_equal(blocks(road, &list), 0);
	assert_int_equal(claim_one(road, "mail").id, first);
	assert_int_equal(claim_one(road, "mail").id, second);
	assert_int_equal(outbox_retry_all(road->db, &road->scene, &count), STATUS_OK);
	assert_int_equal(count, 0);
}

static void test_what_waited_begins_its_schedule_when_the_block_ends(void **state)
{
	struct road *road = *state;
	struct delivery delivery;
	int count;

	(void)put(road, "x|1", "x", "mail", "a@example.com");
	finish(road, "mail", SETTLE_BLOCKED);
	road->scene.now += 5 * DAY_MS;
	assert_int_equal(outbox_retry_all(road->db, &road->scene, &count), STATUS_OK);
	delivery = claim_one(road, "mail");
	assert_int_equal(delivery.attempts, 2);
	assert_int_equal(delivery.schedule_attempts, 1);
	assert_int_equal(delivery.schedule_from, road->scene.now);
}

static void test_retry_of_one_unblocks_its_channel(void **state)
{
	struct road *road = *state;
	const int64_t first = put(road, "x|1", "x", "mail", "a@example.com");
	struct blocked *list;
	struct error err;

	(void)put(road, "x|2", "x", "mail", "b@example.com");
	finish(road, "mail", SETTLE_BLOCKED);
	assert_int_equal(outbox_retry(road->db, &road->scene, first, &err), STATUS_OK);
	assert_int_equal(blocks(road, &list), 0);
	assert_int_equal(
	    ask(road, "SELECT count(*) FROM outbox WHERE state = 'queued' AND kind = 'x'"), 2);
}

static void test_an_address_that_nobody_has_holds_up_nobody_else(void **state)
{
	struct road *road = *state;
	const int64_t bad = put(road, "x|1", "x", "mail", "a@example.com");
	const int64_t good = put(road, "x|2", "x", "mail", "b@example.com");
	struct blocked *list;

	finish(road, "mail", SETTLE_NO_ADDRESS);
	assert_int_equal(get(road, bad).state, DELIVERY_WAITING);
	assert_int_equal(get(road, put(road, "x|3", "x", "mail", "a@example.com")).state,
			 DELIVERY_WAITING);
	assert_int_equal(blocks(road, &list), 1);
	assert_string_equal(list[0].recipient, "a@example.com");
	assert_int_equal(list[0].waiting, 2);
	assert_int_equal(claim_one(road, "mail").id, good);
}

static void test_what_is_delivered_ends_the_block(void **state)
{
	struct road *road = *state;
	struct blocked *list;
	struct delivery slow;

	(void)put(road, "x|1", "x", "mail", "a@example.com");
	(void)put(road, "x|2", "x", "mail", "b@example.com");
	slow = claim_one(road, "mail");
	finish(road, "mail", SETTLE_BLOCKED);
	assert_int_equal(blocks(road, &list), 1);
	settle(road, &slow, SETTLE_DELIVERED);
	assert_int_equal(blocks(road, &list), 0);
	assert_int_equal(
	    ask(road, "SELECT count(*) FROM outbox WHERE state = 'queued' AND kind = 'x'"), 1);
}

static void test_what_old_settings_delivered_ends_no_block(void **state)
{
	struct road *road = *state;
	struct settlement settlement = {
	    .kind = SETTLE_DELIVERED, .outdated = true, .reason = "250 thanks"};
	struct blocked *list;

	(void)put(road, "x|1", "x", "mail", "a@example.com");
	(void)put(road, "x|2", "x", "mail", "b@example.com");
	settlement.id = claim_one(road, "mail").id;
	settlement.attempts = 1;
	finish(road, "mail", SETTLE_BLOCKED);
	assert_int_equal(outbox_settle(road->db, &road->scene, &settlement), STATUS_OK);
	assert_int_equal(get(road, settlement.id).state, DELIVERY_DELIVERED);
	assert_int_equal(blocks(road, &list), 1);
}

static void test_a_test_goes_out_all_the_same_and_blocks_nobody(void **state)
{
	struct road *road = *state;
	struct blocked *list;

	(void)put(road, "x|1", "x", "mail", "a@example.com");
	finish(road, "mail", SETTLE_BLOCKED);
	const int64_t test = put(road, "test|1", "test", "mail", "a@example.com");
	assert_int_equal(get(road, test).state, DELIVERY_QUEUED);
	finish(road, "mail", SETTLE_BLOCKED);
	assert_int_equal(get(road, test).state, DELIVERY_DEAD);
	assert_int_equal(blocks(road, &list), 1);
	assert_int_equal(list[0].waiting, 1);
}

static void test_what_was_on_its_way_when_it_closed_waits_too(void **state)
{
	struct road *road = *state;
	struct delivery slow, slower;

	(void)put(road, "x|1", "x", "mail", "a@example.com");
	(void)put(road, "x|2", "x", "mail", "b@example.com");
	(void)put(road, "x|3", "x", "mail", "c@example.com");
	slow = claim_one(road, "mail");
	slower = claim_one(road, "mail");
	finish(road, "mail", SETTLE_BLOCKED);
	settle(road, &slow, SETTLE_RETRY);
	assert_int_equal(get(road, slow.id).state, DELIVERY_WAITING);
	/* A crash, and the next start. */
	assert_int_equal(outbox_recover(road->db, &road->scene), STATUS_OK);
	assert_int_equal(get(road, slower.id).state, DELIVERY_WAITING);
	assert_int_equal(get(road, slower.id).ambiguous, 1);
}

static void test_other_settings_are_tried_and_the_same_are_not(void **state)
{
	struct road *road = *state;
	struct blocked *list;

	strcpy(road->channels[1].hash, "one password");
	(void)put(road, "x|1", "x", "mail", "a@example.com");
	finish(road, "mail", SETTLE_BLOCKED);
	assert_int_equal(block_review(road->db, &road->scene), STATUS_OK);
	assert_int_equal(blocks(road, &list), 1);
	strcpy(road->channels[1].hash, "another");
	assert_int_equal(block_review(road->db, &road->scene), STATUS_OK);
	assert_int_equal(blocks(road, &list), 0);
	assert_int_equal(
	    ask(road, "SELECT count(*) FROM outbox WHERE state = 'queued' AND kind = 'x'"), 1);
}

static const char *token_now;

static bool token_of(const struct channel *channel, char ret_hash[65])
{
	assert_string_equal(channel->id, "mail");
	if (token_now)
		strcpy(ret_hash, token_now);
	return token_now != NULL;
}

static bool waits_for_token(struct road *road, const char *now)
{
	bool wait;

	token_now = now;
	assert_int_equal(block_review_tokens(road->db, &road->scene, token_of, &wait), STATUS_OK);
	return wait;
}

static void test_another_token_is_tried_and_the_same_or_none_is_not(void **state)
{
	struct road *road = *state;
	struct settlement settlement = {
	    .kind = SETTLE_BLOCKED, .attempts = 1, .token = "first", .reason = "535"};
	struct blocked *list;

	assert_false(waits_for_token(road, "first"));
	(void)put(road, "x|1", "x", "mail", "a@example.com");
	settlement.id = claim_one(road, "mail").id;
	assert_int_equal(outbox_settle(road->db, &road->scene, &settlement), STATUS_OK);
	assert_true(waits_for_token(road, "first"));
	assert_true(waits_for_token(road, NULL));
	assert_int_equal(blocks(road, &list), 1);
	assert_int_equal(claim_one(road, "mail").id, 0);
	assert_false(waits_for_token(road, "second"));
	assert_int_equal(blocks(road, &list), 0);
	assert_int_equal(claim_one(road, "mail").id, settlement.id);
}

static void test_a_channel_that_refused_no_token_waits_for_none(void **state)
{
	struct road *road = *state;
	struct blocked *list;

	(void)put(road, "x|1", "x", "mail", "a@example.com");
	finish(road, "mail", SETTLE_BLOCKED);
	assert_false(waits_for_token(road, "second"));
	assert_int_equal(blocks(road, &list), 1);
}

static void test_an_address_that_nobody_has_any_more_is_forgotten_alone(void **state)
{
	struct road *road = *state;
	struct blocked *list;

	(void)put(road, "x|1", "x", "mail", "typo@example.com");
	finish(road, "mail", SETTLE_NO_ADDRESS);
	(void)put(road, "x|2", "x", "mail", "ops@example.com");
	finish(road, "mail", SETTLE_BLOCKED);
	assert_int_equal(blocks(road, &list), 2);
	assert_int_equal(block_review(road->db, &road->scene), STATUS_OK);
	assert_int_equal(blocks(road, &list), 1);
	assert_null(list[0].recipient);
	assert_int_equal(ask(road, "SELECT count(*) FROM outbox WHERE state = 'waiting'"
				   " AND kind = 'x'"),
			 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM history WHERE verb = 'delivery.dropped'"),
			 1);
}

static void test_a_digest_that_waits_is_replaced_by_the_next(void **state)
{
	struct road *road = *state;

	road->roster.event_count = 0;
	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	finish(road, "mail", SETTLE_BLOCKED);
	assert_int_equal(ask(road, "SELECT count(*) FROM told"), 1);
	(void)send_digest(road, TODAY + 1, 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM outbox"), 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM outbox WHERE state = 'waiting'"), 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM digest WHERE state = 'replaced'"), 1);
}

static void test_a_dead_digest_that_was_overtaken_is_not_sent_again(void **state)
{
	struct road *road = *state;
	int count;

	road->roster.event_count = 0;
	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	finish(road, "mail", SETTLE_DEAD);
	(void)send_digest(road, TODAY + 1, 1);
	finish(road, "mail", SETTLE_DELIVERED);
	assert_int_equal(outbox_retry_all(road->db, &road->scene, &count), STATUS_OK);
	assert_int_equal(count, 0);
	assert_int_equal(ask(road, "SELECT count(*) FROM outbox"), 0);
}

static void test_events_and_history_tell_of_both_ends(void **state)
{
	struct road *road = *state;
	int count;

	(void)put(road, "x|1", "x", "mail", "a@example.com");
	finish(road, "mail", SETTLE_BLOCKED);
	assert_int_equal(outbox_retry_all(road->db, &road->scene, &count), STATUS_OK);
	assert_int_equal(ask(road, "SELECT count(*) FROM history WHERE verb = 'channel.blocked'"),
			 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM history WHERE verb = 'channel.unblocked'"),
			 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM outbox WHERE kind = 'event'"), 2);
	assert_non_null(strstr(ask_text(road, "SELECT document FROM outbox WHERE kind = 'event'"
					      " ORDER BY id LIMIT 1"),
			       "\"type\":\"channel.blocked\""));
}

static void test_each_block_is_told_once(void **state)
{
	struct road *road = *state;
	struct blocked *list;

	(void)put(road, "x|1", "x", "mail", "a@example.com");
	finish(road, "mail", SETTLE_BLOCKED);
	assert_int_equal(blocks(road, &list), 1);
	assert_false(list[0].admin_told);
	assert_false(list[0].fallback_told);
	block_told_admin(road->db);
	block_told_fallback(road->db, "mail");
	assert_int_equal(blocks(road, &list), 1);
	assert_true(list[0].admin_told);
	assert_true(list[0].fallback_told);
}

static void test_quiet_hours_hold_a_digest_and_no_event(void **state)
{
	struct road *road = *state;
	struct owner *maria = &road->owners[1];

	maria->quiet_from = 8 * 60;
	maria->quiet_to = 10 * 60;
	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	assert_int_equal(claim_one(road, "mail").id, 0);
	assert_int_equal(outbox_next_try(road->db, &road->scene, "mail"),
			 TODAY * DAY_MS + 10 * HOUR_MS);
	(void)put(road, "x|1", "event", "crm", NULL);
	assert_int_not_equal(claim_one(road, "crm").id, 0);
	road->scene.now = TODAY * DAY_MS + 10 * HOUR_MS;
	assert_int_not_equal(claim_one(road, "mail").id, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, road_open, road_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_a_refusal_blocks_the_channel_and_keeps_all_that_is_for_it),
	    TEST(test_retry_of_all_unblocks_and_tries_them_in_their_order),
	    TEST(test_what_waited_begins_its_schedule_when_the_block_ends),
	    TEST(test_retry_of_one_unblocks_its_channel),
	    TEST(test_an_address_that_nobody_has_holds_up_nobody_else),
	    TEST(test_what_is_delivered_ends_the_block),
	    TEST(test_what_old_settings_delivered_ends_no_block),
	    TEST(test_a_test_goes_out_all_the_same_and_blocks_nobody),
	    TEST(test_what_was_on_its_way_when_it_closed_waits_too),
	    TEST(test_other_settings_are_tried_and_the_same_are_not),
	    TEST(test_another_token_is_tried_and_the_same_or_none_is_not),
	    TEST(test_a_channel_that_refused_no_token_waits_for_none),
	    TEST(test_an_address_that_nobody_has_any_more_is_forgotten_alone),
	    TEST(test_a_digest_that_waits_is_replaced_by_the_next),
	    TEST(test_a_dead_digest_that_was_overtaken_is_not_sent_again),
	    TEST(test_events_and_history_tell_of_both_ends),
	    TEST(test_each_block_is_told_once),
	    TEST(test_quiet_hours_hold_a_digest_and_no_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
