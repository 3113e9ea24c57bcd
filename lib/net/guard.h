/* Which addresses nothing is ever sent to: those that answer for the machine or the cloud it runs
 * in (link-local, metadata), or for nobody or everybody. Loopback and private networks are fine.
 *
 * It is asked when a socket is about to be opened, so that no name, however it resolves and
 * whenever it changes, leads around it. With a proxy it is the proxy's address that counts. */
#ifndef CADENCE_NET_GUARD_H
#define CADENCE_NET_GUARD_H

#include <curl/curl.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "net/easy.h"

/* What became of the addresses of one transfer. */
struct guard {
	bool refused;
	bool opened;
	char why[NET_ERROR_SIZE]; /* "169.254.169.254 is a link-local address" */
};

/* "a link-local address" when nothing may be sent there; NULL: it may. */
const char *guard_objection(const struct sockaddr *address);
/* For CURLOPT_OPENSOCKETFUNCTION: a socket, or CURL_SOCKET_BAD. */
curl_socket_t guard_open(struct guard *guard, const struct curl_sockaddr *address);
/* Whether it was the guard that kept a transfer from connecting; then error says why. */
bool guard_stopped(const struct guard *guard, CURLcode code, char error[NET_ERROR_SIZE]);

#endif
