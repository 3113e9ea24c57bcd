/* Looks at everybody, syncs, looks again, and takes the sync back. */
#include "engine/check.h"

#include <string.h>

#define PAGE 1000

/* What a partner is to whoever reads a digest. */
struct look {
	const char *id;
	enum state state; /* STATE_ON_TRACK while something holds it */
};

struct looks {
	struct look *items; /* in the order of their ids */
	size_t count, capacity;
};

static enum state state_of(const struct scene *scene, const struct facts *facts)
{
	struct verdict verdicts[RULES];
	const size_t count = judge_partner(facts, scene_today(scene, facts), verdicts);
	enum state worst = STATE_ON_TRACK;

	for (size_t i = 0; i < count && verdicts[0].hold == HOLD_NONE; i++)
		if (verdicts[i].state > worst && verdicts[i].state >= STATE_DUE)
			worst = verdicts[i].state;
	return worst;
}

/* One page of partners, added to the looks; *ret_more: there may be another one. */
static enum status look_at_page(struct db *db, const struct scene *scene, struct arena *arena,
				struct looks *looks, bool *ret_more)
{
	const struct partner_filter all = {0};
	const char *after = looks->count ? looks->items[looks->count - 1].id : NULL;
	struct arena *page = arena_new();
	struct facts *facts;
	size_t count = 0;
	const enum status status =
	    view_partners(db, scene, &all, after, PAGE, page, &facts, &count);

	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		looks->items = arena_grow(arena, looks->items, looks->count, &looks->capacity,
					  sizeof(*looks->items));
		looks->items[looks->count++] =
		    (struct look){.id = arena_strdup(arena, facts[i].partner.id),
				  .state = state_of(scene, &facts[i])};
	}
	*ret_more = count == PAGE;
	arena_free(page);
	return status;
}

/* Everybody, or the first that are one too many. */
static enum status look_at_all(struct db *db, const struct scene *scene, struct arena *arena,
			       struct looks *ret_looks)
{
	enum status status = STATUS_OK;
	bool more = true;

	while (status == STATUS_OK && more && ret_looks->count <= ENGINE_CHECK_JUDGED_MAX)
		status = look_at_page(db, scene, arena, ret_looks, &more);
	return status;
}

static int count_differences(const struct looks *before, const struct looks *after)
{
	size_t b = 0, a = 0;
	int count = 0;

	if (before->count > ENGINE_CHECK_JUDGED_MAX || after->count > ENGINE_CHECK_JUDGED_MAX)
		return -1;
	while (b < before->count && a < after->count) {
		const int order = strcmp(before->items[b].id, after->items[a].id);

		count += order == 0 && before->items[b].state != after->items[a].state;
		b += order <= 0;
		a += order >= 0;
	}
	return count;
}

enum status engine_check(struct db *db, struct engine_check *check, struct error *err)
{
	struct arena *arena = arena_new();
	struct looks before = {0}, after = {0};
	enum status status = db_point(db);

	check->plan.accept_archiving = true;
	if (status == STATUS_OK)
		status = look_at_all(db, &check->before, arena, &before);
	if (status == STATUS_OK)
		status = sync_file(db, &check->after, &check->plan, err);
	if (status == STATUS_OK)
		status = look_at_all(db, &check->after, arena, &after);
	if (status == STATUS_OK)
		check->judged = count_differences(&before, &after);
	else if (!err->text[0])
		error_set(err, "%s", db_error(db));
	if (!db_lost_transaction(db))
		db_point_undo(db);
	arena_free(arena);
	return status;
}
