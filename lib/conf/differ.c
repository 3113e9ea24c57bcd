/* How two configurations differ, setting by setting, from the table of keys. */
#include "conf/conf.h"

#include <stdint.h>
#include <string.h>

#include "conf/draft.h"
#include "conf/print.h"

#define VALUE_MAX 200 /* bytes of a value that is said */

/* One setting, before and after. */
struct pair {
	struct buf before, after;
	bool differs;
};

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Two secrets read alike: they are masked. */
static bool same_secret(const struct key *key, const void *before, const void *after)
{
	const struct secret *a = (const void *)((const char *)before + key->offset);
	const struct secret *b = (const void *)((const char *)after + key->offset);

	return !key_has_file(key) || same_text(a->text, b->text);
}

static struct pair compare(const struct key *key, enum section section, const void *before,
			   const void *after)
{
	struct pair pair = {.before = buf_make(SIZE_MAX), .after = buf_make(SIZE_MAX)};

	if (print_applies(key, section, before))
		(void)print_value(key, before, &pair.before);
	if (print_applies(key, section, after))
		(void)print_value(key, after, &pair.after);
	pair.differs = strcmp(buf_text(&pair.before), buf_text(&pair.after)) != 0 ||
		       !same_secret(key, before, after);
	return pair;
}

static void pair_free(struct pair *pair)
{
	buf_free(&pair->before);
	buf_free(&pair->after);
}

static void add_value(struct buf *out, const struct buf *value)
{
	if (value->len == 0)
		buf_adds(out, "nothing");
	else if (value->len > VALUE_MAX)
		buf_adds(out, "a long one");
	else
		buf_add(out, value->data, value->len);
}

/* "owner maria: email: "a@example.com" becomes "b@example.com"" */
static void differ_keys(enum section section, const char *whose, const void *before,
			const void *after, struct buf *out)
{
	size_t count;
	const struct key *keys = keys_of(section, &count);

	for (size_t i = 0; i < count; i++) {
		struct pair pair = compare(&keys[i], section, before, after);

		if (pair.differs) {
			buf_addf(out, "%s%s: ", whose, keys[i].name);
			add_value(out, &pair.before);
			buf_adds(out, " becomes ");
			add_value(out, &pair.after);
			buf_adds(out, strcmp(buf_text(&pair.before), buf_text(&pair.after)) == 0
					  ? ", with another content\n"
					  : "\n");
		}
		pair_free(&pair);
	}
}

static const struct record *find(const struct draft *draft, enum section section, const char *id)
{
	for (size_t i = 0; i < draft->records[section].count; i++) {
		const struct record *record = draft_at(draft, section, i);

		if (strcmp(record->id, id) == 0)
			return record;
	}
	return NULL;
}

static void differ_section(enum section section, const char *what, const struct draft *before,
			   const struct draft *after, struct buf *out)
{
	for (size_t i = 0; i < before->records[section].count; i++) {
		const struct record *old = draft_at(before, section, i);
		const struct record *new = find(after, section, old->id);
		struct buf whose = buf_make(SIZE_MAX);

		buf_addf(&whose, "%s %s: ", what, old->id);
		if (new)
			differ_keys(section, buf_text(&whose), old, new, out);
		else
			buf_addf(out, "%s %s: goes\n", what, old->id);
		buf_free(&whose);
	}
	for (size_t i = 0; i < after->records[section].count; i++) {
		const struct record *new = draft_at(after, section, i);

		if (!find(before, section, new->id))
			buf_addf(out, "%s %s: is new\n", what, new->id);
	}
}

void conf_differ(const struct conf *before, const struct conf *after, struct buf *out)
{
	const struct draft *old = before->draft, *new = after->draft;

	differ_keys(SECTION_GLOBAL, "", &old->global, &new->global, out);
	differ_keys(SECTION_INBOX, "inbox: ", &old->inbox, &new->inbox, out);
	differ_keys(SECTION_BACKUP, "backup: ", &old->backup, &new->backup, out);
	differ_section(SECTION_CHANNEL, "channel", old, new, out);
	differ_section(SECTION_CADENCE, "cadence", old, new, out);
	differ_section(SECTION_OWNER, "owner", old, new, out);
}

void conf_restart_keys(const struct conf *old_conf, const struct conf *new_conf, struct buf *out)
{
	size_t count;
	const struct key *keys = keys_of(SECTION_GLOBAL, &count);
	const char *comma = "";

	for (size_t i = 0; i < count; i++) {
		if (keys[i].reloadable)
			continue;
		struct pair pair = compare(&keys[i], SECTION_GLOBAL, &old_conf->draft->global,
					   &new_conf->draft->global);

		if (pair.differs) {
			buf_addf(out, "%s%s", comma, keys[i].name);
			comma = ", ";
		}
		pair_free(&pair);
	}
}
