/* The plain text of a message, as a person would type it: hanging indents, one blank line between
 * thoughts. */
#include "message/text.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

#define HANG 6 /* columns of "Last: ", to which its continuation is indented */

static void add_spaces(struct buf *out, size_t count)
{
	while (count-- > 0)
		buf_addc(out, ' ');
}

static bool is_printed(char c)
{
	return (unsigned char)c >= 0x20 && c != 0x7f;
}

/* Text as it may stand in a line: control characters become spaces. A line feed is kept: it was put
 * there by line_text(), to force a break. */
static void add_clean(struct buf *out, const char *text)
{
	for (size_t run = 0; *text != '\0'; text += run, run = 0) {
		while (is_printed(text[run]))
			run++;
		buf_add(out, text, run);
		if (text[run] != '\0') {
			buf_addc(out, ' ');
			run++;
		}
	}
}

/* Where the pen is in the paragraph being wrapped. */
struct pen {
	struct buf *out;
	size_t column;
	size_t hang; /* columns before every line but the first */
	bool fresh;  /* nothing but indent on this line yet */
};

static void pen_break(struct pen *pen)
{
	buf_addc(pen->out, '\n');
	add_spaces(pen->out, pen->hang);
	pen->column = pen->hang;
	pen->fresh = true;
}

/* A word that is wider than a whole line is cut into pieces that fit. */
static void pen_long_word(struct pen *pen, const char *word)
{
	while (*word != '\0') {
		size_t len = text_fit_columns(word, TEXT_COLUMNS - pen->column);

		if (len == 0 && !pen->fresh) {
			pen_break(pen);
			continue;
		}
		if (len == 0)
			len = strlen(word);
		buf_add(pen->out, word, len);
		word += len;
		pen->fresh = false;
		if (*word != '\0')
			pen_break(pen);
		else
			pen->column = TEXT_COLUMNS;
	}
}

static void pen_word(struct pen *pen, const char *word)
{
	const size_t columns = text_columns(word);
	const size_t space = pen->fresh ? 0 : 1;

	if (pen->column + space + columns > TEXT_COLUMNS && !pen->fresh)
		pen_break(pen);
	else
		add_spaces(pen->out, space), pen->column += space;
	if (pen->column + columns > TEXT_COLUMNS) {
		pen_long_word(pen, word);
		return;
	}
	buf_adds(pen->out, word);
	pen->column += columns;
	pen->fresh = false;
}

/* Wraps one piece of text; column: where the pen stands already. Consumes the text (words are cut
 * out of it). */
static void wrap(struct pen *pen, char *text)
{
	char *rest = text;

	for (char *word = strtok_r(text, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest))
		pen_word(pen, word);
}

/* One paragraph from `text`, the pen standing at `column`; ends with a line feed. */
static void write_paragraph(struct buf *out, const char *text, size_t column, size_t hang)
{
	struct pen pen = {out, column, hang, true};
	struct buf clean = buf_make(SIZE_MAX);

	add_clean(&clean, text);
	if (clean.len > 0)
		wrap(&pen, clean.data);
	buf_free(&clean);
	buf_addc(out, '\n');
}

/* ---- entries ---- */

static void write_line(struct buf *out, const struct line *line, size_t indent, size_t column)
{
	struct pen pen = {out, column, line->label != NULL ? indent + HANG : indent, true};

	for (size_t i = 0, next; i < line->run_count; i = next) {
		struct buf piece = buf_make(SIZE_MAX);
		const bool quote = line->runs[i].style == RUN_QUOTE;

		/* Runs up to the next quotation belong together; a quotation has a line of its own.
		 */
		for (next = i;
		     next < line->run_count && (line->runs[next].style == RUN_QUOTE) == quote;
		     next++) {
			buf_adds(&piece, quote ? "\"" : "");
			add_clean(&piece, line->runs[next].text);
			buf_adds(&piece, quote ? "\"" : "");
		}
		if (quote) {
			pen.hang = indent + HANG;
			pen_break(&pen);
			pen.hang++; /* under the first letter, not under the quotation mark */
		}
		if (piece.len > 0)
			wrap(&pen, piece.data);
		buf_free(&piece);
	}
	buf_addc(out, '\n');
}

static void write_labelled(struct buf *out, const struct line *line, size_t indent)
{
	add_spaces(out, indent);
	if (line->label == NULL) {
		write_line(out, line, indent, indent);
		return;
	}
	buf_addf(out, "%s: ", line->label);
	write_line(out, line, indent, indent + text_columns(line->label) + 2);
}

static void add_run_texts(struct buf *out, const struct block *block)
{
	for (size_t i = 0; i < block->line_count; i++)
		for (size_t j = 0; j < block->lines[i].run_count; j++)
			buf_adds(out, block->lines[i].runs[j].text);
}

static void write_entry(struct buf *out, const struct block *block)
{
	struct buf title = buf_make(SIZE_MAX);
	const size_t start = out->len;

	if (block->number > 0)
		buf_addf(out, "%d. ", block->number);
	else
		buf_adds(out, "- ");
	const size_t indent = out->len - start;

	buf_addf(&title, "%s%s", block->title, block->title_rest != NULL ? block->title_rest : "");
	if (block->brief) {
		buf_adds(&title, ": ");
		add_run_texts(&title, block);
	}
	write_paragraph(out, buf_text(&title), indent, indent);
	buf_free(&title);
	for (size_t i = 0; i < block->line_count && !block->brief; i++)
		write_labelled(out, &block->lines[i], indent);
}

/* ---- the other blocks ---- */

static void write_text(struct buf *out, const struct block *block)
{
	write_paragraph(out, block->text != NULL ? block->text : "", 0, 0);
}

static void write_lane(struct buf *out, const struct block *block)
{
	for (const char *c = block->text != NULL ? block->text : ""; *c != '\0'; c++)
		buf_addc(out, *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c);
	buf_addc(out, '\n');
}

static void write_more(struct buf *out, const struct block *block)
{
	struct buf text = buf_make(SIZE_MAX);

	add_run_texts(&text, block);
	write_paragraph(out, buf_text(&text), 0, 0);
	buf_free(&text);
}

static void write_rule(struct buf *out, const struct block *block)
{
	(void)block;
	for (int i = 0; i < TEXT_COLUMNS; i++)
		buf_addc(out, '-');
	buf_addc(out, '\n');
}

static void write_commands(struct buf *out, const struct block *block)
{
	const char *text = block->text != NULL ? block->text : "";

	for (size_t i = 0; i < block->line_count; i++) {
		if (i == 0)
			buf_addf(out, "%s  ", text);
		else
			add_spaces(out, text_columns(text) + 2);
		for (size_t j = 0; j < block->lines[i].run_count; j++)
			add_clean(out, block->lines[i].runs[j].text);
		buf_addc(out, '\n');
	}
}

/* Two short lines share one: the first at the left, the second at the right. */
static bool write_sides(struct buf *out, const struct block *block)
{
	if (block->line_count != 2 || block->lines[0].run_count != 1 ||
	    block->lines[1].run_count != 1)
		return false;
	const char *left = block->lines[0].runs[0].text;
	const char *right = block->lines[1].runs[0].text;
	const size_t columns = text_columns(left) + text_columns(right);

	if (columns + 2 > TEXT_COLUMNS)
		return false;
	add_clean(out, left);
	add_spaces(out, TEXT_COLUMNS - columns);
	add_clean(out, right);
	buf_addc(out, '\n');
	return true;
}

static void write_footer(struct buf *out, const struct block *block)
{
	if (write_sides(out, block))
		return;
	for (size_t i = 0; i < block->line_count; i++)
		write_labelled(out, &block->lines[i], 0);
}

typedef void block_writer(struct buf *out, const struct block *block);
static block_writer *const writers[BLOCK_KINDS] = {
    [BLOCK_GREETING] = write_text, [BLOCK_PARAGRAPH] = write_text,    [BLOCK_LANE] = write_lane,
    [BLOCK_ENTRY] = write_entry,   [BLOCK_MORE] = write_more,	      [BLOCK_RULE] = write_rule,
    [BLOCK_FOOTNOTE] = write_text, [BLOCK_COMMANDS] = write_commands, [BLOCK_FOOTER] = write_footer,
};

/* Whether no blank line stands between two blocks. */
static bool joined(enum block_kind above, enum block_kind below)
{
	static const bool pairs[BLOCK_KINDS][BLOCK_KINDS] = {
	    [BLOCK_ENTRY] = {[BLOCK_ENTRY] = true, [BLOCK_MORE] = true},
	    [BLOCK_FOOTNOTE] = {[BLOCK_FOOTNOTE] = true},
	    [BLOCK_RULE] =
		{[BLOCK_FOOTNOTE] = true, [BLOCK_COMMANDS] = true, [BLOCK_FOOTER] = true},
	    [BLOCK_COMMANDS] = {[BLOCK_FOOTER] = true},
	};

	return pairs[above][below];
}

void text_render(const struct document *document, struct buf *out)
{
	for (size_t i = 0; i < document->block_count; i++) {
		const struct block *block = &document->blocks[i];

		if (i > 0 && !joined(block[-1].kind, block->kind))
			buf_addc(out, '\n');
		writers[block->kind](out, block);
	}
}
