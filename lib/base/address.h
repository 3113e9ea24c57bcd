/* Addresses: mail addresses, URLs and signing secrets, checked before anything is built from them.
 *
 * Strict on purpose: a byte that passes here goes on the wire as it is. Each check returns NULL
 * when the text is right, else what is wrong and what would be right, as the rest of a sentence. */
#ifndef CADENCE_BASE_ADDRESS_H
#define CADENCE_BASE_ADDRESS_H

#include <stdbool.h>

#define ADDRESS_MAIL_MAX 254  /* bytes */
#define ADDRESS_URL_MAX	 2000 /* bytes */

/* local@domain, ASCII, no spaces. */
const char *address_check_mail(const char *text);
/* An address, or "Name <address>", the name perhaps in quotes. */
const char *address_check_mailbox(const char *text);
/* The name of a host. */
const char *address_check_host(const char *text);
/* scheme://host[:port][/…], host a name or an address, nothing before it; schemes ends with NULL.
 */
const char *address_check_url(const char *text, const char *const *schemes);
/* Whether a URL that was found right leads to this machine only. */
bool address_is_loopback(const char *url);
/* What follows the host and port of a URL that was found right: "" or its path, query, fragment. */
const char *address_after_host(const char *url);
/* "whsec_" and base64 of 24 to 64 bytes, as Standard Webhooks has it; or two of them with white
 * space between. */
const char *address_check_signing(const char *text);

#endif
