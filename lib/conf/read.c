/* From libconfig's tree to the draft, driven by the table of keys. Every string is copied: the tree
 * does not outlive the loading. */
#include "conf/read.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "conf/secret.h"
#include "conf/value.h"

#define HOLIDAYS "holidays"

static int line_of(const config_setting_t *setting)
{
	return (int)config_setting_source_line(setting);
}

static const char *type_words(const config_setting_t *setting)
{
	static const char *const words[] = {
	    [CONFIG_TYPE_GROUP] = "a group { … }",
	    [CONFIG_TYPE_INT] = "a number without quotes",
	    [CONFIG_TYPE_INT64] = "a number without quotes",
	    [CONFIG_TYPE_FLOAT] = "a number without quotes",
	    [CONFIG_TYPE_STRING] = "text",
	    [CONFIG_TYPE_BOOL] = "true or false",
	    [CONFIG_TYPE_ARRAY] = "a list [ … ]",
	    [CONFIG_TYPE_LIST] = "a list ( … )",
	};
	const int type = config_setting_type(setting);

	return type > 0 && type <= CONFIG_TYPE_LIST ? words[type] : "nothing";
}

static bool is_list(const config_setting_t *setting)
{
	return config_setting_is_array(setting) || config_setting_is_list(setting);
}

static size_t length_of(const config_setting_t *setting)
{
	return (size_t)config_setting_length(setting);
}

/* An element that is a group: { channel = "sales"; only = "cold"; }. Returns the channel's name,
 * NULL after a complaint. */
static const char *read_channel_group(struct loader *loader, const config_setting_t *group,
				      const char *what, bool *ret_only_cold)
{
	static const char *const known[] = {REF_CHANNEL, REF_ONLY};
	const char *channel = NULL;
	size_t faults = loader->errors.count;

	for (size_t i = 0; i < length_of(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(setting);
		const char *text = config_setting_get_string(setting);

		if (strcmp(name, REF_CHANNEL) != 0 && strcmp(name, REF_ONLY) != 0)
			loader_error(loader, line_of(setting), what,
				     "%s: there is no such key in its groups%s", name,
				     loader_hint(loader, name, known, 2));
		else if (!text)
			loader_error(loader, line_of(setting), what,
				     "%s is %s, should be text in quotes", name,
				     type_words(setting));
		else if (strcmp(name, REF_CHANNEL) == 0)
			channel = text;
		else if (strcmp(text, REF_COLD) == 0)
			*ret_only_cold = true;
		else
			loader_error(loader, line_of(setting), what,
				     "only: \"%s\" is nothing that can be chosen; it should be "
				     "\"" REF_COLD "\", or be left out",
				     loader_quote(loader, text));
	}
	if (!channel && loader->errors.count == faults)
		loader_error(loader, line_of(group), what,
			     "a group names no channel; it should read like "
			     "{ channel = \"sales\"; only = \"cold\"; }");
	return channel;
}

/* Makes room for every element of a list. */
static void make_room(struct loader *loader, const struct key *key, size_t count, void *place)
{
	if (key->type == KEY_SPANS)
		return;
	*(struct texts *)place =
	    (struct texts){.items = arena_alloc(loader->arena, count + 1, sizeof(char *)),
			   .lines = arena_alloc(loader->arena, count + 1, sizeof(int))};
	if (key->type == KEY_CHANNELS)
		((struct channel_refs *)place)->only_cold =
		    arena_alloc(loader->arena, count + 1, sizeof(bool));
}

/* The text of an element, NULL after a complaint. What else it says is noted at place. */
static const char *element_text(struct loader *loader, const struct key *key,
				const config_setting_t *element, const char *what, void *place)
{
	const char *text = config_setting_get_string(element);
	struct channel_refs *refs = place;
	bool only_cold = false;

	if (key->type == KEY_CHANNELS && config_setting_is_group(element))
		text = read_channel_group(loader, element, what, &only_cold);
	else if (!text)
		loader_error(loader, line_of(element), what,
			     "holds %s; its entries should be text in quotes", type_words(element));
	if (key->type == KEY_CHANNELS)
		refs->only_cold[refs->names.count] = only_cold;
	return text;
}

/* Reads the elements of a list; shared by keys and by the named sets of holidays. */
static void read_list(struct loader *loader, const struct key *key, const config_setting_t *setting,
		      const char *what, void *place)
{
	const struct value_kind *kind = &value_kinds[key->type];
	const size_t count = length_of(setting);
	char fault[VALUE_FAULT_SIZE];

	if (count > CONF_LIST_MAX) {
		loader_error(loader, line_of(setting), what,
			     "has %zu entries; at most %d are allowed", count, CONF_LIST_MAX);
		return;
	}
	make_room(loader, key, count, place);
	for (size_t i = 0; i < count; i++) {
		const config_setting_t *element = config_setting_get_elem(setting, (unsigned)i);
		const char *text = element_text(loader, key, element, what, place);
		const char *wrong;

		if (!text)
			continue;
		if (key->type != KEY_SPANS) {
			struct texts *list = place;

			list->lines[list->count] = line_of(element);
		}
		wrong = kind->read(loader->arena, key, text, place, fault);
		if (wrong)
			loader_error(loader, line_of(element), what, "\"%s\" %s",
				     loader_quote(loader, text), wrong);
	}
}

static bool is_shape(const config_setting_t *setting, enum shape shape)
{
	switch (shape) {
	case SHAPE_TEXT:
		return config_setting_type(setting) == CONFIG_TYPE_STRING;
	case SHAPE_NUMBER:
		return config_setting_type(setting) == CONFIG_TYPE_INT;
	case SHAPE_BOOL:
		return config_setting_type(setting) == CONFIG_TYPE_BOOL;
	case SHAPE_LIST:
		return is_list(setting);
	case SHAPE_RISK:
		return config_setting_is_group(setting) ||
		       config_setting_type(setting) == CONFIG_TYPE_STRING;
	}
	return false;
}

static void read_text(struct loader *loader, const struct key *key, int line, const char *what,
		      const char *text, void *place)
{
	char fault[VALUE_FAULT_SIZE];
	const char *wrong = value_kinds[key->type].read(loader->arena, key, text, place, fault);

	if (!wrong)
		return;
	/* What may be a secret is not repeated in a message that ends in a log. */
	if (key_has_file(key))
		loader_error(loader, line, what, "%s", wrong);
	else
		loader_error(loader, line, what, "\"%s\" %s", loader_quote(loader, text), wrong);
}

static void read_number(struct loader *loader, const struct key *key,
			const config_setting_t *setting, const char *what, void *place)
{
	char fault[VALUE_FAULT_SIZE];
	const char *text = arena_printf(loader->scratch, "%d", config_setting_get_int(setting));
	const char *wrong = value_kinds[key->type].read(loader->arena, key, text, place, fault);

	if (wrong)
		loader_error(loader, line_of(setting), what, "%s %s", text, wrong);
}

static void read_risk_number(struct loader *loader, const struct key *key,
			     const config_setting_t *setting, const char *what, void *place)
{
	const double number = config_setting_type(setting) == CONFIG_TYPE_INT
				  ? config_setting_get_int(setting)
				  : config_setting_get_float(setting);
	const char *text = arena_printf(loader->scratch, "%.17g", number);
	char fault[VALUE_FAULT_SIZE];
	const char *wrong = value_kinds[key->type].read(loader->arena, key, text, place, fault);

	if (wrong)
		loader_error(loader, line_of(setting), what, RISK_THRESHOLD " %g %s", number,
			     wrong);
}

/* { threshold = 0.65; } */
static void read_risk(struct loader *loader, const struct key *key, const config_setting_t *group,
		      const char *what, void *place)
{
	static const char *const known[] = {RISK_THRESHOLD};
	const size_t faults = loader->errors.count;
	bool found = false;

	for (size_t i = 0; i < length_of(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(setting);
		const int type = config_setting_type(setting);

		if (strcmp(name, RISK_THRESHOLD) != 0) {
			loader_error(loader, line_of(setting), what,
				     "%s: there is no such key in its group%s", name,
				     loader_hint(loader, name, known, 1));
			continue;
		}
		found = true;
		if (type != CONFIG_TYPE_FLOAT && type != CONFIG_TYPE_INT)
			loader_error(loader, line_of(setting), what,
				     RISK_THRESHOLD " is %s, should be a number without quotes",
				     type_words(setting));
		else
			read_risk_number(loader, key, setting, what, place);
	}
	if (!found && loader->errors.count == faults)
		loader_error(loader, line_of(group), what,
			     "its group names no " RISK_THRESHOLD "; it should read like "
			     "{ " RISK_THRESHOLD " = 0.65; }");
}

static void read_value(struct loader *loader, const struct key *key,
		       const config_setting_t *setting, const char *what, void *place)
{
	const struct value_kind *kind = &value_kinds[key->type];

	if (!is_shape(setting, kind->shape)) {
		loader_error(loader, line_of(setting), what, "is %s, should be %s%s",
			     type_words(setting), kind->words,
			     kind->shape == SHAPE_TEXT ? ", in quotes" : "");
		return;
	}
	if (kind->shape == SHAPE_RISK && config_setting_is_group(setting))
		read_risk(loader, key, setting, what, place);
	else if (kind->shape == SHAPE_LIST)
		read_list(loader, key, setting, what, place);
	else if (kind->shape == SHAPE_NUMBER)
		read_number(loader, key, setting, what, place);
	else if (kind->shape == SHAPE_BOOL)
		*(bool *)place = config_setting_get_bool(setting) != 0;
	else
		read_text(loader, key, line_of(setting), what, config_setting_get_string(setting),
			  place);
}

static void read_from_file(struct loader *loader, const struct key *key,
			   const config_setting_t *setting, const char *what, struct secret *secret)
{
	const char *name = config_setting_get_string(setting);
	struct error err;
	char *text;

	if (!name) {
		loader_error(loader, line_of(setting), what,
			     "is %s, should be a file's name, in quotes", type_words(setting));
		return;
	}
	secret->file = arena_strdup(loader->arena, name);
	if (loader->offline) {
		secret->text = "";
		return;
	}
	if (secret_read(loader->conf->path, name, &text, &err) != STATUS_OK) {
		loader_error(loader, line_of(setting), what, "%s", err.text);
		return;
	}
	read_text(loader, key, line_of(setting), what, text, secret);
	secret_free(text);
}

/* Groups that may stand at the top of the file, besides the global keys. */
static bool is_group_name(const char *name)
{
	if (strcmp(name, HOLIDAYS) == 0)
		return true;
	for (size_t i = SECTION_CHANNEL; i < SECTIONS; i++)
		if (strcmp(name, conf_sections[i].group) == 0)
			return true;
	return false;
}

/* channel_types: as in key_find(); a key that other types have is no help. */
static void complain_unknown(struct loader *loader, enum section section, const char *id,
			     unsigned channel_types, const config_setting_t *setting)
{
	const char *names[2 * SECTION_KEYS_MAX + SECTIONS];
	size_t count, n = 0;
	const struct key *keys = keys_of(section, &count);
	const char *name = config_setting_name(setting);

	for (size_t i = SECTION_CHANNEL; section == SECTION_GLOBAL && i < SECTIONS; i++)
		names[n++] = conf_sections[i].group;
	if (section == SECTION_GLOBAL)
		names[n++] = HOLIDAYS;
	for (size_t i = 0; i < count; i++) {
		if (keys[i].channel_types != 0 && !(keys[i].channel_types & channel_types))
			continue;
		names[n++] = keys[i].name;
		if (key_has_file(&keys[i]))
			names[n++] = arena_printf(loader->scratch, "%s_file", keys[i].name);
	}
	loader_error(loader, line_of(setting), loader_what(loader, section, id, name),
		     "there is no such key%s", loader_hint(loader, name, names, n));
}

static void apply_defaults(struct loader *loader, enum section section, void *record)
{
	size_t count;
	const struct key *keys = keys_of(section, &count);
	char fault[VALUE_FAULT_SIZE];

	for (size_t i = 0; i < count; i++) {
		void *place = (char *)record + keys[i].offset;

		if (keys[i].type == KEY_DAY)
			*(day *)place = DAY_NEVER;
		if (keys[i].type == KEY_CHOICE)
			*(int *)place = -1; /* until it is given or computed */
		if (!keys[i].fallback)
			continue;
		if (keys[i].type == KEY_BOOL)
			*(bool *)place = strcmp(keys[i].fallback, "true") == 0;
		else
			(void)value_kinds[keys[i].type].read(loader->arena, &keys[i],
							     keys[i].fallback, place, fault);
	}
}

static void complain_missing(struct loader *loader, enum section section,
			     const struct record *record)
{
	size_t count;
	const struct key *keys = keys_of(section, &count);

	for (size_t i = 0; i < count; i++) {
		/* What a channel needs depends on its type; resolve_channel.c asks for that. */
		if (!keys[i].required || record->lines[i] > 0)
			continue;
		loader_error(loader, record->line,
			     loader_what(loader, section, record->id, keys[i].name),
			     "is missing; it should be %s", value_kinds[keys[i].type].words);
	}
}

static void read_key(struct loader *loader, enum section section, const config_setting_t *setting,
		     unsigned channel_types, struct record *record)
{
	const char *name = config_setting_name(setting);
	size_t count;
	const struct key *keys = keys_of(section, &count);
	bool file;
	const struct key *key = key_find(section, name, channel_types, &file);
	const char *what = loader_what(loader, section, record->id, name);
	void *place;

	if (!key) {
		complain_unknown(loader, section, record->id, channel_types, setting);
		return;
	}
	place = (char *)record + key->offset;
	if (record->lines[key - keys] > 0) {
		loader_error(loader, line_of(setting), what,
			     "%s and %s_file are both given; there should be only one", key->name,
			     key->name);
		return;
	}
	record->lines[key - keys] = line_of(setting);
	if (file)
		read_from_file(loader, key, setting, what, place);
	else
		read_value(loader, key, setting, what, place);
}

/* The type that a channel will have, as a set of one; all of them when it says none that exists. */
static unsigned types_of(const config_setting_t *group)
{
	const char *type;

	if (!config_setting_lookup_string(group, "type", &type))
		return UINT_MAX;
	for (int i = 0; i < CHANNEL_TYPES; i++)
		if (strcmp(channel_type_name((enum channel_type)i), type) == 0)
			return CHANNEL_BIT(i);
	return UINT_MAX;
}

/* Reads the keys of one group into a record. */
static void read_record(struct loader *loader, enum section section, const config_setting_t *group,
			struct record *record)
{
	const unsigned channel_types = section == SECTION_CHANNEL ? types_of(group) : 0;

	apply_defaults(loader, section, record);
	for (size_t i = 0; i < length_of(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);

		if (section == SECTION_GLOBAL && is_group_name(config_setting_name(setting)))
			continue;
		read_key(loader, section, setting, channel_types, record);
	}
	complain_missing(loader, section, record);
}

/* What names a record in messages: its group's name, or a partner's `id` as far as it is text. */
static const char *record_name(struct loader *loader, enum section section,
			       const config_setting_t *group, size_t index)
{
	const char *id;

	if (section != SECTION_PARTNER)
		return arena_strdup(loader->arena, config_setting_name(group));
	if (config_setting_lookup_string(group, "id", &id) && text_is_id(id))
		return arena_strdup(loader->conf->partner_arena, id);
	return arena_printf(loader->conf->partner_arena, "number %zu", index + 1);
}

static void read_section(struct loader *loader, enum section section, const config_setting_t *root)
{
	const struct section_info *info = &conf_sections[section];
	const config_setting_t *all = config_setting_get_member(root, info->group);
	const bool partners = section == SECTION_PARTNER;
	struct records *records = &loader->draft->records[section];

	if (!all)
		return;
	if (partners ? !is_list(all) : !config_setting_is_group(all)) {
		loader_error(loader, line_of(all), info->group, "is %s, should be %s",
			     type_words(all),
			     partners ? "a list ( { … }, { … } )" : "a group { name = { … }; }");
		return;
	}
	if (length_of(all) > info->max) {
		loader_error(loader, line_of(all), info->group,
			     "has %zu entries; at most %zu are allowed", length_of(all), info->max);
		return;
	}
	records->items = arena_alloc(loader->arena, length_of(all) + 1, info->size);
	for (size_t i = 0; i < length_of(all); i++) {
		const config_setting_t *group = config_setting_get_elem(all, (unsigned)i);
		struct record *record = draft_at(loader->draft, section, records->count);
		const char *name;

		if (!config_setting_is_group(group)) {
			loader_error(loader, line_of(group), info->group,
				     "holds %s, should hold groups { … }", type_words(group));
			continue;
		}
		name = record_name(loader, section, group, i);
		if (!partners && !text_is_id(name)) {
			loader_error(loader, line_of(group), info->group,
				     "the name \"%s\" is no id: " TEXT_ID_RULE,
				     loader_quote(loader, name));
			continue;
		}
		records->count++;
		record->id = name;
		record->line = line_of(group);
		read_record(loader, section, group, record);
	}
}

static void read_holiday_set(struct loader *loader, const config_setting_t *setting)
{
	static const struct key key = {.type = KEY_HOLIDAYS};
	struct holiday_set *set = &loader->draft->holidays[loader->draft->holiday_count++];
	const char *what;
	struct day_range range;

	set->id = arena_strdup(loader->arena, config_setting_name(setting));
	set->line = line_of(setting);
	what = arena_printf(loader->scratch, HOLIDAYS " %s", set->id);
	if (!text_is_id(set->id))
		loader_error(loader, set->line, HOLIDAYS, "the name \"%s\" is no id: " TEXT_ID_RULE,
			     loader_quote(loader, set->id));
	if (!is_list(setting)) {
		loader_error(loader, set->line, what, "is %s, should be a list of days",
			     type_words(setting));
		return;
	}
	read_list(loader, &key, setting, what, &set->days);
	for (size_t i = 0; i < set->days.count; i++)
		if (!value_parse_range(set->days.items[i], &range))
			loader_error(loader, set->days.lines[i], what,
				     "\"%s\" is no day; a set should hold days and ranges only",
				     set->days.items[i]);
}

static void read_holidays(struct loader *loader, const config_setting_t *root)
{
	const config_setting_t *all = config_setting_get_member(root, HOLIDAYS);
	struct draft *draft = loader->draft;

	if (!all)
		return;
	if (!config_setting_is_group(all)) {
		loader_error(loader, line_of(all), HOLIDAYS,
			     "is %s, should be a group { name = [ … ]; }", type_words(all));
		return;
	}
	if (length_of(all) > CONF_HOLIDAYS_MAX) {
		loader_error(loader, line_of(all), HOLIDAYS, "has %zu sets; at most %d are allowed",
			     length_of(all), CONF_HOLIDAYS_MAX);
		return;
	}
	draft->holidays = arena_alloc(loader->arena, length_of(all) + 1, sizeof *draft->holidays);
	for (size_t i = 0; i < length_of(all); i++)
		read_holiday_set(loader, config_setting_get_elem(all, (unsigned)i));
}

/* A group that is a record itself: backup = { keep = 14; }. Its defaults hold without it. */
static void read_single(struct loader *loader, enum section section, const char *example,
			const config_setting_t *root, struct record *record)
{
	const config_setting_t *group =
	    config_setting_get_member(root, conf_sections[section].group);

	apply_defaults(loader, section, record);
	if (!group)
		return;
	record->line = line_of(group);
	if (config_setting_is_group(group))
		read_record(loader, section, group, record);
	else
		loader_error(loader, record->line, conf_sections[section].group,
			     "is %s, should be a group { %s; }", type_words(group), example);
}

void read_tree(struct loader *loader, const config_setting_t *root)
{
	struct arena *lasting = loader->arena;

	read_record(loader, SECTION_GLOBAL, root, &loader->draft->global.head);
	read_holidays(loader, root);
	read_single(loader, SECTION_BACKUP, "keep = 14", root, &loader->draft->backup.head);
	read_section(loader, SECTION_CHANNEL, root);
	read_section(loader, SECTION_CADENCE, root);
	read_section(loader, SECTION_OWNER, root);
	read_single(loader, SECTION_INBOX, "maildir = \"/…\"", root, &loader->draft->inbox.head);
	/* Partners may be many, and leave before the rest. */
	loader->arena = loader->conf->partner_arena;
	read_section(loader, SECTION_PARTNER, root);
	loader->arena = lasting;
}
