/* What the worker says, true and false; and what a mail server and the head of a mail say. */
#include "source/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "source/authres.h"
#include "source/charset.h"
#include "source/robot.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *ids[] = {"1@example.com", "2@example.com"};
static const char *names[] = {"cadence+r.abc@example.com"};

static struct letter sample(void)
{
	return (struct letter){.message_id = "m@example.com",
			       .from = "maria@example.com",
			       .subject = "Re: 4 partners – need you",
			       .references = ids,
			       .reference_count = COUNT(ids),
			       .recipients = names,
			       .recipient_count = COUNT(names),
			       .authserv = "mx.example.com",
			       .dmarc = "pass",
			       .robot = LETTER_LIST,
			       .text = "1 call today\n2 yes",
			       .cut = true};
}

static struct buf written(const struct letter *letter)
{
	struct buf out = buf_make(WIRE_FRAME_MAX + WIRE_HEAD);

	wire_write_letter(&out, letter);
	assert_false(out.overflowed);
	return out;
}

static bool is_read(const void *bytes, size_t len)
{
	struct arena *arena = arena_new();
	struct letter letter;
	const char *fault;
	const bool ok = wire_read(bytes, len, arena, &letter, &fault);

	arena_free(arena);
	return ok;
}

static bool is_accepted(const struct letter *letter)
{
	struct buf out = written(letter);
	const bool ok = is_read(out.data + WIRE_HEAD, out.len - WIRE_HEAD);

	buf_free(&out);
	return ok;
}

static void test_a_letter_comes_back_as_it_was_written(void **state)
{
	const struct letter letter = sample();
	struct buf out = written(&letter);
	struct arena *arena = arena_new();
	struct letter read;
	const char *fault;

	(void)state;
	assert_true(wire_read(out.data + WIRE_HEAD, out.len - WIRE_HEAD, arena, &read, &fault));
	assert_null(fault);
	assert_string_equal(read.message_id, letter.message_id);
	assert_string_equal(read.from, letter.from);
	assert_string_equal(read.subject, letter.subject);
	assert_int_equal(read.reference_count, 2);
	assert_string_equal(read.references[1], ids[1]);
	assert_int_equal(read.recipient_count, 1);
	assert_string_equal(read.recipients[0], names[0]);
	assert_string_equal(read.authserv, letter.authserv);
	assert_string_equal(read.dmarc, letter.dmarc);
	assert_int_equal(read.robot, LETTER_LIST);
	assert_string_equal(read.text, letter.text);
	assert_true(read.cut);
	arena_free(arena);
	buf_free(&out);
}

static void test_what_is_not_there_may_be_missing_but_the_text(void **state)
{
	struct letter letter = {.text = ""};

	(void)state;
	assert_true(is_accepted(&letter));
	letter.text = NULL;
	assert_false(is_accepted(&letter));
}

static void test_half_a_frame_or_more_than_one_is_refused(void **state)
{
	const struct letter letter = sample();
	struct buf out = written(&letter);

	(void)state;
	for (size_t len = 0; len < out.len - WIRE_HEAD; len++)
		assert_false(is_read(out.data + WIRE_HEAD, len));
	assert_true(is_read(out.data + WIRE_HEAD, out.len - WIRE_HEAD));
	buf_addc(&out, 'x');
	assert_false(is_read(out.data + WIRE_HEAD, out.len - WIRE_HEAD));
	buf_free(&out);
}

static void test_hostile_texts_are_refused(void **state)
{
	static const char *const lines[] = {"a\nb",	    "\x1b[31m",	    "\xff", "\xc0\x80",
					    "\xe2\x80\xae", "\xed\xa0\x80", "\x7f"};
	static const char *const addresses[] = {
	    "",	       "maria",	  "maria@EXAMPLE.com",	      "a@b.c\r\nBcc:",
	    "<a@b.c>", "a b@c.d", "m\xc3\xbcller@example.com"};
	static const char *const words[] = {"", "a b", "a\nb", "\xc3\xa9"};
	struct letter letter;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		letter = sample();
		letter.subject = lines[i];
		assert_false(is_accepted(&letter));
		letter = sample();
		letter.text = i ? lines[i] : "a\tb";
		assert_false(is_accepted(&letter));
	}
	for (size_t i = 0; i < COUNT(addresses); i++) {
		letter = sample();
		letter.from = addresses[i];
		assert_false(is_accepted(&letter));
		letter = sample();
		letter.recipients = (const char **)(uintptr_t)&addresses[i];
		assert_false(is_accepted(&letter));
	}
	for (size_t i = 0; i < COUNT(words); i++) {
		letter = sample();
		letter.message_id = words[i];
		assert_false(is_accepted(&letter));
		letter = sample();
		letter.dmarc = words[i];
		assert_false(is_accepted(&letter));
	}
}

static void test_limits_are_kept_to_the_last_one(void **state)
{
	const char *many[LETTER_NAMES_MAX + 1];
	struct buf lines = buf_make(LETTER_TEXT_MAX + 2), bytes = buf_make(LETTER_TEXT_MAX + 2);
	struct letter letter = sample();

	(void)state;
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = "a@example.com";
	letter.recipients = letter.references = many;
	letter.recipient_count = letter.reference_count = LETTER_NAMES_MAX;
	assert_true(is_accepted(&letter));
	letter.recipient_count++;
	assert_false(is_accepted(&letter));
	for (int i = 1; i < LETTER_LINES_MAX; i++)
		buf_adds(&lines, "x\n");
	letter = sample();
	letter.text = buf_text(&lines);
	assert_true(is_accepted(&letter));
	buf_adds(&lines, "\n");
	letter.text = buf_text(&lines);
	assert_false(is_accepted(&letter));
	while (bytes.len < LETTER_TEXT_MAX)
		buf_addc(&bytes, 'x');
	letter.text = buf_text(&bytes);
	assert_true(is_accepted(&letter));
	buf_addc(&bytes, 'x');
	letter.text = buf_text(&bytes);
	assert_false(is_accepted(&letter));
	letter = sample();
	letter.robot = LETTER_CALENDAR + 1;
	assert_false(is_accepted(&letter));
	buf_free(&lines);
	buf_free(&bytes);
}

static void expect_results(const char *value, const char *authserv, const char *dmarc)
{
	struct arena *arena = arena_new();
	const char *got_authserv, *got_dmarc;

	authres_read(value, arena, &got_authserv, &got_dmarc);
	assert_string_equal(got_authserv ? got_authserv : "-", authserv);
	assert_string_equal(got_dmarc ? got_dmarc : "-", dmarc);
	arena_free(arena);
}

static void test_what_a_stranger_wrote_into_the_results_says_nothing(void **state)
{
	(void)state;
	expect_results(" mx.example.com; dmarc=pass (p=none) header.from=a.b", "mx.example.com",
		       "pass");
	expect_results("MX.example.com 1;\r\n\tspf=pass; dmarc = Fail", "mx.example.com", "fail");
	expect_results("mx.example.com; dmarc/1=pass", "mx.example.com", "pass");
	expect_results("mx.example.com; none", "mx.example.com", "-");
	expect_results("mx.example.com; spf=fail (; dmarc=pass) x=y", "mx.example.com", "-");
	expect_results("mx.example.com; spf=fail reason=\"; dmarc=pass\"", "mx.example.com", "-");
	expect_results("mx.example.com; spf=fail reason=\"\\\"; dmarc=pass\"", "mx.example.com",
		       "-");
	expect_results("mx.example.com; spf=fail ((\\)); dmarc=pass", "mx.example.com", "-");
	expect_results("mx.example.com; xdmarc=pass", "mx.example.com", "-");
	expect_results("mx.example.com; dmarc=pass; dmarc=fail", "mx.example.com", "fail");
	expect_results("mx.example.com; dmarc=fail; dmarc=pass", "mx.example.com", "fail");
	expect_results("(mx) mx.example.com; dmarc=pass", "mx.example.com", "pass");
	expect_results("\"mx\"; dmarc=pass", "-", "-");
	expect_results("", "-", "-");
	expect_results("; dmarc=pass", "-", "-");
	expect_results("dmarc=pass", "-", "-");
	expect_results("spf=pass smtp.mailfrom=a.b; dmarc=pass", "-", "-");
	expect_results("mx.example.com 2; dmarc=pass", "-", "-");
	expect_results("mx.example.com 11; dmarc=pass", "-", "-");
	expect_results("mx.example.com 1 x; dmarc=pass", "-", "-");
	expect_results("mx.example.com dmarc=pass", "-", "-");
}

static void test_robots_are_known_by_what_they_say_of_themselves(void **state)
{
	static const struct {
		struct robot_signs signs;
		enum letter_robot robot;
	} cases[] = {
	    {{.subject = "Re: 4 partners", .return_path = "<maria@example.com>"}, LETTER_HUMAN},
	    {{.auto_submitted = " no"}, LETTER_HUMAN},
	    {{.subject = "Re: Out of office"}, LETTER_HUMAN},
	    {{.suppress = "None"}, LETTER_HUMAN},
	    {{.auto_submitted = "auto-replied"}, LETTER_AUTOMATIC},
	    {{.suppress = " All"}, LETTER_AUTOMATIC},
	    {{.precedence = "bulk"}, LETTER_AUTOMATIC},
	    {{.is_autoreply = true}, LETTER_AUTOMATIC},
	    {{.subject = "Automatic reply: x"}, LETTER_AUTOMATIC},
	    {{.is_report = true, .report_type = "disposition-notification"}, LETTER_AUTOMATIC},
	    {{.is_report = true, .report_type = "delivery-status"}, LETTER_BOUNCE},
	    {{.is_report = true}, LETTER_BOUNCE},
	    {{.return_path = " <>"}, LETTER_BOUNCE},
	    {{.return_path = ""}, LETTER_BOUNCE},
	    {{.from = "MAILER-DAEMON@example.com"}, LETTER_BOUNCE},
	    {{.is_list = true, .has_invitation = true}, LETTER_LIST},
	    {{.precedence = "list"}, LETTER_LIST},
	    {{.has_invitation = true, .auto_submitted = "auto-generated"}, LETTER_CALENDAR}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(robot_of(&cases[i].signs), cases[i].robot);
}

static void expect_decoded(const char *charset, const char *bytes, size_t len, const char *text)
{
	struct charsets *charsets = charsets_open();
	struct arena *arena = arena_new();

	assert_string_equal(charset_decode(charsets, charset, bytes, len, arena), text);
	arena_free(arena);
	charsets_close(charsets);
}

static void test_charsets_that_are_missing_wrong_or_unknown_are_read_all_the_same(void **state)
{
	(void)state;
	expect_decoded("utf-8", "gr\xc3\xbc\xc3\x9f", 6, "grüß");
	expect_decoded("utf-8", "gr\xfc\xdf", 4, "grüß");
	expect_decoded(NULL, "gr\xfc\xdf", 4, "grüß");
	expect_decoded("iso-8859-1", "\x93x\x94 \x80", 5, "“x” €");
	expect_decoded("ISO-8859-15", "\xa4", 1, "€");
	expect_decoded("x-unknown", "\xfc", 1, "ü");
	expect_decoded("gb2312", "\xc4\xe3", 2, "你");
	expect_decoded("utf-16le", "\xac\x20", 2, "€");
	expect_decoded("shift_jis", "\x82", 1, "\xef\xbf\xbd");
	expect_decoded("utf-8", "a\0b", 3, "a b");
	expect_decoded("utf-8", "", 0, "");
}

static void test_a_cleaned_text_holds_nothing_unseen(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(charset_cleaned("a\r\nb\rc\td\x1b[0m\xe2\x80\xae"
					    "e\xef\xbb\xbf",
					    arena),
			    "a\nb\nc d[0me");
	assert_string_equal(charset_cleaned("\xff", arena), "\xef\xbf\xbd");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_letter_comes_back_as_it_was_written),
	    cmocka_unit_test(test_what_is_not_there_may_be_missing_but_the_text),
	    cmocka_unit_test(test_half_a_frame_or_more_than_one_is_refused),
	    cmocka_unit_test(test_hostile_texts_are_refused),
	    cmocka_unit_test(test_limits_are_kept_to_the_last_one),
	    cmocka_unit_test(test_what_a_stranger_wrote_into_the_results_says_nothing),
	    cmocka_unit_test(test_robots_are_known_by_what_they_say_of_themselves),
	    cmocka_unit_test(test_charsets_that_are_missing_wrong_or_unknown_are_read_all_the_same),
	    cmocka_unit_test(test_a_cleaned_text_holds_nothing_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
