/* What is new in a mail, in plain text and in HTML, and what is not. */
#include "source/quote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/buf.h"
#include "source/hypertext.h"

#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define HOSTILE_MAX (1 << 20)

static const struct flow fixed = {false, false}, flowed = {true, false}, delsp = {true, true};

static void expect(const char *text, struct flow flow, const char *expected)
{
	struct arena *arena = arena_new();

	assert_string_equal(quote_strip(text, flow, arena), expected);
	arena_free(arena);
}

static void expect_html(const char *html, const char *expected)
{
	struct arena *arena = arena_new();

	assert_string_equal(hypertext_read(html, strlen(html), arena), expected);
	arena_free(arena);
}

static void test_lines_with_a_mark_are_quotes_wherever_the_answer_stands(void **state)
{
	(void)state;
	expect("1 call\n> 2 no\n> > 3 no\n", fixed, "1 call");
	expect("> 2 no\n\n1 call\n", fixed, "1 call");
	expect("> a\n1 call\n> b\n2 yes\r\n> c\r\n", fixed, "1 call\n\n2 yes");
	expect(" > a\n1 call\n", fixed, "1 call");
	expect("", fixed, "");
	expect("\n\n\n", fixed, "");
}

static void test_the_line_above_a_quote_goes_in_each_language(void **state)
{
	static const char *const lines[] = {
	    "On Mon, Nov 23, 2026 at 8:30 AM Cadence <c@example.com> wrote:",
	    "On 23 Nov 2026, at 08:30, Cadence wrote:",
	    "On Mon, Nov 23, 2026 at 8:30 AM Cadence <\nc@example.com> wrote:",
	    "On Mon, Nov 23, 2026 at 8:30 AM Cadence <c@example.com>\nwrote:",
	    "Am Mo., 23. Nov. 2026 um 08:30 Uhr schrieb Cadence <c@example.com>:",
	    "Am 23.11.26 um 08:30 schrieb Cadence:",
	    "Cadence <c@example.com> schrieb am Mo. 23. Nov. 2026 um 08:30:",
	    "Le lun. 23 nov. 2026 à 08:30, Cadence <c@example.com> a écrit :",
	    "Em seg., 23 de nov. de 2026 às 08:30, Cadence <c@example.com> escreveu:",
	    "El lun, 23 nov 2026 a las 8:30, Cadence (<c@example.com>) escribió:",
	    "Il giorno lun 23 nov 2026 alle ore 08:30 Cadence <c@example.com> ha scritto:",
	    "Op ma 23 nov 2026 om 08:30 schreef Cadence <c@example.com>:",
	    "2026-11-23 8:30 GMT+01:00 Cadence <c@example.com>:",
	    "ma 23. marrask. 2026 klo 8.30 Cadence (c@example.com) kirjoitti <c@example.com>:"};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		char text[400];

		/* With marks only the line goes, without them all that follows it. */
		snprintf(text, sizeof(text), "1 call\n\n%s\n\n> 2 no\n\n3 yes\n", lines[i]);
		expect(text, fixed, "1 call\n\n3 yes");
		snprintf(text, sizeof(text), "1 call\n%s\n\n2 no\n3 yes\n", lines[i]);
		expect(text, fixed, "1 call");
	}
}

static void test_a_line_of_the_answer_is_no_attribution(void **state)
{
	(void)state;
	expect("1 call on Monday Anna wrote:\nfine", fixed, "1 call on Monday Anna wrote:\nfine");
	expect("On it\n1 call\n", fixed, "On it\n1 call");
	expect("Am 3. Dez.\n1 call\n", fixed, "Am 3. Dez.\n1 call");
	expect("From: here on\n1 call\n", fixed, "From: here on\n1 call");
	expect("1 call Jan <jan@x.com> on 3 points:\n2 yes\n", fixed,
	       "1 call Jan <jan@x.com> on 3 points:\n2 yes");
	expect("1. call with Jan <jan@x.com>:\n2 yes\n", fixed,
	       "1. call with Jan <jan@x.com>:\n2 yes");
	expect("12 email to Jan <jan@x.com> wrote:\n2 yes\n", fixed,
	       "12 email to Jan <jan@x.com> wrote:\n2 yes");
	expect("1 call\n23 Nov 2026 8:30, Cadence <c@example.com>:\n2 no\n", fixed, "1 call");
}

static void test_from_a_separator_on_nothing_is_new(void **state)
{
	static const char *const separators[] = {
	    "-----Original Message-----",
	    "-----Ursprüngliche Nachricht-----",
	    "-----Message d'origine-----",
	    "-------- Original Message --------",
	    "---------- Forwarded message ---------",
	    "Begin forwarded message:",
	    "-- ",
	    "--",
	    "From: Cadence <c@example.com>\nSent: Monday 8:30\nTo: Maria\nSubject: 4 partners",
	    "---- On Mon, 23 Nov 2026 08:30:00 +0000 Cadence <c@example.com> wrote ---",
	    "------------------ x ------------------\nFrom: a@b\nSent: Monday\nTo: Maria",
	    "Answer by replying, one line each:  1 call today talked",
	    "Write for example:",
	    "Good morning Maria. 4 need you today.",
	    "Hello Maria. One line could not be done.",
	    "Hello Maria. Here is what you asked for.",
	    "1. Acme GmbH, strategic, every 4 weeks [acme]",
	    "  12. Acme, every 4 weeks [acme-2_x*]",
	    "________________________________\nFrom: Cadence\nSent: Monday\nTo: Maria",
	    "________________________________\n\nVon: Cadence\nGesendet: Montag\nAn: Maria",
	    "*De :* Cadence\n*Envoyé :* lundi\n*À :* Maria\n*Objet :* 4",
	    "Od: C <c@example.com>\nWysłano: 23 listopada\nDo: Maria\nTemat: 4"};

	(void)state;
	for (size_t i = 0; i < COUNT(separators); i++) {
		char text[300];

		snprintf(text, sizeof(text), "1 call\n\n%s\n\n2 no\n", separators[i]);
		expect(text, fixed, "1 call");
	}
}

static void test_what_only_looks_like_a_separator_is_a_line(void **state)
{
	static const char *const lines[] = {
	    "1. Acme GmbH [acme] call", "1. call [x y]", "1. []", "Acme [acme]",
	    "----- 2 yes -----",	"1.5 [acme]"};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		char text[100];

		snprintf(text, sizeof(text), "%s\n2 no", lines[i]);
		expect(text, fixed, text);
	}
}

static void test_commands_with_colons_are_no_block_of_headers(void **state)
{
	(void)state;
	expect("Acme: call today\nElbe: email today to jan@example.com\nBorealis: ack\n", fixed,
	       "Acme: call today\nElbe: email today to jan@example.com\nBorealis: ack");
	expect("1 ack\nOd: C <c@example.com>\nDo: Maria\nTemat: Re: call\n2 no", fixed, "1 ack");
}

static void test_a_command_with_an_address_is_no_attribution(void **state)
{
	static const char *const lines[] = {
	    "1 call talked to Jan <jan@example.com> about these points:",
	    "1 call 2026-11-20 talked to Jan <jan@example.com>:",
	    "1. call Jan <jan@example.com> at 10:30 wrote:",
	    "- 2 meeting on 4 dec, says Jan <jan@example.com>:",
	    "call 1 Jan <jan@example.com> 2026:",
	    "acme call talked to Jan <jan@example.com> about 4 points:"};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		char text[200], expected[200];

		snprintf(text, sizeof(text), "%s\n2 yes\n", lines[i]);
		snprintf(expected, sizeof(expected), "%s\n2 yes", lines[i]);
		expect(text, fixed, expected);
		snprintf(text, sizeof(text), "%s\n> quoted\n2 yes\n", lines[i]);
		snprintf(expected, sizeof(expected), "%s\n\n2 yes", lines[i]);
		expect(text, fixed, expected);
	}
}

static void test_what_a_telephone_adds_is_left_out(void **state)
{
	(void)state;
	expect("1 call\n\nSent from my iPhone\n", fixed, "1 call");
	expect("1 call\nVon meinem iPad gesendet\n2 yes\n", fixed, "1 call\n\n2 yes");
	expect("Get Outlook for iOS<https://aka.ms/o0ukef>\n1 call", fixed, "1 call");
	expect("Von meinem Chef\n", fixed, "Von meinem Chef");
}

static void test_flowed_lines_are_joined_as_they_were_written(void **state)
{
	(void)state;
	expect("1 call today \ntalked\n2 yes\n", flowed, "1 call today talked\n2 yes");
	expect("1 call today \n> talked\n", flowed, "1 call today ");
	expect("1 call to \n day\n", delsp, "1 call today");
	expect("1 call \n-- \n2 no\n", flowed, "1 call ");
	expect("1 call today \ntalked\n", fixed, "1 call today \ntalked");
}

static void test_html_becomes_the_lines_that_a_reader_sees(void **state)
{
	(void)state;
	expect_html("<p>1&nbsp;call <b>today</b></p><p>2 yes</p>", "1 call today\n\n2 yes\n\n");
	expect_html("<div>1 call</div><div><br></div><div>2 yes</div>", "1 call\n\n2 yes\n");
	expect_html("a<br>b<BR/>c", "a\nb\nc");
	expect_html("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>> b\nc");
	expect_html("<ol start=3><li>call</li><li>yes</li></ol>", "3. call\n4. yes\n");
	expect_html("<ul><li>1 call</ul>2", "1 call\n2");
	expect_html("<style>p{}</style><script>1</script><!-- x -->1 &lt;call&gt;", "1 <call>");
	expect_html("<pre>1 call\n 2 yes</pre>", "1 call\n 2 yes\n");
	expect_html("gr&uuml;&szlig;e &#8211; &#x2013; &unknown; &", "grüße – – &unknown; &");
	expect_html("<p>1 ack</p><s>2 <span>off</span></s><p><del>3 off</del><strike>4 no</strike>",
		    "1 ack\n\n");
	expect_html("<style>a</styles>b</style>1 ack", "1 ack");
	expect_html("x<hr>y", "x\n________________________________\ny");
}

static void test_a_quote_is_one_at_any_depth(void **state)
{
	struct buf html = buf_make(HOSTILE_MAX), marks = buf_make(HOSTILE_MAX);
	struct arena *arena = arena_new();

	(void)state;
	buf_adds(&html, "1 call");
	for (int i = 0; i < 5000; i++)
		buf_adds(&html, "<blockquote>2 no");
	for (int i = 0; i < 4999; i++)
		buf_adds(&html, "</blockquote>3 no");
	buf_adds(&html, "</blockquote>4 yes");
	assert_string_equal(quote_strip(hypertext_read(html.data, html.len, arena), fixed, arena),
			    "1 call\n\n4 yes");
	for (int i = 0; i < 5000; i++)
		buf_adds(&marks, "> ");
	buf_adds(&marks, "2 no\n1 call");
	assert_string_equal(quote_strip(marks.data, fixed, arena), "1 call");
	assert_string_equal(quote_strip(marks.data, flowed, arena), "1 call");
	buf_free(&html);
	buf_free(&marks);
	arena_free(arena);
}

static void test_markup_that_grows_is_not_cut(void **state)
{
	struct buf html = buf_make(HOSTILE_MAX);
	struct arena *arena = arena_new();
	const char *text;

	(void)state;
	buf_adds(&html, "<blockquote><blockquote><blockquote><blockquote>");
	while (html.len < HOSTILE_MAX / 2)
		buf_adds(&html, "<hr>");
	buf_adds(&html, "</blockquote></blockquote></blockquote></blockquote>1 call");
	text = hypertext_read(html.data, html.len, arena);
	assert_string_equal(text + strlen(text) - 6, "1 call");
	buf_free(&html);
	arena_free(arena);
}

static void test_broken_html_loses_no_text(void **state)
{
	(void)state;
	expect_html("1 < 2 call", "1 < 2 call");
	expect_html("<p 1 call", "<p 1 call");
	expect_html("<a href=\"x>1 call</a>2", "1 call2");
	expect_html("</blockquote></ol></pre>1", "1");
	expect_html("<!-- open 1 call", "");
	expect_html("&#0;&#xD800;&#99999999;1", "&#0;&#xD800;&#99999999;1");
}

/* A megabyte of the same in a row, through both: the time of one of these, were it the square of
 * its length, would be hours. */
static void test_a_megabyte_of_anything_is_read(void **state)
{
	static const char *const things[] = {"\n",
					     "> ",
					     "<",
					     "<a ",
					     "<a \"",
					     "<!--",
					     "&",
					     "<br>",
					     "On 1\n",
					     "____________\n\n",
					     "From: a@b\n",
					     "-- x\n",
					     "a: b\n\n",
					     "<ol><li>",
					     "<style><",
					     "</p",
					     "<blockquote>a<br>",
					     "On 1 <@\n",
					     "x \n",
					     ">x \n"};

	(void)state;
	for (size_t i = 0; i < COUNT(things); i++) {
		struct buf text = buf_make(HOSTILE_MAX);
		struct arena *arena = arena_new();

		while (!text.overflowed)
			buf_adds(&text, things[i]);
		assert_non_null(quote_strip(text.data, fixed, arena));
		assert_non_null(quote_strip(text.data, flowed, arena));
		assert_non_null(
		    quote_strip(hypertext_read(text.data, text.len, arena), fixed, arena));
		arena_free(arena);
		buf_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines_with_a_mark_are_quotes_wherever_the_answer_stands),
	    cmocka_unit_test(test_the_line_above_a_quote_goes_in_each_language),
	    cmocka_unit_test(test_a_line_of_the_answer_is_no_attribution),
	    cmocka_unit_test(test_from_a_separator_on_nothing_is_new),
	    cmocka_unit_test(test_what_only_looks_like_a_separator_is_a_line),
	    cmocka_unit_test(test_commands_with_colons_are_no_block_of_headers),
	    cmocka_unit_test(test_a_command_with_an_address_is_no_attribution),
	    cmocka_unit_test(test_what_a_telephone_adds_is_left_out),
	    cmocka_unit_test(test_flowed_lines_are_joined_as_they_were_written),
	    cmocka_unit_test(test_html_becomes_the_lines_that_a_reader_sees),
	    cmocka_unit_test(test_a_quote_is_one_at_any_depth),
	    cmocka_unit_test(test_markup_that_grows_is_not_cut),
	    cmocka_unit_test(test_broken_html_loses_no_text),
	    cmocka_unit_test(test_a_megabyte_of_anything_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
