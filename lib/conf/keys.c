/* The table of keys. To add a setting: a line here, a place in its draft, and its use in
 * resolve_*.c.
 */
#include "conf/keys.h"

#include <string.h>

#include "conf/draft.h"

static const char *const deliver_choices[] = {"live", "hold", NULL};
static const char *const type_choices[] = {"smtp", "webhook", "slack", NULL};
static const char *const tls_choices[] = {"starttls", "implicit", "none", NULL};
static const char *const detail_choices[] = {"full", "short", NULL};

#define SMTP	CHANNEL_BIT(CHANNEL_SMTP)
#define WEBHOOK CHANNEL_BIT(CHANNEL_WEBHOOK)

/* clang-format off: a table is read in columns */
#define GLOBAL(member) .section = SECTION_GLOBAL, .offset = offsetof(struct draft_global, member)
#define CHANNEL(member)                                                                            \
	.section = SECTION_CHANNEL, .offset = offsetof(struct draft_channel, member),              \
	.reloadable = true
#define CADENCE(member)                                                                            \
	.section = SECTION_CADENCE, .offset = offsetof(struct draft_cadence, member),              \
	.reloadable = true
#define OWNER(member)                                                                              \
	.section = SECTION_OWNER, .offset = offsetof(struct draft_owner, member), .reloadable = true
#define PARTNER(member)                                                                            \
	.section = SECTION_PARTNER, .offset = offsetof(struct draft_partner, entry.member),        \
	.reloadable = true

const struct key conf_keys[] = {
    {GLOBAL(timezone), .name = "timezone", .type = KEY_ZONE, .fallback = "UTC", .reloadable = true,
     .example = "\"Europe/London\"", .help = "The zone of owners who name none."},
    {GLOBAL(database), .name = "database", .type = KEY_DATABASE,
     .fallback = "sqlite:///var/lib/cadenced/cadenced.db",
     .example = "\"sqlite:///var/lib/cadenced/cadenced.db\"", .help = "Where everything is kept."},
    {GLOBAL(control), .name = "control", .type = KEY_SOCKET,
     .fallback = "/run/cadenced/control.sock", .example = "\"/run/cadenced/control.sock\"",
     .help = "The socket that cadencectl talks to."},
    {GLOBAL(admin), .name = "admin", .type = KEY_MAILS, .reloadable = true,
     .example = "[ \"ops@example.com\" ]",
     .help = "Who hears of dead deliveries, at most once a day, over the first smtp channel."},
    {GLOBAL(events), .name = "events", .type = KEY_REFS, .target = SECTION_CHANNEL,
     .reloadable = true, .range = "channels of type webhook", .example = "[ \"crm\" ]",
     .help = "Channels that get one JSON event per change of a nudge."},
    {GLOBAL(deliver), .name = "deliver", .type = KEY_CHOICE, .choices = deliver_choices,
     .fallback = "live", .reloadable = true, .example = "\"hold\"",
     .help = "With hold everything is judged, composed and shown by preview, and nothing is sent."},
    {GLOBAL(redirect_to), .name = "redirect_to", .type = KEY_MAIL, .reloadable = true,
     .example = "\"trial@example.com\"",
     .help = "Every mail goes to this address instead, and chat is not posted: for a trial run."},
    {GLOBAL(keep_history), .name = "keep_history", .type = KEY_SPAN, .fallback = "5 years",
     .reloadable = true, .example = "\"5 years\"",
     .help = "How long the history of deliveries and answers is kept."},

    {CHANNEL(type), .name = "type", .type = KEY_CHOICE, .choices = type_choices, .required = true,
     .example = NULL, .help = "What the channel speaks."},
    {CHANNEL(url), .name = "url", .type = KEY_URL, .required = true,
     .range = "smtp:// or smtps:// for smtp, http:// or https:// for webhook and slack; at most "
	      "2000 bytes",
     .example = NULL, .help = "Where it leads. The url of a slack channel counts as a secret."},
    {CHANNEL(from), .name = "from", .type = KEY_MAILBOX, .channel_types = SMTP, .required = true,
     .example = "\"Cadence <cadence@example.com>\"", .help = "The sender of its mails."},
    {CHANNEL(user), .name = "user", .type = KEY_USER, .channel_types = SMTP,
     .example = "\"cadence\"", .help = "The name to log in with; without it nobody logs in."},
    {CHANNEL(password), .name = "password", .type = KEY_PASSWORD, .channel_types = SMTP,
     .example = "\"correct horse\"", .help = "The password that goes with user."},
    {CHANNEL(tls), .name = "tls", .type = KEY_CHOICE, .choices = tls_choices, .channel_types = SMTP,
     .fallback = "starttls", .computed = "starttls; implicit for smtps://",
     .example = "\"starttls\"",
     .help = "How the connection is protected; none sends in clear text."},
    {CHANNEL(ca_file), .name = "ca_file", .type = KEY_FILE,
     .computed = "the certificates of the system",
     .range = "PEM; a path beside the configuration, or from /", .example = "\"company-ca.pem\"",
     .help = "Whose word is taken for the server's certificate, when it is a CA of your own."},
    {CHANNEL(secret), .name = "secret", .type = KEY_SIGNING, .channel_types = WEBHOOK,
     .range = "whsec_ and base64 of 24 to 64 bytes",
     .example = "\"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\"",
     .help = "Signs what is sent, by Standard Webhooks; without it nothing is signed."},
    {CHANNEL(detail), .name = "detail", .type = KEY_CHOICE, .choices = detail_choices,
     .computed = "full for smtp and webhook, short for chat", .example = NULL,
     .help = "With short no notes and no odds leave by this channel."},

    {CADENCE(every), .name = "every", .type = KEY_SPAN, .fallback = "3 months",
     .example = "\"4 weeks\"", .help = "How often there should be contact."},
    {CADENCE(grace), .name = "grace", .type = KEY_SPAN, .range = "not longer than every",
     .computed = "a quarter of every, at least 3 days, at most 3 weeks", .example = "\"1 week\"",
     .help = "How long a partner may stay due before it is cold."},
    {CADENCE(warn), .name = "warn", .type = KEY_SPAN, .range = "not longer than every",
     .example = "\"1 week\"", .help = "How long before the due day a partner shows as due soon."},
    {CADENCE(meeting_every), .name = "meeting_every", .type = KEY_SPAN, .example = "\"1 quarter\"",
     .help = "How often there should be a meeting."},
    {CADENCE(escalate), .name = "escalate", .type = KEY_SPANS,
     .range = "one or two, the second longer", .example = "[ \"4 weeks\", \"8 weeks\" ]",
     .help = "How long a partner is cold before the backup, then the manager, is told."},
    {CADENCE(decide_after), .name = "decide_after", .type = KEY_SPAN, .fallback = "12 weeks",
     .example = "\"12 weeks\"",
     .help = "How long a partner is cold before a decision is asked for."},

    {OWNER(name), .name = "name", .type = KEY_NAME, .computed = "the owner's id",
     .example = "\"Maria Silva\"", .help = "The name as people read it."},
    {OWNER(email), .name = "email", .type = KEY_MAIL, .range = "needed with an smtp channel",
     .example = "\"maria@example.com\"", .help = "Where the owner's mail goes."},
    {OWNER(timezone), .name = "timezone", .type = KEY_ZONE, .computed = "the global timezone",
     .example = "\"Europe/Lisbon\"", .help = "The zone the owner lives in."},
    {OWNER(digest_minute), .name = "digest_at", .type = KEY_TIME, .fallback = "08:30",
     .example = "\"08:30\"", .help = "The local time at which a digest goes out."},
    {OWNER(week), .name = "workdays", .type = KEY_WEEK, .fallback = "mon-fri",
     .example = "\"mon-fri\"", .help = "The days the owner works."},
    {OWNER(review_day), .name = "review_day", .type = KEY_WEEKDAY, .fallback = "mon",
     .range = "one of workdays", .example = "\"mon\"",
     .help = "The day on which everything open is told again."},
    {OWNER(holidays), .name = "holidays", .type = KEY_HOLIDAYS,
     .example = "[ \"pt\", \"2026-12-28/2027-01-02\" ]", .help = "When the owner does not work."},
    {OWNER(away), .name = "away", .type = KEY_RANGES, .example = "[ \"2027-02-15/2027-02-26\" ]",
     .help = "When the owner is away: what turns cold goes to the backup, the rest waits."},
    {OWNER(channels), .name = "channels", .type = KEY_REFS, .target = SECTION_CHANNEL,
     .computed = "the first smtp channel", .example = "[ \"mail\", \"chat\" ]",
     .help = "Where the digest goes."},
    {OWNER(backup), .name = "backup", .type = KEY_REF, .target = SECTION_OWNER,
     .range = "another owner", .example = "\"jon\"",
     .help = "Who is told first when the owner does not act, and stands in."},
    {OWNER(manager), .name = "manager", .type = KEY_REF, .target = SECTION_OWNER,
     .range = "another owner", .example = "\"jon\"", .help = "Who is told next."},
    {OWNER(weekly), .name = "weekly", .type = KEY_BOOL, .fallback = "true", .example = "true",
     .help = "Whether a week without news is worth a line."},

    {PARTNER(id), .name = "id", .type = KEY_ID, .required = true, .example = "\"acme\"",
     .help = "A short name that never changes."},
    {PARTNER(name), .name = "name", .type = KEY_NAME, .computed = "the partner's id",
     .example = "\"Acme GmbH\"", .help = "The name as people read it."},
    {PARTNER(owner), .name = "owner", .type = KEY_REF, .target = SECTION_OWNER, .required = true,
     .example = "\"maria\"", .help = "Who is responsible."},
    {PARTNER(cadence), .name = "cadence", .type = KEY_REF, .target = SECTION_CADENCE,
     .computed = "standard, when it is defined or no cadence is", .example = "\"strategic\"",
     .help = "How often there should be contact."},
    {PARTNER(since), .name = "since", .type = KEY_DAY, .computed = "the day first seen",
     .example = "\"2024-03-01\"", .help = "Since when it is a partner."},
    {PARTNER(last_contact), .name = "last_contact", .type = KEY_DAY, .example = "\"2026-10-01\"",
     .help = "The last contact before cadenced was there; counts as one contact."},
    {PARTNER(tags), .name = "tags", .type = KEY_TAGS, .example = "\"reseller, emea\"",
     .help = "Words to find it by."},
};

const struct section_info conf_sections[SECTIONS] = {
    [SECTION_GLOBAL] = {NULL, NULL, NULL, NULL, sizeof(struct draft_global), 1},
    [SECTION_CHANNEL] = {"channels", "channel", NULL, "Ways out, by name.",
			 sizeof(struct draft_channel), CONF_CHANNELS_MAX},
    [SECTION_CADENCE] = {"cadences", "cadence", "strategic",
			 "Agreed rhythms, by name. Without any, \"standard\" is every 3 months.",
			 sizeof(struct draft_cadence), CONF_CADENCES_MAX},
    [SECTION_OWNER] = {"owners", "owner", "maria", "The people responsible, by name.",
		       sizeof(struct draft_owner), CONF_OWNERS_MAX},
    [SECTION_PARTNER] = {"partners", "partner", NULL,
			 "Partners that this file manages; others live in the database.",
			 sizeof(struct draft_partner), CONF_PARTNERS_MAX},
};
/* clang-format on */

static const char *const smtp_schemes[] = {"smtp", "smtps", NULL};
static const char *const http_schemes[] = {"https", "http", NULL};

const struct channel_info conf_channels[CHANNEL_TYPES] = {
    [CHANNEL_SMTP] = {"mail", smtp_schemes, "smtp://mail.example.com:587", DETAIL_FULL, false},
    [CHANNEL_WEBHOOK] = {"crm", http_schemes, "https://crm.example.com/hooks/cadence", DETAIL_FULL,
			 false},
    [CHANNEL_SLACK] = {"chat", http_schemes, "https://hooks.slack.com/services/T0/B0/x",
		       DETAIL_SHORT, true},
};

const size_t conf_key_count = sizeof conf_keys / sizeof *conf_keys;

const struct key *keys_of(enum section section, size_t *ret_count)
{
	size_t first = 0, end;

	while (conf_keys[first].section != section)
		first++;
	for (end = first; end < conf_key_count && conf_keys[end].section == section;)
		end++;
	*ret_count = end - first;
	return &conf_keys[first];
}

bool key_has_file(const struct key *key)
{
	return key->type == KEY_URL || key->type == KEY_PASSWORD || key->type == KEY_SIGNING;
}

static bool is_file_of(const struct key *key, const char *name)
{
	const size_t len = strlen(key->name);

	return key_has_file(key) && strncmp(name, key->name, len) == 0 &&
	       strcmp(name + len, "_file") == 0;
}

const struct key *key_find(enum section section, const char *name, bool *ret_file)
{
	size_t count;
	const struct key *keys = keys_of(section, &count);

	for (size_t i = 0; i < count; i++) {
		*ret_file = is_file_of(&keys[i], name);
		if (*ret_file || strcmp(keys[i].name, name) == 0)
			return &keys[i];
	}
	return NULL;
}
