/* The queue: a ring under a mutex, with a condition for threads that wait and an eventfd for loops.
 */
#include "base/queue.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

struct queue {
	pthread_mutex_t mutex;
	pthread_cond_t filled;
	void **items;
	size_t bound, first, length;
	bool closed;
	bool watched; /* a loop has asked for the descriptor */
	int fd;
};

struct queue *queue_new(size_t bound)
{
	struct queue *queue;
	pthread_condattr_t attributes;
	const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0)
		return NULL;
	queue = mem_alloc(1, sizeof(*queue));
	queue->items = mem_alloc(bound, sizeof(*queue->items));
	queue->bound = bound;
	queue->fd = fd;
	pthread_mutex_init(&queue->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->filled, &attributes);
	pthread_condattr_destroy(&attributes);
	return queue;
}

struct queue *queue_free(struct queue *queue)
{
	if (!queue)
		return NULL;
	pthread_cond_destroy(&queue->filled);
	pthread_mutex_destroy(&queue->mutex);
	close(queue->fd);
	free(queue->items);
	free(queue);
	return NULL;
}

static void ring(struct queue *queue)
{
	const uint64_t one = 1;

	if (!queue->watched)
		return;
	/* It can only fail when the counter is full, and then the loop is awake already. */
	if (write(queue->fd, &one, sizeof(one)) < 0)
		return;
}

size_t queue_push_many(struct queue *queue, void *const *items, size_t count)
{
	size_t taken = 0;
	bool was_empty;

	pthread_mutex_lock(&queue->mutex);
	was_empty = queue->length == 0;
	for (; taken < count && !queue->closed && queue->length < queue->bound; taken++)
		queue->items[(queue->first + queue->length++) % queue->bound] = items[taken];
	if (taken == 1)
		pthread_cond_signal(&queue->filled);
	else if (taken > 1)
		pthread_cond_broadcast(&queue->filled);
	/* Who takes from a loop takes all there is: one ring for the first is enough. */
	if (taken > 0 && was_empty)
		ring(queue);
	pthread_mutex_unlock(&queue->mutex);
	return taken;
}

bool queue_push(struct queue *queue, void *item)
{
	return queue_push_many(queue, &item, 1) == 1;
}

static void *take_locked(struct queue *queue)
{
	void *item;

	if (queue->length == 0)
		return NULL;
	item = queue->items[queue->first];
	queue->first = (queue->first + 1) % queue->bound;
	queue->length--;
	return item;
}

void *queue_pop(struct queue *queue)
{
	void *item;

	pthread_mutex_lock(&queue->mutex);
	item = take_locked(queue);
	pthread_mutex_unlock(&queue->mutex);
	return item;
}

static struct timespec deadline_in(int timeout_ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += timeout_ms / 1000;
	at.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

void *queue_wait(struct queue *queue, int timeout_ms)
{
	const struct timespec deadline = deadline_in(timeout_ms < 0 ? 0 : timeout_ms);
	void *item;
	int waited = 0;

	pthread_mutex_lock(&queue->mutex);
	while (queue->length == 0 && !queue->closed && waited == 0) {
		if (timeout_ms < 0)
			waited = pthread_cond_wait(&queue->filled, &queue->mutex);
		else
			waited = pthread_cond_timedwait(&queue->filled, &queue->mutex, &deadline);
	}
	item = take_locked(queue);
	pthread_mutex_unlock(&queue->mutex);
	return item;
}

void queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->mutex);
	queue->closed = true;
	pthread_cond_broadcast(&queue->filled);
	ring(queue);
	pthread_mutex_unlock(&queue->mutex);
}

bool queue_is_closed(struct queue *queue)
{
	bool closed;

	pthread_mutex_lock(&queue->mutex);
	closed = queue->closed;
	pthread_mutex_unlock(&queue->mutex);
	return closed;
}

int queue_fd(struct queue *queue)
{
	pthread_mutex_lock(&queue->mutex);
	/* What came before anybody watched rings too. */
	if (!queue->watched) {
		queue->watched = true;
		if (queue->length > 0 || queue->closed)
			ring(queue);
	}
	pthread_mutex_unlock(&queue->mutex);
	return queue->fd;
}

void queue_drain_fd(struct queue *queue)
{
	uint64_t count;

	if (read(queue->fd, &count, sizeof(count)) < 0)
		return;
}

size_t queue_length(struct queue *queue)
{
	size_t length;

	pthread_mutex_lock(&queue->mutex);
	length = queue->length;
	pthread_mutex_unlock(&queue->mutex);
	return length;
}
