/* Turns the rehearsal's calendar, lets contacts come, and counts. */
#include "ctl/simulation.h"

#include <stdlib.h>
#include <string.h>

#include "api/import.h"
#include "base/chance.h"
#include "engine/rehearsal.h"

#define CONTACT_SECOND (18 * 3600) /* of the owner's day: contacts are logged when it ends */
#define PERMILLE       1000
#define LINE_FROM_CONF 0 /* a contact of the configuration has no line of a CSV file */

/* A partner in the play. */
struct player {
	const char *id;
	const struct zone *zone;
	size_t owner;  /* in result.owners */
	uint64_t told; /* bit n: it was told n days before `told_day` */
	day told_day;
	day answer_day; /* on which its owner will answer; DAY_NEVER: will not */
};

/* A zone in which owners live: its days end at a moment of their own. */
struct region {
	const struct zone *zone;
	day today;
	instant end; /* the last moment of today */
};

/* A contact to come. */
struct arrival {
	instant at;
	day day;
	json_t *row;
	struct player *player;
};

struct play {
	const struct simulation *simulation;
	struct rehearsal *rehearsal;
	struct arena *arena;
	struct simulation_result *result;
	struct player *players; /* sorted by id */
	size_t player_count;
	struct arrival *arrivals; /* sorted by time */
	size_t arrival_count, arrived;
	int64_t *entries; /* of the digests of each day, from `from` on */
	struct chance chance;
	json_t *errors;
	struct error *err;
	enum status status; /* of what went wrong inside a callback */
};

static int compare_players(const void *a, const void *b)
{
	const struct player *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static struct player *find_player(struct play *play, const char *id)
{
	const struct player key = {.id = id};

	if (play->player_count == 0)
		return NULL;
	return bsearch(&key, play->players, play->player_count, sizeof(key), compare_players);
}

static struct simulation_count *find_count(struct play *play, const char *owner)
{
	for (size_t i = 0; i < play->result->owner_count; i++)
		if (strcmp(play->result->owners[i].owner, owner) == 0)
			return &play->result->owners[i];
	return NULL;
}

/* ---- what is told ---- */

static void note_told(struct player *player, day d)
{
	const int passed = d - player->told_day;

	player->told = passed >= 0 && passed < 64 ? player->told << passed : 0;
	player->told |= 1;
	player->told_day = d;
}

/* A contact came by itself: how many nudges of the days before were not needed. */
static int take_unneeded(struct player *player, day d)
{
	const int passed = d - player->told_day;
	int count = 0;

	for (int ago = 1; ago <= SIMULATION_USEFUL_DAYS; ago++) {
		const int bit = ago - passed;

		if (bit < 0 || bit > 63 || !(player->told >> bit & 1))
			continue;
		player->told &= ~(UINT64_C(1) << bit);
		count++;
	}
	return count;
}

static void count_told(struct play *play, struct simulation_count *count, const char *partner,
		       day d)
{
	const struct simulation *simulation = play->simulation;
	struct player *player = find_player(play, partner);

	if (!player || &play->result->owners[player->owner] != count) {
		count->over++;
		return;
	}
	count->nudges++;
	note_told(player, d);
	if (simulation->react_permille > 0 && player->answer_day == DAY_NEVER &&
	    chance_draw(&play->chance, PERMILLE) < simulation->react_permille)
		player->answer_day = d + simulation->react_days;
}

static void note_busiest(struct simulation_count *count, int64_t entries, day d)
{
	if (entries <= count->busiest_entries)
		return;
	count->busiest_entries = entries;
	count->busiest = d;
}

static enum status count_digest(struct play *play, const struct owner *owner, day d,
				const struct document *document, struct arena *arena)
{
	struct simulation_count *count = find_count(play, owner->id);
	struct db *db = rehearsal_db(play->rehearsal);
	const char **partners, **hinted;
	size_t told, hints = 0;
	enum status status = digest_partners(db, owner->id, d, false, arena, &partners, &told);

	if (status == STATUS_OK)
		status = digest_partners(db, owner->id, d, true, arena, &hinted, &hints);

	if (status != STATUS_OK)
		return error_fail(play->err, status, "%s", db_error(db));
	if (document->kind == DOCUMENT_QUIET)
		count->quiet++;
	else
		count->digests++;
	count->hints += (int64_t)hints;
	play->entries[d - play->simulation->from] += (int64_t)(told + hints);
	note_busiest(count, (int64_t)(told + hints), d);
	for (size_t i = 0; i < told; i++)
		count_told(play, count, partners[i], d);
	return STATUS_OK;
}

static enum status take_digest(struct play *play, const struct owner *owner,
			       const struct delivery *delivery, struct arena *arena)
{
	const struct simulation *simulation = play->simulation;
	struct document *document;
	enum status status = document_from_json(arena, delivery->document, &document, play->err);

	if (status != STATUS_OK)
		return status;
	const day d = zone_day(owner->zone, document->created);
	if (d < simulation->from || d > simulation->to)
		return STATUS_OK;
	status = count_digest(play, owner, d, document, arena);
	if (status == STATUS_OK && simulation->tell)
		simulation->tell(simulation->arg, owner, d, document);
	return status;
}

/* Everything arrives; what goes out over several channels is one digest. */
static enum settle_kind send(void *arg, instant now, const struct delivery *delivery,
			     instant *retry_at)
{
	struct play *play = arg;
	const struct owner *owner =
	    delivery->owner ? roster_owner(&play->simulation->conf->roster, delivery->owner) : NULL;

	(void)now;
	(void)retry_at;
	if (owner && strcmp(delivery->kind, "digest") == 0 &&
	    strcmp(delivery->channel, owner->channels[0]->id) == 0 && play->status == STATUS_OK) {
		struct arena *arena = arena_new();

		play->status = take_digest(play, owner, delivery, arena);
		arena_free(arena);
	}
	return SETTLE_DELIVERED;
}

/* ---- contacts ---- */

struct batch {
	enum import_kind kind;
	const json_t *rows;
	const char *source;
	bool dry_run;
	json_t *answer;
};

static enum status import_job(struct db *db, const struct scene *scene, void *arg,
			      struct error *err)
{
	struct batch *batch = arg;
	struct arena *arena = arena_new();
	const enum status status = import_rows(db, scene, batch->kind, batch->rows, batch->source,
					       batch->dry_run, arena, &batch->answer);

	(void)err;
	arena_free(arena);
	return status;
}

/* Imports, and keeps what is wrong with the rows. */
static enum status import(struct play *play, enum import_kind kind, const json_t *rows,
			  const char *source, bool dry_run)
{
	struct batch batch = {.kind = kind, .rows = rows, .source = source, .dry_run = dry_run};
	enum status status =
	    rehearsal_act(play->rehearsal, "simulate", import_job, &batch, play->err);
	json_t *error;
	size_t i;

	json_array_foreach(json_object_get(batch.answer, "errors"), i, error)
	{
		json_object_set_new(error, "file",
				    json_string(kind == IMPORT_PARTNERS ? "partners" : "contacts"));
		json_array_append(play->errors, error);
		status = error_fail(play->err, STATUS_INVALID, "rows are bad");
	}
	json_decref(batch.answer);
	return status;
}

static bool row_counts(const json_t *row)
{
	const char *direction_word = json_string_value(json_object_get(row, "direction"));
	enum contact_direction direction = DIRECTION_BOTH;
	enum contact_kind kind = CONTACT_OTHER;

	(void)contact_kind_parse(json_string_value(json_object_get(row, "kind")), &kind);
	if (direction_word)
		(void)contact_direction_parse(direction_word, &direction);
	return contact_counts(kind, direction);
}

/* What comes while it is played was not there before: it is logged, not imported. */
static enum status arrive(struct play *play, const struct arrival *arrival)
{
	json_t *rows = json_pack("[O]", arrival->row);
	const enum status status = import(play, IMPORT_CONTACTS, rows, "simulate", false);

	json_decref(rows);
	if (status != STATUS_OK || !row_counts(arrival->row))
		return status;
	play->result->owners[arrival->player->owner].unasked++;
	play->result->owners[arrival->player->owner].unneeded +=
	    take_unneeded(arrival->player, arrival->day);
	return STATUS_OK;
}

/* ---- answers ---- */

struct reply {
	const char *partner;
	bool wanted; /* it still stood */
};

/* A call, or a meeting where one is missed; nothing when nothing is due any more. */
static enum status reply_job(struct db *db, const struct scene *scene, void *arg, struct error *err)
{
	struct reply *reply = arg;
	struct arena *arena = arena_new();
	struct contact contact = {
	    .kind = CONTACT_CALL, .minutes = CONTACT_MINUTES_UNKNOWN, .source = "simulate"};
	struct verdict verdicts[RULES];
	enum change_result result;
	struct facts facts;
	int64_t id;
	enum status status = partner_facts(db, scene, reply->partner, arena, &facts, err);

	if (status == STATUS_OK) {
		contact.day = scene_today(scene, &facts);
		const size_t count = judge_partner(&facts, contact.day, verdicts);
		for (size_t i = 0; i < count; i++) {
			if (!verdict_calls(&verdicts[i]))
				continue;
			reply->wanted = true;
			if (verdicts[i].rule != RULE_CONTACT)
				contact.kind = CONTACT_MEETING;
		}
		if (reply->wanted)
			status = contact_write(db, scene, reply->partner, &contact, false, &id,
					       &result, err);
	}
	arena_free(arena);
	return status;
}

static enum status answer_all(struct play *play, const struct region *region)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < play->player_count && status == STATUS_OK; i++) {
		struct player *player = &play->players[i];
		struct reply reply = {.partner = player->id};

		if (player->zone != region->zone || player->answer_day > region->today)
			continue;
		player->answer_day = DAY_NEVER;
		status = rehearsal_act(play->rehearsal, "simulate", reply_job, &reply, play->err);
		if (reply.wanted)
			play->result->owners[player->owner].answered++;
	}
	return status;
}

/* ---- the calendar ---- */

static enum status run_until(struct play *play, instant until)
{
	enum status status = STATUS_OK;

	while (status == STATUS_OK && play->arrived < play->arrival_count &&
	       play->arrivals[play->arrived].at <= until) {
		const struct arrival *arrival = &play->arrivals[play->arrived++];

		status = rehearsal_run(play->rehearsal, arrival->at, play->err);
		if (status == STATUS_OK)
			status = arrive(play, arrival);
	}
	if (status == STATUS_OK)
		status = rehearsal_run(play->rehearsal, until, play->err);
	return status == STATUS_OK ? play->status : status;
}

/* Whether the owner whose count it is lives in the region. */
static bool lives_in(const struct play *play, const struct simulation_count *count,
		     const struct region *region)
{
	const size_t index = (size_t)(count - play->result->owners);

	return play->simulation->conf->roster.owners[index].zone == region->zone;
}

static enum status count_cold(struct play *play, const struct region *region)
{
	struct arena *arena = arena_new();
	struct cold_view *views = NULL;
	size_t count = 0;
	const enum status status = view_cold(rehearsal_db(play->rehearsal), arena, &views, &count);

	for (size_t i = 0; i < count; i++) {
		struct simulation_count *owner = find_count(play, views[i].hearer);

		if (owner && lives_in(play, owner, region))
			owner->cold_days += views[i].count;
	}
	arena_free(arena);
	return status;
}

static int64_t count_partners(struct play *play, const struct region *region)
{
	struct simulation_result *result = play->result;
	int64_t count = 0;

	for (size_t i = 0; i < result->owner_count; i++)
		if (lives_in(play, &result->owners[i], region))
			count += result->owners[i].partners;
	return count;
}

static enum status close_day(struct play *play, const struct region *region)
{
	struct simulation_result *result = play->result;
	enum status status = STATUS_OK;

	if (count_partners(play, region) == 0)
		return STATUS_OK;
	status = answer_all(play, region);
	if (status == STATUS_OK)
		status = count_cold(play, region);
	for (size_t i = 0; i < result->owner_count; i++)
		if (lives_in(play, &result->owners[i], region))
			result->owners[i].partner_days += result->owners[i].partners;
	return status;
}

static void begin_day(struct region *region, day d)
{
	region->today = d;
	region->end = zone_day_start(region->zone, d + 1) - 1;
}

static size_t list_regions(const struct simulation *simulation, struct region *regions)
{
	const struct roster *roster = &simulation->conf->roster;
	size_t count = 0;

	for (size_t i = 0; i < roster->owner_count; i++) {
		size_t r = 0;

		while (r < count && regions[r].zone != roster->owners[i].zone)
			r++;
		if (r < count)
			continue;
		regions[count].zone = roster->owners[i].zone;
		begin_day(&regions[count++], simulation->from);
	}
	return count;
}

/* Where the day ends next; NULL when the last one has ended everywhere. */
static struct region *next_to_end(struct region *regions, size_t count, day last)
{
	struct region *next = NULL;

	for (size_t i = 0; i < count; i++)
		if (regions[i].today <= last && (!next || regions[i].end < next->end))
			next = &regions[i];
	return next;
}

static enum status turn_days(struct play *play)
{
	const struct simulation *simulation = play->simulation;
	struct region *regions =
	    arena_alloc(play->arena, simulation->conf->roster.owner_count + 1, sizeof(*regions));
	const size_t count = list_regions(simulation, regions);
	enum status status = STATUS_OK;
	struct region *region;

	while (status == STATUS_OK && (region = next_to_end(regions, count, simulation->to))) {
		if (simulation->progress)
			simulation->progress(simulation->arg, region->today);
		status = run_until(play, region->end);
		if (status == STATUS_OK)
			status = close_day(play, region);
		begin_day(region, region->today + 1);
	}
	return status;
}

/* ---- the beginning ---- */

/* The first day has begun for everybody then. Before that, who still lives in the day before could
 * be told on it, and what is told on no day of the play is counted nowhere. */
static instant last_start(const struct roster *roster, day d)
{
	instant start = zone_day_start(roster->zone, d);

	for (size_t i = 0; i < roster->owner_count; i++) {
		const instant at = zone_day_start(roster->owners[i].zone, d);

		if (at > start)
			start = at;
	}
	return start;
}

/* What the file says happened on `from` or later is a contact that comes on its day. */
static json_t *take_last_contacts(const struct simulation *simulation, struct arena *arena)
{
	struct conf *conf = simulation->conf;
	struct partner_entry *entries =
	    arena_alloc(arena, conf->partner_count + 1, sizeof(*entries));
	json_t *rows = json_array();
	char iso[DAY_TEXT_SIZE];

	for (size_t i = 0; i < conf->partner_count; i++) {
		entries[i] = conf->partners[i];
		if (entries[i].last_contact == DAY_NEVER ||
		    entries[i].last_contact < simulation->from)
			continue;
		json_array_append_new(rows, json_pack("{s:i, s:s, s:s, s:s}", "line",
						      LINE_FROM_CONF, "partner", entries[i].id,
						      "date", day_iso(entries[i].last_contact, iso),
						      "kind", contact_kind_name(CONTACT_OTHER)));
		entries[i].last_contact = DAY_NEVER;
	}
	conf->partners = entries;
	return rows;
}

static enum status list_players(struct play *play)
{
	const struct scene scene = rehearsal_scene(play->rehearsal, "simulate");
	const struct partner_filter everybody = {0};
	struct facts *facts;
	enum status status =
	    view_partners(rehearsal_db(play->rehearsal), &scene, &everybody, NULL,
			  CONF_PARTNERS_MAX, play->arena, &facts, &play->player_count);

	if (status != STATUS_OK)
		return error_fail(play->err, status, "%s", db_error(rehearsal_db(play->rehearsal)));
	play->players = arena_alloc(play->arena, play->player_count + 1, sizeof(*play->players));
	for (size_t i = 0; i < play->player_count; i++) {
		const struct owner *owner = facts[i].owner;
		struct simulation_count *count = owner ? find_count(play, owner->id) : NULL;

		if (!count)
			return error_fail(play->err, STATUS_INVALID, "partner %s has no owner",
					  facts[i].partner.id);
		count->partners++;
		play->players[i] = (struct player){.id = facts[i].partner.id,
						   .zone = owner->zone,
						   .owner = (size_t)(count - play->result->owners),
						   .answer_day = DAY_NEVER};
	}
	qsort(play->players, play->player_count, sizeof(*play->players), compare_players);
	return STATUS_OK;
}

static int compare_arrivals(const void *a, const void *b)
{
	const struct arrival *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void add_arrival(struct play *play, json_t *row, day d)
{
	struct player *player =
	    find_player(play, json_string_value(json_object_get(row, "partner")));

	if (d > play->simulation->to) {
		play->result->beyond++;
		return;
	}
	play->arrivals[play->arrival_count++] =
	    (struct arrival){.at = zone_instant(player->zone, d, CONTACT_SECOND),
			     .day = d,
			     .row = row,
			     .player = player};
}

/* Those from `from` on wait for their day; *ret_before: the others. */
static void sort_out(struct play *play, const json_t *rows, json_t *before)
{
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)rows, i, row)
	{
		day d = DAY_NEVER;

		(void)day_parse_iso(json_string_value(json_object_get(row, "date")), &d);
		if (d < play->simulation->from)
			json_array_append(before, row);
		else
			add_arrival(play, row, d);
	}
}

/* All rows are looked at as on the last day, so that whatever is wrong is said before anything is
 * played. */
static enum status check_contacts(struct play *play, const json_t *rows)
{
	const instant now = rehearsal_now(play->rehearsal);
	enum status status;

	rehearsal_set_clock(play->rehearsal,
			    last_start(&play->simulation->conf->roster, DAY_MAX) - 1);
	status = import(play, IMPORT_CONTACTS, rows, "csv", true);
	rehearsal_set_clock(play->rehearsal, now);
	return status;
}

static enum status take_contacts(struct play *play, json_t *from_file)
{
	json_t *rows = play->simulation->contacts ? json_copy((json_t *)play->simulation->contacts)
						  : json_array();
	json_t *before = json_array();
	enum status status = check_contacts(play, rows);

	if (status == STATUS_OK) {
		json_array_extend(rows, from_file);
		play->arrivals =
		    arena_alloc(play->arena, json_array_size(rows) + 1, sizeof(*play->arrivals));
		sort_out(play, rows, before);
		if (play->arrival_count > 0)
			qsort(play->arrivals, play->arrival_count, sizeof(*play->arrivals),
			      compare_arrivals);
		for (size_t i = 0; i < play->arrival_count; i++)
			json_incref(play->arrivals[i].row);
		status = import(play, IMPORT_CONTACTS, before, "csv", false);
	}
	json_decref(before);
	json_decref(rows);
	return status;
}

static void list_owners(struct play *play)
{
	const struct simulation *simulation = play->simulation;
	const struct roster *roster = &simulation->conf->roster;
	struct simulation_result *result = play->result;

	*result = (struct simulation_result){
	    .owners = arena_alloc(play->arena, roster->owner_count + 1, sizeof(*result->owners)),
	    .owner_count = roster->owner_count,
	    .all.busiest = DAY_NEVER,
	};
	for (size_t i = 0; i < roster->owner_count; i++) {
		result->owners[i].owner = arena_strdup(play->arena, roster->owners[i].id);
		result->owners[i].busiest = DAY_NEVER;
	}
	play->entries = arena_alloc(play->arena, (size_t)(simulation->to - simulation->from) + 1,
				    sizeof(*play->entries));
}

static void add_up(struct play *play)
{
	const struct simulation *simulation = play->simulation;
	struct simulation_result *result = play->result;
	struct simulation_count *all = &result->all;

	for (size_t i = 0; i < result->owner_count; i++) {
		const struct simulation_count *one = &result->owners[i];

		all->partners += one->partners;
		all->partner_days += one->partner_days;
		all->cold_days += one->cold_days;
		all->digests += one->digests;
		all->quiet += one->quiet;
		all->nudges += one->nudges;
		all->hints += one->hints;
		all->unneeded += one->unneeded;
		all->unasked += one->unasked;
		all->over += one->over;
		all->answered += one->answered;
	}
	for (day d = simulation->from; d <= simulation->to; d++)
		note_busiest(all, play->entries[d - simulation->from], d);
}

static enum status run_play(struct play *play, json_t *from_file)
{
	enum status status = STATUS_OK;

	if (play->simulation->partners)
		status = import(play, IMPORT_PARTNERS, play->simulation->partners, "csv", false);
	if (status == STATUS_OK)
		status = list_players(play);
	if (status == STATUS_OK)
		status = take_contacts(play, from_file);
	if (status == STATUS_OK)
		status = turn_days(play);
	add_up(play);
	return status;
}

enum status simulation_run(const struct simulation *simulation, struct arena *arena,
			   struct simulation_result *ret_result, json_t **ret_errors,
			   struct error *err)
{
	struct roster *roster = &simulation->conf->roster;
	struct play play = {.simulation = simulation,
			    .arena = arena,
			    .result = ret_result,
			    .chance = chance_make(simulation->seed),
			    .errors = json_array(),
			    .err = err};
	json_t *from_file = take_last_contacts(simulation, arena);
	enum status status;

	roster->event_count = 0; /* nobody is there to hear events */
	list_owners(&play);
	roster_ref(roster);
	status = rehearsal_new(simulation->conf, last_start(roster, simulation->from), send, &play,
			       &play.rehearsal, err);
	if (status == STATUS_OK)
		status = run_play(&play, from_file);
	for (size_t i = 0; i < play.arrival_count; i++)
		json_decref(play.arrivals[i].row);
	rehearsal_free(play.rehearsal);
	roster_unref(roster);
	json_decref(from_file);
	*ret_errors = play.errors;
	return status;
}
