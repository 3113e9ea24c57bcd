/* The webhook's body, for programs: what people read stands in "text", what programs need has a
 * field. */
#include "message/event.h"

#include <stdint.h>

#include "message/json.h"
#include "message/text.h"

static const char *type_of(const struct document *document)
{
	static const char *const types[DOCUMENT_KINDS] = {
	    [DOCUMENT_DIGEST] = "digest", [DOCUMENT_QUIET] = "digest", [DOCUMENT_TEST] = "test",
	    [DOCUMENT_ADMIN] = "admin",	  [DOCUMENT_REPLY] = "reply",
	};

	return types[document->kind];
}

static json_t *partner_of(const struct block *block)
{
	static const char *const states[MARKS] = {[MARK_COLD] = "cold", [MARK_DUE] = "due"};
	json_t *partner = json_object();

	json_set_text(partner, "id", block->partner);
	json_set_text(partner, "name", block->title);
	json_set_text(partner, "state", states[block->mark]);
	json_set_text(partner, "link", block->link);
	return partner;
}

static json_t *owner_of(const struct document *document)
{
	json_t *owner = json_object();

	json_set_text(owner, "id", document->owner_id);
	json_set_text(owner, "name", document->owner_name);
	return owner;
}

static void set_partners(const struct document *document, json_t *data)
{
	json_t *partners = json_array();
	int more = 0;

	for (size_t i = 0; i < document->block_count; i++) {
		const struct block *block = &document->blocks[i];

		if (block->kind == BLOCK_ENTRY)
			(void)json_array_append_new(partners, partner_of(block));
		if (block->kind == BLOCK_MORE)
			more += block->number;
	}
	(void)json_object_set_new(data, "partners", partners);
	if (more > 0)
		(void)json_object_set_new(data, "more", json_integer(more));
}

static json_t *data_of(const struct document *document)
{
	json_t *data = json_object();
	struct buf text = buf_make(SIZE_MAX);

	if (document->owner_id != NULL)
		(void)json_object_set_new(data, "owner", owner_of(document));
	json_set_text(data, "subject", document->subject);
	text_render(document, &text);
	json_set_text(data, "text", buf_text(&text));
	buf_free(&text);
	if (document->kind != DOCUMENT_TEST)
		set_partners(document, data);
	return data;
}

void event_render(const struct document *document, struct buf *out)
{
	char at[INSTANT_TEXT_SIZE];
	json_t *body = json_object();

	instant_rfc3339(document->created, at);
	json_set_text(body, "type", type_of(document));
	json_set_text(body, "timestamp", at);
	(void)json_object_set_new(body, "data", data_of(document));
	json_write(body, out);
	json_decref(body);
}
