/* The log: one line an event. Into the journal with its priority and with fields to search by,
 * where standard error leads there; elsewhere to standard error.
 *
 * Nothing waits for whoever reads it: what finds no room is lost, counted, and said to be lost as
 * soon as there is room again. Only the loop thread logs. */
#ifndef CADENCE_DAEMON_LOG_H
#define CADENCE_DAEMON_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* The journal's numbers (sd-daemon(3)). */
enum log_level {
	LOG_LEVEL_ERR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/* Kinds of events; log.c has their levels, their ids and what each means. */
enum log_event {
	LOG_STARTED,
	LOG_STOPPING,
	LOG_START_FAILED,
	LOG_CONF_WRONG,
	LOG_CONF_WARNING,
	LOG_NOT_LIVE,
	LOG_CALENDAR,
	LOG_RELOADED,
	LOG_RELOAD_FAILED,
	LOG_CLOCK_SET,
	LOG_ZONES_CHANGED,
	LOG_ZONES_OLD,
	LOG_LOOKED,
	LOG_STORE_FAILED,
	LOG_CHECKED,
	LOG_DAMAGED,
	LOG_STORE_BUSY,
	LOG_BACKUP_MADE,
	LOG_BACKUP_FAILED,
	LOG_STORE_WORKS,
	LOG_HEARTBEAT_FAILED,
	LOG_HEARTBEAT_HELD,
	LOG_HEARTBEAT_WORKS,
	LOG_DELIVERED,
	LOG_RETRYING,
	LOG_BLOCKED,
	LOG_DEAD,
	LOG_RESTING,
	LOG_UNSETTLED,
	LOG_INTERRUPTED,
	LOG_UNHEARD,
	LOG_BROKEN,
	LOG_REPLY_TAKEN,
	LOG_REPLY_REFUSED,
	LOG_REPLY_ASIDE,
	LOG_REPLY_FAILED,
	LOG_INBOX_FAILED,
	LOG_LINES_LOST,
	LOG_EVENTS
};

/* Whom a line is about: its first words, and fields of the journal. */
struct log_subject {
	int64_t delivery;    /* 0: none */
	const char *channel; /* NULL: none, as below */
	const char *owner;
	const char *const *partners; /* of a digest all that stand in it */
	size_t partner_count;
};

/* "warning"; false when there is no such level. */
bool log_level_parse(const char *name, enum log_level *ret_level);
/* Opens the log; what is below the level is not said. Before that, and after log_close(), nothing
 * is. */
void log_open(enum log_level least);
void log_close(void);
/* Whether lines have fields beside their words, so that it is worth to gather them. */
bool log_has_fields(void);
void log_line(enum log_event event, const char *fmt, ...) PRINTF_LIKE(2, 3);
void log_about(enum log_event event, const struct log_subject *subject, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* A text of several lines, each as a line of its own. */
void log_lines(enum log_event event, const char *text);
/* The table of events, a line each: MESSAGE_ID, level, name and what it means, with tabs between.
 */
void log_print_events(struct buf *out);
/* The same for cadenced(8): a list of mdoc. */
void log_print_manual(struct buf *out);

#endif
