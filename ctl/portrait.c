/* Partners in words. */
#include "ctl/portrait.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ctl/table.h"

#define ASKED_AGAIN "asked again after 90 days"
#define RULE_SIZE   32

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

int portrait_get(const struct ctl *ctl, const char *id, const char *rest, json_t **ret)
{
	char *escaped = client_escape(id);
	char *path = mem_printf("partners/%s%s", escaped, rest);
	const int result = client_json(ctl, "GET", path, NULL, ret);

	free(path);
	free(escaped);
	return result;
}

/* ", rule meeting": whose day it is, when it is not the usual one. */
static const char *say_rule(const json_t *p, char out[RULE_SIZE])
{
	const char *rule = text(p, "rule");

	out[0] = '\0';
	if (strcmp(rule, "contact") != 0)
		snprintf(out, RULE_SIZE, ", rule %s", rule);
	return out;
}

char *portrait_due(const json_t *p)
{
	char due[SAY_DUE_SIZE], rule[RULE_SIZE];

	return mem_printf("due %s%s",
			  say_due_day(text(p, "due_day"), text(p, "today"),
				      json_integer_value(json_object_get(p, "days_overdue")), due),
			  say_rule(p, rule));
}

void portrait_dress(json_t *p)
{
	const char *today = text(p, "today"), *due = text(p, "due_day");
	const json_t *last = json_object_get(p, "last_contact");
	const long long overdue = json_integer_value(json_object_get(p, "days_overdue"));
	const char *state = text(p, "archived") ? "archived" : text(p, "standing");
	char day_text[32], when[SAY_DUE_SIZE], rule[RULE_SIZE];

	say_rule(p, rule);
	json_object_set_new(p, "due_said",
			    json_sprintf("%s%s", say_due_day(due, today, overdue, when), rule));
	json_object_set_new(p, "due_short",
			    json_sprintf("%s%s", say_due_short(due, today, overdue, when), rule));
	json_object_set_new(p, "state_said", json_string(state));
	if (!json_is_object(last)) {
		json_object_set_new(p, "last_said", json_string("none"));
		json_object_set_new(p, "last_short", json_string("none"));
		return;
	}
	say_day(text(last, "day"), today, day_text);
	json_object_set_new(p, "last_said", json_sprintf("%s %s", text(last, "kind"), day_text));
	json_object_set_new(p, "last_short", json_string(day_text));
}

/* Of another day the days overdue would be those of that day: the due day is said as near as it is
 * now. */
void portrait_head(json_t *p)
{
	const char *on = text(p, "on"), *today = text(p, "today");
	struct line line = line_begin(2);
	char near[SAY_DUE_SIZE], rule[RULE_SIZE];

	portrait_dress(p);
	line_put(&line, text(p, "name"));
	line_putf(&line, " [%s]: ", text(p, "id"));
	line_state(&line, text(p, "state_said"));
	if (!on || strcmp(on, today) == 0) {
		char *due = portrait_due(p);

		line_putf(&line, ", %s", due);
		free(due);
	} else {
		line_putf(&line, " on %s", say_day_near(on, today, near));
		line_putf(&line, ", due %s%s", say_day_near(text(p, "due_day"), today, near),
			  say_rule(p, rule));
	}
	line_end(&line);
}

void portrait_absence(const json_t *p)
{
	const json_t *hearer = json_object_get(p, "hearer");
	const json_t *away = json_object_get(hearer, "away");
	const char *today = text(p, "today"), *stand_in = text(away, "stand_in");
	char from[SAY_DUE_SIZE], to[SAY_DUE_SIZE];
	struct line line = line_begin(2);

	if (!json_is_object(away))
		return;
	line_putf(&line, "%s is away from %s to %s, %s; ", text(hearer, "id"),
		  say_day_near(text(away, "from"), today, from),
		  say_day_near(text(away, "to"), today, to),
		  strcmp(text(away, "by"), "conf") == 0 ? "in the configuration" : "by command");
	line_putf(&line, "what turns cold %s%s, the rest waits", stand_in ? "goes to " : "waits",
		  stand_in ? stand_in : "");
	line_end(&line);
}

void portrait_odds(const json_t *p)
{
	struct line line = line_begin(2);

	line_put(&line, text(json_object_get(p, "risk"), "sentence"));
	line_end(&line);
}

/* ---- answers ---- */

void portrait_answer(struct line *line, const char *kind, const json_t *answer, const char *today)
{
	static const struct {
		const char *kind, *words, *without_day;
	} forms[] = {
	    {"off", "off until", "off for good, " ASKED_AGAIN},
	    {"snooze", "snoozed until", NULL},
	    {"ack", NULL, "acknowledged: skips one review day, nobody else is told for 2 weeks"},
	    {"plan", "meeting booked for", NULL},
	    {"keep", NULL, "decided to keep it as it is"},
	    {"fix", "decided to have it fixed by", NULL},
	};
	const char *until = text(answer, "until");
	char near[SAY_DUE_SIZE];

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strcmp(kind, forms[i].kind) != 0)
			continue;
		if (until && forms[i].words)
			line_putf(line, "%s %s", forms[i].words, say_day_near(until, today, near));
		else
			line_put(line, forms[i].without_day ? forms[i].without_day : kind);
	}
}

/* An answer that was given, and is over or past, explains nothing any more; it is told all the
 * same. */
static const char *say_over(const json_t *answer, const char *today)
{
	const char *until = text(answer, "until");

	if (json_is_true(json_object_get(answer, "over")))
		return " (over: there was contact)";
	return until && strcmp(until, today) < 0 ? " (past)" : "";
}

void portrait_answers(const json_t *p)
{
	const char *kind, *today = text(p, "today");
	char near[SAY_DUE_SIZE], actor[ACTOR_SIZE];
	json_t *answer;

	json_object_foreach(json_object_get(p, "answers"), kind, answer)
	{
		struct line line = line_begin(2);

		if (!json_is_object(answer))
			continue;
		line_put(&line, "Answer: ");
		portrait_answer(&line, kind, answer, today);
		line_putf(&line, "%s, by %s on %s", say_over(answer, today),
			  portrait_actor(text(answer, "actor"), actor),
			  say_day_near(text(answer, "given"), today, near));
		if (text(answer, "reason")) {
			line_put(&line, ": ");
			line_put(&line, text(answer, "reason"));
		}
		line_end(&line);
	}
}

/* ---- contacts ---- */

void portrait_contact(struct line *line, const json_t *c)
{
	line_put(line, text(c, "kind"));
	if (strcmp(text(c, "direction"), "both") != 0)
		line_putf(line, " %s", text(c, "direction"));
	if (text(c, "person")) {
		line_put(line, " with ");
		line_put(line, text(c, "person"));
	}
	if (json_is_integer(json_object_get(c, "minutes")))
		line_putf(line, ", %lld min",
			  (long long)json_integer_value(json_object_get(c, "minutes")));
	if (text(c, "by"))
		line_putf(line, ", by %s", text(c, "by"));
	if (text(c, "note")) {
		line_put(line, ": ");
		line_put(line, text(c, "note"));
	}
}

const char *portrait_actor(const char *actor, char out[ACTOR_SIZE])
{
	int64_t uid;
	const struct passwd *user;

	if (!actor || strncmp(actor, "uid ", 4) != 0 || !text_parse_number(actor + 4, &uid))
		return actor ? actor : "-";
	user = getpwuid((uid_t)uid);
	if (!user)
		return actor;
	snprintf(out, ACTOR_SIZE, "%s", user->pw_name);
	return out;
}
