/* What a request may say: members of a body, parameters of a query, cells of an import's row, each
 * with a type. Checked once, at the door; whatever has another name or type is refused. Private to
 * lib/api. */
#ifndef CADENCE_API_MEMBER_H
#define CADENCE_API_MEMBER_H

#include <jansson.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum member_type {
	MEMBER_WORD,	/* a short text of one line; checked, so that a reason may repeat it */
	MEMBER_TEXT,	/* any text; whoever stores it checks it, and no reason repeats it */
	MEMBER_NUMBER,	/* a whole number from 0 on, or its digits as a text */
	MEMBER_MINUTES, /* the same, up to CONTACT_MINUTES_MAX */
	MEMBER_PAGE,	/* the same, from 1 to MEMBER_PAGE_MAX */
	MEMBER_FLAG,	/* true or false */
	MEMBER_SWITCH,	/* "1" or "0", where all is text */
	MEMBER_ROWS,	/* an array */
	MEMBER_TYPES
};

#define MEMBERS_MAX	12   /* of one object */
#define MEMBER_WORD_MAX 64   /* code points; no word that means something is longer */
#define MEMBER_PAGE_MAX 1000 /* rows of a page */

/* The last of a list has no name. */
struct member {
	const char *name;
	enum member_type type;
	const char *help; /* what it means, for the manual and GET /v1/help */
};

/* Whether an object has no other members than these, of these types. The reason names the member,
 * or the nearest there is, and what would be right; what: "member", "parameter". */
enum status member_check(const struct member *members, const char *what, const json_t *object,
			 struct error *err) MUST_USE;
/* "a whole number from 1 to 1000": what a type takes, for the manual. */
void member_describe(enum member_type type, struct buf *out);
/* A checked member as a text, NULL when it is not there; as a number, `otherwise` when not. */
const char *member_string(const json_t *object, const char *name);
int64_t member_number(const json_t *object, const char *name, int64_t otherwise);

#endif
