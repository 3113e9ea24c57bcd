/* The Teams message.
 *
 * A TextBlock is read by two different programs, each with a Markdown of its own, so names are
 * written with look-alikes (message/escape.h), and each line is a TextBlock, because they disagree
 * on line ends too. "@name" means nothing without an entity, and there is none. */
#include "message/teams.h"

#include <stdlib.h>
#include <string.h>

#include "message/json.h"

#define CARD_TYPE     "application/vnd.microsoft.card.adaptive"
#define CARD_SCHEMA   "http://adaptivecards.io/schemas/adaptive-card.json"
#define CARD_VERSION  "1.2" /* the lowest that has all that is used here: phones know no other */
#define TEXT_PART_MAX 4000  /* characters of what stands together */
#define BLOCK_COST    80    /* bytes of JSON around a line's text */
#define BLOCKS_MAX    200   /* parts; more are no card but a book */

static const struct dialect card_text = {
    .unit = UNIT_CODE_POINTS,
    .escape = escape_shapes,
    .heading = {"", ""},
    .lane = {"**", "**"},
    .strong = {"**", "**"},
    .code = {"", ""}, /* a TextBlock knows none */
    .quote = CHAT_QUOTE,
    .small = {"", ""},
    .link = CHAT_LINK_MARKDOWN,
    .line = "\n",
    .gap = "\n\n",
    .marks = CHAT_MARKS,
};

static json_t *add_text_block(json_t *list, const char *text, size_t len)
{
	json_t *block = json_object();
	char *line = mem_strndup(text, len);

	json_set_text(block, "type", "TextBlock");
	json_set_text(block, "text", line);
	(void)json_object_set_new(block, "wrap", json_true());
	(void)json_array_append_new(list, block);
	free(line);
	return block;
}

static void add_heading(json_t *list, const struct document *document, bool plain)
{
	char *subject = chat_line(&card_text, chat_subject(document), TEAMS_SUBJECT_MAX);
	json_t *block = add_text_block(list, subject, strlen(subject));

	if (!plain) {
		json_set_text(block, "size", "Medium");
		json_set_text(block, "weight", "Bolder");
	}
	free(subject);
}

/* Lines that belong together stand close. */
static void add_part(json_t *list, const char *text, bool plain)
{
	for (bool first = true;; first = false) {
		const size_t len = strcspn(text, "\n");
		json_t *block = add_text_block(list, text, len);

		if (!first && !plain)
			json_set_text(block, "spacing", "None");
		if (text[len] == '\0')
			return;
		text += len + 1;
	}
}

static json_t *card_of(const struct document *document, bool is_plain)
{
	const struct dialect plain = chat_plain(UNIT_CODE_POINTS, escape_none);
	char *fallback = chat_line(&plain, chat_subject(document), TEAMS_FALLBACK_MAX);
	json_t *card = json_object();

	json_set_text(card, "$schema", CARD_SCHEMA);
	json_set_text(card, "type", "AdaptiveCard");
	json_set_text(card, "version", CARD_VERSION);
	json_set_text(card, "fallbackText", fallback);
	if (!is_plain) {
		json_t *teams = json_object();

		json_set_text(teams, "width", "Full");
		(void)json_object_set_new(card, "msteams", teams);
	}
	free(fallback);
	return card;
}

/* The envelope around a card. */
static json_t *message_of(json_t *card)
{
	json_t *message = json_object();
	json_t *attachments = json_array();
	json_t *attachment = json_object();

	json_set_text(attachment, "contentType", CARD_TYPE);
	(void)json_object_set_new(attachment, "contentUrl", json_null());
	(void)json_object_set(attachment, "content", card);
	(void)json_array_append_new(attachments, attachment);
	json_set_text(message, "type", "message");
	(void)json_object_set_new(message, "attachments", attachments);
	return message;
}

void teams_render(const struct document *document, const struct chat_options *options,
		  struct buf *out)
{
	const struct dialect plain = chat_plain(UNIT_CODE_POINTS, escape_shapes);
	json_t *card = card_of(document, options->plain);
	json_t *message = message_of(card);
	json_t *list = json_array();

	add_heading(list, document, options->plain);
	(void)json_object_set_new(card, "body", list);
	const struct chat_limits limits = {.part = TEXT_PART_MAX,
					   .parts = BLOCKS_MAX,
					   .total = TEAMS_BODY_MAX - json_size(message),
					   .part_cost = BLOCK_COST,
					   .line_cost = BLOCK_COST};
	struct chat_parts parts =
	    chat_parts_of(document, options->plain ? &plain : &card_text, &limits);

	for (size_t i = 0; i < parts.count; i++)
		add_part(list, parts.texts[i], options->plain);
	chat_parts_free(&parts);
	json_write(message, out);
	json_decref(message);
	json_decref(card);
}
