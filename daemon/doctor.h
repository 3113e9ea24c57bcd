/* The doctor: looks at all that cadenced depends on, with its own rights and from within its own
 * sandbox, and sends nothing. */
#ifndef CADENCE_DAEMON_DOCTOR_H
#define CADENCE_DAEMON_DOCTOR_H

#include "daemon/errand.h"

/* On the loop, for each check as it ends: a JSON object {check, result: "ok", "warn" or "fail",
 * text}, in which text says what to do where it is not ok. */
typedef void doctor_hear(void *arg, const char *text);
typedef void doctor_done(void *arg);

/* STATUS_BUSY while one is at work: then nothing is called; else done is, once. */
enum status doctor_start(struct daemon *daemon, doctor_hear *hear, doctor_done *done, void *arg,
			 struct error *err) MUST_USE;
/* Whoever asked has gone: it ends soon, and done is still called. Harmless while none is at work.
 */
void doctor_stop(const struct daemon *daemon);

#endif
