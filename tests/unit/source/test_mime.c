/* Mails as a letter: who, what it answers, what is new text in it. */
#include "source/mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "hostile.h"
#include "source/command.h"
#include "source/wire.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TODAY	 20782 /* 2026-11-25 */
#define HEAD	 HOSTILE_HEAD

struct desk {
	struct charsets *charsets;
	struct arena *arena;
};

static int setup(void **state)
{
	struct desk *desk = mem_alloc(1, sizeof(*desk));

	mime_begin();
	desk->charsets = charsets_open();
	desk->arena = arena_new();
	*state = desk;
	return 0;
}

static int teardown(void **state)
{
	struct desk *desk = *state;

	charsets_close(desk->charsets);
	arena_free(desk->arena);
	free(desk);
	return 0;
}

static struct letter letter_of_bytes(struct desk *desk, const char *bytes, size_t len)
{
	struct letter letter = {0};

	assert_null(mime_read(bytes, len, desk->charsets, desk->arena, &letter));
	return letter;
}

static struct letter letter_of(struct desk *desk, const char *mail)
{
	return letter_of_bytes(desk, mail, strlen(mail));
}

static void test_only_the_topmost_results_are_looked_at(void **state)
{
	struct letter letter =
	    letter_of(*state, "Authentication-Results: mx.example.com; dmarc=fail\r\n"
			      "Authentication-Results: mx.example.com; dmarc=pass\r\n" HEAD "\r\n");

	assert_string_equal(letter.dmarc, "fail");
	letter =
	    letter_of(*state, "Authentication-Results: ; dmarc=fail\r\n"
			      "Authentication-Results: mx.example.com; dmarc=pass\r\n" HEAD "\r\n");
	assert_null(letter.authserv);
	assert_null(letter.dmarc);
}

static void test_the_newest_references_are_kept(void **state)
{
	struct desk *desk = *state;
	struct buf mail = buf_make(1 << 16);
	struct letter letter;

	buf_adds(&mail, HEAD "References:");
	for (int i = 1; i <= 3 * LETTER_NAMES_MAX; i++)
		buf_addf(&mail, "\r\n <%d@example.com>", i);
	buf_adds(&mail, "\r\nIn-Reply-To: <0@example.com>\r\n\r\n");
	letter = letter_of(desk, buf_text(&mail));
	assert_int_equal(letter.reference_count, LETTER_NAMES_MAX);
	assert_string_equal(letter.references[0], "0@example.com");
	assert_string_equal(letter.references[1], "300@example.com");
	assert_string_equal(letter.references[2], "299@example.com");
	buf_free(&mail);
}

static const char *text_of(struct desk *desk, const char *mail)
{
	return letter_of(desk, mail).text;
}

/* A line as it would be read, had it not been cut. */
static void test_a_text_too_long_is_cut_between_its_lines(void **state)
{
	struct desk *desk = *state;
	struct buf mail = buf_make(1 << 18);
	struct letter letter;
	size_t lines = 0;

	buf_adds(&mail, HEAD "\r\n");
	while (mail.len < LETTER_TEXT_MAX + 4000) {
		buf_adds(&mail, "1 snooze 4 dec because ");
		for (int i = 0; i < 100; i++)
			buf_adds(&mail, "they are away ");
		buf_adds(&mail, "end\r\n");
	}
	letter = letter_of(desk, buf_text(&mail));
	assert_true(letter.cut);
	assert_true(strlen(letter.text) > LETTER_TEXT_MAX - 2000);
	assert_true(strlen(letter.text) <= LETTER_TEXT_MAX);
	assert_string_equal(letter.text + strlen(letter.text) - 4, " end");
	buf_free(&mail);
	buf_adds(&mail, HEAD "\r\n1 call ");
	while (mail.len < LETTER_TEXT_MAX + 4000)
		buf_adds(&mail, "a long story ");
	letter = letter_of(desk, buf_text(&mail));
	assert_true(letter.cut);
	assert_string_equal(letter.text, "");
	buf_free(&mail);
	buf_adds(&mail, HEAD "\r\n");
	for (lines = 0; lines <= LETTER_LINES_MAX; lines++)
		buf_adds(&mail, "1 ack\r\n");
	letter = letter_of(desk, buf_text(&mail));
	assert_true(letter.cut);
	assert_int_equal(strlen(letter.text), LETTER_LINES_MAX * 6 - 1);
	buf_free(&mail);
}

#define MIXED	   HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define PART(head) "--b\r\nContent-Type: text/plain" head "\r\n\r\n"

static void test_a_text_with_the_name_of_a_file_is_one(void **state)
{
	static const char *const heads[] = {
	    "; name=notes.txt",
	    "; name*=utf-8''notes.txt",
	    "; name*0=no; name*1=tes.txt",
	    "\r\nContent-Disposition: inline; filename=notes.txt",
	    "\r\nContent-Disposition: inline; filename*=utf-8''notes.txt",
	    "\r\nContent-Disposition: attachment",
	    "\r\nContent-Disposition: attachment; filename=notes.txt"};

	for (size_t i = 0; i < COUNT(heads); i++) {
		char mail[600];

		snprintf(mail, sizeof(mail),
			 MIXED PART("") "1 call\r\n--b\r\nContent-Type: text/plain%s\r\n\r\n2 off"
					"\r\n--b--\r\n",
			 heads[i]);
		assert_string_equal(text_of(*state, mail), "1 call");
	}
	assert_string_equal(text_of(*state, MIXED PART("") "1 call\r\n" PART(
						"\r\nContent-Disposition: inline") "2 yes\r\n"
										   "--b--"),
			    "1 call\n\n2 yes");
	/* A mail that is one text is no file, whatever name it has. */
	assert_string_equal(
	    text_of(*state, HEAD "Content-Type: text/plain; name=x.txt\r\n\r\n1 off"), "1 off");
}

/* What the worker says of it the daemon has to believe, and to be able to show. */
static void test_hostile_fields_become_lines_that_can_be_shown(void **state)
{
	static const char *const fields[] = {
	    "Subject: \x1b[2J\x07\x08 \x7f",
	    "Subject: =?utf-8?q?=0D=0ABcc:_eve=40example=2Enet?=",
	    "Subject: =?utf-8?q?=1B]0;x=07=E2=80=AE=E2=81=A6=EF=BB=BF?=",
	    "Subject: =?utf-8?b?7aCA7b+/?= =?utf-8?q?=FF=C0=80?=",
	    "Subject: =?utf-16?b?2AA=?= =?utf-7?q?+2AA-?=",
	    "Subject: \xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf\xe2\x80\xa8",
	    "Subject: a\r\n \x0b\x0c b",
	    "Message-ID: <a b\x01@example.com>",
	    "Message-ID: <\xe2\x80\xae@example.com>",
	    "In-Reply-To: <\x1b@example.com> <a@b>",
	    "Cc: \"\xe2\x80\xae\" <\x1b@example.com>, <a\xff@example.com>",
	    "Authentication-Results: \x1b\xe2\x80\xae; dmarc=\x1b",
	    "Content-Type: text/plain; charset=\"\x1b\xff\"; name=\x01",
	    "Content-Type: multipart/mixed; boundary=\"\x01\"",
	    "Content-Transfer-Encoding: \x1b"};

	for (size_t i = 0; i < COUNT(fields); i++) {
		struct desk *desk = *state;
		struct buf out = buf_make(WIRE_FRAME_MAX + WIRE_HEAD);
		char *mail = mem_printf(HEAD "%s\r\n\r\n1 ack \x1b\xe2\x80\xae\xff", fields[i]);
		const struct letter letter = letter_of(desk, mail);
		struct letter read;
		const char *fault = NULL;

		wire_write_letter(&out, &letter);
		assert_false(out.overflowed);
		if (!wire_read(out.data + WIRE_HEAD, out.len - WIRE_HEAD, desk->arena, &read,
			       &fault))
			fail_msg("of %s", fields[i]);
		assert_null(fault);
		assert_non_null(letter.from);
		assert_string_equal(letter.from, "maria@example.com");
		buf_free(&out);
		free(mail);
	}
}

/* ---- what is made to cost much ---- */

static size_t count_lines(const char *text)
{
	size_t lines = *text != '\0';

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static void test_a_megabyte_of_anything_is_a_letter_within_its_bounds(void **state)
{
	struct desk *desk = *state;
	struct buf mail = buf_make(LETTER_BYTES_MAX);

	for (size_t i = 0; i < HOSTILE_MAILS; i++) {
		struct arena *arena = arena_new();
		struct letter letter = {0};
		const char *fault;
		size_t count;

		hostile_fill(&mail, i);
		assert_false(mail.overflowed);
		fault = mime_read(mail.data, mail.len, desk->charsets, arena, &letter);
		if (fault)
			fail_msg("case %zu: %s", i, fault);
		assert_true(strlen(letter.text) <= LETTER_TEXT_MAX);
		assert_true(count_lines(letter.text) <= LETTER_LINES_MAX);
		(void)commands_read(letter.text, TODAY, arena, &count);
		assert_true(count <= LETTER_LINES_MAX);
		arena_free(arena);
	}
	buf_free(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_only_the_topmost_results_are_looked_at),
	    cmocka_unit_test(test_the_newest_references_are_kept),
	    cmocka_unit_test(test_a_text_too_long_is_cut_between_its_lines),
	    cmocka_unit_test(test_a_text_with_the_name_of_a_file_is_one),
	    cmocka_unit_test(test_hostile_fields_become_lines_that_can_be_shown),
	    cmocka_unit_test(test_a_megabyte_of_anything_is_a_letter_within_its_bounds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
