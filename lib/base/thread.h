/* Threads that no signal disturbs: signals are the loop's. */
#ifndef CADENCE_BASE_THREAD_H
#define CADENCE_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* pthread_create() of a thread that has every signal blocked. False: there is none to be had. */
bool thread_start(pthread_t *ret_thread, void *(*run)(void *), void *arg);

#endif
