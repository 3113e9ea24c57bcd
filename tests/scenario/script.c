/* A line is a word and what belongs to it; # starts a comment. README.md says which there are. */
#include "tests/scenario/script.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 12
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))

void script_fail(struct script *script, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s:%d: ", script->path, script->line);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	script->failed = true;
}

/* ---- words ---- */

/* Cuts the next word off; NULL at the end. */
static char *next_word(char **at)
{
	char *word;

	while (isspace((unsigned char)**at))
		(*at)++;
	if (!**at)
		return NULL;
	word = *at;
	while (**at && !isspace((unsigned char)**at))
		(*at)++;
	if (**at)
		*(*at)++ = '\0';
	return word;
}

/* What is left of the line; NULL when nothing is. */
static char *rest_of(char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return *at ? at : NULL;
}

static bool parse_time(const char *text, int *ret_minute)
{
	int hour, minute;

	if (!text || sscanf(text, "%2d:%2d", &hour, &minute) != 2)
		return false;
	*ret_minute = 60 * hour + minute;
	return true;
}

/* ---- looking ---- */

static const char *say(struct script *script, day d, int minute, const char *owner,
		       const char *content)
{
	char iso[DAY_TEXT_SIZE];

	return arena_printf(script->arena, "%s %02d:%02d %s: %s", day_iso(d, iso), minute / 60,
			    minute % 60, owner, content);
}

static void compare(struct script *script, const struct seen *seen)
{
	const struct expected *expected =
	    script->met < script->expected_count ? &script->expected[script->met] : NULL;
	const char *got = say(script, seen->day, seen->minute, seen->owner, seen->content);
	const char *wanted = expected ? say(script, expected->day, expected->minute,
					    expected->owner, expected->content)
				      : "no digest";

	if (expected && strcmp(got, wanted) == 0) {
		script->met++;
		return;
	}
	if (expected)
		script->line = expected->line;
	script_fail(script, "expected %s\n  got %s", wanted, got);
}

static void check_digests(struct script *script)
{
	for (; script->checked < script->stage.seen_count && !script->failed; script->checked++) {
		const struct seen *seen = &script->stage.seen[script->checked];

		if (script->verbose)
			printf("%s:%d: expect %s\n", script->path, script->line,
			       say(script, seen->day, seen->minute, seen->owner, seen->content));
		if (!script->any && !script->verbose)
			compare(script, seen);
	}
	if (script->met < script->expected_count && !script->failed && !script->any &&
	    !script->verbose) {
		const struct expected *expected = &script->expected[script->met];

		script->line = expected->line;
		script_fail(script, "expected %s\n  got nothing",
			    say(script, expected->day, expected->minute, expected->owner,
				expected->content));
	}
	script->any = false;
}

static void run_until(struct script *script, instant until)
{
	struct error err = {""};

	if (!script->started) {
		if (stage_open(&script->stage, script->setup, until, &err) != STATUS_OK) {
			script_fail(script, "%s", err.text);
			return;
		}
		script->started = true;
		script->now = until;
		return;
	}
	script->now = until;
	if (script->down)
		return;
	if (stage_run(&script->stage, until, &err) != STATUS_OK)
		script_fail(script, "%s", err.text);
	check_digests(script);
}

/* ---- what people do: jobs on the stage ---- */

struct act {
	const char *verb;
	char *words[WORDS_MAX];
	size_t count;
	char *rest; /* the words after the first, as one text */
};

static enum status give(struct db *db, const struct scene *scene, const struct act *act,
			enum answer_kind kind, bool takes_day, struct error *err)
{
	char *at = act->rest ? act->rest : (char *)"";
	const char *until = takes_day ? next_word(&at) : NULL;
	struct answer answer;

	return answer_give(db, scene, act->words[0], kind, until, rest_of(at), &answer, err);
}

static enum status log_contact(struct db *db, const struct scene *scene, const struct act *act,
			       struct error *err)
{
	const bool live = strcmp(act->verb, "log") == 0;
	struct contact contact = {.minutes = CONTACT_MINUTES_UNKNOWN,
				  .source = live ? "command" : "csv"};
	struct arena *arena = arena_new();
	enum change_result result;
	struct facts facts;
	int64_t id;
	size_t word = 2;
	enum status status = partner_facts(db, scene, act->words[0], arena, &facts, err);

	if (status == STATUS_OK &&
	    (act->count < 2 || !contact_kind_parse(act->words[1], &contact.kind)))
		status = error_fail(err, STATUS_INVALID, "log PARTNER KIND [DAY] [out]");
	if (status == STATUS_OK) {
		contact.day = scene_today(scene, &facts);
		if (word < act->count &&
		    day_parse_words(act->words[word], contact.day, DAY_PAST, &contact.day))
			word++;
		if (word < act->count &&
		    contact_direction_parse(act->words[word], &contact.direction))
			word++;
		if (word < act->count)
			contact.note = act->words[word];
		status =
		    contact_write(db, scene, act->words[0], &contact, false, &id, &result, err);
	}
	arena_free(arena);
	return status;
}

static enum status unlog(struct db *db, const struct scene *scene, const struct act *act,
			 struct error *err)
{
	struct query *query = db_query(db, "SELECT c.id FROM contact c JOIN partner p ON p.row = "
					   "c.partner WHERE p.id = $1 AND c.day = $2");
	int64_t id = -1;
	day d;

	if (act->count < 2 || !day_parse_iso(act->words[1], &d))
		return error_fail(err, STATUS_INVALID, "unlog PARTNER DAY");
	db_bind_text(query, 1, act->words[0]);
	db_bind(query, 2, d);
	if (db_step(query))
		id = db_int(query, 0);
	db_end(query);
	struct arena *arena = arena_new();
	struct contact_row removed;
	enum status status = contact_remove(db, scene, id, arena, &removed, err);

	arena_free(arena);
	return status;
}

static enum status add_partner(struct db *db, const struct scene *scene, const struct act *act,
			       struct error *err)
{
	struct partner_change change = {.id = act->words[0],
					.name = act->words[0],
					.owner = act->count > 1 ? act->words[1] : "maria",
					.cadence = act->count > 2 ? act->words[2] : "monthly",
					.since = DAY_NEVER};
	enum change_result result;

	return partner_write(db, scene, &change, false, &result, err);
}

static enum status move_partner(struct db *db, const struct scene *scene, const struct act *act,
				struct error *err)
{
	struct partner_change change = {
	    .id = act->words[0], .owner = act->words[1], .since = DAY_NEVER};
	enum change_result result;

	return partner_write(db, scene, &change, false, &result, err);
}

static enum status away(struct db *db, const struct scene *scene, const struct act *act,
			struct error *err)
{
	const char *stand_in;
	day first = DAY_NEVER, last = DAY_NEVER;

	if (act->count == 3 &&
	    (!day_parse_iso(act->words[1], &first) || !day_parse_iso(act->words[2], &last)))
		return error_fail(err, STATUS_INVALID, "away OWNER [FIRST LAST]");
	return owner_set_away(db, scene, act->words[0], first, last, &stand_in, err);
}

static enum status answer(struct db *db, const struct scene *scene, const struct act *act,
			  struct error *err)
{
	static const struct {
		const char *verb;
		enum answer_kind kind;
		bool takes_day;
	} given[] = {
	    {"snooze", ANSWER_SNOOZE, true}, {"off", ANSWER_OFF, true},
	    {"ack", ANSWER_ACK, false},	     {"plan", ANSWER_PLAN, true},
	    {"keep", ANSWER_KEEP, false},    {"fix", ANSWER_FIX, true},
	};
	static const struct {
		const char *verb;
		enum answer_end end;
	} taken[] = {
	    {"on", ANSWER_END_ON},
	    {"unplan", ANSWER_END_UNPLAN},
	    {"noshow", ANSWER_END_NOSHOW},
	};

	for (size_t i = 0; i < COUNT(given); i++)
		if (strcmp(act->verb, given[i].verb) == 0)
			return give(db, scene, act, given[i].kind, given[i].takes_day, err);
	for (size_t i = 0; i < COUNT(taken); i++)
		if (strcmp(act->verb, taken[i].verb) == 0)
			return answer_take_back(db, scene, act->words[0], taken[i].end, err);
	return STATUS_NOT_FOUND;
}

static enum status act_job(struct db *db, const struct scene *scene, void *arg, struct error *err)
{
	const struct act *act = arg;
	const enum status status = answer(db, scene, act, err);

	if (status != STATUS_NOT_FOUND || err->text[0])
		return status;
	if (strcmp(act->verb, "log") == 0 || strcmp(act->verb, "import") == 0)
		return log_contact(db, scene, act, err);
	if (strcmp(act->verb, "unlog") == 0)
		return unlog(db, scene, act, err);
	if (strcmp(act->verb, "add") == 0)
		return add_partner(db, scene, act, err);
	if (strcmp(act->verb, "move") == 0 && act->count == 2)
		return move_partner(db, scene, act, err);
	if (strcmp(act->verb, "end") == 0)
		return partner_end(db, scene, act->words[0], act->rest, err);
	if (strcmp(act->verb, "restore") == 0)
		return partner_restore(db, scene, act->words[0], err);
	if (strcmp(act->verb, "erase") == 0)
		return partner_erase(db, scene, act->words[0], err);
	if (strcmp(act->verb, "away") == 0)
		return away(db, scene, act, err);
	if (strcmp(act->verb, "retry") == 0) {
		int count;

		return outbox_retry_all(db, scene, &count);
	}
	return error_fail(err, STATUS_INVALID, "there is no verb \"%s\"", act->verb);
}

static enum status do_act(struct script *script, const char *verb, char *at, struct error *err)
{
	struct act act = {.verb = verb};
	char *words = arena_strdup(script->arena, at);

	for (char *word; act.count < WORDS_MAX && (word = next_word(&words));)
		act.words[act.count++] = word;
	if (strcmp(verb, "retry") != 0) {
		if (act.count == 0)
			return error_fail(err, STATUS_INVALID, "\"%s\" needs a partner", verb);
		(void)next_word(&at);
		act.rest = rest_of(at);
	}
	return rehearsal_act(script->stage.rehearsal, "test", act_job, &act, err);
}

/* ---- lines ---- */

static void line_at(struct script *script, char *at, bool sets_clock)
{
	const char *date = next_word(&at), *time = next_word(&at);
	struct error err = {""};
	struct conf *conf = NULL;
	int minute = 0;
	instant then;
	day d;

	if (!date || !day_parse_iso(date, &d) || (time && !parse_time(time, &minute))) {
		script_fail(script, "a day and a time should follow");
		return;
	}
	/* Times are those of the global zone. */
	if (setup_load(script->setup, &conf, &err) != STATUS_OK) {
		script_fail(script, "%s", err.text);
		return;
	}
	then = zone_instant(conf->roster.zone, d, 60 * minute);
	roster_unref(&conf->roster);
	if (!sets_clock) {
		if (script->started && then < script->now)
			script_fail(script, "that is before the line above");
		else
			run_until(script, then);
		return;
	}
	script->stage.clock_was_set = true;
	rehearsal_set_clock(script->stage.rehearsal, then);
	script->now = then;
}

static void line_expect(struct script *script, char *at)
{
	const char *date = next_word(&at), *time = next_word(&at);
	char *owner = next_word(&at);
	struct expected expected = {.line = script->line};

	if (!date || !owner || !day_parse_iso(date, &expected.day) ||
	    !parse_time(time, &expected.minute) || owner[strlen(owner) - 1] != ':' ||
	    !rest_of(at)) {
		script_fail(script, "expect DAY TIME OWNER: LANE PARTNER…; …");
		return;
	}
	owner[strlen(owner) - 1] = '\0';
	expected.owner = arena_strdup(script->arena, owner);
	expected.content = arena_strdup(script->arena, rest_of(at));
	script->expected = arena_grow(script->arena, script->expected, script->expected_count,
				      &script->expected_capacity, sizeof(expected));
	script->expected[script->expected_count++] = expected;
}

static void line_says(struct script *script, char *at, bool wanted)
{
	const char *words = rest_of(at);
	const struct seen *seen;

	if (script->stage.seen_count == 0 || !words) {
		script_fail(script, "there was no digest yet");
		return;
	}
	seen = &script->stage.seen[script->stage.seen_count - 1];
	if ((strstr(seen->text, words) != NULL) != wanted)
		script_fail(script, "the last digest %s \"%s\":\n%s",
			    wanted ? "does not say" : "says", words, seen->text);
}

static void line_state(struct script *script, char *at)
{
	const char *partner = next_word(&at), *wanted = rest_of(at), *standing = "";
	struct error err = {""};

	if (!partner || !wanted)
		script_fail(script, "state PARTNER STATE");
	else if (stage_standing(&script->stage, partner, &standing, &err) != STATUS_OK)
		script_fail(script, "%s", err.text);
	else if (strcmp(standing, wanted) != 0)
		script_fail(script, "%s is %s, not %s", partner, standing, wanted);
}

static void line_mail(struct script *script, char *at)
{
	static const char *const words[] = {
	    [POST_WORKS] = "works", [POST_LATER] = "fails", [POST_DIES] = "dies"};
	const char *word = next_word(&at);

	for (size_t i = 0; i < COUNT(words); i++) {
		if (word && strcmp(word, words[i]) == 0) {
			script->stage.post = (enum post)i;
			return;
		}
	}
	script_fail(script, "mail works, fails or dies");
}

static void line_up(struct script *script)
{
	struct error err = {""};

	script->down = false;
	if (stage_restart(&script->stage, script->setup, script->now, &err) != STATUS_OK)
		script_fail(script, "%s", err.text);
}

static void line_reload(struct script *script, char *at, bool *refused, struct error *err)
{
	const char *word = next_word(&at);

	*refused = stage_reload(&script->stage, script->setup, word && strcmp(word, "yes") == 0,
				err) != STATUS_OK;
}

/* refuse "words" VERB …: what follows is refused, and the reason has these words. */
static void line_refuse(struct script *script, char *at)
{
	char *words = strchr(at, '"');
	char *end = words ? strchr(words + 1, '"') : NULL;
	struct error err = {""};
	bool refused;
	char *verb;

	if (!end) {
		script_fail(script, "refuse \"words\" VERB …");
		return;
	}
	*end++ = '\0';
	words++;
	verb = next_word(&end);
	if (verb && strcmp(verb, "reload") == 0)
		line_reload(script, end, &refused, &err);
	else
		refused = verb && do_act(script, verb, end, &err) != STATUS_OK;
	if (!refused)
		script_fail(script, "this was not refused");
	else if (!strstr(err.text, words))
		script_fail(script, "refused, but with: %s", err.text);
}

static void line_act(struct script *script, const char *word, char *at)
{
	struct error err = {""};
	bool refused = false;

	if (strcmp(word, "reload") == 0)
		line_reload(script, at, &refused, &err);
	else
		refused = do_act(script, word, at, &err) != STATUS_OK;
	if (refused)
		script_fail(script, "%s", err.text);
}

/* try VERB …: whether it is refused does not matter. */
static void line_try(struct script *script, char *at)
{
	const char *verb = next_word(&at);
	struct error err = {""};

	if (!verb || do_act(script, verb, at, &err) == STATUS_FAILED)
		script_fail(script, "%s", err.text);
}

/* A crowd: "crowd 400 last_contact = …;" makes p001 to p400. */
static void line_crowd(struct script *script, char *at)
{
	const char *number = next_word(&at);
	const long count = number ? strtol(number, NULL, 10) : 0;

	for (long i = 1; i <= count; i++)
		if (!setup_set(script->setup, "partner", arena_printf(script->arena, "p%03ld", i),
			       rest_of(at) ? rest_of(at) : ""))
			script_fail(script, "too many");
}

static bool line_of_setup(struct script *script, const char *word, char *at)
{
	char *id;

	if (strcmp(word, "crowd") == 0) {
		line_crowd(script, at);
		return true;
	}
	if (strcmp(word, "drop") == 0) {
		char *kind = next_word(&at);

		id = next_word(&at);
		if (!kind || !id || !setup_drop(script->setup, kind, id))
			script_fail(script, "drop KIND ID of something that is there");
		return true;
	}
	if (strcmp(word, "zone") != 0 && strcmp(word, "holidays") != 0 &&
	    strcmp(word, "cadence") != 0 && strcmp(word, "owner") != 0 &&
	    strcmp(word, "partner") != 0 && strcmp(word, "global") != 0)
		return false;
	id = next_word(&at);
	if (!id || !setup_set(script->setup, word, id, rest_of(at) ? rest_of(at) : ""))
		script_fail(script, "an id should follow");
	return true;
}

void script_line(struct script *script, char *at)
{
	char *hash = strchr(at, '#');
	char *word;

	script->line++;
	if (hash)
		*hash = '\0';
	word = next_word(&at);
	if (!word || line_of_setup(script, word, at))
		return;
	if (strcmp(word, "at") == 0 || strcmp(word, "until") == 0)
		line_at(script, at, false);
	else if (strcmp(word, "expect") == 0)
		line_expect(script, at);
	else if (!script->started)
		script_fail(script, "\"%s\" before the first \"at\"", word);
	else if (strcmp(word, "any") == 0)
		script->any = true;
	else if (strcmp(word, "says") == 0 || strcmp(word, "silent") == 0)
		line_says(script, at, strcmp(word, "says") == 0);
	else if (strcmp(word, "state") == 0)
		line_state(script, at);
	else if (strcmp(word, "mail") == 0)
		line_mail(script, at);
	else if (strcmp(word, "down") == 0)
		script->down = true;
	else if (strcmp(word, "up") == 0)
		line_up(script);
	else if (strcmp(word, "clock") == 0)
		line_at(script, at, true);
	else if (strcmp(word, "refuse") == 0)
		line_refuse(script, at);
	else if (strcmp(word, "try") == 0)
		line_try(script, at);
	else
		line_act(script, word, at);
}

void script_open(struct script *script, const char *path)
{
	*script = (struct script){.path = path, .arena = arena_new(), .setup = setup_new()};
}

void script_close(struct script *script)
{
	if (script->started)
		stage_close(&script->stage);
	setup_free(script->setup);
	arena_free(script->arena);
}

void script_end(struct script *script)
{
	if (!script->failed && script->met < script->expected_count && !script->verbose)
		script_fail(script, "the script ends before %zu expected digests",
			    script->expected_count - script->met);
	if (!script->failed && !script->started)
		script_fail(script, "nothing happens here");
}
