/* Parses and checks on the loop (it is quick), brings the database in line on the store thread,
 * then swaps. */
#include "daemon/reload.h"
#include "daemon/flight.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "daemon/check.h"
#include "daemon/heartbeat.h"
#include "daemon/inbox.h"
#include "daemon/log.h"
#include "daemon/turn.h"
#include "sys/notify.h"

#define REPORT_MAX	(256 * 1024)
#define FIRST_ERROR_MAX 900 /* bytes of it in status */

struct reload {
	struct daemon *daemon;
	struct conf *conf;
	const struct roster *before; /* in force until the swap */
	struct scene scene;
	struct sync_plan plan;
	reload_done *done;
	void *arg;
};

struct reload_request {
	bool yes;
	reload_done *done;
	void *arg;
};

static void refuse(reload_done *done, void *arg, const char *why)
{
	if (done)
		done(arg, STATUS_BUSY, why);
}

/* What came while one is under way may not be in the file as that one has read it. */
static void let_wait(struct daemon *daemon, bool yes, reload_done *done, void *arg)
{
	if (!daemon->reload_next)
		daemon->reload_next = mem_alloc(1, sizeof(*daemon->reload_next));
	if (done && daemon->reload_next->done)
		refuse(done, arg, "a reload is under way, and another one waits; try again");
	else if (done)
		*daemon->reload_next = (struct reload_request){yes, done, arg};
}

static void start_next(struct daemon *daemon)
{
	struct reload_request *next = daemon->reload_next;

	daemon->reload_next = NULL;
	if (next)
		reload_start(daemon, next->yes, next->done, next->arg);
	free(next);
}

/* An update of the time zones must not get lost because the file is broken at that moment. */
static void keep_zones_in_mind(struct daemon *daemon)
{
	const struct timeval later = {.tv_sec = RELOAD_ZONES_RETRY_S};

	log_line(LOG_ZONES_OLD,
		 "the system's new time zones are not in force; trying again in %d min",
		 RELOAD_ZONES_RETRY_S / 60);
	event_add(daemon->zones_timer, &later);
}

/* What a reload that was done says to who asked for it. */
static char *answer_text(const char *report, const json_t *warnings)
{
	json_t *answer = json_pack("{s:s, s:O}", "report", report, "warnings", warnings);
	char *text = json_dumps(answer, JSON_COMPACT);

	json_decref(answer);
	return text;
}

static void log_warnings(const json_t *warnings)
{
	json_t *warning;
	size_t i;

	json_array_foreach(warnings, i, warning)
	    log_line(LOG_CONF_WARNING, "%s", json_string_value(warning));
}

/* For status: the first error whole, and how many there are besides. The log has them all. */
static void keep_error(struct daemon *daemon, const char *text)
{
	const size_t first = text_first_line(text);
	char *line = mem_strndup(text, first < FIRST_ERROR_MAX ? first : FIRST_ERROR_MAX);
	char besides[64] = "";
	size_t more = 0;

	for (const char *at = text + first; (at = strchr(at, '\n')); at++)
		more++;
	if (more > 0)
		(void)snprintf(besides, sizeof(besides), " (and %zu more: see the log)", more);
	/* What is not UTF-8 would be left out of status, and all would seem well. */
	text_drop_half(line);
	(void)snprintf(daemon->last_reload_error, sizeof(daemon->last_reload_error), "%s%s", line,
		       besides);
	free(line);
}

/* warnings: of one that was done. */
static void report(struct daemon *daemon, enum status status, const char *text,
		   const json_t *warnings, reload_done *done, void *arg)
{
	char *answer = status == STATUS_OK ? answer_text(text, warnings) : NULL;

	daemon->reloading = false;
	daemon->last_reload_error[0] = '\0';
	if (status != STATUS_OK) {
		log_line(LOG_RELOAD_FAILED,
			 "the configuration was not reloaded; the old one stays in force:");
		keep_error(daemon, text);
	}
	log_warnings(warnings);
	log_lines(status == STATUS_OK ? LOG_RELOADED : LOG_RELOAD_FAILED, text);
	if (status != STATUS_OK && daemon->zones_stale && !daemon->stopping)
		keep_zones_in_mind(daemon);
	(void)notify_send("READY=1");
	if (done)
		done(arg, status, answer ? answer : text);
	free(answer);
	/* What was wanted meanwhile had to wait. What would write goes before the next reload, so
	 * that a row of them keeps nobody waiting. */
	api_resume(daemon->api);
	inbox_resume(daemon->inbox);
	start_next(daemon);
	if (daemon->turn_wanted)
		turn_take(daemon);
}

/* What failed as a channel was set up before need not wait to fail again, or to go, as it is now.
 */
static void hurry_changed_channels(struct db *db, const struct reload *reload)
{
	const struct roster *roster = reload->scene.roster;

	for (size_t i = 0; i < roster->channel_count; i++) {
		const struct channel *channel = &roster->channels[i];
		const struct channel *before = roster_channel(reload->before, channel->id);

		if (before && strcmp(before->hash, channel->hash) != 0)
			(void)outbox_hurry(db, &reload->scene, channel->id);
	}
}

static enum status sync_job(struct db *db, void *arg, struct error *err)
{
	struct reload *reload = arg;
	enum status status = sync_file(db, &reload->scene, &reload->plan, err);

	if (status == STATUS_OK) {
		hurry_changed_channels(db, reload);
		status = db_status(db);
	}

	if (status != STATUS_OK && !err->text[0])
		error_set(err, "%s", db_error(db));
	return status;
}

static void swap(struct daemon *daemon, struct conf *conf)
{
	struct conf *before = daemon->conf;

	conf_drop_partners(conf);
	daemon->conf = conf;
	/* The one that waits may be there because of zones that came after this file was read. */
	if (!daemon->reload_next)
		daemon->zones_stale = false;
	roster_unref(&before->roster);
	daemon_watch_zones(daemon);
	heartbeat_adjust(daemon->heartbeat);
	inbox_adjust(daemon->inbox);
	/* What has not set out goes by the new settings: they may say that nothing is to go. */
	flight_hand_back_waiting(daemon);
	turn_take(daemon);
}

/* How far everybody's days move is not looked at here: that takes judging them twice, as check
 * does.
 */
static char *say_changes(const struct reload *reload)
{
	const struct sync_plan *plan = &reload->plan;
	const bool same = strcmp(reload->daemon->conf->roster.hash, reload->conf->roster.hash) == 0;

	return mem_printf(
	    "configuration reloaded: %d partners added, %d changed, %d archived, "
	    "%d restored%s",
	    plan->added.count, plan->changed.count, plan->archived.count, plan->restored.count,
	    same ? "" : "; cadences or calendars changed: every partner is judged again");
}

static void sync_done(enum status status, const struct error *err, void *arg)
{
	struct reload *reload = arg;
	json_t *warnings = NULL;
	char *text;

	if (status == STATUS_OK) {
		text = say_changes(reload);
		warnings = check_warnings(reload->daemon, reload->conf);
		swap(reload->daemon, reload->conf);
	} else {
		text = mem_strdup(err->text);
		roster_unref(&reload->conf->roster);
	}
	report(reload->daemon, status, text, warnings, reload->done, reload->arg);
	json_decref(warnings);
	free(text);
	free(reload);
}

static void start_sync(struct daemon *daemon, struct conf *conf, bool yes, reload_done *done,
		       void *arg)
{
	struct reload *reload = mem_alloc(1, sizeof(*reload));

	*reload = (struct reload){.daemon = daemon,
				  .conf = conf,
				  .before = &daemon->conf->roster,
				  .done = done,
				  .arg = arg};
	reload->scene =
	    (struct scene){.roster = &conf->roster, .now = daemon_now(daemon), .actor = "conf"};
	reload->plan = (struct sync_plan){
	    .entries = conf->partners, .count = conf->partner_count, .accept_archiving = yes};
	if (store_submit(daemon->store, sync_job, sync_done, reload) == STATUS_OK)
		return;
	roster_unref(&conf->roster);
	free(reload);
	report(daemon, STATUS_BUSY, "too many jobs wait; try again", NULL, done, arg);
}

void reload_start(struct daemon *daemon, bool yes, reload_done *done, void *arg)
{
	struct buf errors = buf_make(REPORT_MAX);
	struct conf *conf = NULL;

	if (daemon->stopping) {
		refuse(done, arg, "cadenced is stopping");
		return;
	}
	if (daemon->reloading) {
		let_wait(daemon, yes, done, arg);
		return;
	}
	daemon->reloading = true;
	(void)notify_reloading();
	const enum status status = conf_load(daemon->options.conf_path, &conf, &errors);
	if (status != STATUS_OK) {
		report(daemon, status, buf_text(&errors), NULL, done, arg);
	} else {
		start_sync(daemon, conf, yes, done, arg);
	}
	buf_free(&errors);
}
