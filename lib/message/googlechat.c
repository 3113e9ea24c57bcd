/* The Google Chat message.
 *
 * The text knows mentions (<users/all>) and no escape, so its markup is replaced by look-alikes.
 * The card reads a little HTML. */
#include "message/googlechat.h"

#include <stdlib.h>

#include "message/json.h"

#define WIDGET_COST 40 /* bytes of JSON around a paragraph's text */

static const struct dialect card_html = {
    .unit = UNIT_CODE_POINTS,
    .escape = escape_entities,
    .heading = {"<b>", "</b>"},
    .lane = {"<b>", "</b>"},
    .strong = {"<b>", "</b>"},
    .code = {"", ""},
    .quote = CHAT_QUOTE,
    .small = {"<i>", "</i>"},
    .link = CHAT_LINK_HTML,
    .url_entities = true,
    .line = "<br>",
    .gap = "<br><br>",
    .marks = CHAT_MARKS,
};

static void add_paragraph(json_t *widgets, const char *text)
{
	json_t *widget = json_object();
	json_t *paragraph = json_object();

	json_set_text(paragraph, "text", text);
	(void)json_object_set_new(widget, "textParagraph", paragraph);
	(void)json_array_append_new(widgets, widget);
}

/* Adds a card of one section; returns its list of widgets. */
static json_t *add_card(json_t *body, const char *id)
{
	json_t *cards = json_array(), *entry = json_object(), *card = json_object();
	json_t *sections = json_array(), *section = json_object(), *widgets = json_array();

	(void)json_object_set_new(section, "widgets", widgets);
	(void)json_array_append_new(sections, section);
	(void)json_object_set_new(card, "sections", sections);
	json_set_text(entry, "cardId", id);
	(void)json_object_set_new(entry, "card", card);
	(void)json_array_append_new(cards, entry);
	(void)json_object_set_new(body, "cardsV2", cards);
	return widgets;
}

static void set_card(json_t *body, const struct document *document)
{
	json_t *widgets = add_card(body, document_kind_name(document->kind));
	const struct chat_limits limits = {.part = GOOGLECHAT_WIDGET_MAX,
					   .parts = GOOGLECHAT_WIDGETS_MAX,
					   .total = GOOGLECHAT_BODY_MAX - json_size(body),
					   .part_cost = WIDGET_COST,
					   .line_cost = 2};
	struct chat_parts parts = chat_parts_of(document, &card_html, &limits);

	for (size_t i = 0; i < parts.count; i++)
		add_paragraph(widgets, parts.texts[i]);
	if (parts.count == 0)
		(void)json_object_del(body, "cardsV2");
	chat_parts_free(&parts);
}

void googlechat_render(const struct document *document, const struct chat_options *options,
		       struct buf *out)
{
	const struct dialect plain = chat_plain(UNIT_CODE_POINTS, escape_shapes);
	json_t *body = json_object();
	char *text = options->plain
			 ? chat_text(document, &plain, GOOGLECHAT_PLAIN_MAX, true)
			 : chat_line(&plain, chat_subject(document), GOOGLECHAT_SUBJECT_MAX);

	json_set_text(body, "text", text);
	free(text);
	if (!options->plain)
		set_card(body, document);
	json_write(body, out);
	json_decref(body);
}
