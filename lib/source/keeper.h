/* The small process between the daemon and the workers that read mail: it forks them, because the
 * daemon, once it has threads, cannot do so safely. */
#ifndef CADENCE_SOURCE_KEEPER_H
#define CADENCE_SOURCE_KEEPER_H

#include <stdbool.h>
#include <sys/types.h>

#define KEEPER_ASK 'n' /* a byte to the keeper: end the worker there is, and make another */

/* What the keeper answers, with the worker's descriptor beside it (SCM_RIGHTS) when there is one.
 */
struct keeper_answer {
	int ended; /* how the worker before it ended, as waitpid() says; -1: there was none */
	int error; /* errno why there is no new one, or 0 */
};

/* Runs in a process of its own; ends with its worker when fd ends. Never returns. */
_Noreturn void keeper_run(int fd);

/* Reads an answer; false when there is none (errno EAGAIN: not yet). *ret_fd is -1 without a
 * worker; it is closed on exec. */
bool keeper_read_answer(int fd, struct keeper_answer *ret_answer, int *ret_fd);

#endif
