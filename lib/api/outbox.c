/* Deliveries: those not done, what would be sent, and tests. Every handler is a store job. */
#include "api/request.h"

#include <stdlib.h>
#include <string.h>

#include "api/shape.h"
#include "base/address.h"
#include "base/bytes.h"
#include "base/text.h"

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

enum status get_outbox(struct db *db, struct request *r, struct error *err)
{
	struct delivery *deliveries;
	size_t count;
	const enum status status =
	    outbox_list(db, request_after(r), request_page(r), r->arena, &deliveries, &count);

	(void)err;
	if (status != STATUS_OK)
		return status;
	r->answer = json_pack("{s:[], s:b, s:o}", "deliveries", "more", count == request_page(r),
			      "next", count ? json_integer(deliveries[count - 1].id) : json_null());
	for (size_t i = 0; i < count; i++)
		json_array_append_new(json_object_get(r->answer, "deliveries"),
				      shape_delivery(&deliveries[i]));
	return STATUS_OK;
}

enum status get_delivery(struct db *db, struct request *r, struct error *err)
{
	struct delivery delivery;
	int64_t id;
	enum status status = request_id(r, "a delivery", &id, err);

	if (status == STATUS_OK)
		status = outbox_get(db, id, r->arena, &delivery, err);
	if (status != STATUS_OK)
		return status;
	r->answer = shape_delivery(&delivery);
	set(r->answer, "document",
	    delivery.document ? json_loads(delivery.document, 0, NULL) : NULL);
	if (!json_object_get(r->answer, "document"))
		set(r->answer, "document", json_null());
	return STATUS_OK;
}

enum status post_retry(struct db *db, struct request *r, struct error *err)
{
	int64_t id;
	enum status status = request_id(r, "a delivery", &id, err);

	if (status == STATUS_OK)
		status = outbox_retry(db, &r->scene, id, err);
	if (status == STATUS_OK)
		r->answer = json_pack("{s:i}", "retrying", 1);
	return status;
}

enum status post_retry_dead(struct db *db, struct request *r, struct error *err)
{
	int count;
	const enum status status = outbox_retry_all(db, &r->scene, &count);

	(void)err;
	if (status == STATUS_OK)
		r->answer = json_pack("{s:i}", "retrying", count);
	return status;
}

enum status post_drop(struct db *db, struct request *r, struct error *err)
{
	int64_t id;
	enum status status = request_id(r, "a delivery", &id, err);

	if (status == STATUS_OK)
		status = outbox_drop(db, &r->scene, id, err);
	if (status == STATUS_OK)
		r->answer = json_pack("{s:I}", "dropped", (json_int_t)id);
	return status;
}

/* ---- what would be sent, and tests ---- */

static enum status find_channel(const struct request *r, const char *id,
				const struct channel **ret_channel, struct error *err)
{
	const struct roster *roster = r->roster;
	const char **names = arena_alloc(r->arena, roster->channel_count + 1, sizeof(*names));
	int nearest;

	*ret_channel = roster_channel(roster, id);
	if (*ret_channel)
		return STATUS_OK;
	if (!text_is_id(id))
		return error_fail(err, STATUS_NOT_FOUND, "there is no such channel: that is no id");
	for (size_t i = 0; i < roster->channel_count; i++)
		names[i] = roster->channels[i].id;
	nearest = text_nearest(id, names, roster->channel_count);
	if (nearest < 0)
		return error_fail(err, STATUS_NOT_FOUND, "no channel \"%s\" is configured", id);
	return error_fail(err, STATUS_NOT_FOUND,
			  "no channel \"%s\" is configured; did you mean %s?", id, names[nearest]);
}

enum status get_preview(struct db *db, struct request *r, struct error *err)
{
	const char *format = request_query(r, "format"), *id = request_query(r, "channel");
	const struct channel *channel;

	if (request_owner(r, err) != STATUS_OK)
		return STATUS_NOT_FOUND;
	if (id && find_channel(r, id, &channel, err) != STATUS_OK)
		return STATUS_NOT_FOUND;
	r->content_type = "text/plain; charset=utf-8";
	return r->ops.preview(db, &r->scene, r->id, id, format ? format : "text", &r->bytes, err);
}

/* Where a test message goes: NULL over a channel that knows itself. */
static enum status find_recipient(const struct request *r, const struct channel *channel,
				  const char **ret_to, struct error *err)
{
	const char *to = request_text(r, "to");
	const char *wrong = to ? address_check_mail(to) : NULL;

	if (to && channel->type != CHANNEL_SMTP)
		return error_fail(err, STATUS_INVALID,
				  "to: %s is no mail channel; it knows where it goes", channel->id);
	if (wrong)
		return error_fail(err, STATUS_INVALID, "to: %s", wrong);
	if (!to && channel->type == CHANNEL_SMTP)
		to = r->roster->admin_count ? r->roster->admins[0] : NULL;
	if (!to && channel->type == CHANNEL_SMTP)
		return error_fail(
		    err, STATUS_INVALID,
		    "to: say to which address (there is no admin in the configuration)");
	*ret_to = to;
	return STATUS_OK;
}

/* "reply" is the first mail channel and a mail that can be answered, unless a channel is called so.
 */
static enum status find_tested(const struct request *r, const struct channel **ret_channel,
			       bool *ret_reply, struct error *err)
{
	const bool word = strcmp(r->id, "reply") == 0 && !roster_channel(r->roster, r->id);
	enum status status = STATUS_OK;

	*ret_reply = word || request_flag(r, "reply");
	*ret_channel = r->roster->mail;
	if (word && !*ret_channel)
		return error_fail(err, STATUS_NOT_FOUND, "no mail channel is configured");
	if (!word)
		status = find_channel(r, r->id, ret_channel, err);
	if (status == STATUS_OK && *ret_reply && (*ret_channel)->type != CHANNEL_SMTP)
		return error_fail(err, STATUS_INVALID,
				  "reply: %s is no mail channel; only mails can be answered",
				  (*ret_channel)->id);
	return status;
}

enum status post_test(struct db *db, struct request *r, struct error *err)
{
	const struct channel *channel;
	uint8_t random[8];
	char hex[17], *key, *document = NULL;
	const char *to = NULL;
	bool reply;
	int64_t id;
	enum status status = find_tested(r, &channel, &reply, err);

	if (status == STATUS_OK)
		status = find_recipient(r, channel, &to, err);
	if (status == STATUS_OK)
		status = r->ops.check_test(&r->scene, channel, to, err);
	if (status != STATUS_OK)
		return status;
	random_bytes(random, sizeof(random));
	bytes_hex(random, sizeof(random), hex);
	key = arena_printf(r->arena, "test|%s|%s", channel->id, hex);
	if (reply)
		status = r->ops.reply_test(db, &r->scene, channel->id, to, key, &document, err);
	else
		document = r->ops.test_document(&r->scene, channel->id);
	if (status == STATUS_OK)
		status = outbox_add(db, &r->scene, key, "test", channel->id, to, document, &id);
	free(document);
	if (status == STATUS_OK)
		r->answer = json_pack("{s:I}", "delivery", (json_int_t)id);
	return status;
}
