/* iconv, with its tables in memory before it is needed. */
#include "source/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"

#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))
#define CHUNK	     4096
#define REPLACEMENT  "\xEF\xBF\xBD"
#define BYTES_A_BYTE 4 /* of UTF-8, that one byte of anything can become */
#define WINDOWS_1252 "windows-1252"

/* What mail is written in; each costs a table of some hundred kilobytes at most. */
static const char *const names[] = {
    WINDOWS_1252,   "iso-8859-2",   "iso-8859-3",   "iso-8859-4",   "iso-8859-5",   "iso-8859-6",
    "iso-8859-7",   "iso-8859-8",   "iso-8859-9",   "iso-8859-10",  "iso-8859-13",  "iso-8859-14",
    "iso-8859-15",  "iso-8859-16",  "windows-1250", "windows-1251", "windows-1253", "windows-1254",
    "windows-1255", "windows-1256", "windows-1257", "windows-1258", "koi8-r",	    "koi8-u",
    "macintosh",    "gb18030",	    "big5",	    "euc-jp",	    "iso-2022-jp",  "shift_jis",
    "euc-kr",	    "utf-16",	    "utf-16le",	    "utf-16be",	    "utf-7"};

/* Others under which they are known. */
static const char *const aliases[][2] = {
    {"gb2312", "gb18030"},	  {"gbk", "gb18030"},
    {"ks_c_5601-1987", "euc-kr"}, {"cp1250", "windows-1250"},
    {"cp1251", "windows-1251"},	  {"x-sjis", "shift_jis"},
    {"windows-31j", "shift_jis"}, {"iso-8859-8-i", "iso-8859-8"},
    {"latin2", "iso-8859-2"},	  {"latin-9", "iso-8859-15"},
    {"x-mac-roman", "macintosh"}};

struct charsets {
	iconv_t converters[COUNT(names)]; /* (iconv_t)-1: the system has none */
};

struct charsets *charsets_open(void)
{
	struct charsets *charsets = mem_alloc(1, sizeof(*charsets));

	for (size_t i = 0; i < COUNT(names); i++)
		charsets->converters[i] = iconv_open("UTF-8", names[i]);
	return charsets;
}

struct charsets *charsets_close(struct charsets *charsets)
{
	for (size_t i = 0; charsets && i < COUNT(names); i++)
		if (charsets->converters[i] != (iconv_t)-1)
			iconv_close(charsets->converters[i]);
	free(charsets);
	return NULL;
}

static iconv_t find(const struct charsets *charsets, const char *name)
{
	for (size_t i = 0; i < COUNT(aliases); i++)
		if (strcasecmp(name, aliases[i][0]) == 0)
			name = aliases[i][1];
	for (size_t i = 0; i < COUNT(names); i++)
		if (strcasecmp(name, names[i]) == 0 && charsets->converters[i] != (iconv_t)-1)
			return charsets->converters[i];
	return charsets->converters[0];
}

static bool is_utf8(const char *bytes, size_t len)
{
	const char *const end = bytes + len;

	while (bytes < end) {
		const char *const start = bytes;

		if (!*bytes)
			bytes++;
		else if (text_next(&bytes) == 0xFFFD && strncmp(start, REPLACEMENT, 3) != 0)
			return false;
	}
	return bytes == end;
}

/* What one call of iconv could not read is one byte that means nothing. */
static void convert(iconv_t converter, const char *bytes, size_t len, struct buf *out)
{
	char chunk[CHUNK];
	char *in = (char *)(uintptr_t)bytes;

	(void)iconv(converter, NULL, NULL, NULL, NULL);
	while (len > 0) {
		char *to = chunk;
		size_t room = sizeof(chunk);
		const size_t result = iconv(converter, &in, &len, &to, &room);

		buf_add(out, chunk, sizeof(chunk) - room);
		if (result != (size_t)-1 || errno == E2BIG)
			continue;
		buf_adds(out, REPLACEMENT);
		in++;
		len--;
	}
}

static bool may_be_utf8(const char *name)
{
	return !name || !*name || strcasecmp(name, "utf-8") == 0 || strcasecmp(name, "utf8") == 0 ||
	       strcasecmp(name, "us-ascii") == 0 || strcasecmp(name, "ascii") == 0;
}

const char *charset_decode(const struct charsets *charsets, const char *name, const char *bytes,
			   size_t len, struct arena *arena)
{
	struct buf out = buf_make(BYTES_A_BYTE * len + CHUNK);
	char *text;

	if (may_be_utf8(name) && is_utf8(bytes, len))
		buf_add(&out, bytes, len);
	else
		convert(find(charsets, may_be_utf8(name) ? WINDOWS_1252 : name), bytes, len, &out);
	/* A NUL would end the text before its end. */
	for (size_t i = 0; i < out.len; i++)
		if (!out.data[i])
			out.data[i] = ' ';
	text = arena_strndup(arena, buf_text(&out), out.len);
	buf_free(&out);
	return text;
}

/* Controls and what would change the direction or the end of a line: see text_check(). */
static bool is_unwanted(uint32_t c)
{
	return c < ' ' || (c >= 0x7F && c < 0xA0) || c == 0x61C || c == 0x200E || c == 0x200F ||
	       (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF ||
	       (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

char *charset_cleaned(const char *text, struct arena *arena)
{
	/* A byte that is no UTF-8 becomes three. */
	char *const out = arena_alloc(arena, 3 * strlen(text) + 2, 1);
	size_t used = 0;

	while (*text) {
		const uint32_t c = text_next(&text);

		if (c == '\r' && *text == '\n')
			continue;
		if (c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029)
			out[used++] = '\n';
		else if (c == '\t')
			out[used++] = ' ';
		else if (!is_unwanted(c))
			used += text_encode(c, out + used);
	}
	out[used] = '\0';
	return out;
}
