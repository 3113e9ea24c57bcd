/* Looks before it opens, and finds each a place. */
#include "daemon/maildrop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/file.h"

#define FOLDER_MODE 0700
#define NAME_KEPT   200 /* bytes of a name that is laid down, so that what is added has room */
#define PLACES_MAX  100 /* tries to find a name that is free */
#define SEEN	    ":2,S"
#define WHY	    ".why"

bool maildrop_make(const char *path, struct error *err)
{
	static const char *const names[] = {"", "/tmp", "/new", "/cur", "/.failed"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *folder = mem_printf("%s%s", path, names[i]);
		const bool there = mkdir(folder, FOLDER_MODE) == 0 || errno == EEXIST;

		if (!there)
			error_set(err, "%s cannot be made: %s", folder, strerror(errno));
		free(folder);
		if (!there)
			return false;
	}
	return true;
}

/* ---- what lies there ---- */

static int name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool maildrop_list(const char *path, size_t max, char ***ret_names, size_t *ret_count,
		   struct error *err)
{
	char *folder = mem_printf("%s/new", path);
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	char **names = NULL;
	size_t count = 0;

	if (!dir)
		error_set(err, "%s: %s", folder, strerror(errno));
	while (dir && count < max && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		names = mem_grow(names, count + 1, sizeof(*names));
		names[count++] = mem_strdup(entry->d_name);
	}
	if (count > 0)
		qsort(names, count, sizeof(*names), name_order);
	if (dir)
		closedir(dir);
	free(folder);
	*ret_names = names;
	*ret_count = count;
	return dir != NULL;
}

static enum maildrop_found look(const char *file, struct error *err)
{
	struct stat st;

	if (lstat(file, &st) != 0) {
		if (errno == ENOENT)
			return MAILDROP_GONE;
		error_set(err, "%s: %s", file, strerror(errno));
		return MAILDROP_FAULT;
	}
	if (!S_ISREG(st.st_mode))
		return MAILDROP_ODD;
	if (access(file, R_OK) != 0 && errno == EACCES) {
		error_set(err,
			  "a mail belongs to user %u, and user %u may not read it: let the mail "
			  "server deliver as user %u, or let its group read what it delivers",
			  (unsigned)st.st_uid, (unsigned)geteuid(), (unsigned)geteuid());
		return MAILDROP_DENIED;
	}
	return MAILDROP_MAIL;
}

enum maildrop_found maildrop_fetch(const char *path, const char *name, struct buf *ret,
				   struct error *err)
{
	char *file = mem_printf("%s/new/%s", path, name);
	enum maildrop_found found = look(file, err);

	if (found == MAILDROP_MAIL) {
		switch (file_read(file, ret->max - 1, ret, NULL, err)) {
		case STATUS_OK:
			break;
		case STATUS_NOT_FOUND:
			found = MAILDROP_GONE;
			break;
		case STATUS_TOO_BIG:
			found = MAILDROP_TOO_BIG;
			break;
		default:
			found = MAILDROP_FAULT;
		}
	}
	free(file);
	return found;
}

/* ---- the newest of .failed ---- */

struct failed {
	char *name;
	struct timespec since; /* it lies there */
};

static int age_order(const void *a, const void *b)
{
	const struct failed *x = a, *y = b;

	if (x->since.tv_sec != y->since.tv_sec)
		return x->since.tv_sec < y->since.tv_sec ? -1 : 1;
	if (x->since.tv_nsec != y->since.tv_nsec)
		return x->since.tv_nsec < y->since.tv_nsec ? -1 : 1;
	return strcmp(x->name, y->name);
}

static bool is_why(const char *name)
{
	const size_t len = strlen(name);

	return len >= strlen(WHY) && strcmp(name + len - strlen(WHY), WHY) == 0;
}

static size_t list_failed(DIR *dir, struct failed **ret_all)
{
	const struct dirent *entry;
	struct failed *all = NULL;
	struct stat st;
	size_t count = 0;

	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || is_why(entry->d_name) ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		all = mem_grow(all, count + 1, sizeof(*all));
		all[count++] = (struct failed){mem_strdup(entry->d_name), st.st_ctim};
	}
	*ret_all = all;
	return count;
}

static void remove_failed(int folder, const char *name)
{
	char *why = mem_printf("%s" WHY, name);

	if (unlinkat(folder, name, 0) != 0 && errno == EISDIR)
		(void)unlinkat(folder, name, AT_REMOVEDIR);
	(void)unlinkat(folder, why, 0);
	free(why);
}

static void keep_newest(const char *path)
{
	char *folder = mem_printf("%s/.failed", path);
	DIR *dir = opendir(folder);
	struct failed *all = NULL;
	const size_t count = dir ? list_failed(dir, &all) : 0;

	if (count > MAILDROP_FAILED_MAX)
		qsort(all, count, sizeof(*all), age_order);
	for (size_t i = 0; i < count; i++) {
		if (i + MAILDROP_FAILED_MAX < count)
			remove_failed(dirfd(dir), all[i].name);
		free(all[i].name);
	}
	free(all);
	if (dir)
		closedir(dir);
	free(folder);
}

/* ---- to rest ---- */

static void write_why(const char *kept, const char *why)
{
	char *path = mem_printf("%s" WHY, kept);
	FILE *file = fopen(path, "we");

	if (file) {
		fprintf(file, "%s\n", why);
		fclose(file);
	}
	free(path);
}

/* A place whose name nothing bears; try: which. */
static char *place(const char *path, const char *name, enum maildrop_rest rest, int try)
{
	const bool is_marked = strstr(name, ":2,") != NULL;
	const char *folder = rest == MAILDROP_FAILED ? ".failed" : "cur";
	const char *mark = rest == MAILDROP_FAILED || is_marked ? "" : SEEN;

	if (try == 0)
		return mem_printf("%s/%s/%.*s%s", path, folder, NAME_KEPT, name, mark);
	return mem_printf("%s/%s/%.*s.%d%s", path, folder, NAME_KEPT, name, try, mark);
}

bool maildrop_lay_down(const char *path, const char *name, enum maildrop_rest rest, const char *why,
		       struct error *err)
{
	char *from = mem_printf("%s/new/%s", path, name);
	char *to = place(path, name, rest, 0);
	struct stat st;
	bool done;

	/* The same name again may be another mail. */
	for (int try = 1; try < PLACES_MAX && lstat(to, &st) == 0; try++) {
		free(to);
		to = place(path, name, rest, try);
	}
	if (rest == MAILDROP_FAILED)
		write_why(to, why);
	done = rename(from, to) == 0 || errno == ENOENT;
	if (!done)
		error_set(err, "%s cannot be moved to %s: %s", from, to, strerror(errno));
	if (done && rest == MAILDROP_FAILED)
		keep_newest(path);
	free(from);
	free(to);
	return done;
}
