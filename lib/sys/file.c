/* Reads files. */
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536

static enum status read_open(int fd, const char *path, size_t max, struct buf *ret,
			     struct stat *st, struct error *err)
{
	char chunk[CHUNK];
	ssize_t got;

	if (fstat(fd, st))
		return error_fail(err, STATUS_FAILED, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st->st_mode))
		return error_fail(err, STATUS_FAILED, "%s: not a regular file", path);
	if ((size_t)st->st_size > max)
		return error_fail(err, STATUS_TOO_BIG, "%s: longer than %zu bytes", path, max);
	while ((got = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(ret, chunk, (size_t)got);
	if (got < 0)
		return error_fail(err, STATUS_FAILED, "%s: %s", path, strerror(errno));
	if (ret->overflowed)
		return error_fail(err, STATUS_TOO_BIG, "%s: longer than %zu bytes", path, max);
	return STATUS_OK;
}

enum status file_read(const char *path, size_t max, struct buf *ret, struct stat *ret_stat,
		      struct error *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	enum status status;

	if (fd < 0)
		return error_fail(err, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_FAILED,
				  "%s: %s", path, strerror(errno));
	status = read_open(fd, path, max, ret, &st, err);
	close(fd);
	if (status == STATUS_OK && ret_stat)
		*ret_stat = st;
	return status;
}
