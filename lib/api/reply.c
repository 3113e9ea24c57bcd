/* Replies over HTTP: the keys of their tokens, and what came in. */
#include "api/reply.h"

#include "api/shape.h"
#include "store/reply.h"

enum status post_rekey(struct db *db, struct request *r, struct error *err)
{
	const enum status status = reply_keys_rotate(db, &r->scene);

	if (status != STATUS_OK)
		return error_fail(err, status, "%s", db_error(db));
	r->answer = json_pack("{s:i}", "keys", REPLY_KEYS);
	return STATUS_OK;
}

static json_t *last_json(const struct reply_view *view)
{
	if (!view->has_last)
		return json_null();
	return json_pack("{s:o, s:o, s:i, s:i, s:b}", "at", shape_instant(view->last_at), "sender",
			 shape_text(view->last.sender), "done", view->last.done, "failed",
			 view->last.failed, "confirmed", view->last.confirmed);
}

static json_t *refusal_json(const struct reply_refusal *refusal)
{
	return json_pack("{s:o, s:I, s:o, s:o, s:o}", "why", shape_text(refusal->why), "count",
			 (json_int_t)refusal->count, "first", shape_instant(refusal->first), "last",
			 shape_instant(refusal->last), "sender", shape_text(refusal->sender));
}

enum status reply_add_status(struct db *db, struct request *r)
{
	struct reply_view view;
	const enum status status = view_replies(db, r->arena, &view);
	json_t *refused = json_array();

	for (size_t i = 0; status == STATUS_OK && i < view.refusal_count; i++)
		json_array_append_new(refused, refusal_json(&view.refusals[i]));
	json_object_set_new(r->answer, "replies",
			    json_pack("{s:o, s:o}", "last",
				      status == STATUS_OK ? last_json(&view) : json_null(),
				      "refused", refused));
	return status;
}
