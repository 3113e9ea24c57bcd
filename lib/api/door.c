/* Accepts, counts, and shows out. */
#include "api/door.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define DEADLINE_S	30
#define PAUSE_S		1
#define BACKLOG		128
#define CONNECTIONS_MAX 200
#define SOCKET_MODE	0660
#define PIECE_MAX	512 /* bytes of a head that are looked at together */
#define NO_DEADLINE	INT64_MAX

/* A connection. We hold a reference to its bufferevent, so that looking at it is safe after evhttp
 * has let go. Its events stay in the loop until we let go too: so the descriptor is closed with the
 * bufferevent, and never before. */
struct guest {
	struct bufferevent *bev;
	int64_t deadline; /* monotonic, in ms */
	/* Of the head of its request, which is the only one: every answer closes. */
	enum { HEAD_IN_LINE, HEAD_AT_LINE, HEAD_OVER } head;
	bool folded, has_nul;
	struct guest *next;
};

struct door {
	struct event_base *base;
	struct evconnlistener *listener; /* evhttp's, in the end */
	struct event *marker;		 /* how on_accept_error() finds the door */
	struct event *resume;
	struct event *deadline;
	struct guest *guests;
	size_t guest_count;
	char *path; /* NULL: not ours to unlink */
};

static int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the head ---- */

static void look_at(struct guest *guest, char c)
{
	if (c == '\0')
		guest->has_nul = true;
	if (guest->head == HEAD_AT_LINE && (c == ' ' || c == '\t'))
		guest->folded = true;
	if (c == '\r')
		return;
	if (c == '\n')
		guest->head = guest->head == HEAD_AT_LINE ? HEAD_OVER : HEAD_AT_LINE;
	else
		guest->head = HEAD_IN_LINE;
}

/* Sees the bytes as they arrive, before evhttp reads them. */
static void on_bytes(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	struct guest *guest = arg;
	size_t at = info->orig_size, left = info->n_added;
	char piece[PIECE_MAX];
	struct evbuffer_ptr from;

	while (left > 0 && guest->head != HEAD_OVER) {
		const size_t want = left < sizeof(piece) ? left : sizeof(piece);
		ssize_t got = 0;

		if (evbuffer_ptr_set(input, &from, at, EVBUFFER_PTR_SET) == 0)
			got = evbuffer_copyout_from(input, &from, piece, want);
		if (got <= 0)
			return;
		for (ssize_t i = 0; i < got && guest->head != HEAD_OVER; i++)
			look_at(guest, piece[i]);
		at += (size_t)got;
		left -= (size_t)got;
	}
}

/* Whoever has written the whole answer lets go next: then it is our turn. What leaves in another
 * way is found when the timer comes. */
static void on_written(struct evbuffer *output, const struct evbuffer_cb_info *info, void *arg)
{
	const struct door *door = arg;

	if (info->n_deleted > 0 && evbuffer_get_length(output) == 0)
		event_active(door->deadline, EV_TIMEOUT, 0);
}

/* ---- guests ---- */

/* evhttp always has an error callback set while the connection is its own. */
static bool has_left(struct bufferevent *bev)
{
	bufferevent_event_cb on_event = NULL;

	bufferevent_getcb(bev, NULL, NULL, &on_event, NULL);
	return !on_event;
}

static void forget(struct door *door, struct guest *guest)
{
	evbuffer_remove_cb(bufferevent_get_input(guest->bev), on_bytes, guest);
	evbuffer_remove_cb(bufferevent_get_output(guest->bev), on_written, door);
	bufferevent_decref(guest->bev);
	free(guest);
}

static void forget_left(struct door *door)
{
	for (struct guest **at = &door->guests; *at;) {
		struct guest *guest = *at;

		if (!has_left(guest->bev)) {
			at = &guest->next;
			continue;
		}
		*at = guest->next;
		forget(door, guest);
		door->guest_count--;
	}
}

static struct guest *find_guest(const struct door *door, struct evhttp_connection *connection)
{
	const struct bufferevent *bev = evhttp_connection_get_bufferevent(connection);
	struct guest *guest = door->guests;

	while (guest && guest->bev != bev)
		guest = guest->next;
	return guest;
}

enum status door_check_head(const struct door *door, struct evhttp_connection *connection,
			    struct error *err)
{
	const struct guest *guest = find_guest(door, connection);

	if (guest && guest->has_nul)
		return error_fail(err, STATUS_INVALID, "the head of the request holds a NUL");
	if (guest && guest->folded)
		return error_fail(err, STATUS_INVALID,
				  "a header goes on in the next line; write it in one");
	return STATUS_OK;
}

/* ---- deadlines ---- */

/* One timer for all, and none when nobody is there. Who has no deadline may have left all the same.
 */
static void arm(struct door *door)
{
	int64_t first = monotonic_ms() + DEADLINE_S * 1000;
	struct timeval wait = {0};

	if (!door->guests) {
		evtimer_del(door->deadline);
		return;
	}
	for (const struct guest *guest = door->guests; guest; guest = guest->next)
		if (guest->deadline < first)
			first = guest->deadline;
	first -= monotonic_ms();
	if (first > 0) {
		wait.tv_sec = first / 1000;
		wait.tv_usec = first % 1000 * 1000;
	}
	evtimer_add(door->deadline, &wait);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct door *door = arg;
	const int64_t now = monotonic_ms();

	(void)fd;
	(void)what;
	forget_left(door);
	for (struct guest *guest = door->guests; guest; guest = guest->next) {
		if (guest->deadline > now)
			continue;
		/* evhttp sees the end of the stream and closes. */
		shutdown(bufferevent_getfd(guest->bev), SHUT_RDWR);
		guest->deadline = NO_DEADLINE;
	}
	arm(door);
}

static void pause_accepting(struct door *door)
{
	const struct timeval pause = {.tv_sec = PAUSE_S};

	evconnlistener_disable(door->listener);
	evtimer_add(door->resume, &pause);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct door *door = arg;

	(void)fd;
	(void)what;
	forget_left(door);
	if (door->guest_count < CONNECTIONS_MAX)
		evconnlistener_enable(door->listener);
	else
		pause_accepting(door);
}

/* Never called: a listening socket is not closed by another side. */
static void on_marker(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static int find_door(const struct event_base *base, const struct event *event, void *arg)
{
	struct door **door = arg;

	(void)base;
	if (event_get_callback(event) != on_marker)
		return 0;
	*door = event_get_callback_arg(event);
	return 1;
}

/* Out of descriptors, mostly: without a pause the listener would spin. What libevent hands over
 * here is evhttp's own argument, not ours, so the door is looked up by its marker. */
static void on_accept_error(struct evconnlistener *listener, void *http)
{
	struct door *door = NULL;

	(void)http;
	event_base_foreach_event(evconnlistener_get_base(listener), find_door, &door);
	if (door)
		pause_accepting(door);
	else
		evconnlistener_disable(listener);
}

/* Called by evhttp for each connection it has accepted. */
static struct bufferevent *welcome(struct event_base *base, void *arg)
{
	struct door *door = arg;
	struct bufferevent *bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	struct guest *guest;

	if (!bev)
		return NULL;
	forget_left(door);
	guest = mem_alloc(1, sizeof(*guest));
	*guest = (struct guest){
	    .bev = bev, .deadline = monotonic_ms() + DEADLINE_S * 1000, .next = door->guests};
	bufferevent_incref(bev);
	evbuffer_add_cb(bufferevent_get_input(bev), on_bytes, guest);
	evbuffer_add_cb(bufferevent_get_output(bev), on_written, door);
	door->guests = guest;
	if (++door->guest_count >= CONNECTIONS_MAX)
		pause_accepting(door);
	arm(door);
	return bev;
}

void door_wait(struct door *door, struct evhttp_connection *connection)
{
	struct guest *guest = find_guest(door, connection);

	if (guest)
		guest->deadline = NO_DEADLINE;
	arm(door);
}

bool door_has_left(struct evhttp_connection *connection)
{
	struct pollfd line = {.fd =
				  bufferevent_getfd(evhttp_connection_get_bufferevent(connection))};

	/* Not POLLRDHUP: who has only said all there is to say still listens. */
	return poll(&line, 1, 0) > 0 && (line.revents & (POLLHUP | POLLERR));
}

/* ---- opening ---- */

/* Whether somebody answers at this address. */
static bool is_live(const struct sockaddr_un *address)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int result = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	const bool live = result == 0 || errno == EAGAIN;

	if (fd >= 0)
		close(fd);
	return live;
}

static enum status clear_path(const struct sockaddr_un *address, struct error *err)
{
	struct stat st;

	if (lstat(address->sun_path, &st) != 0)
		return STATUS_OK;
	if (!S_ISSOCK(st.st_mode))
		return error_fail(err, STATUS_FAILED,
				  "%s is in the way: it is no socket; remove it or set control to "
				  "another path",
				  address->sun_path);
	if (is_live(address))
		return error_fail(err, STATUS_BUSY, "already running: somebody answers at %s",
				  address->sun_path);
	if (unlink(address->sun_path) != 0)
		return error_fail(err, STATUS_FAILED, "%s: %s", address->sun_path, strerror(errno));
	return STATUS_OK;
}

static enum status bind_path(const char *path, int *ret_fd, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	enum status status;
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return error_fail(err, STATUS_INVALID, "control: %s is longer than %zu bytes", path,
				  sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	status = clear_path(&address, err);
	if (status != STATUS_OK)
		return status;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* The mode before bind() is the mode of the file: at no time may everybody connect. */
	if (fd < 0 || fchmod(fd, SOCKET_MODE) != 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    chmod(path, SOCKET_MODE) != 0 || listen(fd, BACKLOG) != 0) {
		status =
		    error_fail(err, STATUS_FAILED, "the control socket %s cannot be made: %s", path,
			       errno == ENOENT ? "there is no such folder; make it, or set "
						 "control to another path"
					       : strerror(errno));
		if (fd >= 0)
			close(fd);
		return status;
	}
	*ret_fd = fd;
	return STATUS_OK;
}

enum status door_open(struct event_base *base, struct evhttp *http, const char *path, int fd,
		      struct door **ret_door, struct error *err)
{
	struct door *door;

	if (fd < 0) {
		const enum status status = bind_path(path, &fd, err);

		if (status != STATUS_OK)
			return status;
	} else {
		path = NULL;
		evutil_make_socket_nonblocking(fd);
	}
	door = mem_alloc(1, sizeof(*door));
	door->base = base;
	door->path = mem_strdup(path);
	door->resume = evtimer_new(base, on_resume, door);
	door->deadline = evtimer_new(base, on_deadline, door);
	door->listener = evconnlistener_new(base, NULL, NULL,
					    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	door->marker = event_new(base, fd, EV_CLOSED | EV_PERSIST, on_marker, door);
	if (!door->listener || !door->resume || !door->deadline || !door->marker ||
	    event_add(door->marker, NULL) != 0 || !evhttp_bind_listener(http, door->listener)) {
		door_free(door);
		return error_fail(err, STATUS_FAILED, "the event loop refuses the control socket");
	}
	evconnlistener_set_error_cb(door->listener, on_accept_error);
	evhttp_set_bevcb(http, welcome, door);
	*ret_door = door;
	return STATUS_OK;
}

/* What is answered already leaves, as far as the socket takes it now: closing throws the rest away.
 */
static void let_answers_out(struct door *door)
{
	for (struct guest *guest = door->guests; guest; guest = guest->next) {
		struct evbuffer *output = bufferevent_get_output(guest->bev);

		if (has_left(guest->bev) || evbuffer_get_length(output) == 0)
			continue;
		/* The bufferevent keeps it for itself otherwise. */
		evbuffer_unfreeze(output, 1);
		(void)evbuffer_write(output, bufferevent_getfd(guest->bev));
		evbuffer_freeze(output, 1);
	}
}

void door_close(struct door *door)
{
	let_answers_out(door);
	if (door->path)
		unlink(door->path);
	event_del(door->marker);
	event_del(door->resume);
	event_del(door->deadline);
}

void door_free(struct door *door)
{
	if (!door)
		return;
	while (door->guests) {
		struct guest *guest = door->guests;

		door->guests = guest->next;
		forget(door, guest);
	}
	if (door->marker)
		event_free(door->marker);
	if (door->resume)
		event_free(door->resume);
	if (door->deadline)
		event_free(door->deadline);
	free(door->path);
	free(door);
}
