/* The HTML of a message. Without its style sheet (some mail clients drop it) it still reads from
 * top to bottom. */
#include "message/html.h"

#include "message/link.h"

static const char head[] =
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<style>\n"
    ":root { color-scheme: light dark; }\n"
    "body { margin: 0; padding: 16px; background: #fff; color: #1d1d1f; font: 16px/1.45 "
    "sans-serif; }\n"
    "main { max-width: 38em; margin: 0 auto; overflow-wrap: anywhere; }\n"
    "h1 { font-size: 1.25em; } h2 { font-size: 1.05em; margin: 1.4em 0 .4em; }\n"
    "ol, ul { margin: 0; padding-left: 1.8em; } li { margin: 0 0 .8em; } li.brief { margin: 0 0 "
    ".3em; }\n"
    "p { margin: 0 0 .5em; } li p { margin: .1em 0; }\n"
    "code { font-family: monospace; } pre { white-space: pre-wrap; margin: .2em 0; padding-left: "
    "2em; "
    "text-indent: -2em; } pre + p { margin-top: 1em; }\n"
    "hr { border: 0; border-top: 1px solid #c7c7cc; margin: 1.4em 0 1em; }\n"
    "a { color: inherit; }\n"
    ".cold { color: #b00020; } .due { color: #8a4b00; } .small { color: #56565c; font-size: .9em; "
    "}\n"
    "@media (prefers-color-scheme: dark) {\n"
    "body { background: #1c1c1e; color: #f2f2f7; } hr { border-top-color: #48484a; }\n"
    ".cold { color: #ff8a94; } .due { color: #ffb866; } .small { color: #b5b5bd; }\n"
    "}\n"
    "</style>\n";

/* What stands for a character that may not stand there itself; NULL: it may. */
static const char *stand_in(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return (unsigned char)c < 0x20 || c == 0x7f ? " " : NULL;
	}
}

static void add_escaped(struct buf *out, const char *text)
{
	for (size_t run = 0; *text != '\0'; text += run, run = 0) {
		while (stand_in(text[run]) == NULL)
			run++;
		buf_add(out, text, run);
		if (text[run] != '\0')
			buf_adds(out, stand_in(text[run++]));
	}
}

static void add_run(struct buf *out, const struct run *run)
{
	static const char *const tags[RUN_STYLES][2] = {
	    [RUN_PLAIN] = {"", ""},
	    [RUN_STRONG] = {"<strong>", "</strong>"},
	    [RUN_CODE] = {"<code>", "</code>"},
	    [RUN_QUOTE] = {"<q dir=\"auto\">", "</q>"},
	};

	buf_adds(out, tags[run->style][0]);
	add_escaped(out, run->text);
	buf_adds(out, tags[run->style][1]);
}

static void add_line(struct buf *out, const struct line *line)
{
	if (line->label != NULL) {
		add_escaped(out, line->label);
		buf_adds(out, ": ");
	}
	for (size_t i = 0; i < line->run_count; i++)
		add_run(out, &line->runs[i]);
}

static void write_text(struct buf *out, const struct block *block)
{
	const bool heading = block->kind == BLOCK_LANE;

	buf_adds(out, heading			      ? "<h2>"
		      : block->kind == BLOCK_FOOTNOTE ? "<p class=\"small\">"
						      : "<p>");
	add_escaped(out, block->text != NULL ? block->text : "");
	buf_adds(out, heading ? "</h2>\n" : "</p>\n");
}

/* The first line of an entry, without a label, says how it stands: it carries the colour, which
 * only repeats what the words say. */
static const char *line_class(const struct block *block, size_t index)
{
	if (index > 0 || block->lines[0].label != NULL ||
	    (block->mark != MARK_COLD && block->mark != MARK_DUE))
		return "<p>";
	return block->mark == MARK_COLD ? "<p class=\"cold\">" : "<p class=\"due\">";
}

/* Nothing is loaded: the address is only followed when the reader asks for it. */
static void add_title(struct buf *out, const struct block *block)
{
	const bool linked = link_is_safe(block->link);

	buf_adds(out, "<strong dir=\"auto\">");
	if (linked) {
		buf_adds(out, "<a href=\"");
		add_escaped(out, block->link);
		buf_adds(out, "\">");
	}
	add_escaped(out, block->title);
	buf_adds(out, linked ? "</a></strong>" : "</strong>");
}

static void write_entry(struct buf *out, const struct block *block)
{
	buf_adds(out, block->brief ? "<li class=\"brief\">" : "<li><p>");
	add_title(out, block);
	add_escaped(out, block->title_rest != NULL ? block->title_rest : "");
	buf_adds(out, block->brief ? ": " : "</p>\n");
	for (size_t i = 0; i < block->line_count; i++) {
		buf_adds(out, block->brief ? "" : line_class(block, i));
		add_line(out, &block->lines[i]);
		buf_adds(out, block->brief ? "" : "</p>\n");
	}
	buf_adds(out, "</li>\n");
}

static void write_lines(struct buf *out, const struct block *block)
{
	for (size_t i = 0; i < block->line_count; i++) {
		buf_adds(out, block->kind == BLOCK_FOOTER ? "<p class=\"small\">" : "<p>");
		add_line(out, &block->lines[i]);
		buf_adds(out, "</p>\n");
	}
}

static void write_rule(struct buf *out, const struct block *block)
{
	(void)block;
	buf_adds(out, "<hr>\n");
}

static void write_commands(struct buf *out, const struct block *block)
{
	buf_adds(out, "<p>");
	add_escaped(out, block->text != NULL ? block->text : "");
	buf_adds(out, "</p>\n");
	for (size_t i = 0; i < block->line_count; i++) {
		buf_adds(out, "<pre>");
		add_line(out, &block->lines[i]);
		buf_adds(out, "</pre>\n");
	}
}

typedef void block_writer(struct buf *out, const struct block *block);
static block_writer *const writers[BLOCK_KINDS] = {
    [BLOCK_GREETING] = write_text, [BLOCK_PARAGRAPH] = write_text,    [BLOCK_LANE] = write_text,
    [BLOCK_ENTRY] = write_entry,   [BLOCK_MORE] = write_lines,	      [BLOCK_RULE] = write_rule,
    [BLOCK_FOOTNOTE] = write_text, [BLOCK_COMMANDS] = write_commands, [BLOCK_FOOTER] = write_lines,
};

/* Opens and closes the list around entries that follow each other. open: the tag of the open list,
 * NULL: none. */
static const char *turn_list(struct buf *out, const char *open, const struct block *block)
{
	const bool entry = block != NULL && block->kind == BLOCK_ENTRY;

	if (open != NULL && !entry) {
		buf_addf(out, "</%s>\n", open);
		return NULL;
	}
	if (open != NULL || !entry)
		return open;
	if (block->number > 0)
		buf_addf(out, "<ol start=\"%d\">\n", block->number);
	else
		buf_adds(out, "<ul>\n");
	return block->number > 0 ? "ol" : "ul";
}

void html_render(const struct document *document, struct buf *out)
{
	const char *subject = document->subject != NULL ? document->subject : "";
	const char *list = NULL;

	buf_adds(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n");
	buf_adds(out, head);
	buf_adds(out, "<title>");
	add_escaped(out, subject);
	buf_adds(out, "</title>\n</head>\n<body>\n<main>\n<h1>");
	add_escaped(out, subject);
	buf_adds(out, "</h1>\n");
	for (size_t i = 0; i < document->block_count; i++) {
		list = turn_list(out, list, &document->blocks[i]);
		writers[document->blocks[i].kind](out, &document->blocks[i]);
	}
	(void)turn_list(out, list, NULL);
	buf_adds(out, "</main>\n</body>\n</html>\n");
}
