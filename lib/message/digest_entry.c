/* The sentences of one entry: how late, why it is back, what the last contact was, what was done
 * over the owner's head, and what happens next. */
#include "message/digest_entry.h"

#include <string.h>

#include "core/odds.h"
#include "core/standing.h"
#include "message/link.h"

#define COLD_SOON_DAYS 3 /* from here on the days until cold are counted down */

static const char *kind_word(enum contact_kind kind)
{
	return kind == CONTACT_OTHER ? "contact" : contact_kind_name(kind);
}

/* ", by you": who had the contact, else where we know it from. */
static const char *say_by(const struct writer *w, const struct contact *contact)
{
	if (contact->by != NULL && strcmp(contact->by, w->digest->hearer->id) == 0)
		return ", by you";
	if (contact->by != NULL)
		return arena_printf(w->arena, ", by %s", word_name_of(w, contact->by));
	if (contact->source != NULL && strcmp(contact->source, "conf") == 0)
		return contact->origin != NULL
			   ? arena_printf(w->arena, ", from %s", contact->origin)
			   : ", from the configuration";
	if (contact->source != NULL && strcmp(contact->source, "csv") == 0)
		return ", imported";
	/* A number says nothing to whoever reads it. */
	if (contact->actor != NULL && strncmp(contact->actor, "uid ", 4) != 0)
		return arena_printf(w->arena, ", logged by %s", word_name_of(w, contact->actor));
	if (contact->actor != NULL)
		return ", logged by hand";
	return "";
}

static const char *say_last(const struct writer *w, const struct contact *last)
{
	const char *person = "";

	if (last->person != NULL)
		person =
		    arena_printf(w->arena, " %s %s",
				 last->direction == DIRECTION_IN ? "from" : "with", last->person);
	return arena_printf(w->arena, "%s%s, %s%s", kind_word(last->kind), person,
			    word_day(w, last->day), say_by(w, last));
}

static int days_until_cold(const struct writer *w, const struct verdict *verdict)
{
	if (verdict->state != STATE_DUE || verdict->cold_day == DAY_NEVER)
		return 0;
	return verdict->cold_day - w->digest->today;
}

/* "tomorrow", "in 3 days"; NULL when it is cold already or not yet near. */
static const char *cold_soon(const struct writer *w, const struct verdict *verdict)
{
	const int days = days_until_cold(w, verdict);

	if (days < 1 || days > COLD_SOON_DAYS)
		return NULL;
	return days == 1 ? "tomorrow" : arena_printf(w->arena, "in %d days", days);
}

static struct span span_of(const struct digest_item *item)
{
	const struct cadence *cadence = item->facts.cadence;

	return item->verdict.rule == RULE_MEETING ? cadence->meeting_every : cadence->every;
}

/* "Due today (3 months were up on Sat 21 Nov)", "25 days overdue (was due Thu 29 Oct)". */
static const char *say_overdue(const struct writer *w, const struct digest_item *item)
{
	const struct verdict *verdict = &item->verdict;
	const int overdue = verdict_days_overdue(verdict, w->digest->today);
	const struct span every = span_of(item);
	char span[SPAN_TEXT_SIZE];

	if (overdue > 0)
		return arena_printf(w->arena, "%d day%s overdue (was due %s)", overdue,
				    word_plural(overdue), word_day(w, verdict->due_day));
	if (verdict->due_unmoved == verdict->due_day)
		return "Due today";
	return arena_printf(w->arena, "Due today (%s %s up on %s)", span_say(every, span),
			    every.count == 1 ? "was" : "were", word_day(w, verdict->due_unmoved));
}

/* "every 4 weeks", "every quarter". */
static const char *say_every(const struct writer *w, struct span span)
{
	char text[SPAN_TEXT_SIZE];
	const char *said = span_say(span, text);

	if (span.count == 1)
		said += strlen("1 ");
	return arena_printf(w->arena, "every %s", said);
}

/* Off for good is asked about again. */
static const char *say_off(const struct writer *w, const struct digest_item *item)
{
	return arena_printf(w->arena, "Off for good since %s: still?",
			    word_day(w, item->verdict.base));
}

static const char *say_standing(const struct writer *w, const struct digest_entry *entry)
{
	const char *soon = cold_soon(w, &entry->item->verdict);
	const char *reminder =
	    entry->reminder > 1 ? arena_printf(w->arena, "; reminder %d", entry->reminder) : "";
	const char *meeting = entry->item->verdict.rule == RULE_MEETING ? "Meeting: " : "";

	if (entry->item->verdict.rule == RULE_OFF)
		return arena_printf(w->arena, "%s%s", say_off(w, entry->item), reminder);
	return arena_printf(w->arena, "%s%s%s%s%s", meeting, say_overdue(w, entry->item), reminder,
			    soon != NULL ? "; turns cold " : "", soon != NULL ? soon : "");
}

/* "Jon (your backup)": who is told at a step of the ladder. */
static const char *say_deputy(const struct writer *w, const struct owner *owner, const char *id)
{
	const bool is_backup = owner->backup != NULL && strcmp(owner->backup, id) == 0;

	return arena_printf(w->arena, "%s (your %s)", word_name_of(w, id),
			    is_backup ? "backup" : "manager");
}

/* The day of the next step of the ladder, and who is told then; DAY_NEVER when there is none, or
 * when it waits for the owner to be told twice. This digest is one of those. */
static day next_step(const struct writer *w, const struct digest_item *item,
		     const char **ret_hearer)
{
	const struct facts *facts = &item->facts;

	*ret_hearer = NULL;
	if (item->step < ESCALATE_STEPS && facts->owner != NULL)
		*ret_hearer = ladder_hearer(facts->owner, item->step + 1);
	if (*ret_hearer == NULL)
		return DAY_NEVER;
	return ladder_next(facts, &item->verdict, item->step, item->delivered + 1,
			   w->digest->today);
}

/* What happens next if nothing does. */
static const char *say_next(const struct writer *w, const struct digest_item *item)
{
	const struct digest *digest = w->digest;
	const struct verdict *verdict = &item->verdict;
	const day review =
	    digest_told_again(digest->hearer, digest->history, &item->facts, digest->today);
	const char *hearer;
	const day step = next_step(w, item, &hearer);

	if (days_until_cold(w, verdict) > 0 && verdict->cold_day <= review)
		return arena_printf(w->arena, "turns cold on %s",
				    word_coming_day(w, verdict->cold_day));
	if (step <= review)
		return arena_printf(w->arena, "if still silent on %s, %s is told",
				    word_coming_day(w, step),
				    say_deputy(w, item->facts.owner, hearer));
	return arena_printf(w->arena, "told again on %s", word_coming_day(w, review));
}

/* Nothing is hidden by its absence. */
static void add_none(const struct writer *w, struct block *block, const char *what,
		     const struct verdict *verdict, enum rule rule)
{
	const char *from = verdict->rule == rule ? arena_printf(w->arena, "; counted from %s",
								word_day(w, verdict->base))
						 : "";

	word_line(w, block, NULL, arena_printf(w->arena, "No %s recorded yet%s", what, from), NULL);
}

static void add_last(const struct writer *w, struct block *block, const struct digest_item *item)
{
	const struct facts *facts = &item->facts;
	const struct verdict *verdict = &item->verdict;
	const bool meets = verdict->rule == RULE_MEETING;

	if (meets && !facts->has_meeting)
		add_none(w, block, "meeting", verdict, RULE_MEETING);
	else if (meets && facts->meeting.id != facts->last.id)
		word_line(w, block, "Met", say_last(w, &facts->meeting),
			  word_quote(w, facts->meeting.note));
	if (facts->has_last)
		word_line(w, block, "Last", say_last(w, &facts->last),
			  word_quote(w, facts->last.note));
	else if (!meets)
		add_none(w, block, "contact", verdict, RULE_CONTACT);
}

/* What the risk model says of the silence; where it cannot say anything, that. */
static void add_odds(const struct writer *w, struct block *block, const struct digest_item *item)
{
	char text[ODDS_TEXT_SIZE];

	word_line(w, block, NULL,
		  arena_strdup(w->arena, odds_say(&item->facts, w->digest->today, text)), NULL);
}

static struct block *add_entry(const struct writer *w, const struct digest_entry *entry, bool brief)
{
	static const enum mark marks[LANES] = {
	    [LANE_COLD] = MARK_COLD, [LANE_QUESTION] = MARK_QUESTION, [LANE_DUE] = MARK_DUE,
	    [LANE_HINT] = MARK_HINT, [LANE_NOT_REACHED] = MARK_COLD,
	};
	struct block *block = document_add(w->arena, w->document, BLOCK_ENTRY);
	const struct partner *partner = &entry->item->facts.partner;

	block->number = entry->number;
	block->mark = marks[entry->lane];
	block->brief = brief;
	block->partner = arena_strdup(w->arena, partner->id);
	block->title = arena_strdup(w->arena, partner->name);
	if (w->words->roster != NULL)
		block->link = link_of(w->arena, w->words->roster->partner_link, partner->id);
	return block;
}

/* ", strategic, every 4 weeks [acme]": the id stands there because every answer begins with it. */
static const char *say_terms(const struct writer *w, const struct digest_item *item)
{
	const struct cadence *cadence = item->facts.cadence;

	return arena_printf(w->arena, "%s%s, %s%s [%s]", cadence->id != NULL ? ", " : "",
			    cadence->id != NULL ? cadence->id : "",
			    item->verdict.rule == RULE_MEETING ? "meeting " : "",
			    say_every(w, span_of(item)), item->facts.partner.id);
}

/* Why it is here again although it was to be quiet. */
static void add_back(const struct writer *w, struct block *block, const struct digest_entry *entry)
{
	const struct answer *answer = &entry->item->facts.answers[entry->back];
	/* Off for good says so itself. */
	if (entry->occasion == OCCASION_BACK && answer->is_given && answer->until != DAY_NEVER)
		word_line(w, block, NULL,
			  arena_printf(w->arena, "Back because the %s of %s ended",
				       answer_name(entry->back), word_short_day(w, answer->given)),
			  word_quote(w, answer->reason));
}

/* "meeting every 3 months: cold, 12 days overdue (was due Wed 11 Nov)": another clock of the same
 * partner. */
static const char *say_other(const struct writer *w, const struct digest_item *other)
{
	if (other->verdict.rule == RULE_OFF)
		return say_off(w, other);
	return arena_printf(
	    w->arena, "%s %s: %s%s", other->verdict.rule == RULE_MEETING ? "meeting" : "contact",
	    say_every(w, span_of(other)), other->verdict.state == STATE_COLD ? "cold, " : "",
	    say_overdue(w, other));
}

/* What else is open about the same partner. */
static void add_others(const struct writer *w, struct block *block,
		       const struct digest_entry *entry)
{
	for (size_t i = 0; i < entry->other_count; i++)
		word_line(w, block, "Also", say_other(w, entry->others[i]), NULL);
}

/* The item of an entry, the leading one first; NULL behind the last. */
static const struct digest_item *item_at(const struct digest_entry *entry, size_t index)
{
	if (index == 0)
		return entry->item;
	return index <= entry->other_count ? entry->others[index - 1] : NULL;
}

/* When this step was told, by whichever clock came first; NULL: it is not reached. */
static const struct step_told *find_step(const struct digest_entry *entry, int step)
{
	const struct step_told *first = NULL;
	const struct digest_item *item;

	for (size_t i = 0; (item = item_at(entry, i)) != NULL; i++) {
		const struct step_told *told = &item->steps[step - 1];

		if (told->hearer != NULL && (first == NULL || told->day < first->day))
			first = told;
	}
	return first;
}

/* "Jon (your backup), on Mon 23 Nov; Ada (your manager), in the next digest"; "" when nobody was.
 */
static const char *say_told_too(const struct writer *w, const struct digest_entry *entry)
{
	const struct owner *owner = entry->item->facts.owner;
	const char *list = "";

	for (int step = 1; step <= ESCALATE_STEPS && owner != NULL; step++) {
		const struct step_told *told = find_step(entry, step);
		const char *when;

		if (told == NULL)
			continue;
		when = told->day != DAY_NEVER
			   ? arena_printf(w->arena, "on %s", word_day(w, told->day))
			   : "in their next digest";
		list = arena_printf(w->arena, "%s%s%s, %s", list, *list != '\0' ? "; " : "",
				    say_deputy(w, owner, told->hearer), when);
	}
	return list;
}

/* Since when a decision is asked for because it is cold; DAY_NEVER: it is not. */
static day cold_undecided(const struct writer *w, const struct digest_entry *entry)
{
	const struct digest_item *item;
	day since = DAY_NEVER;

	for (size_t i = 0; (item = item_at(entry, i)) != NULL; i++)
		if (item->verdict.decide_day <= w->digest->today && item->verdict.cold_day < since)
			since = item->verdict.cold_day;
	return since;
}

/* What was done over the owner's head, and what is asked of the owner. */
static void add_ladder(const struct writer *w, struct block *block,
		       const struct digest_entry *entry)
{
	const char *told = say_told_too(w, entry);
	const day since = cold_undecided(w, entry);

	if (*told != '\0')
		word_line(w, block, "Told too", told, NULL);
	if (since != DAY_NEVER)
		word_line(
		    w, block, "Decide",
		    arena_printf(w->arena,
				 "cold since %s: keep it as it is, fix it by a day, or end it?",
				 word_day(w, since)),
		    NULL);
}

static void write_own(const struct writer *w, struct block *block, const struct digest_entry *entry)
{
	block->title_rest = say_terms(w, entry->item);
	word_line(w, block, NULL, say_standing(w, entry), NULL);
	add_others(w, block, entry);
	add_back(w, block, entry);
	add_last(w, block, entry->item);
	add_odds(w, block, entry->item);
	add_ladder(w, block, entry);
	word_line(w, block, "Next", say_next(w, entry->item), NULL);
}

static void write_question(const struct writer *w, struct block *block,
			   const struct digest_entry *entry)
{
	block->title_rest = arena_printf(w->arena, " [%s]", entry->item->facts.partner.id);
	word_line(w, block, NULL,
		  arena_printf(w->arena, "You had a meeting booked for %s. Did it happen?",
			       word_day(w, entry->item->verdict.base)),
		  NULL);
	add_others(w, block, entry);
	add_back(w, block, entry);
	add_last(w, block, entry->item);
	add_odds(w, block, entry->item);
	add_ladder(w, block, entry);
}

/* "Maria is back on Fri 18 Dec (in 3 days) and hears then": what happens next with somebody else's
 * partner. */
static const char *say_next_of_other(const struct writer *w, const struct digest_item *item)
{
	const bool climbs = item->part == PART_NOT_REACHED;

	if (item->owner_back == DAY_NEVER && climbs)
		return "its owner goes on hearing of it; you only if it climbs further";
	if (item->owner_back == DAY_NEVER || item->facts.owner == NULL)
		return "its owner hears of it after the return";
	return arena_printf(w->arena, "%s is back on %s and hears then%s",
			    word_name(w, item->facts.owner), word_coming_day(w, item->owner_back),
			    climbs ? "; you only if it climbs further" : "");
}

/* Somebody else's partner: whose it is, and why it is told here. */
static void write_other(const struct writer *w, struct block *block,
			const struct digest_entry *entry)
{
	const struct digest_item *item = entry->item;
	const char *owner = item->facts.owner != NULL ? item->facts.owner->name : "nobody";

	block->title_rest = say_terms(w, item);
	word_line(w, block, NULL, say_standing(w, entry), NULL);
	if (item->part == PART_STAND_IN)
		word_line(w, block, "For", arena_printf(w->arena, "%s, who is away", owner), NULL);
	else
		word_line(
		    w, block, "For",
		    arena_printf(w->arena, "%s, who was told and has not reached them", owner),
		    NULL);
	add_last(w, block, item);
	add_odds(w, block, item);
	word_line(w, block, "Next", say_next_of_other(w, item), NULL);
}

/* The first day on which one of its clocks has run out. */
static day due_of(const struct writer *w, const struct digest_item *item)
{
	struct verdict verdicts[RULES];
	const size_t count = judge_partner(&item->facts, w->digest->today, verdicts);

	return standing_verdict(verdicts, count, w->digest->today)->due_day;
}

/* Nothing is due: what is unusual, and that it is not said again. */
static void write_hint(const struct writer *w, struct block *block,
		       const struct digest_entry *entry)
{
	const struct digest_item *item = entry->item;

	block->title_rest = say_terms(w, item);
	word_line(w, block, NULL,
		  arena_printf(w->arena, "Quiet for longer than usual; not due before %s",
			       word_coming_day(w, due_of(w, item))),
		  NULL);
	add_last(w, block, item);
	add_odds(w, block, item);
	word_line(w, block, "Next", "no more hints about this silence", NULL);
}

void entry_add_full(const struct writer *w, const struct digest_entry *entry)
{
	struct block *block = add_entry(w, entry, false);

	if (entry->item->part != PART_OWN)
		write_other(w, block, entry);
	else if (entry->lane == LANE_QUESTION)
		write_question(w, block, entry);
	else if (entry->lane == LANE_HINT)
		write_hint(w, block, entry);
	else
		write_own(w, block, entry);
}

/* "25 days overdue", "due today": how it stands in a list of lines. */
static const char *say_late(const struct writer *w, const struct digest_entry *entry)
{
	const char *soon = cold_soon(w, &entry->item->verdict);
	const char *late = entry->days_overdue > 0
			       ? arena_printf(w->arena, "%d day%s overdue", entry->days_overdue,
					      word_plural(entry->days_overdue))
			       : "due today";
	const char *meeting = entry->item->verdict.rule == RULE_MEETING ? "meeting " : "";

	return soon != NULL ? arena_printf(w->arena, "%s%s, cold %s", meeting, late, soon)
			    : arena_printf(w->arena, "%s%s", meeting, late);
}

/* Whose it is, when it is not the hearer's. */
static const char *say_whose(const struct writer *w, const struct digest_item *item)
{
	if (item->part == PART_OWN || item->facts.owner == NULL)
		return "";
	return arena_printf(
	    w->arena, item->part == PART_STAND_IN ? "for %s, who is away: " : "not reached by %s: ",
	    word_name(w, item->facts.owner));
}

/* "; Jon and Ada were told; keep, fix or end?": what must not be missing, however short. */
static const char *say_brief_ladder(const struct writer *w, const struct digest_entry *entry)
{
	const char *names = "";
	int count = 0;

	for (int step = 1; step <= ESCALATE_STEPS && entry->item->part == PART_OWN; step++) {
		const struct step_told *told = find_step(entry, step);

		if (told == NULL || told->day == DAY_NEVER)
			continue;
		names = arena_printf(w->arena, "%s%s%s", names, count > 0 ? " and " : "",
				     word_name_of(w, told->hearer));
		count++;
	}
	if (count > 0)
		names = arena_printf(w->arena, "; %s %s told", names, count > 1 ? "were" : "was");
	if (entry->item->part == PART_OWN && cold_undecided(w, entry) != DAY_NEVER)
		names = arena_printf(w->arena, "%s; keep, fix or end?", names);
	return names;
}

/* The state of the clocks beside a question. */
static const char *say_beside(const struct digest_entry *entry)
{
	for (size_t i = 0; i < entry->other_count; i++)
		if (entry->others[i]->verdict.state == STATE_COLD)
			return "; cold besides";
	return entry->other_count > 0 ? "; due besides" : "";
}

static const char *say_brief(const struct writer *w, const struct digest_entry *entry)
{
	const struct facts *facts = &entry->item->facts;
	const char *whose = say_whose(w, entry->item);
	const char *ladder = say_brief_ladder(w, entry);
	const char *back = entry->occasion == OCCASION_BACK
			       ? arena_printf(w->arena, "back from %s, ", answer_name(entry->back))
			       : "";

	if (entry->lane == LANE_QUESTION)
		return arena_printf(w->arena, "meeting booked for %s, did it happen?%s%s",
				    word_short_day(w, entry->item->verdict.base), say_beside(entry),
				    ladder);
	if (entry->item->verdict.rule == RULE_OFF)
		return arena_printf(w->arena, "off for good since %s: still?",
				    word_short_day(w, entry->item->verdict.base));
	if (entry->lane == LANE_HINT)
		return arena_printf(w->arena, "quiet for longer than usual, last %s %s",
				    kind_word(facts->last.kind),
				    word_short_day(w, facts->last.day));
	if (!facts->has_last)
		return arena_printf(w->arena, "%s%s%s, no contact yet%s", back, whose,
				    say_late(w, entry), ladder);
	return arena_printf(w->arena, "%s%s%s, last %s %s%s", back, whose, say_late(w, entry),
			    kind_word(facts->last.kind), word_short_day(w, facts->last.day),
			    ladder);
}

void entry_add_brief(const struct writer *w, const struct digest_entry *entry, enum detail detail)
{
	struct block *block = add_entry(w, entry, true);

	if (detail == DETAIL_SHORT)
		block->number = 0;
	else
		block->title_rest = arena_printf(w->arena, " [%s]", block->partner);
	word_line(w, block, NULL, say_brief(w, entry), NULL);
}
