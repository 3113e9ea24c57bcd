/* Prints the table of keys for the manual. */
#include "conf/conf.h"

#include "base/mdoc.h"
#include "conf/facts.h"

/* A type of channel that has the key. */
static int first_type(const struct key *key)
{
	return key->channel_types == 0 ? 0 : __builtin_ctz(key->channel_types);
}

static bool is_of_some(const struct key *key)
{
	return key->channel_types != 0 && __builtin_popcount(key->channel_types) < CHANNEL_TYPES;
}

/* The item is a setting as it would be written. */
static void print_key(const struct key *key, struct buf *out)
{
	struct buf text = buf_make(out->max);

	key_example(key, first_type(key), &text);
	buf_addf(out, ".It Va %s No = Ns Li \\ ", key->name);
	mdoc_literal(buf_text(&text), out);
	buf_adds(out, "\\&;\n");
	mdoc_text(key->help, out);
	buf_free(&text);
	if (is_of_some(key)) {
		buf_adds(out, "Only of type ");
		key_types(key->channel_types, &text);
		buf_addf(out, "%s.\n", buf_text(&text));
		buf_free(&text);
	}
	buf_adds(out, ".br\n(");
	key_facts(key, out);
	buf_adds(out, ")\n");
	buf_free(&text);
}

static void print_keys(enum section section, struct buf *out)
{
	size_t count;
	const struct key *keys = keys_of(section, &count);

	buf_adds(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < count; i++)
		print_key(&keys[i], out);
	buf_adds(out, ".El\n");
}

/* "It needs url and token" */
static void print_needed(int type, struct buf *out)
{
	size_t count;
	const struct key *keys = keys_of(SECTION_CHANNEL, &count);
	const char *before = "It needs";

	for (size_t i = 0; i < count; i++) {
		if (!(keys[i].required_types & CHANNEL_BIT(type)))
			continue;
		buf_addf(out, "%s\n.Va %s", before, keys[i].name);
		before = " ,";
	}
	buf_adds(out, *before == 'I' ? "" : " .\n");
}

static void print_type(int type, struct buf *out)
{
	const struct channel_info *info = &conf_channels[type];

	buf_addf(out, ".It Cm %s\n", channel_type_name((enum channel_type)type));
	print_needed(type, out);
	buf_addf(out, "Sends under way: %d; ", info->connections);
	if (info->rate)
		buf_addf(out, "at most %s", info->rate);
	else
		buf_adds(out, "any number");
	buf_addf(out, "; detail: %s.\n", info->detail == DETAIL_FULL ? "full" : "short");
}

static void print_types(struct buf *out)
{
	buf_adds(out, "The types, what each needs, and its defaults:\n"
		      ".Bl -tag -width mattermost\n");
	for (int type = 0; type < CHANNEL_TYPES; type++)
		print_type(type, out);
	buf_adds(out, ".El\n.Pp\nThe keys of a channel:\n");
}

/* "owners = { maria = { ... }; }", or a list without names. */
static void print_section(enum section section, struct buf *out)
{
	const struct section_info *info = &conf_sections[section];

	buf_addf(out, ".Ss %s\n", info->group);
	mdoc_text(info->help, out);
	if (info->max > 1)
		buf_addf(out, "At most %zu.\n", info->max);
	if (section == SECTION_CHANNEL)
		print_types(out);
	print_keys(section, out);
}

void conf_print_manual(struct buf *out)
{
	buf_adds(out, ".Ss Global settings\n");
	print_keys(SECTION_GLOBAL, out);
	for (int section = SECTION_GLOBAL + 1; section < SECTIONS; section++)
		print_section((enum section)section, out);
}
