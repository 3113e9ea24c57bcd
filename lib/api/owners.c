/* The owners, as the configuration has them, and who of them is away. */
#include "api/hearer.h"
#include "api/request.h"
#include "api/shape.h"

static json_t *channels_json(const struct owner *owner)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < owner->channel_count; i++)
		json_array_append_new(ids, shape_text(owner->channels[i]->id));
	return ids;
}

static json_t *owner_json(struct db *db, const struct scene *scene, const struct owner *owner)
{
	const day today = zone_day(owner->zone, scene->now);
	json_t *object = hearer_json(db, scene, owner, today);

	if (!json_is_object(object))
		return object;
	json_object_set_new(object, "email", shape_text(owner->email));
	json_object_set_new(object, "channels", channels_json(owner));
	json_object_set_new(object, "today", shape_day(today));
	return object;
}

enum status get_owners(struct db *db, struct request *r, struct error *err)
{
	json_t *owners = json_array();

	(void)err;
	for (size_t i = 0; i < r->roster->owner_count; i++)
		json_array_append_new(owners, owner_json(db, &r->scene, &r->roster->owners[i]));
	r->answer = json_pack("{s:o}", "owners", owners);
	return db_status(db);
}

enum status get_owner(struct db *db, struct request *r, struct error *err)
{
	const enum status status = request_owner(r, err);

	if (status == STATUS_OK)
		r->answer = owner_json(db, &r->scene, roster_owner(r->roster, r->id));
	return status == STATUS_OK ? db_status(db) : status;
}
