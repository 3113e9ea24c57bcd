/* The digest that can be answered, and what is answered to answers. */
#include "fixture.h"

#include "message/html.h"
#include "message/mail.h"
#include "message/reply_document.h"
#include "message/text.h"

#define TOKEN_ADDRESS "cadence+r.aaaa6qsawswstdmy3v2lmomz@example.com"

static const struct mail_meta meta = {
    .installation = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    .key = "reply|x|mail|maria@example.com",
    .from = "Cadence <cadence@example.com>",
    .to = "maria@example.com",
    .to_name = "Maria Silva",
};

static void check_text(const struct document *document, const char *name)
{
	struct buf out = buf_make(1 << 20);

	text_render(document, &out);
	assert_golden(name, &out);
	buf_free(&out);
}

static struct buf write_mail(const struct document *document)
{
	struct buf out = buf_make(1 << 20);

	assert_int_equal(mail_write(&meta, document, &out), STATUS_OK);
	return out;
}

static void test_a_digest_that_can_be_answered_says_how(void **state)
{
	struct fixture *rich = fixture_rich(), *asked = fixture_asked(), *quiet = fixture_quiet();
	struct buf mail;

	(void)state;
	rich->words.reply_to = asked->words.reply_to = quiet->words.reply_to = TOKEN_ADDRESS;
	check_text(fixture_document(rich, DETAIL_FULL), "rich_reply.txt");
	check_text(fixture_document(asked, DETAIL_FULL), "asked_reply.txt");
	mail = write_mail(fixture_document(quiet, DETAIL_FULL));
	assert_non_null(strstr(mail.data, "\r\nReply-To: <" TOKEN_ADDRESS ">\r\n"));
	assert_non_null(strstr(mail.data, "\r\nAuto-Submitted: auto-generated\r\n"));
	assert_null(strstr(mail.data, "In-Reply-To"));
	buf_free(&mail);
	fixture_free(rich);
	fixture_free(asked);
	fixture_free(quiet);
}

/* What maria asked, and what could not be done. */
static struct document *answered(struct fixture *f, const struct reply_line *lines, size_t count,
				 const char *in_reply_to)
{
	const struct reply_news news = {
	    .hearer = &f->owners[2],
	    .history = &f->history,
	    .roster = &f->roster,
	    .today = f->digest.today,
	    .subject = "Re: Acme is cold; 2 due, 1 to confirm",
	    .in_reply_to = in_reply_to,
	    .reply_to = TOKEN_ADDRESS,
	    .host = "reminder1",
	    .lines = lines,
	    .line_count = count,
	    .created = f->words.created,
	};

	return reply_document(f->arena, &news);
}

static void test_an_answer_says_what_was_done_and_what_was_not(void **state)
{
	struct fixture *f = fixture_rich();
	struct facts quiet = f->items[3].facts;
	const struct reply_line lines[] = {
	    {.said = "1 call today talked",
	     .result = REPLY_LINE_DONE,
	     .text = "Acme GmbH: call of Mon 23 Nov is logged"},
	    {.said = "2 call 3/4",
	     .result = REPLY_LINE_NOT,
	     .text = "3/4 may be two days; write 3 apr or 4 mar"},
	    {.said = "why 1",
	     .result = REPLY_LINE_WHY,
	     .entry = &f->entries[0],
	     .facts = &f->items[0].facts},
	    {.said = "why cobalt", .result = REPLY_LINE_WHY, .facts = &quiet},
	    {.said = "help", .result = REPLY_LINE_HELP},
	};
	struct buf mail;

	(void)state;
	quiet.has_last = true;
	quiet.last = (struct contact){
	    .day = f->digest.today - 3, .kind = CONTACT_CALL, .person = "Ann Lee", .note = "fine"};
	struct document *document = answered(f, lines, 5, "letter-1@client.example.com");
	check_text(document, "answered.txt");
	mail = write_mail(document);
	assert_non_null(strstr(mail.data, "\r\nIn-Reply-To: <letter-1@client.example.com>\r\n"
					  "References: <letter-1@client.example.com>\r\n"
					  "Auto-Submitted: auto-replied\r\n"));
	assert_non_null(
	    strstr(mail.data, "\r\nSubject: Re: Acme is cold; 2 due, 1 to confirm\r\n"));
	buf_free(&mail);
	fixture_free(f);
}

static void test_an_id_that_could_break_out_is_left_out(void **state)
{
	static const char *const ids[] = {
	    "", "a b@c", "a@b\r\nBcc: eve@example.com", "a@b>", "<a@b", "\xc3\xa4@b", "a\tb@c"};
	struct fixture *f = fixture_rich();
	char endless[1000] = {0};

	(void)state;
	memset(endless, 'x', sizeof(endless) - 1);
	for (size_t i = 0; i <= sizeof(ids) / sizeof(ids[0]); i++) {
		const char *id = i < sizeof(ids) / sizeof(ids[0]) ? ids[i] : endless;
		struct buf mail = write_mail(answered(f, NULL, 0, id));

		assert_null(strstr(mail.data, "In-Reply-To"));
		assert_null(strstr(mail.data, "Bcc"));
		buf_free(&mail);
	}
	fixture_free(f);
}

static void test_hundreds_of_lines_are_answered_by_some_and_a_number(void **state)
{
	struct fixture *f = fixture_rich();
	struct reply_line lines[200];
	struct buf out = buf_make(1 << 20);

	(void)state;
	for (size_t i = 0; i < 200; i++)
		lines[i] = (struct reply_line){
		    .said = "9 call", .result = REPLY_LINE_NOT, .text = "there is no 9"};
	text_render(answered(f, lines, 200, NULL), &out);
	assert_non_null(strstr(out.data, "200 lines could not be done."));
	assert_non_null(strstr(out.data, "\nand 150 more\n"));
	buf_free(&out);
	fixture_free(f);
}

static void test_a_test_reads_like_a_digest(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	check_text(reply_test_document(arena, TOKEN_ADDRESS, "reminder1", 0), "reply_test.txt");
	arena_free(arena);
}

static void test_where_answers_go_survives_the_outbox(void **state)
{
	struct fixture *f = fixture_rich();
	struct document *document = answered(f, NULL, 0, "a@b"), *again;
	char *json = document_to_json(document), *second;
	struct error err;

	(void)state;
	assert_int_equal(document_from_json(f->arena, json, &again, &err), STATUS_OK);
	assert_int_equal(again->kind, DOCUMENT_REPLY);
	assert_string_equal(again->reply_to, TOKEN_ADDRESS);
	assert_string_equal(again->in_reply_to, "a@b");
	second = document_to_json(again);
	assert_string_equal(json, second);
	free(json);
	free(second);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_digest_that_can_be_answered_says_how),
	    cmocka_unit_test(test_an_answer_says_what_was_done_and_what_was_not),
	    cmocka_unit_test(test_an_id_that_could_break_out_is_left_out),
	    cmocka_unit_test(test_hundreds_of_lines_are_answered_by_some_and_a_number),
	    cmocka_unit_test(test_a_test_reads_like_a_digest),
	    cmocka_unit_test(test_where_answers_go_survives_the_outbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
