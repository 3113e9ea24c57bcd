/* One channel by itself: which keys its type has, where a secret may stand, and what is doubtful.
 */
#include "conf/check_channel.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "conf/secret.h"
#include "conf/value.h"
#include "sys/file.h"

#define ZULIP_TOPIC_MAX 60 /* characters */
#define NTFY_TOPIC_MAX	64 /* bytes */

/* What should stand where a key is missing. */
static const char *missing_words(const struct key *key, int type)
{
	static const char *const rooms[CHANNEL_TYPES] = {
	    [CHANNEL_MATRIX] = "a room, such as \"!partners:example.com\"",
	    [CHANNEL_TELEGRAM] = "a chat, such as \"-1001234567890\" or \"@partners\"",
	    [CHANNEL_ZULIP] = "a stream, such as \"partners\"",
	};

	if (strcmp(key->name, "room") == 0)
		return rooms[type];
	return value_kinds[key->type].words;
}

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
		if (!given && key->required_types & CHANNEL_BIT(draft->type))
			loader_error(loader, draft->head.line, what, "is missing; it should be %s",
				     missing_words(key, draft->type));
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

/* A complaint about a key that the channel has or should have. */
static void complain(struct loader *loader, const struct draft_channel *draft, const char *key,
		     const char *wrong)
{
	loader_error(loader, record_line(SECTION_CHANNEL, &draft->head, key),
		     loader_what(loader, SECTION_CHANNEL, draft->head.id, key), "%s", wrong);
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

/* What follows the host. Which host it is says nothing: hooks move to others, and behind proxies.
 */
static const char *check_path(const struct channel_info *info, const char *rest)
{
	if (info->url_is_server && strpbrk(rest, "?#"))
		return "is no server: a ? or # follows its name; it should be the server's address "
		       "alone";
	if (info->url_is_secret && (rest[0] == '\0' || strcmp(rest, "/") == 0))
		return "names a host and no hook on it; it should be copied whole";
	if (strchr(rest, '#'))
		return "holds a #, and what follows that is never sent; it should be copied whole";
	return NULL;
}

/* Complains of the url, or warns; false when there is none that can be used. */
static bool check_url(struct loader *loader, const struct draft_channel *draft)
{
	const struct channel_info *info = &conf_channels[draft->type];
	const char *wrong;

	if (!draft->url.text || (loader->offline && draft->url.file))
		return false;
	wrong = address_check_url(draft->url.text, info->schemes);
	if (!wrong)
		wrong = check_path(info, address_after_host(draft->url.text));
	if (wrong) {
		complain(loader, draft, "url", wrong);
		return false;
	}
	if (strncmp(draft->url.text, "http://", 7) == 0 && !address_is_loopback(draft->url.text))
		loader_warn(loader, record_line(SECTION_CHANNEL, &draft->head, "url"),
			    loader_what(loader, SECTION_CHANNEL, draft->head.id, "url"),
			    "what is sent can be read on the way%s; https:// would be safe",
			    draft->token.text	   ? ", and so can the token"
			    : draft->password.text ? ", and so can the password"
						   : "");
	return true;
}

/* A login is a name with a password, or with a token that somebody keeps fresh. */
static void check_login(struct loader *loader, const struct draft_channel *draft)
{
	const bool user = record_gives(SECTION_CHANNEL, &draft->head, "user");
	const bool password = record_gives(SECTION_CHANNEL, &draft->head, "password");
	const bool token = record_gives(SECTION_CHANNEL, &draft->head, "token_file");

	if (password && token)
		complain(loader, draft, "token_file",
			 "stands beside a password; there should be only one of them");
	else if (token && !user)
		complain(loader, draft, "token_file",
			 "there is no user; there should be one to go with the token");
	else if (password && !user)
		complain(loader, draft, "password",
			 "there is no user; there should be both or neither");
	else if (user && !password && !token)
		complain(loader, draft, "user",
			 "there is no password; there should be both or neither");
}

/* It is read anew for each session, and yet whoever writes it should have begun. */
static void check_token_file(struct loader *loader, const struct draft_channel *draft)
{
	struct buf bytes = buf_make(CONF_SECRET_MAX + 1);
	struct stat st;
	struct error err;
	char *path;

	if (!draft->token_file || loader->offline)
		return;
	path = path_beside(loader->conf->path, draft->token_file);
	if (file_read(path, CONF_SECRET_MAX, &bytes, &st, &err) != STATUS_OK)
		complain(loader, draft, "token_file", err.text);
	else if (st.st_mode & S_IROTH)
		loader_error(loader, record_line(SECTION_CHANNEL, &draft->head, "token_file"),
			     loader_what(loader, SECTION_CHANNEL, draft->head.id, "token_file"),
			     "is a secret that everybody may read; `chmod o-r %s`", path);
	if (bytes.data)
		explicit_bzero(bytes.data, bytes.len);
	buf_free(&bytes);
	free(path);
}

static const char digits[] = "0123456789";
static const char word[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";

static const char *check_matrix(const struct draft_channel *draft)
{
	if (draft->room[0] == '#')
		return "is an alias; it should be the room's id, which starts with ! and stands in "
		       "its settings";
	if (draft->room[0] != '!')
		return "is no room id: it should start with !, such as "
		       "\"!partners:example.com\"";
	return NULL;
}

static const char *check_telegram(const struct draft_channel *draft)
{
	const char *room = draft->room;
	const char *number = room + (room[0] == '-');

	if (room[0] == '@' ? room[1] != '\0' && room[1 + strspn(room + 1, word)] == '\0'
			   : *number != '\0' && number[strspn(number, digits)] == '\0')
		return NULL;
	return "is no chat: it should be a number such as \"-1001234567890\", or a name that "
	       "starts with @";
}

/* What a room is depends on the type. */
static void check_room(struct loader *loader, const struct draft_channel *draft)
{
	const char *wrong = NULL;

	if (!draft->room)
		return;
	if (draft->type == CHANNEL_MATRIX)
		wrong = check_matrix(draft);
	if (draft->type == CHANNEL_TELEGRAM)
		wrong = check_telegram(draft);
	if (wrong)
		loader_error(loader, record_line(SECTION_CHANNEL, &draft->head, "room"),
			     loader_what(loader, SECTION_CHANNEL, draft->head.id, "room"),
			     "\"%s\" %s", loader_quote(loader, draft->room), wrong);
}

static void check_topic(struct loader *loader, const struct draft_channel *draft)
{
	if (!draft->topic)
		return;
	if (draft->type == CHANNEL_ZULIP && text_code_points(draft->topic) > ZULIP_TOPIC_MAX)
		complain(loader, draft, "topic",
			 "is longer than the 60 characters that a topic may have");
	if (draft->type == CHANNEL_NTFY && (strlen(draft->topic) > NTFY_TOPIC_MAX ||
					    draft->topic[strspn(draft->topic, word)] != '\0'))
		complain(loader, draft, "topic",
			 "is no topic: it should be 1 to 64 letters, digits, _ and -");
}

static void check_bot(struct loader *loader, const struct draft_channel *draft)
{
	const char *token = draft->token.text;

	if (draft->type == CHANNEL_ZULIP && draft->user && address_check_mail(draft->user))
		complain(loader, draft, "user", "should be the mail address of the bot");
	if (draft->type != CHANNEL_TELEGRAM || !token || (loader->offline && draft->token.file))
		return;
	/* It goes into the path of every request. */
	const size_t id = strspn(token, digits);

	if (id == 0 || token[id] != ':' || token[id + 1] == '\0' ||
	    token[id + 1 + strspn(token + id + 1, word)] != '\0')
		complain(loader, draft, "token",
			 "is no token of a bot: it should read like 123456789:AAE-x_y");
}

/* What is not said and depends on the type. */
static void set_defaults(struct draft_channel *draft)
{
	const struct channel_info *info = &conf_channels[draft->type];

	if (draft->detail < 0)
		draft->detail = (int)info->detail;
	if (!record_gives(SECTION_CHANNEL, &draft->head, "url"))
		draft->url.text = info->default_url;
	if (!record_gives(SECTION_CHANNEL, &draft->head, "topic"))
		draft->topic = info->default_topic;
	if (draft->connections == 0)
		draft->connections = info->connections;
	if (draft->rate.count == 0 && info->rate)
		(void)value_parse_rate(info->rate, &draft->rate);
}

void check_channel(struct loader *loader, struct draft_channel *draft)
{
	/* Without a type nothing more can be said; that it is missing or wrong was said. */
	if (draft->type < 0)
		return;
	set_defaults(draft);
	check_channel_keys(loader, draft);
	if (check_url(loader, draft) && draft->type == CHANNEL_SMTP)
		check_tls(loader, draft);
	if (draft->type == CHANNEL_SMTP) {
		check_login(loader, draft);
		check_token_file(loader, draft);
	}
	check_room(loader, draft);
	check_topic(loader, draft);
	check_bot(loader, draft);
	if (conf_channels[draft->type].url_is_secret)
		check_secret_place(loader, draft, "url", &draft->url);
	check_secret_place(loader, draft, "password", &draft->password);
	check_secret_place(loader, draft, "token", &draft->token);
	check_secret_place(loader, draft, "secret", &draft->secret);
}
