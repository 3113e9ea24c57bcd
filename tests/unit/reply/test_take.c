/* Answers by mail: who may, what each line does, and that each mail acts once. */
#include "../store/road.h"
#include "base/bytes.h"
#include "message/document.h"
#include "reply/take.h"

#define REPLY_TO    "cadence@example.com"
#define MARIA	    "maria@example.com"
#define FINGERPRINT "0123"

struct desk {
	struct road *road;
	struct conf conf;
	char token[REPLY_TOKEN_SIZE];
	int64_t id;
	int letters;
};

/* Three partners of maria and one of jon; a digest to maria numbers two of them. */
static int desk_open(void **state)
{
	static const struct reply_entry entries[] = {{1, 10}, {2, 11}};
	const struct reply_plan plan = {
	    .channel = "mail", .owner = "maria", .entries = entries, .entry_count = 2};
	struct desk *desk = mem_alloc(1, sizeof(*desk));
	struct road *road;

	if (road_open((void **)&desk->road) != 0)
		return -1;
	road = desk->road;
	road->channels[1].from = "Cadence <cadence@example.com>";
	road->roster.mail = &road->channels[1];
	add_partner(road, 10, "acme", TODAY - 60);
	add_partner(road, 11, "elbe", TODAY - 60);
	add_partner(road, 12, "elbtal", TODAY - 3);
	add_partner(road, 13, "jonas", TODAY - 60);
	tell(road, "UPDATE partner SET name = 'Acme GmbH' WHERE id = 'acme'");
	tell(road, "UPDATE partner SET name = 'Elbe Systems' WHERE id = 'elbe'");
	tell(road, "UPDATE partner SET name = 'Werk Elbtal' WHERE id = 'elbtal'");
	tell(road, "UPDATE partner SET owner = 'jon', hears = 'jon' WHERE id = 'jonas'");
	sweep(road);
	desk->id = reply_open(road->db, &road->scene, &plan, desk->token);
	assert_true(desk->id > 0);
	/* The reply goes by the roster of the configuration, which the scene has too. */
	desk->conf = (struct conf){.roster = road->roster, .reply_to = REPLY_TO};
	*state = desk;
	return 0;
}

static int desk_close(void **state)
{
	struct desk *desk = *state;
	const int result = road_close((void **)&desk->road);

	free(desk);
	return result;
}

/* A letter from maria with the token, and an id of its own. */
static struct letter *letter_of(struct desk *desk, const char *text)
{
	struct arena *arena = desk->road->arena;
	struct letter *letter = arena_alloc(arena, 1, sizeof(*letter));

	letter->message_id = arena_printf(arena, "letter-%d@client", ++desk->letters);
	letter->from = MARIA;
	letter->subject = "Re: Acme is cold";
	letter->text = text;
	letter->recipients = arena_alloc(arena, 2, sizeof(char *));
	letter->recipients[0] = "jon@example.com";
	letter->recipients[1] = reply_address_write(arena, REPLY_TO, desk->token);
	letter->recipient_count = 2;
	return letter;
}

static struct reply_outcome take(struct desk *desk, const struct letter *letter)
{
	const struct reply_job job = {
	    .conf = &desk->conf, .letter = letter, .fingerprint = FINGERPRINT};
	struct reply_outcome outcome = {.fate = REPLY_FATES};
	struct error err = {""};

	if (reply_take(desk->road->db, &desk->road->scene, &job, &outcome, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return outcome;
}

static struct facts facts_of(struct desk *desk, const char *id)
{
	struct road *road = desk->road;
	struct facts facts;
	struct error err;

	assert_int_equal(partner_facts(road->db, &road->scene, id, road->arena, &facts, &err),
			 STATUS_OK);
	return facts;
}

/* The newest confirmation as JSON text; NULL: there is none. */
static const char *confirmation(struct desk *desk)
{
	return ask_text(desk->road, "SELECT document FROM outbox WHERE kind = 'reply'"
				    " ORDER BY id DESC LIMIT 1");
}

static int64_t contacts(struct desk *desk)
{
	return ask(desk->road, "SELECT count(*) FROM contact WHERE source = 'reply'");
}

/* Takes the text of maria and expects words in what is answered. */
static void expect_said(struct desk *desk, const char *text, const char *words)
{
	const struct reply_outcome outcome = take(desk, letter_of(desk, text));

	assert_int_equal(outcome.fate, REPLY_TAKEN);
	assert_true(outcome.confirmed);
	if (!strstr(confirmation(desk), words))
		fail_msg("\"%s\" is answered by\n%s\nwithout: %s", text, confirmation(desk), words);
}

/* ---- lines ---- */

static void test_each_line_does_what_its_words_do_on_the_command_line(void **state)
{
	struct desk *desk = *state;
	const struct reply_outcome outcome =
	    take(desk, letter_of(desk, "1 call today talked, numbers Friday\n"
				       "2 snooze 7 dec CFO back then\nelbtal off\n"));
	const struct facts acme = facts_of(desk, "acme"), elbe = facts_of(desk, "elbe");
	const struct facts elbtal = facts_of(desk, "elbtal");

	assert_int_equal(outcome.fate, REPLY_TAKEN);
	assert_int_equal(outcome.done, 3);
	assert_int_equal(outcome.failed, 0);
	assert_false(outcome.confirmed);
	assert_null(confirmation(desk));
	assert_int_equal(acme.last.day, TODAY);
	assert_int_equal(acme.last.kind, CONTACT_CALL);
	assert_string_equal(acme.last.source, "reply");
	assert_string_equal(acme.last.actor, MARIA);
	assert_string_equal(acme.last.by, "maria");
	assert_string_equal(acme.last.note, "talked, numbers Friday");
	assert_int_equal(elbe.answers[ANSWER_SNOOZE].until, TODAY + 14);
	assert_string_equal(elbe.answers[ANSWER_SNOOZE].reason, "CFO back then");
	assert_string_equal(elbe.answers[ANSWER_SNOOZE].actor, MARIA);
	assert_true(elbtal.answers[ANSWER_OFF].is_given);
}

static void test_yes_and_no_answer_a_booked_meeting(void **state)
{
	struct desk *desk = *state;

	expect_said(desk, "1 yes", "no meeting with Acme GmbH is booked");
	put_answer(desk->road, 10, "plan", TODAY - 5, TODAY - 1);
	put_answer(desk->road, 11, "plan", TODAY - 5, TODAY - 1);
	assert_int_equal(take(desk, letter_of(desk, "1 yes\n2 no")).done, 2);
	assert_int_equal(facts_of(desk, "acme").last.day, TODAY - 1);
	assert_int_equal(facts_of(desk, "acme").last.kind, CONTACT_MEETING);
	assert_string_equal(facts_of(desk, "acme").last.source, "reply");
	assert_false(facts_of(desk, "elbe").answers[ANSWER_PLAN].is_given);
	assert_int_equal(take(desk, letter_of(desk, "2 moved 4 dec")).done, 1);
	assert_int_equal(facts_of(desk, "elbe").answers[ANSWER_PLAN].until, TODAY + 11);
	expect_said(desk, "2 yes", "which is ahead");
	expect_said(desk, "2 no", "which is ahead");
}

static void test_the_sender_is_away_and_there_again(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(take(desk, letter_of(desk, "away until 4 dec")).done, 1);
	assert_int_equal(ask(desk->road, "SELECT away_first FROM owner WHERE id = 'maria'"), TODAY);
	assert_int_equal(ask(desk->road, "SELECT away_last FROM owner WHERE id = 'maria'"),
			 TODAY + 11);
}

static void test_a_line_that_fails_leaves_the_others_done(void **state)
{
	struct desk *desk = *state;
	const struct reply_outcome outcome =
	    take(desk, letter_of(desk, "1 call today\n2 snooze 7 dec 2030\n9 ack\n2 off\n"));

	assert_int_equal(outcome.done, 2);
	assert_int_equal(outcome.failed, 2);
	assert_true(outcome.confirmed);
	assert_int_equal(facts_of(desk, "acme").last.day, TODAY);
	assert_false(facts_of(desk, "elbe").answers[ANSWER_SNOOZE].is_given);
	assert_true(facts_of(desk, "elbe").answers[ANSWER_OFF].is_given);
	assert_non_null(strstr(confirmation(desk), "is more than 90 days ahead"));
	assert_non_null(strstr(confirmation(desk), "has no number 9"));
	assert_non_null(strstr(confirmation(desk), "Acme GmbH: call of Mon 23 Nov is logged"));
}

static void test_what_cannot_be_done_is_said_with_what_to_write(void **state)
{
	struct desk *desk = *state;

	expect_said(desk, "elb call today", "may be Elbe Systems [elbe], Werk Elbtal [elbtal]");
	expect_said(desk, "acmee call today", "did you mean Acme GmbH [acme]?");
	expect_said(desk, "nobodyhere call today", "no partner of yours is called");
	expect_said(desk, "1 snooze yesterday", "");
	expect_said(desk, "elbtal ack", "is not due");
	assert_int_equal(contacts(desk), 0);
	assert_int_equal(ask(desk->road, "SELECT count(*) FROM answer"), 0);
}

static void test_names_are_found_by_their_beginning_their_words_and_their_id(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(take(desk, letter_of(desk, "ACME gmbh call today")).done, 1);
	assert_int_equal(take(desk, letter_of(desk, "elbe meeting today")).done, 1);
	assert_int_equal(take(desk, letter_of(desk, "werk call today")).done, 1);
	/* Of a colleague's partner the id will do, and nothing else. */
	assert_int_equal(take(desk, letter_of(desk, "jonas call today")).done, 1);
	assert_int_equal(contacts(desk), 4);
	tell(desk->road, "UPDATE partner SET name = 'Kappa' WHERE id = 'jonas'");
	expect_said(desk, "kappa call today", "no partner of yours");
}

static void test_a_question_is_answered_whether_or_not_it_is_due(void **state)
{
	struct desk *desk = *state;

	expect_said(desk, "why 1", "Acme GmbH");
	assert_non_null(strstr(confirmation(desk), "32 days overdue"));
	expect_said(desk, "why elbtal", "on track; due on");
	expect_said(desk, "help", "3 snooze 7 dec CFO back then");
}

static void test_thanks_and_sentences_are_no_faults(void **state)
{
	struct desk *desk = *state;

	assert_false(take(desk, letter_of(desk, "Many thanks!\n\nBest regards\nMaria")).confirmed);
	assert_false(take(desk, letter_of(desk, "1 call today\n\nI will be in the office on Friday "
						"if you want to talk about it.\n\nThanks!\nMaria"))
			 .confirmed);
	assert_int_equal(contacts(desk), 1);
	assert_null(confirmation(desk));
	expect_said(desk, "I will be in the office on Friday if you want to talk about it.", "");
}

static void test_an_answer_without_new_text_is_not_passed_over(void **state)
{
	struct desk *desk = *state;

	assert_true(take(desk, letter_of(desk, "")).confirmed);
	assert_non_null(strstr(confirmation(desk), "No new text was found"));
	assert_non_null(strstr(confirmation(desk), "3 snooze 7 dec CFO back then"));
	assert_int_equal(contacts(desk), 0);
}

static void test_small_words_are_nobodys_name(void **state)
{
	struct desk *desk = *state;

	tell(desk->road, "UPDATE partner SET name = 'Theta' WHERE id = 'elbe'");
	expect_said(desk, "the call today", "no partner");
	assert_int_equal(take(desk, letter_of(desk, "thet call today")).done, 1);
	tell(desk->road, "UPDATE partner SET name = 'The Acorn' WHERE id = 'elbe'");
	expect_said(desk, "the call today", "no partner");
	assert_int_equal(take(desk, letter_of(desk, "the acorn call yesterday")).done, 1);
}

/* ---- once ---- */

static void test_the_same_mail_acts_once(void **state)
{
	struct desk *desk = *state;
	struct letter *letter = letter_of(desk, "1 call today\n9 call today");

	assert_int_equal(take(desk, letter).fate, REPLY_TAKEN);
	letter->text = "2 off";
	assert_int_equal(take(desk, letter).fate, REPLY_AGAIN);
	assert_false(facts_of(desk, "elbe").answers[ANSWER_OFF].is_given);
	assert_int_equal(ask(desk->road, "SELECT count(*) FROM outbox WHERE kind = 'reply'"), 1);
	assert_int_equal(ask(desk->road, "SELECT count FROM refusal WHERE why = 'replay'"), 1);
}

static void test_a_mail_without_an_id_is_known_by_its_bytes(void **state)
{
	struct desk *desk = *state;
	struct letter *letter = letter_of(desk, "1 call today");
	char *endless = mem_alloc(1000, 1);

	letter->message_id = NULL;
	assert_int_equal(take(desk, letter).fate, REPLY_TAKEN);
	memset(endless, 'x', 999);
	letter->message_id = endless;
	assert_int_equal(take(desk, letter).fate, REPLY_AGAIN);
	free(endless);
}

static void test_what_is_undone_was_not_taken(void **state)
{
	struct desk *desk = *state;
	struct letter *letter = letter_of(desk, "1 call today\n9 call today");

	assert_int_equal(db_point(desk->road->db), STATUS_OK);
	assert_int_equal(take(desk, letter).fate, REPLY_TAKEN);
	db_point_undo(desk->road->db);
	assert_int_equal(contacts(desk), 0);
	assert_null(confirmation(desk));
	assert_int_equal(take(desk, letter).fate, REPLY_TAKEN);
	assert_int_equal(contacts(desk), 1);
}

/* ---- who may ---- */

static void refuse(struct desk *desk, const struct letter *letter, enum reply_fate fate)
{
	struct query *q;

	assert_int_equal(take(desk, letter).fate, fate);
	assert_int_equal(contacts(desk), 0);
	assert_null(confirmation(desk));
	assert_false(reply_was_taken(desk->road->db, letter->message_id));
	q = db_query(desk->road->db, "DELETE FROM refusal WHERE why = $1 AND count = 1");
	db_bind_text(q, 1, reply_fate_name(fate));
	assert_int_equal(db_run(q), 1);
}

static void test_only_whom_the_mail_was_for_may_answer(void **state)
{
	struct desk *desk = *state;
	struct letter *letter = letter_of(desk, "1 call today");

	letter->from = "eve@example.com";
	refuse(desk, letter, REPLY_STRANGER);
	letter->from = "jon@example.com";
	refuse(desk, letter, REPLY_STRANGER);
	letter->from = "Maria@example.com";
	refuse(desk, letter, REPLY_STRANGER);
	letter->from = NULL;
	refuse(desk, letter, REPLY_STRANGER);
	letter->from = "maria@EXAMPLE.com";
	assert_int_equal(take(desk, letter).fate, REPLY_TAKEN);
}

static void test_an_owner_who_is_gone_may_not_answer(void **state)
{
	struct desk *desk = *state;

	tell(desk->road, "UPDATE answerable SET owner = 'ada'");
	refuse(desk, letter_of(desk, "1 call today"), REPLY_STRANGER);
}

static void test_a_token_that_is_not_ours_is_forged(void **state)
{
	struct desk *desk = *state;
	struct letter *letter = letter_of(desk, "1 call today");

	letter->recipients[1] = "cadence+r.aaaaaaaaaaaaaaaaaaaaaaaa@example.com";
	refuse(desk, letter, REPLY_FORGED);
	letter->recipient_count = 1;
	refuse(desk, letter, REPLY_NO_TOKEN);
	letter->recipient_count = 0;
	refuse(desk, letter, REPLY_NO_TOKEN);
}

static void test_a_token_is_expired_after_90_days_and_when_it_is_forgotten(void **state)
{
	struct desk *desk = *state;
	struct letter *letter = letter_of(desk, "1 call today");

	desk->road->scene.now += REPLY_DAYS * DAY_MS + 1;
	refuse(desk, letter, REPLY_EXPIRED);
	assert_int_equal(reply_prune(desk->road->db, &desk->road->scene, 100), STATUS_OK);
	refuse(desk, letter, REPLY_EXPIRED);
}

static void test_a_reference_counts_when_the_token_was_lost_or_cut(void **state)
{
	struct desk *desk = *state;
	struct letter *letter = letter_of(desk, "1 call today");
	char installation[65], mark[BYTES_MARK_SIZE];
	const char *references[] = {"other@client", NULL};

	reply_bind(desk->road->db, desk->id, "a key");
	assert_int_equal(meta_installation(desk->road->db, installation), STATUS_OK);
	bytes_mark(installation, "a key", mark);
	references[1] = arena_printf(desk->road->arena, "%s@example.com", mark);
	letter->references = references;
	letter->reference_count = 1;
	letter->recipients[1] = "cadence+r.aaaaaaaaaaaaaaaaaaaaaaaa@example.com";
	refuse(desk, letter, REPLY_FORGED);
	letter->reference_count = 2;
	letter->from = "eve@example.com";
	refuse(desk, letter, REPLY_STRANGER);
	letter->from = MARIA;
	assert_int_equal(take(desk, letter).fate, REPLY_TAKEN);
}

static void test_dmarc_must_pass_by_the_server_that_is_trusted(void **state)
{
	struct desk *desk = *state;
	struct letter *letter = letter_of(desk, "1 call today");

	desk->conf.trusted_authserv = "mx.example.com";
	refuse(desk, letter, REPLY_DMARC);
	letter->authserv = "mx.example.com";
	refuse(desk, letter, REPLY_DMARC);
	letter->dmarc = "fail";
	refuse(desk, letter, REPLY_DMARC);
	letter->dmarc = "pass";
	letter->authserv = "mx.evil.example";
	refuse(desk, letter, REPLY_DMARC);
	letter->authserv = "MX.example.com";
	assert_int_equal(take(desk, letter).fate, REPLY_TAKEN);
}

static void test_nobody_answers_a_robot(void **state)
{
	static const enum letter_robot robots[] = {LETTER_AUTOMATIC, LETTER_BOUNCE, LETTER_LIST,
						   LETTER_CALENDAR};
	struct desk *desk = *state;

	for (size_t i = 0; i < sizeof(robots) / sizeof(robots[0]); i++) {
		struct letter *letter = letter_of(desk, "1 call today\nhelp");

		letter->robot = robots[i];
		refuse(desk, letter, REPLY_ROBOT);
	}
}

static void test_what_the_reader_may_not_say_is_not_believed(void **state)
{
	struct desk *desk = *state;
	struct letter *letter = letter_of(desk, "1 call today \x1b[2J");

	refuse(desk, letter, REPLY_UNREADABLE);
	letter->text = "1 call today \xff";
	refuse(desk, letter, REPLY_UNREADABLE);
	letter->text = "1 call today";
	letter->subject = "Re: \r\nBcc: eve@example.com";
	refuse(desk, letter, REPLY_UNREADABLE);
}

/* ---- what is said ---- */

static void test_a_sender_is_told_20_times_a_day_and_no_more(void **state)
{
	struct desk *desk = *state;

	for (int i = 0; i < REPLY_CONFIRMED_MAX; i++)
		assert_true(take(desk, letter_of(desk, "help")).confirmed);
	assert_false(take(desk, letter_of(desk, "help")).confirmed);
	assert_int_equal(take(desk, letter_of(desk, "1 call today\nhelp")).done, 1);
	desk->road->scene.now += DAY_MS;
	assert_true(take(desk, letter_of(desk, "help")).confirmed);
}

static void test_the_confirmation_goes_to_the_sender_by_the_way_of_the_digest(void **state)
{
	struct desk *desk = *state;
	struct document *document;
	struct error err;

	assert_true(take(desk, letter_of(desk, "help")).confirmed);
	assert_string_equal(
	    ask_text(desk->road, "SELECT recipient FROM outbox WHERE kind = 'reply'"), MARIA);
	assert_string_equal(ask_text(desk->road, "SELECT channel FROM outbox WHERE kind = 'reply'"),
			    "mail");
	assert_int_equal(document_from_json(desk->road->arena, confirmation(desk), &document, &err),
			 STATUS_OK);
	assert_int_equal(document->kind, DOCUMENT_REPLY);
	assert_string_equal(document->in_reply_to, "letter-1@client");
	assert_string_equal(document->reply_to,
			    reply_address_write(desk->road->arena, REPLY_TO, desk->token));
	assert_string_equal(document->subject, "Re: Acme is cold");
}

/* ---- a test ---- */

static void test_a_test_says_what_it_understood_and_changes_nothing(void **state)
{
	struct desk *desk = *state;
	struct letter *letter = letter_of(desk, "1 call today\nacme off\nhelp");
	const struct reply_plan plan = {.channel = "mail", .address = MARIA};
	char token[REPLY_TOKEN_SIZE];

	assert_true(reply_open(desk->road->db, &desk->road->scene, &plan, token) > 0);
	letter->recipients[1] = reply_address_write(desk->road->arena, REPLY_TO, token);
	assert_true(take(desk, letter).confirmed);
	assert_int_equal(contacts(desk), 0);
	assert_int_equal(ask(desk->road, "SELECT count(*) FROM answer"), 0);
	assert_non_null(strstr(confirmation(desk), "nothing is changed"));
	letter = letter_of(desk, "1 call today");
	letter->recipients[1] = reply_address_write(desk->road->arena, REPLY_TO, token);
	letter->from = "eve@example.com";
	assert_int_equal(take(desk, letter).fate, REPLY_STRANGER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
	    DESK_TEST(test_an_answer_without_new_text_is_not_passed_over),
	    DESK_TEST(test_small_words_are_nobodys_name),
	    DESK_TEST(test_each_line_does_what_its_words_do_on_the_command_line),
	    DESK_TEST(test_yes_and_no_answer_a_booked_meeting),
	    DESK_TEST(test_the_sender_is_away_and_there_again),
	    DESK_TEST(test_a_line_that_fails_leaves_the_others_done),
	    DESK_TEST(test_what_cannot_be_done_is_said_with_what_to_write),
	    DESK_TEST(test_names_are_found_by_their_beginning_their_words_and_their_id),
	    DESK_TEST(test_a_question_is_answered_whether_or_not_it_is_due),
	    DESK_TEST(test_thanks_and_sentences_are_no_faults),
	    DESK_TEST(test_the_same_mail_acts_once),
	    DESK_TEST(test_a_mail_without_an_id_is_known_by_its_bytes),
	    DESK_TEST(test_what_is_undone_was_not_taken),
	    DESK_TEST(test_only_whom_the_mail_was_for_may_answer),
	    DESK_TEST(test_an_owner_who_is_gone_may_not_answer),
	    DESK_TEST(test_a_token_that_is_not_ours_is_forged),
	    DESK_TEST(test_a_token_is_expired_after_90_days_and_when_it_is_forgotten),
	    DESK_TEST(test_a_reference_counts_when_the_token_was_lost_or_cut),
	    DESK_TEST(test_dmarc_must_pass_by_the_server_that_is_trusted),
	    DESK_TEST(test_nobody_answers_a_robot),
	    DESK_TEST(test_what_the_reader_may_not_say_is_not_believed),
	    DESK_TEST(test_a_sender_is_told_20_times_a_day_and_no_more),
	    DESK_TEST(test_the_confirmation_goes_to_the_sender_by_the_way_of_the_digest),
	    DESK_TEST(test_a_test_says_what_it_understood_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
