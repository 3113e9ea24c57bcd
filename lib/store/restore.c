/* Moves files in an order that a crash may break anywhere: the database is then as it was, or not
 * there at all, which a start refuses. */
#include "store/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/sound.h"

#define URL_PREFIX "sqlite://"
#define CHUNK	   (1 << 20)

const char *restore_path(const char *url)
{
	const size_t prefix = strlen(URL_PREFIX);

	return strncmp(url, URL_PREFIX, prefix) == 0 && url[prefix] == '/' ? url + prefix : NULL;
}

static enum status failed(const char *path, struct error *err)
{
	return error_fail(err, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_FAILED, "%s: %s", path,
			  strerror(errno));
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? mem_printf("%.*s/", (int)(slash - path), path) : mem_strdup(".");
}

static enum status held(const char *path, struct error *err)
{
	return error_fail(err, STATUS_BUSY,
			  "%s: cadenced has it; stop it first: systemctl stop cadenced", path);
}

/* Whose it should be: as the file it replaces, or as the folder it lies in. */
static enum status give_owner(int fd, const char *path, struct error *err)
{
	char *folder = folder_of(path);
	struct stat like, is;
	enum status status = STATUS_OK;

	if ((stat(path, &like) && stat(folder, &like)) || fstat(fd, &is))
		status = failed(path, err);
	else if ((is.st_uid != like.st_uid || is.st_gid != like.st_gid) &&
		 fchown(fd, like.st_uid, like.st_gid))
		status = failed(path, err);
	free(folder);
	return status;
}

static enum status copy_bytes(int from, int to, const char *part, struct error *err)
{
	ssize_t sent;

	while ((sent = sendfile(to, from, NULL, CHUNK)) > 0)
		;
	if (sent < 0 || fsync(to))
		return failed(part, err);
	return STATUS_OK;
}

static enum status copy_file(const char *file, const char *path, const char *part,
			     struct error *err)
{
	const int from = open(file, O_RDONLY | O_CLOEXEC);
	const int to =
	    from < 0 ? -1 : open(part, O_CREAT | O_TRUNC | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);
	enum status status;

	if (to < 0)
		status = failed(from < 0 ? file : part, err);
	else
		status = copy_bytes(from, to, part, err);
	if (status == STATUS_OK)
		status = give_owner(to, path, err);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return status;
}

/* One file of the old database, if it is there. */
static enum status move_aside(const char *path, const char *aside, const char *suffix,
			      bool *ret_moved, struct error *err)
{
	char *from = mem_printf("%s%s", path, suffix), *to = mem_printf("%s%s", aside, suffix);
	enum status status = STATUS_OK;

	*ret_moved = rename(from, to) == 0;
	if (!*ret_moved && errno != ENOENT)
		status = failed(from, err);
	free(from);
	free(to);
	return status;
}

/* The database goes first: without its log it would be an older state, and sound. A log alone is
 * refused by a start, and so is what is being restored. */
static enum status move_all_aside(const char *path, const char *aside, bool *ret_any,
				  struct error *err)
{
	static const char *const suffixes[] = {"", "-wal", "-journal", "-shm"};
	enum status status = STATUS_OK;
	bool moved;

	*ret_any = false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]) && status == STATUS_OK; i++) {
		status = move_aside(path, aside, suffixes[i], &moved, err);
		*ret_any |= moved;
	}
	return status;
}

static enum status sync_folder(const char *path, struct error *err)
{
	char *folder = folder_of(path);
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const enum status status = fd < 0 || fsync(fd) < 0 ? failed(folder, err) : STATUS_OK;

	if (fd >= 0)
		close(fd);
	free(folder);
	return status;
}

static enum status put_in_place(const char *part, const char *path, const char *aside,
				bool *ret_any, struct error *err)
{
	enum status status = move_all_aside(path, aside, ret_any, err);

	if (status == STATUS_OK)
		status = sync_folder(path, err);
	if (status != STATUS_OK)
		return status;
	/* Nothing lies there, unless a daemon has begun anew meanwhile. */
	if (renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE))
		status = errno == EEXIST ? held(path, err) : failed(path, err);
	return status == STATUS_OK ? sync_folder(path, err) : status;
}

/* "/var/lib/cadenced/cadenced.db.replaced-20261125T083000Z" */
static char *aside_of(const char *path, instant now)
{
	const time_t seconds = (time_t)(now / SECOND_MS);
	char at[32];
	struct tm tm;

	strftime(at, sizeof(at), "%Y%m%dT%H%M%SZ", gmtime_r(&seconds, &tm));
	return mem_printf("%s.replaced-%s", path, at);
}

enum status restore_backup(const char *file, const char *path, instant now,
			   struct backup_facts *ret_facts, char **ret_aside, struct error *err)
{
	char *part = mem_printf("%s.restored", path), *aside = aside_of(path, now);
	enum status status = backup_verify(file, NULL, ret_facts, err);
	bool any = false;
	int hold = -1;

	/* Until the end: who starts cadenced meanwhile is told that it runs already. */
	if (status == STATUS_OK && !sound_hold(path, &hold))
		status = held(path, err);
	if (status == STATUS_OK)
		status = copy_file(file, path, part, err);
	if (status == STATUS_OK)
		status = backup_verify(part, NULL, ret_facts, err);
	if (status == STATUS_OK)
		status = put_in_place(part, path, aside, &any, err);
	if (status != STATUS_OK)
		(void)unlink(part);
	if (hold >= 0)
		close(hold);
	*ret_aside = any ? mem_strdup(aside) : NULL;
	free(part);
	free(aside);
	return status;
}
