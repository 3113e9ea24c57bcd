/* One signature a secret. */
#include "channel/webhook.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define PREFIX	     "whsec_"
#define PREFIX_LEN   (sizeof(PREFIX) - 1)
#define KEY_TEXT_MAX ((WEBHOOK_KEY_MAX + 2) / 3 * 4) /* of base64 */

static enum status decode(const char *secret, size_t len, uint8_t key[KEY_TEXT_MAX],
			  size_t *ret_len)
{
	if (len < PREFIX_LEN || len > PREFIX_LEN + KEY_TEXT_MAX ||
	    memcmp(secret, PREFIX, PREFIX_LEN) != 0 ||
	    bytes_base64_decode(secret + PREFIX_LEN, len - PREFIX_LEN, key, ret_len) != STATUS_OK)
		return STATUS_INVALID;
	return *ret_len >= WEBHOOK_KEY_MIN && *ret_len <= WEBHOOK_KEY_MAX ? STATUS_OK
									  : STATUS_INVALID;
}

static enum status sign_one(const char *secret, size_t len, const struct buf *signed_part,
			    struct buf *out)
{
	uint8_t key[KEY_TEXT_MAX];
	uint8_t mac[SHA256_SIZE];
	size_t key_len = 0;
	char *base64;

	if (decode(secret, len, key, &key_len) != STATUS_OK)
		return STATUS_INVALID;
	bytes_hmac_sha256(key, key_len, signed_part->data, signed_part->len, mac);
	explicit_bzero(key, sizeof(key));
	base64 = bytes_base64(mac, sizeof(mac));
	buf_addf(out, "v1,%s", base64);
	free(base64);
	return STATUS_OK;
}

enum status webhook_sign(const char *secrets, const char *id, int64_t timestamp, const char *body,
			 size_t body_len, struct buf *out, struct error *err)
{
	struct buf signed_part = buf_make(SIZE_MAX);
	enum status status = STATUS_OK;
	const char *gap = "";

	buf_addf(&signed_part, "%s.%" PRId64 ".", id, timestamp);
	buf_add(&signed_part, body, body_len);
	secrets += strspn(secrets, " ");
	do {
		const size_t len = strcspn(secrets, " ");

		buf_adds(out, gap);
		status = sign_one(secrets, len, &signed_part, out);
		secrets += len + strspn(secrets + len, " ");
		gap = " ";
	} while (status == STATUS_OK && *secrets);
	buf_free(&signed_part);
	if (status != STATUS_OK)
		return error_fail(err, status,
				  "the secret is not \"" PREFIX
				  "\" and the base64 of %d to %d bytes",
				  WEBHOOK_KEY_MIN, WEBHOOK_KEY_MAX);
	return STATUS_OK;
}
