/* The digest: what one owner should hear on one local day.
 *
 * Pure: the store gathers the input, this file decides what is news, what is told again, in which
 * lane and order; lib/message puts it into words. DESIGN.md section 6, "Told again", "All quiet",
 * "When", "Ranking". */
#ifndef CADENCE_CORE_DIGEST_H
#define CADENCE_CORE_DIGEST_H

#include "base/mem.h"
#include "core/judge.h"

/* What a hearer was told about one nudge. */
struct told {
	day day;	  /* DAY_NEVER: never told */
	int count;	  /* digests it stood in */
	enum state state; /* the state the last one told: a nudge told as due is news again when it
			     is cold */
	int step;	  /* the step of the ladder the last one told, 0: none */
};

/* What of that still holds: what was told of an earlier due day of the same silence (the cadence,
 * the calendar or the clock has changed since) is as if it had never been told; a hint that was
 * told stays told, because there is one a silence. foreign: the hearer is not the owner, and may be
 * a day behind. */
struct told told_of(const struct verdict *verdict, const struct told *told, bool foreign);

/* What the store remembers of an owner. Days are DAY_NEVER when there is none. */
struct owner_history {
	day first_seen;
	day looked;	 /* the last local day on which a digest was composed, empty or not */
	day digest;	 /* the last local day on which a digest was sent off */
	day turn;	 /* the last local day on which a review turn was had */
	day turn_review; /* the review day whose turn that was */
	day away_first;	 /* away by command, both ends included */
	day away_last;
};

/* Whose concern an item is. */
enum part {
	PART_OWN,	  /* the hearer's own partner */
	PART_STAND_IN,	  /* it turned cold while its owner is away */
	PART_NOT_REACHED, /* a step of the ladder: its owner was told and did not act */
};

/* Somebody who was told of a step of the ladder. */
struct step_told {
	const char *hearer; /* id; NULL: nobody hears at this step, or it is not reached */
	day day;	    /* DAY_NEVER: stands in their next digest */
};

/* One open nudge and all that is known about its partner. */
struct digest_item {
	int64_t nudge;
	struct facts facts;
	struct verdict verdict; /* of the nudge's rule, today */
	enum part part;
	int step;      /* of the ladder, reached by this nudge; 0: none */
	day step_day;  /* on which it was reached */
	int delivered; /* for PART_OWN with a step ahead: digests that told the owner since it is
			  due, before today, and were delivered */
	struct step_told steps[ESCALATE_STEPS]; /* for PART_OWN: what was done over its head */
	struct told told; /* by this hearer; without the digests that are being replaced */
	day owner_back;	  /* for another's partner, whose owner is away: the day on which the owner
			     hears again; DAY_NEVER: is not away */
	bool retell;	  /* stood in a digest that is being replaced: must stand in this one */
};

/* The owner's partners, counted. */
struct portfolio {
	int total;
	int on_track; /* due soon included */
	int due;
	int cold;
	int confirm; /* a booked meeting has passed unanswered; not counted above */
	int booked;  /* held, whatever the clock says; not counted above, like the next two */
	int snoozed;
	int off;
	/* The booked meeting that comes first; name NULL when there is none. */
	const char *booked_name;
	day booked_day;
};

struct digest_input {
	const struct owner *hearer;
	const struct owner_history *history;
	day today;
	const struct digest_item *items;
	size_t item_count;
	struct portfolio portfolio;
	/* The partner that is due next, for the all-quiet line; name NULL when there is none. */
	const char *next_name;
	day next_due;
};

enum lane { LANE_COLD, LANE_QUESTION, LANE_DUE, LANE_HINT, LANE_NOT_REACHED, LANES };

/* Why a partner stands in this digest; of several nudges the first of these. */
enum occasion {
	OCCASION_BACK,	   /* its snooze or off ended */
	OCCASION_QUESTION, /* its booked meeting has passed: did it happen? */
	OCCASION_COLD,	   /* newly cold */
	OCCASION_NEW,	   /* newly due, or never told to this hearer */
	OCCASION_STEP,	   /* a step of the ladder */
	OCCASION_HINT,	   /* an early hint: told once of a silence, and never again */
	OCCASION_REVIEW,   /* told again on the review day's turn */
	OCCASION_REPLACED, /* an earlier digest with it was never delivered */
};

/* One partner, whatever number of its nudges are open. */
struct digest_entry {
	const struct digest_item *item; /* the one that leads */
	const struct digest_item *others[RULES - 1];
	size_t other_count;
	enum lane lane;
	enum occasion occasion;
	enum answer_kind back; /* what ended, for OCCASION_BACK */
	int number;	       /* 1 for the first entry of the digest */
	int days_overdue;      /* 0 on the due day */
	int reminder;	       /* 1 when told for the first time */
	double risk;	       /* risk_rank() of its partner */
};

enum digest_kind {
	DIGEST_NOTHING, /* nothing to say today */
	DIGEST_NUDGES,	/* entries to tell */
	DIGEST_QUIET,	/* the weekly all-quiet line */
};

struct digest {
	enum digest_kind kind;
	const struct owner *hearer;
	const struct owner_history *history;
	day today;
	bool is_turn;		      /* today is the review turn: remember it, whatever the kind */
	day turn_review;	      /* the review day whose turn it is, when is_turn */
	struct digest_entry *entries; /* ranked: by lane, then urgency, then risk, then name */
	size_t entry_count;
	size_t lane_count[LANES];
	struct portfolio portfolio;
	const char *next_name;
	day next_due;
};

/* Whether the owner is away on that day, by the configuration or by command. */
bool owner_is_away(const struct owner *owner, const struct owner_history *history, day d);
/* The last day of the absence in which that day lies, with those that follow it without a day
 * between; DAY_NEVER: is not away then. */
day owner_away_until(const struct owner *owner, const struct owner_history *history, day d);
/* The first day, from that one on, on which a digest can be composed: a workday on which the owner
 * is there; DAY_NEVER when not within two years. */
day digest_next_day(const struct owner *owner, const struct owner_history *history, day from);
/* Whether a digest may be composed for this owner now: on a local workday, not away, at or after
 * digest_at, none composed on this local day yet. In a gap of the clock digest_at is the first
 * moment after it, in an overlap the first of the two. */
bool digest_is_time(const struct owner *owner, const struct owner_history *history, instant now);
/* The next instant after `now` at which digest_is_time() may become true; INSTANT_NEVER when not
 * within two years. */
instant digest_next_time(const struct owner *owner, const struct owner_history *history,
			 instant now);
/* The day on which a nudge that is told today will be told again if nothing happens: the first on
 * which a turn of the review day can be had, for a partner with these facts. */
day digest_told_again(const struct owner *owner, const struct owner_history *history,
		      const struct facts *facts, day today);
/* Composes; entries live in the arena and point into the input. */
struct digest digest_compose(struct arena *arena, const struct digest_input *input);
/* Everybody of these who calls, an entry a partner, ranked as in a digest, whether or not today has
 * news of them. Returns how many; they live in the arena and point to the items. */
size_t digest_rank(struct arena *arena, const struct digest_item *items, size_t count, day today,
		   struct digest_entry **ret_entries);

/* The same with nothing but what is cold, numbered anew, for a channel that wants no more;
 * DIGEST_NOTHING when nothing is. Entries live in the arena. */
struct digest digest_only_cold(struct arena *arena, const struct digest *digest);

/* The same without its early hints, for a channel that is no mail. Entries live in the arena. */
struct digest digest_without_hints(struct arena *arena, const struct digest *digest);

const char *lane_name(enum lane lane); /* "cold", "question", "due", "hint", "not reached" */

#endif
