/* What stands in a digest, when, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/digest.h"
#include "core/hint.h"

static day on(const char *iso)
{
	day d;

	assert_true(day_parse_iso(iso, &d));
	return d;
}

static instant at(const char *rfc3339)
{
	instant i;

	assert_true(instant_parse(rfc3339, &i));
	return i;
}

#define NONE	      DAY_NEVER
#define MONDAY_TODAY  "2026-11-23"
#define TUESDAY_TODAY "2026-11-24"

static const struct cadence every_ten_days = {.every = {10, SPAN_DAYS}, .grace = {5, SPAN_DAYS}};

struct desk {
	struct arena *arena;
	struct zone *utc;
	struct owner owner;
	struct owner_history history;
	struct digest_item items[40];
	size_t count;
};

static int set_up(void **state)
{
	struct desk *desk = mem_alloc(1, sizeof(*desk));

	desk->arena = arena_new();
	desk->utc = zone_utc();
	desk->owner = (struct owner){.id = "maria",
				     .name = "Maria",
				     .zone = desk->utc,
				     .digest_minute = 8 * 60 + 30,
				     .workdays = {WORKDAYS_MON_FRI, NULL, 0},
				     .review_day = MONDAY,
				     .weekly = true};
	desk->history =
	    (struct owner_history){on("2026-01-05"), NONE, NONE, NONE, NONE, NONE, NONE};
	*state = desk;
	return 0;
}

static int tear_down(void **state)
{
	struct desk *desk = *state;

	arena_free(desk->arena);
	zone_free(desk->utc);
	free(desk);
	return 0;
}

static void judge_again(struct digest_item *item, day today)
{
	struct verdict verdicts[RULES];

	(void)judge_partner(&item->facts, today, verdicts);
	item->verdict = verdicts[0];
}

/* A partner whose last contact was some days before today. */
static struct digest_item *add(struct desk *desk, const char *name, day today, int silent_days)
{
	struct digest_item *item = &desk->items[desk->count++];

	*item = (struct digest_item){.nudge = (int64_t)desk->count, .told = {.day = NONE}};
	item->facts = (struct facts){.partner = {.id = name, .name = name, .archived = NONE},
				     .owner = &desk->owner,
				     .cadence = &every_ten_days,
				     .has_last = true,
				     .last = {.day = today - silent_days}};
	judge_again(item, today);
	return item;
}

static struct digest compose(struct desk *desk, const char *today)
{
	const struct digest_input input = {.hearer = &desk->owner,
					   .history = &desk->history,
					   .today = on(today),
					   .items = desk->items,
					   .item_count = desk->count,
					   .portfolio = {.total = 60, .on_track = 60}};

	return digest_compose(desk->arena, &input);
}

static void had_turn(struct desk *desk, const char *day_text)
{
	desk->history.turn = desk->history.turn_review = on(day_text);
}

static void test_entries_are_ranked_by_lane_then_urgency_then_name(void **state)
{
	struct desk *desk = *state;
	const day today = on(MONDAY_TODAY);
	static const char *const expected[] = {"frost", "cool", "alpha", "beta"};

	add(desk, "beta", today, 11);
	add(desk, "alpha", today, 11);
	add(desk, "cool", today, 30);
	add(desk, "frost", today, 60);
	const struct digest digest = compose(desk, MONDAY_TODAY);
	assert_int_equal(digest.kind, DIGEST_NUDGES);
	assert_int_equal(digest.entry_count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(digest.entries[i].item->facts.partner.name, expected[i]);
		assert_int_equal(digest.entries[i].number, i + 1);
	}
	assert_int_equal(digest.lane_count[LANE_COLD], 2);
	assert_int_equal(digest.lane_count[LANE_DUE], 2);
}

static void test_what_was_told_is_no_news_the_day_after(void **state)
{
	struct desk *desk = *state;
	struct digest_item *item = add(desk, "acme", on(TUESDAY_TODAY), 12);

	had_turn(desk, MONDAY_TODAY);
	item->told = (struct told){on(MONDAY_TODAY), 1, STATE_DUE, 0};
	assert_int_equal(compose(desk, TUESDAY_TODAY).kind, DIGEST_NOTHING);
}

static void test_what_turned_cold_is_news_again(void **state)
{
	struct desk *desk = *state;
	struct digest_item *item = add(desk, "acme", on(TUESDAY_TODAY), 30);

	had_turn(desk, MONDAY_TODAY);
	item->told = (struct told){on(MONDAY_TODAY), 3, STATE_DUE, 0};
	const struct digest digest = compose(desk, TUESDAY_TODAY);
	assert_int_equal(digest.kind, DIGEST_NUDGES);
	assert_int_equal(digest.entries[0].occasion, OCCASION_COLD);
	assert_int_equal(digest.entries[0].reminder, 4);
}

static void test_review_day_tells_again_what_was_told_four_days_before(void **state)
{
	struct desk *desk = *state;
	struct digest_item *old = add(desk, "old", on(MONDAY_TODAY), 12);
	struct digest_item *fresh = add(desk, "fresh", on(MONDAY_TODAY), 12);

	old->told = (struct told){on("2026-11-19"), 1, STATE_DUE, 0};
	fresh->told = (struct told){on("2026-11-20"), 1, STATE_DUE, 0};
	const struct digest digest = compose(desk, MONDAY_TODAY);
	assert_true(digest.is_turn);
	assert_int_equal(digest.entry_count, 1);
	assert_string_equal(digest.entries[0].item->facts.partner.name, "old");
	assert_int_equal(digest.entries[0].occasion, OCCASION_REVIEW);
}

static void test_missed_review_day_passes_its_turn_on_once(void **state)
{
	struct desk *desk = *state;
	struct digest_item *item = add(desk, "acme", on(TUESDAY_TODAY), 12);

	item->told = (struct told){on("2026-11-10"), 1, STATE_DUE, 0};
	had_turn(desk, "2026-11-02");
	const struct digest digest = compose(desk, TUESDAY_TODAY);
	assert_true(digest.is_turn);
	assert_int_equal(digest.turn_review, on(MONDAY_TODAY));
	assert_int_equal(digest.kind, DIGEST_NUDGES);
	desk->history.turn = on(TUESDAY_TODAY);
	desk->history.turn_review = digest.turn_review;
	assert_false(compose(desk, "2026-11-25").is_turn);
}

static void test_owner_seen_after_the_review_day_waits_for_the_next(void **state)
{
	struct desk *desk = *state;

	desk->history.first_seen = on(TUESDAY_TODAY);
	assert_false(compose(desk, TUESDAY_TODAY).is_turn);
	assert_true(compose(desk, "2026-11-30").is_turn);
}

static void test_snoozed_partner_is_back_on_its_day(void **state)
{
	struct desk *desk = *state;
	struct digest_item *item = add(desk, "acme", on(TUESDAY_TODAY), 40);

	had_turn(desk, MONDAY_TODAY);
	item->told = (struct told){on("2026-11-02"), 2, STATE_COLD, 0};
	item->facts.answers[ANSWER_SNOOZE] =
	    (struct answer){true, false, on("2026-11-03"), on("2026-11-25"), "leave", "maria", 0};
	judge_again(item, on(TUESDAY_TODAY));
	assert_int_equal(compose(desk, TUESDAY_TODAY).kind, DIGEST_NOTHING);
	judge_again(item, on("2026-11-25"));
	const struct digest digest = compose(desk, "2026-11-25");
	assert_int_equal(digest.kind, DIGEST_NUDGES);
	assert_int_equal(digest.entries[0].occasion, OCCASION_BACK);
	item->told.day = on("2026-11-25");
	assert_int_equal(compose(desk, "2026-11-26").kind, DIGEST_NOTHING);
}

static void test_what_a_lost_digest_told_is_told_again(void **state)
{
	struct desk *desk = *state;
	struct digest_item *item = add(desk, "acme", on(TUESDAY_TODAY), 12);

	had_turn(desk, MONDAY_TODAY);
	item->told = (struct told){on("2026-11-16"), 1, STATE_DUE, 0};
	item->retell = true;
	assert_int_equal(compose(desk, TUESDAY_TODAY).entries[0].occasion, OCCASION_REPLACED);
}

static void test_a_quiet_week_gets_one_line(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(compose(desk, MONDAY_TODAY).kind, DIGEST_QUIET);
	had_turn(desk, "2026-11-16");
	desk->history.digest = on("2026-11-16");
	assert_int_equal(compose(desk, MONDAY_TODAY).kind, DIGEST_QUIET);
	desk->history.digest = on("2026-11-18");
	assert_int_equal(compose(desk, MONDAY_TODAY).kind, DIGEST_NOTHING);
	desk->history.digest = on("2026-11-16");
	desk->owner.weekly = false;
	assert_int_equal(compose(desk, MONDAY_TODAY).kind, DIGEST_NOTHING);
}

static void test_days_ahead_of_a_wrong_clock_do_not_silence(void **state)
{
	struct desk *desk = *state;
	struct digest_item *item = add(desk, "acme", on("2026-11-30"), 12);

	item->told = (struct told){on("2026-11-23"), 1, STATE_DUE, 0};
	desk->history.turn = desk->history.turn_review = on("2026-11-23");
	desk->history.digest = on("2027-11-01");
	assert_int_equal(compose(desk, "2026-11-30").kind, DIGEST_NUDGES);
}

static void test_digest_time_is_a_workday_from_digest_at_to_midnight(void **state)
{
	struct desk *desk = *state;
	static const struct {
		const char *now;
		bool is_time;
		const char *next;
	} rows[] = {
	    {"2026-11-23T08:29:59Z", false, "2026-11-23T08:30:00Z"},
	    {"2026-11-23T08:30:00Z", true, "2026-11-23T08:30:00Z"},
	    {"2026-11-23T23:50:00Z", true, "2026-11-23T23:50:00Z"},
	    {"2026-11-24T02:00:00Z", false, "2026-11-24T08:30:00Z"},
	    {"2026-11-21T12:00:00Z", false, "2026-11-23T08:30:00Z"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(digest_is_time(&desk->owner, &desk->history, at(rows[i].now)),
				 rows[i].is_time);
		assert_int_equal(digest_next_time(&desk->owner, &desk->history, at(rows[i].now)),
				 at(rows[i].next));
	}
	desk->history.looked = on("2026-11-23");
	assert_false(digest_is_time(&desk->owner, &desk->history, at("2026-11-23T12:00:00Z")));
	assert_int_equal(digest_next_time(&desk->owner, &desk->history, at("2026-11-23T12:00:00Z")),
			 at("2026-11-24T08:30:00Z"));
}

/* ---- several rules, other people's partners ---- */

static struct digest_item *add_rule(struct desk *desk, const char *name, enum rule rule,
				    enum state state)
{
	struct digest_item *item = add(desk, name, on(MONDAY_TODAY), 12);

	item->verdict.rule = rule;
	item->verdict.state = state;
	return item;
}

static void test_a_partner_has_one_entry_whatever_number_of_rules_fired(void **state)
{
	struct desk *desk = *state;

	add_rule(desk, "acme", RULE_CONTACT, STATE_DUE);
	add_rule(desk, "acme", RULE_MEETING, STATE_COLD);
	add_rule(desk, "borealis", RULE_CONTACT, STATE_DUE);
	const struct digest digest = compose(desk, MONDAY_TODAY);
	assert_int_equal(digest.entry_count, 2);
	assert_string_equal(digest.entries[0].item->facts.partner.id, "acme");
	assert_int_equal(digest.entries[0].item->verdict.rule, RULE_MEETING);
	assert_int_equal(digest.entries[0].lane, LANE_COLD);
	assert_int_equal(digest.entries[0].other_count, 1);
	assert_int_equal(digest.entries[0].others[0]->verdict.rule, RULE_CONTACT);
}

static void test_an_unanswered_question_leads_its_entry(void **state)
{
	struct desk *desk = *state;

	add_rule(desk, "delta", RULE_CONTACT, STATE_COLD);
	add_rule(desk, "delta", RULE_BOOKED, STATE_DUE);
	const struct digest digest = compose(desk, MONDAY_TODAY);
	assert_int_equal(digest.entry_count, 1);
	assert_int_equal(digest.entries[0].lane, LANE_QUESTION);
	assert_int_equal(digest.entries[0].occasion, OCCASION_QUESTION);
	assert_int_equal(digest.entries[0].others[0]->verdict.state, STATE_COLD);
}

static void test_an_acknowledgement_skips_one_review_day(void **state)
{
	static const struct {
		const char *given, *today;
		enum digest_kind kind;
	} rows[] = {
	    {"2026-11-16", "2026-11-23", DIGEST_NOTHING}, /* on a Monday: the next one */
	    {"2026-11-17", "2026-11-23", DIGEST_NOTHING},
	    {"2026-11-22", "2026-11-23", DIGEST_NOTHING},
	    {"2026-11-15", "2026-11-23", DIGEST_NUDGES},
	};
	struct desk *desk = *state;
	struct digest_item *item = add(desk, "acme", on(MONDAY_TODAY), 12);

	had_turn(desk, "2026-11-16");
	desk->history.digest = on("2026-11-17");
	item->told = (struct told){on("2026-11-10"), 1, STATE_DUE, 0};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		item->facts.answers[ANSWER_ACK] =
		    (struct answer){.is_given = true, .given = on(rows[i].given)};
		assert_int_equal(compose(desk, rows[i].today).kind, rows[i].kind);
	}
}

static void test_a_step_of_the_ladder_is_news_to_owner_and_hearer_once(void **state)
{
	struct desk *desk = *state;
	struct digest_item *own = add(desk, "own", on(TUESDAY_TODAY), 60);
	struct digest_item *other = add(desk, "other", on(TUESDAY_TODAY), 60);

	had_turn(desk, MONDAY_TODAY);
	own->told = (struct told){on(MONDAY_TODAY), 5, STATE_COLD, 0};
	own->step = 1;
	other->part = PART_NOT_REACHED;
	other->step = 1;
	other->told.day = NONE;
	const struct digest digest = compose(desk, TUESDAY_TODAY);
	assert_int_equal(digest.entry_count, 2);
	assert_int_equal(digest.entries[0].occasion, OCCASION_STEP);
	assert_int_equal(digest.entries[1].lane, LANE_NOT_REACHED);
	own->told.step = other->told.step = 1;
	other->told.day = on(MONDAY_TODAY);
	assert_int_equal(compose(desk, TUESDAY_TODAY).kind, DIGEST_NOTHING);
}

static void test_no_digest_while_the_owner_is_away_and_the_turn_waits(void **state)
{
	static const struct day_range july[] = {{16, 16}};
	struct desk *desk = *state;
	const instant monday = at("2026-11-23T10:00:00Z");

	add(desk, "acme", on(MONDAY_TODAY), 12);
	desk->history.away_first = on("2026-11-20");
	desk->history.away_last = on("2026-11-24");
	assert_false(digest_is_time(&desk->owner, &desk->history, monday));
	assert_true(digest_next_time(&desk->owner, &desk->history, monday) ==
		    at("2026-11-25T08:30:00Z"));
	assert_true(compose(desk, "2026-11-25").is_turn);
	desk->owner.away = july;
	desk->owner.away_count = 1;
	assert_true(owner_is_away(&desk->owner, &desk->history, 16));
	assert_false(owner_is_away(&desk->owner, &desk->history, 17));
}

static void test_a_stand_in_hears_once_of_what_turned_cold(void **state)
{
	struct desk *desk = *state;
	struct digest_item *item = add(desk, "acme", on(TUESDAY_TODAY), 60);

	had_turn(desk, MONDAY_TODAY);
	item->part = PART_STAND_IN;
	const struct digest digest = compose(desk, TUESDAY_TODAY);
	assert_int_equal(digest.entries[0].lane, LANE_COLD);
	assert_int_equal(digest.entries[0].occasion, OCCASION_COLD);
	item->told = (struct told){on(MONDAY_TODAY), 1, STATE_COLD, 0};
	assert_int_equal(compose(desk, TUESDAY_TODAY).kind, DIGEST_NOTHING);
}

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 8;
}

/* Cold, told today, and in half the cases acknowledged some days before. */
static struct digest_item *add_told(struct desk *desk, day today, unsigned *seed)
{
	struct digest_item *item = add(desk, "acme", today, 60);

	item->told = (struct told){today, 1, STATE_COLD, 0};
	item->facts.answers[ANSWER_ACK] =
	    (struct answer){.is_given = next_random(seed) % 2,
			    .given = today - (day)(next_random(seed) % 9),
			    .until = NONE};
	return item;
}

/* The first day on which the digests really tell of it again; the turns are remembered, today's
 * too. */
static day play_told_again(struct desk *desk, struct digest_item *item, day today)
{
	for (day d = today; d < today + 60; d++) {
		char iso[DAY_TEXT_SIZE];

		if (digest_next_time(&desk->owner, &desk->history, d * DAY_MS) >= (d + 1) * DAY_MS)
			continue;
		judge_again(item, d);
		const struct digest digest = compose(desk, day_iso(d, iso));
		if (digest.entry_count > 0)
			return d;
		if (digest.is_turn)
			desk->history.turn_review = digest.turn_review;
	}
	return NONE;
}

/* ---- early hints, and the risk among equals ---- */

static const struct channel mail = {.id = "mail", .type = CHANNEL_SMTP};
static const struct channel chat = {.id = "chat", .type = CHANNEL_SLACK};
static const struct channel *const mail_and_chat[] = {&mail, &chat};
static const struct cadence every_year = {
    .every = {1, SPAN_YEARS}, .grace = {5, SPAN_DAYS}, .risk_threshold = 0.65};

static void hear_by(struct desk *desk, const struct channel *const *channels, size_t count)
{
	desk->owner.channels = (const struct channel **)channels;
	desk->owner.channel_count = count;
}

static void met_every(struct digest_item *item, int gap, int contacts)
{
	for (int i = contacts - 1; i >= 0; i--)
		assert_true(rhythm_add(&item->facts.rhythm, item->facts.last.day - i * gap, true));
}

/* Silent for a while, in a rhythm of that many days. */
static struct digest_item *add_hint(struct desk *desk, const char *name, int gap)
{
	const day today = on(MONDAY_TODAY);
	struct digest_item *item = add(desk, name, today, 55);
	struct verdict verdicts[RULES];

	item->facts.cadence = &every_year;
	met_every(item, gap, 10);
	assert_int_equal(judge_with_hint(&item->facts, today, verdicts), 2);
	assert_true(verdict_calls(&verdicts[1]));
	item->verdict = verdicts[1];
	return item;
}

static void test_equally_overdue_the_less_likely_to_resume_comes_first(void **state)
{
	struct desk *desk = *state;
	const day today = on(MONDAY_TODAY);

	(void)add(desk, "beta", today, 11);
	(void)add(desk, "alpha", today, 11);
	met_every(add(desk, "monthly", today, 11), 30, 10);
	met_every(add(desk, "weekly", today, 11), 7, 10);
	met_every(add(desk, "daily", today, 11), 1, 10);
	const struct digest digest = compose(desk, MONDAY_TODAY);
	assert_int_equal(digest.entry_count, 5);
	for (size_t i = 1; i < 5; i++)
		assert_true(digest.entries[i - 1].risk >= digest.entries[i].risk);
	/* Little history comes last, by name. */
	assert_true(digest.entries[2].risk > 0 && digest.entries[3].risk < 0);
	assert_string_equal(digest.entries[3].item->facts.partner.name, "alpha");
	assert_string_equal(digest.entries[4].item->facts.partner.name, "beta");
}

static void test_two_hints_at_most_between_what_is_due_and_what_is_not_reached(void **state)
{
	struct desk *desk = *state;
	const day today = on(MONDAY_TODAY);

	hear_by(desk, mail_and_chat, 2);
	(void)add_hint(desk, "fortnightly", 14);
	(void)add_hint(desk, "weekly", 7);
	(void)add_hint(desk, "daily", 1);
	(void)add(desk, "alpha", today, 11);
	struct digest_item *reached = add(desk, "reached", today, 60);
	reached->part = PART_NOT_REACHED;
	reached->step = 1;
	const struct digest digest = compose(desk, MONDAY_TODAY);
	assert_int_equal(digest.entry_count, 4);
	assert_string_equal(digest.entries[0].item->facts.partner.name, "alpha");
	assert_int_equal(digest.entries[1].lane, LANE_HINT);
	assert_int_equal(digest.entries[2].lane, LANE_HINT);
	assert_true(digest.entries[1].risk >= digest.entries[2].risk);
	assert_string_equal(digest.entries[3].item->facts.partner.name, "reached");
	for (int i = 0; i < 4; i++)
		assert_int_equal(digest.entries[i].number, i + 1);
	assert_int_equal(digest.lane_count[LANE_HINT], 2);
	/* A chat hears of the others alone. */
	const struct digest others = digest_without_hints(desk->arena, &digest);
	assert_int_equal(others.entry_count, 2);
	assert_int_equal(others.lane_count[LANE_HINT], 0);
	assert_string_equal(others.entries[1].item->facts.partner.name, "reached");
	assert_int_equal(others.entries[1].number, 2);
}

static void test_a_hint_waits_while_the_digest_is_full(void **state)
{
	struct desk *desk = *state;
	static char names[14][8];

	hear_by(desk, mail_and_chat, 2);
	(void)add_hint(desk, "weekly", 7);
	(void)add_hint(desk, "daily", 1);
	for (int i = 0; i < 14; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "due%d", i);
		(void)add(desk, names[i], on(MONDAY_TODAY), 11);
	}
	const struct digest nearly = compose(desk, MONDAY_TODAY);
	assert_int_equal(nearly.entry_count, 15);
	assert_int_equal(nearly.lane_count[LANE_HINT], 1);
	(void)add(desk, "more", on(MONDAY_TODAY), 11);
	const struct digest full = compose(desk, MONDAY_TODAY);
	assert_int_equal(full.entry_count, 15);
	assert_int_equal(full.lane_count[LANE_HINT], 0);
}

static void test_a_hint_goes_by_mail_only(void **state)
{
	static const bool cold_by_mail[] = {true, false};
	struct desk *desk = *state;

	had_turn(desk, MONDAY_TODAY);
	(void)add_hint(desk, "weekly", 7);
	hear_by(desk, &mail_and_chat[1], 1);
	assert_int_equal(compose(desk, TUESDAY_TODAY).kind, DIGEST_NOTHING);
	hear_by(desk, mail_and_chat, 2);
	desk->owner.only_cold = cold_by_mail;
	assert_int_equal(compose(desk, TUESDAY_TODAY).entry_count, 0);
	desk->owner.only_cold = NULL;
	const struct digest digest = compose(desk, MONDAY_TODAY);
	assert_int_equal(digest.entry_count, 1);
	assert_int_equal(digest.entries[0].occasion, OCCASION_HINT);
	assert_int_equal(digest_without_hints(desk->arena, &digest).kind, DIGEST_NOTHING);
	assert_int_equal(digest_only_cold(desk->arena, &digest).kind, DIGEST_NOTHING);
}

static void test_a_hint_is_told_once_whatever_day_it_would_be_now(void **state)
{
	struct desk *desk = *state;
	struct digest_item *item = add_hint(desk, "weekly", 7);

	hear_by(desk, mail_and_chat, 2);
	/* Told before the day that is now its first: the rhythm has changed since. */
	item->told = (struct told){.day = item->verdict.due_day - 20, .count = 1};
	item->told = told_of(&item->verdict, &item->told, false);
	assert_int_equal(item->told.count, 1);
	assert_int_equal(compose(desk, MONDAY_TODAY).entry_count, 0);
	item->retell = true;
	assert_int_equal(compose(desk, MONDAY_TODAY).entry_count, 0);
	item->told = (struct told){.day = NONE};
	assert_int_equal(compose(desk, MONDAY_TODAY).entry_count, 1);
}

static void test_what_is_said_to_be_told_again_on_a_day_is_told_on_that_day(void **state)
{
	struct desk *desk = *state;
	unsigned seed = 1;

	for (int i = 0; i < 2000; i++) {
		const unsigned began = seed;
		const day today = on("2026-03-01") + (day)(next_random(&seed) % 200);
		const day off = today + (day)(next_random(&seed) % 12);
		struct day_range holidays = {off, off + (day)(next_random(&seed) % 4)};

		desk->count = 0;
		desk->history.turn_review = today - (day)(next_random(&seed) % 9);
		desk->owner.review_day = (enum weekday)(next_random(&seed) % 7);
		desk->owner.workdays.holidays = &holidays;
		desk->owner.workdays.holiday_count = 1;
		struct digest_item *item = add_told(desk, today, &seed);
		const day said =
		    digest_told_again(&desk->owner, &desk->history, &item->facts, today);
		if (said != play_told_again(desk, item, today))
			fail_msg("seed %u: told again on another day", began);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	    TEST(test_entries_are_ranked_by_lane_then_urgency_then_name),
	    TEST(test_what_was_told_is_no_news_the_day_after),
	    TEST(test_what_turned_cold_is_news_again),
	    TEST(test_review_day_tells_again_what_was_told_four_days_before),
	    TEST(test_missed_review_day_passes_its_turn_on_once),
	    TEST(test_owner_seen_after_the_review_day_waits_for_the_next),
	    TEST(test_snoozed_partner_is_back_on_its_day),
	    TEST(test_what_a_lost_digest_told_is_told_again),
	    TEST(test_a_quiet_week_gets_one_line),
	    TEST(test_days_ahead_of_a_wrong_clock_do_not_silence),
	    TEST(test_digest_time_is_a_workday_from_digest_at_to_midnight),
	    TEST(test_a_partner_has_one_entry_whatever_number_of_rules_fired),
	    TEST(test_an_unanswered_question_leads_its_entry),
	    TEST(test_an_acknowledgement_skips_one_review_day),
	    TEST(test_a_step_of_the_ladder_is_news_to_owner_and_hearer_once),
	    TEST(test_no_digest_while_the_owner_is_away_and_the_turn_waits),
	    TEST(test_a_stand_in_hears_once_of_what_turned_cold),
	    TEST(test_equally_overdue_the_less_likely_to_resume_comes_first),
	    TEST(test_two_hints_at_most_between_what_is_due_and_what_is_not_reached),
	    TEST(test_a_hint_waits_while_the_digest_is_full),
	    TEST(test_a_hint_goes_by_mail_only),
	    TEST(test_a_hint_is_told_once_whatever_day_it_would_be_now),
	    TEST(test_what_is_said_to_be_told_again_on_a_day_is_told_on_that_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
