/* Deliveries: those not done, what would be sent, and tests. Every handler is a store job. */
#include "api/request.h"

#include <stdlib.h>

#include "api/shape.h"
#include "base/bytes.h"

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
	r->answer = json_pack("{s:[], s:b}", "deliveries", "more", count == request_page(r));
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
	const enum status status = outbox_retry_dead(db, &r->scene, &count);

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

enum status get_preview(struct db *db, struct request *r, struct error *err)
{
	const char *format = request_query(r, "format");

	r->content_type = "text/plain; charset=utf-8";
	return r->ops.preview(db, &r->scene, r->id, request_query(r, "channel"),
			      format ? format : "text", &r->bytes, err);
}

enum status post_test(struct db *db, struct request *r, struct error *err)
{
	const struct channel *channel = roster_channel(r->roster, r->id);
	const char *to = request_text(r, "to");
	uint8_t random[8];
	char hex[17], *key, *document;
	int64_t id;
	enum status status;

	if (!channel)
		return error_fail(err, STATUS_NOT_FOUND, "no channel \"%s\" in the configuration",
				  r->id);
	if (channel->type == CHANNEL_SMTP && !to)
		to = r->roster->admin_count ? r->roster->admins[0] : NULL;
	if (channel->type == CHANNEL_SMTP && !to)
		return error_fail(
		    err, STATUS_INVALID,
		    "to: say to which address (there is no admin in the configuration)");
	random_bytes(random, sizeof(random));
	bytes_hex(random, sizeof(random), hex);
	key = arena_printf(r->arena, "test|%s|%s", r->id, hex);
	document = r->ops.test_document(&r->scene, r->id);
	status = outbox_add(db, &r->scene, key, "test", r->id,
			    channel->type == CHANNEL_SMTP ? to : NULL, document, &id);
	free(document);
	if (status == STATUS_OK)
		r->answer = json_pack("{s:I}", "delivery", (json_int_t)id);
	return status;
}
