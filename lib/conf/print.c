/* Printing: the effective configuration, and the reference of all keys, both from the table of
 * keys. */
#include "conf/conf.h"

#include <string.h>

#include "base/text.h"
#include "conf/draft.h"
#include "conf/facts.h"
#include "conf/print.h"
#include "conf/value.h"

#define DEFAULT_MARK "  # default"

static void indent(struct buf *out, int depth)
{
	for (int i = 0; i < depth; i++)
		buf_adds(out, "  ");
}

/* A URL that is no secret is shown; every other secret is masked by its kind. */
static bool shows_url(const struct key *key, const void *record)
{
	const struct draft_channel *channel = record;

	return key->type == KEY_URL && channel->type >= 0 &&
	       !conf_channels[channel->type].url_is_secret;
}

bool print_value(const struct key *key, const void *record, struct buf *out)
{
	const void *place = (const char *)record + key->offset;
	const struct secret *secret = place;

	if (!key_has_file(key))
		return value_kinds[key->type].print(key, place, out);
	if (secret->file) {
		value_print_quoted(secret->file, out);
		return true;
	}
	if (!shows_url(key, record) || !secret->text)
		return value_kinds[key->type].print(key, place, out);
	value_print_quoted(secret->text, out);
	return true;
}

static bool has_file(const struct key *key, const void *record)
{
	const struct secret *secret = (const void *)((const char *)record + key->offset);

	return key_has_file(key) && secret->file;
}

bool print_applies(const struct key *key, enum section section, const void *record)
{
	const struct draft_channel *channel = record;

	return section != SECTION_CHANNEL || key_applies(key, channel->type);
}

static void print_record(enum section section, const struct record *record, int depth,
			 struct buf *out)
{
	size_t count;
	const struct key *keys = keys_of(section, &count);

	for (size_t i = 0; i < count; i++) {
		struct buf value = buf_make(out->max);

		if (print_applies(&keys[i], section, record) &&
		    print_value(&keys[i], record, &value)) {
			indent(out, depth);
			buf_addf(out, "%s%s = %s;%s\n", keys[i].name,
				 has_file(&keys[i], record) ? "_file" : "", buf_text(&value),
				 record->lines[i] > 0 ? "" : DEFAULT_MARK);
		}
		buf_free(&value);
	}
}

static void print_holidays(const struct draft *draft, struct buf *out)
{
	if (draft->holiday_count == 0)
		return;
	buf_adds(out, "holidays = {\n");
	for (size_t i = 0; i < draft->holiday_count; i++) {
		const struct holiday_set *set = &draft->holidays[i];

		buf_addf(out, "  %s = [", set->id);
		for (size_t j = 0; j < set->days.count; j++) {
			buf_adds(out, j > 0 ? ", " : " ");
			value_print_quoted(set->days.items[j], out);
		}
		buf_adds(out, " ];\n");
	}
	buf_adds(out, "};\n");
}

static void print_section(const struct draft *draft, enum section section, struct buf *out)
{
	const size_t count = draft->records[section].count;

	if (count == 0)
		return;
	buf_addf(out, "%s = {\n", conf_sections[section].group);
	for (size_t i = 0; i < count; i++) {
		const struct record *record = draft_at(draft, section, i);

		buf_addf(out, "  %s = {%s\n", record->id, record->line > 0 ? "" : DEFAULT_MARK);
		print_record(section, record, 2, out);
		buf_adds(out, "  };\n");
	}
	buf_adds(out, "};\n");
}

/* A list has no names, and libconfig 1.5 bears no comma after its last group. */
static void print_partners(const struct draft *draft, struct buf *out)
{
	const size_t count = draft->records[SECTION_PARTNER].count;

	if (count == 0)
		return;
	buf_adds(out, "partners = (\n");
	for (size_t i = 0; i < count; i++) {
		buf_adds(out, "  {\n");
		print_record(SECTION_PARTNER, draft_at(draft, SECTION_PARTNER, i), 2, out);
		buf_adds(out, i + 1 < count ? "  },\n" : "  }\n");
	}
	buf_adds(out, ");\n");
}

/* A group that is a record itself. */
static void print_single(enum section section, const struct record *record, struct buf *out)
{
	buf_addf(out, "%s = {\n", conf_sections[section].group);
	print_record(section, record, 1, out);
	buf_adds(out, "};\n");
}

void conf_print(const struct conf *conf, struct buf *out)
{
	const struct draft *draft = conf->draft;

	print_record(SECTION_GLOBAL, &draft->global.head, 0, out);
	if (draft->inbox.maildir)
		print_single(SECTION_INBOX, &draft->inbox.head, out);
	print_single(SECTION_BACKUP, &draft->backup.head, out);
	print_section(draft, SECTION_CHANNEL, out);
	print_holidays(draft, out);
	print_section(draft, SECTION_CADENCE, out);
	print_section(draft, SECTION_OWNER, out);
	print_partners(draft, out);
}

static void explain(const struct key *key, struct buf *out)
{
	buf_addf(out, "# %s\n# (", key->help);
	key_facts(key, out);
	buf_adds(out, ")\n");
}

static void print_setting(const struct key *key, int type, int depth, struct buf *out)
{
	buf_addc(out, '#');
	indent(out, depth);
	buf_addf(out, "%s = ", key->name);
	key_example(key, type, out);
	buf_adds(out, ";\n");
}

/* Whether no type before this one has the key. */
static bool is_first_with(const struct key *key, int type)
{
	return key->channel_types == 0 ? type == 0
				       : !(key->channel_types & (CHANNEL_BIT(type) - 1));
}

/* The path of smtp, which no password may stand beside. */
static bool is_token_file(const struct key *key)
{
	return strcmp(key->name, "token_file") == 0;
}

/* The keys of one example record. A channel's key is explained where it first appears. */
static void reference_keys(enum section section, int type, int depth, struct buf *out)
{
	size_t count;
	const struct key *keys = keys_of(section, &count);

	for (size_t i = 0; i < count; i++) {
		const struct key *key = &keys[i];

		if (!key_applies(key, type) || is_token_file(key))
			continue;
		if (is_first_with(key, type))
			explain(key, out);
		print_setting(key, type, depth, out);
		if (section == SECTION_GLOBAL)
			buf_addc(out, '\n');
	}
}

/* A second smtp channel: the first logs in with a password. */
static void reference_second_mail(struct buf *out)
{
	size_t count;
	const struct key *keys = keys_of(SECTION_CHANNEL, &count);

	buf_adds(out, "#  " KEY_SECOND_MAIL " = {\n#    type = \"smtp\";\n"
		      "#    url = \"smtps://smtp.office.example.com:465\";\n"
		      "#    from = \"cadence@example.com\";\n"
		      "#    user = \"cadence@example.com\";\n");
	for (size_t i = 0; i < count; i++) {
		if (!is_token_file(&keys[i]))
			continue;
		explain(&keys[i], out);
		print_setting(&keys[i], CHANNEL_SMTP, 2, out);
	}
	buf_adds(out, "#  };\n");
}

static void reference_channels(struct buf *out)
{
	buf_adds(out, "#channels = {\n");
	for (int type = 0; type < CHANNEL_TYPES; type++) {
		buf_addf(out, "#  %s = {\n", conf_channels[type].example);
		reference_keys(SECTION_CHANNEL, type, 2, out);
		buf_adds(out, "#  };\n");
		if (type == CHANNEL_SMTP)
			reference_second_mail(out);
	}
	buf_adds(out, "#};\n\n");
}

static void reference_named(enum section section, struct buf *out)
{
	buf_addf(out, "#%s = {\n#  %s = {\n", conf_sections[section].group,
		 conf_sections[section].example);
	reference_keys(section, 0, 2, out);
	buf_adds(out, "#  };\n");
	/* Somebody for backup and manager to name. */
	if (section == SECTION_OWNER)
		buf_adds(out, "#  jon = { email = \"jon@example.com\"; };\n");
	buf_adds(out, "#};\n\n");
}

static void reference_single(enum section section, struct buf *out)
{
	buf_addf(out, "# %s\n#%s = {\n", conf_sections[section].help, conf_sections[section].group);
	reference_keys(section, 0, 1, out);
	buf_adds(out, "#};\n\n");
}

void conf_print_reference(struct buf *out)
{
	buf_adds(
	    out,
	    "# Every key of cadenced.conf, with its type, its range and its default, printed from\n"
	    "# cadenced's own table of keys. A # with one space after it explains; any other #\n"
	    "# switches off a setting, which is an example and not the default.\n"
	    "# Durations: N days, weeks, months, quarters or years. Names in this file:\n"
	    "# " TEXT_ID_RULE ".\n\n");
	reference_keys(SECTION_GLOBAL, 0, 0, out);
	reference_single(SECTION_INBOX, out);
	reference_single(SECTION_BACKUP, out);
	buf_addf(out, "# %s\n", conf_sections[SECTION_CHANNEL].help);
	reference_channels(out);
	buf_adds(out,
		 "# Sets of holidays, by name, for owners to share: days, and ranges of days.\n"
		 "#holidays = {\n#  pt = [ \"2026-12-08\", \"2026-12-25/2026-12-26\" ];\n#};\n\n");
	buf_addf(out, "# %s\n", conf_sections[SECTION_CADENCE].help);
	reference_named(SECTION_CADENCE, out);
	buf_addf(out, "# %s\n", conf_sections[SECTION_OWNER].help);
	reference_named(SECTION_OWNER, out);
	buf_addf(out, "# %s\n#partners = (\n#  {\n", conf_sections[SECTION_PARTNER].help);
	reference_keys(SECTION_PARTNER, 0, 2, out);
	buf_adds(out, "#  }\n#);\n");
}
