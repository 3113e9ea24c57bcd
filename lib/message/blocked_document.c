/* Words for whoever hears of a blocked channel over its fallback. */
#include "message/blocked_document.h"

#include <inttypes.h>

static const char *say_since(struct arena *arena, const struct blocked_news *news)
{
	const struct local at = zone_local(news->zone, news->since);
	char text[DAY_TEXT_SIZE];

	return arena_printf(arena, "%s at %02d:%02d (%s)",
			    day_say(at.day, zone_day(news->zone, news->created), text),
			    at.second / 3600, at.second / 60 % 60, zone_name(news->zone));
}

static const char *say_kept(struct arena *arena, int64_t waiting)
{
	return waiting == 1 ? "One message is kept and goes"
			    : arena_printf(arena, "%" PRId64 " messages are kept and go", waiting);
}

static void add_command(struct arena *arena, struct block *block, const char *command)
{
	line_add_run(arena, block_add_line(arena, block, NULL), RUN_CODE, command);
}

struct document *blocked_document(struct arena *arena, const struct blocked_news *news)
{
	struct document *document = document_new(arena, DOCUMENT_ADMIN, news->created);
	const char *what = news->recipient
			       ? arena_printf(arena, "%s over %s", news->recipient, news->channel)
			       : arena_printf(arena, "channel %s", news->channel);
	struct block *commands;

	document->subject = arena_printf(arena, "cadenced: nothing reaches %s", what);
	document_add_text(arena, document, BLOCK_PARAGRAPH,
			  arena_printf(arena, "What should reach %s is refused since %s: %s.", what,
				       say_since(arena, news), news->reason));
	document_add_text(arena, document, BLOCK_PARAGRAPH,
			  arena_printf(arena,
				       "%s out when it works again. Whoever looks after cadenced%s"
				       "%s should mend it; then:",
				       say_kept(arena, news->waiting),
				       news->host ? " on host " : "",
				       news->host ? news->host : ""));
	commands = document_add(arena, document, BLOCK_COMMANDS);
	add_command(arena, commands, arena_printf(arena, "cadencectl test %s", news->channel));
	add_command(arena, commands, "cadencectl outbox retry");
	document_add_text(arena, document, BLOCK_FOOTNOTE,
			  "Until then \"cadencectl due\" says what there is to hear.");
	return document;
}
