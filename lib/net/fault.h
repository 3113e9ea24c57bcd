/* What can go wrong between us and another machine, in our own words: nobody above this room needs
 * libcurl's. */
#ifndef CADENCE_NET_FAULT_H
#define CADENCE_NET_FAULT_H

enum net_fault {
	NET_OK,		 /* the other side answered; what it said is in the reply */
	NET_RESOLVE,	 /* no address for the host name */
	NET_CONNECT,	 /* nobody answers at that address */
	NET_FORBIDDEN,	 /* we send nothing to that address (net/guard.h) */
	NET_TIMEOUT,	 /* no answer in time */
	NET_TLS,	 /* the encrypted connection could not be set up */
	NET_NO_TLS,	 /* encryption is required, the server offers none */
	NET_CERTIFICATE, /* the server cannot prove who it is */
	NET_LOGIN,	 /* user, password or token refused, or no way to log in that both sides
			    know */
	NET_TOKEN,	 /* no token to log in with: whoever writes its file may be about to */
	NET_BROKEN,	 /* the connection ended in the middle */
	NET_REQUEST, /* what we were given cannot be sent: a bad URL, a line end in an address */
	NET_OTHER,
	NET_FAULTS
};

/* The end of a sentence that starts with a protocol's name: "could not connect". */
const char *net_fault_words(enum net_fault fault);
/* What a CURLcode means. */
enum net_fault net_fault_of(int curl_code);

#endif
