/* What one owner should hear today: DESIGN.md section 6, "When", "Told again", "All quiet",
 * "Ranking".
 *
 * Never decides whether a partner is due (core/judge.c does) and never words anything (lib/message
 * does). */
#include "core/digest.h"

#include <stdlib.h>
#include <string.h>

#include "core/hint.h"

#define MINUTE_SECONDS 60
/* A nudge told less than this before the review day is not told again on it */
#define TOLD_AGAIN_AFTER_DAYS 4
#define SEARCH_DAYS_MAX	      731 /* how far ahead a workday is looked for */

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

bool owner_is_away(const struct owner *owner, const struct owner_history *history, day d)
{
	if (history->away_first != DAY_NEVER && d >= history->away_first && d <= history->away_last)
		return true;
	return day_ranges_have(owner->away, owner->away_count, d);
}

/* Whether a digest can be composed on that day at all. */
static bool is_digest_day(const struct owner *owner, const struct owner_history *history, day d)
{
	return workdays_has(&owner->workdays, d) && !owner_is_away(owner, history, d);
}

day owner_away_until(const struct owner *owner, const struct owner_history *history, day d)
{
	day last = DAY_NEVER;

	for (; owner_is_away(owner, history, d); d++)
		last = d;
	return last;
}

day digest_next_day(const struct owner *owner, const struct owner_history *history, day from)
{
	for (day d = from; d < from + SEARCH_DAYS_MAX; d++)
		if (is_digest_day(owner, history, d))
			return d;
	return DAY_NEVER;
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

	if (looked_today(history, today) || !is_digest_day(owner, history, today))
		return false;
	return now >= digest_instant(owner, today);
}

instant digest_next_time(const struct owner *owner, const struct owner_history *history,
			 instant now)
{
	const day today = zone_day(owner->zone, now);
	const day first = looked_today(history, today) ? today + 1 : today;

	for (day d = first; d < today + SEARCH_DAYS_MAX; d++) {
		if (!is_digest_day(owner, history, d))
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

/* An acknowledgement skips the one review day that follows it. */
static bool is_acknowledged(const struct facts *facts, day review)
{
	const day given = facts->answers[ANSWER_ACK].given;

	return facts_have(facts, ANSWER_ACK) && review > given && review <= given + 7;
}

/* A review day's turn is had once, on that day or, when no digest could be composed then, on the
 * first day after it on which one can. Several that were missed make one turn. */
static bool find_turn(const struct owner *owner, const struct owner_history *history, day today,
		      day *ret_review)
{
	const day review = latest_review_day(owner->review_day, today);

	*ret_review = review;
	if (history->first_seen != DAY_NEVER && review < history->first_seen)
		return false;
	return history->turn_review == DAY_NEVER || history->turn_review < review;
}

/* Whether the digest tells again of what was told last on that day. */
static bool is_told_again(const struct facts *facts, day told, const struct digest *digest)
{
	return digest->is_turn && !is_acknowledged(facts, digest->turn_review) &&
	       digest->today - not_after(told, digest->today) >= TOLD_AGAIN_AFTER_DAYS;
}

/* Has the turns of the days to come, from today's on, until one of them tells. */
day digest_told_again(const struct owner *owner, const struct owner_history *history,
		      const struct facts *facts, day today)
{
	struct owner_history played = sane_history(history, today);
	const day end = today + SEARCH_DAYS_MAX;

	for (day d = today; d < end; d++) {
		struct digest digest = {.today = d};

		if (!is_digest_day(owner, &played, d))
			continue;
		digest.is_turn = find_turn(owner, &played, d, &digest.turn_review);
		if (is_told_again(facts, today, &digest))
			return d;
		if (digest.is_turn)
			played.turn_review = digest.turn_review;
	}
	return end;
}

/* ---- what was told ---- */

struct told told_of(const struct verdict *verdict, const struct told *told, bool foreign)
{
	struct told valid = *told;

	if (told->day == DAY_NEVER || verdict->rule == RULE_HINT)
		return valid;
	const day day_told = told->day + foreign;
	if (day_told < verdict->due_day)
		return (struct told){.day = DAY_NEVER};
	if (valid.state == STATE_COLD && day_told < verdict->cold_day)
		valid.state = STATE_DUE;
	while (valid.step > 0 && day_told < verdict->step_days[valid.step - 1])
		valid.step--;
	return valid;
}

/* ---- why a nudge is told ---- */

/* Whether this answer ended since the nudge was told last. */
static bool has_ended(const struct digest_item *item, enum answer_kind kind, day today)
{
	const day until = answer_quiet_until(&item->facts, kind);

	if (until == DAY_NEVER || until > today)
		return false;
	return item->told.day == DAY_NEVER ? until > item->verdict.due_day : item->told.day < until;
}

/* Of two that ended the later one kept it quiet. */
static bool came_back(const struct digest_item *item, day today, enum answer_kind *ret_back)
{
	const bool off = has_ended(item, ANSWER_OFF, today);
	const bool snooze = has_ended(item, ANSWER_SNOOZE, today);
	const bool later = answer_quiet_until(&item->facts, ANSWER_SNOOZE) >
			   answer_quiet_until(&item->facts, ANSWER_OFF);

	*ret_back = snooze && (!off || later) ? ANSWER_SNOOZE : ANSWER_OFF;
	return off || snooze;
}

static bool is_newly_cold(const struct digest_item *item)
{
	return item->verdict.state == STATE_COLD &&
	       (item->told.day == DAY_NEVER || item->told.state < STATE_COLD);
}

/* Once of a silence, and only where it can be heard. */
static bool find_hint_occasion(const struct digest_item *item, const struct digest *digest,
			       struct digest_entry *entry)
{
	entry->occasion = OCCASION_HINT;
	return item->told.day == DAY_NEVER && owner_hears_hints(digest->hearer);
}

static bool find_own_occasion(const struct digest_item *item, const struct digest *digest,
			      struct digest_entry *entry)
{
	if (item->verdict.rule == RULE_HINT)
		return find_hint_occasion(item, digest, entry);
	if (came_back(item, digest->today, &entry->back))
		entry->occasion = OCCASION_BACK;
	else if (item->verdict.rule == RULE_BOOKED && item->told.day == DAY_NEVER)
		entry->occasion = OCCASION_QUESTION;
	else if (is_newly_cold(item))
		entry->occasion = OCCASION_COLD;
	else if (item->told.day == DAY_NEVER)
		entry->occasion = OCCASION_NEW;
	else if (item->step > item->told.step && !ladder_is_stopped(&item->facts, digest->today))
		entry->occasion = OCCASION_STEP;
	else if (is_told_again(&item->facts, item->told.day, digest))
		entry->occasion = OCCASION_REVIEW;
	else if (item->retell)
		entry->occasion = OCCASION_REPLACED;
	else
		return false;
	return true;
}

/* Who stands in, or is told over the owner's head, hears of each thing once. */
static bool find_other_occasion(const struct digest_item *item, const struct digest *digest,
				struct digest_entry *entry)
{
	const bool stand_in = item->part == PART_STAND_IN;

	if (stand_in && is_newly_cold(item))
		entry->occasion = OCCASION_COLD;
	else if (!stand_in && item->step > item->told.step &&
		 !ladder_is_stopped(&item->facts, digest->today))
		entry->occasion = OCCASION_STEP;
	else if (item->retell)
		entry->occasion = OCCASION_REPLACED;
	else
		return false;
	return true;
}

static bool find_occasion(const struct digest_item *item, const struct digest *digest,
			  struct digest_entry *entry)
{
	if (!verdict_calls(&item->verdict))
		return false;
	return item->part == PART_OWN ? find_own_occasion(item, digest, entry)
				      : find_other_occasion(item, digest, entry);
}

/* ---- one entry a partner ---- */

static int compare_items(const void *a, const void *b)
{
	const struct digest_item *const *x = a, *const *y = b;
	const int by_id = strcmp((*x)->facts.partner.id, (*y)->facts.partner.id);

	if (by_id)
		return by_id;
	return ((*x)->verdict.rule > (*y)->verdict.rule) -
	       ((*x)->verdict.rule < (*y)->verdict.rule);
}

/* The items that call, those of a partner together. */
static size_t sort_items(struct arena *arena, const struct digest_input *input,
			 const struct digest_item ***ret_items)
{
	const struct digest_item **items =
	    arena_alloc(arena, input->item_count + 1, sizeof(*items));
	size_t count = 0;

	for (size_t i = 0; i < input->item_count; i++)
		if (verdict_calls(&input->items[i].verdict))
			items[count++] = &input->items[i];
	qsort(items, count, sizeof(*items), compare_items);
	*ret_items = items;
	return count;
}

static enum lane lane_of(const struct digest_item *item)
{
	if (item->part == PART_NOT_REACHED)
		return LANE_NOT_REACHED;
	if (item->verdict.rule == RULE_BOOKED)
		return LANE_QUESTION;
	if (item->verdict.rule == RULE_HINT)
		return LANE_HINT;
	return item->verdict.state == STATE_COLD ? LANE_COLD : LANE_DUE;
}

/* The entry of one partner's items, whether or not there is an occasion to tell it. */
static struct digest_entry make_entry(const struct digest_item *const *items, size_t count,
				      day today)
{
	struct digest_entry entry = {.item = items[0], .occasion = OCCASION_REPLACED};

	for (size_t i = 1; i < count; i++)
		if (verdict_leads(&items[i]->verdict, &entry.item->verdict, today))
			entry.item = items[i];
	for (size_t i = 0; i < count && entry.other_count < RULES - 1; i++)
		if (items[i] != entry.item)
			entry.others[entry.other_count++] = items[i];
	entry.lane = lane_of(entry.item);
	entry.days_overdue = verdict_days_overdue(&entry.item->verdict, today);
	entry.reminder = entry.item->told.count + 1;
	entry.risk = risk_rank(&entry.item->facts.rhythm.risk, today);
	return entry;
}

/* Whether one of the items has an occasion; the entry gets the first in the order of enum occasion.
 */
static bool is_told(const struct digest_item *const *items, size_t count,
		    const struct digest *digest, struct digest_entry *entry)
{
	bool told = false;

	for (size_t i = 0; i < count; i++) {
		struct digest_entry candidate = {.occasion = OCCASION_REPLACED};

		if (!find_occasion(items[i], digest, &candidate))
			continue;
		told = true;
		if (candidate.occasion <= entry->occasion) {
			entry->occasion = candidate.occasion;
			entry->back = candidate.back;
		}
	}
	return told;
}

static int compare_entries(const void *a, const void *b, void *today_pointer)
{
	const struct digest_entry *x = a, *y = b;
	const day today = *(const day *)today_pointer;

	if (x->lane != y->lane)
		return x->lane < y->lane ? -1 : 1;
	/* Nothing of a hint is overdue: there the risk alone decides. */
	const bool hint = x->lane == LANE_HINT;
	const double ux = hint ? 0 : verdict_urgency(&x->item->verdict, today);
	const double uy = hint ? 0 : verdict_urgency(&y->item->verdict, today);
	if (ux > uy || ux < uy)
		return ux > uy ? -1 : 1;
	if (x->risk > y->risk || x->risk < y->risk)
		return x->risk > y->risk ? -1 : 1;
	const int by_name = strcmp(x->item->facts.partner.name, y->item->facts.partner.name);
	return by_name ? by_name : strcmp(x->item->facts.partner.id, y->item->facts.partner.id);
}

/* How many of the items, which are sorted, belong to the first one's partner. */
static size_t of_one_partner(const struct digest_item *const *items, size_t count)
{
	size_t n = 1;

	while (n < count && strcmp(items[0]->facts.partner.id, items[n]->facts.partner.id) == 0)
		n++;
	return n;
}

size_t digest_rank(struct arena *arena, const struct digest_item *items, size_t count, day today,
		   struct digest_entry **ret_entries)
{
	const struct digest_input input = {.items = items, .item_count = count};
	const struct digest_item **sorted;
	const size_t calling = sort_items(arena, &input, &sorted);
	struct digest_entry *entries = arena_alloc(arena, calling + 1, sizeof(*entries));
	size_t n = 0;

	for (size_t i = 0, of_one; i < calling; i += of_one) {
		of_one = of_one_partner(&sorted[i], calling - i);
		entries[n++] = make_entry(&sorted[i], of_one, today);
	}
	qsort_r(entries, n, sizeof(*entries), compare_entries, &today);
	*ret_entries = entries;
	return n;
}

static size_t room_for_hints(const struct digest *digest)
{
	size_t room = HINT_ROOM;

	for (size_t i = 0; i < digest->entry_count && room > 0; i++)
		room -= digest->entries[i].lane != LANE_HINT;
	return room < HINTS_IN_DIGEST ? room : HINTS_IN_DIGEST;
}

/* The hints that are ranked first are told, the others when there is room. */
static void drop_surplus_hints(struct digest *digest)
{
	size_t kept = 0, room = room_for_hints(digest);

	for (size_t i = 0; i < digest->entry_count; i++) {
		const bool hint = digest->entries[i].lane == LANE_HINT;

		if (hint && room == 0)
			continue;
		room -= hint;
		digest->entries[kept++] = digest->entries[i];
	}
	digest->entry_count = kept;
}

static void collect_entries(struct arena *arena, const struct digest_input *input,
			    struct digest *digest)
{
	const struct digest_item **items;
	const size_t count = sort_items(arena, input, &items);

	digest->entries = arena_alloc(arena, count + 1, sizeof(*digest->entries));
	for (size_t i = 0, of_one; i < count; i += of_one) {
		struct digest_entry *entry = &digest->entries[digest->entry_count];

		of_one = of_one_partner(&items[i], count - i);
		*entry = make_entry(&items[i], of_one, digest->today);
		if (is_told(&items[i], of_one, digest, entry))
			digest->entry_count++;
	}
	qsort_r(digest->entries, digest->entry_count, sizeof(*digest->entries), compare_entries,
		&digest->today);
	drop_surplus_hints(digest);
	for (size_t i = 0; i < digest->entry_count; i++) {
		digest->entries[i].number = (int)i + 1;
		digest->lane_count[digest->entries[i].lane]++;
	}
}

/* ---- the digest ---- */

/* Silence must never be ambiguous: a turn without news, after a week without a digest, gets one
 * line. */
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
	    .history = input->history,
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
	static const char *const names[LANES] = {
	    [LANE_COLD] = "cold", [LANE_QUESTION] = "question",	      [LANE_DUE] = "due",
	    [LANE_HINT] = "hint", [LANE_NOT_REACHED] = "not reached",
	};

	return names[lane];
}

typedef bool is_wanted(const struct digest_entry *entry);

/* The entries that are wanted, numbered anew. */
static struct digest pick(struct arena *arena, const struct digest *digest, is_wanted *wanted)
{
	struct digest picked = *digest;

	picked.entries = arena_alloc(arena, digest->entry_count + 1, sizeof(*picked.entries));
	picked.entry_count = 0;
	memset(picked.lane_count, 0, sizeof(picked.lane_count));
	for (size_t i = 0; i < digest->entry_count; i++) {
		const struct digest_entry *entry = &digest->entries[i];

		if (!wanted(entry))
			continue;
		picked.entries[picked.entry_count++] = *entry;
		picked.entries[picked.entry_count - 1].number = (int)picked.entry_count;
		picked.lane_count[entry->lane]++;
	}
	return picked;
}

static bool is_cold(const struct digest_entry *entry)
{
	return entry->item->verdict.state == STATE_COLD;
}

struct digest digest_only_cold(struct arena *arena, const struct digest *digest)
{
	struct digest cold = pick(arena, digest, is_cold);

	cold.kind = cold.entry_count > 0 ? DIGEST_NUDGES : DIGEST_NOTHING;
	return cold;
}

static bool is_no_hint(const struct digest_entry *entry)
{
	return entry->lane != LANE_HINT;
}

struct digest digest_without_hints(struct arena *arena, const struct digest *digest)
{
	struct digest rest = pick(arena, digest, is_no_hint);

	if (digest->kind == DIGEST_NUDGES && rest.entry_count == 0)
		rest.kind = DIGEST_NOTHING;
	return rest;
}
