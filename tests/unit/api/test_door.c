/* A connection comes and goes, and nothing of it stays: no descriptor, and no event on a closed
 * one, which would swallow what comes for the next owner of its number. */
#include "api/door.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

#define TURNS_MAX 200
#define REQUEST	  "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
#define GARBAGE	  "\r\n\r\nwhat?\r\n\r\n"

struct house {
	struct event_base *base;
	struct evhttp *http;
	struct door *door;
	char dir[32], *path;
};

static int warnings;

static void note_warning(int severity, const char *text)
{
	if (severity >= EVENT_LOG_WARN) {
		warnings++;
		print_message("%s\n", text);
	}
}

static void answer(struct evhttp_request *request, void *arg)
{
	struct house *house = arg;
	struct evbuffer *buffer = evbuffer_new();

	door_wait(house->door, evhttp_request_get_connection(request));
	evbuffer_add_printf(buffer, "{}");
	evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close");
	evhttp_send_reply(request, 200, NULL, buffer);
	evbuffer_free(buffer);
}

static int build(void **state)
{
	struct house *house = mem_alloc(1, sizeof(*house));
	struct error err = {""};

	strcpy(house->dir, "/tmp/cadence-door-XXXXXX");
	assert_non_null(mkdtemp(house->dir));
	house->path = mem_printf("%s/s", house->dir);
	house->base = event_base_new();
	house->http = evhttp_new(house->base);
	evhttp_set_timeout(house->http, 1);
	evhttp_set_gencb(house->http, answer, house);
	assert_int_equal(door_open(house->base, house->http, house->path, -1, &house->door, &err),
			 STATUS_OK);
	event_set_log_callback(note_warning);
	warnings = 0;
	*state = house;
	return 0;
}

static int demolish(void **state)
{
	struct house *house = *state;

	door_close(house->door);
	evhttp_free(house->http);
	door_free(house->door);
	event_base_free(house->base);
	rmdir(house->dir);
	free(house->path);
	free(house);
	return 0;
}

static int knock(const struct house *house, const char *words)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, house->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(fd, words, strlen(words), MSG_NOSIGNAL), (ssize_t)strlen(words));
	return fd;
}

/* Turns the loop until the other side says no more. */
static void hear_out(const struct house *house, int fd)
{
	char bytes[4096];
	ssize_t got = -1;

	for (int i = 0; i < TURNS_MAX && got != 0; i++) {
		event_base_loop(house->base, EVLOOP_NONBLOCK);
		got = read(fd, bytes, sizeof(bytes));
		if (got < 0 && errno != EAGAIN)
			got = 0;
		if (got != 0)
			usleep(1000);
	}
	assert_int_equal(got, 0);
	event_base_loop(house->base, EVLOOP_NONBLOCK);
}

static int count_open(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) != -1;
	return count;
}

static int note_lost(const struct event_base *base, const struct event *event, void *arg)
{
	const int fd = event_get_fd(event);

	(void)base;
	if (fd >= 0 && fcntl(fd, F_GETFD) == -1)
		++*(int *)arg;
	return 0;
}

static int count_events_on_closed(const struct house *house)
{
	int count = 0;

	event_base_foreach_event(house->base, note_lost, &count);
	return count;
}

static void test_no_event_is_left_on_a_closed_descriptor(void **state)
{
	static const char *const words[] = {REQUEST, GARBAGE, REQUEST REQUEST};
	struct house *house = *state;
	const struct timeval idle = {.tv_sec = 1, .tv_usec = 300000};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const int fd = knock(house, words[i]);

		hear_out(house, fd);
		assert_int_equal(count_events_on_closed(house), 0);
		close(fd);
		event_base_loop(house->base, EVLOOP_NONBLOCK);
		assert_int_equal(count_events_on_closed(house), 0);
	}
	/* Past the timeout of evhttp. */
	event_base_loopexit(house->base, &idle);
	event_base_dispatch(house->base);
	assert_int_equal(warnings, 0);
}

static void test_who_was_answered_leaves_no_descriptor(void **state)
{
	struct house *house = *state;
	const int before = count_open();

	for (int i = 0; i < 3; i++) {
		const int fd = knock(house, REQUEST);

		hear_out(house, fd);
		close(fd);
	}
	assert_int_equal(count_open(), before);
}

static void count_byte(evutil_socket_t fd, short what, void *arg)
{
	char byte;

	(void)what;
	*(int *)arg += read(fd, &byte, 1) == 1;
}

static void test_the_next_owner_of_a_number_is_heard(void **state)
{
	struct house *house = *state;
	const int fd = knock(house, REQUEST);
	struct event *events[2];
	int pair[2], heard = 0;

	hear_out(house, fd);
	/* Takes the lowest free numbers, that of the connection among them. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	for (int i = 0; i < 2; i++) {
		events[i] =
		    event_new(house->base, pair[i], EV_READ | EV_PERSIST, count_byte, &heard);
		event_add(events[i], NULL);
		assert_int_equal(write(pair[1 - i], "x", 1), 1);
	}
	for (int i = 0; i < 5; i++)
		event_base_loop(house->base, EVLOOP_NONBLOCK);
	assert_int_equal(heard, 2);
	for (int i = 0; i < 2; i++) {
		event_free(events[i]);
		close(pair[i]);
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_no_event_is_left_on_a_closed_descriptor, build,
					    demolish),
	    cmocka_unit_test_setup_teardown(test_who_was_answered_leaves_no_descriptor, build,
					    demolish),
	    cmocka_unit_test_setup_teardown(test_the_next_owner_of_a_number_is_heard, build,
					    demolish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
