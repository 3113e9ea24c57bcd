/* Walks through the files that the configuration names. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/draft.h"
#include "conf/secret.h"

/* Where systemd puts credentials, if it is there, else beside the configuration. */
static char *place_of(const char *conf_path, const char *name)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char *path;

	if (!dir || dir[0] != '/' || strchr(name, '/'))
		return path_beside(conf_path, name);
	path = mem_printf("%s/%s", dir, name);
	if (access(path, F_OK) == 0)
		return path;
	free(path);
	return path_beside(conf_path, name);
}

static void walk(const struct conf *conf, enum section section, const struct record *record,
		 conf_file *tell, void *arg)
{
	size_t count;
	const struct key *keys = keys_of(section, &count);

	for (size_t i = 0; i < count; i++) {
		const void *place = (const char *)record + keys[i].offset;
		const bool has_file = key_has_file(&keys[i]);
		const char *name = has_file ? ((const struct secret *)place)->file : NULL;
		char *what;

		if (!has_file && keys[i].type == KEY_FILE)
			name = *(const char *const *)place;
		if (!name)
			continue;
		what = mem_printf("%s%s%s%s%s", section == SECTION_CHANNEL ? "channel " : "",
				  section == SECTION_CHANNEL ? record->id : "",
				  section == SECTION_CHANNEL ? ": " : "", keys[i].name,
				  has_file ? "_file" : "");
		char *path = has_file ? place_of(conf->path, name) : path_beside(conf->path, name);
		tell(arg, what, path, has_file || strcmp(keys[i].name, "token_file") == 0);
		free(path);
		free(what);
	}
}

void conf_each_file(const struct conf *conf, conf_file *tell, void *arg)
{
	const struct draft *draft = conf->draft;

	walk(conf, SECTION_GLOBAL, &draft->global.head, tell, arg);
	for (size_t i = 0; i < draft->records[SECTION_CHANNEL].count; i++)
		walk(conf, SECTION_CHANNEL, draft_at(draft, SECTION_CHANNEL, i), tell, arg);
}
