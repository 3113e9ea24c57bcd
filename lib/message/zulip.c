/* The Zulip message. Its Markdown knows no backslash, so names are written with look-alikes, and
 * @**all** and #**stream** are broken by an invisible space (message/escape.h). */
#include "message/zulip.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "message/link.h"

#define TOPIC_NONE "cadenced"

static const struct dialect markdown = {
    .unit = UNIT_CODE_POINTS,
    .escape = escape_shapes,
    .escape_code = escape_code,
    .heading = {"**", "**"},
    .lane = {"**", "**"},
    .strong = {"**", "**"},
    .code = {"`", "`"},
    .quote = CHAT_QUOTE,
    .small = {"*", "*"},
    .link = CHAT_LINK_MARKDOWN,
    .line = "\n",
    .gap = "\n\n",
    .marks = CHAT_MARKS,
};

static void add_field(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, "&%s=", name);
	link_add_encoded(out, value);
}

/* A topic is no markup; it only has to be one line, and short enough. */
static void add_topic(struct buf *out, const char *topic)
{
	const struct dialect plain = chat_plain(UNIT_CODE_POINTS, escape_none);
	const bool fits = text_code_points(topic) <= ZULIP_TOPIC_MAX;
	char *cut = fits ? mem_strdup(topic) : chat_line(&plain, topic, ZULIP_TOPIC_MAX);

	add_field(out, "topic", cut);
	free(cut);
}

void zulip_render(const struct document *document, const struct chat_options *options,
		  struct buf *out)
{
	const struct dialect plain = chat_plain(UNIT_CODE_POINTS, escape_shapes);
	char *content =
	    chat_text(document, options->plain ? &plain : &markdown, ZULIP_CONTENT_MAX, true);

	buf_adds(out, "type=stream");
	add_field(out, "to", options->room != NULL ? options->room : "");
	add_topic(out, options->topic != NULL ? options->topic : TOPIC_NONE);
	add_field(out, "content", content);
	free(content);
}
