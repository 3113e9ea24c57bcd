/* Mails that nobody could read, kept for whoever wants to know why: in the folder aside beside the
 * database. */
#ifndef CADENCE_DAEMON_ASIDE_H
#define CADENCE_DAEMON_ASIDE_H

#include <stddef.h>

#include "base/error.h"

#define ASIDE_MAX 20 /* mails that are kept; who wants more looks at these first */

/* Writes a mail as aside/NAME.eml beside the database at path, to the disk; the same name again is
 * the same mail. STATUS_CONFLICT when ASIDE_MAX are there, STATUS_FAILED when it cannot be written.
 * Not on the loop. */
enum status aside_keep(const char *path, const char *name, const void *bytes, size_t len,
		       struct error *err) MUST_USE;

#endif
