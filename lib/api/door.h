/* The door: the listening socket, and how long a request may take to come in.
 *
 * evhttp by itself waits for a slow request as long as bytes trickle in, accepts any number of
 * connections, and spins when descriptors run out. The door gives each connection an absolute
 * deadline, counts them, and pauses instead; and it looks at the bytes of the head. */
#ifndef CADENCE_API_DOOR_H
#define CADENCE_API_DOOR_H

#include <event2/http.h>
#include <stdbool.h>

#include "base/error.h"

struct door;

/* Listens at path, or on fd when it is not -1, and hands connections to http. Errors as api_open().
 */
enum status door_open(struct event_base *base, struct evhttp *http, const char *path, int fd,
		      struct door **ret_door, struct error *err) MUST_USE;
/* The request has come in whole: from here on the work takes as long as it takes, and evhttp's own
 * timeout watches over the answer. */
void door_wait(struct door *door, struct evhttp_connection *connection);
/* Whether the head of the request was one that everybody reads alike: no NUL in it, no line that
 * goes on in the next (obs-fold). evhttp takes both, and hides them. */
enum status door_check_head(const struct door *door, struct evhttp_connection *connection,
			    struct error *err) MUST_USE;
/* Whether the other side has closed. evhttp does not look while a request is worked on. */
bool door_has_left(struct evhttp_connection *connection);
/* Unlinks the socket, and lets out what is answered already. To be called before evhttp_free(),
 * which closes it; the door goes with door_free(), after it. */
void door_close(struct door *door);
void door_free(struct door *door);

#endif
