/* Words for whoever answers by mail. */
#include "message/reply_document.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "message/digest_entry.h"
#include "message/wording.h"

#define SUBJECT_MAX 200 /* code points */
#define SAID_MAX    120 /* code points of a line that is repeated */
#define LINES_SHOWN 50	/* of each kind; of the rest only the number is said */

/* ---- where a partner stands ---- */

static const char *say_held(const struct writer *w, const struct facts *facts,
			    const struct verdict *verdict)
{
	static const enum answer_kind kinds[] = {
	    [HOLD_OFF] = ANSWER_OFF, [HOLD_SNOOZED] = ANSWER_SNOOZE, [HOLD_BOOKED] = ANSWER_PLAN};
	const struct answer *answer = &facts->answers[kinds[verdict->hold]];

	if (answer->until == DAY_NEVER)
		return hold_name(verdict->hold);
	return arena_printf(w->arena, "%s, until %s", hold_name(verdict->hold),
			    word_coming_day(w, answer->until));
}

static const char *say_rule(const struct writer *w, const struct facts *facts,
			    const struct verdict *verdict)
{
	const char *meeting = verdict->rule == RULE_MEETING ? "Meeting: " : "";

	if (verdict->hold != HOLD_NONE)
		return arena_printf(w->arena, "%s%s", meeting, say_held(w, facts, verdict));
	if (verdict->due_day <= w->digest->today)
		return arena_printf(w->arena, "%s%s since %s", meeting, state_name(verdict->state),
				    word_day(w, verdict->due_day));
	return arena_printf(w->arena, "%s%s; due on %s", meeting, state_name(verdict->state),
			    word_coming_day(w, verdict->due_day));
}

static void add_last(const struct writer *w, struct block *block, const struct facts *facts)
{
	const struct contact *last = &facts->last;
	const char *person = "";

	if (!facts->has_last) {
		word_line(w, block, NULL, "No contact recorded yet", NULL);
		return;
	}
	if (last->person)
		person = arena_printf(w->arena, " with %s", last->person);
	word_line(w, block, "Last",
		  arena_printf(w->arena, "%s%s, %s", contact_kind_name(last->kind), person,
			       word_day(w, last->day)),
		  word_quote(w, last->note));
}

/* Nothing of it is due: what a digest would not say. */
static void add_standing(const struct writer *w, const struct facts *facts)
{
	struct block *block = document_add(w->arena, w->document, BLOCK_ENTRY);
	struct verdict verdicts[RULES];
	const size_t count = judge_partner(facts, w->digest->today, verdicts);

	block->mark = MARK_HINT;
	block->partner = arena_strdup(w->arena, facts->partner.id);
	block->title = arena_strdup(w->arena, facts->partner.name);
	block->title_rest = arena_printf(w->arena, " [%s]", facts->partner.id);
	for (size_t i = 0; i < count; i++)
		word_line(w, block, NULL, say_rule(w, facts, &verdicts[i]), NULL);
	add_last(w, block, facts);
}

static void add_why(const struct writer *w, const struct reply_line *line)
{
	if (line->entry) {
		struct digest_entry entry = *line->entry;

		/* It is no list whose numbers could be answered. */
		entry.number = 0;
		entry_add_full(w, &entry);
	} else {
		add_standing(w, line->facts);
	}
}

/* ---- what can be written ---- */

static void add_help(const struct writer *w)
{
	static const char *const commands[] = {
	    "1 call today talked to them, numbers Friday",
	    "1 meeting yesterday",
	    "2 yes",
	    "2 no",
	    "2 moved 4 dec",
	    "3 snooze 7 dec CFO back then",
	    "4 ack",
	    "5 off",
	    "why 1",
	    "away until 4 dec",
	    "help",
	};
	struct block *block = document_add(w->arena, w->document, BLOCK_COMMANDS);

	block->text = "Write for example:";
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		line_add_run(w->arena, block_add_line(w->arena, block, NULL), RUN_CODE,
			     commands[i]);
	document_add_text(
	    w->arena, w->document, BLOCK_PARAGRAPH,
	    "One line each, above the quoted mail. A number is that of the mail which is answered; "
	    "the id or the name of a partner does as well. Contacts are a call, meeting, email, "
	    "message, event or other; days are today, yesterday, monday, 7 dec or 2026-12-07.");
}

/* ---- the mail ---- */

static size_t count_of(const struct reply_news *news, enum reply_result result)
{
	size_t count = 0;

	for (size_t i = 0; i < news->line_count; i++)
		count += news->lines[i].result == result;
	return count;
}

static void add_line(const struct writer *w, const struct reply_line *line)
{
	struct block *block = document_add(w->arena, w->document, BLOCK_ENTRY);
	const char *said = word_cut(w, line->said, SAID_MAX);

	block->mark = line->result == REPLY_LINE_DONE ? MARK_HINT : MARK_QUESTION;
	block->partner = arena_strdup(w->arena, said);
	block->title = arena_strdup(w->arena, said);
	word_line(w, block, NULL, line->text, NULL);
}

static void add_lines(const struct writer *w, const struct reply_news *news,
		      enum reply_result result, const char *heading)
{
	const size_t count = count_of(news, result);
	size_t shown = 0;

	if (count == 0)
		return;
	document_add_text(w->arena, w->document, BLOCK_LANE, heading);
	for (size_t i = 0; i < news->line_count && shown < LINES_SHOWN; i++) {
		if (news->lines[i].result != result)
			continue;
		if (result == REPLY_LINE_WHY)
			add_why(w, &news->lines[i]);
		else
			add_line(w, &news->lines[i]);
		shown++;
	}
	if (count > shown)
		document_add_text(w->arena, w->document, BLOCK_PARAGRAPH,
				  arena_printf(w->arena, "and %zu more", count - shown));
}

static const char *subject_of(const struct writer *w, const char *subject)
{
	if (!subject || !*subject)
		return "Your answer";
	subject = word_cut(w, subject, SUBJECT_MAX);
	return strncasecmp(subject, "re:", 3) == 0 ? subject
						   : arena_printf(w->arena, "Re: %s", subject);
}

static void add_greeting(const struct writer *w, const struct reply_news *news)
{
	const size_t not_done = count_of(news, REPLY_LINE_NOT);
	const char *name =
	    news->hearer ? arena_printf(w->arena, "Hello %s. ", word_name(w, news->hearer)) : "";
	const char *what =
	    news->empty	    ? "No new text was found in your answer, and nothing was done."
	    : not_done == 0 ? "Here is what you asked for."
	    : not_done == 1 ? "One line could not be done."
			    : arena_printf(w->arena, "%zu lines could not be done.", not_done);

	document_add_text(w->arena, w->document, BLOCK_GREETING,
			  arena_printf(w->arena, "%s%s", name, what));
	if (news->cut)
		document_add_text(w->arena, w->document, BLOCK_PARAGRAPH,
				  "Your answer is long, and not all of its lines were read.");
}

static void add_footer(const struct writer *w, const char *host)
{
	(void)document_add(w->arena, w->document, BLOCK_RULE);
	document_add_text(
	    w->arena, w->document, BLOCK_FOOTNOTE,
	    "To say more, reply to this mail; the numbers are those of the first one.");
	document_add_text(w->arena, w->document, BLOCK_FOOTNOTE,
			  host ? arena_printf(w->arena, "cadenced on host %s", host) : "cadenced");
}

struct document *reply_document(struct arena *arena, const struct reply_news *news)
{
	struct document *document = document_new(arena, DOCUMENT_REPLY, news->created);
	const struct digest digest = {
	    .hearer = news->hearer, .history = news->history, .today = news->today};
	const struct digest_words words = {
	    .roster = news->roster, .host = news->host, .created = news->created};
	const struct writer w = {arena, document, &digest, &words};

	document->subject = subject_of(&w, news->subject);
	document->in_reply_to = arena_strdup(arena, news->in_reply_to);
	document->reply_to = arena_strdup(arena, news->reply_to);
	add_greeting(&w, news);
	add_lines(&w, news, REPLY_LINE_NOT, "Not done");
	add_lines(&w, news, REPLY_LINE_WHY, "As you asked");
	add_lines(&w, news, REPLY_LINE_DONE, "Done");
	if (news->empty || count_of(news, REPLY_LINE_HELP) > 0)
		add_help(&w);
	add_footer(&w, news->host);
	return document;
}

/* ---- a test ---- */

struct document *reply_test_document(struct arena *arena, const char *reply_to, const char *host,
				     instant created)
{
	struct document *document = document_new(arena, DOCUMENT_TEST, created);
	const char *const commands[] = {"1 call today talked, numbers Friday", "why 1", "help"};
	struct block *block;

	document->subject = "Test of replies: Example AG is due";
	document->reply_to = arena_strdup(arena, reply_to);
	document_add_text(arena, document, BLOCK_PARAGRAPH,
			  "This is a test. Reply to it, and cadenced says what it has understood; "
			  "nothing is changed.");
	document_add_text(arena, document, BLOCK_LANE, "Due");
	block = document_add(arena, document, BLOCK_ENTRY);
	block->number = 1;
	block->mark = MARK_DUE;
	block->partner = "example";
	block->title = "Example AG";
	block->title_rest = ", every 4 weeks [example]";
	line_add_run(arena, block_add_line(arena, block, NULL), RUN_PLAIN, "Due today");
	(void)document_add(arena, document, BLOCK_RULE);
	block = document_add(arena, document, BLOCK_COMMANDS);
	block->text = "Answer by replying, one line each:";
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		line_add_run(arena, block_add_line(arena, block, NULL), RUN_CODE, commands[i]);
	document_add_text(arena, document, BLOCK_FOOTNOTE,
			  host ? arena_printf(arena, "cadenced on host %s", host) : "cadenced");
	return document;
}
