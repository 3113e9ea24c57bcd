/* The HTTP API: evhttp routes over the control socket, JSON in and out.
 *
 * Runs on the loop; everything that touches the database is a store job. What it needs of other
 * rooms it calls through struct api_ops, which the daemon hands it. */
#ifndef CADENCE_API_API_H
#define CADENCE_API_API_H

#include <event2/event.h>

#include "base/buf.h"
#include "base/error.h"
#include "core/roster.h"
#include "store/store.h"
#include "store/verbs.h"

struct api;

/* The daemon's side. All run on the loop thread unless said otherwise. */
struct api_ops {
	void *daemon;
	/* The roster in force, with a reference that the caller gives back. */
	struct roster *(*roster)(void *daemon);
	instant (*now)(void *daemon);
	/* Whether a reload is under way: what would write waits until api_resume() then. */
	bool (*reloading)(void *daemon);
	/* Something was written: look when to wake up next. */
	void (*changed)(void *daemon);
	/* Reads the configuration again. text gets what changed, a JSON object, or every error.
	 * done is called on the loop, once. */
	void (*reload)(void *daemon, bool yes,
		       void (*done)(void *arg, enum status status, const char *text), void *arg);
	/* Reads another file (absolute path) and says what a reload with it would change: a JSON
	 * object, or every error. done is called on the loop, once. */
	void (*check)(void *daemon, const char *path,
		      void (*done)(void *arg, enum status status, const char *text), void *arg);
	/* Makes the backup of the day now, verifies it and keeps it: a JSON object about it, or why
	 * not. done is called on the loop, once. */
	void (*back_up)(void *daemon, void (*done)(void *arg, enum status status, const char *text),
			void *arg);
	/* Looks at all that the daemon depends on. hear is called on the loop for each check, with
	 * a JSON object, then done. Unless STATUS_OK neither is. */
	enum status (*doctor)(void *daemon, void (*hear)(void *arg, const char *text),
			      void (*done)(void *arg), void *arg, struct error *err);
	/* Nobody hears it any more; done is still called. */
	void (*doctor_stop)(void *daemon);
	/* Runs on the store thread, in a job: the digest that owner would get now, as the bytes
	 * that channel would send (channel NULL: plain text). format: "text", "html", "json" or
	 * "raw". */
	enum status (*preview)(struct db *db, const struct scene *scene, const char *owner,
			       const char *channel, const char *format, struct buf *ret_bytes,
			       struct error *err);
	/* Runs on the store thread: the document of a test message for a channel, JSON from malloc.
	 */
	char *(*test_document)(const struct scene *scene, const char *channel);
	/* Runs on the store thread: STATUS_CONFLICT when a test message over that channel to that
	 * address (NULL: the channel knows) would stay here, or would go elsewhere. */
	enum status (*check_test)(const struct scene *scene, const struct channel *channel,
				  const char *to, struct error *err);
	/* Runs on the store thread: the same as test_document() for a mail that can be answered,
	 * which goes to that address under that key. STATUS_CONFLICT when none are taken. */
	enum status (*reply_test)(struct db *db, const struct scene *scene, const char *channel,
				  const char *to, const char *key, char **ret_document,
				  struct error *err);
	/* Takes a mail that answers one of ours: what became of it, a JSON object, is on disk when
	 * done is called with STATUS_OK, on the loop, once; else it should come again. */
	void (*receive)(void *daemon, const void *bytes, size_t len,
			void (*done)(void *arg, enum status status, const char *text), void *arg);
	/* Facts for `status`: fills a JSON object text (malloc) with version, config path, started,
	 * deliver mode, last reload error, …; its "warnings" join those of the database. */
	char *(*status)(void *daemon);
	/* Why what is due does not reach whom it is for: a sentence (malloc), NULL when it does. */
	char *(*withheld)(void *daemon);
};

/* Opens the control socket at path (a stale one is replaced, a live one is STATUS_BUSY; mode 0660)
 * or takes fd when it is not -1 (socket activation). */
enum status api_open(struct event_base *base, struct store *store, const struct api_ops *ops,
		     const char *path, int fd, struct api **ret_api, struct error *err) MUST_USE;
/* A reload has ended, well or not: what waited for it starts. NULL is harmless. */
void api_resume(struct api *api);
/* Stops listening and unlinks the socket; what is answered already leaves, what is not is dropped.
 * NULL is harmless; returns NULL. */
struct api *api_close(struct api *api);

#endif
