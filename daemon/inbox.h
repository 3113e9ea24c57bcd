/* The inbox: mails that answer ours, on their way from whoever brings them to the store. Each is
 * read as a letter by a process of its own (source/reader.h) and then done in one store job; the
 * loop waits for neither. */
#ifndef CADENCE_DAEMON_INBOX_H
#define CADENCE_DAEMON_INBOX_H

#include "daemon/daemon.h"
#include "reply/take.h"

struct inbox;

/* Begins to hear the daemon's reader, and to watch the Maildir of the configuration in force. */
enum status inbox_open(struct daemon *daemon, struct inbox **ret_inbox, struct error *err) MUST_USE;
/* The configuration in force is another one. */
void inbox_adjust(struct inbox *inbox);
/* A reload has ended, well or not: what waited for it goes on. NULL is harmless. */
void inbox_resume(struct inbox *inbox);
/* Whoever still waits for a mail to be read is told to try again; no mail is taken from now on. */
void inbox_stop(struct inbox *inbox);
/* When the store is closed. NULL is harmless; returns NULL. */
struct inbox *inbox_free(struct inbox *inbox);

/* On the loop, once: what became of a mail is on disk. Unless STATUS_OK nothing is, and it should
 * come again; why says what is in the way. */
typedef void inbox_done(void *arg, enum status status, const struct reply_outcome *outcome,
			const char *why);
/* Takes one mail; the bytes are copied. One that is longer than LETTER_BYTES_MAX is not looked at.
 * keep: whoever brings it has no place for one that nobody can read, so that it is kept here
 * (daemon/aside.h). */
void inbox_take(struct inbox *inbox, const void *bytes, size_t len, bool keep, inbox_done *done,
		void *arg);

/* For `status`: where answers go and what is watched, a JSON object; null when none are taken. */
struct json_t *inbox_status(const struct inbox *inbox);

#endif
