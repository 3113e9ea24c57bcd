/* Show: one partner, what was answered, its contacts and its history. */
#include <stdio.h>
#include <string.h>

#include "ctl/portrait.h"
#include "ctl/table.h"
#include "ctl/verbs.h"

#define CONTACT_DAY_COLUMN 8  /* where the day of a contact begins */
#define CONTACT_HANG	   40 /* and where its words do */
#define HISTORY_ACTOR_AT   24
#define HISTORY_WORDS_AT   36

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void print_management(const json_t *p)
{
	struct line line = line_begin(2);

	line_putf(&line, "owner %s, cadence %s%s%s", text(p, "owner"), text(p, "cadence"),
		  text(p, "origin") ? ", managed by " : "",
		  text(p, "origin") ? text(p, "origin") : "");
	line_end(&line);
}

/* all: as many as there are were asked for. */
static void print_contacts(const json_t *p, bool all)
{
	const json_t *contacts = json_object_get(p, "contacts");
	const long long beyond = json_integer_value(json_object_get(p, "contact_count")) -
				 (long long)json_array_size(contacts);
	char near[SAY_DUE_SIZE];
	json_t *c;
	size_t i;

	puts("Contacts:");
	json_array_foreach(contacts, i, c)
	{
		struct line line = line_begin(CONTACT_HANG);

		line_putf(&line, "  %lld", (long long)json_integer_value(json_object_get(c, "id")));
		line_pad(&line, CONTACT_DAY_COLUMN);
		line_put(&line, say_day_near(text(c, "day"), text(p, "today"), near));
		line_pad(&line, CONTACT_HANG);
		portrait_contact(&line, c);
		if (!json_is_true(json_object_get(c, "counts")))
			line_put(&line, " (does not count: nobody answered)");
		line_end(&line);
	}
	if (json_array_size(contacts) == 0)
		puts("  none");
	if (json_is_true(json_object_get(p, "more_contacts")) && all)
		printf("  and %lld more: 'cadencectl export contacts'\n", beyond);
	else if (json_is_true(json_object_get(p, "more_contacts")))
		printf("  and %lld more: 'cadencectl show %s --all'\n", beyond, text(p, "id"));
}

/* ---- history ---- */

static void say_contact_row(struct line *line, const char *words, const json_t *detail,
			    const char *today)
{
	const json_t *to = json_object_get(detail, "to");
	const json_t *contact = json_is_object(to) ? to : detail;
	char day_text[32];

	line_putf(line, "%s ", words);
	if (!text(contact, "kind"))
		return;
	line_putf(line, "of %s, ", say_day(text(contact, "day"), today, day_text));
	portrait_contact(line, contact);
}

static void say_answer_row(struct line *line, const char *kind, const json_t *detail,
			   const char *today)
{
	const json_t *to = json_object_get(detail, "to");

	if (!json_is_object(to)) {
		line_putf(line, "%s taken back", kind);
		return;
	}
	portrait_answer(line, kind, to, today);
	if (text(to, "reason")) {
		line_put(line, ": ");
		line_put(line, text(to, "reason"));
	}
}

static void say_nudge_row(struct line *line, const char *words, const json_t *detail)
{
	const char *hearer = text(detail, "hearer"), *cause = text(detail, "cause");

	if (text(detail, "rule") && strcmp(text(detail, "rule"), "hint") == 0) {
		line_put(line, cause ? "no early hint any more: "
				     : "quiet for longer than usual: "
				       "an early hint");
		line_put(line, cause ? cause : "");
		return;
	}
	line_put(line, words);
	if (hearer)
		line_putf(line, ": %s is told too", hearer);
	if (cause)
		line_putf(line, ": %s", cause);
	if (text(detail, "rule") && strcmp(text(detail, "rule"), "contact") != 0)
		line_putf(line, " (rule %s)", text(detail, "rule"));
}

/* "owner maria -> jon": what a change changed. */
static void say_change(struct line *line, const char *words, const json_t *detail)
{
	json_t *from = json_object_get(detail, "from"), *to = json_object_get(detail, "to");
	const char *key;
	json_t *value;

	line_put(line, words);
	json_object_foreach(from, key, value)
	{
		const json_t *now = json_object_get(to, key);
		char a[32], b[32];

		if (json_equal(value, now) || strcmp(key, "origin") == 0)
			continue;
		line_putf(line, "; %s ", key);
		line_put(line, member_text(from, key, a));
		line_put(line, " -> ");
		line_put(line, member_text(to, key, b));
	}
}

static void say_row(struct line *line, const json_t *row, const char *today)
{
	static const char *const words[][2] = {
	    {"contact.logged", "logged the contact"},
	    {"contact.removed", "took back the contact"},
	    {"contact.changed", "changed the contact"},
	    {"nudge.raised", "is due"},
	    {"nudge.reopened", "is due again: a contact was taken back or changed"},
	    {"nudge.cold", "turned cold"},
	    {"nudge.step", "a step of the ladder"},
	    {"nudge.resolved", "no longer due"},
	    {"partner.added", "added"},
	    {"partner.changed", "changed"},
	    {"partner.taken_over", "taken over by the configuration"},
	    {"partner.archived", "archived"},
	    {"partner.restored", "restored"},
	    {"partner.ended", "decided to end it"},
	    {"partner.unheard", "nobody hears of it: the administrator was told"},
	    {"partner.unjudgeable", "cannot be judged"},
	    {"meeting.noshow", "the booked meeting did not happen"},
	};
	const char *verb = text(row, "verb"), *said = verb;
	const json_t *detail = json_object_get(row, "detail");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(verb, words[i][0]) == 0)
			said = words[i][1];
	if (strncmp(verb, "answer.", 7) == 0)
		say_answer_row(line, verb + 7, detail, today);
	else if (strncmp(verb, "contact.", 8) == 0)
		say_contact_row(line, said, detail, today);
	else if (strncmp(verb, "nudge.", 6) == 0)
		say_nudge_row(line, said, detail);
	else
		say_change(line, said, detail);
	if (strncmp(verb, "partner.", 8) == 0 && text(detail, "reason")) {
		line_put(line, ": ");
		line_put(line, text(detail, "reason"));
	}
}

static void print_history(const json_t *p, bool all)
{
	const char *today = text(p, "today");
	char day_text[32], actor[ACTOR_SIZE];
	json_t *row;
	size_t i;

	puts("History:");
	json_array_foreach(json_object_get(p, "history"), i, row)
	{
		struct line line = line_begin(HISTORY_WORDS_AT);

		line_putf(&line, "  %s %s", say_day(text(row, "day"), today, day_text),
			  text(row, "time"));
		line_pad(&line, HISTORY_ACTOR_AT);
		line_put(&line, portrait_actor(text(row, "actor"), actor));
		line_pad(&line, HISTORY_WORDS_AT);
		say_row(&line, row, today);
		line_end(&line);
	}
	if (json_is_true(json_object_get(p, "more_history")) && all)
		puts("  and what is older");
	else if (json_is_true(json_object_get(p, "more_history")))
		printf("  and what is older: 'cadencectl show %s --all'\n", text(p, "id"));
}

int verb_show(const struct ctl *ctl, int argc, char **argv)
{
	bool all = false;
	const struct ctl_option options[] = {{"--all", NULL, &all}};
	json_t *p = NULL;
	int result;

	argc = take_options(argc, argv, options, sizeof(options) / sizeof(options[0]));
	if (argc != 1)
		return usage("show takes one partner, and perhaps --all");
	result = portrait_get(ctl, argv[0], all ? "?contacts=1000&history=1000" : "", &p);
	if (result == DONE && !ctl->json) {
		portrait_head(p);
		print_management(p);
		portrait_odds(p);
		portrait_absence(p);
		portrait_answers(p);
		print_contacts(p, all);
		print_history(p, all);
	}
	json_decref(p);
	return result;
}
