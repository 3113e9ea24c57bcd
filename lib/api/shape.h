/* How the things of the domain look in JSON. Private to lib/api. */
#ifndef CADENCE_API_SHAPE_H
#define CADENCE_API_SHAPE_H

#include <jansson.h>
#include <stdbool.h>

#include "store/verbs.h"

/* A reason: "" for NULL, U+FFFD for bytes that are no UTF-8. Never lost. */
json_t *shape_reason(const char *s);
/* null for NULL, DAY_NEVER and INSTANT_NEVER. */
json_t *shape_text(const char *s);
json_t *shape_day(day d);
json_t *shape_instant(instant at);
json_t *shape_contact(const struct contact *contact);
/* A partner with its verdicts today. */
json_t *shape_facts(const struct scene *scene, const struct facts *facts);
/* "new", "changed", "same" */
const char *shape_result(enum change_result result);
json_t *shape_delivery(const struct delivery *delivery);

#endif
