/* Looks for damage. Reads only. */
#include "store/sound.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "store/backup.h"

/* https://www.sqlite.org/fileformat.html, 1.3 */
#define HEADER_BYTES	 100
#define HEADER_MAGIC	 "SQLite format 3" /* and its NUL */
#define AT_PAGE_SIZE	 16
#define AT_CHANGES	 24
#define AT_PAGES	 28
#define AT_VALID_FOR	 92
#define PAGE_SIZE_MIN	 512
#define PAGE_SIZE_OURS	 4096
#define PAGE_SIZE_OF_ONE 65536 /* stands as 1 */
#define DETAIL_MAX	 200

enum status sound_damaged(const char *path, const char *what, struct error *err)
{
	return error_fail(err, STATUS_DAMAGED, "%s: is damaged: %s", path, what);
}

void sound_advise(const char *path, struct error *err)
{
	char *backup = backup_newest(path), *folder = backup_folder(path);
	struct error what = *err;

	if (backup)
		error_set(err,
			  "%s; nothing was written to it. Put the newest backup in its place: "
			  "cadencectl restore %s",
			  what.text, backup);
	else
		error_set(
		    err,
		    "%s; nothing was written to it. No backup lies in %s: put one of your own "
		    "in its place with cadencectl restore FILE, or move the file away to begin "
		    "anew",
		    what.text, folder);
	free(folder);
	free(backup);
}

static uint32_t number_at(const unsigned char *header, size_t at)
{
	return (uint32_t)header[at] << 24 | (uint32_t)header[at + 1] << 16 |
	       (uint32_t)header[at + 2] << 8 | header[at + 3];
}

/* Bytes of a file; 0 where there is none. */
static int64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

/* Whether commits lie beside the file that are not in it yet. */
static bool has_log(const char *path)
{
	char *log = mem_printf("%s-wal", path);
	const bool has = size_of(log) > 0;

	free(log);
	return has;
}

static bool has_backup(const char *path)
{
	char *backup = backup_newest(path);
	const bool has = backup != NULL;

	free(backup);
	return has;
}

static bool has_journal(const char *path)
{
	static const unsigned char magic[] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
	char *journal = mem_printf("%s-journal", path);
	const int fd = open(journal, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	unsigned char begin[sizeof(magic)];
	const bool is = fd >= 0 && read(fd, begin, sizeof(begin)) == (ssize_t)sizeof(begin) &&
			memcmp(begin, magic, sizeof(magic)) == 0;

	if (fd >= 0)
		close(fd);
	free(journal);
	return is;
}

/* A crash may leave less than a first page, with the engine's journal of how to take it back.
 * Nothing else of ours has such a journal: from the first page on there is a log. */
static bool was_being_made(const char *path, int64_t size)
{
	return size < PAGE_SIZE_OURS && has_journal(path) && !has_log(path) && !has_backup(path);
}

char *sound_restored_path(const char *path)
{
	return mem_printf("%s.restored", path);
}

/* Or was, until a crash. */
static bool is_being_restored(const char *path)
{
	char *part = sound_restored_path(path);
	const bool is = access(part, F_OK) == 0;

	free(part);
	return is;
}

/* Nothing there may be a first start, or the worst of losses. */
static enum status sound_nothing(const char *path, const char *what, struct error *err)
{
	if (is_being_restored(path))
		return error_fail(err, STATUS_DAMAGED,
				  "%s: is being restored, or was when something broke that off",
				  path);
	if (!has_log(path) && !has_backup(path))
		return STATUS_OK;
	return error_fail(err, STATUS_DAMAGED, "%s: %s", path, what);
}

/* The number of pages in the header counts only where the program that wrote it knew of it. */
static enum status sound_length(const char *path, const unsigned char *header, int64_t size,
				struct error *err)
{
	const int64_t stated = header[AT_PAGE_SIZE] << 8 | header[AT_PAGE_SIZE + 1];
	const int64_t page = stated == 1 ? PAGE_SIZE_OF_ONE : stated;
	const int64_t wanted = page * number_at(header, AT_PAGES);

	if (page < PAGE_SIZE_MIN || (page & (page - 1)) != 0)
		return sound_damaged(path, "its header names no size of pages", err);
	if (number_at(header, AT_CHANGES) != number_at(header, AT_VALID_FOR) || has_log(path) ||
	    size >= wanted)
		return STATUS_OK;
	char *what = mem_printf("it is cut off after %lld of %lld bytes", (long long)size,
				(long long)wanted);
	const enum status status = sound_damaged(path, what, err);

	free(what);
	return status;
}

static enum status sound_header(const char *path, const unsigned char *header, ssize_t got,
				int64_t size, struct error *err)
{
	if (got == HEADER_BYTES && memcmp(header, HEADER_MAGIC, sizeof(HEADER_MAGIC)) == 0)
		return sound_length(path, header, size, err);
	if (has_backup(path))
		return sound_damaged(path, "it does not begin as a database does", err);
	return error_fail(err, STATUS_INVALID,
			  "%s: is not a database of cadenced, or its beginning is damaged; name "
			  "another file, or put a backup in its place: cadencectl restore FILE",
			  path);
}

enum status sound_file(const char *path, struct error *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	unsigned char header[HEADER_BYTES];
	struct stat st;
	ssize_t got;

	if (fd < 0 && errno == ENOENT)
		return sound_nothing(path, "is not there, though its log or a backup of it is",
				     err);
	if (fd < 0)
		return error_fail(err, STATUS_FAILED, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return error_fail(err, STATUS_FAILED, "%s: %s", path,
				  S_ISDIR(st.st_mode) ? strerror(EISDIR) : "is not a file");
	}
	got = pread(fd, header, sizeof(header), 0);
	/* Before the engine locks anything: to close it would let go of its locks. */
	close(fd);
	if (got < 0)
		return sound_damaged(path, "it cannot be read", err);
	if (got == 0)
		return sound_nothing(path, "is empty, though its log or a backup of it is there",
				     err);
	if (was_being_made(path, st.st_size))
		return STATUS_OK;
	return sound_header(path, header, got, st.st_size, err);
}

/* Where the engine's locks are (os_unix.c): far behind the end of the file, mostly. */
#define LOCKS_AT    0x40000000
#define LOCKS_BYTES 512

bool sound_hold(const char *path, int *ret_fd)
{
	const int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct flock lock = {
	    .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCKS_AT, .l_len = LOCKS_BYTES};

	*ret_fd = fd;
	return fd < 0 || fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/* ---- with the engine ---- */

/* What the schema holds, by name: whether it is written the same does not matter. */
#define OBJECTS                                                                                    \
	"SELECT type || ' ' || name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"             \
	" UNION ALL SELECT 'table ' || m.name || ', column ' || c.name FROM sqlite_schema m,"      \
	" pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1"

/* Goes through both lists, which are sorted; the first object that is missing, or NULL. */
static const char *first_missing(struct query *is, struct query *should)
{
	bool more = db_step(is);

	while (db_step(should)) {
		const char *wanted = db_text(should, 0);

		while (more && strcmp(db_text(is, 0), wanted) < 0)
			more = db_step(is);
		if (!more || strcmp(db_text(is, 0), wanted) != 0)
			return wanted;
	}
	return NULL;
}

enum status sound_schema(struct db *db, struct db *reference, const char *path, struct error *err)
{
	struct query *is = db_query(db, OBJECTS), *should = db_query(reference, OBJECTS);
	const char *missing = first_missing(is, should);
	enum status status = db_status(db);

	if (status == STATUS_OK && db_status(reference) != STATUS_OK)
		status = error_fail(err, db_status(reference), "%s", db_error(reference));
	else if (status == STATUS_OK && missing) {
		char *what = mem_printf("%s is missing", missing);

		status = sound_damaged(path, what, err);
		free(what);
	}
	db_end(is);
	db_end(should);
	return status;
}

enum status sound_pages(struct db *db, bool thorough, const char *path, struct error *err)
{
	struct query *query = thorough ? db_query(db, "PRAGMA integrity_check(1)")
				       : db_query(db, "PRAGMA quick_check(1)");
	char what[DETAIL_MAX] = "ok";

	if (db_step(query))
		strncpy(what, db_text(query, 0), sizeof(what) - 1);
	db_end(query);
	if (db_status(db) == STATUS_DAMAGED)
		return sound_damaged(path, db_error(db), err);
	if (db_status(db) != STATUS_OK)
		return error_fail(err, db_status(db), "%s: %s", path, db_error(db));
	if (strcmp(what, "ok") == 0)
		return STATUS_OK;
	/* Names of ours, and numbers; "*** in database main ***" comes before some on a line of its
	 * own. */
	for (char *c = what; *c; c++)
		if (*c == '\n')
			*c = ' ';
	text_drop_half(what);
	return sound_damaged(path, what, err);
}
