/* The mail pool: threads that hand whole messages to SMTP servers.
 *
 * A thread sends one message at a time, because libcurl's SMTP blocks its thread; a dead server
 * holds up no more threads than it was given messages. It never retries a message that may have
 * been accepted, never changes its bytes, and does not know what a digest is. A session is kept for
 * a while and reused; after that the thread sleeps without a timer. */
#ifndef CADENCE_NET_MAIL_H
#define CADENCE_NET_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/queue.h"
#include "net/fault.h"

#define MAIL_TIMEOUT_MS 60000
#define MAIL_TEXT_MAX	1024 /* bytes of a server's answer that are kept */

enum mail_tls {
	MAIL_STARTTLS, /* required */
	MAIL_IMPLICIT, /* smtps:// */
	MAIL_CLEAR,
};

/* All parts are allocated and belong to the request. */
struct mail_request {
	int64_t tag; /* comes back in the reply */
	char *url;   /* "smtp://host:587" or "smtps://host" */
	char *user;  /* NULL: no AUTH */
	char *password;
	enum mail_tls tls;
	char *ca_file; /* PEM certificates to trust; NULL: those of the system */
	char *from;    /* bare addresses */
	char *to;
	char *bytes; /* the message, lines ended by CR LF; dots are stuffed here */
	size_t len;
	long timeout_ms; /* of the whole; 0: MAIL_TIMEOUT_MS */
};

struct mail_reply {
	int64_t tag;
	enum net_fault
	    fault;	 /* NET_OK: accepted. Else code and text say more, when there are any */
	bool sent_maybe; /* the connection ended after the last byte, before the answer */
	long code;	 /* of the server's last answer, 0: none; only 400 and up is a refusal */
	char *text;	 /* of that answer, without the code: one line of clean UTF-8, may be "" */
	char error[256]; /* libcurl's reason; it may name the host */
};

struct mail_pool;

/* Replies are pushed to `replies`, which must outlive the pool and have room for all that is under
 * way. NULL with a reason when the threads cannot be started. */
struct mail_pool *mail_pool_new(struct queue *replies, size_t threads, struct error *err);
/* Sends it. The request is the pool's from here on, whatever the answer. False: too much is
 * waiting, or the pool is being freed; there will be no reply. */
bool mail_pool_send(struct mail_pool *pool, struct mail_request *request);
/* Takes nothing new, gives what is under way grace_ms to finish, cuts the rest off without a reply,
 * and ends the threads (within about a second of the grace). NULL is harmless; returns NULL. */
struct mail_pool *mail_pool_free(struct mail_pool *pool, int grace_ms);

/* NULL is harmless. */
void mail_request_free(struct mail_request *request);
void mail_reply_free(struct mail_reply *reply);

#endif
