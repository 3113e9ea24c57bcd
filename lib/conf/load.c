/* Loading: the file's bytes, libconfig's tree, the draft, the roster; at the end all of it or a
 * list of what is wrong. */
#include "conf/conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "conf/loader.h"
#include "conf/read.h"
#include "conf/resolve.h"
#include "conf/syntax.h"
#include "sys/file.h"

#define HASH_TEXT_MAX ((size_t)16 << 20)

static void conf_free(struct conf *conf)
{
	for (size_t i = 0; i < conf->zone_count; i++)
		zone_free(conf->zones[i]);
	arena_free(conf->partner_arena);
	arena_free(conf->arena);
	free(conf);
}

/* The roster is the first member of its configuration. */
static void destroy_roster(struct roster *roster)
{
	conf_free((struct conf *)roster);
}

static struct conf *conf_new(const char *path)
{
	struct conf *conf = mem_alloc(1, sizeof *conf);

	atomic_init(&conf->roster.references, 1);
	conf->roster.destroy = destroy_roster;
	conf->arena = arena_new();
	conf->partner_arena = arena_new();
	conf->path = arena_strdup(conf->arena, path);
	conf->draft = arena_alloc(conf->arena, 1, sizeof *conf->draft);
	return conf;
}

static int line_at(const char *text, const char *at)
{
	int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

/* The configuration is one file: what it includes would escape the checks of its mode and its size.
 */
static bool has_include(struct loader *loader, const char *text)
{
	for (const char *s = strstr(text, "@include"); s; s = strstr(s + 1, "@include")) {
		const char *start = s;

		while (start > text && (start[-1] == ' ' || start[-1] == '\t'))
			start--;
		if (start > text && start[-1] != '\n')
			continue;
		loader_error(loader, line_at(text, s), "@include",
			     "other files cannot be included; all should stand in this one");
		return true;
	}
	return false;
}

/* What the parser would cut short or misread is refused before it. */
static bool bytes_are_text(struct loader *loader, const struct buf *bytes)
{
	const char *text = buf_text(bytes);
	const char *nul = memchr(text, '\0', bytes->len);

	if (!nul)
		return !has_include(loader, text);
	loader_error(loader, line_at(text, nul), "file", "holds a NUL byte; it should be text");
	return false;
}

/* Some editors put a mark before the first letter (U+FEFF). */
static const char *behind_mark(const char *text)
{
	return strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
}

static void parse(struct loader *loader, const struct buf *bytes)
{
	const char *text = behind_mark(buf_text(bytes));
	config_t tree;

	if (!bytes_are_text(loader, bytes))
		return;
	config_init(&tree);
	if (config_read_string(&tree, text))
		read_tree(loader, config_root_setting(&tree));
	else
		syntax_complain(loader, text, &tree);
	config_destroy(&tree);
}

static void keep_warnings(struct loader *loader)
{
	struct conf *conf = loader->conf;
	const size_t count = loader->warnings.count;
	const char **warnings = arena_alloc(conf->arena, count + 1, sizeof *warnings);

	loader_sort(&loader->warnings);
	for (size_t i = 0; i < count; i++)
		warnings[i] = arena_strdup(conf->arena, loader->warnings.items[i].text);
	conf->warnings = warnings;
	conf->warning_count = count;
}

/* From the file's bytes to a configuration; false when anything was wrong. */
static bool build(struct loader *loader, const struct buf *bytes)
{
	parse(loader, bytes);
	/* Without a tree there is nothing to look up, and no end of follow-up complaints. */
	if (!loader->draft->global.database)
		return false;
	resolve_draft(loader);
	keep_warnings(loader);
	return loader->errors.count == 0;
}

static enum status load(const char *path, bool offline, struct conf **ret_conf,
			struct buf *ret_errors)
{
	struct buf bytes = buf_make(CONF_FILE_MAX + 1);
	const char *slash = strrchr(path, '/');
	struct conf *conf;
	struct loader loader;
	struct stat st;
	struct error err;
	enum status status = file_read(path, CONF_FILE_MAX, &bytes, &st, &err);

	if (status != STATUS_OK) {
		buf_adds(ret_errors, err.text);
		buf_free(&bytes);
		return status;
	}
	conf = conf_new(path);
	loader = (struct loader){.conf = conf,
				 .draft = conf->draft,
				 .arena = conf->arena,
				 .scratch = arena_new(),
				 .base = arena_strdup(conf->arena, slash ? slash + 1 : path),
				 .world_readable = (st.st_mode & S_IROTH) != 0,
				 .offline = offline,
				 .hash = buf_make(HASH_TEXT_MAX)};
	if (build(&loader, &bytes)) {
		*ret_conf = conf;
	} else {
		loader_list_errors(&loader, ret_errors);
		conf_free(conf);
		status = STATUS_INVALID;
	}
	arena_free(loader.scratch);
	buf_free(&loader.hash);
	if (bytes.data)
		explicit_bzero(bytes.data, bytes.len);
	buf_free(&bytes);
	return status;
}

enum status conf_load(const char *path, struct conf **ret_conf, struct buf *ret_errors)
{
	return load(path, false, ret_conf, ret_errors);
}

enum status conf_load_offline(const char *path, struct conf **ret_conf, struct buf *ret_errors)
{
	return load(path, true, ret_conf, ret_errors);
}

void conf_drop_partners(struct conf *conf)
{
	conf->partner_arena = arena_free(conf->partner_arena);
	conf->partners = NULL;
	conf->partner_count = 0;
	conf->draft->records[SECTION_PARTNER] = (struct records){0};
}
