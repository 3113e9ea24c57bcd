/* Sets the daemon up in an order whose reasons stand beside it, loops, and takes it down in
 * reverse. */
#include "daemon/daemon.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/broken.h"
#include "daemon/errand.h"
#include "daemon/flight.h"
#include "daemon/heartbeat.h"
#include "daemon/inbox.h"
#include "daemon/keeper.h"
#include "daemon/log.h"
#include "daemon/ops.h"
#include "daemon/pace.h"
#include "daemon/reload.h"
#include "daemon/runway.h"
#include "daemon/turn.h"
#include "engine/engine.h"
#include "sys/notify.h"
#include "sys/wake.h"
#include "sys/zoneinfo.h"

_Static_assert(CONF_MAIL_CONNECTIONS_MAX <= MAIL_THREADS_MAX, "a mail runway has its threads");

#define REPLIES_MAX	   4096
#define START_TIMEOUT_USEC "900000000" /* what systemd is asked to wait for the database */
#define MAIL_PAUSE_US	   1000
#define STOP_GRACE_S	   8 /* what is in flight may finish; systemd is promised 10 s in all */
#define CLOSE_GRACE_MS	   500
#define ERRORS_TEXT_MAX	   (256 * 1024)
#define ZONES_SETTLE_S	   2 /* after the last time-zone file was written */

instant daemon_now(const struct daemon *daemon)
{
	return clock_now(&daemon->clock);
}

struct scene daemon_scene(const struct daemon *daemon)
{
	return (struct scene){
	    .roster = &daemon->conf->roster, .now = daemon_now(daemon), .actor = "cadenced"};
}

bool daemon_tries_again(const struct daemon *daemon)
{
	return !daemon->options.once && !daemon->stopping && !store_damage(daemon->store);
}

void daemon_maybe_end(struct daemon *daemon)
{
	const bool idle = !daemon->turn_running && daemon->flight_count == 0;
	const bool tried = !daemon->turn_wanted && !evtimer_pending(daemon->retry_timer, NULL);
	const bool over = daemon->stopping || (daemon->options.once && tried);

	if (idle && over)
		event_base_loopbreak(daemon->base);
}

void daemon_stop(struct daemon *daemon)
{
	const struct timeval grace = {.tv_sec = STOP_GRACE_S};

	if (daemon->stopping)
		return;
	daemon->stopping = true;
	(void)notify_send("STOPPING=1");
	flight_hand_back_waiting(daemon);
	log_line(LOG_STOPPING, "stopping; %zu deliveries in flight get %d s to finish",
		 runways_under_way(daemon->runways), STOP_GRACE_S);
	daemon->api = api_close(daemon->api);
	event_add(daemon->stop_timer, &grace);
	daemon_maybe_end(daemon);
}

/* ---- what the loop hears ---- */

static void on_stop_signal(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	daemon_stop(arg);
}

static void on_reload_signal(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	reload_start(arg, false, NULL, NULL);
}

static void on_stop_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)fd;
	(void)what;
	event_base_loopbreak(daemon->base);
}

/* Nothing is written to such a file; the next start reads all of it and says which backup to take.
 */
static void end_damaged(struct daemon *daemon)
{
	log_line(LOG_DAMAGED, "%s; ending, because nothing is written to a damaged database",
		 store_damage(daemon->store)->text);
	daemon->damaged = true;
	daemon_stop(daemon);
	daemon_maybe_end(daemon);
}

static void on_store(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)fd;
	(void)what;
	store_collect(daemon->store);
	/* Whoever has met it: a turn, a request, a backup. */
	if (store_damage(daemon->store) && !daemon->damaged)
		end_damaged(daemon);
}

static void on_replies(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	flight_collect(arg);
}

/* Where mails flow there is a reply every few microseconds, and the threads have the next messages
 * at hand: what comes in during a pause is worked off together, and shares a commit. */
static void on_mail_replies(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval pause = {.tv_usec = MAIL_PAUSE_US};
	struct daemon *daemon = arg;

	(void)fd;
	(void)what;
	flight_collect(daemon);
	event_add(daemon->mail_pause, &pause);
}

static void on_mail_pause(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_add(((struct daemon *)arg)->mail_event, NULL);
}

static void on_waiting(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	flight_relieve(arg);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	turn_take(arg);
	daemon_maybe_end(arg);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	turn_take(arg);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)what;
	if (wake_read((int)fd) == WAKE_CLOCK_STEPPED) {
		log_line(LOG_CLOCK_SET, "the clock was set; looking at everything again");
		daemon->clock_check_wanted = true;
	}
	turn_take(daemon);
}

static void on_zones(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval settle = {.tv_sec = ZONES_SETTLE_S};
	struct daemon *daemon = arg;

	(void)what;
	zoneinfo_watch_read((int)fd);
	event_add(daemon->zones_timer, &settle);
}

/* What was judged by the old rules is judged again: the reload sees by its hash that they differ.
 */
static void on_zones_settled(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)fd;
	(void)what;
	log_line(LOG_ZONES_CHANGED, "the system's time zones have changed; reloading");
	daemon->zones_stale = true;
	reload_start(daemon, false, NULL, NULL);
}

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

static void unwatch_zones(struct daemon *daemon)
{
	free_event(daemon->zones_event);
	daemon->zones_event = NULL;
	if (daemon->zones_fd >= 0)
		close(daemon->zones_fd);
	daemon->zones_fd = -1;
}

void daemon_watch_zones(struct daemon *daemon)
{
	unwatch_zones(daemon);
	zoneinfo_version(daemon->zones_version, &daemon->zones_date);
	daemon->zones_fd = zoneinfo_watch((const struct zone *const *)daemon->conf->zones,
					  daemon->conf->zone_count);
	if (daemon->zones_fd < 0)
		return;
	daemon->zones_event =
	    event_new(daemon->base, daemon->zones_fd, EV_READ | EV_PERSIST, on_zones, daemon);
	event_add(daemon->zones_event, NULL);
}

static enum status no_job(struct db *db, void *arg, struct error *err)
{
	(void)db;
	(void)arg;
	(void)err;
	return STATUS_OK;
}

/* systemd hears of us only when the store thread answers too. */
static void watchdog_answer(enum status status, const struct error *err, void *arg)
{
	(void)err;
	(void)arg;
	if (status == STATUS_OK)
		(void)notify_sign("WATCHDOG=1");
}

static void on_watchdog(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *daemon = arg;

	(void)fd;
	(void)what;
	/* A long statement, such as a backup, is no silence. */
	if (store_progress(daemon->store) != daemon->progress) {
		daemon->progress = store_progress(daemon->store);
		(void)notify_sign("WATCHDOG=1");
		return;
	}
	/* Too much waiting is no reason to be restarted, nor is a disk that is full; not answering
	 * for two periods is. */
	if (store_submit_reading(daemon->store, no_job, watchdog_answer, daemon) != STATUS_OK)
		log_line(LOG_STORE_BUSY, "too many jobs wait for the store");
}

/* ---- setting up ---- */

static enum status add_event(struct daemon *daemon, evutil_socket_t fd, short what,
			     event_callback_fn callback, struct error *err)
{
	struct event *event = event_new(daemon->base, fd, what, callback, daemon);

	if (!event || event_add(event, NULL))
		return error_fail(err, STATUS_FAILED, "the event loop refuses an event");
	daemon->events[daemon->event_count++] = event;
	return STATUS_OK;
}

static enum status listen_to_the_world(struct daemon *daemon, struct error *err)
{
	const struct {
		evutil_socket_t fd;
		short what;
		event_callback_fn callback;
	} sources[] = {
	    {SIGTERM, EV_SIGNAL | EV_PERSIST, on_stop_signal},
	    {SIGINT, EV_SIGNAL | EV_PERSIST, on_stop_signal},
	    {SIGHUP, EV_SIGNAL | EV_PERSIST, on_reload_signal},
	    {store_fd(daemon->store), EV_READ | EV_PERSIST, on_store},
	    {queue_fd(daemon->http_replies), EV_READ | EV_PERSIST, on_replies},
	    {daemon->wake_fd, EV_READ | EV_PERSIST, on_wake},
	};
	enum status status = STATUS_OK;

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]) && status == STATUS_OK; i++)
		status =
		    add_event(daemon, sources[i].fd, sources[i].what, sources[i].callback, err);
	daemon->mail_event = event_new(daemon->base, queue_fd(daemon->mail_replies), EV_READ,
				       on_mail_replies, daemon);
	daemon->mail_pause = evtimer_new(daemon->base, on_mail_pause, daemon);
	daemon->waiting_timer = evtimer_new(daemon->base, on_waiting, daemon);
	event_add(daemon->mail_event, NULL);
	daemon->stop_timer = evtimer_new(daemon->base, on_stop_timeout, daemon);
	daemon->turn_event = evtimer_new(daemon->base, on_turn, daemon);
	daemon->retry_timer = evtimer_new(daemon->base, on_retry, daemon);
	daemon->zones_timer = evtimer_new(daemon->base, on_zones_settled, daemon);
	daemon_watch_zones(daemon);
	return status;
}

static void start_watchdog(struct daemon *daemon)
{
	const uint64_t usec = notify_watchdog_usec() / 2;
	const struct timeval every = {.tv_sec = (time_t)(usec / 1000000),
				      .tv_usec = (suseconds_t)(usec % 1000000)};

	if (usec == 0)
		return;
	daemon->watchdog_timer = event_new(daemon->base, -1, EV_PERSIST, on_watchdog, daemon);
	event_add(daemon->watchdog_timer, &every);
}

struct beginning {
	struct daemon *daemon;
	struct scene scene;
	struct sync_plan plan;
};

static enum status begin_job(struct db *db, void *arg, struct error *err)
{
	struct beginning *b = arg;

	return engine_begin(db, &b->scene, &b->plan, b->daemon->installation, err);
}

static enum status begin(struct daemon *daemon, struct error *err)
{
	struct beginning b = {
	    .daemon = daemon,
	    .scene = daemon_scene(daemon),
	    .plan = {.entries = daemon->conf->partners,
		     .count = daemon->conf->partner_count,
		     .starting = true},
	};
	b.scene.actor = "conf";
	const enum status status = store_run(daemon->store, begin_job, &b, err);

	daemon->conf_refused = status == STATUS_INVALID;
	conf_drop_partners(daemon->conf);
	return status;
}

static enum status open_ways_out(struct daemon *daemon, struct error *err)
{
	daemon->pace = pace_new();
	daemon->http_replies = queue_new(REPLIES_MAX);
	daemon->mail_replies = queue_new(REPLIES_MAX);
	if (!daemon->http_replies || !daemon->mail_replies)
		return error_fail(err, STATUS_FAILED, "no descriptor is left for a queue");
	daemon->courier = courier_new(daemon->http_replies, "cadenced/" CADENCED_VERSION, err);
	if (!daemon->courier)
		return STATUS_FAILED;
	daemon->mail = mail_pool_new(daemon->mail_replies);
	return STATUS_OK;
}

static enum status open_control(struct daemon *daemon, struct error *err)
{
	const struct api_ops ops = ops_make(daemon);
	int fd = -1;

	if (daemon->options.once)
		return STATUS_OK;
	if (listen_fds(&fd, 1) > 0 && !listen_fd_is_sound(fd))
		return error_fail(err, STATUS_INVALID,
				  "the socket that systemd handed over is no listening Unix stream "
				  "socket; cadenced.socket wants one ListenStream= with a path");
	return api_open(daemon->base, daemon->store, &ops, daemon->conf->control, fd, &daemon->api,
			err);
}

/* To read all of a large database takes long, and so may a migration. */
static enum status open_store(struct daemon *daemon, struct error *err)
{
	enum status status;

	(void)notify_send("STATUS=opening the database\nEXTEND_TIMEOUT_USEC=" START_TIMEOUT_USEC);
	status = store_open(daemon->conf->database, &daemon->store, err);
	daemon->damaged = status == STATUS_DAMAGED;
	/* cadencectl restore finds the database by the configuration. */
	if (daemon->damaged && strcmp(daemon->options.conf_path, CADENCED_CONF) != 0) {
		const struct error what = *err;

		error_set(err, "%s (here with --conf %s)", what.text, daemon->options.conf_path);
	}
	if (status == STATUS_OK && store_was_checked(daemon->store))
		log_line(LOG_CHECKED,
			 "nobody had closed the database: all of it was read, and it is sound");
	return status;
}

static enum status set_up(struct daemon *daemon, struct error *err)
{
	enum status status;

	daemon->base = event_base_new();
	daemon->wake_fd = wake_open(err);
	if (!daemon->base || daemon->wake_fd < 0)
		return STATUS_FAILED;
	/* The store first: it is what keeps a second daemon out. */
	status = open_store(daemon, err);
	if (status == STATUS_OK)
		status = begin(daemon, err);
	if (status == STATUS_OK)
		status = open_ways_out(daemon, err);
	if (status == STATUS_OK)
		status = listen_to_the_world(daemon, err);
	if (status == STATUS_OK) {
		daemon->keeper = keeper_new(daemon);
		daemon->heartbeat = heartbeat_new(daemon);
	}
	if (status == STATUS_OK && !daemon->options.once)
		status = inbox_open(daemon, &daemon->inbox, err);
	/* The socket last: who can connect will be answered. */
	if (status == STATUS_OK)
		status = open_control(daemon, err);
	return status;
}

/* ---- taking down ---- */

static void take_down(struct daemon *daemon)
{
	daemon->stopping = true;
	daemon->api = api_close(daemon->api);
	inbox_stop(daemon->inbox);
	/* The ways out before the store: the last replies are still written down. */
	daemon->courier = courier_free(daemon->courier, CLOSE_GRACE_MS);
	daemon->mail = mail_pool_free(daemon->mail, CLOSE_GRACE_MS);
	if (daemon->http_replies && daemon->mail_replies)
		flight_collect(daemon);
	errands_end(daemon);
	daemon->store = store_close(daemon->store);
	errands_end(daemon);
	daemon->inbox = inbox_free(daemon->inbox);
	daemon->keeper = keeper_free(daemon->keeper);
	daemon->heartbeat = heartbeat_free(daemon->heartbeat);
	free(daemon->store_reason);
	flight_abandon(daemon);
	runways_free(&daemon->runways);
	daemon->pace = pace_free(daemon->pace);
	broken_free(daemon);
	for (size_t i = 0; i < daemon->event_count; i++)
		event_free(daemon->events[i]);
	free_event(daemon->mail_event);
	free_event(daemon->mail_pause);
	free_event(daemon->waiting_timer);
	free_event(daemon->stop_timer);
	free_event(daemon->turn_event);
	free_event(daemon->retry_timer);
	free_event(daemon->watchdog_timer);
	free_event(daemon->zones_timer);
	unwatch_zones(daemon);
	queue_free(daemon->http_replies);
	queue_free(daemon->mail_replies);
	if (daemon->wake_fd >= 0)
		close(daemon->wake_fd);
	if (daemon->base)
		event_base_free(daemon->base);
	roster_unref(&daemon->conf->roster);
	roster_unref(&daemon->first->roster);
}

/* ---- running ---- */

/* What is dead, and what is blocked, whether or not anything waits for it. */
static enum status count_job(struct db *db, void *arg, struct error *err)
{
	struct arena *arena = arena_new();
	struct outbox_counts counts;
	struct blocked *blocks;
	size_t block_count, *faults = arg;
	enum status status = outbox_count(db, &counts);

	(void)err;
	if (status == STATUS_OK)
		status = block_list(db, arena, &blocks, &block_count);
	if (status == STATUS_OK)
		*faults = (size_t)counts.dead + block_count;
	arena_free(arena);
	return status;
}

/* --once succeeded when every due thing was tried and its outcome is stored, and no way is blocked.
 * It ends by itself then: whoever had to stop it came before that. */
static int once_result(struct daemon *daemon)
{
	struct error err = {""};
	size_t faults = 0;

	if (daemon->stopping || daemon->broken_count > 0)
		return EXIT_FAILED;
	if (store_run(daemon->store, count_job, &faults, &err) != STATUS_OK || daemon->failed)
		return EXIT_FAILED;
	return faults > 0 ? EXIT_FAILED : EXIT_DONE;
}

static void log_calendar(void *arg, const char *text)
{
	(void)arg;
	log_line(LOG_CALENDAR, "%s", text);
}

static int loop(struct daemon *daemon)
{
	log_line(LOG_STARTED, "cadenced " CADENCED_VERSION " with %s", daemon->options.conf_path);
	if (daemon->conf->deliver == DELIVER_HOLD)
		log_line(LOG_NOT_LIVE, "deliver = \"hold\": nothing is sent");
	if (daemon->conf->redirect_to)
		log_line(LOG_NOT_LIVE, "redirect_to: every mail goes to %s, no hook is called",
			 daemon->conf->redirect_to);
	roster_warn_of_calendars(&daemon->conf->roster, daemon_now(daemon), log_calendar, NULL);
	(void)notify_send("READY=1");
	start_watchdog(daemon);
	turn_take(daemon);
	/* Behind the first turn: a heart that beats at each start says nothing of what fails then.
	 */
	if (!daemon->options.once)
		heartbeat_adjust(daemon->heartbeat);
	event_base_dispatch(daemon->base);
	if (daemon->damaged)
		return EXIT_FAILED;
	return daemon->options.once ? once_result(daemon) : EXIT_DONE;
}

static struct clock make_clock(const struct options *options)
{
	if (!options->has_now)
		return clock_real();
	return options->once ? clock_frozen(options->now) : clock_started(options->now);
}

static int load_conf(struct daemon *daemon)
{
	struct buf errors = buf_make(ERRORS_TEXT_MAX);
	const enum status status = conf_load(daemon->options.conf_path, &daemon->conf, &errors);

	if (status != STATUS_OK)
		log_lines(LOG_CONF_WRONG, buf_text(&errors));
	buf_free(&errors);
	if (status != STATUS_OK)
		return EXIT_CONF_WRONG;
	daemon->first = daemon->conf;
	roster_ref(&daemon->first->roster);
	for (size_t i = 0; i < daemon->conf->warning_count; i++)
		log_line(LOG_CONF_WARNING, "%s", daemon->conf->warnings[i]);
	return EXIT_DONE;
}

int daemon_run(const struct options *options, struct reader *reader)
{
	struct daemon daemon = {.options = *options,
				.reader = reader,
				.wake_fd = -1,
				.zones_fd = -1,
				.looked = INSTANT_NEVER,
				.next_turn = INSTANT_NEVER,
				.clock = make_clock(options)};
	struct error err = {""};
	enum status status;

	signal(SIGPIPE, SIG_IGN);
	int result = load_conf(&daemon);

	if (result != EXIT_DONE)
		return result;
	daemon.started = daemon_now(&daemon);
	if (gethostname(daemon.host, sizeof(daemon.host) - 1))
		strcpy(daemon.host, "unknown");
	status = set_up(&daemon, &err);
	if (status == STATUS_OK) {
		result = loop(&daemon);
	} else {
		log_lines(daemon.damaged ? LOG_DAMAGED : LOG_START_FAILED, err.text);
		/* What only shows against the clock and the database is wrong configuration too;
		 * and a damaged file is not mended by trying again. */
		result = daemon.conf_refused || daemon.damaged ? EXIT_CONF_WRONG : EXIT_FAILED;
	}
	take_down(&daemon);
	return result;
}
