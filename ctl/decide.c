/* Deciding about partners: off, on, ack, plan, unplan, noshow, decide, restore, erase,
 * partner. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ctl/complain.h"
#include "ctl/portrait.h"
#include "ctl/restore.h"
#include "ctl/table.h"
#include "ctl/verbs.h"

#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define ID_LINE_MAX 200 /* bytes of the answer to a question */

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static const json_t *answer_of(const json_t *partner, const char *kind)
{
	return json_object_get(json_object_get(partner, "answers"), kind);
}

/* Posts an answer about a partner: the words after it are a day, where one is taken, and a reason.
 */
static int give(const struct ctl *ctl, const char *id, const char *what, const char *until,
		char *reason, json_t **ret)
{
	json_t *body = json_object();

	if (until)
		json_object_set_new(body, "until", json_string(until));
	if (reason)
		json_object_set_new(body, "reason", json_string(reason));
	free(reason);
	return post_to_partner(ctl, id, what, body, ret);
}

static void say_due(const json_t *partner)
{
	char *due = portrait_due(partner);

	printf("%s, %s\n", text(partner, "standing"), due);
	free(due);
}

/* ---- off, on, ack ---- */

/* A reason without a day is taken after the word forever only: a mistyped day must not silence a
 * partner for good. */
int verb_off(const struct ctl *ctl, int argc, char **argv)
{
	const bool for_ever = argc > 1 && strcmp(argv[1], "forever") == 0;
	char joined[DAYWORD_SIZE], day_text[32];
	int result, words = 1 + for_ever;
	json_t *answer = NULL;
	const char *on = for_ever ? NULL : take_day(argc, argv, false, &words, joined);

	if (argc < 1)
		return usage("off takes a partner, and perhaps a day or forever, and a reason");
	if (argc > 1 && !on && !for_ever)
		return usage("\"%s\" is no day: write off %s DAY REASON…, with a day such as "
			     "tomorrow, 2w or 2026-12-01; or off %s forever REASON…",
			     argv[1], argv[0], argv[0]);
	result = give(ctl, argv[0], "off", on, join_words(argc - words, argv + words), &answer);
	if (result == DONE && !ctl->json) {
		const char *until = text(answer_of(answer, "off"), "until");

		if (until)
			printf("%s: off until %s\n", text(answer, "id"),
			       say_day(until, text(answer, "today"), day_text));
		else
			printf("%s: off; you are asked again in 90 days, unless there is contact\n",
			       text(answer, "id"));
	}
	json_decref(answer);
	return result;
}

/* The verbs that take a partner and nothing else, and what they say when it is done. */
static int simple(const struct ctl *ctl, int argc, char **argv, const char *what, const char *done)
{
	json_t *answer = NULL;
	int result;

	if (argc != 1)
		return usage("that takes one partner and no more words");
	result = give(ctl, argv[0], what, NULL, NULL, &answer);
	if (result == DONE && !ctl->json) {
		printf("%s: %s; ", text(answer, "id"), done);
		say_due(answer);
	}
	json_decref(answer);
	return result;
}

int verb_on(const struct ctl *ctl, int argc, char **argv)
{
	return simple(ctl, argc, argv, "on", "watched again");
}

int verb_unplan(const struct ctl *ctl, int argc, char **argv)
{
	return simple(ctl, argc, argv, "unplan", "no meeting is booked any more");
}

int verb_noshow(const struct ctl *ctl, int argc, char **argv)
{
	return simple(ctl, argc, argv, "noshow", "it did not happen, the clock goes on");
}

int verb_restore(const struct ctl *ctl, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (restore_is_file(argv[i]) || strcmp(argv[i], "--verify") == 0)
			return restore_file(ctl, argc, argv);
	return simple(ctl, argc, argv, "restore", "restored");
}

int verb_ack(const struct ctl *ctl, int argc, char **argv)
{
	json_t *answer = NULL;
	int result;

	if (argc < 1)
		return usage("ack takes a partner, and perhaps a reason");
	result = give(ctl, argv[0], "ack", NULL, join_words(argc - 1, argv + 1), &answer);
	if (result == DONE && !ctl->json)
		printf("%s: noted; the next review day is skipped, and nobody else is told for 2 "
		       "weeks\n",
		       text(answer, "id"));
	json_decref(answer);
	return result;
}

/* ---- plan ---- */

int verb_plan(const struct ctl *ctl, int argc, char **argv)
{
	char joined[DAYWORD_SIZE], day_text[32];
	json_t *answer = NULL;
	int result, at = 1;
	const char *on;

	if (argc < 2)
		return usage("plan takes a partner and the day of the meeting");
	on = take_day(argc, argv, false, &at, joined);
	if (!on)
		on = argv[at++];
	result = give(ctl, argv[0], "plan", on, join_words(argc - at, argv + at), &answer);
	if (result == DONE && !ctl->json) {
		const char *held = text(answer, "held");

		printf("%s: meeting booked for %s%s\n", text(answer, "id"),
		       say_day(text(answer_of(answer, "plan"), "until"), text(answer, "today"),
			       day_text),
		       held && strcmp(held, "meeting booked") == 0
			   ? "; quiet until then"
			   : "; too far ahead to keep it quiet yet");
	}
	json_decref(answer);
	return result;
}

/* ---- decide ---- */

static int decide_end(const struct ctl *ctl, int argc, char **argv)
{
	json_t *answer = NULL;
	int result;

	if (argc > 2 && dayword_is_day(argv[2]))
		return usage(
		    "end takes no day, it ends today; off PARTNER DAY is quiet until a day");
	result = give(ctl, argv[0], "end", NULL, join_words(argc - 2, argv + 2), &answer);
	if (result == DONE && !ctl->json)
		printf("%s: ended and archived; 'cadencectl restore %s' brings it back\n",
		       text(answer, "id"), text(answer, "id"));
	json_decref(answer);
	return result;
}

/* A promise moves nothing that is due after its day. */
static void say_decided(const json_t *answer, bool keep)
{
	const char *until = text(answer_of(answer, "fix"), "until"), *due = text(answer, "due_day");
	char day_text[32];

	if (keep || !until) {
		printf("%s: decided to keep it; ", text(answer, "id"));
		say_due(answer);
		return;
	}
	printf("%s: decided to fix it by %s; ", text(answer, "id"),
	       say_day(until, text(answer, "today"), day_text));
	say_due(answer);
	if (due && strcmp(until, due) < 0)
		puts("It is due after the promised day anyway, and that stays so.");
}

int verb_decide(const struct ctl *ctl, int argc, char **argv)
{
	const bool keep = argc > 1 && strcmp(argv[1], "keep") == 0;
	const bool fix = argc > 2 && strcmp(argv[1], "fix") == 0;
	char joined[DAYWORD_SIZE];
	json_t *answer = NULL;
	const char *on = NULL;
	int result, at = 2;

	if (argc > 1 && strcmp(argv[1], "end") == 0)
		return decide_end(ctl, argc, argv);
	if (!keep && !fix)
		return usage(
		    "decide takes a partner and keep, fix DAY or end, and perhaps a reason");
	if (keep && argc > 2 && dayword_is_day(argv[2]))
		return usage("keep takes no day, its clock starts today; 'decide %s fix %s' "
			     "makes it due on that day",
			     argv[0], argv[2]);
	if (fix && !(on = take_day(argc, argv, false, &at, joined)))
		on = argv[at++];
	result = give(ctl, argv[0], argv[1], on, join_words(argc - at, argv + at), &answer);
	if (result == DONE && !ctl->json)
		say_decided(answer, keep);
	json_decref(answer);
	return result;
}

/* ---- erase ---- */

/* What cannot be undone is asked for by name. */
static bool confirm(const char *id)
{
	char line[ID_LINE_MAX];

	if (!isatty(STDIN_FILENO)) {
		complain("erase asks a question; without a terminal say --yes");
		return false;
	}
	printf("Everything about %s is erased: contacts, answers, history. This cannot be undone.\n"
	       "Type its id to go on: ",
	       id);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return false;
	line[strcspn(line, "\n")] = '\0';
	if (strcmp(line, id) == 0)
		return true;
	puts("Nothing was erased.");
	return false;
}

int verb_erase(const struct ctl *ctl, int argc, char **argv)
{
	bool yes = false;
	const struct ctl_option options[] = {{"--yes", NULL, &yes}};
	char *escaped, *path;
	int result;

	argc = take_options(argc, argv, options, COUNT(options));
	if (argc != 1)
		return usage("erase takes one partner");
	if (!yes && !confirm(argv[0]))
		return FAILED;
	escaped = client_escape(argv[0]);
	path = mem_printf("partners/%s", escaped);
	result = client_json(ctl, "DELETE", path, NULL, NULL);
	if (result == DONE && !ctl->json)
		printf("%s: erased\n", argv[0]);
	free(path);
	free(escaped);
	return result;
}

/* ---- partner add, set, move ---- */

static int write_partner(const struct ctl *ctl, const char *verb, const char *id, json_t *body)
{
	static const char *const results[][2] = {
	    {"new", "added"}, {"changed", "changed"}, {"same", "unchanged"}};
	const bool add = strcmp(verb, "add") == 0;
	const char *done = "";
	json_t *answer = NULL;
	char *escaped = client_escape(id);
	char *path = add ? mem_strdup("partners") : mem_printf("partners/%s", escaped);
	int result;

	if (add)
		json_object_set_new(body, "id", json_string(id));
	result = client_json(ctl, "POST", path, body, &answer);
	for (size_t i = 0; i < COUNT(results) && result == DONE; i++)
		if (strcmp(text(answer, "result"), results[i][0]) == 0)
			done = results[i][1];
	if (result == DONE && !ctl->json) {
		printf("%s: %s, owner %s, cadence %s; ", text(answer, "id"), done,
		       text(answer, "owner"), text(answer, "cadence"));
		say_due(answer);
	}
	json_decref(answer);
	free(path);
	free(escaped);
	return result;
}

int verb_partner(const struct ctl *ctl, int argc, char **argv)
{
	const char *values[6] = {NULL};
	static const char *const names[] = {"name",  "owner", "cadence",
					    "since", "tags",  "cold_mark"};
	const struct ctl_option options[] = {
	    {"--name", &values[0], NULL},    {"--owner", &values[1], NULL},
	    {"--cadence", &values[2], NULL}, {"--since", &values[3], NULL},
	    {"--tags", &values[4], NULL},    {"--cold-mark", &values[5], NULL}};
	json_t *body;

	argc = take_options(argc, argv, options, COUNT(options));
	if (argc == 3 && strcmp(argv[0], "move") == 0)
		values[1] = argv[2];
	else if (argc != 2 || (strcmp(argv[0], "add") != 0 && strcmp(argv[0], "set") != 0))
		return usage(
		    "partner takes add ID, set ID (with --name, --owner, --cadence, --since, "
		    "--tags, --cold-mark) or move ID OWNER");
	body = json_object();
	for (size_t i = 0; i < COUNT(names); i++)
		if (values[i])
			json_object_set_new(body, names[i], json_string(values[i]));
	return write_partner(ctl, argv[0], argv[1], body);
}
