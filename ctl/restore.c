/* Backups as files: looked at, and put in the place of the database. Needs no daemon; to put one in
 * place there may be none. */
#include "ctl/restore.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "ctl/complain.h"
#include "store/restore.h"
#include "sys/clock.h"

#define CONF	   "/etc/cadenced/cadenced.conf"
#define ERRORS_MAX (64 * 1024)

bool restore_is_file(const char *word)
{
	/* No id holds either. */
	return strpbrk(word, "/.") != NULL;
}

static json_t *facts_json(const char *file, const struct backup_facts *facts)
{
	char iso[DAY_TEXT_SIZE];

	return json_pack("{s:s, s:I, s:i, s:I, s:I, s:I, s:s?}", "file", file, "bytes",
			 (json_int_t)facts->bytes, "schema", facts->schema, "partners",
			 (json_int_t)facts->partners, "contacts", (json_int_t)facts->contacts,
			 "undelivered", (json_int_t)facts->undelivered, "newest_contact",
			 facts->newest_contact == DAY_NEVER ? NULL
							    : day_iso(facts->newest_contact, iso));
}

static void print_facts(const char *file, const struct backup_facts *facts)
{
	char iso[DAY_TEXT_SIZE];

	printf("%s: sound; schema %d, %lld bytes, %lld partners, %lld contacts, newest contact %s, "
	       "%lld deliveries not done\n",
	       file, facts->schema, (long long)facts->bytes, (long long)facts->partners,
	       (long long)facts->contacts,
	       facts->newest_contact == DAY_NEVER ? "none" : day_iso(facts->newest_contact, iso),
	       (long long)facts->undelivered);
}

static int verify(const struct ctl *ctl, const char *file)
{
	struct backup_facts facts;
	struct error err = {""};
	json_t *answer;

	if (backup_verify(file, NULL, &facts, &err) != STATUS_OK) {
		complain("%s", err.text);
		return FAILED;
	}
	if (!ctl->json) {
		print_facts(file, &facts);
		return DONE;
	}
	answer = facts_json(file, &facts);
	client_print(answer);
	json_decref(answer);
	return DONE;
}

static int put_in_place(const struct ctl *ctl, const char *file, const char *path)
{
	const struct clock clock = clock_real();
	struct backup_facts facts;
	struct error err = {""};
	char *aside = NULL;

	if (restore_backup(file, path, clock_now(&clock), &facts, &aside, &err) != STATUS_OK) {
		complain("%s", err.text);
		if (aside)
			complain("what was there is now %s", aside);
		free(aside);
		return FAILED;
	}
	if (ctl->json) {
		json_t *answer = facts_json(file, &facts);

		json_object_set_new(answer, "restored", json_string(path));
		json_object_set_new(answer, "aside", aside ? json_string(aside) : json_null());
		client_print(answer);
		json_decref(answer);
	} else {
		print_facts(file, &facts);
		printf("%s: restored from it%s%s; what happened since then is not in it\n"
		       "Now start cadenced: systemctl start cadenced\n",
		       path, aside ? ", and what was there is " : "", aside ? aside : "");
	}
	free(aside);
	return DONE;
}

/* Where the database lies is said by the configuration, whose secrets nobody needs here. */
static int put_in_configured_place(const struct ctl *ctl, const char *file, const char *path)
{
	struct buf errors = buf_make(ERRORS_MAX);
	struct conf *conf = NULL;
	const char *database;
	int result = FAILED;

	if (conf_load_offline(path, &conf, &errors) != STATUS_OK) {
		complain("%s", buf_text(&errors));
		buf_free(&errors);
		return CONF_WRONG;
	}
	database = restore_path(conf->database);
	if (database)
		result = put_in_place(ctl, file, database);
	else
		complain("%s: database \"%s\" is no file", path, conf->database);
	roster_unref(&conf->roster);
	buf_free(&errors);
	return result;
}

int restore_file(const struct ctl *ctl, int argc, char **argv)
{
	const char *conf = CONF, *file = NULL;
	const struct ctl_option options[] = {{"--conf", &conf, NULL}, {"--verify", &file, NULL}};

	argc = take_options(argc, argv, options, sizeof(options) / sizeof(options[0]));
	if (argc < 0)
		return USAGE;
	if (file && argc > 0)
		return usage("restore --verify takes one file");
	if (file)
		return verify(ctl, file);
	if (argc != 1)
		return usage("restore takes a file, or a partner");
	return put_in_configured_place(ctl, argv[0], conf);
}
