/* The Matrix message. Older clients look for names and @room in the body themselves, so m.mentions
 * is there, and empty, and no name follows an @ either. */
#include "message/matrix.h"

#include <stdlib.h>

#include "message/json.h"

static const struct dialect html = {
    .unit = UNIT_BYTES,
    .escape = escape_entities,
    .escape_code = escape_entities,
    .heading = {"<strong>", "</strong>"},
    .lane = {"<strong>", "</strong>"},
    .strong = {"<strong>", "</strong>"},
    .code = {"<code>", "</code>"},
    .quote = CHAT_QUOTE,
    .small = {"<em>", "</em>"},
    .link = CHAT_LINK_HTML,
    .url_entities = true,
    .line = "<br>",
    .gap = "<br><br>",
    .marks = CHAT_MARKS,
};

static void set_text(json_t *content, const char *key, const struct document *document,
		     const struct dialect *dialect)
{
	char *text = chat_text(document, dialect, MATRIX_TEXT_MAX, true);

	json_set_text(content, key, text);
	free(text);
}

void matrix_render(const struct document *document, const struct chat_options *options,
		   struct buf *out)
{
	const struct dialect plain = chat_plain(UNIT_BYTES, escape_none);
	json_t *content = json_object();

	json_set_text(content, "msgtype", "m.notice");
	set_text(content, "body", document, &plain);
	if (!options->plain) {
		json_set_text(content, "format", "org.matrix.custom.html");
		set_text(content, "formatted_body", document, &html);
	}
	(void)json_object_set_new(content, "m.mentions", json_object());
	json_write(content, out);
	json_decref(content);
}
