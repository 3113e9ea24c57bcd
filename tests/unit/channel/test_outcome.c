/* Every row of the outcome tables, and what a reason may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "channel/outcome.h"
#include "channel/retry_after.h"

#define SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const instant now = INT64_C(784111777000); /* Sun, 06 Nov 1994 08:49:37 GMT */

static struct outcome http(enum channel_type type, long status, const char *body)
{
	const struct http_reply reply = {
	    .status = status, .body = (char *)body, .body_len = strlen(body)};

	return outcome_of_http(type, &reply, now);
}

static struct outcome smtp(long code, const char *text)
{
	const struct mail_reply reply = {
	    .fault = code < 400 ? NET_OK : NET_OTHER, .code = code, .text = (char *)text};

	return outcome_of_mail(&reply);
}

static void test_every_http_status_has_its_class(void **state)
{
	static const struct {
		long status;
		enum outcome_class class;
	} rows[] = {
	    {200, OUTCOME_DELIVERED}, {202, OUTCOME_DELIVERED}, {204, OUTCOME_DELIVERED},
	    {301, OUTCOME_CONFIG},    {302, OUTCOME_CONFIG},	{308, OUTCOME_CONFIG},
	    {400, OUTCOME_MESSAGE},   {401, OUTCOME_CONFIG},	{402, OUTCOME_CONFIG},
	    {403, OUTCOME_CONFIG},    {404, OUTCOME_CONFIG},	{405, OUTCOME_CONFIG},
	    {407, OUTCOME_CONFIG},    {408, OUTCOME_TRANSIENT}, {409, OUTCOME_MESSAGE},
	    {410, OUTCOME_CONFIG},    {413, OUTCOME_MESSAGE},	{415, OUTCOME_MESSAGE},
	    {421, OUTCOME_TRANSIENT}, {422, OUTCOME_MESSAGE},	{423, OUTCOME_TRANSIENT},
	    {425, OUTCOME_TRANSIENT}, {426, OUTCOME_CONFIG},	{429, OUTCOME_TRANSIENT},
	    {500, OUTCOME_TRANSIENT}, {502, OUTCOME_TRANSIENT}, {503, OUTCOME_TRANSIENT},
	    {504, OUTCOME_TRANSIENT}, {520, OUTCOME_TRANSIENT}, {521, OUTCOME_TRANSIENT},
	    {522, OUTCOME_TRANSIENT}, {523, OUTCOME_TRANSIENT}, {524, OUTCOME_TRANSIENT},
	    {999, OUTCOME_TRANSIENT}, {0, OUTCOME_TRANSIENT},
	};

	(void)state;
	for (size_t i = 0; i < SIZE(rows); i++)
		assert_string_equal(
		    outcome_class_name(http(CHANNEL_WEBHOOK, rows[i].status, "").class),
		    outcome_class_name(rows[i].class));
}

static bool is_ambiguous(enum channel_type type, long status, bool all_sent, const char *body)
{
	const struct http_reply reply = {
	    .status = status, .all_sent = all_sent, .body = (char *)body, .body_len = strlen(body)};

	return outcome_of_http(type, &reply, now).ambiguous;
}

static void test_who_stands_before_the_server_cannot_tell_whether_it_took_the_post(void **state)
{
	static const long doubtful[] = {500, 502, 504};
	static const long certain[] = {200, 400, 404, 429, 501, 503, 520};

	(void)state;
	for (size_t i = 0; i < SIZE(doubtful); i++) {
		assert_true(is_ambiguous(CHANNEL_WEBHOOK, doubtful[i], true, ""));
		assert_false(is_ambiguous(CHANNEL_WEBHOOK, doubtful[i], false, ""));
	}
	for (size_t i = 0; i < SIZE(certain); i++)
		assert_false(is_ambiguous(CHANNEL_WEBHOOK, certain[i], true, ""));
	/* The target itself says what it did. */
	assert_false(is_ambiguous(CHANNEL_SLACK, 500, true, "rollup_error"));
	assert_true(is_ambiguous(CHANNEL_SLACK, 500, true, "oops"));
}

static void test_a_hook_that_is_gone_is_tried_once_more_after_ten_minutes(void **state)
{
	(void)state;
	assert_int_equal(http(CHANNEL_SLACK, 404, "").once_more_ms, 10 * MINUTE_MS);
	assert_int_equal(http(CHANNEL_WEBHOOK, 410, "").once_more_ms, 10 * MINUTE_MS);
	assert_int_equal(http(CHANNEL_WEBHOOK, 403, "").once_more_ms, -1);
}

static void test_slack_succeeds_only_with_200_and_ok(void **state)
{
	static const struct {
		long status;
		const char *body;
		enum outcome_class class;
		bool ambiguous;
	} rows[] = {
	    {200, "ok", OUTCOME_DELIVERED, false},
	    {200, "ok\n", OUTCOME_DELIVERED, false},
	    {200, "", OUTCOME_TRANSIENT, true},
	    {200, "<html>Please log in</html>", OUTCOME_TRANSIENT, true},
	    {200, "invalid_payload", OUTCOME_MESSAGE, false},
	    {200, "no_service", OUTCOME_CONFIG, false},
	    {400, "invalid_payload", OUTCOME_MESSAGE, false},
	    {400, "invalid_blocks", OUTCOME_MESSAGE, false},
	    {400, "msg_blocks_too_long", OUTCOME_MESSAGE, false},
	    {400, "no_text", OUTCOME_MESSAGE, false},
	    {400, "invalid_token", OUTCOME_CONFIG, false},
	    {400, "user_not_found", OUTCOME_CONFIG, false},
	    {403, "action_prohibited", OUTCOME_CONFIG, false},
	    {403, "team_disabled", OUTCOME_CONFIG, false},
	    {404, "channel_not_found", OUTCOME_CONFIG, false},
	    {404, "no_service", OUTCOME_CONFIG, false},
	    {404, "no_team", OUTCOME_CONFIG, false},
	    {404, "no_active_hooks", OUTCOME_CONFIG, false},
	    {404, "no_service_id", OUTCOME_CONFIG, false},
	    {410, "channel_is_archived", OUTCOME_CONFIG, false},
	    {429, "rate_limited", OUTCOME_TRANSIENT, false},
	    {500, "rollup_error", OUTCOME_TRANSIENT, false},
	};

	(void)state;
	for (size_t i = 0; i < SIZE(rows); i++) {
		const struct outcome outcome = http(CHANNEL_SLACK, rows[i].status, rows[i].body);

		assert_string_equal(outcome_class_name(outcome.class),
				    outcome_class_name(rows[i].class));
		assert_int_equal(outcome.ambiguous, rows[i].ambiguous);
	}
}

static void test_a_webhook_needs_no_body_to_succeed(void **state)
{
	(void)state;
	assert_int_equal(http(CHANNEL_WEBHOOK, 200, "<html>").class, OUTCOME_DELIVERED);
}

static void test_a_broken_off_body_is_no_ok(void **state)
{
	const struct http_reply reply = {
	    .status = 200, .body = (char *)"ok", .body_len = 2, .body_cut = true};
	const struct outcome outcome = outcome_of_http(CHANNEL_SLACK, &reply, now);

	(void)state;
	assert_int_equal(outcome.class, OUTCOME_TRANSIENT);
	assert_true(outcome.ambiguous);
}

static void test_http_reasons_repeat_a_plain_word_only(void **state)
{
	(void)state;
	assert_string_equal(
	    http(CHANNEL_SLACK, 404, "no_service").reason,
	    "http 404 no_service: the hook was deleted; make a new one and put it in url");
	assert_string_equal(http(CHANNEL_SLACK, 200, "ok").reason, "http 200");
	assert_string_equal(http(CHANNEL_WEBHOOK, 503, "").reason, "http 503");
	assert_string_equal(http(CHANNEL_SLACK, 404, "/services/T0/B0/secret not found").reason,
			    "http 404: nothing is there; look at url");
	assert_string_equal(http(CHANNEL_SLACK, 404, "T0B0SECRET").reason,
			    "http 404: nothing is there; look at url");
	assert_string_equal(http(CHANNEL_SLACK, 404, "no\nservice").reason,
			    "http 404: nothing is there; look at url");
	assert_string_equal(http(CHANNEL_SLACK, 200, "").reason,
			    "http 200, but the answer does not say that it was taken");
}

#define NOT_FOLLOWED ": redirects are not followed; put the new address in url"

static void test_a_redirect_shows_where_to_but_no_path(void **state)
{
	static const struct {
		const char *location, *reason;
	} rows[] = {
	    {"https://new.example.com/services/T0/secret?x=1",
	     "http 302, moved to https://new.example.com" NOT_FOLLOWED},
	    {"https://new.example.com:8443",
	     "http 302, moved to https://new.example.com:8443" NOT_FOLLOWED},
	    {"https://user:secret@new.example.com/", "http 302" NOT_FOLLOWED},
	    {"https://evil\x1b[2J.example.com/", "http 302" NOT_FOLLOWED},
	    {"/login", "http 302" NOT_FOLLOWED},
	    {"", "http 302" NOT_FOLLOWED},
	};

	(void)state;
	for (size_t i = 0; i < SIZE(rows); i++) {
		const struct http_reply reply = {
		    .status = 302, .body = (char *)"", .location = (char *)rows[i].location};

		assert_string_equal(outcome_of_http(CHANNEL_SLACK, &reply, now).reason,
				    rows[i].reason);
	}
}

static void test_every_fault_has_its_class(void **state)
{
	static const enum outcome_class classes[NET_FAULTS] = {
	    [NET_RESOLVE] = OUTCOME_TRANSIENT,	[NET_CONNECT] = OUTCOME_TRANSIENT,
	    [NET_FORBIDDEN] = OUTCOME_CONFIG,	[NET_TIMEOUT] = OUTCOME_TRANSIENT,
	    [NET_TLS] = OUTCOME_TRANSIENT,	[NET_NO_TLS] = OUTCOME_CONFIG,
	    [NET_CERTIFICATE] = OUTCOME_CONFIG, [NET_LOGIN] = OUTCOME_CONFIG,
	    [NET_BROKEN] = OUTCOME_TRANSIENT,	[NET_REQUEST] = OUTCOME_MESSAGE,
	    [NET_OTHER] = OUTCOME_TRANSIENT,	[NET_TOKEN] = OUTCOME_TRANSIENT,
	};

	(void)state;
	for (enum net_fault fault = NET_OK + 1; fault < NET_FAULTS; fault++) {
		const struct http_reply reply = {.fault = fault, .body = (char *)""};
		const struct mail_reply mail = {.fault = fault, .code = 250, .text = (char *)"hi"};

		assert_int_equal(outcome_of_http(CHANNEL_SLACK, &reply, now).class, classes[fault]);
		assert_int_equal(outcome_of_mail(&mail).class, classes[fault]);
	}
}

static void test_a_refused_token_is_told_from_one_that_is_not_there(void **state)
{
	const struct mail_reply refused = {.fault = NET_LOGIN,
					   .code = 535,
					   .text = (char *)"5.7.8 expired",
					   .refused_token = "abc"};
	const struct mail_reply missing = {
	    .fault = NET_TOKEN, .text = (char *)"", .error = "the token file /t is empty"};
	struct outcome outcome = outcome_of_mail(&refused);

	(void)state;
	assert_int_equal(outcome.class, OUTCOME_CONFIG);
	assert_string_equal(outcome.refused_token, "abc");
	assert_string_equal(outcome.reason, "smtp 535 5.7.8 expired: the token is refused; it is "
					    "tried again when token_file holds another");
	outcome = outcome_of_mail(&missing);
	assert_int_equal(outcome.class, OUTCOME_TRANSIENT);
	assert_string_equal(outcome.refused_token, "");
	assert_string_equal(outcome.reason,
			    "smtp found no token to log in with: the token file /t is empty");
}

static void test_a_fault_says_itself_in_words(void **state)
{
	const struct http_reply broken = {
	    .fault = NET_BROKEN, .sent_maybe = true, .body = (char *)"", .error = "Recv failure"};
	const struct http_reply untrusted = {
	    .fault = NET_CERTIFICATE, .body = (char *)"", .error = "self-signed certificate"};

	(void)state;
	assert_string_equal(outcome_of_http(CHANNEL_SLACK, &broken, now).reason,
			    "http broke the connection, perhaps after it was accepted");
	assert_true(outcome_of_http(CHANNEL_SLACK, &broken, now).ambiguous);
	assert_string_equal(
	    outcome_of_http(CHANNEL_SLACK, &untrusted, now).reason,
	    "http shows a certificate that is not trusted: self-signed certificate; if it is "
	    "signed by a CA of your own, name that in ca_file");
}

static void test_every_smtp_answer_has_its_class(void **state)
{
	static const struct {
		long code;
		const char *text;
		enum outcome_class class;
		int64_t retry_after, once_more;
	} rows[] = {
	    {250, "2.0.0 Ok: queued as 4D2", OUTCOME_DELIVERED, -1, -1},
	    {421, "4.3.2 closing", OUTCOME_TRANSIENT, -1, -1},
	    {432, "4.7.12 transition", OUTCOME_TRANSIENT, -1, -1},
	    {450, "busy", OUTCOME_TRANSIENT, -1, -1},
	    {451, "4.7.1 Greylisted, try again", OUTCOME_TRANSIENT, 5 * MINUTE_MS, -1},
	    {451, "4.7.10 other", OUTCOME_TRANSIENT, -1, -1},
	    {452, "4.2.2 full", OUTCOME_TRANSIENT, HOUR_MS, -1},
	    {454, "4.7.0 try later", OUTCOME_TRANSIENT, -1, -1},
	    {500, "what?", OUTCOME_MESSAGE, -1, -1},
	    {501, "5.5.4 syntax", OUTCOME_MESSAGE, -1, -1},
	    {555, "parameter", OUTCOME_MESSAGE, -1, -1},
	    {530, "5.7.0 Must issue a STARTTLS command first", OUTCOME_CONFIG, -1, -1},
	    {534, "5.7.9 mechanism too weak", OUTCOME_CONFIG, -1, -1},
	    {535, "5.7.8 bad credentials", OUTCOME_CONFIG, -1, -1},
	    {535, "no", OUTCOME_CONFIG, -1, -1},
	    {538, "encryption", OUTCOME_CONFIG, -1, -1},
	    {550, "5.7.8 x", OUTCOME_CONFIG, -1, -1},
	    {530, "5.7.57 client not authenticated", OUTCOME_CONFIG, -1, -1},
	    {550, "5.7.57 client not authenticated", OUTCOME_CONFIG, -1, -1},
	    {535, "5.7.139 disabled", OUTCOME_CONFIG, -1, -1},
	    {550, "5.7.139 disabled", OUTCOME_CONFIG, -1, -1},
	    {553, "5.1.7 bad sender", OUTCOME_CONFIG, -1, -1},
	    {550, "5.1.8 sender's domain", OUTCOME_CONFIG, -1, -1},
	    {550, "5.1.1 no such user", OUTCOME_ADDRESS, -1, -1},
	    {550, "5.1.2 no such domain", OUTCOME_ADDRESS, -1, -1},
	    {553, "5.1.3 bad syntax", OUTCOME_ADDRESS, -1, -1},
	    {551, "5.1.6 moved", OUTCOME_ADDRESS, -1, -1},
	    {550, "5.1.10 null MX", OUTCOME_ADDRESS, -1, -1},
	    {550, "5.1.1", OUTCOME_ADDRESS, -1, -1},
	    {550, "5.2.1 disabled", OUTCOME_ADDRESS, -1, -1},
	    {550, "5.1.11 unknown", OUTCOME_MESSAGE, -1, -1},
	    {552, "5.2.2 full", OUTCOME_MESSAGE, -1, HOUR_MS},
	    {552, "quota", OUTCOME_MESSAGE, -1, HOUR_MS},
	    {552, "5.3.4 too big", OUTCOME_MESSAGE, -1, -1},
	    {552, "5.7.0 content blocked", OUTCOME_MESSAGE, -1, -1},
	    {550, "5.7.1 spam", OUTCOME_MESSAGE, -1, -1},
	    {554, "5.7.26 unauthenticated mail", OUTCOME_MESSAGE, -1, -1},
	    {550, "no such user, or spam", OUTCOME_MESSAGE, -1, -1},
	    {550, "4.1.1 not of this code", OUTCOME_MESSAGE, -1, -1},
	    {554, "rejected", OUTCOME_MESSAGE, -1, -1},
	    {999, "?", OUTCOME_TRANSIENT, -1, -1},
	};

	(void)state;
	for (size_t i = 0; i < SIZE(rows); i++) {
		const struct outcome outcome = smtp(rows[i].code, rows[i].text);

		if (outcome.class != rows[i].class)
			fail_msg("%ld %s: %s", rows[i].code, rows[i].text,
				 outcome_class_name(outcome.class));
		assert_int_equal(outcome.retry_after_ms, rows[i].retry_after);
		assert_int_equal(outcome.once_more_ms, rows[i].once_more);
	}
}

static void test_a_mail_reason_is_what_the_server_said(void **state)
{
	char text[MAIL_TEXT_MAX] = "";
	struct outcome outcome;

	(void)state;
	assert_string_equal(smtp(451, "4.7.1 Greylisted, try again").reason,
			    "smtp 451 4.7.1 Greylisted, try again");
	assert_string_equal(smtp(554, "").reason, "smtp 554");
	/* Said to whoever comes, before the message: it is tried again. */
	const struct mail_reply unheard = {
	    .fault = NET_OTHER, .code = 554, .text = (char *)"no service", .unheard = true};

	assert_int_equal(outcome_of_mail(&unheard).class, OUTCOME_TRANSIENT);
	for (size_t i = 0; i + 2 < sizeof(text) - 1; i += 2)
		memcpy(text + i, "\xc3\xa9", 3);
	outcome = smtp(550, text);
	assert_int_equal(strlen(outcome.reason), 9 + 290);
	assert_int_equal((unsigned char)outcome.reason[298], 0xa9);
	text[1] = '\0';
	memmove(text, "x", 1);
	for (size_t i = 1; i + 2 < sizeof(text) - 1; i += 2)
		memcpy(text + i, "\xc3\xa9", 3);
	outcome = smtp(550, text);
	assert_int_equal(strlen(outcome.reason), 298);
}

static void test_an_unanswered_mail_is_ambiguous_and_tried_again(void **state)
{
	const struct mail_reply reply = {
	    .fault = NET_TIMEOUT, .sent_maybe = true, .code = 354, .text = (char *)"go ahead"};
	const struct outcome outcome = outcome_of_mail(&reply);

	(void)state;
	assert_int_equal(outcome.class, OUTCOME_TRANSIENT);
	assert_true(outcome.ambiguous);
	assert_string_equal(outcome.reason, "smtp timed out, perhaps after it was accepted");
}

static void test_retry_after_is_read_in_all_its_forms_and_clamped(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
	    {NULL, -1},
	    {"", -1},
	    {"0", 0},
	    {"1", 1000},
	    {" 120 ", 120000},
	    {"0.376", 376},
	    {"2.", 2000},
	    {"1.2345", 1234},
	    {"21600", 6 * HOUR_MS},
	    {"21601", 6 * HOUR_MS},
	    {"99999999999999999999999999", 6 * HOUR_MS},
	    {"0000000000000000000000005", 5000},
	    {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
	    {"Sun, 06 Nov 1994 08:50:37 GMT", 60000},
	    {"Sun, 06 Nov 1994 08:49:36 GMT", 0},
	    {"Mon, 07 Nov 1994 08:49:37 GMT", 6 * HOUR_MS},
	    {"Thu, 01 Jan 0001 00:00:00 GMT", 0},
	    {"Fri, 31 Dec 9999 23:59:59 GMT", 6 * HOUR_MS},
	    {"Sun, 06 Nov 1994 25:49:37 GMT", -1},
	    {"Thu, 31 Nov 1994 08:49:37 GMT", -1},
	    {"Sun, 06 Foo 1994 08:49:37 GMT", -1},
	    {"Sun, 06 Nov 1994 08:49:37", -1},
	    {"Sun, 06 Nov 1994 08:49:37 GMTx", -1},
	    {"Sunday, 06-Nov-94 08:49:37 GMT", -1},
	    {"-5", -1},
	    {"+5", -1},
	    {"5s", -1},
	    {"1e9", -1},
	    {"0x10", -1},
	    {".5", -1},
	    {"nan", -1},
	    {"soon", -1},
	};

	(void)state;
	for (size_t i = 0; i < SIZE(rows); i++)
		if (retry_after_parse(rows[i].text, now) != rows[i].ms)
			fail_msg("\"%s\" gives %lld", rows[i].text ? rows[i].text : "NULL",
				 (long long)retry_after_parse(rows[i].text, now));
}

static void test_retry_after_reaches_the_outcome_of_a_transient_failure_only(void **state)
{
	struct http_reply reply = {.status = 429, .body = (char *)"", .retry_after = (char *)"30"};

	(void)state;
	assert_int_equal(outcome_of_http(CHANNEL_WEBHOOK, &reply, now).retry_after_ms, 30000);
	assert_true(outcome_of_http(CHANNEL_WEBHOOK, &reply, now).for_all);
	reply.status = 403;
	assert_int_equal(outcome_of_http(CHANNEL_WEBHOOK, &reply, now).retry_after_ms, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_http_status_has_its_class),
	    cmocka_unit_test(
		test_who_stands_before_the_server_cannot_tell_whether_it_took_the_post),
	    cmocka_unit_test(test_a_hook_that_is_gone_is_tried_once_more_after_ten_minutes),
	    cmocka_unit_test(test_slack_succeeds_only_with_200_and_ok),
	    cmocka_unit_test(test_a_webhook_needs_no_body_to_succeed),
	    cmocka_unit_test(test_a_broken_off_body_is_no_ok),
	    cmocka_unit_test(test_http_reasons_repeat_a_plain_word_only),
	    cmocka_unit_test(test_a_redirect_shows_where_to_but_no_path),
	    cmocka_unit_test(test_every_fault_has_its_class),
	    cmocka_unit_test(test_a_refused_token_is_told_from_one_that_is_not_there),
	    cmocka_unit_test(test_a_fault_says_itself_in_words),
	    cmocka_unit_test(test_every_smtp_answer_has_its_class),
	    cmocka_unit_test(test_a_mail_reason_is_what_the_server_said),
	    cmocka_unit_test(test_an_unanswered_mail_is_ambiguous_and_tried_again),
	    cmocka_unit_test(test_retry_after_is_read_in_all_its_forms_and_clamped),
	    cmocka_unit_test(test_retry_after_reaches_the_outcome_of_a_transient_failure_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
