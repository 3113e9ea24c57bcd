/* What a mail server says of a mail it received: Authentication-Results (RFC 8601). */
#ifndef CADENCE_SOURCE_AUTHRES_H
#define CADENCE_SOURCE_AUTHRES_H

#include "base/mem.h"

/* The server's name for itself and what it found for dmarc ("pass", "fail", …), lower case, from
 * the value of one header field; NULL what is not there. Where it names dmarc several times it is
 * the first that did not pass. Comments and quoted strings say nothing, whatever stands in them.
 * The arena owns both. Pure; never fails. */
void authres_read(const char *value, struct arena *arena, const char **ret_authserv,
		  const char **ret_dmarc);

#endif
