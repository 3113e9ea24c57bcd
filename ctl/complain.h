/* What went wrong: on stderr for people, and kept for --json, where main prints it as
 * {"error": {"message": …}}, so that a program that reads stdout gets JSON whatever happens. */
#ifndef CADENCE_CTL_COMPLAIN_H
#define CADENCE_CTL_COMPLAIN_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

/* Prints "cadencectl: …" without control characters, and a line feed. */
void complain(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The same for an error of the daemon: {"status": …, "message": …}. */
void complain_of(const json_t *error);
bool complaint_made(void);
/* The first complaint, {"message": …} and what the daemon said besides; NULL when there was none,
 * or it was taken already. The caller's. */
json_t *complaint_take(void);

#endif
