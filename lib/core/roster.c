/* Finding people, cadences and channels, and counting who still uses a roster. */
#include "core/roster.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define GRACE_DAYS_MIN 3
#define GRACE_DAYS_MAX 21

struct roster *roster_ref(struct roster *roster)
{
	atomic_fetch_add(&roster->references, 1);
	return roster;
}

void roster_unref(struct roster *roster)
{
	if (roster && atomic_fetch_sub(&roster->references, 1) == 1)
		roster->destroy(roster);
}

/* Every one of these structs starts with its id. */
_Static_assert(offsetof(struct owner, id) == 0, "owner starts with its id");
_Static_assert(offsetof(struct cadence, id) == 0, "cadence starts with its id");
_Static_assert(offsetof(struct channel, id) == 0, "channel starts with its id");

static int compare_id(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

static const void *find(const char *id, const void *items, size_t count, size_t size)
{
	return id && count ? bsearch(id, items, count, size, compare_id) : NULL;
}

const struct owner *roster_owner(const struct roster *roster, const char *id)
{
	return find(id, roster->owners, roster->owner_count, sizeof(struct owner));
}

const struct cadence *roster_cadence(const struct roster *roster, const char *id)
{
	return find(id, roster->cadences, roster->cadence_count, sizeof(struct cadence));
}

const struct channel *roster_channel(const struct roster *roster, const char *id)
{
	return find(id, roster->channels, roster->channel_count, sizeof(struct channel));
}

const struct cadence *cadence_fallback(void)
{
	static const struct cadence fallback = {
	    .id = "standard",
	    .every = {3, SPAN_MONTHS},
	    .grace = {21, SPAN_DAYS},
	    .decide_after = {12, SPAN_WEEKS},
	    .risk_threshold = RISK_THRESHOLD_DEFAULT,
	    .origin = "built in",
	};

	return &fallback;
}

struct span cadence_default_grace(struct span every)
{
	const int longest = span_about_days(every);
	int days = (longest + 2) / 4;

	if (days < GRACE_DAYS_MIN)
		days = GRACE_DAYS_MIN;
	if (days > GRACE_DAYS_MAX)
		days = GRACE_DAYS_MAX;
	if (days > longest)
		days = longest;
	return (struct span){days, SPAN_DAYS};
}

const char *channel_type_name(enum channel_type type)
{
	static const char *const names[CHANNEL_TYPES] = {
	    [CHANNEL_SMTP] = "smtp",
	    [CHANNEL_WEBHOOK] = "webhook",
	    [CHANNEL_SLACK] = "slack",
	    [CHANNEL_TEAMS] = "teams",
	    [CHANNEL_DISCORD] = "discord",
	    [CHANNEL_MATTERMOST] = "mattermost",
	    [CHANNEL_GOOGLECHAT] = "googlechat",
	    [CHANNEL_MATRIX] = "matrix",
	    [CHANNEL_TELEGRAM] = "telegram",
	    [CHANNEL_ZULIP] = "zulip",
	    [CHANNEL_NTFY] = "ntfy",
	};

	return names[type];
}

bool owner_only_cold(const struct owner *owner, size_t channel)
{
	return owner->only_cold && owner->only_cold[channel];
}

bool owner_hears_hints(const struct owner *owner)
{
	for (size_t i = 0; i < owner->channel_count; i++)
		if (owner->channels[i]->type == CHANNEL_SMTP && !owner_only_cold(owner, i))
			return true;
	return false;
}

/* Whether that minute of the day is quiet; from > to crosses midnight. */
static bool is_quiet(const struct owner *owner, int minute)
{
	if (owner->quiet_from <= owner->quiet_to)
		return minute >= owner->quiet_from && minute < owner->quiet_to;
	return minute >= owner->quiet_from || minute < owner->quiet_to;
}

instant owner_quiet_until(const struct owner *owner, instant at)
{
	const struct local local = zone_local(owner->zone, at);
	const int minute = local.second / 60;
	const int end = owner->quiet_to * 60;

	if (!is_quiet(owner, minute))
		return at;
	const instant until =
	    zone_instant(owner->zone, minute < owner->quiet_to ? local.day : local.day + 1, end);
	/* An hour that the clock shows twice may end before it began. */
	return until > at ? until : at;
}

/* ---- calendars that have run out ---- */

static bool calendar_ended(const struct owner *owner, day today)
{
	return owner->workdays.holiday_count > 0 && workdays_last_holiday(&owner->workdays) < today;
}

static void warn_of_calendar(const struct owner *owner, day today, roster_warning *warn, void *arg)
{
	char *text;

	for (size_t i = 0; i < owner->holiday_set_count; i++) {
		const struct holiday_set_end *set = &owner->holiday_sets[i];

		if (set->last >= today)
			continue;
		text =
		    mem_printf("%s: owner %s: holidays: none of set %s lies ahead; is it complete?",
			       owner->origin, owner->id, set->id);
		warn(arg, text);
		free(text);
	}
	if (!calendar_ended(owner, today))
		return;
	text = mem_printf("%s: owner %s: holidays: none lies ahead; is the calendar complete?",
			  owner->origin, owner->id);
	warn(arg, text);
	free(text);
}

void roster_warn_of_calendars(const struct roster *roster, instant now, roster_warning *warn,
			      void *arg)
{
	for (size_t i = 0; i < roster->owner_count; i++) {
		const struct owner *owner = &roster->owners[i];

		warn_of_calendar(owner, zone_day(owner->zone, now), warn, arg);
	}
}
