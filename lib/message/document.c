/* The document and its stored form.
 *
 * The JSON is read back by later versions of this program, so names stand for all enumerations and
 * what is absent has its empty value. */
#include "message/document.h"

#include <stdlib.h>
#include <string.h>

#include "message/json.h"

static const char *const kind_names[DOCUMENT_KINDS] = {
    [DOCUMENT_DIGEST] = "digest", [DOCUMENT_QUIET] = "quiet", [DOCUMENT_TEST] = "test",
    [DOCUMENT_ADMIN] = "admin",	  [DOCUMENT_REPLY] = "reply",
};
static const char *const style_names[RUN_STYLES] = {
    [RUN_PLAIN] = "plain",
    [RUN_STRONG] = "strong",
    [RUN_CODE] = "code",
    [RUN_QUOTE] = "quote",
};
static const char *const mark_names[MARKS] = {
    [MARK_COLD] = "cold",
    [MARK_DUE] = "due",
    [MARK_QUESTION] = "question",
    [MARK_HINT] = "hint",
};
static const char *const block_names[BLOCK_KINDS] = {
    [BLOCK_GREETING] = "greeting", [BLOCK_PARAGRAPH] = "paragraph", [BLOCK_LANE] = "lane",
    [BLOCK_ENTRY] = "entry",	   [BLOCK_MORE] = "more",	    [BLOCK_RULE] = "rule",
    [BLOCK_FOOTNOTE] = "footnote", [BLOCK_COMMANDS] = "commands",   [BLOCK_FOOTER] = "footer",
};

const char *document_kind_name(enum document_kind kind)
{
	return kind_names[kind];
}

struct document *document_new(struct arena *arena, enum document_kind kind, instant created)
{
	struct document *document = arena_alloc(arena, 1, sizeof(*document));

	document->kind = kind;
	document->created = created;
	return document;
}

struct block *document_add(struct arena *arena, struct document *document, enum block_kind kind)
{
	document->blocks = arena_grow(arena, document->blocks, document->block_count,
				      &document->block_capacity, sizeof(*document->blocks));
	struct block *block = &document->blocks[document->block_count++];

	*block = (struct block){.kind = kind};
	return block;
}

void document_add_text(struct arena *arena, struct document *document, enum block_kind kind,
		       const char *text)
{
	document_add(arena, document, kind)->text = arena_strdup(arena, text);
}

struct line *block_add_line(struct arena *arena, struct block *block, const char *label)
{
	block->lines = arena_grow(arena, block->lines, block->line_count, &block->line_capacity,
				  sizeof(*block->lines));
	struct line *line = &block->lines[block->line_count++];

	*line = (struct line){.label = arena_strdup(arena, label)};
	return line;
}

void line_add_run(struct arena *arena, struct line *line, enum run_style style, const char *text)
{
	line->runs = arena_grow(arena, line->runs, line->run_count, &line->run_capacity,
				sizeof(*line->runs));
	line->runs[line->run_count++] =
	    (struct run){.style = style, .text = arena_strdup(arena, text)};
}

size_t document_entries(const struct document *document)
{
	size_t count = 0;

	for (size_t i = 0; i < document->block_count; i++)
		count += document->blocks[i].kind == BLOCK_ENTRY;
	return count;
}

/* ---- writing ---- */

static json_t *runs_to_json(const struct line *line)
{
	json_t *runs = json_array();

	for (size_t i = 0; i < line->run_count; i++) {
		json_t *run = json_array();

		(void)json_array_append_new(run, json_text(style_names[line->runs[i].style]));
		(void)json_array_append_new(run, json_text(line->runs[i].text));
		(void)json_array_append_new(runs, run);
	}
	return runs;
}

static json_t *lines_to_json(const struct block *block)
{
	json_t *lines = json_array();

	for (size_t i = 0; i < block->line_count; i++) {
		json_t *line = json_object();

		json_set_text(line, "label", block->lines[i].label);
		(void)json_object_set_new(line, "runs", runs_to_json(&block->lines[i]));
		(void)json_array_append_new(lines, line);
	}
	return lines;
}

static json_t *block_to_json(const struct block *block)
{
	json_t *object = json_object();

	json_set_text(object, "block", block_names[block->kind]);
	if (block->number != 0)
		(void)json_object_set_new(object, "number", json_integer(block->number));
	if (block->kind == BLOCK_ENTRY)
		json_set_text(object, "mark", mark_names[block->mark]);
	if (block->brief)
		(void)json_object_set_new(object, "brief", json_true());
	json_set_text(object, "partner", block->partner);
	json_set_text(object, "title", block->title);
	json_set_text(object, "link", block->link);
	json_set_text(object, "title_rest", block->title_rest);
	json_set_text(object, "text", block->text);
	if (block->line_count > 0)
		(void)json_object_set_new(object, "lines", lines_to_json(block));
	return object;
}

static void blocks_to_json(const struct document *document, json_t *object)
{
	json_t *blocks = json_array();

	for (size_t i = 0; i < document->block_count; i++)
		(void)json_array_append_new(blocks, block_to_json(&document->blocks[i]));
	(void)json_object_set_new(object, "blocks", blocks);
}

char *document_to_json(const struct document *document)
{
	json_t *object = json_object();

	json_set_text(object, "kind", kind_names[document->kind]);
	(void)json_object_set_new(object, "at", json_integer(document->created));
	json_set_text(object, "subject", document->subject);
	json_set_text(object, "owner", document->owner_id);
	json_set_text(object, "owner_name", document->owner_name);
	json_set_text(object, "reply_to", document->reply_to);
	json_set_text(object, "in_reply_to", document->in_reply_to);
	blocks_to_json(document, object);
	char *line = json_line(object);
	json_decref(object);
	return line;
}

/* ---- reading ---- */

/* The first thing that was wrong stays in `wrong`; reading goes on to the end without it. */
struct reader {
	struct arena *arena;
	const char *wrong;
};

static void refuse(struct reader *reader, const char *what)
{
	if (reader->wrong == NULL)
		reader->wrong = what;
}

static const char *read_text(struct reader *reader, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (value == NULL)
		return NULL;
	if (!json_is_string(value)) {
		refuse(reader, key);
		return NULL;
	}
	return arena_strdup(reader->arena, json_string_value(value));
}

static int read_name(struct reader *reader, const json_t *value, const char *const *names,
		     size_t count, const char *what)
{
	const char *text = json_string_value(value);

	for (size_t i = 0; text != NULL && i < count; i++)
		if (strcmp(names[i], text) == 0)
			return (int)i;
	refuse(reader, what);
	return 0;
}

static int read_number(struct reader *reader, const json_t *object)
{
	const json_t *value = json_object_get(object, "number");
	const json_int_t number = json_integer_value(value);

	if (value == NULL)
		return 0;
	if (!json_is_integer(value) || number < 0 || number > INT32_MAX) {
		refuse(reader, "number");
		return 0;
	}
	return (int)number;
}

static void read_run(struct reader *reader, struct line *line, const json_t *run)
{
	const json_t *text = json_array_get(run, 1);
	const int style =
	    read_name(reader, json_array_get(run, 0), style_names, RUN_STYLES, "style");

	if (!json_is_string(text)) {
		refuse(reader, "run");
		return;
	}
	line_add_run(reader->arena, line, (enum run_style)style, json_string_value(text));
}

static void read_line(struct reader *reader, struct block *block, const json_t *object)
{
	const json_t *runs = json_object_get(object, "runs");
	struct line *line =
	    block_add_line(reader->arena, block, read_text(reader, object, "label"));

	if (!json_is_array(runs))
		refuse(reader, "runs");
	for (size_t i = 0; i < json_array_size(runs); i++)
		read_run(reader, line, json_array_get(runs, i));
}

static void read_block(struct reader *reader, struct document *document, const json_t *object)
{
	const json_t *lines = json_object_get(object, "lines");
	const int kind =
	    read_name(reader, json_object_get(object, "block"), block_names, BLOCK_KINDS, "block");
	struct block *block = document_add(reader->arena, document, (enum block_kind)kind);

	block->number = read_number(reader, object);
	if (block->kind == BLOCK_ENTRY)
		block->mark = (enum mark)read_name(reader, json_object_get(object, "mark"),
						   mark_names, MARKS, "mark");
	block->brief = json_is_true(json_object_get(object, "brief"));
	block->partner = read_text(reader, object, "partner");
	block->title = read_text(reader, object, "title");
	block->link = read_text(reader, object, "link");
	block->title_rest = read_text(reader, object, "title_rest");
	block->text = read_text(reader, object, "text");
	if (block->kind == BLOCK_ENTRY && (block->partner == NULL || block->title == NULL))
		refuse(reader, "entry");
	if (lines != NULL && !json_is_array(lines))
		refuse(reader, "lines");
	for (size_t i = 0; i < json_array_size(lines); i++)
		read_line(reader, block, json_array_get(lines, i));
}

static void read_blocks(struct reader *reader, struct document *document, const json_t *object)
{
	const json_t *blocks = json_object_get(object, "blocks");

	if (!json_is_array(blocks))
		refuse(reader, "blocks");
	if (document->subject == NULL)
		refuse(reader, "subject");
	for (size_t i = 0; i < json_array_size(blocks); i++)
		read_block(reader, document, json_array_get(blocks, i));
}

static struct document *read_document(struct reader *reader, const json_t *object)
{
	const json_t *at = json_object_get(object, "at");
	const int kind =
	    read_name(reader, json_object_get(object, "kind"), kind_names, DOCUMENT_KINDS, "kind");
	struct document *document =
	    document_new(reader->arena, (enum document_kind)kind, json_integer_value(at));

	if (!json_is_integer(at))
		refuse(reader, "at");
	document->subject = read_text(reader, object, "subject");
	document->owner_id = read_text(reader, object, "owner");
	document->owner_name = read_text(reader, object, "owner_name");
	document->reply_to = read_text(reader, object, "reply_to");
	document->in_reply_to = read_text(reader, object, "in_reply_to");
	read_blocks(reader, document, object);
	return document;
}

enum status document_from_json(struct arena *arena, const char *json,
			       struct document **ret_document, struct error *err)
{
	struct reader reader = {.arena = arena};
	json_error_t fault;
	json_t *object = json_loads(json, 0, &fault);

	if (object == NULL)
		return error_fail(err, STATUS_INVALID, "the stored message is not JSON: %s",
				  fault.text);
	struct document *document = read_document(&reader, object);

	json_decref(object);
	if (reader.wrong != NULL)
		return error_fail(err, STATUS_INVALID, "the stored message has no sound \"%s\"",
				  reader.wrong);
	*ret_document = document;
	return STATUS_OK;
}
