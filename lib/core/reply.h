/* How a mail that answers is known again: the token in the address that it goes to.
 *
 * cadence@example.com becomes cadence+r.TOKEN@example.com; the token says which mail is answered,
 * and that it was we who said so. */
#ifndef CADENCE_CORE_REPLY_H
#define CADENCE_CORE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

#define REPLY_KEY_SIZE	  32
#define REPLY_KEYS	  2  /* the one that signs, and the one before it */
#define REPLY_TOKEN_CHARS 24 /* base32 of 15 bytes: 40 bits of a number, 80 bits of its HMAC */
#define REPLY_TOKEN_SIZE  (REPLY_TOKEN_CHARS + 1)
#define REPLY_ID_MAX	  ((INT64_C(1) << 40) - 1)
/* RFC 5321 allows 64 characters before the @, and "+r." and the token are some of them. */
#define REPLY_LOCAL_MAX (64 - 3 - REPLY_TOKEN_CHARS)

/* The secrets that sign tokens, the newest first. */
struct reply_keys {
	uint8_t keys[REPLY_KEYS][REPLY_KEY_SIZE];
	size_t count;
};

/* Writes the token of a number from 1 to REPLY_ID_MAX, signed by the newest key. */
void reply_token_write(const struct reply_keys *keys, int64_t id, char out[REPLY_TOKEN_SIZE]);
/* Whether one of the keys signed the token; case does not matter. */
bool reply_token_read(const struct reply_keys *keys, const char *token, int64_t *ret_id);

/* The address that an answer goes to; reply_to is a right mail address with at most
 * REPLY_LOCAL_MAX characters before the @. */
const char *reply_address_write(struct arena *arena, const char *reply_to, const char *token);
/* The token in an address of that form, signed or not; false when the address has another. Case
 * does not matter. */
bool reply_address_read(const char *reply_to, const char *address,
			char ret_token[REPLY_TOKEN_SIZE]);

/* Whether two mail addresses are one: the case of the domain does not matter. */
bool reply_address_same(const char *a, const char *b);

#endif
