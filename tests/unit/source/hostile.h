/* Mails made to cost much: one thing again and again, up to what is read of a mail or of its head.
 * What they cost is measured by make bench. */
#ifndef CADENCE_TESTS_HOSTILE_H
#define CADENCE_TESTS_HOSTILE_H

#include <string.h>

#include "base/buf.h"
#include "source/letter.h"

#define HOSTILE_HEAD   "From: maria@example.com\r\nTo: c@example.com\r\n"
#define HOSTILE_HTML   HOSTILE_HEAD "Content-Type: text/html\r\n\r\n"
#define HOSTILE_PLAIN  HOSTILE_HEAD "\r\n"
#define HOSTILE_FLOWED HOSTILE_HEAD "Content-Type: text/plain; format=flowed\r\n\r\n"
#define HOSTILE_MIXED  HOSTILE_HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

static const struct {
	const char *start, *thing;
	size_t size;
} hostile_mails[] = {
    {HOSTILE_MIXED, "--b\r\n\r\n1 call %zu\r\n", LETTER_BYTES_MAX},
    {HOSTILE_MIXED, "--b\r\n", LETTER_BYTES_MAX},
    {HOSTILE_MIXED, "--b\r\nContent-Type: text/html\r\n\r\n<p>1 call\r\n", LETTER_BYTES_MAX},
    {HOSTILE_MIXED, "--b\r\nContent-Type: message/rfc822\r\n\r\n", LETTER_BYTES_MAX},
    {HOSTILE_MIXED, "--b\r\nContent-Type: text/calendar\r\n\r\n", LETTER_BYTES_MAX},
    {HOSTILE_MIXED, "--b\r\nContent-Type: text/plain; name*%zu*=utf-8''%zu;\r\n", LETTER_BYTES_MAX},
    {HOSTILE_HEAD "Content-Type: multipart/mixed; boundary=b0\r\n\r\n--b0\r\n",
     "Content-Type: multipart/mixed; boundary=c%zu\r\n\r\n--c%zu\r\n", LETTER_BYTES_MAX},
    {HOSTILE_HEAD "Content-Type: message/rfc822\r\n\r\n",
     "From: a@b.c\r\nContent-Type: message/rfc822\r\n\r\n", LETTER_BYTES_MAX},
    {HOSTILE_MIXED, "--b\r\nX: y\r\n z\r\n", LETTER_BYTES_MAX},
    {HOSTILE_MIXED, "--", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, ">", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, "> ", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, ">\n", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, "\n", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, "a", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, "1 call\n", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, "1 call today yes ", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, "away ", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, "away 1-4 1-4 1-4 1-4 1-4 1-4 1-4 1-4 1-4 1-4 1-4 1-4\n", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, "On 1 <@\n", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, "\xff", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, "____________\n\n", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, "a: b@c\n", LETTER_BYTES_MAX},
    {HOSTILE_PLAIN, "a: call\n", LETTER_BYTES_MAX},
    {HOSTILE_FLOWED, "> ", LETTER_BYTES_MAX},
    {HOSTILE_FLOWED, "x \n", LETTER_BYTES_MAX},
    {HOSTILE_FLOWED, "1 call \n", LETTER_BYTES_MAX},
    {HOSTILE_HTML, "<div>", LETTER_BYTES_MAX},
    {HOSTILE_HTML, "<blockquote>a", LETTER_BYTES_MAX},
    {HOSTILE_HTML, "<hr>", LETTER_BYTES_MAX},
    {HOSTILE_HTML, "<br>", LETTER_BYTES_MAX},
    {HOSTILE_HTML, "<li>", LETTER_BYTES_MAX},
    {HOSTILE_HTML, "<", LETTER_BYTES_MAX},
    {HOSTILE_HTML, "<a b='", LETTER_BYTES_MAX},
    {HOSTILE_HTML, "<style>", LETTER_BYTES_MAX},
    {HOSTILE_HTML, "<style></style", LETTER_BYTES_MAX},
    {HOSTILE_HTML, "<!--", LETTER_BYTES_MAX},
    {HOSTILE_HTML, "&amp;", LETTER_BYTES_MAX},
    {HOSTILE_HTML, "&aaaaaaaaa", LETTER_BYTES_MAX},
    {HOSTILE_HEAD "Content-Type: text/plain; charset=utf-7\r\n\r\n", "+AC", LETTER_BYTES_MAX},
    {HOSTILE_HEAD "Content-Type: text/plain; charset=utf-16\r\n\r\n", "\xd8", LETTER_BYTES_MAX},
    {HOSTILE_HEAD "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n", "\x1b$B\xff",
     LETTER_BYTES_MAX},
    {HOSTILE_HEAD "Content-Type: text/plain; charset=gb18030\r\n\r\n", "\x81\x30",
     LETTER_BYTES_MAX},
    {HOSTILE_HEAD "Content-Transfer-Encoding: base64\r\n\r\n", "MSBj", LETTER_BYTES_MAX},
    {HOSTILE_HEAD "Content-Transfer-Encoding: quoted-printable\r\n\r\n", "=3E", LETTER_BYTES_MAX},
    {HOSTILE_HEAD "Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n", "M",
     LETTER_BYTES_MAX},
    {HOSTILE_HEAD "X:", "\r\n y", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Subject:", "\r\n =?utf-8?q?=3E?=", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Subject: ", "=?", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Subject: ", "=?utf-7?b?////?= ", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Subject: ", "=?x%zu?q?a?= ", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "References: ", "<a@b> ", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "References: ", "<", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "References: ", "(", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "In-Reply-To: ", "x", LETTER_HEAD_MAX},
    {HOSTILE_HEAD, "In-Reply-To: <a@b>\r\n", LETTER_HEAD_MAX},
    {HOSTILE_HEAD, "From: a@b.c\r\n", LETTER_HEAD_MAX},
    {HOSTILE_HEAD, "X\r\n", LETTER_HEAD_MAX},
    {HOSTILE_HEAD, ":\r\n", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Cc: ", "a@b.c, ", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Cc: ", "a:", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Cc: ", "(", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Cc: ", "<@", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Cc: ", "\"", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Cc: ", "a ", LETTER_HEAD_MAX},
    {"From: ", "a ", LETTER_HEAD_MAX},
    {"From: ", "=?utf-8?q?=?= ", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Date: ", "1 ", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Content-Type: text/plain", ";a*%zu*=b", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Content-Type: text/plain", ";a=b", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Content-Disposition: inline", ";filename*%zu=b", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Authentication-Results: a;", "dmarc=fail;", LETTER_HEAD_MAX},
    {HOSTILE_HEAD "Authentication-Results: a;", "((", LETTER_HEAD_MAX},
};

#define HOSTILE_MAILS (sizeof(hostile_mails) / sizeof(hostile_mails[0]))

static inline void hostile_fill(struct buf *mail, size_t i)
{
	buf_free(mail);
	buf_adds(mail, hostile_mails[i].start);
	for (size_t n = 0; mail->len + strlen(hostile_mails[i].thing) + 20 < hostile_mails[i].size;
	     n++)
		buf_addf(mail, hostile_mails[i].thing, n, n);
}

#endif
