/* The words that steer a line of an answer: what happened, and which entry of the digest is meant.
 */
#ifndef CADENCE_SOURCE_VERB_H
#define CADENCE_SOURCE_VERB_H

#include "source/command.h"
#include "source/line.h"

#define VERB_NO_KIND CONTACT_KINDS

struct verb {
	const char *word;
	enum command_verb verb;
	enum contact_kind kind; /* of a contact; VERB_NO_KIND: it is none, or "log" */
};

/* The verb that the word is; NULL: it is none, or there is no such word. */
const struct verb *verb_at(const struct line *line, size_t index);
bool verb_is_in(const struct line *line);
/* The verb that a mistyped one may stand for; NULL: none is near. */
const char *verb_nearest(const char *bare);
/* The number with which a digest names an entry, perhaps with a # before it; 0: the word is none.
 */
int number_at(const struct line *line, size_t index);

/* Whether it begins with a verb and a number in either order, as nothing but a command does. */
bool verb_begins(const struct line *line);

#endif
