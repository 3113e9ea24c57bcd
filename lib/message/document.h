/* The document: what one message says, before it is put into a target's format.
 *
 * It is composed once (message/digest_document.h), stored as JSON in the outbox, and rendered
 * again, with the same result, on every attempt. It holds words, never markup: each renderer
 * escapes on its own. */
#ifndef CADENCE_MESSAGE_DOCUMENT_H
#define CADENCE_MESSAGE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/mem.h"
#include "core/day.h"

enum document_kind {
	DOCUMENT_DIGEST,
	DOCUMENT_QUIET,
	DOCUMENT_TEST,
	DOCUMENT_ADMIN,
	DOCUMENT_REPLY, /* what came of an answer by mail */
	DOCUMENT_KINDS
};
enum run_style { RUN_PLAIN, RUN_STRONG, RUN_CODE, RUN_QUOTE, RUN_STYLES };
enum mark { MARK_COLD, MARK_DUE, MARK_QUESTION, MARK_HINT, MARKS };

enum block_kind {
	BLOCK_GREETING,
	BLOCK_PARAGRAPH,
	BLOCK_LANE,	/* a heading: text */
	BLOCK_ENTRY,	/* one partner: number, mark, partner, title, title_rest, lines */
	BLOCK_MORE,	/* number: how many are not shown; lines */
	BLOCK_RULE,	/* a line between the list and what follows */
	BLOCK_FOOTNOTE, /* text */
	BLOCK_COMMANDS, /* text: what they are for; lines: one command each */
	BLOCK_FOOTER,	/* lines */
	BLOCK_KINDS
};

struct run {
	enum run_style style;
	const char *text; /* RUN_QUOTE: without the quotation marks */
};

struct line {
	const char *label; /* "Last", NULL: none */
	struct run *runs;
	size_t run_count;
	size_t run_capacity;
};

/* Texts that a kind does not use are NULL. */
struct block {
	enum block_kind kind;
	int number; /* entry: 0 when the list is not numbered */
	enum mark mark;
	bool brief;		/* entry: one line */
	const char *partner;	/* id; of whatever else the entry is about */
	const char *title;	/* the partner's name */
	const char *link;	/* URL of the partner in the user's own CRM */
	const char *title_rest; /* continues the title: ", strategic, every 4 weeks" */
	const char *text;
	struct line *lines;
	size_t line_count;
	size_t line_capacity;
};

struct document {
	enum document_kind kind;
	instant created;
	const char *subject;
	const char *owner_id;	 /* NULL: none */
	const char *owner_name;	 /* NULL: none */
	const char *reply_to;	 /* mail address that answers go to; NULL: the sender's */
	const char *in_reply_to; /* Message-ID of what it answers, without < and >; NULL: nothing */
	struct block *blocks;
	size_t block_count;
	size_t block_capacity;
};

/* Building. The arena owns all parts and copies every text; a block or line stays valid until the
 * next one is added. */
struct document *document_new(struct arena *arena, enum document_kind kind, instant created);
struct block *document_add(struct arena *arena, struct document *document, enum block_kind kind);
/* A block of one text. */
void document_add_text(struct arena *arena, struct document *document, enum block_kind kind,
		       const char *text);
struct line *block_add_line(struct arena *arena, struct block *block, const char *label);
void line_add_run(struct arena *arena, struct line *line, enum run_style style, const char *text);

/* How many entries the document has. */
size_t document_entries(const struct document *document);

/* As one line of JSON; the caller frees. document_from_json() of it gives the same document. */
char *document_to_json(const struct document *document);
/* The document in the arena. STATUS_INVALID with a reason when it is not one. */
enum status document_from_json(struct arena *arena, const char *json,
			       struct document **ret_document, struct error *err) MUST_USE;

const char *document_kind_name(enum document_kind kind); /* "digest" */

#endif
