/* The rhythm of a partner: what the risk model knows of it, and how much of that was lived here.
 *
 * Kept with the partner and moved on with each contact that counts; core/risk.h has the model. */
#ifndef CADENCE_CORE_RHYTHM_H
#define CADENCE_CORE_RHYTHM_H

#include "core/risk.h"

/* Zero: never met. */
struct rhythm {
	struct risk risk;
	int live; /* days with a contact that was logged or received, not imported or configured */
	day live_last; /* the newest of them, when there is one */
};

/* Whether a contact of that source was logged or received ("command", "api", …), not brought by a
 * list ("csv") or by the file ("conf"). */
bool source_is_live(const char *source);
/* There was a contact that counts. False, and nothing changes, when it lies before the last one:
 * then all contacts must be added anew, in the order of their days. */
bool rhythm_add(struct rhythm *rhythm, day d, bool live) MUST_USE;
/* Whether they are the same, to the bit. */
bool rhythm_equal(const struct rhythm *a, const struct rhythm *b);

#endif
