/* Digests to render: the rich one of a Monday morning, the quiet one, a long one, and one of
 * hostile names. */
#ifndef CADENCE_TESTS_MESSAGE_FIXTURE_H
#define CADENCE_TESTS_MESSAGE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "message/digest_document.h"

#define GOLDEN_DIR    "tests/unit/message/golden/"
#define FIXTURE_ITEMS 220

struct fixture {
	struct arena *arena;
	struct channel mail, chat;
	const struct channel *channels[2];
	struct owner owners[3];
	struct roster roster;
	struct cadence strategic, standard;
	struct digest_item items[FIXTURE_ITEMS];
	struct digest_entry entries[FIXTURE_ITEMS];
	struct digest digest;
	struct owner_history history;
	struct digest_words words;
};

static inline day fixture_day(int year, int month, int d)
{
	return day_from_civil((struct civil){year, month, d});
}

static inline void fixture_people(struct fixture *f)
{
	const struct workdays week = {.week = WORKDAYS_MON_FRI};

	f->mail = (struct channel){.id = "mail", .type = CHANNEL_SMTP, .detail = DETAIL_FULL};
	f->chat = (struct channel){.id = "sales", .type = CHANNEL_SLACK, .detail = DETAIL_SHORT};
	f->channels[0] = &f->mail;
	f->channels[1] = &f->chat;
	f->owners[0] = (struct owner){.id = "ada", .name = "Ada Novak", .workdays = week};
	f->owners[1] = (struct owner){.id = "jon", .name = "Jon Berg", .workdays = week};
	f->owners[2] = (struct owner){.id = "maria",
				      .name = "Maria Silva",
				      .workdays = week,
				      .review_day = MONDAY,
				      .channels = f->channels,
				      .channel_count = 2};
	f->roster.owners = f->owners;
	f->roster.owner_count = 3;
	f->strategic = (struct cadence){.id = "strategic", .every = {4, SPAN_WEEKS}};
	f->standard = (struct cadence){.id = "standard", .every = {3, SPAN_MONTHS}};
}

/* Adds an entry; the caller fills in what is particular. */
static inline struct digest_entry *fixture_add(struct fixture *f, enum lane lane, const char *id,
					       const char *name)
{
	const size_t i = f->digest.entry_count++;
	struct digest_item *item = &f->items[i];

	assert_true(i < FIXTURE_ITEMS);
	item->facts = (struct facts){.partner = {.id = id, .name = name, .archived = DAY_NEVER},
				     .owner = &f->owners[2],
				     .cadence = &f->standard};
	item->told.day = DAY_NEVER;
	item->verdict = (struct verdict){.decide_day = DAY_NEVER,
					 .step_days = {DAY_NEVER, DAY_NEVER},
					 .state = lane == LANE_COLD ? STATE_COLD : STATE_DUE,
					 .base = fixture_day(2026, 8, 21),
					 .due_unmoved = f->digest.today,
					 .due_day = f->digest.today,
					 .cold_day = lane == LANE_COLD ? f->digest.today
								       : f->digest.today + 21};
	f->entries[i] = (struct digest_entry){.item = item,
					      .lane = lane,
					      .number = (int)i + 1,
					      .reminder = 1,
					      .occasion = OCCASION_NEW};
	f->digest.lane_count[lane]++;
	f->digest.portfolio.on_track--;
	if (lane == LANE_COLD)
		f->digest.portfolio.cold++;
	else
		f->digest.portfolio.due++;
	return &f->entries[i];
}

static inline struct facts *fixture_facts(struct digest_entry *entry)
{
	return &((struct digest_item *)entry->item)->facts;
}

static inline void fixture_due(struct digest_entry *entry, day unmoved, day due, day cold,
			       int overdue)
{
	struct verdict *verdict = &((struct digest_item *)entry->item)->verdict;

	verdict->due_unmoved = unmoved;
	verdict->due_day = due;
	verdict->cold_day = cold;
	entry->days_overdue = overdue;
}

static inline void fixture_last(struct digest_entry *entry, struct contact last)
{
	fixture_facts(entry)->has_last = true;
	fixture_facts(entry)->last = last;
}

/* So many contacts, so many days apart, up to the last one. */
static inline void fixture_rhythm(struct digest_entry *entry, int count, int gap)
{
	struct facts *facts = fixture_facts(entry);

	for (int i = count - 1; i >= 0; i--)
		assert_true(rhythm_add(&facts->rhythm, facts->last.day - i * gap, true));
}

/* Monday 23 November 2026, 08:30 where Maria is; nothing in it yet. */
static inline struct fixture *fixture_new(void)
{
	struct fixture *f = mem_alloc(1, sizeof(*f));

	f->arena = arena_new();
	fixture_people(f);
	f->history = (struct owner_history){.away_first = DAY_NEVER, .away_last = DAY_NEVER};
	f->digest = (struct digest){.kind = DIGEST_NUDGES,
				    .hearer = &f->owners[2],
				    .history = &f->history,
				    .today = fixture_day(2026, 11, 23),
				    .is_turn = true,
				    .turn_review = fixture_day(2026, 11, 23),
				    .entries = f->entries,
				    .portfolio = {.total = 60, .on_track = 58, .snoozed = 2},
				    .next_name = "Borealis AS",
				    .next_due = fixture_day(2026, 12, 4)};
	f->words = (struct digest_words){.admin = "ops@example.com",
					 .host = "reminder1",
					 .roster = &f->roster,
					 .local_hour = 8,
					 .created = INT64_C(1795422600000)};
	return f;
}

static inline void fixture_free(struct fixture *f)
{
	arena_free(f->arena);
	free(f);
}

/* Every kind of evidence once. */
static inline struct fixture *fixture_rich(void)
{
	struct fixture *f = fixture_new();
	struct digest_entry *e = fixture_add(f, LANE_COLD, "acme", "Acme GmbH");

	fixture_facts(e)->cadence = &f->strategic;
	fixture_due(e, fixture_day(2026, 10, 29), fixture_day(2026, 10, 29),
		    fixture_day(2026, 11, 5), 25);
	e->reminder = 6;
	fixture_last(
	    e, (struct contact){.day = fixture_day(2026, 10, 1),
				.kind = CONTACT_CALL,
				.by = "maria",
				.person = "Jana Vogt",
				.note = "pricing for 2027 open, she sends numbers\nsecond line"});
	fixture_rhythm(e, 12, 28);
	e = fixture_add(f, LANE_DUE, "elbe", "Elbe Systems");
	fixture_due(e, fixture_day(2026, 11, 3), fixture_day(2026, 11, 3),
		    fixture_day(2026, 11, 24), 20);
	e->occasion = OCCASION_BACK;
	e->back = ANSWER_SNOOZE;
	fixture_facts(e)->answers[ANSWER_SNOOZE] =
	    (struct answer){.is_given = true,
			    .until = fixture_day(2026, 11, 23),
			    .given = fixture_day(2026, 11, 4),
			    .reason = "their CFO is on leave until 20 Nov"};
	fixture_last(e, (struct contact){.day = fixture_day(2026, 8, 3),
					 .kind = CONTACT_MEETING,
					 .by = "jon",
					 .person = "R. Brandt"});
	fixture_rhythm(e, 9, 21);
	e = fixture_add(f, LANE_DUE, "borealis", "Borealis AS");
	fixture_due(e, fixture_day(2026, 11, 21), fixture_day(2026, 11, 23),
		    fixture_day(2026, 12, 14), 0);
	fixture_last(
	    e, (struct contact){
		   .day = fixture_day(2026, 8, 21),
		   .kind = CONTACT_EMAIL,
		   .direction = DIRECTION_IN,
		   .source = "csv",
		   .person = "Siv Dahl",
		   .note = "joint webinar in Q1? She would bring two of her customers and wants us "
			   "to bring ours, budget to be agreed"});
	fixture_rhythm(e, 2, 90);
	e = fixture_add(f, LANE_DUE, "cobalt", "Cobalt Labs");
	fixture_due(e, fixture_day(2026, 11, 22), fixture_day(2026, 11, 22),
		    fixture_day(2026, 11, 26), 1);
	((struct digest_item *)e->item)->verdict.base = fixture_day(2024, 3, 1);
	return f;
}

/* Tells of steps: the backup on 9 Nov, the manager in the next digest. */
static inline void fixture_climb(struct digest_entry *entry)
{
	struct digest_item *item = (struct digest_item *)entry->item;

	item->step = 2;
	item->steps[0] = (struct step_told){"jon", fixture_day(2026, 11, 9)};
	item->steps[1] = (struct step_told){"ada", DAY_NEVER};
	item->verdict.decide_day = fixture_day(2026, 11, 20);
}

static inline struct digest_item *fixture_beside(struct fixture *f, struct digest_entry *entry,
						 enum rule rule)
{
	struct digest_item *item = &f->items[FIXTURE_ITEMS - 1 - entry->number];

	*item = *entry->item;
	item->verdict.rule = rule;
	entry->others[entry->other_count++] = item;
	return item;
}

/* What was done over the owner's head, what is asked, and what is somebody else's. */
static inline struct fixture *fixture_asked(void)
{
	struct fixture *f = fixture_new();
	struct digest_entry *e = fixture_add(f, LANE_COLD, "acme", "Acme GmbH");

	f->owners[2].backup = "jon";
	f->owners[2].manager = "ada";
	f->strategic.meeting_every = (struct span){1, SPAN_QUARTERS};
	fixture_facts(e)->cadence = &f->strategic;
	fixture_due(e, fixture_day(2026, 8, 3), fixture_day(2026, 8, 3), fixture_day(2026, 8, 10),
		    112);
	fixture_climb(e);
	fixture_beside(f, e, RULE_MEETING)->verdict.due_day = fixture_day(2026, 11, 11);
	e = fixture_add(f, LANE_QUESTION, "delta", "Delta Nord");
	((struct digest_item *)e->item)->verdict.rule = RULE_BOOKED;
	((struct digest_item *)e->item)->verdict.base = fixture_day(2026, 11, 20);
	fixture_climb(e);
	e = fixture_add(f, LANE_DUE, "elbe", "Elbe Systems");
	((struct digest_item *)e->item)->verdict.rule = RULE_OFF;
	((struct digest_item *)e->item)->verdict.base = fixture_day(2026, 8, 24);
	e = fixture_add(f, LANE_DUE, "cobalt", "Cobalt Labs");
	((struct digest_item *)e->item)->told =
	    (struct told){.day = fixture_day(2026, 11, 16), .count = 1};
	((struct digest_item *)e->item)->delivered = 1;
	((struct digest_item *)e->item)->verdict.step_days[0] = fixture_day(2026, 11, 27);
	e = fixture_add(f, LANE_NOT_REACHED, "fjord", "Fjord Data");
	((struct digest_item *)e->item)->part = PART_NOT_REACHED;
	((struct digest_item *)e->item)->owner_back = DAY_NEVER;
	fixture_facts(e)->owner = &f->owners[1];
	return f;
}

/* One that is due, and two that are not. */
static inline struct fixture *fixture_hints(void)
{
	struct fixture *f = fixture_new();
	struct digest_entry *e = fixture_add(f, LANE_DUE, "elbe", "Elbe Systems");

	fixture_last(e, (struct contact){.day = fixture_day(2026, 8, 23), .kind = CONTACT_CALL});
	fixture_rhythm(e, 3, 40);
	for (int i = 0; i < 2; i++) {
		e = fixture_add(f, LANE_HINT, i ? "fjord" : "cobalt",
				i ? "Fjord Data" : "Cobalt Labs");
		((struct digest_item *)e->item)->verdict.rule = RULE_HINT;
		fixture_last(e, (struct contact){.day = fixture_day(2026, 10, 14 + i),
						 .kind = CONTACT_CALL,
						 .by = "maria"});
		fixture_rhythm(e, 15 - i, 11);
		f->digest.portfolio.on_track++;
		f->digest.portfolio.due--;
	}
	return f;
}

static inline struct fixture *fixture_quiet(void)
{
	struct fixture *f = fixture_new();

	f->digest.kind = DIGEST_QUIET;
	return f;
}

/* `count` entries that are all alike. */
static inline struct fixture *fixture_long(size_t count, const char *name, const char *note)
{
	struct fixture *f = fixture_new();

	for (size_t i = 0; i < count; i++) {
		struct digest_entry *e =
		    fixture_add(f, LANE_COLD, arena_printf(f->arena, "partner%zu", i + 1), name);

		fixture_due(e, fixture_day(2026, 11, 9), fixture_day(2026, 11, 9),
			    fixture_day(2026, 11, 12), 14);
		fixture_last(e, (struct contact){.day = fixture_day(2026, 8, 3),
						 .kind = CONTACT_CALL,
						 .note = note});
	}
	return f;
}

static inline struct document *fixture_document(struct fixture *f, enum detail detail)
{
	return digest_document(f->arena, &f->digest, &f->words, detail);
}

static inline char *fixture_repeat(struct arena *arena, const char *piece, size_t count)
{
	char *text = arena_alloc(arena, count * strlen(piece) + 1, 1);

	for (size_t i = 0; i < count; i++)
		memcpy(text + i * strlen(piece), piece, strlen(piece));
	return text;
}

/* Compares with the golden file; with GOLDEN_UPDATE set in the environment, writes it. */
static inline void assert_golden(const char *name, const struct buf *got)
{
	char path[256];
	static char want[200000];

	(void)snprintf(path, sizeof(path), GOLDEN_DIR "%s", name);
	if (getenv("GOLDEN_UPDATE") != NULL) {
		FILE *out = fopen(path, "wb");

		assert_non_null(out);
		assert_int_equal(fwrite(buf_text(got), 1, got->len, out), got->len);
		assert_int_equal(fclose(out), 0);
	}
	FILE *in = fopen(path, "rb");

	if (in == NULL)
		fail_msg("no golden file %s", path);
	const size_t len = fread(want, 1, sizeof(want) - 1, in);

	want[len] = '\0';
	(void)fclose(in);
	assert_string_equal(buf_text(got), want);
	assert_int_equal(got->len, len);
}

#endif
