/* Looking at partners: status, due, list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/page.h"
#include "ctl/portrait.h"
#include "ctl/table.h"
#include "ctl/verbs.h"

#define DATE_LENGTH 10 /* 2026-11-23 */
#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static long long number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void print_counts(const json_t *s)
{
	const json_t *outbox = json_object_get(s, "outbox");
	struct line line = line_begin(10);

	line_putf(&line, "partners  %lld: %lld on track, %lld ", number(s, "partners"),
		  number(s, "on_track"), number(s, "due"));
	line_state(&line, "due");
	line_putf(&line, ", %lld ", number(s, "cold"));
	line_state(&line, "cold");
	line_putf(&line,
		  ", %lld to confirm, %lld with a meeting booked, %lld snoozed, %lld off; "
		  "%lld archived",
		  number(s, "confirm"), number(s, "booked"), number(s, "snoozed"), number(s, "off"),
		  number(s, "archived"));
	line_end(&line);
	printf("outbox    %lld queued, %lld sending, %lld retrying, %lld waiting, %lld dead\n",
	       number(outbox, "queued"), number(outbox, "sending"), number(outbox, "retry"),
	       number(outbox, "waiting"), number(outbox, "dead"));
}

static const char *or_never(const char *text)
{
	return text ? text : "never";
}

/* How it is with what cadenced itself depends on. */
static void print_own_health(const json_t *s)
{
	const json_t *backup = json_object_get(s, "backup"), *zones = json_object_get(s, "zones");
	const json_t *heartbeat = json_object_get(s, "heartbeat");
	const char *oldest = text(s, "undelivered_since");
	const char *version = text(zones, "version"), *date = text(zones, "date");
	struct line line = line_begin(10);

	line_putf(&line, "looks     last %s, next %s; oldest undelivered %s",
		  or_never(text(s, "last_look")), or_never(text(s, "next_look")),
		  oldest ? oldest : "none");
	line_end(&line);
	if (json_is_object(backup))
		printf("backup    %s\n", text(backup, "file") ? text(backup, "file") : "none yet");
	else
		puts("backup    none is made: keep = 0");
	if (json_is_object(heartbeat))
		printf("heartbeat last %s%s%s\n", or_never(text(heartbeat, "last")),
		       text(heartbeat, "held") ? "; held back: " : "",
		       text(heartbeat, "held") ? text(heartbeat, "held") : "");
	printf("clock     %s; time zones %s%s%.*s\n", text(s, "now"), version ? version : "unknown",
	       date ? " of " : "", DATE_LENGTH, date ? date : "");
}

/* Partners that nobody has ever logged a contact with. */
static void print_without_history(const json_t *s)
{
	const json_t *without = json_object_get(s, "without_history");
	const json_t *first = json_object_get(without, "first");
	const long long count = number(without, "count");
	struct line line = line_begin(10);
	json_t *id;
	size_t i;

	if (count == 0)
		return;
	line_putf(&line, "history   %lld %s without any contact: ", count,
		  count == 1 ? "partner is" : "partners are");
	json_array_foreach(first, i, id)
	    line_putf(&line, "%s%s", i > 0 ? ", " : "", json_string_value(id));
	if ((size_t)count > json_array_size(first))
		line_put(&line, ", …");
	line_end(&line);
}

/* What came back by mail. */
static void print_replies(const json_t *s)
{
	const json_t *inbox = json_object_get(s, "inbox"), *replies = json_object_get(s, "replies");
	const json_t *last = json_object_get(replies, "last"), *refusal;
	struct line line = line_begin(10);
	size_t i;

	if (!json_is_object(inbox))
		return;
	if (json_is_object(last))
		line_putf(&line, "replies   last %s from %s: %lld line%s done, %lld not",
			  text(last, "at"), text(last, "sender"), number(last, "done"),
			  number(last, "done") == 1 ? "" : "s", number(last, "failed"));
	else
		line_putf(&line, "replies   to %s; none was taken yet", text(inbox, "reply_to"));
	line_end(&line);
	json_array_foreach(json_object_get(replies, "refused"), i, refusal)
	{
		line = line_begin(10);
		line_putf(&line, "          %lld not taken (%s) since %s; last %s from ",
			  number(refusal, "count"), text(refusal, "why"), text(refusal, "first"),
			  text(refusal, "last"));
		line_put(&line, text(refusal, "sender") ? text(refusal, "sender") : "unknown");
		line_end(&line);
	}
}

/* What somebody should see to. */
static void print_alarm(const char *label, const char *words, const char *more)
{
	struct line line = line_begin(10);

	line_state(&line, label);
	line_pad(&line, 10);
	line_put(&line, words);
	line_put(&line, more);
	line_end(&line);
}

static void print_block(const json_t *block)
{
	const char *recipient = text(block, "recipient");
	const long long waiting = number(block, "waiting");
	char *words = mem_printf(
	    "%s%s%s since %s, %lld %s: %s; mend it, then 'cadencectl outbox retry'",
	    text(block, "channel"), recipient ? " to " : "", recipient ? recipient : "",
	    text(block, "since"), waiting, waiting == 1 ? "waits" : "wait", text(block, "reason"));

	print_alarm("BLOCKED", words, "");
	free(words);
}

static bool has_text(const json_t *array, const json_t *wanted)
{
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item)
	{
		if (json_equal(item, wanted))
			return true;
	}
	return false;
}

/* Whether a line of its own says it already. */
static bool is_said(const char *kind)
{
	static const char *const said[] = {"blocked", "reload", "unheard", "broken"};

	for (size_t i = 0; i < COUNT(said); i++)
		if (strcmp(said[i], kind) == 0)
			return true;
	return false;
}

/* The last line is the verdict. */
static void print_faults(const json_t *faults)
{
	const size_t count = json_array_size(faults);
	json_t *fault;
	size_t i;

	json_array_foreach(faults, i, fault)
	{
		if (!is_said(text(fault, "kind")))
			print_alarm("FAULT", text(fault, "text"), "");
	}
	if (count == 0)
		puts("all is well");
	else
		printf("%zu %s to be seen to\n", count, count == 1 ? "fault is" : "faults are");
}

static void print_status(const json_t *s)
{
	const char *error = text(s, "last_reload_error"), *redirect = text(s, "redirect_to");
	json_t *item;
	size_t i;

	printf("cadenced %s since %s, %s\n", text(s, "version"), text(s, "started"),
	       text(s, "config"));
	print_counts(s);
	print_own_health(s);
	print_without_history(s);
	print_replies(s);
	if (strcmp(text(s, "deliver"), "hold") == 0)
		print_alarm("HOLD", "deliver = \"hold\": nothing is sent", "");
	if (redirect)
		print_alarm("REDIRECT", "every mail goes to ", redirect);
	if (error)
		print_alarm("RELOAD", "failed: ", error);
	json_array_foreach(json_object_get(s, "blocked"), i, item) print_block(item);
	json_array_foreach(json_object_get(s, "warnings"), i, item)
	    print_alarm("WARNING", json_string_value(item), "");
	json_array_foreach(json_object_get(s, "unheard"), i, item)
	    print_alarm("LOST", json_string_value(item),
			": nobody hears of it; its owner is not configured, and nobody stands in");
	json_array_foreach(json_object_get(s, "lost"), i, item)
	{
		if (!has_text(json_object_get(s, "unheard"), item))
			print_alarm("LOST", json_string_value(item),
				    " has an owner or cadence that is not configured");
	}
	print_faults(json_object_get(s, "faults"));
}

int verb_status(const struct ctl *ctl, int argc, char **argv)
{
	json_t *s = NULL;
	int result;

	(void)argv;
	if (argc > 0)
		return usage("status takes no words");
	result = client_json(ctl, "GET", "status", NULL, &s);
	if (result == DONE && !ctl->json)
		print_status(s);
	if (result == DONE && json_array_size(json_object_get(s, "faults")) > 0)
		result = FAILED;
	json_decref(s);
	return result;
}

/* "74 %": how likely it is that another 90 days pass without contact. */
static void dress_risk(json_t *row)
{
	const json_t *silent = json_object_get(json_object_get(row, "risk"), "silent_90_days");

	json_object_set_new(row, "risk_said",
			    json_is_number(silent)
				? json_sprintf("%.0f %%", 100 * json_number_value(silent))
				: json_string("-"));
}

/* by_risk: with a column that says it. */
static void print_partners(json_t *rows, bool by_risk)
{
	static const struct column columns[] = {
	    {.title = "90 DAYS MORE", .key = "risk_said", .brief = "90 D"},
	    {.title = "ID", .key = "id", .floor = TABLE_ID_FLOOR},
	    {.title = "STATE", .key = "state_said", .states = true},
	    {.title = "DUE", .key = "due_said", .shorter = "due_short"},
	    {.title = "LAST", .key = "last_said", .shorter = "last_short"},
	    {.title = "OWNER", .key = "owner", .floor = TABLE_NAME_FLOOR},
	    {.title = "NAME", .key = "name", .floor = TABLE_NAME_FLOOR}};
	size_t i;
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		portrait_dress(row);
		dress_risk(row);
	}
	table_print(rows, by_risk ? columns : columns + 1, COUNT(columns) - !by_risk);
}

int verb_due(const struct ctl *ctl, int argc, char **argv)
{
	char *owner = argc == 1 ? client_escape(argv[0]) : NULL;
	char *path = owner ? mem_printf("due?owner=%s", owner) : mem_strdup("due");
	json_t *answer = NULL;
	int result = argc > 1 ? usage("due takes at most an owner")
			      : client_json(ctl, "GET", path, NULL, &answer);

	if (result == DONE && !ctl->json) {
		json_t *rows = json_object_get(answer, "partners");

		if (json_array_size(rows) == 0)
			puts("Nobody is due.");
		else
			print_partners(rows, false);
	}
	json_decref(answer);
	free(path);
	free(owner);
	return result;
}

static void add_query(struct buf *path, const char *name, const char *value)
{
	char *escaped;

	if (!value)
		return;
	escaped = client_escape(value);
	buf_addf(path, "&%s=%s", name, escaped);
	free(escaped);
}

/* The least likely to resume by itself first, those with too little history last, else by id. */
static int compare_risks(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	const json_t *p = json_object_get(json_object_get(x, "risk"), "silent_90_days");
	const json_t *q = json_object_get(json_object_get(y, "risk"), "silent_90_days");
	const double u = json_is_number(p) ? json_number_value(p) : -1;
	const double v = json_is_number(q) ? json_number_value(q) : -1;

	if (u > v || u < v)
		return u > v ? -1 : 1;
	return strcmp(text(x, "id"), text(y, "id"));
}

static json_t *sort_by_risk(json_t *all)
{
	const size_t count = json_array_size(all);
	json_t **rows = mem_alloc(count + 1, sizeof(*rows)), *sorted = json_array();

	for (size_t i = 0; i < count; i++)
		rows[i] = json_array_get(all, i);
	qsort(rows, count, sizeof(*rows), compare_risks);
	for (size_t i = 0; i < count; i++)
		json_array_append(sorted, rows[i]);
	free(rows);
	json_decref(all);
	return sorted;
}

/* A head without rows would leave open whether something went wrong. */
static const char *say_none(bool filtered, bool archived)
{
	if (filtered)
		return "No partner matches.";
	return archived
		   ? "No partner is archived."
		   : "There are no partners yet: 'cadencectl import partners FILE' brings them.";
}

int verb_list(const struct ctl *ctl, int argc, char **argv)
{
	const char *owner = NULL, *cadence = NULL, *tag = NULL, *state = NULL, *by = NULL;
	bool archived = false, more = true;
	const struct ctl_option options[] = {
	    {"--owner", &owner, NULL}, {"--cadence", &cadence, NULL},
	    {"--tag", &tag, NULL},     {"--state", &state, NULL},
	    {"--by", &by, NULL},       {"--archived", NULL, &archived}};
	const struct ctl quiet = {.socket = ctl->socket};
	json_t *all = json_array();
	char *after = NULL;
	int result = DONE;

	if (take_options(argc, argv, options, COUNT(options)) != 0)
		result = usage("list takes options only");
	else if (by && strcmp(by, "risk") != 0)
		result = usage("--by takes risk: who is least likely to resume contact by itself");
	while (result == DONE && more) {
		struct buf path = buf_make(4096);
		json_t *answer = NULL;

		buf_adds(&path, "partners?limit=1000");
		add_query(&path, "owner", owner);
		add_query(&path, "cadence", cadence);
		add_query(&path, "tag", tag);
		add_query(&path, "state", state);
		add_query(&path, "after", after);
		if (archived)
			buf_adds(&path, "&archived=1");
		result = client_json(&quiet, "GET", buf_text(&path), NULL, &answer);
		if (result == DONE) {
			json_array_extend(all, json_object_get(answer, "partners"));
			more = json_is_true(json_object_get(answer, "more"));
			free(after);
			after = more ? mem_strdup(text(answer, "next")) : NULL;
		}
		json_decref(answer);
		buf_free(&path);
	}
	if (result == DONE && by)
		all = sort_by_risk(all);
	if (result == DONE && ctl->json)
		client_print(all);
	else if (result == DONE && json_array_size(all) == 0)
		puts(say_none(owner || cadence || tag || state, archived));
	else if (result == DONE)
		print_partners(all, by != NULL);
	free(after);
	json_decref(all);
	return result;
}
