/* The tables, and the words of a reason. First row that fits decides. */
#include "channel/outcome.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "channel/retry_after.h"

/* A hook that is gone may be a server that is down behind its proxy */
#define ONCE_MORE_HOOK_MS (10 * MINUTE_MS)
#define ONCE_MORE_FULL_MS HOUR_MS
#define GREYLIST_MS	  (5 * MINUTE_MS)
#define FULL_MS		  HOUR_MS
#define CODE_REFUSED	  400
#define WORD_MAX	  64 /* bytes of a body that are still one word */
#define NONE		  (-1)

static const char *const class_names[OUTCOME_CLASSES] = {
    [OUTCOME_DELIVERED] = "delivered", [OUTCOME_TRANSIENT] = "transient",
    [OUTCOME_MESSAGE] = "message",     [OUTCOME_ADDRESS] = "address",
    [OUTCOME_CONFIG] = "config",
};

const char *outcome_class_name(enum outcome_class class)
{
	return class_names[class];
}

/* ---- faults of the network ---- */

static const enum outcome_class fault_classes[NET_FAULTS] = {
    [NET_OK] = OUTCOME_DELIVERED,      [NET_RESOLVE] = OUTCOME_TRANSIENT,
    [NET_CONNECT] = OUTCOME_TRANSIENT, [NET_FORBIDDEN] = OUTCOME_CONFIG,
    [NET_TIMEOUT] = OUTCOME_TRANSIENT, [NET_TLS] = OUTCOME_TRANSIENT,
    [NET_NO_TLS] = OUTCOME_CONFIG,     [NET_CERTIFICATE] = OUTCOME_CONFIG,
    [NET_LOGIN] = OUTCOME_CONFIG,      [NET_BROKEN] = OUTCOME_TRANSIENT,
    [NET_REQUEST] = OUTCOME_MESSAGE,   [NET_OTHER] = OUTCOME_TRANSIENT,
};

/* ---- reasons ---- */

/* Takes off a character that the end of the array cut in two. */
static void trim_cut_character(char *text)
{
	const size_t end = strlen(text);
	size_t start = end;

	while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && (unsigned char)text[start - 1] >= 0xc0) {
		const unsigned char lead = (unsigned char)text[--start];
		const size_t len = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

		if (end - start < len)
			text[start] = '\0';
	}
}

static void PRINTF_LIKE(2, 3) set_reason(struct outcome *outcome, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(outcome->reason, sizeof(outcome->reason), fmt, args);
	va_end(args);
	if (len >= (int)sizeof(outcome->reason))
		trim_cut_character(outcome->reason);
}

/* libcurl's words help only where they tell what is wrong with a certificate; elsewhere they would
 * repeat ours. */
static void set_fault_reason(struct outcome *outcome, const char *protocol, enum net_fault fault,
			     const char *detail)
{
	const bool tell = (fault == NET_CERTIFICATE || fault == NET_TLS) && detail[0] != '\0' &&
			  !strstr(detail, "://");

	set_reason(outcome, "%s %s%s%s%s", protocol, net_fault_words(fault), tell ? ": " : "",
		   tell ? detail : "", outcome->ambiguous ? ", perhaps after it was accepted" : "");
}

/* ---- HTTP ---- */

struct status_row {
	long from, to;
	enum outcome_class class;
	int64_t once_more_ms;
};

static const struct status_row statuses[] = {
    {200, 299, OUTCOME_DELIVERED, NONE},
    {300, 399, OUTCOME_CONFIG, NONE}, /* moved: redirects are not followed */
    {401, 401, OUTCOME_CONFIG, NONE},
    {402, 402, OUTCOME_CONFIG, NONE},
    {403, 403, OUTCOME_CONFIG, NONE},
    {404, 404, OUTCOME_CONFIG, ONCE_MORE_HOOK_MS},
    {405, 405, OUTCOME_CONFIG, NONE},
    {407, 407, OUTCOME_CONFIG, NONE},
    {408, 408, OUTCOME_TRANSIENT, NONE},
    {410, 410, OUTCOME_CONFIG, ONCE_MORE_HOOK_MS},
    {421, 421, OUTCOME_TRANSIENT, NONE},
    {423, 423, OUTCOME_TRANSIENT, NONE},
    {425, 425, OUTCOME_TRANSIENT, NONE},
    {426, 426, OUTCOME_CONFIG, NONE},
    {429, 429, OUTCOME_TRANSIENT, NONE},
    {400, 499, OUTCOME_MESSAGE, NONE}, /* 400 413 415 422 and whatever else blames the request */
    {500, 599, OUTCOME_TRANSIENT, NONE},
};

static const struct status_row *row_of_status(long status)
{
	static const struct status_row unknown = {0, 0, OUTCOME_TRANSIENT, NONE};

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (status >= statuses[i].from && status <= statuses[i].to)
			return &statuses[i];
	return &unknown;
}

/* What Slack says in the body, where the status alone would mislead. */
static const struct {
	const char *word;
	enum outcome_class class;
} slack_words[] = {
    {"action_prohibited", OUTCOME_CONFIG},
    {"channel_is_archived", OUTCOME_CONFIG},
    {"channel_not_found", OUTCOME_CONFIG},
    {"invalid_blocks", OUTCOME_MESSAGE},
    {"invalid_payload", OUTCOME_MESSAGE},
    {"invalid_token", OUTCOME_CONFIG},
    {"msg_blocks_too_long", OUTCOME_MESSAGE},
    {"no_active_hooks", OUTCOME_CONFIG},
    {"no_service", OUTCOME_CONFIG},
    {"no_service_id", OUTCOME_CONFIG},
    {"no_team", OUTCOME_CONFIG},
    {"no_text", OUTCOME_MESSAGE},
    {"rate_limited", OUTCOME_TRANSIENT},
    {"rollup_error", OUTCOME_TRANSIENT},
    {"team_disabled", OUTCOME_CONFIG},
    {"user_not_found", OUTCOME_CONFIG},
};

/* The body when it is a single word of small letters, "no_service": such a one can hold no secret.
 * "" otherwise. */
static void word_of_body(const struct http_reply *reply, char word[WORD_MAX + 1])
{
	size_t len = reply->body_len;

	word[0] = '\0';
	while (len > 0 && isspace((unsigned char)reply->body[len - 1]))
		len--;
	if (len == 0 || len > WORD_MAX || reply->body_cut)
		return;
	for (size_t i = 0; i < len; i++)
		if (!(reply->body[i] >= 'a' && reply->body[i] <= 'z') && reply->body[i] != '_')
			return;
	memcpy(word, reply->body, len);
	word[len] = '\0';
}

/* Slack answers 200 and "ok"; anything else with 200 was no success, and perhaps not even Slack. */
static void judge_slack(struct outcome *outcome, const char *word)
{
	if (outcome->class == OUTCOME_DELIVERED && strcmp(word, "ok") != 0) {
		outcome->class = OUTCOME_TRANSIENT;
		outcome->ambiguous = true;
	}
	for (size_t i = 0; i < sizeof(slack_words) / sizeof(slack_words[0]); i++)
		if (strcmp(word, slack_words[i].word) == 0) {
			outcome->class = slack_words[i].class;
			outcome->ambiguous = false;
		}
}

/* "https://host" of a redirect: its path could repeat a secret. The answer's length; 0: nothing to
 * show. */
static int origin_len(const char *location)
{
	const char *host = strstr(location, "://");
	size_t len;

	if (!host || strlen(location) > OUTCOME_REASON_SIZE / 2)
		return 0;
	host += 3;
	len = strcspn(host, "/?#\\");
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)host[i]) && !strchr(".-:[]", host[i]))
			return 0;
	return (int)((size_t)(host - location) + len);
}

static void set_http_reason(struct outcome *outcome, const struct http_reply *reply,
			    const char *word)
{
	const bool moved = reply->status >= 300 && reply->status <= 399 && reply->location;
	const int len = moved ? origin_len(reply->location) : 0;

	if (len > 0)
		set_reason(outcome, "http %ld, moved to %.*s", reply->status, len, reply->location);
	else if (outcome->class != OUTCOME_DELIVERED && reply->status < 300 && !word[0])
		set_reason(outcome, "http %ld, but the answer is not \"ok\"", reply->status);
	else
		set_reason(outcome, "http %ld%s%s", reply->status, word[0] ? " " : "", word);
}

struct outcome outcome_of_http(enum channel_type type, const struct http_reply *reply, instant now)
{
	struct outcome outcome = {.retry_after_ms = NONE, .once_more_ms = NONE};
	char word[WORD_MAX + 1];

	if (reply->fault != NET_OK) {
		outcome.class = fault_classes[reply->fault];
		outcome.ambiguous = reply->sent_maybe;
		set_fault_reason(&outcome, "http", reply->fault, reply->error);
		return outcome;
	}
	word_of_body(reply, word);
	outcome.class = row_of_status(reply->status)->class;
	outcome.once_more_ms = row_of_status(reply->status)->once_more_ms;
	if (type == CHANNEL_SLACK)
		judge_slack(&outcome, word);
	if (outcome.class == OUTCOME_TRANSIENT)
		outcome.retry_after_ms = retry_after_parse(reply->retry_after, now);
	outcome.for_all = outcome.retry_after_ms > 0;
	set_http_reason(&outcome, reply, word);
	return outcome;
}

/* ---- SMTP ---- */

/* The enhanced code tells more than the basic one, except where logging in is at stake: 530 5.7.0
 * is a matter of the configuration, 550 5.7.0 one of the message. */
static const struct code_row {
	long from, to;	      /* basic code */
	const char *enhanced; /* NULL: any or none; a star at the end: any that starts so */
	enum outcome_class class;
	int64_t wait_ms; /* transient: at least; else: once more after that */
} codes[] = {
    {400, 499, "4.7.1", OUTCOME_TRANSIENT, GREYLIST_MS},
    {400, 499, "4.2.2", OUTCOME_TRANSIENT, FULL_MS},
    {400, 499, NULL, OUTCOME_TRANSIENT, NONE}, /* 421 and all the others */
    {530, 530, NULL, OUTCOME_CONFIG, NONE},
    {534, 534, NULL, OUTCOME_CONFIG, NONE},
    {535, 535, NULL, OUTCOME_CONFIG, NONE},
    {538, 538, NULL, OUTCOME_CONFIG, NONE},
    {500, 599, "5.7.8", OUTCOME_CONFIG, NONE},
    {500, 599, "5.7.57", OUTCOME_CONFIG, NONE},
    {500, 599, "5.7.139", OUTCOME_CONFIG, NONE},
    {500, 599, "5.1.7", OUTCOME_CONFIG, NONE}, /* our own address */
    {500, 599, "5.1.8", OUTCOME_CONFIG, NONE},
    {500, 599, "5.1.1", OUTCOME_ADDRESS, NONE},
    {500, 599, "5.1.2", OUTCOME_ADDRESS, NONE},
    {500, 599, "5.1.3", OUTCOME_ADDRESS, NONE},
    {500, 599, "5.1.6", OUTCOME_ADDRESS, NONE},
    {500, 599, "5.1.10", OUTCOME_ADDRESS, NONE},
    {500, 599, "5.2.1", OUTCOME_ADDRESS, NONE},
    {500, 599, "5.2.2", OUTCOME_MESSAGE, ONCE_MORE_FULL_MS},
    {500, 599, "5.3.4", OUTCOME_MESSAGE, NONE},
    {500, 599, "5.7.*", OUTCOME_MESSAGE, NONE}, /* policy: says nothing about the address */
    {552, 552, NULL, OUTCOME_MESSAGE, ONCE_MORE_FULL_MS},
    /* 500 501 555 are ours to mend; a bare 550 or 554 may be about spam, so no address is blamed
       for it. */
    {500, 599, NULL, OUTCOME_MESSAGE, NONE},
};

/* Bytes of an enhanced code at the start of text that belongs to the basic code; 0: none. */
static size_t enhanced_len(const char *text, long code)
{
	size_t len = strspn(text, "0123456789.");
	size_t dots = 0;

	for (size_t i = 0; i < len; i++)
		dots += text[i] == '.';
	return dots == 2 && text[0] == (char)('0' + code / 100) && text[1] == '.' ? len : 0;
}

static bool enhanced_fits(const char *pattern, const char *text, size_t len)
{
	const size_t n = pattern ? strlen(pattern) : 0;

	if (!pattern)
		return true;
	if (pattern[n - 1] == '*')
		return len >= n && strncmp(pattern, text, n - 1) == 0;
	return len == n && strncmp(pattern, text, n) == 0;
}

static const struct code_row *row_of_code(long code, const char *text)
{
	static const struct code_row unknown = {0, 0, NULL, OUTCOME_TRANSIENT, NONE};
	const size_t len = enhanced_len(text, code);

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (code >= codes[i].from && code <= codes[i].to &&
		    enhanced_fits(codes[i].enhanced, text, len))
			return &codes[i];
	return &unknown;
}

struct outcome outcome_of_mail(const struct mail_reply *reply)
{
	struct outcome outcome = {.retry_after_ms = NONE, .once_more_ms = NONE};

	outcome.ambiguous = reply->sent_maybe;
	if (reply->fault != NET_OK && reply->code < CODE_REFUSED) {
		outcome.class = fault_classes[reply->fault];
		set_fault_reason(&outcome, "smtp", reply->fault, reply->error);
		return outcome;
	}
	if (reply->fault != NET_OK) {
		const struct code_row *row = row_of_code(reply->code, reply->text);

		outcome.class = row->class;
		if (row->class == OUTCOME_TRANSIENT)
			outcome.retry_after_ms = row->wait_ms;
		else
			outcome.once_more_ms = row->wait_ms;
	}
	set_reason(&outcome, "smtp %ld%s%s", reply->code, reply->text[0] ? " " : "", reply->text);
	return outcome;
}
