/* Looks at lines alone; no field is taken apart. */
#include "source/head.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"

/* Behind the line that begins here. */
static const char *behind_line(const char *line, const char *end)
{
	const char *const feed = memchr(line, '\n', (size_t)(end - line));

	return feed ? feed + 1 : end;
}

static bool is_empty(const char *line, const char *end)
{
	return line < end &&
	       (*line == '\n' || (*line == '\r' && line + 1 < end && line[1] == '\n'));
}

size_t head_length(const char *bytes, size_t len)
{
	const char *const end = bytes + len;
	const char *line = bytes;

	while (line < end && !is_empty(line, end))
		line = behind_line(line, end);
	return (size_t)(line - bytes);
}

size_t head_envelope(const char *bytes, size_t len)
{
	static const char from[] = "From ";

	if (len < strlen(from) || memcmp(bytes, from, strlen(from)) != 0)
		return 0;
	return (size_t)(behind_line(bytes, bytes + len) - bytes);
}

/* Whether a field is the sender's and stays as it is on every way. */
static bool is_kept(const char *line, size_t len)
{
	static const char *const names[] = {
	    "From:", "To:", "Cc:", "Date:", "Subject:", "In-Reply-To:", "References:", NULL};

	for (const char *const *name = names; *name; name++)
		if (len >= strlen(*name) && strncasecmp(line, *name, strlen(*name)) == 0)
			return true;
	return false;
}

static void add_line(struct buf *out, const char *line, const char *next)
{
	while (next > line && (next[-1] == '\n' || next[-1] == '\r'))
		next--;
	buf_add(out, line, (size_t)(next - line));
	buf_addc(out, '\n');
}

void head_fingerprint(const char *bytes, size_t len, char ret_hex[SHA256_HEX_SIZE])
{
	const char *line = bytes + head_envelope(bytes, len);
	const char *const end = bytes + len;
	const char *const body = line + head_length(line, (size_t)(end - line));
	/* A line feed at most is added to each. */
	struct buf kept = buf_make(2 * len + 1);
	bool keeps = false;

	while (line < end) {
		const char *const next = behind_line(line, end);

		if (line < body && *line != ' ' && *line != '\t')
			keeps = is_kept(line, (size_t)(next - line));
		if (keeps || line >= body)
			add_line(&kept, line, next);
		line = next;
	}
	bytes_sha256_hex(buf_text(&kept), kept.len, ret_hex);
	buf_free(&kept);
}
