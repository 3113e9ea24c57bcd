/* cadenced: keeps partnerships alive. Does what the command line asks for. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/manual.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/options.h"
#include "source/reader.h"
#include "sys/process.h"

#define OUTPUT_MAX (64 * 1024 * 1024)

static int print(void (*print_to)(struct buf *out))
{
	struct buf out = buf_make(OUTPUT_MAX);

	print_to(&out);
	fputs(buf_text(&out), stdout);
	buf_free(&out);
	return EXIT_DONE;
}

static int print_manual(const char *name)
{
	if (strcmp(name, "conf") == 0)
		return print(conf_print_manual);
	if (strcmp(name, "api") == 0)
		return print(api_print_manual);
	if (strcmp(name, "log") == 0)
		return print(log_print_manual);
	fprintf(stderr, "cadenced: --print-manual takes conf, api or log\n");
	return EXIT_USAGE_WRONG;
}

/* What a start would refuse today. */
static bool days_are_sound(const struct options *options, const struct conf *conf)
{
	const struct clock clock = clock_real();
	const struct scene scene = {.roster = &conf->roster,
				    .now = options->has_now ? options->now : clock_now(&clock)};
	struct buf wrong = buf_make(OUTPUT_MAX);
	bool sound;

	for (size_t i = 0; i < conf->partner_count; i++)
		sync_check_entry(&scene, &conf->partners[i], &wrong);
	fputs(buf_text(&wrong), stderr);
	sound = wrong.len == 0;
	buf_free(&wrong);
	return sound;
}

/* ", 2 partners" */
static void say_count(const char *before, size_t count, const char *one)
{
	printf("%s%zu %s%s", before, count, one, count == 1 ? "" : "s");
}

static void say_fine(const char *path, const struct conf *conf)
{
	printf("%s: fine", path);
	say_count("; ", conf->roster.owner_count, "owner");
	say_count(", ", conf->roster.cadence_count, "cadence");
	say_count(", ", conf->roster.channel_count, "channel");
	say_count(", ", conf->partner_count, "partner");
	puts("");
}

static void print_warning(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "warning: %s\n", text);
}

/* What is no mistake, but may be none the less what nobody wants. */
static void print_warnings(const struct options *options, const struct conf *conf)
{
	const struct clock clock = clock_real();

	for (size_t i = 0; i < conf->warning_count; i++)
		print_warning(NULL, conf->warnings[i]);
	roster_warn_of_calendars(&conf->roster, options->has_now ? options->now : clock_now(&clock),
				 print_warning, NULL);
	if (conf->roster.owner_count == 0)
		print_warning(NULL, "no owner is configured: nobody will hear of anything");
	else if (conf->roster.channel_count == 0)
		print_warning(NULL, "no channel is configured: nobody will hear of anything");
}

/* --check and --print-config: reads the configuration and nothing else. */
static int check(const struct options *options)
{
	struct buf text = buf_make(OUTPUT_MAX);
	struct conf *conf = NULL;
	int result = EXIT_DONE;

	if (conf_load(options->conf_path, &conf, &text) != STATUS_OK) {
		fprintf(stderr, "%s\n", buf_text(&text));
		buf_free(&text);
		return EXIT_CONF_WRONG;
	}
	print_warnings(options, conf);
	if (options->action == ACTION_PRINT_CONFIG) {
		conf_print(conf, &text);
		fputs(buf_text(&text), stdout);
	} else if (!days_are_sound(options, conf)) {
		result = EXIT_CONF_WRONG;
	} else {
		say_fine(options->conf_path, conf);
	}
	buf_free(&text);
	roster_unref(&conf->roster);
	return result;
}

static int run(const struct options *options)
{
	struct error err = {""};
	struct reader *reader;
	int result;

	process_hide_memory();
	/* Before there are threads, secrets and files that a process which reads mail could
	 * inherit. */
	reader = reader_start(READER_STALL_MS, &err);
	log_open(options->log_level);
	if (!reader) {
		log_lines(LOG_START_FAILED, err.text);
		log_close();
		return EXIT_FAILED;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	result = daemon_run(options, reader);
	curl_global_cleanup();
	reader_close(reader);
	log_close();
	return result;
}

int main(int argc, char **argv)
{
	struct options options;

	if (!options_parse(argc, argv, &options))
		return EXIT_USAGE_WRONG;
	switch (options.action) {
	case ACTION_VERSION:
		puts("cadenced " CADENCED_VERSION);
		return EXIT_DONE;
	case ACTION_HELP:
		options_help();
		return EXIT_DONE;
	case ACTION_PRINT_REFERENCE:
		return print(conf_print_reference);
	case ACTION_PRINT_LOG_EVENTS:
		return print(log_print_events);
	case ACTION_PRINT_MANUAL:
		return print_manual(options.manual);
	case ACTION_CHECK:
	case ACTION_PRINT_CONFIG:
		return check(&options);
	case ACTION_RUN:
		return run(&options);
	}
	return EXIT_FAILED;
}
