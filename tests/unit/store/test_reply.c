/* Which mails can be answered, for how long, and what came in. */
#include "base/bytes.h"
#include "road.h"
#include "store/reply.h"

static int64_t open_one(struct road *road, const struct reply_entry *entries, size_t count,
			char ret_token[REPLY_TOKEN_SIZE])
{
	const struct reply_plan plan = {
	    .channel = "mail", .owner = "maria", .entries = entries, .entry_count = count};
	const int64_t id = reply_open(road->db, &road->scene, &plan, ret_token);

	assert_true(id > 0);
	return id;
}

static bool is_live(struct road *road, int64_t id)
{
	struct reply_mail mail = {.expired = true};

	return reply_find(road->db, &road->scene, id, road->arena, &mail) && !mail.expired;
}

static void test_the_key_is_made_once_and_two_are_live(void **state)
{
	struct road *road = *state;
	struct reply_keys first, again, second, third;

	assert_int_equal(reply_keys_get(road->db, &first), STATUS_OK);
	assert_int_equal(reply_keys_get(road->db, &again), STATUS_OK);
	assert_int_equal(first.count, 1);
	assert_memory_equal(first.keys[0], again.keys[0], REPLY_KEY_SIZE);
	assert_int_equal(reply_keys_rotate(road->db, &road->scene), STATUS_OK);
	assert_int_equal(reply_keys_get(road->db, &second), STATUS_OK);
	assert_int_equal(second.count, 2);
	assert_memory_equal(second.keys[1], first.keys[0], REPLY_KEY_SIZE);
	assert_memory_not_equal(second.keys[0], first.keys[0], REPLY_KEY_SIZE);
	assert_int_equal(reply_keys_rotate(road->db, &road->scene), STATUS_OK);
	assert_int_equal(reply_keys_get(road->db, &third), STATUS_OK);
	assert_int_equal(third.count, 2);
	assert_memory_equal(third.keys[1], second.keys[0], REPLY_KEY_SIZE);
}

static void test_a_number_stands_for_its_partner_as_long_as_that_is_there(void **state)
{
	struct road *road = *state;
	const struct reply_entry entries[] = {{1, 10}, {2, 11}};
	char token[REPLY_TOKEN_SIZE];
	struct error err;

	add_partner(road, 10, "acme", TODAY - 40);
	add_partner(road, 11, "elbe", TODAY - 40);
	const int64_t id = open_one(road, entries, 2, token);
	assert_string_equal(reply_partner(road->db, id, 1, road->arena), "acme");
	assert_string_equal(reply_partner(road->db, id, 2, road->arena), "elbe");
	assert_null(reply_partner(road->db, id, 3, road->arena));
	assert_null(reply_partner(road->db, id + 1, 1, road->arena));
	assert_int_equal(partner_erase(road->db, &road->scene, "acme", &err), STATUS_OK);
	assert_null(reply_partner(road->db, id, 1, road->arena));
	assert_string_equal(reply_partner(road->db, id, 2, road->arena), "elbe");
}

static void test_a_mail_can_be_answered_for_90_days(void **state)
{
	struct road *road = *state;
	char token[REPLY_TOKEN_SIZE];
	const int64_t id = open_one(road, NULL, 0, token);

	road->scene.now += REPLY_DAYS * DAY_MS;
	assert_true(is_live(road, id));
	road->scene.now += 1;
	assert_false(is_live(road, id));
	assert_int_equal(reply_prune(road->db, &road->scene, 100), STATUS_OK);
	assert_int_equal(ask(road, "SELECT count(*) FROM answerable"), 0);
}

static void test_what_is_forgotten_is_bounded_and_the_rest_stays(void **state)
{
	struct road *road = *state;
	const struct reply_entry entry = {1, 10};
	char token[REPLY_TOKEN_SIZE];

	add_partner(road, 10, "acme", TODAY - 40);
	for (int i = 0; i < 5; i++)
		(void)open_one(road, &entry, 1, token);
	road->scene.now += 91 * DAY_MS;
	const int64_t fresh = open_one(road, &entry, 1, token);
	assert_int_equal(reply_prune(road->db, &road->scene, 3), STATUS_OK);
	assert_int_equal(ask(road, "SELECT count(*) FROM answerable"), 3);
	assert_int_equal(reply_prune(road->db, &road->scene, 3), STATUS_OK);
	assert_int_equal(ask(road, "SELECT count(*) FROM answerable"), 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM answerable_entry"), 1);
	assert_true(is_live(road, fresh));
	/* Its number is never given out again. */
	tell(road, "DELETE FROM answerable_entry");
	tell(road, "DELETE FROM answerable");
	assert_true(open_one(road, NULL, 0, token) > fresh);
}

static void test_the_message_id_of_a_mail_stands_for_its_token(void **state)
{
	struct road *road = *state;
	char token[REPLY_TOKEN_SIZE], installation[65], mark[BYTES_MARK_SIZE], *id;
	struct reply_mail mail;
	const int64_t number = open_one(road, NULL, 0, token);

	reply_bind(road->db, number, "digest|maria|2026-11-23|mail|maria@example.com");
	assert_int_equal(meta_installation(road->db, installation), STATUS_OK);
	bytes_mark(installation, "digest|maria|2026-11-23|mail|maria@example.com", mark);
	id = mem_printf("%s@example.com", mark);
	assert_true(reply_find_message(road->db, &road->scene, id, road->arena, &mail));
	assert_int_equal(mail.id, number);
	assert_string_equal(mail.owner, "maria");
	id[0] = id[0] == 'a' ? 'b' : 'a';
	assert_false(reply_find_message(road->db, &road->scene, id, road->arena, &mail));
	id[39] = '\0';
	assert_false(reply_find_message(road->db, &road->scene, id, road->arena, &mail));
	assert_false(reply_find_message(road->db, &road->scene, "", road->arena, &mail));
	free(id);
}

static void test_the_digest_is_bound_to_its_delivery(void **state)
{
	struct road *road = *state;
	struct parcel_plan parcel = {
	    .channel = "mail", .recipient = "maria@example.com", .document = "{}"};
	char token[REPLY_TOKEN_SIZE], installation[65], mark[BYTES_MARK_SIZE];
	struct digest digest;
	struct error err;

	add_partner(road, 10, "acme", TODAY - 60);
	sweep(road);
	digest = compose(road);
	parcel.reply = open_one(road, NULL, 0, token);
	assert_int_equal(digest_commit(road->db, &road->scene, &digest, &parcel, 1, &err),
			 STATUS_OK);
	assert_int_equal(meta_installation(road->db, installation), STATUS_OK);
	bytes_mark(installation, claim_one(road, "mail").key, mark);
	assert_string_equal(ask_text(road, "SELECT mark FROM answerable"), mark);
}

static void test_refusals_are_counted_by_their_reason(void **state)
{
	struct road *road = *state;
	struct reply_view view;

	reply_note_refused(road->db, &road->scene, REPLY_STRANGER, "eve@example.com");
	road->scene.now += MINUTE_MS;
	reply_note_refused(road->db, &road->scene, REPLY_STRANGER, "mal\x1bory@example.com");
	reply_note_refused(road->db, &road->scene, REPLY_FORGED, NULL);
	assert_int_equal(view_replies(road->db, road->arena, &view), STATUS_OK);
	assert_false(view.has_last);
	assert_int_equal(view.refusal_count, 2);
	assert_string_equal(view.refusals[0].why, "forged");
	assert_string_equal(view.refusals[1].why, "stranger");
	assert_int_equal(view.refusals[1].count, 2);
	assert_int_equal(view.refusals[1].last - view.refusals[1].first, MINUTE_MS);
	assert_null(view.refusals[1].sender);
	road->scene.now += 91 * DAY_MS;
	assert_int_equal(reply_prune(road->db, &road->scene, 100), STATUS_OK);
	assert_int_equal(view_replies(road->db, road->arena, &view), STATUS_OK);
	assert_int_equal(view.refusal_count, 0);
}

static void test_an_answer_is_known_again_as_long_as_its_mail_could_be_answered(void **state)
{
	struct road *road = *state;
	const struct reply_taken taken = {
	    .message = "a@b", .sender = "maria@example.com", .done = 2, .confirmed = true};
	struct reply_view view;

	assert_false(reply_was_taken(road->db, "a@b"));
	reply_note_taken(road->db, &road->scene, &taken);
	assert_true(reply_was_taken(road->db, "a@b"));
	assert_int_equal(reply_count_confirmed(road->db, "maria@example.com", 0), 1);
	assert_int_equal(reply_count_confirmed(road->db, "jon@example.com", 0), 0);
	assert_int_equal(view_replies(road->db, road->arena, &view), STATUS_OK);
	assert_true(view.has_last && view.last.done == 2);
	road->scene.now += REPLY_DAYS * DAY_MS;
	assert_int_equal(reply_prune(road->db, &road->scene, 100), STATUS_OK);
	assert_true(reply_was_taken(road->db, "a@b"));
	road->scene.now += 1;
	assert_int_equal(reply_prune(road->db, &road->scene, 100), STATUS_OK);
	assert_false(reply_was_taken(road->db, "a@b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define ROAD_TEST(name) cmocka_unit_test_setup_teardown(name, road_open, road_close)
	    ROAD_TEST(test_the_key_is_made_once_and_two_are_live),
	    ROAD_TEST(test_a_number_stands_for_its_partner_as_long_as_that_is_there),
	    ROAD_TEST(test_a_mail_can_be_answered_for_90_days),
	    ROAD_TEST(test_what_is_forgotten_is_bounded_and_the_rest_stays),
	    ROAD_TEST(test_the_message_id_of_a_mail_stands_for_its_token),
	    ROAD_TEST(test_the_digest_is_bound_to_its_delivery),
	    ROAD_TEST(test_refusals_are_counted_by_their_reason),
	    ROAD_TEST(test_an_answer_is_known_again_as_long_as_its_mail_could_be_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
