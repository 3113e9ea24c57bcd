/* Writes beside, syncs, renames. */
#include "ctl/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "ctl/complain.h"

static bool fail(const char *path)
{
	complain("%s: %s", path, strerror(errno));
	return false;
}

/* A database that some program has open has its log beside it; a copy has none. */
static bool is_open_database(const char *path)
{
	char *log = mem_printf("%s-wal", path);
	const bool there = access(log, F_OK) == 0;

	free(log);
	return there;
}

static bool may_be_replaced(const char *path)
{
	struct stat there;

	if (stat(path, &there))
		return true;
	if (!S_ISREG(there.st_mode))
		complain("%s: is no plain file, and cannot be replaced; name another", path);
	else if (is_open_database(path))
		complain("%s: is a database in use; name another file", path);
	else
		return true;
	return false;
}

bool outfile_open(const char *path, struct outfile *ret)
{
	int fd;

	*ret = (struct outfile){.path = path, .file = stdout};
	if (strcmp(path, "-") == 0)
		return true;
	if (!may_be_replaced(path))
		return false;
	ret->part = mem_printf("%s.part", path);
	fd = open(ret->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ret->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (ret->file)
		return true;
	fail(path);
	free(ret->part);
	return false;
}

bool outfile_close(struct outfile *out, bool good)
{
	bool whole = good;

	if (!out->part)
		return fflush(out->file) == 0 ? good : fail("standard output");
	if (good && (fflush(out->file) || fsync(fileno(out->file))))
		whole = fail(out->path);
	if (fclose(out->file) && whole)
		whole = fail(out->path);
	if (whole && rename(out->part, out->path))
		whole = fail(out->path);
	if (!whole)
		unlink(out->part);
	free(out->part);
	return whole;
}
