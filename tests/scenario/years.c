/* Years at random: lines drawn from a seed, and what must hold after each day of them. */
#include "tests/scenario/years.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "store/rhythm.h"
#include "tests/scenario/script.h"

#define DAYS	  730
#define OWNERS	  3
#define PARTNERS  18
#define PATIENCE  14 /* days: cold for so long with nothing to keep it quiet, it was told */
#define LINE_SIZE 512

struct years {
	struct chance chance;
	struct script script;
	struct buf log; /* the lines, to play them again */
	day today;
	int cold_for[PARTNERS][RULES]; /* days on end */
	day told[PARTNERS];	       /* to its own owner */
	size_t looked;		       /* digests looked at */
	bool failing, down;
};

/* ---- chance ---- */

static uint32_t draw(struct years *years, uint32_t bound)
{
	return chance_draw(&years->chance, bound);
}

static bool happens(struct years *years, uint32_t percent)
{
	return draw(years, 100) < percent;
}

#define PICK(years, array) (array)[draw(years, sizeof(array) / sizeof((array)[0]))]

/* ---- lines ---- */

static void say(struct years *years, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(struct years *years, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	buf_addf(&years->log, "%s\n", line);
	script_line(&years->script, line);
}

static const char *iso(struct years *years, day d)
{
	return day_iso(d, arena_alloc(years->script.arena, DAY_TEXT_SIZE, 1));
}

static void say_owner(struct years *years, int i)
{
	static const char *const zones[] = {"Europe/Lisbon",	"America/New_York",  "Asia/Tokyo",
					    "Pacific/Auckland", "America/Anchorage", "UTC"};
	static const char *const hours[] = {"08:30", "00:00", "23:59", "17:00", "02:30"};
	static const struct {
		const char *days, *review;
	} weeks[] = {
	    {"mon-fri", "mon"}, {"sun-thu", "sun"}, {"tue,thu", "thu"}, {"mon-sun", "wed"}};
	const size_t week = draw(years, 4);

	say(years,
	    "owner o%d timezone = \"%s\"; digest_at = \"%s\"; workdays = \"%s\"; review_day = "
	    "\"%s\";"
	    " holidays = [ \"2027-01-01/2027-01-05\", \"2027-05-01\" ]; backup = \"o%d\"; "
	    "manager = \"o%d\";",
	    i, PICK(years, zones), PICK(years, hours), weeks[week].days, weeks[week].review,
	    (i + 1) % OWNERS, (i + 2) % OWNERS);
}

static void say_partner(struct years *years, int i)
{
	static const char *const cadences[] = {"fast", "monthly", "close"};
	const char *cadence = PICK(years, cadences);

	if (happens(years, 50))
		say(years,
		    "partner p%02d owner = \"o%d\"; cadence = \"%s\"; last_contact = \"%s\";", i,
		    i % OWNERS, cadence, iso(years, years->today - (day)draw(years, 120)));
	else
		say(years, "partner p%02d owner = \"o%d\"; cadence = \"%s\";", i, i % OWNERS,
		    cadence);
}

static void begin(struct years *years)
{
	say(years, "cadence fast every = \"10 days\"; grace = \"3 days\"; warn = \"2 days\";");
	say(years,
	    "cadence monthly every = \"1 month\"; grace = \"1 week\"; escalate = [ \"2 weeks\", "
	    "\"5 weeks\" ];");
	say(years,
	    "cadence close every = \"3 weeks\"; grace = \"4 days\"; meeting_every = \"2 months\"; "
	    "decide_after = \"6 weeks\";");
	for (int i = 0; i < OWNERS; i++)
		say_owner(years, i);
	for (int i = 0; i < PARTNERS; i++)
		say_partner(years, i);
	/* Later than today everywhere on earth, so that no last_contact lies ahead. */
	say(years, "at %s 12:00", iso(years, years->today + 1));
}

static void do_something(struct years *years)
{
	static const char *const kinds[] = {"meeting", "call", "event", "email", "message"};
	const int p = (int)draw(years, PARTNERS);
	const day back = years->today - (day)draw(years, happens(years, 80) ? 3 : 60);

	switch (draw(years, 12)) {
	case 0:
		say(years, "try snooze p%02d %s", p,
		    iso(years, years->today + (day)draw(years, 40)));
		break;
	case 1:
		say(years, "try plan p%02d %s", p, iso(years, years->today + (day)draw(years, 50)));
		break;
	case 2:
		say(years, "try ack p%02d", p);
		break;
	case 3:
		say(years, "try %s p%02d", happens(years, 50) ? "noshow" : "unplan", p);
		break;
	case 4:
		if (happens(years, 30))
			say(years, "try off p%02d %s", p,
			    iso(years, years->today + (day)draw(years, 90)));
		else
			say(years, "try on p%02d", p);
		break;
	case 5:
		if (happens(years, 30))
			say(years, "try %s p%02d %s", "fix", p,
			    iso(years, years->today + (day)draw(years, 60)));
		else
			say(years, "try keep p%02d", p);
		break;
	case 6:
		say(years, "try unlog p%02d %s", p, iso(years, back));
		break;
	default:
		say(years, "try log p%02d %s %s%s", p, PICK(years, kinds), iso(years, back),
		    happens(years, 20) ? " out" : "");
	}
}

/* Mail and the daemon fail for days, and work for weeks. */
static void trouble(struct years *years)
{
	if (!years->down && happens(years, years->failing ? 25 : 2)) {
		years->failing = !years->failing;
		say(years, "mail %s",
		    !years->failing	 ? "works"
		    : happens(years, 50) ? "fails"
					 : "dies");
	}
	if (happens(years, years->down ? 20 : 1)) {
		years->down = !years->down;
		say(years, years->down ? "down" : "up");
	}
}

/* ---- what must hold ---- */

static void note_told(struct years *years)
{
	const struct stage *stage = &years->script.stage;

	for (; years->looked < stage->seen_count; years->looked++) {
		const struct seen *seen = &stage->seen[years->looked];

		for (int i = 0; i < PARTNERS; i++) {
			char id[8], owner[8];

			snprintf(id, sizeof(id), " p%02d", i);
			snprintf(owner, sizeof(owner), "o%d", i % OWNERS);
			if (strcmp(seen->owner, owner) == 0 && strstr(seen->content, id))
				years->told[i] = seen->day;
		}
	}
}

/* Since when an ack may have kept it from a review. */
static bool is_acked(const struct facts *facts, day today)
{
	return facts_have(facts, ANSWER_ACK) &&
	       today - facts->answers[ANSWER_ACK].given <= PATIENCE;
}

static void check_partner(struct years *years, int i, const struct facts *facts, day today)
{
	struct verdict verdicts[RULES];
	const size_t count = judge_partner(facts, today, verdicts);

	for (size_t n = 0; n < RULES; n++) {
		const bool counts = n < count && verdicts[n].state == STATE_COLD &&
				    verdicts[n].hold == HOLD_NONE && !is_acked(facts, today) &&
				    !years->failing && !years->down;

		years->cold_for[i][n] = counts ? years->cold_for[i][n] + 1 : 0;
		if (years->cold_for[i][n] > PATIENCE && today - years->told[i] > PATIENCE)
			script_fail(
			    &years->script,
			    "p%02d has been cold for %d days and was not told of since day %d", i,
			    years->cold_for[i][n], years->told[i]);
	}
}

/* What is kept of its rhythm is what its contacts tell, and a silence is hinted at once to each
 * hearer. */
static void check_rhythm(struct years *years, struct db *db, const struct facts *facts)
{
	const struct rhythm told = rhythm_replay(db, facts->partner.row);
	struct query *query =
	    db_query(db, "SELECT count(*) FROM nudge n JOIN told t ON t.nudge = n.id"
			 " WHERE n.partner = $1 AND n.rule = 'hint' AND t.count > 1");

	if (!facts->rhythm_is_kept || !rhythm_equal(&facts->rhythm, &told))
		script_fail(&years->script, "the rhythm of %s is not what its contacts tell",
			    facts->partner.id);
	db_bind(query, 1, facts->partner.row);
	if (db_step(query) && db_int(query, 0) > 0)
		script_fail(&years->script, "%s was hinted at twice of one silence",
			    facts->partner.id);
	db_end(query);
}

static void check_day(struct years *years)
{
	struct stage *stage = &years->script.stage;
	const struct scene scene = rehearsal_scene(stage->rehearsal, "test");
	struct arena *arena = arena_new();

	note_told(years);
	for (int i = 0; i < PARTNERS && !years->script.failed; i++) {
		struct facts facts;
		struct error err;
		char id[8];

		snprintf(id, sizeof(id), "p%02d", i);
		if (partner_facts(rehearsal_db(stage->rehearsal), &scene, id, arena, &facts,
				  &err) != STATUS_OK) {
			script_fail(&years->script, "%s", err.text);
			continue;
		}
		check_partner(years, i, &facts, scene_today(&scene, &facts));
		check_rhythm(years, rehearsal_db(stage->rehearsal), &facts);
	}
	arena_free(arena);
}

/* ---- the order of arrival ---- */

struct arrival {
	const char *partner;
	struct contact contact;
};

static enum status arrive(struct db *db, const struct scene *scene, void *arg, struct error *err)
{
	const struct arrival *arrival = arg;
	enum change_result result;
	int64_t id;

	return contact_write(db, scene, arrival->partner, &arrival->contact, false, &id, &result,
			     err);
}

/* Every open nudge, and what is counted from. */
static const char *standing(struct arena *arena, struct db *db)
{
	struct query *query = db_query(
	    db, "SELECT p.id || ' ' || n.rule || ' ' || n.base || ' ' || n.state FROM nudge n"
		" JOIN partner p ON p.row = n.partner WHERE n.resolved IS NULL ORDER BY 1");
	struct buf out = buf_make((size_t)1 << 20);
	const char *text;

	while (db_step(query))
		buf_addf(&out, "%s\n", db_text(query, 0));
	text = arena_strdup(arena, buf_text(&out));
	buf_free(&out);
	return text;
}

static void shuffle(struct years *years, struct arrival *arrivals, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		const size_t j = draw(years, (uint32_t)i);
		const struct arrival swapped = arrivals[i - 1];

		arrivals[i - 1] = arrivals[j];
		arrivals[j] = swapped;
	}
}

/* A new stage on which these contacts arrive in this order. */
static const char *replay(struct years *years, const struct arrival *arrivals, size_t count)
{
	struct script *script = &years->script;
	struct stage stage;
	struct error err = {""};
	const char *result = "";
	enum status status =
	    stage_open(&stage, script->setup, rehearsal_now(script->stage.rehearsal), &err);

	if (status == STATUS_OK) {
		for (size_t i = 0; i < count && status == STATUS_OK; i++)
			status = rehearsal_act(stage.rehearsal, "test", arrive,
					       (void *)&arrivals[i], &err);
		result = standing(script->arena, rehearsal_db(stage.rehearsal));
		stage_close(&stage);
	}
	if (status != STATUS_OK)
		script_fail(script, "%s", err.text);
	return result;
}

static void check_arrival(struct years *years)
{
	struct script *script = &years->script;
	struct contact_row *rows;
	struct arrival *arrivals;
	size_t count, kept = 0;

	if (contact_list(rehearsal_db(script->stage.rehearsal), NULL, 0, 100000, script->arena,
			 &rows, &count) != STATUS_OK) {
		script_fail(script, "the contacts cannot be read");
		return;
	}
	arrivals = arena_alloc(script->arena, count + 1, sizeof(*arrivals));
	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].contact.source, "conf") != 0)
			arrivals[kept++] = (struct arrival){rows[i].partner, rows[i].contact};
	const char *first = replay(years, arrivals, kept);
	shuffle(years, arrivals, kept);
	const char *second = replay(years, arrivals, kept);
	if (!script->failed && strcmp(first, second) != 0)
		script_fail(script, "the order in which contacts came matters:\n%s---\n%s", first,
			    second);
}

/* ---- a seed's years ---- */

static void keep_log(const struct years *years, uint64_t seed)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/tmp/cadenced-years-%llu.txt", (unsigned long long)seed);
	file = fopen(path, "w");
	if (!file)
		return;
	fputs(buf_text(&years->log), file);
	fclose(file);
	printf("the lines of seed %llu are in %s\n", (unsigned long long)seed, path);
}

bool years_play(uint64_t seed)
{
	struct years *years = mem_alloc(1, sizeof(*years));
	char name[48];
	bool passed;

	*years = (struct years){.chance = chance_make(seed),
				.log = buf_make((size_t)8 << 20),
				.today = day_from_civil((struct civil){2026, 11, 2})};
	snprintf(name, sizeof(name), "seed %llu", (unsigned long long)seed);
	script_open(&years->script, name);
	begin(years);
	for (int i = 0; i < DAYS && !years->script.failed; i++) {
		years->today++;
		years->script.any = true;
		say(years, "until %s 12:00", iso(years, years->today + 1));
		if (!years->script.failed)
			check_day(years);
		trouble(years);
		for (uint32_t n = draw(years, 3); n > 0 && !years->script.failed && !years->down;
		     n--)
			do_something(years);
	}
	if (!years->script.failed)
		check_arrival(years);
	passed = !years->script.failed;
	if (!passed)
		keep_log(years, seed);
	script_close(&years->script);
	buf_free(&years->log);
	free(years);
	return passed;
}
