/* The digest as a whole: the subject is the news, then the lanes, what is not shown, and how to
 * answer.
 *
 * Written for a reader who has half a minute. Days are said as people say them, never counted from
 * an epoch. */
#include "message/digest_document.h"

#include <string.h>

#include "base/buf.h"
#include "core/hint.h"
#include "message/digest_entry.h"

#define SUBJECT_NAME_MAX    60	 /* code points of a partner's name in the subject */
#define SUBJECT_TEXT_MAX    1024 /* bytes */
#define EXAMPLE_SNOOZE_DAYS 14
#define EXAMPLE_PLAN_DAYS   7
#define SHOWN_ENTRIES	    (DIGEST_FULL_ENTRIES + DIGEST_BRIEF_ENTRIES)

_Static_assert(HINT_ROOM == SHOWN_ENTRIES, "a hint that is told is seen");

static const char *const weekday_full[] = {
    [MONDAY] = "Monday",     [TUESDAY] = "Tuesday", [WEDNESDAY] = "Wednesday",
    [THURSDAY] = "Thursday", [FRIDAY] = "Friday",   [SATURDAY] = "Saturday",
    [SUNDAY] = "Sunday",
};
static const char *const month_short[] = {"jan", "feb", "mar", "apr", "may", "jun",
					  "jul", "aug", "sep", "oct", "nov", "dec"};

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
	    [LANE_HINT] = "Early hint: %s has been quiet for longer than usual",
	    [LANE_NOT_REACHED] = "Nobody has reached %s",
	};
	static const char *const many[LANES] = {
	    [LANE_COLD] = "%s and %d more are cold",
	    [LANE_QUESTION] = "Did the meetings with %s and %d more happen?",
	    [LANE_DUE] = "%s and %d more are due",
	    [LANE_HINT] = "Early hint: %s and %d more have been quiet for longer than usual",
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
			    word_plural(portfolio->on_track));
}

static const char *subject_of(const struct writer *w)
{
	static const char *const words[LANES] = {
	    [LANE_COLD] = "cold",	[LANE_QUESTION] = "to confirm",	    [LANE_DUE] = "due",
	    [LANE_HINT] = "early hint", [LANE_NOT_REACHED] = "not reached",
	};
	static const enum lane order[LANES] = {LANE_COLD, LANE_DUE, LANE_QUESTION, LANE_HINT,
					       LANE_NOT_REACHED};
	const struct digest *digest = w->digest;
	const char *rest = "";

	if (digest->kind == DIGEST_QUIET || digest->entry_count == 0)
		return say_quiet(w, "; ");
	const struct digest_entry *first = &digest->entries[0];
	const int count = (int)digest->lane_count[first->lane];
	for (size_t i = 0; i < LANES; i++)
		if (order[i] != first->lane)
			rest =
			    append_count(w, rest, (int)digest->lane_count[order[i]],
					 order[i] == LANE_HINT && digest->lane_count[LANE_HINT] > 1
					     ? "early hints"
					     : words[order[i]]);
	if (*rest != '\0' && count > 1)
		return arena_printf(w->arena, "%d %s, %s", count, words[first->lane], rest);
	const char *name = word_cut(w, first->item->facts.partner.name, SUBJECT_NAME_MAX);
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

	return arena_printf(w->arena, "%s %s.", word, word_name(w, w->digest->hearer));
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
	    [LANE_HINT] = "Early hint (nothing is overdue)",
	    [LANE_NOT_REACHED] = "Not reached",
	};
	const struct digest *digest = w->digest;

	for (size_t i = 0; i < digest->entry_count && i < SHOWN_ENTRIES; i++) {
		const struct digest_entry *entry = &digest->entries[i];

		if (detail == DETAIL_FULL && (i == 0 || entry->lane != entry[-1].lane))
			document_add_text(w->arena, w->document, BLOCK_LANE, headings[entry->lane]);
		if (detail == DETAIL_FULL && i < DIGEST_FULL_ENTRIES)
			entry_add_full(w, entry);
		else
			entry_add_brief(w, entry, detail);
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
				       word_plural(portfolio->total),
				       *counts != '\0' ? counts : "none to watch now", turn));
}

static void add_not_shown(const struct writer *w)
{
	const struct portfolio *portfolio = &w->digest->portfolio;
	const char *list = "";

	if (portfolio->booked == 1 && portfolio->booked_name != NULL)
		list = arena_printf(w->arena, "1 has a meeting booked (%s, %s)",
				    word_cut(w, portfolio->booked_name, SUBJECT_NAME_MAX),
				    word_short_day(w, portfolio->booked_day));
	else if (portfolio->booked > 1 && portfolio->booked_name != NULL)
		list = arena_printf(w->arena, "%d have a meeting booked (next: %s, %s)",
				    portfolio->booked,
				    word_cut(w, portfolio->booked_name, SUBJECT_NAME_MAX),
				    word_short_day(w, portfolio->booked_day));
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
static const struct digest_entry *second(const struct digest *digest)
{
	size_t i = digest->entry_count > 1 ? 1 : 0;

	while (i + 1 < digest->entry_count && digest->entries[i].lane == LANE_QUESTION)
		i++;
	return &digest->entries[i];
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

/* An answer that ends what the entry says: only a meeting ends the silence of rule meeting. */
static void add_contact_command(const struct writer *w, struct block *block,
				const struct digest_item *item)
{
	const char *id = item->facts.partner.id;
	const struct civil later = day_to_civil(w->digest->today + EXAMPLE_PLAN_DAYS);

	if (item->verdict.rule != RULE_MEETING) {
		add_command(w, block,
			    arena_printf(w->arena,
					 "cadencectl log %s call today \"talked, numbers Friday\"",
					 id));
		return;
	}
	add_command(w, block, arena_printf(w->arena, "cadencectl log %s meeting today", id));
	add_command(w, block,
		    arena_printf(w->arena, "cadencectl plan %s %d%s", id, later.day,
				 month_short[later.month - 1]));
}

/* An answer by mail that ends what the entry says. */
static void add_contact_reply(const struct writer *w, struct block *block,
			      const struct digest_entry *entry)
{
	const struct civil later = day_to_civil(w->digest->today + EXAMPLE_PLAN_DAYS);

	if (entry->item->verdict.rule != RULE_MEETING) {
		add_command(
		    w, block,
		    arena_printf(w->arena, "%d call today talked, numbers Friday", entry->number));
		return;
	}
	add_command(w, block, arena_printf(w->arena, "%d meeting today", entry->number));
	add_command(w, block,
		    arena_printf(w->arena, "%d moved %d %s", entry->number, later.day,
				 month_short[later.month - 1]));
}

/* The same as commands, in the words of a reply. */
static void add_replies(const struct writer *w)
{
	const struct digest *digest = w->digest;
	const struct digest_entry *first = &digest->entries[0];
	const struct digest_entry *question = first_of(digest, LANE_QUESTION);
	const struct civil later = day_to_civil(digest->today + EXAMPLE_SNOOZE_DAYS);
	const char *until =
	    arena_printf(w->arena, "%d %s", later.day, month_short[later.month - 1]);
	struct block *block = document_add(w->arena, w->document, BLOCK_COMMANDS);

	block->text = "Answer by replying, one line each:";
	if (first->lane != LANE_QUESTION)
		add_contact_reply(w, block, first);
	if (question != NULL) {
		add_command(w, block, arena_printf(w->arena, "%d yes", question->number));
		add_command(w, block, arena_printf(w->arena, "%d no", question->number));
	}
	add_command(
	    w, block,
	    arena_printf(w->arena, "%d snooze %s back then", second(digest)->number, until));
	add_command(w, block, arena_printf(w->arena, "why %d", first->number));
	add_command(w, block, arena_printf(w->arena, "away until %s", until));
	add_command(w, block, "help");
}

static void add_commands(const struct writer *w)
{
	const struct digest *digest = w->digest;
	const char *first = digest->entries[0].item->facts.partner.id;
	const struct civil later = day_to_civil(digest->today + EXAMPLE_SNOOZE_DAYS);
	struct block *block = document_add(w->arena, w->document, BLOCK_COMMANDS);

	block->text = "To answer:";
	if (digest->entries[0].lane != LANE_QUESTION)
		add_contact_command(w, block, digest->entries[0].item);
	add_question_command(w, block);
	add_command(w, block,
		    arena_printf(w->arena, "cadencectl snooze %s %d%s back then",
				 second(digest)->item->facts.partner.id, later.day,
				 month_short[later.month - 1]));
	add_command(w, block, arena_printf(w->arena, "cadencectl why %s", first));
}

static void add_footer(const struct writer *w)
{
	const struct digest_words *words = w->words;
	struct block *block = document_add(w->arena, w->document, BLOCK_FOOTER);

	if (words->admin != NULL)
		word_line(w, block, NULL,
			  arena_printf(w->arena, "Wrong or too much? %s", words->admin), NULL);
	word_line(w, block, NULL,
		  words->host != NULL ? arena_printf(w->arena, "cadenced on host %s", words->host)
				      : "cadenced",
		  NULL);
}

static const char *say_quiet_next(const struct writer *w, const char *before)
{
	if (w->digest->next_name == NULL)
		return "";
	return arena_printf(w->arena, "%s%s, %s", before, w->digest->next_name,
			    word_coming_day(w, w->digest->next_due));
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

/* "4 need you today, 1 is an early hint." */
static const char *say_needs(const struct writer *w)
{
	const int hints = (int)w->digest->lane_count[LANE_HINT];
	const int needs = (int)w->digest->entry_count - hints;
	const char *needed =
	    needs > 0 ? arena_printf(w->arena, "%d need%s you today", needs, needs == 1 ? "s" : "")
		      : "Nothing is due";

	if (hints == 0)
		return arena_printf(w->arena, "%s.", needed);
	return arena_printf(w->arena, "%s, %d %s.", needed, hints,
			    hints == 1 ? "is an early hint" : "are early hints");
}

static void write_nudges_full(const struct writer *w)
{
	document_add_text(w->arena, w->document, BLOCK_GREETING,
			  arena_printf(w->arena, "%s %s", greeting_of(w), say_needs(w)));
	add_entries(w, DETAIL_FULL);
	document_add(w->arena, w->document, BLOCK_RULE);
	add_not_shown(w);
	add_portfolio(w);
	if (w->words->reply_to != NULL)
		add_replies(w);
	else
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
				       word_name(w, w->digest->hearer));
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
	document->reply_to = arena_strdup(arena, words->reply_to);
	document->subject = subject_of(&w);
	if (detail == DETAIL_SHORT)
		document->subject =
		    arena_printf(arena, "%s: %s", word_name(&w, digest->hearer), document->subject);
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
