/* Looking at partners: status, due, list, show, why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/page.h"
#include "ctl/table.h"
#include "ctl/verbs.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

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
	printf("outbox    %lld queued, %lld sending, %lld retrying, %lld dead\n",
	       number(outbox, "queued"), number(outbox, "sending"), number(outbox, "retry"),
	       number(outbox, "dead"));
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

static void print_status(const json_t *s)
{
	const char *error = text(s, "last_reload_error"), *redirect = text(s, "redirect_to");
	json_t *item;
	size_t i;

	printf("cadenced %s since %s, %s\n", text(s, "version"), text(s, "started"),
	       text(s, "config"));
	print_counts(s);
	if (strcmp(text(s, "deliver"), "hold") == 0)
		print_alarm("HOLD", "deliver = \"hold\": nothing is sent", "");
	if (redirect)
		print_alarm("REDIRECT", "every mail goes to ", redirect);
	if (error)
		print_alarm("RELOAD", "failed: ", error);
	json_array_foreach(json_object_get(s, "warnings"), i, item)
	    print_alarm("WARNING", json_string_value(item), "");
	json_array_foreach(json_object_get(s, "lost"), i, item) print_alarm(
	    "LOST", json_string_value(item), " has an owner or cadence that is not configured");
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
	json_decref(s);
	return result;
}

/* Adds what the tables show to a partner: the days in words. */
static void dress(json_t *p)
{
	const char *today = text(p, "today");
	const json_t *last = json_object_get(p, "last_contact");
	const char *state = text(p, "standing");
	char day_text[32], when[SAY_DUE_SIZE];

	say_due_day(text(p, "due_day"), today, number(p, "days_overdue"), when);
	json_object_set_new(p, "due_said", json_string(when));
	say_due_short(text(p, "due_day"), today, number(p, "days_overdue"), when);
	json_object_set_new(p, "due_short", json_string(when));
	json_object_set_new(p, "state_said", json_string(text(p, "archived") ? "archived" : state));
	json_object_set_new(
	    p, "last_said",
	    json_sprintf("%s%s%s", json_is_object(last) ? text(last, "kind") : "none",
			 json_is_object(last) ? " " : "",
			 json_is_object(last) ? say_day(text(last, "day"), today, day_text) : ""));
	json_object_set_new(p, "last_short",
			    json_string(json_is_object(last)
					    ? say_day(text(last, "day"), today, day_text)
					    : "none"));
}

static void print_partners(json_t *rows)
{
	static const struct column columns[] = {
	    {.title = "ID", .key = "id", .floor = TABLE_ID_FLOOR},
	    {.title = "STATE", .key = "state_said", .states = true},
	    {.title = "DUE", .key = "due_said", .shorter = "due_short"},
	    {.title = "LAST", .key = "last_said", .shorter = "last_short"},
	    {.title = "OWNER", .key = "owner", .floor = TABLE_NAME_FLOOR},
	    {.title = "NAME", .key = "name", .floor = TABLE_NAME_FLOOR}};
	size_t i;
	json_t *row;

	json_array_foreach(rows, i, row) dress(row);
	table_print(rows, columns, COUNT(columns));
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
			print_partners(rows);
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

int verb_list(const struct ctl *ctl, int argc, char **argv)
{
	const char *owner = NULL, *cadence = NULL, *tag = NULL, *state = NULL;
	bool archived = false, more = true;
	const struct ctl_option options[] = {{"--owner", &owner, NULL},
					     {"--cadence", &cadence, NULL},
					     {"--tag", &tag, NULL},
					     {"--state", &state, NULL},
					     {"--archived", NULL, &archived}};
	const struct ctl quiet = {.socket = ctl->socket};
	json_t *all = json_array();
	char *after = NULL;
	int result = DONE;

	if (take_options(argc, argv, options, COUNT(options)) != 0)
		result = usage("list takes options only");
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
	if (result == DONE && ctl->json)
		client_print(all);
	else if (result == DONE)
		print_partners(all);
	free(after);
	json_decref(all);
	return result;
}

static void print_contact_line(const json_t *c, const char *today)
{
	char day_text[32];

	printf("  %-5lld %-16s %s", number(c, "id"), say_day(text(c, "day"), today, day_text),
	       text(c, "kind"));
	if (strcmp(text(c, "direction"), "both") != 0)
		printf(" %s", text(c, "direction"));
	if (text(c, "person")) {
		fputs(" with ", stdout);
		print_clean(text(c, "person"));
	}
	if (text(c, "note")) {
		fputs(": ", stdout);
		print_clean(text(c, "note"));
	}
	if (!json_is_true(json_object_get(c, "counts")))
		fputs("  (does not count: nobody answered)", stdout);
	putchar('\n');
}

static void print_contacts(const json_t *p)
{
	size_t i;
	json_t *c;

	puts("Contacts:");
	json_array_foreach(json_object_get(p, "contacts"), i, c)
	    print_contact_line(c, text(p, "today"));
	if (json_array_size(json_object_get(p, "contacts")) == 0)
		puts("  none");
}

static void print_head(json_t *p)
{
	const json_t *snooze = json_object_get(json_object_get(p, "answers"), "snooze");

	dress(p);
	print_clean(text(p, "name"));
	printf(" [%s]: %s, due %s\n", text(p, "id"), text(p, "state_said"), text(p, "due_said"));
	printf("owner %s, cadence %s%s%s\n", text(p, "owner"), text(p, "cadence"),
	       text(p, "origin") ? ", managed by " : "",
	       text(p, "origin") ? text(p, "origin") : "");
	if (json_is_object(snooze) && !json_is_true(json_object_get(snooze, "over"))) {
		printf("snooze until %s", text(snooze, "until"));
		if (text(snooze, "reason")) {
			fputs(": ", stdout);
			print_clean(text(snooze, "reason"));
		}
		putchar('\n');
	}
}

static int get_partner(const struct ctl *ctl, const char *id, const char *rest, json_t **ret)
{
	char *escaped = client_escape(id);
	char *path = mem_printf("partners/%s%s", escaped, rest);
	const int result = client_json(ctl, "GET", path, NULL, ret);

	free(path);
	free(escaped);
	return result;
}

int verb_show(const struct ctl *ctl, int argc, char **argv)
{
	json_t *p = NULL, *row;
	size_t i;
	int result;

	if (argc != 1)
		return usage("show takes one partner");
	result = get_partner(ctl, argv[0], "", &p);
	if (result == DONE && !ctl->json) {
		print_head(p);
		print_contacts(p);
		puts("History:");
		json_array_foreach(json_object_get(p, "history"), i, row) printf(
		    "  %s  %-18s %s\n", text(row, "at"), text(row, "verb"), text(row, "actor"));
	}
	json_decref(p);
	return result;
}

/* What the base of a clock is, in words. */
static const char *say_base(const char *kind)
{
	static const char *const words[][2] = {
	    {"contact", "the newest contact that counts"},
	    {"since", "no contact yet; the day the partnership began"},
	    {"first seen", "no contact yet; the day we first knew it"},
	    {"keep", "the day it was decided to keep it"},
	    {"fix", "so that it is due on the day it was to be fixed by"},
	    {"plan", "the booked meeting"},
	};

	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(kind, words[i][0]) == 0)
			return words[i][1];
	return kind;
}

static void print_day(const char *label, const json_t *rule, const char *key, const char *today)
{
	char near[SAY_DUE_SIZE];

	if (text(rule, key))
		printf("  %-13s %s\n", label, say_day_near(text(rule, key), today, near));
}

static void print_rule(const json_t *p, const json_t *rule)
{
	const char *today = text(p, "today"), *name = text(rule, "rule");
	const json_t *terms = json_object_get(p, "cadence_terms");
	const bool meeting = strcmp(name, "meeting") == 0, booked = strcmp(name, "booked") == 0;
	char a[SAY_DUE_SIZE], b[SAY_DUE_SIZE];

	printf("Rule %s: %s%s%s\n", name, text(rule, "state"),
	       text(rule, "held") ? ", but quiet: " : "",
	       text(rule, "held") ? text(rule, "held") : "");
	printf("  %-13s %s, %s\n", "counts from", say_day_near(text(rule, "base"), today, a),
	       say_base(text(rule, "base_kind")));
	if (!booked)
		printf("  %-13s %s, grace %s\n", "every",
		       text(terms, meeting ? "meeting_every" : "every"), text(terms, "grace"));
	printf("  %-13s %s", booked ? "asked on" : "due",
	       say_day_near(text(rule, "due_day"), today, a));
	if (strcmp(text(rule, "due_unmoved"), text(rule, "due_day")) != 0)
		printf(", moved from %s, which is no workday",
		       say_day(text(rule, "due_unmoved"), today, b));
	putchar('\n');
	print_day("due soon", rule, "warn_day", today);
	print_day("cold", rule, "cold_day", today);
}

static void print_roles(const json_t *p)
{
	const char *today = text(p, "today");
	char day_text[32];
	json_t *c;
	size_t i;

	puts("Contacts:");
	json_array_foreach(json_object_get(p, "contacts"), i, c)
	{
		printf("  %-5lld %-15s %-8s %-5s %s\n", number(c, "id"),
		       say_day(text(c, "day"), today, day_text), text(c, "kind"),
		       strcmp(text(c, "direction"), "both") == 0 ? "" : text(c, "direction"),
		       text(c, "role"));
	}
	if (json_array_size(json_object_get(p, "contacts")) == 0)
		puts("  none");
}

static void print_answers(const json_t *p)
{
	const char *kind, *today = text(p, "today");
	char a[32], b[32];
	json_t *answer;

	json_object_foreach(json_object_get(p, "answers"), kind, answer)
	{
		if (!json_is_object(answer))
			continue;
		printf("Answer %s of %s by %s", kind, say_day(text(answer, "given"), today, a),
		       text(answer, "actor"));
		if (text(answer, "until"))
			printf(", until %s", say_day(text(answer, "until"), today, b));
		if (text(answer, "reason")) {
			fputs(": ", stdout);
			print_clean(text(answer, "reason"));
		}
		puts(json_is_true(json_object_get(answer, "over")) ? " (over: there was contact)"
								   : "");
	}
}

static void print_coming(const json_t *p)
{
	static const char *const words[][2] = {
	    {"due soon", "shows as due soon"},
	    {"due", "is due"},
	    {"cold", "turns cold"},
	    {"step", "is told too, after two digests"},
	    {"decide", "a decision is asked for"},
	    {"back", "is back from off or snooze"},
	    {"quiet", "the booked meeting keeps it quiet"},
	    {"question", "\"did it happen?\" is asked"},
	};
	const char *today = text(p, "today");
	char near[SAY_DUE_SIZE];
	json_t *c;
	size_t i;

	if (json_array_size(json_object_get(p, "coming")) == 0)
		return;
	puts("If nothing happens:");
	json_array_foreach(json_object_get(p, "coming"), i, c)
	{
		const char *what = text(c, "what");

		for (size_t w = 0; w < COUNT(words); w++)
			if (strcmp(what, words[w][0]) == 0)
				what = words[w][1];
		printf("  %-27s %s%s%s", say_day_near(text(c, "day"), today, near),
		       text(c, "hearer") ? text(c, "hearer") : "", text(c, "hearer") ? " " : "",
		       what);
		puts(strcmp(text(c, "rule"), "meeting") == 0 ? " (rule meeting)" : "");
	}
}

static void print_why(json_t *p)
{
	const json_t *terms = json_object_get(p, "cadence_terms");
	const json_t *hearer = json_object_get(p, "hearer");
	char day_text[32];
	json_t *rule;
	size_t i;

	dress(p);
	print_clean(text(p, "name"));
	printf(" [%s]: %s, due %s\n", text(p, "id"), text(p, "state_said"), text(p, "due_said"));
	printf("%s %s: %s\n", json_is_true(json_object_get(p, "past")) ? "As known on" : "On",
	       say_day(text(p, "today"), NULL, day_text), text(p, "so"));
	if (json_is_object(hearer))
		printf("owner %s in %s (%s)\n", text(hearer, "id"), text(hearer, "timezone"),
		       text(hearer, "origin"));
	else
		printf("owner %s, who is not configured\n", text(p, "owner"));
	printf("cadence %s (%s)%s%s\n", text(p, "cadence"),
	       text(terms, "origin") ? text(terms, "origin") : "built in",
	       text(p, "origin") ? ", partner managed by " : "",
	       text(p, "origin") ? text(p, "origin") : "");
	json_array_foreach(json_object_get(p, "rules"), i, rule) print_rule(p, rule);
	print_answers(p);
	print_roles(p);
	print_coming(p);
}

int verb_why(const struct ctl *ctl, int argc, char **argv)
{
	const char *on = NULL;
	const struct ctl_option options[] = {{"--on", &on, NULL}};
	char *escaped, *rest;
	json_t *p = NULL;
	int result;

	argc = take_options(argc, argv, options, COUNT(options));
	if (argc != 1)
		return usage("why takes one partner, and perhaps --on DAY");
	escaped = client_escape(on ? on : "");
	rest = on ? mem_printf("/why?on=%s", escaped) : mem_strdup("/why");
	result = get_partner(ctl, argv[0], rest, &p);
	if (result == DONE && !ctl->json)
		print_why(p);
	json_decref(p);
	free(rest);
	free(escaped);
	return result;
}
