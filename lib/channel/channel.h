/* Channels: turns a document into the one request that carries it.
 *
 * Renders through lib/message and adds what the way asks for: addresses, login, ids, signature. It
 * sends nothing and keeps nothing; the same delivery gives the same bytes and the same id on every
 * attempt. */
#ifndef CADENCE_CHANNEL_CHANNEL_H
#define CADENCE_CHANNEL_CHANNEL_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "core/roster.h"
#include "message/document.h"
#include "net/http.h"
#include "net/mail.h"

/* One delivery, as it is handed to a channel. */
struct parcel {
	const struct document *document; /* NULL: an event */
	const char *event;		 /* the body of one, as it is posted; NULL: a document */
	const char *key;		 /* of the delivery */
	const char *installation_id;	 /* makes the ids; a secret */
	const char *recipient;		 /* mail address; NULL for hooks */
	const char *recipient_name;	 /* NULL: none */
	const char
	    *redirect_to; /* mail goes there instead, hooks are not posted; NULL: as addressed */
	instant now;	  /* of this attempt: the signature's timestamp */
	bool plain;	  /* without markup: the other side refused it */
	int64_t tag;	  /* comes back in the reply */
};

/* Only webhooks carry events.
 *
 * Makes the request for the courier or the one for the mail pool and writes NULL to the other; it
 * is the caller's. STATUS_INVALID when the parcel cannot go this way (no address, a secret that is
 * none, redirect_to and a hook), STATUS_TOO_BIG when the message is too large. */
enum status channel_prepare(const struct channel *channel, const struct parcel *parcel,
			    struct http_request **ret_http, struct mail_request **ret_mail,
			    struct error *err) MUST_USE;
/* Whether its messages can be sent without markup too. */
bool channel_has_plain(const struct channel *channel);
/* Appends exactly the bytes that channel_prepare() would have sent: the whole mail, or the body of
 * the post. */
enum status channel_render(const struct channel *channel, const struct parcel *parcel,
			   struct buf *out, struct error *err) MUST_USE;

#endif
