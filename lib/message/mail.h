/* Writes whole mail messages (RFC 5322, MIME), and the ids by which a message is known again.
 *
 * Every byte depends on the arguments alone: a retry sends the same message. Nothing a stranger
 * wrote can end a header line: header text is encoded whenever it is not plain, and addresses are
 * held to a narrow form. */
#ifndef CADENCE_MESSAGE_MAIL_H
#define CADENCE_MESSAGE_MAIL_H

#include "base/buf.h"
#include "message/document.h"

#define MAIL_ADDRESS_MAX 254 /* bytes, as SMTP allows */
/* Bytes; only an address or an id that cannot be folded may make a line longer */
#define MAIL_LINE_MAX 76

struct mail_meta {
	const char *installation; /* the installation's secret id */
	const char *key;	  /* of the delivery */
	const char *from;	  /* "Cadence <cadence@example.com>" or a bare address */
	const char *to;		  /* a bare address */
	const char *to_name;	  /* NULL: none */
};

/* Whether it is an address we can write to and from: printable ASCII, an unquoted local part, a
 * domain of letters, digits, dots and hyphens, at most MAIL_ADDRESS_MAX bytes. */
bool mail_address_ok(const char *address);
/* Copies the address out of "Name <a@b>" or "a@b"; NULL when there is none that mail_address_ok().
 * The caller frees. */
char *mail_address_of(const char *mailbox);

/* Appends the message with CRLF line ends. STATUS_INVALID when an address is not one,
 * STATUS_TOO_BIG when out has no room; out is then of no use. */
enum status mail_write(const struct mail_meta *meta, const struct document *document,
		       struct buf *out) MUST_USE;

/* Appends the Message-ID without its angle brackets: the first 160 bits of SHA-256(installation,
 * NUL, key) in hexadecimal @ the domain of from. */
void message_id(const char *installation, const char *key, const char *from, struct buf *out);
/* Appends the webhook-id: "msg_" and the same digits. */
void webhook_id(const char *installation, const char *key, struct buf *out);

#endif
