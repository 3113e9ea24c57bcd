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
#include "base/path.h"

#define FOLDER_MODE 0700
#define FILE_MODE   0600

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

static enum status make_folder(const char *folder, struct error *err)
{
	if (mkdir(folder, FOLDER_MODE) == 0)
		return path_sync_folder(folder, err);
	if (errno == EEXIST)
		return STATUS_OK;
	return error_fail(err, STATUS_FAILED, "%s: %s", folder, strerror(errno));
}

static enum status check_count(const char *folder, const char *file, struct error *err)
{
	if (access(file, F_OK) == 0 || count_files(folder) < ASIDE_MAX)
		return STATUS_OK;
	return error_fail(err, STATUS_CONFLICT, "%s holds %d mails already", folder, ASIDE_MAX);
}

enum status aside_keep(const char *path, const char *name, const void *bytes, size_t len,
		       struct error *err)
{
	char *home = path_folder(path), *folder = mem_printf("%s/aside", home);
	char *file = mem_printf("%s/%s.eml", folder, name);
	enum status status = make_folder(folder, err);

	if (status == STATUS_OK)
		status = check_count(folder, file, err);
	if (status == STATUS_OK)
		status = write_file(file, bytes, len, err);
	/* Whoever handed it over forgets it once we say that it is kept. */
	if (status == STATUS_OK)
		status = path_sync_folder(file, err);
	free(file);
	free(folder);
	free(home);
	return status;
}
