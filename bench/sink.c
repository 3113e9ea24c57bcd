/* A server on loopback that takes whatever it is sent, as fast as it can: what is measured is the
 * sender.
 *
 * Usage: sink http|smtp DELAY_MS. Prints its port; at SIGTERM what it took, as a line of JSON:
 * how many, how many different ones (by webhook-id or Message-ID), and how long from the first to
 * the last. */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define IDS_MAX	 (1 << 18) /* slots of the table of ids; a quarter may be used */
#define HEAD_MAX 16384

struct sink {
	struct event_base *base;
	bool smtp;
	int delay_ms;
	long taken, different, connections;
	double first, last;
	uint64_t ids[IDS_MAX];
};

/* One connection. */
struct guest {
	struct sink *sink;
	struct bufferevent *io;
	struct event *later; /* the answer that is held back */
	bool in_data;	     /* smtp: between DATA and the dot */
};

static double seconds(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static uint64_t hash(const char *s, size_t len)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 1099511628211u;
	return h ? h : 1;
}

/* Counts a message by what names it. */
static void count(struct sink *sink, const char *id, size_t len)
{
	const uint64_t h = hash(id, len);
	size_t at = h % IDS_MAX;

	sink->last = seconds();
	if (sink->taken++ == 0)
		sink->first = sink->last;
	while (sink->ids[at] && sink->ids[at] != h)
		at = (at + 1) % IDS_MAX;
	if (!sink->ids[at]) {
		sink->ids[at] = h;
		sink->different++;
	}
}

/* The value of a header in a head that ends with NUL; its length 0 when it is not there. */
static const char *header(const char *head, const char *name, size_t *ret_len)
{
	const size_t len = strlen(name);

	for (const char *line = head; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
			line += len + 1;
			line += strspn(line, " ");
			*ret_len = strcspn(line, "\r\n");
			return line;
		}
	}
	*ret_len = 0;
	return "";
}

static void say(struct guest *guest, const char *text)
{
	bufferevent_write(guest->io, text, strlen(text));
}

#define HTTP_OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static void say_ok(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	say(arg, HTTP_OK);
}

static void answer(struct guest *guest)
{
	const struct timeval delay = {.tv_sec = guest->sink->delay_ms / 1000,
				      .tv_usec = guest->sink->delay_ms % 1000 * 1000};

	if (guest->sink->delay_ms > 0)
		event_add(guest->later, &delay);
	else
		say(guest, HTTP_OK);
}

/* One request, when all of it is there. */
static bool take_request(struct guest *guest, struct evbuffer *in)
{
	const struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	char head[HEAD_MAX];
	size_t len, body, id_len;

	if (end.pos < 0 || (size_t)end.pos >= sizeof(head))
		return false;
	evbuffer_copyout(in, head, (size_t)end.pos);
	head[end.pos] = '\0';
	body = strtoul(header(head, "content-length", &len), NULL, 10);
	if (evbuffer_get_length(in) < (size_t)end.pos + 4 + body)
		return false;
	evbuffer_drain(in, (size_t)end.pos + 4 + body);
	const char *id = header(head, "webhook-id", &id_len);
	count(guest->sink, id, id_len);
	answer(guest);
	return true;
}

static bool take_line(struct guest *guest, struct evbuffer *in)
{
	size_t len;
	char *line = evbuffer_readln(in, &len, EVBUFFER_EOL_CRLF_STRICT);

	if (!line)
		return false;
	if (guest->in_data) {
		if (strncasecmp(line, "Message-ID:", 11) == 0)
			count(guest->sink, line, len);
		if (strcmp(line, ".") == 0) {
			guest->in_data = false;
			say(guest, "250 2.0.0 taken\r\n");
		}
	} else if (strncasecmp(line, "EHLO", 4) == 0) {
		say(guest, "250-sink\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n");
	} else if (strncasecmp(line, "DATA", 4) == 0) {
		guest->in_data = true;
		say(guest, "354 go on\r\n");
	} else if (strncasecmp(line, "QUIT", 4) == 0) {
		say(guest, "221 bye\r\n");
	} else {
		say(guest, "250 ok\r\n");
	}
	free(line);
	return true;
}

static void on_read(struct bufferevent *io, void *arg)
{
	struct guest *guest = arg;
	struct evbuffer *in = bufferevent_get_input(io);

	while (guest->sink->smtp ? take_line(guest, in) : take_request(guest, in))
		;
}

static void on_event(struct bufferevent *io, short what, void *arg)
{
	struct guest *guest = arg;

	if (!(what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)))
		return;
	event_free(guest->later);
	bufferevent_free(io);
	free(guest);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
		      int len, void *arg)
{
	struct sink *sink = arg;
	struct guest *guest = calloc(1, sizeof(*guest));
	const int one = 1;

	(void)listener;
	(void)from;
	(void)len;
	if (!guest)
		abort();
	sink->connections++;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	guest->sink = sink;
	guest->io = bufferevent_socket_new(sink->base, fd, BEV_OPT_CLOSE_ON_FREE);
	guest->later = evtimer_new(sink->base, say_ok, guest);
	bufferevent_setcb(guest->io, on_read, NULL, on_event, guest);
	bufferevent_enable(guest->io, EV_READ | EV_WRITE);
	if (sink->smtp)
		say(guest, "220 sink\r\n");
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(((struct sink *)arg)->base);
}

int main(int argc, char **argv)
{
	static struct sink sink;
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(at);

	if (argc != 3) {
		fputs("Usage: sink http|smtp DELAY_MS\n", stderr);
		return 64;
	}
	/* A sender that has hung up is no end. */
	signal(SIGPIPE, SIG_IGN);
	sink.smtp = strcmp(argv[1], "smtp") == 0;
	sink.delay_ms = atoi(argv[2]);
	sink.base = event_base_new();
	struct evconnlistener *listener = evconnlistener_new_bind(
	    sink.base, on_accept, &sink, LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE, 1024,
	    (struct sockaddr *)&at, sizeof(at));
	struct event *term = evsignal_new(sink.base, SIGTERM, on_term, &sink);
	if (!listener || !term ||
	    getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&at, &len) != 0) {
		perror("sink");
		return 1;
	}
	event_add(term, NULL);
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	event_base_dispatch(sink.base);
	printf("{\"taken\": %ld, \"different\": %ld, \"connections\": %ld, \"seconds\": %.6f}\n",
	       sink.taken, sink.different, sink.connections, sink.last - sink.first);
	return 0;
}
