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
static const char *_Atomic connect_answer; /* to CONNECT; NULL: none */

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
	return real(strcmp(name, "metadata.invalid") == 0 ? "169.254.169.254" : name, service,
		    hints, ret);
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

static void say_headers_for_ever(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\n");
	while (send(fd, "X-More: and more\r\n", 18, MSG_NOSIGNAL) == 18)
		;
}

static void say_a_header_for_ever(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\nX-More: ");
	while (send(fd, "and more and more ", 18, MSG_NOSIGNAL) == 18)
		;
}

static void promise_for_ever(int fd)
{
	while (send(fd, "HTTP/1.1 100 Go on\r\n\r\n", 23, MSG_NOSIGNAL) == 23)
		;
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
	if (strcmp(path, "/heads") == 0)
		say_headers_for_ever(fd);
	if (strcmp(path, "/head") == 0)
		say_a_header_for_ever(fd);
	if (strcmp(path, "/hundred") == 0)
		promise_for_ever(fd);
	if (strcmp(path, "/stall") == 0)
		while (hear(fd, line))
			;
	return strcmp(path, "/close") != 0 && path[1] != 'h';
}

static void serve_http(struct server *at, int fd)
{
	char line[LINE_SIZE], path[256], body[LINE_SIZE], heard[1 << 16];

	while (hear(fd, line) && sscanf(line, "%*s %255s HTTP/1.1", path) == 1) {
		size_t len = 0;

		strcat(strcpy(heard, line), "\n");
		while (hear(fd, line) && line[0]) {
			strcat(strcat(heard, line), "\n");
			sscanf(line, "Content-Length: %zu", &len);
		}
		if (len > sizeof(body) ||
		    (len > 0 && recv(fd, body, len, MSG_WAITALL) != (ssize_t)len))
			return;
		strncat(heard, body, len);
		server_keep(at, heard);
		if (strncmp(heard, "CONNECT", 7) == 0)
			say(fd, connect_answer);
		else if (!answer(fd, strncmp(path, "http://", 7) == 0 ? strrchr(path, '/') : path))
			return;
	}
}

/* ---- helpers ---- */

static int set_up(void **state)
{
	(void)state;
	server = server_start(serve_http);
	replies = queue_new(256);
	connect_answer = NULL;
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

static void test_a_put_arrives_as_a_put(void **state)
{
	struct http_request *request = request_to("/200");
	struct http_reply *reply;

	(void)state;
	request->method = "PUT";
	courier_send(courier, request);
	reply = next_reply();
	assert_int_equal(reply->status, 200);
	assert_int_equal(strncmp(server->last, "PUT /200 HTTP/1.1\n", 18), 0);
	assert_non_null(strstr(server->last, "Content-Length: 7\n"));
	assert_non_null(strstr(server->last, "{\"a\":1}"));
	http_reply_free(reply);
	/* The same handle. */
	reply = post("/200");
	assert_int_equal(strncmp(server->last, "POST /200 HTTP/1.1\n", 19), 0);
	http_reply_free(reply);
	request = request_to("/200");
	request->method = "PUT / HTTP/1.1\r\nX:";
	courier_send(courier, request);
	reply = next_reply();
	assert_int_equal(reply->fault, NET_REQUEST);
	http_reply_free(reply);
}

static struct http_reply *send_by_proxy(const char *url, const char *proxy)
{
	struct http_request *request = http_request_new(7, url);

	http_request_header(request, "Authorization", "Bearer secret");
	request->proxy = proxy ? mem_strdup(proxy) : NULL;
	request->body = mem_strdup("hi");
	request->body_len = 2;
	courier_send(courier, request);
	return next_reply();
}

static void test_a_proxy_that_is_named_is_used(void **state)
{
	char *proxy = mem_printf("http://127.0.0.1:%d", server->port);
	struct http_reply *reply;

	(void)state;
	setenv("no_proxy", "*", 1);
	reply = send_by_proxy("http://far.invalid/200", proxy);
	unsetenv("no_proxy");
	assert_int_equal(reply->fault, NET_OK);
	assert_int_equal(strncmp(server->last, "POST http://far.invalid/200 HTTP/1.1\n", 37), 0);
	http_reply_free(reply);
	/* It is for that request only. */
	reply = send_by_proxy("http://nowhere.invalid/200", NULL);
	assert_int_equal(reply->fault, NET_RESOLVE);
	http_reply_free(reply);
	free(proxy);
}

static void test_a_proxy_that_refuses_is_no_answer_and_hears_no_secret(void **state)
{
	static const struct {
		const char *answer;
		enum net_fault fault;
	} refusals[] = {{"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", NET_CONNECT},
			{"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n", NET_LOGIN},
			{"HTTP/1.1 502 Gone\r\n\r\n", NET_CONNECT}};
	char *proxy = mem_printf("http://127.0.0.1:%d", server->port);

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct http_reply *reply;

		connect_answer = refusals[i].answer;
		reply = send_by_proxy("https://far.invalid:1/", proxy);
		assert_int_equal(reply->fault, refusals[i].fault);
		assert_int_equal(reply->status, 0);
		assert_false(reply->sent_maybe);
		assert_non_null(strstr(server->last, "CONNECT far.invalid:1 HTTP/1.1\n"));
		assert_null(strstr(server->last, "secret"));
		http_reply_free(reply);
	}
	/* What it says of itself is not the answer of the server behind it, which is none. */
	connect_answer = "HTTP/1.1 200 Ok\r\n\r\n";
	{
		struct http_reply *reply = send_by_proxy("https://far.invalid:1/", proxy);

		assert_int_not_equal(reply->fault, NET_OK);
		assert_int_equal(reply->status, 0);
		http_reply_free(reply);
	}
	free(proxy);
}

static void test_no_request_goes_to_a_link_local_address(void **state)
{
	static const struct {
		const char *url, *proxy, *why;
	} places[] = {
	    {"http://169.254.169.254/", NULL, "169.254.169.254 is a link-local address"},
	    {"http://[fe80::1]/", NULL, "fe80::1 is a link-local address"},
	    {"http://[::ffff:169.254.1.1]/", NULL, "::ffff:169.254.1.1 is a link-local address"},
	    {"http://[64:ff9b::a9fe:a9fe]/", NULL, "64:ff9b::a9fe:a9fe is a link-local address"},
	    {"http://0xa9fea9fe/", NULL, "169.254.169.254 is a link-local address"},
	    {"http://[fd00:ec2::254]/", NULL, "fd00:ec2::254 is a metadata address"},
	    {"http://100.100.100.200/", NULL, "100.100.100.200 is a metadata address"},
	    {"http://0.0.0.0/", NULL, "0.0.0.0 is an unspecified address"},
	    {"http://[::]/", NULL, ":: is an unspecified address"},
	    {"http://224.0.0.1/", NULL, "224.0.0.1 is a multicast address"},
	    {"http://[ff02::1]/", NULL, "ff02::1 is a multicast address"},
	    {"http://255.255.255.255/", NULL, "255.255.255.255 is a broadcast address"},
	    {"http://metadata.invalid/", NULL, "169.254.169.254 is a link-local address"},
	    {"http://127.0.0.1/", "http://169.254.1.1", "169.254.1.1 is a link-local address"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct http_reply *reply = send_by_proxy(places[i].url, places[i].proxy);

		assert_int_equal(reply->fault, NET_FORBIDDEN);
		assert_string_equal(reply->error, places[i].why);
		assert_int_equal(reply->status, 0);
		assert_false(reply->sent_maybe);
		http_reply_free(reply);
	}
	/* Also by a handle that was refused before. */
	http_reply_free(post("/200"));
	assert_int_equal(server->messages, 1);
}

static void test_headers_without_end_are_no_answer(void **state)
{
	static const char *const paths[] = {"/heads", "/head", "/hundred"};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct http_reply *reply = post(paths[i]);

		assert_int_not_equal(reply->fault, NET_OK);
		assert_int_not_equal(reply->fault, NET_TIMEOUT);
		assert_int_equal(reply->status, 0);
		assert_true(reply->sent_maybe);
		http_reply_free(reply);
	}
}

static void test_a_hundred_requests_at_once_are_answered(void **state)
{
	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 100; i++)
			assert_true(courier_send(courier, request_to("/200")));
		for (int i = 0; i < 100; i++) {
			struct http_reply *reply = next_reply();

			assert_int_equal(reply->status, 200);
			http_reply_free(reply);
		}
	}
}

static void test_a_connection_is_reused(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		http_reply_free(post("/200"));
	assert_int_equal(server->guest_count, 1);
	assert_int_equal(server->messages, 3);
}

static void test_a_kept_connection_that_ends_without_an_answer_is_not_posted_to_again(void **state)
{
	static const char *const paths[] = {"/close", "/headless"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct http_reply *reply;
		int before;

		/* Others are kept too, and libcurl would turn to them. */
		for (int j = 0; j < 8; j++)
			assert_true(courier_send(courier, request_to("/200")));
		for (int j = 0; j < 8; j++)
			http_reply_free(next_reply());
		before = server->messages;
		reply = post(paths[i]);
		assert_int_equal(reply->fault, NET_BROKEN);
		assert_true(reply->sent_maybe);
		assert_int_equal(server->messages, before + 1);
		http_reply_free(reply);
	}
}

static void test_an_only_connection_that_ends_without_an_answer_is_not_made_again(void **state)
{
	struct http_reply *reply;

	(void)state;
	http_reply_free(post("/200"));
	reply = post("/close");
	assert_int_equal(reply->fault, NET_BROKEN);
	assert_true(reply->sent_maybe);
	assert_int_equal(server->messages, 2);
	assert_int_equal(server->guest_count, 1);
	http_reply_free(reply);
}

static void test_a_kept_connection_that_was_closed_meanwhile_is_made_again(void **state)
{
	(void)state;
	http_reply_free(post("/204"));
	for (int i = 0; i < server->guest_count; i++)
		shutdown(server->guests[i].fd, SHUT_RDWR);
	usleep(20000);
	struct http_reply *reply = post("/200");
	assert_int_equal(reply->status, 200);
	assert_int_equal(server->messages, 2);
	assert_int_equal(server->guest_count, 2);
	http_reply_free(reply);
}

static void test_a_connection_is_reused_however_many_others_hang(void **state)
{
	(void)state;
	http_reply_free(post("/200"));
	for (int i = 0; i < 100; i++)
		assert_true(courier_send(courier, request_to("/stall")));
	while (server->messages < 101)
		usleep(1000);
	for (int i = 0; i < 3; i++)
		http_reply_free(post("/200"));
	assert_in_range(server->guest_count, 101, 102);
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
	    T(test_a_put_arrives_as_a_put),
	    T(test_a_proxy_that_is_named_is_used),
	    T(test_a_proxy_that_refuses_is_no_answer_and_hears_no_secret),
	    T(test_no_request_goes_to_a_link_local_address),
	    T(test_headers_without_end_are_no_answer),
	    T(test_a_hundred_requests_at_once_are_answered),
	    T(test_a_connection_is_reused),
	    T(test_a_kept_connection_that_ends_without_an_answer_is_not_posted_to_again),
	    T(test_an_only_connection_that_ends_without_an_answer_is_not_made_again),
	    T(test_a_kept_connection_that_was_closed_meanwhile_is_made_again),
	    T(test_a_connection_is_reused_however_many_others_hang),
	    T(test_what_is_under_way_may_finish_within_the_grace),
	    T(test_what_outlasts_the_grace_is_abandoned_without_a_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
