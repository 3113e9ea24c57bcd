/* The stage: a rehearsal whose digests are kept as somebody would note them down: "cold acme; due
 * elbe". */
#ifndef CADENCE_TESTS_SCENARIO_STAGE_H
#define CADENCE_TESTS_SCENARIO_STAGE_H

#include "engine/rehearsal.h"
#include "tests/scenario/setup.h"

/* One digest that was delivered. */
struct seen {
	day day;    /* local */
	int minute; /* of the local day */
	const char *owner;
	const char *content; /* "cold acme; ask elbe; due a b +3; reach c", or "quiet" */
	const char *text;    /* as the mail says it */
};

/* What becomes of mail. */
enum post { POST_WORKS, POST_LATER, POST_DIES };

struct stage {
	struct rehearsal *rehearsal;
	struct conf *conf; /* the one in force; a reference of the stage's */
	struct arena *arena;
	struct seen *seen;
	size_t seen_count, seen_capacity;
	enum post post;
	bool clock_was_set; /* a day may then have two digests: one dated by the wrong clock */
	struct error fault; /* of an invariant; "" */
};

enum status stage_open(struct stage *stage, const struct setup *setup, instant now,
		       struct error *err) MUST_USE;
void stage_close(struct stage *stage);
enum status stage_reload(struct stage *stage, const struct setup *setup, bool yes,
			 struct error *err) MUST_USE;
/* Stopped before, started at `now`. */
enum status stage_restart(struct stage *stage, const struct setup *setup, instant now,
			  struct error *err) MUST_USE;
/* Goes on until then; the reason of a failure is that of the engine, or of an invariant that does
 * not hold: never two digests for an owner on a local day; judging everybody once more changes
 * nothing, not even when they are looked at next. */
enum status stage_run(struct stage *stage, instant until, struct error *err) MUST_USE;
/* What holds a partner, else the worst of its rules: "meeting booked", "due". */
enum status stage_standing(struct stage *stage, const char *partner, const char **ret,
			   struct error *err) MUST_USE;

#endif
