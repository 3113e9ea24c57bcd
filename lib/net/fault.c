/* One table from libcurl's many codes to our few. */
#include "net/fault.h"

#include <curl/curl.h>
#include <stddef.h>

static const char *const words[NET_FAULTS] = {
    [NET_OK] = "answered",
    [NET_RESOLVE] = "could not resolve the host name",
    [NET_CONNECT] = "could not connect",
    [NET_FORBIDDEN] = "refused to connect to a link-local address or the like",
    [NET_TIMEOUT] = "timed out",
    [NET_TLS] = "could not set up an encrypted connection",
    [NET_NO_TLS] = "offers no encryption, which is required",
    [NET_CERTIFICATE] = "shows a certificate that is not trusted",
    [NET_LOGIN] = "refused the login",
    [NET_TOKEN] = "found no token to log in with",
    [NET_BROKEN] = "broke the connection",
    [NET_REQUEST] = "cannot be sent as it is",
    [NET_OTHER] = "failed",
};

static const struct {
	CURLcode code;
	enum net_fault fault;
} faults[] = {
    {CURLE_OK, NET_OK},
    {CURLE_COULDNT_RESOLVE_HOST, NET_RESOLVE},
    {CURLE_COULDNT_RESOLVE_PROXY, NET_RESOLVE},
    {CURLE_COULDNT_CONNECT, NET_CONNECT},
    {CURLE_INTERFACE_FAILED, NET_CONNECT},
    {CURLE_OPERATION_TIMEDOUT, NET_TIMEOUT},
    {CURLE_ABORTED_BY_CALLBACK, NET_TIMEOUT},
    {CURLE_SSL_CONNECT_ERROR, NET_TLS},
    {CURLE_SSL_CIPHER, NET_TLS},
    {CURLE_USE_SSL_FAILED, NET_NO_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, NET_CERTIFICATE},
    {CURLE_SSL_ISSUER_ERROR, NET_CERTIFICATE},
    {CURLE_SSL_INVALIDCERTSTATUS, NET_CERTIFICATE},
    {CURLE_LOGIN_DENIED, NET_LOGIN},
    {CURLE_AUTH_ERROR, NET_LOGIN},
    {CURLE_GOT_NOTHING, NET_BROKEN},
    {CURLE_SEND_ERROR, NET_BROKEN},
    {CURLE_RECV_ERROR, NET_BROKEN},
    {CURLE_PARTIAL_FILE, NET_BROKEN},
    {CURLE_WEIRD_SERVER_REPLY, NET_BROKEN},
    {CURLE_URL_MALFORMAT, NET_REQUEST},
    {CURLE_UNSUPPORTED_PROTOCOL, NET_REQUEST},
    {CURLE_BAD_FUNCTION_ARGUMENT, NET_REQUEST},
};

const char *net_fault_words(enum net_fault fault)
{
	return words[fault];
}

enum net_fault net_fault_of(int curl_code)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if ((int)faults[i].code == curl_code)
			return faults[i].fault;
	return NET_OTHER;
}
