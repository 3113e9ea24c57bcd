/* One partner in words: what `show` and `why` have in common. */
#ifndef CADENCE_CTL_PORTRAIT_H
#define CADENCE_CTL_PORTRAIT_H

#include "ctl/client.h"
#include "ctl/page.h"

/* GET partners/ID and what follows it; as client_json(). */
int portrait_get(const struct ctl *ctl, const char *id, const char *rest, json_t **ret);
/* Adds what tables and heads show to a partner: its days in words. */
void portrait_dress(json_t *partner);
/* "due Thu 29 Oct (25 days overdue)", "due Mon 9 Mar (259 days overdue), rule meeting": the day of
 * the rule that gives the standing. The caller frees. */
char *portrait_due(const json_t *partner);
/* "Acme GmbH [acme]: cold, due Thu 29 Oct (25 days overdue)"; of an answer about another day, "cold
 * on Tue 24 Nov (in 1 day), due Thu 29 Oct (25 days ago)" */
void portrait_head(json_t *partner);
/* The absence of the one who hears, when there is one. */
void portrait_absence(const json_t *partner);
/* What the risk model says of the silence. */
void portrait_odds(const json_t *partner);
/* Everything that was answered, with who and when. */
void portrait_answers(const json_t *partner);
/* "snoozed until Mon 7 Dec (in 14 days)": an answer of that kind. */
void portrait_answer(struct line *line, const char *kind, const json_t *answer, const char *today);
/* "call with Jana, 30 min, by maria: renewal": a contact without its day. */
void portrait_contact(struct line *line, const json_t *contact);

/* Who did it, for people: the name of the user whose number stands there ("uid 1000"), else what
 * stands there; "-" for NULL. Returns actor or out. */
#define ACTOR_SIZE 64
const char *portrait_actor(const char *actor, char out[ACTOR_SIZE]);

#endif
