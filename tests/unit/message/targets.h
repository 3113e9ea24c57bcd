/* Every chat target in one table, and what each of them would refuse. */
#ifndef CADENCE_TESTS_MESSAGE_TARGETS_H
#define CADENCE_TESTS_MESSAGE_TARGETS_H

#include "fixture.h"

#include <ctype.h>
#include <jansson.h>

#include "base/text.h"
#include "message/discord.h"
#include "message/googlechat.h"
#include "message/matrix.h"
#include "message/mattermost.h"
#include "message/ntfy.h"
#include "message/slack.h"
#include "message/teams.h"
#include "message/telegram.h"
#include "message/zulip.h"

#define ZWSP "\xe2\x80\x8b"

enum syntax { SYNTAX_NONE, SYNTAX_SLACK, SYNTAX_BACKSLASH, SYNTAX_SHAPES, SYNTAX_HTML };

typedef void chat_renderer(const struct document *document, const struct chat_options *options,
			   struct buf *out);
/* Fails the test when the target would refuse the message. */
typedef void acceptance(const json_t *body, size_t bytes, bool plain);

struct target {
	const char *name;
	chat_renderer *render;
	acceptance *accepts;
};

static inline size_t utf16_units(const char *text)
{
	size_t units = 0;

	for (; *text != '\0'; text++)
		units +=
		    ((unsigned char)*text & 0xc0) != 0x80 ? 1U + ((unsigned char)*text >= 0xf0) : 0;
	return units;
}

static inline const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	assert_non_null(text);
	return text;
}

static inline void assert_keys(const json_t *object, const char *const *allowed)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		bool known = false;

		for (size_t i = 0; allowed[i] != NULL; i++)
			known = known || strcmp(allowed[i], key) == 0;
		if (!known)
			fail_msg("unexpected key %s", key);
	}
}
#define ASSERT_KEYS(object, ...) assert_keys(object, (const char *const[]){__VA_ARGS__, NULL})

static inline void accept_slack(const json_t *body, size_t bytes, bool plain)
{
	const json_t *blocks = json_object_get(body, "blocks");

	assert_true(bytes <= SLACK_BODY_MAX + (plain ? 4000 : 0));
	assert_in_range(text_code_points(text_at(body, "text")), 1, SLACK_PLAIN_MAX);
	assert_true(json_is_false(json_object_get(body, "unfurl_links")));
	if (plain) {
		ASSERT_KEYS(body, "text", "mrkdwn", "unfurl_links", "unfurl_media");
		return;
	}
	ASSERT_KEYS(body, "text", "blocks", "unfurl_links", "unfurl_media");
	assert_in_range(json_array_size(blocks), 1, SLACK_BLOCKS_MAX);
	for (size_t i = 0; i < json_array_size(blocks); i++) {
		const json_t *text = json_object_get(json_array_get(blocks, i), "text");

		assert_in_range(text_code_points(text_at(text, "text")), 1,
				i == 0 ? SLACK_HEADER_MAX : SLACK_SECTION_MAX);
		if (i > 0)
			assert_true(json_is_true(json_object_get(text, "verbatim")));
	}
}

static inline void accept_teams(const json_t *body, size_t bytes, bool plain)
{
	const json_t *attachments = json_object_get(body, "attachments");
	const json_t *attachment = json_array_get(attachments, 0);
	const json_t *card = json_object_get(attachment, "content");
	const json_t *list = json_object_get(card, "body");

	assert_true(bytes <= TEAMS_BODY_MAX);
	ASSERT_KEYS(body, "type", "attachments");
	assert_string_equal(text_at(body, "type"), "message");
	assert_int_equal(json_array_size(attachments), 1);
	assert_string_equal(text_at(attachment, "contentType"),
			    "application/vnd.microsoft.card.adaptive");
	assert_true(json_is_null(json_object_get(attachment, "contentUrl")));
	ASSERT_KEYS(card, "$schema", "type", "version", "fallbackText", "msteams", "body");
	assert_string_equal(text_at(card, "version"), "1.2");
	if (!plain)
		assert_string_equal(text_at(json_object_get(card, "msteams"), "width"), "Full");
	assert_true(*text_at(card, "fallbackText") != '\0');
	assert_true(json_array_size(list) >= 1);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *block = json_array_get(list, i);

		ASSERT_KEYS(block, "type", "text", "wrap", "size", "weight", "spacing");
		assert_string_equal(text_at(block, "type"), "TextBlock");
		assert_true(json_is_true(json_object_get(block, "wrap")));
		assert_null(strchr(text_at(block, "text"), '\n'));
	}
}

static inline void accept_discord(const json_t *body, size_t bytes, bool plain)
{
	const json_t *embeds = json_object_get(body, "embeds");
	const json_t *mentions = json_object_get(body, "allowed_mentions");

	(void)bytes;
	ASSERT_KEYS(body, "content", "allowed_mentions", plain ? "content" : "embeds");
	assert_in_range(utf16_units(text_at(body, "content")), 1, DISCORD_CONTENT_MAX);
	ASSERT_KEYS(mentions, "parse");
	assert_true(json_is_array(json_object_get(mentions, "parse")));
	assert_int_equal(json_array_size(json_object_get(mentions, "parse")), 0);
	assert_true(json_array_size(embeds) <= 1);
	if (json_array_size(embeds) == 0)
		return;
	ASSERT_KEYS(json_array_get(embeds, 0), "description", "color");
	assert_in_range(utf16_units(text_at(json_array_get(embeds, 0), "description")), 1,
			DISCORD_DESCRIPTION_MAX);
}

static inline void accept_mattermost(const json_t *body, size_t bytes, bool plain)
{
	(void)bytes;
	(void)plain;
	ASSERT_KEYS(body, "text");
	assert_in_range(text_code_points(text_at(body, "text")), 1, MATTERMOST_TEXT_MAX);
}

static inline void accept_googlechat(const json_t *body, size_t bytes, bool plain)
{
	const json_t *cards = json_object_get(body, "cardsV2");
	const json_t *card = json_object_get(json_array_get(cards, 0), "card");
	const json_t *sections = json_object_get(card, "sections");
	const json_t *widgets = json_object_get(json_array_get(sections, 0), "widgets");

	assert_true(bytes <= GOOGLECHAT_BODY_MAX);
	ASSERT_KEYS(body, "text", plain ? "text" : "cardsV2");
	assert_true(*text_at(body, "text") != '\0');
	if (cards == NULL)
		return;
	assert_int_equal(json_array_size(cards), 1);
	assert_in_range(json_array_size(widgets), 1, GOOGLECHAT_WIDGETS_MAX);
	for (size_t i = 0; i < json_array_size(widgets); i++)
		assert_true(*text_at(json_object_get(json_array_get(widgets, i), "textParagraph"),
				     "text") != '\0');
}

static inline void accept_matrix(const json_t *body, size_t bytes, bool plain)
{
	assert_true(bytes <= 60000);
	ASSERT_KEYS(body, "msgtype", "body", "m.mentions", plain ? "body" : "format",
		    plain ? "body" : "formatted_body");
	assert_string_equal(text_at(body, "msgtype"), "m.notice");
	assert_in_range(strlen(text_at(body, "body")), 1, MATRIX_TEXT_MAX);
	assert_true(json_is_object(json_object_get(body, "m.mentions")));
	assert_int_equal(json_object_size(json_object_get(body, "m.mentions")), 0);
	if (plain)
		return;
	assert_string_equal(text_at(body, "format"), "org.matrix.custom.html");
	assert_in_range(strlen(text_at(body, "formatted_body")), 1, MATRIX_TEXT_MAX);
}

static inline void accept_telegram(const json_t *body, size_t bytes, bool plain)
{
	(void)bytes;
	ASSERT_KEYS(body, "chat_id", "text", "link_preview_options", plain ? "text" : "parse_mode");
	assert_in_range(utf16_units(text_at(body, "text")), 1, TELEGRAM_TEXT_MAX);
	assert_true(json_is_true(
	    json_object_get(json_object_get(body, "link_preview_options"), "is_disabled")));
	if (!plain)
		assert_string_equal(text_at(body, "parse_mode"), "HTML");
}

static inline void accept_zulip(const json_t *body, size_t bytes, bool plain)
{
	(void)bytes;
	(void)plain;
	ASSERT_KEYS(body, "type", "to", "topic", "content");
	assert_string_equal(text_at(body, "type"), "stream");
	assert_string_equal(text_at(body, "to"), "-1001");
	assert_in_range(text_code_points(text_at(body, "topic")), 1, ZULIP_TOPIC_MAX);
	assert_in_range(text_code_points(text_at(body, "content")), 1, ZULIP_CONTENT_MAX);
}

static inline void accept_ntfy(const json_t *body, size_t bytes, bool plain)
{
	(void)bytes;
	ASSERT_KEYS(body, "topic", "message", plain ? "topic" : "title", plain ? "topic" : "tags",
		    plain ? "topic" : "priority", plain ? "topic" : "click");
	assert_string_equal(text_at(body, "topic"), "partners");
	assert_in_range(strlen(text_at(body, "message")), 1, NTFY_MESSAGE_MAX);
	if (plain)
		return;
	assert_in_range(strlen(text_at(body, "title")), 1, NTFY_TITLE_MAX);
	assert_in_range(json_integer_value(json_object_get(body, "priority")), 1, 5);
	assert_int_equal(json_array_size(json_object_get(body, "tags")), 1);
}

static const struct target targets[] = {
    {"slack", slack_render, accept_slack},
    {"teams", teams_render, accept_teams},
    {"discord", discord_render, accept_discord},
    {"mattermost", mattermost_render, accept_mattermost},
    {"googlechat", googlechat_render, accept_googlechat},
    {"matrix", matrix_render, accept_matrix},
    {"telegram", telegram_render, accept_telegram},
    {"zulip", zulip_render, accept_zulip},
    {"ntfy", ntfy_render, accept_ntfy},
};
#define TARGETS (sizeof(targets) / sizeof(targets[0]))

static inline void target_render(const struct target *target, const struct document *document,
				 bool plain, struct buf *out)
{
	const struct chat_options options = {.room = "-1001", .topic = "partners", .plain = plain};

	target->render(document, &options, out);
}

static inline char *form_decoded(const char *text, size_t len)
{
	struct buf plain = buf_make(SIZE_MAX);

	for (size_t i = 0; i < len; i++) {
		char hex[3] = "";

		if (text[i] != '%') {
			assert_true(isalnum((unsigned char)text[i]) || strchr("-._~", text[i]));
			buf_addc(&plain, text[i]);
			continue;
		}
		assert_true(i + 2 < len);
		memcpy(hex, text + i + 1, 2);
		buf_addc(&plain, (char)strtol(hex, NULL, 16));
		i += 2;
	}
	return buf_take(&plain);
}

/* The fields of a form as an object of texts; a field that is there twice fails the test. */
static inline json_t *form_fields(const char *form)
{
	json_t *fields = json_object();

	while (*form != '\0') {
		const size_t len = strcspn(form, "&");
		const size_t name = strcspn(form, "=");
		char *key = mem_strndup(form, name);
		char *value = form_decoded(form + name + 1, len - name - 1);

		assert_true(name < len);
		assert_null(json_object_get(fields, key));
		assert_int_equal(json_object_set_new(fields, key, json_string(value)), 0);
		free(key);
		free(value);
		form += len + (form[len] == '&');
	}
	return fields;
}

/* The message as the target reads it, after it has accepted it; the caller gives it back. */
static inline json_t *target_read(const struct target *target, const struct document *document,
				  bool plain)
{
	struct buf out = buf_make(1 << 20);
	json_error_t fault;
	json_t *body;

	target_render(target, document, plain, &out);
	assert_false(out.overflowed);
	body = target->render == zulip_render
		   ? form_fields(buf_text(&out))
		   : json_loads(buf_text(&out), JSON_REJECT_DUPLICATES, &fault);
	if (body == NULL)
		fail_msg("%s: %s in %s", target->name, fault.text, buf_text(&out));
	target->accepts(body, out.len, plain);
	buf_free(&out);
	return body;
}

/* All texts of a message, with the path under which they stand: "/blocks/0/text/text". */
typedef void text_visitor(void *context, const char *path, const char *text);

static inline void visit_texts(const json_t *value, const char *path, text_visitor *visit,
			       void *context)
{
	const char *name;
	json_t *member;
	size_t i;

	if (json_is_string(value))
		visit(context, path, json_string_value(value));
	json_object_foreach((json_t *)value, name, member)
	{
		char *below = mem_printf("%s/%s", path, name);

		visit_texts(member, below, visit, context);
		free(below);
	}
	for (i = 0; i < json_array_size(value); i++) {
		char *below = mem_printf("%s/%zu", path, i);

		visit_texts(json_array_get(value, i), below, visit, context);
		free(below);
	}
}

/* Texts of ours, in which no words of others stand. */
static inline bool is_ours(const char *path)
{
	return strstr(path, "$schema") != NULL || strstr(path, "contentType") != NULL ||
	       strcmp(path, "/click") == 0;
}

/* How the target reads the text there. */
static inline enum syntax syntax_of(const struct target *target, const char *path, bool plain)
{
	if (target->render == teams_render)
		return strstr(path, "/content/body/") != NULL ? SYNTAX_SHAPES : SYNTAX_NONE;
	if (target->render == discord_render || target->render == mattermost_render)
		return SYNTAX_BACKSLASH;
	if (target->render == zulip_render)
		return strcmp(path, "/content") == 0 ? SYNTAX_SHAPES : SYNTAX_NONE;
	if (target->render == slack_render)
		return strcmp(path, "/blocks/0/text/text") == 0 ? SYNTAX_NONE : SYNTAX_SLACK;
	if (target->render == googlechat_render)
		return strstr(path, "/textParagraph/") != NULL ? SYNTAX_HTML : SYNTAX_SHAPES;
	if (target->render == matrix_render)
		return strcmp(path, "/formatted_body") == 0 ? SYNTAX_HTML : SYNTAX_NONE;
	return target->render == telegram_render && !plain ? SYNTAX_HTML : SYNTAX_NONE;
}

/* Adds the tags of a text that is HTML, or Slack's mrkdwn (there without the name of a link); an
 * entity that is none fails the test. */
static inline void add_tags(struct buf *tags, const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		assert_true(*c != '>');
		if (*c == '&')
			assert_true(strncmp(c, "&amp;", 5) == 0 || strncmp(c, "&lt;", 4) == 0 ||
				    strncmp(c, "&gt;", 4) == 0);
		if (*c != '<')
			continue;
		const char *end = strchr(c, '>');

		assert_non_null(end);
		buf_add(tags, c, strcspn(c, "|>") + 1);
		c = end;
	}
}

#endif
