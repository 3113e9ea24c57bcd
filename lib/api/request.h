/* One request on its way through the API: parsed, run as a store job, answered on the loop. Private
 * to lib/api. */
#ifndef CADENCE_API_REQUEST_H
#define CADENCE_API_REQUEST_H

#include <jansson.h>

#include "api/api.h"
#include "api/member.h"

struct evhttp_request;

struct request {
	const struct api *api;	     /* not to be looked at once the socket was closed */
	struct api_ops ops;	     /* a copy: the answer may come after the socket was closed */
	struct evhttp_request *http; /* NULL once the client has gone */
	const struct route *route;
	struct roster *roster; /* a reference */
	struct scene scene;
	char *actor;
	const char *source; /* "command", "api" */
	struct arena *arena;
	char *id;	      /* the {id} of the path, or NULL */
	json_t *query;	      /* object of texts */
	json_t *body;	      /* object; empty when none was sent */
	const char *key;      /* the Idempotency-Key, or NULL */
	char fingerprint[65]; /* of the request, when it has a key */
	bool key_was_used;    /* by another request */
	/* What came of it. */
	json_t *answer;
	struct buf bytes; /* instead of answer, when content_type is set */
	const char *content_type;
	bool begun; /* an answer that comes in pieces */
};

/* Runs on the store thread, in its savepoint. */
typedef enum status request_handler(struct db *db, struct request *request, struct error *err);

#define ROUTE_MEMBERS_MAX 10
#define ROUTE_QUERIES_MAX 8

struct route {
	const char *method;
	const char *path; /* "/v1/partners/{id}/why" */
	request_handler *handler;
	bool writes;
	bool raw;				  /* the body is bytes, and no JSON */
	const char *help;			  /* sentences */
	struct member members[ROUTE_MEMBERS_MAX]; /* the body's; any other is an error */
	struct member queries[ROUTE_QUERIES_MAX]; /* the query's; any other is an error */
	const struct member *row;		  /* those of each of `rows`; NULL: it takes none */
	const char *example;	/* a body (JSON), or a query without "?"; NULL: none is needed */
	const char *example_id; /* stands for {id}; NULL: the usual one */
};

/* partners.c */
request_handler get_owners, get_owner;
request_handler get_status, get_due, get_partners, get_partner, get_contacts;
/* import.c */
request_handler post_contact, delete_contact, post_import_partners, post_import_contacts;
/* outbox.c */
request_handler get_outbox, get_delivery, post_retry, post_retry_dead, post_drop, get_preview,
    post_test;
/* why.c */
request_handler get_why;
/* reply.c */
request_handler post_rekey;
/* ids.c */
request_handler get_ids;
/* answers.c */
request_handler post_snooze, post_off, post_on, post_ack, post_plan, post_unplan, post_noshow,
    post_keep, post_fix, post_end, post_restore, post_partner, post_partner_values, delete_partner,
    post_away;

/* No store jobs by themselves: api.c hands them to the daemon. */
#define API_RECEIVE "/v1/receive"
#define API_CHECK   "/v1/check"
#define API_RELOAD  "/v1/reload"
#define API_BACKUP  "/v1/backup"
#define API_DOCTOR  "/v1/doctor"

extern const struct route api_routes[];
extern const size_t api_route_count;

/* The route for a method and a path, NULL when there is none. *ret_id is the part of
 * the path that stands for {id}, decoded and copied (the caller frees), or NULL. */
const struct route *route_find(const char *method, const char *path, char **ret_id);
/* The methods that know a path: "GET, POST", "" when none does. The caller frees. */
char *route_methods(const char *path);
/* What was said, checked: a text of the query or the body is NULL when it is not there. */
const char *request_query(const struct request *request, const char *name);
const char *request_text(const struct request *request, const char *name);
bool request_flag(const struct request *request, const char *name);
/* The {id} of the path as a number, from 1 on; what: "a contact", "a delivery". */
enum status request_id(const struct request *request, const char *what, int64_t *ret_id,
		       struct error *err) MUST_USE;
/* Whether the {id} of the path is an owner; else STATUS_NOT_FOUND, naming the nearest. */
enum status request_owner(const struct request *request, struct error *err) MUST_USE;
/* ?after=, the number of the last row seen; 0: from the start. */
int64_t request_after(const struct request *request);
/* How many rows a page may have: ?limit=. */
size_t request_page(const struct request *request);

#endif
