/* The mail pool against a real, scripted SMTP server on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <dirent.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "net/mail.h"
#include "net/token.h"
#include "server.h"

#define WAIT_MS 8000 /* until a test is given up */

static struct server *server;
static struct queue *replies;
static struct mail_pool *pool;
static const char *_Atomic offer; /* what EHLO says of AUTH */
static char wire[1 << 16];	  /* all that was heard; under the server's mutex */
static char token_path[64];

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

static void keep_on_wire(const char *line)
{
	const size_t len = strlen(wire);

	snprintf(wire + len, sizeof(wire) - len, "%s\n", line);
}

static int hear_command(struct server *at, int fd, char line[LINE_SIZE])
{
	if (!hear(fd, line))
		return 0;
	pthread_mutex_lock(&at->mutex);
	keep_on_wire(line);
	pthread_mutex_unlock(&at->mutex);
	return 1;
}

/* Accepts the password "pw", and tokens that begin with "good". */
static void hear_login(struct server *at, int fd, char line[LINE_SIZE])
{
	unsigned char plain[LINE_SIZE] = "";

	say(fd, "334 \r\n");
	if (!hear_command(at, fd, line))
		return;
	EVP_DecodeBlock(plain, (const unsigned char *)line, (int)strlen(line));
	for (unsigned char *c = plain; c < plain + LINE_SIZE - 1; c++)
		if (*c == 1 || (*c == 0 && c < plain + strlen(line) * 3 / 4))
			*c = '|';
	pthread_mutex_lock(&at->mutex);
	keep_on_wire((const char *)plain);
	pthread_mutex_unlock(&at->mutex);
	say(fd, strcmp(line, "AHUAcHc=") == 0 || strstr((const char *)plain, "auth=Bearer good")
		    ? "235 2.7.0 Welcome\r\n"
		    : "535 5.7.8 Bad credentials\r\n");
}

static void talk_for_ever(int fd)
{
	while (send(fd, "250-AND MORE\r\n", 14, MSG_NOSIGNAL) == 14)
		;
}

static void serve_smtp(struct server *at, int fd)
{
	const struct rule *rule = &rules[0];
	const char *next = NULL;
	char line[LINE_SIZE];

	say(fd, "220 test ESMTP\r\n");
	while (hear_command(at, fd, line)) {
		if (strncmp(line, "EHLO", 4) == 0) {
			say(fd, "250-test\r\n250-AUTH ");
			say(fd, offer);
			if (!offer[0])
				talk_for_ever(fd);
			say(fd, "\r\n250 SIZE 10000000\r\n");
		} else if (strncmp(line, "AUTH", 4) == 0) {
			hear_login(at, fd, line);
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
	replies = queue_new(256);
	pool = mail_pool_new(replies);
	offer = "PLAIN";
	wire[0] = '\0';
	snprintf(token_path, sizeof(token_path), "/tmp/test_mail.%d.token", (int)getpid());
	return 0;
}

static int take_down(void **state)
{
	(void)state;
	pool = mail_pool_free(pool, 0);
	queue_free(replies);
	server_stop(server);
	unlink(token_path);
	return 0;
}

static struct mail_request *mail_to(const char *to)
{
	struct mail_request *request = mem_alloc(1, sizeof(*request));

	request->tag = 7;
	request->lane = mem_strdup("mail");
	request->width = 1;
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

static void test_a_hang_leaves_the_next_alone(void **state)
{
	struct mail_request *request = mail_to("silent@example.com");
	struct mail_reply *reply;

	(void)state;
	request->timeout_ms = 300;
	assert_true(mail_pool_send(pool, request));
	mail_reply_free(next_reply());
	request = mail_to("ok@example.com");
	request->timeout_ms = 2000;
	assert_true(mail_pool_send(pool, request));
	reply = next_reply();
	assert_int_equal(reply->fault, NET_OK);
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

/* ---- lanes ---- */

static void send_in(const char *lane, int width, int64_t tag, const char *to)
{
	struct mail_request *request = mail_to(to);

	free(request->lane);
	request->lane = mem_strdup(lane);
	request->width = width;
	request->tag = tag;
	assert_true(mail_pool_send(pool, request));
}

static void wait_for(const atomic_int *count, int wanted)
{
	while (*count < wanted)
		usleep(1000);
}

static size_t thread_count(void)
{
	DIR *dir = opendir("/proc/self/task");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static void test_a_silent_server_holds_up_no_other_lane(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		send_in("silent", 2, 8, "silent@example.com");
	wait_for(&server->messages, 2);
	for (int i = 0; i < 3; i++) {
		struct mail_reply *reply;

		send_in("other", 1, 7, "ok@example.com");
		reply = next_reply();
		assert_int_equal(reply->tag, 7);
		assert_int_equal(reply->fault, NET_OK);
		mail_reply_free(reply);
	}
	pool = mail_pool_free(pool, 0);
	assert_null(queue_pop(replies));
}

static void test_what_is_called_back_is_of_one_lane_or_of_all(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		send_in("a", 1, 1, "silent@example.com");
	for (int i = 0; i < 3; i++)
		send_in("b", 1, 2, "silent@example.com");
	wait_for(&server->messages, 2);
	mail_pool_recall(pool, "a");
	assert_int_equal(queue_length(replies), 2);
	mail_pool_recall(pool, NULL);
	for (int64_t i = 0; i < 4; i++) {
		struct mail_reply *reply = next_reply();

		assert_true(reply->untried);
		assert_int_equal(reply->tag, i < 2 ? 1 : 2);
		mail_reply_free(reply);
	}
}

static void test_a_lane_is_as_wide_as_it_says_and_no_wider(void **state)
{
	struct mail_reply *reply;

	(void)state;
	for (int i = 0; i < 5; i++)
		send_in("silent", 3, 8, "silent@example.com");
	wait_for(&server->messages, 3);
	/* The other two are in nobody's hands: who comes later is behind them. */
	send_in("silent", 3, 9, "ok@example.com");
	send_in("other", 1, 7, "ok@example.com");
	reply = next_reply();
	assert_int_equal(reply->tag, 7);
	mail_reply_free(reply);
	assert_int_equal(server->guest_count, 4);
	assert_int_equal(server->messages, 4);
}

static void test_lanes_share_no_session(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		send_in(i % 2 ? "one" : "two", 1, 7, "ok@example.com");
		mail_reply_free(next_reply());
	}
	assert_int_equal(server->guest_count, 2);
	assert_int_equal(server->messages, 6);
}

static void test_threads_end_when_they_are_idle(void **state)
{
	const size_t before = thread_count();

	(void)state;
	mail_pool_set_idle(pool, 50);
	for (int i = 0; i < 4; i++) {
		send_in(i % 2 ? "one" : "two", 2, 7, "ok@example.com");
		mail_reply_free(next_reply());
		/* The guests of the server end with them. */
		while (thread_count() > before)
			usleep(1000);
	}
	assert_int_equal(server->guest_count, 4);
}

static void test_over_the_cap_a_lane_waits_for_the_next_thread_that_ends(void **state)
{
	const int lanes = MAIL_THREADS_MAX + 2;
	int delivered = 0, timed_out = 0;

	(void)state;
	for (int i = 0; i < lanes; i++) {
		const bool silent = i < MAIL_THREADS_MAX;
		struct mail_request *request =
		    mail_to(silent ? "silent@example.com" : "ok@example.com");

		free(request->lane);
		request->lane = mem_printf("lane%d", i);
		request->width = 2;
		/* Those that wait have less time than they wait. */
		request->timeout_ms = silent ? 2000 : 1000;
		assert_true(mail_pool_send(pool, request));
	}
	for (int i = 0; i < lanes; i++) {
		struct mail_reply *reply = next_reply();

		delivered += reply->fault == NET_OK;
		timed_out += reply->fault == NET_TIMEOUT;
		mail_reply_free(reply);
	}
	assert_int_equal(delivered, 2);
	assert_int_equal(timed_out, MAIL_THREADS_MAX);
}

static void test_an_idle_thread_makes_room_for_a_lane_that_has_none(void **state)
{
	(void)state;
	mail_pool_set_idle(pool, 600000);
	for (int i = 0; i < MAIL_THREADS_MAX + 10; i++) {
		char lane[32];

		snprintf(lane, sizeof(lane), "lane%d", i);
		send_in(lane, 1, 7, "ok@example.com");
		mail_reply_free(next_reply());
	}
	assert_int_equal(server->messages, MAIL_THREADS_MAX + 10);
}

static void test_many_lanes_at_once_lose_nothing(void **state)
{
	(void)state;
	mail_pool_set_idle(pool, 1);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 20; i++) {
			char lane[32];

			snprintf(lane, sizeof(lane), "lane%d", i % 5);
			send_in(lane, 1 + i % 3, i, "ok@example.com");
		}
		for (int i = 0; i < 20; i++) {
			struct mail_reply *reply = next_reply();

			assert_int_equal(reply->fault, NET_OK);
			mail_reply_free(reply);
		}
	}
	assert_int_equal(server->messages, 200);
}

/* ---- tokens ---- */

static void write_token(const char *text)
{
	char path[80];
	FILE *file;

	snprintf(path, sizeof(path), "%s.new", token_path);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(rename(path, token_path), 0);
}

static struct mail_reply *deliver_with_token(void)
{
	struct mail_request *request = mail_to("ok@example.com");

	request->user = mem_strdup("u");
	request->password = mem_strdup("pw");
	request->token_file = mem_strdup(token_path);
	assert_true(mail_pool_send(pool, request));
	return next_reply();
}

static void test_a_token_logs_in_by_either_name(void **state)
{
	static const char *const offers[] = {"PLAIN XOAUTH2", "LOGIN OAUTHBEARER PLAIN XOAUTH2"};
	static const char *const used[] = {"AUTH XOAUTH2\n", "AUTH OAUTHBEARER\n"};

	(void)state;
	write_token("good1\n");
	for (int i = 0; i < 2; i++) {
		struct mail_reply *reply;

		offer = offers[i];
		reply = deliver_with_token();
		assert_int_equal(reply->fault, NET_OK);
		assert_non_null(strstr(wire, used[i]));
		assert_non_null(strstr(wire, "auth=Bearer good1|"));
		mail_reply_free(reply);
		pool = mail_pool_free(pool, WAIT_MS);
		pool = mail_pool_new(replies);
	}
}

static void test_a_new_token_opens_a_new_session(void **state)
{
	static const char *const tokens[] = {"good1", "good1\n", "good2\r\n", "good2"};

	(void)state;
	offer = "XOAUTH2";
	for (int i = 0; i < 4; i++) {
		struct mail_reply *reply;

		write_token(tokens[i]);
		reply = deliver_with_token();
		assert_int_equal(reply->fault, NET_OK);
		mail_reply_free(reply);
		assert_int_equal(server->guest_count, 1 + i / 2);
	}
	assert_non_null(strstr(wire, "auth=Bearer good2|"));
}

static void test_a_refused_token_is_a_refused_login(void **state)
{
	struct mail_reply *reply;
	char hash[SHA256_HEX_SIZE];
	struct error err;

	(void)state;
	offer = "XOAUTH2";
	write_token("bad");
	reply = deliver_with_token();
	assert_int_equal(reply->fault, NET_LOGIN);
	assert_int_equal(reply->code, 535);
	assert_int_equal(server->messages, 0);
	assert_int_equal(token_hash(token_path, hash, &err), STATUS_OK);
	assert_string_equal(reply->refused_token, hash);
	mail_reply_free(reply);
	/* A token that was taken is none that was refused. */
	write_token("good1");
	reply = deliver_with_token();
	assert_string_equal(reply->refused_token, "");
	mail_reply_free(reply);
}

static void test_no_server_talks_a_token_down_to_a_password(void **state)
{
	static const char *const offers[] = {"PLAIN", "LOGIN PLAIN CRAM-MD5 NTLM EXTERNAL"};

	(void)state;
	write_token("good1");
	for (int i = 0; i < 2; i++) {
		struct mail_reply *reply;

		offer = offers[i];
		reply = deliver_with_token();
		assert_int_equal(reply->fault, NET_LOGIN);
		assert_string_equal(reply->error,
				    "the server offers neither OAUTHBEARER nor XOAUTH2, as a "
				    "token needs");
		assert_null(strstr(wire, "AUTH"));
		assert_null(strstr(wire, "MAIL"));
		mail_reply_free(reply);
	}
}

static void test_a_password_is_given_in_no_other_way_than_we_know(void **state)
{
	static const char *const offers[] = {"NTLM DIGEST-MD5 GSSAPI EXTERNAL XOAUTH2",
					     "NTLM DIGEST-MD5 PLAIN LOGIN"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct mail_request *request = mail_to("ok@example.com");
		struct mail_reply *reply;

		offer = offers[i];
		request->user = mem_strdup("u");
		request->password = mem_strdup("pw");
		assert_true(mail_pool_send(pool, request));
		reply = next_reply();
		assert_int_equal(reply->fault, i == 0 ? NET_LOGIN : NET_OK);
		assert_true(strstr(reply->error, "none of CRAM-MD5, PLAIN and LOGIN") || i > 0);
		assert_true(strstr(wire, "AUTH PLAIN\n") || i == 0);
		assert_null(strstr(wire, "MD5"));
		mail_reply_free(reply);
	}
}

static void test_a_token_never_leaves_without_the_encryption_that_is_required(void **state)
{
	struct mail_request *request = mail_to("ok@example.com");
	struct mail_reply *reply;

	(void)state;
	offer = "XOAUTH2";
	write_token("good1");
	request->tls = MAIL_STARTTLS;
	request->user = mem_strdup("u");
	request->token_file = mem_strdup(token_path);
	assert_true(mail_pool_send(pool, request));
	reply = next_reply();
	assert_int_equal(reply->fault, NET_NO_TLS);
	assert_null(strstr(wire, "AUTH"));
	mail_reply_free(reply);
}

static void test_a_token_file_with_no_token_says_what_is_wrong(void **state)
{
	char *huge = mem_alloc(16384 + 2, 1);
	const struct {
		const char *text, *says;
	} files[] = {
	    {NULL, ": No such file or directory"},
	    {"", " is empty"},
	    {"\n", " is empty"},
	    {"good1\n\n", ": byte 5 is no printable ASCII"},
	    {"good 1\n", ": byte 4 is no printable ASCII"},
	    {"good\xc3\xa9", ": byte 4 is no printable ASCII"},
	    {huge, " is longer than 16384 bytes"},
	};

	(void)state;
	memset(huge, 'x', 16384 + 1);
	for (size_t i = 0; i <= sizeof(files) / sizeof(files[0]); i++) {
		const bool is_directory = i == sizeof(files) / sizeof(files[0]);
		struct mail_reply *reply;

		if (is_directory)
			assert_true(unlink(token_path) == 0 && mkdir(token_path, 0700) == 0);
		else if (files[i].text)
			write_token(files[i].text);
		reply = deliver_with_token();
		assert_int_equal(reply->fault, NET_TOKEN);
		assert_int_equal(reply->code, 0);
		assert_string_equal(reply->refused_token, "");
		assert_non_null(strstr(reply->error, token_path));
		assert_non_null(
		    strstr(reply->error, is_directory ? " is no regular file" : files[i].says));
		assert_null(strstr(reply->error, "good"));
		assert_string_equal(reply->text, "");
		mail_reply_free(reply);
	}
	rmdir(token_path);
	free(huge);
	assert_int_equal(server->guest_count, 0);
}

/* ---- safety ---- */

static void test_no_mail_goes_to_a_link_local_address(void **state)
{
	static const char *const urls[] = {"smtp://169.254.169.254", "smtp://[fe80::1]:25",
					   "smtp://[::ffff:169.254.169.254]", "smtp://0.0.0.0"};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct mail_request *request = mail_to("ok@example.com");
		struct mail_reply *reply;

		free(request->url);
		request->url = mem_strdup(urls[i]);
		assert_true(mail_pool_send(pool, request));
		reply = next_reply();
		assert_int_equal(reply->fault, NET_FORBIDDEN);
		assert_int_equal(reply->code, 0);
		assert_false(reply->sent_maybe);
		assert_non_null(strstr(reply->error, " address"));
		mail_reply_free(reply);
	}
}

static void test_a_server_that_talks_for_ever_is_cut_short(void **state)
{
	struct mail_reply *reply;

	(void)state;
	offer = "";
	reply = deliver("ok@example.com");
	assert_int_not_equal(reply->fault, NET_OK);
	assert_int_not_equal(reply->fault, NET_TIMEOUT);
	assert_false(reply->sent_maybe);
	mail_reply_free(reply);
}

/* ---- the end ---- */

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
	    T(test_a_hang_leaves_the_next_alone),
	    T(test_required_encryption_that_is_not_offered_sends_nothing),
	    T(test_a_wrong_password_tells_what_the_server_said),
	    T(test_a_login_is_not_shared_with_another),
	    T(test_two_mails_share_a_session),
	    T(test_a_session_the_server_gave_up_is_replaced),
	    T(test_a_refused_mail_leaves_the_next_alone),
	    T(test_no_address_can_add_a_command),
	    T(test_other_protocols_are_refused),
	    T(test_nobody_there_is_not_ambiguous),
	    T(test_a_silent_server_holds_up_no_other_lane),
	    T(test_what_is_called_back_is_of_one_lane_or_of_all),
	    T(test_a_lane_is_as_wide_as_it_says_and_no_wider),
	    T(test_lanes_share_no_session),
	    T(test_threads_end_when_they_are_idle),
	    T(test_over_the_cap_a_lane_waits_for_the_next_thread_that_ends),
	    T(test_an_idle_thread_makes_room_for_a_lane_that_has_none),
	    T(test_many_lanes_at_once_lose_nothing),
	    T(test_a_token_logs_in_by_either_name),
	    T(test_a_new_token_opens_a_new_session),
	    T(test_a_refused_token_is_a_refused_login),
	    T(test_no_server_talks_a_token_down_to_a_password),
	    T(test_a_password_is_given_in_no_other_way_than_we_know),
	    T(test_a_token_never_leaves_without_the_encryption_that_is_required),
	    T(test_a_token_file_with_no_token_says_what_is_wrong),
	    T(test_no_mail_goes_to_a_link_local_address),
	    T(test_a_server_that_talks_for_ever_is_cut_short),
	    T(test_what_outlasts_the_grace_is_cut_off_without_a_reply),
	    T(test_what_is_under_way_may_finish_within_the_grace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
