/* Counts; what a flight is, and when it sets out, is for flight.c to say. */
#include "daemon/runway.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Claimed for each connection where messages flow. */
#define CLAIMED_EACH 8
/* Handed over for each session of a mail server, so that its thread finds the next one waiting. */
#define MAILS_EACH 2

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

static size_t capacity(const struct runway *runway, const struct channel *channel)
{
	return (size_t)channel->connections * (runway && runway->flows ? CLAIMED_EACH : 1);
}

size_t runway_room(const struct runway *runway, const struct channel *channel)
{
	const size_t places = capacity(runway, channel);
	const size_t claimed = runway ? runway->claimed : 0;

	return claimed < places ? places - claimed : 0;
}

bool runway_wants_more(const struct runway *runway, const struct channel *channel)
{
	return !runway->flows || runway->claimed <= capacity(runway, channel) / 2;
}

bool runway_is_free(const struct runway *runway, const struct channel *channel)
{
	const size_t each = channel->type == CHANNEL_SMTP ? MAILS_EACH : 1;

	return runway->under_way < (size_t)channel->connections * each;
}
