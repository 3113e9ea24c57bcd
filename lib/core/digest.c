/* What one owner should hear today: DESIGN.md section 6, "When", "Told again", "All quiet", "Ranking".
 *
 * Never decides whether a partner is due (core/judge.c does) and never words anything (lib/message does). */
#include "core/digest.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE_SECONDS 60
#define TOLD_AGAIN_AFTER_DAYS 4 /* a nudge told less than this before the review day is not told again on it */
#define SEARCH_DAYS_MAX 731     /* how far ahead a workday is looked for */

/* What has already happened cannot lie ahead; a clock that was wrong may not silence us. */
static day not_after(day d, day today)
{
	return d != DAY_NEVER && d > today ? today : d;
}

static struct owner_history sane_history(const struct owner_history *history, day today)
{
	struct owner_history sane = *history;

	sane.first_seen = not_after(sane.first_seen, today);
	sane.looked = not_after(sane.looked, today);
	sane.digest = not_after(sane.digest, today);
	sane.turn = not_after(sane.turn, today);
	sane.turn_review = not_after(sane.turn_review, today);
	return sane;
}

static bool looked_today(const struct owner_history *history, day today)
{
	return history->looked != DAY_NEVER && history->looked >= today;
}

static instant digest_instant(const struct owner *owner, day d)
{
	return zone_instant(owner->zone, d, owner->digest_minute * MINUTE_SECONDS);
}

bool digest_is_time(const struct owner *owner, const struct owner_history *history, instant now)
{
	const day today = zone_day(owner->zone, now);

	if (looked_today(history, today) || !workdays_has(&owner->workdays, today))
		return false;
	return now >= digest_instant(owner, today);
}

instant digest_next_time(const struct owner *owner, const struct owner_history *history,
			 instant now)
{
	const day today = zone_day(owner->zone, now);
	const day first = looked_today(history, today) ? today + 1 : today;

	for (day d = first; d < today + SEARCH_DAYS_MAX; d++) {
		if (!workdays_has(&owner->workdays, d))
			continue;
		/* Today's time may have passed already: then it is now, for the rest of the day. */
		const instant at = digest_instant(owner, d);
		return at > now ? at : now;
	}
	return INSTANT_NEVER;
}

/* The latest review day that is not after today. */
static day latest_review_day(enum weekday review_day, day today)
{
	const int back = ((int)day_weekday(today) - (int)review_day + 7) % 7;

	return today - back;
}

/* A review day's turn is had once, on that day or, when no digest could be composed then, on the first day after it on
 * which one can. Several that were missed make one turn. */
static bool find_turn(const struct owner *owner, const struct owner_history *history, day today,
		      day *ret_review)
{
	const day review = latest_review_day(owner->review_day, today);

	*ret_review = review;
	if (history->first_seen != DAY_NEVER && review < history->first_seen)
		return false;
	return history->turn_review == DAY_NEVER || history->turn_review < review;
}

static bool is_back_from_snooze(const struct digest_item *item, day today)
{
	const day until = item->facts.snooze.until;

	return until != DAY_NEVER && until <= today && item->told.day < until;
}

/* Why this nudge is to be told today; false when it is not. */
static bool find_occasion(const struct digest_item *item, bool is_turn, day today,
			  enum occasion *ret_occasion)
{
	const struct told *told = &item->told;

	if (is_back_from_snooze(item, today) ||
	    (told->day == DAY_NEVER && item->facts.snooze.until != DAY_NEVER &&
	     item->facts.snooze.until <= today && item->facts.snooze.until > item->verdict.due_day))
		*ret_occasion = OCCASION_BACK;
	else if (item->verdict.state == STATE_COLD &&
		 (told->day == DAY_NEVER || told->state < STATE_COLD))
		*ret_occasion = OCCASION_COLD;
	else if (told->day == DAY_NEVER)
		*ret_occasion = OCCASION_NEW;
	else if (is_turn && today - not_after(told->day, today) >= TOLD_AGAIN_AFTER_DAYS)
		*ret_occasion = OCCASION_REVIEW;
	else if (item->retell)
		*ret_occasion = OCCASION_REPLACED;
	else
		return false;
	return true;
}

static int compare_entries(const void *a, const void *b, void *today_pointer)
{
	const struct digest_entry *x = a, *y = b;
	const day today = *(const day *)today_pointer;

	if (x->lane != y->lane)
		return x->lane < y->lane ? -1 : 1;
	const double ux = verdict_urgency(&x->item->verdict, today);
	const double uy = verdict_urgency(&y->item->verdict, today);
	if (ux > uy || ux < uy)
		return ux > uy ? -1 : 1;
	const int by_name = strcmp(x->item->facts.partner.name, y->item->facts.partner.name);
	return by_name ? by_name : strcmp(x->item->facts.partner.id, y->item->facts.partner.id);
}

static struct digest_entry make_entry(const struct digest_item *item, enum occasion occasion,
				      day today)
{
	return (struct digest_entry){
	    .item = item,
	    .lane = item->verdict.state == STATE_COLD ? LANE_COLD : LANE_DUE,
	    .occasion = occasion,
	    .days_overdue = verdict_days_overdue(&item->verdict, today),
	    .reminder = item->told.count + 1,
	};
}

static void collect_entries(struct arena *arena, const struct digest_input *input,
			    struct digest *digest)
{
	digest->entries = arena_alloc(arena, input->item_count + 1, sizeof(*digest->entries));
	for (size_t i = 0; i < input->item_count; i++) {
		const struct digest_item *item = &input->items[i];
		enum occasion occasion;

		if (!verdict_calls(&item->verdict) ||
		    !find_occasion(item, digest->is_turn, input->today, &occasion))
			continue;
		digest->entries[digest->entry_count++] = make_entry(item, occasion, input->today);
	}
	qsort_r(digest->entries, digest->entry_count, sizeof(*digest->entries), compare_entries,
		&digest->today);
	for (size_t i = 0; i < digest->entry_count; i++) {
		digest->entries[i].number = (int)i + 1;
		digest->lane_count[digest->entries[i].lane]++;
	}
}

/* Silence must never be ambiguous: a turn without news, after a week without a digest, gets one line. */
static bool wants_quiet_line(const struct digest_input *input, const struct owner_history *history,
			     bool is_turn)
{
	if (!is_turn || !input->hearer->weekly || input->portfolio.total == 0)
		return false;
	if (history->digest == DAY_NEVER)
		return true;
	return history->turn != DAY_NEVER && history->digest <= history->turn;
}

struct digest digest_compose(struct arena *arena, const struct digest_input *input)
{
	const struct owner_history history = sane_history(input->history, input->today);
	struct digest digest = {
	    .kind = DIGEST_NOTHING,
	    .hearer = input->hearer,
	    .today = input->today,
	    .portfolio = input->portfolio,
	    .next_name = input->next_name,
	    .next_due = input->next_due,
	};

	digest.is_turn = find_turn(input->hearer, &history, input->today, &digest.turn_review);
	collect_entries(arena, input, &digest);
	if (digest.entry_count > 0)
		digest.kind = DIGEST_NUDGES;
	else if (wants_quiet_line(input, &history, digest.is_turn))
		digest.kind = DIGEST_QUIET;
	return digest;
}

const char *lane_name(enum lane lane)
{
	static const char *const names[LANES] = {[LANE_COLD] = "cold", [LANE_DUE] = "due"};

	return names[lane];
}
