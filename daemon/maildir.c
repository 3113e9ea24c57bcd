/* Watches a Maildir and hands its mails to the inbox, one at a time. */
#include "daemon/maildir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "daemon/inbox.h"
#include "daemon/log.h"
#include "daemon/maildrop.h"

#define RETRY_S	   10	/* after something was in the way */
#define NAMES_MAX  500	/* of mails, that are remembered from one look */
#define EVENTS_MAX 4096 /* bytes of the kernel's news that are thrown away at once */

struct maildir {
	struct daemon *daemon;
	char *path;
	int fd; /* of inotify; -1: not yet */
	struct event *event, *retry;
	char *fault;
	bool busy;   /* a step or a mail is under way */
	bool again;  /* something came meanwhile */
	bool closed; /* and freed when that has ended */
	/* Names in new, in their order, and how many are done with. */
	char **names;
	size_t count, next;
	enum maildrop_rest rest; /* of the mail before the next one */
	const char *why;	 /* of MAILDROP_FAILED */
	bool progressed;	 /* since the last look something left new */
	char *denied;		 /* what is left there, because nobody may read it */
};

/* What the store thread does: puts the last mail where it belongs, and fetches the next. */
struct step {
	struct maildir *maildir;
	char *path, *last;
	enum maildrop_rest rest;
	const char *why;
	bool look; /* read the folder anew */
	char *name;
	char **names;
	size_t count;
	struct buf bytes;
	enum maildrop_found found; /* of name */
	struct error denied;
	struct error fault; /* text "": none */
};

static void look(struct maildir *maildir);

/* ---- on the store thread: no more than files ---- */

static enum status step_job(struct db *db, void *arg, struct error *err)
{
	struct step *s = arg;

	(void)db;
	(void)err;
	if (s->last && s->rest != MAILDROP_NEW &&
	    !maildrop_lay_down(s->path, s->last, s->rest, s->why, &s->fault))
		return STATUS_OK;
	if (s->look && !maildrop_list(s->path, NAMES_MAX, &s->names, &s->count, &s->fault))
		return STATUS_OK;
	if (s->look && s->count > 0)
		s->name = mem_strdup(s->names[0]);
	if (!s->name)
		return STATUS_OK;
	s->found = maildrop_fetch(s->path, s->name, &s->bytes, &s->denied);
	if (s->found == MAILDROP_FAULT)
		s->fault = s->denied;
	return STATUS_OK;
}

static void step_free(struct step *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->names[i]);
	free(s->names);
	free(s->name);
	free(s->last);
	free(s->path);
	buf_free(&s->bytes);
	free(s);
}

/* ---- on the loop ---- */

static void forget_names(struct maildir *maildir)
{
	for (size_t i = 0; i < maildir->count; i++)
		free(maildir->names[i]);
	free(maildir->names);
	maildir->names = NULL;
	maildir->count = maildir->next = 0;
}

static void stop_watching(struct maildir *maildir)
{
	if (maildir->event)
		event_free(maildir->event);
	if (maildir->fd >= 0)
		close(maildir->fd);
	maildir->event = NULL;
	maildir->fd = -1;
}

static void maildir_free(struct maildir *maildir)
{
	forget_names(maildir);
	stop_watching(maildir);
	if (maildir->retry)
		event_free(maildir->retry);
	free(maildir->fault);
	free(maildir->denied);
	free(maildir->path);
	free(maildir);
}

static void set_fault(struct maildir *maildir, const char *text)
{
	if (text && (!maildir->fault || strcmp(maildir->fault, text) != 0))
		log_line(LOG_INBOX_FAILED, "inbox: %s; trying again every %d s", text, RETRY_S);
	free(maildir->fault);
	maildir->fault = mem_strdup(text);
}

/* From the folder on, later: the mail under way lies in new still. */
static void give_up(struct maildir *maildir, const char *why)
{
	const struct timeval later = {.tv_sec = RETRY_S};

	set_fault(maildir, why);
	forget_names(maildir);
	maildir->busy = false;
	maildir->rest = MAILDROP_NEW;
	event_add(maildir->retry, &later);
}

static void go_on(struct maildir *maildir);

/* What is done with the mail on hand, and on to the next. */
static void pass_on(struct maildir *maildir, enum maildrop_rest rest, const char *why)
{
	maildir->rest = rest;
	maildir->why = why;
	maildir->progressed |= rest != MAILDROP_NEW;
	maildir->next++;
	go_on(maildir);
}

static void taken(void *arg, enum status status, const struct reply_outcome *outcome,
		  const char *why)
{
	static const bool is_failure[REPLY_FATES] = {
	    [REPLY_NO_TOKEN] = true, [REPLY_FORGED] = true,	[REPLY_EXPIRED] = true,
	    [REPLY_STRANGER] = true, [REPLY_REDIRECTED] = true, [REPLY_DMARC] = true,
	    [REPLY_TOO_BIG] = true,  [REPLY_UNREADABLE] = true,
	};
	struct maildir *maildir = arg;

	if (maildir->closed) {
		maildir_free(maildir);
		return;
	}
	if (status != STATUS_OK) {
		give_up(maildir, why);
		return;
	}
	pass_on(maildir, is_failure[outcome->fate] ? MAILDROP_FAILED : MAILDROP_CUR,
		reply_fate_name(outcome->fate));
}

/* The names that a look has found are kept for the steps that follow. */
static void keep_names(struct maildir *maildir, struct step *s)
{
	forget_names(maildir);
	maildir->names = s->names;
	maildir->count = s->count;
	s->names = NULL;
	s->count = 0;
}

/* What is in the way of more, when everything that could be read is. */
static char *find_hindrance(struct maildir *maildir)
{
	char *denied = maildir->denied;

	maildir->denied = NULL;
	if (maildir->fd >= 0)
		return denied;
	free(denied);
	return mem_printf("%s was moved away or removed", maildir->path);
}

static void rest_now(struct maildir *maildir)
{
	char *hindrance = find_hindrance(maildir);

	if (hindrance) {
		give_up(maildir, hindrance);
	} else {
		set_fault(maildir, NULL);
		forget_names(maildir);
		maildir->busy = false;
		maildir->rest = MAILDROP_NEW;
	}
	free(hindrance);
	if (maildir->again)
		look(maildir);
}

static void take_found(struct maildir *maildir, struct step *s)
{
	switch (s->found) {
	case MAILDROP_GONE:
		pass_on(maildir, MAILDROP_NEW, NULL);
		break;
	case MAILDROP_ODD:
		log_line(LOG_REPLY_ASIDE, "what lies in %s/new and is no file was put aside",
			 maildir->path);
		pass_on(maildir, MAILDROP_FAILED, "no file");
		break;
	case MAILDROP_DENIED:
		free(maildir->denied);
		maildir->denied = mem_strdup(s->denied.text);
		pass_on(maildir, MAILDROP_NEW, NULL);
		break;
	case MAILDROP_TOO_BIG:
		inbox_take(maildir->daemon->inbox, "", LETTER_BYTES_MAX + 1, false, taken, maildir);
		break;
	default:
		inbox_take(maildir->daemon->inbox, buf_text(&s->bytes), s->bytes.len, false, taken,
			   maildir);
	}
}

static void stepped(enum status status, const struct error *err, void *arg)
{
	struct step *s = arg;
	struct maildir *maildir = s->maildir;

	if (maildir->closed) {
		maildir_free(maildir);
		step_free(s);
		return;
	}
	if (status != STATUS_OK || s->fault.text[0]) {
		give_up(maildir, s->fault.text[0] ? s->fault.text : err->text);
		step_free(s);
		return;
	}
	maildir->rest = MAILDROP_NEW;
	if (s->look)
		keep_names(maildir, s);
	if (s->name)
		take_found(maildir, s);
	else
		rest_now(maildir);
	step_free(s);
}

static void go_on(struct maildir *maildir)
{
	struct step *s = mem_alloc(1, sizeof(*s));

	s->maildir = maildir;
	s->path = mem_strdup(maildir->path);
	s->bytes = buf_make(LETTER_BYTES_MAX + 1);
	s->rest = maildir->rest;
	s->why = maildir->why;
	if (maildir->rest != MAILDROP_NEW)
		s->last = mem_strdup(maildir->names[maildir->next - 1]);
	if (maildir->next < maildir->count)
		s->name = mem_strdup(maildir->names[maildir->next]);
	/* A folder in which nothing moves any more is not read again. */
	s->look = !s->name && (maildir->count == 0 || maildir->progressed);
	if (s->look)
		maildir->again = maildir->progressed = false;
	maildir->busy = true;
	if (store_submit(maildir->daemon->store, step_job, stepped, s) == STATUS_OK)
		return;
	step_free(s);
	give_up(maildir, "too many jobs wait");
}

static void look(struct maildir *maildir)
{
	maildir->again = maildir->busy;
	if (!maildir->busy)
		go_on(maildir);
}

/* Whether what is watched is no longer what the path leads to. */
static bool says_gone(const char *news, size_t len)
{
	struct inotify_event event;

	for (size_t at = 0; at + sizeof(event) <= len; at += sizeof(event) + event.len) {
		memcpy(&event, news + at, sizeof(event));
		if (event.mask & (IN_MOVE_SELF | IN_DELETE_SELF | IN_IGNORED | IN_UNMOUNT))
			return true;
	}
	return false;
}

static void on_news(evutil_socket_t fd, short what, void *arg)
{
	struct maildir *maildir = arg;
	char news[EVENTS_MAX];
	bool gone = false;
	ssize_t got;

	(void)what;
	while ((got = read((int)fd, news, sizeof(news))) > 0)
		gone |= says_gone(news, (size_t)got);
	if (gone)
		stop_watching(maildir);
	look(maildir);
}

/* ---- opening ---- */

/* Watches first and looks then: so nothing comes between the two. */
static bool watch(struct maildir *maildir, struct error *err)
{
	const uint32_t gone = IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR;
	char *path = mem_printf("%s/new", maildir->path);
	const bool watched =
	    (maildir->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) >= 0 &&
	    inotify_add_watch(maildir->fd, maildir->path, gone) >= 0 &&
	    inotify_add_watch(maildir->fd, path, IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | gone) >=
		0;

	if (!watched) {
		error_set(err, "%s cannot be watched: %s", path, strerror(errno));
		stop_watching(maildir);
	}
	free(path);
	if (!watched)
		return false;
	maildir->event =
	    event_new(maildir->daemon->base, maildir->fd, EV_READ | EV_PERSIST, on_news, maildir);
	event_add(maildir->event, NULL);
	return true;
}

static void begin(struct maildir *maildir)
{
	struct error err = {""};

	if (maildir->fd < 0 && (!maildrop_make(maildir->path, &err) || !watch(maildir, &err)))
		give_up(maildir, err.text);
	else
		look(maildir);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	begin(arg);
}

struct maildir *maildir_open(struct daemon *daemon, const char *path)
{
	struct maildir *maildir = mem_alloc(1, sizeof(*maildir));

	maildir->daemon = daemon;
	maildir->path = mem_strdup(path);
	maildir->fd = -1;
	maildir->retry = evtimer_new(daemon->base, on_retry, maildir);
	begin(maildir);
	return maildir;
}

struct maildir *maildir_close(struct maildir *maildir)
{
	if (!maildir)
		return NULL;
	if (maildir->event)
		event_del(maildir->event);
	event_del(maildir->retry);
	maildir->closed = true;
	/* What is under way still points here. */
	if (!maildir->busy)
		maildir_free(maildir);
	return NULL;
}

bool maildir_is_at(const struct maildir *maildir, const char *path)
{
	if (!maildir || !path)
		return !maildir && !path;
	return strcmp(maildir->path, path) == 0;
}

const char *maildir_fault(const struct maildir *maildir)
{
	return maildir ? maildir->fault : NULL;
}
