/* Datagrams to the journal, and lines to standard error that do not wait for their reader. */
#include "sys/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A value without a line feed may stand behind "="; any other has its length before it, as 64 bits,
 * the least first. */
void journal_field(struct buf *entry, const char *name, const char *value)
{
	const size_t len = strlen(value);
	unsigned char size[8];

	if (!strchr(value, '\n')) {
		buf_addf(entry, "%s=%s\n", name, value);
		return;
	}
	for (size_t i = 0; i < sizeof(size); i++)
		size[i] = (unsigned char)((uint64_t)len >> 8 * i);
	buf_addf(entry, "%s\n", name);
	buf_add(entry, size, sizeof(size));
	buf_add(entry, value, len);
	buf_addc(entry, '\n');
}

int journal_open(void)
{
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Named each time, so that a journal that was started anew is found. */
enum status journal_send(int fd, const char *path, const struct buf *entry)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	ssize_t sent;

	if (strlen(path) >= sizeof(address.sun_path))
		return STATUS_FAILED;
	memcpy(address.sun_path, path, strlen(path));
	do
		sent = sendto(fd, buf_text(entry), entry->len, MSG_NOSIGNAL | MSG_DONTWAIT,
			      (const struct sockaddr *)&address, sizeof(address));
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return STATUS_OK;
	return errno == EAGAIN || errno == ENOBUFS ? STATUS_BUSY : STATUS_FAILED;
}

/* O_NONBLOCK belongs to the open file, which a shell or another program shares: it is set on one
 * opened anew. A regular file never waits for a reader, and has its place in it only once. */
struct outlet outlet_open(int fd)
{
	struct outlet outlet = {.fd = fd, .own = -1};
	char path[32];
	struct stat st;

	if (fstat(fd, &st))
		return outlet;
	outlet.is_socket = S_ISSOCK(st.st_mode);
	outlet.is_file = S_ISREG(st.st_mode);
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		return outlet;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	outlet.own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return outlet;
}

void outlet_close(struct outlet *outlet)
{
	if (outlet->own >= 0)
		close(outlet->own);
	outlet->own = -1;
}

static ssize_t write_now(const struct outlet *outlet, const char *bytes, size_t len)
{
	struct pollfd room = {.fd = outlet->fd, .events = POLLOUT};

	if (outlet->is_socket)
		return send(outlet->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (outlet->own >= 0)
		return write(outlet->own, bytes, len);
	/* A pipe of somebody else's, which may not be opened anew, has room for a line when it says
	 * that it has room. */
	if (!outlet->is_file && poll(&room, 1, 0) <= 0)
		return -1;
	return write(outlet->fd, bytes, len);
}

bool outlet_write(struct outlet *outlet, const char *line, size_t len)
{
	ssize_t written;

	if (outlet->torn && write_now(outlet, "\n", 1) != 1)
		return false;
	outlet->torn = false;
	written = write_now(outlet, line, len);
	outlet->torn = written > 0 && (size_t)written < len;
	return written >= 0 && (size_t)written == len;
}
