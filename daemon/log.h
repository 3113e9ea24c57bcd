/* The log: one line an event, to standard error, with the journal's priorities under systemd. */
#ifndef CADENCE_DAEMON_LOG_H
#define CADENCE_DAEMON_LOG_H

#include "base/error.h"

/* The journal's numbers (sd-daemon(3)). */
enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARNING = 4, LOG_LEVEL_INFO = 6 };

void log_line(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A text of several lines, each as a line of its own. */
void log_lines(enum log_level level, const char *text);

#endif
