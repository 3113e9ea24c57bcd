/* Takes mails through the reader into the store. */
#include "daemon/inbox.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "daemon/aside.h"
#include "daemon/log.h"
#include "daemon/maildir.h"
#include "daemon/turn.h"
#include "source/head.h"
#include "source/reader.h"

#define ADDRESS_MAX 254 /* bytes of an address that is logged */

struct inbox {
	struct daemon *daemon;
	struct reader *reader; /* the daemon's */
	struct event *event;
	struct maildir *maildir; /* NULL: none is watched */
	struct coming *coming;	 /* mails that the reader has */
	struct coming *waiting;	 /* mails that are read, and wait for the end of a reload */
	bool stopped;
};

/* A mail on its way. */
struct coming {
	struct coming *next, **link; /* while the reader has it, or it waits */
	struct inbox *inbox;
	struct conf *conf; /* a reference, from the start of its job on: what is in force then */
	struct scene scene;
	struct arena *arena; /* of the letter */
	struct letter letter;
	char fingerprint[SHA256_HEX_SIZE];
	struct buf bytes;     /* to be kept, if nobody can read it */
	struct error lost;    /* why it was not, when there is no room; text "": it was */
	enum reply_fate fate; /* REPLY_TAKEN: to be decided by what the letter says */
	struct reply_outcome outcome;
	inbox_done *done;
	void *arg;
};

/* ---- the end ---- */

static void finish(struct coming *c, enum status status, const char *why)
{
	c->done(c->arg, status, &c->outcome, why);
	if (c->conf)
		roster_unref(&c->conf->roster);
	arena_free(c->arena);
	buf_free(&c->bytes);
	free(c);
}

/* What a stranger wrote there is logged only when it is an address's length of text. */
static const char *sender_of(const struct coming *c)
{
	const char *from = c->letter.from;
	char scratch[TEXT_FAULT_SIZE];

	if (!from || strlen(from) > ADDRESS_MAX ||
	    text_check(from, strlen(from), TEXT_LINE, 1, ADDRESS_MAX, scratch))
		return "an unknown sender";
	return from;
}

static void log_outcome(const struct coming *c)
{
	const struct reply_outcome *outcome = &c->outcome;

	if (outcome->fate == REPLY_TAKEN)
		log_line(LOG_REPLY_TAKEN, "reply from %s: %d lines done, %d not%s", sender_of(c),
			 outcome->done, outcome->failed,
			 outcome->confirmed ? "; a mail says so" : "");
	else
		log_line(LOG_REPLY_REFUSED,
			 "mail from %s not taken: %s; nothing was changed, see 'cadencectl status'",
			 sender_of(c), reply_fate_name(outcome->fate));
}

static void stored(enum status status, const struct error *err, void *arg)
{
	struct coming *c = arg;
	struct daemon *daemon = c->inbox->daemon;

	if (status != STATUS_OK) {
		log_line(LOG_REPLY_FAILED, "a reply could not be stored: %s; it has to come again",
			 err->text);
		finish(c, status, err->text);
		return;
	}
	log_outcome(c);
	if (c->lost.text[0])
		log_line(LOG_REPLY_ASIDE, "a mail that nobody could read was not kept: %s",
			 c->lost.text);
	finish(c, STATUS_OK, "");
	turn_soon(daemon);
}

/* ---- the store ---- */

/* What is put aside is on disk, or it has to come again. */
static enum status keep_aside(struct db *db, struct coming *c, struct error *err)
{
	const char *path = db_path(db);
	char hash[SHA256_HEX_SIZE];
	enum status status;

	if (c->fate != REPLY_UNREADABLE || c->bytes.len == 0 || !path)
		return STATUS_OK;
	bytes_sha256_hex(buf_text(&c->bytes), c->bytes.len, hash);
	status = aside_keep(path, hash, buf_text(&c->bytes), c->bytes.len, &c->lost);
	if (status == STATUS_FAILED)
		return error_fail(err, status, "%s", c->lost.text);
	return STATUS_OK;
}

static enum status take_job(struct db *db, void *arg, struct error *err)
{
	struct coming *c = arg;
	const struct reply_job job = {
	    .conf = c->conf,
	    .host = c->inbox->daemon->host,
	    .letter = &c->letter,
	    .fingerprint = c->fingerprint,
	};

	if (c->fate == REPLY_TAKEN)
		return reply_take(db, &c->scene, &job, &c->outcome, err);
	if (keep_aside(db, c, err) != STATUS_OK)
		return STATUS_FAILED;
	c->outcome = (struct reply_outcome){.fate = c->fate};
	reply_note_refused(db, &c->scene, c->fate, NULL);
	if (db_status(db) != STATUS_OK)
		return error_fail(err, db_status(db), "%s", db_error(db));
	return STATUS_OK;
}

static void enter(struct coming **list, struct coming *c)
{
	c->next = *list;
	c->link = list;
	if (c->next)
		c->next->link = &c->next;
	*list = c;
}

static void leave(struct coming *c)
{
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
}

/* Behind the sync of a reload it would be judged by the configuration before. */
static void store(struct coming *c)
{
	struct daemon *daemon = c->inbox->daemon;

	if (daemon->reloading) {
		enter(&c->inbox->waiting, c);
		return;
	}
	if (!daemon->conf->reply_to) {
		finish(c, STATUS_CONFLICT,
		       "no replies are taken: reply_to is not set in the configuration");
		return;
	}
	c->conf = daemon->conf;
	roster_ref(&c->conf->roster);
	c->scene = daemon_scene(daemon);
	if (store_submit(daemon->store, take_job, stored, c) != STATUS_OK)
		finish(c, STATUS_BUSY, "too many jobs wait");
}

void inbox_resume(struct inbox *inbox)
{
	while (inbox && inbox->waiting && !inbox->daemon->reloading) {
		struct coming *c = inbox->waiting;

		leave(c);
		store(c);
	}
}

/* ---- the reader ---- */

static void take_reading(struct coming *c, const struct reading *reading)
{
	leave(c);
	if (reading->end == READING_LATER) {
		log_line(LOG_REPLY_FAILED, "a reply was not read, because %s; it has to come again",
			 reading->reason);
		finish(c, STATUS_BUSY, reading->reason);
		return;
	}
	if (reading->end == READING_ASIDE) {
		log_line(LOG_REPLY_ASIDE, "a mail was put aside, because %s", reading->reason);
		c->fate = REPLY_UNREADABLE;
	} else {
		c->letter = reading->letter;
	}
	store(c);
}

static void collect(struct inbox *inbox)
{
	struct arena *arena = arena_new();
	struct reading reading;

	while (reader_collect(inbox->reader, arena, &reading)) {
		struct coming *c = reading.tag;

		c->arena = arena;
		take_reading(c, &reading);
		arena = arena_new();
	}
	arena_free(arena);
}

static void on_reader(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	collect(arg);
}

/* ---- in ---- */

static struct coming *coming_new(struct inbox *inbox, inbox_done *done, void *arg)
{
	struct coming *c = mem_alloc(1, sizeof(*c));

	c->inbox = inbox;
	c->bytes = buf_make(LETTER_BYTES_MAX);
	c->done = done;
	c->arg = arg;
	return c;
}

void inbox_take(struct inbox *inbox, const void *bytes, size_t len, bool keep, inbox_done *done,
		void *arg)
{
	struct coming *c = coming_new(inbox, done, arg);

	if (!inbox->daemon->conf->reply_to) {
		finish(c, STATUS_CONFLICT,
		       "no replies are taken: reply_to is not set in the configuration");
		return;
	}
	if (inbox->stopped) {
		finish(c, STATUS_BUSY, "cadenced is stopping");
		return;
	}
	if (len > LETTER_BYTES_MAX) {
		c->fate = REPLY_TOO_BIG;
		store(c);
		return;
	}
	head_fingerprint(bytes, len, c->fingerprint);
	if (keep)
		buf_add(&c->bytes, bytes, len);
	enter(&inbox->coming, c);
	if (reader_send(inbox->reader, bytes, len, c)) {
		collect(inbox);
		return;
	}
	leave(c);
	finish(c, STATUS_BUSY, "too many mails wait to be read; try again");
}

/* ---- life ---- */

enum status inbox_open(struct daemon *daemon, struct inbox **ret_inbox, struct error *err)
{
	struct inbox *inbox = mem_alloc(1, sizeof(*inbox));

	inbox->daemon = daemon;
	inbox->reader = daemon->reader;
	inbox->event = event_new(daemon->base, reader_fd(inbox->reader), EV_READ | EV_PERSIST,
				 on_reader, inbox);
	*ret_inbox = inbox;
	if (!inbox->event || event_add(inbox->event, NULL) != 0)
		return error_fail(err, STATUS_FAILED, "the event loop refuses an event");
	inbox_adjust(inbox);
	return STATUS_OK;
}

void inbox_adjust(struct inbox *inbox)
{
	const char *path = inbox ? inbox->daemon->conf->maildir : NULL;

	if (!inbox || maildir_is_at(inbox->maildir, path))
		return;
	inbox->maildir = maildir_close(inbox->maildir);
	if (path)
		inbox->maildir = maildir_open(inbox->daemon, path);
}

static void refuse_all(struct coming *first)
{
	for (struct coming *c = first, *next; c; c = next) {
		next = c->next;
		leave(c);
		finish(c, STATUS_BUSY, "cadenced is stopping");
	}
}

void inbox_stop(struct inbox *inbox)
{
	if (!inbox)
		return;
	inbox->stopped = true;
	inbox->maildir = maildir_close(inbox->maildir);
	refuse_all(inbox->coming);
	refuse_all(inbox->waiting);
	if (inbox->event)
		event_free(inbox->event);
	inbox->event = NULL;
}

struct inbox *inbox_free(struct inbox *inbox)
{
	if (inbox)
		inbox_stop(inbox);
	free(inbox);
	return NULL;
}

struct json_t *inbox_status(const struct inbox *inbox)
{
	const struct conf *conf = inbox ? inbox->daemon->conf : NULL;
	const char *fault;

	if (!conf || !conf->reply_to)
		return json_null();
	fault = reader_fault(inbox->reader);
	if (!fault)
		fault = maildir_fault(inbox->maildir);
	return json_pack("{s:s, s:s?, s:s?, s:s?}", "reply_to", conf->reply_to, "trusted_authserv",
			 conf->trusted_authserv, "maildir", conf->maildir, "fault", fault);
}
