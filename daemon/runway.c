/* Counts; what a flight is, and when it sets out, is for flight.c to say. */
#include "daemon/runway.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A runway is as wide as what its channel sends in about this time: its messages share commits, and
 * none is claimed long before it sets out. */
#define QUICK_MS 100
#define SLOW_MS	 1000
/* The widest, for each connection, and for a channel that has few. */
#define CLAIMED_EACH 8
#define CLAIMED_MAX  256
/* Handed over for each session of a mail server, so that its thread finds the next ones waiting. */
#define MAILS_EACH 8

struct runway *runway_find(struct runway *runways, const struct channel *channel)
{
	while (runways && strcmp(runways->channel, channel->id) != 0)
		runways = runways->next;
	return runways;
}

struct runway *runway_find_or_add(struct runway **runways, const struct channel *channel)
{
	struct runway *runway = runway_find(*runways, channel);

	if (runway)
		return runway;
	runway = mem_alloc(1, sizeof(*runway));
	runway->channel = mem_strdup(channel->id);
	runway->width = runway->least = (size_t)channel->connections;
	runway->next = *runways;
	*runways = runway;
	return runway;
}

void runways_note_turn(struct runway *runways)
{
	for (; runways; runways = runways->next)
		runways->refused = false;
}

void runways_free(struct runway **runways)
{
	struct runway *runway;

	while ((runway = *runways)) {
		*runways = runway->next;
		free(runway->channel);
		free(runway);
	}
}

size_t runways_under_way(const struct runway *runways)
{
	size_t count = 0;

	for (; runways; runways = runways->next)
		count += runways->under_way;
	return count;
}

static size_t within(size_t number, size_t least, size_t most)
{
	return number < least ? least : number < most ? number : most;
}

void runway_adapt(struct runway *runway, const struct channel *channel, instant now)
{
	const size_t most = (size_t)channel->connections * CLAIMED_EACH;
	const instant took = now - runway->measured;

	runway->least = (size_t)channel->connections;
	if (runway->flows && runway->ended < runway->width && took <= SLOW_MS)
		return;
	if (!runway->flows || took > SLOW_MS)
		runway->width = runway->least;
	else if (took < QUICK_MS)
		runway->width *= 2;
	runway->width =
	    within(runway->width, runway->least, most > CLAIMED_MAX ? most : CLAIMED_MAX);
	runway->ended = 0;
	runway->measured = now;
}

void runway_narrow(struct runway *runway)
{
	runway->width = runway->least;
	runway->ended = 0;
}

bool runway_is_slow(const struct runway *runway, instant now)
{
	return runway->claimed > runway->width || now - runway->measured > SLOW_MS;
}

size_t runway_room(const struct runway *runway, const struct channel *channel)
{
	const size_t width = runway ? runway->width : (size_t)channel->connections;
	const size_t claimed = runway ? runway->claimed : 0;

	return claimed < width ? width - claimed : 0;
}

void runway_take_in(struct runway *runway)
{
	runway->claimed++;
}

void runway_let_go(struct runway *runway)
{
	runway->claimed--;
	runway->ended++;
}

/* No connection may stand idle for it. */
bool runway_wants_more(const struct runway *runway)
{
	return !runway->flows || runway->claimed <= runway->width / 2 ||
	       runway->claimed < runway->least;
}

bool runway_is_free(const struct runway *runway, const struct channel *channel)
{
	const size_t each = channel->type == CHANNEL_SMTP ? MAILS_EACH : 1;

	return runway->under_way < (size_t)channel->connections * each;
}
