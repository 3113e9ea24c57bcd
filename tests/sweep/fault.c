/* Preloaded into a daemon under test: makes one fault happen at one exact place of its road.
 *
 * A place is the Nth write-like call on the files of the database, or the Nth statement that
 * holds given words: as it begins, as it has ended, or around the commit that follows it. The
 * daemon knows nothing of it, and nothing of this is ever installed.
 *
 * CADENCE_FAULT           kill, tear (half a write, then killed), eio or enospc; unset: none
 * CADENCE_FAULT_AT        disk, before, after, commit (about to) or committed
 * CADENCE_FAULT_NUMBER    counts from 1
 * CADENCE_FAULT_STAYS     1: every later call on the disk fails too, as long as the mark is there
 * CADENCE_FAULT_SQL       words of the statement, with its values
 * CADENCE_FAULT_DATABASE  path of the database; what begins with it, and its folder, are its files
 * CADENCE_FAULT_MARK      this file appears when the fault happens
 * CADENCE_FAULT_TRACE     this file gets a line for each call and statement that could be a place
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096
#define PATH_MAX_BYTES 1024

enum effect { EFFECT_NONE, EFFECT_KILL, EFFECT_TEAR, EFFECT_EIO, EFFECT_ENOSPC };

enum place { PLACE_DISK, PLACE_BEFORE, PLACE_AFTER, PLACE_COMMIT, PLACE_COMMITTED };

static const char *const effects[] = {
    [EFFECT_NONE] = "",	  [EFFECT_KILL] = "kill",     [EFFECT_TEAR] = "tear",
    [EFFECT_EIO] = "eio", [EFFECT_ENOSPC] = "enospc",
};
static const char *const places[] = {
    [PLACE_DISK] = "disk",     [PLACE_BEFORE] = "before",	[PLACE_AFTER] = "after",
    [PLACE_COMMIT] = "commit", [PLACE_COMMITTED] = "committed",
};

/* What the environment asks for, and how far we are. A preloaded library has no other place to
 * keep it. */
static struct {
	enum effect effect;
	enum place place;
	long number;
	bool stays;
	const char *database, *folder, *sql, *mark, *trace;
	atomic_long calls, statements;
	bool commit_is_it; /* the next commit is the place; the store's thread alone reads it */
} fault;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pwrite64)(int, const void *, size_t, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_ftruncate64)(int, off64_t);
static int (*real_unlink)(const char *);
static int (*real_step)(sqlite3_stmt *);
static int (*real_exec)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *,
			char **);

/* ---- reading the environment ---- */

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* The place of a word in a table; a wrong word is a wrong test. */
static size_t find(const char *word, const char *const *table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (word && strcmp(word, table[i]) == 0)
			return i;
	fprintf(stderr, "fault.c does not know \"%s\"\n", word ? word : "");
	abort();
}

static void look_up(void *ret_function, const char *name)
{
	*(void **)ret_function = dlsym(RTLD_NEXT, name);
	if (!*(void **)ret_function)
		abort();
}

static char *folder_of(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? strndup(path, (size_t)(slash - path)) : NULL;
}

__attribute__((constructor)) static void set_up(void)
{
	const char *effect = setting("CADENCE_FAULT"), *number = setting("CADENCE_FAULT_NUMBER");

	/* Whoever started us is a test; without it nobody would stop us. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	look_up(&real_write, "write");
	look_up(&real_pwrite, "pwrite");
	look_up(&real_pwrite64, "pwrite64");
	look_up(&real_fsync, "fsync");
	look_up(&real_fdatasync, "fdatasync");
	look_up(&real_ftruncate, "ftruncate");
	look_up(&real_ftruncate64, "ftruncate64");
	look_up(&real_unlink, "unlink");
	look_up(&real_step, "sqlite3_step");
	look_up(&real_exec, "sqlite3_exec");
	fault.database = setting("CADENCE_FAULT_DATABASE");
	fault.folder = folder_of(fault.database);
	fault.sql = setting("CADENCE_FAULT_SQL");
	fault.mark = setting("CADENCE_FAULT_MARK");
	fault.trace = setting("CADENCE_FAULT_TRACE");
	fault.stays = setting("CADENCE_FAULT_STAYS") != NULL;
	fault.number = number ? strtol(number, NULL, 10) : 0;
	if (!effect)
		return;
	fault.effect = (enum effect)find(effect, effects, sizeof(effects) / sizeof(effects[0]));
	fault.place = (enum place)find(setting("CADENCE_FAULT_AT"), places,
				       sizeof(places) / sizeof(places[0]));
}

/* ---- what is left behind ---- */

static void leave_line(const char *path, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void leave_line(const char *path, const char *format, ...)
{
	const int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	char line[LINE_MAX_BYTES];
	va_list arguments;

	if (fd < 0)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line) - 1, format, arguments);
	va_end(arguments);
	for (char *c = line; *c; c++)
		if (*c == '\n')
			*c = ' ';
	strcat(line, "\n");
	(void)!real_write(fd, line, strlen(line));
	close(fd);
}

static _Noreturn void die(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

/* ---- the disk ---- */

static bool is_ours(const char *path)
{
	return strncmp(path, fault.database, strlen(fault.database)) == 0 ||
	       (fault.folder && strcmp(path, fault.folder) == 0);
}

static bool path_of(int fd, char *path, size_t size)
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, size - 1);
	path[length < 0 ? 0 : length] = '\0';
	return length > 0;
}

/* Whoever takes the mark away has mended the disk. */
static bool is_still_so(void)
{
	return fault.stays && fault.mark && access(fault.mark, F_OK) == 0;
}

/* What happens to this call. Whatever kills has not happened yet when this returns, so that half
 * a write can still be made. */
static enum effect judge(const char *call, const char *path)
{
	long n;

	if (!fault.database || !is_ours(path))
		return EFFECT_NONE;
	n = atomic_fetch_add(&fault.calls, 1) + 1;
	leave_line(fault.trace, "disk %ld %s %s", n, call, strrchr(path, '/') + 1);
	if (fault.effect == EFFECT_NONE || fault.place != PLACE_DISK)
		return EFFECT_NONE;
	if (n != fault.number && !(n > fault.number && is_still_so()))
		return EFFECT_NONE;
	leave_line(fault.mark, "%s at call %ld: %s %s", effects[fault.effect], n, call, path);
	return fault.effect;
}

/* 0: go on; -1 with errno: fail so. */
static int suffer(enum effect effect)
{
	switch (effect) {
	case EFFECT_NONE:
		return 0;
	case EFFECT_KILL:
	case EFFECT_TEAR:
		die();
	case EFFECT_EIO:
		errno = EIO;
		return -1;
	case EFFECT_ENOSPC:
		errno = ENOSPC;
		return -1;
	}
	return 0;
}

static enum effect judge_fd(const char *call, int fd)
{
	const int before = errno;
	char path[PATH_MAX_BYTES];
	enum effect effect = EFFECT_NONE;

	if (fault.database && path_of(fd, path, sizeof(path)))
		effect = judge(call, path);
	errno = before;
	return effect;
}

static int strike(const char *call, int fd)
{
	return suffer(judge_fd(call, fd));
}

ssize_t write(int fd, const void *bytes, size_t count)
{
	return strike("write", fd) ? -1 : real_write(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
	return strike("pwrite", fd) ? -1 : real_pwrite(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
	const enum effect effect = judge_fd("pwrite64", fd);

	if (effect == EFFECT_TEAR)
		(void)!real_pwrite64(fd, bytes, count / 2, at);
	return suffer(effect) ? -1 : real_pwrite64(fd, bytes, count, at);
}

int fsync(int fd)
{
	return strike("fsync", fd) ? -1 : real_fsync(fd);
}

int fdatasync(int fd)
{
	return strike("fdatasync", fd) ? -1 : real_fdatasync(fd);
}

int ftruncate(int fd, off_t length)
{
	return strike("ftruncate", fd) ? -1 : real_ftruncate(fd, length);
}

int ftruncate64(int fd, off64_t length)
{
	return strike("ftruncate64", fd) ? -1 : real_ftruncate64(fd, length);
}

int unlink(const char *path)
{
	return suffer(judge("unlink", path)) ? -1 : real_unlink(path);
}

/* ---- statements ---- */

static void kill_if(enum place place, const char *what)
{
	if (fault.effect != EFFECT_KILL || fault.place != place)
		return;
	leave_line(fault.mark, "killed %s statement %ld: %s", places[place], fault.number, what);
	die();
}

/* Whether this statement is the one, as it begins. */
static bool is_the_one(sqlite3_stmt *statement)
{
	char *text;
	bool is;

	if ((!fault.sql && !fault.trace) || sqlite3_stmt_busy(statement) ||
	    sqlite3_stmt_readonly(statement))
		return false;
	text = sqlite3_expanded_sql(statement);
	leave_line(fault.trace, "sql %s", text ? text : "");
	is = text && fault.sql && strstr(text, fault.sql) &&
	     atomic_fetch_add(&fault.statements, 1) + 1 == fault.number;
	sqlite3_free(text);
	return is;
}

int sqlite3_step(sqlite3_stmt *statement)
{
	const bool is_it = is_the_one(statement);
	int code;

	if (is_it)
		kill_if(PLACE_BEFORE, sqlite3_sql(statement));
	code = real_step(statement);
	if (is_it) {
		kill_if(PLACE_AFTER, sqlite3_sql(statement));
		fault.commit_is_it = true;
	}
	return code;
}

int sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *arg,
		 char **ret_error)
{
	const bool is_it = fault.commit_is_it && strcmp(sql, "COMMIT") == 0;
	int code;

	if (is_it)
		kill_if(PLACE_COMMIT, sql);
	code = real_exec(db, sql, row, arg, ret_error);
	if (is_it)
		kill_if(PLACE_COMMITTED, sql);
	return code;
}
