/* Options of every transfer. */
#include "net/easy.h"

#include <stdlib.h>
#include <string.h>

#define KEEPALIVE_S 30L

_Static_assert(NET_ERROR_SIZE >= CURL_ERROR_SIZE, "libcurl writes its reason into our array");

void easy_route(CURL *easy, const char *proxy)
{
	/* The empty string: libcurl would obey http_proxy in the environment. */
	curl_easy_setopt(easy, CURLOPT_PROXY, proxy ? proxy : "");
}

void easy_trust(CURL *easy, const char *ca_file)
{
	if (!ca_file)
		return;
	curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
	curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, ca_file);
}

void easy_prepare(CURL *easy, const struct easy_limits *limits, char *error)
{
	curl_easy_reset(easy);
	if (error)
		error[0] = '\0';
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, limits->protocols);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, limits->connect_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limits->total_ms);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	easy_route(easy, limits->proxy);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
	easy_trust(easy, limits->ca_file);
	/* A connection that is kept for the next message would be forgotten by a firewall. */
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_S);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, KEEPALIVE_S);
	/* A resolver that hangs is left to end by itself. Without this libcurl waits for it when
	 * the transfer has timed out, and everybody else on this thread with it. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}

bool easy_line_ok(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if ((*c < ' ' && *c != '\t') || *c == 0x7f)
			return false;
	return true;
}

void easy_forget(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void easy_forget_list(struct curl_slist *list)
{
	for (struct curl_slist *entry = list; entry; entry = entry->next)
		explicit_bzero(entry->data, strlen(entry->data));
	curl_slist_free_all(list);
}
