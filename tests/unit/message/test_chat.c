/* The chats: golden bytes of each, links, lengths, and the form without markup. */
#include "targets.h"

#include "message/admin_document.h"
#include "message/html.h"
#include "message/text.h"

#define PARTNER_LINK "https://crm.example.com/p/{id}?from=cadenced&tab=1"

static void check_golden(const char *name, const struct document *document, bool plain)
{
	for (size_t i = 0; i < TARGETS; i++) {
		char path[100];
		struct buf out = buf_make(1 << 20);

		(void)snprintf(path, sizeof(path), "%s.%s.%s", name, targets[i].name,
			       targets[i].render == zulip_render ? "form" : "json");
		target_render(&targets[i], document, plain, &out);
		assert_golden(path, &out);
		buf_free(&out);
		json_decref(target_read(&targets[i], document, plain));
	}
}

static const struct document *admin_mail(struct arena *arena)
{
	static const struct admin_delivery dead[] = {{.id = 12,
						      .kind = "digest",
						      .owner = "maria",
						      .channel = "mail",
						      .recipient = "maria@example.com",
						      .reason = "smtp 550 5.1.1 no such user here",
						      .age_ms = 3 * HOUR_MS}};
	static const struct admin_partner unheard[] = {{"nova", "jim"}};
	const struct admin_news news = {.dead = dead,
					.dead_count = 1,
					.dead_total = 25,
					.unheard = unheard,
					.unheard_count = 1,
					.host = "reminder1"};

	return admin_document(arena, &news);
}

static void test_every_target_keeps_its_golden_bytes(void **state)
{
	(void)state;
	struct fixture *rich = fixture_rich();
	struct fixture *quiet = fixture_quiet();

	rich->roster.partner_link = PARTNER_LINK;
	check_golden("chat", fixture_document(rich, DETAIL_FULL), false);
	check_golden("chat_short", fixture_document(rich, DETAIL_SHORT), false);
	check_golden("chat_plain", fixture_document(rich, DETAIL_SHORT), true);
	check_golden("chat_quiet", fixture_document(quiet, DETAIL_SHORT), false);
	check_golden("chat_test",
		     test_document(rich->arena, "sales", "reminder1", INT64_C(1795422600000)),
		     false);
	check_golden("chat_admin", admin_mail(rich->arena), false);
	fixture_free(rich);
	fixture_free(quiet);
}

/* ---- links ---- */

static void assert_link(const char *pattern, const char *id, const char *want)
{
	struct fixture *f = fixture_new();

	f->roster.partner_link = pattern;
	(void)fixture_add(f, LANE_DUE, id, "Acme");
	const struct document *document = fixture_document(f, DETAIL_SHORT);

	assert_int_equal(document->blocks[0].kind, BLOCK_ENTRY);
	if (want == NULL)
		assert_null(document->blocks[0].link);
	else
		assert_string_equal(document->blocks[0].link, want);
	fixture_free(f);
}

static void test_partner_link_carries_the_encoded_id(void **state)
{
	(void)state;
	assert_link("https://crm.example.com/p/{id}", "acme", "https://crm.example.com/p/acme");
	assert_link("HTTP://[::1]:80/{id}/{id}#x", "a_b-c", "HTTP://[::1]:80/a_b-c/a_b-c#x");
	assert_link("https://x/{id}", "*a/?&\"é)", "https://x/%2Aa%2F%3F%26%22%C3%A9%29");
	assert_link("https://x/(ä) <\"'|\\", "acme", "https://x/%28%C3%A4%29%20%3C%22%27%7C%5C");
	assert_link("https://x/{", "acme", "https://x/%7B");
	assert_link("javascript:alert({id})", "acme", NULL);
	assert_link("crm.example.com/{id}", "acme", NULL);
	assert_link(NULL, "acme", NULL);
	struct arena *arena = arena_new();

	assert_link(arena_printf(arena, "https://x/%s", fixture_repeat(arena, "x", 2000)), "acme",
		    NULL);
	arena_free(arena);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *c = strstr(text, what); c != NULL; c = strstr(c + 1, what))
		n++;
	return n;
}

static void test_every_target_with_links_links_each_name(void **state)
{
	(void)state;
	static const char *const want[TARGETS] = {
	    "*<https://crm.example.com/p/elbe|Elbe Systems>*",
	    "**[Elbe Systems](https://crm.example.com/p/elbe)**",
	    "**[Elbe Systems](https://crm.example.com/p/elbe)**",
	    "**[Elbe Systems](https://crm.example.com/p/elbe)**",
	    "<b><a href=\\\"https://crm.example.com/p/elbe\\\">Elbe Systems</a></b>",
	    "<strong><a href=\\\"https://crm.example.com/p/elbe\\\">Elbe Systems</a></strong>",
	    "<b><a href=\\\"https://crm.example.com/p/elbe\\\">Elbe Systems</a></b>",
	    "%2A%2A%5BElbe%20Systems%5D%28https%3A%2F%2Fcrm.example.com%2Fp%2Felbe%29%2A%2A",
	    "\"click\":\"https://crm.example.com/p/acme\"",
	};
	struct fixture *f = fixture_rich();

	f->roster.partner_link = "https://crm.example.com/p/{id}";
	for (size_t i = 0; i < TARGETS; i++) {
		struct buf out = buf_make(1 << 20);

		target_render(&targets[i], fixture_document(f, DETAIL_SHORT), false, &out);
		if (strstr(buf_text(&out), want[i]) == NULL)
			fail_msg("%s: no link in %s", targets[i].name, buf_text(&out));
		buf_free(&out);
	}
	fixture_free(f);
}

static void test_mail_links_names_in_html_and_leaves_the_text_alone(void **state)
{
	(void)state;
	struct fixture *f = fixture_rich();
	struct buf html = buf_make(1 << 20), text = buf_make(1 << 20);

	f->roster.partner_link = PARTNER_LINK;
	html_render(fixture_document(f, DETAIL_FULL), &html);
	text_render(fixture_document(f, DETAIL_FULL), &text);
	assert_int_equal(count(buf_text(&html), "<a href="), 4);
	assert_non_null(strstr(buf_text(&html),
			       "<a href=\"https://crm.example.com/p/acme?from=cadenced&amp;tab=1\">"
			       "Acme GmbH</a>"));
	assert_null(strstr(buf_text(&html), "src="));
	assert_null(strstr(buf_text(&html), "url("));
	assert_null(strstr(buf_text(&text), "crm.example.com"));
	buf_free(&html);
	buf_free(&text);
	fixture_free(f);
}

static void test_link_that_is_none_is_left_out(void **state)
{
	(void)state;
	static const char *const links[] = {
	    "javascript:alert(1)", "https://x/\"><b>", "https://x/a) **b**",
	    "https://x/a|b>",	   "ftp://x",	       ""};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct fixture *f = fixture_rich();
		struct document *document = fixture_document(f, DETAIL_SHORT);
		struct buf html = buf_make(1 << 20);

		document->blocks[0].link = links[i];
		html_render(document, &html);
		assert_null(strstr(buf_text(&html), "<a "));
		for (size_t t = 0; t < TARGETS; t++) {
			struct buf with = buf_make(1 << 20), without = buf_make(1 << 20);

			document->blocks[0].link = links[i];
			target_render(&targets[t], document, false, &with);
			document->blocks[0].link = NULL;
			target_render(&targets[t], document, false, &without);
			assert_string_equal(buf_text(&with), buf_text(&without));
			buf_free(&with);
			buf_free(&without);
		}
		buf_free(&html);
		fixture_free(f);
	}
}

/* ---- what a target needs besides the words ---- */

static void assert_chat_id(const char *room, const char *want)
{
	struct arena *arena = arena_new();
	struct buf out = buf_make(1 << 20);

	telegram_render(test_document(arena, "a", NULL, 0), &(struct chat_options){.room = room},
			&out);
	assert_int_equal(strncmp(buf_text(&out), want, strlen(want)), 0);
	buf_free(&out);
	arena_free(arena);
}

static void test_telegram_chat_is_a_number_when_it_is_one(void **state)
{
	(void)state;
	assert_chat_id("-1001234567890", "{\"chat_id\":-1001234567890,");
	assert_chat_id("42", "{\"chat_id\":42,");
	assert_chat_id("@sales", "{\"chat_id\":\"@sales\",");
	assert_chat_id("--42", "{\"chat_id\":\"--42\",");
	assert_chat_id("-", "{\"chat_id\":\"-\",");
	assert_chat_id("99999999999999999999", "{\"chat_id\":\"99999999999999999999\",");
}

static void assert_topic(const char *topic, const char *want)
{
	struct arena *arena = arena_new();
	struct buf out = buf_make(1 << 20);

	zulip_render(test_document(arena, "a", NULL, 0),
		     &(struct chat_options){.room = "a&b=c d", .topic = topic}, &out);
	json_t *fields = form_fields(buf_text(&out));

	assert_string_equal(text_at(fields, "to"), "a&b=c d");
	assert_string_equal(text_at(fields, "topic"), want);
	json_decref(fields);
	buf_free(&out);
	arena_free(arena);
}

static void test_zulip_topic_is_cut_between_characters(void **state)
{
	(void)state;
	struct arena *arena = arena_new();

	assert_topic("partners & friends @home", "partners & friends @home");
	assert_topic(fixture_repeat(arena, "é", 60), fixture_repeat(arena, "é", 60));
	assert_topic(fixture_repeat(arena, "é", 61),
		     arena_printf(arena, "%s…", fixture_repeat(arena, "é", 59)));
	assert_topic(NULL, "cadenced");
	arena_free(arena);
}

static void test_ntfy_is_as_loud_as_what_is_ranked_first(void **state)
{
	(void)state;
	static const struct {
		enum lane lane;
		const char *want;
	} cases[] = {
	    {LANE_COLD, "\"priority\":4,\"tags\":[\"red_circle\"]"},
	    {LANE_DUE, "\"priority\":3,\"tags\":[\"orange_circle\"]"},
	};

	for (size_t i = 0; i < 2; i++) {
		struct fixture *f = fixture_new();
		struct buf out = buf_make(1 << 20);

		(void)fixture_add(f, cases[i].lane, "a", "A");
		target_render(&targets[TARGETS - 1], fixture_document(f, DETAIL_SHORT), false,
			      &out);
		assert_non_null(strstr(buf_text(&out), cases[i].want));
		buf_free(&out);
		fixture_free(f);
	}
}

static void test_document_without_words_still_says_something(void **state)
{
	(void)state;
	static const char *const subjects[] = {NULL, "", "  ", "S"};

	for (size_t i = 0; i < 4; i++) {
		for (size_t t = 0; t < TARGETS * 2; t++) {
			struct arena *arena = arena_new();
			struct document *document = document_new(arena, DOCUMENT_QUIET, 0);

			document->subject = subjects[i];
			json_decref(target_read(&targets[t / 2], document, t % 2));
			arena_free(arena);
		}
	}
}

/* ---- plain ---- */

static void assert_no_markup(void *context, const char *key, const char *text)
{
	(void)context;
	if (strcmp(key, "$schema") == 0 || strcmp(key, "contentType") == 0)
		return;
	assert_null(strstr(text, "**"));
	assert_null(strstr(text, "<"));
	assert_null(strstr(text, "]("));
	assert_null(strchr(text, '`'));
	assert_null(strstr(text, "crm.example.com"));
}

static void test_plain_form_has_no_markup_and_no_link(void **state)
{
	(void)state;
	struct fixture *f = fixture_rich();

	f->roster.partner_link = PARTNER_LINK;
	for (size_t i = 0; i < TARGETS; i++) {
		json_t *body = target_read(&targets[i], fixture_document(f, DETAIL_FULL), true);

		visit_texts(body, "", assert_no_markup, NULL);
		json_decref(body);
	}
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_target_keeps_its_golden_bytes),
	    cmocka_unit_test(test_partner_link_carries_the_encoded_id),
	    cmocka_unit_test(test_every_target_with_links_links_each_name),
	    cmocka_unit_test(test_mail_links_names_in_html_and_leaves_the_text_alone),
	    cmocka_unit_test(test_link_that_is_none_is_left_out),
	    cmocka_unit_test(test_telegram_chat_is_a_number_when_it_is_one),
	    cmocka_unit_test(test_zulip_topic_is_cut_between_characters),
	    cmocka_unit_test(test_ntfy_is_as_loud_as_what_is_ranked_first),
	    cmocka_unit_test(test_document_without_words_still_says_something),
	    cmocka_unit_test(test_plain_form_has_no_markup_and_no_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
