/* The sentences of the digest.
 *
 * Written for a reader who has half a minute: the subject is the news, an entry says how late, why
 * it is back, what the last contact was, and what happens next. Days are said as people say them,
 * never counted from an epoch. */
#include "message/digest_document.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define SUBJECT_NAME_MAX    60	 /* code points of a partner's name in the subject */
#define SUBJECT_TEXT_MAX    1024 /* bytes */
#define QUOTE_MAX	    160	 /* code points of a note's first line */
#define COLD_SOON_DAYS	    3	 /* from here on the days until cold are counted down */
#define EXAMPLE_SNOOZE_DAYS 14
#define SHOWN_ENTRIES	    (DIGEST_FULL_ENTRIES + DIGEST_BRIEF_ENTRIES)

static const char *const weekday_full[] = {
    [MONDAY] = "Monday",     [TUESDAY] = "Tuesday", [WEDNESDAY] = "Wednesday",
    [THURSDAY] = "Thursday", [FRIDAY] = "Friday",   [SATURDAY] = "Saturday",
    [SUNDAY] = "Sunday",
};
static const char *const month_short[] = {"jan", "feb", "mar", "apr", "may", "jun",
					  "jul", "aug", "sep", "oct", "nov", "dec"};

struct writer {
	struct arena *arena;
	struct document *document;
	const struct digest *digest;
	const struct digest_words *words;
};

/* "s" unless there is one. */
static const char *plural(int count)
{
	return count == 1 ? "" : "s";
}

static const char *say_day(const struct writer *w, day d)
{
	char text[DAY_TEXT_SIZE];

	return arena_strdup(w->arena, day_say(d, w->digest->today, text));
}

/* "Mon 30 Nov (in 7 days)": a day that lies ahead. */
static const char *say_coming(const struct writer *w, day d)
{
	const int days = d - w->digest->today;

	if (days == 1)
		return arena_printf(w->arena, "%s (tomorrow)", say_day(w, d));
	return arena_printf(w->arena, "%s (in %d days)", say_day(w, d), days);
}

/* "4 Nov": without the weekday. */
static const char *say_short_day(const struct writer *w, day d)
{
	const char *text = say_day(w, d);
	const char *space = strchr(text, ' ');

	return space != NULL ? space + 1 : text;
}

/* The longest start of `count` code points, with an ellipsis when something was cut. */
static const char *cut(const struct writer *w, const char *text, size_t count)
{
	if (text_code_points(text) <= count)
		return text;
	return arena_printf(w->arena, "%.*s…", (int)text_fit_code_points(text, count - 1), text);
}

/* The first line of a note, or NULL when it says nothing. */
static const char *quote_of(const struct writer *w, const char *note)
{
	const size_t len = note != NULL ? text_first_line(note) : 0;

	return len > 0 ? cut(w, arena_strndup(w->arena, note, len), QUOTE_MAX) : NULL;
}

/* ---- people ---- */

/* Bytes of what a colleague would call somebody: the first word, unless the name is written "Silva,
 * Maria". */
static size_t first_name_len(const char *name)
{
	return strchr(name, ',') != NULL ? strlen(name) : strcspn(name, " ");
}

static bool first_name_is_shared(const struct roster *roster, const struct owner *owner, size_t len)
{
	for (size_t i = 0; roster != NULL && i < roster->owner_count; i++) {
		const struct owner *other = &roster->owners[i];

		if (strcmp(other->id, owner->id) != 0 && first_name_len(other->name) == len &&
		    strncmp(other->name, owner->name, len) == 0)
			return true;
	}
	return false;
}

static const char *call_name(const struct writer *w, const struct owner *owner)
{
	const size_t len = first_name_len(owner->name);

	if (first_name_is_shared(w->words->roster, owner, len))
		return owner->name;
	return arena_strndup(w->arena, owner->name, len);
}

static const char *call_id(const struct writer *w, const char *id)
{
	const struct owner *owner =
	    w->words->roster != NULL ? roster_owner(w->words->roster, id) : NULL;

	return owner != NULL ? call_name(w, owner) : id;
}

/* ---- one entry ---- */

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
		return arena_printf(w->arena, ", by %s", call_id(w, contact->by));
	if (contact->source != NULL && strcmp(contact->source, "conf") == 0)
		return contact->origin != NULL
			   ? arena_printf(w->arena, ", from %s", contact->origin)
			   : ", from the configuration";
	if (contact->source != NULL && strcmp(contact->source, "csv") == 0)
		return ", imported";
	/* A number says nothing to whoever reads it. */
	if (contact->actor != NULL && strncmp(contact->actor, "uid ", 4) != 0)
		return arena_printf(w->arena, ", logged by %s", call_id(w, contact->actor));
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
			    say_day(w, last->day), say_by(w, last));
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
				    plural(overdue), say_day(w, verdict->due_day));
	if (verdict->due_unmoved == verdict->due_day)
		return "Due today";
	return arena_printf(w->arena, "Due today (%s %s up on %s)", span_say(every, span),
			    every.count == 1 ? "was" : "were", say_day(w, verdict->due_unmoved));
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
			    say_day(w, item->verdict.base));
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

	return arena_printf(w->arena, "%s (your %s)", call_id(w, id),
			    is_backup ? "backup" : "manager");
}

/* The day of the next step of the ladder, and who is told then; DAY_NEVER when there is none, or
 * when it waits for the owner to be told twice. */
static day next_step(const struct writer *w, const struct digest_item *item,
		     const char **ret_hearer)
{
	const struct facts *facts = &item->facts;
	const day today = w->digest->today;
	day d;

	*ret_hearer = NULL;
	if (item->step < ESCALATE_STEPS && facts->owner != NULL)
		*ret_hearer = ladder_hearer(facts->owner, item->step + 1);
	if (*ret_hearer == NULL || item->told.count + 1 < LADDER_DELIVERED_MIN)
		return DAY_NEVER;
	d = item->verdict.step_days[item->step];
	if (ladder_is_stopped(facts, today) &&
	    d < facts->answers[ANSWER_ACK].given + ACK_LADDER_DAYS)
		d = facts->answers[ANSWER_ACK].given + ACK_LADDER_DAYS;
	return d;
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
		return arena_printf(w->arena, "turns cold on %s", say_coming(w, verdict->cold_day));
	if (step > w->digest->today && step <= review)
		return arena_printf(w->arena, "if still silent on %s, %s is told",
				    say_coming(w, step), say_deputy(w, item->facts.owner, hearer));
	return arena_printf(w->arena, "told again on %s", say_coming(w, review));
}

static void add_line(const struct writer *w, struct block *block, const char *label,
		     const char *text, const char *quote)
{
	struct line *line = block_add_line(w->arena, block, label);

	if (quote == NULL) {
		line_add_run(w->arena, line, RUN_PLAIN, text);
		return;
	}
	line_add_run(w->arena, line, RUN_PLAIN, arena_printf(w->arena, "%s: ", text));
	line_add_run(w->arena, line, RUN_QUOTE, quote);
}

/* Nothing is hidden by its absence. */
static void add_none(const struct writer *w, struct block *block, const char *what,
		     const struct verdict *verdict, enum rule rule)
{
	const char *from = verdict->rule == rule ? arena_printf(w->arena, "; counted from %s",
								say_day(w, verdict->base))
						 : "";

	add_line(w, block, NULL, arena_printf(w->arena, "No %s recorded yet%s", what, from), NULL);
}

static void add_last(const struct writer *w, struct block *block, const struct digest_item *item)
{
	const struct facts *facts = &item->facts;
	const struct verdict *verdict = &item->verdict;
	const bool meets = verdict->rule == RULE_MEETING;

	if (meets && !facts->has_meeting)
		add_none(w, block, "meeting", verdict, RULE_MEETING);
	else if (meets && facts->meeting.id != facts->last.id)
		add_line(w, block, "Met", say_last(w, &facts->meeting),
			 quote_of(w, facts->meeting.note));
	if (facts->has_last)
		add_line(w, block, "Last", say_last(w, &facts->last),
			 quote_of(w, facts->last.note));
	else if (!meets)
		add_none(w, block, "contact", verdict, RULE_CONTACT);
}

static struct block *add_entry(const struct writer *w, const struct digest_entry *entry, bool brief)
{
	static const enum mark marks[LANES] = {
	    [LANE_COLD] = MARK_COLD,
	    [LANE_QUESTION] = MARK_QUESTION,
	    [LANE_DUE] = MARK_DUE,
	    [LANE_NOT_REACHED] = MARK_COLD,
	};
	struct block *block = document_add(w->arena, w->document, BLOCK_ENTRY);
	const struct partner *partner = &entry->item->facts.partner;

	block->number = entry->number;
	block->mark = marks[entry->lane];
	block->brief = brief;
	block->partner = arena_strdup(w->arena, partner->id);
	block->title = arena_strdup(w->arena, partner->name);
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
		add_line(w, block, NULL,
			 arena_printf(w->arena, "Back because the %s of %s ended",
				      answer_name(entry->back), say_short_day(w, answer->given)),
			 quote_of(w, answer->reason));
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
		add_line(w, block, "Also", say_other(w, entry->others[i]), NULL);
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
			   ? arena_printf(w->arena, "on %s", say_day(w, told->day))
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
		add_line(w, block, "Told too", told, NULL);
	if (since != DAY_NEVER)
		add_line(
		    w, block, "Decide",
		    arena_printf(w->arena,
				 "cold since %s: keep it as it is, fix it by a day, or end it?",
				 say_day(w, since)),
		    NULL);
}

static void write_own(const struct writer *w, struct block *block, const struct digest_entry *entry)
{
	block->title_rest = say_terms(w, entry->item);
	add_line(w, block, NULL, say_standing(w, entry), NULL);
	add_others(w, block, entry);
	add_back(w, block, entry);
	add_last(w, block, entry->item);
	add_ladder(w, block, entry);
	add_line(w, block, "Next", say_next(w, entry->item), NULL);
}

static void write_question(const struct writer *w, struct block *block,
			   const struct digest_entry *entry)
{
	block->title_rest = arena_printf(w->arena, " [%s]", entry->item->facts.partner.id);
	add_line(w, block, NULL,
		 arena_printf(w->arena, "You had a meeting booked for %s. Did it happen?",
			      say_day(w, entry->item->verdict.base)),
		 NULL);
	add_others(w, block, entry);
	add_back(w, block, entry);
	add_last(w, block, entry->item);
	add_ladder(w, block, entry);
}

/* Somebody else's partner: whose it is, and why it is told here. */
static void write_other(const struct writer *w, struct block *block,
			const struct digest_entry *entry)
{
	const struct digest_item *item = entry->item;
	const char *owner = item->facts.owner != NULL ? item->facts.owner->name : "nobody";

	block->title_rest = say_terms(w, item);
	add_line(w, block, NULL, say_standing(w, entry), NULL);
	if (item->part == PART_STAND_IN)
		add_line(w, block, "For", arena_printf(w->arena, "%s, who is away", owner), NULL);
	else
		add_line(w, block, "For",
			 arena_printf(w->arena, "%s, who was told and has not reached them", owner),
			 NULL);
	add_last(w, block, item);
	add_line(w, block, "Next", "its owner goes on hearing of it; you only if it climbs further",
		 NULL);
}

static void add_full_entry(const struct writer *w, const struct digest_entry *entry)
{
	struct block *block = add_entry(w, entry, false);

	if (entry->item->part != PART_OWN)
		write_other(w, block, entry);
	else if (entry->lane == LANE_QUESTION)
		write_question(w, block, entry);
	else
		write_own(w, block, entry);
}

/* "25 days overdue", "due today": how it stands in a list of lines. */
static const char *say_late(const struct writer *w, const struct digest_entry *entry)
{
	const char *soon = cold_soon(w, &entry->item->verdict);
	const char *late = entry->days_overdue > 0
			       ? arena_printf(w->arena, "%d day%s overdue", entry->days_overdue,
					      plural(entry->days_overdue))
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
	    call_name(w, item->facts.owner));
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
				     call_id(w, told->hearer));
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
				    say_short_day(w, entry->item->verdict.base), say_beside(entry),
				    ladder);
	if (entry->item->verdict.rule == RULE_OFF)
		return arena_printf(w->arena, "off for good since %s: still?",
				    say_short_day(w, entry->item->verdict.base));
	if (!facts->has_last)
		return arena_printf(w->arena, "%s%s%s, no contact yet%s", back, whose,
				    say_late(w, entry), ladder);
	return arena_printf(w->arena, "%s%s%s, last %s %s%s", back, whose, say_late(w, entry),
			    kind_word(facts->last.kind), say_short_day(w, facts->last.day), ladder);
}

static void add_brief_entry(const struct writer *w, const struct digest_entry *entry,
			    enum detail detail)
{
	struct block *block = add_entry(w, entry, true);

	if (detail == DETAIL_SHORT)
		block->number = 0;
	else
		block->title_rest = arena_printf(w->arena, " [%s]", block->partner);
	add_line(w, block, NULL, say_brief(w, entry), NULL);
}

/* ---- the whole ---- */

static const char *append_count(const struct writer *w, const char *list, int count,
				const char *word)
{
	if (count == 0)
		return list;
	return arena_printf(w->arena, "%s%s%d %s", list, *list != '\0' ? ", " : "", count, word);
}

/* The news in one line: the worst by its name, the others as numbers. */
static const char *lead_subject(const struct writer *w, enum lane lane, int count, const char *name)
{
	static const char *const one[LANES] = {
	    [LANE_COLD] = "%s is cold",
	    [LANE_QUESTION] = "Did the meeting with %s happen?",
	    [LANE_DUE] = "%s is due",
	    [LANE_NOT_REACHED] = "Nobody has reached %s",
	};
	static const char *const many[LANES] = {
	    [LANE_COLD] = "%s and %d more are cold",
	    [LANE_QUESTION] = "Did the meetings with %s and %d more happen?",
	    [LANE_DUE] = "%s and %d more are due",
	    [LANE_NOT_REACHED] = "Nobody has reached %s and %d more",
	};
	struct buf text = buf_make(SUBJECT_TEXT_MAX);
	const char *subject;

	if (count == 1)
		buf_addf(&text, one[lane], name);
	else
		buf_addf(&text, many[lane], name, count - 1);
	subject = arena_strdup(w->arena, buf_text(&text));
	buf_free(&text);
	return subject;
}

/* "Nothing due; 60 partners on track". What is due and was acknowledged is not kept quiet about. */
static const char *say_quiet(const struct writer *w, const char *stop)
{
	const struct portfolio *portfolio = &w->digest->portfolio;
	const int waiting = portfolio->due + portfolio->cold + portfolio->confirm;
	const char *list = append_count(w, "", portfolio->cold, "cold");

	list = append_count(w, list, portfolio->due, "due");
	list = append_count(w, list, portfolio->confirm, "to confirm");
	return arena_printf(w->arena, "Nothing %s%s%s%s%d partner%s on track",
			    waiting > 0 ? "new" : "due", stop, list,
			    waiting > 0 ? " and acknowledged, " : "", portfolio->on_track,
			    plural(portfolio->on_track));
}

static const char *subject_of(const struct writer *w)
{
	static const char *const words[LANES] = {
	    [LANE_COLD] = "cold",
	    [LANE_QUESTION] = "to confirm",
	    [LANE_DUE] = "due",
	    [LANE_NOT_REACHED] = "not reached",
	};
	static const enum lane order[LANES] = {LANE_COLD, LANE_DUE, LANE_QUESTION,
					       LANE_NOT_REACHED};
	const struct digest *digest = w->digest;
	const char *rest = "";

	if (digest->kind == DIGEST_QUIET || digest->entry_count == 0)
		return say_quiet(w, "; ");
	const struct digest_entry *first = &digest->entries[0];
	const int count = (int)digest->lane_count[first->lane];
	for (size_t i = 0; i < LANES; i++)
		if (order[i] != first->lane)
			rest = append_count(w, rest, (int)digest->lane_count[order[i]],
					    words[order[i]]);
	if (*rest != '\0' && count > 1)
		return arena_printf(w->arena, "%d %s, %s", count, words[first->lane], rest);
	const char *name = cut(w, first->item->facts.partner.name, SUBJECT_NAME_MAX);
	const char *lead = lead_subject(w, first->lane, count, name);
	return *rest != '\0' ? arena_printf(w->arena, "%s; %s", lead, rest) : lead;
}

static const char *greeting_of(const struct writer *w)
{
	const int hour = w->words->local_hour;
	const char *word = hour < 4    ? "Hello"
			   : hour < 12 ? "Good morning"
			   : hour < 18 ? "Good afternoon"
				       : "Good evening";

	return arena_printf(w->arena, "%s %s.", word, call_name(w, w->digest->hearer));
}

static void add_more(const struct writer *w, int count, enum detail detail)
{
	struct block *block = document_add(w->arena, w->document, BLOCK_MORE);
	struct line *line = block_add_line(w->arena, block, NULL);

	block->number = count;
	line_add_run(w->arena, line, RUN_PLAIN, arena_printf(w->arena, "and %d more", count));
	if (detail == DETAIL_FULL) {
		line_add_run(w->arena, line, RUN_PLAIN, ": ");
		line_add_run(w->arena, line, RUN_CODE, "cadencectl due");
	}
}

static void add_entries(const struct writer *w, enum detail detail)
{
	static const char *const headings[LANES] = {
	    [LANE_COLD] = "Cold",
	    [LANE_QUESTION] = "Did it happen?",
	    [LANE_DUE] = "Due",
	    [LANE_NOT_REACHED] = "Not reached",
	};
	const struct digest *digest = w->digest;

	for (size_t i = 0; i < digest->entry_count && i < SHOWN_ENTRIES; i++) {
		const struct digest_entry *entry = &digest->entries[i];

		if (detail == DETAIL_FULL && (i == 0 || entry->lane != entry[-1].lane))
			document_add_text(w->arena, w->document, BLOCK_LANE, headings[entry->lane]);
		if (detail == DETAIL_FULL && i < DIGEST_FULL_ENTRIES)
			add_full_entry(w, entry);
		else
			add_brief_entry(w, entry, detail);
	}
	if (digest->entry_count > SHOWN_ENTRIES)
		add_more(w, (int)digest->entry_count - SHOWN_ENTRIES, detail);
}

/* Nothing for who only stands in, or is told over somebody's head. */
static void add_portfolio(const struct writer *w)
{
	const struct portfolio *portfolio = &w->digest->portfolio;
	const char *turn = "";
	const char *counts = append_count(w, "", portfolio->on_track, "on track");

	if (portfolio->total == 0)
		return;
	counts = append_count(w, counts, portfolio->due, "due");
	counts = append_count(w, counts, portfolio->cold, "cold");
	counts = append_count(w, counts, portfolio->confirm, "to confirm");
	if (w->digest->is_turn)
		turn = arena_printf(
		    w->arena, " This is your %s list; on other days you only hear what is new.",
		    weekday_full[day_weekday(w->digest->turn_review)]);
	document_add_text(w->arena, w->document, BLOCK_FOOTNOTE,
			  arena_printf(w->arena, "Your %d partner%s: %s.%s", portfolio->total,
				       plural(portfolio->total),
				       *counts != '\0' ? counts : "none to watch now", turn));
}

static void add_not_shown(const struct writer *w)
{
	const struct portfolio *portfolio = &w->digest->portfolio;
	const char *list = "";

	if (portfolio->booked == 1 && portfolio->booked_name != NULL)
		list = arena_printf(w->arena, "1 has a meeting booked (%s, %s)",
				    cut(w, portfolio->booked_name, SUBJECT_NAME_MAX),
				    say_short_day(w, portfolio->booked_day));
	else if (portfolio->booked > 1 && portfolio->booked_name != NULL)
		list = arena_printf(w->arena, "%d have a meeting booked (next: %s, %s)",
				    portfolio->booked,
				    cut(w, portfolio->booked_name, SUBJECT_NAME_MAX),
				    say_short_day(w, portfolio->booked_day));
	list = append_count(w, list, portfolio->snoozed, "snoozed");
	list = append_count(w, list, portfolio->off, "off");
	if (*list != '\0')
		document_add_text(w->arena, w->document, BLOCK_FOOTNOTE,
				  arena_printf(w->arena, "Not shown: %s.", list));
}

static void add_command(const struct writer *w, struct block *block, const char *command)
{
	line_add_run(w->arena, block_add_line(w->arena, block, NULL), RUN_CODE, command);
}

/* The entry of a lane that is ranked first; NULL when none is shown. */
static const struct digest_entry *first_of(const struct digest *digest, enum lane lane)
{
	for (size_t i = 0; i < digest->entry_count && i < SHOWN_ENTRIES; i++)
		if (digest->entries[i].lane == lane)
			return &digest->entries[i];
	return NULL;
}

/* Another partner than the first to show snooze on, where there is one whose clock runs. */
static const char *second_id(const struct digest *digest)
{
	size_t i = digest->entry_count > 1 ? 1 : 0;

	while (i + 1 < digest->entry_count && digest->entries[i].lane == LANE_QUESTION)
		i++;
	return digest->entries[i].item->facts.partner.id;
}

static void add_question_command(const struct writer *w, struct block *block)
{
	const struct digest_entry *question = first_of(w->digest, LANE_QUESTION);

	if (question == NULL)
		return;
	const struct civil booked = day_to_civil(question->item->verdict.base);
	const char *id = question->item->facts.partner.id;
	add_command(w, block,
		    arena_printf(w->arena, "cadencectl log %s meeting %d%s", id, booked.day,
				 month_short[booked.month - 1]));
	add_command(w, block, arena_printf(w->arena, "cadencectl noshow %s", id));
}

static void add_commands(const struct writer *w)
{
	const struct digest *digest = w->digest;
	const char *first = digest->entries[0].item->facts.partner.id;
	const struct civil later = day_to_civil(digest->today + EXAMPLE_SNOOZE_DAYS);
	struct block *block = document_add(w->arena, w->document, BLOCK_COMMANDS);

	block->text = "To answer:";
	if (digest->entries[0].lane != LANE_QUESTION)
		add_command(w, block,
			    arena_printf(w->arena,
					 "cadencectl log %s call today \"talked, numbers Friday\"",
					 first));
	add_question_command(w, block);
	add_command(w, block,
		    arena_printf(w->arena, "cadencectl snooze %s %d%s back then", second_id(digest),
				 later.day, month_short[later.month - 1]));
	add_command(w, block, arena_printf(w->arena, "cadencectl why %s", first));
}

static void add_footer(const struct writer *w)
{
	const struct digest_words *words = w->words;
	struct block *block = document_add(w->arena, w->document, BLOCK_FOOTER);

	if (words->admin != NULL)
		add_line(w, block, NULL,
			 arena_printf(w->arena, "Wrong or too much? %s", words->admin), NULL);
	add_line(w, block, NULL,
		 words->host != NULL ? arena_printf(w->arena, "cadenced on host %s", words->host)
				     : "cadenced",
		 NULL);
}

static const char *say_quiet_next(const struct writer *w, const char *before)
{
	if (w->digest->next_name == NULL)
		return "";
	return arena_printf(w->arena, "%s%s, %s", before, w->digest->next_name,
			    say_coming(w, w->digest->next_due));
}

static void write_quiet_full(const struct writer *w)
{
	document_add_text(w->arena, w->document, BLOCK_GREETING, greeting_of(w));
	document_add_text(
	    w->arena, w->document, BLOCK_PARAGRAPH,
	    arena_printf(w->arena, "%s%s", say_quiet(w, ". "), say_quiet_next(w, "; next: ")));
	add_not_shown(w);
	document_add(w->arena, w->document, BLOCK_RULE);
	add_footer(w);
}

static void write_quiet_short(const struct writer *w)
{
	const char *next = say_quiet_next(w, "Next: ");

	if (*next != '\0')
		document_add_text(w->arena, w->document, BLOCK_PARAGRAPH, next);
	add_not_shown(w);
}

static void write_nudges_full(const struct writer *w)
{
	const int count = (int)w->digest->entry_count;

	document_add_text(w->arena, w->document, BLOCK_GREETING,
			  arena_printf(w->arena, "%s %d need%s you today.", greeting_of(w), count,
				       count == 1 ? "s" : ""));
	add_entries(w, DETAIL_FULL);
	document_add(w->arena, w->document, BLOCK_RULE);
	add_not_shown(w);
	add_portfolio(w);
	add_commands(w);
	add_footer(w);
}

static bool hears_by_mail(const struct owner *owner)
{
	for (size_t i = 0; i < owner->channel_count; i++)
		if (owner->channels[i]->type == CHANNEL_SMTP &&
		    owner->channels[i]->detail == DETAIL_FULL)
			return true;
	return false;
}

static void write_nudges_short(const struct writer *w)
{
	const struct portfolio *portfolio = &w->digest->portfolio;
	const char *details = "";

	add_entries(w, DETAIL_SHORT);
	if (hears_by_mail(w->digest->hearer))
		details = arena_printf(w->arena, " Details and answers: in %s's mail.",
				       call_name(w, w->digest->hearer));
	document_add_text(w->arena, w->document, BLOCK_FOOTNOTE,
			  arena_printf(w->arena, "%d of %d on track.%s", portfolio->on_track,
				       portfolio->total, details));
}

struct document *digest_document(struct arena *arena, const struct digest *digest,
				 const struct digest_words *words, enum detail detail)
{
	static void (*const writers[2][2])(const struct writer *) = {
	    {write_nudges_full, write_nudges_short},
	    {write_quiet_full, write_quiet_short},
	};
	const bool quiet = digest->kind == DIGEST_QUIET || digest->entry_count == 0;
	struct document *document =
	    document_new(arena, quiet ? DOCUMENT_QUIET : DOCUMENT_DIGEST, words->created);
	const struct writer w = {arena, document, digest, words};

	document->owner_id = arena_strdup(arena, digest->hearer->id);
	document->owner_name = arena_strdup(arena, digest->hearer->name);
	document->subject = subject_of(&w);
	if (detail == DETAIL_SHORT)
		document->subject =
		    arena_printf(arena, "%s: %s", call_name(&w, digest->hearer), document->subject);
	writers[quiet][detail == DETAIL_SHORT](&w);
	return document;
}

struct document *test_document(struct arena *arena, const char *channel, const char *host,
			       instant created)
{
	struct document *document = document_new(arena, DOCUMENT_TEST, created);

	document->subject = arena_printf(arena, "Test of channel %s", channel);
	document_add_text(
	    arena, document, BLOCK_PARAGRAPH,
	    arena_printf(arena,
			 "This is a test. Digests sent over the channel %s will arrive here.",
			 channel));
	document_add_text(arena, document, BLOCK_FOOTNOTE,
			  host != NULL ? arena_printf(arena, "cadenced on host %s", host)
				       : "cadenced");
	return document;
}
