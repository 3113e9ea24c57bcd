/* One row a target says how it answers, one row a word what it means. The words are those of the
 * targets' own references. */
#include "channel/reply.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "channel/retry_after.h"

#define NOT_SAID (-1)

/* How success looks where the status alone does not say it. */
enum success {
	SUCCESS_STATUS, /* the status is enough */
	SUCCESS_OK,	/* the body is "ok" */
	SUCCESS_JSON,	/* the body is an object with a member that tells */
	SUCCESS_CLAIM,	/* the body must not be the sentence of a failure, nor a page */
};

/* Where a target puts its words. Paths are members with dots between them; NULL: nowhere. */
static const struct dialect {
	enum success success;
	const char *success_member; /* there, and neither false nor "error" */
	const char *word;	    /* a string, or a number */
	const char *retry_after;    /* a number */
	int64_t retry_unit_ms;	    /* what it counts */
} dialects[CHANNEL_TYPES] = {
    [CHANNEL_SLACK] = {SUCCESS_OK, NULL, "error", "retry_after", SECOND_MS},
    [CHANNEL_TEAMS] = {SUCCESS_CLAIM, NULL, "error.code", NULL, 0},
    [CHANNEL_DISCORD] = {SUCCESS_STATUS, NULL, "code", "retry_after", SECOND_MS},
    [CHANNEL_MATTERMOST] = {SUCCESS_OK, NULL, "id", NULL, 0},
    [CHANNEL_GOOGLECHAT] = {SUCCESS_JSON, "name", "error.status", NULL, 0},
    [CHANNEL_MATRIX] = {SUCCESS_JSON, "event_id", "errcode", "retry_after_ms", 1},
    [CHANNEL_TELEGRAM] = {SUCCESS_JSON, "ok", "description", "parameters.retry_after", SECOND_MS},
    [CHANNEL_ZULIP] = {SUCCESS_JSON, "result", "code", "retry-after", SECOND_MS},
    [CHANNEL_NTFY] = {SUCCESS_JSON, "id", "code", NULL, 0},
};

/* How the connectors of old say 200 to what Teams refused. */
#define TEAMS_FAILED "Webhook message delivery failed"

#define GONE  "the hook was deleted; make a new one and put it in url"
#define COPY  "the hook's address is wrong; copy it again into url"
#define RENEW "the token is not valid; make a new one and put it in token"

static const struct answer_row {
	enum channel_type type;
	const char *word; /* the whole; for telegram any part of its sentence */
	enum outcome_class class;
	const char *hint;
	int64_t wait_ms; /* transient: that long, when it does not say how long */
} answers[] = {
    {CHANNEL_SLACK, "action_prohibited", OUTCOME_CONFIG,
     "an administrator of the workspace has restricted posting", 0},
    {CHANNEL_SLACK, "channel_is_archived", OUTCOME_CONFIG,
     "bring the channel back, or make a hook for another", 0},
    {CHANNEL_SLACK, "channel_not_found", OUTCOME_CONFIG,
     "its channel was deleted; make a hook for another and put it in url", 0},
    {CHANNEL_SLACK, "invalid_blocks", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_SLACK, "invalid_payload", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_SLACK, "invalid_token", OUTCOME_CONFIG, COPY, 0},
    {CHANNEL_SLACK, "msg_blocks_too_long", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_SLACK, "no_active_hooks", OUTCOME_CONFIG,
     "the hook was switched off; switch it on, or make a new one", 0},
    {CHANNEL_SLACK, "no_service", OUTCOME_CONFIG, GONE, 0},
    {CHANNEL_SLACK, "no_service_id", OUTCOME_CONFIG, COPY, 0},
    {CHANNEL_SLACK, "no_team", OUTCOME_CONFIG, COPY, 0},
    {CHANNEL_SLACK, "no_text", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_SLACK, "rate_limited", OUTCOME_TRANSIENT, NULL, 0},
    {CHANNEL_SLACK, "rollup_error", OUTCOME_TRANSIENT, NULL, 0},
    {CHANNEL_SLACK, "team_disabled", OUTCOME_CONFIG, "the workspace was closed", 0},
    {CHANNEL_SLACK, "user_not_found", OUTCOME_CONFIG,
     "who it was made for is gone; make a new hook and put it in url", 0},

    {CHANNEL_TEAMS, TEAMS_FAILED, OUTCOME_TRANSIENT, NULL, 0},
    {CHANNEL_TEAMS, "WorkflowTriggerIsNotEnabled", OUTCOME_CONFIG,
     "the flow is switched off; its owner can turn it on in Power Automate", 0},
    {CHANNEL_TEAMS, "WorkflowNotFound", OUTCOME_CONFIG,
     "the flow was deleted; make a new one and put its address in url", 0},
    {CHANNEL_TEAMS, "DirectApiAuthorizationRequired", OUTCOME_CONFIG,
     "the address lacks its signature; copy it whole into url", 0},
    {CHANNEL_TEAMS, "DirectApiInvalidAuthorizationScheme", OUTCOME_CONFIG, COPY, 0},
    {CHANNEL_TEAMS, "AuthorizationFailed", OUTCOME_CONFIG, COPY, 0},
    {CHANNEL_TEAMS, "InvalidRequestContent", OUTCOME_MESSAGE, NULL, 0},

    {CHANNEL_DISCORD, "10003", OUTCOME_CONFIG,
     "its channel was deleted; make a webhook in another and put it in url", 0},
    {CHANNEL_DISCORD, "10015", OUTCOME_CONFIG, GONE, 0},
    {CHANNEL_DISCORD, "50027", OUTCOME_CONFIG, COPY, 0},
    {CHANNEL_DISCORD, "50006", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_DISCORD, "50035", OUTCOME_MESSAGE, NULL, 0},

    {CHANNEL_MATTERMOST, "web.incoming_webhook.disabled.app_error", OUTCOME_CONFIG,
     "incoming webhooks are switched off on the server", 0},
    {CHANNEL_MATTERMOST, "web.incoming_webhook.invalid.app_error", OUTCOME_CONFIG, COPY, 0},
    {CHANNEL_MATTERMOST, "web.incoming_webhook.channel.app_error", OUTCOME_CONFIG,
     "its channel was deleted or archived", 0},
    {CHANNEL_MATTERMOST, "web.incoming_webhook.permissions.app_error", OUTCOME_CONFIG,
     "who made the hook may not post there", 0},
    {CHANNEL_MATTERMOST, "web.incoming_webhook.text.app_error", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_MATTERMOST, "web.incoming_webhook.parse.app_error", OUTCOME_MESSAGE, NULL, 0},

    {CHANNEL_GOOGLECHAT, "INVALID_ARGUMENT", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_GOOGLECHAT, "NOT_FOUND", OUTCOME_CONFIG,
     "the space or its webhook is gone; make a new one and put it in url", 0},
    {CHANNEL_GOOGLECHAT, "PERMISSION_DENIED", OUTCOME_CONFIG,
     "the space does not let its webhooks post", 0},
    {CHANNEL_GOOGLECHAT, "RESOURCE_EXHAUSTED", OUTCOME_TRANSIENT, NULL, 0},
    {CHANNEL_GOOGLECHAT, "UNAUTHENTICATED", OUTCOME_CONFIG, COPY, 0},

    {CHANNEL_MATRIX, "M_BAD_JSON", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_MATRIX, "M_FORBIDDEN", OUTCOME_CONFIG,
     "the account is not in the room, or may not write there; invite it and have it join", 0},
    {CHANNEL_MATRIX, "M_LIMIT_EXCEEDED", OUTCOME_TRANSIENT, NULL, 0},
    {CHANNEL_MATRIX, "M_MISSING_TOKEN", OUTCOME_CONFIG, RENEW, 0},
    {CHANNEL_MATRIX, "M_NOT_FOUND", OUTCOME_CONFIG, "room names no room of this server", 0},
    {CHANNEL_MATRIX, "M_NOT_JSON", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_MATRIX, "M_TOO_LARGE", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_MATRIX, "M_UNKNOWN_TOKEN", OUTCOME_CONFIG, RENEW, 0},
    {CHANNEL_MATRIX, "M_UNRECOGNIZED", OUTCOME_CONFIG,
     "url should be the address of the homeserver", 0},
    {CHANNEL_MATRIX, "M_USER_DEACTIVATED", OUTCOME_CONFIG, "the account was closed", 0},

    {CHANNEL_TELEGRAM, "bot was blocked", OUTCOME_CONFIG, "who it writes to has blocked the bot",
     0},
    {CHANNEL_TELEGRAM, "bot was kicked", OUTCOME_CONFIG, "add the bot to the chat again", 0},
    {CHANNEL_TELEGRAM, "bot is not a member", OUTCOME_CONFIG, "add the bot to the chat", 0},
    {CHANNEL_TELEGRAM, "can't parse entities", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_TELEGRAM, "chat not found", OUTCOME_CONFIG, "room names no chat that the bot is in",
     0},
    {CHANNEL_TELEGRAM, "group chat was deleted", OUTCOME_CONFIG, "put another chat in room", 0},
    {CHANNEL_TELEGRAM, "group chat was upgraded", OUTCOME_CONFIG, "the chat has another number now",
     0},
    {CHANNEL_TELEGRAM, "message is too long", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_TELEGRAM, "not enough rights", OUTCOME_CONFIG, "let the bot write in the chat", 0},
    {CHANNEL_TELEGRAM, "Too Many Requests", OUTCOME_TRANSIENT, NULL, 0},
    {CHANNEL_TELEGRAM, "Unauthorized", OUTCOME_CONFIG,
     "the token is not valid; ask @BotFather for a new one", 0},
    {CHANNEL_TELEGRAM, "user is deactivated", OUTCOME_CONFIG,
     "the account was closed; put another chat in room", 0},

    {CHANNEL_ZULIP, "BAD_REQUEST", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_ZULIP, "INVALID_API_KEY", OUTCOME_CONFIG,
     "user and password should be the bot's address and API key", 0},
    {CHANNEL_ZULIP, "RATE_LIMIT_HIT", OUTCOME_TRANSIENT, NULL, 0},
    {CHANNEL_ZULIP, "REALM_DEACTIVATED", OUTCOME_CONFIG, "the organization was closed", 0},
    {CHANNEL_ZULIP, "STREAM_DOES_NOT_EXIST", OUTCOME_CONFIG,
     "room names no channel that the bot may write to", 0},
    {CHANNEL_ZULIP, "UNAUTHORIZED", OUTCOME_CONFIG,
     "user and password should be the bot's address and API key", 0},
    {CHANNEL_ZULIP, "USER_DEACTIVATED", OUTCOME_CONFIG, "the bot was switched off", 0},

    {CHANNEL_NTFY, "40009", OUTCOME_CONFIG, "topic should be letters, digits, _ and -", 0},
    {CHANNEL_NTFY, "40101", OUTCOME_CONFIG, RENEW, 0},
    {CHANNEL_NTFY, "40301", OUTCOME_CONFIG,
     "the topic is protected; put an access token that may write to it in token", 0},
    {CHANNEL_NTFY, "41301", OUTCOME_MESSAGE, NULL, 0},
    {CHANNEL_NTFY, "42901", OUTCOME_TRANSIENT, NULL, 0},
    {CHANNEL_NTFY, "42908", OUTCOME_TRANSIENT, "the messages of the day are used up",
     RETRY_AFTER_MAX_MS},
};

static const struct {
	long from, to;
	const char *hint;
} status_hints[] = {
    {300, 399, "redirects are not followed; put the new address in url"},
    {401, 401, "our credentials are refused"},
    {403, 403, "posting there is not permitted"},
    {404, 404, "nothing is there; look at url"},
    {405, 405, "it takes no posts; look at url"},
    {407, 407, "the proxy wants a login"},
    {410, 410, "it is gone for good; make a new one and put it in url"},
    {413, 413, "the message is too large for it"},
};

const char *reply_status_hint(long status)
{
	for (size_t i = 0; i < sizeof(status_hints) / sizeof(status_hints[0]); i++)
		if (status >= status_hints[i].from && status <= status_hints[i].to)
			return status_hints[i].hint;
	return NULL;
}

/* The member at a path of names with dots between them; NULL: none. */
static const json_t *member(const json_t *object, const char *path)
{
	char name[64];

	while (object && path && *path) {
		const size_t len = strcspn(path, ".");

		if (len >= sizeof(name))
			return NULL;
		memcpy(name, path, len);
		name[len] = '\0';
		object = json_object_get(object, name);
		path += len + (path[len] == '.');
	}
	return path ? object : NULL;
}

/* The row of what was said; telegram says sentences, the others words or numbers. */
static const struct answer_row *row_of(enum channel_type type, const char *said)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (answers[i].type == type &&
		    (type == CHANNEL_TELEGRAM ? strcasestr(said, answers[i].word) != NULL
					      : strcmp(said, answers[i].word) == 0))
			return &answers[i];
	return NULL;
}

static void take_word(enum channel_type type, const char *said, struct reply_words *words)
{
	const struct answer_row *row = row_of(type, said);

	if (!row)
		return;
	words->word = row->word;
	words->class = row->class;
	words->hint = row->hint;
	if (words->retry_after_ms == NOT_SAID && row->wait_ms > 0)
		words->retry_after_ms = row->wait_ms;
}

static void read_word(enum channel_type type, const json_t *said, struct reply_words *words)
{
	char digits[24];

	if (json_is_string(said))
		take_word(type, json_string_value(said), words);
	if (json_is_integer(said)) {
		snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(said));
		take_word(type, digits, words);
	}
}

static int64_t read_wait(const json_t *said, int64_t unit_ms)
{
	const double wait = json_number_value(said) * (double)unit_ms;

	if (!json_is_number(said))
		return NOT_SAID;
	if (!(wait > 0))
		return 0;
	return wait < (double)RETRY_AFTER_MAX_MS ? (int64_t)wait : RETRY_AFTER_MAX_MS;
}

static bool tells_success(const json_t *said)
{
	return said && !json_is_false(said) && !json_is_null(said) &&
	       !(json_is_string(said) && strcmp(json_string_value(said), "error") == 0);
}

static bool body_is(const struct http_reply *reply, const char *word)
{
	const char *body = reply->body + strspn(reply->body, " \t\r\n");
	const size_t len = strlen(word);

	return strncmp(body, word, len) == 0 && body[len + strspn(body + len, " \t\r\n")] == '\0';
}

static bool says_failed(const struct http_reply *reply)
{
	return strcasestr(reply->body, TEAMS_FAILED) != NULL;
}

/* A flow may answer whatever its maker put in, the word error too; a page is somebody else's. */
static bool claims_success(const struct http_reply *reply)
{
	return !says_failed(reply) && strcasestr(reply->body, "<html") == NULL;
}

static bool is_success(const struct dialect *dialect, const struct http_reply *reply,
		       const json_t *object)
{
	switch (dialect->success) {
	case SUCCESS_OK:
		return !reply->body_cut && body_is(reply, "ok");
	case SUCCESS_JSON:
		return tells_success(member(object, dialect->success_member));
	case SUCCESS_CLAIM:
		return claims_success(reply);
	default:
		return true;
	}
}

/* A body of one plain word, as Slack sends them. */
static void read_plain(enum channel_type type, const struct http_reply *reply,
		       struct reply_words *words)
{
	char word[64];
	const size_t len = strcspn(reply->body, " \t\r\n");

	if (len == 0 || len >= sizeof(word) || reply->body_cut)
		return;
	memcpy(word, reply->body, len);
	word[len] = '\0';
	if (body_is(reply, word))
		take_word(type, word, words);
}

struct reply_words reply_read(enum channel_type type, const struct http_reply *reply)
{
	const struct dialect *dialect = &dialects[type];
	struct reply_words words = {.retry_after_ms = NOT_SAID};
	/* Depth and size are limited: by jansson to 2048 levels, by the courier to its body. */
	json_t *object = reply->body_cut ? NULL : json_loadb(reply->body, reply->body_len, 0, NULL);
	const json_t *moved = member(object, "parameters.migrate_to_chat_id");

	words.is_success = is_success(dialect, reply, object);
	words.retry_after_ms =
	    read_wait(member(object, dialect->retry_after), dialect->retry_unit_ms);
	read_word(type, member(object, dialect->word), &words);
	if (!words.word && type == CHANNEL_SLACK)
		read_plain(type, reply, &words);
	if (type == CHANNEL_TEAMS && says_failed(reply))
		take_word(type, TEAMS_FAILED, &words);
	if (type == CHANNEL_TELEGRAM && json_is_integer(moved))
		words.moved_to = json_integer_value(moved);
	json_decref(object);
	return words;
}
