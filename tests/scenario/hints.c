/* A year of early hints: how many there are, for whom, and that they change nothing else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "core/hint.h"
#include "tests/scenario/script.h"
#include "tests/scenario/years.h"

#define PARTNERS     200
#define CONTACTS_MAX 40
#define DAYS	     365
#define SHARE_MAX    15 /* per cent of all entries */
#define ANSWER_DAYS  3	/* after which half of what is told is answered */
#define LINE_SIZE    256

struct year {
	struct chance chance;
	struct script script;
	day first, today;
	bool hints;			  /* they are switched on */
	uint8_t contacts[PARTNERS][DAYS]; /* 1: contact comes by itself on that day */
	day answer[PARTNERS];
	size_t looked;
	int entries, hinted;
	struct buf nudges; /* every digest without its hints */
};

static void say(struct year *year, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(struct year *year, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	script_line(&year->script, line);
}

static const char *iso(struct year *year, day d)
{
	return day_iso(d, arena_alloc(year->script.arena, DAY_TEXT_SIZE, 1));
}

/* ---- what happens, drawn before it begins ---- */

/* Contacts on days drawn at random from the part of the year in which there are any. */
static void draw_partner(struct year *year, int p)
{
	const uint32_t count = chance_draw(&year->chance, CONTACTS_MAX + 1);
	const uint32_t until = chance_draw(&year->chance, 3) ? DAYS : DAYS / 2;

	for (uint32_t i = 0; i < count; i++)
		year->contacts[p][chance_draw(&year->chance, until)] = 1;
	year->answer[p] = DAY_NEVER;
}

static void begin(struct year *year)
{
	/* Those of the README. */
	static const char *const cadences[] = {"strategic", "standard"};
	const char *risk = year->hints ? "" : " risk = \"off\";";

	say(year, "cadence strategic every = \"4 weeks\"; grace = \"1 week\";%s", risk);
	say(year, "cadence standard every = \"3 months\";%s", risk);
	say(year, "owner maria weekly = false;");
	say(year, "owner jon weekly = false; digest_at = \"16:00\";");
	for (int p = 0; p < PARTNERS; p++) {
		draw_partner(year, p);
		say(year, "partner p%03d owner = \"%s\"; cadence = \"%s\";", p,
		    p % 2 ? "jon" : "maria", cadences[chance_draw(&year->chance, 2)]);
	}
	say(year, "at %s 07:00", iso(year, year->first));
}

/* What a list brings of the years before: it is no live contact. */
static void import_past(struct year *year)
{
	for (int p = 0; p < PARTNERS; p++) {
		const uint32_t count =
		    chance_draw(&year->chance, 3) ? 0 : chance_draw(&year->chance, CONTACTS_MAX);

		for (uint32_t i = 0; i < count; i++)
			say(year, "try import p%03d call %s", p,
			    iso(year, year->first - 1 - (day)chance_draw(&year->chance, 700)));
	}
}

/* ---- a digest ---- */

static void check_hinted(struct year *year, const char *id)
{
	struct stage *stage = &year->script.stage;
	const struct scene scene = rehearsal_scene(stage->rehearsal, "test");
	struct arena *arena = arena_new();
	struct facts facts;
	struct error err;

	if (partner_facts(rehearsal_db(stage->rehearsal), &scene, id, arena, &facts, &err) !=
	    STATUS_OK)
		script_fail(&year->script, "%s", err.text);
	else if (facts.rhythm.live < HINT_LIVE_MIN)
		script_fail(&year->script, "a hint about %s, with %d live contacts", id,
			    facts.rhythm.live);
	arena_free(arena);
}

/* A word of "cold p001; hint p002": a lane, a partner, or how many are not shown. */
static void take_word(struct year *year, const char *word, bool *hint)
{
	const int p = word[0] == 'p' ? atoi(word + 1) : -1;

	if (word[0] == '+') {
		year->entries += atoi(word + 1);
		buf_addf(&year->nudges, " %s", word);
		return;
	}
	if (p < 0) {
		*hint = strcmp(word, "hint") == 0;
		return;
	}
	year->entries++;
	year->hinted += *hint;
	if (*hint)
		check_hinted(year, word);
	else
		buf_addf(&year->nudges, " %s", word);
	/* A hint is answered by nobody here, so that the year without them is the same. */
	if (!*hint && year->answer[p] == DAY_NEVER && (p + year->today) % 2)
		year->answer[p] = year->today + ANSWER_DAYS;
}

static void take_digests(struct year *year)
{
	struct stage *stage = &year->script.stage;

	for (; year->looked < stage->seen_count; year->looked++) {
		const struct seen *seen = &stage->seen[year->looked];
		char *words = arena_strdup(year->script.arena, seen->content), *at = words, *word;
		const size_t before = year->nudges.len;
		bool hint = false;

		while ((word = strsep(&at, " ;")))
			if (word[0])
				take_word(year, word, &hint);
		if (year->nudges.len > before)
			buf_addf(&year->nudges, " (%s on day %d)\n", seen->owner, seen->day);
	}
}

static void play_day(struct year *year)
{
	for (int p = 0; p < PARTNERS; p++) {
		if (year->contacts[p][year->today - year->first])
			say(year, "try log p%03d call", p);
		if (year->answer[p] <= year->today) {
			say(year, "try log p%03d meeting", p);
			year->answer[p] = DAY_NEVER;
		}
	}
	year->today++;
	year->script.any = true;
	say(year, "until %s 20:00", iso(year, year->today - 1));
	take_digests(year);
	year->script.any = true;
	say(year, "until %s 07:00", iso(year, year->today));
	take_digests(year);
}

/* ---- the year ---- */

static struct year *play(uint64_t seed, bool hints)
{
	struct year *year = mem_alloc(1, sizeof(*year));
	char name[48];

	*year = (struct year){.chance = chance_make(seed),
			      .first = day_from_civil((struct civil){2026, 11, 2}),
			      .hints = hints,
			      .nudges = buf_make((size_t)8 << 20)};
	year->today = year->first;
	snprintf(name, sizeof(name), "hints of seed %llu", (unsigned long long)seed);
	script_open(&year->script, name);
	begin(year);
	import_past(year);
	for (int i = 0; i < DAYS && !year->script.failed; i++)
		play_day(year);
	return year;
}

static void end(struct year *year)
{
	script_close(&year->script);
	buf_free(&year->nudges);
	free(year);
}

static void judge(struct year *with, const struct year *without)
{
	struct script *script = &with->script;

	if (script->failed || without->script.failed)
		return;
	if (with->hinted == 0 || 100 * with->hinted > SHARE_MAX * with->entries)
		script_fail(script, "%d of %d entries are hints", with->hinted, with->entries);
	if (without->hinted > 0)
		script_fail(script, "%d hints although they are off", without->hinted);
	if (strcmp(buf_text(&with->nudges), buf_text(&without->nudges)) != 0)
		script_fail(script, "with hints something else is told than without");
}

bool hints_play(uint64_t seed)
{
	struct year *with = play(seed, true), *without = play(seed, false);
	bool passed;

	judge(with, without);
	passed = !with->script.failed && !without->script.failed;
	printf("hints of seed %llu: %d of %d entries, %.1f %%\n", (unsigned long long)seed,
	       with->hinted, with->entries,
	       100.0 * with->hinted / (with->entries + !with->entries));
	end(with);
	end(without);
	return passed;
}
