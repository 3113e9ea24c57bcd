/* Routes that show partners, and the answer `snooze`. */
#include <stdlib.h>
#include <string.h>

#include "api/handlers.h"
#include "api/input.h"
#include "api/shape.h"
#include "store/check.h"

#define PAGE_DEFAULT	100
#define PAGE_MAX	1000
#define SCAN_PAGE	500
#define SCAN_MAX	5000 /* partners looked at in one request when a state is asked for */
#define DUE_SOON_MAX	10000
#define RECENT_CONTACTS 20
#define RECENT_HISTORY	20

/* ---- GET partners ---- */

static enum status check_state(const char *text, enum state *ret_state, struct error *err)
{
	if (!text || state_parse(text, ret_state))
		return STATUS_OK;
	return error_fail(err, STATUS_INVALID,
			  "state must be on track, due soon, due or cold (or snoozed)");
}

/* What a list is narrowed down to besides what the store's view does. */
struct wanted {
	const char *state_text; /* NULL: any */
	bool snoozed;
	enum state state;
};

static bool is_wanted(const struct scene *scene, const struct facts *facts,
		      const struct wanted *wanted)
{
	struct verdict verdicts[RULES];

	if (!wanted->state_text)
		return true;
	if (facts->partner.archived != DAY_NEVER)
		return false;
	(void)judge_partner(facts, scene_today(scene, facts), verdicts);
	if (wanted->snoozed)
		return verdicts[0].hold == HOLD_SNOOZED;
	return verdicts[0].hold == HOLD_NONE && verdicts[0].state == wanted->state;
}

/* Walks from `after` until limit partners are found or enough was looked at; *ret_next is where to go on, NULL at the
 * end. */
static enum status collect(struct db *db, struct call *call, const struct partner_filter *filter,
			   const struct wanted *wanted, size_t limit, json_t *list,
			   const char **ret_next)
{
	const char *after = call_query(call, "after");
	const size_t page = wanted->state_text ? SCAN_PAGE : limit;
	size_t looked = 0;

	*ret_next = NULL;
	while (looked < SCAN_MAX) {
		struct facts *facts;
		size_t count;
		const enum status status = view_partners(db, &call->scene, filter, after, page,
							 call->arena, &facts, &count);

		if (status != STATUS_OK)
			return status;
		for (size_t i = 0; i < count; i++) {
			after = facts[i].partner.id;
			if (is_wanted(&call->scene, &facts[i], wanted))
				json_array_append_new(list, shape_facts(&call->scene, &facts[i]));
			if (json_array_size(list) == limit) {
				*ret_next = after;
				return STATUS_OK;
			}
		}
		if (count < page)
			return STATUS_OK;
		looked += count;
	}
	*ret_next = after;
	return STATUS_OK;
}

/* An empty answer about an owner or a cadence nobody knows is most likely a slip. */
static enum status check_filter(const struct call *call, const struct partner_filter *filter,
				struct error *err)
{
	enum status status = STATUS_OK;

	if (filter->owner)
		status = check_owner(&call->scene, "owner", filter->owner, err);
	if (status == STATUS_OK && filter->cadence)
		status = check_cadence(&call->scene, filter->cadence, err);
	return status;
}

enum status partners_get(struct db *db, struct call *call, struct error *err)
{
	const struct partner_filter filter = {
	    .owner = call_query(call, "owner"),
	    .cadence = call_query(call, "cadence"),
	    .tag = call_query(call, "tag"),
	    .archived = call_query(call, "archived") != NULL,
	};
	struct wanted wanted = {.state_text = call_query(call, "state")};
	int64_t limit;
	enum status status = call_query_whole(call, "limit", PAGE_MAX, PAGE_DEFAULT, &limit, err);
	const char *next = NULL;
	json_t *list;

	wanted.snoozed = wanted.state_text && strcmp(wanted.state_text, "snoozed") == 0;
	if (status == STATUS_OK && !wanted.snoozed)
		status = check_state(wanted.state_text, &wanted.state, err);
	if (status != STATUS_OK)
		return status;
	list = json_array();
	call->result = json_pack("{s:o}", "partners", list);
	status = collect(db, call, &filter, &wanted, limit > 0 ? (size_t)limit : 1, list, &next);
	if (status == STATUS_OK && json_array_size(list) == 0 && !next)
		status = check_filter(call, &filter, err);
	shape_text(call->result, "next", next);
	return status;
}

/* ---- GET partners/{id} ---- */

static enum status add_contacts(struct db *db, struct call *call, int64_t row)
{
	struct contact *contacts;
	json_t *list = json_array();
	size_t count = 0;
	const enum status status =
	    contact_recent(db, row, RECENT_CONTACTS, call->arena, &contacts, &count);

	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		json_array_append_new(list, shape_contact(&contacts[i]));
	json_object_set_new(call->result, "contacts", list);
	return status;
}

static json_t *shape_history(const struct history_row *row)
{
	json_t *object = json_object();

	shape_instant(object, "at", row->at);
	shape_text(object, "actor", row->actor);
	shape_text(object, "verb", row->verb);
	shape_text(object, "owner", row->owner);
	json_object_set_new(object, "detail",
			    row->detail ? json_loads(row->detail, 0, NULL) : json_null());
	return object;
}

static enum status add_history(struct db *db, struct call *call, int64_t row)
{
	struct history_row *rows;
	json_t *list = json_array();
	size_t count = 0;
	const enum status status =
	    history_of_partner(db, row, RECENT_HISTORY, call->arena, &rows, &count);

	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		json_array_append_new(list, shape_history(&rows[i]));
	json_object_set_new(call->result, "history", list);
	return status;
}

enum status partner_get(struct db *db, struct call *call, struct error *err)
{
	struct facts facts;
	enum status status = partner_facts(db, &call->scene, call->id, call->arena, &facts, err);

	if (status != STATUS_OK)
		return status;
	call->result = shape_facts(&call->scene, &facts);
	shape_text(call->result, "stand", shape_say_stand(&call->scene, &facts, call->arena));
	status = add_contacts(db, call, facts.partner.row);
	return status == STATUS_OK ? add_history(db, call, facts.partner.row) : status;
}

/* ---- GET due ---- */

struct due_item {
	const struct facts *facts;
	struct verdict verdict;
	struct told told;
	double urgency;
};

/* Cold before due before due soon, then the most urgent, then by name. */
static int compare_due(const void *left, const void *right)
{
	const struct due_item *a = left, *b = right;

	if (a->verdict.state != b->verdict.state)
		return a->verdict.state > b->verdict.state ? -1 : 1;
	if (a->urgency > b->urgency)
		return -1;
	if (a->urgency < b->urgency)
		return 1;
	return strcmp(a->facts->partner.name, b->facts->partner.name);
}

struct due_list {
	struct due_item *items;
	size_t count, capacity;
};

static void add_due(struct call *call, struct due_list *list, const struct facts *facts,
		    const struct verdict *verdict, struct told told)
{
	const day today = scene_today(&call->scene, facts);

	list->items = arena_grow(call->arena, list->items, list->count, &list->capacity,
				 sizeof(*list->items));
	list->items[list->count++] = (struct due_item){
	    .facts = facts,
	    .verdict = *verdict,
	    .told = told,
	    .urgency = verdict_urgency(verdict, today),
	};
}

static enum status add_open(struct db *db, struct call *call, const char *owner,
			    struct due_list *list)
{
	struct digest_item *items;
	size_t count;
	const enum status status =
	    view_open(db, &call->scene, owner, call->arena, &items, &count);

	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		if (verdict_calls(&items[i].verdict))
			add_due(call, list, &items[i].facts, &items[i].verdict, items[i].told);
	return status;
}

static bool hears(const struct facts *facts, const char *owner)
{
	return !owner || (facts->owner && strcmp(facts->owner->id, owner) == 0);
}

/* Those of a cadence that warns, and whose warning has come. */
static enum status add_due_soon(struct db *db, struct call *call, const char *owner,
				const struct cadence *cadence, struct due_list *list)
{
	const struct partner_filter filter = {.cadence = cadence->id};
	const char *after = NULL;

	for (size_t looked = 0; looked < DUE_SOON_MAX; looked += SCAN_PAGE) {
		struct facts *facts;
		size_t count;
		const enum status status = view_partners(db, &call->scene, &filter, after,
							 SCAN_PAGE, call->arena, &facts, &count);

		if (status != STATUS_OK)
			return status;
		for (size_t i = 0; i < count; i++) {
			struct verdict verdicts[RULES];

			after = facts[i].partner.id;
			(void)judge_partner(&facts[i], scene_today(&call->scene, &facts[i]), verdicts);
			if (hears(&facts[i], owner) && verdicts[0].state == STATE_DUE_SOON &&
			    verdicts[0].hold == HOLD_NONE)
				add_due(call, list, &facts[i], &verdicts[0],
					(struct told){.day = DAY_NEVER});
		}
		if (count < SCAN_PAGE)
			break;
	}
	return STATUS_OK;
}

static json_t *shape_due(const struct scene *scene, const struct due_item *item)
{
	const struct partner *partner = &item->facts->partner;
	json_t *object = shape_verdict(&item->verdict, scene_today(scene, item->facts));

	shape_text(object, "partner", partner->id);
	shape_text(object, "name", partner->name);
	shape_text(object, "owner", partner->owner);
	shape_text(object, "hears", item->facts->owner ? item->facts->owner->id : NULL);
	shape_text(object, "cadence", partner->cadence);
	json_object_set_new(object, "last",
			    item->facts->has_last ? shape_contact(&item->facts->last) : json_null());
	json_object_set_new(object, "told", json_integer(item->told.count));
	shape_day(object, "told_day", item->told.day);
	return object;
}

enum status due_get(struct db *db, struct call *call, struct error *err)
{
	const char *owner = call_query(call, "owner");
	const struct roster *roster = call->scene.roster;
	struct due_list list = {0};
	json_t *array = json_array();
	enum status status = owner ? check_owner(&call->scene, "owner", owner, err) : STATUS_OK;

	call->result = json_pack("{s:o}", "due", array);
	if (status == STATUS_OK)
		status = add_open(db, call, owner, &list);
	for (size_t i = 0; status == STATUS_OK && i < roster->cadence_count; i++)
		if (roster->cadences[i].warn.count > 0)
			status = add_due_soon(db, call, owner, &roster->cadences[i], &list);
	if (list.count > 0)
		qsort(list.items, list.count, sizeof(*list.items), compare_due);
	for (size_t i = 0; i < list.count; i++)
		json_array_append_new(array, shape_due(&call->scene, &list.items[i]));
	return status;
}

/* ---- POST snooze ---- */

static const struct input_field snooze_fields[] = {
    {"until", INPUT_TEXT, DAY_TEXT_SIZE, .required = true},
    {"reason", INPUT_TEXT, 4 * TEXT_NOTE_MAX},
};

enum status snooze_post(struct db *db, struct call *call, struct error *err)
{
	json_t *input = input_parse(call->body, call->body_len, err);
	char text[DAY_TEXT_SIZE];
	day until = DAY_NEVER;
	enum status status = input ? input_check(input, snooze_fields, 2, err) : STATUS_INVALID;

	if (status == STATUS_OK)
		status = partner_snooze(db, &call->scene, call->id, input_text(input, "until"),
					input_text(input, "reason"), &until, err);
	if (status == STATUS_OK) {
		call->result = json_object();
		shape_text(call->result, "partner", call->id);
		shape_day(call->result, "until", until);
		shape_text(call->result, "text",
			   arena_printf(call->arena, "%s: snoozed until %s.", call->id,
					shape_say_day(until, text)));
	}
	json_decref(input);
	return status;
}
