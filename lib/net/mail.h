/* The mail pool: threads that hand whole messages to SMTP servers.
 *
 * A thread sends one message at a time, because libcurl's SMTP blocks its thread. So messages
 * travel in lanes, one a channel: a lane has threads of its own, as many as it is wide, and no
 * message ever waits behind one of another lane, however silent that one's server is. Threads start
 * when there is work, keep their session for the next message, and end when there was none for a
 * while: an idle pool has no thread. It never retries a message that may have been accepted, never
 * changes its bytes, and does not know what a digest is.
 *
 * There are at most MAIL_THREADS_MAX threads. When all are busy, a lane waits for one of its own;
 * a lane that has none waits for the first that has nothing to do or whose session is used up,
 * the longest waiting lane first. The time of a message begins when its turn has come. */
#ifndef CADENCE_NET_MAIL_H
#define CADENCE_NET_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/queue.h"
#include "net/fault.h"

#define MAIL_TIMEOUT_MS	 60000
#define MAIL_TEXT_MAX	 1024  /* bytes of a server's answer that are kept */
#define MAIL_THREADS_MAX 64    /* of all lanes together; the configuration allows no more */
#define MAIL_IDLE_MS	 10000 /* without work, until a thread closes its session and ends */

enum mail_tls {
	MAIL_STARTTLS, /* required */
	MAIL_IMPLICIT, /* smtps:// */
	MAIL_CLEAR,
};

/* All parts are allocated and belong to the request. */
struct mail_request {
	int64_t tag; /* comes back in the reply */
	char *lane;  /* its name: the channel's id */
	int width;   /* threads of the lane, at least 1; the newest request's counts */
	char *url;   /* "smtp://host:587" or "smtps://host" */
	char *user;  /* NULL: no AUTH */
	char *password;
	/* Path of an OAuth 2 access token (net/token.h), read when its turn has come; NULL: the
	 * password counts. With it only OAUTHBEARER and XOAUTH2 are used, without it only CRAM-MD5,
	 * PLAIN and LOGIN, whatever else a server offers. */
	char *token_file;
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
	bool untried;	 /* called back by mail_pool_recall(); nothing else counts */
	bool unheard;	 /* refused before anything was said of this message */
	bool sent_maybe; /* the connection ended after the last byte, before the answer */
	long code;	 /* of the server's last answer, 0: none; only 400 and up is a refusal */
	char *text;	 /* of that answer, without the code: one line of clean UTF-8, may be "" */
	char refused_token[SHA256_HEX_SIZE]; /* SHA-256 of it, when the login failed with it; "" */
	char error[256]; /* libcurl's reason, or ours; it may name the host or the token's file */
};

struct mail_pool;

/* Replies are pushed to `replies`, which must outlive the pool and have room for all that is under
 * way. */
struct mail_pool *mail_pool_new(struct queue *replies);
/* Another time than MAIL_IDLE_MS; before the first message. */
void mail_pool_set_idle(struct mail_pool *pool, int idle_ms);
/* Sends it. The request is the pool's from here on, whatever the answer. False: too much is
 * waiting, no thread can be had, or the pool is being freed; there will be no reply. */
bool mail_pool_send(struct mail_pool *pool, struct mail_request *request);
/* Calls back whatever of a lane, NULL: of all, no thread has begun with: each gets a reply that
 * says untried. A pool of NULL is harmless. */
void mail_pool_recall(struct mail_pool *pool, const char *lane);
/* Takes nothing new, gives what is under way grace_ms to finish, cuts the rest off without a reply,
 * and ends the threads (within about a second of the grace). NULL is harmless; returns NULL. */
struct mail_pool *mail_pool_free(struct mail_pool *pool, int grace_ms);

/* NULL is harmless. */
void mail_request_free(struct mail_request *request);
void mail_reply_free(struct mail_reply *reply);

#endif
