/* Nothing is ever half written: a character comes with all its escapes, and what is opened has its
 * closing paid for in advance. */
#include "message/chat_pen.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "message/link.h"

#define ELLIPSIS "…"

struct pen pen_make(const struct dialect *dialect, size_t limit)
{
	const size_t spare = chat_length(dialect->unit, ELLIPSIS);

	return (struct pen){.dialect = dialect,
			    .text = buf_make(SIZE_MAX),
			    .room = limit > spare ? limit - spare : 0};
}

void pen_free(struct pen *pen)
{
	buf_free(&pen->text);
}

/* Takes the units of a piece that is to be written; false when there are not so many. */
static bool take(struct pen *pen, size_t length)
{
	if (pen->is_full)
		return false;
	if (length > pen->room) {
		pen->is_full = true;
		buf_adds(&pen->text, ELLIPSIS);
		return false;
	}
	pen->room -= length;
	return true;
}

void pen_put(struct pen *pen, const char *piece)
{
	if (take(pen, chat_length(pen->dialect->unit, piece)))
		buf_adds(&pen->text, piece);
}

/* Writes what opens, if its closing fits too, which is then written with buf_adds(). */
static bool put_open(struct pen *pen, const char *open, const char *close)
{
	const enum chat_unit unit = pen->dialect->unit;

	if (!take(pen, chat_length(unit, open) + chat_length(unit, close)))
		return false;
	buf_adds(&pen->text, open);
	return true;
}

/* ---- words ---- */

static bool is_line_start(const struct pen *pen)
{
	size_t at = pen->text.len;

	while (at > 0 && pen->text.data[at - 1] >= '0' && pen->text.data[at - 1] <= '9')
		at--;
	return at == 0 || pen->text.data[at - 1] == '\n';
}

static char last_byte(const struct pen *pen)
{
	return pen->text.len > 0 ? pen->text.data[pen->text.len - 1] : '\n';
}

/* Writes the character at *text and moves behind it. spared: it is part of a mail address. */
static void put_character(struct pen *pen, escaper *escape, const char **text, bool spared)
{
	char piece[ESCAPE_SIZE + sizeof(ZERO_WIDTH_SPACE)];
	const uint32_t c = text_next(text);
	const struct escape_place place = {last_byte(pen), is_line_start(pen), *text};

	/* Four spaces would begin a block of code. */
	if (c == ' ' && place.before == '\n')
		return;
	escape(c, &place, piece);
	if (!spared && escape_breaks(c, &place))
		memcpy(piece + strlen(piece), ZERO_WIDTH_SPACE, sizeof(ZERO_WIDTH_SPACE));
	pen_put(pen, piece);
}

void pen_words(struct pen *pen, const char *text)
{
	const char *spared = text; /* up to here a mail address goes */

	while (*text != '\0' && !pen->is_full) {
		if (text >= spared)
			spared = text + escape_address(text, last_byte(pen));
		put_character(pen, pen->dialect->escape, &text, text < spared);
	}
}

void pen_marked(struct pen *pen, const struct markup *markup, const char *text)
{
	if (*text == '\0' || !put_open(pen, markup->open, markup->close))
		return;
	pen_words(pen, text);
	buf_adds(&pen->text, markup->close);
}

/* Ids and commands stay as they can be copied: where they are marked as code nothing in them has a
 * meaning but the mark itself. */
static void put_code(struct pen *pen, const char *text)
{
	const struct dialect *dialect = pen->dialect;

	if (dialect->escape_code == NULL) {
		pen_marked(pen, &dialect->code, text);
		return;
	}
	if (*text == '\0' || !put_open(pen, dialect->code.open, dialect->code.close))
		return;
	while (*text != '\0')
		put_character(pen, dialect->escape_code, &text, true);
	buf_adds(&pen->text, dialect->code.close);
}

static void put_run(struct pen *pen, const struct run *run)
{
	switch (run->style) {
	case RUN_STRONG:
		pen_marked(pen, &pen->dialect->strong, run->text);
		break;
	case RUN_CODE:
		put_code(pen, run->text);
		break;
	case RUN_QUOTE:
		pen_marked(pen, &pen->dialect->quote, run->text);
		break;
	default:
		pen_words(pen, run->text);
	}
}

static void put_lines(struct pen *pen, const struct block *block)
{
	for (size_t i = 0; i < block->line_count; i++) {
		const struct line *line = &block->lines[i];

		if (i > 0)
			pen_put(pen, pen->dialect->line);
		if (line->label != NULL) {
			pen_words(pen, line->label);
			pen_put(pen, ": ");
		}
		for (size_t j = 0; j < line->run_count; j++)
			put_run(pen, &line->runs[j]);
	}
}

/* ---- entries ---- */

/* A bracket in a name would end the name of a Markdown link. */
static void put_link_name(struct pen *pen, const char *name)
{
	struct buf round = buf_make(SIZE_MAX);

	for (const char *c = name; *c != '\0'; c++)
		buf_addc(&round, *c == '[' ? '(' : *c == ']' ? ')' : *c);
	pen_words(pen, pen->dialect->link.name_first ? buf_text(&round) : name);
	buf_free(&round);
}

static void add_url(struct buf *out, const struct dialect *dialect, const char *url)
{
	for (; *url != '\0'; url++)
		if (*url == '&' && dialect->url_entities)
			buf_adds(out, "&amp;");
		else
			buf_addc(out, *url);
}

static void put_link(struct pen *pen, const struct block *block)
{
	const struct dialect *dialect = pen->dialect;
	struct buf open = buf_make(SIZE_MAX), close = buf_make(SIZE_MAX);
	struct buf *around = dialect->link.name_first ? &close : &open;

	buf_adds(&open, dialect->link.first);
	buf_adds(&close, dialect->link.name_first ? dialect->link.second : dialect->link.third);
	add_url(around, dialect, block->link);
	buf_adds(around, dialect->link.name_first ? dialect->link.third : dialect->link.second);
	if (put_open(pen, buf_text(&open), buf_text(&close))) {
		put_link_name(pen, block->title);
		buf_adds(&pen->text, buf_text(&close));
	}
	buf_free(&open);
	buf_free(&close);
}

static void put_title(struct pen *pen, const struct block *block)
{
	char number[16] = "";

	if (block->number > 0) {
		struct buf digits = buf_make(sizeof(number) - 1);

		buf_addf(&digits, "%d. ", block->number);
		memcpy(number, buf_text(&digits), strlen(buf_text(&digits)) + 1);
		buf_free(&digits);
	}
	pen_put(pen, number);
	if (pen->dialect->link.first != NULL && *block->title != '\0' && link_is_safe(block->link))
		put_link(pen, block);
	else
		pen_words(pen, block->title);
}

static void put_entry(struct pen *pen, const struct block *block)
{
	const struct markup *strong = &pen->dialect->strong;

	pen_put(pen, pen->dialect->marks[block->mark]);
	if (put_open(pen, strong->open, strong->close)) {
		put_title(pen, block);
		buf_adds(&pen->text, strong->close);
	}
	pen_words(pen, block->title_rest != NULL ? block->title_rest : "");
	if (block->line_count == 0)
		return;
	pen_put(pen, block->brief ? ": " : pen->dialect->line);
	put_lines(pen, block);
}

void pen_block(struct pen *pen, const struct block *block)
{
	const struct markup none = {"", ""};
	const struct markup *markup = block->kind == BLOCK_LANE	      ? &pen->dialect->lane
				      : block->kind == BLOCK_FOOTNOTE ? &pen->dialect->small
								      : &none;

	if (block->kind == BLOCK_ENTRY) {
		put_entry(pen, block);
		return;
	}
	if (block->text != NULL) {
		pen_marked(pen, markup, block->text);
		if (block->line_count > 0)
			pen_put(pen, pen->dialect->line);
	}
	put_lines(pen, block);
}
