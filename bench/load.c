/* Contacts through the control socket, as fast as the daemon takes them.
 *
 * Usage: load SOCKET COUNT AT_A_TIME FIRST. Contact i is a call with partner p<i % 1000>, named
 * x<i>. Prints a line of JSON: how many were taken, and in how many seconds. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#define PARTNERS 1000

struct load {
	struct event_base *base;
	struct sockaddr_un at;
	long next, end, under_way, taken;
};

struct call {
	struct load *load;
	struct bufferevent *io;
};

static double seconds(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void start(struct load *load);

static void finish(struct call *call)
{
	struct load *load = call->load;
	char head[16] = "";

	evbuffer_copyout(bufferevent_get_input(call->io), head, sizeof(head) - 1);
	load->taken += strncmp(head, "HTTP/1.1 2", 10) == 0;
	bufferevent_free(call->io);
	free(call);
	load->under_way--;
	start(load);
	if (load->under_way == 0)
		event_base_loopbreak(load->base);
}

static void on_event(struct bufferevent *io, short what, void *arg)
{
	(void)io;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		finish(arg);
}

static void start(struct load *load)
{
	struct call *call;
	char body[128], head[256];
	long number = load->next;

	if (number >= load->end)
		return;
	load->next++;
	call = calloc(1, sizeof(*call));
	if (!call)
		abort();
	call->load = load;
	call->io = bufferevent_socket_new(load->base, -1, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(call->io, NULL, NULL, on_event, call);
	bufferevent_enable(call->io, EV_READ | EV_WRITE);
	const int body_len =
	    snprintf(body, sizeof(body),
		     "{\"kind\":\"call\",\"day\":\"2026-11-20\",\"ext_id\":\"x%ld\"}", number);
	snprintf(head, sizeof(head),
		 "POST /v1/partners/p%ld/contacts HTTP/1.1\r\nHost: x\r\nContent-Type: "
		 "application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
		 number % PARTNERS, body_len);
	bufferevent_write(call->io, head, strlen(head));
	bufferevent_write(call->io, body, (size_t)body_len);
	if (bufferevent_socket_connect(call->io, (struct sockaddr *)&load->at, sizeof(load->at)) !=
	    0)
		abort();
	load->under_way++;
}

int main(int argc, char **argv)
{
	struct load load = {.at = {.sun_family = AF_UNIX}};

	if (argc != 5 || strlen(argv[1]) >= sizeof(load.at.sun_path)) {
		fputs("Usage: load SOCKET COUNT AT_A_TIME FIRST\n", stderr);
		return 64;
	}
	strcpy(load.at.sun_path, argv[1]);
	load.base = event_base_new();
	load.next = atol(argv[4]);
	load.end = load.next + atol(argv[2]);
	const double begin = seconds();
	for (long i = 0; i < atol(argv[3]); i++)
		start(&load);
	event_base_dispatch(load.base);
	printf("{\"taken\": %ld, \"seconds\": %.6f}\n", load.taken, seconds() - begin);
	return 0;
}
