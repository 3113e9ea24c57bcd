/* Preloaded into the daemon: transfers to the server named in HASTE_URL give up after HASTE_MS, so
 * that no test waits for the minute that a real server is given; and the control socket waits
 * HASTE_LINE_S for the next line of an answer, whatever it would. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>
#include <event2/http.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#undef curl_easy_setopt

CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
	CURLcode (*real)(CURL *, CURLoption, ...) = dlsym(RTLD_NEXT, "curl_easy_setopt");
	const char *url = getenv("HASTE_URL"), *ms = getenv("HASTE_MS");
	va_list args;
	void *value;
	CURLcode code;

	va_start(args, option);
	value = va_arg(args, void *);
	va_end(args);
	code = real(easy, option, value);
	if (option == CURLOPT_URL && url && ms && strstr(value, url))
		(void)real(easy, CURLOPT_TIMEOUT_MS, atol(ms));
	return code;
}

void evhttp_connection_set_timeout(struct evhttp_connection *connection, int seconds)
{
	void (*real)(struct evhttp_connection *, int) =
	    dlsym(RTLD_NEXT, "evhttp_connection_set_timeout");
	const char *line = getenv("HASTE_LINE_S");

	real(connection, line ? atoi(line) : seconds);
}
