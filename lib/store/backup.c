/* Names, keeps and verifies backups. The copy itself is made by the store's own connection. */
#include "store/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "store/sound.h"

#define FOLDER	    "backups"
#define FOLDER_MODE 0700
#define SUFFIX	    ".db"
#define PART	    "next.part"
#define ISO_LENGTH  10 /* 2026-11-23 */
/* What a backup leaves free: this much, or a share of a disk that is small. */
#define ROOM_LEAST (UINT64_C(64) << 20)
#define ROOM_SHARE 20

/* ---- names ---- */

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What the names of its backups begin with: "cadenced-". The caller frees. */
static char *stem_of(const char *path)
{
	const char *name = name_of(path);
	size_t len = strlen(name);

	if (len > strlen(SUFFIX) && strcmp(name + len - strlen(SUFFIX), SUFFIX) == 0)
		len -= strlen(SUFFIX);
	return mem_printf("%.*s-", (int)len, name);
}

char *backup_folder(const char *path)
{
	return mem_printf("%.*s" FOLDER, (int)(name_of(path) - path), path);
}

char *backup_path(const char *path, day d)
{
	char iso[DAY_TEXT_SIZE];
	char *folder = backup_folder(path), *stem = stem_of(path);
	char *file = mem_printf("%s/%s%s" SUFFIX, folder, stem, day_iso(d, iso));

	free(stem);
	free(folder);
	return file;
}

/* The day in the name of a backup; DAY_NEVER when it is none. */
static day day_of(const char *name, const char *stem)
{
	const size_t len = strlen(stem);
	char iso[ISO_LENGTH + 1] = "";
	day d;

	if (strncmp(name, stem, len) != 0 || strlen(name + len) != ISO_LENGTH + strlen(SUFFIX) ||
	    strcmp(name + len + ISO_LENGTH, SUFFIX) != 0)
		return DAY_NEVER;
	memcpy(iso, name + len, ISO_LENGTH);
	return day_parse_iso(iso, &d) ? d : DAY_NEVER;
}

static int newest_first(const void *a, const void *b)
{
	const day left = *(const day *)a, right = *(const day *)b;

	return (left < right) - (left > right);
}

/* The days of all backups, the newest first; the caller frees. */
static day *list_days(const char *path, size_t *ret_count)
{
	char *folder = backup_folder(path), *stem = stem_of(path);
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t count = 0;
	day *days = NULL;

	while (dir && (entry = readdir(dir))) {
		const day d = day_of(entry->d_name, stem);

		if (d == DAY_NEVER)
			continue;
		days = mem_grow(days, count + 1, sizeof(*days));
		days[count++] = d;
	}
	if (dir)
		closedir(dir);
	if (count > 0)
		qsort(days, count, sizeof(*days), newest_first);
	free(stem);
	free(folder);
	*ret_count = count;
	return days;
}

day backup_newest_day(const char *path, day today)
{
	size_t count, ahead = 0;
	day *days = list_days(path, &count);
	day newest = DAY_NEVER;

	while (ahead < count && days[ahead] > today)
		ahead++;
	if (count > 0)
		newest = days[ahead < count ? ahead : 0];
	free(days);
	return newest;
}

char *backup_newest(const char *path)
{
	const day newest = backup_newest_day(path, (day)(time(NULL) * SECOND_MS / DAY_MS));

	return newest == DAY_NEVER ? NULL : backup_path(path, newest);
}

/* ---- making ---- */

/* A copy that fills the disk would take the room of what is to be kept. */
static enum status check_room(struct db *db, const char *folder, struct error *err)
{
	const int64_t bytes = db_size(db);
	struct statvfs disk;

	if (statvfs(folder, &disk))
		return error_fail(err, STATUS_FAILED, "%s: %s", folder, strerror(errno));
	const uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
	const uint64_t share = (uint64_t)disk.f_blocks * disk.f_frsize / ROOM_SHARE;
	const uint64_t left = share < ROOM_LEAST ? share : ROOM_LEAST;
	if (room >= (uint64_t)bytes + left)
		return STATUS_OK;
	return error_fail(
	    err, STATUS_NO_SPACE,
	    "%s: the disk has %llu MiB left, and a backup takes up to %lld and leaves %llu; make "
	    "room, or keep fewer backups",
	    folder, (unsigned long long)(room >> 20), (long long)(bytes >> 20) + 1,
	    (unsigned long long)(left >> 20));
}

/* Those that are kept: the one of this day first, then the days before it, and only then days that
 * have not come yet: a clock that was once ahead has made them. */
static void prune(const char *path, size_t keep, day made)
{
	size_t count, kept = 0;
	day *days = list_days(path, &count);

	for (int ahead = 0; ahead < 2; ahead++)
		for (size_t i = 0; i < count; i++) {
			char *file;

			if ((days[i] > made) != ahead || kept++ < keep)
				continue;
			file = backup_path(path, days[i]);
			(void)unlink(file);
			free(file);
		}
	free(days);
}

enum status backup_copy(struct db *db, day d, size_t keep, char **ret_part, struct error *err)
{
	const char *path = db_path(db);
	enum status status = STATUS_OK;
	char *folder, *part;

	if (!path)
		return error_fail(err, STATUS_INVALID, "a database in memory has no backup");
	folder = backup_folder(path);
	part = mem_printf("%s/" PART, folder);
	if (mkdir(folder, FOLDER_MODE) && errno != EEXIST)
		status = error_fail(err, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_FAILED,
				    "%s: %s", folder, strerror(errno));
	/* One that a crash has left. */
	(void)unlink(part);
	/* Fewer may be wanted than there are; this one makes one more. */
	prune(path, keep, d);
	if (status == STATUS_OK)
		status = check_room(db, folder, err);
	if (status == STATUS_OK)
		status = db_backup(db, part, err);
	free(folder);
	if (status == STATUS_OK)
		*ret_part = part;
	else
		free(part);
	return status;
}

/* ---- verifying ---- */

static int64_t ask(struct db *db, const char *sql)
{
	struct query *query = db_query(db, sql);
	const int64_t number =
	    db_step(query) && !db_is_null(query, 0) ? db_int(query, 0) : DAY_NEVER;

	db_end(query);
	return number;
}

static void count(struct db *db, struct backup_facts *facts)
{
	facts->partners = ask(db, "SELECT count(*) FROM partner WHERE archived IS NULL");
	facts->contacts = ask(db, "SELECT count(*) FROM contact");
	facts->undelivered = ask(db, "SELECT count(*) FROM outbox");
	facts->newest_contact = (day)ask(db, "SELECT max(day) FROM contact");
}

/* What lies in the log beside it would not be seen. */
static enum status check_alone(const char *path, struct stat *ret_stat, struct error *err)
{
	char *log = mem_printf("%s-wal", path);
	struct stat st;
	const bool has_log = stat(log, &st) == 0 && st.st_size > 0;

	free(log);
	if (stat(path, ret_stat))
		return error_fail(err, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_FAILED, "%s: %s",
				  path, strerror(errno));
	if (has_log)
		return error_fail(
		    err, STATUS_BUSY,
		    "%s: its log lies beside it, so a daemon has it open, or crashed; a "
		    "start reads and checks it, 'cadencectl backup FILE' copies it",
		    path);
	return STATUS_OK;
}

enum status backup_verify(const char *path, const atomic_bool *stop, struct backup_facts *ret_facts,
			  struct error *err)
{
	struct backup_facts facts = {0};
	struct db *db = NULL;
	struct stat st;
	enum status status = check_alone(path, &st, err);

	if (status == STATUS_OK)
		status = sound_file(path, err);
	if (status == STATUS_OK)
		status = db_open_copy(path, &db, &facts.schema, err);
	if (status == STATUS_OK) {
		db_watch_stop(db, stop);
		status = sound_pages(db, true, path, err);
	}
	if (status == STATUS_OK) {
		facts.bytes = st.st_size;
		count(db, &facts);
		if (db_status(db) != STATUS_OK)
			status = error_fail(err, db_status(db), "%s: %s", path, db_error(db));
	}
	db_close(db);
	if (status == STATUS_OK)
		*ret_facts = facts;
	return status;
}

/* ---- keeping ---- */

enum status backup_keep(const char *part, const char *path, day d, size_t keep,
			const atomic_bool *stop, struct backup_facts *ret_facts, struct error *err)
{
	char *file = backup_path(path, d);
	enum status status = backup_verify(part, stop, ret_facts, err);

	if (status == STATUS_OK && rename(part, file))
		status = error_fail(err, STATUS_FAILED, "%s: %s", file, strerror(errno));
	if (status == STATUS_OK)
		status = path_sync_folder(file, err);
	if (status == STATUS_OK)
		prune(path, keep, d);
	else
		(void)unlink(part);
	free(file);
	return status;
}
