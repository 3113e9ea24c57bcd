/* The one who hears of a partner, and their absence, in JSON. Private to lib/api. */
#ifndef CADENCE_API_HEARER_H
#define CADENCE_API_HEARER_H

#include <jansson.h>

#include "store/verbs.h"

/* The first absence of an owner that has not ended before that day. */
struct absence {
	day first; /* DAY_NEVER: there is none */
	day last;
	bool by_command;      /* else by the configuration */
	const char *stand_in; /* an id, or NULL: what turns cold waits */
};

struct absence absence_find(struct db *db, const struct scene *scene, const struct owner *owner,
			    const struct owner_history *history, day on);
/* null when nobody hears. */
json_t *hearer_json(struct db *db, const struct scene *scene, const struct owner *owner, day on);

#endif
