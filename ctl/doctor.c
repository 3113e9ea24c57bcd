/* doctor: shows what the daemon finds, line by line as it comes; without a daemon what can be seen
 * from here. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "conf/conf.h"
#include "ctl/page.h"
#include "ctl/table.h"
#include "ctl/verbs.h"
#include "store/backup.h"
#include "store/restore.h"

#define CONF	   "/etc/cadenced/cadenced.conf"
#define LINE_MAX_B (1024 * 1024)
#define ERRORS_MAX (64 * 1024)
#define CHECK_AT   6
#define TEXT_AT	   28

struct report {
	const struct ctl *ctl;
	struct buf line; /* not whole yet */
	json_t *checks;
	size_t failed, doubtful;
};

static const char *text(const json_t *o, const char *key)
{
	const char *value = json_string_value(json_object_get(o, key));

	return value ? value : "";
}

/* "channel sales: url_file" stands in two columns; what is too long for its own has a line. */
static void print_check(const json_t *check)
{
	const char *what = text(check, "check"), *part = strstr(what, ": ");
	char *name = part ? mem_strndup(what, (size_t)(part - what)) : mem_strdup(what);
	struct line line = line_begin(TEXT_AT);

	line_state(&line, text(check, "result"));
	line_pad(&line, CHECK_AT);
	line_put(&line, name);
	if (CHECK_AT + text_columns(name) < TEXT_AT)
		line_pad(&line, TEXT_AT);
	else
		line_put(&line, "\n");
	if (part)
		line_putf(&line, "%s ", part + 2);
	line_put(&line, text(check, "text"));
	line_end(&line);
	free(name);
	fflush(stdout);
}

/* Takes the check. */
static void take_check(struct report *report, json_t *check)
{
	const char *result = text(check, "result");

	report->failed += strcmp(result, "fail") == 0;
	report->doubtful += strcmp(result, "warn") == 0;
	if (!report->ctl->json)
		print_check(check);
	json_array_append_new(report->checks, check);
}

static ssize_t take_bytes(void *arg, const char *bytes, size_t len)
{
	struct report *report = arg;

	for (size_t i = 0; i < len; i++) {
		json_t *check;

		if (bytes[i] != '\n') {
			buf_addc(&report->line, bytes[i]);
			continue;
		}
		check = json_loads(buf_text(&report->line), 0, NULL);
		if (check)
			take_check(report, check);
		report->line.len = 0;
	}
	return (ssize_t)len;
}

static int ask_daemon(const struct ctl *ctl, struct report *report)
{
	const cookie_io_functions_t functions = {.write = take_bytes};
	const struct ctl alone = {.socket = ctl->socket, .json = ctl->json, .says_alone = true};
	FILE *file = fopencookie(report, "w", functions);
	int result;

	if (!file)
		return FAILED;
	setvbuf(file, NULL, _IONBF, 0);
	result = client_file(&alone, "doctor", file);
	fclose(file);
	return result;
}

/* ---- without a daemon ---- */

static void note(struct report *report, const char *check, const char *result, const char *words)
{
	take_check(report,
		   json_pack("{s:s, s:s, s:s}", "check", check, "result", result, "text", words));
}

static void look_at_database(struct report *report, const struct conf *conf)
{
	const char *path = restore_path(conf->database);
	struct backup_facts facts;
	struct error err = {""};
	char *words;
	enum status status;

	if (!path)
		return;
	status = backup_verify(path, NULL, &facts, &err);
	if (status == STATUS_OK) {
		words = mem_printf("%s: sound; %lld partners, %lld contacts", path,
				   (long long)facts.partners, (long long)facts.contacts);
		note(report, "database", "ok", words);
		free(words);
	} else {
		note(report, "database",
		     status == STATUS_BUSY || status == STATUS_NOT_FOUND ? "warn" : "fail",
		     err.text);
	}
	words = backup_newest(path);
	note(report, "backup", words ? "ok" : "warn", words ? words : "there is none");
	free(words);
}

static void look_from_here(struct report *report, const char *path)
{
	struct buf errors = buf_make(ERRORS_MAX);
	struct conf *conf = NULL;
	char *words;

	words =
	    mem_printf("does not answer on %s: it is not running, or you may not use its socket: "
		       "'systemctl start cadenced', then 'journalctl -u cadenced' says why not; "
		       "channels and credentials are checked by it alone",
		       report->ctl->socket);
	note(report, "cadenced", "fail", words);
	free(words);
	if (conf_load_offline(path, &conf, &errors) != STATUS_OK) {
		note(report, "configuration", "fail", buf_text(&errors));
	} else {
		note(report, "configuration", "ok", path);
		look_at_database(report, conf);
		roster_unref(&conf->roster);
	}
	buf_free(&errors);
}

/* ---- the verb ---- */

static int conclude(const struct ctl *ctl, const struct report *report)
{
	const size_t count = json_array_size(report->checks);

	if (ctl->json) {
		json_t *answer =
		    json_pack("{s:b, s:O}", "well", report->failed == 0, "checks", report->checks);

		client_print(answer);
		json_decref(answer);
	} else {
		printf("%zu checks: %zu failed, %zu to look at\n", count, report->failed,
		       report->doubtful);
	}
	return report->failed > 0 ? FAILED : DONE;
}

int verb_doctor(const struct ctl *ctl, int argc, char **argv)
{
	struct report report = {.ctl = ctl, .line = buf_make(LINE_MAX_B), .checks = json_array()};
	const char *conf = CONF;
	const struct ctl_option options[] = {{"--conf", &conf, NULL}};
	int result;

	argc = take_options(argc, argv, options, 1);
	if (argc != 0)
		return usage("doctor takes no words");
	result = ask_daemon(ctl, &report);
	if (result == UNREACHABLE)
		look_from_here(&report, conf);
	if (result == DONE || result == UNREACHABLE)
		result = conclude(ctl, &report);
	json_decref(report.checks);
	buf_free(&report.line);
	return result;
}
