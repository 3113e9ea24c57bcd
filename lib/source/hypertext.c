/* Goes over the markup once, from left to right, and remembers no tree: only how deep it is in
 * quotes, and where lines end. */
#include "source/hypertext.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"

#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))
#define NAME_MAX_TAG 16
#define ENTITY_MAX   10
#define TEXT_FACTOR  12 /* bytes that one of markup becomes at most: a rule in a quote */
#define TEXT_LEAST   1024
#define LIST_DEPTH   8
#define LIST_BULLETS (-1)
#define RULE	     "________________________________"
#define CODE_SIZE    5

struct scribe {
	struct buf out;
	size_t depth;		  /* of quotes */
	size_t pre;		  /* depth of <pre>: white space counts there */
	bool has_line;		  /* something stands on the line */
	bool wants_space;	  /* before the next word */
	long numbers[LIST_DEPTH]; /* the next of each list; LIST_BULLETS */
	size_t lists;
	bool tags_end_anyhow; /* quotes in tags do not match: they end at the first > */
	bool no_more_tags;
};

/* ---- writing ---- */

static void begin_line(struct scribe *s)
{
	if (s->has_line)
		return;
	for (size_t i = 0; i < s->depth && i < HYPERTEXT_MARKS_MAX; i++)
		buf_addc(&s->out, '>');
	if (s->depth > 0)
		buf_addc(&s->out, ' ');
	s->has_line = true;
}

static void end_line(struct scribe *s)
{
	if (!s->has_line && s->depth > 0)
		begin_line(s);
	buf_addc(&s->out, '\n');
	s->has_line = false;
	s->wants_space = false;
}

/* A block begins or ends: what follows stands on a line of its own. */
static void break_line(struct scribe *s)
{
	if (s->has_line)
		end_line(s);
	s->wants_space = false;
}

static void write_bytes(struct scribe *s, const char *bytes, size_t len)
{
	if (s->wants_space && s->has_line)
		buf_addc(&s->out, ' ');
	s->wants_space = false;
	begin_line(s);
	buf_add(&s->out, bytes, len);
}

static void write_char(struct scribe *s, char c)
{
	const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';

	if (s->pre > 0 && c == '\n')
		end_line(s);
	else if (is_space && s->pre == 0)
		s->wants_space = true;
	else if (c != '\r')
		write_bytes(s, &c, 1);
}

/* ---- entities ---- */

static uint32_t entity_named(const char *name, size_t len)
{
	static const struct {
		const char *name;
		uint32_t code;
	} entities[] = {
	    {"amp", '&'},      {"lt", '<'},	   {"gt", '>'},	      {"quot", '"'},
	    {"apos", '\''},    {"nbsp", 0xA0},	   {"shy", 0xAD},     {"copy", 0xA9},
	    {"reg", 0xAE},     {"laquo", 0xAB},	   {"raquo", 0xBB},   {"middot", 0xB7},
	    {"Auml", 0xC4},    {"Ouml", 0xD6},	   {"Uuml", 0xDC},    {"auml", 0xE4},
	    {"ouml", 0xF6},    {"uuml", 0xFC},	   {"szlig", 0xDF},   {"Agrave", 0xC0},
	    {"agrave", 0xE0},  {"aacute", 0xE1},   {"acirc", 0xE2},   {"atilde", 0xE3},
	    {"aring", 0xE5},   {"aelig", 0xE6},	   {"ccedil", 0xE7},  {"egrave", 0xE8},
	    {"Eacute", 0xC9},  {"eacute", 0xE9},   {"ecirc", 0xEA},   {"euml", 0xEB},
	    {"iacute", 0xED},  {"icirc", 0xEE},	   {"ntilde", 0xF1},  {"ograve", 0xF2},
	    {"oacute", 0xF3},  {"ocirc", 0xF4},	   {"otilde", 0xF5},  {"oslash", 0xF8},
	    {"ugrave", 0xF9},  {"uacute", 0xFA},   {"ucirc", 0xFB},   {"euro", 0x20AC},
	    {"ndash", 0x2013}, {"mdash", 0x2014},  {"lsquo", 0x2018}, {"rsquo", 0x2019},
	    {"sbquo", 0x201A}, {"ldquo", 0x201C},  {"rdquo", 0x201D}, {"bdquo", 0x201E},
	    {"bull", 0x2022},  {"hellip", 0x2026}, {"zwnj", 0x200C},  {"zwj", 0x200D},
	};

	for (size_t i = 0; i < COUNT(entities); i++)
		if (strlen(entities[i].name) == len && strncmp(entities[i].name, name, len) == 0)
			return entities[i].code;
	return 0;
}

/* Digits of a reference, up to what Unicode has; 0 when it is none. */
static uint32_t entity_numbered(const char *text, size_t len)
{
	const bool is_hex = len > 0 && (*text == 'x' || *text == 'X');
	uint32_t code = 0;

	for (size_t i = is_hex; i < len; i++) {
		const char c = (char)tolower((unsigned char)text[i]);
		const bool fits = is_hex ? isxdigit((unsigned char)c) : isdigit((unsigned char)c);

		if (!fits || code > 0x10FFFF)
			return 0;
		code = code * (is_hex ? 16 : 10) +
		       (uint32_t)(isdigit((unsigned char)c) ? c - '0' : c - 'a' + 10);
	}
	return code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : code;
}

/* Writes what &…; stands for; the bytes it took, or 0 when it is a mere &. */
static size_t write_entity(struct scribe *s, const char *at, const char *end)
{
	size_t len = 1;
	char bytes[CODE_SIZE];
	uint32_t code;

	while (at + len < end && len <= ENTITY_MAX &&
	       (isalnum((unsigned char)at[len]) || (len == 1 && at[len] == '#')))
		len++;
	if (at + len >= end || at[len] != ';' || len < 2)
		return 0;
	code = at[1] == '#' ? entity_numbered(at + 2, len - 2) : entity_named(at + 1, len - 1);
	if (!code)
		return 0;
	if (code == 0xA0)
		write_bytes(s, " ", 1);
	else if (code == '\n' || code == '\t' || code == '\r' || code == ' ')
		write_char(s, ' ');
	else if (code >= ' ')
		write_bytes(s, bytes, text_encode(code, bytes));
	return len + 1;
}

/* ---- tags ---- */

struct tag {
	char name[NAME_MAX_TAG];
	bool closes;
	const char *attributes; /* up to the > */
	size_t attributes_len;
};

/* The number of an attribute, or `otherwise`. */
static long attribute_number(const struct tag *tag, const char *name, long otherwise)
{
	const size_t name_len = strlen(name);

	for (size_t i = 0; i + name_len + 1 < tag->attributes_len; i++) {
		const char *at = tag->attributes + i;
		size_t rest = tag->attributes_len - i - name_len - 1;
		long number = 0;

		if (!isspace((unsigned char)*at) || strncasecmp(at + 1, name, name_len) != 0 ||
		    at[1 + name_len] != '=')
			continue;
		at += name_len + 2;
		rest--;
		if (rest > 0 && (*at == '"' || *at == '\''))
			at++, rest--;
		if (rest == 0 || !isdigit((unsigned char)*at))
			return otherwise;
		for (; rest > 0 && isdigit((unsigned char)*at) && number < 1000; at++, rest--)
			number = number * 10 + (*at - '0');
		return number;
	}
	return otherwise;
}

static void enter_list(struct scribe *s, const struct tag *tag, bool is_ordered)
{
	break_line(s);
	if (tag->closes) {
		s->lists -= s->lists > 0;
		return;
	}
	if (s->lists < LIST_DEPTH)
		s->numbers[s->lists++] =
		    is_ordered ? attribute_number(tag, "start", 1) : LIST_BULLETS;
}

static void enter_item(struct scribe *s, const struct tag *tag)
{
	long *number = s->lists > 0 ? &s->numbers[s->lists - 1] : NULL;

	break_line(s);
	if (tag->closes || !number || *number == LIST_BULLETS)
		return;
	*number = attribute_number(tag, "value", *number);
	begin_line(s);
	buf_addf(&s->out, "%ld.", (*number)++);
	s->wants_space = true;
}

static void enter_quote(struct scribe *s, const struct tag *tag)
{
	break_line(s);
	if (!tag->closes)
		s->depth++;
	else
		s->depth -= s->depth > 0;
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

static void enter(struct scribe *s, const struct tag *tag)
{
	static const char *const blocks[] = {
	    "div",  "tr",      "table", "section", "article", "h1",	 "h2",	 "h3",
	    "h4",   "h5",      "h6",	"header",  "footer",  "center",	 "form", "title",
	    "body", "address", "dd",	"dt",	   "dl",      "details", NULL};

	if (strcmp(tag->name, "br") == 0) {
		end_line(s);
	} else if (strcmp(tag->name, "p") == 0) {
		const bool had_line = s->has_line;

		break_line(s);
		if (tag->closes && had_line)
			end_line(s);
	} else if (strcmp(tag->name, "blockquote") == 0) {
		enter_quote(s, tag);
	} else if (strcmp(tag->name, "hr") == 0) {
		break_line(s);
		write_bytes(s, RULE, strlen(RULE));
		end_line(s);
	} else if (strcmp(tag->name, "ol") == 0 || strcmp(tag->name, "ul") == 0) {
		enter_list(s, tag, tag->name[0] == 'o');
	} else if (strcmp(tag->name, "li") == 0) {
		enter_item(s, tag);
	} else if (strcmp(tag->name, "pre") == 0) {
		break_line(s);
		s->pre = tag->closes ? s->pre - (s->pre > 0) : s->pre + 1;
	} else if (strcmp(tag->name, "td") == 0 || strcmp(tag->name, "th") == 0) {
		s->wants_space = true;
	} else if (is_one_of(tag->name, blocks)) {
		break_line(s);
	}
}

/* Where a tag ends that begins at <: its >, which may stand in quotes. NULL: nowhere. */
static const char *tag_end(struct scribe *s, const char *at, const char *end)
{
	char quote = '\0';

	if (!s->tags_end_anyhow) {
		for (const char *c = at; c < end; c++) {
			if (quote)
				quote = *c == quote ? '\0' : quote;
			else if (*c == '>')
				return c;
			else if ((*c == '"' || *c == '\'') && c[-1] == '=')
				quote = *c;
		}
		s->tags_end_anyhow = true;
	}
	at = memchr(at, '>', (size_t)(end - at));
	s->no_more_tags = !at;
	return at;
}

/* Where what nobody sees ends: behind </style> or the like, or with the text. */
static const char *behind_hidden(const char *at, const char *end, const char *name)
{
	const size_t len = strlen(name);

	while ((at = memchr(at, '<', (size_t)(end - at)))) {
		if ((size_t)(end - at) > len + 2 && at[1] == '/' &&
		    strncasecmp(at + 2, name, len) == 0 && !isalnum((unsigned char)at[2 + len])) {
			at = memchr(at, '>', (size_t)(end - at));
			return at ? at + 1 : end;
		}
		at++;
	}
	return end;
}

static const char *behind_comment(const char *at, const char *end)
{
	static const char mark[] = "-->";
	const char *found = memmem(at, (size_t)(end - at), mark, sizeof(mark) - 1);

	return found ? found + sizeof(mark) - 1 : end;
}

static struct tag tag_read(const char *at, const char *end)
{
	struct tag tag = {.closes = at[1] == '/'};
	size_t len = 0;

	at += 1 + tag.closes;
	while (at < end && isalnum((unsigned char)*at)) {
		if (len + 1 < sizeof(tag.name))
			tag.name[len++] = (char)tolower((unsigned char)*at);
		at++;
	}
	tag.attributes = at;
	tag.attributes_len = (size_t)(end - at);
	return tag;
}

/* Reads what begins at <; where it ends, or NULL when it is a mere <. */
static const char *read_tag(struct scribe *s, const char *at, const char *end)
{
	/* What is struck out was taken back. */
	static const char *const hidden[] = {"style", "script", "title", "s",
					     "del",   "strike", NULL};
	const char first = end - at > 1 ? at[1] : '\0';
	const char *close;
	struct tag tag;

	if (s->no_more_tags || !first || !(isalpha((unsigned char)first) || strchr("/!?", first)))
		return NULL;
	if (end - at > 4 && memcmp(at, "<!--", 4) == 0)
		return behind_comment(at + 4, end);
	close = tag_end(s, at + 1, end);
	if (!close)
		return NULL;
	tag = tag_read(at, close);
	if (!tag.closes && is_one_of(tag.name, hidden))
		return behind_hidden(close, end, tag.name);
	enter(s, &tag);
	return close + 1;
}

const char *hypertext_read(const char *html, size_t len, struct arena *arena)
{
	struct scribe s = {.out = buf_make(TEXT_FACTOR * len + TEXT_LEAST)};
	const char *const end = html + len;
	const char *text;

	for (const char *at = html; at < end;) {
		const char *behind = *at == '<' ? read_tag(&s, at, end) : NULL;
		const size_t entity = *at == '&' ? write_entity(&s, at, end) : 0;

		if (!behind && !entity)
			write_char(&s, *at);
		at = behind ? behind : at + (entity ? entity : 1);
	}
	text = arena_strdup(arena, buf_text(&s.out));
	buf_free(&s.out);
	return text;
}
