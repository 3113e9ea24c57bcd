/* Answers over HTTP: what people decide about a partner, each a route of its own. Every handler is
 * a store job. */
#include "api/request.h"

#include <string.h>

#include "api/import.h"
#include "api/shape.h"

/* The partner as it stands now. */
static enum status answer_with_partner(struct db *db, struct request *r, struct error *err)
{
	struct facts facts;
	const enum status status = partner_facts(db, &r->scene, r->id, r->arena, &facts, err);

	if (status == STATUS_OK)
		r->answer = shape_facts(&r->scene, &facts);
	return status;
}

static enum status give(struct db *db, struct request *r, enum answer_kind kind, struct error *err)
{
	struct answer answer;
	const enum status status = answer_give(db, &r->scene, r->id, kind, request_text(r, "until"),
					       request_text(r, "reason"), &answer, err);

	return status == STATUS_OK ? answer_with_partner(db, r, err) : status;
}

enum status post_snooze(struct db *db, struct request *r, struct error *err)
{
	return give(db, r, ANSWER_SNOOZE, err);
}

enum status post_off(struct db *db, struct request *r, struct error *err)
{
	return give(db, r, ANSWER_OFF, err);
}

enum status post_ack(struct db *db, struct request *r, struct error *err)
{
	return give(db, r, ANSWER_ACK, err);
}

enum status post_plan(struct db *db, struct request *r, struct error *err)
{
	return give(db, r, ANSWER_PLAN, err);
}

enum status post_keep(struct db *db, struct request *r, struct error *err)
{
	return give(db, r, ANSWER_KEEP, err);
}

enum status post_fix(struct db *db, struct request *r, struct error *err)
{
	return give(db, r, ANSWER_FIX, err);
}

static enum status take_back(struct db *db, struct request *r, enum answer_end end,
			     struct error *err)
{
	const enum status status = answer_take_back(db, &r->scene, r->id, end, err);

	return status == STATUS_OK ? answer_with_partner(db, r, err) : status;
}

enum status post_on(struct db *db, struct request *r, struct error *err)
{
	return take_back(db, r, ANSWER_END_ON, err);
}

enum status post_unplan(struct db *db, struct request *r, struct error *err)
{
	return take_back(db, r, ANSWER_END_UNPLAN, err);
}

enum status post_noshow(struct db *db, struct request *r, struct error *err)
{
	return take_back(db, r, ANSWER_END_NOSHOW, err);
}

enum status post_end(struct db *db, struct request *r, struct error *err)
{
	const enum status status =
	    partner_end(db, &r->scene, r->id, request_text(r, "reason"), err);

	return status == STATUS_OK ? answer_with_partner(db, r, err) : status;
}

enum status post_restore(struct db *db, struct request *r, struct error *err)
{
	const enum status status = partner_restore(db, &r->scene, r->id, err);

	return status == STATUS_OK ? answer_with_partner(db, r, err) : status;
}

enum status delete_partner(struct db *db, struct request *r, struct error *err)
{
	const enum status status = partner_erase(db, &r->scene, r->id, err);

	if (status == STATUS_OK)
		r->answer = json_pack("{s:s}", "erased", r->id);
	return status;
}

/* ---- partners by hand ---- */

static enum status read_change(const struct request *r, const char *id,
			       struct partner_change *change, struct error *err)
{
	const char *since = request_text(r, "since");

	*change = (struct partner_change){.id = id,
					  .name = request_text(r, "name"),
					  .owner = request_text(r, "owner"),
					  .cadence = request_text(r, "cadence"),
					  .tags = request_text(r, "tags"),
					  .since = DAY_NEVER};
	if (since && !day_parse_iso(since, &change->since))
		return error_fail(err, STATUS_INVALID, "since: \"%s\" is no day; write 2026-11-03",
				  since);
	return import_cold_mark(request_text(r, "cold_mark"), &change->cold_mark, err);
}

static enum status write_partner(struct db *db, struct request *r, const char *id, bool is_new,
				 struct error *err)
{
	struct partner_change change;
	enum change_result result;
	struct facts facts;
	bool exists;
	enum status status = read_change(r, id, &change, err);

	if (status == STATUS_OK)
		status = partner_exists(db, id, &exists);
	if (status == STATUS_OK && is_new && exists)
		status = error_fail(err, STATUS_CONFLICT, "there is a partner \"%s\" already", id);
	if (status == STATUS_OK && !is_new)
		status = partner_facts(db, &r->scene, id, r->arena, &facts, err);
	if (status == STATUS_OK)
		status = partner_write(db, &r->scene, &change, false, &result, err);
	if (status == STATUS_OK)
		status = partner_facts(db, &r->scene, id, r->arena, &facts, err);
	if (status != STATUS_OK)
		return status;
	r->answer = shape_facts(&r->scene, &facts);
	json_object_set_new(r->answer, "result", json_string(shape_result(result)));
	return STATUS_OK;
}

enum status post_partner(struct db *db, struct request *r, struct error *err)
{
	const char *id = request_text(r, "id");

	if (!id)
		return error_fail(err, STATUS_INVALID, "id: is missing");
	return write_partner(db, r, id, true, err);
}

enum status post_partner_values(struct db *db, struct request *r, struct error *err)
{
	return write_partner(db, r, r->id, false, err);
}

/* ---- absence ---- */

static enum status read_day(const struct request *r, const char *name, day today, day *ret_day,
			    struct error *err)
{
	const char *words = request_text(r, name);

	if (!words)
		return error_fail(err, STATUS_INVALID, "%s: say which day", name);
	if (!day_parse_words(words, today, DAY_AHEAD, ret_day))
		return error_fail(
		    err, STATUS_INVALID,
		    "%s: \"%s\" is no day; write 2026-12-01, today, monday, 3d, 2w or 7dec", name,
		    words);
	return STATUS_OK;
}

enum status post_away(struct db *db, struct request *r, struct error *err)
{
	const struct owner *owner = roster_owner(r->roster, r->id);
	const day today = zone_day(owner ? owner->zone : r->roster->zone, r->scene.now);
	const bool ends = !request_text(r, "from") && !request_text(r, "to");
	const char *stand_in = NULL;
	day first = DAY_NEVER, last = DAY_NEVER;
	enum status status = request_owner(r, err);

	if (status == STATUS_OK && !ends)
		status = read_day(r, "from", today, &first, err);
	if (status == STATUS_OK && !ends)
		status = read_day(r, "to", today, &last, err);
	if (status == STATUS_OK)
		status = owner_set_away(db, &r->scene, r->id, first, last, &stand_in, err);
	if (status == STATUS_OK)
		r->answer =
		    json_pack("{s:s, s:o, s:o, s:s?}", "owner", r->id, "from", shape_day(first),
			      "to", shape_day(last), "stand_in", stand_in);
	return status;
}
