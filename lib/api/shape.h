/* Shapes: the domain's things as JSON, and the sentences said about them. Pure. */
#ifndef CADENCE_API_SHAPE_H
#define CADENCE_API_SHAPE_H

#include <jansson.h>

#include "store/verbs.h"

/* Sets object[name]; null for NULL. */
void shape_text(json_t *object, const char *name, const char *text);
/* "2026-11-03"; null for DAY_NEVER. */
void shape_day(json_t *object, const char *name, day d);
/* "2026-11-03T08:30:00Z"; null for INSTANT_NEVER. */
void shape_instant(json_t *object, const char *name, instant at);
/* The caller owns what these return. */
json_t *shape_contact(const struct contact *contact);
json_t *shape_verdict(const struct verdict *verdict, day today);
/* A partner with its verdicts; an archived one has none. */
json_t *shape_facts(const struct scene *scene, const struct facts *facts);
json_t *shape_delivery(const struct delivery *delivery);

/* "Mon 23 Nov 2026". Returns out. */
char *shape_say_day(day d, char out[DAY_TEXT_SIZE]);
/* "Next due Mon 21 Dec 2026." or what is true instead. */
const char *shape_say_stand(const struct scene *scene, const struct facts *facts,
			    struct arena *arena);

#endif
