/* Says of a key what its table knows, in words. */
#include "conf/facts.h"

#include <string.h>

#include "conf/value.h"

void key_types(unsigned types, struct buf *out)
{
	int left = __builtin_popcount(types);

	for (int type = 0; type < CHANNEL_TYPES; type++) {
		if (!(types & CHANNEL_BIT(type)))
			continue;
		left--;
		buf_addf(out, "%s%s", channel_type_name((enum channel_type)type),
			 left > 1    ? ", "
			 : left == 1 ? " and "
				     : "");
	}
}

/* Which of the channels that have the key need it, in the fewest words. */
static void print_needs(const struct key *key, struct buf *out)
{
	const unsigned others = key->channel_types & ~key->required_types;

	buf_adds(out, "; required");
	if (others == 0)
		return;
	if (__builtin_popcount(others) < __builtin_popcount(key->required_types)) {
		buf_adds(out, ", but for ");
		key_types(others, out);
	} else {
		buf_adds(out, " for ");
		key_types(key->required_types, out);
	}
}

void key_facts(const struct key *key, struct buf *out)
{
	buf_adds(out, value_kinds[key->type].words);
	for (size_t i = 0; key->type == KEY_CHOICE && key->choices[i]; i++)
		buf_addf(out, "%s %s", i > 0 ? "," : "", key->choices[i]);
	if (key->range)
		buf_addf(out, "; %s", key->range);
	if (key->required_types != 0)
		print_needs(key, out);
	if (key->computed)
		buf_addf(out, "; default: %s", key->computed);
	else if (key->fallback)
		buf_addf(out, "; default: %s", key->fallback);
	else if (key->required)
		buf_adds(out, "; required");
	else if (key->required_types != key->channel_types || key->channel_types == 0)
		buf_adds(out, "; default: none");
	if (key_has_file(key))
		buf_addf(out, "; or %s_file, the name of a file that holds it", key->name);
	if (!key->reloadable)
		buf_adds(out, "; takes effect after a restart");
}

/* What stands for a channel's key, when it depends on the type. */
static void print_channel_example(const struct key *key, int type, struct buf *out)
{
	const struct channel_info *info = &conf_channels[type];

	if (strcmp(key->name, "url") == 0)
		value_print_quoted(info->example_url, out);
	else if (strcmp(key->name, "user") == 0)
		value_print_quoted(type == CHANNEL_ZULIP ? "cadence-bot@example.com" : "cadence",
				   out);
	else if (strcmp(key->name, "room") == 0)
		value_print_quoted(info->example_room, out);
	else if (strcmp(key->name, "connections") == 0)
		buf_addf(out, "%d", info->connections);
	else if (strcmp(key->name, "rate") == 0)
		value_print_quoted(info->rate ? info->rate : "20/min", out);
	else if (strcmp(key->name, "fallback") == 0)
		value_print_quoted(
		    type == CHANNEL_SMTP ? KEY_SECOND_MAIL : conf_channels[0].example, out);
	else if (strcmp(key->name, "detail") == 0)
		value_print_quoted(key->choices[info->detail], out);
	else
		value_print_quoted(key->choices[type], out);
}

void key_example(const struct key *key, int type, struct buf *out)
{
	if (key->example)
		buf_adds(out, key->example);
	else
		print_channel_example(key, type, out);
}
