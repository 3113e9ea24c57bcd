/* Hashes, encodings and randomness. */
#include "base/bytes.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void bytes_sha256(const void *data, size_t len, uint8_t ret_digest[SHA256_SIZE])
{
	if (!EVP_Digest(data, len, ret_digest, NULL, EVP_sha256(), NULL))
		abort();
}

void bytes_sha256_hex(const void *data, size_t len, char ret_hex[SHA256_HEX_SIZE])
{
	uint8_t digest[SHA256_SIZE];

	bytes_sha256(data, len, digest);
	bytes_hex(digest, sizeof(digest), ret_hex);
}

void bytes_mark(const char *installation, const char *key, char ret_mark[BYTES_MARK_SIZE])
{
	const size_t first = strlen(installation) + 1, second = strlen(key);
	char *both = mem_alloc(first + second, 1), hex[SHA256_HEX_SIZE];

	memcpy(both, installation, first);
	memcpy(both + first, key, second);
	bytes_sha256_hex(both, first + second, hex);
	free(both);
	memcpy(ret_mark, hex, BYTES_MARK_SIZE - 1);
	ret_mark[BYTES_MARK_SIZE - 1] = '\0';
}

void bytes_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
		       uint8_t ret_mac[SHA256_SIZE])
{
	if (!HMAC(EVP_sha256(), key, (int)key_len, data, len, ret_mac, NULL))
		abort();
}

char *bytes_base64(const void *data, size_t len)
{
	char *out = mem_alloc((len + 2) / 3 * 4 + 1, 1);

	EVP_EncodeBlock((unsigned char *)out, data, (int)len);
	return out;
}

static int base64_value(char c)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

static size_t padding_of(const char *text, size_t len)
{
	if (len >= 2 && text[len - 1] == '=')
		return text[len - 2] == '=' ? 2 : 1;
	return 0;
}

enum status bytes_base64_decode(const char *text, size_t len, uint8_t *out, size_t *ret_len)
{
	const size_t padding = padding_of(text, len);
	uint32_t bits = 0;
	size_t written = 0;

	if (len % 4 != 0)
		return STATUS_INVALID;
	for (size_t i = 0; i < len; i++) {
		const int value = i < len - padding ? base64_value(text[i]) : 0;

		if (value < 0)
			return STATUS_INVALID;
		bits = bits << 6 | (uint32_t)value;
		if (i % 4 != 3)
			continue;
		for (int shift = 16; shift >= 0; shift -= 8)
			out[written++] = (uint8_t)(bits >> shift);
		bits = 0;
	}
	*ret_len = written - padding;
	return STATUS_OK;
}

void bytes_hex(const void *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
}

void random_bytes(void *out, size_t len)
{
	uint8_t *at = out;

	while (len > 0) {
		const ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		at += got;
		len -= (size_t)got;
	}
}

uint32_t random_below(uint32_t bound)
{
	const uint32_t limit = UINT32_MAX - UINT32_MAX % bound;
	uint32_t value;

	do
		random_bytes(&value, sizeof(value));
	while (value >= limit);
	return value % bound;
}
