/* Reads files. */
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536

static enum status read_open(int fd, const char *path, size_t max, struct buf *ret, struct stat *st,
			     struct error *err)
{
	char chunk[CHUNK];
	size_t total = 0;
	ssize_t got = 0;

	if (fstat(fd, st))
		return error_fail(err, STATUS_FAILED, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st->st_mode))
		return error_fail(err, STATUS_FAILED, "%s: not a regular file", path);
	if ((size_t)st->st_size > max)
		return error_fail(err, STATUS_TOO_BIG, "%s: longer than %zu bytes", path, max);
	/* The size is only a promise: the file may grow meanwhile, and those of /proc say 0. */
	while (total <= max && (got = read(fd, chunk, sizeof(chunk))) > 0) {
		buf_add(ret, chunk, (size_t)got);
		total += (size_t)got;
	}
	if (got < 0)
		return error_fail(err, STATUS_FAILED, "%s: %s", path, strerror(errno));
	if (total > max || ret->overflowed)
		return error_fail(err, STATUS_TOO_BIG, "%s: longer than %zu bytes", path, max);
	return STATUS_OK;
}

enum status file_read(const char *path, size_t max, struct buf *ret, struct stat *ret_stat,
		      struct error *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const size_t len_before = ret->len;
	struct stat st;
	enum status status;

	if (fd < 0)
		return error_fail(err, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_FAILED, "%s: %s",
				  path, strerror(errno));
	status = read_open(fd, path, max, ret, &st, err);
	close(fd);
	if (status != STATUS_OK && ret->len > len_before) {
		ret->len = len_before;
		ret->data[len_before] = '\0';
	}
	if (status == STATUS_OK && ret_stat)
		*ret_stat = st;
	return status;
}
