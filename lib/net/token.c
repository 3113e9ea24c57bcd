/* A file of one line. */
#include "net/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENDING 2 /* bytes of the longest line end */

static enum status read_all(int fd, char *bytes, size_t size, size_t *ret_len)
{
	size_t len = 0;
	ssize_t got = 1;

	while (len < size && got != 0) {
		got = read(fd, bytes + len, size - len);
		if (got < 0 && errno != EINTR)
			return STATUS_FAILED;
		len += got > 0 ? (size_t)got : 0;
	}
	*ret_len = len;
	return STATUS_OK;
}

static size_t without_line_end(const char *bytes, size_t len)
{
	if (len > 0 && bytes[len - 1] == '\n')
		len -= len > 1 && bytes[len - 2] == '\r' ? 2 : 1;
	return len;
}

static enum status take(const char *path, const char *bytes, size_t len, char token[TOKEN_MAX + 1],
			struct error *err)
{
	if (len == 0)
		return error_fail(err, STATUS_INVALID, "the token file %s is empty", path);
	if (len > TOKEN_MAX)
		return error_fail(err, STATUS_INVALID, "the token file %s is longer than %d bytes",
				  path, TOKEN_MAX);
	for (size_t i = 0; i < len; i++)
		if (bytes[i] <= ' ' || bytes[i] >= 0x7f)
			return error_fail(err, STATUS_INVALID,
					  "the token file %s holds more than a token: byte %zu is "
					  "no printable ASCII",
					  path, i);
	memcpy(token, bytes, len);
	token[len] = '\0';
	return STATUS_OK;
}

enum status token_read(const char *path, char token[TOKEN_MAX + 1], struct error *err)
{
	char bytes[TOKEN_MAX + ENDING + 1];
	enum status status = STATUS_FAILED;
	struct stat stat;
	size_t len = 0;
	/* Not to wait for a writer when it is a pipe. */
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0 && fstat(fd, &stat) == 0)
		status = S_ISREG(stat.st_mode) ? read_all(fd, bytes, sizeof(bytes), &len)
					       : STATUS_INVALID;
	if (status == STATUS_FAILED)
		status = error_fail(err, status, "cannot read the token file %s: %s", path,
				    strerror(errno));
	else if (status == STATUS_INVALID)
		status = error_fail(err, status, "the token file %s is no regular file", path);
	else
		status = take(path, bytes, without_line_end(bytes, len), token, err);
	if (fd >= 0)
		close(fd);
	explicit_bzero(bytes, sizeof(bytes));
	return status;
}

enum status token_hash(const char *path, char ret_hash[SHA256_HEX_SIZE], struct error *err)
{
	char token[TOKEN_MAX + 1];
	const enum status status = token_read(path, token, err);

	if (status == STATUS_OK) {
		bytes_sha256_hex(token, strlen(token), ret_hash);
		explicit_bzero(token, sizeof(token));
	}
	return status;
}
