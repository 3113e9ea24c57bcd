/* The renderers: golden bytes, limits, and names that try to be more than names. */
#include "fixture.h"

#include <jansson.h>

#include "base/text.h"
#include "message/admin_document.h"
#include "message/event.h"
#include "message/html.h"
#include "message/slack.h"
#include "message/text.h"

#define HOSTILE                                                                                    \
	"<!channel> <@U1|x> @here *b* _i_ ~s~ `c` & <script>alert('1')</script> \" \x1b[31m\r\nX"

typedef void renderer(const struct document *document, struct buf *out);

static void slack(const struct document *document, struct buf *out)
{
	slack_render(document, &(struct chat_options){.plain = false}, out);
}

static void check_golden(struct fixture *f, enum detail detail, renderer *render, const char *name)
{
	struct buf out = buf_make(1 << 20);

	render(fixture_document(f, detail), &out);
	assert_golden(name, &out);
	buf_free(&out);
}

static void test_every_renderer_keeps_its_golden_bytes(void **state)
{
	(void)state;
	struct fixture *rich = fixture_rich();
	struct fixture *quiet = fixture_quiet();
	struct fixture *asked = fixture_asked();
	struct fixture *hints = fixture_hints();
	struct fixture *many = fixture_long(38, "Acme", "a note");

	check_golden(rich, DETAIL_FULL, text_render, "rich.txt");
	check_golden(rich, DETAIL_SHORT, text_render, "rich_short.txt");
	check_golden(asked, DETAIL_FULL, text_render, "asked.txt");
	check_golden(asked, DETAIL_SHORT, text_render, "asked_short.txt");
	check_golden(hints, DETAIL_FULL, text_render, "hints.txt");
	check_golden(hints, DETAIL_SHORT, text_render, "hints_short.txt");
	check_golden(hints, DETAIL_FULL, html_render, "hints.html");
	check_golden(many, DETAIL_FULL, text_render, "long.txt");
	check_golden(quiet, DETAIL_FULL, text_render, "quiet.txt");
	check_golden(rich, DETAIL_FULL, html_render, "rich.html");
	check_golden(quiet, DETAIL_FULL, html_render, "quiet.html");
	check_golden(rich, DETAIL_SHORT, slack, "rich_short.slack.json");
	check_golden(rich, DETAIL_FULL, slack, "rich.slack.json");
	check_golden(quiet, DETAIL_SHORT, slack, "quiet_short.slack.json");
	check_golden(rich, DETAIL_FULL, event_render, "rich.event.json");
	check_golden(quiet, DETAIL_FULL, event_render, "quiet.event.json");
	fixture_free(rich);
	fixture_free(quiet);
	fixture_free(asked);
	fixture_free(hints);
	fixture_free(many);
}

static void test_the_mail_to_the_admin_names_what_is_dead_and_what_to_do(void **state)
{
	(void)state;
	const struct admin_delivery dead[] = {
	    {.id = 12,
	     .kind = "digest",
	     .owner = "maria",
	     .channel = "mail",
	     .recipient = "maria@example.com",
	     .reason = "smtp 550 5.1.1 no such user here",
	     .age_ms = 3 * HOUR_MS + 59 * MINUTE_MS},
	    {.id = 14, .kind = "event", .channel = "crm", .age_ms = 9 * DAY_MS},
	};
	const struct admin_partner unheard[] = {{"nova", "jim"}};
	const struct admin_news news = {.dead = dead,
					.dead_count = 2,
					.dead_total = 25,
					.unheard = unheard,
					.unheard_count = 1,
					.unheard_total = 1,
					.host = "reminder1"};
	struct arena *arena = arena_new();
	const struct document *document = admin_document(arena, &news);
	struct buf out = buf_make(SIZE_MAX);

	assert_string_equal(document->subject, "cadenced: 25 deliveries are dead");
	text_render(document, &out);
	assert_golden("admin.txt", &out);
	buf_free(&out);
	arena_free(arena);
}

static void test_the_mail_to_the_admin_may_be_about_partners_alone(void **state)
{
	(void)state;
	const struct admin_partner unheard[] = {{"nova", "jim"}, {"vega", "jim"}};
	const struct admin_news news = {
	    .unheard = unheard, .unheard_count = 2, .unheard_total = 7, .host = "reminder1"};
	struct arena *arena = arena_new();
	const struct document *document = admin_document(arena, &news);
	struct buf out = buf_make(SIZE_MAX);

	assert_string_equal(document->subject, "cadenced: nobody hears of 7 partners");
	text_render(document, &out);
	assert_golden("admin_unheard.txt", &out);
	buf_free(&out);
	arena_free(arena);
}

static struct buf rendered(struct fixture *f, enum detail detail, renderer *render)
{
	struct buf out = buf_make(1 << 20);

	render(fixture_document(f, detail), &out);
	return out;
}

static void test_text_is_never_wider_than_its_columns(void **state)
{
	(void)state;
	static const char *const notes[] = {"日本語の長い文章です", "word",
					    "longwordwithoutanyspaceatall", "😀"};

	for (size_t i = 0; i < 4; i++) {
		struct arena *arena = arena_new();
		const char *note = fixture_repeat(arena, notes[i], 60);
		struct fixture *f = fixture_long(7, fixture_repeat(arena, notes[i], 9), note);
		struct buf out = rendered(f, DETAIL_FULL, text_render);
		char *rest = NULL;

		for (char *line = strtok_r(out.data, "\n", &rest); line != NULL;
		     line = strtok_r(NULL, "\n", &rest))
			assert_true(text_columns(line) <= TEXT_COLUMNS);
		buf_free(&out);
		fixture_free(f);
		arena_free(arena);
	}
}

static void test_text_holds_no_control_character(void **state)
{
	(void)state;
	struct fixture *f = fixture_long(7, HOSTILE, HOSTILE);
	struct buf out = rendered(f, DETAIL_FULL, text_render);

	for (size_t i = 0; i < out.len; i++)
		assert_true((unsigned char)out.data[i] >= 0x20 || out.data[i] == '\n');
	buf_free(&out);
	fixture_free(f);
}

static void test_html_escapes_every_name_and_note(void **state)
{
	(void)state;
	struct fixture *f = fixture_long(7, HOSTILE, HOSTILE);

	f->owners[2].name = "<b>Maria</b>";
	f->words.host = "<img src=x>";
	struct buf out = rendered(f, DETAIL_FULL, html_render);

	assert_null(strstr(out.data, "<script"));
	assert_null(strstr(out.data, "<img"));
	assert_null(strstr(out.data, "<b>"));
	assert_null(strstr(out.data, "<!channel"));
	assert_null(strchr(out.data, '\x1b'));
	assert_non_null(strstr(out.data, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"));
	buf_free(&out);
	fixture_free(f);
}

/* ---- Slack ---- */

static void assert_entities_whole(const char *text)
{
	for (const char *c = strchr(text, '&'); c != NULL; c = strchr(c + 1, '&'))
		assert_true(strncmp(c, "&amp;", 5) == 0 || strncmp(c, "&lt;", 4) == 0 ||
			    strncmp(c, "&gt;", 4) == 0);
	assert_null(strchr(text, '<'));
	assert_null(strchr(text, '>'));
}

/* Parses the body and holds it to Slack's limits. */
static void assert_slack_accepts(const char *body)
{
	json_t *message = json_loads(body, 0, NULL);
	json_t *blocks = json_object_get(message, "blocks");

	assert_non_null(message);
	assert_true(strlen(body) <= SLACK_BODY_MAX);
	assert_entities_whole(json_string_value(json_object_get(message, "text")));
	assert_true(json_is_false(json_object_get(message, "unfurl_links")));
	assert_in_range(json_array_size(blocks), 1, SLACK_BLOCKS_MAX);
	for (size_t i = 0; i < json_array_size(blocks); i++) {
		const json_t *text = json_object_get(json_array_get(blocks, i), "text");
		const char *string = json_string_value(json_object_get(text, "text"));

		assert_null(strchr(string, '\x1b'));
		assert_in_range(text_code_points(string), 1,
				i == 0 ? SLACK_HEADER_MAX : SLACK_SECTION_MAX);
		if (i == 0)
			continue;
		assert_entities_whole(string);
		assert_true(json_is_true(json_object_get(text, "verbatim")));
	}
	json_decref(message);
}

static void test_slack_name_forms_no_mention_and_no_formatting(void **state)
{
	(void)state;
	struct fixture *f = fixture_long(1, HOSTILE, "n");
	struct buf out = rendered(f, DETAIL_SHORT, slack);

	assert_slack_accepts(out.data);
	json_t *message = json_loads(out.data, 0, NULL);
	const json_t *section = json_array_get(json_object_get(message, "blocks"), 1);
	const char *text =
	    json_string_value(json_object_get(json_object_get(section, "text"), "text"));

	assert_non_null(strstr(text, "&lt;!channel&gt;"));
	assert_null(strstr(text, "@here"));
	assert_null(strstr(text, "*b*"));
	assert_null(strstr(text, "_i"));
	assert_null(strchr(text, '~'));
	assert_null(strchr(text, '`'));
	json_decref(message);
	buf_free(&out);
	fixture_free(f);
}

static void test_slack_message_too_long_leaves_entries_out_and_counts_them(void **state)
{
	(void)state;
	static const char *const pieces[] = {"&", "日", "😀", "\"", "<!here>", "x"};

	for (size_t i = 0; i < 6; i++) {
		struct arena *arena = arena_new();
		struct fixture *f =
		    fixture_long(60, fixture_repeat(arena, pieces[i], 200 / strlen(pieces[i])),
				 fixture_repeat(arena, pieces[i], 300));

		f->owners[2].name = fixture_repeat(arena, pieces[i], 40);
		for (int detail = 0; detail < 2; detail++) {
			struct buf out = rendered(f, (enum detail)detail, slack);

			assert_slack_accepts(out.data);
			assert_non_null(strstr(out.data, " more"));
			buf_free(&out);
		}
		fixture_free(f);
		arena_free(arena);
	}
}

static void test_slack_counts_what_is_left_out_and_what_was_never_in(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct fixture *f = fixture_long(38, fixture_repeat(arena, "&", 200), "n");
	struct buf out = rendered(f, DETAIL_SHORT, slack);
	size_t shown = 0;
	char want[32];

	for (const char *c = strstr(out.data, ":red_circle:"); c != NULL;
	     c = strstr(c + 1, ":red_circle:"))
		shown++;
	assert_in_range(shown, 1, 14);
	(void)snprintf(want, sizeof(want), "and %zu more", 38 - shown);
	assert_non_null(strstr(out.data, want));
	buf_free(&out);
	fixture_free(f);
	arena_free(arena);
}

static void test_slack_keeps_commands_as_they_can_be_copied(void **state)
{
	(void)state;
	struct fixture *f = fixture_new();

	(void)fixture_add(f, LANE_DUE, "delta_nord", "Delta_Nord");
	struct buf out = rendered(f, DETAIL_FULL, slack);

	assert_non_null(strstr(out.data, "`cadencectl why delta_nord`"));
	assert_non_null(strstr(out.data, "ops@example.com"));
	buf_free(&out);
	fixture_free(f);
}

static void test_channel_test_reads_well_everywhere(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	const struct document *document =
	    test_document(arena, "sales", "reminder1", INT64_C(1795422600000));
	static renderer *const renderers[] = {text_render, html_render, slack, event_render};

	assert_string_equal(document->subject, "Test of channel sales");
	for (size_t i = 0; i < 4; i++) {
		struct buf out = buf_make(1 << 20);

		renderers[i](document, &out);
		assert_non_null(strstr(buf_text(&out), "This is a test."));
		buf_free(&out);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_renderer_keeps_its_golden_bytes),
	    cmocka_unit_test(test_the_mail_to_the_admin_names_what_is_dead_and_what_to_do),
	    cmocka_unit_test(test_the_mail_to_the_admin_may_be_about_partners_alone),
	    cmocka_unit_test(test_text_is_never_wider_than_its_columns),
	    cmocka_unit_test(test_text_holds_no_control_character),
	    cmocka_unit_test(test_html_escapes_every_name_and_note),
	    cmocka_unit_test(test_slack_name_forms_no_mention_and_no_formatting),
	    cmocka_unit_test(test_slack_message_too_long_leaves_entries_out_and_counts_them),
	    cmocka_unit_test(test_slack_counts_what_is_left_out_and_what_was_never_in),
	    cmocka_unit_test(test_slack_keeps_commands_as_they_can_be_copied),
	    cmocka_unit_test(test_channel_test_reads_well_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
