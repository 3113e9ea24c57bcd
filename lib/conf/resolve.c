/* From the draft to the roster: references, zones, and all that depends on more than one value.
 *
 * A value that was wrong by itself was complained of already (read.c) and has its default or
 * nothing here: what follows must bear that and not complain a second time. */
#include "conf/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/bytes.h"
#include "base/text.h"
#include "conf/secret.h"
#include "conf/value.h"
#include "sys/file.h"
#include "sys/zoneinfo.h"

#define STANDARD_CADENCE "standard"
#define ZONE_BYTES_MAX	 ((size_t)1 << 20)
#define CA_FILE_MAX	 ((size_t)4 << 20)

/* A zone that was loaded, once, for all who live in it. */
struct loaded_zone {
	const char *name;
	const struct zone
	    *zone; /* NULL: it could not be loaded, and was complained of where it is named */
	struct error err;
	char hash[SHA256_HEX_SIZE];
};

struct resolver {
	struct loader *loader;
	struct loaded_zone *zones;
	size_t zone_count, zone_capacity;
	size_t kept_capacity; /* of conf->zones */
	const char *const *ids[SECTIONS];
	size_t id_counts[SECTIONS];
};

static const char *origin_of(struct loader *loader, struct arena *arena, int line)
{
	return arena_printf(arena, "%s:%d", loader->base, line);
}

static int record_order(const void *a, const void *b)
{
	const struct record *left = *(const struct record *const *)a;
	const struct record *right = *(const struct record *const *)b;
	const int order = strcmp(left->id, right->id);

	if (order != 0)
		return order;
	return (left->line > right->line) - (left->line < right->line);
}

/* The records of a section in the order of their ids. */
static struct record **sorted_records(struct loader *loader, enum section section)
{
	const size_t count = loader->draft->records[section].count;
	struct record **sorted = arena_alloc(loader->scratch, count + 1, sizeof *sorted);

	for (size_t i = 0; i < count; i++)
		sorted[i] = draft_at(loader->draft, section, i);
	qsort(sorted, count, sizeof(struct record *), record_order);
	return sorted;
}

static void note_ids(struct resolver *r, enum section section, struct record *const *sorted)
{
	const size_t count = r->loader->draft->records[section].count;
	const char **ids = arena_alloc(r->loader->scratch, count + 1, sizeof *ids);

	for (size_t i = 0; i < count; i++)
		ids[i] = sorted[i]->id;
	r->ids[section] = ids;
	r->id_counts[section] = count;
}

static int id_order(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

/* Whether id names a record of the section; complains when it does not. NULL was complained of
 * before. */
static bool names_one(struct resolver *r, enum section target, const char *id, int line,
		      const char *what)
{
	const char *const *ids = r->ids[target];
	const size_t count = r->id_counts[target];

	if (!id)
		return false;
	if (bsearch(id, ids, count, sizeof *ids, id_order))
		return true;
	loader_error(r->loader, line, what, "there is no %s \"%s\"%s", conf_sections[target].one,
		     id, loader_hint(r->loader, id, ids, count));
	return false;
}

static void load_zone(struct resolver *r, struct loaded_zone *loaded)
{
	struct conf *conf = r->loader->conf;
	struct buf bytes = buf_make(ZONE_BYTES_MAX);
	struct zone *zone;

	if (zoneinfo_load(loaded->name, &zone, &bytes, &loaded->err) == STATUS_OK) {
		conf->zones = arena_grow(conf->arena, conf->zones, conf->zone_count,
					 &r->kept_capacity, sizeof(struct zone *));
		conf->zones[conf->zone_count++] = zone;
		loaded->zone = zone;
		bytes_sha256_hex(buf_text(&bytes), bytes.len, loaded->hash);
	}
	buf_free(&bytes);
}

static const struct loaded_zone *zone_by_name(struct resolver *r, const char *name)
{
	struct loaded_zone *loaded;

	for (size_t i = 0; i < r->zone_count; i++)
		if (strcmp(r->zones[i].name, name) == 0)
			return &r->zones[i];
	r->zones = arena_grow(r->loader->scratch, r->zones, r->zone_count, &r->zone_capacity,
			      sizeof *r->zones);
	loaded = &r->zones[r->zone_count++];
	*loaded = (struct loaded_zone){.name = name};
	load_zone(r, loaded);
	return loaded;
}

/* The zone by its name, added to the hash; NULL after a complaint. */
static const struct zone *resolve_zone(struct resolver *r, const char *name, int line,
				       const char *what, bool complain)
{
	const struct loaded_zone *loaded = zone_by_name(r, name);

	if (!loaded->zone && complain)
		loader_error(r->loader, line, what, "%s", loaded->err.text);
	buf_addf(&r->loader->hash, "zone %s %s\n", name, loaded->hash);
	return loaded->zone;
}

static void hash_span(struct buf *hash, struct span span)
{
	buf_addf(hash, " %d/%d", span.count, (int)span.unit);
}

static void hash_cadence(struct buf *hash, const struct cadence *cadence)
{
	buf_addf(hash, "cadence %s", cadence->id);
	hash_span(hash, cadence->every);
	hash_span(hash, cadence->grace);
	hash_span(hash, cadence->warn);
	hash_span(hash, cadence->meeting_every);
	hash_span(hash, cadence->decide_after);
	for (size_t i = 0; i < cadence->escalate_count; i++)
		hash_span(hash, cadence->escalate[i]);
	buf_addc(hash, '\n');
}

static void check_not_longer(struct loader *loader, const struct draft_cadence *draft,
			     const char *key, struct span span)
{
	char longer[SPAN_TEXT_SIZE], every[SPAN_TEXT_SIZE];

	if (!record_gives(SECTION_CADENCE, &draft->head, key) ||
	    span_about_days(span) <= span_about_days(draft->every))
		return;
	loader_error(loader, record_line(SECTION_CADENCE, &draft->head, key),
		     loader_what(loader, SECTION_CADENCE, draft->head.id, key),
		     "%s is longer than every, which is %s; it should be shorter",
		     span_say(span, longer), span_say(draft->every, every));
}

static struct cadence resolve_cadence(struct loader *loader, struct draft_cadence *draft)
{
	struct cadence cadence = {.id = draft->head.id,
				  .every = draft->every,
				  .warn = draft->warn,
				  .meeting_every = draft->meeting_every,
				  .escalate_count = draft->escalate.count,
				  .decide_after = draft->decide_after,
				  .origin = origin_of(loader, loader->arena, draft->head.line)};

	check_not_longer(loader, draft, "grace", draft->grace);
	check_not_longer(loader, draft, "warn", draft->warn);
	if (draft->grace.count == 0)
		draft->grace = cadence_default_grace(draft->every);
	cadence.grace = draft->grace;
	memcpy(cadence.escalate, draft->escalate.items, sizeof cadence.escalate);
	return cadence;
}

/* Where the file defines no cadence, one that is called standard is there all the same. */
static void define_standard(struct loader *loader)
{
	struct records *records = &loader->draft->records[SECTION_CADENCE];
	struct draft_cadence *draft = arena_alloc(loader->arena, 1, sizeof *draft);

	draft->head.id = STANDARD_CADENCE;
	draft->every = cadence_fallback()->every;
	draft->decide_after = cadence_fallback()->decide_after;
	*records = (struct records){.items = (char *)draft, .count = 1};
}

static void resolve_cadences(struct resolver *r)
{
	struct loader *loader = r->loader;
	struct roster *roster = &loader->conf->roster;
	struct record **sorted;
	struct cadence *cadences;

	if (loader->draft->records[SECTION_CADENCE].count == 0)
		define_standard(loader);
	sorted = sorted_records(loader, SECTION_CADENCE);
	note_ids(r, SECTION_CADENCE, sorted);
	roster->cadence_count = r->id_counts[SECTION_CADENCE];
	cadences = arena_alloc(loader->arena, roster->cadence_count, sizeof *cadences);
	for (size_t i = 0; i < roster->cadence_count; i++) {
		cadences[i] = resolve_cadence(loader, (struct draft_cadence *)sorted[i]);
		hash_cadence(&loader->hash, &cadences[i]);
	}
	roster->cadences = cadences;
}

/* Keys that only some types of channel have. */
static void check_channel_keys(struct loader *loader, const struct draft_channel *draft)
{
	size_t count;
	const struct key *keys = keys_of(SECTION_CHANNEL, &count);

	for (size_t i = 0; i < count; i++) {
		const struct key *key = &keys[i];
		const bool given = draft->head.lines[i] > 0;
		const char *what = loader_what(loader, SECTION_CHANNEL, draft->head.id, key->name);

		if (key->channel_types == 0)
			continue;
		if (given && !(key->channel_types & CHANNEL_BIT(draft->type)))
			loader_error(loader, draft->head.lines[i], what,
				     "a channel of type %s has no such key; it should be left out",
				     channel_type_name((enum channel_type)draft->type));
		if (!given && key->required && key->channel_types & CHANNEL_BIT(draft->type))
			loader_error(loader, draft->head.line, what, "is missing; it should be %s",
				     value_kinds[key->type].words);
	}
}

/* A secret in a file that everybody on the machine may read is none. */
static void check_secret_place(struct loader *loader, const struct draft_channel *draft,
			       const char *key, const struct secret *secret)
{
	if (!secret->text || secret->file || !loader->world_readable)
		return;
	loader_error(
	    loader, record_line(SECTION_CHANNEL, &draft->head, key),
	    loader_what(loader, SECTION_CHANNEL, draft->head.id, key),
	    "is a secret in a file that everybody may read; `chmod o-r %s`, or put it in a file "
	    "of its own and name that by %s_file",
	    loader->base, key);
}

static void check_tls(struct loader *loader, struct draft_channel *draft)
{
	const bool implicit = strncmp(draft->url.text, "smtps://", 8) == 0;
	const int line = record_line(SECTION_CHANNEL, &draft->head, "tls");
	const char *what = loader_what(loader, SECTION_CHANNEL, draft->head.id, "tls");

	if (!record_gives(SECTION_CHANNEL, &draft->head, "tls"))
		draft->tls = implicit ? TLS_IMPLICIT : TLS_STARTTLS;
	if (implicit && draft->tls != TLS_IMPLICIT)
		loader_error(loader, line, what,
			     "smtps:// is implicit TLS; the url should start with "
			     "smtp://, or tls should be left out");
	if (!implicit && draft->tls == TLS_IMPLICIT)
		loader_error(loader, line, what,
			     "implicit TLS should go with a url that starts with smtps://");
	if (draft->tls == TLS_NONE && !address_is_loopback(draft->url.text))
		loader_warn(loader, line, what, "mail leaves this machine in clear text%s",
			    draft->password.text ? ", and so does the password" : "");
}

/* Complains of the url, or warns; false when there is none that can be used. */
static bool check_url(struct loader *loader, const struct draft_channel *draft)
{
	const int line = record_line(SECTION_CHANNEL, &draft->head, "url");
	const char *what = loader_what(loader, SECTION_CHANNEL, draft->head.id, "url");
	const char *wrong;

	if (!draft->url.text || (loader->offline && draft->url.file))
		return false;
	wrong = address_check_url(draft->url.text, conf_channels[draft->type].schemes);
	if (wrong) {
		loader_error(loader, line, what, "%s", wrong);
		return false;
	}
	if (strncmp(draft->url.text, "http://", 7) == 0 && !address_is_loopback(draft->url.text))
		loader_warn(loader, line, what,
			    "what is sent can be read on the way; https:// would be safe");
	return true;
}

/* The file that holds the certificates, from / on; complains of one that holds none. */
static const char *find_ca_file(struct loader *loader, const struct draft_channel *draft)
{
	const int line = record_line(SECTION_CHANNEL, &draft->head, "ca_file");
	const char *what = loader_what(loader, SECTION_CHANNEL, draft->head.id, "ca_file");
	struct buf bytes = buf_make(CA_FILE_MAX + 1);
	struct error err;
	char *path;

	if (!draft->ca_file || loader->offline)
		return NULL;
	path = path_beside(loader->conf->path, draft->ca_file);
	if (file_read(path, CA_FILE_MAX, &bytes, NULL, &err) != STATUS_OK)
		loader_error(loader, line, what, "%s", err.text);
	else if (!strstr(buf_text(&bytes), "-----BEGIN CERTIFICATE-----"))
		loader_error(loader, line, what, "%s holds no certificate; it should be PEM", path);
	buf_free(&bytes);
	char *kept = arena_strdup(loader->arena, path);
	free(path);
	return kept;
}

static void check_login(struct loader *loader, const struct draft_channel *draft)
{
	const bool user = record_gives(SECTION_CHANNEL, &draft->head, "user");
	const bool password = record_gives(SECTION_CHANNEL, &draft->head, "password");

	if (user == password)
		return;
	loader_error(
	    loader, record_line(SECTION_CHANNEL, &draft->head, user ? "user" : "password"),
	    loader_what(loader, SECTION_CHANNEL, draft->head.id, user ? "user" : "password"),
	    "there is no %s; there should be both or neither", user ? "password" : "user");
}

static void check_channel(struct loader *loader, struct draft_channel *draft)
{
	const struct channel_info *info;

	/* Without a type nothing more can be said; that it is missing or wrong was said. */
	if (draft->type < 0)
		return;
	info = &conf_channels[draft->type];
	if (draft->detail < 0)
		draft->detail = (int)info->detail;
	check_channel_keys(loader, draft);
	if (check_url(loader, draft) && draft->type == CHANNEL_SMTP)
		check_tls(loader, draft);
	if (draft->type == CHANNEL_SMTP)
		check_login(loader, draft);
	if (info->url_is_secret)
		check_secret_place(loader, draft, "url", &draft->url);
	check_secret_place(loader, draft, "password", &draft->password);
	check_secret_place(loader, draft, "secret", &draft->secret);
}

/* The first smtp channel in the order of the file. */
static const struct channel *first_mail(struct loader *loader)
{
	const size_t count = loader->draft->records[SECTION_CHANNEL].count;

	for (size_t i = 0; i < count; i++) {
		const struct draft_channel *draft = draft_at(loader->draft, SECTION_CHANNEL, i);

		if (draft->type == CHANNEL_SMTP)
			return roster_channel(&loader->conf->roster, draft->head.id);
	}
	return NULL;
}

static void resolve_channels(struct resolver *r)
{
	struct loader *loader = r->loader;
	struct roster *roster = &loader->conf->roster;
	struct record **sorted = sorted_records(loader, SECTION_CHANNEL);
	struct channel *channels;

	note_ids(r, SECTION_CHANNEL, sorted);
	roster->channel_count = r->id_counts[SECTION_CHANNEL];
	channels = arena_alloc(loader->arena, roster->channel_count + 1, sizeof *channels);
	for (size_t i = 0; i < roster->channel_count; i++) {
		struct draft_channel *draft = (struct draft_channel *)sorted[i];

		check_channel(loader, draft);
		channels[i] = (struct channel){
		    .id = draft->head.id,
		    .type = draft->type < 0 ? CHANNEL_SMTP : (enum channel_type)draft->type,
		    .url = draft->url.text,
		    .from = draft->from,
		    .user = draft->user,
		    .password = draft->password.text,
		    .secret = draft->secret.text,
		    .tls = (enum channel_tls)draft->tls,
		    .ca_file = find_ca_file(loader, draft),
		    .detail = draft->detail < 0 ? DETAIL_SHORT : (enum detail)draft->detail,
		    .origin = origin_of(loader, loader->arena, draft->head.line),
		};
	}
	roster->channels = channels;
	roster->mail = first_mail(loader);
}

/* The channels that a list names, each once. */
static const struct channel **resolve_channel_list(struct resolver *r, const struct texts *list,
						   const char *what, size_t *ret_count)
{
	const struct channel **channels =
	    arena_alloc(r->loader->arena, list->count + 1, sizeof *channels);
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const char *id = list->items[i];

		if (!names_one(r, SECTION_CHANNEL, id, list->lines[i], what))
			continue;
		for (size_t j = 0; j < count; j++)
			if (strcmp(channels[j]->id, id) == 0)
				loader_error(r->loader, list->lines[i], what,
					     "\"%s\" stands there twice; once is right", id);
		channels[count++] = roster_channel(&r->loader->conf->roster, id);
	}
	*ret_count = count;
	return channels;
}

static void resolve_events(struct resolver *r)
{
	const struct texts *list = &r->loader->draft->global.events;
	struct roster *roster = &r->loader->conf->roster;

	roster->events = resolve_channel_list(r, list, "events", &roster->event_count);
	for (size_t i = 0; i < roster->event_count; i++) {
		const struct channel *channel = roster->events[i];

		if (channel->type != CHANNEL_WEBHOOK)
			loader_error(
			    r->loader,
			    record_line(SECTION_GLOBAL, &r->loader->draft->global.head, "events"),
			    "events",
			    "\"%s\" is of type %s; events should go to channels of type webhook",
			    channel->id, channel_type_name(channel->type));
	}
}

/* An owner who names no channel gets the first smtp channel of the file. */
static void default_channels(struct loader *loader, struct draft_owner *draft)
{
	const size_t count = loader->draft->records[SECTION_CHANNEL].count;

	for (size_t i = 0; i < count; i++) {
		const struct draft_channel *channel = draft_at(loader->draft, SECTION_CHANNEL, i);

		if (channel->type != CHANNEL_SMTP)
			continue;
		draft->channels = (struct texts){
		    .items = arena_alloc(loader->arena, 1, sizeof(char *)),
		    .lines = arena_alloc(loader->arena, 1, sizeof(int)),
		    .count = 1,
		};
		draft->channels.items[0] = channel->head.id;
		draft->channels.lines[0] = draft->head.line;
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
	else if (draft->channels.count == 0)
		loader_error(loader, line, what, "names none; it should name at least one channel");
	owner->channels = resolve_channel_list(r, &draft->channels, what, &owner->channel_count);
	for (size_t i = 0; i < owner->channel_count; i++)
		mail |= owner->channels[i]->type == CHANNEL_SMTP;
	if (mail && !record_gives(SECTION_OWNER, &draft->head, "email"))
		loader_error(
		    loader, draft->head.line,
		    loader_what(loader, SECTION_OWNER, draft->head.id, "email"),
		    "is missing; an owner with an smtp channel should have a mail address");
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

static const char *resolve_deputy(struct resolver *r, const struct draft_owner *draft,
				  const char *key, const char *id)
{
	const int line = record_line(SECTION_OWNER, &draft->head, key);
	const char *what = loader_what(r->loader, SECTION_OWNER, draft->head.id, key);

	if (!id || !names_one(r, SECTION_OWNER, id, line, what))
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
			      .weekly = draft->weekly,
			      .origin = origin_of(loader, loader->arena, draft->head.line)};

	if (!draft->name)
		draft->name = draft->head.id;
	if (!own_zone)
		draft->timezone = loader->draft->global.timezone;
	owner.name = draft->name;
	owner.zone =
	    resolve_zone(r, draft->timezone, record_line(SECTION_OWNER, &draft->head, "timezone"),
			 zone_what, own_zone);
	resolve_holidays(r, draft, &owner.workdays);
	note_set_ends(r, draft, &owner);
	resolve_away(loader, &draft->away, &owner);
	check_review_day(loader, draft);
	resolve_owner_channels(r, draft, &owner);
	owner.backup = resolve_deputy(r, draft, "backup", draft->backup);
	owner.manager = resolve_deputy(r, draft, "manager", draft->manager);
	hash_owner(&loader->hash, &owner);
	return owner;
}

static void resolve_owners(struct resolver *r)
{
	struct loader *loader = r->loader;
	struct roster *roster = &loader->conf->roster;
	struct record **sorted = sorted_records(loader, SECTION_OWNER);
	struct owner *owners;

	note_ids(r, SECTION_OWNER, sorted);
	roster->owner_count = r->id_counts[SECTION_OWNER];
	owners = arena_alloc(loader->arena, roster->owner_count + 1, sizeof *owners);
	for (size_t i = 0; i < roster->owner_count; i++)
		owners[i] = resolve_owner(r, (struct draft_owner *)sorted[i]);
	roster->owners = owners;
}

/* "strategic, standard": at most a handful of names, for a message. */
static const char *some_names(struct resolver *r, enum section section)
{
	struct buf names = buf_make(256);
	const char *text;

	for (size_t i = 0; i < r->id_counts[section] && i < 6; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", r->ids[section][i]);
	text = arena_strdup(r->loader->scratch, buf_text(&names));
	buf_free(&names);
	return text;
}

static void default_cadence(struct resolver *r, struct draft_partner *draft)
{
	struct loader *loader = r->loader;

	if (roster_cadence(&loader->conf->roster, STANDARD_CADENCE))
		draft->entry.cadence = STANDARD_CADENCE;
	else
		loader_error(loader, draft->head.line,
			     loader_what(loader, SECTION_PARTNER, draft->head.id, "cadence"),
			     "is missing, and no cadence is called " STANDARD_CADENCE
			     "; it should be one of: %s",
			     some_names(r, SECTION_CADENCE));
}

/* The only one whom a ladder of this owner reaches; NULL: there are two, or nobody. */
static const char *only_one(const struct owner *owner)
{
	if (!owner->backup || !owner->manager)
		return owner->backup ? owner->backup : owner->manager;
	return strcmp(owner->backup, owner->manager) == 0 ? owner->backup : NULL;
}

static void warn_of_short_ladder(struct resolver *r, const struct draft_partner *draft,
				 const struct owner *owner, const struct cadence *cadence)
{
	if (cadence->escalate_count < 2 || !only_one(owner))
		return;
	loader_warn(r->loader, draft->head.line,
		    loader_what(r->loader, SECTION_PARTNER, draft->head.id, NULL),
		    "cadence %s escalates in two steps, and owner %s has only %s to escalate to: "
		    "a backup and a manager who is somebody else would be right",
		    cadence->id, owner->id, only_one(owner));
}

/* Says once per owner that a ladder leads nowhere, or not far. said: by the owner's place in the
 * roster. */
static void check_ladder(struct resolver *r, const struct draft_partner *draft, bool *said)
{
	const struct roster *roster = &r->loader->conf->roster;
	const struct owner *owner = roster_owner(roster, draft->entry.owner);
	const struct cadence *cadence = roster_cadence(roster, draft->entry.cadence);

	if (!owner || !cadence || cadence->escalate_count == 0 || said[owner - roster->owners])
		return;
	if (owner->backup || owner->manager) {
		said[owner - roster->owners] = cadence->escalate_count == 2 && only_one(owner);
		warn_of_short_ladder(r, draft, owner, cadence);
		return;
	}
	said[owner - roster->owners] = true;
	loader_error(
	    r->loader, draft->head.line,
	    loader_what(r->loader, SECTION_PARTNER, draft->head.id, NULL),
	    "cadence %s escalates, but there is nobody to escalate to; owner %s should have "
	    "a backup or a manager, or the cadence no escalate",
	    cadence->id, owner->id);
}

static void resolve_partner(struct resolver *r, struct draft_partner *draft, bool *said)
{
	struct loader *loader = r->loader;
	struct partner_entry *entry = &draft->entry;

	if (!entry->name)
		entry->name = entry->id;
	entry->origin = origin_of(loader, loader->conf->partner_arena, draft->head.line);
	(void)names_one(r, SECTION_OWNER, entry->owner,
			record_line(SECTION_PARTNER, &draft->head, "owner"),
			loader_what(loader, SECTION_PARTNER, draft->head.id, "owner"));
	if (!record_gives(SECTION_PARTNER, &draft->head, "cadence"))
		default_cadence(r, draft);
	else
		(void)names_one(r, SECTION_CADENCE, entry->cadence,
				record_line(SECTION_PARTNER, &draft->head, "cadence"),
				loader_what(loader, SECTION_PARTNER, draft->head.id, "cadence"));
	check_ladder(r, draft, said);
}

static void resolve_partners(struct resolver *r)
{
	struct loader *loader = r->loader;
	struct conf *conf = loader->conf;
	const size_t count = loader->draft->records[SECTION_PARTNER].count;
	struct record **sorted = sorted_records(loader, SECTION_PARTNER);
	struct partner_entry *partners =
	    arena_alloc(conf->partner_arena, count + 1, sizeof *partners);
	bool *said = arena_alloc(loader->scratch, conf->roster.owner_count + 1, sizeof *said);

	for (size_t i = 0; i < count; i++) {
		struct draft_partner *draft = (struct draft_partner *)sorted[i];

		resolve_partner(r, draft, said);
		partners[i] = draft->entry;
		if (i > 0 && strcmp(sorted[i - 1]->id, sorted[i]->id) == 0)
			loader_error(
			    loader, sorted[i]->line,
			    loader_what(loader, SECTION_PARTNER, sorted[i]->id, "id"),
			    "is already the id of the partner at %s:%d; each should have its own",
			    loader->base, sorted[i - 1]->line);
	}
	conf->partners = partners;
	conf->partner_count = count;
}

static void resolve_global(struct resolver *r)
{
	struct conf *conf = r->loader->conf;
	const struct draft_global *global = &r->loader->draft->global;

	conf->database = global->database;
	conf->control = global->control;
	conf->deliver = (enum deliver)global->deliver;
	conf->redirect_to = global->redirect_to;
	conf->keep_history = global->keep_history;
	conf->roster.admins = global->admin.items;
	conf->roster.admin_count = global->admin.count;
	conf->roster.zone =
	    resolve_zone(r, global->timezone,
			 record_line(SECTION_GLOBAL, &global->head, "timezone"), "timezone", true);
}

void resolve_draft(struct loader *loader)
{
	struct resolver r = {.loader = loader};

	resolve_global(&r);
	resolve_cadences(&r);
	resolve_channels(&r);
	resolve_events(&r);
	resolve_owners(&r);
	resolve_partners(&r);
	bytes_sha256_hex(buf_text(&loader->hash), loader->hash.len, loader->conf->roster.hash);
}
