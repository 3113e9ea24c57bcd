/* Two lines of defence. An escaper takes the meaning from the characters of a target's markup. And
 * since every chat makes links and mentions of words that hold no markup at all (@here,
 * evil.example, /start, :smile:), an invisible space is put where such a word would begin.
 *
 * A backslash is only used where it is to be trusted: Zulip knows none, and of the two readers of
 * Teams the one in the telephone takes "\[x\](y)" for a link. */
#include "message/escape.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

#define STAR  "\xe2\x88\x97" /* U+2217 */
#define LOW   "\xcb\x8d"     /* U+02CD */
#define WAVE  "\xe2\x88\xbc" /* U+223C */
#define GRAVE "\xcb\x8b"     /* U+02CB */
#define BAR   "\xe2\x88\xa3" /* U+2223 */
#define ANGLE "\xe2\x80\xba" /* U+203A */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_alnum(char c)
{
	return is_digit(c) || is_letter(c);
}

/* Whatever is not ASCII may be a letter. */
static bool is_word(char c)
{
	return is_alnum(c) || (unsigned char)c >= 0x80;
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Controls, and what would turn the line around or break it. */
static bool is_unwanted(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

void escape_none(uint32_t c, const struct escape_place *place, char out[ESCAPE_SIZE])
{
	(void)place;
	(void)text_encode(is_unwanted(c) ? ' ' : c, out);
}

static const char *entity_of(uint32_t c)
{
	return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : NULL;
}

static void write_or_none(const char *text, uint32_t c, const struct escape_place *place,
			  char out[ESCAPE_SIZE])
{
	if (text != NULL)
		memcpy(out, text, strlen(text) + 1);
	else
		escape_none(c, place, out);
}

void escape_entities(uint32_t c, const struct escape_place *place, char out[ESCAPE_SIZE])
{
	write_or_none(entity_of(c), c, place, out);
}

/* An underscore inside a word begins nothing anywhere. */
static bool is_inner(const struct escape_place *place)
{
	return is_alnum(place->before) && is_alnum(place->rest[0]);
}

static const char *shape_of(uint32_t c, const struct escape_place *place)
{
	switch (c) {
	case '*':
		return STAR;
	case '_':
		return is_inner(place) ? NULL : LOW;
	case '~':
		return WAVE;
	case '`':
		return GRAVE;
	case '|':
		return BAR;
	case '\\':
		return "\\" ZERO_WIDTH_SPACE;
	default:
		return NULL;
	}
}

/* & and < where they might begin an entity or a tag. */
static const char *loosened(uint32_t c, const struct escape_place *place)
{
	const char next = place->rest[0];

	if (c == '<')
		return "<" ZERO_WIDTH_SPACE;
	return c == '&' && (is_letter(next) || next == '#') ? "&" ZERO_WIDTH_SPACE : NULL;
}

void escape_shapes(uint32_t c, const struct escape_place *place, char out[ESCAPE_SIZE])
{
	const char *shape = shape_of(c, place);

	if (shape == NULL)
		shape = c == '>' && place->line_start ? ANGLE : loosened(c, place);
	write_or_none(shape, c, place, out);
}

void escape_slack(uint32_t c, const struct escape_place *place, char out[ESCAPE_SIZE])
{
	const char *shape = shape_of(c, place);

	write_or_none(shape != NULL ? shape : entity_of(c), c, place, out);
}

void escape_backslash(uint32_t c, const struct escape_place *place, char out[ESCAPE_SIZE])
{
	if (c == '_' && is_inner(place)) {
		escape_none(c, place, out);
	} else if (c < 0x80 && is_one_of((char)c, "\\*_~`|[]<>")) {
		out[0] = '\\';
		escape_none(c, place, out + 1);
	} else {
		write_or_none(loosened(c, place), c, place, out);
	}
}

void escape_code(uint32_t c, const struct escape_place *place, char out[ESCAPE_SIZE])
{
	write_or_none(c == '`' ? GRAVE : NULL, c, place, out);
}

void escape_slack_code(uint32_t c, const struct escape_place *place, char out[ESCAPE_SIZE])
{
	write_or_none(c == '`' ? GRAVE : entity_of(c), c, place, out);
}

/* ---- words that need no markup ---- */

/* "https:", "javascript:", ":smile:", ":100:", and "[name]: address". 08:30 is none of these. */
static bool colon_breaks(const struct escape_place *place)
{
	const char next = place->rest[0];

	return place->before == ']' || is_letter(next) || is_one_of(next, "/+-_") ||
	       (is_digit(next) && !is_word(place->before));
}

/* "evil.example"; and "1." where it would begin a list. */
static bool dot_breaks(const struct escape_place *place)
{
	const char next = place->rest[0];

	if (place->line_start && is_digit(place->before))
		return true;
	return is_word(place->before) && is_word(next) && !is_digit(next);
}

bool escape_breaks(uint32_t c, const struct escape_place *place)
{
	const char next = place->rest[0];

	switch (c) {
	case '@':
	case '$':
		return true;
	case '#':
		return !is_alnum(place->before);
	case '~':
		return is_word(next);
	case '/':
		return !is_word(place->before) && is_letter(next);
	case ':':
		return colon_breaks(place);
	case '.':
		return dot_breaks(place);
	case ')':
		return place->line_start && is_digit(place->before);
	case ']':
		return is_one_of(next, "([:");
	case '-':
	case '+':
	case '=':
		return place->line_start;
	default:
		return false;
	}
}

/* Whether a name begins with what some chat calls everybody: "x@here.example" is not spared. */
static bool is_everybody(const char *name)
{
	static const char *const words[] = {"all", "channel", "everyone", "group", "here", "room"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncasecmp(name, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

size_t escape_address(const char *text, char before)
{
	size_t at = 0, end;

	if (is_word(before) || is_one_of(before, "._+-@/:"))
		return 0;
	while (is_alnum(text[at]) || is_one_of(text[at], "._+-"))
		at++;
	if (at == 0 || text[at] != '@' || !is_alnum(text[0]))
		return 0;
	end = at + 1;
	while (is_alnum(text[end]) || is_one_of(text[end], ".-"))
		end++;
	while (end > at + 1 && !is_alnum(text[end - 1]))
		end--; /* the full stop of the sentence */
	if (memchr(text + at, '.', end - at) == NULL || is_word(text[end]) ||
	    is_one_of(text[end], "/:@_") || is_everybody(text + at + 1))
		return 0;
	return end;
}
