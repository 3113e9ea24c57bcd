/* Reads the field twice: first what strangers may have written goes (comments, quoted strings),
 * then what is left is split at its semicolons. */
#include "source/authres.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX 255 /* bytes of a name or a result */

/* One space for each comment, "?" for each quoted string, lower case. The text is as long at most.
 */
static char *plain(const char *value, struct arena *arena)
{
	char *const out = arena_alloc(arena, strlen(value) + 1, 1);
	size_t used = 0, depth = 0;

	for (; *value; value++) {
		if (*value == '\\' && value[1] && depth > 0) {
			value++;
		} else if (*value == '(') {
			depth++;
		} else if (*value == ')' && depth > 0) {
			depth--;
			out[used++] = ' ';
		} else if (*value == '"' && depth == 0) {
			for (value++; *value && *value != '"'; value++)
				value += *value == '\\' && value[1];
			out[used++] = '?';
			if (!*value)
				break;
		} else if (depth == 0) {
			out[used++] = isspace((unsigned char)*value)
					  ? ' '
					  : (char)tolower((unsigned char)*value);
		}
	}
	out[used] = '\0';
	return out;
}

static const char *word(const char *text, size_t len, struct arena *arena)
{
	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)text[i]))
			return NULL;
	return len == 0 || len > WORD_MAX || *text == '?' ? NULL : arena_strndup(arena, text, len);
}

/* The result of "dmarc = pass reason…" or "dmarc/1=pass", or NULL when it is of another method. */
static const char *dmarc_of(const char *part, struct arena *arena)
{
	static const char method[] = "dmarc";

	part += strspn(part, " ");
	if (strncmp(part, method, strlen(method)) != 0)
		return NULL;
	part += strlen(method);
	part += strspn(part, " ");
	if (*part == '/')
		part += 1 + strspn(part + 1, " 0123456789");
	if (*part != '=')
		return NULL;
	part++;
	part += strspn(part, " ");
	return word(part, strcspn(part, " ;"), arena);
}

/* RFC 8601, 2.2: the server's name, and perhaps the version, which is 1. */
static const char *authserv_of(const char *text, struct arena *arena)
{
	const size_t len = strcspn(text, " ;");
	const char *behind = text + len;

	behind += strspn(behind, " ");
	if (*behind == '1')
		behind += 1 + strspn(behind + 1, " ");
	return *behind == ';' ? word(text, len, arena) : NULL;
}

void authres_read(const char *value, struct arena *arena, const char **ret_authserv,
		  const char **ret_dmarc)
{
	char *text = plain(value, arena);
	const char *dmarc = NULL;

	text += strspn(text, " ");
	*ret_authserv = authserv_of(text, arena);
	*ret_dmarc = NULL;
	for (char *part = strchr(text, ';'); part && *ret_authserv;) {
		char *const next = strchr(part + 1, ';');
		const char *found;

		if (next)
			*next = '\0';
		found = dmarc_of(part + 1, arena);
		if (found && (!dmarc || strcmp(dmarc, "pass") == 0))
			dmarc = found;
		part = next;
	}
	*ret_dmarc = dmarc;
}
