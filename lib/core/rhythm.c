/* Two counts beside each other: the model's days, and those that were lived. */
#include "core/rhythm.h"

#include <string.h>

bool source_is_live(const char *source)
{
	return source && strcmp(source, "conf") != 0 && strcmp(source, "csv") != 0;
}

bool rhythm_add(struct rhythm *rhythm, day d, bool live)
{
	if (!risk_add(&rhythm->risk, d))
		return false;
	if (live && (rhythm->live == 0 || d > rhythm->live_last)) {
		rhythm->live++;
		rhythm->live_last = d;
	}
	return true;
}

static bool same(double a, double b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

bool rhythm_equal(const struct rhythm *a, const struct rhythm *b)
{
	const struct risk *x = &a->risk, *y = &b->risk;

	return x->n == y->n && (x->n == 0 || (x->first == y->first && x->last == y->last)) &&
	       same(x->weight, y->weight) && same(x->mean, y->mean) && same(x->square, y->square) &&
	       a->live == b->live && (a->live == 0 || a->live_last == b->live_last);
}
