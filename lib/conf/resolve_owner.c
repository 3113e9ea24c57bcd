/* Owners: their calendars, their channels, and who stands in for them. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "conf/resolver.h"
#include "conf/value.h"

#define ABSENCE_DAYS_MAX                                                                           \
	366 /* without a word: longer is a slip of the pen more often than a plan */

/* An owner who names no channel gets the first smtp channel of the file. */
static void default_channels(struct loader *loader, struct draft_owner *draft)
{
	const size_t count = loader->draft->records[SECTION_CHANNEL].count;

	for (size_t i = 0; i < count; i++) {
		const struct draft_channel *channel = draft_at(loader->draft, SECTION_CHANNEL, i);

		if (channel->type != CHANNEL_SMTP)
			continue;
		draft->channels.names = (struct texts){
		    .items = arena_alloc(loader->arena, 1, sizeof(char *)),
		    .lines = arena_alloc(loader->arena, 1, sizeof(int)),
		    .count = 1,
		};
		draft->channels.names.items[0] = channel->head.id;
		draft->channels.names.lines[0] = draft->head.line;
		return;
	}
	loader_error(
	    loader, draft->head.line,
	    loader_what(loader, SECTION_OWNER, draft->head.id, "channels"),
	    "is missing, and there is no smtp channel; it should name at least one channel");
}

static void resolve_owner_channels(struct resolver *r, struct draft_owner *draft,
				   struct owner *owner)
{
	struct loader *loader = r->loader;
	const char *what = loader_what(loader, SECTION_OWNER, draft->head.id, "channels");
	const int line = record_line(SECTION_OWNER, &draft->head, "channels");
	bool mail = false;

	if (!record_gives(SECTION_OWNER, &draft->head, "channels"))
		default_channels(loader, draft);
	else if (draft->channels.names.count == 0)
		loader_error(loader, line, what, "names none; it should name at least one channel");
	owner->channels =
	    resolve_channel_list(r, &draft->channels.names, what, &owner->channel_count);
	for (size_t i = 0; i < owner->channel_count; i++)
		mail |= owner->channels[i]->type == CHANNEL_SMTP;
	if (mail && !record_gives(SECTION_OWNER, &draft->head, "email"))
		loader_error(
		    loader, draft->head.line,
		    loader_what(loader, SECTION_OWNER, draft->head.id, "email"),
		    "is missing; an owner with an smtp channel should have a mail address");
}

/* What is not cold would reach nobody. */
static void resolve_only_cold(struct loader *loader, const struct draft_owner *draft,
			      struct owner *owner)
{
	const bool *only_cold = draft->channels.only_cold;
	size_t count = 0;

	for (size_t i = 0; only_cold && i < draft->channels.names.count; i++)
		count += only_cold[i];
	if (count == 0)
		return;
	owner->only_cold = only_cold;
	if (count == draft->channels.names.count)
		loader_warn(loader, record_line(SECTION_OWNER, &draft->head, "channels"),
			    loader_what(loader, SECTION_OWNER, draft->head.id, "channels"),
			    "only what is cold goes to any of them, and nothing else reaches %s; "
			    "one without only would be right",
			    draft->head.id);
}

/* A digest whose hour is quiet would wait every day. */
static void check_quiet(struct loader *loader, const struct draft_owner *draft)
{
	const int from = draft->quiet.from, to = draft->quiet.to, at = draft->digest_minute;
	char text[HOURS_TEXT_SIZE];

	if (from < to ? at < from || at >= to : at < from && at >= to)
		return;
	if (from == to)
		return;
	loader_error(loader, record_line(SECTION_OWNER, &draft->head, "quiet"),
		     loader_what(loader, SECTION_OWNER, draft->head.id, "quiet"),
		     "%s holds digest_at, which is %02d:%02d; digest_at should lie outside of it",
		     value_hours(draft->quiet, text), at / 60, at % 60);
}

static const struct holiday_set *holiday_set_by_id(const struct draft *draft, const char *id)
{
	for (size_t i = 0; i < draft->holiday_count; i++)
		if (strcmp(draft->holidays[i].id, id) == 0)
			return &draft->holidays[i];
	return NULL;
}

static int range_order(const void *a, const void *b)
{
	const struct day_range *left = a, *right = b;

	if (left->first != right->first)
		return left->first < right->first ? -1 : 1;
	return (left->last > right->last) - (left->last < right->last);
}

static void complain_no_set(struct resolver *r, const struct texts *list, size_t index,
			    const char *what)
{
	const struct draft *draft = r->loader->draft;
	const char **ids = arena_alloc(r->loader->scratch, draft->holiday_count + 1, sizeof *ids);

	for (size_t i = 0; i < draft->holiday_count; i++)
		ids[i] = draft->holidays[i].id;
	loader_error(r->loader, list->lines[index], what, "there is no set of holidays \"%s\"%s",
		     list->items[index],
		     loader_hint(r->loader, list->items[index], ids, draft->holiday_count));
}

/* The days of the entries from `first` on, sets replaced by their days. Complains of sets that are
 * not there. */
static void resolve_holidays(struct resolver *r, struct draft_owner *draft,
			     struct workdays *workdays)
{
	const struct texts *list = &draft->holidays;
	const char *what = loader_what(r->loader, SECTION_OWNER, draft->head.id, "holidays");
	struct day_range *ranges;
	size_t room = list->count, count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct holiday_set *set = holiday_set_by_id(r->loader->draft, list->items[i]);

		room += set ? set->days.count : 0;
	}
	ranges = arena_alloc(r->loader->arena, room + 1, sizeof *ranges);
	for (size_t i = 0; i < list->count; i++) {
		const struct holiday_set *set = holiday_set_by_id(r->loader->draft, list->items[i]);

		if (value_parse_range(list->items[i], &ranges[count])) {
			count++;
			continue;
		}
		if (!set)
			complain_no_set(r, list, i, what);
		for (size_t j = 0; set && j < set->days.count; j++)
			if (value_parse_range(set->days.items[j], &ranges[count]))
				count++;
	}
	qsort(ranges, count, sizeof *ranges, range_order);
	workdays->holidays = ranges;
	workdays->holiday_count = count;
}

static void resolve_away(struct loader *loader, const struct texts *list, struct owner *owner)
{
	struct day_range *ranges = arena_alloc(loader->arena, list->count + 1, sizeof *ranges);

	for (size_t i = 0; i < list->count; i++)
		if (value_parse_range(list->items[i], &ranges[owner->away_count]))
			owner->away_count++;
	qsort(ranges, owner->away_count, sizeof *ranges, range_order);
	owner->away = ranges;
}

/* Whether the week has a workday from `from` on and before `to`. */
static bool week_works(uint8_t week, day from, day to)
{
	for (day d = from; d < to && d < from + 7; d++)
		if (week >> day_weekday(d) & 1)
			return true;
	return false;
}

/* The first row of days without a workday in between that is longer than anybody means. */
static bool find_long_absence(const struct day_range *ranges, size_t count, uint8_t week,
			      struct day_range *ret_run)
{
	struct day_range run = {.first = 0, .last = -1};

	for (size_t i = 0; i < count; i++) {
		if (i > 0 && !week_works(week, run.last + 1, ranges[i].first)) {
			run.last = ranges[i].last > run.last ? ranges[i].last : run.last;
			continue;
		}
		if (run.last - run.first >= ABSENCE_DAYS_MAX)
			break;
		run = ranges[i];
	}
	*ret_run = run;
	return run.last - run.first >= ABSENCE_DAYS_MAX;
}

/* key: what the ranges come from. A digest goes out on workdays on which its owner is there. */
static void warn_of_absence(struct loader *loader, const struct draft_owner *draft, const char *key,
			    const struct day_range *ranges, size_t count)
{
	struct day_range run;
	char first[DAY_TEXT_SIZE], last[DAY_TEXT_SIZE];

	if (!find_long_absence(ranges, count, draft->week, &run))
		return;
	loader_warn(loader, record_line(SECTION_OWNER, &draft->head, key),
		    loader_what(loader, SECTION_OWNER, draft->head.id, key),
		    "from %s to %s no day is left to tell %s anything; is a year mistyped?",
		    day_iso(run.first, first), day_iso(run.last, last), draft->head.id);
}

static const char *resolve_deputy(struct resolver *r, const struct draft_owner *draft,
				  const char *key, const char *id)
{
	const int line = record_line(SECTION_OWNER, &draft->head, key);
	const char *what = loader_what(r->loader, SECTION_OWNER, draft->head.id, key);

	if (!id || !resolver_names_one(r, SECTION_OWNER, id, line, what))
		return NULL;
	if (strcmp(id, draft->head.id) == 0)
		loader_error(r->loader, line, what,
			     "\"%s\" is the owner; it should be somebody else", id);
	return id;
}

static void check_review_day(struct loader *loader, const struct draft_owner *draft)
{
	if (draft->week & 1U << draft->review_day)
		return;
	loader_error(loader, record_line(SECTION_OWNER, &draft->head, "review_day"),
		     loader_what(loader, SECTION_OWNER, draft->head.id, "review_day"),
		     "%s is no workday of this owner; it should be one of workdays",
		     weekday_name(draft->review_day));
}

static void hash_owner(struct buf *hash, const struct owner *owner)
{
	char holidays[SHA256_HEX_SIZE];

	bytes_sha256_hex(owner->workdays.holidays,
			 owner->workdays.holiday_count * sizeof *owner->workdays.holidays,
			 holidays);
	buf_addf(hash, "owner %s %02x %s %d\n", owner->id, (unsigned)owner->workdays.week, holidays,
		 (int)owner->review_day);
}

static day last_day_of(const struct holiday_set *set)
{
	struct day_range range;
	day last = DAY_MIN;

	for (size_t i = 0; i < set->days.count; i++)
		if (value_parse_range(set->days.items[i], &range) && range.last > last)
			last = range.last;
	return last;
}

/* When each of the named sets ends: one may have run out while other holidays lie ahead. */
static void note_set_ends(struct resolver *r, const struct draft_owner *draft, struct owner *owner)
{
	const struct texts *list = &draft->holidays;
	struct holiday_set_end *ends = arena_alloc(r->loader->arena, list->count + 1, sizeof *ends);

	for (size_t i = 0; i < list->count; i++) {
		const struct holiday_set *set = holiday_set_by_id(r->loader->draft, list->items[i]);

		if (set && set->days.count > 0)
			ends[owner->holiday_set_count++] =
			    (struct holiday_set_end){set->id, last_day_of(set)};
	}
	owner->holiday_sets = ends;
}

static struct owner resolve_owner(struct resolver *r, struct draft_owner *draft)
{
	struct loader *loader = r->loader;
	const char *zone_what = loader_what(loader, SECTION_OWNER, draft->head.id, "timezone");
	const bool own_zone = draft->timezone != NULL;
	struct owner owner = {.id = draft->head.id,
			      .email = draft->email,
			      .digest_minute = draft->digest_minute,
			      .workdays = {.week = draft->week},
			      .review_day = draft->review_day,
			      .quiet_from = draft->quiet.from,
			      .quiet_to = draft->quiet.to,
			      .weekly = draft->weekly,
			      .origin = resolver_origin(loader, loader->arena, draft->head.line)};

	if (!draft->name)
		draft->name = draft->head.id;
	if (!own_zone)
		draft->timezone = loader->draft->global.timezone;
	owner.name = draft->name;
	owner.zone =
	    resolver_zone(r, draft->timezone, record_line(SECTION_OWNER, &draft->head, "timezone"),
			  zone_what, own_zone);
	resolve_holidays(r, draft, &owner.workdays);
	note_set_ends(r, draft, &owner);
	resolve_away(loader, &draft->away, &owner);
	warn_of_absence(loader, draft, "holidays", owner.workdays.holidays,
			owner.workdays.holiday_count);
	warn_of_absence(loader, draft, "away", owner.away, owner.away_count);
	check_review_day(loader, draft);
	check_quiet(loader, draft);
	resolve_owner_channels(r, draft, &owner);
	resolve_only_cold(loader, draft, &owner);
	owner.backup = resolve_deputy(r, draft, "backup", draft->backup);
	owner.manager = resolve_deputy(r, draft, "manager", draft->manager);
	hash_owner(&loader->hash, &owner);
	return owner;
}

void resolve_owners(struct resolver *r)
{
	struct loader *loader = r->loader;
	struct roster *roster = &loader->conf->roster;
	struct record **sorted = resolver_sort(loader, SECTION_OWNER);
	struct owner *owners;

	resolver_note_ids(r, SECTION_OWNER, sorted);
	roster->owner_count = r->id_counts[SECTION_OWNER];
	owners = arena_alloc(loader->arena, roster->owner_count + 1, sizeof *owners);
	for (size_t i = 0; i < roster->owner_count; i++)
		owners[i] = resolve_owner(r, (struct draft_owner *)sorted[i]);
	roster->owners = owners;
}
