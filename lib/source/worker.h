/* The process that reads mail: what comes in by one descriptor goes out as letters by the same, and
 * it can do nothing else. */
#ifndef CADENCE_SOURCE_WORKER_H
#define CADENCE_SOURCE_WORKER_H

#define WORKER_FAILED 3 /* its exit status when it cannot lock itself in: no mail is to blame */

/* Runs in a process of its own, whose other descriptors are closed. Gets ready, locks itself in,
 * and answers frames (wire.h) until the descriptor ends. Never returns. */
_Noreturn void worker_run(int fd);

#endif
