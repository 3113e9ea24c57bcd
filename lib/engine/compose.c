/* Composes digests: the store gathers, core decides, lib/message words it, the store keeps it. */
#include "engine/compose.h"

#include <stdlib.h>
#include <string.h>

#include "message/digest_document.h"
#include "store/reply.h"

enum status compose_digest(struct db *db, const struct scene *scene, const struct owner *owner,
			   struct arena *arena, struct digest *ret_digest, struct error *err)
{
	struct digest_input *input = arena_alloc(arena, 1, sizeof(*input));
	const enum status status = digest_gather(db, scene, owner, arena, input, err);

	if (status == STATUS_OK)
		*ret_digest = digest_compose(arena, input);
	return status;
}

/* The numbers that are shown. */
static size_t list_numbers(const struct digest *digest, struct arena *arena,
			   struct reply_entry **ret_entries)
{
	const size_t shown = DIGEST_FULL_ENTRIES + DIGEST_BRIEF_ENTRIES;
	const size_t count = digest->entry_count < shown ? digest->entry_count : shown;
	struct reply_entry *entries = arena_alloc(arena, count + 1, sizeof(*entries));

	for (size_t i = 0; i < count; i++)
		entries[i] = (struct reply_entry){
		    .number = digest->entries[i].number,
		    .partner = digest->entries[i].item->facts.partner.row,
		};
	*ret_entries = entries;
	return count;
}

const char *compose_reply_to(struct db *db, const struct scene *scene, const struct conf *conf,
			     const struct channel *channel, const struct digest *digest,
			     struct arena *arena, int64_t *ret_id)
{
	struct reply_plan plan = {.channel = channel->id, .owner = digest->hearer->id};
	struct reply_entry *entries;
	char token[REPLY_TOKEN_SIZE];

	*ret_id = 0;
	if (!conf->reply_to || channel->type != CHANNEL_SMTP)
		return NULL;
	plan.entry_count = list_numbers(digest, arena, &entries);
	plan.entries = entries;
	*ret_id = reply_open(db, scene, &plan, token);
	return *ret_id ? reply_address_write(arena, conf->reply_to, token) : NULL;
}

struct document *compose_document(struct arena *arena, const struct scene *scene, const char *host,
				  const struct digest *digest, enum detail detail,
				  const char *reply_to)
{
	const struct digest_words words = {
	    .admin = scene->roster->admin_count ? scene->roster->admins[0] : NULL,
	    .host = host,
	    .roster = scene->roster,
	    .local_hour = zone_local(digest->hearer->zone, scene->now).second / 3600,
	    .created = scene->now,
	    .reply_to = reply_to,
	};

	return digest_document(arena, digest, &words, detail);
}

/* With redirect_to nothing but mail leaves. */
static bool channel_is_open(const struct conf *conf, const struct channel *channel)
{
	return channel->type == CHANNEL_SMTP || !conf->redirect_to;
}

struct digest compose_for_channel(struct arena *arena, const struct digest *digest,
				  const struct channel *channel)
{
	const struct owner *owner = digest->hearer;

	for (size_t i = 0; i < owner->channel_count; i++)
		if (owner->channels[i] == channel && owner_only_cold(owner, i))
			return digest_only_cold(arena, digest);
	return channel->type == CHANNEL_SMTP ? *digest : digest_without_hints(arena, digest);
}

/* Where every way out wants no more than what is cold, the rest is not told. */
static bool wants_only_cold(const struct conf *conf, const struct owner *owner)
{
	for (size_t i = 0; i < owner->channel_count; i++)
		if (channel_is_open(conf, owner->channels[i]) && !owner_only_cold(owner, i))
			return false;
	return true;
}

static size_t plan_parcels(struct db *db, struct arena *arena, const struct scene *scene,
			   const struct conf *conf, const char *host, const struct digest *digest,
			   struct parcel_plan **ret_parcels)
{
	const struct owner *owner = digest->hearer;
	struct parcel_plan *parcels = arena_alloc(arena, owner->channel_count, sizeof(*parcels));
	size_t count = 0;

	for (size_t i = 0; i < owner->channel_count; i++) {
		const struct channel *channel = owner->channels[i];

		const struct digest part = compose_for_channel(arena, digest, channel);

		if (!channel_is_open(conf, channel) || part.kind == DIGEST_NOTHING)
			continue;
		int64_t reply;
		const char *reply_to =
		    compose_reply_to(db, scene, conf, channel, &part, arena, &reply);
		char *json = document_to_json(
		    compose_document(arena, scene, host, &part, channel->detail, reply_to));
		parcels[count++] = (struct parcel_plan){
		    .channel = channel->id,
		    .recipient = channel->type == CHANNEL_SMTP ? owner->email : NULL,
		    .document = arena_strdup(arena, json),
		    .reply = reply,
		};
		free(json);
	}
	*ret_parcels = parcels;
	return count;
}

static enum status compose_owner(struct db *db, const struct scene *scene, const struct conf *conf,
				 const char *host, const struct owner *owner, struct arena *arena,
				 struct error *err)
{
	struct parcel_plan *parcels = NULL;
	struct digest digest;
	const enum status status = compose_digest(db, scene, owner, arena, &digest, err);

	if (status != STATUS_OK)
		return status;
	if (digest.kind != DIGEST_NOTHING && owner->only_cold && wants_only_cold(conf, owner))
		digest = digest_only_cold(arena, &digest);
	const size_t count = digest.kind == DIGEST_NOTHING
				 ? 0
				 : plan_parcels(db, arena, scene, conf, host, &digest, &parcels);
	/* With no way out nothing was told: the day has been looked at, no more. */
	if (digest.kind != DIGEST_NOTHING && count == 0) {
		digest.kind = DIGEST_NOTHING;
		digest.is_turn = false;
	}
	return digest_commit(db, scene, &digest, parcels, digest.kind == DIGEST_NOTHING ? 0 : count,
			     err);
}

static enum status compose_if_due(struct db *db, const struct scene *scene, const struct conf *conf,
				  const char *host, const struct owner *owner, struct error *err)
{
	struct owner_history history;
	enum status status = owner_history_get(db, scene, owner->id, &history);

	if (status != STATUS_OK || !digest_is_time(owner, &history, scene->now))
		return status;
	struct arena *arena = arena_new();
	status = compose_owner(db, scene, conf, host, owner, arena, err);
	arena_free(arena);
	return status;
}

/* Notes why one owner got no digest, and takes back what was written on the way there. */
static void note_failure(struct db *db, const struct owner *owner, const struct error *why,
			 struct arena *arena, struct compose_failures *failed)
{
	failed->items[failed->count++] = (struct compose_failure){
	    .owner = owner->id,
	    .reason = arena_strdup(arena, why->text[0] ? why->text : db_error(db)),
	};
	db_clear(db);
	db_point_undo(db);
}

enum status compose_due(struct db *db, const struct scene *scene, const struct conf *conf,
			const char *host, struct arena *arena, struct compose_failures *ret_failed,
			struct error *err)
{
	const struct roster *roster = scene->roster;
	struct compose_failures failed = {
	    .items = arena_alloc(arena, roster->owner_count + 1, sizeof(*failed.items))};

	for (size_t i = 0; i < roster->owner_count; i++) {
		struct error why = {""};
		enum status status = db_point(db);

		if (status != STATUS_OK)
			return error_fail(err, status, "%s", db_error(db));
		status = compose_if_due(db, scene, conf, host, &roster->owners[i], &why);
		if (db_lost_transaction(db))
			return error_fail(err, db_status(db), "%s", db_error(db));
		if (status == STATUS_OK && db_status(db) == STATUS_OK)
			db_point_keep(db);
		else
			note_failure(db, &roster->owners[i], &why, arena, &failed);
	}
	*ret_failed = failed;
	return STATUS_OK;
}

static bool has_failed(const struct compose_failures *failed, const char *owner)
{
	for (size_t i = 0; i < failed->count; i++)
		if (strcmp(failed->items[i].owner, owner) == 0)
			return true;
	return false;
}

enum status compose_next(struct db *db, const struct scene *scene,
			 const struct compose_failures *failed, instant *ret_next)
{
	instant next = INSTANT_NEVER;

	for (size_t i = 0; i < scene->roster->owner_count; i++) {
		const struct owner *owner = &scene->roster->owners[i];
		struct owner_history history;

		if (has_failed(failed, owner->id))
			continue;
		const enum status status = owner_history_get(db, scene, owner->id, &history);
		if (status != STATUS_OK)
			return status;
		const instant at = digest_next_time(owner, &history, scene->now);
		if (at < next)
			next = at;
	}
	*ret_next = next;
	return STATUS_OK;
}
