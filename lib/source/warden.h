/* The small process between the daemon and the workers that read mail: it forks them, because the
 * daemon, once it has threads, cannot do so safely. */
#ifndef CADENCE_SOURCE_WARDEN_H
#define CADENCE_SOURCE_WARDEN_H

#include <stdbool.h>
#include <sys/types.h>

#define WARDEN_ASK 'n' /* a byte to the warden: end the worker there is, and make another */

/* What the warden answers, with the worker's descriptor beside it (SCM_RIGHTS) when there is one.
 */
struct warden_answer {
	int ended; /* how the worker before it ended, as waitpid() says; -1: there was none */
	int error; /* errno why there is no new one, or 0 */
};

/* Forks the warden, which answers over fd and ends with its worker when fd does. Before the process
 * has threads. -1 and errno when the system refuses. */
pid_t warden_start(int fd);
/* Waits until it is gone, and its worker with it; fd is closed before. One that does not end by
 * itself within a second is ended. */
void warden_end(pid_t pid);

/* Reads an answer; false when there is none (errno EAGAIN: not yet). *ret_fd is -1 without a
 * worker; it is closed on exec. */
bool warden_read_answer(int fd, struct warden_answer *ret_answer, int *ret_fd);

#endif
