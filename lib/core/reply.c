/* Tokens and the addresses that carry them. */
#include "core/reply.h"

#include <string.h>
#include <strings.h>

#include "base/bytes.h"

#define ID_BYTES    5
#define MAC_BYTES   10
#define TOKEN_BYTES (ID_BYTES + MAC_BYTES)
#define MARK	    "+r." /* between the local part and the token */
#define BITS	    5	  /* of a character of base32 */

static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";

/* ---- base32 (RFC 4648), of bytes that need no padding ---- */

static void encode(const uint8_t bytes[TOKEN_BYTES], char out[REPLY_TOKEN_SIZE])
{
	unsigned held = 0, bits = 0;

	for (size_t i = 0; i < TOKEN_BYTES; i++) {
		held = held << 8 | bytes[i];
		for (bits += 8; bits >= BITS; bits -= BITS)
			*out++ = digits[held >> (bits - BITS) & 31];
	}
	*out = '\0';
}

static int value_of(char c)
{
	const char low = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	const char *at = low ? strchr(digits, low) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool decode(const char *token, uint8_t ret_bytes[TOKEN_BYTES])
{
	unsigned held = 0, bits = 0;

	if (strlen(token) != REPLY_TOKEN_CHARS)
		return false;
	for (; *token; token++) {
		const int value = value_of(*token);

		if (value < 0)
			return false;
		held = held << BITS | (unsigned)value;
		bits += BITS;
		if (bits < 8)
			continue;
		bits -= 8;
		*ret_bytes++ = (uint8_t)(held >> bits);
	}
	return true;
}

/* ---- tokens ---- */

/* What is signed begins with its purpose, so that no other HMAC of ours is ever one of these. */
static void sign(const uint8_t key[REPLY_KEY_SIZE], const uint8_t id[ID_BYTES],
		 uint8_t ret_mac[SHA256_SIZE])
{
	uint8_t text[sizeof("reply") + ID_BYTES] = "reply";

	memcpy(text + sizeof("reply"), id, ID_BYTES);
	bytes_hmac_sha256(key, REPLY_KEY_SIZE, text, sizeof(text), ret_mac);
}

void reply_token_write(const struct reply_keys *keys, int64_t id, char out[REPLY_TOKEN_SIZE])
{
	uint8_t bytes[TOKEN_BYTES], mac[SHA256_SIZE];

	for (int i = 0; i < ID_BYTES; i++)
		bytes[i] = (uint8_t)(id >> 8 * (ID_BYTES - 1 - i));
	sign(keys->keys[0], bytes, mac);
	memcpy(bytes + ID_BYTES, mac, MAC_BYTES);
	encode(bytes, out);
}

/* In the same time for every token. */
static bool is_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint8_t differs = 0;

	for (size_t i = 0; i < len; i++)
		differs |= a[i] ^ b[i];
	return differs == 0;
}

bool reply_token_read(const struct reply_keys *keys, const char *token, int64_t *ret_id)
{
	uint8_t bytes[TOKEN_BYTES], mac[SHA256_SIZE];
	bool is_ours = false;
	int64_t id = 0;

	if (!decode(token, bytes))
		return false;
	for (size_t i = 0; i < keys->count; i++) {
		sign(keys->keys[i], bytes, mac);
		is_ours |= is_equal(mac, bytes + ID_BYTES, MAC_BYTES);
	}
	for (size_t i = 0; i < ID_BYTES; i++)
		id = id << 8 | bytes[i];
	if (is_ours)
		*ret_id = id;
	return is_ours;
}

/* ---- addresses ---- */

const char *reply_address_write(struct arena *arena, const char *reply_to, const char *token)
{
	const char *at = strchr(reply_to, '@');

	return arena_printf(arena, "%.*s" MARK "%s%s", (int)(at - reply_to), reply_to, token, at);
}

bool reply_address_read(const char *reply_to, const char *address, char ret_token[REPLY_TOKEN_SIZE])
{
	const size_t local = strcspn(reply_to, "@");
	const char *token = address + local + strlen(MARK);

	if (strlen(address) != strlen(reply_to) + strlen(MARK) + REPLY_TOKEN_CHARS ||
	    strncasecmp(address, reply_to, local) != 0 ||
	    strncasecmp(address + local, MARK, strlen(MARK)) != 0 ||
	    strcasecmp(token + REPLY_TOKEN_CHARS, reply_to + local) != 0)
		return false;
	memcpy(ret_token, token, REPLY_TOKEN_CHARS);
	ret_token[REPLY_TOKEN_CHARS] = '\0';
	return true;
}

bool reply_address_same(const char *a, const char *b)
{
	const char *at = strrchr(a, '@');
	const size_t local = at ? (size_t)(at - a) : 0;

	return at && strlen(a) == strlen(b) && strncmp(a, b, local) == 0 &&
	       strcasecmp(at, b + local) == 0;
}
