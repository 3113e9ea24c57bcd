/* A configuration put together line by line, as a scenario words it, and read by the code that
 * reads the real one. */
#ifndef CADENCE_TESTS_SCENARIO_SETUP_H
#define CADENCE_TESTS_SCENARIO_SETUP_H

#include "conf/conf.h"

struct setup;

struct setup *setup_new(void);
struct setup *setup_free(struct setup *setup);
/* Sets one piece, in place of the one of the same kind and id: "zone", "Europe/Lisbon", NULL;
 * "owner", "maria", "backup = \"jon\";". False when there is no such kind: zone, holidays, cadence,
 * owner, partner, global. */
bool setup_set(struct setup *setup, const char *kind, const char *id, const char *text);
/* Takes one piece out; false when there is none. */
bool setup_drop(struct setup *setup, const char *kind, const char *id);
/* Without an owner there is maria, without a cadence `monthly`; a partner that names none has the
 * first of each. */
enum status setup_load(const struct setup *setup, struct conf **ret_conf,
		       struct error *err) MUST_USE;

#endif
