/* Probing another machine as far as it goes without sending anything: name, connection, encryption,
 * certificate, login. Waits for it: on a thread of its own. */
#ifndef CADENCE_NET_PROBE_H
#define CADENCE_NET_PROBE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "net/easy.h"
#include "net/fault.h"

#define PROBE_TIMEOUT_MS 15000 /* whoever asks for a doctor waits; a delivery is more patient */

struct probe {
	const char *url;			  /* smtp://, smtps://, https:// or http:// */
	bool clear;				  /* smtp: no encryption is asked for */
	const char *user, *password, *token_file; /* NULL: none */
	const char *bearer;			  /* http: a token; NULL: none */
	/* http: asks for the URL, which must be one that does nothing; else only connects. */
	bool ask;
	const char *proxy, *ca_file; /* NULL: none, and those of the system */
	const atomic_bool *stop;     /* ends it early once it is set */
};

#define PROBE_NO_CERTIFICATE (-1000000)

/* How far it came. */
struct probe_result {
	enum net_fault fault;	    /* NET_OK: as far as it should */
	char error[NET_ERROR_SIZE]; /* why not, in printable ASCII; it may name the host */
	bool resolved, connected, encrypted;
	bool no_login;	      /* smtp: there is a user, and the server offers no login */
	long status;	      /* http, of ask; 0: none */
	int certificate_days; /* until it ends; PROBE_NO_CERTIFICATE: there is none */
};

/* SMTP: connects, EHLO, STARTTLS, AUTH, NOOP, QUIT. */
struct probe_result probe_run(const struct probe *probe);

#endif
