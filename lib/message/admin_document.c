/* Words for the administrator. What is news was decided in lib/engine; this file only says it. */
#include "message/admin_document.h"

#include <inttypes.h>

#define AGE_IN_HOURS_MS (2 * HOUR_MS) /* from then on minutes do not matter */
#define AGE_IN_DAYS_MS	(2 * DAY_MS)

static const char *say_age(struct arena *arena, int64_t age)
{
	if (age >= AGE_IN_DAYS_MS)
		return arena_printf(arena, "%" PRId64 " days old", age / DAY_MS);
	if (age >= AGE_IN_HOURS_MS)
		return arena_printf(arena, "%" PRId64 " hours old", age / HOUR_MS);
	return arena_printf(arena, "%" PRId64 " min old", age / MINUTE_MS);
}

static const char *say_count(struct arena *arena, int64_t count)
{
	return count == 1 ? "a delivery is dead"
			  : arena_printf(arena, "%" PRId64 " deliveries are dead", count);
}

/* The worst first: what dies is tried no more, but the next digest says it again. */
static const char *say_subject(struct arena *arena, const struct admin_news *news)
{
	if (news->blocked_count == 1 && !news->blocked[0].recipient)
		return arena_printf(arena, "channel %s is blocked", news->blocked[0].channel);
	if (news->blocked_count == 1)
		return arena_printf(arena, "nothing reaches %s", news->blocked[0].recipient);
	if (news->blocked_count > 1)
		return arena_printf(arena, "%zu channels or addresses are blocked",
				    news->blocked_count);
	if (news->dead_total > 0)
		return say_count(arena, news->dead_total);
	if (news->unheard_total == 1)
		return arena_printf(arena, "nobody hears of %s", news->unheard[0].partner);
	return arena_printf(arena, "nobody hears of %" PRId64 " partners", news->unheard_total);
}

static struct block *add_entry(struct arena *arena, struct document *document, const char *id,
			       const char *title, const char *rest)
{
	struct block *entry = document_add(arena, document, BLOCK_ENTRY);

	entry->mark = MARK_COLD;
	entry->partner = id;
	entry->title = title;
	entry->title_rest = rest;
	return entry;
}

static void add_delivery(struct arena *arena, struct document *document,
			 const struct admin_delivery *d)
{
	const char *id = arena_printf(arena, "%" PRId64, d->id);
	const char *whose = d->owner ? arena_printf(arena, " of %s", d->owner) : "";
	const char *to = d->recipient ? arena_printf(arena, "%s, by ", d->recipient) : "";
	struct block *entry =
	    add_entry(arena, document, id, arena_printf(arena, "Delivery %s", id),
		      arena_printf(arena, ": %s%s, %s", d->kind, whose, say_age(arena, d->age_ms)));

	line_add_run(arena, block_add_line(arena, entry, "To"), RUN_PLAIN,
		     arena_printf(arena, "%schannel %s", to, d->channel));
	line_add_run(arena, block_add_line(arena, entry, "Reason"), RUN_PLAIN,
		     d->reason ? d->reason : "none was given");
}

static void add_more(struct arena *arena, struct document *document, int64_t more)
{
	struct block *block;

	if (more <= 0)
		return;
	block = document_add(arena, document, BLOCK_MORE);
	block->number = (int)more;
	line_add_run(arena, block_add_line(arena, block, NULL), RUN_PLAIN,
		     arena_printf(arena, "and %" PRId64 " more", more));
}

static void add_block(struct arena *arena, struct document *document,
		      const struct admin_block *block)
{
	const char *id = arena_strdup(arena, block->channel);
	const char *title = block->recipient
				? arena_printf(arena, "%s over %s", block->recipient, id)
				: arena_printf(arena, "Channel %s", id);
	const char *kept =
	    arena_printf(arena, "%" PRId64 " %s kept, to be sent when it works", block->waiting,
			 block->waiting == 1 ? "message is" : "messages are");
	struct block *entry =
	    add_entry(arena, document, id, title,
		      arena_printf(arena, ": blocked, %s", say_age(arena, block->age_ms)));

	line_add_run(arena, block_add_line(arena, entry, "Reason"), RUN_PLAIN,
		     arena_strdup(arena, block->reason));
	line_add_run(arena, block_add_line(arena, entry, "Waiting"), RUN_PLAIN, kept);
}

static void add_blocks(struct arena *arena, struct document *document,
		       const struct admin_news *news)
{
	if (news->blocked_count == 0)
		return;
	document_add_text(arena, document, BLOCK_PARAGRAPH,
			  "Nothing is sent there until somebody acts, and nothing is lost.");
	for (size_t i = 0; i < news->blocked_count; i++)
		add_block(arena, document, &news->blocked[i]);
}

static void add_deliveries(struct arena *arena, struct document *document,
			   const struct admin_news *news)
{
	if (news->dead_count == 0)
		return;
	document_add_text(
	    arena, document, BLOCK_PARAGRAPH,
	    "Refused for good, or tried for too long, since the last mail like this. What a dead "
	    "digest was to say stands in the next one to its owner.");
	for (size_t i = 0; i < news->dead_count; i++)
		add_delivery(arena, document, &news->dead[i]);
	add_more(arena, document, news->dead_total - (int64_t)news->dead_count);
}

static void add_unheard(struct arena *arena, struct document *document,
			const struct admin_news *news)
{
	if (news->unheard_count == 0)
		return;
	if (news->dead_count + news->blocked_count == 0)
		document_add_text(arena, document, BLOCK_PARAGRAPH,
				  "What is due of these partners is told to nobody, until they get "
				  "an owner.");
	document_add_text(arena, document, BLOCK_LANE, "Nobody hears of");
	for (size_t i = 0; i < news->unheard_count; i++)
		(void)add_entry(arena, document, arena_strdup(arena, news->unheard[i].partner),
				arena_strdup(arena, news->unheard[i].partner),
				arena_printf(arena,
					     ": its owner %s is not configured, and nobody "
					     "stands in",
					     news->unheard[i].owner));
	add_more(arena, document, news->unheard_total - (int64_t)news->unheard_count);
}

static void add_command(struct arena *arena, struct block *block, const char *command)
{
	line_add_run(arena, block_add_line(arena, block, NULL), RUN_CODE, command);
}

static void add_outbox_commands(struct arena *arena, struct block *block, int64_t first)
{
	add_command(arena, block, "cadencectl outbox");
	add_command(arena, block, arena_printf(arena, "cadencectl outbox retry %" PRId64, first));
	add_command(arena, block, arena_printf(arena, "cadencectl outbox drop %" PRId64, first));
}

static void add_commands(struct arena *arena, struct document *document,
			 const struct admin_news *news)
{
	struct block *block = document_add(arena, document, BLOCK_COMMANDS);

	block->text = news->dead_count > 0	? "To see all, to try again, to give up:"
		      : news->blocked_count > 0 ? "To see all; when it is mended:"
						: "To see all, to give it an owner:";
	if (news->dead_count > 0)
		add_outbox_commands(arena, block, news->dead[0].id);
	else
		add_command(arena, block, "cadencectl status");
	if (news->blocked_count > 0) {
		add_command(arena, block,
			    arena_printf(arena, "cadencectl test %s", news->blocked[0].channel));
		add_command(arena, block, "cadencectl outbox retry");
	}
	if (news->unheard_count > 0)
		add_command(arena, block,
			    arena_printf(arena, "cadencectl partner move %s OWNER",
					 news->unheard[0].partner));
}

struct document *admin_document(struct arena *arena, const struct admin_news *news)
{
	struct document *document = document_new(arena, DOCUMENT_ADMIN, news->created);

	document->subject = arena_printf(arena, "cadenced: %s", say_subject(arena, news));
	add_blocks(arena, document, news);
	add_deliveries(arena, document, news);
	add_unheard(arena, document, news);
	(void)document_add(arena, document, BLOCK_RULE);
	add_commands(arena, document, news);
	document_add_text(arena, document, BLOCK_FOOTNOTE,
			  arena_printf(arena, "There is at most one such mail a day.%s%s",
				       news->host ? " cadenced on host " : "",
				       news->host ? news->host : ""));
	return document;
}
