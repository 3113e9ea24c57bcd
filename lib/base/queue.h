/* A bounded queue between two threads, with a wake-up: the one primitive by which threads of this
 * program talk.
 *
 * Items are pointers; the queue never looks at them and never frees them. First in, first out. */
#ifndef CADENCE_BASE_QUEUE_H
#define CADENCE_BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct queue;

/* A queue of at most `bound` items. Returns NULL when the system has no eventfd to give. */
struct queue *queue_new(size_t bound);
/* The queue must be empty or its items already forgotten by the caller. NULL is harmless; returns
 * NULL. */
struct queue *queue_free(struct queue *queue);

/* Adds an item; false when the queue is full or closed (the item stays the caller's). Never waits.
 */
bool queue_push(struct queue *queue, void *item);
/* Adds them in their order, as far as there is room; how many. The others stay the caller's. */
size_t queue_push_many(struct queue *queue, void *const *items, size_t count);
/* Takes the oldest item, or NULL when there is none. Never waits. */
void *queue_pop(struct queue *queue);
/* Takes the oldest item; waits for one at most timeout_ms (negative: for ever). NULL on timeout, or
 * when the queue is closed and empty. */
void *queue_wait(struct queue *queue, int timeout_ms);
/* No more items come in; those inside can still be taken. Wakes every waiter. */
void queue_close(struct queue *queue);
/* Whether it was closed. */
bool queue_is_closed(struct queue *queue);
/* A descriptor that is readable while items may be inside: for an event loop. Call queue_drain_fd()
 * first, then pop until NULL. */
int queue_fd(struct queue *queue);
void queue_drain_fd(struct queue *queue);
size_t queue_length(struct queue *queue);

#endif
