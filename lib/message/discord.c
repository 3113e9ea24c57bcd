/* The Discord message.
 *
 * A webhook that says nothing about mentions pings whoever it names, so allowed_mentions is always
 * there, and empty. */
#include "message/discord.h"

#include <stdlib.h>

#include "message/json.h"

static const struct dialect markdown = {
    .unit = UNIT_UTF16,
    .escape = escape_backslash,
    .escape_code = escape_code,
    .heading = {"", ""},
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

/* The colour of the embed's edge says again what the words say. */
static int colour_of(const struct document *document)
{
	static const int colours[MARKS + 1] = {
	    [MARK_COLD] = 0xc0392b,	/* red */
	    [MARK_DUE] = 0xe67e22,	/* orange */
	    [MARK_QUESTION] = 0x7f8c8d, /* grey */
	    [MARK_HINT] = 0xf1c40f,	/* yellow */
	    [MARKS] = 0x27ae60,		/* green */
	};

	return colours[chat_worst(document)];
}

static void set_embed(json_t *body, const struct document *document)
{
	char *text = chat_text(document, &markdown, DISCORD_DESCRIPTION_MAX, false);
	json_t *embed, *embeds;

	if (*text != '\0') {
		embed = json_object();
		embeds = json_array();
		json_set_text(embed, "description", text);
		(void)json_object_set_new(embed, "color", json_integer(colour_of(document)));
		(void)json_array_append_new(embeds, embed);
		(void)json_object_set_new(body, "embeds", embeds);
	}
	free(text);
}

void discord_render(const struct document *document, const struct chat_options *options,
		    struct buf *out)
{
	const struct dialect plain = chat_plain(UNIT_UTF16, escape_backslash);
	json_t *body = json_object();
	json_t *mentions = json_object();
	char *content = options->plain
			    ? chat_text(document, &plain, DISCORD_CONTENT_MAX, true)
			    : chat_line(&markdown, chat_subject(document), DISCORD_CONTENT_MAX);

	json_set_text(body, "content", content);
	free(content);
	(void)json_object_set_new(mentions, "parse", json_array());
	(void)json_object_set_new(body, "allowed_mentions", mentions);
	if (!options->plain)
		set_embed(body, document);
	json_write(body, out);
	json_decref(body);
}
