/* What a service says to systemd and gets from it (sd_notify(3), sd_listen_fds(3)). Without systemd
 * all of it does nothing. */
#ifndef CADENCE_SYS_NOTIFY_H
#define CADENCE_SYS_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Sends "READY=1", "STATUS=…", several lines at once if need be. */
enum status notify_send(const char *state);
/* The same for what may be lost, because the next one follows: a sign of life, a figure. Never
 * waits for whoever does not read. */
enum status notify_sign(const char *state);
/* Whether there is somebody to tell. */
bool notify_is_heard(void);
/* Says that a reload begins, and when: systemd tells by the time which of several has ended. The
 * READY=1 after it says that it has. */
enum status notify_reloading(void);
/* How often systemd wants to hear WATCHDOG=1, in microseconds; 0: it does not. */
uint64_t notify_watchdog_usec(void);
/* Whether standard error goes to the journal, which reads "<6>" as a priority. */
bool notify_stderr_is_journal(void);
/* Writes up to max descriptors that systemd opened for us; returns how many. */
size_t listen_fds(int *ret_fds, size_t max);
/* Whether a descriptor is a Unix stream socket that listens, as a control socket must. */
bool listen_fd_is_sound(int fd);

#endif
