/* Finds and reads TZif files; a misspelt zone is an error that names the right one. */
#include "sys/zoneinfo.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "sys/file.h"

#define ZONEINFO_DIR	 "/usr/share/zoneinfo"
#define ZONE_FILE_MAX	 (1024 * 1024)
#define ZONE_NAME_MAX	 60
#define ZONE_LIST	 "tzdata.zi" /* a line "Z NAME …" a zone, "L TARGET NAME" a link */
#define ZONE_LIST_MAX	 (4 * 1024 * 1024)
#define ZONES_MAX	 2000
#define WATCH_READ_MAX	 4096 /* bytes of events taken in at once */
#define OFFSET_HOURS_MAX 12

static const char *directory(void)
{
	const char *dir = getenv("TZDIR");

	return dir && *dir ? dir : ZONEINFO_DIR;
}

#define VERSION_MARK "# version "

/* The first line of the list. */
void zoneinfo_version(char ret_version[ZONEINFO_VERSION_SIZE], instant *ret_date)
{
	char *path = mem_printf("%s/%s", directory(), ZONE_LIST);
	FILE *file = fopen(path, "re");
	char line[64] = "";
	struct stat st;

	*ret_version = '\0';
	*ret_date = INSTANT_NEVER;
	free(path);
	if (!file)
		return;
	if (fstat(fileno(file), &st) == 0)
		*ret_date = (instant)st.st_mtime * SECOND_MS;
	if (fgets(line, sizeof(line), file) &&
	    strncmp(line, VERSION_MARK, strlen(VERSION_MARK)) == 0) {
		const char *version = line + strlen(VERSION_MARK);
		const size_t len = strspn(version, "0123456789abcdefghijklmnopqrstuvwxyz-.");

		snprintf(ret_version, ZONEINFO_VERSION_SIZE, "%.*s", (int)len, version);
	}
	fclose(file);
}

static bool name_is_sound(const char *name)
{
	if (!isalpha((unsigned char)name[0]) || strlen(name) > ZONE_NAME_MAX || strstr(name, ".."))
		return false;
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_+/-", *c))
			return false;
	return true;
}

/* The zone's name in one line of the list, cut out in place; NULL when the line names none. */
static char *name_in_line(char *line)
{
	char *at = line;

	if (strncmp(line, "Z ", 2) == 0)
		at += 2;
	else if (strncmp(line, "L ", 2) == 0 && (at = strchr(line + 2, ' ')))
		at++;
	else
		return NULL;
	at[strcspn(at, " ")] = '\0';
	return at;
}

/* The known zone nearest to a misspelt one, or NULL; the caller frees. */
static char *find_nearest(const char *name)
{
	struct buf list = buf_make(ZONE_LIST_MAX);
	char *path = mem_printf("%s/%s", directory(), ZONE_LIST);
	char *nearest = NULL;

	if (file_read(path, ZONE_LIST_MAX, &list, NULL, NULL) == STATUS_OK && list.data) {
		const char **names = mem_alloc(ZONES_MAX, sizeof(*names));
		size_t count = 0;
		size_t best = SIZE_MAX;

		for (char *rest = list.data, *line; (line = strsep(&rest, "\n"));) {
			char *known = count < ZONES_MAX ? name_in_line(line) : NULL;

			if (known)
				names[count++] = known;
		}
		/* The plain distance: most names share their first letters. */
		for (size_t i = 0; i < count; i++) {
			const size_t distance = text_distance(name, names[i]);

			if (distance < best && distance <= strlen(name) / 3) {
				best = distance;
				free(nearest);
				nearest = mem_strdup(names[i]);
			}
		}
		free(names);
	}
	free(path);
	buf_free(&list);
	return nearest;
}

/* The hours of "GMT+1" or "utc-10", 0 when it is something else. POSIX turns the sign, so that the
 * zone whose name is nearest is a wrong one. */
static int offset_hours(const char *name)
{
	int64_t hours;

	if (strncasecmp(name, "GMT", 3) != 0 && strncasecmp(name, "UTC", 3) != 0)
		return 0;
	if ((name[3] != '+' && name[3] != '-') || !text_parse_number(name + 4, &hours) ||
	    hours > OFFSET_HOURS_MAX)
		return 0;
	return name[3] == '+' ? (int)hours : -(int)hours;
}

static enum status not_found(const char *name, struct error *err)
{
	const int hours = offset_hours(name);
	char *nearest = find_nearest(name);

	if (hours != 0)
		error_set(err,
			  "no time zone \"%s\"; write it like Europe/Lisbon, or Etc/GMT%+d, whose "
			  "sign is the other way round",
			  name, -hours);
	else if (nearest)
		error_set(err, "no time zone \"%s\"; did you mean %s?", name, nearest);
	else
		error_set(err, "no time zone \"%s\"; write it like Europe/Lisbon", name);
	free(nearest);
	return STATUS_NOT_FOUND;
}

enum status zoneinfo_load(const char *name, struct zone **ret_zone, struct buf *ret_bytes,
			  struct error *err)
{
	struct buf bytes = buf_make(ZONE_FILE_MAX);
	enum status status;
	char *path;

	if (!name_is_sound(name))
		return error_fail(err, STATUS_INVALID,
				  "\"%s\" is no time zone's name; write it like Europe/Lisbon",
				  name);
	path = mem_printf("%s/%s", directory(), name);
	status = file_read(path, ZONE_FILE_MAX, &bytes, NULL, NULL);
	if (status == STATUS_OK) {
		status = zone_parse(name, bytes.data, bytes.len, ret_zone, err);
		if (status == STATUS_OK && ret_bytes)
			buf_add(ret_bytes, bytes.data, bytes.len);
	} else if (strcmp(name, "UTC") == 0) {
		*ret_zone = zone_utc();
		status = STATUS_OK;
	} else {
		status = not_found(name, err);
	}
	free(path);
	buf_free(&bytes);
	return status;
}

int zoneinfo_watch(const struct zone *const *zones, size_t count)
{
	const int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	/* A directory that is watched already keeps its one watch. */
	for (size_t i = 0; fd >= 0 && i < count; i++) {
		char *path = mem_printf("%s/%s", directory(), zone_name(zones[i]));

		*strrchr(path, '/') = '\0';
		(void)inotify_add_watch(fd, path, IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE);
		free(path);
	}
	return fd;
}

void zoneinfo_watch_read(int fd)
{
	char events[WATCH_READ_MAX];

	while (read(fd, events, sizeof(events)) > 0)
		continue;
}
