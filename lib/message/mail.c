/* The mail message, byte for byte.
 *
 * A boundary of "=_" and digits cannot occur in a quoted-printable part, where "=" is followed by
 * two hexadecimal digits or a line end; so no text needs to be searched for it. */
#include "message/mail.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "message/html.h"
#include "message/text.h"

#define BOUNDARY_DIGITS 32
/* Bytes in one encoded word: with "Subject: " before it the line stays under 76 */
#define ENCODED_BYTES 39
#define PART_MAX      (1 << 20) /* bytes of one rendered part */
#define MAIL_ID_MAX   250	/* bytes of another's Message-ID that is repeated */

/* ---- ids ---- */

void message_id(const char *installation, const char *key, const char *from, struct buf *out)
{
	char mark[BYTES_MARK_SIZE];
	char *address = mail_address_of(from);

	bytes_mark(installation, key, mark);
	buf_addf(out, "%s@%s", mark,
		 address != NULL ? strchr(address, '@') + 1 : "cadenced.invalid");
	free(address);
}

void webhook_id(const char *installation, const char *key, struct buf *out)
{
	char mark[BYTES_MARK_SIZE];

	bytes_mark(installation, key, mark);
	buf_addf(out, "msg_%s", mark);
}

/* ---- addresses ---- */

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A dot-atom: no dot at an end, no two together. */
static bool is_dotted(const char *s, size_t len, const char *also)
{
	if (len == 0 || s[0] == '.' || s[len - 1] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (s[i] == '.' ? s[i - 1] == '.'
				: !is_alnum(s[i]) && (s[i] == '\0' || strchr(also, s[i]) == NULL))
			return false;
	return true;
}

bool mail_address_ok(const char *address)
{
	const char *at = strchr(address, '@');

	return at != NULL && strlen(address) <= MAIL_ADDRESS_MAX &&
	       is_dotted(address, (size_t)(at - address), "!#$%&'*+-/=?^_`{|}~") &&
	       is_dotted(at + 1, strlen(at + 1), "-");
}

/* Splits "Name <a@b>" into its name (trimmed of spaces and quotation marks) and address; both are
 * freed by the caller. False, and nothing to free, when there is no good address. */
static bool split_mailbox(const char *mailbox, char **ret_name, char **ret_address)
{
	const char *open = strrchr(mailbox, '<');
	const char *start = open != NULL ? open + 1 : mailbox;
	const size_t len = open != NULL ? strcspn(start, ">") : strlen(start);
	char *address = mem_strndup(start, len);

	if ((open != NULL && strcmp(start + len, ">") != 0) || !mail_address_ok(address)) {
		free(address);
		return false;
	}
	const char *name = mailbox + strspn(mailbox, " \"");
	size_t name_len = open > name ? (size_t)(open - name) : 0;

	while (name_len > 0 && strchr(" \"", name[name_len - 1]) != NULL)
		name_len--;
	*ret_name = mem_strndup(name, name_len);
	*ret_address = address;
	return true;
}

char *mail_address_of(const char *mailbox)
{
	char *name = NULL;
	char *address = NULL;

	if (!split_mailbox(mailbox, &name, &address))
		return NULL;
	free(name);
	return address;
}

/* ---- headers ---- */

static char *without_controls(const char *text)
{
	char *clean = mem_strdup(text);

	for (char *c = clean; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	return clean;
}

/* Whether a header may show it as it is, in one line after `used` columns. */
static bool is_plain(const char *text, size_t used)
{
	const size_t len = strlen(text);

	for (const char *c = text; *c != '\0'; c++)
		if (*c < 0x20 || *c == 0x7f)
			return false;
	return len > 0 && used + len <= MAIL_LINE_MAX && text[0] != ' ' && text[len - 1] != ' ' &&
	       strstr(text, "=?") == NULL && strstr(text, "  ") == NULL;
}

/* Bytes of the longest start of whole code points within ENCODED_BYTES. */
static size_t encoded_chunk(const char *text)
{
	const char *end = text;
	const char *next = text;

	while (*end != '\0') {
		(void)text_next(&next);
		if (next - text > ENCODED_BYTES)
			break;
		end = next;
	}
	return (size_t)(end - text);
}

/* RFC 2047 encoded words, one a line. */
static void add_encoded(struct buf *out, const char *text)
{
	for (const char *gap = ""; *text != '\0'; gap = "\r\n ") {
		const size_t len = encoded_chunk(text);
		char *base64 = bytes_base64(text, len);

		buf_addf(out, "%s=?utf-8?B?%s?=", gap, base64);
		free(base64);
		text += len;
	}
}

static void add_text_header(struct buf *out, const char *name, const char *text)
{
	char *clean = without_controls(text);

	buf_addf(out, "%s: ", name);
	if (is_plain(clean, strlen(name) + 2))
		buf_adds(out, clean);
	else
		add_encoded(out, *clean != '\0' ? clean : " ");
	buf_adds(out, "\r\n");
	free(clean);
}

static void add_quoted(struct buf *out, const char *text)
{
	buf_addc(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *text);
	}
	buf_addc(out, '"');
}

static void add_address_header(struct buf *out, const char *header, const char *name,
			       const char *address)
{
	char *clean = without_controls(name != NULL ? name : "");
	const size_t used = strlen(header) + 2;

	buf_addf(out, "%s: ", header);
	if (*clean == '\0') {
		buf_addf(out, "<%s>\r\n", address);
	} else {
		/* Room for the name twice: escaping may double it. */
		const bool plain = is_plain(clean, used + strlen(clean) + 2);
		const size_t start = out->len;

		if (plain)
			add_quoted(out, clean);
		else
			add_encoded(out, clean);
		const bool fits =
		    plain && used + (out->len - start) + strlen(address) + 3 <= MAIL_LINE_MAX;

		buf_addf(out, "%s<%s>\r\n", fits ? " " : "\r\n ", address);
	}
	free(clean);
}

static void add_date(struct buf *out, instant created)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	const instant within = ((created % DAY_MS) + DAY_MS) % DAY_MS;
	const day d = (day)((created - within) / DAY_MS);
	const struct civil civil = day_to_civil(d);
	const int seconds = (int)(within / SECOND_MS);

	buf_addf(out, "Date: %s, %d %s %04d %02d:%02d:%02d +0000\r\n", weekday_name(day_weekday(d)),
		 civil.day, months[civil.month - 1], civil.year, seconds / 3600, seconds / 60 % 60,
		 seconds % 60);
}

/* ---- body ---- */

/* Whether the byte at `at` must be written as =XX. A dot at the start of a line is, so that no
 * relay that forgets to unstuff dots can spoil it; a space before a line end would be lost. */
static bool needs_code(const char *text, size_t at, size_t len, size_t column)
{
	const unsigned char c = (unsigned char)text[at];

	if (c > ' ' && c < 0x7f)
		return c == '=' || (c == '.' && column == 0);
	if (c == ' ' || c == '\t')
		return at + 1 == len || text[at + 1] == '\n';
	return true;
}

/* How many bytes from here stand on this line as they are. */
static size_t plain_run(const char *text, size_t at, size_t len, size_t column)
{
	const size_t room = column + 3 < MAIL_LINE_MAX ? MAIL_LINE_MAX - 3 - column : 0;
	const size_t most = room < len - at ? room : len - at;
	size_t run = 0;

	while (run < most && !needs_code(text, at + run, len, column + run))
		run++;
	return run;
}

static void add_quoted_printable(struct buf *out, const char *text, size_t len)
{
	size_t column = 0;

	for (size_t i = 0, run; i < len; i += run) {
		run = plain_run(text, i, len, column);
		buf_add(out, text + i, run);
		column += run;
		if (run > 0)
			continue;
		if (text[i] == '\n') {
			buf_adds(out, "\r\n");
			column = 0;
			run = 1;
		} else if (column + 3 >= MAIL_LINE_MAX) {
			buf_adds(out, "=\r\n");
			column = 0;
		} else {
			buf_addf(out, "=%02X", (unsigned char)text[i]);
			column += 3;
			run = 1;
		}
	}
}

typedef void renderer(const struct document *document, struct buf *out);

static bool add_part(struct buf *out, const char *boundary, const char *type, renderer *render,
		     const struct document *document)
{
	struct buf body = buf_make(PART_MAX);

	render(document, &body);
	buf_addf(out,
		 "--%s\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: "
		 "quoted-printable\r\n\r\n",
		 boundary, type);
	add_quoted_printable(out, buf_text(&body), body.len);
	buf_adds(out, "\r\n");
	const bool whole = !body.overflowed;

	buf_free(&body);
	return whole;
}

/* One that could end the line, or would make it too long for a server, is left out. */
static bool is_message_id(const char *id)
{
	const size_t len = strlen(id);

	for (const char *c = id; *c != '\0'; c++)
		if (*c <= 0x20 || *c >= 0x7f || *c == '<' || *c == '>')
			return false;
	return len > 0 && len <= MAIL_ID_MAX;
}

static void add_reply_headers(const struct document *document, struct buf *out)
{
	const char *id = document->in_reply_to;

	if (document->reply_to != NULL && mail_address_ok(document->reply_to))
		buf_addf(out, "Reply-To: <%s>\r\n", document->reply_to);
	if (id != NULL && is_message_id(id))
		buf_addf(out, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", id, id);
	buf_addf(out, "Auto-Submitted: auto-%s\r\n", id != NULL ? "replied" : "generated");
}

static void add_headers(const struct mail_meta *meta, const struct document *document,
			const char *from_name, const char *from, struct buf *out)
{
	add_address_header(out, "From", from_name, from);
	add_address_header(out, "To", meta->to_name, meta->to);
	add_text_header(out, "Subject", document->subject != NULL ? document->subject : "cadenced");
	add_date(out, document->created);
	buf_adds(out, "Message-ID: <");
	message_id(meta->installation, meta->key, meta->from, out);
	buf_addf(out, ">\r\nList-Id: <digest.cadenced.%s>\r\n", strchr(from, '@') + 1);
	add_reply_headers(document, out);
	buf_adds(out, "X-Auto-Response-Suppress: "
		      "All\r\nMIME-Version: 1.0\r\n");
}

enum status mail_write(const struct mail_meta *meta, const struct document *document,
		       struct buf *out)
{
	char mark[BYTES_MARK_SIZE];
	char *name = NULL;
	char *from = NULL;

	if (!mail_address_ok(meta->to) || !split_mailbox(meta->from, &name, &from))
		return STATUS_INVALID;
	bytes_mark(meta->installation, meta->key, mark);
	char *boundary = mem_printf("=_%.*s", BOUNDARY_DIGITS, mark);

	add_headers(meta, document, name, from, out);
	buf_addf(out, "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n", boundary);
	const bool text = add_part(out, boundary, "text/plain", text_render, document);
	const bool html = add_part(out, boundary, "text/html", html_render, document);

	buf_addf(out, "--%s--\r\n", boundary);
	free(boundary);
	free(name);
	free(from);
	return text && html && !out->overflowed ? STATUS_OK : STATUS_TOO_BIG;
}
