/* Looks at everybody, syncs, looks again, and takes the sync back. */
#include "engine/check.h"

#include <string.h>

#define PAGE   1000
#define CLOCKS 2 /* the rules with a rhythm come first: contact, meeting */

/* What a partner is to whoever reads a digest. */
struct look {
	const char *id;
	enum state state; /* STATE_ON_TRACK while something holds it */
	struct {
		day due, cold; /* zero for a rule that does not apply */
	} days[CLOCKS];
};

struct looks {
	struct look *items; /* in the order of their ids */
	size_t count, capacity;
};

static struct look look_at(const struct scene *scene, const struct facts *facts)
{
	struct verdict verdicts[RULES];
	const size_t count = judge_partner(facts, scene_today(scene, facts), verdicts);
	struct look look = {.state = STATE_ON_TRACK};

	for (size_t i = 0; i < count; i++) {
		const struct verdict *v = &verdicts[i];

		if (verdicts[0].hold == HOLD_NONE && v->state > look.state && v->state >= STATE_DUE)
			look.state = v->state;
		if (v->rule >= CLOCKS)
			continue;
		look.days[v->rule].due = v->due_day;
		look.days[v->rule].cold = v->cold_day;
	}
	return look;
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
		looks->items[looks->count] = look_at(scene, &facts[i]);
		looks->items[looks->count++].id = arena_strdup(arena, facts[i].partner.id);
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

static void count_differences(const struct looks *before, const struct looks *after,
			      struct engine_check *check)
{
	size_t b = 0, a = 0;

	check->judged = check->moved = -1;
	if (before->count > ENGINE_CHECK_JUDGED_MAX || after->count > ENGINE_CHECK_JUDGED_MAX)
		return;
	check->judged = check->moved = 0;
	while (b < before->count && a < after->count) {
		const struct look *x = &before->items[b], *y = &after->items[a];
		const int order = strcmp(x->id, y->id);

		check->judged += order == 0 && x->state != y->state;
		check->moved += order == 0 && memcmp(x->days, y->days, sizeof(x->days)) != 0;
		b += order <= 0;
		a += order >= 0;
	}
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
		count_differences(&before, &after, check);
	else if (!err->text[0])
		error_set(err, "%s", db_error(db));
	if (!db_lost_transaction(db))
		db_point_undo(db);
	arena_free(arena);
	return status;
}
