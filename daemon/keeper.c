/* Makes backups, and remembers what came of them. */
#include "daemon/keeper.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/errand.h"
#include "daemon/log.h"
#include "store/backup.h"

#define RETRY_S 3600 /* after one has failed */

struct keeper {
	struct daemon *daemon;
	char *database; /* path; NULL: in memory */
	instant made;	/* by this process; INSTANT_NEVER: none was */
	char *failed;	/* why the last one was not; NULL: it was */
	struct event *retry;

	/* The one under way. */
	bool running;
	char *part;
	day day;
	size_t keep;
	enum status status;
	struct error error;
	struct backup_facts facts;
	keeper_done *done;
	void *arg;
};

static bool is_wanted(const struct keeper *keeper)
{
	const struct daemon *daemon = keeper->daemon;

	return keeper->database && daemon->conf->backups > 0 && !daemon->options.once &&
	       !daemon->options.has_now && !daemon->stopping;
}

static day today(const struct keeper *keeper)
{
	return (day)(daemon_now(keeper->daemon) / DAY_MS);
}

/* Looked for each time: a file that somebody has taken away is none. DAY_NEVER: there is none. */
static day newest(const struct keeper *keeper)
{
	return backup_newest_day(keeper->database, today(keeper));
}

/* ---- what came of it ---- */

static void tell(struct keeper *keeper, enum status status, const char *text)
{
	keeper_done *done = keeper->done;

	keeper->done = NULL;
	if (done)
		done(keeper->arg, status, text);
}

static void succeeded(struct keeper *keeper)
{
	const struct backup_facts *facts = &keeper->facts;
	char *file = backup_path(keeper->database, keeper->day);
	char iso[DAY_TEXT_SIZE];
	json_t *answer = json_pack(
	    "{s:s, s:I, s:I, s:I, s:I, s:s?}", "file", file, "bytes", (json_int_t)facts->bytes,
	    "partners", (json_int_t)facts->partners, "contacts", (json_int_t)facts->contacts,
	    "undelivered", (json_int_t)facts->undelivered, "newest_contact",
	    facts->newest_contact == DAY_NEVER ? NULL : day_iso(facts->newest_contact, iso));
	char *text = json_dumps(answer, JSON_COMPACT);

	keeper->made = daemon_now(keeper->daemon);
	free(keeper->failed);
	keeper->failed = NULL;
	log_line(LOG_BACKUP_MADE, "%s: made and verified; %lld partners, %lld contacts", file,
		 (long long)facts->partners, (long long)facts->contacts);
	tell(keeper, STATUS_OK, text);
	free(text);
	json_decref(answer);
	free(file);
}

static void failed(struct keeper *keeper, enum status status, const char *reason)
{
	const struct timeval later = {.tv_sec = RETRY_S};
	const bool again = is_wanted(keeper);

	free(keeper->failed);
	keeper->failed = mem_strdup(reason);
	if (!keeper->daemon->stopping)
		log_line(LOG_BACKUP_FAILED, "no backup: %s%s", reason,
			 again ? "; trying again in an hour" : "");
	if (again)
		event_add(keeper->retry, &later);
	tell(keeper, status, reason);
}

static void conclude(struct keeper *keeper)
{
	keeper->running = false;
	free(keeper->part);
	keeper->part = NULL;
	if (keeper->status == STATUS_OK)
		succeeded(keeper);
	else
		failed(keeper, keeper->status, keeper->error.text);
}

/* ---- making one ---- */

static void verify(struct errand *errand, void *arg)
{
	struct keeper *keeper = arg;

	keeper->status = backup_keep(keeper->part, keeper->database, keeper->day, keeper->keep,
				     errand_stop(errand), &keeper->facts, &keeper->error);
}

static void verified(void *arg)
{
	conclude(arg);
}

static enum status copy_job(struct db *db, void *arg, struct error *err)
{
	struct keeper *keeper = arg;

	return backup_copy(db, keeper->day, keeper->keep, &keeper->part, err);
}

static void copied(enum status status, const struct error *err, void *arg)
{
	struct keeper *keeper = arg;
	struct error why = *err;

	/* Once the thread runs, what it will say is its own. */
	if (status == STATUS_OK)
		status = errand_start(keeper->daemon, verify, NULL, verified, keeper, &why);
	if (status == STATUS_OK)
		return;
	keeper->status = status;
	keeper->error = why;
	conclude(keeper);
}

void keeper_back_up(struct keeper *keeper, keeper_done *done, void *arg)
{
	const int keep = keeper->daemon->conf->backups;

	if (keeper->running) {
		if (done)
			done(arg, STATUS_BUSY, "a backup is under way; try again");
		return;
	}
	event_del(keeper->retry);
	keeper->running = true;
	keeper->done = done;
	keeper->arg = arg;
	keeper->day = today(keeper);
	/* One that somebody asks for is kept, also where none is made by itself. */
	keeper->keep = keep > 0 ? (size_t)keep : SIZE_MAX;
	keeper->status = store_submit_alone(keeper->daemon->store, copy_job, copied, keeper);
	if (keeper->status == STATUS_OK)
		return;
	error_set(&keeper->error, "too many jobs wait for the store");
	conclude(keeper);
}

void keeper_tend(struct keeper *keeper)
{
	if (!keeper || keeper->running || !is_wanted(keeper) ||
	    evtimer_pending(keeper->retry, NULL) || newest(keeper) == today(keeper))
		return;
	keeper_back_up(keeper, NULL, NULL);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	keeper_tend(arg);
}

/* ---- its life ---- */

struct keeper *keeper_new(struct daemon *daemon)
{
	struct keeper *keeper = mem_alloc(1, sizeof(*keeper));
	const char *path = store_path(daemon->store);

	keeper->daemon = daemon;
	keeper->database = mem_strdup(path);
	keeper->made = INSTANT_NEVER;
	keeper->retry = evtimer_new(daemon->base, on_retry, keeper);
	return keeper;
}

struct keeper *keeper_free(struct keeper *keeper)
{
	if (!keeper)
		return NULL;
	tell(keeper, STATUS_BUSY, "cadenced is stopping");
	event_free(keeper->retry);
	free(keeper->database);
	free(keeper->failed);
	free(keeper->part);
	free(keeper);
	return NULL;
}

json_t *keeper_status(const struct keeper *keeper)
{
	char iso[DAY_TEXT_SIZE], at[INSTANT_TEXT_SIZE];
	const day last = keeper->database ? newest(keeper) : DAY_NEVER;
	char *file = NULL;
	json_t *status;

	if (!keeper->database || (keeper->daemon->conf->backups == 0 && last == DAY_NEVER))
		return json_null();
	if (last != DAY_NEVER)
		file = backup_path(keeper->database, last);
	status = json_pack("{s:s?, s:s?, s:s?, s:i, s:b, s:s?}", "last",
			   file ? day_iso(last, iso) : NULL, "file", file, "made",
			   keeper->made == INSTANT_NEVER ? NULL : instant_rfc3339(keeper->made, at),
			   "keep", keeper->daemon->conf->backups, "daily", is_wanted(keeper),
			   "failed", keeper->failed);
	free(file);
	return status;
}
