/* The Slack message.
 *
 * mrkdwn has no escape for its formatting characters, so in our users' text they are replaced by
 * look-alikes; & < > have one each, and with < gone no <!channel> or <@U123> can be written.
 * `verbatim` keeps Slack from turning plain words into links and mentions. */
#include "message/slack.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "message/json.h"

#define FALLBACK_MAX	 500 /* characters of the notification's text */
#define ZERO_WIDTH_SPACE "\xe2\x80\x8b"
#define ELLIPSIS	 "…"

/* One section's text on its way. Room is counted in code points of what is written, entities
 * included. */
struct section {
	struct buf text;
	size_t room;
};

static struct section section_make(size_t room)
{
	return (struct section){.text = buf_make(SIZE_MAX), .room = room};
}

/* Adds all of the piece or, when it does not fit, nothing, and then nothing ever again. */
static void section_add(struct section *section, const char *piece)
{
	const size_t length = text_code_points(piece);

	if (length > section->room) {
		section->room = 0;
		return;
	}
	buf_adds(&section->text, piece);
	section->room -= length;
}

/* Whether an @ after this byte could begin a mention ("ops@example.com" cannot). */
static bool ends_word(char before)
{
	const unsigned char c = (unsigned char)before;

	return !((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'));
}

static const char *escape(uint32_t code_point, char before, char scratch[5])
{
	switch (code_point) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '*':
		return "\xe2\x88\x97"; /* U+2217 */
	case '_':
		return "\xcb\x8d"; /* U+02CD */
	case '~':
		return "\xe2\x88\xbc"; /* U+223C */
	case '`':
		return "\xcb\x8b"; /* U+02CB */
	case '@':
		return ends_word(before) ? "@" ZERO_WIDTH_SPACE : "@";
	default:
		(void)text_encode(code_point < 0x20 || code_point == 0x7f ? ' ' : code_point,
				  scratch);
		return scratch;
	}
}

static void section_add_user(struct section *section, const char *text)
{
	char scratch[5];
	char before = ' ';

	while (*text != '\0') {
		const char *start = text;

		section_add(section, escape(text_next(&text), before, scratch));
		before = *start;
	}
}

/* Between backticks only a backtick has a meaning, so ids and commands stay as they can be copied.
 */
static void section_add_code(struct section *section, const char *text)
{
	char scratch[5];

	section_add(section, "`");
	while (*text != '\0') {
		const uint32_t c = text_next(&text);
		const bool plain = c == '*' || c == '_' || c == '~' || c == '@';

		section_add(section, plain ? (char[2]){(char)c, '\0'} : escape(c, ' ', scratch));
	}
	section_add(section, "`");
}

static void section_add_run(struct section *section, const struct run *run)
{
	switch (run->style) {
	case RUN_STRONG:
		section_add(section, "*");
		section_add_user(section, run->text);
		section_add(section, "*");
		break;
	case RUN_CODE:
		section_add_code(section, run->text);
		break;
	case RUN_QUOTE:
		section_add(section, "\"");
		section_add_user(section, run->text);
		section_add(section, "\"");
		break;
	default:
		section_add_user(section, run->text);
	}
}

static void section_add_line(struct section *section, const struct line *line)
{
	if (line->label != NULL) {
		section_add_user(section, line->label);
		section_add(section, ": ");
	}
	for (size_t i = 0; i < line->run_count; i++)
		section_add_run(section, &line->runs[i]);
}

static void section_add_lines(struct section *section, const struct block *block)
{
	for (size_t i = 0; i < block->line_count; i++) {
		section_add(section, i > 0 ? "\n" : "");
		section_add_line(section, &block->lines[i]);
	}
}

static void section_add_entry(struct section *section, const struct block *block)
{
	static const char *const marks[MARKS] = {
	    [MARK_COLD] = ":red_circle: *",
	    [MARK_DUE] = ":large_orange_circle: *",
	    [MARK_QUESTION] = ":grey_question: *",
	    [MARK_HINT] = ":bulb: *",
	};
	char number[16] = "";

	if (block->number > 0) {
		struct buf digits = buf_make(sizeof(number));

		buf_addf(&digits, "%d. ", block->number);
		memcpy(number, buf_text(&digits), strlen(buf_text(&digits)) + 1);
		buf_free(&digits);
	}
	section_add(section, marks[block->mark]);
	section_add(section, number);
	section_add_user(section, block->title);
	section_add(section, "*");
	section_add_user(section, block->title_rest != NULL ? block->title_rest : "");
	section_add(section, block->brief ? ": " : "\n");
	section_add_lines(section, block);
}

static void section_add_block(struct section *section, const struct block *block)
{
	const bool footnote = block->kind == BLOCK_FOOTNOTE;

	if (block->kind == BLOCK_ENTRY) {
		section_add_entry(section, block);
		return;
	}
	if (block->text != NULL) {
		section_add(section, block->kind == BLOCK_LANE ? "*" : footnote ? "_" : "");
		section_add_user(section, block->text);
		section_add(section, block->kind == BLOCK_LANE ? "*" : footnote ? "_" : "");
		section_add(section, block->line_count > 0 ? "\n" : "");
	}
	section_add_lines(section, block);
}

/* ---- blocks ---- */

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
	json_t *mrkdwn = text_object("mrkdwn", text);

	(void)json_object_set_new(mrkdwn, "verbatim", json_true());
	json_set_text(section, "type", "section");
	(void)json_object_set_new(section, "text", mrkdwn);
	(void)json_array_append_new(blocks, section);
}

/* Plain text: Slack reads no markup in it, so it is cut and nothing else. */
static void add_header(json_t *blocks, const char *subject)
{
	json_t *header = json_object();
	const bool fits = text_code_points(subject) <= SLACK_HEADER_MAX;
	struct buf cut = buf_make(SIZE_MAX);

	buf_add(&cut, subject,
		fits ? strlen(subject) : text_fit_code_points(subject, SLACK_HEADER_MAX - 1));
	buf_adds(&cut, fits ? "" : ELLIPSIS);
	for (size_t i = 0; i < cut.len; i++)
		if ((unsigned char)cut.data[i] < 0x20 || cut.data[i] == 0x7f)
			cut.data[i] = ' ';
	json_t *text = text_object("plain_text", buf_text(&cut));

	(void)json_object_set_new(text, "emoji", json_false());
	json_set_text(header, "type", "header");
	(void)json_object_set_new(header, "text", text);
	(void)json_array_append_new(blocks, header);
	buf_free(&cut);
}

/* The sections of a document that shows its first `shown` entries and counts the rest. */
struct layout {
	json_t *blocks;
	struct section open; /* brief lines gathered so far */
	bool has_open;
	size_t shown;
};

static void layout_flush(struct layout *layout)
{
	if (layout->has_open) {
		if (layout->open.text.len > 0)
			add_section(layout->blocks, buf_text(&layout->open.text));
		buf_free(&layout->open.text);
	}
	layout->has_open = false;
}

/* Puts a piece under the lines gathered, or begins a new section when it should stand apart or
 * finds no room. */
static void layout_add(struct layout *layout, const char *text, bool apart)
{
	if (layout->has_open && (apart || text_code_points(text) + 1 > layout->open.room))
		layout_flush(layout);
	if (!layout->has_open)
		layout->open = section_make(SLACK_SECTION_MAX);
	else
		section_add(&layout->open, "\n");
	layout->has_open = true;
	section_add(&layout->open, text);
}

static void layout_block(struct layout *layout, const struct block *block, enum block_kind above)
{
	const bool apart =
	    !((block->kind == BLOCK_ENTRY && block->brief) || block->kind == BLOCK_MORE ||
	      above == BLOCK_LANE || (block->kind == BLOCK_FOOTNOTE && above == BLOCK_FOOTNOTE));
	struct section section = section_make(SLACK_SECTION_MAX);

	section_add_block(&section, block);
	layout_add(layout, buf_text(&section.text), apart);
	buf_free(&section.text);
}

static void layout_more(struct layout *layout, int count)
{
	struct buf text = buf_make(SIZE_MAX);

	buf_addf(&text, "and %d more", count);
	layout_add(layout, buf_text(&text), false);
	buf_free(&text);
}

static bool is_list(enum block_kind kind)
{
	return kind == BLOCK_LANE || kind == BLOCK_ENTRY || kind == BLOCK_MORE;
}

/* Whether some entry of the lane that begins at `index` is shown. */
static bool lane_is_shown(const struct document *document, size_t index, size_t seen, size_t shown)
{
	return index + 1 < document->block_count &&
	       document->blocks[index + 1].kind == BLOCK_ENTRY && seen < shown;
}

static void layout_document(struct layout *layout, const struct document *document)
{
	const size_t cut = document_entries(document) - layout->shown;
	enum block_kind above = BLOCK_RULE;
	size_t seen = 0;
	int more = (int)cut;

	for (size_t i = 0; i < document->block_count; i++) {
		const struct block *block = &document->blocks[i];

		if (more > 0 && seen >= layout->shown && !is_list(block->kind)) {
			layout_more(layout, more);
			more = 0;
		}
		if (cut > 0 && block->kind == BLOCK_MORE)
			more += block->number;
		else if (block->kind == BLOCK_RULE ||
			 (block->kind == BLOCK_ENTRY && seen++ >= layout->shown) ||
			 (block->kind == BLOCK_LANE &&
			  !lane_is_shown(document, i, seen, layout->shown)))
			continue;
		else
			layout_block(layout, block, above);
		above = block->kind;
	}
	if (more > 0)
		layout_more(layout, more);
	layout_flush(layout);
}

static void set_fallback(json_t *body, const char *subject)
{
	struct section text = section_make(FALLBACK_MAX);

	section_add_user(&text, subject);
	json_set_text(body, "text", buf_text(&text.text));
	buf_free(&text.text);
}

/* The body with the first `shown` entries, or NULL when that is too much for Slack; the caller
 * frees. */
static char *body_with(const struct document *document, size_t shown)
{
	const char *subject = document->subject != NULL && *document->subject != '\0'
				  ? document->subject
				  : "cadenced";
	json_t *body = json_object();
	struct layout layout = {.blocks = json_array(), .shown = shown};

	set_fallback(body, subject);
	add_header(layout.blocks, subject);
	layout_document(&layout, document);
	const bool many = json_array_size(layout.blocks) > SLACK_BLOCKS_MAX;

	(void)json_object_set_new(body, "blocks", layout.blocks);
	(void)json_object_set_new(body, "unfurl_links", json_false());
	(void)json_object_set_new(body, "unfurl_media", json_false());
	char *text = json_line(body);

	json_decref(body);
	if (shown > 0 && (many || strlen(text) > SLACK_BODY_MAX)) {
		free(text);
		return NULL;
	}
	return text;
}

void slack_render(const struct document *document, struct buf *out)
{
	size_t shown = document_entries(document);
	char *body = body_with(document, shown);

	while (body == NULL)
		body = body_with(document, --shown);
	buf_adds(out, body);
	free(body);
}
