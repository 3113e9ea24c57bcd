/* The ntfy message: plain text, with a title, a tag and an urgency of ours. */
#include "message/ntfy.h"

#include <stdlib.h>

#include "message/json.h"
#include "message/link.h"

enum { URGENCY_LOW = 2, URGENCY_NORMAL = 3, URGENCY_HIGH = 4 };

/* How loud it comes, and the emoji before its title, by what is ranked first. */
static const struct {
	int priority;
	const char *tag;
} urgencies[MARKS + 1] = {
    [MARK_COLD] = {URGENCY_HIGH, "red_circle"},	    [MARK_DUE] = {URGENCY_NORMAL, "orange_circle"},
    [MARK_QUESTION] = {URGENCY_NORMAL, "question"}, [MARK_HINT] = {URGENCY_LOW, "bulb"},
    [MARKS] = {URGENCY_LOW, "white_check_mark"},
};

/* Where a tap leads: to the partner that is ranked first. */
static const char *click_of(const struct document *document)
{
	for (size_t i = 0; i < document->block_count; i++)
		if (document->blocks[i].kind == BLOCK_ENTRY)
			return link_is_safe(document->blocks[i].link) ? document->blocks[i].link
								      : NULL;
	return NULL;
}

static void set_extras(json_t *body, const struct document *document)
{
	const enum mark worst = chat_worst(document);
	json_t *tags = json_array();

	(void)json_array_append_new(tags, json_text(urgencies[worst].tag));
	(void)json_object_set_new(body, "priority", json_integer(urgencies[worst].priority));
	(void)json_object_set_new(body, "tags", tags);
	json_set_text(body, "click", click_of(document));
}

/* An empty message would become "triggered". */
static void set_message(json_t *body, const struct document *document,
			const struct dialect *dialect, bool headed)
{
	char *text = chat_text(document, dialect, NTFY_MESSAGE_MAX, headed);

	if (*text == '\0') {
		free(text);
		text = chat_text(document, dialect, NTFY_MESSAGE_MAX, true);
	}
	json_set_text(body, "message", text);
	free(text);
}

void ntfy_render(const struct document *document, const struct chat_options *options,
		 struct buf *out)
{
	const struct dialect plain = chat_plain(UNIT_BYTES, escape_none);
	json_t *body = json_object();

	json_set_text(body, "topic", options->topic != NULL ? options->topic : "");
	if (!options->plain) {
		char *title = chat_line(&plain, chat_subject(document), NTFY_TITLE_MAX);

		json_set_text(body, "title", title);
		free(title);
	}
	set_message(body, document, &plain, options->plain);
	if (!options->plain)
		set_extras(body, document);
	json_write(body, out);
	json_decref(body);
}
