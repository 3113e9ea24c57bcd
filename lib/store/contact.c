/* Contacts: logged, changed, removed, listed. DESIGN.md section 6, "Base" and "Answers".
 *
 * The same contact is written once, however often it comes: its identity says which it is. */
#include "store/contact.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "store/check.h"
#include "store/event.h"
#include "store/partner.h"
#include "store/past.h"
#include "store/rhythm.h"
#include "store/rows.h"

#define IDENTITY_CONF "conf"

/* ---- identity and sameness ---- */

/* person: NULL, or what sets it apart from one that is the same otherwise. */
static char *identity_of(const struct contact *contact, const char *person, struct arena *arena)
{
	char hex[SHA256_HEX_SIZE], day_text[DAY_TEXT_SIZE];
	char *content;

	if (contact->ext_id)
		return arena_printf(arena, "x:%s", contact->ext_id);
	content = arena_printf(
	    arena, "%s|%s|%s|%s", day_iso(contact->day, day_text), contact_kind_name(contact->kind),
	    contact_direction_name(contact->direction), contact->note ? contact->note : "");
	if (person)
		/* No text has this byte. */
		content = arena_printf(arena, "%s\x1f%s", content, person);
	bytes_sha256_hex(content, strlen(content), hex);
	return arena_printf(arena, "h:%s", hex);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_contact(const struct contact *a, const struct contact *b)
{
	return a->day == b->day && a->kind == b->kind && a->direction == b->direction &&
	       a->minutes == b->minutes && same_text(a->by, b->by) &&
	       same_text(a->person, b->person) && same_text(a->note, b->note);
}

static const char *text_or_none(const char *text)
{
	return text && text[0] ? text : NULL;
}

/* ---- writing rows ---- */

static json_t *contact_object(const struct contact *contact)
{
	json_t *object = json_object();

	json_object_set_new(object, "id", json_integer(contact->id));
	json_object_set_new(object, "day", event_day(contact->day));
	json_object_set_new(object, "kind", event_text(contact_kind_name(contact->kind)));
	json_object_set_new(object, "direction",
			    event_text(contact_direction_name(contact->direction)));
	json_object_set_new(object, "minutes",
			    contact->minutes == CONTACT_MINUTES_UNKNOWN
				? json_null()
				: json_integer(contact->minutes));
	json_object_set_new(object, "by", event_text(contact->by));
	json_object_set_new(object, "person", event_text(contact->person));
	json_object_set_new(object, "note", event_text(contact->note));
	json_object_set_new(object, "source", event_text(contact->source));
	json_object_set_new(object, "ext_id", event_text(contact->ext_id));
	json_object_set_new(object, "origin", event_text(contact->origin));
	json_object_set_new(object, "entered", json_integer(contact->entered));
	return object;
}

static void bind_contact(struct query *query, const struct contact *contact)
{
	db_bind(query, 1, contact->day);
	db_bind_text(query, 2, contact_kind_name(contact->kind));
	db_bind_text(query, 3, contact_direction_name(contact->direction));
	db_bind(query, 4, contact_counts(contact->kind, contact->direction));
	if (contact->minutes != CONTACT_MINUTES_UNKNOWN)
		db_bind(query, 5, contact->minutes);
	db_bind_text(query, 6, contact->by);
	db_bind_text(query, 7, contact->person);
	db_bind_text(query, 8, contact->note);
	db_bind_text(query, 9, contact->origin);
}

static void insert_contact(struct db *db, const struct scene *scene, const struct facts *facts,
			   struct contact *contact, const char *identity)
{
	struct query *query = db_query(
	    db, "INSERT INTO contact (day, kind, direction, counts, minutes, \"by\", person, note,"
		" origin, partner, source, ext_id, identity, actor, entered)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)");

	bind_contact(query, contact);
	db_bind(query, 10, facts->partner.row);
	db_bind_text(query, 11, contact->source);
	db_bind_text(query, 12, contact->ext_id);
	db_bind_text(query, 13, identity);
	db_bind_text(query, 14, scene->actor);
	db_bind(query, 15, scene->now);
	(void)db_run(query);
	contact->id = db_last_row(db);
	contact->entered = scene->now;
	rhythm_take(db, facts->partner.row, &facts->rhythm, contact);
	partner_tell(db, scene, "contact.logged", facts->partner.row, facts->partner.owner,
		     contact_object(contact));
}

/* A day that is new, or counts only now, is known only now: it ends what was answered before. */
static instant entered_when(const struct scene *scene, const struct contact *before,
			    const struct contact *after)
{
	const bool same =
	    before->day == after->day && contact_counts(before->kind, before->direction) ==
					     contact_counts(after->kind, after->direction);

	return same ? before->entered : scene->now;
}

static void update_contact(struct db *db, const struct scene *scene, const struct facts *facts,
			   const struct contact *before, struct contact *after)
{
	struct query *query = db_query(
	    db, "UPDATE contact SET day = $1, kind = $2, direction = $3, counts = $4, minutes = $5,"
		" \"by\" = $6, person = $7, note = $8, origin = $9, entered = $11 WHERE id = $10");

	after->entered = entered_when(scene, before, after);
	bind_contact(query, after);
	db_bind(query, 10, before->id);
	db_bind(query, 11, after->entered);
	(void)db_run(query);
	rhythm_renew(db, facts->partner.row);
	partner_tell(
	    db, scene, "contact.changed", facts->partner.row, facts->partner.owner,
	    json_pack("{s:o, s:o}", "from", contact_object(before), "to", contact_object(after)));
}

static void delete_contact(struct db *db, const struct scene *scene, int64_t partner_row,
			   const char *owner, const struct contact *contact)
{
	struct query *query = db_query(db, "DELETE FROM contact WHERE id = $1");

	db_bind(query, 1, contact->id);
	(void)db_run(query);
	rhythm_renew(db, partner_row);
	partner_tell(db, scene, "contact.removed", partner_row, owner, contact_object(contact));
}

static bool find_contact(struct db *db, int64_t partner_row, const char *identity,
			 struct arena *arena, struct contact *ret_contact)
{
	struct query *query = db_query(db, "SELECT " ROWS_CONTACT " FROM contact c"
					   " WHERE c.partner = $1 AND c.identity = $2");
	bool found;

	db_bind(query, 1, partner_row);
	db_bind_text(query, 2, identity);
	found = db_step(query);
	if (found)
		*ret_contact = rows_contact(query, arena);
	db_end(query);
	return found;
}

/* ---- contact_write ---- */

static enum status check_contact(const struct scene *scene, const struct contact *contact,
				 struct error *err)
{
	enum status status = check_contact_day(contact->day, err);

	if (status == STATUS_OK && contact->minutes != CONTACT_MINUTES_UNKNOWN &&
	    (contact->minutes < 0 || contact->minutes > CONTACT_MINUTES_MAX))
		status = error_fail(err, STATUS_INVALID, "minutes must lie between 0 and %d",
				    CONTACT_MINUTES_MAX);
	if (status == STATUS_OK && contact->by)
		status = check_owner(scene, "by", contact->by, err);
	if (status == STATUS_OK)
		status = check_text("person", contact->person, TEXT_LINE, 1, TEXT_NAME_MAX, err);
	if (status == STATUS_OK)
		status = check_text("note", contact->note, TEXT_NOTE, 1, TEXT_NOTE_MAX, err);
	if (status == STATUS_OK)
		status =
		    check_text("ext_id", contact->ext_id, TEXT_LINE, 1, CONTACT_EXT_ID_MAX, err);
	return status;
}

/* What the contact becomes when it comes again under its ext_id: what is not said stays. */
static struct contact laid_over(const struct contact *before, const struct contact *contact)
{
	struct contact after = *before;

	after.day = contact->day;
	after.kind = contact->kind;
	after.direction = contact->direction;
	if (contact->minutes != CONTACT_MINUTES_UNKNOWN)
		after.minutes = contact->minutes;
	if (contact->by)
		after.by = contact->by;
	if (contact->person)
		after.person = contact->person;
	if (contact->note)
		after.note = contact->note;
	return after;
}

/* The same without an ext_id: what was not known of it is added. What was known stays, so that rows
 * which differ in it cannot change it to and fro each time a file is imported. */
static struct contact filled_in(const struct contact *before, const struct contact *contact)
{
	struct contact after = *before;

	if (after.minutes == CONTACT_MINUTES_UNKNOWN)
		after.minutes = contact->minutes;
	if (!after.by)
		after.by = contact->by;
	if (!after.person)
		after.person = contact->person;
	return after;
}

/* The same day, kind and words with somebody else is another contact. */
static const char *known_identity(struct db *db, int64_t partner_row, const struct contact *contact,
				  struct arena *arena, struct contact *ret_before, bool *ret_found)
{
	const char *identity = identity_of(contact, NULL, arena), *theirs = NULL;

	if (!contact->ext_id && contact->person) {
		theirs = identity_of(contact, contact->person, arena);
		*ret_found = find_contact(db, partner_row, theirs, arena, ret_before);
		if (*ret_found)
			return theirs;
	}
	*ret_found = find_contact(db, partner_row, identity, arena, ret_before);
	if (!*ret_found || contact->ext_id || !contact->person || !ret_before->person ||
	    strcmp(contact->person, ret_before->person) == 0)
		return identity;
	*ret_found = false;
	return theirs;
}

static enum change_result store_contact(struct db *db, const struct scene *scene,
					const struct facts *facts, struct contact *contact,
					struct arena *arena)
{
	struct contact before, after;
	bool found;

	/* The file's own contact, coming back in an export, is no new one. */
	if (!contact->ext_id &&
	    find_contact(db, facts->partner.row, IDENTITY_CONF, arena, &before) &&
	    strcmp(identity_of(&before, NULL, arena), identity_of(contact, NULL, arena)) == 0) {
		after = filled_in(&before, contact);
		contact->id = before.id;
		if (same_contact(&before, &after))
			return CHANGE_SAME;
	}
	const char *identity =
	    known_identity(db, facts->partner.row, contact, arena, &before, &found);
	if (!found) {
		insert_contact(db, scene, facts, contact, identity);
		return CHANGE_NEW;
	}
	after = contact->ext_id ? laid_over(&before, contact) : filled_in(&before, contact);
	contact->id = before.id;
	if (same_contact(&before, &after))
		return CHANGE_SAME;
	update_contact(db, scene, facts, &before, &after);
	return CHANGE_CHANGED;
}

static enum status write_within(struct db *db, const struct scene *scene, const char *partner,
				struct contact *contact, enum change_result *ret_result,
				struct error *err)
{
	struct arena *arena = arena_new();
	struct facts facts;
	enum status status = partner_facts(db, scene, partner, arena, &facts, err);

	if (status == STATUS_OK)
		status = check_not_ahead(scene, facts.owner, contact->day, err);
	if (status != STATUS_OK)
		goto out;
	*ret_result = store_contact(db, scene, &facts, contact, arena);
	if (*ret_result != CHANGE_SAME)
		status = partner_judge_again(db, scene, facts.partner.row, "contact");
	if (db_status(db) != STATUS_OK)
		status = error_fail(err, db_status(db), "%s", db_error(db));
out:
	arena_free(arena);
	return status;
}

enum status contact_write(struct db *db, const struct scene *scene, const char *partner,
			  const struct contact *contact, bool dry_run, int64_t *ret_id,
			  enum change_result *ret_result, struct error *err)
{
	struct contact wanted = *contact;
	enum change_result result = CHANGE_SAME;
	enum status status;

	wanted.person = text_or_none(wanted.person);
	wanted.note = text_or_none(wanted.note);
	wanted.ext_id = text_or_none(wanted.ext_id);
	wanted.origin = NULL;
	status = check_contact(scene, &wanted, err);
	if (status == STATUS_OK && (status = db_point(db)) != STATUS_OK)
		error_set(err, "%s", db_error(db));
	if (status != STATUS_OK)
		return status;
	status = write_within(db, scene, partner, &wanted, &result, err);
	if (status != STATUS_OK || dry_run)
		db_point_undo(db);
	else
		db_point_keep(db);
	if (status != STATUS_OK)
		return status;
	/* A number that was only tried out names nothing. */
	*ret_id = dry_run && result == CHANGE_NEW ? 0 : wanted.id;
	*ret_result = result;
	return STATUS_OK;
}

/* ---- contact_remove ---- */

enum status contact_remove(struct db *db, const struct scene *scene, int64_t id,
			   struct arena *arena, struct contact_row *ret_removed, struct error *err)
{
	struct query *query =
	    db_query(db, "SELECT " ROWS_CONTACT ", p.row, p.owner, p.id FROM contact c"
			 " JOIN partner p ON p.row = c.partner WHERE c.id = $1");
	struct contact contact;
	const char *owner = NULL, *partner = NULL;
	int64_t row = 0;
	enum status status;

	db_bind(query, 1, id);
	if (db_step(query)) {
		contact = rows_contact(query, arena);
		row = db_int(query, ROWS_CONTACT_COLUMNS);
		owner = arena_strdup(arena, db_text(query, ROWS_CONTACT_COLUMNS + 1));
		partner = arena_strdup(arena, db_text(query, ROWS_CONTACT_COLUMNS + 2));
	}
	db_end(query);
	if (db_status(db) != STATUS_OK) {
		status = error_fail(err, db_status(db), "%s", db_error(db));
	} else if (row == 0) {
		status =
		    error_fail(err, STATUS_NOT_FOUND, "there is no contact %lld", (long long)id);
	} else if (contact.origin) {
		status = error_fail(err, STATUS_CONFLICT,
				    "contact %lld comes from %s; change last_contact there",
				    (long long)id, contact.origin);
	} else {
		delete_contact(db, scene, row, owner, &contact);
		status = partner_judge_again(db, scene, row, "contact");
		if (status != STATUS_OK)
			error_set(err, "%s", db_error(db));
		*ret_removed = (struct contact_row){partner, contact};
	}
	return status;
}

/* ---- the file's contact ---- */

enum status contact_check_file_day(const struct scene *scene, const struct owner *owner,
				   const char *id, day d, const char *origin, struct error *err)
{
	struct error reason;

	if (check_not_ahead(scene, owner, d, &reason) == STATUS_OK)
		return STATUS_OK;
	return error_fail(err, STATUS_INVALID,
			  "%s: partner %s: last_contact: %s; it should be today or before", origin,
			  id, reason.text);
}

static enum status put_file_contact(struct db *db, const struct scene *scene,
				    const struct facts *facts, const struct contact *before, day d,
				    const char *origin, struct error *err)
{
	struct contact contact = {.day = d,
				  .kind = CONTACT_OTHER,
				  .direction = DIRECTION_BOTH,
				  .minutes = CONTACT_MINUTES_UNKNOWN,
				  .source = "conf",
				  .origin = origin};
	struct error reason;

	/* A clock that has gone back must not make the file wrong. */
	if (contact_check_file_day(scene, facts->owner, facts->partner.id, d, origin, &reason) !=
		STATUS_OK &&
	    (instant)d * DAY_MS > past_latest(db))
		return error_fail(err, STATUS_INVALID, "%s", reason.text);
	if (before) {
		contact.id = before->id;
		update_contact(db, scene, facts, before, &contact);
	} else {
		insert_contact(db, scene, facts, &contact, IDENTITY_CONF);
	}
	return STATUS_OK;
}

/* The line it stands on may move; that is no news, but `unlog` names it. */
static void move_file_contact(struct db *db, const struct contact *contact, const char *origin)
{
	struct query *query = db_query(db, "UPDATE contact SET origin = $1 WHERE id = $2");

	db_bind_text(query, 1, origin);
	db_bind(query, 2, contact->id);
	(void)db_run(query);
}

enum status contact_from_file(struct db *db, const struct scene *scene, int64_t partner_row, day d,
			      const char *origin, bool *ret_changed, struct error *err)
{
	struct arena *arena = arena_new();
	struct contact before;
	struct facts facts;
	const bool found = find_contact(db, partner_row, IDENTITY_CONF, arena, &before);
	enum status status = STATUS_OK;

	*ret_changed = found ? before.day != d : d != DAY_NEVER;
	if (found && !*ret_changed && !same_text(before.origin, origin))
		move_file_contact(db, &before, origin);
	if (*ret_changed)
		status = partner_facts_row(db, scene, partner_row, arena, &facts);
	if (status == STATUS_OK && *ret_changed && d == DAY_NEVER)
		delete_contact(db, scene, partner_row, facts.partner.owner, &before);
	else if (status == STATUS_OK && *ret_changed)
		status =
		    put_file_contact(db, scene, &facts, found ? &before : NULL, d, origin, err);
	if (db_status(db) != STATUS_OK)
		status = error_fail(err, db_status(db), "%s", db_error(db));
	arena_free(arena);
	return status;
}

/* ---- lists ---- */

static enum status list_rows(struct db *db, struct query *query, struct arena *arena,
			     struct contact_row **ret_rows, size_t *ret_count)
{
	struct contact_row *rows = NULL;
	size_t count = 0, capacity = 0;

	while (db_step(query)) {
		rows = arena_grow(arena, rows, count, &capacity, sizeof(*rows));
		rows[count++] = (struct contact_row){
		    .partner = arena_strdup(arena, db_text(query, ROWS_CONTACT_COLUMNS)),
		    .contact = rows_contact(query, arena),
		};
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_rows = rows;
	*ret_count = count;
	return STATUS_OK;
}

enum status contact_list(struct db *db, const char *partner, int64_t after, size_t limit,
			 struct arena *arena, struct contact_row **ret_rows, size_t *ret_count)
{
	const int64_t row = partner ? rows_partner_row(db, partner) : 0;
	struct query *query;

	if (partner && row == 0)
		return db_status(db) == STATUS_OK ? STATUS_NOT_FOUND : db_status(db);
	if (partner) {
		query = db_query(db, "SELECT " ROWS_CONTACT ", p.id FROM contact c"
				     " JOIN partner p ON p.row = c.partner"
				     " WHERE c.id > $1 AND c.partner = $3 ORDER BY c.id LIMIT $2");
		db_bind(query, 3, row);
	} else {
		query = db_query(db, "SELECT " ROWS_CONTACT ", p.id FROM contact c"
				     " JOIN partner p ON p.row = c.partner"
				     " WHERE c.id > $1 ORDER BY c.id LIMIT $2");
	}
	db_bind(query, 1, after);
	db_bind(query, 2, (int64_t)limit);
	return list_rows(db, query, arena, ret_rows, ret_count);
}

enum status contact_count(struct db *db, int64_t partner_row, int64_t *ret_count)
{
	struct query *query = db_query(db, "SELECT count(*) FROM contact WHERE partner = $1");
	int64_t count;

	db_bind(query, 1, partner_row);
	count = db_step(query) ? db_int(query, 0) : 0;
	db_end(query);
	if (db_status(db) == STATUS_OK)
		*ret_count = count;
	return db_status(db);
}

enum status contact_recent(struct db *db, int64_t partner_row, size_t limit, struct arena *arena,
			   struct contact **ret_contacts, size_t *ret_count)
{
	struct query *query =
	    db_query(db, "SELECT " ROWS_CONTACT " FROM contact c WHERE c.partner = $1"
			 " ORDER BY c.day DESC, c.id DESC LIMIT $2");
	struct contact *contacts = NULL;
	size_t count = 0, capacity = 0;

	db_bind(query, 1, partner_row);
	db_bind(query, 2, (int64_t)limit);
	while (db_step(query)) {
		contacts = arena_grow(arena, contacts, count, &capacity, sizeof(*contacts));
		contacts[count++] = rows_contact(query, arena);
	}
	if (db_status(db) != STATUS_OK)
		return db_status(db);
	*ret_contacts = contacts;
	*ret_count = count;
	return STATUS_OK;
}
