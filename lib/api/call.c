/* The part of a call that runs on the store thread: idempotency around the route's job. */
#include "api/call.h"

#include <stdlib.h>
#include <string.h>

#include "api/input.h"
#include "base/bytes.h"

#define HTTP_OK		   200
#define HTTP_UNPROCESSABLE 422
#define KEY_KEPT_MS	   DAY_MS

const char *call_query(const struct call *call, const char *name)
{
	for (size_t i = 0; i < call->query_count; i++)
		if (strcmp(call->query[i].name, name) == 0 && call->query[i].value[0])
			return call->query[i].value;
	return NULL;
}

enum status call_query_whole(const struct call *call, const char *name, int64_t max, int64_t fallback,
			     int64_t *ret_number, struct error *err)
{
	const char *text = call_query(call, name);

	*ret_number = fallback;
	if (text && !input_parse_whole(text, max, ret_number))
		return error_fail(err, STATUS_INVALID, "%s must be a whole number up to %lld", name,
				  (long long)max);
	return STATUS_OK;
}

enum status call_row(const struct call *call, int64_t *ret_row, struct error *err)
{
	if (input_parse_whole(call->id, INT64_MAX / 100, ret_row) && *ret_row > 0)
		return STATUS_OK;
	return error_fail(err, STATUS_INVALID, "%s", "a number belongs here, such as 12");
}

/* What makes two requests the same. */
static void hash_request(const struct call *call, char ret_hex[SHA256_HEX_SIZE])
{
	char body[SHA256_HEX_SIZE];
	const char *all;

	bytes_sha256_hex(call->body, call->body_len, body);
	all = arena_printf(call->arena, "%s\n%s\n%s\n%s", call->route->method, call->target, call->source, body);
	bytes_sha256_hex(all, strlen(all), ret_hex);
}

/* Whether this key has an answer already; *ret_status is OK when that is to be given again. */
static bool replay(struct db *db, struct call *call, const char *key, const char *hash,
		   enum status *ret_status, struct error *err)
{
	struct query *query = db_query(
	    db, "SELECT request, status, body FROM idempotency WHERE key = $1 AND at > $2");
	bool found;

	db_bind_text(query, 1, key);
	db_bind(query, 2, call->scene.now - KEY_KEPT_MS);
	found = db_step(query);
	if (found && strcmp(db_text(query, 0), hash) != 0) {
		call->http_status = HTTP_UNPROCESSABLE;
		*ret_status = error_fail(err, STATUS_CONFLICT,
					 "this Idempotency-Key was used for another request");
	} else if (found) {
		call->http_status = (int)db_int(query, 1);
		call->result = json_loads(db_text(query, 2), 0, NULL);
		*ret_status = STATUS_OK;
	}
	db_end(query);
	return found;
}

static void remember(struct db *db, const struct call *call, const char *key, const char *hash)
{
	struct query *query = db_query(db, "DELETE FROM idempotency WHERE at <= $1");
	char *body = json_dumps(call->result, JSON_COMPACT);

	db_bind(query, 1, call->scene.now - KEY_KEPT_MS);
	(void)db_run(query);
	query = db_query(db, "INSERT INTO idempotency (key, at, request, status, body)"
			     " VALUES ($1, $2, $3, $4, $5)");
	db_bind_text(query, 1, key);
	db_bind(query, 2, call->scene.now);
	db_bind_text(query, 3, hash);
	db_bind(query, 4, HTTP_OK);
	db_bind_text(query, 5, body);
	(void)db_run(query);
	free(body);
}

static enum status run_once(struct db *db, struct call *call, struct error *err)
{
	char hash[SHA256_HEX_SIZE];
	/* One user's keys are no other's. */
	const char *key = arena_printf(call->arena, "%s|%s", call->scene.actor, call->idempotency_key);
	enum status status = STATUS_OK;

	hash_request(call, hash);
	if (replay(db, call, key, hash, &status, err))
		return status;
	status = call->route->job(db, call, err);
	if (status == STATUS_OK)
		remember(db, call, key, hash);
	return status;
}

enum status call_run(struct db *db, void *arg, struct error *err)
{
	struct call *call = arg;
	enum status status =
	    call->idempotency_key ? run_once(db, call, err) : call->route->job(db, call, err);

	/* What sticks to the connection outweighs what the verb said of it. */
	if (!call->route->alone && db_status(db) != STATUS_OK)
		return error_fail(err, db_status(db), "%s", db_error(db));
	if (status != STATUS_OK && err && !err->text[0])
		error_set(err, "%s", db_error(db) ? db_error(db) : "the store failed");
	return status;
}
