/* A destination is one text: of two channels with the same, what goes to one arrives where the
 * other leads, however their addresses are written. */
#include "conf/destination.h"

#include <ctype.h>
#include <string.h>

#include "base/address.h"
#include "conf/draft.h"

static const struct {
	const char *scheme, *port;
} usual_ports[] = {
    {"http", ":80"},
    {"https", ":443"},
    {"smtp", ":25"},
    {"smtps", ":465"},
};

/* ":80" for http; "": the scheme has none. */
static const char *usual_port(const char *url, size_t scheme_len)
{
	for (size_t i = 0; i < sizeof usual_ports / sizeof *usual_ports; i++)
		if (strlen(usual_ports[i].scheme) == scheme_len &&
		    memcmp(usual_ports[i].scheme, url, scheme_len) == 0)
			return usual_ports[i].port;
	return "";
}

/* The one spelling of a URL: its host in small letters, no port that is understood, a path. */
static const char *spell_url(struct arena *arena, const char *url)
{
	const char *separator = strstr(url, "://");

	/* That it is none was said. */
	if (!separator)
		return url;
	const size_t scheme_len = (size_t)(separator - url);
	const char *rest = address_after_host(url);
	char *start = arena_printf(arena, "%.*s", (int)(rest - url), url);
	const char *port = usual_port(url, scheme_len);
	const size_t len = strlen(start), port_len = strlen(port);

	for (char *c = start; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (port_len > 0 && len > port_len && strcmp(start + len - port_len, port) == 0)
		start[len - port_len] = '\0';
	return arena_printf(arena, "%s%s%s", start, rest[0] == '/' ? "" : "/", rest);
}

static const char *or_none(const char *text)
{
	return text ? text : "";
}

/* NULL: what is not known, or was not read, leads nowhere. A hook is its URL, whoever's language is
 * spoken there; of a server it depends on what it is asked for. */
static const char *destination_of(struct arena *arena, const struct draft_channel *draft)
{
	if (draft->type < 0 || !draft->url.text || !draft->url.text[0])
		return NULL;
	const char *url = spell_url(arena, draft->url.text);
	if (draft->type == CHANNEL_SMTP)
		return arena_printf(arena, "%s\n%s\n%s", url, or_none(draft->user),
				    or_none(draft->from));
	if (!conf_channels[draft->type].url_is_server)
		return url;
	return arena_printf(arena, "%s\n%s\n%s\n%s\n%s", url,
			    channel_type_name((enum channel_type)draft->type), or_none(draft->user),
			    or_none(draft->room), or_none(draft->topic));
}

void check_destinations(struct loader *loader)
{
	const size_t count = loader->draft->records[SECTION_CHANNEL].count;
	const char **places = arena_alloc(loader->scratch, count + 1, sizeof *places);

	for (size_t i = 0; i < count; i++) {
		const struct draft_channel *draft = draft_at(loader->draft, SECTION_CHANNEL, i);
		size_t j = 0;

		places[i] = destination_of(loader->scratch, draft);
		while (j < i && !(places[i] && places[j] && strcmp(places[i], places[j]) == 0))
			j++;
		if (j == i)
			continue;
		const struct draft_channel *other = draft_at(loader->draft, SECTION_CHANNEL, j);
		loader_error(loader, draft->head.line,
			     loader_what(loader, SECTION_CHANNEL, draft->head.id, NULL),
			     "leads to the same place as channel %s at %s:%d; one of them "
			     "should go: owners may share a channel",
			     other->head.id, loader->base, other->head.line);
	}
}

void check_mail_connections(struct loader *loader)
{
	const size_t count = loader->draft->records[SECTION_CHANNEL].count;
	int sum = 0;

	for (size_t i = 0; i < count; i++) {
		const struct draft_channel *draft = draft_at(loader->draft, SECTION_CHANNEL, i);

		if (draft->type != CHANNEL_SMTP)
			continue;
		sum += draft->connections;
		if (sum <= CONF_MAIL_CONNECTIONS_MAX)
			continue;
		loader_error(loader, record_line(SECTION_CHANNEL, &draft->head, "connections"),
			     loader_what(loader, SECTION_CHANNEL, draft->head.id, "connections"),
			     "%d, and %d with the smtp channels before it; all of them together "
			     "should have at most %d",
			     draft->connections, sum, CONF_MAIL_CONNECTIONS_MAX);
		return;
	}
}
