/* The courier: one thread that posts to HTTP servers, many at a time.
 *
 * It posts (or puts) what it is given, whole at most once, and tells what came back. It never
 * follows a redirect, never retries, and does not know what a message or a channel is. With nothing
 * under way it sleeps without a timer. */
#ifndef CADENCE_NET_HTTP_H
#define CADENCE_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/queue.h"
#include "net/fault.h"

#define HTTP_TIMEOUT_MS 30000
#define HTTP_HEAD_MAX	65536 /* bytes of an answer's headers; more of them is no answer */
#define HTTP_BODY_MAX	65536 /* bytes of an answer that are kept */

/* All parts are allocated and belong to the request. */
struct http_request {
	int64_t tag;	    /* comes back in the reply */
	const char *method; /* a constant, capitals only: "PUT"; NULL: "POST" */
	char *url;
	char *proxy;	/* URL of an HTTP proxy; NULL: none (the environment never names one) */
	char **headers; /* "Name: value" */
	size_t header_count;
	char *body;
	size_t body_len;
	long timeout_ms; /* of the whole; 0: HTTP_TIMEOUT_MS */
	char *ca_file;	 /* PEM certificates to trust; NULL: those of the system */
};

struct http_reply {
	int64_t tag;
	enum net_fault
	    fault;	 /* NET_OK: status is what the server said, even if its body broke off */
	bool all_sent;	 /* the whole request was handed to the network */
	bool sent_maybe; /* no answer, but the whole request may have arrived */
	bool body_cut;	 /* the body is longer, or broke off */
	long status;	 /* 0: none */
	char *body;	 /* as it came, with a NUL behind it; "" when there was none */
	size_t body_len;
	char *retry_after; /* the header's text, NULL: none */
	char *location;	   /* the header's text, NULL: none */
	char error[256];   /* libcurl's reason; it may name the host */
};

struct courier;

/* Replies are pushed to `replies`, which must outlive the courier and have room for all that is
 * under way. user_agent: "cadenced/0.1". NULL with a reason when no thread can be started. */
struct courier *courier_new(struct queue *replies, const char *user_agent, struct error *err);
/* Posts it. The request is the courier's from here on, whatever the answer. False: too much is
 * waiting, or the courier is being freed; there will be no reply. */
bool courier_send(struct courier *courier, struct http_request *request);
/* Takes nothing new, gives what is under way grace_ms to finish, abandons the rest without a reply,
 * and ends the thread. NULL is harmless; returns NULL. */
struct courier *courier_free(struct courier *courier, int grace_ms);

struct http_request *http_request_new(int64_t tag, const char *url);
/* Copies "name: value". */
void http_request_header(struct http_request *request, const char *name, const char *value);
/* Overwrites what may be secret. NULL is harmless. */
void http_request_free(struct http_request *request);
void http_reply_free(struct http_reply *reply);

#endif
