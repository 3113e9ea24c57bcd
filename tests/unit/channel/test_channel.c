/* Signatures, and the one request a parcel becomes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "channel/channel.h"
#include "channel/webhook.h"
#include "message/mail.h"

#define SECRET	  "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static struct arena *arena;
static struct document *document;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	document = document_new(arena, DOCUMENT_TEST, INT64_C(1780000000000));
	document->subject = "It works";
	document_add_text(arena, document, BLOCK_PARAGRAPH, "Hello.");
	return 0;
}

static int take_down(void **state)
{
	(void)state;
	arena = arena_free(arena);
	return 0;
}

/* ---- signatures ---- */

static void assert_signature(const char *secrets, const char *id, int64_t at, const char *body,
			     const char *wanted, bool equal)
{
	struct buf out = buf_make(1000);

	assert_int_equal(webhook_sign(secrets, id, at, body, strlen(body), &out, NULL), STATUS_OK);
	assert_int_equal(strcmp(buf_text(&out), wanted) == 0, equal);
	buf_free(&out);
}

static void test_a_signature_is_that_of_the_published_example(void **state)
{
	(void)state;
	assert_signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
			 "{\"test\": 2432232314}", SIGNATURE, true);
}

static void test_whatever_is_tampered_with_changes_the_signature(void **state)
{
	(void)state;
	assert_signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
			 "{\"test\": 2432232315}", SIGNATURE, false);
	assert_signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJel", 1614265330,
			 "{\"test\": 2432232314}", SIGNATURE, false);
	assert_signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265331,
			 "{\"test\": 2432232314}", SIGNATURE, false);
	assert_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", "msg_p5jXN8AQM9LWM0D4loKWxJek",
			 1614265330, "{\"test\": 2432232314}", SIGNATURE, false);
}

static void test_two_secrets_give_two_signatures(void **state)
{
	(void)state;
	assert_signature(" " SECRET "  " SECRET " ", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
			 "{\"test\": 2432232314}", SIGNATURE " " SIGNATURE, true);
}

static void test_a_secret_that_is_none_is_refused_and_not_repeated(void **state)
{
	static const char *const secrets[] = {
	    "",
	    "whsec_",
	    "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", /* no prefix */
	    "whsec_MfKQ9r8GKYqrTwjU",		/* too short */
	    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS*",
	    "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAA", /* too long */
	    SECRET " x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		struct buf out = buf_make(1000);
		struct error err = {""};

		assert_int_equal(webhook_sign(secrets[i], "msg", 1, "", 0, &out, &err),
				 STATUS_INVALID);
		assert_null(strstr(err.text, "MfKQ"));
		buf_free(&out);
	}
}

/* ---- requests ---- */

static struct parcel parcel_of(const char *recipient)
{
	const struct parcel parcel = {
	    .document = document,
	    .key = "digest|maria|20000|mail|maria@example.com",
	    .installation_id = "0123456789abcdef",
	    .recipient = recipient,
	    .recipient_name = "Maria Silva",
	    .now = INT64_C(1780000123456),
	    .tag = 42,
	};

	return parcel;
}

static const struct channel mail = {.id = "mail",
				    .type = CHANNEL_SMTP,
				    .url = "smtp://mail.example.com:587",
				    .from = "Cadence <cadence@example.com>",
				    .user = "cadence",
				    .password = "pw"};
static const struct channel hook = {
    .id = "crm", .type = CHANNEL_WEBHOOK, .url = "https://crm.example.com/h", .secret = SECRET};
static const struct channel slack = {
    .id = "sales", .type = CHANNEL_SLACK, .url = "https://hooks.example.com/services/T/B/x"};

static const char *header_of(const struct http_request *request, const char *name)
{
	const size_t len = strlen(name);

	for (size_t i = 0; i < request->header_count; i++)
		if (strncmp(request->headers[i], name, len) == 0 && request->headers[i][len] == ':')
			return request->headers[i] + len + 2;
	return NULL;
}

static void test_a_mail_is_exactly_what_a_preview_shows(void **state)
{
	const struct parcel parcel = parcel_of("maria@example.com");
	struct http_request *http;
	struct mail_request *request;
	struct buf shown = buf_make(1 << 20);

	(void)state;
	assert_int_equal(channel_prepare(&mail, &parcel, &http, &request, NULL), STATUS_OK);
	assert_int_equal(channel_render(&mail, &parcel, &shown, NULL), STATUS_OK);
	assert_null(http);
	assert_int_equal(request->tag, 42);
	assert_string_equal(request->url, mail.url);
	assert_string_equal(request->from, "cadence@example.com");
	assert_string_equal(request->to, "maria@example.com");
	assert_string_equal(request->user, "cadence");
	assert_int_equal(request->tls, MAIL_STARTTLS);
	assert_int_equal(request->len, shown.len);
	assert_memory_equal(request->bytes, shown.data, shown.len);
	assert_non_null(strstr(shown.data, "Maria Silva"));
	buf_free(&shown);
	mail_request_free(request);
}

static void test_redirect_to_sends_every_mail_elsewhere(void **state)
{
	struct parcel parcel = parcel_of("maria@example.com");
	struct http_request *http;
	struct mail_request *request;

	(void)state;
	parcel.redirect_to = "test@example.net";
	assert_int_equal(channel_prepare(&mail, &parcel, &http, &request, NULL), STATUS_OK);
	assert_string_equal(request->to, "test@example.net");
	assert_non_null(strstr(request->bytes, "To: <test@example.net>\r\n"));
	assert_null(strstr(request->bytes, "maria@"));
	mail_request_free(request);
}

static void test_redirect_to_posts_to_no_hook(void **state)
{
	struct parcel parcel = parcel_of(NULL);
	struct http_request *http;
	struct mail_request *request;

	(void)state;
	parcel.redirect_to = "test@example.net";
	assert_int_equal(channel_prepare(&slack, &parcel, &http, &request, NULL), STATUS_INVALID);
	assert_int_equal(channel_prepare(&hook, &parcel, &http, &request, NULL), STATUS_INVALID);
}

static void test_an_address_that_is_none_is_refused(void **state)
{
	static const char *const addresses[] = {NULL, "", "maria", "a@b\r\nRCPT TO:<x@y>", "a b@c"};
	struct http_request *http;
	struct mail_request *request;

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		const struct parcel parcel = parcel_of(addresses[i]);
		struct error err = {""};

		assert_int_equal(channel_prepare(&mail, &parcel, &http, &request, &err),
				 STATUS_INVALID);
		assert_true(err.text[0] != '\0');
	}
}

static void test_a_webhook_carries_id_timestamp_and_signature(void **state)
{
	const struct parcel parcel = parcel_of(NULL);
	struct http_request *request;
	struct mail_request *none;
	struct buf id = buf_make(200), signature = buf_make(200), shown = buf_make(1 << 16);

	(void)state;
	assert_int_equal(channel_prepare(&hook, &parcel, &request, &none, NULL), STATUS_OK);
	assert_int_equal(channel_render(&hook, &parcel, &shown, NULL), STATUS_OK);
	assert_null(none);
	webhook_id(parcel.installation_id, parcel.key, &id);
	assert_int_equal(webhook_sign(SECRET, buf_text(&id), 1780000123, request->body,
				      request->body_len, &signature, NULL),
			 STATUS_OK);
	assert_string_equal(request->url, hook.url);
	assert_string_equal(header_of(request, "webhook-id"), buf_text(&id));
	assert_string_equal(header_of(request, "webhook-timestamp"), "1780000123");
	assert_string_equal(header_of(request, "webhook-signature"), buf_text(&signature));
	assert_string_equal(header_of(request, "Content-Type"), "application/json");
	assert_string_equal(request->body, buf_text(&shown));
	buf_free(&id);
	buf_free(&signature);
	buf_free(&shown);
	http_request_free(request);
}

static void test_a_retry_keeps_the_id_and_signs_anew(void **state)
{
	struct parcel parcel = parcel_of(NULL);
	struct http_request *first, *second;
	struct mail_request *none;

	(void)state;
	assert_int_equal(channel_prepare(&hook, &parcel, &first, &none, NULL), STATUS_OK);
	parcel.now += HOUR_MS;
	assert_int_equal(channel_prepare(&hook, &parcel, &second, &none, NULL), STATUS_OK);
	assert_string_equal(header_of(first, "webhook-id"), header_of(second, "webhook-id"));
	assert_string_not_equal(header_of(first, "webhook-signature"),
				header_of(second, "webhook-signature"));
	assert_string_equal(first->body, second->body);
	http_request_free(first);
	http_request_free(second);
}

static void test_a_webhook_without_a_secret_is_not_signed(void **state)
{
	const struct parcel parcel = parcel_of(NULL);
	struct channel plain = hook;
	struct http_request *request;
	struct mail_request *none;

	(void)state;
	plain.secret = NULL;
	assert_int_equal(channel_prepare(&plain, &parcel, &request, &none, NULL), STATUS_OK);
	assert_null(header_of(request, "webhook-signature"));
	assert_non_null(header_of(request, "webhook-id"));
	http_request_free(request);
}

static void test_a_slack_message_is_posted_as_json(void **state)
{
	const struct parcel parcel = parcel_of(NULL);
	struct http_request *request;
	struct mail_request *none;

	(void)state;
	assert_int_equal(channel_prepare(&slack, &parcel, &request, &none, NULL), STATUS_OK);
	assert_string_equal(request->url, slack.url);
	assert_string_equal(header_of(request, "Content-Type"), "application/json");
	assert_null(header_of(request, "webhook-id"));
	assert_int_equal(request->body[0], '{');
	assert_non_null(strstr(request->body, "It works"));
	http_request_free(request);
}

static void test_a_message_over_the_ceiling_is_too_big(void **state)
{
	const struct parcel parcel = parcel_of(NULL);
	struct buf out = buf_make(10);

	(void)state;
	assert_int_equal(channel_render(&slack, &parcel, &out, NULL), STATUS_TOO_BIG);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_signature_is_that_of_the_published_example),
	    cmocka_unit_test(test_whatever_is_tampered_with_changes_the_signature),
	    cmocka_unit_test(test_two_secrets_give_two_signatures),
	    cmocka_unit_test(test_a_secret_that_is_none_is_refused_and_not_repeated),
	    cmocka_unit_test(test_a_mail_is_exactly_what_a_preview_shows),
	    cmocka_unit_test(test_redirect_to_sends_every_mail_elsewhere),
	    cmocka_unit_test(test_redirect_to_posts_to_no_hook),
	    cmocka_unit_test(test_an_address_that_is_none_is_refused),
	    cmocka_unit_test(test_a_webhook_carries_id_timestamp_and_signature),
	    cmocka_unit_test(test_a_retry_keeps_the_id_and_signs_anew),
	    cmocka_unit_test(test_a_webhook_without_a_secret_is_not_signed),
	    cmocka_unit_test(test_a_slack_message_is_posted_as_json),
	    cmocka_unit_test(test_a_message_over_the_ceiling_is_too_big),
	};

	return cmocka_run_group_tests(tests, set_up, take_down);
}
