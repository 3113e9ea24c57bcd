/* Says what is wrong with a value and what would be right. Never repeats a text that has not been
 * checked: it may be there to deceive whoever reads the message. */
#include "store/check.h"

#include <string.h>

#include "base/buf.h"

#define CHOICES_SHOWN_MAX 20	/* more names do not help */
#define CHOICES_TEXT_MAX  800	/* bytes */
#define NEAR_MISSES_MAX	  20000 /* partners that are compared */

enum status check_text(const char *what, const char *text, enum text_rule rule, size_t min,
		       size_t max, struct error *err)
{
	char scratch[TEXT_FAULT_SIZE];
	const char *fault;

	if (!text)
		return STATUS_OK;
	fault = text_check(text, strlen(text), rule, min, max, scratch);
	return fault ? error_fail(err, STATUS_INVALID, "%s %s", what, fault) : STATUS_OK;
}

enum status check_id(const char *what, const char *id, struct error *err)
{
	char scratch[TEXT_FAULT_SIZE];

	if (text_is_id(id))
		return STATUS_OK;
	if (text_check(id, strlen(id), TEXT_LINE, 1, TEXT_ID_MAX, scratch))
		return error_fail(err, STATUS_INVALID, "%s is not an id: " TEXT_ID_RULE, what);
	return error_fail(err, STATUS_INVALID, "%s is not an id: \"%s\" should be " TEXT_ID_RULE,
			  what, id);
}

/* Fails with the nearest of the names, or with all of them. */
static enum status unknown(const char *what, const char *id, const char *const *names, size_t count,
			   struct error *err)
{
	const int nearest = id ? text_nearest(id, names, count) : -1;
	struct buf all = buf_make(CHOICES_TEXT_MAX);

	for (size_t i = 0; i < count && i < CHOICES_SHOWN_MAX; i++)
		buf_addf(&all, "%s%s", i > 0 ? ", " : "", names[i]);
	if (count > CHOICES_SHOWN_MAX)
		buf_adds(&all, ", …");
	if (count == 0)
		error_set(err, "no %s is configured", what);
	else if (!id)
		error_set(err, "%s is missing; choose one of: %s", what, buf_text(&all));
	else if (nearest >= 0)
		error_set(err, "no %s \"%s\" is configured; did you mean %s?", what, id,
			  names[nearest]);
	else
		error_set(err, "no %s \"%s\" is configured; choose one of: %s", what, id,
			  buf_text(&all));
	buf_free(&all);
	return STATUS_INVALID;
}

enum status check_owner(const struct scene *scene, const char *what, const char *id,
			struct error *err)
{
	const struct roster *roster = scene->roster;
	enum status status = id ? check_id(what, id, err) : STATUS_OK;

	if (status != STATUS_OK || roster_owner(roster, id))
		return status;
	struct arena *arena = arena_new();
	const char **names = arena_alloc(arena, roster->owner_count + 1, sizeof(*names));
	for (size_t i = 0; i < roster->owner_count; i++)
		names[i] = roster->owners[i].id;
	status = unknown(what, id, names, roster->owner_count, err);
	arena_free(arena);
	return status;
}

enum status check_cadence(const struct scene *scene, const char *id, struct error *err)
{
	const struct roster *roster = scene->roster;
	enum status status = id ? check_id("cadence", id, err) : STATUS_OK;

	if (status != STATUS_OK || roster_cadence(roster, id))
		return status;
	struct arena *arena = arena_new();
	const char **names = arena_alloc(arena, roster->cadence_count + 1, sizeof(*names));
	for (size_t i = 0; i < roster->cadence_count; i++)
		names[i] = roster->cadences[i].id;
	status = unknown("cadence", id, names, roster->cadence_count, err);
	arena_free(arena);
	return status;
}

enum status check_ladder(const struct scene *scene, const char *owner, const char *cadence,
			 struct error *err)
{
	const struct owner *o = roster_owner(scene->roster, owner);
	const struct cadence *c = roster_cadence(scene->roster, cadence);

	if (!o || !c || c->escalate_count == 0 || o->backup || o->manager)
		return STATUS_OK;
	return error_fail(err, STATUS_INVALID,
			  "cadence %s escalates, but owner %s has nobody to escalate to: take "
			  "another cadence, or give %s a backup or a manager in the configuration",
			  c->id, o->id, o->id);
}

/* Id and name of each partner, in turn; when there are very many, of those with the same first
 * letter. */
static size_t read_names(struct db *db, const char *like, struct arena *arena,
			 const char ***ret_names)
{
	struct query *query =
	    db_query(db, "SELECT id, name FROM partner WHERE (SELECT count(*) FROM partner) <= $2"
			 " OR substr(id, 1, 1) = lower(substr($1, 1, 1)) ORDER BY id LIMIT $2");
	const char **names = NULL;
	size_t count = 0, capacity = 0;

	db_bind_text(query, 1, like);
	db_bind(query, 2, NEAR_MISSES_MAX);
	while (db_step(query))
		for (int column = 0; column < 2; column++) {
			names = arena_grow(arena, names, count, &capacity, sizeof(*names));
			names[count++] = arena_strdup(arena, db_text(query, column));
		}
	*ret_names = names;
	return count;
}

enum status check_no_partner(struct db *db, const char *id, struct error *err)
{
	char scratch[TEXT_FAULT_SIZE];
	const char **names = NULL;

	/* Anybody's words are repeated only when they may be a name. */
	if (text_check(id, strlen(id), TEXT_LINE, 1, TEXT_NAME_MAX, scratch))
		return error_fail(err, STATUS_NOT_FOUND,
				  "there is no such partner: that is neither an id nor a name");
	struct arena *arena = arena_new();
	const size_t count = read_names(db, id, arena, &names);
	const int nearest = text_nearest(id, names, count);

	if (nearest >= 0)
		error_set(err, "there is no partner \"%s\"; did you mean %s?", id,
			  names[nearest / 2 * 2]);
	else if (text_is_id(id))
		error_set(err, "there is no partner \"%s\"", id);
	else
		error_set(err, "\"%s\" is no partner's id; 'cadencectl list' shows the ids", id);
	arena_free(arena);
	return STATUS_NOT_FOUND;
}

enum status check_day(const char *what, day d, struct error *err)
{
	if (d >= DAY_MIN && d <= DAY_MAX)
		return STATUS_OK;
	return error_fail(err, STATUS_INVALID, "%s lies outside of 1900-01-01 to 2999-12-31", what);
}

enum status check_contact_day(day d, struct error *err)
{
	char text[DAY_TEXT_SIZE];

	if (d >= DAY_MIN && d < CONTACT_DAY_MIN)
		return error_fail(
		    err, STATUS_INVALID,
		    "the contact's day, %s, lies before 1970; leave out what is older",
		    day_iso(d, text));
	return check_day("the contact's day", d, err);
}

enum status check_cold_mark(const struct scene *scene, const char *cadence, int cold_mark,
			    struct error *err)
{
	const struct cadence *c = roster_cadence(scene->roster, cadence);
	char every[SPAN_TEXT_SIZE];

	if (!c || cold_mark == 0 || cold_mark >= span_about_days(c->every))
		return STATUS_OK;
	return error_fail(err, STATUS_INVALID,
			  "cold_mark: %d days lie before the due day of cadence %s, which is every "
			  "%s; it should be as long at least",
			  cold_mark, c->id, span_say(c->every, every));
}

enum status check_since(const struct scene *scene, day since, struct error *err)
{
	const day latest = zone_day(scene->roster->zone, scene->now) + SINCE_DAYS_MAX;
	char since_text[DAY_TEXT_SIZE], latest_text[DAY_TEXT_SIZE];

	if (since <= latest || since > DAY_MAX)
		return check_day("since", since, err);
	return error_fail(err, STATUS_INVALID,
			  "since: %s is more than a year ahead, and nobody would be nudged until "
			  "then; the latest is %s",
			  day_iso(since, since_text), day_iso(latest, latest_text));
}

enum status check_not_ahead(const struct scene *scene, const struct owner *owner, day d,
			    struct error *err)
{
	const struct zone *zone = owner ? owner->zone : scene->roster->zone;
	const day today = zone_day(zone, scene->now);
	char day_text[DAY_TEXT_SIZE], today_text[DAY_TEXT_SIZE];

	if (d <= today)
		return STATUS_OK;
	return error_fail(err, STATUS_INVALID, "%s is after today (%s in %s)", day_iso(d, day_text),
			  day_iso(today, today_text), zone_name(zone));
}
