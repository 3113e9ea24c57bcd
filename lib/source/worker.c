/* Everything it will need is in memory before the jail shuts. */
#include "source/worker.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/charset.h"
#include "source/jail.h"
#include "source/mime.h"
#include "source/wire.h"

/* Has each library do once what it puts off until it is first asked. */
static const char rehearsal[] = "From: =?iso-8859-1?Q?J=FCrgen?= <a@example.com>\r\n"
				"To: list: b@example.com;\r\n"
				"Date: Mon, 23 Nov 2026 08:30:00 +0100\r\n"
				"Subject: =?utf-8?B?SGVsbG8=?=\r\n"
				"Message-ID: <1@example.com>\r\n"
				"References: <0@example.com>\r\n"
				"Content-Type: multipart/alternative; boundary=b\r\n\r\n"
				"--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
				"Content-Transfer-Encoding: base64\r\n\r\nIA==\r\n"
				"--b\r\nContent-Type: text/html\r\n"
				"Content-Transfer-Encoding: quoted-printable\r\n\r\n=20\r\n"
				"--b--\r\n";

static bool read_all(int fd, void *bytes, size_t len)
{
	char *at = bytes;

	while (len > 0) {
		const ssize_t got = read(fd, at, len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		len -= (size_t)got;
	}
	return true;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		const ssize_t put = write(fd, bytes, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		bytes += put;
		len -= (size_t)put;
	}
	return true;
}

static void answer(const char *bytes, size_t len, const struct charsets *charsets, struct buf *out)
{
	struct arena *arena = arena_new();
	struct letter letter;
	const char *fault = mime_read(bytes, len, charsets, arena, &letter);

	if (fault)
		wire_write_fault(out, fault);
	else
		wire_write_letter(out, &letter);
	arena_free(arena);
}

/* One mail in, one answer out; false when there are no more. */
static bool serve(int fd, char *mail, const struct charsets *charsets)
{
	struct buf out = buf_make(WIRE_FRAME_MAX + WIRE_HEAD);
	uint32_t len;
	bool done;

	if (!read_all(fd, &len, sizeof(len)) || len > LETTER_BYTES_MAX || !read_all(fd, mail, len))
		return false;
	jail_renew(JAIL_CPU_S);
	answer(mail, len, charsets, &out);
	done = !out.overflowed && write_all(fd, out.data, out.len);
	buf_free(&out);
	return done;
}

_Noreturn void worker_run(int fd)
{
	struct charsets *charsets = charsets_open();
	char *mail = mem_alloc(1, LETTER_BYTES_MAX);
	struct buf ready = buf_make(WIRE_FRAME_MAX);

	mime_begin();
	answer(rehearsal, sizeof(rehearsal) - 1, charsets, &ready);
	buf_free(&ready);
	if (jail_enter(NULL) != STATUS_OK)
		_exit(WORKER_FAILED);
	while (serve(fd, mail, charsets))
		;
	_exit(0);
}
