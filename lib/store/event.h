/* Events: what happened to a nudge, as data for machines. */
#ifndef CADENCE_STORE_EVENT_H
#define CADENCE_STORE_EVENT_H

#include <jansson.h>

#include "store/verbs.h"

/* A text as JSON; null when it is NULL or not UTF-8. */
json_t *event_text(const char *text);
/* A day as "2026-11-03"; null for DAY_NEVER. */
json_t *event_day(day d);
/* The partner as every event names it: id, name, owner, cadence, tags. */
json_t *event_partner(const struct partner *partner);
/* The evidence of a nudge: partner, rule, state, base, due and cold day, days overdue, last
 * contact. Notes are left out: they were written for one person, and a channel of events may be
 * read by many. The caller owns it. */
json_t *event_evidence(const struct facts *facts, const struct verdict *verdict, int64_t nudge,
		       day today);
/* The text of an object, compact, in the order in which it was made; the caller frees. */
char *event_dump(const json_t *object);
/* Puts one event into the outbox for each channel of events. data stays the caller's. Failures
 * stick to db. */
void event_send(struct db *db, const struct scene *scene, int64_t nudge, const char *type,
		json_t *data);

/* The same for what is about no nudge: "channel.blocked". */
void event_announce(struct db *db, const struct scene *scene, const char *type, json_t *data);

#endif
