/* Lanes, and the threads that serve them.
 *
 * Everything here is under the pool's mutex but the sending itself. A lane exists while it has
 * messages or threads. A thread that ends joins the one that ended before it, so that at most one
 * is left to be joined. */
#include "net/mail.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/thread.h"
#include "net/easy.h"
#include "net/mailer.h"

#define WAITING_MAX 4096 /* messages of all lanes */

/* A message that waits. */
struct letter {
	struct letter *next;
	struct mail_request *request;
	uint64_t number; /* they count up: who waits longest */
};

struct lane {
	struct lane *next;
	char *name;
	size_t width;
	struct letter *first, *last;
	size_t waiting;
	size_t threads;
	size_t idle; /* of the threads: waiting for work */
	pthread_cond_t work;
};

struct hand {
	struct hand *next, **link; /* among those at work */
	struct mail_pool *pool;
	struct lane *lane;
	struct mailer *mailer;
	pthread_t thread;
};

struct mail_pool {
	struct queue *replies;
	int idle_ms;
	atomic_bool cut; /* the grace is over */
	pthread_mutex_t mutex;
	pthread_cond_t ended; /* a thread has no lane any more */
	bool closed;
	struct lane *lanes;
	struct hand *hands;
	struct hand *last; /* the last that ended; to be joined */
	size_t working;	   /* threads that serve a lane */
	size_t waiting;	   /* messages */
	uint64_t numbers;
};

static void cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attributes);
	pthread_condattr_destroy(&attributes);
}

static struct timespec after_ms(int ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += (long)(ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

/* ---- lanes ---- */

static struct lane *lane_get(struct mail_pool *pool, const char *name)
{
	struct lane *lane = pool->lanes;

	while (lane && strcmp(lane->name, name) != 0)
		lane = lane->next;
	if (lane)
		return lane;
	lane = mem_alloc(1, sizeof(*lane));
	lane->name = mem_strdup(name);
	cond_init(&lane->work);
	lane->next = pool->lanes;
	pool->lanes = lane;
	return lane;
}

static void lane_end_if_unused(struct mail_pool *pool, struct lane *lane)
{
	struct lane **link = &pool->lanes;

	if (lane->threads > 0 || lane->waiting > 0)
		return;
	while (*link != lane)
		link = &(*link)->next;
	*link = lane->next;
	pthread_cond_destroy(&lane->work);
	free(lane->name);
	free(lane);
}

static void lane_add(struct mail_pool *pool, struct lane *lane, struct mail_request *request)
{
	struct letter *letter = mem_alloc(1, sizeof(*letter));

	letter->request = request;
	letter->number = pool->numbers++;
	if (lane->last)
		lane->last->next = letter;
	else
		lane->first = letter;
	lane->last = letter;
	lane->waiting++;
	pool->waiting++;
}

static struct mail_request *lane_take(struct mail_pool *pool, struct lane *lane)
{
	struct letter *letter = lane->first;
	struct mail_request *request;

	if (!letter)
		return NULL;
	request = letter->request;
	lane->first = letter->next;
	if (!lane->first)
		lane->last = NULL;
	lane->waiting--;
	pool->waiting--;
	free(letter);
	return request;
}

/* The lane that has work and nobody to do it, and waits longest; NULL: none. */
static struct lane *forsaken_lane(const struct mail_pool *pool)
{
	struct lane *found = NULL;

	for (struct lane *lane = pool->lanes; lane; lane = lane->next)
		if (lane->waiting > 0 && lane->threads == 0 &&
		    (!found || lane->first->number < found->first->number))
			found = lane;
	return found;
}

/* ---- a thread ---- */

/* Whether a thread may go: its lane has become narrower, or another lane has nobody and this one
 * does without it or has had its share. */
static bool may_leave(const struct hand *hand)
{
	const struct lane *lane = hand->lane;

	if (lane->threads > lane->width)
		return true;
	return (lane->threads > 1 || lane->waiting == 0 || mailer_is_between(hand->mailer)) &&
	       forsaken_lane(hand->pool);
}

/* The next message of the lane; waits for one. NULL: the thread has to leave the lane. */
static struct mail_request *next_request(struct hand *hand)
{
	struct mail_pool *pool = hand->pool;
	struct lane *lane = hand->lane;
	const struct timespec until = after_ms(pool->idle_ms);
	int waited = 0;

	while (!pool->closed && lane->waiting == 0 && waited == 0 && !may_leave(hand)) {
		lane->idle++;
		waited = pthread_cond_timedwait(&lane->work, &pool->mutex, &until);
		lane->idle--;
	}
	return lane_take(pool, lane);
}

static void deliver(struct hand *hand, struct mail_request *request)
{
	struct mail_pool *pool = hand->pool;
	struct mail_reply *reply = mailer_send(hand->mailer, request);

	/* What was cut off has no result that anybody could use. */
	if ((reply->fault != NET_OK && atomic_load(&pool->cut)) ||
	    !queue_push(pool->replies, reply))
		mail_reply_free(reply);
	mail_request_free(request);
}

static void serve(struct hand *hand)
{
	struct mail_pool *pool = hand->pool;
	struct mail_request *request;

	while ((request = next_request(hand))) {
		pthread_mutex_unlock(&pool->mutex);
		deliver(hand, request);
		pthread_mutex_lock(&pool->mutex);
		if (may_leave(hand))
			break;
	}
}

static void enter(struct hand *hand, struct lane *lane)
{
	hand->lane = lane;
	lane->threads++;
}

static void leave(struct hand *hand)
{
	struct lane *lane = hand->lane;

	hand->lane = NULL;
	lane->threads--;
	lane_end_if_unused(hand->pool, lane);
}

static void hand_free(struct hand *hand)
{
	if (!hand)
		return;
	mailer_free(hand->mailer);
	free(hand);
}

static void join(struct hand *hand)
{
	if (!hand)
		return;
	pthread_join(hand->thread, NULL);
	hand_free(hand);
}

static void unlist(struct hand *hand)
{
	hand->pool->working--;
	*hand->link = hand->next;
	if (hand->next)
		hand->next->link = hand->link;
}

/* Serves its lane, then those that have nobody, and ends. */
static void *hand_run(void *arg)
{
	struct hand *hand = arg;
	struct mail_pool *pool = hand->pool;
	struct hand *before;
	struct lane *lane;

	pthread_mutex_lock(&pool->mutex);
	do {
		serve(hand);
		leave(hand);
		lane = forsaken_lane(pool);
		if (lane)
			enter(hand, lane);
	} while (lane);
	unlist(hand);
	before = pool->last;
	pool->last = hand;
	pthread_cond_signal(&pool->ended);
	pthread_mutex_unlock(&pool->mutex);
	hand->mailer = mailer_free(hand->mailer);
	join(before);
	return NULL;
}

static bool hand_start(struct mail_pool *pool, struct lane *lane)
{
	struct hand *hand = mem_alloc(1, sizeof(*hand));

	hand->pool = pool;
	hand->mailer = mailer_new(&pool->cut);
	hand->lane = lane;
	/* It waits for the mutex, which we hold. */
	if (!thread_start(&hand->thread, hand_run, hand)) {
		hand_free(hand);
		return false;
	}
	enter(hand, lane);
	pool->working++;
	hand->next = pool->hands;
	hand->link = &pool->hands;
	if (hand->next)
		hand->next->link = &hand->next;
	pool->hands = hand;
	return true;
}

/* ---- sending ---- */

static void wake_somebody_idle(struct mail_pool *pool)
{
	for (struct lane *lane = pool->lanes; lane; lane = lane->next)
		if (lane->idle > 0) {
			pthread_cond_signal(&lane->work);
			return;
		}
}

/* Sees to it that somebody will take what waits in the lane. False: there is nobody at all. */
static bool staff(struct mail_pool *pool, struct lane *lane)
{
	if (lane->idle >= lane->waiting) {
		pthread_cond_signal(&lane->work);
		return true;
	}
	if (lane->threads < lane->width && pool->working < MAIL_THREADS_MAX &&
	    hand_start(pool, lane))
		return true;
	if (lane->threads > 0)
		return true;
	wake_somebody_idle(pool);
	return pool->working > 0;
}

static bool post(struct mail_pool *pool, struct mail_request *request)
{
	struct lane *lane;

	if (pool->closed || pool->waiting >= WAITING_MAX)
		return false;
	lane = lane_get(pool, request->lane ? request->lane : request->url);
	lane->width = request->width > 1 ? (size_t)request->width : 1;
	lane_add(pool, lane, request);
	if (staff(pool, lane))
		return true;
	(void)lane_take(pool, lane);
	lane_end_if_unused(pool, lane);
	return false;
}

bool mail_pool_send(struct mail_pool *pool, struct mail_request *request)
{
	bool taken;

	pthread_mutex_lock(&pool->mutex);
	taken = post(pool, request);
	pthread_mutex_unlock(&pool->mutex);
	if (!taken)
		mail_request_free(request);
	return taken;
}

static void call_back(struct mail_pool *pool, struct lane *lane)
{
	struct mail_request *request;

	while ((request = lane_take(pool, lane))) {
		struct mail_reply *reply = mem_alloc(1, sizeof(*reply));

		reply->tag = request->tag;
		reply->untried = true;
		mail_request_free(request);
		if (!queue_push(pool->replies, reply))
			mail_reply_free(reply);
	}
}

void mail_pool_recall(struct mail_pool *pool, const char *name)
{
	struct lane *next;

	if (!pool)
		return;
	pthread_mutex_lock(&pool->mutex);
	for (struct lane *lane = pool->lanes; lane; lane = next) {
		next = lane->next;
		if (name && strcmp(lane->name, name) != 0)
			continue;
		call_back(pool, lane);
		lane_end_if_unused(pool, lane);
	}
	pthread_mutex_unlock(&pool->mutex);
}

/* ---- life ---- */

struct mail_pool *mail_pool_new(struct queue *replies)
{
	struct mail_pool *pool = mem_alloc(1, sizeof(*pool));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	pthread_mutex_init(&pool->mutex, NULL);
	cond_init(&pool->ended);
	pool->replies = replies;
	pool->idle_ms = MAIL_IDLE_MS;
	return pool;
}

void mail_pool_set_idle(struct mail_pool *pool, int idle_ms)
{
	pool->idle_ms = idle_ms;
}

/* Nothing new, and whoever has nothing to do may go. */
static void close_lanes(struct mail_pool *pool)
{
	struct lane *next;

	pool->closed = true;
	for (struct lane *lane = pool->lanes; lane; lane = next) {
		struct mail_request *request;

		next = lane->next;
		while ((request = lane_take(pool, lane)))
			mail_request_free(request);
		pthread_cond_broadcast(&lane->work);
		lane_end_if_unused(pool, lane);
	}
}

static void end_hands(struct mail_pool *pool, int grace_ms)
{
	const struct timespec until = after_ms(grace_ms);

	while (pool->hands && pthread_cond_timedwait(&pool->ended, &pool->mutex, &until) == 0)
		;
	atomic_store(&pool->cut, true);
	for (struct hand *hand = pool->hands; hand; hand = hand->next)
		mailer_cut(hand->mailer);
	while (pool->hands)
		pthread_cond_wait(&pool->ended, &pool->mutex);
}

struct mail_pool *mail_pool_free(struct mail_pool *pool, int grace_ms)
{
	if (!pool)
		return NULL;
	pthread_mutex_lock(&pool->mutex);
	close_lanes(pool);
	end_hands(pool, grace_ms);
	pthread_mutex_unlock(&pool->mutex);
	join(pool->last);
	pthread_cond_destroy(&pool->ended);
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
	curl_global_cleanup();
	return NULL;
}
