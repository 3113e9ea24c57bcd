/* One transfer of libcurl that transfers nothing. */
#include "net/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "net/guard.h"
#include "net/token.h"

#define QUIT_TIMEOUT_S 2L /* a goodbye is not waited for any longer */
#define SECONDS_OF_DAY 86400
#define EXPIRES	       "Expire date:"
#define BODY_READ_MAX  65536

struct probing {
	const struct probe *probe;
	struct guard guard;
	bool offers_login;
	char last_line[NET_ERROR_SIZE]; /* of what the mail server said */
	size_t read;
	char error[NET_ERROR_SIZE];
	char token[TOKEN_MAX + 1];
};

static bool is_mail(const struct probe *probe)
{
	return strncmp(probe->url, "smtp", 4) == 0;
}

/* Whatever another machine says is shown as ASCII. */
static void copy_clean(char out[NET_ERROR_SIZE], const char *text, size_t len)
{
	size_t n = 0;

	for (; n < len && n < NET_ERROR_SIZE - 1 && text[n] && text[n] != '\r' && text[n] != '\n';
	     n++)
		out[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '?';
	out[n] = '\0';
}

static size_t hear_line(char *line, size_t size, size_t count, void *arg)
{
	struct probing *p = arg;
	const size_t len = size * count;

	if (len > 8 && strncasecmp(line, "250", 3) == 0 && strncasecmp(line + 4, "AUTH", 4) == 0)
		p->offers_login = true;
	copy_clean(p->last_line, line, len);
	return len;
}

static size_t skip_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct probing *p = arg;

	(void)bytes;
	p->read += size * count;
	return p->read > BODY_READ_MAX ? 0 : size * count;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct probing *p = arg;

	(void)purpose;
	return guard_open(&p->guard, address);
}

static int keep_going(void *arg, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
		      curl_off_t ulnow)
{
	const struct probing *p = arg;

	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;
	return p->probe->stop && atomic_load(p->probe->stop);
}

static void set_mail(CURL *easy, struct probing *p)
{
	const struct probe *probe = p->probe;

	curl_easy_setopt(easy, CURLOPT_USE_SSL,
			 (long)(probe->clear ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	/* Without a recipient libcurl says this one command once it is logged in. */
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "NOOP");
	curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, hear_line);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, p);
	if (!probe->user)
		return;
	curl_easy_setopt(easy, CURLOPT_USERNAME, probe->user);
	curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS,
			 probe->token_file ? LOGIN_TOKEN : LOGIN_PASSWORD);
	if (probe->token_file)
		curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, p->token);
	else
		curl_easy_setopt(easy, CURLOPT_PASSWORD, probe->password ? probe->password : "");
}

static void set_web(CURL *easy, struct probing *p)
{
	const struct probe *probe = p->probe;

	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	if (!probe->ask) {
		curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
		return;
	}
	curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	if (probe->bearer) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
		curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, probe->bearer);
	} else if (probe->user && probe->password) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl_easy_setopt(easy, CURLOPT_USERNAME, probe->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, probe->password);
	}
}

static void prepare(CURL *easy, struct probing *p)
{
	const struct probe *probe = p->probe;
	const struct easy_limits limits = {.protocols =
					       is_mail(probe) ? "smtp,smtps" : "http,https",
					   .connect_ms = PROBE_TIMEOUT_MS,
					   .total_ms = PROBE_TIMEOUT_MS,
					   .ca_file = probe->ca_file,
					   .proxy = probe->proxy};

	easy_prepare(easy, &limits, p->error);
	curl_easy_setopt(easy, CURLOPT_URL, probe->url);
	curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, p);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, skip_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, p);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, keep_going);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, p);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	if (is_mail(probe))
		set_mail(easy, p);
	else
		set_web(easy, p);
}

/* Of the server's own certificate, which comes first. */
static int days_left(CURL *easy)
{
	struct curl_certinfo *chain = NULL;

	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain ||
	    chain->num_of_certs < 1)
		return PROBE_NO_CERTIFICATE;
	for (const struct curl_slist *line = chain->certinfo[0]; line; line = line->next) {
		if (strncmp(line->data, EXPIRES, strlen(EXPIRES)) != 0)
			continue;
		const time_t end = curl_getdate(line->data + strlen(EXPIRES), NULL);
		if (end > 0)
			return (int)((end - time(NULL)) / SECONDS_OF_DAY);
	}
	return PROBE_NO_CERTIFICATE;
}

static bool took_time(CURL *easy, CURLINFO which)
{
	curl_off_t microseconds = 0;

	return curl_easy_getinfo(easy, which, &microseconds) == CURLE_OK && microseconds > 0;
}

static struct probe_result conclude(CURL *easy, struct probing *p, CURLcode code)
{
	struct probe_result result = {.fault = net_fault_of((int)code),
				      .certificate_days = days_left(easy)};

	result.resolved = took_time(easy, CURLINFO_NAMELOOKUP_TIME_T);
	result.connected = took_time(easy, CURLINFO_CONNECT_TIME_T);
	result.encrypted = result.certificate_days != PROBE_NO_CERTIFICATE;
	if (!is_mail(p->probe))
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &result.status);
	result.no_login =
	    is_mail(p->probe) && p->probe->user && code == CURLE_OK && !p->offers_login;
	if (guard_stopped(&p->guard, code, p->error))
		result.fault = NET_FORBIDDEN;
	/* What the mail server said last says more than libcurl does. */
	if (result.fault == NET_LOGIN && p->last_line[0] >= '4')
		copy_clean(result.error, p->last_line, strlen(p->last_line));
	else
		copy_clean(result.error, p->error[0] ? p->error : curl_easy_strerror(code),
			   NET_ERROR_SIZE);
	return result;
}

static struct probe_result no_token(const char *reason)
{
	struct probe_result result = {.fault = NET_TOKEN, .certificate_days = PROBE_NO_CERTIFICATE};

	copy_clean(result.error, reason, strlen(reason));
	return result;
}

struct probe_result probe_run(const struct probe *probe)
{
	struct probing *p = calloc(1, sizeof(*p));
	struct probe_result result;
	struct error err;
	CURL *easy;

	if (!p)
		return no_token("out of memory");
	p->probe = probe;
	if (probe->token_file && token_read(probe->token_file, p->token, &err) != STATUS_OK) {
		result = no_token(err.text);
	} else if ((easy = curl_easy_init())) {
		prepare(easy, p);
		result = conclude(easy, p, curl_easy_perform(easy));
		curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, QUIT_TIMEOUT_S);
		curl_easy_cleanup(easy);
	} else {
		result = no_token("out of memory");
	}
	explicit_bzero(p->token, sizeof(p->token));
	free(p);
	return result;
}
