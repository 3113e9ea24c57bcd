/* Another configuration: reload takes it, check says what that would change. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ctl/complain.h"
#include "ctl/table.h"
#include "ctl/verbs.h"

/* From / on, because the daemon stands elsewhere; as it is written, because errors and secrets name
 * what lies beside it. NULL after saying why. */
static char *absolute(const char *path)
{
	char here[PATH_MAX];

	if (path[0] == '/')
		return mem_strdup(path);
	if (getcwd(here, sizeof(here)))
		return mem_printf("%s/%s", here, path);
	complain("where am I? %s", strerror(errno));
	return NULL;
}

/* "archive 12: acme, borealis, …" */
static bool say_change(const json_t *answer, const char *key, const char *verb)
{
	const json_t *change = json_object_get(answer, key);
	const json_t *ids = json_object_get(change, "ids");
	const long long count = json_integer_value(json_object_get(change, "count"));

	if (count == 0)
		return false;
	printf("%s %lld: ", verb, count);
	for (size_t i = 0; i < json_array_size(ids); i++) {
		fputs(i > 0 ? ", " : "", stdout);
		print_clean(json_string_value(json_array_get(ids, i)));
	}
	puts(count > (long long)json_array_size(ids) ? ", …" : "");
	return true;
}

static void say_warnings(const json_t *answer)
{
	json_t *warning;
	size_t i;

	json_array_foreach(json_object_get(answer, "warnings"), i, warning)
	{
		fputs("warning: ", stderr);
		fprint_clean(stderr, json_string_value(warning));
		fputc('\n', stderr);
	}
}

/* What it would mean for those that are there before and after. */
static bool say_judgement(const json_t *answer)
{
	const json_t *judged = json_object_get(answer, "judged_differently");
	const long long differently = json_integer_value(judged);
	const long long moved = json_integer_value(json_object_get(answer, "moved"));

	if (json_is_null(judged))
		puts("How they would be judged is not looked at: there are very many.");
	if (differently > 0)
		printf("judge %lld differently: due or cold, or no more\n", differently);
	if (moved > 0)
		printf("move %lld: due, or cold, on another day\n", moved);
	return json_is_null(judged) || differently > 0 || moved > 0;
}

/* What differs in the file itself. */
static void say_settings(const json_t *answer)
{
	const json_t *settings = json_object_get(answer, "settings");
	json_t *line;
	size_t i;

	json_array_foreach(settings, i, line)
	{
		print_clean(json_string_value(line));
		putchar('\n');
	}
	if (json_is_true(json_object_get(answer, "goes_live")))
		puts("It goes live: all that is due leaves as soon as it is reloaded; 'cadencectl "
		     "preview OWNER' shows what.");
}

static void say_all(const json_t *answer)
{
	bool any = false;

	say_warnings(answer);
	say_settings(answer);
	any |= say_change(answer, "added", "add");
	any |= say_change(answer, "changed", "change");
	any |= say_change(answer, "archived", "archive");
	any |= say_change(answer, "restored", "restore");
	any |= say_judgement(answer);
	if (!any)
		puts("No partner would change.");
	if (json_is_true(json_object_get(answer, "needs_yes")))
		puts("So many would be archived that it takes 'cadencectl reload --yes'.");
}

int verb_check(const struct ctl *ctl, int argc, char **argv)
{
	char *path = argc == 1 ? absolute(argv[0]) : NULL;
	json_t *answer = NULL;
	int result;

	if (argc != 1)
		return usage("check takes a configuration file");
	if (!path)
		return FAILED;
	result = client_json(ctl, "POST", "check", json_pack("{s:s}", "path", path), &answer);
	if (result == DONE && !ctl->json)
		say_all(answer);
	json_decref(answer);
	free(path);
	return result;
}

int verb_reload(const struct ctl *ctl, int argc, char **argv)
{
	bool yes = false;
	const struct ctl_option options[] = {{"--yes", NULL, &yes}};
	json_t *answer = NULL;
	int result;

	if (take_options(argc, argv, options, sizeof(options) / sizeof(options[0])) != 0)
		return usage("reload takes --yes at most");
	result = client_json(ctl, "POST", "reload", json_pack("{s:b}", "yes", yes), &answer);
	if (result == DONE && !ctl->json) {
		say_warnings(answer);
		puts(json_string_value(json_object_get(answer, "report")));
	}
	json_decref(answer);
	return result;
}
