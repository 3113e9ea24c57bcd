/* Channels: which keys a type has, where a secret may stand, and what is doubtful. */
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "conf/resolver.h"
#include "conf/secret.h"
#include "conf/value.h"
#include "sys/file.h"

#define CA_FILE_MAX ((size_t)4 << 20)

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
		    .origin = resolver_origin(loader, loader->arena, draft->head.line),
		};
	}
	roster->channels = channels;
	roster->mail = first_mail(loader);
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
