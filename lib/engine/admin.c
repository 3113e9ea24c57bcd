/* Decides whether there is news for the administrators, and puts it into the outbox. */
#include "engine/admin.h"

#include <stdlib.h>
#include <string.h>

#include "message/admin_document.h"

#define LISTED_MAX 50		   /* dead deliveries, and partners that nobody hears of */
#define WAIT_MS	   (5 * MINUTE_MS) /* at most, for what else may come of what is being sent */

static const char *key_of(struct arena *arena, const struct scene *scene, const char *address)
{
	const day today = zone_day(scene->roster->zone, scene->now);
	char iso[DAY_TEXT_SIZE];

	return arena_printf(arena, "admin|%s|%s", day_iso(today, iso), address);
}

static bool was_sent_today(struct db *db, const struct scene *scene, struct arena *arena)
{
	for (size_t i = 0; i < scene->roster->admin_count; i++)
		if (outbox_has(db, key_of(arena, scene, scene->roster->admins[i])))
			return true;
	return false;
}

static struct admin_delivery describe(const struct scene *scene, const struct delivery *d)
{
	return (struct admin_delivery){
	    .id = d->id,
	    .kind = d->kind,
	    .owner = d->owner,
	    .channel = d->channel,
	    .recipient = d->recipient,
	    .reason = d->reason,
	    .age_ms = scene->now - d->created,
	};
}

/* Every block, those that were told of included; *ret_since: that of the oldest that was not, or
 * INSTANT_NEVER. */
static enum status gather_blocks(struct db *db, const struct scene *scene, struct arena *arena,
				 struct admin_news *news, instant *ret_since)
{
	struct blocked *blocks;
	const enum status status = block_list(db, arena, &blocks, &news->blocked_count);
	struct admin_block *items;

	*ret_since = INSTANT_NEVER;
	if (status != STATUS_OK)
		return status;
	items = arena_alloc(arena, news->blocked_count + 1, sizeof(*items));
	for (size_t i = 0; i < news->blocked_count; i++) {
		if (!blocks[i].admin_told && blocks[i].since < *ret_since)
			*ret_since = blocks[i].since;
		items[i] = (struct admin_block){
		    .channel = blocks[i].channel,
		    .recipient = blocks[i].recipient,
		    .reason = blocks[i].reason,
		    .waiting = blocks[i].waiting,
		    .age_ms = scene->now - blocks[i].since,
		};
	}
	news->blocked = items;
	return STATUS_OK;
}

/* The first smtp channel, unless that is what is blocked and another is not. */
static const struct channel *find_way(const struct roster *roster, const struct admin_news *news)
{
	for (size_t i = 0; i <= roster->channel_count; i++) {
		const struct channel *channel = i == 0 ? roster->mail : &roster->channels[i - 1];
		bool is_open = channel->type == CHANNEL_SMTP;

		for (size_t j = 0; j < news->blocked_count; j++)
			is_open &= news->blocked[j].recipient ||
				   strcmp(news->blocked[j].channel, channel->id) != 0;
		if (is_open)
			return channel;
	}
	return roster->mail;
}

static enum status gather(struct db *db, const struct scene *scene, struct arena *arena,
			  const struct delivery *deliveries, size_t count, struct admin_news *news)
{
	struct admin_delivery *dead = arena_alloc(arena, count, sizeof(*dead));
	struct unheard_partner *unheard;
	bool is_news;
	enum status status = unheard_is_news(db, scene, arena, &is_news, &news->unheard_total);

	if (status == STATUS_OK)
		status = view_unheard(db, scene, LISTED_MAX, arena, &unheard, &news->unheard_count);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < count; i++)
		dead[i] = describe(scene, &deliveries[i]);
	struct admin_partner *partners =
	    arena_alloc(arena, news->unheard_count + 1, sizeof(*partners));
	for (size_t i = 0; i < news->unheard_count; i++)
		partners[i] = (struct admin_partner){unheard[i].partner, unheard[i].owner};
	news->dead = dead;
	news->dead_count = count;
	news->unheard = partners;
	return STATUS_OK;
}

static enum status put(struct db *db, const struct scene *scene, struct arena *arena,
		       const struct admin_news *news)
{
	const struct channel *way = find_way(scene->roster, news);
	char *json = document_to_json(admin_document(arena, news));
	enum status status = STATUS_OK;
	int64_t id;

	for (size_t i = 0; status == STATUS_OK && i < scene->roster->admin_count; i++) {
		const char *address = scene->roster->admins[i];

		status = outbox_add(db, scene, key_of(arena, scene, address), "admin", way->id,
				    address, json, &id);
		/* The same address twice in the list. */
		if (status == STATUS_CONFLICT)
			status = STATUS_OK;
	}
	free(json);
	block_told_admin(db);
	if (status == STATUS_OK)
		status = outbox_mark_told(db);
	return status == STATUS_OK ? unheard_mark_told(db, scene, arena) : status;
}

static bool has_way(const struct roster *roster)
{
	return roster->admin_count > 0 && roster->mail;
}

/* What is blocked or dead is told too: there is no other mail today. */
enum status admin_compose_unheard(struct db *db, const struct scene *scene, const char *host,
				  struct arena *arena)
{
	struct admin_news news = {.host = host, .created = scene->now};
	struct delivery *dead;
	size_t count;
	instant since;
	bool is_news = false;
	enum status status = STATUS_OK;

	if (has_way(scene->roster))
		status = unheard_is_news(db, scene, arena, &is_news, &news.unheard_total);
	if (status != STATUS_OK || !is_news || was_sent_today(db, scene, arena))
		return status;
	status = gather_blocks(db, scene, arena, &news, &since);
	if (status == STATUS_OK)
		status = outbox_untold(db, LISTED_MAX, arena, &dead, &count, &news.dead_total);
	if (status == STATUS_OK)
		status = gather(db, scene, arena, dead, count, &news);
	return status == STATUS_OK ? put(db, scene, arena, &news) : status;
}

/* Until when to wait for what is being sent, so that one mail tells everything: not long, because
 * somebody always hangs. INSTANT_NEVER: not at all. */
static instant wait_until(struct db *db, const struct scene *scene, instant since,
			  const struct delivery *dead, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (dead[i].next_try < since)
			since = dead[i].next_try;
	if (since > scene->now || since + WAIT_MS <= scene->now || !outbox_is_sending(db))
		return INSTANT_NEVER;
	return since + WAIT_MS;
}

enum status admin_compose(struct db *db, const struct scene *scene, const char *host,
			  struct arena *arena, bool *ret_put, instant *ret_next)
{
	const struct roster *roster = scene->roster;
	struct admin_news news = {.host = host, .created = scene->now};
	struct delivery *dead;
	size_t count;
	instant since;
	enum status status;

	*ret_put = false;
	*ret_next = INSTANT_NEVER;
	if (!has_way(roster))
		return STATUS_OK;
	status = gather_blocks(db, scene, arena, &news, &since);
	if (status == STATUS_OK)
		status = outbox_untold(db, LISTED_MAX, arena, &dead, &count, &news.dead_total);
	if (status != STATUS_OK || (count == 0 && since == INSTANT_NEVER))
		return status;
	*ret_next = wait_until(db, scene, since, dead, count);
	if (*ret_next != INSTANT_NEVER)
		return db_status(db);
	if (was_sent_today(db, scene, arena)) {
		*ret_next = zone_instant(roster->zone, zone_day(roster->zone, scene->now) + 1, 0);
		return db_status(db);
	}
	status = gather(db, scene, arena, dead, count, &news);
	if (status == STATUS_OK)
		status = put(db, scene, arena, &news);
	*ret_put = status == STATUS_OK;
	return status;
}
