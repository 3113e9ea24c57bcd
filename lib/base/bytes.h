/* Bytes: hashes, encodings and randomness, all by OpenSSL's libcrypto. */
#ifndef CADENCE_BASE_BYTES_H
#define CADENCE_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/mem.h"

#define SHA256_SIZE	32
#define SHA256_HEX_SIZE 65 /* with the NUL */

void bytes_sha256(const void *data, size_t len, uint8_t ret_digest[SHA256_SIZE]);
/* SHA-256 as 64 lower-case hexadecimal digits. */
void bytes_sha256_hex(const void *data, size_t len, char ret_hex[SHA256_HEX_SIZE]);
#define BYTES_MARK_SIZE 41 /* with the NUL */
/* By what a message of ours is known again, and nobody can guess it: the first 160 bits of
 * SHA-256(installation, NUL, key) as lower-case hexadecimal digits. */
void bytes_mark(const char *installation, const char *key, char ret_mark[BYTES_MARK_SIZE]);
/* HMAC (RFC 2104) with SHA-256. */
void bytes_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
		       uint8_t ret_mac[SHA256_SIZE]);

/* Base64 (RFC 4648) with padding, no line breaks; the caller frees. */
char *bytes_base64(const void *data, size_t len);
/* Strict decoding into out (room for len / 4 * 3 bytes); STATUS_INVALID on any character or length
 * that does not belong. */
enum status bytes_base64_decode(const char *text, size_t len, uint8_t *out,
				size_t *ret_len) MUST_USE;

/* Lower-case hexadecimal of len bytes into out (room for 2 * len + 1). */
void bytes_hex(const void *data, size_t len, char *out);

/* Random bytes from the kernel; aborts when it has none to give. Never call it from core or
 * message. */
void random_bytes(void *out, size_t len);
/* A random number in [0, bound); bound > 0. */
uint32_t random_below(uint32_t bound);

#endif
