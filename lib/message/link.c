/* Links are made safe once, when a digest is composed, and looked at again when it is rendered:
 * what is no plain web address is then left out, never mended. */
#include "message/link.h"

#include <string.h>
#include <strings.h>

#define PLACE "{id}"

static bool is_unreserved(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("-._~", c) != NULL);
}

/* What RFC 3986 allows, without the brackets, quotes and stars that end or begin something in
 * Markdown or HTML. */
static bool is_safe(char c)
{
	return is_unreserved(c) || (c != '\0' && strchr("%:/?#[]@!$&+,;=", c) != NULL);
}

static void add_byte(struct buf *out, char c, bool as_it_is)
{
	if (as_it_is)
		buf_addc(out, c);
	else
		buf_addf(out, "%%%02X", (unsigned char)c);
}

static bool is_web(const char *link)
{
	return strncasecmp(link, "https://", 8) == 0 || strncasecmp(link, "http://", 7) == 0;
}

void link_add_encoded(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		add_byte(out, *text, is_unreserved(*text));
}

const char *link_of(struct arena *arena, const char *pattern, const char *id)
{
	struct buf link = buf_make(LINK_MAX);
	const char *made = NULL;

	if (pattern == NULL || !is_web(pattern))
		return NULL;
	while (*pattern != '\0') {
		if (strncmp(pattern, PLACE, strlen(PLACE)) == 0) {
			link_add_encoded(&link, id);
			pattern += strlen(PLACE);
		} else {
			add_byte(&link, *pattern, is_safe(*pattern));
			pattern++;
		}
	}
	if (!link.overflowed)
		made = arena_strdup(arena, buf_text(&link));
	buf_free(&link);
	return made;
}

bool link_is_safe(const char *link)
{
	if (link == NULL || !is_web(link))
		return false;
	for (const char *c = link; *c != '\0'; c++)
		if (!is_safe(*c))
			return false;
	return strlen(link) <= LINK_MAX;
}
