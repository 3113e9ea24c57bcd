/* Who hears of a block over the fallback, and that nobody hears of it twice. */
#include "engine/notice.h"

#include <stdlib.h>

#include "message/blocked_document.h"

static bool is_channel_of(const struct owner *owner, const struct channel *channel)
{
	for (size_t i = 0; i < owner->channel_count; i++)
		if (owner->channels[i] == channel)
			return true;
	return false;
}

/* recipient NULL: over a hook. The same address again is no second message. */
static enum status put(struct db *db, const struct scene *scene, struct arena *arena,
		       const struct channel *fallback, const struct blocked_news *news,
		       const char *recipient)
{
	const char *key = arena_printf(arena, "notice|%s|%s|%lld|%s", news->channel,
				       news->recipient ? news->recipient : "",
				       (long long)news->since, recipient ? recipient : "");
	char *json = document_to_json(blocked_document(arena, news));
	int64_t id;
	const enum status status =
	    outbox_add(db, scene, key, "notice", fallback->id, recipient, json, &id);

	free(json);
	return status == STATUS_CONFLICT ? STATUS_OK : status;
}

/* Each admin, where no owner would notice that the channel is silent. */
static enum status put_admin_mails(struct db *db, const struct scene *scene, struct arena *arena,
				   const struct channel *fallback, const struct blocked_news *news)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < scene->roster->admin_count && status == STATUS_OK; i++)
		status = put(db, scene, arena, fallback, news, scene->roster->admins[i]);
	return status;
}

static enum status put_mails(struct db *db, const struct scene *scene, struct arena *arena,
			     const struct channel *blocked, struct blocked_news *news)
{
	enum status status = STATUS_OK;
	bool is_used = false;

	for (size_t i = 0; i < scene->roster->owner_count && status == STATUS_OK; i++) {
		const struct owner *owner = &scene->roster->owners[i];

		if (!owner->email || !is_channel_of(owner, blocked))
			continue;
		is_used = true;
		news->zone = owner->zone;
		status = put(db, scene, arena, blocked->fallback, news, owner->email);
	}
	return is_used ? status : put_admin_mails(db, scene, arena, blocked->fallback, news);
}

static enum status tell(struct db *db, const struct scene *scene, const char *host,
			struct arena *arena, const struct channel *channel,
			const struct blocked *block)
{
	struct blocked_news news = {.channel = block->channel,
				    .recipient = block->recipient,
				    .reason = block->reason,
				    .waiting = block->waiting,
				    .since = block->since,
				    .zone = scene->roster->zone,
				    .host = host,
				    .created = scene->now};

	if (channel->fallback->type == CHANNEL_SMTP)
		return put_mails(db, scene, arena, channel, &news);
	return put(db, scene, arena, channel->fallback, &news, NULL);
}

enum status notice_compose(struct db *db, const struct scene *scene, const char *host,
			   struct arena *arena)
{
	struct blocked *blocks;
	size_t count;
	enum status status = block_list(db, arena, &blocks, &count);

	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		const struct channel *channel = roster_channel(scene->roster, blocks[i].channel);

		if (blocks[i].fallback_told || !channel || !channel->fallback)
			continue;
		status = tell(db, scene, host, arena, channel, &blocks[i]);
		block_told_fallback(db, blocks[i].channel);
	}
	return status;
}
