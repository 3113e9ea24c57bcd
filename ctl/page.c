/* Words into lines. */
#include "ctl/page.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

#define WIDTH_USUAL 80
#define WIDTH_MIN   20	      /* narrower ones are not wrapped for */
#define WORD_MAX    (1 << 20) /* bytes */
#define PLAIN	    "\x1b[0m"

size_t page_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col
									   : WIDTH_USUAL;
}

static bool has_colours(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && no[0]) && term && strcmp(term, "dumb") != 0;
}

static const char *find_colour(const char *state)
{
	static const char *const colours[][2] = {
	    {"cold", "\x1b[31m"},   {"due", "\x1b[33m"},  {"WARNING", "\x1b[33m"},
	    {"HOLD", "\x1b[33m"},   {"LOST", "\x1b[33m"}, {"REDIRECT", "\x1b[33m"},
	    {"RELOAD", "\x1b[31m"},
	};

	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (strcmp(state, colours[i][0]) == 0)
			return colours[i][1];
	return NULL;
}

const char *page_colour(const char *state)
{
	const char *colour = find_colour(state);

	return colour && has_colours() ? colour : "";
}

const char *page_plain(const char *state)
{
	return page_colour(state)[0] ? PLAIN : "";
}

/* ---- lines ---- */

struct line line_begin(size_t hang)
{
	const size_t width = page_width();

	return (struct line){
	    .hang = hang, .width = width >= WIDTH_MIN ? width : 0, .word = buf_make(WORD_MAX)};
}

static void write_spaces(struct line *line, size_t count)
{
	for (size_t i = 0; i < count; i++)
		putchar(' ');
	line->column += count;
}

static void break_line(struct line *line)
{
	putchar('\n');
	line->column = 0;
	line->spaces = 0;
	write_spaces(line, line->hang);
}

static void write_word(struct line *line)
{
	if (line->word.len == 0)
		return;
	if (line->width && line->column > line->hang &&
	    line->column + line->spaces + line->word_columns > line->width)
		break_line(line);
	write_spaces(line, line->spaces);
	fputs(buf_text(&line->word), stdout);
	line->column += line->word_columns;
	line->spaces = 0;
	line->word_columns = 0;
	buf_free(&line->word);
}

static void put_char(struct line *line, uint32_t c)
{
	char bytes[5];

	if (c == '\n') {
		write_word(line);
		break_line(line);
		return;
	}
	if (c == ' ' || c == '\t') {
		write_word(line);
		line->spaces++;
		return;
	}
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		c = '?';
	text_encode(c, bytes);
	buf_adds(&line->word, bytes);
	line->word_columns += text_columns(bytes);
}

void line_put(struct line *line, const char *text)
{
	uint32_t c;

	while ((c = text_next(&text)))
		put_char(line, c);
}

void line_putf(struct line *line, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abort();
	va_end(args);
	line_put(line, text);
	free(text);
}

void line_state(struct line *line, const char *state)
{
	buf_adds(&line->word, page_colour(state));
	line_put(line, state);
	buf_adds(&line->word, page_plain(state));
}

void line_pad(struct line *line, size_t column)
{
	write_word(line);
	if (line->column + line->spaces < column)
		line->spaces = column - line->column;
	else if (line->spaces == 0 && line->column > 0)
		line->spaces = 1;
}

void line_end(struct line *line)
{
	write_word(line);
	putchar('\n');
	line->column = line->spaces = 0;
}
