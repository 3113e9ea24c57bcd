/* Signs a webhook as Standard Webhooks 1.0.0 describes: HMAC-SHA256 over "id.timestamp.body". */
#ifndef CADENCE_CHANNEL_WEBHOOK_H
#define CADENCE_CHANNEL_WEBHOOK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define WEBHOOK_KEY_MIN 24 /* bytes of a secret */
#define WEBHOOK_KEY_MAX 64

/* Appends the value of webhook-signature, "v1,<base64>". Several secrets with spaces between them
 * give as many signatures, so that a receiver can change to a new one. STATUS_INVALID when a secret
 * is not "whsec_" and the base64 of 24 to 64 bytes; the reason never repeats it. timestamp: seconds
 * since 1970. */
enum status webhook_sign(const char *secrets, const char *id, int64_t timestamp, const char *body,
			 size_t body_len, struct buf *out, struct error *err) MUST_USE;

#endif
