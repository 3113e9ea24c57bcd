/* The command line's side of the control socket: HTTP with JSON in and out. */
#ifndef CADENCE_CTL_CLIENT_H
#define CADENCE_CTL_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"

/* Exit statuses (sysexits.h). */
enum { DONE = 0, FAILED = 1, USAGE = 64, UNREACHABLE = 69, TRY_AGAIN = 75, CONF_WRONG = 78 };

struct ctl {
	const char *socket;
	bool json;	 /* --json: print what the daemon answered */
	long timeout_ms; /* for the whole of an answer; 0: as long as it comes */
	bool says_alone; /* that nobody answers is the verb's to say: no complaint of it */
};

/* Sends a request and returns DONE, FAILED, CONF_WRONG or UNREACHABLE (the reason has been
 * printed). body may be NULL; it is consumed. On DONE *ret is the answer, the caller's; ret may be
 * NULL. With --json a good answer is printed too; a refusal is main's to print. */
int client_json(const struct ctl *ctl, const char *method, const char *path, json_t *body,
		json_t **ret);
/* The same for a body of bytes; the answer is JSON. */
int client_send(const struct ctl *ctl, const char *path, const struct buf *body, json_t **ret);
/* The same for an answer that is not JSON: appended to *ret. */
int client_bytes(const struct ctl *ctl, const char *path, struct buf *ret);
/* The same for an answer of any size: written to the file as it comes. */
int client_file(const struct ctl *ctl, const char *path, FILE *file);
/* Every row of a list that comes in pages: the array `key` in the answers to GET path. The rows
 * stay the client's. */
typedef void client_row(void *arg, json_t *row);
int client_each(const struct ctl *ctl, const char *path, const char *key, client_row *take_row,
		void *arg);
/* Prints it as --json prints answers: one line. */
void client_print(const json_t *answer);
/* Text as part of a path or query; the caller frees. */
char *client_escape(const char *text);

#endif
