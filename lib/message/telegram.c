/* The Telegram message, in its HTML: MarkdownV2 wants 18 characters escaped and refuses the message
 * when one is not. */
#include "message/telegram.h"

#include <stdlib.h>

#include "base/text.h"
#include "message/json.h"

static const struct dialect html = {
    .unit = UNIT_UTF16,
    .escape = escape_entities,
    .escape_code = escape_entities,
    .heading = {"<b>", "</b>"},
    .lane = {"<b>", "</b>"},
    .strong = {"<b>", "</b>"},
    .code = {"<code>", "</code>"},
    .quote = CHAT_QUOTE,
    .small = {"<i>", "</i>"},
    .link = CHAT_LINK_HTML,
    .url_entities = true,
    .line = "\n",
    .gap = "\n\n",
    .marks = CHAT_MARKS,
};

/* A group's number is negative. */
static json_t *chat_id(const char *room)
{
	const bool negative = room[0] == '-';
	int64_t number;

	if (!text_parse_number(room + negative, &number))
		return json_text(room);
	return json_integer(negative ? -number : number);
}

void telegram_render(const struct document *document, const struct chat_options *options,
		     struct buf *out)
{
	const struct dialect plain = chat_plain(UNIT_UTF16, escape_none);
	json_t *body = json_object();
	json_t *preview = json_object();
	char *text = chat_text(document, options->plain ? &plain : &html, TELEGRAM_TEXT_MAX, true);

	(void)json_object_set_new(body, "chat_id",
				  chat_id(options->room != NULL ? options->room : ""));
	json_set_text(body, "text", text);
	free(text);
	if (!options->plain)
		json_set_text(body, "parse_mode", "HTML");
	(void)json_object_set_new(preview, "is_disabled", json_true());
	(void)json_object_set_new(body, "link_preview_options", preview);
	json_write(body, out);
	json_decref(body);
}
