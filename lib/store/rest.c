/* Rests: channels whose other side asked to be left alone for a while (Retry-After).
 *
 * They live in meta, because the next process must keep them too: until when, and the hash of the
 * settings they were asked for under, because another side has asked for nothing. */
#include "store/rest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_SIZE (24 + sizeof(((struct channel *)0)->hash))

/* No server may silence a channel for longer; what lies further ahead comes from a wrong clock. */
#define REST_MAX_MS DAY_MS

struct rest {
	const char *channel;
	instant until;
	const char *hash;
};

static struct rest read_rest(const char *key, const char *value, struct arena *arena)
{
	char *end;
	const instant until = strtoll(value, &end, 10);

	return (struct rest){
	    .channel = arena_strdup(arena, key + strlen("rest|")),
	    .until = until,
	    .hash = arena_strdup(arena, *end == ' ' ? end + 1 : end),
	};
}

/* The first rest of a channel with a greater id, or the channel's own; false: there is none. */
static bool find_rest(struct db *db, const char *after, const char *channel, struct arena *arena,
		      struct rest *ret_rest)
{
	struct query *query = db_query(
	    db, "SELECT key, value FROM meta WHERE key LIKE 'rest|%' AND key > 'rest|' || $1"
		" AND ($2 IS NULL OR key = 'rest|' || $2) ORDER BY key LIMIT 1");
	bool found;

	db_bind_text(query, 1, after);
	db_bind_text(query, 2, channel);
	found = db_step(query);
	if (found)
		*ret_rest = read_rest(db_text(query, 0), db_text(query, 1), arena);
	db_end(query);
	return found;
}

static const char *hash_of(const struct scene *scene, const char *channel)
{
	const struct channel *configured = roster_channel(scene->roster, channel);

	return configured ? configured->hash : "";
}

void rest_begin(struct db *db, const struct scene *scene, const char *channel, instant until)
{
	struct query *query;
	char value[VALUE_SIZE];

	if (channel_rests_until(db, scene, channel) >= until)
		return;
	query = db_query(db, "INSERT INTO meta (key, value) VALUES ('rest|' || $1, $2)"
			     " ON CONFLICT (key) DO UPDATE SET value = excluded.value");
	snprintf(value, sizeof(value), "%" PRId64 " %s", until, hash_of(scene, channel));
	db_bind_text(query, 1, channel);
	db_bind_text(query, 2, value);
	(void)db_run(query);
}

instant channel_rests_until(struct db *db, const struct scene *scene, const char *channel)
{
	struct arena *arena = arena_new();
	struct rest rest = {.channel = ""};
	instant until = scene->now;

	if (find_rest(db, "", channel, arena, &rest) &&
	    strcmp(rest.hash, hash_of(scene, channel)) == 0)
		until = rest.until;
	arena_free(arena);
	return until > scene->now && until <= scene->now + REST_MAX_MS ? until : scene->now;
}

/* ---- ending them ---- */

/* What the other side has put off is tried now; what comes later anyway keeps its time. */
static void end(struct db *db, const struct scene *scene, const struct rest *rest)
{
	struct query *query = db_query(db, "DELETE FROM meta WHERE key = 'rest|' || $1");

	db_bind_text(query, 1, rest->channel);
	(void)db_run(query);
	query = db_query(db, "UPDATE outbox SET next_try = $2 WHERE channel = $1"
			     " AND state = 'retry' AND next_try > $2 AND next_try <= $3");
	db_bind_text(query, 1, rest->channel);
	db_bind(query, 2, scene->now);
	db_bind(query, 3, rest->until);
	(void)db_run(query);
}

void rest_end(struct db *db, const struct scene *scene, const char *channel)
{
	struct arena *arena = arena_new();
	struct rest rest = {.channel = ""};

	while (find_rest(db, rest.channel, channel, arena, &rest))
		end(db, scene, &rest);
	arena_free(arena);
}

void rest_review(struct db *db, const struct scene *scene)
{
	struct arena *arena = arena_new();
	struct rest rest = {.channel = ""};

	while (find_rest(db, rest.channel, NULL, arena, &rest))
		if (strcmp(rest.hash, hash_of(scene, rest.channel)) != 0)
			end(db, scene, &rest);
	arena_free(arena);
}
