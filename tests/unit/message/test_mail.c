/* Whole mail messages: golden bytes, ids, and names that try to be headers. */
#include "fixture.h"

#include "message/mail.h"

static const struct mail_meta meta = {
    .installation = "0123456789abcdef",
    .key = "digest|maria|2026-11-23|mail|maria@example.com",
    .from = "Cadence <cadence@example.com>",
    .to = "maria@example.com",
    .to_name = "Maria Silva",
};

static struct buf written(const struct mail_meta *m, const struct document *document)
{
	struct buf out = buf_make(1 << 20);

	assert_int_equal(mail_write(m, document, &out), STATUS_OK);
	return out;
}

static void test_mail_keeps_its_golden_bytes(void **state)
{
	(void)state;
	struct fixture *rich = fixture_rich();
	struct fixture *quiet = fixture_quiet();
	struct buf out = written(&meta, fixture_document(rich, DETAIL_FULL));

	assert_golden("rich.eml", &out);
	buf_free(&out);
	out = written(&meta, fixture_document(quiet, DETAIL_FULL));
	assert_golden("quiet.eml", &out);
	buf_free(&out);
	fixture_free(rich);
	fixture_free(quiet);
}

static void test_same_arguments_give_the_same_bytes(void **state)
{
	(void)state;
	struct fixture *f = fixture_rich();
	const struct document *document = fixture_document(f, DETAIL_FULL);
	struct buf first = written(&meta, document);
	struct buf second = written(&meta, document);

	assert_string_equal(first.data, second.data);
	buf_free(&first);
	buf_free(&second);
	fixture_free(f);
}

/* Only CRLF line ends, no line over the limit, nothing but ASCII, no header that is not ours. */
static void assert_sound(const struct buf *mail)
{
	static const char *const headers[] = {"From:",
					      "To:",
					      "Subject:",
					      "Date:",
					      "Message-ID:",
					      "List-Id:",
					      "Auto-Submitted:",
					      "MIME-Version:",
					      "X-Auto-Response-Suppress:",
					      "Content-Type:",
					      " "};
	const char *end_of_headers = strstr(mail->data, "\r\n\r\n");

	assert_non_null(end_of_headers);
	for (const char *line = mail->data; *line != '\0';) {
		const size_t len = strcspn(line, "\r\n");
		bool known = line > end_of_headers;

		assert_true(len <= MAIL_LINE_MAX);
		assert_memory_equal(line + len, "\r\n", 2);
		for (size_t i = 0; i < len; i++)
			assert_true(line[i] >= 0x20 && line[i] < 0x7f);
		for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
			known = known || strncmp(line, headers[i], strlen(headers[i])) == 0;
		assert_true(known);
		line += len + 2;
	}
}

static void test_hostile_name_forges_nothing(void **state)
{
	(void)state;
	static const char *const names[] = {
	    "\r\nBcc: x@example.org",
	    "\nBcc: x@example.org\n\nbody",
	    "=?utf-8?B?QmNjOg==?=",
	    "\"quote\", <evil@example.org>, \\back\\",
	    "a, b; c: d <e>",
	    "שלום עולם",
	    "  spaces  ",
	    "é",
	    ".",
	    "\x1b]0;title\x07",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct fixture *f = fixture_long(3, names[i], names[i]);
		struct mail_meta hostile = meta;

		hostile.to_name = names[i];
		hostile.from = arena_printf(f->arena, "%s <cadence@example.com>", names[i]);
		struct buf out = written(&hostile, fixture_document(f, DETAIL_FULL));

		assert_sound(&out);
		buf_free(&out);
		fixture_free(f);
	}
}

static void test_long_names_of_any_width_keep_lines_short(void **state)
{
	(void)state;
	static const char *const pieces[] = {"😀", "日", "é", "a", "a ", "\"", "=", "."};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		for (size_t count = 1; count <= 200; count += 7) {
			struct arena *arena = arena_new();
			const char *name = fixture_repeat(arena, pieces[i], count);
			struct mail_meta hostile = meta;
			struct document *document = document_new(arena, DOCUMENT_TEST, 0);

			hostile.to_name = name;
			document->subject = name;
			document_add_text(arena, document, BLOCK_PARAGRAPH, name);
			struct buf out = written(&hostile, document);

			assert_sound(&out);
			buf_free(&out);
			arena_free(arena);
		}
	}
}

static void test_encoded_words_hold_whole_characters(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct document *document = document_new(arena, DOCUMENT_TEST, 0);

	document->subject = fixture_repeat(arena, "😀", 10);
	struct buf out = written(&meta, document);

	/* 9 characters of 4 bytes, then 1: 36 bytes are 48 digits, 4 are 8. */
	assert_non_null(strstr(
	    out.data, "Subject: =?utf-8?B?8J+YgPCfmIDwn5iA8J+YgPCfmIDwn5iA8J+YgPCfmIDwn5iA?=\r\n"
		      " =?utf-8?B?8J+YgA==?=\r\n"));
	buf_free(&out);
	arena_free(arena);
}

static void test_addresses_that_could_break_out_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"",
					  "a",
					  "@b",
					  "a@",
					  "a@b@c",
					  "a b@c",
					  "a@b\r\nRCPT TO:<x@y>",
					  "<a@b>",
					  "\"a b\"@c",
					  "a..b@c",
					  ".a@b",
					  "a@b.",
					  "jürgen@example.com",
					  "a@exämple.com",
					  "a@b>",
					  "a,b@c",
					  "a(b)@c",
					  "a@[1.2.3.4]"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena *arena = arena_new();
		struct mail_meta hostile = meta;
		struct buf out = buf_make(1 << 20);

		assert_false(mail_address_ok(bad[i]));
		hostile.to = bad[i];
		assert_int_equal(mail_write(&hostile, test_document(arena, "m", NULL, 0), &out),
				 STATUS_INVALID);
		hostile.to = meta.to;
		hostile.from = arena_printf(arena, "x <%s>", bad[i]);
		assert_int_equal(mail_write(&hostile, test_document(arena, "m", NULL, 0), &out),
				 STATUS_INVALID);
		buf_free(&out);
		arena_free(arena);
	}
	assert_true(mail_address_ok("o'brien+x@mail.example.co"));
}

static void test_no_room_is_told(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buf out = buf_make(200);

	assert_int_equal(mail_write(&meta, test_document(arena, "m", NULL, 0), &out),
			 STATUS_TOO_BIG);
	buf_free(&out);
	arena_free(arena);
}

static void test_ids_depend_on_installation_and_key_alone(void **state)
{
	(void)state;
	static const char *const from[] = {"Cadence <cadence@example.com>", "other@example.com"};
	struct buf ids[4];

	for (size_t i = 0; i < 4; i++)
		ids[i] = buf_make(200);
	message_id("inst", "key", from[0], &ids[0]);
	message_id("inst", "key", from[1], &ids[1]);
	message_id("ins", "tkey", from[0], &ids[2]);
	webhook_id("inst", "key", &ids[3]);
	/* printf 'inst\0key' | sha256sum */
	assert_string_equal(ids[0].data, "36618b280a93155cc7699bbf1696773be25ccb8a@example.com");
	assert_string_equal(ids[0].data, ids[1].data);
	assert_string_not_equal(ids[0].data, ids[2].data);
	assert_string_equal(ids[3].data, "msg_36618b280a93155cc7699bbf1696773be25ccb8a");
	for (size_t i = 0; i < 4; i++)
		buf_free(&ids[i]);
}

static void test_date_is_the_documents_own_before_1970_too(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct buf out = written(&meta, test_document(arena, "m", NULL, -1));

	assert_non_null(strstr(out.data, "\r\nDate: Wed, 31 Dec 1969 23:59:59 +0000\r\n"));
	buf_free(&out);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mail_keeps_its_golden_bytes),
	    cmocka_unit_test(test_same_arguments_give_the_same_bytes),
	    cmocka_unit_test(test_hostile_name_forges_nothing),
	    cmocka_unit_test(test_long_names_of_any_width_keep_lines_short),
	    cmocka_unit_test(test_encoded_words_hold_whole_characters),
	    cmocka_unit_test(test_addresses_that_could_break_out_are_refused),
	    cmocka_unit_test(test_no_room_is_told),
	    cmocka_unit_test(test_ids_depend_on_installation_and_key_alone),
	    cmocka_unit_test(test_date_is_the_documents_own_before_1970_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
