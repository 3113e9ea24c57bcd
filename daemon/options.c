/* Reads the command line. */
#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>

enum {
	OPTION_CHECK = 256,
	OPTION_PRINT_CONFIG,
	OPTION_PRINT_REFERENCE,
	OPTION_PRINT_LOG_EVENTS,
	OPTION_LOG_LEVEL,
	OPTION_PRINT_MANUAL,
	OPTION_ONCE,
	OPTION_NOW
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check", no_argument, NULL, OPTION_CHECK},
    {"print-config", no_argument, NULL, OPTION_PRINT_CONFIG},
    {"print-reference", no_argument, NULL, OPTION_PRINT_REFERENCE},
    {"print-log-events", no_argument, NULL, OPTION_PRINT_LOG_EVENTS},
    {"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
    /* For the build alone: the part of a manual page that is printed from a table. */
    {"print-manual", required_argument, NULL, OPTION_PRINT_MANUAL},
    {"once", no_argument, NULL, OPTION_ONCE},
    {"now", required_argument, NULL, OPTION_NOW},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

void options_help(void)
{
	fputs(
	    "Usage: cadenced [OPTION]...\n"
	    "Watches the last contact with each partner and nudges its owner before it goes cold.\n"
	    "\n"
	    "  -c, --config FILE   the configuration (" CADENCED_CONF ")\n"
	    "      --check         say what is wrong with the configuration, and exit\n"
	    "      --print-config  print the configuration in force, defaults included, and exit\n"
	    "      --print-reference  print every key with its meaning and default, and exit\n"
	    "      --print-log-events  print the kinds of log lines, with their MESSAGE_ID, and "
	    "exit\n"
	    "      --log-level LEVEL   say what is at least debug, info (as without it), notice,\n"
	    "                      warning or err\n"
	    "      --once          judge, deliver what is due, and exit\n"
	    "      --now INSTANT   take this for the time: 2026-11-23T08:30:00Z. With --once the\n"
	    "                      clock stands still there, else it goes on from there\n"
	    "  -V, --version       print the version, and exit\n"
	    "  -h, --help          print this, and exit\n"
	    "\n"
	    "Exit status: 0 done, 1 failed, 64 wrong usage, 78 wrong configuration or a damaged\n"
	    "database: starting again does not help.\n"
	    "Talk to a running daemon with cadencectl. SIGHUP reads the configuration again.\n",
	    stdout);
}

static bool take_level(const char *name, struct options *options)
{
	if (log_level_parse(name, &options->log_level))
		return true;
	fprintf(stderr,
		"cadenced: --log-level %s: debug, info, notice, warning or err would be right\n",
		name);
	return false;
}

static bool take_option(int option, struct options *options)
{
	switch (option) {
	case 'c':
		options->conf_path = optarg;
		return true;
	case OPTION_CHECK:
		options->action = ACTION_CHECK;
		return true;
	case OPTION_PRINT_CONFIG:
		options->action = ACTION_PRINT_CONFIG;
		return true;
	case OPTION_PRINT_REFERENCE:
		options->action = ACTION_PRINT_REFERENCE;
		return true;
	case OPTION_PRINT_LOG_EVENTS:
		options->action = ACTION_PRINT_LOG_EVENTS;
		return true;
	case OPTION_LOG_LEVEL:
		return take_level(optarg, options);
	case OPTION_PRINT_MANUAL:
		options->action = ACTION_PRINT_MANUAL;
		options->manual = optarg;
		return true;
	case OPTION_ONCE:
		options->once = true;
		return true;
	case OPTION_NOW:
		options->has_now = instant_parse(optarg, &options->now);
		if (!options->has_now)
			fprintf(stderr,
				"cadenced: --now %s: not a time; write it like "
				"2026-11-23T08:30:00Z\n",
				optarg);
		return options->has_now;
	case 'V':
		options->action = ACTION_VERSION;
		return true;
	case 'h':
		options->action = ACTION_HELP;
		return true;
	default:
		fputs("Try 'cadenced --help'.\n", stderr);
		return false;
	}
}

bool options_parse(int argc, char **argv, struct options *ret_options)
{
	struct options options = {
	    .action = ACTION_RUN, .conf_path = CADENCED_CONF, .log_level = LOG_LEVEL_INFO};
	int option;

	while ((option = getopt_long(argc, argv, "c:Vh", long_options, NULL)) != -1)
		if (!take_option(option, &options))
			return false;
	if (optind < argc) {
		fprintf(stderr, "cadenced: what is \"%s\"? Try 'cadenced --help'.\n", argv[optind]);
		return false;
	}
	*ret_options = options;
	return true;
}
