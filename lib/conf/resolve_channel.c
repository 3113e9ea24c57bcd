/* Channels: from drafts to the roster, and what one has to do with another. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "conf/check_channel.h"
#include "conf/destination.h"
#include "conf/resolver.h"
#include "conf/secret.h"
#include "sys/file.h"

#define CA_FILE_MAX   ((size_t)4 << 20)
#define HASH_TEXT_MAX ((size_t)1 << 20)

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

/* Where the token lies that is read for each session, from / on or beside the configuration. */
static const char *find_token_file(struct loader *loader, const struct draft_channel *draft)
{
	char *path = draft->token_file ? path_beside(loader->conf->path, draft->token_file) : NULL;
	const char *kept = arena_strdup(loader->arena, path);

	free(path);
	return kept;
}

static void hash_text(struct buf *out, const char *text)
{
	/* With its length, so that two texts never read like two others. */
	buf_addf(out, "%zu %s\n", text ? strlen(text) + 1 : 0, text ? text : "");
}

/* Everything that could mend the channel when it is blocked. redirect_to: where its mail goes
 * instead; NULL: nowhere else. */
static void set_hash(struct channel *channel, const char *redirect_to)
{
	const char *const texts[] = {channel->url,	channel->from,	     channel->user,
				     channel->password, channel->token_file, channel->token,
				     channel->secret,	channel->room,	     channel->topic,
				     channel->proxy,	channel->ca_file,    redirect_to};
	struct buf all = buf_make(HASH_TEXT_MAX);

	buf_addf(&all, "%s %d\n", channel_type_name(channel->type), (int)channel->tls);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		hash_text(&all, texts[i]);
	bytes_sha256_hex(buf_text(&all), all.len, channel->hash);
	explicit_bzero(all.data, all.len);
	buf_free(&all);
}

static struct channel make_channel(struct loader *loader, const struct draft_channel *draft)
{
	struct channel channel = {
	    .id = draft->head.id,
	    .type = draft->type < 0 ? CHANNEL_SMTP : (enum channel_type)draft->type,
	    .url = draft->url.text,
	    .from = draft->from,
	    .user = draft->user,
	    .password = draft->password.text,
	    .token_file = find_token_file(loader, draft),
	    .token = draft->token.text,
	    .secret = draft->secret.text,
	    .room = draft->room,
	    .topic = draft->topic,
	    .proxy = draft->proxy,
	    .connections = draft->connections,
	    .rate = draft->rate,
	    .tls = (enum channel_tls)draft->tls,
	    .ca_file = find_ca_file(loader, draft),
	    .detail = draft->detail < 0 ? DETAIL_SHORT : (enum detail)draft->detail,
	    .origin = resolver_origin(loader, loader->arena, draft->head.line),
	};

	set_hash(&channel, channel.type == CHANNEL_SMTP ? loader->conf->redirect_to : NULL);
	return channel;
}

static void resolve_fallback(struct resolver *r, const struct draft_channel *draft,
			     struct channel *channel)
{
	const int line = record_line(SECTION_CHANNEL, &draft->head, "fallback");
	const char *what = loader_what(r->loader, SECTION_CHANNEL, draft->head.id, "fallback");

	if (!draft->fallback ||
	    !resolver_names_one(r, SECTION_CHANNEL, draft->fallback, line, what))
		return;
	if (strcmp(draft->fallback, draft->head.id) == 0)
		loader_error(r->loader, line, what,
			     "\"%s\" is the channel itself; it should be another one",
			     draft->fallback);
	else
		channel->fallback = roster_channel(&r->loader->conf->roster, draft->fallback);
}

/* The circle that starts and ends at a channel as "a, b, a", told at the first of its names only;
 * NULL: there is none, or it is told elsewhere. */
static const char *circle_at(struct loader *loader, const struct channel *start)
{
	const struct roster *roster = &loader->conf->roster;
	const char *said = start->id;
	const struct channel *next = start->fallback;

	for (size_t i = 0; next && next != start && i < roster->channel_count; i++) {
		if (next < start)
			return NULL;
		said = arena_printf(loader->scratch, "%s, %s", said, next->id);
		next = next->fallback;
	}
	return next == start ? arena_printf(loader->scratch, "%s, %s", said, start->id) : NULL;
}

static void check_circles(struct loader *loader, struct record *const *sorted)
{
	const struct roster *roster = &loader->conf->roster;

	for (size_t i = 0; i < roster->channel_count; i++) {
		const char *circle = circle_at(loader, &roster->channels[i]);

		if (circle)
			loader_error(
			    loader, record_line(SECTION_CHANNEL, sorted[i], "fallback"),
			    loader_what(loader, SECTION_CHANNEL, sorted[i]->id, "fallback"),
			    "goes in a circle: %s; one of them should have another, or none",
			    circle);
	}
}

void resolve_channels(struct resolver *r)
{
	struct loader *loader = r->loader;
	struct roster *roster = &loader->conf->roster;
	struct record **sorted = resolver_sort(loader, SECTION_CHANNEL);
	struct channel *channels;

	resolver_note_ids(r, SECTION_CHANNEL, sorted);
	roster->channel_count = r->id_counts[SECTION_CHANNEL];
	channels = arena_alloc(loader->arena, roster->channel_count + 1, sizeof *channels);
	for (size_t i = 0; i < roster->channel_count; i++) {
		check_channel(loader, (struct draft_channel *)sorted[i]);
		channels[i] = make_channel(loader, (struct draft_channel *)sorted[i]);
	}
	roster->channels = channels;
	roster->mail = first_mail(loader);
	for (size_t i = 0; i < roster->channel_count; i++)
		resolve_fallback(r, (struct draft_channel *)sorted[i], &channels[i]);
	check_circles(loader, sorted);
	check_destinations(loader);
	check_mail_connections(loader);
}

const struct channel **resolve_channel_list(struct resolver *r, const struct texts *list,
					    const char *what, size_t *ret_count)
{
	const struct channel **channels =
	    arena_alloc(r->loader->arena, list->count + 1, sizeof *channels);
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const char *id = list->items[i];

		if (!resolver_names_one(r, SECTION_CHANNEL, id, list->lines[i], what))
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

void resolve_events(struct resolver *r)
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
