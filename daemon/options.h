/* What the command line of cadenced asks for. */
#ifndef CADENCE_DAEMON_OPTIONS_H
#define CADENCE_DAEMON_OPTIONS_H

#include <stdbool.h>

#include "core/day.h"
#include "daemon/log.h"

#define CADENCED_VERSION "0.1.0"
#define CADENCED_CONF	 "/etc/cadenced/cadenced.conf"

/* Exit statuses (sysexits.h). */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE_WRONG = 64, EXIT_CONF_WRONG = 78 };

enum action {
	ACTION_RUN,
	ACTION_CHECK,
	ACTION_PRINT_CONFIG,
	ACTION_PRINT_REFERENCE,
	ACTION_PRINT_LOG_EVENTS,
	ACTION_PRINT_MANUAL,
	ACTION_VERSION,
	ACTION_HELP
};

struct options {
	enum action action;
	const char *conf_path;
	const char *manual; /* with ACTION_PRINT_MANUAL: "conf" or "api" */
	bool once;
	bool has_now;
	instant now;		  /* when has_now */
	enum log_level log_level; /* what is below it is not said */
};

/* False when the words are wrong; the reason has been printed then. */
bool options_parse(int argc, char **argv, struct options *ret_options);
/* The text of --help, to standard output. */
void options_help(void);

#endif
