/* The control socket: an HTTP server on a Unix socket, with limits for whatever a client may do. */
#include "api/api.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/door.h"
#include "api/health.h"
#include "api/intake.h"
#include "api/shape.h"
#include "api/waiting.h"

#define HEADERS_MAX	     (16 * 1024)
#define BODY_MAX	     (8 * 1024 * 1024)
#define BYTES_MAX	     (16 * 1024 * 1024)
#define CONNECTION_TIMEOUT_S 30
#define LINE_TIMEOUT_S	     120 /* for the next line of an answer that comes in lines */
#define RELOAD_PATIENCE_S    60	 /* a reload takes seconds; cadencectl gives up after 120 */

struct api {
	struct event_base *base;
	struct store *store;
	struct api_ops ops;
	struct evhttp *http;
	struct door *door;
	struct waiting *waiting; /* for the end of a reload */
	bool closing;
};

/* ---- answering ---- */

static const struct {
	int code;
	const char *name;
} answers[] = {
    [STATUS_OK] = {200, "ok"},
    [STATUS_INVALID] = {400, "invalid"},
    [STATUS_NOT_FOUND] = {404, "not_found"},
    [STATUS_CONFLICT] = {409, "conflict"},
    [STATUS_TOO_BIG] = {413, "too_big"},
    [STATUS_BUSY] = {503, "busy"},
    [STATUS_NO_SPACE] = {507, "no_space"},
    [STATUS_DAMAGED] = {500, "damaged"},
    [STATUS_NEWER] = {500, "newer"},
    [STATUS_FAILED] = {500, "failed"},
};

static void send_bytes(struct evhttp_request *http, int code, const char *type, const void *bytes,
		       size_t len)
{
	struct evbuffer *buffer = evbuffer_new();
	struct evkeyvalq *headers = evhttp_request_get_output_headers(http);

	/* evhttp would send the body of an answer to HEAD too. */
	if (evhttp_request_get_command(http) != EVHTTP_REQ_HEAD)
		evbuffer_add(buffer, bytes, len);
	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "Connection", "close");
	evhttp_send_reply(http, code, NULL, buffer);
	evbuffer_free(buffer);
}

static void send_json(struct evhttp_request *http, int code, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	send_bytes(http, code, "application/json", text ? text : "{}", text ? strlen(text) : 2);
	free(text);
	json_decref(json);
}

static void send_error_as(struct evhttp_request *http, int code, enum status status,
			  const char *message)
{
	send_json(http, code,
		  json_pack("{s:{s:s, s:o}}", "error", "status", answers[status].name, "message",
			    shape_reason(message)));
}

static void send_error(struct evhttp_request *http, enum status status, const char *message)
{
	send_error_as(http, answers[status].code, status, message);
}

/* ---- a request's life ---- */

static void client_gone(struct evhttp_connection *connection, void *arg)
{
	struct request *r = arg;

	(void)connection;
	r->http = NULL;
}

static void request_free(struct request *r)
{
	if (r->http)
		evhttp_connection_set_closecb(evhttp_request_get_connection(r->http), NULL, NULL);
	roster_unref(r->roster);
	arena_free(r->arena);
	json_decref(r->query);
	json_decref(r->body);
	json_decref(r->answer);
	buf_free(&r->bytes);
	free(r->id);
	free(r->actor);
	free(r);
}

/* The answer to this request when it came within a day under the same key; STATUS_INVALID when the
 * key was another's. */
static enum status recall(struct db *db, struct request *r, struct error *err)
{
	struct query *query = db_query(db, "SELECT request, body FROM idempotency"
					   " WHERE key = $1 AND at > $2");

	db_bind_text(query, 1, r->key);
	db_bind(query, 2, r->scene.now - DAY_MS);
	if (db_step(query)) {
		if (strcmp(db_text(query, 0), r->fingerprint) == 0)
			r->answer = json_loads(db_text(query, 1), 0, NULL);
		else
			r->key_was_used = true;
	}
	db_end(query);
	if (r->key_was_used)
		return error_fail(
		    err, STATUS_INVALID,
		    "this Idempotency-Key came with another request before; take a new one");
	return STATUS_OK;
}

/* Keeps the answer for a day, in the transaction of what it answers. */
static void remember(struct db *db, const struct request *r)
{
	struct query *query = db_query(db, "DELETE FROM idempotency WHERE at <= $1");
	char *text = json_dumps(r->answer, JSON_COMPACT);

	db_bind(query, 1, r->scene.now - DAY_MS);
	db_run(query);
	query = db_query(db, "INSERT INTO idempotency (key, at, request, status, body)"
			     " VALUES ($1, $2, $3, 200, $4)");
	db_bind_text(query, 1, r->key);
	db_bind(query, 2, r->scene.now);
	db_bind_text(query, 3, r->fingerprint);
	db_bind_text(query, 4, text);
	db_run(query);
	free(text);
}

static enum status run_job(struct db *db, void *arg, struct error *err)
{
	struct request *r = arg;
	enum status status = r->key ? recall(db, r, err) : STATUS_OK;
	const bool again = r->answer != NULL;

	if (status == STATUS_OK && !again)
		status = r->route->handler(db, r, err);
	if (status == STATUS_OK && r->key && !again && r->answer)
		remember(db, r);
	if (status == STATUS_OK)
		status = db_status(db);
	if (status != STATUS_OK && !err->text[0])
		error_set(err, "%s", db_error(db));
	return status;
}

/* It may run twice. */
static enum status read_job(struct db *db, void *arg, struct error *err)
{
	struct request *r = arg;

	json_decref(r->answer);
	r->answer = NULL;
	return run_job(db, r, err);
}

/* The store knows when somebody is to be judged again; the daemon's next turn may come before that,
 * for a digest. */
static void take_next_turn(json_t *answer, instant now)
{
	const char *turn = json_string_value(json_object_get(answer, "next_turn"));
	const char *look = json_string_value(json_object_get(answer, "next_look"));
	instant at;

	/* Of the same form, they are ordered as texts. */
	if (turn && instant_parse(turn, &at) && at > now && (!look || strcmp(turn, look) < 0))
		json_object_set_new(answer, "next_look", json_string(turn));
	json_object_del(answer, "next_turn");
}

static void merge_daemon_status(struct request *r)
{
	char *text = r->ops.status(r->ops.daemon);
	json_t *more = json_loads(text, 0, NULL);

	/* Both know of things to warn of. */
	json_array_extend(json_object_get(r->answer, "warnings"),
			  json_object_get(more, "warnings"));
	json_object_del(more, "warnings");
	if (more)
		json_object_update_new(r->answer, more);
	free(text);
	take_next_turn(r->answer, r->ops.now(r->ops.daemon));
	json_object_set_new(r->answer, "faults",
			    health_faults(r->answer, r->ops.now(r->ops.daemon)));
}

static void add_withheld(struct request *r)
{
	char *text = r->ops.withheld(r->ops.daemon);

	json_object_set_new(r->answer, "withheld", shape_text(text));
	free(text);
}

/* Some answers need what the daemon knows and the database does not. */
static void complete(struct request *r)
{
	static const struct {
		const char *path;
		void (*add)(struct request *r);
	} parts[] = {
	    {"/v1/status", merge_daemon_status},
	    {"/v1/partners/{id}/why", add_withheld},
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(r->route->path, parts[i].path) == 0)
			parts[i].add(r);
}

static void answer_job(enum status status, const struct error *err, void *arg)
{
	struct request *r = arg;

	if (status == STATUS_OK && r->answer)
		complete(r);
	if (r->http && status != STATUS_OK)
		send_error_as(r->http, r->key_was_used ? 422 : answers[status].code, status,
			      err->text);
	else if (r->http && r->content_type)
		send_bytes(r->http, 200, r->content_type, buf_text(&r->bytes), r->bytes.len);
	else if (r->http)
		send_json(r->http, 200, json_incref(r->answer ? r->answer : json_object()));
	if (status == STATUS_OK && r->route->writes)
		r->ops.changed(r->ops.daemon);
	request_free(r);
}

/* ---- reload and check ---- */

/* A configuration that is refused is 422, whatever was wrong with it. */
static int refusal_code(enum status status)
{
	return status == STATUS_BUSY ? 503 : 422;
}

static void answer_conf(void *arg, enum status status, const char *text)
{
	struct request *r = arg;

	if (r->http && status == STATUS_OK)
		send_bytes(r->http, 200, "application/json", text, strlen(text));
	else if (r->http)
		send_error_as(r->http, refusal_code(status), status, text);
	request_free(r);
}

/* Another refusal has the code of its status. */
static void answer_daemon(void *arg, enum status status, const char *text)
{
	struct request *r = arg;

	if (r->http && status == STATUS_OK)
		send_bytes(r->http, 200, "application/json", text, strlen(text));
	else if (r->http)
		send_error(r->http, status, text);
	request_free(r);
}

static void start_reload(struct api *api, struct request *r)
{
	(void)api;
	r->ops.reload(r->ops.daemon, request_flag(r, "yes"), answer_conf, r);
}

static void start_back_up(struct api *api, struct request *r)
{
	(void)api;
	r->ops.back_up(r->ops.daemon, answer_daemon, r);
}

static void start_receive(struct api *api, struct request *r)
{
	(void)api;
	r->ops.receive(r->ops.daemon, buf_text(&r->bytes), r->bytes.len, answer_daemon, r);
}

static void start_check(struct api *api, struct request *r)
{
	const char *path = request_text(r, "path");

	(void)api;
	if (path && path[0] == '/') {
		r->ops.check(r->ops.daemon, path, answer_conf, r);
		return;
	}
	send_error(r->http, STATUS_INVALID, "path: say which file, from / on");
	request_free(r);
}

/* ---- backup ---- */

static enum status backup_job(struct db *db, void *arg, struct error *err)
{
	struct request *r = arg;
	int fd = -1;
	const enum status status = db_backup_open(db, &fd, err);

	/* The descriptor is all that is needed from here on. */
	if (status == STATUS_OK)
		r->answer = json_integer(fd);
	return status;
}

static void answer_backup(enum status status, const struct error *err, void *arg)
{
	struct request *r = arg;
	const int fd = r->answer ? (int)json_integer_value(r->answer) : -1;
	struct stat st;
	struct evbuffer *buffer;

	if (status != STATUS_OK || !r->http || fd < 0 || fstat(fd, &st)) {
		if (r->http)
			send_error(r->http, status == STATUS_OK ? STATUS_FAILED : status,
				   err->text);
		if (fd >= 0)
			close(fd);
		request_free(r);
		return;
	}
	buffer = evbuffer_new();
	evbuffer_add_file(buffer, fd, 0, st.st_size);
	evhttp_add_header(evhttp_request_get_output_headers(r->http), "Content-Type",
			  "application/vnd.sqlite3");
	evhttp_add_header(evhttp_request_get_output_headers(r->http), "Connection", "close");
	evhttp_send_reply(r->http, 200, NULL, buffer);
	evbuffer_free(buffer);
	request_free(r);
}

/* ---- taking a request ---- */

/* What it sees is what is in force now that it starts, whenever it came. */
static void set_scene(struct api *api, struct request *r)
{
	r->roster = api->ops.roster(api->ops.daemon);
	r->scene = (struct scene){
	    .roster = r->roster, .now = api->ops.now(api->ops.daemon), .actor = r->actor};
}

static void refuse_if_busy(struct request *r, enum status status)
{
	if (status == STATUS_OK)
		return;
	send_error(r->http, STATUS_BUSY, "too many requests wait; try again");
	request_free(r);
}

static void start_copy(struct api *api, struct request *r)
{
	refuse_if_busy(r, store_submit_alone(api->store, backup_job, answer_backup, r));
}

/* ---- doctor: an answer that comes line by line ---- */

static void begin_lines(struct request *r)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(r->http);

	if (r->begun)
		return;
	r->begun = true;
	/* Counted from each line on: until the next one a server may be waited for. */
	evhttp_connection_set_timeout(evhttp_request_get_connection(r->http), LINE_TIMEOUT_S);
	evhttp_add_header(headers, "Content-Type", "application/x-ndjson");
	evhttp_add_header(headers, "Connection", "close");
	evhttp_send_reply_start(r->http, 200, NULL);
}

static void answer_line(void *arg, const char *text)
{
	struct request *r = arg;
	struct evbuffer *buffer;

	if (!r->http)
		return;
	begin_lines(r);
	buffer = evbuffer_new();
	evbuffer_add_printf(buffer, "%s\n", text);
	evhttp_send_reply_chunk(r->http, buffer);
	evbuffer_free(buffer);
}

static void answer_lines_end(void *arg)
{
	struct request *r = arg;

	if (r->http) {
		begin_lines(r);
		evhttp_send_reply_end(r->http);
	}
	request_free(r);
}

static void hearer_gone(struct evhttp_connection *connection, void *arg)
{
	struct request *r = arg;

	/* evhttp leaves to us what is not answered to its end, unless it ends itself. */
	if (!r->api->closing)
		evhttp_request_free(r->http);
	client_gone(connection, r);
	r->ops.doctor_stop(r->ops.daemon);
}

static void start_doctor(struct api *api, struct request *r)
{
	struct error err = {""};
	const enum status status =
	    r->ops.doctor(r->ops.daemon, answer_line, answer_lines_end, r, &err);

	(void)api;
	if (status == STATUS_OK) {
		evhttp_connection_set_closecb(evhttp_request_get_connection(r->http), hearer_gone,
					      r);
		return;
	}
	send_error(r->http, status, err.text);
	request_free(r);
}

/* What is no store job. */
static const struct {
	const char *method, *path;
	void (*start)(struct api *api, struct request *r);
} others[] = {
    {"POST", API_RELOAD, start_reload},	 {"POST", API_CHECK, start_check},
    {"POST", API_BACKUP, start_back_up}, {"GET", API_BACKUP, start_copy},
    {"GET", API_DOCTOR, start_doctor},	 {"POST", API_RECEIVE, start_receive},
};

static void start(struct api *api, struct request *r)
{
	set_scene(api, r);
	if (r->route->handler) {
		refuse_if_busy(r, r->route->writes
				      ? store_submit(api->store, run_job, answer_job, r)
				      : store_submit_reading(api->store, read_job, answer_job, r));
		return;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (strcmp(r->route->method, others[i].method) != 0 ||
		    strcmp(r->route->path, others[i].path) != 0)
			continue;
		others[i].start(api, r);
		return;
	}
}

static void give_up(struct request *r)
{
	if (r->http)
		send_error(r->http, STATUS_BUSY,
			   "a reload is under way and takes long; nothing was written; try again");
	request_free(r);
}

/* A job that stands behind the sync of a reload would judge by the old configuration what the sync
 * has just put up to be judged by the new one. */
static void start_or_wait(struct api *api, struct request *r)
{
	if (r->route->writes && api->ops.reloading(api->ops.daemon))
		waiting_add(api->waiting, r);
	else
		start(api, r);
}

void api_resume(struct api *api)
{
	struct request *r;

	if (!api)
		return;
	while ((r = waiting_take(api->waiting))) {
		/* Who has gone away meanwhile, may have given up and thinks that nothing was
		 * written. */
		if (!r->http || door_has_left(evhttp_request_get_connection(r->http)))
			give_up(r);
		else
			start(api, r);
	}
}

/* RFC 9110, 15.5.6: a path that other methods know says which. */
static void refuse_route(struct evhttp_request *http, const char *path)
{
	char *allowed = route_methods(path);

	if (*allowed) {
		evhttp_add_header(evhttp_request_get_output_headers(http), "Allow", allowed);
		send_error_as(http, 405, STATUS_INVALID,
			      "this path has other methods; see the header Allow");
	} else {
		send_error(http, STATUS_NOT_FOUND, "no such route; see GET /v1/help");
	}
	free(allowed);
}

static const struct route *find_route(struct evhttp_request *http, char **ret_id)
{
	static const char *const methods[] = {
	    [EVHTTP_REQ_GET] = "GET", [EVHTTP_REQ_POST] = "POST", [EVHTTP_REQ_DELETE] = "DELETE"};
	const unsigned command = evhttp_request_get_command(http);
	const char *method =
	    command < sizeof(methods) / sizeof(methods[0]) ? methods[command] : NULL;

	return route_find(method ? method : "",
			  evhttp_uri_get_path(evhttp_request_get_evhttp_uri(http)), ret_id);
}

static struct request *request_new(struct api *api, struct evhttp_request *http,
				   const struct route *route, char *id)
{
	struct request *r = mem_alloc(1, sizeof(*r));

	r->api = api;
	r->ops = api->ops;
	r->http = http;
	r->route = route;
	r->id = id;
	r->arena = arena_new();
	r->bytes = buf_make(BYTES_MAX);
	return r;
}

static void on_request(struct evhttp_request *http, void *arg)
{
	struct api *api = arg;
	struct evhttp_connection *connection = evhttp_request_get_connection(http);
	char *id = NULL;
	const struct route *route = find_route(http, &id);
	struct error err = {""};
	struct request *r;
	enum status status;

	door_wait(api->door, connection);
	if (!route) {
		refuse_route(http, evhttp_uri_get_path(evhttp_request_get_evhttp_uri(http)));
		return;
	}
	r = request_new(api, http, route, id);
	status = door_check_head(api->door, connection, &err);
	if (status == STATUS_OK)
		status = intake_read(r, &err);
	if (status != STATUS_OK) {
		send_error(http, status, err.text);
		request_free(r);
		return;
	}
	evhttp_connection_set_closecb(connection, client_gone, r);
	start_or_wait(api, r);
}

/* ---- opening and closing ---- */

static void limit(struct api *api)
{
	evhttp_set_max_headers_size(api->http, HEADERS_MAX);
	evhttp_set_max_body_size(api->http, BODY_MAX);
	evhttp_set_timeout(api->http, CONNECTION_TIMEOUT_S);
	/* Those without a route are refused by us, in words; of CONNECT there is no path. */
	evhttp_set_allowed_methods(api->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_DELETE |
						  EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH |
						  EVHTTP_REQ_HEAD | EVHTTP_REQ_OPTIONS |
						  EVHTTP_REQ_TRACE);
	evhttp_set_gencb(api->http, on_request, api);
}

enum status api_open(struct event_base *base, struct store *store, const struct api_ops *ops,
		     const char *path, int fd, struct api **ret_api, struct error *err)
{
	const struct timeval patience = {.tv_sec = RELOAD_PATIENCE_S};
	struct api *api = mem_alloc(1, sizeof(*api));
	enum status status;

	api->base = base;
	api->store = store;
	api->ops = *ops;
	api->http = evhttp_new(base);
	api->waiting = waiting_new(base, &patience, give_up);
	limit(api);
	status = door_open(base, api->http, path, fd, &api->door, err);
	if (status == STATUS_OK) {
		*ret_api = api;
		return STATUS_OK;
	}
	waiting_free(api->waiting);
	evhttp_free(api->http);
	free(api);
	return status;
}

struct api *api_close(struct api *api)
{
	struct request *r;

	if (!api)
		return NULL;
	api->closing = true;
	door_close(api->door);
	while ((r = waiting_take(api->waiting)))
		request_free(r);
	waiting_free(api->waiting);
	evhttp_free(api->http);
	door_free(api->door);
	free(api);
	return NULL;
}
