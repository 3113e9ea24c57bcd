/* What one run of conf_load() carries along, and where it notes what is wrong. Private to this
 * room. */
#ifndef CADENCE_CONF_LOADER_H
#define CADENCE_CONF_LOADER_H

#include "conf/draft.h"

struct complaint {
	int line;
	const char *text;
};

struct complaints {
	struct complaint *items;
	size_t count, capacity;
};

struct loader {
	struct conf *conf;
	struct draft *draft;
	struct arena *arena;   /* of the configuration */
	struct arena *scratch; /* ends with the loading */
	const char *base;      /* the file's name without its directory */
	bool world_readable;
	bool offline; /* secrets and certificates in other files are left alone */
	struct complaints errors, warnings;
	struct buf hash; /* what a judgement depends on, written out for hashing */
};

/* Notes an error or a warning about `what` ("owner maria: backup") at a line of the file. */
void loader_error(struct loader *loader, int line, const char *what, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
void loader_warn(struct loader *loader, int line, const char *what, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* Puts what was noted into the order of the lines. */
void loader_sort(struct complaints *complaints);
/* All errors in the order of the lines, one a line, the last one not ended. At most
 * CONF_ERRORS_MAX. */
void loader_list_errors(struct loader *loader, struct buf *out);

/* "owner maria: backup", "partner acme" or "timezone": names a key, or a whole record when key is
 * NULL, for a message. From the scratch arena. */
const char *loader_what(struct loader *loader, enum section section, const char *id,
			const char *key);
/* "ada, jon, maria": of many only the first. From the scratch arena. */
const char *loader_choices(struct loader *loader, const char *const *candidates, size_t count);
/* What would be right instead of a name that is none of these: "; did you mean \"maria\"?", or the
 * choices when none is near. From the scratch arena. */
const char *loader_hint(struct loader *loader, const char *word, const char *const *candidates,
			size_t count);
/* The start of a text that was refused, fit for a message: control and other doubtful characters
 * become "?". From the scratch arena. */
const char *loader_quote(struct loader *loader, const char *text);
/* The line of a key of a record, or of the record when the key was not given. */
int record_line(enum section section, const struct record *record, const char *key);
/* Whether the file gives the key. */
bool record_gives(enum section section, const struct record *record, const char *key);

#endif
