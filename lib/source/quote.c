/* Looks at lines: each is kept, or dropped with the reason that its shape gives. Where a separator
 * without > begins, all that follows is the other's. */
#include "source/quote.h"

#include <string.h>

#include "source/shape.h"
#include "source/verb.h"

#define ATTRIBUTION_LINES 4   /* as mailers break them */
#define ATTRIBUTION_MAX	  500 /* bytes of one, joined */
#define HEADER_LINES	  8   /* of a block that begins with From: */
#define HEADER_KNOWN_MIN  3   /* lines that make a block */

struct page {
	const char **lines;
	bool *dropped;
	size_t count;
	struct arena *arena;
};

/* ---- lines ---- */

static size_t line_length(const char *at)
{
	return strcspn(at, "\r\n");
}

static const char *behind_line(const char *at)
{
	if (*at == '\r')
		at++;
	if (*at == '\n')
		at++;
	return at;
}

static size_t quote_depth(const char *line)
{
	return strspn(line, ">");
}

/* ">" with at most a space or two before it. */
static bool is_quoted(const char *line)
{
	return line[strspn(line, " \t")] == '>' && strspn(line, " \t") <= 2;
}

static void add_line(struct page *page, size_t *capacity, const char *line)
{
	page->lines =
	    arena_grow(page->arena, page->lines, page->count, capacity, sizeof(*page->lines));
	page->lines[page->count++] = line;
}

/* RFC 3676: lines of one depth of quotes that end with a space are one; "-- " never is. */
static void add_flowed(struct page *page, size_t *capacity, const char *text, struct flow flow)
{
	char *const out = arena_alloc(page->arena, 2 * strlen(text) + 2, 1);
	size_t used = 0, begun = 0, depth = 0;
	bool goes_on = false;

	while (*text) {
		const size_t len = line_length(text);
		const size_t this_depth = quote_depth(text);
		const char *content = text + this_depth;
		size_t content_len;

		content += *content == ' ';
		content_len = content > text + len ? 0 : (size_t)(text + len - content);
		const bool is_delimiter = content_len == 3 && strncmp(content, "-- ", 3) == 0;

		if (goes_on && (this_depth != depth || is_delimiter)) {
			out[used++] = '\0';
			add_line(page, capacity, out + begun);
			goes_on = false;
		}
		if (!goes_on) {
			begun = used;
			memset(out + used, '>', this_depth);
			used += this_depth;
			if (this_depth > 0)
				out[used++] = ' ';
		}
		goes_on = content_len > 0 && content[content_len - 1] == ' ' && !is_delimiter;
		memcpy(out + used, content, content_len);
		used += content_len - (goes_on && flow.delsp);
		depth = this_depth;
		text = behind_line(text + len);
		if (!goes_on || !*text) {
			out[used++] = '\0';
			add_line(page, capacity, out + begun);
			goes_on = false;
		}
	}
}

static void add_fixed(struct page *page, size_t *capacity, const char *text)
{
	while (*text) {
		const size_t len = line_length(text);

		add_line(page, capacity, arena_strndup(page->arena, text, len));
		text = behind_line(text + len);
	}
}

/* ---- shapes ---- */

/* The next line that is not blank, or the count. */
static size_t next_line(const struct page *page, size_t at)
{
	while (at < page->count && shape_is_blank(page->lines[at]))
		at++;
	return at;
}

/* "- 1 call today, says Jan <jan@example.com>:" is a sentence with an address, and nobody's mail
 * follows. */
static bool is_numbered(const struct page *page, size_t at)
{
	const struct line line = line_read(page->lines[at], strlen(page->lines[at]), page->arena);

	return verb_begins(&line);
}

/* The lines of the attribution that begins here, or 0. */
static size_t attribution_lines(const struct page *page, size_t at)
{
	char joined[ATTRIBUTION_MAX + 1];
	size_t used = 0;

	for (size_t count = 1; count <= ATTRIBUTION_LINES && at + count <= page->count; count++) {
		const char *line = page->lines[at + count - 1];

		line += strspn(line, " \t*");
		if (shape_is_blank(line) || is_quoted(line) ||
		    used + strlen(line) + 1 > ATTRIBUTION_MAX)
			return 0;
		if (count > 1)
			joined[used++] = ' ';
		strcpy(joined + used, line);
		used += strlen(line);
		if (shape_is_attribution(joined))
			return is_numbered(page, at) ? 0 : count;
		if (count == 1 && !shape_may_begin_attribution(line))
			return 0;
	}
	return 0;
}

/* "Acme: call today" */
static bool is_command(const struct page *page, const char *header)
{
	const char *value = strchr(header, ':') + 1;
	const struct line line = line_read(value, strlen(value), page->arena);

	return verb_at(&line, 0) && !shape_is_known_header(header);
}

/* A block of headers as Outlook writes it above what it quotes: three known ones, or three of a
 * language that is not known with an address among them. */
static bool is_header_block(const struct page *page, size_t at)
{
	size_t known = 0, lines = 0;
	bool has_address = false, has_command = false;

	if (!shape_header_name(page->lines[at]))
		return false;
	for (size_t i = at; i < page->count && i < at + HEADER_LINES; i++) {
		if (!shape_header_name(page->lines[i]))
			break;
		known += shape_is_known_header(page->lines[i]);
		has_address |= strchr(page->lines[i], '@') != NULL;
		has_command |= is_command(page, page->lines[i]);
		lines++;
	}
	return known >= HEADER_KNOWN_MIN ||
	       (lines >= HEADER_KNOWN_MIN && has_address && !has_command);
}

/* ---- the page ---- */

static void drop(struct page *page, size_t from, size_t end)
{
	for (size_t i = from; i < end && i < page->count; i++)
		page->dropped[i] = true;
}

/* Whether from here on nothing is new any more. */
static bool is_end(const struct page *page, size_t at)
{
	const char *line = page->lines[at];
	size_t next;

	if (strcmp(line, "-- ") == 0 || strcmp(line, "--") == 0)
		return true;
	if (shape_is_ours(line) || shape_is_separator(line) || is_header_block(page, at))
		return true;
	if (!shape_is_rule(line) && !shape_is_titled_rule(line))
		return false;
	next = next_line(page, at + 1);
	return next < page->count && is_header_block(page, next);
}

static bool is_quote_next(const struct page *page, size_t at)
{
	at = next_line(page, at);
	return at < page->count && is_quoted(page->lines[at]);
}

static void mark(struct page *page)
{
	size_t at = 0;

	while (at < page->count) {
		const size_t attribution = attribution_lines(page, at);

		if (is_end(page, at) ||
		    (attribution > 0 && !is_quote_next(page, at + attribution))) {
			drop(page, at, page->count);
			return;
		}
		if (attribution > 0)
			drop(page, at, at + attribution);
		else if (is_quoted(page->lines[at]) || shape_is_phone_signature(page->lines[at]))
			drop(page, at, at + 1);
		at += attribution > 0 ? attribution : 1;
	}
}

/* What was kept, without empty lines around it and never two together. */
static const char *write_page(const struct page *page)
{
	size_t size = 1, used = 0;
	bool was_blank = false;
	char *out;

	for (size_t i = 0; i < page->count; i++)
		size += strlen(page->lines[i]) + 2;
	out = arena_alloc(page->arena, size, 1);
	for (size_t i = 0; i < page->count; i++) {
		const size_t len = strlen(page->lines[i]);

		if (page->dropped[i] || shape_is_blank(page->lines[i])) {
			was_blank = true;
			continue;
		}
		if (used > 0)
			out[used++] = '\n';
		if (used > 0 && was_blank)
			out[used++] = '\n';
		memcpy(out + used, page->lines[i], len);
		used += len;
		was_blank = false;
	}
	return out;
}

const char *quote_strip(const char *text, struct flow flow, struct arena *arena)
{
	struct page page = {.arena = arena};
	size_t capacity = 0;

	if (flow.flowed)
		add_flowed(&page, &capacity, text, flow);
	else
		add_fixed(&page, &capacity, text);
	page.dropped = arena_alloc(arena, page.count + 1, sizeof(*page.dropped));
	mark(&page);
	return write_page(&page);
}
