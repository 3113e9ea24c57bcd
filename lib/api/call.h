/* Calls: one request from its arrival to its answer.
 *
 * A call is made on the loop, worked on by one job on the store thread, and answered on the loop again. While the job
 * runs, only `request`, `api` and the list belong to the loop; all the rest is the job's. */
#ifndef CADENCE_API_CALL_H
#define CADENCE_API_CALL_H

#include <jansson.h>

#include "api/api.h"
#include "base/mem.h"

struct call;
struct evhttp_request;

/* Fills call->result (or ->bytes, ->file). Runs on the store thread. */
typedef enum status call_job(struct db *db, struct call *call, struct error *err);
/* Runs on the loop before the job. */
typedef void call_start(struct call *call);

struct route {
	const char *method;
	const char *path;     /* "/v1/partners/{id}/why" */
	call_job *job;	      /* NULL: start answers by itself, with call_finish() */
	call_start *start;    /* may be NULL */
	bool writes;	      /* wake the daemon afterwards */
	bool alone;	      /* the job runs outside any transaction */
	const char *query[8]; /* the query names it knows */
	const char *help;
};

#define CALL_QUERY_MAX 8

struct call {
	/* The loop's. */
	struct api *api;		/* NULL once it has closed */
	struct evhttp_request *request; /* NULL once the other side has gone */
	struct call *next, *previous;

	const struct route *route;
	struct api_ops ops;
	struct arena *arena;
	struct scene scene; /* holds a reference to the roster */
	const char *target; /* path and query as they came */
	const char *id;	    /* what {id} stood for, decoded; NULL: none */
	struct {
		const char *name, *value;
	} query[CALL_QUERY_MAX];
	size_t query_count;
	const char *body;
	size_t body_len;
	const char *source;	     /* "command" or "api": what contacts are marked with */
	const char *idempotency_key; /* NULL: none */
	char *facts;		     /* what the daemon says of itself, from malloc */

	/* The answer. */
	int http_status; /* 0: what the status says */
	json_t *result;
	struct buf bytes; /* instead of result, with its type */
	const char *content_type;
	char *file; /* instead of both: a file to stream and its directory, to be removed; from malloc */
	char *directory;
};

/* Ends a call on the loop: answers if anybody still listens, and frees it. */
void call_finish(struct call *call, enum status status, const char *reason);
/* A query value; NULL when it was not given or is empty. */
const char *call_query(const struct call *call, const char *name);
/* A whole number from the query: fallback when not given. */
enum status call_query_whole(const struct call *call, const char *name, int64_t max, int64_t fallback,
			     int64_t *ret_number, struct error *err) MUST_USE;
/* {id} as the number of a row. */
enum status call_row(const struct call *call, int64_t *ret_row, struct error *err) MUST_USE;

/* Runs the route's job for a request: the same request with the same Idempotency-Key gets the answer the first one got.
 * The answer and what it says are stored in one transaction. */
enum status call_run(struct db *db, void *call, struct error *err) MUST_USE;

/* The route for a method and path; *ret_id, *ret_id_len: what stands for {id}, not decoded. NULL when there is none;
 * *ret_known says whether the path exists for another method. */
const struct route *route_find(const char *method, const char *path, size_t path_len,
			       const char **ret_id, size_t *ret_id_len, bool *ret_known);
/* The whole table. */
const struct route *route_table(size_t *ret_count);

#endif
