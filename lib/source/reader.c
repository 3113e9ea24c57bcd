/* The daemon's side of the worker: one mail is under way at a time, the others wait in a list.
 *
 * Three descriptors in one epoll instance: the warden, the worker there is, and the time limit. */
#include "source/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "source/head.h"
#include "source/jail.h"
#include "source/warden.h"
#include "source/wire.h"
#include "source/worker.h"

#define CHUNK	  16384
#define TRIES_MAX 3

struct mail {
	struct mail *next;
	void *tag;
	char *frame; /* NULL: refused before it was tried */
	size_t len;
	const char *refusal;
	unsigned tries; /* that ended without its being to blame */
};

enum broken { BROKEN_NOT, BROKEN_ENDED, BROKEN_STALLED, BROKEN_NONSENSE };

struct reader {
	pid_t warden_pid;
	int epoll, timer;
	int warden; /* -1: gone */
	int worker; /* -1: none */
	int stall_ms;
	bool asked;	 /* the warden for a worker, and it has not answered */
	unsigned served; /* mails that the worker has read */
	struct mail *first, *last;
	size_t count;
	/* Of the first mail, while a worker has it. */
	size_t sent;
	bool is_watched; /* the time limit runs */
	struct buf answer;
	enum broken broken; /* it came to nothing; how is known when the warden answers */
	bool is_blamed;	    /* the mail is: the worker was fresh and had begun to read it */
	int ended;	    /* and so did the worker, as waitpid() says */
	int refused;	    /* errno why the warden has no worker; 0: it has */
};

/* ---- descriptors ---- */

static void watch(struct reader *r, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	if (epoll_ctl(r->epoll, EPOLL_CTL_MOD, fd, &event) && errno == ENOENT)
		(void)epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void set_timer(struct reader *r, int ms)
{
	const struct itimerspec spec = {
	    .it_value = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000}};

	(void)timerfd_settime(r->timer, 0, &spec, NULL);
	r->is_watched = ms > 0;
}

/* Whether the time is up. */
static bool hear_timer(struct reader *r)
{
	uint64_t times;

	return read(r->timer, &times, sizeof(times)) == (ssize_t)sizeof(times) && r->is_watched;
}

static void drop_worker(struct reader *r)
{
	close_fd(&r->worker);
	r->sent = 0;
	r->served = 0;
	buf_free(&r->answer);
}

static void lose_warden(struct reader *r)
{
	drop_worker(r);
	close_fd(&r->warden);
	set_timer(r, 0);
}

/* ---- the warden ---- */

static void ask(struct reader *r)
{
	const char byte = WARDEN_ASK;

	drop_worker(r);
	if (send(r->warden, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1) {
		lose_warden(r);
		return;
	}
	r->asked = true;
	set_timer(r, r->stall_ms);
}

static void hear_warden(struct reader *r)
{
	struct warden_answer answer;
	int worker;

	if (r->warden < 0)
		return;
	if (!warden_read_answer(r->warden, &answer, &worker)) {
		if (errno != EAGAIN && errno != EINTR)
			lose_warden(r);
		return;
	}
	r->asked = false;
	set_timer(r, 0);
	r->ended = answer.ended;
	r->refused = answer.error;
	drop_worker(r);
	if (worker < 0)
		return;
	(void)fcntl(worker, F_SETFL, O_NONBLOCK);
	r->worker = worker;
	watch(r, worker, EPOLLIN);
}

/* ---- the worker ---- */

static void fail(struct reader *r, enum broken how)
{
	r->broken = how;
}

static void write_mail(struct reader *r)
{
	const struct mail *mail = r->first;

	if (!r->is_watched)
		set_timer(r, r->stall_ms);
	while (r->sent < mail->len) {
		const ssize_t put =
		    send(r->worker, mail->frame + r->sent, mail->len - r->sent, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno != EAGAIN)
			fail(r, BROKEN_ENDED);
		if (put < 0)
			break;
		r->sent += (size_t)put;
	}
	watch(r, r->worker, r->sent < mail->len ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Whether the whole answer is there. */
static bool read_answer(struct reader *r)
{
	char chunk[CHUNK];

	for (;;) {
		const ssize_t got = read(r->worker, chunk, sizeof(chunk));
		uint32_t len;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return false;
		if (got <= 0) {
			fail(r, BROKEN_ENDED);
			return false;
		}
		buf_add(&r->answer, chunk, (size_t)got);
		if (r->answer.len < sizeof(len))
			continue;
		memcpy(&len, r->answer.data, sizeof(len));
		/* One mail, one answer, and none before all of the mail is there. */
		if (r->answer.overflowed || len > WIRE_FRAME_MAX ||
		    r->answer.len > len + sizeof(len) || r->sent < r->first->len) {
			fail(r, BROKEN_NONSENSE);
			return false;
		}
		if (r->answer.len == len + sizeof(len))
			return true;
	}
}

/* An idle worker has nothing to say; one that ended is forgotten. */
static void mind_idle_worker(struct reader *r)
{
	char byte;

	if (r->worker < 0)
		return;
	if (recv(r->worker, &byte, 1, MSG_PEEK) >= 0 || (errno != EAGAIN && errno != EINTR))
		drop_worker(r);
}

/* ---- results ---- */

static void pop(struct reader *r)
{
	struct mail *mail = r->first;

	r->first = mail->next;
	if (!r->first)
		r->last = NULL;
	r->count--;
	r->sent = 0;
	r->broken = BROKEN_NOT;
	set_timer(r, 0);
	buf_free(&r->answer);
	free(mail->frame);
	free(mail);
}

static void give(struct reader *r, enum reading_end end, const char *reason,
		 struct reading *ret_reading)
{
	*ret_reading = (struct reading){.tag = r->first->tag, .end = end, .reason = reason};
	pop(r);
}

static const char *say_signal(int number, struct arena *arena)
{
	const char *name = sigabbrev_np(number);

	if (number == SIGXCPU)
		return arena_printf(arena, "reading it took more than %d s of processor time",
				    JAIL_CPU_S);
	if (number == SIGSYS)
		return "reading it led to a call of the system that no mail needs";
	return arena_printf(arena, "the process that was reading it was ended by signal %d (SIG%s)",
			    number, name ? name : "?");
}

static const char *say_broken(const struct reader *r, struct arena *arena)
{
	if (r->broken == BROKEN_STALLED)
		return arena_printf(arena, "reading it had not ended after %d.%d s",
				    r->stall_ms / 1000, r->stall_ms % 1000 / 100);
	if (r->broken == BROKEN_NONSENSE)
		return "what the process that was reading it answered is no letter";
	if (r->ended >= 0 && WIFSIGNALED(r->ended))
		return say_signal(WTERMSIG(r->ended), arena);
	return "the process that was reading it ended";
}

/* The answer as it is, or false when it is nonsense. */
static bool give_answer(struct reader *r, struct arena *arena, struct reading *ret_reading)
{
	struct letter letter;
	const char *fault;

	if (!wire_read(r->answer.data + WIRE_HEAD, r->answer.len - WIRE_HEAD, arena, &letter,
		       &fault)) {
		fail(r, BROKEN_NONSENSE);
		return false;
	}
	r->served++;
	give(r, fault ? READING_ASIDE : READING_LETTER, fault, ret_reading);
	if (!fault)
		ret_reading->letter = letter;
	return true;
}

/* The worker is done for. A mail that is not to blame is tried again by a fresh one. */
static void strike(struct reader *r, enum broken how)
{
	r->is_blamed = r->served == 0 && r->sent > 0;
	ask(r);
	r->broken = r->is_blamed || ++r->first->tries >= TRIES_MAX ? how : BROKEN_NOT;
}

/* Has the worker go on with the first mail; whether its result is there. */
static bool go_on(struct reader *r, struct arena *arena, struct reading *ret_reading)
{
	write_mail(r);
	if (r->broken == BROKEN_NOT && read_answer(r) && give_answer(r, arena, ret_reading))
		return true;
	if (r->broken != BROKEN_NOT)
		strike(r, r->broken);
	return false;
}

static void give_broken(struct reader *r, struct arena *arena, struct reading *ret_reading)
{
	if (r->ended >= 0 && WIFEXITED(r->ended) && WEXITSTATUS(r->ended) == WORKER_FAILED)
		give(r, READING_LATER,
		     "the process that reads mail cannot lock itself in; the system has to allow "
		     "seccomp",
		     ret_reading);
	else
		give(r, r->is_blamed ? READING_ASIDE : READING_LATER, say_broken(r, arena),
		     ret_reading);
}

static void mind_time(struct reader *r)
{
	if (!hear_timer(r))
		return;
	if (r->asked) {
		/* A warden that does not answer is of no use; its worker ends with it. */
		(void)kill(r->warden_pid, SIGKILL);
		lose_warden(r);
	} else if (r->first && r->worker >= 0) {
		strike(r, BROKEN_STALLED);
	}
}

const char *reader_fault(const struct reader *r)
{
	return r->warden >= 0 ? NULL
			      : "the process that makes the readers of mail has ended; restart "
				"cadenced";
}

bool reader_collect(struct reader *r, struct arena *arena, struct reading *ret_reading)
{
	hear_warden(r);
	mind_time(r);
	if (!r->first) {
		mind_idle_worker(r);
		return false;
	}
	if (!r->first->frame) {
		give(r, READING_ASIDE, r->first->refusal, ret_reading);
		return true;
	}
	if (r->warden < 0) {
		give(r, READING_LATER, reader_fault(r), ret_reading);
		return true;
	}
	if (r->asked)
		return false;
	if (r->broken != BROKEN_NOT) {
		give_broken(r, arena, ret_reading);
		return true;
	}
	if (r->refused) {
		give(r, READING_LATER,
		     arena_printf(arena, "the system has no process to read mail: %s",
				  strerror(r->refused)),
		     ret_reading);
		r->refused = 0;
		return true;
	}
	if (r->worker < 0 || r->served >= READER_MAILS_MAX) {
		ask(r);
		return false;
	}
	return go_on(r, arena, ret_reading);
}

/* ---- handing in ---- */

static const char *refusal(const void *bytes, size_t len)
{
	if (len > LETTER_BYTES_MAX)
		return "it is larger than 1 MB";
	if (head_length(bytes, len) > LETTER_HEAD_MAX)
		return "its headers are larger than 64 KB";
	return NULL;
}

bool reader_send(struct reader *r, const void *bytes, size_t len, void *tag)
{
	const uint32_t frame_len = (uint32_t)len;
	struct mail *mail;

	if (r->count >= READER_WAITING_MAX)
		return false;
	mail = mem_alloc(1, sizeof(*mail));
	mail->tag = tag;
	mail->refusal = refusal(bytes, len);
	if (!mail->refusal) {
		mail->len = len + WIRE_HEAD;
		mail->frame = mem_alloc(1, mail->len);
		memcpy(mail->frame, &frame_len, sizeof(frame_len));
		if (len > 0)
			memcpy(mail->frame + WIRE_HEAD, bytes, len);
	}
	if (r->last)
		r->last->next = mail;
	else
		r->first = mail;
	r->last = mail;
	r->count++;
	return true;
}

int reader_fd(const struct reader *r)
{
	return r->epoll;
}

/* ---- beginning and end ---- */

static bool open_all(struct reader *r, int *ret_child)
{
	int ends[2];

	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	r->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (r->epoll < 0 || r->timer < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return false;
	r->warden = ends[0];
	*ret_child = ends[1];
	watch(r, r->timer, EPOLLIN);
	watch(r, r->warden, EPOLLIN);
	return true;
}

struct reader *reader_start(int stall_ms, struct error *err)
{
	struct reader *r = mem_alloc(1, sizeof(*r));
	int child = -1;

	r->epoll = r->timer = r->warden = r->worker = -1;
	r->stall_ms = stall_ms;
	r->ended = -1;
	r->answer = buf_make(WIRE_FRAME_MAX + WIRE_HEAD + CHUNK);
	r->warden_pid = open_all(r, &child) ? warden_start(child) : -1;
	if (r->warden_pid < 0) {
		error_set(err, "the process that reads mail cannot be made: %s", strerror(errno));
		r->warden_pid = 0;
		reader_close(r);
		r = NULL;
	}
	close_fd(&child);
	return r;
}

struct reader *reader_close(struct reader *r)
{
	if (!r)
		return NULL;
	while (r->first)
		pop(r);
	drop_worker(r);
	close_fd(&r->warden);
	if (r->warden_pid > 0)
		warden_end(r->warden_pid);
	close_fd(&r->timer);
	close_fd(&r->epoll);
	free(r);
	return NULL;
}
