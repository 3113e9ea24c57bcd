/* Runways: per channel, what was claimed and how much of it is under way.
 *
 * Where messages flow, more are claimed than may be under way, so that no send waits for the disk
 * and many share a commit. Those that wait stand in the runway, in the order of their claiming. It
 * grows wider while its channel is quick, and is as wide as the channel has connections when that
 * is slow or refuses. */
#ifndef CADENCE_DAEMON_RUNWAY_H
#define CADENCE_DAEMON_RUNWAY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/roster.h"

struct flight;

struct runway {
	struct runway *next;
	char *channel;	  /* its id: a runway outlives reloads */
	size_t width;	  /* how many may be claimed */
	size_t claimed;	  /* not settled yet */
	size_t under_way; /* of them: set out, and without a result */
	bool flows;	  /* the last one arrived: a channel that refuses is not hurried */
	bool refused;	  /* something, since the turn under way began */
	size_t least;	  /* its narrowest: the connections of its channel */
	size_t ended;	  /* since it was measured */
	instant measured; /* as many had ended as it is wide */
	size_t waiting;	  /* of them: not set out yet */
	struct flight *first, *last; /* wait to set out */
};

/* The runway of this channel in the list, NULL: it has none yet. */
struct runway *runway_find(struct runway *runways, const struct channel *channel);
struct runway *runway_find_or_add(struct runway **runways, const struct channel *channel);
/* A turn begins: what it claims will know of all that was refused before. */
void runways_note_turn(struct runway *runways);
/* Frees all; nothing may wait in them. */
void runways_free(struct runway **runways);

/* Makes it as wide as its channel is quick. now: in real time. */
void runway_adapt(struct runway *runway, const struct channel *channel, instant now);
/* As narrow as it can be: its channel refuses. */
void runway_narrow(struct runway *runway);
/* Whether what waits here is not about to set out: as many as it is wide have not ended in a
 * second.
 */
bool runway_is_slow(const struct runway *runway, instant now);
/* How many more may be claimed now. runway may be NULL. */
size_t runway_room(const struct runway *runway, const struct channel *channel);
/* One was claimed; one is settled, or is nobody's any more. */
void runway_take_in(struct runway *runway);
void runway_let_go(struct runway *runway);
/* Whether enough has ended to claim more: in few large portions rather than in many small ones. */
bool runway_wants_more(const struct runway *runway);
/* How many are under way on all of them. */
size_t runways_under_way(const struct runway *runways);
/* Whether one more may set out. */
bool runway_is_free(const struct runway *runway, const struct channel *channel);

#endif
