/* One table of networks. An IPv4 address is looked up as the IPv6 address it is mapped to, so that
 * it is refused in either spelling. */
#include "net/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MAPPED	0xff, 0xff
#define ZEROS_8 0, 0, 0, 0, 0, 0, 0, 0
#define V4(a, b, c, d)                                                                             \
	{                                                                                          \
		ZEROS_8, 0, 0, MAPPED, a, b, c, d                                                  \
	}
#define V4_BITS 96
#define V4_AT	12 /* bytes before the IPv4 address */

static const struct {
	uint8_t network[16];
	unsigned bits;
	const char *words;
} refused[] = {
    {V4(169, 254, 0, 0), V4_BITS + 16, "a link-local address"},
    {V4(100, 100, 100, 200), V4_BITS + 32, "a metadata address"},
    {V4(0, 0, 0, 0), V4_BITS + 8, "an unspecified address"},
    {V4(224, 0, 0, 0), V4_BITS + 4, "a multicast address"},
    {V4(255, 255, 255, 255), V4_BITS + 32, "a broadcast address"},
    {{0}, 128, "an unspecified address"},
    {{0xfe, 0x80}, 10, "a link-local address"},
    {{0xfd, 0, 0x0e, 0xc2, ZEROS_8, 0, 0, 0x02, 0x54}, 128, "a metadata address"},
    {{0xff}, 8, "a multicast address"},
};

/* 64:ff9b::/96: a gateway of the network turns it into the IPv4 address behind it. */
static const uint8_t translated[V4_AT] = {0, 0x64, 0xff, 0x9b};
static const uint8_t mapped[V4_AT] = {ZEROS_8, 0, 0, MAPPED};

static bool lies_in(const uint8_t address[16], const uint8_t network[16], unsigned bits)
{
	const size_t whole = bits / 8;
	const unsigned rest = bits % 8;

	if (memcmp(address, network, whole) != 0)
		return false;
	return rest == 0 || ((address[whole] ^ network[whole]) >> (8 - rest)) == 0;
}

static bool bytes_of(const struct sockaddr *address, uint8_t bytes[16])
{
	if (address->sa_family == AF_INET) {
		memcpy(bytes, mapped, V4_AT);
		memcpy(bytes + V4_AT,
		       &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
		return true;
	}
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
	if (memcmp(bytes, translated, V4_AT) == 0)
		memcpy(bytes, mapped, V4_AT);
	return true;
}

const char *guard_objection(const struct sockaddr *address)
{
	uint8_t bytes[16];

	if (!bytes_of(address, bytes))
		return "no address of the internet";
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (lies_in(bytes, refused[i].network, refused[i].bits))
			return refused[i].words;
	return NULL;
}

static void explain(struct guard *guard, const struct sockaddr *address, const char *objection)
{
	char text[INET6_ADDRSTRLEN] = "it";

	if (address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr,
			  text, sizeof(text));
	if (address->sa_family == AF_INET6)
		inet_ntop(AF_INET6,
			  &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text,
			  sizeof(text));
	snprintf(guard->why, sizeof(guard->why), "%s is %s", text, objection);
}

curl_socket_t guard_open(struct guard *guard, const struct curl_sockaddr *address)
{
	const char *objection = guard_objection(&address->addr);

	if (objection) {
		guard->refused = true;
		explain(guard, &address->addr, objection);
		return CURL_SOCKET_BAD;
	}
	guard->opened = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool guard_stopped(const struct guard *guard, CURLcode code, char error[NET_ERROR_SIZE])
{
	if (code == CURLE_OK || !guard->refused || guard->opened)
		return false;
	memcpy(error, guard->why, NET_ERROR_SIZE);
	return true;
}
