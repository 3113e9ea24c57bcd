/* Errands: work that takes seconds or minutes and touches neither the database's connection nor
 * what belongs to the loop. Each has a thread of its own, and tells the loop what it finds. */
#ifndef CADENCE_DAEMON_ERRAND_H
#define CADENCE_DAEMON_ERRAND_H

#include <stdatomic.h>

#include "daemon/daemon.h"

struct errand;

/* On the errand's thread. It ends soon once *errand_stop() is set. */
typedef void errand_work(struct errand *errand, void *arg);
/* On the loop, for each text that was said, in their order. */
typedef void errand_hear(void *arg, const char *text);
/* On the loop, once, last, also when it was stopped. */
typedef void errand_done(void *arg);

/* hear may be NULL. STATUS_FAILED when no thread can be had: then nothing is called. */
enum status errand_start(struct daemon *daemon, errand_work *work, errand_hear *hear,
			 errand_done *done, void *arg, struct error *err) MUST_USE;
/* From its thread; the text is copied. */
void errand_say(struct errand *errand, const char *text);
const atomic_bool *errand_stop(const struct errand *errand);
/* On the loop: asks the errand that was started with arg to end; its done is still called. */
void errand_break_off(const struct daemon *daemon, const void *arg);
/* Stops all of them and waits until they have ended. */
void errands_end(struct daemon *daemon);

#endif
