/* Addresses: see address.h. Touches nothing but its arguments. */
#include "base/address.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/text.h"

#define LOCAL_MAX     64
#define DOMAIN_MAX    253
#define LABEL_MAX     63
#define PORT_MAX      65535
#define SIGNING_START "whsec_"
#define SIGNING_MIN   24
#define SIGNING_MAX   64
#define SIGNING_TEXT  88 /* base64 of SIGNING_MAX bytes */
#define SPACE	      " \t\r\n"

static const char alnum[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static bool label_is_right(const char *s, size_t len)
{
	if (len == 0 || len > LABEL_MAX || s[0] == '-' || s[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_one_of(s[i], alnum) && s[i] != '-')
			return false;
	return true;
}

/* Labels of letters, digits and hyphens, with a dot between each two. */
static bool domain_is_right(const char *s, size_t len)
{
	size_t start = 0;

	if (len > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i <= len; i++) {
		if (i < len && s[i] != '.')
			continue;
		if (!label_is_right(s + start, i - start))
			return false;
		start = i + 1;
	}
	return true;
}

/* Words of the characters that RFC 5322 calls atext, with a dot between each two. */
static bool atoms_are_right(const char *s, size_t len)
{
	char before = '.';

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.'
			? before == '.'
			: !is_one_of(s[i], alnum) && !is_one_of(s[i], "!#$%&'*+-/=?^_`{|}~"))
			return false;
		before = s[i];
	}
	return before != '.';
}

/* "…" of visible characters; none that could end the quotes or the angle brackets around the
 * address. */
static bool quoted_is_right(const char *s, size_t len)
{
	if (len < 3 || s[len - 1] != '"')
		return false;
	for (size_t i = 1; i < len - 1; i++)
		if (s[i] < 0x21 || s[i] > 0x7e || is_one_of(s[i], "\"\\<>"))
			return false;
	return true;
}

static const char *check_mail(const char *s, size_t len)
{
	const char *at = memrchr(s, '@', len);
	size_t local;

	if (len > ADDRESS_MAIL_MAX)
		return "is longer than 254 bytes";
	for (size_t i = 0; i < len; i++)
		if (s[i] <= 0x20 || s[i] > 0x7e)
			return "holds a space, a control or a non-ASCII character, which no mail "
			       "address may";
	if (!at)
		return "is no mail address: it has no @; it should read like \"maria@example.com\"";
	local = (size_t)(at - s);
	if (local > LOCAL_MAX)
		return "is no mail address: more than 64 bytes before the @";
	if (!(s[0] == '"' ? quoted_is_right(s, local) : atoms_are_right(s, local)))
		return "is no mail address: what stands before the @ is not right; it should read "
		       "like "
		       "\"maria@example.com\"";
	if (!domain_is_right(at + 1, len - local - 1))
		return "is no mail address: what follows the @ is no domain; it should read like "
		       "\"maria@example.com\"";
	return NULL;
}

const char *address_check_mail(const char *text)
{
	return check_mail(text, strlen(text));
}

/* The name before " <": quotes only around all of it, no angle brackets. */
static const char *check_display_name(const char *s, size_t len)
{
	char scratch[TEXT_FAULT_SIZE];

	if (len >= 2 && s[0] == '"' && s[len - 1] == '"') {
		s++;
		len -= 2;
	}
	if (text_check(s, len, TEXT_LINE, 1, TEXT_NAME_MAX, scratch))
		return "has a name that is empty, too long, or holds characters that may not be "
		       "stored";
	for (size_t i = 0; i < len; i++)
		if (is_one_of(s[i], "\"\\<>"))
			return "has a name that holds a quote, a backslash or an angle bracket";
	return NULL;
}

const char *address_check_mailbox(const char *text)
{
	const size_t len = strlen(text);
	const char *open;
	const char *wrong;

	if (len == 0 || text[len - 1] != '>')
		return address_check_mail(text);
	open = strrchr(text, '<');
	if (!open || open < text + 2 || open[-1] != ' ')
		return "should read like \"Cadence <cadence@example.com>\"";
	wrong = check_display_name(text, (size_t)(open - text) - 1);
	return wrong ? wrong : check_mail(open + 1, len - (size_t)(open - text) - 2);
}

const char *address_check_host(const char *text)
{
	return domain_is_right(text, strlen(text))
		   ? NULL
		   : "is no name of a host; it should read like \"mx.example.com\"";
}

/* What follows "://": the host's start and length, and what follows it. */
struct authority {
	const char *host;
	size_t host_len;
	const char *rest;
};

static struct authority url_authority(const char *url)
{
	struct authority a = {.host = strstr(url, "://") + 3};

	if (a.host[0] == '[')
		a.host_len = strcspn(a.host, "]/?#") + 1;
	else
		a.host_len = strcspn(a.host, ":/?#");
	if (a.host_len > strlen(a.host))
		a.host_len = strlen(a.host);
	a.rest = a.host + a.host_len;
	return a;
}

static bool host_is_right(const char *host, size_t len)
{
	if (host[0] != '[')
		return domain_is_right(host, len);
	if (len < 4 || host[len - 1] != ']')
		return false;
	for (size_t i = 1; i < len - 1; i++)
		if (!is_one_of(host[i], "0123456789abcdefABCDEF:."))
			return false;
	return true;
}

static bool escapes_are_right(const char *s)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	while ((s = strchr(s, '%'))) {
		if (!is_one_of(s[1], hex) || !is_one_of(s[2], hex))
			return false;
		s += 3;
	}
	return true;
}

/* "", or ":" and a port from 1 to PORT_MAX, then the end or the start of a path. */
static bool port_is_right(const char *s)
{
	long port = 0;
	size_t digits;

	if (*s != ':')
		return *s == '\0' || is_one_of(*s, "/?#");
	s++;
	digits = strspn(s, "0123456789");
	if (digits == 0 || digits > 5)
		return false;
	for (size_t i = 0; i < digits; i++)
		port = port * 10 + (s[i] - '0');
	return port >= 1 && port <= PORT_MAX && (s[digits] == '\0' || is_one_of(s[digits], "/?#"));
}

static bool scheme_is_right(const char *text, const char *const *schemes)
{
	for (; *schemes; schemes++) {
		const size_t len = strlen(*schemes);

		if (strncmp(text, *schemes, len) == 0 && strncmp(text + len, "://", 3) == 0)
			return true;
	}
	return false;
}

const char *address_check_url(const char *text, const char *const *schemes)
{
	struct authority a;

	if (strlen(text) > ADDRESS_URL_MAX)
		return "is longer than 2000 bytes";
	for (const char *s = text; *s; s++)
		if (*s <= 0x20 || *s > 0x7e || is_one_of(*s, "\"<>\\^`{|}"))
			return "holds a space, a control or another character that no URL may; "
			       "write it as %XX";
	if (!scheme_is_right(text, schemes)) {
		if (strcmp(schemes[0], "smtp") == 0)
			return "should start with smtp:// or smtps://";
		return schemes[1] ? "should start with https:// or http://"
				  : "should start with http://";
	}
	a = url_authority(text);
	if (memchr(a.host, '@', strcspn(a.host, "/?#")))
		return "holds a user or password, which belong in keys of their own";
	if (!host_is_right(a.host, a.host_len))
		return "names no host; after :// a name such as mail.example.com should stand";
	if (!port_is_right(a.rest))
		return "has a port that is no number from 1 to 65535";
	if (!escapes_are_right(a.rest))
		return "has a % that no two hexadecimal digits follow; it should be copied whole";
	return NULL;
}

const char *address_after_host(const char *url)
{
	const struct authority a = url_authority(url);

	return a.rest + strcspn(a.rest, "/?#");
}

bool address_is_loopback(const char *url)
{
	const struct authority a = url_authority(url);

	if (a.host_len == 9 && strncasecmp(a.host, "localhost", 9) == 0)
		return true;
	if (a.host_len == 5 && memcmp(a.host, "[::1]", 5) == 0)
		return true;
	/* 127.0.0.0/8 as four numbers; a name such as 127.example.com is no loopback. */
	return a.host_len > 4 && memcmp(a.host, "127.", 4) == 0 &&
	       strspn(a.host, "0123456789.") >= a.host_len;
}

static const char *check_signing(const char *text, size_t len)
{
	uint8_t bytes[SIGNING_TEXT];
	const size_t start = strlen(SIGNING_START);
	const char *wrong =
	    "is no signing secret: it should be whsec_ and base64 of 24 to 64 bytes";

	if (len < start || memcmp(text, SIGNING_START, start) != 0 || len - start > SIGNING_TEXT)
		return wrong;
	if (bytes_base64_decode(text + start, len - start, bytes, &len) != STATUS_OK)
		return wrong;
	explicit_bzero(bytes, sizeof bytes);
	return len < SIGNING_MIN || len > SIGNING_MAX ? wrong : NULL;
}

const char *address_check_signing(const char *text)
{
	const char *first = text;
	size_t count = 0, first_len = 0;

	for (text += strspn(text, SPACE); *text; text += strspn(text, SPACE)) {
		const size_t len = strcspn(text, SPACE);
		const char *wrong = check_signing(text, len);

		if (wrong)
			return wrong;
		if (count == 2)
			return "holds more than two signing secrets; it should be the new one, and "
			       "behind it the one it replaces";
		if (count == 1 && len == first_len && memcmp(first, text, len) == 0)
			return "holds the same signing secret twice; once is right";
		first = text;
		first_len = len;
		count++;
		text += len;
	}
	return count > 0 ? NULL : check_signing("", 0);
}
