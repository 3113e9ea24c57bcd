/* The table of keys. To add a setting: a line here, a place in its draft, and its use in
 * resolve_*.c.
 */
#include "conf/keys.h"

#include <string.h>

#include "conf/draft.h"

static const char *const deliver_choices[] = {"live", "hold", NULL};
static const char *const type_choices[CHANNEL_TYPES + 1] = {
    [CHANNEL_SMTP] = "smtp",
    [CHANNEL_WEBHOOK] = "webhook",
    [CHANNEL_SLACK] = "slack",
    [CHANNEL_TEAMS] = "teams",
    [CHANNEL_DISCORD] = "discord",
    [CHANNEL_MATTERMOST] = "mattermost",
    [CHANNEL_GOOGLECHAT] = "googlechat",
    [CHANNEL_MATRIX] = "matrix",
    [CHANNEL_TELEGRAM] = "telegram",
    [CHANNEL_ZULIP] = "zulip",
    [CHANNEL_NTFY] = "ntfy",
};
static const char *const tls_choices[] = {"starttls", "implicit", "none", NULL};
static const char *const detail_choices[] = {"full", "short", NULL};

#define TELEGRAM_URL "https://api.telegram.org"
#define ZULIP_TOPIC  "partners"

#define ALL_TYPES (CHANNEL_BIT(CHANNEL_TYPES) - 1)
#define SMTP	  CHANNEL_BIT(CHANNEL_SMTP)
#define WEBHOOK	  CHANNEL_BIT(CHANNEL_WEBHOOK)
#define MATRIX	  CHANNEL_BIT(CHANNEL_MATRIX)
#define TELEGRAM  CHANNEL_BIT(CHANNEL_TELEGRAM)
#define ZULIP	  CHANNEL_BIT(CHANNEL_ZULIP)
#define NTFY	  CHANNEL_BIT(CHANNEL_NTFY)

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
#define INBOX(member)                                                                              \
	.section = SECTION_INBOX, .offset = offsetof(struct draft_inbox, member), .reloadable = true
#define BACKUP(member)                                                                             \
	.section = SECTION_BACKUP, .offset = offsetof(struct draft_backup, member),                \
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
    {GLOBAL(partner_link), .name = "partner_link", .type = KEY_LINK, .reloadable = true,
     .example = "\"https://crm.example.com/partners/{id}\"",
     .help = "Where a partner's name leads in a digest: its page in your own CRM."},
    {GLOBAL(reply_to), .name = "reply_to", .type = KEY_MAIL, .reloadable = true,
     .range = "at most 37 characters before the @", .example = "\"cadence@example.com\"",
     .help = "Digests by mail can be answered by replying: to this address, with +r. and a token "
	     "before the @."},
    {GLOBAL(trusted_authserv), .name = "trusted_authserv", .type = KEY_HOST, .reloadable = true,
     .example = "\"mx.example.com\"",
     .help = "The name that your mail server writes into Authentication-Results; a reply then "
	     "counts only with its dmarc=pass."},
    {GLOBAL(heartbeat), .name = "heartbeat", .type = KEY_HEARTBEAT, .reloadable = true,
     .range = "starts with https:// or http://",
     .example = "\"https://watch.example.com/ping/0b1d6a4e\"",
     .help =
	 "A watcher outside that is called once an hour, as long as all that is due is looked at "
	 "and composed, nothing is blocked and nothing has been undelivered for 4 hours: it "
	 "notices when we fall silent. Counts as a secret."},

    {CHANNEL(type), .name = "type", .type = KEY_CHOICE, .choices = type_choices, .required = true,
     .example = NULL, .help = "What the channel speaks."},
    {CHANNEL(url), .name = "url", .type = KEY_URL, .channel_types = ALL_TYPES,
     .required_types = ALL_TYPES & ~TELEGRAM,
     .range = "smtp:// or smtps:// for smtp, https:// or http:// for the rest; at most 2000 bytes",
     .computed = TELEGRAM_URL " for telegram", .example = NULL,
     .help = "Where it leads: the server of smtp, matrix, telegram, zulip and ntfy, the hook of "
	     "the rest. The hook of a chat counts as a secret."},
    {CHANNEL(from), .name = "from", .type = KEY_MAILBOX, .channel_types = SMTP,
     .required_types = SMTP, .example = "\"Cadence <cadence@example.com>\"",
     .help = "The sender of its mails."},
    {CHANNEL(user), .name = "user", .type = KEY_USER, .channel_types = SMTP | ZULIP,
     .required_types = ZULIP, .range = "the mail address of the bot for zulip", .example = NULL,
     .help = "The name to log in with; without it nobody logs in."},
    {CHANNEL(password), .name = "password", .type = KEY_PASSWORD, .channel_types = SMTP | ZULIP,
     .required_types = ZULIP, .range = "the API key of the bot for zulip",
     .example = "\"correct horse\"", .help = "The password that goes with user."},
    {CHANNEL(token), .name = "token", .type = KEY_TOKEN, .channel_types = MATRIX | TELEGRAM | NTFY,
     .required_types = MATRIX | TELEGRAM, .example = "\"123456789:AAE-x_y\"",
     .help = "The access token of the user or bot that posts."},
    {CHANNEL(token_file), .name = "token_file", .type = KEY_FILE, .channel_types = SMTP,
     .range = "a path beside the configuration, or from /; instead of password",
     .example = "\"office-token\"",
     .help = "Holds an OAuth 2 access token to log in with, kept fresh by a program of yours; it "
	     "is read anew for each session."},
    {CHANNEL(room), .name = "room", .type = KEY_NAME, .channel_types = MATRIX | TELEGRAM | ZULIP,
     .required_types = MATRIX | TELEGRAM | ZULIP,
     .range = "starts with ! for matrix, a number or @name for telegram, a stream for zulip",
     .example = NULL, .help = "Where in the chat it posts."},
    {CHANNEL(topic), .name = "topic", .type = KEY_NAME, .channel_types = ZULIP | NTFY,
     .required_types = NTFY,
     .range = "at most 60 characters for zulip; 1 to 64 letters, digits, _ and - for ntfy",
     .computed = ZULIP_TOPIC " for zulip", .example = "\"partners\"",
     .help = "Under which heading it posts."},
    {CHANNEL(tls), .name = "tls", .type = KEY_CHOICE, .choices = tls_choices, .channel_types = SMTP,
     .fallback = "starttls", .computed = "starttls; implicit for smtps://",
     .example = "\"starttls\"",
     .help = "How the connection is protected; none sends in clear text."},
    {CHANNEL(ca_file), .name = "ca_file", .type = KEY_FILE,
     .computed = "the certificates of the system",
     .range = "PEM; a path beside the configuration, or from /", .example = "\"company-ca.pem\"",
     .help = "Whose word is taken for the server's certificate, when it is a CA of your own."},
    {CHANNEL(proxy), .name = "proxy", .type = KEY_PROXY, .channel_types = ALL_TYPES & ~SMTP,
     .example = "\"http://proxy.example.com:3128\"",
     .help = "An HTTP proxy to go through; the environment's is not looked at."},
    {CHANNEL(secret), .name = "secret", .type = KEY_SIGNING, .channel_types = WEBHOOK,
     .range = "whsec_ and base64 of 24 to 64 bytes; or two with white space between, while the "
	      "first replaces the second",
     .example = "\"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\"",
     .help = "Signs what is sent, by Standard Webhooks; without it nothing is signed."},
    {CHANNEL(connections), .name = "connections", .type = KEY_CONNECTIONS,
     .computed = "2 for smtp, 8 for webhook, 1 for chat", .example = NULL,
     .help = "How many sends may be under way at a time; of all smtp channels together at most "
	     "64."},
    {CHANNEL(rate), .name = "rate", .type = KEY_RATE,
     .computed = "none for smtp and webhook; for a chat that of its type", .example = NULL,
     .help = "How many messages may set out in a second, a minute or an hour."},
    {CHANNEL(fallback), .name = "fallback", .type = KEY_REF, .target = SECTION_CHANNEL,
     .range = "another channel", .example = NULL,
     .help = "The channel that says so when this one is blocked."},
    {CHANNEL(detail), .name = "detail", .type = KEY_CHOICE, .choices = detail_choices,
     .computed = "full for smtp and webhook, short for chat", .example = NULL,
     .help = "With short no notes and no odds leave by this channel."},

    {CADENCE(every), .name = "every", .type = KEY_SPAN, .fallback = "3 months",
     .example = "\"4 weeks\"", .help = "How often there should be contact."},
    {CADENCE(grace), .name = "grace", .type = KEY_SPAN, .range = "not longer than every",
     .computed =
	 "a quarter of every, at least 3 days (or every, if that is shorter), at most 3 weeks",
     .example = "\"1 week\"", .help = "How long a partner may stay due before it is cold."},
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
    {CADENCE(risk), .name = "risk", .type = KEY_RISK, .fallback = "0.65",
     .computed = "{ threshold = 0.65; }", .range = "a threshold above 0 and below 1",
     .example = "{ threshold = 0.65; }",
     .help = "How likely it must be that a silence lasts before it is hinted at early; \"off\" "
	     "for no hints."},

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
     .help =
	 "The day on which everything open is told again that was not told in the 3 days before."},
    {OWNER(holidays), .name = "holidays", .type = KEY_HOLIDAYS,
     .example = "[ \"pt\", \"2026-12-28/2027-01-02\" ]", .help = "When the owner does not work."},
    {OWNER(away), .name = "away", .type = KEY_RANGES, .example = "[ \"2027-02-15/2027-02-26\" ]",
     .help = "When the owner is away: what turns cold goes to the backup, the rest waits."},
    {OWNER(channels), .name = "channels", .type = KEY_CHANNELS, .target = SECTION_CHANNEL,
     .computed = "the first smtp channel",
     .example = "( \"mail\", { channel = \"chat\"; only = \"cold\"; } )",
     .help = "Where the digest goes; to one with only = \"cold\" goes nothing but what is cold."},
    {OWNER(quiet), .name = "quiet", .type = KEY_HOURS, .range = "without digest_at",
     .example = "\"18:00-07:30\"",
     .help = "The local hours in which no digest is sent, however late one is."},
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
     .range = "1970-01-01 to today",
     .help = "The last contact before cadenced was there; counts as one contact."},
    {PARTNER(cold_mark), .name = "cold_mark", .type = KEY_SPAN,
     .range = "not shorter than every of its cadence",
     .computed = "three times its mean gap, 60 to 400 days", .example = "\"6 months\"",
     .help = "How long after the last contact it has gone cold for good: what the odds of a "
	     "silence look ahead to."},
    {PARTNER(tags), .name = "tags", .type = KEY_TAGS, .example = "\"reseller, emea\"",
     .help = "Words to find it by."},

    {INBOX(maildir), .name = "maildir", .type = KEY_FOLDER,
     .example = "\"/var/lib/cadenced/inbox\"",
     .help = "A Maildir of replies: what arrives in its new is read, and then lies in cur; what "
	     "could not be used lies in .failed, with the reason beside it."},
    {BACKUP(keep), .name = "keep", .type = KEY_KEEP, .fallback = "14", .example = "14",
     .help = "How many daily backups are kept, in the folder backups beside the database; each is "
	     "read as a whole before it counts. 0: none is made."},
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
    [SECTION_INBOX] = {"inbox", "inbox", NULL,
		       "Where replies arrive, besides those that cadencectl receive takes.",
		       sizeof(struct draft_inbox), 1},
    [SECTION_BACKUP] = {"backup", "backup", NULL, "Backups of the database, made each day.",
			sizeof(struct draft_backup), 1},
};
/* clang-format on */

static const char *const smtp_schemes[] = {"smtp", "smtps", NULL};
static const char *const http_schemes[] = {"https", "http", NULL};

/* Sends under way at a time: a chat is one conversation, and its order shows. */
#define MAIL_CONNECTIONS 2
#define HOOK_CONNECTIONS 8
#define CHAT_CONNECTIONS 1

/* What each side bears (docs/design.md section 7), so that nobody is told to slow down. */
#define SLACK_RATE	"1/s"	  /* a channel */
#define TEAMS_RATE	"100/h"	  /* the smallest of its budgets that are longer than seconds */
#define DISCORD_RATE	"30/min"  /* a webhook */
#define MATTERMOST_RATE "10/s"	  /* a server's default for a user */
#define GOOGLECHAT_RATE "1/s"	  /* a space, shared by all who post there */
#define MATRIX_RATE	"10/min"  /* Synapse's default: 0.2/s, 10 at once */
#define TELEGRAM_RATE	"20/min"  /* a group */
#define ZULIP_RATE	"200/min" /* a user */
#define NTFY_RATE	"12/min"  /* ntfy.sh: one in 5 s */

const struct channel_info conf_channels[CHANNEL_TYPES] = {
    [CHANNEL_SMTP] = {.example = "mail",
		      .schemes = smtp_schemes,
		      .example_url = "smtp://mail.example.com:587",
		      .connections = MAIL_CONNECTIONS,
		      .detail = DETAIL_FULL},
    [CHANNEL_WEBHOOK] = {.example = "crm",
			 .schemes = http_schemes,
			 .example_url = "https://crm.example.com/hooks/cadence",
			 .connections = HOOK_CONNECTIONS,
			 .detail = DETAIL_FULL},
    [CHANNEL_SLACK] = {.example = "chat",
		       .schemes = http_schemes,
		       .example_url = "https://hooks.slack.com/services/T0/B0/x",
		       .url_is_secret = true,
		       .rate = SLACK_RATE,
		       .connections = CHAT_CONNECTIONS,
		       .detail = DETAIL_SHORT},
    [CHANNEL_TEAMS] =
	{.example = "sales",
	 .schemes = http_schemes,
	 .example_url =
	     "https://example.environment.api.powerplatform.com:443/workflows/x/invoke?sig=y",
	 .url_is_secret = true,
	 .rate = TEAMS_RATE,
	 .connections = CHAT_CONNECTIONS,
	 .detail = DETAIL_SHORT},
    [CHANNEL_DISCORD] = {.example = "community",
			 .schemes = http_schemes,
			 .example_url = "https://discord.com/api/webhooks/1/x",
			 .url_is_secret = true,
			 .rate = DISCORD_RATE,
			 .connections = CHAT_CONNECTIONS,
			 .detail = DETAIL_SHORT},
    [CHANNEL_MATTERMOST] = {.example = "field",
			    .schemes = http_schemes,
			    .example_url = "https://mattermost.example.com/hooks/x",
			    .url_is_secret = true,
			    .rate = MATTERMOST_RATE,
			    .connections = CHAT_CONNECTIONS,
			    .detail = DETAIL_SHORT},
    [CHANNEL_GOOGLECHAT] = {.example = "managers",
			    .schemes = http_schemes,
			    .example_url =
				"https://chat.googleapis.com/v1/spaces/A/messages?key=x&token=y",
			    .url_is_secret = true,
			    .rate = GOOGLECHAT_RATE,
			    .connections = CHAT_CONNECTIONS,
			    .detail = DETAIL_SHORT},
    [CHANNEL_MATRIX] = {.example = "team",
			.schemes = http_schemes,
			.example_url = "https://matrix.example.com",
			.example_room = "!partners:example.com",
			.url_is_server = true,
			.rate = MATRIX_RATE,
			.connections = CHAT_CONNECTIONS,
			.detail = DETAIL_SHORT},
    [CHANNEL_TELEGRAM] = {.example = "phone",
			  .schemes = http_schemes,
			  .example_url = TELEGRAM_URL,
			  .example_room = "-1001234567890",
			  .default_url = TELEGRAM_URL,
			  .url_is_server = true,
			  .rate = TELEGRAM_RATE,
			  .connections = CHAT_CONNECTIONS,
			  .detail = DETAIL_SHORT},
    [CHANNEL_ZULIP] = {.example = "forum",
		       .schemes = http_schemes,
		       .example_url = "https://zulip.example.com",
		       .example_room = "partners",
		       .default_topic = ZULIP_TOPIC,
		       .url_is_server = true,
		       .rate = ZULIP_RATE,
		       .connections = CHAT_CONNECTIONS,
		       .detail = DETAIL_SHORT},
    [CHANNEL_NTFY] = {.example = "alerts",
		      .schemes = http_schemes,
		      .example_url = "https://ntfy.example.com",
		      .url_is_server = true,
		      .rate = NTFY_RATE,
		      .connections = CHAT_CONNECTIONS,
		      .detail = DETAIL_SHORT},
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
	return key->type == KEY_URL || key->type == KEY_PASSWORD || key->type == KEY_TOKEN ||
	       key->type == KEY_SIGNING || key->type == KEY_HEARTBEAT;
}

static bool is_file_of(const struct key *key, const char *name)
{
	const size_t len = strlen(key->name);

	return key_has_file(key) && strncmp(name, key->name, len) == 0 &&
	       strcmp(name + len, "_file") == 0;
}

bool key_applies(const struct key *key, int channel_type)
{
	return key->channel_types == 0 || (key->channel_types & CHANNEL_BIT(channel_type)) != 0;
}

const struct key *key_find(enum section section, const char *name, unsigned channel_types,
			   bool *ret_file)
{
	size_t count;
	const struct key *keys = keys_of(section, &count);
	const struct key *found = NULL;

	for (size_t i = 0; i < count; i++) {
		const bool file = is_file_of(&keys[i], name);

		if (!file && strcmp(keys[i].name, name) != 0)
			continue;
		if (found && !(keys[i].channel_types & channel_types))
			continue;
		found = &keys[i];
		*ret_file = file;
	}
	return found;
}
