/* Fitting a document into a chat's limits.
 *
 * A text is written into a pen that knows how much room is left and takes a character, with all its
 * escapes, or nothing: whatever it is asked to write, the result is whole and within the limit.
 * When something had to stay out, fewer entries are tried, so that it is entries which are left
 * out, and counted. Only what is too long without any entry is cut. */
#include "message/chat.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "message/chat_pen.h"

#define SUBJECT_NONE "cadenced"
#define TEXT_GROWTH  4 /* texts that room is made for at first */

struct dialect chat_plain(enum chat_unit unit, escaper *escape)
{
	const struct markup none = {"", ""};

	return (struct dialect){.unit = unit,
				.escape = escape,
				.heading = none,
				.lane = none,
				.strong = none,
				.code = none,
				.quote = CHAT_QUOTE,
				.small = none,
				.line = "\n",
				.gap = "\n\n",
				.marks = CHAT_MARKS};
}

/* ---- the blocks that are shown ---- */

typedef void block_visitor(void *context, const struct block *block, const struct block *above);

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

static void visit_more(int count, block_visitor *visit, void *context)
{
	struct buf text = buf_make(SIZE_MAX);

	buf_addf(&text, "and %d more", count);
	const struct block more = {.kind = BLOCK_MORE, .text = buf_text(&text)};
	const struct block above = {.kind = BLOCK_ENTRY};

	visit(context, &more, &above);
	buf_free(&text);
}

/* Visits the blocks with the first `shown` entries; the others are counted where they would stand,
 * together with those that were never in the document. */
static void visit_blocks(const struct document *document, size_t shown, block_visitor *visit,
			 void *context)
{
	const size_t cut = document_entries(document) - shown;
	const struct block top = {.kind = BLOCK_RULE}, *above = &top;
	size_t seen = 0;
	int more = (int)cut;

	for (size_t i = 0; i < document->block_count; i++) {
		const struct block *block = &document->blocks[i];

		if (more > 0 && seen >= shown && !is_list(block->kind)) {
			visit_more(more, visit, context);
			more = 0;
		}
		if (cut > 0 && block->kind == BLOCK_MORE)
			more += block->number;
		else if (block->kind == BLOCK_RULE ||
			 (block->kind == BLOCK_ENTRY && seen++ >= shown) ||
			 (block->kind == BLOCK_LANE && !lane_is_shown(document, i, seen, shown)))
			continue;
		else
			visit(context, block, above);
		above = block;
	}
	if (more > 0)
		visit_more(more, visit, context);
}

/* Makes the message with its first `shown` entries, anew; false when it does not fit. */
typedef bool attempt(const struct document *document, size_t shown, void *context);

/* Leaves the message made with as many entries as fit, be it none. */
static void fit_entries(const struct document *document, attempt *make, void *context)
{
	size_t most = document_entries(document), least = 0;

	if (make(document, most, context))
		return;
	while (most > least + 1) {
		const size_t middle = least + (most - least) / 2;

		if (make(document, middle, context))
			least = middle;
		else
			most = middle;
	}
	(void)make(document, least, context);
}

/* Whether a block is set off from what stands above it. */
static bool is_apart(const struct block *block, const struct block *above)
{
	if (above->kind == BLOCK_LANE || block->kind == BLOCK_MORE)
		return false;
	if (block->kind == BLOCK_ENTRY && block->brief) /* stands close to its like */
		return above->kind == BLOCK_ENTRY && !above->brief;
	return block->kind != BLOCK_FOOTNOTE || above->kind != BLOCK_FOOTNOTE;
}

/* ---- in parts ---- */

struct layout {
	const struct dialect *dialect;
	const struct chat_limits *limits;
	struct chat_parts parts;
	size_t left;  /* bytes of JSON */
	bool is_full; /* something found no room */
};

static size_t json_cost(const struct chat_limits *limits, const char *text)
{
	size_t cost = 0;

	for (; *text != '\0'; text++)
		cost += *text == '\n' ? limits->line_cost : *text == '"' || *text == '\\' ? 2 : 1;
	return cost;
}

static void append_part(struct chat_parts *parts, char *text)
{
	if (parts->count == parts->capacity) {
		parts->capacity = parts->capacity * 2 + TEXT_GROWTH;
		parts->texts = mem_grow(parts->texts, parts->capacity, sizeof(*parts->texts));
	}
	parts->texts[parts->count++] = text;
}

/* Puts the text under the last part, in a line of its own; false when it does not fit there. */
static bool join_part(struct layout *layout, const char *text)
{
	struct chat_parts *parts = &layout->parts;
	char **last = &parts->texts[parts->count - 1];
	char *joined = mem_printf("%s%s%s", *last, layout->dialect->line, text);

	if (chat_length(layout->dialect->unit, joined) > layout->limits->part) {
		free(joined);
		return false;
	}
	free(*last);
	*last = joined;
	return true;
}

static void place_part(struct layout *layout, char *text, bool apart)
{
	const struct chat_limits *limits = layout->limits;
	const size_t cost = json_cost(limits, text) + limits->part_cost + limits->line_cost;
	const bool fits = !layout->is_full && cost <= layout->left;
	bool done = false;

	if (fits && !apart && layout->parts.count > 0)
		done = join_part(layout, text);
	if (fits && !done && layout->parts.count < limits->parts) {
		append_part(&layout->parts, mem_strdup(text));
		done = true;
	}
	if (done)
		layout->left -= cost;
	else
		layout->is_full = true;
}

static void place_block(void *context, const struct block *block, const struct block *above)
{
	struct layout *layout = context;
	struct pen pen = pen_make(layout->dialect, layout->limits->part);

	pen_block(&pen, block);
	if (pen.text.len > 0)
		place_part(layout, pen.text.data, is_apart(block, above));
	pen_free(&pen);
}

/* Lays out the first `shown` entries; true when all of it found room. */
static bool lay_out(const struct document *document, size_t shown, void *context)
{
	struct layout *layout = context;

	chat_parts_free(&layout->parts);
	layout->left = layout->limits->total;
	layout->is_full = false;
	visit_blocks(document, shown, place_block, layout);
	return !layout->is_full;
}

struct chat_parts chat_parts_of(const struct document *document, const struct dialect *dialect,
				const struct chat_limits *limits)
{
	struct layout layout = {.dialect = dialect, .limits = limits};

	fit_entries(document, lay_out, &layout);
	return layout.parts;
}

void chat_parts_free(struct chat_parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		free(parts->texts[i]);
	free(parts->texts);
	*parts = (struct chat_parts){.texts = NULL};
}

/* ---- as one text ---- */

static void write_block(void *context, const struct block *block, const struct block *above)
{
	struct pen *pen = context;

	if (pen->text.len > 0)
		pen_put(pen, is_apart(block, above) ? pen->dialect->gap : pen->dialect->line);
	pen_block(pen, block);
}

struct writing {
	const struct dialect *dialect;
	size_t limit;
	bool headed;
	struct pen pen;
};

/* Writes the first `shown` entries; true when all of it found room. */
static bool write_out(const struct document *document, size_t shown, void *context)
{
	struct writing *writing = context;

	pen_free(&writing->pen);
	writing->pen = pen_make(writing->dialect, writing->limit);
	if (writing->headed)
		pen_marked(&writing->pen, &writing->dialect->heading, chat_subject(document));
	visit_blocks(document, shown, write_block, &writing->pen);
	return !writing->pen.is_full;
}

char *chat_text(const struct document *document, const struct dialect *dialect, size_t limit,
		bool headed)
{
	struct writing writing = {
	    .dialect = dialect, .limit = limit, .headed = headed, .pen = pen_make(dialect, limit)};

	fit_entries(document, write_out, &writing);
	return buf_take(&writing.pen.text);
}

const char *chat_subject(const struct document *document)
{
	/* Blanks alone would be an empty message to most. */
	for (const char *c = document->subject; c != NULL && *c != '\0'; c++)
		if ((unsigned char)*c > ' ')
			return document->subject;
	return SUBJECT_NONE;
}

char *chat_line(const struct dialect *dialect, const char *text, size_t limit)
{
	struct pen pen = pen_make(dialect, limit);

	pen_words(&pen, text);
	return buf_take(&pen.text);
}

size_t chat_length(enum chat_unit unit, const char *text)
{
	size_t length = 0;

	if (unit == UNIT_BYTES)
		return strlen(text);
	while (*text != '\0') {
		const bool pair = text_next(&text) > 0xffff;

		length += pair && unit == UNIT_UTF16 ? 2 : 1;
	}
	return length;
}

enum mark chat_worst(const struct document *document)
{
	for (size_t i = 0; i < document->block_count; i++)
		if (document->blocks[i].kind == BLOCK_ENTRY)
			return document->blocks[i].mark;
	return MARKS;
}
