/* A server that vouches for a sender and we who believe it must mean the same address. Parsers
 * differ in what they make of several addresses, comments, routes, and of an address in the name
 * before the brackets; so only forms are read that leave no choice:
 *
 *	maria@example.com (Maria)
 *	Maria Silva <maria@example.com>
 *	"Silva, Maria" <maria@example.com>
 */
#include "source/sender.h"

#include <ctype.h>
#include <gmime/gmime.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"

#define COUNT(a)	  (sizeof(a) / sizeof((a)[0]))
#define COMMENT_DEPTH_MAX 8
#define SPECIALS	  "()<>[]:;,\\\"" /* of RFC 5322, without @ and the dot */

/* What was read so far. */
struct reading {
	const char *at;
	struct arena *arena;
	size_t atoms, quoted;
	const char *atom; /* the last one */
	size_t atom_len;
	const char *claimed; /* the last with an @ in it */
	size_t claims;	     /* how many of those */
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* In one line; NULL when it holds a control character. */
static char *unfold(const char *field, struct arena *arena)
{
	char *const line = arena_strdup(arena, field);
	size_t used = 0;

	for (const char *c = field; *c; c++) {
		const bool breaks = *c == '\n' || (*c == '\r' && c[1] == '\n');

		if (!breaks && !is_space(*c) && ((unsigned char)*c < 0x20 || *c == 0x7f))
			return NULL;
		line[used++] = breaks ? ' ' : *c;
	}
	line[used] = '\0';
	return line;
}

/* A comment with an address in it is read as one by somebody. */
static bool skip_comment(struct reading *r)
{
	size_t depth = 0;

	do {
		if (*r->at == '(')
			depth++;
		else if (*r->at == ')')
			depth--;
		else if (*r->at == '\0' || strchr("@<>\\", *r->at))
			return false;
		r->at++;
	} while (depth > 0 && depth <= COMMENT_DEPTH_MAX);
	return depth == 0;
}

static bool skip_quoted(struct reading *r)
{
	for (r->at++; *r->at != '"'; r->at++) {
		if (*r->at == '\\')
			r->at++;
		if (*r->at == '\0')
			return false;
	}
	r->at++;
	r->quoted++;
	return true;
}

static void take_atom(struct reading *r)
{
	r->atom = r->at;
	r->atom_len = strcspn(r->at, SPECIALS " \t");
	r->at += r->atom_len;
	r->atoms++;
	if (memchr(r->atom, '@', r->atom_len)) {
		r->claimed = arena_strndup(r->arena, r->atom, r->atom_len);
		r->claims++;
	}
}

/* Up to the brackets, or to the end. False: it could be read in more than one way. */
static bool read_phrase(struct reading *r)
{
	while (*r->at && *r->at != '<') {
		if (is_space(*r->at)) {
			r->at++;
		} else if (*r->at == '(') {
			if (!skip_comment(r))
				return false;
		} else if (*r->at == '"') {
			if (!skip_quoted(r))
				return false;
		} else if (strchr(SPECIALS, *r->at)) {
			return false;
		} else {
			take_atom(r);
		}
	}
	return true;
}

/* Nothing but comments to the end. */
static bool read_rest(struct reading *r)
{
	while (is_space(*r->at) || *r->at == '(') {
		if (is_space(*r->at))
			r->at++;
		else if (!skip_comment(r))
			return false;
	}
	return *r->at == '\0';
}

/* Whether an encoded word is in a charset that not everybody reads, or in which an address looks
 * like something else (UTF-7, UTF-16): what stands in it is not known. */
static bool is_obscure(const char *phrase)
{
	static const char *const plain[] = {"utf-8?",  "us-ascii?",    "iso-8859-", "windows-125",
					    "koi8-",   "iso-2022-jp?", "euc-",	    "shift_jis?",
					    "gb2312?", "gbk?",	       "gb18030?",  "big5?"};

	while ((phrase = strstr(phrase, "=?"))) {
		size_t i = 0;

		phrase += strlen("=?");
		while (i < COUNT(plain) && strncasecmp(phrase, plain[i], strlen(plain[i])) != 0)
			i++;
		if (i == COUNT(plain))
			return true;
		phrase += strcspn(phrase, " \t");
	}
	return false;
}

/* Whether the encoded words of a name hide an address: some decode them before they look for one.
 */
static bool hides_address(const struct reading *r, const char *phrase, const char *address)
{
	char *const plain = arena_strdup(r->arena, phrase);
	char *decoded;
	bool hides;

	if (!strstr(phrase, "=?"))
		return false;
	if (is_obscure(phrase))
		return true;
	for (char *c = plain; *c; c++)
		if (*c == '"')
			*c = ' ';
	decoded = g_mime_utils_header_decode_text(NULL, plain);
	hides = strpbrk(decoded, "<>") ||
		(strchr(decoded, '@') && strcasecmp(g_strstrip(decoded), address) != 0);
	g_free(decoded);
	return hides;
}

static const char *read_bare(const struct reading *r)
{
	return r->atoms == 1 && r->quoted == 0 ? arena_strndup(r->arena, r->atom, r->atom_len)
					       : NULL;
}

static const char *read_bracketed(struct reading *r, const char *phrase)
{
	const char *const close = strchr(r->at, '>');
	const char *address;

	if (!close)
		return NULL;
	address = arena_strndup(r->arena, r->at + 1, (size_t)(close - r->at) - 1);
	r->at = close + 1;
	if (!read_rest(r) || hides_address(r, phrase, address))
		return NULL;
	/* Some write it twice: maria@example.com <maria@example.com> */
	if (r->claims > 0 && (r->claims > 1 || strcasecmp(r->claimed, address) != 0))
		return NULL;
	return address;
}

const char *sender_address(const char *text, struct arena *arena)
{
	char *address;

	if (!text || address_check_mail(text))
		return NULL;
	address = arena_strdup(arena, text);
	for (char *c = strrchr(address, '@'); c && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return address;
}

const char *sender_read(const char *field, struct arena *arena)
{
	const char *const line = unfold(field, arena);
	struct reading r = {.at = line, .arena = arena};
	const char *address;

	if (!line || !read_phrase(&r))
		return NULL;
	if (*r.at)
		address = read_bracketed(&r, arena_strndup(arena, line, (size_t)(r.at - line)));
	else
		address = read_bare(&r);
	/* In quotes a local part may hold an address of its own. */
	return address && *address != '"' ? sender_address(address, arena) : NULL;
}
