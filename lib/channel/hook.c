/* One row a target: how its address is made, and how it knows us. The addresses are those of the
 * targets' own references. */
#include "channel/hook.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "message/mail.h"

#define ID_MAX 128 /* bytes of a transaction's id */

/* A segment of a path: whatever is not unreserved is escaped. */
static void add_segment(struct buf *url, const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if ((*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') ||
		    (*c >= 'A' && *c <= 'Z') || strchr("-._~", *c))
			buf_addc(url, (char)*c);
		else
			buf_addf(url, "%%%02X", *c);
}

/* The server's address, without the slash that may end it. */
static void add_server(struct buf *url, const struct channel *channel)
{
	size_t len = strlen(channel->url);

	while (len > 0 && channel->url[len - 1] == '/')
		len--;
	buf_add(url, channel->url, len);
}

typedef void addresser(const struct channel *channel, const struct parcel *parcel, struct buf *url);

static void address_as_it_is(const struct channel *channel, const struct parcel *parcel,
			     struct buf *url)
{
	(void)parcel;
	buf_adds(url, channel->url);
}

/* Only then does Discord say whether the message was kept. */
static void address_discord(const struct channel *channel, const struct parcel *parcel,
			    struct buf *url)
{
	(void)parcel;
	buf_addf(url, "%s%swait=true", channel->url, strchr(channel->url, '?') ? "&" : "?");
}

/* The transaction's id is the same on every attempt: the server takes it once. */
static void address_matrix(const struct channel *channel, const struct parcel *parcel,
			   struct buf *url)
{
	add_server(url, channel);
	buf_adds(url, "/_matrix/client/v3/rooms/");
	add_segment(url, channel->room);
	buf_adds(url, "/send/m.room.message/");
	webhook_id(parcel->installation_id, parcel->key, url);
}

static void address_telegram(const struct channel *channel, const struct parcel *parcel,
			     struct buf *url)
{
	(void)parcel;
	add_server(url, channel);
	buf_adds(url, "/bot");
	buf_adds(url, channel->token);
	buf_adds(url, "/sendMessage");
}

static void address_zulip(const struct channel *channel, const struct parcel *parcel,
			  struct buf *url)
{
	(void)parcel;
	add_server(url, channel);
	buf_adds(url, "/api/v1/messages");
}

static const struct target {
	addresser *address;
	const char *method; /* NULL: POST */
	const char *content_type;
	bool bearer; /* with the token, when there is one */
	bool basic;  /* with user and password */
} targets[CHANNEL_TYPES] = {
    [CHANNEL_WEBHOOK] = {address_as_it_is, NULL, "application/json", false, false},
    [CHANNEL_SLACK] = {address_as_it_is, NULL, "application/json", false, false},
    [CHANNEL_TEAMS] = {address_as_it_is, NULL, "application/json", false, false},
    [CHANNEL_DISCORD] = {address_discord, NULL, "application/json", false, false},
    [CHANNEL_MATTERMOST] = {address_as_it_is, NULL, "application/json", false, false},
    [CHANNEL_GOOGLECHAT] = {address_as_it_is, NULL, "application/json; charset=UTF-8", false,
			    false},
    [CHANNEL_MATRIX] = {address_matrix, "PUT", "application/json", true, false},
    [CHANNEL_TELEGRAM] = {address_telegram, NULL, "application/json", false, false},
    [CHANNEL_ZULIP] = {address_zulip, NULL, "application/x-www-form-urlencoded", false, true},
    [CHANNEL_NTFY] = {address_as_it_is, NULL, "application/json", true, false},
};

static void add_bearer(struct http_request *request, const struct channel *channel)
{
	char *value = mem_printf("Bearer %s", channel->token);

	http_request_header(request, "Authorization", value);
	explicit_bzero(value, strlen(value));
	free(value);
}

static void add_basic(struct http_request *request, const struct channel *channel)
{
	char *login = mem_printf("%s:%s", channel->user, channel->password);
	char *encoded = bytes_base64(login, strlen(login));
	char *value = mem_printf("Basic %s", encoded);

	http_request_header(request, "Authorization", value);
	explicit_bzero(login, strlen(login));
	explicit_bzero(encoded, strlen(encoded));
	explicit_bzero(value, strlen(value));
	free(login);
	free(encoded);
	free(value);
}

struct http_request *hook_post(const struct channel *channel, const struct parcel *parcel,
			       struct buf *bytes)
{
	const struct target *target = &targets[channel->type];
	struct buf url = buf_make(SIZE_MAX);
	struct http_request *request;

	target->address(channel, parcel, &url);
	request = http_request_new(parcel->tag, buf_text(&url));
	request->method = target->method;
	http_request_header(request, "Content-Type", target->content_type);
	if (target->bearer && channel->token)
		add_bearer(request, channel);
	if (target->basic && channel->user && channel->password)
		add_basic(request, channel);
	request->body_len = bytes->len;
	request->body = buf_take(bytes);
	request->timeout_ms = HTTP_TIMEOUT_MS;
	request->ca_file = mem_strdup(channel->ca_file);
	request->proxy = mem_strdup(channel->proxy);
	explicit_bzero(url.data, url.len);
	buf_free(&url);
	return request;
}
