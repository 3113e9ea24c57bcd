/* Paths, as text and as entries of a folder. */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

char *path_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return mem_strdup(".");
	return mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

enum status path_sync_folder(const char *path, struct error *err)
{
	char *folder = path_folder(path);
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool failed = fd < 0 || fsync(fd) < 0;
	const enum status status =
	    failed ? error_fail(err, STATUS_FAILED, "%s: %s", folder, strerror(errno)) : STATUS_OK;

	if (fd >= 0)
		close(fd);
	free(folder);
	return status;
}
