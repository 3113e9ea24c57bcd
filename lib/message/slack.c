/* The Slack message.
 *
 * mrkdwn has no escape for its formatting characters, so in our users' text they are replaced by
 * look-alikes; & < > have one each, and with < gone no <!channel> or <@U123> can be written.
 * `verbatim` keeps Slack from turning plain words into links and mentions. */
#include "message/slack.h"

#include <stdlib.h>

#include "message/json.h"

#define FALLBACK_MAX 500 /* characters of the notification's text */
#define SECTION_COST 80	 /* bytes of JSON around a section's text */

static const struct dialect mrkdwn = {
    .unit = UNIT_CODE_POINTS,
    .escape = escape_slack,
    .escape_code = escape_slack_code,
    .heading = {"*", "*"},
    .lane = {"*", "*"},
    .strong = {"*", "*"},
    .code = {"`", "`"},
    .quote = CHAT_QUOTE,
    .small = {"_", "_"},
    .link = {"<", "|", ">", false},
    .url_entities = true,
    .line = "\n",
    .gap = "\n\n",
    .marks = {[MARK_COLD] = ":red_circle: ",
	      [MARK_DUE] = ":large_orange_circle: ",
	      [MARK_QUESTION] = ":grey_question: ",
	      [MARK_HINT] = ":bulb: "},
};

static json_t *text_object(const char *type, const char *text)
{
	json_t *object = json_object();

	json_set_text(object, "type", type);
	json_set_text(object, "text", text);
	return object;
}

static void add_section(json_t *blocks, const char *text)
{
	json_t *section = json_object();
	json_t *object = text_object("mrkdwn", text);

	(void)json_object_set_new(object, "verbatim", json_true());
	json_set_text(section, "type", "section");
	(void)json_object_set_new(section, "text", object);
	(void)json_array_append_new(blocks, section);
}

/* Plain text: Slack reads no markup in it. */
static void add_header(json_t *blocks, const char *subject)
{
	const struct dialect plain = chat_plain(UNIT_CODE_POINTS, escape_none);
	char *line = chat_line(&plain, subject, SLACK_HEADER_MAX);
	json_t *header = json_object();
	json_t *text = text_object("plain_text", line);

	(void)json_object_set_new(text, "emoji", json_false());
	json_set_text(header, "type", "header");
	(void)json_object_set_new(header, "text", text);
	(void)json_array_append_new(blocks, header);
	free(line);
}

static json_t *body_of(char *text)
{
	json_t *body = json_object();

	json_set_text(body, "text", text);
	free(text);
	return body;
}

static void set_unfurl(json_t *body)
{
	(void)json_object_set_new(body, "unfurl_links", json_false());
	(void)json_object_set_new(body, "unfurl_media", json_false());
}

static json_t *plain_body(const struct document *document)
{
	const struct dialect plain = chat_plain(UNIT_CODE_POINTS, escape_slack);
	json_t *body = body_of(chat_text(document, &plain, SLACK_PLAIN_MAX, true));

	(void)json_object_set_new(body, "mrkdwn", json_false());
	set_unfurl(body);
	return body;
}

static json_t *rich_body(const struct document *document)
{
	const char *subject = chat_subject(document);
	json_t *body = body_of(chat_line(&mrkdwn, subject, FALLBACK_MAX));
	json_t *blocks = json_array();

	add_header(blocks, subject);
	(void)json_object_set_new(body, "blocks", blocks);
	set_unfurl(body);
	const struct chat_limits limits = {.part = SLACK_SECTION_MAX,
					   .parts = SLACK_BLOCKS_MAX - 1,
					   .total = SLACK_BODY_MAX - json_size(body),
					   .part_cost = SECTION_COST,
					   .line_cost = 2};
	struct chat_parts parts = chat_parts_of(document, &mrkdwn, &limits);

	for (size_t i = 0; i < parts.count; i++)
		add_section(blocks, parts.texts[i]);
	chat_parts_free(&parts);
	return body;
}

void slack_render(const struct document *document, const struct chat_options *options,
		  struct buf *out)
{
	json_t *body = options->plain ? plain_body(document) : rich_body(document);

	json_write(body, out);
	json_decref(body);
}
