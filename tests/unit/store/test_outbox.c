/* Deliveries from their queuing to their end. */
#include "road.h"

#define DUE_BASE (TODAY - 28)

static int64_t add_test(struct road *road, const char *key, const char *kind)
{
	int64_t id = 0;

	assert_int_equal(
	    outbox_add(road->db, &road->scene, key, kind, "mail", "a@example.com", "{}", &id),
	    STATUS_OK);
	return id;
}

static enum delivery_state state_of(struct road *road, int64_t id)
{
	struct delivery delivery;
	struct error err;

	assert_int_equal(outbox_get(road->db, id, road->arena, &delivery, &err), STATUS_OK);
	return delivery.state;
}

static void test_key_is_never_delivered_twice(void **state)
{
	struct road *road = *state;
	int64_t id = 0;

	(void)add_test(road, "test|1", "test");
	assert_int_equal(
	    outbox_add(road->db, &road->scene, "test|1", "test", "mail", NULL, "{}", &id),
	    STATUS_CONFLICT);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	assert_int_equal(
	    outbox_add(road->db, &road->scene, "test|1", "test", "mail", NULL, "{}", &id),
	    STATUS_CONFLICT);
	assert_int_equal(id, 0);
}

static void test_claim_takes_what_is_ripe_in_order_and_counts_the_attempt(void **state)
{
	struct road *road = *state;
	const int64_t late = add_test(road, "test|1", "x"), early = add_test(road, "test|2", "x");
	const int64_t future = add_test(road, "test|3", "x");
	struct delivery *deliveries;
	size_t count;

	tell(road, "UPDATE outbox SET next_try = next_try - 10, state = 'retry' WHERE id = 2");
	tell(road, "UPDATE outbox SET next_try = next_try + 10 WHERE id = 3");
	assert_int_equal(
	    outbox_claim(road->db, &road->scene, "mail", 9, road->arena, &deliveries, &count),
	    STATUS_OK);
	assert_int_equal(count, 2);
	assert_int_equal(deliveries[0].id, early);
	assert_int_equal(deliveries[1].id, late);
	assert_int_equal(deliveries[0].attempts, 1);
	assert_int_equal(deliveries[0].state, DELIVERY_SENDING);
	assert_int_equal(claim_one(road, "mail").id, 0);
	assert_int_equal(claim_one(road, "sales").id, 0);
	assert_int_equal(outbox_next_try(road->db, &road->scene, "mail"), road->scene.now + 10);
	assert_int_equal(state_of(road, future), DELIVERY_QUEUED);
	assert_true(outbox_next_try(road->db, &road->scene, "sales") == INSTANT_NEVER);
}

static void test_result_of_another_attempt_changes_nothing(void **state)
{
	struct road *road = *state;
	struct delivery delivery;

	(void)add_test(road, "test|1", "x");
	delivery = claim_one(road, "mail");
	delivery.attempts++;
	settle(road, &delivery, SETTLE_DELIVERED);
	assert_int_equal(state_of(road, delivery.id), DELIVERY_SENDING);
	delivery.attempts--;
	settle(road, &delivery, SETTLE_RETRY);
	settle(road, &delivery, SETTLE_DEAD);
	assert_int_equal(state_of(road, delivery.id), DELIVERY_RETRY);
	delivery.id = 99;
	settle(road, &delivery, SETTLE_DEAD);
}

static void test_delivered_one_is_found_in_history(void **state)
{
	struct road *road = *state;
	const int64_t id = add_test(road, "test|1", "test");
	struct delivery delivery;
	struct error err;

	(void)finish(road, "mail", SETTLE_DELIVERED);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox"), 0);
	assert_int_equal(outbox_get(road->db, id, road->arena, &delivery, &err), STATUS_OK);
	assert_int_equal(delivery.state, DELIVERY_DELIVERED);
	assert_string_equal(delivery.key, "test|1");
	assert_string_equal(delivery.channel, "mail");
	assert_string_equal(delivery.recipient, "a@example.com");
	assert_string_equal(delivery.reason, "250 thanks");
	assert_int_equal(delivery.attempts, 1);
	assert_int_equal(delivery.created, road->scene.now);
	assert_int_equal(outbox_get(road->db, id + 1, road->arena, &delivery, &err),
			 STATUS_NOT_FOUND);
}

static void test_ids_are_not_used_again(void **state)
{
	struct road *road = *state;
	const int64_t id = add_test(road, "test|1", "test");

	(void)finish(road, "mail", SETTLE_DELIVERED);
	assert_true(add_test(road, "test|2", "test") > id);
}

static void test_retry_waits_for_its_time_and_keeps_the_reason(void **state)
{
	struct road *road = *state;
	const int64_t id = add_test(road, "x|1", "x");

	(void)finish(road, "mail", SETTLE_RETRY);
	assert_int_equal(state_of(road, id), DELIVERY_RETRY);
	assert_string_equal(ask_text(road, "SELECT reason FROM outbox"), "250 thanks");
	assert_int_equal(claim_one(road, "mail").id, 0);
	assert_int_equal(outbox_next_try(road->db, &road->scene, "mail"),
			 road->scene.now + MINUTE_MS);
	road->scene.now += MINUTE_MS;
	assert_int_equal(claim_one(road, "mail").attempts, 2);
}

static void test_tried_test_message_is_not_tried_again(void **state)
{
	struct road *road = *state;
	const int64_t id = add_test(road, "test|1", "test");

	(void)finish(road, "mail", SETTLE_RETRY);
	assert_int_equal(state_of(road, id), DELIVERY_DEAD);
}

static void test_answer_that_is_not_text_is_not_stored(void **state)
{
	struct road *road = *state;
	const char *const hostile[] = {"\xff\xfe", "451 \x1b[2J", "550 \xe2\x80\xae"};

	for (size_t i = 0; i < 3; i++) {
		char key[8] = {'k', (char)('0' + i), 0};
		(void)add_test(road, key, "x");
		const struct delivery delivery = claim_one(road, "mail");
		const struct settlement settlement = {
		    .id = delivery.id, .attempts = 1, .kind = SETTLE_DEAD, .reason = hostile[i]};
		assert_int_equal(outbox_settle(road->db, &road->scene, &settlement), STATUS_OK);
	}
	assert_int_equal(
	    ask(road, "SELECT COUNT(*) FROM outbox WHERE reason = 'the answer was not text'"), 3);
}

static void test_what_was_being_sent_is_queued_again_and_marked(void **state)
{
	struct road *road = *state;
	const int64_t id = add_test(road, "x|1", "x");
	struct delivery late;

	late = claim_one(road, "mail");
	road->scene.now += MINUTE_MS;
	assert_int_equal(outbox_recover(road->db, &road->scene), STATUS_OK);
	assert_int_equal(state_of(road, id), DELIVERY_QUEUED);
	assert_int_equal(ask(road, "SELECT ambiguous FROM outbox"), 1);
	assert_int_equal(claim_one(road, "mail").attempts, 2);
	settle(road, &late, SETTLE_DELIVERED);
	assert_int_equal(state_of(road, id), DELIVERY_SENDING);
}

static void test_released_one_was_never_tried(void **state)
{
	struct road *road = *state;
	const int64_t id = add_test(road, "x|1", "x");
	const struct delivery delivery = claim_one(road, "mail");

	assert_int_equal(outbox_release(road->db, &road->scene, id, delivery.attempts), STATUS_OK);
	assert_int_equal(state_of(road, id), DELIVERY_QUEUED);
	assert_int_equal(ask(road, "SELECT attempts + ambiguous FROM outbox"), 0);
	assert_int_equal(claim_one(road, "mail").attempts, 1);
}

static void test_events_of_one_nudge_keep_their_order(void **state)
{
	struct road *road = *state;
	struct delivery raised;

	add_partner(road, 1, "acme", DUE_BASE);
	add_partner(road, 2, "borealis", DUE_BASE);
	sweep(road);
	set_last(road, 1, TODAY);
	judge(road, 1, "contact");
	raised = claim_one(road, "crm");
	assert_string_equal(raised.key, "event|1|1|crm");
	assert_string_equal(claim_one(road, "crm").key, "event|2|1|crm");
	assert_int_equal(claim_one(road, "crm").id, 0);
	assert_true(outbox_next_try(road->db, &road->scene, "crm") == INSTANT_NEVER);
	settle(road, &raised, SETTLE_RETRY);
	assert_int_equal(claim_one(road, "crm").id, 0);
	assert_int_equal(outbox_next_try(road->db, &road->scene, "crm"),
			 road->scene.now + MINUTE_MS);
	road->scene.now += MINUTE_MS;
	raised = claim_one(road, "crm");
	assert_string_equal(raised.key, "event|1|1|crm");
	settle(road, &raised, SETTLE_DEAD);
	assert_string_equal(claim_one(road, "crm").key, "event|1|2|crm");
}

static void test_digest_whose_nudges_are_resolved_is_dropped_as_obsolete(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	(void)add_test(road, "x|1", "x");
	set_last(road, 1, TODAY);
	judge(road, 1, "contact");
	assert_string_equal(claim_one(road, "mail").key, "x|1");
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM outbox WHERE kind = 'digest'"), 0);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM history WHERE verb = 'delivery.dropped'"
				   " AND key LIKE 'digest|%' AND detail LIKE '%obsolete%'"),
			 1);
	assert_string_equal(ask_text(road, "SELECT state FROM digest"), "lost");
	/* The contact was a mistake: nobody has heard of the silence yet. */
	set_last(road, 1, DUE_BASE);
	judge(road, 1, "contact");
	assert_int_equal(send_digest(road, TODAY + 1, 1).entry_count, 1);
}

static void test_digest_with_one_open_nudge_is_sent(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", DUE_BASE);
	add_partner(road, 2, "borealis", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	set_last(road, 1, TODAY);
	judge(road, 1, "contact");
	assert_true(claim_one(road, "mail").id > 0);
}

static void test_quiet_digest_is_never_obsolete(void **state)
{
	struct road *road = *state;

	add_partner(road, 1, "acme", TODAY - 1);
	assert_int_equal(send_digest(road, TODAY, 1).kind, DIGEST_QUIET);
	assert_true(claim_one(road, "mail").id > 0);
}

static void test_retry_of_all_wakes_the_dead_and_lets_the_others_keep_their_time(void **state)
{
	struct road *road = *state;
	const int64_t dead = add_test(road, "x|1", "x");
	struct error err;
	int count = -1;

	(void)finish(road, "mail", SETTLE_DEAD);
	const int64_t waiting = add_test(road, "x|2", "x");
	(void)finish(road, "mail", SETTLE_RETRY);
	(void)add_test(road, "x|3", "x");
	const struct delivery sending = claim_one(road, "mail");
	assert_int_equal(outbox_retry_all(road->db, &road->scene, &count), STATUS_OK);
	assert_int_equal(count, 1);
	assert_int_equal(state_of(road, dead), DELIVERY_QUEUED);
	assert_int_equal(state_of(road, waiting), DELIVERY_RETRY);
	assert_int_equal(state_of(road, sending.id), DELIVERY_SENDING);
	assert_int_equal(claim_one(road, "mail").attempts, 2);
	assert_int_equal(outbox_retry_all(road->db, &road->scene, &count), STATUS_OK);
	assert_int_equal(count, 0);
	assert_int_equal(outbox_retry(road->db, &road->scene, waiting, &err), STATUS_OK);
	assert_int_equal(state_of(road, waiting), DELIVERY_QUEUED);
}

static void test_retry_by_hand_begins_the_schedule_anew_and_keeps_the_attempts(void **state)
{
	struct road *road = *state;
	const int64_t one = add_test(road, "x|1", "x");
	const instant made = road->scene.now;
	struct delivery delivery;
	struct error err;
	int count;

	delivery = claim_one(road, "mail");
	assert_int_equal(delivery.schedule_from, made);
	assert_int_equal(delivery.schedule_attempts, 0);
	settle(road, &delivery, SETTLE_DEAD);
	road->scene.now += 5 * DAY_MS;
	assert_int_equal(outbox_retry_all(road->db, &road->scene, &count), STATUS_OK);
	delivery = claim_one(road, "mail");
	assert_int_equal(delivery.attempts, 2);
	assert_int_equal(delivery.schedule_attempts, 1);
	assert_int_equal(delivery.schedule_from, road->scene.now);
	assert_int_equal(delivery.created, made);
	settle(road, &delivery, SETTLE_RETRY);
	road->scene.now += SECOND_MS;
	assert_int_equal(outbox_retry(road->db, &road->scene, one, &err), STATUS_OK);
	delivery = claim_one(road, "mail");
	assert_int_equal(delivery.schedule_attempts, 2);
	assert_int_equal(delivery.schedule_from, road->scene.now);
	/* A try that failed of itself goes on with its schedule. */
	settle(road, &delivery, SETTLE_RETRY);
	road->scene.now += MINUTE_MS;
	delivery = claim_one(road, "mail");
	assert_int_equal(delivery.attempts, 4);
	assert_int_equal(delivery.schedule_attempts, 2);
	assert_int_equal(delivery.schedule_from, road->scene.now - MINUTE_MS);
}

static void test_a_doubt_is_remembered_whatever_comes_between(void **state)
{
	struct road *road = *state;
	struct settlement settlement = {
	    .kind = SETTLE_RETRY, .doubted = true, .reason = "http 404"};

	settlement.id = add_test(road, "x|1", "x");
	settlement.attempts = claim_one(road, "mail").attempts;
	assert_int_equal(outbox_settle(road->db, &road->scene, &settlement), STATUS_OK);
	assert_true(claim_one(road, "mail").doubted);
	settlement.attempts++;
	settlement.doubted = false;
	assert_int_equal(outbox_settle(road->db, &road->scene, &settlement), STATUS_OK);
	assert_true(claim_one(road, "mail").doubted);
}

static void test_retry_by_number_means_one_that_is_there_and_idle(void **state)
{
	struct road *road = *state;
	struct error err;

	(void)add_test(road, "x|1", "x");
	const struct delivery sending = claim_one(road, "mail");
	assert_int_equal(outbox_retry(road->db, &road->scene, sending.id, &err), STATUS_CONFLICT);
	assert_int_equal(outbox_retry(road->db, &road->scene, 99, &err), STATUS_NOT_FOUND);
	assert_int_equal(outbox_retry(road->db, &road->scene, 0, &err), STATUS_NOT_FOUND);
}

static void test_dropping_the_last_delivery_takes_back_what_was_told(void **state)
{
	struct road *road = *state;
	struct error err;
	struct delivery mail;

	add_partner(road, 1, "acme", DUE_BASE);
	(void)send_digest(road, TODAY, 1);
	mail = claim_one(road, "mail");
	assert_int_equal(outbox_drop(road->db, &road->scene, mail.id, &err), STATUS_CONFLICT);
	settle(road, &mail, SETTLE_RETRY);
	assert_int_equal(outbox_drop(road->db, &road->scene, mail.id, &err), STATUS_OK);
	assert_int_equal(state_of(road, mail.id), DELIVERY_DROPPED);
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM told"), 0);
	assert_int_equal(outbox_drop(road->db, &road->scene, mail.id, &err), STATUS_NOT_FOUND);
}

static void test_list_and_count_show_what_is_not_done(void **state)
{
	struct road *road = *state;
	struct outbox_counts counts;
	struct delivery *deliveries;
	size_t count;

	assert_int_equal(outbox_count(road->db, &counts), STATUS_OK);
	assert_true(counts.oldest == INSTANT_NEVER);
	(void)add_test(road, "x|1", "x");
	(void)finish(road, "mail", SETTLE_DEAD);
	road->scene.now++;
	const int64_t second = add_test(road, "x|2", "x");
	assert_int_equal(outbox_count(road->db, &counts), STATUS_OK);
	assert_int_equal(counts.dead, 1);
	assert_int_equal(counts.queued, 1);
	assert_int_equal(counts.oldest, road->scene.now - 1);
	assert_int_equal(outbox_list(road->db, 1, 10, road->arena, &deliveries, &count), STATUS_OK);
	assert_int_equal(count, 1);
	assert_int_equal(deliveries[0].id, second);
	assert_int_equal(outbox_list(road->db, 0, 1, road->arena, &deliveries, &count), STATUS_OK);
	assert_int_equal(count, 1);
}

static void test_a_channel_rests_as_a_whole_until_the_instant_it_asked_for(void **state)
{
	struct road *road = *state;
	const instant began = road->scene.now;
	struct settlement settlement = {.attempts = 1,
					.kind = SETTLE_RETRY,
					.retry_at = began + MINUTE_MS,
					.rest_until = began + HOUR_MS,
					.reason = "http 429"};

	(void)add_test(road, "x|1", "digest");
	settlement.id = claim_one(road, "mail").id;
	assert_int_equal(outbox_settle(road->db, &road->scene, &settlement), STATUS_OK);
	/* What waits and what comes later wait alike; other channels do not. */
	(void)add_test(road, "x|2", "digest");
	road->scene.now = began + HOUR_MS - 1;
	assert_int_equal(claim_one(road, "mail").id, 0);
	assert_int_equal(outbox_next_try(road->db, &road->scene, "mail"), began + HOUR_MS);
	assert_int_equal(channel_rests_until(road->db, &road->scene, "sales"), road->scene.now);
	road->scene.now = began + HOUR_MS;
	assert_int_equal(claim_one(road, "mail").id, 2);
	/* A clock that was wrong by more than a day silences nobody. */
	road->scene.now = began - 2 * DAY_MS;
	assert_int_equal(channel_rests_until(road->db, &road->scene, "mail"), road->scene.now);
}

/* What is sent over mail comes back: mail is to be left alone for so long. */
static void rest(struct road *road, const struct delivery *delivery, int64_t ms)
{
	const struct settlement settlement = {
	    .id = delivery->id,
	    .attempts = delivery->attempts,
	    .kind = SETTLE_RETRY,
	    .retry_at = road->scene.now + MINUTE_MS,
	    .rest_until = road->scene.now + ms,
	    .reason = "http 429",
	};

	assert_int_equal(outbox_settle(road->db, &road->scene, &settlement), STATUS_OK);
}

/* Something waits for mail, which is to be left alone for an hour; its id. */
static int64_t begin_rest(struct road *road, const char *key)
{
	const int64_t id = add_test(road, key, "digest");
	const struct delivery delivery = claim_one(road, "mail");

	assert_int_equal(delivery.id, id);
	rest(road, &delivery, HOUR_MS);
	return id;
}

static bool mail_rests(struct road *road)
{
	return channel_rests_until(road->db, &road->scene, "mail") > road->scene.now;
}

static void test_a_test_passes_while_its_channel_rests(void **state)
{
	struct road *road = *state;

	(void)begin_rest(road, "x|1");
	road->scene.now += 2 * MINUTE_MS;
	const int64_t test = add_test(road, "test|1", "test");
	assert_int_equal(outbox_next_try(road->db, &road->scene, "mail"), road->scene.now);
	assert_int_equal(claim_one(road, "mail").id, test);
	assert_int_equal(claim_one(road, "mail").id, 0);
	assert_true(mail_rests(road));
}

static void test_a_retry_by_hand_ends_the_rest(void **state)
{
	struct road *road = *state;
	struct error err;

	const int64_t id = begin_rest(road, "x|1");
	assert_true(mail_rests(road));
	assert_int_equal(outbox_retry(road->db, &road->scene, id, &err), STATUS_OK);
	assert_false(mail_rests(road));
	assert_int_equal(finish(road, "mail", SETTLE_DELIVERED).id, id);
}

static void test_a_retry_of_all_ends_the_rest_of_what_it_tries(void **state)
{
	struct road *road = *state;
	int count;

	(void)add_test(road, "x|1", "digest");
	const int64_t dead = finish(road, "mail", SETTLE_DEAD).id;
	const int64_t put_off = begin_rest(road, "x|2");
	assert_int_equal(outbox_retry_all(road->db, &road->scene, &count), STATUS_OK);
	assert_int_equal(count, 1);
	assert_false(mail_rests(road));
	assert_int_equal(finish(road, "mail", SETTLE_DELIVERED).id, dead);
	assert_int_equal(finish(road, "mail", SETTLE_DELIVERED).id, put_off);
	(void)begin_rest(road, "x|3");
	assert_int_equal(outbox_retry_all(road->db, &road->scene, &count), STATUS_OK);
	assert_int_equal(count, 0);
	assert_true(mail_rests(road));
}

static void test_a_channel_that_is_set_up_anew_does_not_rest(void **state)
{
	struct road *road = *state;

	strcpy(road->channels[1].hash, "before");
	(void)begin_rest(road, "x|1");
	assert_true(mail_rests(road));
	strcpy(road->channels[1].hash, "after");
	assert_false(mail_rests(road));
}

static void test_a_longer_rest_outlives_a_shorter_one(void **state)
{
	struct road *road = *state;
	const instant began = road->scene.now;
	struct delivery *both;
	size_t count;

	(void)add_test(road, "x|1", "digest");
	(void)add_test(road, "x|2", "digest");
	assert_int_equal(
	    outbox_claim(road->db, &road->scene, "mail", 2, road->arena, &both, &count), STATUS_OK);
	assert_int_equal(count, 2);
	rest(road, &both[0], HOUR_MS);
	rest(road, &both[1], MINUTE_MS);
	assert_int_equal(channel_rests_until(road->db, &road->scene, "mail"), began + HOUR_MS);
}

static void test_every_passage_but_the_claim_is_in_history(void **state)
{
	struct road *road = *state;
	struct error err;

	(void)add_test(road, "x|1", "x");
	(void)finish(road, "mail", SETTLE_RETRY);
	assert_int_equal(outbox_retry(road->db, &road->scene, 1, &err), STATUS_OK);
	(void)finish(road, "mail", SETTLE_DEAD);
	assert_int_equal(outbox_retry(road->db, &road->scene, 1, &err), STATUS_OK);
	(void)finish(road, "mail", SETTLE_DELIVERED);
	assert_string_equal(
	    ask_text(road, "SELECT group_concat(verb, ' ') FROM (SELECT verb FROM history"
			   " ORDER BY id)"),
	    "delivery.retry delivery.queued delivery.dead delivery.queued delivery.delivered");
	assert_int_equal(ask(road, "SELECT COUNT(*) FROM history WHERE key IS NOT NULL"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, road_open, road_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_key_is_never_delivered_twice),
	    TEST(test_claim_takes_what_is_ripe_in_order_and_counts_the_attempt),
	    TEST(test_result_of_another_attempt_changes_nothing),
	    TEST(test_delivered_one_is_found_in_history),
	    TEST(test_ids_are_not_used_again),
	    TEST(test_retry_waits_for_its_time_and_keeps_the_reason),
	    TEST(test_tried_test_message_is_not_tried_again),
	    TEST(test_answer_that_is_not_text_is_not_stored),
	    TEST(test_what_was_being_sent_is_queued_again_and_marked),
	    TEST(test_released_one_was_never_tried),
	    TEST(test_events_of_one_nudge_keep_their_order),
	    TEST(test_digest_whose_nudges_are_resolved_is_dropped_as_obsolete),
	    TEST(test_digest_with_one_open_nudge_is_sent),
	    TEST(test_quiet_digest_is_never_obsolete),
	    TEST(test_retry_of_all_wakes_the_dead_and_lets_the_others_keep_their_time),
	    TEST(test_retry_by_hand_begins_the_schedule_anew_and_keeps_the_attempts),
	    TEST(test_a_doubt_is_remembered_whatever_comes_between),
	    TEST(test_retry_by_number_means_one_that_is_there_and_idle),
	    TEST(test_dropping_the_last_delivery_takes_back_what_was_told),
	    TEST(test_list_and_count_show_what_is_not_done),
	    TEST(test_a_channel_rests_as_a_whole_until_the_instant_it_asked_for),
	    TEST(test_a_test_passes_while_its_channel_rests),
	    TEST(test_a_retry_by_hand_ends_the_rest),
	    TEST(test_a_retry_of_all_ends_the_rest_of_what_it_tries),
	    TEST(test_a_channel_that_is_set_up_anew_does_not_rest),
	    TEST(test_a_longer_rest_outlives_a_shorter_one),
	    TEST(test_every_passage_but_the_claim_is_in_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
