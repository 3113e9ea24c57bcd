/* A document as the text of a chat message.
 *
 * Each renderer of a chat (message/teams.h and its like) takes these options: */
#ifndef CADENCE_MESSAGE_CHAT_H
#define CADENCE_MESSAGE_CHAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "message/document.h"
#include "message/escape.h"

struct chat_options {
	const char *room, *topic; /* of the channel; NULL where the target has none */
	bool plain; /* without any markup, for when the target refused the first form */
};

/* ---- the rest is private to lib/message ---- */

/* How a target counts the length of a text. */
enum chat_unit { UNIT_CODE_POINTS, UNIT_UTF16, UNIT_BYTES };

struct markup {
	const char *open, *close;
};

/* What a target's markup looks like. Texts may not be NULL, but where it is said. */
struct dialect {
	enum chat_unit unit;
	escaper *escape;
	escaper *escape_code; /* NULL: code is written like everything else */
	struct markup heading, lane, strong, code, quote, small;
	/* The address stands between first and second, the name between second and third; the
	 * other way round when the name comes first. first NULL: the target has no links. */
	struct {
		const char *first, *second, *third;
		bool name_first;
	} link;
	bool url_entities; /* & in an address is written &amp; */
	const char *line;  /* ends a line */
	const char *gap;   /* ends a line and leaves an empty one */
	const char *marks[MARKS];
};

/* What the marks look like in every target that knows no names for them. */
#define CHAT_MARKS                                                                                 \
	{                                                                                          \
		[MARK_COLD] = "🔴 ", [MARK_DUE] = "🟠 ", [MARK_QUESTION] = "❓ ",                  \
		[MARK_HINT] = "💡 "                                                              \
	}
#define CHAT_QUOTE                                                                                 \
	{                                                                                          \
		"\"", "\""                                                                         \
	}
#define CHAT_LINK_MARKDOWN                                                                         \
	{                                                                                          \
		"[", "](", ")", true                                                               \
	}
#define CHAT_LINK_HTML                                                                             \
	{                                                                                          \
		"<a href=\"", "\">", "</a>", false                                                 \
	}

/* The dialect without any markup. */
struct dialect chat_plain(enum chat_unit unit, escaper *escape);

struct chat_limits {
	size_t part;	  /* of one part's text, in the dialect's unit */
	size_t parts;	  /* how many */
	size_t total;	  /* bytes of JSON of all parts together */
	size_t part_cost; /* bytes of JSON around each part */
	size_t line_cost; /* bytes of JSON that a line feed becomes, at least 2 */
};

/* Texts for the targets that lay out a message in parts (sections, paragraphs). */
struct chat_parts {
	char **texts;
	size_t count, capacity;
};

/* What a document says below its subject, in parts: what stands apart begins a new one. Shows as
 * many entries as the limits allow and then counts the rest. chat_parts_free() frees it. */
struct chat_parts chat_parts_of(const struct document *document, const struct dialect *dialect,
				const struct chat_limits *limits);
void chat_parts_free(struct chat_parts *parts);

/* The same as one text of at most `limit` units; the caller frees. headed: the subject comes first,
 * as a heading. */
char *chat_text(const struct document *document, const struct dialect *dialect, size_t limit,
		bool headed);
/* The document's subject, or the program's name when it has none. */
const char *chat_subject(const struct document *document);
/* One line of somebody's words, cut to at most `limit` units; the caller frees. */
char *chat_line(const struct dialect *dialect, const char *text, size_t limit);
/* Units of a text. */
size_t chat_length(enum chat_unit unit, const char *text);
/* The mark of the entry that is ranked first; MARKS when there is none. */
enum mark chat_worst(const struct document *document);

#endif
