/* What a process that reads strangers' mail gives up before it reads the first. */
#ifndef CADENCE_SOURCE_JAIL_H
#define CADENCE_SOURCE_JAIL_H

#include "base/error.h"

#define JAIL_CPU_S    5			  /* of processor time for one mail, then SIGXCPU */
#define JAIL_MEMORY   ((size_t)256 << 20) /* bytes of address space */
#define JAIL_CPU_HARD 3600		  /* s, of all mails of one process together */

/* For good: no new privileges, JAIL_MEMORY, no descriptor more, no process, no file, no core; and
 * of the system's calls only read, write, memory, the clock and exit (seccomp). Opening a file
 * fails; any other call ends the process with SIGSYS. With the address sanitizer memory is not
 * limited and more calls are allowed, because it needs them. */
enum status jail_enter(struct error *err) MUST_USE;

/* From now on `seconds` of processor time until SIGXCPU ends the process. Also inside. */
void jail_renew(int seconds);

#endif
