/* The Mattermost message. A hook cannot switch off @channel, so every @ that might begin a mention
 * is followed by an invisible space (message/escape.h). */
#include "message/mattermost.h"

#include <stdlib.h>

#include "message/json.h"

static const struct dialect markdown = {
    .unit = UNIT_CODE_POINTS,
    .escape = escape_backslash,
    .escape_code = escape_code,
    .heading = {"#### ", ""},
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

void mattermost_render(const struct document *document, const struct chat_options *options,
		       struct buf *out)
{
	const struct dialect plain = chat_plain(UNIT_CODE_POINTS, escape_backslash);
	json_t *body = json_object();
	char *text =
	    chat_text(document, options->plain ? &plain : &markdown, MATTERMOST_TEXT_MAX, true);

	json_set_text(body, "text", text);
	free(text);
	json_write(body, out);
	json_decref(body);
}
