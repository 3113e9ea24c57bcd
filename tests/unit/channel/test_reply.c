/* What each target says in its body: success that the status hides, words that mean something,
 * waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "channel/outcome.h"
#include "channel/retry_after.h"

#define SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const instant now = 1795422600000;

static struct outcome answer(enum channel_type type, long status, const char *body)
{
	const struct http_reply reply = {
	    .status = status, .body = (char *)body, .body_len = strlen(body)};

	return outcome_of_http(type, &reply, now);
}

static const struct {
	enum channel_type type;
	long status;
	const char *body;
	enum outcome_class class;
	bool ambiguous;
	int64_t retry_after_ms;
} rows[] = {
    {CHANNEL_TEAMS, 202, "", OUTCOME_DELIVERED, false, -1},
    {CHANNEL_TEAMS, 200, "1", OUTCOME_DELIVERED, false, -1},
    {CHANNEL_TEAMS, 200,
     "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429",
     OUTCOME_TRANSIENT, false, -1},
    {CHANNEL_TEAMS, 200, "{\"error\":null,\"errors\":[]}", OUTCOME_DELIVERED, false, -1},
    {CHANNEL_TEAMS, 202, "Errors are told to ops", OUTCOME_DELIVERED, false, -1},
    {CHANNEL_TEAMS, 200, "<!doctype html><html>sign in", OUTCOME_TRANSIENT, true, -1},
    {CHANNEL_TEAMS, 400, "{\"error\":{\"code\":\"WorkflowTriggerIsNotEnabled\",\"message\":\"x\"}}",
     OUTCOME_CONFIG, false, -1},
    {CHANNEL_TEAMS, 413, "", OUTCOME_MESSAGE, false, -1},

    {CHANNEL_DISCORD, 200, "{\"id\":\"1\"}", OUTCOME_DELIVERED, false, -1},
    {CHANNEL_DISCORD, 204, "", OUTCOME_DELIVERED, false, -1},
    {CHANNEL_DISCORD, 429, "{\"message\":\"x\",\"retry_after\":0.376,\"global\":false}",
     OUTCOME_TRANSIENT, false, 376},
    {CHANNEL_DISCORD, 429, "{\"retry_after\":1e300}", OUTCOME_TRANSIENT, false, RETRY_AFTER_MAX_MS},
    {CHANNEL_DISCORD, 429, "{\"retry_after\":-5}", OUTCOME_TRANSIENT, false, 0},
    {CHANNEL_DISCORD, 429, "{\"retry_after\":\"soon\"}", OUTCOME_TRANSIENT, false, -1},
    {CHANNEL_DISCORD, 404, "{\"message\":\"Unknown Webhook\",\"code\":10015}", OUTCOME_CONFIG,
     false, -1},
    {CHANNEL_DISCORD, 400, "{\"code\":50035,\"errors\":{}}", OUTCOME_MESSAGE, false, -1},

    {CHANNEL_MATTERMOST, 200, "ok", OUTCOME_DELIVERED, false, -1},
    {CHANNEL_MATTERMOST, 200, "<html>", OUTCOME_TRANSIENT, true, -1},
    {CHANNEL_MATTERMOST, 400, "{\"id\":\"web.incoming_webhook.text.app_error\"}", OUTCOME_MESSAGE,
     false, -1},
    {CHANNEL_MATTERMOST, 500, "{\"id\":\"web.incoming_webhook.channel.app_error\"}", OUTCOME_CONFIG,
     false, -1},

    {CHANNEL_GOOGLECHAT, 200, "{\"name\":\"spaces/A/messages/B\"}", OUTCOME_DELIVERED, false, -1},
    {CHANNEL_GOOGLECHAT, 200, "{}", OUTCOME_TRANSIENT, true, -1},
    {CHANNEL_GOOGLECHAT, 429, "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\"}}",
     OUTCOME_TRANSIENT, false, -1},
    {CHANNEL_GOOGLECHAT, 400, "{\"error\":{\"status\":\"INVALID_ARGUMENT\"}}", OUTCOME_MESSAGE,
     false, -1},

    {CHANNEL_MATRIX, 200, "{\"event_id\":\"$x\"}", OUTCOME_DELIVERED, false, -1},
    {CHANNEL_MATRIX, 200, "welcome", OUTCOME_TRANSIENT, true, -1},
    {CHANNEL_MATRIX, 429, "{\"errcode\":\"M_LIMIT_EXCEEDED\",\"retry_after_ms\":2500}",
     OUTCOME_TRANSIENT, false, 2500},
    {CHANNEL_MATRIX, 403, "{\"errcode\":\"M_FORBIDDEN\"}", OUTCOME_CONFIG, false, -1},
    {CHANNEL_MATRIX, 401, "{\"errcode\":\"M_UNKNOWN_TOKEN\"}", OUTCOME_CONFIG, false, -1},
    {CHANNEL_MATRIX, 413, "{\"errcode\":\"M_TOO_LARGE\"}", OUTCOME_MESSAGE, false, -1},

    {CHANNEL_TELEGRAM, 200, "{\"ok\":true,\"result\":{}}", OUTCOME_DELIVERED, false, -1},
    {CHANNEL_TELEGRAM, 200, "{\"ok\":false,\"description\":\"Bad Request: chat not found\"}",
     OUTCOME_CONFIG, false, -1},
    {CHANNEL_TELEGRAM, 400,
     "{\"ok\":false,\"description\":\"Bad Request: can't parse entities: byte 3\"}",
     OUTCOME_MESSAGE, false, -1},
    {CHANNEL_TELEGRAM, 429,
     "{\"ok\":false,\"description\":\"Too Many Requests: retry after 7\",\"parameters\":{\"retry_"
     "after\":7}}",
     OUTCOME_TRANSIENT, false, 7000},
    {CHANNEL_TELEGRAM, 403,
     "{\"ok\":false,\"description\":\"Forbidden: bot was kicked from the group\"}", OUTCOME_CONFIG,
     false, -1},

    {CHANNEL_ZULIP, 200, "{\"result\":\"success\",\"id\":4}", OUTCOME_DELIVERED, false, -1},
    {CHANNEL_ZULIP, 200, "{\"result\":\"error\",\"code\":\"STREAM_DOES_NOT_EXIST\"}",
     OUTCOME_CONFIG, false, -1},
    {CHANNEL_ZULIP, 429, "{\"result\":\"error\",\"code\":\"RATE_LIMIT_HIT\",\"retry-after\":28.7}",
     OUTCOME_TRANSIENT, false, 28700},
    {CHANNEL_ZULIP, 401, "{\"result\":\"error\",\"code\":\"UNAUTHORIZED\"}", OUTCOME_CONFIG, false,
     -1},

    {CHANNEL_NTFY, 200, "{\"id\":\"x\",\"topic\":\"y\"}", OUTCOME_DELIVERED, false, -1},
    {CHANNEL_NTFY, 429, "{\"code\":42908,\"http\":429}", OUTCOME_TRANSIENT, false,
     RETRY_AFTER_MAX_MS},
    {CHANNEL_NTFY, 403, "{\"code\":40301,\"http\":403}", OUTCOME_CONFIG, false, -1},
    {CHANNEL_NTFY, 413, "{\"code\":41301}", OUTCOME_MESSAGE, false, -1},
};

static void test_every_target_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZE(rows); i++) {
		const struct outcome outcome = answer(rows[i].type, rows[i].status, rows[i].body);

		if (outcome.class != rows[i].class || outcome.ambiguous != rows[i].ambiguous ||
		    outcome.retry_after_ms != rows[i].retry_after_ms)
			fail_msg("row %zu: %s: %s, %s, %lld", i, rows[i].body, outcome.reason,
				 outcome_class_name(outcome.class),
				 (long long)outcome.retry_after_ms);
		assert_int_equal(outcome.for_all, rows[i].retry_after_ms > 0);
	}
}

static void test_the_longer_of_two_waits_holds(void **state)
{
	const char *body = "{\"retry_after\":3}";
	const struct http_reply reply = {.status = 429,
					 .body = (char *)body,
					 .body_len = strlen(body),
					 .retry_after = (char *)"10"};

	(void)state;
	assert_int_equal(outcome_of_http(CHANNEL_DISCORD, &reply, now).retry_after_ms, 10000);
}

static void test_reasons_say_what_to_do(void **state)
{
	(void)state;
	assert_string_equal(
	    answer(CHANNEL_MATRIX, 403, "{\"errcode\":\"M_FORBIDDEN\"}").reason,
	    "http 403 M_FORBIDDEN: the account is not in the room, or may not write "
	    "there; invite it and have it join");
	assert_string_equal(
	    answer(CHANNEL_TELEGRAM, 400,
		   "{\"ok\":false,\"description\":\"Bad Request: group chat was upgraded to a "
		   "supergroup chat\",\"parameters\":{\"migrate_to_chat_id\":-1001234567890}}")
		.reason,
	    "http 400 group chat was upgraded: put room = \"-1001234567890\" in its place");
	assert_string_equal(answer(CHANNEL_WEBHOOK, 401, "whatever").reason,
			    "http 401: our credentials are refused");
}

/* Whatever a stranger answers, nothing of it is repeated but words of ours. */
static void test_nothing_strange_is_repeated(void **state)
{
	static const char *const bodies[] = {
	    "{\"errcode\":\"M_SECRET_TOKEN_abc\"}",
	    "{\"description\":\"token 123:abc is wrong\",\"error\":{\"code\":\"s3cret\",\"status\":"
	    "\"s3cret\"},\"code\":\"s3cret\",\"id\":\"s3cret\",\"errcode\":\"s3cret\"}",
	    "s3cret",
	    "{\"code\":",
	    "[[[[[[[[",
	    "{\"error\":\"s3cret\",\"parameters\":\"s3cret\"}",
	    "\xff\xfe s3cret",
	    "{\"parameters\":{\"migrate_to_chat_id\":\"s3cret\",\"retry_after\":{}}}",
	};

	(void)state;
	for (enum channel_type type = CHANNEL_WEBHOOK; type < CHANNEL_TYPES; type++)
		for (size_t i = 0; i < SIZE(bodies); i++)
			for (long status = 200; status <= 500; status += 100) {
				const struct outcome outcome = answer(type, status, bodies[i]);

				assert_null(strstr(outcome.reason, "s3cret"));
				assert_null(strstr(outcome.reason, "SECRET"));
				assert_null(strstr(outcome.reason, "123:abc"));
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_target_is_understood),
	    cmocka_unit_test(test_the_longer_of_two_waits_holds),
	    cmocka_unit_test(test_reasons_say_what_to_do),
	    cmocka_unit_test(test_nothing_strange_is_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
