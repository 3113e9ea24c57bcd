/* The courier against a real server on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <netdb.h>
#include <semaphore.h>

#include "base/mem.h"
#include "net/http.h"
#include "server.h"

#define WAIT_MS 8000 /* until a test is given up */

static struct server *server;
static struct queue *replies;
static struct courier *courier;

/* ---- a resolver that hangs for one name, until it is let go ---- */

static sem_t let_go;

__attribute__((visibility("default"))) int getaddrinfo(const char *restrict name,
						       const char *restrict service,
						       const struct addrinfo *restrict hints,
						       struct addrinfo **restrict ret)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (strcmp(name, "stuck.invalid") == 0) {
		sem_wait(&let_go);
		return EAI_AGAIN;
	}
	if (strcmp(name, "nowhere.invalid") == 0)
		return EAI_NONAME;
	return real(name, service, hints, ret);
}

/* ---- the server ---- */

static void say_huge(int fd)
{
	char chunk[4096 + 16];

	memset(chunk, 'x', sizeof(chunk));
	memcpy(chunk, "1000\r\n", 6);
	memcpy(chunk + 6 + 4096, "\r\n", 3);
	say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 256; i++)
		say(fd, chunk);
	say(fd, "0\r\n\r\n");
}

static const struct {
	const char *path, *answer;
} answers[] = {
    {"/200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
    {"/204", "HTTP/1.1 204 No Content\r\n\r\n"},
    {"/302", "HTTP/1.1 302 Found\r\nLocation: /200\r\nContent-Length: 0\r\n\r\n"},
    {"/429", "HTTP/1.1 429 Slow\r\nRetry-After: 17\r\nContent-Length: 12\r\n\r\nrate_limited"},
    {"/500", "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"},
    {"/half", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok"},
    {"/headless", "HTTP/1.1 200 OK\r\nContent-Le"},
};

/* Answers a request; 0 ends the connection. */
static int answer(int fd, const char *path)
{
	char line[LINE_SIZE];

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (strcmp(path, answers[i].path) == 0)
			say(fd, answers[i].answer);
	if (strcmp(path, "/huge") == 0)
		say_huge(fd);
	if (strcmp(path, "/stall") == 0)
		while (hear(fd, line))
			;
	return strcmp(path, "/close") != 0 && path[1] != 'h';
}

static void serve_http(struct server *at, int fd)
{
	char line[LINE_SIZE], path[256], body[LINE_SIZE], heard[1 << 16];

	while (hear(fd, line) && sscanf(line, "POST %255s HTTP/1.1", path) == 1) {
		size_t len = 0;

		heard[0] = '\0';
		while (hear(fd, line) && line[0]) {
			strcat(strcat(heard, line), "\n");
			sscanf(line, "Content-Length: %zu", &len);
		}
		if (len > sizeof(body) ||
		    (len > 0 && recv(fd, body, len, MSG_WAITALL) != (ssize_t)len))
			return;
		strncat(heard, body, len);
		server_keep(at, heard);
		if (!answer(fd, path))
			return;
	}
}

/* ---- helpers ---- */

static int set_up(void **state)
{
	(void)state;
	server = server_start(serve_http);
	replies = queue_new(64);
	courier = courier_new(replies, "cadenced/1.2", NULL);
	return courier ? 0 : -1;
}

static int take_down(void **state)
{
	(void)state;
	courier = courier_free(courier, 0);
	queue_free(replies);
	server_stop(server);
	return 0;
}

static struct http_request *request_to(const char *path)
{
	char *url = mem_printf("http://127.0.0.1:%d%s", server->port, path);
	struct http_request *request = http_request_new(7, url);

	free(url);
	http_request_header(request, "Content-Type", "application/json");
	request->body = mem_strdup("{\"a\":1}");
	request->body_len = strlen(request->body);
	return request;
}

static struct http_reply *next_reply(void)
{
	struct http_reply *reply = queue_wait(replies, WAIT_MS);

	assert_non_null(reply);
	return reply;
}

static struct http_reply *post(const char *path)
{
	assert_true(courier_send(courier, request_to(path)));
	return next_reply();
}

/* ---- tests ---- */

static void test_a_post_arrives_and_its_answer_comes_back(void **state)
{
	struct http_reply *reply = post("/200");

	(void)state;
	assert_int_equal(reply->tag, 7);
	assert_int_equal(reply->fault, NET_OK);
	assert_int_equal(reply->status, 200);
	assert_string_equal(reply->body, "ok");
	assert_int_equal(reply->body_len, 2);
	assert_false(reply->sent_maybe);
	assert_false(reply->body_cut);
	assert_null(reply->retry_after);
	assert_non_null(strstr(server->last, "User-Agent: cadenced/1.2\n"));
	assert_non_null(strstr(server->last, "Content-Type: application/json\n"));
	assert_non_null(strstr(server->last, "{\"a\":1}"));
	assert_null(strstr(server->last, "Expect"));
	http_reply_free(reply);
}

static void test_an_answer_without_a_body_is_an_answer(void **state)
{
	struct http_reply *reply = post("/204");

	(void)state;
	assert_int_equal(reply->fault, NET_OK);
	assert_int_equal(reply->status, 204);
	assert_string_equal(reply->body, "");
	http_reply_free(reply);
}

static void test_a_redirect_is_not_followed(void **state)
{
	struct http_reply *reply = post("/302");

	(void)state;
	assert_int_equal(reply->status, 302);
	assert_string_equal(reply->location, "/200");
	assert_int_equal(server->messages, 1);
	http_reply_free(reply);
}

static void test_retry_after_comes_back_as_text(void **state)
{
	struct http_reply *reply = post("/429");

	(void)state;
	assert_int_equal(reply->status, 429);
	assert_string_equal(reply->retry_after, "17");
	assert_string_equal(reply->body, "rate_limited");
	http_reply_free(reply);
}

static void test_a_connection_that_ends_without_an_answer_is_ambiguous(void **state)
{
	static const char *const paths[] = {"/close", "/headless"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct http_reply *reply = post(paths[i]);

		assert_int_equal(reply->fault, NET_BROKEN);
		assert_int_equal(reply->status, 0);
		assert_true(reply->sent_maybe);
		http_reply_free(reply);
	}
}

static void test_a_body_that_breaks_off_leaves_the_status(void **state)
{
	struct http_reply *reply = post("/half");

	(void)state;
	assert_int_equal(reply->fault, NET_OK);
	assert_int_equal(reply->status, 200);
	assert_true(reply->body_cut);
	assert_string_equal(reply->body, "ok");
	http_reply_free(reply);
}

static void test_a_huge_body_is_cut_and_leaves_the_status(void **state)
{
	struct http_reply *reply = post("/huge");

	(void)state;
	assert_int_equal(reply->fault, NET_OK);
	assert_int_equal(reply->status, 200);
	assert_true(reply->body_cut);
	assert_int_equal(reply->body_len, HTTP_BODY_MAX);
	assert_int_equal(strlen(reply->body), HTTP_BODY_MAX);
	http_reply_free(reply);
}

static void test_a_server_that_stalls_times_out_ambiguously_and_delays_nobody(void **state)
{
	struct http_request *stalled = request_to("/stall");
	struct http_reply *reply;

	(void)state;
	stalled->tag = 8;
	stalled->timeout_ms = 300;
	assert_true(courier_send(courier, stalled));
	assert_true(courier_send(courier, request_to("/200")));
	reply = next_reply();
	assert_int_equal(reply->tag, 7);
	http_reply_free(reply);
	reply = next_reply();
	assert_int_equal(reply->tag, 8);
	assert_int_equal(reply->fault, NET_TIMEOUT);
	assert_true(reply->sent_maybe);
	http_reply_free(reply);
}

static void test_a_resolver_that_hangs_delays_nobody(void **state)
{
	struct http_request *stuck = http_request_new(9, "http://stuck.invalid/");
	struct http_reply *reply;

	(void)state;
	stuck->timeout_ms = 100;
	assert_true(courier_send(courier, stuck));
	reply = next_reply();
	assert_int_equal(reply->tag, 9);
	assert_int_not_equal(reply->fault, NET_OK);
	assert_false(reply->sent_maybe);
	http_reply_free(reply);
	/* It hangs still. */
	reply = post("/200");
	assert_int_equal(reply->status, 200);
	http_reply_free(reply);
	sem_post(&let_go);
}

static void test_nobody_there_is_not_ambiguous(void **state)
{
	struct http_reply *reply;

	(void)state;
	courier_send(courier, http_request_new(1, "http://nowhere.invalid/"));
	reply = next_reply();
	assert_int_equal(reply->fault, NET_RESOLVE);
	assert_false(reply->sent_maybe);
	http_reply_free(reply);
	courier_send(courier, http_request_new(1, "http://127.0.0.1:1/"));
	reply = next_reply();
	assert_int_equal(reply->fault, NET_CONNECT);
	assert_false(reply->sent_maybe);
	http_reply_free(reply);
}

static void test_what_cannot_be_sent_is_said_to_be_so(void **state)
{
	struct http_request *request = request_to("/200");
	static const char *const urls[] = {"file:///etc/passwd", "ftp://127.0.0.1/", "http://",
					   "http://127.0.0.1:1/a\r\nX: y"};
	struct http_reply *reply;

	(void)state;
	http_request_header(request, "X", "a\r\nY: b");
	courier_send(courier, request);
	reply = next_reply();
	assert_int_equal(reply->fault, NET_REQUEST);
	assert_int_equal(server->messages, 0);
	http_reply_free(reply);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		courier_send(courier, http_request_new(1, urls[i]));
		reply = next_reply();
		assert_int_equal(reply->fault, NET_REQUEST);
		http_reply_free(reply);
	}
}

static void test_a_server_without_tls_is_a_tls_fault(void **state)
{
	char *url = mem_printf("https://127.0.0.1:%d/200", server->port);
	struct http_reply *reply;

	(void)state;
	courier_send(courier, http_request_new(1, url));
	free(url);
	reply = next_reply();
	assert_int_equal(reply->fault, NET_TLS);
	assert_false(reply->sent_maybe);
	http_reply_free(reply);
}

static void test_a_proxy_in_the_environment_is_ignored(void **state)
{
	struct http_reply *reply;

	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	reply = post("/200");
	unsetenv("http_proxy");
	assert_int_equal(reply->status, 200);
	http_reply_free(reply);
}

static void test_a_connection_is_reused(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		http_reply_free(post("/200"));
	assert_int_equal(server->guest_count, 1);
	assert_int_equal(server->messages, 3);
}

static void test_what_is_under_way_may_finish_within_the_grace(void **state)
{
	struct http_request *stalled = request_to("/stall");
	struct http_reply *reply;

	(void)state;
	stalled->timeout_ms = 200;
	courier_send(courier, stalled);
	/* Until the server has it, so that it is under way and not waiting. */
	while (server->guest_count == 0)
		usleep(1000);
	courier = courier_free(courier, WAIT_MS);
	reply = queue_pop(replies);
	assert_non_null(reply);
	assert_int_equal(reply->fault, NET_TIMEOUT);
	http_reply_free(reply);
}

static void test_what_outlasts_the_grace_is_abandoned_without_a_reply(void **state)
{
	(void)state;
	courier_send(courier, request_to("/stall"));
	while (server->guest_count == 0)
		usleep(1000);
	courier = courier_free(courier, 10);
	assert_null(queue_pop(replies));
}

int main(void)
{
	sem_init(&let_go, 0, 0);
	alarm(60);
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, take_down)
	const struct CMUnitTest tests[] = {
	    T(test_a_post_arrives_and_its_answer_comes_back),
	    T(test_an_answer_without_a_body_is_an_answer),
	    T(test_a_redirect_is_not_followed),
	    T(test_retry_after_comes_back_as_text),
	    T(test_a_connection_that_ends_without_an_answer_is_ambiguous),
	    T(test_a_body_that_breaks_off_leaves_the_status),
	    T(test_a_huge_body_is_cut_and_leaves_the_status),
	    T(test_a_server_that_stalls_times_out_ambiguously_and_delays_nobody),
	    T(test_a_resolver_that_hangs_delays_nobody),
	    T(test_nobody_there_is_not_ambiguous),
	    T(test_what_cannot_be_sent_is_said_to_be_so),
	    T(test_a_server_without_tls_is_a_tls_fault),
	    T(test_a_proxy_in_the_environment_is_ignored),
	    T(test_a_connection_is_reused),
	    T(test_what_is_under_way_may_finish_within_the_grace),
	    T(test_what_outlasts_the_grace_is_abandoned_without_a_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
