/* Words of a line. The text itself is kept as it was written, for notes; only what is compared is
 * made lower case and loses its quotes, brackets and stops. */
#include "source/line.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

static bool is_any(uint32_t c, const uint32_t *set)
{
	for (; *set; set++)
		if (*set == c)
			return true;
	return false;
}

/* No-break, en, em, thin, … and ideographic spaces. */
static bool is_space(uint32_t c)
{
	static const uint32_t spaces[] = {' ', '\t', 0xA0, 0x1680, 0x202F, 0x205F, 0x3000, 0};

	return is_any(c, spaces) || (c >= 0x2000 && c <= 0x200A);
}

/* Stands between letters unseen: soft hyphen, zero-width space, word joiner. */
static bool is_invisible(uint32_t c)
{
	static const uint32_t signs[] = {0xAD, 0x200B, 0x2060, 0xFEFF, 0};

	return is_any(c, signs);
}

static bool is_dash(uint32_t c)
{
	return (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

static bool is_bullet(uint32_t c)
{
	static const uint32_t bullets[] = {'-',	   '*',	   0xB7,   0x2022, 0x2023, 0x2043, 0x25AA,
					   0x25CF, 0x25E6, 0x2013, 0x2014, 0x25B8, 0xF0B7, 0};

	return is_any(c, bullets);
}

/* Quotes, brackets and emphasis: they say nothing. */
static bool is_wrapping(uint32_t c)
{
	static const uint32_t signs[] = {
	    '"', '\'', '(',  ')',    '[',    ']',    '{',    '}',    '<',    '>',    '*',    '_',
	    '`', 0xAB, 0xBB, 0x2018, 0x2019, 0x201A, 0x201B, 0x201C, 0x201D, 0x201E, 0x201F, 0};

	return is_any(c, signs);
}

static bool is_stop(uint32_t c)
{
	static const uint32_t signs[] = {'.', ',', ':', ';', '!', '?', 0x2026, 0};

	return is_any(c, signs);
}

/* One space for each run of them, nothing that is not seen. */
static char *tidied(const char *text, size_t len, struct arena *arena)
{
	const char *const end = text + len;
	char *const out = arena_alloc(arena, len + 1, 1);
	size_t used = 0;

	while (text < end && *text) {
		const char *const start = text;
		const uint32_t c = text_next(&text);

		if (is_invisible(c))
			continue;
		if (!is_space(c)) {
			memcpy(out + used, start, (size_t)(text - start));
			used += (size_t)(text - start);
		} else if (used > 0 && out[used - 1] != ' ') {
			out[used++] = ' ';
		}
	}
	while (used > 0 && out[used - 1] == ' ')
		used--;
	out[used] = '\0';
	return out;
}

/* Where the line begins behind its bullet: "- 1 call", "• 1 call", "-1 call"; not "-3d". */
static const char *behind_bullet(const char *text)
{
	const char *next = text;

	if (!is_bullet(text_next(&next)))
		return text;
	if (*next == ' ')
		return next + 1;
	return isdigit((unsigned char)*next) || isalpha((unsigned char)*next) ? next : text;
}

/* Bytes of "1." in "1.call": a number, stops, and a letter at once. */
static size_t glued_number(const char *word)
{
	const size_t before = strspn(word, "#([");
	const size_t digits = strspn(word + before, "0123456789");
	const size_t stops = strspn(word + before + digits, ".):]");
	const char *const behind = word + before + digits + stops;

	return digits > 0 && stops > 0 && isalpha((unsigned char)*behind) ? (size_t)(behind - word)
									  : 0;
}

static size_t skip_around(const char *text, size_t len)
{
	const char *at = text, *kept = text;

	while (at < text + len) {
		const uint32_t c = text_next(&at);

		if (!is_wrapping(c) && !is_stop(c) && c != '#')
			break;
		kept = at;
	}
	return (size_t)(kept - text);
}

static size_t fit_around(const char *text, size_t len)
{
	const char *at = text;
	size_t kept = 0;

	while (at < text + len) {
		const uint32_t c = text_next(&at);

		if (!is_wrapping(c) && !is_stop(c))
			kept = (size_t)(at - text);
	}
	return kept;
}

/* Whether a stop stands behind what is kept of a word. */
static bool has_stop(const char *text, const char *end)
{
	while (text < end)
		if (is_stop(text_next(&text)))
			return true;
	return false;
}

static struct word word_make(const char *start, size_t len, struct arena *arena)
{
	const size_t before = skip_around(start, len);
	const size_t kept = fit_around(start + before, len - before);
	char *bare = arena_strndup(arena, start + before, kept);

	for (char *c = bare; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return (struct word){.start = start,
			     .len = len,
			     .bare = bare,
			     .ends = has_stop(start + before + kept, start + len)};
}

/* The bytes of the next piece: up to a space, or a dash, which is a piece itself. */
static size_t piece_length(const char *text, bool *ret_is_dash)
{
	const char *at = text;

	*ret_is_dash = false;
	while (*at && *at != ' ') {
		const char *const start = at;

		if (!is_dash(text_next(&at)))
			continue;
		*ret_is_dash = start == text;
		return *ret_is_dash ? (size_t)(at - text) : (size_t)(start - text);
	}
	return (size_t)(at - text);
}

struct line line_read(const char *text, size_t len, struct arena *arena)
{
	struct line line = {.text = behind_bullet(tidied(text, len, arena))};
	size_t capacity = 0;

	for (const char *at = line.text; *at;) {
		bool is_dashed;
		size_t piece = piece_length(at, &is_dashed);
		const size_t number = line.count == 0 ? glued_number(at) : 0;

		if (number > 0 && number < piece)
			piece = number;
		line.words =
		    arena_grow(arena, line.words, line.count, &capacity, sizeof(*line.words));
		line.words[line.count] = word_make(at, piece, arena);
		if (is_dashed)
			line.words[line.count].bare = "-";
		line.count++;
		at += piece;
		at += *at == ' ';
	}
	return line;
}

const char *line_bare(const struct line *line, size_t index)
{
	return index < line->count ? line->words[index].bare : "";
}

static bool is_around(uint32_t c)
{
	return is_space(c) || is_stop(c) || c == '-' || is_dash(c);
}

/* Takes the quotes off when the whole stands in them. */
static char *unwrapped(char *text)
{
	static const uint32_t open[] = {'"', 0xAB, 0x201C, 0x201E, '*', '_', 0};
	static const uint32_t shut[] = {'"', 0xBB, 0x201D, 0x201C, '*', '_', 0};
	const char *at = text, *last = text;
	uint32_t first, c = 0;

	first = text_next(&at);
	if (!first || !is_any(first, open))
		return text;
	for (const char *next = at; *next;) {
		last = next;
		c = text_next(&next);
	}
	if (!is_any(c, shut))
		return text;
	text[last - text] = '\0';
	return text + (at - text);
}

const char *line_quote(const struct line *line, size_t first, size_t end, struct arena *arena)
{
	const char *start, *stop;
	char *text;
	size_t len = 0;

	if (first >= line->count || first >= end)
		return NULL;
	start = line->words[first].start;
	stop = end < line->count ? line->words[end].start : start + strlen(start);
	text = arena_strndup(arena, start, (size_t)(stop - start));
	for (const char *next = text; *next && is_around(text_next(&next));)
		text += next - text;
	/* A full stop, an exclamation and a question mark belong to what was said. */
	for (const char *next = text; *next;) {
		const uint32_t c = text_next(&next);

		if (!is_around(c) || c == '.' || c == '!' || c == '?')
			len = (size_t)(next - text);
	}
	text[len] = '\0';
	text = unwrapped(text);
	return *text ? text : NULL;
}

struct line line_rest(const struct line *line, size_t first)
{
	const size_t from = first < line->count ? first : line->count;

	return (struct line){.text = from < line->count ? line->words[from].start : "",
			     .words = line->words ? line->words + from : NULL,
			     .count = line->count - from};
}

bool word_is_one_of(const char *bare, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(bare, *list) == 0)
			return true;
	return false;
}

size_t line_skip_dashes(const struct line *line, size_t at)
{
	while (at < line->count &&
	       (!*line->words[at].bare || strcmp(line->words[at].bare, "-") == 0))
		at++;
	return at;
}
