/* What every transfer of this room has in common, whatever its protocol. */
#ifndef CADENCE_NET_EASY_H
#define CADENCE_NET_EASY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#define NET_ERROR_SIZE 256

/* CURLOPT_LOGIN_OPTIONS, strongest first, in libcurl's order too. What is not named here is not
 * done, whatever the server offers: not PLAIN with a token, and nothing that asks the machine's
 * Kerberos. */
#define LOGIN_TOKEN    "AUTH=OAUTHBEARER;AUTH=XOAUTH2"
#define LOGIN_PASSWORD "AUTH=CRAM-MD5;AUTH=PLAIN;AUTH=LOGIN"

struct easy_limits {
	const char *protocols; /* "http,https" */
	long connect_ms;
	long total_ms;
	const char *ca_file; /* PEM; NULL: the certificates of the system */
	const char *proxy;   /* URL; NULL: none */
};

/* Forgets the options of the last transfer (not its connection) and sets those that never differ:
 * no proxy but the one named here, no redirects, no signals, TLS 1.2 or better and verified. error
 * is where libcurl will explain a failure, NET_ERROR_SIZE bytes; NULL: nowhere yet. */
void easy_prepare(CURL *easy, const struct easy_limits *limits, char *error);
/* The proxy alone, NULL: none; and who is to be trusted alone, NULL: as before. */
void easy_route(CURL *easy, const char *proxy);
void easy_trust(CURL *easy, const char *ca_file);
/* Whether text may stand on a line of a protocol: no control character that could end it. */
bool easy_line_ok(const char *text);
/* Overwrites a text that may hold a secret, and frees it. NULL is harmless. */
void easy_forget(char *text);
/* The same for a list, as set by options of libcurl. */
void easy_forget_list(struct curl_slist *list);

#endif
