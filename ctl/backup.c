/* Backups: the one of the day, made now, or a copy in a file. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/complain.h"
#include "ctl/outfile.h"
#include "ctl/verbs.h"
#include "store/backup.h"

/* The daily one, made at once. */
static int back_up_now(const struct ctl *ctl)
{
	json_t *answer = NULL;
	const int result = client_json(ctl, "POST", "backup", NULL, &answer);
	const char *newest = json_string_value(json_object_get(answer, "newest_contact"));

	if (result == DONE && !ctl->json)
		printf(
		    "%s: %lld bytes, verified: %lld partners, %lld contacts, newest contact %s\n",
		    json_string_value(json_object_get(answer, "file")),
		    json_integer_value(json_object_get(answer, "bytes")),
		    json_integer_value(json_object_get(answer, "partners")),
		    json_integer_value(json_object_get(answer, "contacts")),
		    newest ? newest : "none");
	json_decref(answer);
	return result;
}

/* Each backup may take the place of the one before it, and of nothing else. */
static bool may_be_backup(const char *path)
{
	struct backup_facts facts;
	struct error err;
	struct stat there;

	if (strcmp(path, "-") == 0 || stat(path, &there) || !S_ISREG(there.st_mode) ||
	    there.st_size == 0)
		return true;
	switch (backup_verify(path, NULL, &facts, &err)) {
	case STATUS_OK:
	case STATUS_BUSY: /* one in use, which outfile_open() refuses */
		return true;
	case STATUS_INVALID:
		complain("%s: is no backup, and stays as it is; name another file", path);
		return false;
	default:
		complain("%s; it stays as it is: remove it, or name another file", err.text);
		return false;
	}
}

int verb_backup(const struct ctl *ctl, int argc, char **argv)
{
	struct outfile out;
	int result;
	long bytes;

	if (argc == 0)
		return back_up_now(ctl);
	if (argc != 1)
		return usage("backup takes a file, - for standard output, or nothing");
	if (strcmp(argv[0], "-") == 0 && isatty(STDOUT_FILENO))
		return usage(
		    "a database is nothing for a terminal; name a file, or write backup - >FILE");
	if (!may_be_backup(argv[0]) || !outfile_open(argv[0], &out))
		return FAILED;
	result = client_file(ctl, "backup", out.file);
	bytes = ftell(out.file);
	if (!outfile_close(&out, result == DONE) && result == DONE)
		result = FAILED;
	if (result == DONE && strcmp(argv[0], "-") != 0) {
		if (ctl->json)
			printf("{\"bytes\":%ld}\n", bytes);
		else
			printf("%s: %ld bytes\n", argv[0], bytes);
	}
	return result;
}
