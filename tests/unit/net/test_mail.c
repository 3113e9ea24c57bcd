/* The mail pool against a real, scripted SMTP server on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "net/mail.h"
#include "server.h"

#define WAIT_MS 8000 /* until a test is given up */

static struct server *server;
static struct queue *replies;
static struct mail_pool *pool;

/* ---- the server: what it does depends on the recipient ---- */

static const struct rule {
	const char *to;
	const char *at_rcpt; /* NULL: accepted */
	const char *at_dot;  /* "": ends the connection, NULL: never answers */
	const char
	    *next; /* after this message: answer to the next MAIL, then the connection ends */
} rules[] = {
    {"ok", NULL, "250 2.0.0 Ok: queued\r\n", NULL},
    {"grey", "451 4.7.1 Greylisted, try again\r\n", "", NULL},
    {"nobody", "550-5.1.1 No such user\r\n550-5.1.1 here,\r\n550 5.1.1 sorry\r\n", "", NULL},
    {"big", NULL, "552 5.3.4 Too big\r\n", NULL},
    {"die", NULL, "", NULL},
    {"silent", NULL, NULL, NULL},
    {"last", NULL, "250 Ok\r\n", ""},
    {"tired", NULL, "250 Ok\r\n", "421 4.3.2 Tired\r\n"},
    {"rude", "550 5.1.1 \x1b[2Jgo\xff away \xe2\x80\xae\r\n", "", NULL},
};

static const struct rule *rule_of(const char *line)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strncmp(line + strlen("RCPT TO:<"), rules[i].to, strlen(rules[i].to)) == 0)
			return &rules[i];
	return &rules[0];
}

static void hear_message(struct server *at, int fd)
{
	char line[LINE_SIZE], heard[1 << 16] = "";

	while (hear(fd, line) && strcmp(line, ".") != 0)
		strcat(strcat(heard, line), "\n");
	server_keep(at, heard);
}

static void hang(int fd)
{
	char line[LINE_SIZE];

	while (hear(fd, line))
		;
}

static void serve_smtp(struct server *at, int fd)
{
	const struct rule *rule = &rules[0];
	const char *next = NULL;
	char line[LINE_SIZE];

	say(fd, "220 test ESMTP\r\n");
	while (hear(fd, line)) {
		if (strncmp(line, "EHLO", 4) == 0) {
			say(fd, "250-test\r\n250-AUTH PLAIN\r\n250 SIZE 10000000\r\n");
		} else if (strncmp(line, "AUTH", 4) == 0) {
			say(fd, "334 \r\n");
			say(fd, hear(fd, line) && strcmp(line, "AHUAcHc=") == 0
				    ? "235 2.7.0 Welcome\r\n"
				    : "535 5.7.8 Bad credentials\r\n");
		} else if (strncmp(line, "MAIL", 4) == 0) {
			say(fd, next ? next : "250 Ok\r\n");
			if (next)
				return;
		} else if (strncmp(line, "RCPT", 4) == 0) {
			rule = rule_of(line);
			say(fd, rule->at_rcpt ? rule->at_rcpt : "250 Ok\r\n");
		} else if (strncmp(line, "DATA", 4) == 0) {
			say(fd, "354 Go ahead\r\n");
			hear_message(at, fd);
			if (!rule->at_dot)
				hang(fd);
			if (!rule->at_dot || !rule->at_dot[0])
				return;
			say(fd, rule->at_dot);
			next = rule->next;
			if (next && !next[0])
				return;
		} else if (strncmp(line, "QUIT", 4) == 0) {
			/* Never answered: nobody may wait for it. */
			hang(fd);
			return;
		} else {
			say(fd, "500 What?\r\n");
		}
	}
}

/* ---- helpers ---- */

static int set_up(void **state)
{
	(void)state;
	server = server_start(serve_smtp);
	replies = queue_new(64);
	pool = mail_pool_new(replies, 1, NULL);
	return pool ? 0 : -1;
}

static int take_down(void **state)
{
	(void)state;
	pool = mail_pool_free(pool, 0);
	queue_free(replies);
	server_stop(server);
	return 0;
}

static struct mail_request *mail_to(const char *to)
{
	struct mail_request *request = mem_alloc(1, sizeof(*request));

	request->tag = 7;
	request->url = mem_printf("smtp://127.0.0.1:%d", server->port);
	request->tls = MAIL_CLEAR;
	request->from = mem_strdup("cadence@example.com");
	request->to = mem_strdup(to);
	request->bytes = mem_strdup("Subject: Hi\r\n\r\nHello\r\n.\r\n.dot\r\n");
	request->len = strlen(request->bytes);
	return request;
}

static struct mail_reply *next_reply(void)
{
	struct mail_reply *reply = queue_wait(replies, WAIT_MS);

	assert_non_null(reply);
	return reply;
}

static struct mail_reply *deliver(const char *to)
{
	assert_true(mail_pool_send(pool, mail_to(to)));
	return next_reply();
}

/* ---- tests ---- */

static void test_a_mail_arrives_byte_for_byte(void **state)
{
	struct mail_reply *reply = deliver("ok@example.com");

	(void)state;
	assert_int_equal(reply->tag, 7);
	assert_int_equal(reply->fault, NET_OK);
	assert_int_equal(reply->code, 250);
	assert_string_equal(reply->text, "2.0.0 Ok: queued");
	assert_false(reply->sent_maybe);
	/* Dots are stuffed on the wire. */
	assert_string_equal(server->last, "Subject: Hi\n\nHello\n..\n..dot\n");
	mail_reply_free(reply);
}

static void test_a_refused_recipient_tells_code_and_text(void **state)
{
	struct mail_reply *reply = deliver("grey@example.com");

	(void)state;
	assert_int_not_equal(reply->fault, NET_OK);
	assert_int_equal(reply->code, 451);
	assert_string_equal(reply->text, "4.7.1 Greylisted, try again");
	assert_false(reply->sent_maybe);
	mail_reply_free(reply);
}

static void test_an_answer_of_several_lines_is_one_text(void **state)
{
	struct mail_reply *reply = deliver("nobody@example.com");

	(void)state;
	assert_int_equal(reply->code, 550);
	assert_string_equal(reply->text, "5.1.1 No such user here, sorry");
	mail_reply_free(reply);
}

static void test_what_a_server_says_is_made_clean(void **state)
{
	struct mail_reply *reply = deliver("rude@example.com");

	(void)state;
	assert_string_equal(reply->text, "5.1.1 ?[2Jgo\xef\xbf\xbd away ?");
	mail_reply_free(reply);
}

static void test_a_refusal_after_the_dot_is_definite(void **state)
{
	struct mail_reply *reply = deliver("big@example.com");

	(void)state;
	assert_int_not_equal(reply->fault, NET_OK);
	assert_int_equal(reply->code, 552);
	assert_string_equal(reply->text, "5.3.4 Too big");
	assert_false(reply->sent_maybe);
	mail_reply_free(reply);
}

static void test_a_death_after_the_dot_is_ambiguous_and_not_repeated(void **state)
{
	struct mail_reply *reply = deliver("die@example.com");

	(void)state;
	assert_int_equal(reply->fault, NET_BROKEN);
	assert_true(reply->sent_maybe);
	assert_int_equal(server->messages, 1);
	mail_reply_free(reply);
}

static void test_a_hang_after_the_dot_is_ambiguous(void **state)
{
	struct mail_request *request = mail_to("silent@example.com");
	struct mail_reply *reply;

	(void)state;
	request->timeout_ms = 300;
	assert_true(mail_pool_send(pool, request));
	reply = next_reply();
	assert_int_equal(reply->fault, NET_TIMEOUT);
	assert_true(reply->sent_maybe);
	mail_reply_free(reply);
}

static void test_required_encryption_that_is_not_offered_sends_nothing(void **state)
{
	struct mail_request *request = mail_to("ok@example.com");
	struct mail_reply *reply;

	(void)state;
	request->tls = MAIL_STARTTLS;
	request->user = mem_strdup("u");
	request->password = mem_strdup("pw");
	assert_true(mail_pool_send(pool, request));
	reply = next_reply();
	assert_int_equal(reply->fault, NET_NO_TLS);
	assert_false(reply->sent_maybe);
	assert_int_equal(server->messages, 0);
	mail_reply_free(reply);
}

static void test_a_wrong_password_tells_what_the_server_said(void **state)
{
	struct mail_request *request = mail_to("ok@example.com");
	struct mail_reply *reply;

	(void)state;
	request->user = mem_strdup("u");
	request->password = mem_strdup("wrong");
	assert_true(mail_pool_send(pool, request));
	reply = next_reply();
	assert_int_equal(reply->fault, NET_LOGIN);
	assert_int_equal(reply->code, 535);
	assert_string_equal(reply->text, "5.7.8 Bad credentials");
	mail_reply_free(reply);
}

static void test_a_login_is_not_shared_with_another(void **state)
{
	struct mail_request *request = mail_to("ok@example.com");

	(void)state;
	mail_reply_free(deliver("ok@example.com"));
	request->user = mem_strdup("u");
	request->password = mem_strdup("pw");
	assert_true(mail_pool_send(pool, request));
	mail_reply_free(next_reply());
	assert_int_equal(server->guest_count, 2);
	assert_int_equal(server->messages, 2);
}

static void test_two_mails_share_a_session(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct mail_reply *reply = deliver("ok@example.com");

		assert_int_equal(reply->fault, NET_OK);
		mail_reply_free(reply);
	}
	assert_int_equal(server->guest_count, 1);
	assert_int_equal(server->messages, 2);
}

static void test_a_session_the_server_gave_up_is_replaced(void **state)
{
	static const char *const first[] = {"last@example.com", "tired@example.com"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct mail_reply *reply = deliver(first[i]);

		assert_int_equal(reply->fault, NET_OK);
		mail_reply_free(reply);
		reply = deliver("ok@example.com");
		assert_int_equal(reply->fault, NET_OK);
		assert_int_equal(reply->code, 250);
		mail_reply_free(reply);
	}
	assert_int_equal(server->messages, 4);
}

static void test_a_refused_mail_leaves_the_next_alone(void **state)
{
	static const char *const first[] = {"grey@example.com", "big@example.com",
					    "die@example.com"};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct mail_request *request = mail_to(first[i]);
		struct mail_reply *reply;

		request->timeout_ms = 1500;
		assert_true(mail_pool_send(pool, request));
		mail_reply_free(next_reply());
		reply = deliver("ok@example.com");
		assert_int_equal(reply->fault, NET_OK);
		mail_reply_free(reply);
	}
}

static void test_no_address_can_add_a_command(void **state)
{
	static const char *const addresses[] = {
	    "",	       "a@b>\r\nRCPT TO:<c@d", "a@b\nDATA", "a b@c", "<a@b>",
	    "a@b\x7f", "\xc3\xa9@b",	       "a\tb@c"};

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct mail_request *request = mail_to("ok@example.com");
		struct mail_reply *reply = deliver(addresses[i]);

		assert_int_equal(reply->fault, NET_REQUEST);
		mail_reply_free(reply);
		free(request->from);
		request->from = mem_strdup(addresses[i]);
		assert_true(mail_pool_send(pool, request));
		reply = next_reply();
		assert_int_equal(reply->fault, NET_REQUEST);
		mail_reply_free(reply);
	}
	assert_int_equal(server->guest_count, 0);
}

static void test_other_protocols_are_refused(void **state)
{
	struct mail_request *request = mail_to("ok@example.com");
	struct mail_reply *reply;

	(void)state;
	free(request->url);
	request->url = mem_printf("http://127.0.0.1:%d", server->port);
	assert_true(mail_pool_send(pool, request));
	reply = next_reply();
	assert_int_equal(reply->fault, NET_REQUEST);
	assert_int_equal(server->guest_count, 0);
	mail_reply_free(reply);
}

static void test_nobody_there_is_not_ambiguous(void **state)
{
	struct mail_request *request = mail_to("ok@example.com");
	struct mail_reply *reply;

	(void)state;
	free(request->url);
	request->url = mem_strdup("smtp://127.0.0.1:1");
	assert_true(mail_pool_send(pool, request));
	reply = next_reply();
	assert_int_equal(reply->fault, NET_CONNECT);
	assert_int_equal(reply->code, 0);
	assert_string_equal(reply->text, "");
	assert_false(reply->sent_maybe);
	mail_reply_free(reply);
}

static void test_a_server_that_hangs_holds_up_one_thread(void **state)
{
	struct mail_pool *two = mail_pool_new(replies, 2, NULL);
	struct mail_request *silent = mail_to("silent@example.com");
	struct mail_reply *reply;

	(void)state;
	silent->tag = 8;
	assert_true(mail_pool_send(two, silent));
	for (int i = 0; i < 3; i++) {
		assert_true(mail_pool_send(two, mail_to("ok@example.com")));
		reply = next_reply();
		assert_int_equal(reply->tag, 7);
		mail_reply_free(reply);
	}
	mail_pool_free(two, 0);
	assert_null(queue_pop(replies));
}

static void test_what_outlasts_the_grace_is_cut_off_without_a_reply(void **state)
{
	(void)state;
	assert_true(mail_pool_send(pool, mail_to("silent@example.com")));
	while (server->messages == 0)
		usleep(1000);
	/* It waits for nobody: its time would be a minute. */
	pool = mail_pool_free(pool, 10);
	assert_null(queue_pop(replies));
}

static void test_what_is_under_way_may_finish_within_the_grace(void **state)
{
	struct mail_request *request = mail_to("silent@example.com");
	struct mail_reply *reply;

	(void)state;
	request->timeout_ms = 300;
	assert_true(mail_pool_send(pool, request));
	while (server->messages == 0)
		usleep(1000);
	pool = mail_pool_free(pool, WAIT_MS);
	reply = queue_pop(replies);
	assert_non_null(reply);
	assert_int_equal(reply->fault, NET_TIMEOUT);
	mail_reply_free(reply);
}

int main(void)
{
	alarm(60);
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, take_down)
	const struct CMUnitTest tests[] = {
	    T(test_a_mail_arrives_byte_for_byte),
	    T(test_a_refused_recipient_tells_code_and_text),
	    T(test_an_answer_of_several_lines_is_one_text),
	    T(test_what_a_server_says_is_made_clean),
	    T(test_a_refusal_after_the_dot_is_definite),
	    T(test_a_death_after_the_dot_is_ambiguous_and_not_repeated),
	    T(test_a_hang_after_the_dot_is_ambiguous),
	    T(test_required_encryption_that_is_not_offered_sends_nothing),
	    T(test_a_wrong_password_tells_what_the_server_said),
	    T(test_a_login_is_not_shared_with_another),
	    T(test_two_mails_share_a_session),
	    T(test_a_session_the_server_gave_up_is_replaced),
	    T(test_a_refused_mail_leaves_the_next_alone),
	    T(test_no_address_can_add_a_command),
	    T(test_other_protocols_are_refused),
	    T(test_nobody_there_is_not_ambiguous),
	    T(test_a_server_that_hangs_holds_up_one_thread),
	    T(test_what_outlasts_the_grace_is_cut_off_without_a_reply),
	    T(test_what_is_under_way_may_finish_within_the_grace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
