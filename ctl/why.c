/* Why: where a partner stands on a day, with every input, and what comes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/risk.h"
#include "ctl/portrait.h"
#include "ctl/table.h"
#include "ctl/verbs.h"

#define COUNT(a)      (sizeof(a) / sizeof((a)[0]))
#define LABEL_WIDTH   16 /* "  counts from   " */
#define CONTACT_HANG  40 /* "  12    Wed 10 Dec 2025 (1000 days ago) " */
#define COMING_HANG   33
#define DIGESTS_SHOWN 10

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static bool is(const json_t *o, const char *key, const char *word)
{
	const char *value = text(o, key);

	return value && strcmp(value, word) == 0;
}

/* ---- inputs ---- */

static void print_owner(const json_t *p)
{
	const json_t *hearer = json_object_get(p, "hearer");
	struct line line = line_begin(2);

	if (!json_is_object(hearer)) {
		line_putf(&line, "owner %s, who is not configured", text(p, "owner"));
		line_end(&line);
		return;
	}
	line_putf(&line, "owner %s in %s (%s), review day %s", text(hearer, "id"),
		  text(hearer, "timezone"), text(hearer, "origin"), text(hearer, "review_day"));
	if (text(hearer, "backup"))
		line_putf(&line, ", backup %s", text(hearer, "backup"));
	if (text(hearer, "manager"))
		line_putf(&line, ", manager %s", text(hearer, "manager"));
	line_end(&line);
}

static void print_cadence(const json_t *p)
{
	static const char *const terms_shown[][2] = {{"every", "every"},
						     {"grace", "grace"},
						     {"warn", "warn"},
						     {"meeting_every", "meeting every"},
						     {"decide_after", "decide after"}};
	const json_t *terms = json_object_get(p, "cadence_terms");
	struct line line = line_begin(2);
	json_t *step;
	size_t i;

	line_putf(&line, "cadence %s (%s):", text(p, "cadence"),
		  text(terms, "origin") ? text(terms, "origin") : "built in");
	for (size_t t = 0; t < COUNT(terms_shown); t++)
		if (text(terms, terms_shown[t][0]))
			line_putf(&line, "%s %s %s", t ? "," : "", terms_shown[t][1],
				  text(terms, terms_shown[t][0]));
	json_array_foreach(json_object_get(terms, "escalate"), i, step)
	    line_putf(&line, "%s %s", i ? "," : ", escalate", json_string_value(step));
	line_end(&line);
	if (text(p, "origin"))
		printf("partner managed by %s\n", text(p, "origin"));
}

/* ---- rules ---- */

/* What the base of a clock is, in words. */
static const char *say_base(const char *kind)
{
	static const char *const words[][2] = {
	    {"contact", "the newest contact that counts"},
	    {"since", "no contact yet; the day the partnership began"},
	    {"first seen", "no contact yet; the day we first knew it"},
	    {"keep", "the day it was decided to keep it"},
	    {"fix", "the day it was decided to have it fixed"},
	    {"plan", "the booked meeting"},
	    {"off", "the day it was said to be off for good"},
	};

	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(kind, words[i][0]) == 0)
			return words[i][1];
	return kind;
}

static struct line labelled(const char *label)
{
	struct line line = line_begin(LABEL_WIDTH);

	line_putf(&line, "  %s", label);
	line_pad(&line, LABEL_WIDTH);
	return line;
}

static void print_day(const char *label, const json_t *rule, const char *key, const char *today)
{
	char near[SAY_DUE_SIZE];
	struct line line;

	if (!text(rule, key))
		return;
	line = labelled(label);
	line_put(&line, say_day_near(text(rule, key), today, near));
	line_end(&line);
}

static bool is_question(const json_t *rule)
{
	return is(rule, "rule", "booked") || is(rule, "rule", "off");
}

static void print_due(const json_t *p, const json_t *rule)
{
	const char *today = text(p, "today"), *owner = text(json_object_get(p, "hearer"), "id");
	struct line line = labelled(is_question(rule) ? "asked on" : "due");
	char near[SAY_DUE_SIZE], a[32], b[32];
	json_t *range;
	size_t i;

	line_put(&line, say_day_near(text(rule, "due_day"), today, near));
	json_array_foreach(json_object_get(rule, "moved"), i, range)
	{
		const bool one = strcmp(text(range, "first"), text(range, "last")) == 0;
		const bool holiday = is(range, "why", "holiday");

		line_putf(&line, "%s%s",
			  i ? "; " : ", moved: ", say_day(text(range, "first"), today, a));
		if (!one)
			line_putf(&line, " to %s", say_day(text(range, "last"), today, b));
		line_putf(&line, " %s %s of %s", one ? "is" : "are",
			  holiday ? (one ? "a holiday" : "holidays")
				  : (one ? "no workday" : "no workdays"),
			  owner);
	}
	line_end(&line);
}

static void print_ladder(const json_t *p, const json_t *rule)
{
	const char *today = text(p, "today");
	char near[SAY_DUE_SIZE], taken[SAY_DUE_SIZE];
	json_t *step;
	size_t i;

	json_array_foreach(json_object_get(rule, "ladder"), i, step)
	{
		char *label = mem_printf(
		    "step %lld", (long long)json_integer_value(json_object_get(step, "step")));
		struct line line = labelled(label);

		line_put(&line, say_day_near(text(step, "day"), today, near));
		if (text(step, "hearer"))
			line_putf(&line, ", to %s", text(step, "hearer"));
		if (json_is_true(json_object_get(step, "taken")))
			line_putf(&line, ", taken%s%s", text(step, "taken_day") ? " on " : "",
				  text(step, "taken_day")
				      ? say_day_near(text(step, "taken_day"), today, taken)
				      : "");
		if (text(step, "waits"))
			line_putf(&line, "; %s", text(step, "waits"));
		line_end(&line);
		free(label);
	}
}

static void print_rule(const json_t *p, const json_t *rule)
{
	const json_t *terms = json_object_get(p, "cadence_terms");
	const char *today = text(p, "today"), *held = text(rule, "held");
	char near[SAY_DUE_SIZE];
	struct line line = line_begin(2);

	line_putf(&line, "Rule %s: ", text(rule, "rule"));
	line_state(&line, text(rule, "state"));
	if (held)
		line_putf(&line, ", but quiet: %s %s %s", held,
			  strcmp(held, "meeting booked") == 0 ? "for" : "until",
			  say_day_near(text(rule, "held_until"), today, near));
	line_end(&line);
	line = labelled("counts from");
	line_putf(&line, "%s, %s", say_day_near(text(rule, "base"), today, near),
		  say_base(text(rule, "base_kind")));
	line_end(&line);
	if (is(rule, "rule", "contact") || is(rule, "rule", "meeting")) {
		line = labelled("every");
		line_putf(&line, "%s, grace %s",
			  text(terms, is(rule, "rule", "meeting") ? "meeting_every" : "every"),
			  text(terms, "grace"));
		line_end(&line);
	}
	print_day("due soon", rule, "warn_day", today);
	print_due(p, rule);
	print_day("cold", rule, "cold_day", today);
	print_ladder(p, rule);
	print_day("decision", rule, "decide_day", today);
}

/* ---- risk ---- */

static double real(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

/* Why there is no hint; NULL: one comes, or has come. */
static const char *say_gate(const json_t *risk)
{
	static const char *const words[][2] = {
	    {"off", "none: switched off by the cadence"},
	    {"no contact", "none: there was no contact yet"},
	    {"decided", "none: a decision is newer than the last contact"},
	    {"due", "none: it is due before"},
	};

	for (size_t i = 0; i < COUNT(words); i++)
		if (is(risk, "hint", words[i][0]))
			return words[i][1];
	return NULL;
}

static void print_hint(const json_t *p, const json_t *risk)
{
	struct line line = labelled("early hint");
	const char *gate = say_gate(risk);
	char near[SAY_DUE_SIZE];

	if (gate)
		line_put(&line, gate);
	else if (is(risk, "hint", "few live"))
		line_putf(&line, "none: %lld of 5 live contacts (logged or received, not imported)",
			  (long long)json_integer_value(json_object_get(risk, "live")));
	else
		line_putf(&line, "from %s on (threshold %g)",
			  say_day_near(text(risk, "hint_day"), text(p, "today"), near),
			  real(risk, "threshold"));
	line_end(&line);
}

/* The numbers that the sentence was reckoned from; cadenced-risk(7) has the formula. Where there
 * is too little history none was, and what all partners have in common is nothing of this one. */
static void print_inputs(const json_t *p, const json_t *risk)
{
	const bool known =
	    json_integer_value(json_object_get(risk, "contacts")) >= RISK_CONTACTS_MIN;
	const char *today = text(p, "today");
	char first[SAY_DUE_SIZE], last[SAY_DUE_SIZE];
	struct line line = labelled("contacts");

	line_putf(&line, "%lld used, from %s to %s; %lld of them live",
		  (long long)json_integer_value(json_object_get(risk, "contacts")),
		  say_day_near(text(risk, "first"), today, first),
		  say_day_near(text(risk, "last"), today, last),
		  (long long)json_integer_value(json_object_get(risk, "live")));
	line_end(&line);
	if (known) {
		line = labelled("usual gap");
		line_putf(&line, "%.2f days", real(risk, "usual_gap_days"));
		line_end(&line);
		line = labelled("spread");
		line_putf(&line, "%.3f; none follows at all: %.2f %%", real(risk, "spread"),
			  100 * real(risk, "none_follows"));
		line_end(&line);
	}
	if (!known && !text(p, "cold_mark"))
		return;
	line = labelled("own cold mark");
	line_putf(&line, "%lld days after the last: %s%s",
		  (long long)json_integer_value(json_object_get(risk, "cold_mark_days")),
		  say_day_near(text(risk, "cold_mark_day"), today, first),
		  text(p, "cold_mark") ? ", set by hand" : "");
	line_end(&line);
}

static void print_risk(const json_t *p)
{
	const json_t *risk = json_object_get(p, "risk");
	struct line line = line_begin(2);

	line_putf(&line, "Risk: %s", text(risk, "sentence"));
	line_end(&line);
	if (text(risk, "first"))
		print_inputs(p, risk);
	print_hint(p, risk);
}

/* ---- contacts ---- */

static void print_contacts(const json_t *p)
{
	const json_t *contacts = json_object_get(p, "contacts");
	char near[SAY_DUE_SIZE];
	json_t *c;
	size_t i;

	puts("Contacts:");
	json_array_foreach(contacts, i, c)
	{
		struct line line = line_begin(CONTACT_HANG);

		line_putf(&line, "  %lld", (long long)json_integer_value(json_object_get(c, "id")));
		line_pad(&line, 8);
		line_put(&line, say_day_near(text(c, "day"), text(p, "today"), near));
		line_pad(&line, CONTACT_HANG);
		line_putf(&line, "%s%s%s, %s (%s)", text(c, "kind"),
			  is(c, "direction", "both") ? "" : " ",
			  is(c, "direction", "both") ? "" : text(c, "direction"), text(c, "role"),
			  text(c, "origin") ? text(c, "origin") : text(c, "source"));
		line_end(&line);
	}
	if (json_array_size(contacts) == 0)
		puts("  none");
}

/* ---- what was told, what comes ---- */

static struct line dated(const char *day_text)
{
	struct line line = line_begin(COMING_HANG);

	line_putf(&line, "  %s", day_text);
	line_pad(&line, COMING_HANG);
	return line;
}

static void print_digests(const json_t *p)
{
	const json_t *digests = json_object_get(p, "digests");
	char near[SAY_DUE_SIZE];
	json_t *d;
	size_t i;

	if (json_array_size(digests) == 0)
		return;
	puts("Told:");
	json_array_foreach(digests, i, d)
	{
		struct line line;

		if (i == DIGESTS_SHOWN)
			break;
		line = dated(say_day_near(text(d, "day"), text(p, "today"), near));
		line_putf(&line, "%s, as ", text(d, "hearer"));
		if (is(d, "rule", "hint"))
			line_put(&line, "an early hint");
		else
			line_state(&line, text(d, "state"));
		if (!is(d, "rule", "contact") && !is(d, "rule", "hint"))
			line_putf(&line, " (rule %s)", text(d, "rule"));
		if (json_integer_value(json_object_get(d, "step")) > 0)
			line_putf(&line, ", step %lld of the ladder",
				  (long long)json_integer_value(json_object_get(d, "step")));
		line_put(&line, is(d, "digest", "open")	  ? " (still under way)"
				: is(d, "digest", "lost") ? " (it reached nobody)"
							  : "");
		line_end(&line);
	}
}

static void say_change(struct line *line, const json_t *c)
{
	static const char *const words[][2] = {
	    {"hint", "an early hint may be given"},
	    {"due soon", "shows as due soon"},
	    {"due", "is due"},
	    {"cold", "turns cold"},
	    {"decide", "a decision is asked for"},
	    {"quiet", "the booked meeting is near enough to keep it quiet"},
	    {"question", "\"did it happen?\" is asked"},
	};
	const char *what = text(c, "what"), *held = text(c, "held");

	for (size_t w = 0; w < COUNT(words); w++)
		if (strcmp(what, words[w][0]) == 0)
			what = words[w][1];
	if (is(c, "what", "question") && is(c, "rule", "off"))
		what = "\"still off?\" is asked";
	if (is(c, "what", "back"))
		line_putf(line, "%s ends; it is %s then",
			  is(c, "ended", "snoozed") ? "its snooze" : "off", text(c, "state"));
	else
		line_put(line, what);
	if (held && !is(c, "what", "quiet"))
		line_putf(line, ", but quiet: %s", held);
	if (is(c, "rule", "meeting"))
		line_put(line, " (rule meeting)");
}

/* Told again each week, until something else happens, is one line. */
static bool is_repeated(const json_t *c, const json_t *last)
{
	return is(c, "what", "told") && is(c, "occasion", "review") && last &&
	       is(last, "occasion", "review");
}

static void print_coming(const json_t *p)
{
	const json_t *coming = json_object_get(p, "coming"), *last = NULL;
	char near[SAY_DUE_SIZE];
	json_t *c;
	size_t i;

	if (json_array_size(coming) == 0)
		return;
	puts("If nothing happens:");
	json_array_foreach(coming, i, c)
	{
		const bool told = is(c, "what", "told");
		struct line line;

		if (is_repeated(c, last))
			continue;
		line = dated(say_day_near(text(c, "day"), text(p, "today"), near));
		if (told)
			line_putf(&line, "%s is told: %s%s", text(c, "hearer"), text(c, "because"),
				  is(c, "occasion", "review") ? ", and so on" : "");
		else
			say_change(&line, c);
		line_end(&line);
		if (told)
			last = c;
	}
}

/* ---- the whole ---- */

static void print_so(const json_t *p)
{
	const bool past = json_is_true(json_object_get(p, "past"));
	char near[SAY_DUE_SIZE];
	struct line line = line_begin(2);

	line_putf(&line, "%s %s: ", past ? "As known on" : "On",
		  say_day_near(text(p, "on"), text(p, "today"), near));
	line_put(&line, text(p, "so"));
	line_end(&line);
	if (!text(p, "withheld"))
		return;
	line = line_begin(2);
	line_putf(&line, "%s.", text(p, "withheld"));
	line_end(&line);
}

static void print_why(json_t *p)
{
	json_t *rule;
	size_t i;

	portrait_head(p);
	print_so(p);
	print_owner(p);
	portrait_absence(p);
	print_cadence(p);
	json_array_foreach(json_object_get(p, "rules"), i, rule) print_rule(p, rule);
	print_risk(p);
	portrait_answers(p);
	print_contacts(p);
	print_digests(p);
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
	result = portrait_get(ctl, argv[0], rest, &p);
	if (result == DONE && !ctl->json)
		print_why(p);
	json_decref(p);
	free(rest);
	free(escaped);
	return result;
}
