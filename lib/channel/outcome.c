/* The tables, and the words of a reason. First row that fits decides. */
#include "channel/outcome.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "channel/reply.h"
#include "channel/retry_after.h"

/* A hook that is gone may be a server that is down behind its proxy */
#define ONCE_MORE_HOOK_MS (10 * MINUTE_MS)
#define ONCE_MORE_FULL_MS HOUR_MS
#define GREYLIST_MS	  (5 * MINUTE_MS)
#define FULL_MS		  HOUR_MS
#define CODE_REFUSED	  400
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
    [NET_TOKEN] = OUTCOME_TRANSIENT,   [NET_REQUEST] = OUTCOME_MESSAGE,
    [NET_OTHER] = OUTCOME_TRANSIENT,
};

/* What can be done about a fault that waits for the administrator. */
static const char *const fault_hints[NET_FAULTS] = {
    [NET_NO_TLS] = "tls = \"none\" would send in clear text",
    [NET_CERTIFICATE] = "if it is signed by a CA of your own, name that in ca_file",
    [NET_LOGIN] = "look at user and password",
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

/* Where the detail tells more than our own words: what is wrong with a certificate or a login,
 * which address was refused. */
static bool detail_helps(enum net_fault fault)
{
	return fault == NET_CERTIFICATE || fault == NET_TLS || fault == NET_LOGIN ||
	       fault == NET_TOKEN || fault == NET_FORBIDDEN;
}

static void set_fault_reason(struct outcome *outcome, const char *protocol, enum net_fault fault,
			     const char *detail)
{
	const bool tell = detail_helps(fault) && detail[0] != '\0' && !strstr(detail, "://");
	const char *hint = fault_hints[fault];

	set_reason(outcome, "%s %s%s%s%s%s%s", protocol, net_fault_words(fault), tell ? ": " : "",
		   tell ? detail : "", outcome->ambiguous ? ", perhaps after it was accepted" : "",
		   hint ? "; " : "", hint ? hint : "");
}

/* ---- HTTP ---- */

struct status_row {
	long from, to;
	enum outcome_class class;
	int64_t once_more_ms;
	/* Said by who stands before the server, or broke while it worked: perhaps it was taken. */
	bool ambiguous;
};

static const struct status_row statuses[] = {
    {200, 299, OUTCOME_DELIVERED, NONE, false},
    {300, 399, OUTCOME_CONFIG, NONE, false}, /* moved: redirects are not followed */
    {401, 401, OUTCOME_CONFIG, NONE, false},
    {402, 402, OUTCOME_CONFIG, NONE, false},
    {403, 403, OUTCOME_CONFIG, NONE, false},
    {404, 404, OUTCOME_CONFIG, ONCE_MORE_HOOK_MS, false},
    {405, 405, OUTCOME_CONFIG, NONE, false},
    {407, 407, OUTCOME_CONFIG, NONE, false},
    {408, 408, OUTCOME_TRANSIENT, NONE, false},
    {410, 410, OUTCOME_CONFIG, ONCE_MORE_HOOK_MS, false},
    {421, 421, OUTCOME_TRANSIENT, NONE, false},
    {423, 423, OUTCOME_TRANSIENT, NONE, false},
    {425, 425, OUTCOME_TRANSIENT, NONE, false},
    {426, 426, OUTCOME_CONFIG, NONE, false},
    {429, 429, OUTCOME_TRANSIENT, NONE, false},
    {400, 499, OUTCOME_MESSAGE, NONE,
     false}, /* 400 413 415 422 and whatever else blames the request */
    {500, 500, OUTCOME_TRANSIENT, NONE, true},
    {502, 502, OUTCOME_TRANSIENT, NONE, true},
    {504, 504, OUTCOME_TRANSIENT, NONE, true},
    {500, 599, OUTCOME_TRANSIENT, NONE, false},
};

static const struct status_row *row_of_status(long status)
{
	static const struct status_row unknown = {0, 0, OUTCOME_TRANSIENT, NONE, false};

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (status >= statuses[i].from && status <= statuses[i].to)
			return &statuses[i];
	return &unknown;
}

/* What the body says counts more than the status. An answer of success whose body does not say so
 * was none, and perhaps somebody else's. */
static void judge_body(struct outcome *outcome, const struct reply_words *words)
{
	if (outcome->class == OUTCOME_DELIVERED && !words->is_success) {
		outcome->class = words->word ? words->class : OUTCOME_TRANSIENT;
		outcome->ambiguous = !words->word;
	} else if (outcome->class != OUTCOME_DELIVERED && words->word) {
		outcome->class = words->class;
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

/* "http 404 no_service: the hook was deleted; make a new one and put it in url" */
static void set_http_reason(struct outcome *outcome, const struct http_reply *reply,
			    const struct reply_words *words)
{
	const bool failed = outcome->class != OUTCOME_DELIVERED;
	const bool moved = reply->status >= 300 && reply->status <= 399 && reply->location;
	const int len = moved ? origin_len(reply->location) : 0;
	const char *word = words->word && failed ? words->word : "";
	const char *hint = !failed	 ? NULL
			   : words->word ? words->hint
					 : reply_status_hint(reply->status);

	if (words->moved_to && failed)
		set_reason(outcome, "http %ld %s: put room = \"%" PRId64 "\" in its place",
			   reply->status, word, words->moved_to);
	else if (failed && reply->status < 300 && !words->word)
		set_reason(outcome, "http %ld, but the answer does not say that it was taken",
			   reply->status);
	else
		set_reason(outcome, "http %ld%s%.*s%s%s%s%s", reply->status,
			   len > 0 ? ", moved to " : "", len, len > 0 ? reply->location : "",
			   *word ? " " : "", word, hint ? ": " : "", hint ? hint : "");
}

struct outcome outcome_of_http(enum channel_type type, const struct http_reply *reply, instant now)
{
	struct outcome outcome = {.retry_after_ms = NONE, .once_more_ms = NONE};

	if (reply->fault != NET_OK) {
		outcome.class = fault_classes[reply->fault];
		outcome.ambiguous = reply->sent_maybe;
		set_fault_reason(&outcome, "http", reply->fault, reply->error);
		return outcome;
	}
	const struct reply_words words = reply_read(type, reply);
	const struct status_row *row = row_of_status(reply->status);

	outcome.class = row->class;
	outcome.ambiguous = row->ambiguous && reply->all_sent && !words.word;
	judge_body(&outcome, &words);
	/* A word that is known needs no second try to be believed. */
	if (outcome.class == OUTCOME_CONFIG && !words.word)
		outcome.once_more_ms = row->once_more_ms;
	if (outcome.class == OUTCOME_TRANSIENT) {
		const int64_t header = retry_after_parse(reply->retry_after, now);

		outcome.retry_after_ms =
		    header > words.retry_after_ms ? header : words.retry_after_ms;
	}
	outcome.for_all = outcome.retry_after_ms > 0;
	set_http_reason(&outcome, reply, &words);
	return outcome;
}

/* ---- SMTP ---- */

/* The enhanced code tells more than the basic one, except where logging in is at stake: 530 5.7.0
 * is a matter of the configuration, 550 5.7.0 one of the message. */
static const struct code_row {
	long from, to;	      /* basic code */
	const char *enhanced; /* NULL: any or none; a star at the end: any that starts so */
	enum outcome_class class;
	int64_t wait_ms;  /* transient: at least; else: once more after that */
	const char *hint; /* what can be done about it; NULL: nothing to add */
} codes[] = {
    {400, 499, "4.7.1", OUTCOME_TRANSIENT, GREYLIST_MS, NULL},
    {400, 499, "4.2.2", OUTCOME_TRANSIENT, FULL_MS, NULL},
    {400, 499, NULL, OUTCOME_TRANSIENT, NONE, NULL}, /* 421 and all the others */
    {530, 530, NULL, OUTCOME_CONFIG, NONE, "the server wants a login, or TLS first"},
    {534, 534, NULL, OUTCOME_CONFIG, NONE, "the server wants another way to log in"},
    {535, 535, NULL, OUTCOME_CONFIG, NONE, "user or password is wrong"},
    {538, 538, NULL, OUTCOME_CONFIG, NONE, "the server takes a login over TLS only"},
    {500, 599, "5.7.8", OUTCOME_CONFIG, NONE, "user or password is wrong"},
    {500, 599, "5.7.57", OUTCOME_CONFIG, NONE,
     "the server wants a login; set user and password_file"},
    {500, 599, "5.7.139", OUTCOME_CONFIG, NONE,
     "logging in with a password is switched off for the mailbox"},
    {500, 599, "5.1.7", OUTCOME_CONFIG, NONE,
     "our own address is refused; look at from"}, /* our own address */
    {500, 599, "5.1.8", OUTCOME_CONFIG, NONE, "our own address is refused; look at from"},
    {500, 599, "5.1.1", OUTCOME_ADDRESS, NONE, "correct the address in the configuration"},
    {500, 599, "5.1.2", OUTCOME_ADDRESS, NONE, "correct the address in the configuration"},
    {500, 599, "5.1.3", OUTCOME_ADDRESS, NONE, "correct the address in the configuration"},
    {500, 599, "5.1.6", OUTCOME_ADDRESS, NONE, "correct the address in the configuration"},
    {500, 599, "5.1.10", OUTCOME_ADDRESS, NONE, "correct the address in the configuration"},
    {500, 599, "5.2.1", OUTCOME_ADDRESS, NONE,
     "the mailbox is switched off; correct the address in the configuration"},
    {500, 599, "5.2.2", OUTCOME_MESSAGE, ONCE_MORE_FULL_MS, NULL},
    {500, 599, "5.3.4", OUTCOME_MESSAGE, NONE, NULL},
    {500, 599, "5.7.*", OUTCOME_MESSAGE, NONE, NULL}, /* policy: says nothing about the address */
    {552, 552, NULL, OUTCOME_MESSAGE, ONCE_MORE_FULL_MS, NULL},
    /* 500 501 555 are ours to mend; a bare 550 or 554 may be about spam, so no address is blamed
       for it. */
    {500, 599, NULL, OUTCOME_MESSAGE, NONE, NULL},
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

/* Whoever renews it ends the block thereby. */
static const char refused_token_hint[] =
    "the token is refused; it is tried again when token_file holds another";

static const struct code_row serves_nobody = {0, 0, NULL, OUTCOME_TRANSIENT, NONE, NULL};

static const struct code_row *row_of_code(long code, const char *text)
{
	static const struct code_row unknown = {0, 0, NULL, OUTCOME_TRANSIENT, NONE, NULL};
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
	const char *hint = NULL;

	outcome.ambiguous = reply->sent_maybe;
	memcpy(outcome.refused_token, reply->refused_token, sizeof(outcome.refused_token));
	if (reply->fault != NET_OK && reply->code < CODE_REFUSED) {
		outcome.class = fault_classes[reply->fault];
		set_fault_reason(&outcome, "smtp", reply->fault, reply->error);
		return outcome;
	}
	if (reply->fault != NET_OK) {
		const struct code_row *row = row_of_code(reply->code, reply->text);

		hint = row->class == OUTCOME_CONFIG && reply->refused_token[0] ? refused_token_hint
									       : row->hint;
		/* A server that refuses whoever comes has not seen the message. */
		if (reply->unheard && row->class != OUTCOME_CONFIG)
			row = &serves_nobody;
		outcome.class = row->class;
		if (row->class == OUTCOME_TRANSIENT)
			outcome.retry_after_ms = row->wait_ms;
		else
			outcome.once_more_ms = row->wait_ms;
	}
	set_reason(&outcome, "smtp %ld%s%s%s%s", reply->code, reply->text[0] ? " " : "",
		   reply->text, hint ? ": " : "", hint ? hint : "");
	return outcome;
}
