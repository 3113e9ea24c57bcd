/* Writes what each channel would send of each kind of document, for the targets' own validators
 * (tests/oracle). Run: render DIRECTORY. */
#include "tests/unit/message/fixture.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

#include "channel/channel.h"
#include "message/admin_document.h"

#define SECRETS		"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3 whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"
#define HOSTILE_AT_ONCE 5 /* those that a digest tells in full */
#define MANY		200

static const struct channel channels[] = {
    {.id = "mail", .type = CHANNEL_SMTP, .from = "Cadence <cadence@example.com>"},
    {.id = "crm", .type = CHANNEL_WEBHOOK, .url = "http://127.0.0.1/", .secret = SECRETS},
    {.id = "slack", .type = CHANNEL_SLACK, .url = "http://127.0.0.1/"},
    {.id = "teams", .type = CHANNEL_TEAMS, .url = "http://127.0.0.1/"},
    {.id = "discord", .type = CHANNEL_DISCORD, .url = "http://127.0.0.1/"},
    {.id = "mattermost", .type = CHANNEL_MATTERMOST, .url = "http://127.0.0.1/"},
    {.id = "googlechat", .type = CHANNEL_GOOGLECHAT, .url = "http://127.0.0.1/"},
    {.id = "matrix",
     .type = CHANNEL_MATRIX,
     .url = "http://127.0.0.1",
     .token = "t",
     .room = "!a:example.com"},
    {.id = "telegram",
     .type = CHANNEL_TELEGRAM,
     .url = "http://127.0.0.1",
     .token = "1:t",
     .room = "-1001"},
    {.id = "zulip",
     .type = CHANNEL_ZULIP,
     .url = "http://127.0.0.1",
     .room = "sales",
     .topic = "partners"},
    {.id = "ntfy", .type = CHANNEL_NTFY, .url = "http://127.0.0.1", .topic = "partners"},
};

/* Each of them means something to somebody. */
static const char *const hostile[] = {
    "**Bold** _and_ ~~gone~~ `code`",
    "[click](https://evil.example/)",
    "<script>document.title='owned'</script>",
    "<!channel> <@U123> @everyone @here @all",
    "&lt;b&gt; &amp; <b>x</b>",
    "# Heading\n- list\n> quote",
    "\r\nBcc: x@example.org\r\n\r\nbody",
    "\"quote\", <evil@example.org>, \\back\\",
    "שלום עולם, 5 (ltd)",
    "日本電気株式会社 😀👨‍👩‍👧",
    "=?utf-8?B?QmNjOg==?=",
    "'); DROP TABLE partner;--",
    "{{DATE(2026-11-23T06:00:00Z,SHORT)}} ${x} {0}",
    "![image](https://evil.example/x.png)",
    "javascript:alert(1) www.evil.example",
    "\x1b]0;title\x07 a\tb",
    "|table|cell|\n|---|---|",
    "1. one\n2. two",
    "AVeryLongNameWithoutAnySpaceInItThatIsWiderThanAnyNarrowWindowCouldEverShowOnOneLine",
    "</textarea></style><img src=x onerror=alert(1)>",
};
#define HOSTILES (sizeof(hostile) / sizeof(hostile[0]))

static const char *directory;

static FILE *created(const char *target, const char *name, const char *extension)
{
	char path[512];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, target);
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		fail_msg("%s: %s", path, strerror(errno));
	(void)snprintf(path, sizeof(path), "%s/%s/%s.%s", directory, target, name, extension);
	file = fopen(path, "wb");
	if (!file)
		fail_msg("%s: %s", path, strerror(errno));
	return file;
}

static void write_file(const char *target, const char *name, const char *extension,
		       const char *bytes, size_t len)
{
	FILE *file = created(target, name, extension);

	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* A hook's headers, a line each, beside its body. */
static void write_request(const char *target, const char *name, const struct http_request *request)
{
	FILE *file = created(target, name, "headers");

	for (size_t i = 0; i < request->header_count; i++)
		(void)fprintf(file, "%s\n", request->headers[i]);
	assert_int_equal(fclose(file), 0);
	write_file(target, name, strcmp(target, "zulip") == 0 ? "form" : "json", request->body,
		   request->body_len);
}

static void write_parcel(const struct channel *channel, const char *name,
			 const struct parcel *parcel)
{
	struct http_request *http = NULL;
	struct mail_request *mail = NULL;
	struct error err = {0};

	if (channel_prepare(channel, parcel, &http, &mail, &err) != STATUS_OK)
		fail_msg("%s/%s: %s", channel->id, name, err.text);
	if (mail)
		write_file(channel->id, name, "eml", mail->bytes, mail->len);
	else
		write_request(channel->id, name, http);
	http_request_free(http);
	mail_request_free(mail);
}

static void write_message(const struct channel *channel, const char *name,
			  const struct document *document, bool plain)
{
	const struct parcel parcel = {.document = document,
				      .key = name,
				      .installation_id = "0123456789abcdef",
				      .recipient = "maria@example.com",
				      .recipient_name = "Maria Silva",
				      .now = (instant)time(NULL) * SECOND_MS,
				      .plain = plain};

	write_parcel(channel, name, &parcel);
}

static void write_all(const char *name, const struct document *document)
{
	for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
		char plain[100];

		write_message(&channels[i], name, document, false);
		if (!channel_has_plain(&channels[i]))
			continue;
		(void)snprintf(plain, sizeof(plain), "%s_plain", name);
		write_message(&channels[i], plain, document, true);
	}
}

static void write_digests(void)
{
	struct fixture *rich = fixture_rich();
	struct fixture *asked = fixture_asked();
	struct fixture *hints = fixture_hints();
	struct fixture *quiet = fixture_quiet();
	struct fixture *many =
	    fixture_long(MANY, "Acme GmbH", "pricing for 2027 open, she sends numbers");

	rich->roster.partner_link = "https://crm.example.com/p/{id}?from=cadenced&tab=1";
	many->digest.portfolio =
	    (struct portfolio){.total = MANY + 40, .on_track = 40, .cold = MANY};
	write_all("digest", fixture_document(rich, DETAIL_FULL));
	write_all("short", fixture_document(rich, DETAIL_SHORT));
	write_all("asked", fixture_document(asked, DETAIL_FULL));
	write_all("hints", fixture_document(hints, DETAIL_FULL));
	write_all("quiet", fixture_document(quiet, DETAIL_FULL));
	write_all("many", fixture_document(many, DETAIL_FULL));
	write_all("test", test_document(rich->arena, "sales", "reminder1", rich->words.created));
	fixture_free(rich);
	fixture_free(asked);
	fixture_free(hints);
	fixture_free(quiet);
	fixture_free(many);
}

static void write_hostile(size_t first)
{
	struct fixture *f = fixture_new();
	char name[40];

	f->roster.partner_link = "https://crm.example.com/p/{id}";
	f->words.host = hostile[first];
	for (size_t i = first; i < HOSTILES && i < first + HOSTILE_AT_ONCE; i++) {
		const char *id = arena_printf(f->arena, "partner%zu", i + 1);
		struct digest_entry *entry = fixture_add(f, LANE_COLD, id, hostile[i]);

		fixture_last(entry, (struct contact){.day = fixture_day(2026, 8, 3),
						     .kind = CONTACT_CALL,
						     .person = hostile[i],
						     .note = hostile[i]});
	}
	(void)snprintf(name, sizeof(name), "hostile%zu", first / HOSTILE_AT_ONCE + 1);
	write_all(name, fixture_document(f, DETAIL_FULL));
	fixture_free(f);
}

static void write_admin(void)
{
	static const struct admin_block blocked[] = {
	    {"sales", NULL, "http 404 no_service", 12, 3 * HOUR_MS},
	    {"mail", "jon@example.com", "smtp 550 5.1.1 <b>no</b> *such* user", 1, 26 * HOUR_MS}};
	static const struct admin_delivery dead[] = {{12, "digest", "maria", "mail",
						      "maria@example.com", "smtp 554 5.7.1 refused",
						      3 * HOUR_MS},
						     {13, "event", NULL, "crm", NULL, NULL, 1}};
	static const struct admin_partner unheard[] = {{"nova", "jim"}};
	const struct admin_news news = {.blocked = blocked,
					.blocked_count = 2,
					.dead = dead,
					.dead_count = 2,
					.dead_total = 25,
					.unheard = unheard,
					.unheard_count = 1,
					.unheard_total = 1,
					.host = "reminder1",
					.created = INT64_C(1795422600000)};
	struct arena *arena = arena_new();

	write_all("admin", admin_document(arena, &news));
	arena_free(arena);
}

/* Only the webhook carries events. */
static void write_event(void)
{
	const struct parcel parcel = {.event =
					  "{\"type\":\"nudge.raised\",\"timestamp\":\"2026-11-23T"
					  "08:30:00Z\",\"data\":{\"partner\":\"acme\"}}",
				      .key = "event",
				      .installation_id = "0123456789abcdef",
				      .now = (instant)time(NULL) * SECOND_MS};

	write_parcel(&channels[1], "event", &parcel);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		(void)fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	directory = argv[1];
	write_digests();
	for (size_t first = 0; first < HOSTILES; first += HOSTILE_AT_ONCE)
		write_hostile(first);
	write_admin();
	write_event();
	return 0;
}
