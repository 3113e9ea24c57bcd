/* Where each chat's post goes, how it knows us, and that the same delivery always makes the same
 * one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "channel/channel.h"
#include "message/digest_document.h"

#define SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	struct channel channel;
	const char *url, *method, *content_type, *authorization;
} rows[] = {
    {{.id = "c", .type = CHANNEL_TEAMS, .url = "https://x.example.com/workflows/1?sig=s"},
     "https://x.example.com/workflows/1?sig=s",
     NULL,
     "application/json",
     NULL},
    {{.id = "c", .type = CHANNEL_DISCORD, .url = "https://x.example.com/api/webhooks/1/t"},
     "https://x.example.com/api/webhooks/1/t?wait=true",
     NULL,
     "application/json",
     NULL},
    {{.id = "c",
      .type = CHANNEL_DISCORD,
      .url = "https://x.example.com/api/webhooks/1/t?thread_id=5"},
     "https://x.example.com/api/webhooks/1/t?thread_id=5&wait=true",
     NULL,
     "application/json",
     NULL},
    {{.id = "c", .type = CHANNEL_MATTERMOST, .url = "https://x.example.com/hooks/1"},
     "https://x.example.com/hooks/1",
     NULL,
     "application/json",
     NULL},
    {{.id = "c", .type = CHANNEL_GOOGLECHAT, .url = "https://x.example.com/v1/spaces/A?key=k"},
     "https://x.example.com/v1/spaces/A?key=k",
     NULL,
     "application/json; charset=UTF-8",
     NULL},
    {{.id = "c",
      .type = CHANNEL_MATRIX,
      .url = "https://x.example.com/",
      .room = "!a/b?c:x.example.com",
      .token = "tok"},
     "https://x.example.com/_matrix/client/v3/rooms/%21a%2Fb%3Fc%3Ax.example.com/send/"
     "m.room.message/",
     "PUT",
     "application/json",
     "Bearer tok"},
    {{.id = "c",
      .type = CHANNEL_TELEGRAM,
      .url = "https://x.example.com",
      .room = "-5",
      .token = "1:t"},
     "https://x.example.com/bot1:t/sendMessage",
     NULL,
     "application/json",
     NULL},
    {{.id = "c",
      .type = CHANNEL_ZULIP,
      .url = "https://x.example.com//",
      .room = "partners",
      .topic = "quiet",
      .user = "bot@x.example.com",
      .password = "key"},
     "https://x.example.com/api/v1/messages",
     NULL,
     "application/x-www-form-urlencoded",
     "Basic Ym90QHguZXhhbXBsZS5jb206a2V5"},
    {{.id = "c", .type = CHANNEL_NTFY, .url = "https://x.example.com", .topic = "t"},
     "https://x.example.com",
     NULL,
     "application/json",
     NULL},
    {{.id = "c", .type = CHANNEL_NTFY, .url = "https://x.example.com", .topic = "t", .token = "tk"},
     "https://x.example.com",
     NULL,
     "application/json",
     "Bearer tk"},
};

static const char *header_of(const struct http_request *request, const char *name)
{
	const size_t len = strlen(name);

	for (size_t i = 0; i < request->header_count; i++)
		if (strncmp(request->headers[i], name, len) == 0 && request->headers[i][len] == ':')
			return request->headers[i] + len + 2;
	return NULL;
}

static struct http_request *prepare(const struct channel *channel, const char *key, bool plain)
{
	struct arena *arena = arena_new();
	const struct parcel parcel = {
	    .document = test_document(arena, "c", "host", 1795422600000),
	    .key = key,
	    .installation_id = "0123456789abcdef",
	    .plain = plain,
	};
	struct http_request *http = NULL;
	struct mail_request *mail = NULL;
	struct error err;

	assert_int_equal(channel_prepare(channel, &parcel, &http, &mail, &err), STATUS_OK);
	assert_non_null(http);
	assert_null(mail);
	arena_free(arena);
	return http;
}

static void test_each_target_is_posted_to_as_it_asks(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZE(rows); i++) {
		struct http_request *request = prepare(&rows[i].channel, "k", false);
		const char *authorization = header_of(request, "Authorization");

		assert_int_equal(strncmp(request->url, rows[i].url, strlen(rows[i].url)), 0);
		if (rows[i].channel.type != CHANNEL_MATRIX)
			assert_string_equal(request->url, rows[i].url);
		assert_string_equal(request->method ? request->method : "POST",
				    rows[i].method ? rows[i].method : "POST");
		assert_string_equal(header_of(request, "Content-Type"), rows[i].content_type);
		assert_string_equal(authorization ? authorization : "",
				    rows[i].authorization ? rows[i].authorization : "");
		assert_true(request->body_len > 0);
		http_request_free(request);
	}
}

static void test_matrix_has_one_transaction_a_delivery(void **state)
{
	const struct channel *matrix = NULL;

	(void)state;
	for (size_t i = 0; i < SIZE(rows); i++)
		if (rows[i].channel.type == CHANNEL_MATRIX)
			matrix = &rows[i].channel;
	struct http_request *first = prepare(matrix, "a", false);
	struct http_request *again = prepare(matrix, "a", true);
	struct http_request *other = prepare(matrix, "b", false);

	assert_string_equal(first->url, again->url);
	assert_string_not_equal(first->url, other->url);
	http_request_free(first);
	http_request_free(again);
	http_request_free(other);
}

static void test_every_chat_can_go_without_markup(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZE(rows); i++) {
		struct http_request *rich = prepare(&rows[i].channel, "k", false);
		struct http_request *plain = prepare(&rows[i].channel, "k", true);

		assert_true(channel_has_plain(&rows[i].channel));
		assert_true(plain->body_len > 0 && plain->body_len <= rich->body_len);
		http_request_free(rich);
		http_request_free(plain);
	}
	assert_false(channel_has_plain(&(struct channel){.type = CHANNEL_SMTP}));
	assert_false(channel_has_plain(&(struct channel){.type = CHANNEL_WEBHOOK}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_target_is_posted_to_as_it_asks),
	    cmocka_unit_test(test_matrix_has_one_transaction_a_delivery),
	    cmocka_unit_test(test_every_chat_can_go_without_markup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
