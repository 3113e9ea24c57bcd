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
#include "base/path.h"
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

static enum status held(const char *path, struct error *err)
{
	return error_fail(err, STATUS_BUSY,
			  "%s: cadenced has it; stop it first: systemctl stop cadenced", path);
}

/* Whose it should be: as the file it replaces, or as the folder it lies in. */
static enum status give_owner(int fd, const char *path, struct error *err)
{
	char *folder = path_folder(path);
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

static bool is_open_as(int fd, const char *path)
{
	struct stat is, there;

	return fstat(fd, &is) == 0 && stat(path, &there) == 0 && is.st_dev == there.st_dev &&
	       is.st_ino == there.st_ino;
}

/* Whether it is ours alone, and has not become the database since it was opened. */
static bool hold_part(int fd, const char *part)
{
	struct flock first = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};

	return fcntl(fd, F_OFD_SETLK, &first) == 0 && is_open_as(fd, part);
}

/* The file to copy to, held: no two restores at once. *ret_fd is -1 unless STATUS_OK. */
static enum status open_part(const char *file, const char *part, int *ret_fd, struct error *err)
{
	const int fd = open(part, O_CREAT | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);
	enum status status = STATUS_OK;

	*ret_fd = -1;
	if (fd < 0)
		return failed(part, err);
	if (!hold_part(fd, part))
		status = error_fail(err, STATUS_BUSY,
				    "%s: another restore is under way; try again when it has ended",
				    part);
	else if (is_open_as(fd, file))
		status = error_fail(err, STATUS_INVALID,
				    "%s: is what a restore that was broken off has left; name the "
				    "backup itself",
				    file);
	else if (ftruncate(fd, 0))
		status = failed(part, err);
	if (status == STATUS_OK)
		*ret_fd = fd;
	else
		close(fd);
	return status;
}

static enum status copy_file(const char *file, const char *path, const char *part, int to,
			     struct error *err)
{
	const int from = open(file, O_RDONLY | O_CLOEXEC);
	enum status status;

	if (from < 0)
		return failed(file, err);
	status = copy_bytes(from, to, part, err);
	close(from);
	return status == STATUS_OK ? give_owner(to, path, err) : status;
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

static enum status put_in_place(const char *part, const char *path, const char *aside,
				bool *ret_any, struct error *err)
{
	enum status status = move_all_aside(path, aside, ret_any, err);

	if (status == STATUS_OK)
		status = path_sync_folder(path, err);
	if (status != STATUS_OK)
		return status;
	/* Nothing lies there, unless a daemon has begun anew meanwhile. */
	if (renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE))
		status = errno == EEXIST ? held(path, err) : failed(path, err);
	return status == STATUS_OK ? path_sync_folder(path, err) : status;
}

/* While the part is there nobody begins anew where no database is, and whoever starts cadenced on
 * one that is held is told that it runs already. So the part comes first, and goes last. */
static enum status replace(const char *file, const char *path, const char *aside,
			   struct backup_facts *ret_facts, bool *ret_any, struct error *err)
{
	char *part = sound_restored_path(path);
	int to, database = -1;
	enum status status = open_part(file, part, &to, err);

	if (status != STATUS_OK) {
		free(part);
		return status;
	}
	if (!sound_hold(path, &database))
		status = held(path, err);
	if (status == STATUS_OK)
		status = copy_file(file, path, part, to, err);
	if (status == STATUS_OK)
		status = backup_verify(part, NULL, ret_facts, err);
	if (status == STATUS_OK)
		status = put_in_place(part, path, aside, ret_any, err);
	/* Where nothing is any more, it is what keeps a start from beginning anew. */
	if (status != STATUS_OK && !*ret_any)
		(void)unlink(part);
	close(to);
	if (database >= 0)
		close(database);
	free(part);
	return status;
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
	char *aside = aside_of(path, now);
	enum status status = backup_verify(file, NULL, ret_facts, err);
	bool any = false;

	if (status == STATUS_OK)
		status = replace(file, path, aside, ret_facts, &any, err);
	*ret_aside = any ? mem_strdup(aside) : NULL;
	free(aside);
	return status;
}
