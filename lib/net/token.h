/* The access token of OAuth 2, as another program leaves it in a file and renews it.
 *
 * It is read each time it is needed and never kept. */
#ifndef CADENCE_NET_TOKEN_H
#define CADENCE_NET_TOKEN_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"

#define TOKEN_MAX 16384 /* bytes */

/* Reads the token: printable ASCII without spaces, a line end behind it is left off. Whoever writes
 * the file should put a new one in its place (rename), so that it is never half there.
 * STATUS_FAILED when the file cannot be read, STATUS_INVALID when it is none with a token in it:
 * err says why, and never what was in it. The caller wipes token. */
enum status token_read(const char *path, char token[TOKEN_MAX + 1], struct error *err) MUST_USE;
/* The SHA-256 of the token that the file holds now; tells whether it is still the same. As
 * token_read(). */
enum status token_hash(const char *path, char ret_hash[SHA256_HEX_SIZE],
		       struct error *err) MUST_USE;

#endif
