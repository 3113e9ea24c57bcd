/* From evhttp's request to ours. */
#include "api/intake.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/text.h"

#define KEY_MAX	      200 /* bytes of an Idempotency-Key */
#define PRINT_MAX     (32 * 1024 * 1024)
#define KEY_HEADER    "Idempotency-Key"
#define SOURCE_HEADER "X-Cadence-Source"

/* ---- the head ---- */

static const char *header(const struct request *r, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(r->http), name);
}

static int count_headers(const struct request *r, const char *name)
{
	const struct evkeyval *pair;
	int count = 0;

	TAILQ_FOREACH(pair, evhttp_request_get_input_headers(r->http), next)
	{
		count += strcasecmp(pair->key, name) == 0;
	}
	return count;
}

/* Each of these may stand in a head once, and the last two not together. */
static enum status check_head(const struct request *r, struct error *err)
{
	static const char *const names[] = {KEY_HEADER, "Host", "Content-Length",
					    "Transfer-Encoding"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (count_headers(r, names[i]) > 1)
			return error_fail(err, STATUS_INVALID,
					  "the header %s stands there more than once", names[i]);
	if (header(r, "Content-Length") && header(r, "Transfer-Encoding"))
		return error_fail(
		    err, STATUS_INVALID,
		    "Content-Length and Transfer-Encoding contradict each other; send one of them");
	return STATUS_OK;
}

static char *peer_of(struct evhttp_request *http)
{
	struct bufferevent *bev =
	    evhttp_connection_get_bufferevent(evhttp_request_get_connection(http));
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(bufferevent_getfd(bev), SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return mem_strdup("unknown");
	return mem_printf("uid %u", (unsigned)peer.uid);
}

/* ---- the query ---- */

static enum status add_parameter(json_t *query, const struct evkeyval *pair, struct error *err)
{
	json_t *value = json_string(pair->value);

	if (!text_is_id(pair->key)) {
		json_decref(value);
		return error_fail(err, STATUS_INVALID,
				  "there is a parameter whose name is no name");
	}
	if (!value)
		return error_fail(err, STATUS_INVALID, "%s is not valid UTF-8", pair->key);
	if (json_object_get(query, pair->key)) {
		json_decref(value);
		return error_fail(err, STATUS_INVALID, "%s: say it once", pair->key);
	}
	json_object_set_new(query, pair->key, value);
	return STATUS_OK;
}

static enum status read_query(struct request *r, struct error *err)
{
	const char *text = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(r->http));
	enum status status = STATUS_OK;
	const struct evkeyval *pair;
	struct evkeyvalq pairs;

	r->query = json_object();
	if (!text || !*text)
		return STATUS_OK;
	TAILQ_INIT(&pairs);
	/* libevent ends a value at %00. */
	if (strstr(text, "%00") || evhttp_parse_query_str(text, &pairs) != 0)
		status =
		    error_fail(err, STATUS_INVALID,
			       "what follows the ? is no query; write name=value, with & between");
	if (status == STATUS_OK) {
		TAILQ_FOREACH(pair, &pairs, next)
		{
			if (status == STATUS_OK)
				status = add_parameter(r->query, pair, err);
		}
	}
	evhttp_clear_headers(&pairs);
	return status;
}

/* ---- the body ---- */

static enum status read_body(struct request *r, struct error *err)
{
	struct evbuffer *input = evhttp_request_get_input_buffer(r->http);
	const size_t len = evbuffer_get_length(input);
	json_error_t why;

	if (r->route->raw) {
		buf_add(&r->bytes, evbuffer_pullup(input, -1), len);
		r->body = json_object();
		return STATUS_OK;
	}
	r->body = len ? json_loadb((const char *)evbuffer_pullup(input, -1), len,
				   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why)
		      : json_object();
	if (json_is_object(r->body))
		return STATUS_OK;
	if (r->body)
		return error_fail(err, STATUS_INVALID, "the body must be a JSON object");
	if (json_error_code(&why) == json_error_duplicate_key)
		return error_fail(err, STATUS_INVALID,
				  "the body says a member twice: line %d, column %d", why.line,
				  why.column);
	return error_fail(err, STATUS_INVALID, "the body is not JSON: line %d, column %d", why.line,
			  why.column);
}

/* ---- the key ---- */

/* What makes two requests the same: the method, the path and the body. */
static enum status read_key(struct request *r, struct error *err)
{
	const char *key = header(r, KEY_HEADER);
	struct buf all;
	char *body;

	if (!key || !r->route->writes)
		return STATUS_OK;
	if (!*key || strlen(key) > KEY_MAX)
		return error_fail(err, STATUS_INVALID, KEY_HEADER ": from 1 to %d bytes", KEY_MAX);
	all = buf_make(PRINT_MAX);
	body = json_dumps(r->body, JSON_COMPACT | JSON_SORT_KEYS);
	r->key = arena_strdup(r->arena, key);
	buf_addf(&all, "%s %s %s", r->route->method,
		 evhttp_uri_get_path(evhttp_request_get_evhttp_uri(r->http)), body);
	bytes_sha256_hex(buf_text(&all), all.len, r->fingerprint);
	free(body);
	buf_free(&all);
	return STATUS_OK;
}

enum status intake_read(struct request *r, struct error *err)
{
	const char *source = header(r, SOURCE_HEADER);
	enum status status = check_head(r, err);

	r->actor = peer_of(r->http);
	r->source = source && strcmp(source, "command") == 0 ? "command" : "api";
	if (status == STATUS_OK)
		status = read_query(r, err);
	if (status == STATUS_OK)
		status = read_body(r, err);
	if (status == STATUS_OK)
		status = member_check(r->route->members, "member", r->body, err);
	if (status == STATUS_OK)
		status = member_check(r->route->queries, "parameter", r->query, err);
	if (status == STATUS_OK)
		status = read_key(r, err);
	return status;
}
