/* Parses on the loop, tries on the store thread, says what came of it. */
#include "daemon/check.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "engine/check.h"

#define REASONS_MAX  (256 * 1024)
#define RESTART_MAX  256
#define SETTINGS_MAX (256 * 1024) /* of the settings that are said */

struct check {
	const struct daemon *daemon;
	struct conf *before, *after; /* a reference of each */
	struct engine_check engine;
	check_done *done;
	void *arg;
};

static struct check *check_new(struct daemon *daemon, struct conf *after)
{
	struct check *check = mem_alloc(1, sizeof(*check));

	check->daemon = daemon;
	check->before = daemon->conf;
	roster_ref(&check->before->roster);
	check->after = after;
	check->engine.before = daemon_scene(daemon);
	check->engine.after = check->engine.before;
	check->engine.after.roster = &after->roster;
	check->engine.plan =
	    (struct sync_plan){.entries = after->partners, .count = after->partner_count};
	return check;
}

static void check_free(struct check *check)
{
	roster_unref(&check->before->roster);
	roster_unref(&check->after->roster);
	free(check);
}

static enum status check_job(struct db *db, void *arg, struct error *err)
{
	struct check *check = arg;

	return engine_check(db, &check->engine, err);
}

static json_t *change_json(const struct sync_change *change)
{
	json_t *ids = json_array();

	for (int i = 0; i < change->count && i < SYNC_NAMED_MAX; i++)
		json_array_append_new(ids, json_string(change->ids[i]));
	return json_pack("{s:i, s:o}", "count", change->count, "ids", ids);
}

json_t *check_warnings(const struct daemon *daemon, const struct conf *conf)
{
	json_t *warnings = json_array();
	struct buf keys = buf_make(RESTART_MAX);

	for (size_t i = 0; i < conf->warning_count; i++)
		json_array_append_new(warnings, json_string(conf->warnings[i]));
	conf_restart_keys(daemon->first, conf, &keys);
	if (keys.len > 0)
		json_array_append_new(
		    warnings, json_sprintf("a change takes a restart: %s", buf_text(&keys)));
	buf_free(&keys);
	return warnings;
}

/* The settings that differ, but for partners. */
static json_t *settings_json(const struct check *check)
{
	struct buf lines = buf_make(SETTINGS_MAX);
	json_t *settings = json_array();
	char *line, *rest;

	conf_differ(check->before, check->after, &lines);
	/* What stands behind the last line feed was cut off. */
	for (rest = lines.data; rest && (line = strsep(&rest, "\n")) && rest;)
		json_array_append_new(settings, json_string(line));
	if (lines.overflowed)
		json_array_append_new(settings, json_string("… and more"));
	buf_free(&lines);
	return settings;
}

/* null: there are too many to tell. */
static json_t *count_json(int count)
{
	return count >= 0 ? json_integer(count) : json_null();
}

/* Whether those who are meant hear nothing. */
static bool is_withheld(const struct conf *conf)
{
	return conf->deliver == DELIVER_HOLD || conf->redirect_to;
}

static char *report(const struct check *check)
{
	const struct sync_plan *plan = &check->engine.plan;
	json_t *object = json_pack(
	    "{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "file", check->after->path,
	    "config", check->before->path, "added", change_json(&plan->added), "changed",
	    change_json(&plan->changed), "archived", change_json(&plan->archived), "restored",
	    change_json(&plan->restored), "judged_differently", count_json(check->engine.judged),
	    "moved", count_json(check->engine.moved), "needs_yes", plan->needs_yes, "warnings",
	    check_warnings(check->daemon, check->after));
	char *text;

	json_object_set_new(object, "settings", settings_json(check));
	json_object_set_new(object, "goes_live",
			    json_boolean(is_withheld(check->before) && !is_withheld(check->after)));
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return text;
}

static void job_done(enum status status, const struct error *err, void *arg)
{
	struct check *check = arg;
	char *text = status == STATUS_OK ? report(check) : mem_strdup(err->text);

	check->done(check->arg, status, text);
	free(text);
	check_free(check);
}

void check_start(struct daemon *daemon, const char *path, check_done *done, void *arg)
{
	struct buf reasons = buf_make(REASONS_MAX);
	struct conf *after = NULL;
	const enum status status = conf_load(path, &after, &reasons);

	if (status != STATUS_OK) {
		done(arg, status, buf_text(&reasons));
	} else {
		struct check *check = check_new(daemon, after);

		check->done = done;
		check->arg = arg;
		if (store_submit(daemon->store, check_job, job_done, check) != STATUS_OK) {
			check_free(check);
			done(arg, STATUS_BUSY, "too many jobs wait; try again");
		}
	}
	buf_free(&reasons);
}
