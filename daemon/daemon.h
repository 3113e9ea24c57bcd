/* The daemon: everything that lives as long as the process, and the order in which it comes and
 * goes.
 *
 * Only code on the loop thread touches a struct daemon. */
#ifndef CADENCE_DAEMON_DAEMON_H
#define CADENCE_DAEMON_DAEMON_H

#include <event2/event.h>

#include "api/api.h"
#include "base/queue.h"
#include "conf/conf.h"
#include "daemon/options.h"
#include "net/http.h"
#include "net/mail.h"
#include "store/store.h"
#include "sys/clock.h"
#include "sys/zoneinfo.h"

struct checkup;
struct flight;
struct errand;
struct heartbeat;
struct keeper;
struct landing;
struct runway;
struct pace;
struct reader;
struct reload_request;
struct inbox;

/* An owner whose digest cannot be composed (broken.c). */
struct broken_owner {
	char *owner;
	char *reason;
	instant since;
};

struct daemon {
	struct options options;
	struct clock clock;
	instant started;
	struct event_base *base;
	struct reader *reader; /* of mails that come in; not ours */

	struct conf *conf;  /* in force; one reference is ours */
	struct conf *first; /* the one at the start, also ours: of it runs what takes a restart */
	struct store *store;
	struct api *api;

	/* Ways out. */
	struct courier *courier;
	struct mail_pool *mail;
	struct queue *http_replies;
	struct queue *mail_replies;
	struct flight *flights; /* deliveries between claim and settle */
	size_t flight_count;
	struct landing *landing; /* of them: their results wait to be written; NULL: none do */
	struct runway *runways;	 /* of the channels that have had something to send */
	struct pace *pace;

	struct keeper *keeper; /* of backups */
	struct inbox *inbox;   /* NULL with --once */
	struct heartbeat *heartbeat;
	struct errand *errands; /* under way */
	struct checkup *doctor; /* at work; NULL: none is */

	/* The turn (turn.c). */
	int wake_fd;
	bool turn_running;
	bool turn_wanted;	 /* something changed while one ran */
	bool clock_check_wanted; /* the next turn sees to it that nothing past lies ahead */
	day pruned;		 /* the last UTC day on which history was pruned */
	instant looked;		 /* at what is due, the last time; INSTANT_NEVER: not yet */
	instant next_turn;	 /* as the last one has found; INSTANT_NEVER: none was taken */
	char *store_reason;	 /* why the last turn failed; NULL: it did not */
	instant store_failed;	 /* since when */
	struct broken_owner *broken;
	size_t broken_count;

	instant next_look;   /* as systemd is told (figures.c) */
	bool figures_wanted; /* there is more to tell than what was asked for */
	bool figures_asked;  /* the store is counting */

	bool stopping;
	bool reloading;
	struct reload_request *reload_next; /* waits for the one under way; NULL: none does */
	bool failed;			    /* the store failed in --once */
	bool conf_refused;		    /* the file's partners make no sense today */
	bool damaged;			    /* the database is; starting again does not help */
	char installation[65];
	char host[256]; /* this machine's name */
	char last_reload_error[1024];

	struct event *events[8]; /* signals, descriptors; freed at the end */
	size_t event_count;
	struct event *mail_event;    /* hears of replies to mails, ... */
	struct event *mail_pause;    /* ... but not again before this has ended */
	struct event *waiting_timer; /* looks whether what was claimed ahead sets out soon */
	struct event *stop_timer;
	struct event *turn_event; /* a turn is to be taken */
	/* Takes the next turn after the store failed, and with --once when a rate lets go. */
	struct event *retry_timer;
	struct event *watchdog_timer;
	unsigned progress; /* of the store, when the watchdog last looked */
	int zones_fd;	   /* tells of new time-zone files; -1: it cannot */
	char
	    zones_version[ZONEINFO_VERSION_SIZE]; /* of those the system has; "": it does not say */
	instant zones_date;			  /* of their files */
	struct event *zones_event;
	struct event *zones_timer; /* an update writes many files: the reload waits for the last */
	bool zones_stale;	   /* those in force are not the system's any more */
};

/* Runs until a signal, or with --once until all that is due was tried; returns the exit status.
 * reader was started by the caller, who closes it afterwards. */
int daemon_run(const struct options *options, struct reader *reader);

/* Begins to stop: no new work, what is in flight gets a while to finish. */
void daemon_stop(struct daemon *daemon);
/* Ends the loop when nothing is in flight any more and a stop or the end of --once asks for it. */
void daemon_maybe_end(struct daemon *daemon);
/* Whether what the store refused is asked of it again later: not with --once, not while stopping,
 * and not of a damaged database. */
bool daemon_tries_again(const struct daemon *daemon);
/* Watches the files of the time zones that the configuration in force names. */
void daemon_watch_zones(struct daemon *daemon);
instant daemon_now(const struct daemon *daemon);
/* The light in which the daemon itself acts. */
struct scene daemon_scene(const struct daemon *daemon);

#endif
