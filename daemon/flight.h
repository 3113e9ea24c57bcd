/* Flights: deliveries between claim and settle, on the loop's side.
 *
 * A flight renders its document, hands the bytes to the courier or a mail thread, reads what the
 * reply means and has the store write it down. It ends only when the result is on disk. */
#ifndef CADENCE_DAEMON_FLIGHT_H
#define CADENCE_DAEMON_FLIGHT_H

#include "daemon/daemon.h"

/* How many more deliveries may set out over this channel now. *ret_more_at: when there may be more
 * by themselves; INSTANT_NEVER: only when one of them has ended. */
size_t flight_room(struct daemon *daemon, const struct channel *channel, instant now,
		   instant *ret_more_at);
/* Sends what was claimed over a channel of conf, which it keeps a reference of; the delivery is
 * copied. */
void flight_start(struct daemon *daemon, struct conf *conf, const struct channel *channel,
		  const struct delivery *delivery);
/* Gives a claimed delivery back untried, as if it had never been claimed. */
void flight_hand_back(struct daemon *daemon, struct conf *conf, const struct channel *channel,
		      const struct delivery *delivery);
/* The same with all that has not set out yet. */
void flight_hand_back_waiting(struct daemon *daemon);
/* Has written down what became of those that flight_start() could not even begin, and of those that
 * were handed back; flight_collect() does so by itself. */
void flight_land(struct daemon *daemon);
/* Gives back what was claimed ahead for channels that have turned slow, and comes again while
 * anything waits. */
void flight_relieve(struct daemon *daemon);
/* Takes in the replies that wait. */
void flight_collect(struct daemon *daemon);
/* After the ways out are closed: hands back whatever never got a reply. */
void flight_abandon(struct daemon *daemon);

#endif
