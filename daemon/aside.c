/* Keeps mails. */
#include "daemon/aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define FOLDER_MODE 0700
#define FILE_MODE   0600

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return mem_printf("%.*s/aside", slash ? (int)(slash - path) : 0, path);
}

static size_t count_files(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	size_t count = 0;

	while (dir && (entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return count;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		const ssize_t wrote = write(fd, bytes, len);

		if (wrote <= 0)
			return false;
		bytes += wrote;
		len -= (size_t)wrote;
	}
	return fsync(fd) == 0;
}

static enum status write_file(const char *file, const void *bytes, size_t len, struct error *err)
{
	const int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	const bool written = fd >= 0 && write_all(fd, bytes, len);
	const int why = errno;

	if (fd >= 0)
		close(fd);
	if (written)
		return STATUS_OK;
	if (fd >= 0)
		unlink(file);
	return error_fail(err, STATUS_FAILED, "%s: %s", file, strerror(why));
}

enum status aside_keep(const char *path, const char *name, const void *bytes, size_t len,
		       struct error *err)
{
	char *folder = folder_of(path), *file = mem_printf("%s/%s.eml", folder, name);
	enum status status = STATUS_OK;

	if (mkdir(folder, FOLDER_MODE) != 0 && errno != EEXIST)
		status = error_fail(err, STATUS_FAILED, "%s: %s", folder, strerror(errno));
	else if (access(file, F_OK) != 0 && count_files(folder) >= ASIDE_MAX)
		status = error_fail(err, STATUS_CONFLICT, "%s holds %d mails already", folder,
				    ASIDE_MAX);
	if (status == STATUS_OK)
		status = write_file(file, bytes, len, err);
	free(file);
	free(folder);
	return status;
}
