/* Watches a Maildir and hands its mails to the inbox, one at a time. */
#include "daemon/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/inbox.h"
#include "daemon/log.h"
#include "sys/file.h"

#define RETRY_S	   30  /* after something was in the way */
#define NAMES_MAX  500 /* of mails, that are remembered from one look */
#define FOLDER	   0700
#define EVENTS_MAX 4096 /* bytes of the kernel's news that are thrown away at once */
#define SEEN	   ":2,S"

/* Where a mail goes when it is done with. */
enum resting { REST_NEW, REST_CUR, REST_FAILED };

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
	enum resting rest; /* of the mail before the next one */
	const char *why;   /* of REST_FAILED */
};

/* What the store thread does: puts the last mail where it belongs, and fetches the next. */
struct step {
	struct maildir *maildir;
	char *path, *last;
	enum resting rest;
	const char *why;
	bool look; /* read the folder anew */
	char *name;
	char **names;
	size_t count;
	struct buf bytes;
	bool too_big, gone;
	struct error fault; /* text "": none */
};

static void look(struct maildir *maildir);

/* ---- on the store thread: no more than files ---- */

static int name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_name(struct step *s, const char *name)
{
	s->names = mem_grow(s->names, s->count + 1, sizeof(*s->names));
	s->names[s->count++] = mem_strdup(name);
}

/* A name of a Maildir begins with the time: the oldest comes first. */
static void list_new(struct step *s)
{
	char *path = mem_printf("%s/new", s->path);
	DIR *folder = opendir(path);
	const struct dirent *entry;

	if (!folder)
		error_set(&s->fault, "%s: %s", path, strerror(errno));
	while (folder && s->count < NAMES_MAX && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			add_name(s, entry->d_name);
	if (folder)
		closedir(folder);
	if (s->count > 0)
		qsort(s->names, s->count, sizeof(*s->names), name_order);
	free(path);
}

static void write_why(struct step *s, const char *kept)
{
	char *path = mem_printf("%s.why", kept);
	FILE *file = fopen(path, "we");

	if (file) {
		fprintf(file, "%s\n", s->why);
		fclose(file);
	}
	free(path);
}

/* A mail that somebody else has taken away meanwhile needs no place. */
static void lay_down(struct step *s)
{
	char *from = mem_printf("%s/new/%s", s->path, s->last);
	const bool failed = s->rest == REST_FAILED;
	char *to = mem_printf("%s/%s/%s%s", s->path, failed ? ".failed" : "cur", s->last,
			      failed || strstr(s->last, ":2,") ? "" : SEEN);

	if (failed)
		write_why(s, to);
	if (rename(from, to) != 0 && errno != ENOENT)
		error_set(&s->fault, "%s cannot be moved to %s: %s", from, to, strerror(errno));
	free(from);
	free(to);
}

static void fetch(struct step *s)
{
	char *path = mem_printf("%s/new/%s", s->path, s->name);
	const enum status status = file_read(path, LETTER_BYTES_MAX, &s->bytes, NULL, &s->fault);

	s->too_big = status == STATUS_TOO_BIG;
	s->gone = status == STATUS_NOT_FOUND;
	if (s->too_big || s->gone)
		s->fault.text[0] = '\0';
	free(path);
}

static enum status step_job(struct db *db, void *arg, struct error *err)
{
	struct step *s = arg;

	(void)db;
	(void)err;
	if (s->last && s->rest != REST_NEW)
		lay_down(s);
	if (!s->fault.text[0] && s->look)
		list_new(s);
	if (!s->fault.text[0] && s->look && s->count > 0)
		s->name = mem_strdup(s->names[0]);
	if (!s->fault.text[0] && s->name)
		fetch(s);
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

static void maildir_free(struct maildir *maildir)
{
	forget_names(maildir);
	if (maildir->event)
		event_free(maildir->event);
	if (maildir->retry)
		event_free(maildir->retry);
	if (maildir->fd >= 0)
		close(maildir->fd);
	free(maildir->fault);
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
	maildir->rest = REST_NEW;
	event_add(maildir->retry, &later);
}

static void go_on(struct maildir *maildir);

static void taken(void *arg, enum status status, const struct reply_outcome *outcome,
		  const char *why)
{
	static const bool is_failure[REPLY_FATES] = {
	    [REPLY_NO_TOKEN] = true,   [REPLY_FORGED] = true, [REPLY_EXPIRED] = true,
	    [REPLY_STRANGER] = true,   [REPLY_DMARC] = true,  [REPLY_TOO_BIG] = true,
	    [REPLY_UNREADABLE] = true,
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
	maildir->rest = is_failure[outcome->fate] ? REST_FAILED : REST_CUR;
	maildir->why = reply_fate_name(outcome->fate);
	maildir->next++;
	go_on(maildir);
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

static void rest_now(struct maildir *maildir)
{
	maildir->busy = false;
	forget_names(maildir);
	maildir->rest = REST_NEW;
	if (maildir->again)
		look(maildir);
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
	set_fault(maildir, NULL);
	maildir->rest = REST_NEW;
	if (s->look)
		keep_names(maildir, s);
	if (!s->name) {
		rest_now(maildir);
	} else if (s->gone) {
		maildir->next++;
		go_on(maildir);
	} else {
		inbox_take(maildir->daemon->inbox, buf_text(&s->bytes),
			   s->too_big ? LETTER_BYTES_MAX + 1 : s->bytes.len, false, taken, maildir);
	}
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
	if (maildir->rest != REST_NEW)
		s->last = mem_strdup(maildir->names[maildir->next - 1]);
	if (maildir->next < maildir->count)
		s->name = mem_strdup(maildir->names[maildir->next]);
	s->look = !s->name;
	if (s->look)
		maildir->again = false;
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

static void on_news(evutil_socket_t fd, short what, void *arg)
{
	char news[EVENTS_MAX];

	(void)what;
	while (read((int)fd, news, sizeof(news)) > 0)
		continue;
	look(arg);
}

/* ---- opening ---- */

static bool make_folders(const char *path, struct error *err)
{
	static const char *const names[] = {"", "/tmp", "/new", "/cur", "/.failed"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *folder = mem_printf("%s%s", path, names[i]);
		const bool there = mkdir(folder, FOLDER) == 0 || errno == EEXIST;

		if (!there)
			error_set(err, "%s cannot be made: %s", folder, strerror(errno));
		free(folder);
		if (!there)
			return false;
	}
	return true;
}

/* Watches first and looks then: so nothing comes between the two. */
static bool watch(struct maildir *maildir, struct error *err)
{
	char *path = mem_printf("%s/new", maildir->path);

	maildir->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (maildir->fd < 0 ||
	    inotify_add_watch(maildir->fd, path,
			      IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) < 0) {
		error_set(err, "%s cannot be watched: %s", path, strerror(errno));
		if (maildir->fd >= 0)
			close(maildir->fd);
		maildir->fd = -1;
	}
	free(path);
	if (maildir->fd < 0)
		return false;
	maildir->event =
	    event_new(maildir->daemon->base, maildir->fd, EV_READ | EV_PERSIST, on_news, maildir);
	event_add(maildir->event, NULL);
	return true;
}

static void begin(struct maildir *maildir)
{
	struct error err = {""};

	if (maildir->fd < 0 && (!make_folders(maildir->path, &err) || !watch(maildir, &err)))
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
