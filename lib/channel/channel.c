/* One row a type of channel: what its bytes are, and what goes around them. */
#include "channel/channel.h"

#include <inttypes.h>
#include <stdlib.h>

#include "channel/hook.h"
#include "channel/webhook.h"
#include "message/discord.h"
#include "message/event.h"
#include "message/googlechat.h"
#include "message/mail.h"
#include "message/matrix.h"
#include "message/mattermost.h"
#include "message/ntfy.h"
#include "message/slack.h"
#include "message/teams.h"
#include "message/telegram.h"
#include "message/zulip.h"

#define BYTES_MAX      (4 << 20) /* of one message */
#define ID_MAX	       128	 /* bytes of a webhook-id */
#define SIGNATURES_MAX 1024	 /* bytes of a webhook-signature */

typedef enum status renderer(const struct channel *channel, const struct parcel *parcel,
			     struct buf *out, struct error *err);
typedef enum status wrapper(const struct channel *channel, const struct parcel *parcel,
			    struct buf *bytes, struct http_request **ret_http,
			    struct mail_request **ret_mail, struct error *err);

/* ---- mail ---- */

static enum status render_mail(const struct channel *channel, const struct parcel *parcel,
			       struct buf *out, struct error *err)
{
	const char *to = parcel->redirect_to ? parcel->redirect_to : parcel->recipient;
	const struct mail_meta meta = {
	    .installation = parcel->installation_id,
	    .key = parcel->key,
	    .from = channel->from,
	    .to = to,
	    .to_name = parcel->redirect_to ? NULL : parcel->recipient_name,
	};
	enum status status;

	if (!to || !mail_address_ok(to))
		return error_fail(err, STATUS_INVALID, "%s",
				  to ? "the address is none we can write to" : "no mail address");
	status = mail_write(&meta, parcel->document, out);
	if (status != STATUS_OK)
		return error_fail(err, status, "%s",
				  status == STATUS_TOO_BIG
				      ? "the mail is too large"
				      : "the channel's from is no mail address");
	return STATUS_OK;
}

static enum mail_tls mail_tls_of(enum channel_tls tls)
{
	static const enum mail_tls of[] = {
	    [TLS_STARTTLS] = MAIL_STARTTLS,
	    [TLS_IMPLICIT] = MAIL_IMPLICIT,
	    [TLS_NONE] = MAIL_CLEAR,
	};

	return of[tls];
}

static enum status wrap_mail(const struct channel *channel, const struct parcel *parcel,
			     struct buf *bytes, struct http_request **ret_http,
			     struct mail_request **ret_mail, struct error *err)
{
	struct mail_request *request = mem_alloc(1, sizeof(*request));

	(void)err;
	request->tag = parcel->tag;
	request->lane = mem_strdup(channel->id);
	request->width = channel->connections;
	request->url = mem_strdup(channel->url);
	request->token_file = mem_strdup(channel->token_file);
	request->user = mem_strdup(channel->user);
	request->password = mem_strdup(channel->password);
	request->tls = mail_tls_of(channel->tls);
	request->ca_file = mem_strdup(channel->ca_file);
	request->from = mail_address_of(channel->from);
	request->to = mem_strdup(parcel->redirect_to ? parcel->redirect_to : parcel->recipient);
	request->len = bytes->len;
	request->bytes = buf_take(bytes);
	request->timeout_ms = MAIL_TIMEOUT_MS;
	*ret_http = NULL;
	*ret_mail = request;
	return STATUS_OK;
}

/* ---- hooks ---- */

static enum status render_event(const struct channel *channel, const struct parcel *parcel,
				struct buf *out, struct error *err)
{
	(void)channel;
	(void)err;
	if (parcel->event)
		buf_adds(out, parcel->event);
	else
		event_render(parcel->document, out);
	return STATUS_OK;
}

static enum status render_chat(const struct channel *channel, const struct parcel *parcel,
			       struct buf *out, struct error *err);

static enum status wrap_chat(const struct channel *channel, const struct parcel *parcel,
			     struct buf *bytes, struct http_request **ret_http,
			     struct mail_request **ret_mail, struct error *err)
{
	(void)err;
	*ret_http = hook_post(channel, parcel, bytes);
	*ret_mail = NULL;
	return STATUS_OK;
}

static void add_webhook_headers(struct http_request *request, const char *id, int64_t timestamp,
				const char *signatures)
{
	char *seconds = mem_printf("%" PRId64, timestamp);

	http_request_header(request, "webhook-id", id);
	http_request_header(request, "webhook-timestamp", seconds);
	if (*signatures)
		http_request_header(request, "webhook-signature", signatures);
	free(seconds);
}

static enum status wrap_event(const struct channel *channel, const struct parcel *parcel,
			      struct buf *bytes, struct http_request **ret_http,
			      struct mail_request **ret_mail, struct error *err)
{
	struct buf id = buf_make(ID_MAX);
	struct buf signatures = buf_make(SIGNATURES_MAX);
	const int64_t timestamp = parcel->now / SECOND_MS;
	enum status status = STATUS_OK;

	webhook_id(parcel->installation_id, parcel->key, &id);
	if (channel->secret)
		status = webhook_sign(channel->secret, buf_text(&id), timestamp, bytes->data,
				      bytes->len, &signatures, err);
	if (status == STATUS_OK && signatures.overflowed)
		status = error_fail(err, STATUS_TOO_BIG, "the channel has too many secrets");
	if (status == STATUS_OK) {
		*ret_http = hook_post(channel, parcel, bytes);
		*ret_mail = NULL;
		add_webhook_headers(*ret_http, buf_text(&id), timestamp, buf_text(&signatures));
	}
	buf_free(&id);
	buf_free(&signatures);
	return status;
}

/* ---- the table ---- */

typedef void chat_renderer(const struct document *document, const struct chat_options *options,
			   struct buf *out);

static const struct way {
	renderer *render;
	wrapper *wrap;
	chat_renderer *chat; /* a chat: with markup, or without */
	bool can_redirect;
} ways[CHANNEL_TYPES] = {
    [CHANNEL_SMTP] = {render_mail, wrap_mail, NULL, true},
    [CHANNEL_WEBHOOK] = {render_event, wrap_event, NULL, false},
    [CHANNEL_SLACK] = {render_chat, wrap_chat, slack_render, false},
    [CHANNEL_TEAMS] = {render_chat, wrap_chat, teams_render, false},
    [CHANNEL_DISCORD] = {render_chat, wrap_chat, discord_render, false},
    [CHANNEL_MATTERMOST] = {render_chat, wrap_chat, mattermost_render, false},
    [CHANNEL_GOOGLECHAT] = {render_chat, wrap_chat, googlechat_render, false},
    [CHANNEL_MATRIX] = {render_chat, wrap_chat, matrix_render, false},
    [CHANNEL_TELEGRAM] = {render_chat, wrap_chat, telegram_render, false},
    [CHANNEL_ZULIP] = {render_chat, wrap_chat, zulip_render, false},
    [CHANNEL_NTFY] = {render_chat, wrap_chat, ntfy_render, false},
};

static enum status render_chat(const struct channel *channel, const struct parcel *parcel,
			       struct buf *out, struct error *err)
{
	const struct chat_options options = {
	    .room = channel->room, .topic = channel->topic, .plain = parcel->plain};

	(void)err;
	ways[channel->type].chat(parcel->document, &options, out);
	return STATUS_OK;
}

bool channel_has_plain(const struct channel *channel)
{
	return ways[channel->type].chat != NULL;
}

enum status channel_render(const struct channel *channel, const struct parcel *parcel,
			   struct buf *out, struct error *err)
{
	enum status status;

	if (parcel->event && channel->type != CHANNEL_WEBHOOK)
		return error_fail(err, STATUS_INVALID, "an event, which only a webhook can carry");
	status = ways[channel->type].render(channel, parcel, out, err);
	if (status == STATUS_OK && out->overflowed)
		return error_fail(err, STATUS_TOO_BIG, "the message is too large");
	return status;
}

enum status channel_prepare(const struct channel *channel, const struct parcel *parcel,
			    struct http_request **ret_http, struct mail_request **ret_mail,
			    struct error *err)
{
	const struct way *way = &ways[channel->type];
	struct buf bytes = buf_make(BYTES_MAX);
	enum status status;

	if (parcel->redirect_to && !way->can_redirect)
		return error_fail(err, STATUS_INVALID, "not posted, because redirect_to is set");
	status = channel_render(channel, parcel, &bytes, err);
	if (status == STATUS_OK)
		status = way->wrap(channel, parcel, &bytes, ret_http, ret_mail, err);
	buf_free(&bytes);
	return status;
}
