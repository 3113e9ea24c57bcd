/* Loading a configuration: what it becomes, its defaults, and every way it can be wrong. */
#include "fixture.h"

static const char example[] =
    "timezone = \"Europe/London\";\n"
    "admin = [ \"ops@example.com\" ];\n"
    "channels = {\n"
    "  mail = { type = \"smtp\"; url = \"smtp://mail.example.com:587\";\n"
    "    from = \"Cadence <cadence@example.com>\"; user = \"cadence\"; password_file = \"pw\"; };\n"
    "  sales = { type = \"slack\"; url_file = \"slack-url\"; };\n"
    "  crm = { type = \"webhook\"; url = \"https://crm.example.com/h\"; secret_file = \"crm\"; };\n"
    "};\n"
    "events = [ \"crm\" ];\n"
    "holidays = { pt = [ \"2026-12-08\", \"2026-12-25\" ]; };\n"
    "cadences = {\n"
    "  strategic = { every = \"4 weeks\"; grace = \"1 week\"; meeting_every = \"1 quarter\";\n"
    "    escalate = [ \"4 weeks\", \"8 weeks\" ]; };\n"
    "  standard = { every = \"3 months\"; };\n"
    "};\n"
    "owners = {\n"
    "  maria = { name = \"Maria Silva\"; email = \"maria@example.com\"; timezone = "
    "\"Europe/Lisbon\";\n"
    "    channels = [ \"mail\", \"sales\" ]; holidays = [ \"2026-12-28/2027-01-02\", \"pt\" ];\n"
    "    backup = \"jon\"; manager = \"ada\"; };\n"
    "  jon = { name = \"Jon Berg\"; email = \"jon@example.com\"; };\n"
    "  ada = { name = \"Ada Novak\"; email = \"ada@example.com\"; };\n"
    "};\n"
    "partners = (\n"
    "  { id = \"zeta\"; owner = \"jon\"; },\n"
    "  { id = \"acme\"; name = \"Acme GmbH\"; owner = \"maria\"; cadence = \"strategic\";\n"
    "    since = \"2024-03-01\"; last_contact = \"2026-10-01\"; }\n"
    ");\n";

static struct conf *load_example(void **state)
{
	place_write(state, "pw", "correct horse\n", 0600);
	place_write(state, "slack-url", "https://hooks.slack.com/services/T/B/x\n", 0600);
	place_write(state, "crm", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", 0600);
	return conf_of(state, example);
}

static void test_example_becomes_a_roster(void **state)
{
	struct conf *conf = load_example(state);
	const struct roster *roster = &conf->roster;
	const struct owner *maria = roster_owner(roster, "maria");
	const struct channel *mail = roster_channel(roster, "mail");
	const struct cadence *strategic = roster_cadence(roster, "strategic");

	assert_int_equal(roster->owner_count, 3);
	assert_string_equal(roster->owners[0].id, "ada");
	assert_string_equal(maria->name, "Maria Silva");
	assert_string_equal(zone_name(maria->zone), "Europe/Lisbon");
	assert_string_equal(zone_name(roster_owner(roster, "jon")->zone), "Europe/London");
	assert_int_equal(maria->channel_count, 2);
	assert_string_equal(maria->channels[1]->id, "sales");
	assert_string_equal(maria->backup, "jon");
	assert_string_equal(maria->origin, "cadenced.conf:17");
	assert_int_equal(maria->workdays.holiday_count, 3);
	assert_true(maria->workdays.holidays[0].first < maria->workdays.holidays[1].first);
	assert_string_equal(mail->password, "correct horse");
	assert_int_equal(mail->tls, TLS_STARTTLS);
	assert_int_equal(roster_channel(roster, "sales")->detail, DETAIL_SHORT);
	assert_int_equal(roster_channel(roster, "crm")->detail, DETAIL_FULL);
	assert_string_equal(roster_channel(roster, "sales")->url,
			    "https://hooks.slack.com/services/T/B/x");
	assert_int_equal(strategic->escalate_count, 2);
	assert_int_equal(strategic->escalate[1].count, 8);
	assert_int_equal(roster->event_count, 1);
	assert_string_equal(roster->admins[0], "ops@example.com");
	assert_int_equal(conf->warning_count, 0);
	roster_unref(&conf->roster);
}

static void test_partners_are_sorted_and_leave_when_dropped(void **state)
{
	struct conf *conf = load_example(state);
	day since;

	assert_true(day_parse_iso("2024-03-01", &since));
	assert_int_equal(conf->partner_count, 2);
	assert_string_equal(conf->partners[0].id, "acme");
	assert_int_equal(conf->partners[0].since, since);
	assert_string_equal(conf->partners[1].name, "zeta");
	assert_string_equal(conf->partners[1].cadence, "standard");
	assert_int_equal(conf->partners[1].last_contact, DAY_NEVER);
	assert_string_equal(conf->partners[1].origin, "cadenced.conf:24");
	conf_drop_partners(conf);
	assert_int_equal(conf->partner_count, 0);
	conf_drop_partners(conf);
	roster_unref(&conf->roster);
}

static void test_empty_file_is_all_defaults(void **state)
{
	struct conf *conf = conf_of(state, "");
	const struct cadence *standard = roster_cadence(&conf->roster, "standard");

	assert_string_equal(conf->database, "sqlite:///var/lib/cadenced/cadenced.db");
	assert_string_equal(conf->control, "/run/cadenced/control.sock");
	assert_int_equal(conf->deliver, DELIVER_LIVE);
	assert_null(conf->redirect_to);
	assert_int_equal(conf->keep_history.count, 5);
	assert_string_equal(zone_name(conf->roster.zone), "UTC");
	assert_int_equal(standard->every.count, 3);
	assert_int_equal(standard->decide_after.count, 12);
	roster_unref(&conf->roster);
}

static void test_owner_defaults(void **state)
{
	struct conf *conf = conf_of(state, BASE("", "", "", ""));
	const struct owner *maria = roster_owner(&conf->roster, "maria");

	assert_string_equal(maria->name, "maria");
	assert_int_equal(maria->digest_minute, 8 * 60 + 30);
	assert_int_equal(maria->workdays.week, WORKDAYS_MON_FRI);
	assert_int_equal(maria->review_day, MONDAY);
	assert_true(maria->weekly);
	assert_string_equal(maria->channels[0]->id, "mail");
	roster_unref(&conf->roster);
}

static void test_smtps_is_implicit_tls(void **state)
{
	struct conf *conf =
	    conf_of(state, "channels={m={type=\"smtp\";url=\"smtps://h\";from=\"a@b\";};};");

	assert_int_equal(conf->roster.channels[0].tls, TLS_IMPLICIT);
	roster_unref(&conf->roster);
}

static void test_hash_tells_what_a_judgement_depends_on(void **state)
{
	struct conf *plain = conf_of(state, BASE("", "", "", ""));
	struct conf *same = conf_of(state, BASE("", "", "", "deliver=\"hold\";\n"));
	static const char *const others[] = {
	    BASE("", "more={every=\"1 week\";};", "", ""),
	    BASE("", "", "jon={email=\"j@example.com\";workdays=\"sun-thu\";review_day=\"sun\";};",
		 ""),
	    BASE("", "", "", "timezone=\"Asia/Tokyo\";"),
	};

	assert_int_equal(strlen(plain->roster.hash), 64);
	assert_string_equal(plain->roster.hash, same->roster.hash);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct conf *other = conf_of(state, others[i]);

		assert_string_not_equal(plain->roster.hash, other->roster.hash);
		roster_unref(&other->roster);
	}
	roster_unref(&same->roster);
	roster_unref(&plain->roster);
	plain = conf_of(state, BASE("", "x={};", "", ""));
	same = conf_of(state, BASE("", "x={risk=\"off\";};", "", ""));
	assert_string_not_equal(plain->roster.hash, same->roster.hash);
	roster_unref(&same->roster);
	roster_unref(&plain->roster);
}

static double threshold_of(void **state, const char *keys)
{
	char *text = mem_printf("cadences={x={%s};};", keys);
	struct conf *conf = conf_of(state, text);
	const double threshold = roster_cadence(&conf->roster, "x")->risk_threshold;

	roster_unref(&conf->roster);
	free(text);
	return threshold;
}

static void test_risk_of_a_cadence_is_a_threshold_or_off(void **state)
{
	assert_true(threshold_of(state, "") == 0.65);
	assert_true(threshold_of(state, "risk={threshold=0.5;};") == 0.5);
	assert_true(threshold_of(state, "risk={threshold=0.999;};") == 0.999);
	assert_true(threshold_of(state, "risk=\"off\";") == 0);
}

static void test_cold_mark_of_a_partner_is_a_duration(void **state)
{
	struct conf *conf =
	    conf_of(state, BASE("", "", "",
				"partners=({id=\"p\";owner=\"maria\";cold_mark=\"6 months\";});"));

	assert_int_equal(span_about_days(conf->partners[0].cold_mark), 183);
	roster_unref(&conf->roster);
}

struct wrong {
	const char *text;
	const char *expected;
};

#define OWNER_WITH(keys)   BASE("", "", "x={email=\"x@example.com\";" keys "};", "")
#define CADENCE_WITH(keys) BASE("", "x={" keys "};", "", "")
#define CHANNEL_WITH(keys) BASE("x={" keys "};", "", "", "")
#define PARTNER_WITH(keys) BASE("", "", "", "partners=({id=\"p\";owner=\"maria\";" keys "});")
#define SMTP_WITH(keys)	   CHANNEL_WITH("type=\"smtp\";url=\"smtp://h\";from=\"a@b\";" keys)
#define HOOK_WITH(keys)	   CHANNEL_WITH("type=\"webhook\";url=\"https://h/\";" keys)
#define SLACK_WITH(keys)   CHANNEL_WITH("type=\"slack\";url=\"https://h/x\";" keys)
#define MATRIX_WITH(keys)  CHANNEL_WITH("type=\"matrix\";url=\"https://h\";token=\"t\";" keys)
#define PHONE_WITH(keys)   CHANNEL_WITH("type=\"telegram\";" keys)
#define ZULIP_WITH(keys)   CHANNEL_WITH("type=\"zulip\";url=\"https://h\";" keys)
#define NTFY_WITH(keys)	   CHANNEL_WITH("type=\"ntfy\";url=\"https://h\";" keys)
#define TWO_CHANNELS(a, b) BASE("\na={" a "};\nb={" b "};", "", "", "")

static const struct wrong wrongs[] = {
    {PARTNER_WITH("\ncold_mark=\"80 days\";"),
     "cadenced.conf:2: partner p: cold_mark: 80 days lies before the due day of cadence standard, "
     "which is every 3 months; it should be as long at least"},
    {PARTNER_WITH("cold_mark=90;"), "cold_mark: is a number without quotes, should be a duration"},
    {PARTNER_WITH("\nlast_contact=\"1969-12-31\";"),
     "cadenced.conf:2: partner p: last_contact: 1969-12-31 lies before 1970; it should be later"},
    {"timezon = \"UTC\";",
     "cadenced.conf:1: timezon: there is no such key; did you mean \"timezone\"?"},
    {"\nowner = {};", "cadenced.conf:2: owner: there is no such key; did you mean \"owners\"?"},
    {"foo = 1;", "foo: there is no such key; it should be one of: channels, cadences, owners, "
		 "partners, inbox, backup, holidays, …"},
    {"reply_to = \"cadence\";", "cadenced.conf:1: reply_to: \"cadence\" "},
    {"reply_to = \"abcdefghijklmnopqrstuvwxyzabcdefghijkl@example.com\";",
     "has more than 37 characters before the @; a token is added there"},
    {"reply_to = \"c@example.com\"; trusted_authserv = \"mx example\";",
     "trusted_authserv: \"mx example\" is no name of a host"},
    {"reply_to = \"c@example.com\"; inbox = { maildir = \"inbox\"; };",
     "inbox: maildir: \"inbox\" is no absolute path"},
    {"reply_to = \"c@example.com\"; inbox = \"/inbox\";",
     "inbox: is text, should be a group { maildir = "},
    {"reply_to = \"c@example.com\"; inbox = { mailbox = \"/x\"; };",
     "inbox: mailbox: there is no such key; did you mean \"maildir\"?"},
    {"inbox = { maildir = \"/inbox\"; };",
     "cadenced.conf:1: inbox: nobody can reply without reply_to; it should be set too"},
    {"backup = 14;", "cadenced.conf:1: backup: is a number without quotes, should be a group"},
    {"backup = { kep = 14; };", "backup: kep: there is no such key; did you mean \"keep\"?"},
    {"backup = {\nkeep = -1; };",
     "cadenced.conf:2: backup: keep: -1 is out of range; it should lie "
     "between 0 and 3650"},
    {"backup = { keep = \"14\"; };", "backup: keep: is text, should be a number from 0 to 3650"},
    {"heartbeat = \"watch.example.com\";", "heartbeat: should start with https:// or http://"},
    {"heartbeat = \"https://u:p@h/x\";", "heartbeat: holds a user or password"},
    {"timezone = \"Europe/Lisboa\";", "cadenced.conf:1: timezone: "},
    {"timezone = \"../../etc/passwd\";",
     "cadenced.conf:1: timezone: \"../../etc/passwd\" is no time zone's name; write it like"},
    {"timezone = 5;", "timezone: is a number without quotes, should be a time zone"},
    {"deliver = \"dead\";", "deliver: \"dead\" is none of \"live\", \"hold\""},
    {"deliver = true;", "deliver: is true or false, should be"},
    {"admin = \"ops@example.com\";", "admin: is text, should be a list of mail addresses"},
    {"admin = [ 1, 2 ];", "admin: holds a number"},
    {"admin = [ \"ops\" ];", "admin: \"ops\" is no mail address"},
    {"database = \"/var/db\";", "database: \"/var/db\" is no database"},
    {"database = \"sqlite://x\";", "is no database"},
    {"control = \"run/sock\";", "is no absolute path"},
    {"keep_history = \"5 yeers\";", "is no duration"},
    {"keep_history = \"0 days\";", "is no duration"},
    {"events = [ \"crm\" ];", "events: there is no channel \"crm\"; the file defines none"},
    {BASE("", "", "", "events=[\"mail\"];"), "\"mail\" is of type smtp; events should go"},
    {"partner_link = \"https://crm.example.com/p/\";",
     "cadenced.conf:1: partner_link: \"https://crm.example.com/p/\" has no {id}; it should read "
     "like"},
    {"partner_link = \"https://h/{id}/{id}\";", "has {id} more than once"},
    {"partner_link = \"https://{id}.h/\";", "has {id} in its host"},
    {"partner_link = \"ftp://h/{id}\";", "should start with https:// or http://"},
    {"partner_link = \"https://h/{id}/{name}\";", "another character that no URL may"},
    {"owners = [];", "owners: is a list [ … ], should be a group"},
    {"partners = {};", "partners: is a group { … }, should be a list"},
    {"partners = ( 5 );", "partners: holds a number"},
    {"holidays = { pt = \"2026-12-25\"; };", "holidays pt: is text, should be a list of days"},
    {"holidays = { pt = [ \"2026-02-29\" ]; };", "\"2026-02-29\" is neither"},
    {"holidays = { pt = [ \"us\" ]; };", "\"us\" is no day"},

    {CHANNEL_WITH("url=\"smtp://h\";"), "channel x: type: is missing"},
    {CHANNEL_WITH("type=\"fax\";url=\"fax:1\";"), "\"fax\" is none of \"smtp\""},
    {CHANNEL_WITH("type=\"smtp\";from=\"a@b\";"), "channel x: url: is missing"},
    {CHANNEL_WITH("type=\"smtp\";url=\"smtp://h\";"), "channel x: from: is missing"},
    {CHANNEL_WITH("type=\"smtp\";url=\"http://h\";from=\"a@b\";"), "should start with smtp://"},
    {CHANNEL_WITH("type=\"slack\";url=\"file:///etc/passwd\";"), "should start with https://"},
    {CHANNEL_WITH("type=\"webhook\";url=\"http://\";"), "names no host"},
    {CHANNEL_WITH("type=\"webhook\";url=\"http://u:p@h/\";"), "holds a user or password"},
    {CHANNEL_WITH("type=\"webhook\";url=\"http://h:99999/\";"), "has a port"},
    {CHANNEL_WITH("type=\"webhook\";url=\"http://h/a b\";"), "holds a space"},
    {CHANNEL_WITH("type=\"webhook\";url=\"http://h/\\r\\nX: y\";"), "control character"},
    {SMTP_WITH("from_=\"a@b\";"), "channel x: from_: there is no such key; did you mean \"from\"?"},
    {SMTP_WITH("secret=\"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\";"), "has no such key"},
    {SMTP_WITH("user=\"u\";"), "there is no password"},
    {SMTP_WITH("password=\"p\";"), "there is no user"},
    {SMTP_WITH("tls=\"implicit\";"), "implicit TLS should go with"},
    {SMTP_WITH("user=\"u\";password=\"p\";password_file=\"f\";"), "are both given"},
    {SMTP_WITH("user=\"u\";password_file=\"no-such-file\";"), "no-such-file"},
    {HOOK_WITH("user=\"u\";"), "a channel of type webhook has no such key"},
    {HOOK_WITH("secret=\"whsec_c2hvcnQ=\";"), "is no signing secret"},
    {HOOK_WITH("secret=\"plain\";"), "is no signing secret"},
    {HOOK_WITH("detail=\"loud\";"), "\"loud\" is none of"},
    {CHANNEL_WITH("type=\"slak\";url=\"https://h/x\";"),
     "channel x: type: \"slak\" is none of \"smtp\", \"webhook\", \"slack\", \"teams\", "
     "\"discord\", \"mattermost\", \"googlechat\", \"matrix\", \"telegram\", \"zulip\", \"ntfy\"; "
     "did you mean \"slack\"?"},
    {CHANNEL_WITH("type=\"fax\";url=\"fax:1\";"), "\"zulip\", \"ntfy\""},
    {CHANNEL_WITH("type=\"slack\";url=\"https://hooks.slack.com\";"),
     "names a host and no hook on it; it should be copied whole"},
    {CHANNEL_WITH("type=\"teams\";url=\"https://h/\";"), "names a host and no hook"},
    {CHANNEL_WITH("type=\"googlechat\";url=\"https://h/x?key=%\";"),
     "channel x: url: has a % that no two hexadecimal digits follow"},
    {CHANNEL_WITH("type=\"mattermost\";url=\"https://h/hooks/x#top\";"), "holds a #"},
    {CHANNEL_WITH("type=\"discord\";url=\"discord.com/api/webhooks/1/x\";"),
     "channel x: url: should start with https:// or http://"},
    {CHANNEL_WITH("type=\"discord\";"), "channel x: url: is missing; it should be a URL"},
    {CHANNEL_WITH("type=\"ntfy\";url=\"https://h?x\";topic=\"t\";"),
     "is no server: a ? or # follows its name"},
    {HOOK_WITH("secret=\"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY*\";"),
     "channel x: secret: is no signing secret: it should be whsec_ and base64 of 24 to 64 bytes"},
    {HOOK_WITH("secret=\"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3 old\";"), "is no signing secret"},
    {HOOK_WITH("room=\"r\";"), "channel x: room: a channel of type webhook has no such key; it "
			       "should be left out"},
    {HOOK_WITH("topic=\"r\";"), "channel x: topic: a channel of type webhook has no such key"},
    {SMTP_WITH("proxy=\"http://p:1\";"),
     "channel x: proxy: a channel of type smtp has no such key"},
    {SMTP_WITH("token=\"t\";"), "channel x: token: a channel of type smtp has no such key"},
    {SLACK_WITH("token=\"t\";"), "channel x: token: a channel of type slack has no such key"},
    {SLACK_WITH("tls=\"none\";"), "channel x: tls: a channel of type slack has no such key"},
    {SLACK_WITH("secret=\"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\";"),
     "channel x: secret: a channel of type slack has no such key"},
    {SLACK_WITH("proxy=\"socks5://p:1080\";"), "should start with http://"},
    {SLACK_WITH("proxy=\"http://u:p@h:1\";"), "holds a user or password"},
    {SLACK_WITH("proxy=\"http://h:1/x\";"), "has a path; a proxy should read like"},
    {SLACK_WITH("connections=0;"),
     "channel x: connections: 0 is out of range; it should lie between 1 and 256"},
    {SLACK_WITH("connections=257;"), "257 is out of range"},
    {SLACK_WITH("connections=-1;"), "-1 is out of range"},
    {SLACK_WITH("connections=\"4\";"), "connections: is text, should be a number from 1 to 256"},
    {SLACK_WITH("rate=\"0/s\";"), "channel x: rate: \"0/s\" is no rate; it should be 1 to 1000"},
    {SLACK_WITH("rate=\"1001/s\";"), "is no rate"},
    {SLACK_WITH("rate=\"99999/s\";"), "is no rate"},
    {SLACK_WITH("rate=\"1/day\";"), "is no rate"},
    {SLACK_WITH("rate=\"/s\";"), "is no rate"},
    {SLACK_WITH("rate=\"1.5/s\";"), "is no rate"},
    {SLACK_WITH("rate=1;"), "channel x: rate: is a number without quotes, should be a rate"},
    {SLACK_WITH("fallback=\"x\";"), "channel x: fallback: \"x\" is the channel itself"},
    {SLACK_WITH("fallback=\"mial\";"), "there is no channel \"mial\"; did you mean \"mail\"?"},
    {TWO_CHANNELS("type=\"slack\";url=\"https://h/1\";fallback=\"b\";",
		  "type=\"slack\";url=\"https://h/2\";fallback=\"a\";"),
     "cadenced.conf:2: channel a: fallback: goes in a circle: a, b, a; one of them should have "
     "another, or none"},
    {TWO_CHANNELS("type=\"slack\";url=\"https://h/1\";", "type=\"slack\";url=\"https://h/1\";"),
     "cadenced.conf:3: channel b: leads to the same place as channel a at cadenced.conf:2; one of "
     "them should go"},
    {TWO_CHANNELS("type=\"telegram\";token=\"1:a\";room=\"1\";",
		  "type=\"telegram\";token=\"2:b\";room=\"1\";url=\"https://api.telegram.org\";"),
     "channel b: leads to the same place as channel a"},
    {TWO_CHANNELS("type=\"slack\";url=\"https://h/a\";",
		  "type=\"mattermost\";url=\"https://H:443/a\";"),
     "channel b: leads to the same place as channel a"},
    {TWO_CHANNELS("type=\"webhook\";url=\"http://localhost\";",
		  "type=\"webhook\";url=\"http://localhost:80/\";"),
     "channel b: leads to the same place as channel a"},
    {TWO_CHANNELS("type=\"webhook\";url=\"https://h?a\";",
		  "type=\"webhook\";url=\"https://h/?a\";"),
     "channel b: leads to the same place as channel a"},
    {TWO_CHANNELS("type=\"smtp\";url=\"smtp://h\";from=\"a@b\";",
		  "type=\"smtp\";url=\"smtp://h:25\";from=\"a@b\";"),
     "channel b: leads to the same place as channel a"},
    {TWO_CHANNELS("type=\"smtp\";url=\"smtps://h:465\";from=\"a@b\";",
		  "type=\"smtp\";url=\"smtps://h\";from=\"a@b\";"),
     "channel b: leads to the same place as channel a"},
    {TWO_CHANNELS("type=\"smtp\";url=\"smtp://h\";from=\"a@b\";connections=32;",
		  "type=\"smtp\";url=\"smtp://i\";from=\"a@b\";connections=31;"),
     "cadenced.conf:3: channel b: connections: 31, and 65 with the smtp channels before it; all of "
     "them together should have at most 64"},
    {CHANNEL_WITH("type=\"smtp\";url=\"smtp://h\";from=\"a@b\";connections=63;"),
     "channel x: connections: 63, and 65 with"},
    {MATRIX_WITH(""), "channel x: room: is missing; it should be a room, such as \"!partners:"},
    {MATRIX_WITH("room=\"partners\";"), "\"partners\" is no room id: it should start with !"},
    {CHANNEL_WITH("type=\"matrix\";url=\"https://h\";room=\"!a\";"),
     "channel x: token: is missing; it should be a token"},
    {MATRIX_WITH("room=\"!a\";user=\"u\";"), "user: a channel of type matrix has no such key"},
    {PHONE_WITH("room=\"1\";"), "channel x: token: is missing"},
    {PHONE_WITH("token=\"1:a\";"), "channel x: room: is missing; it should be a chat"},
    {PHONE_WITH("token=\"1:a\";room=\"partners\";"), "\"partners\" is no chat"},
    {PHONE_WITH("token=\"1:a\";room=\"12a\";"), "\"12a\" is no chat"},
    {PHONE_WITH("token=\"1:a\";room=\"-\";"), "\"-\" is no chat"},
    {PHONE_WITH("token=\"1:a\";room=\"@a/b\";"), "\"@a/b\" is no chat"},
    {PHONE_WITH("token=\"1:a/../x\";room=\"1\";"), "token: is no token of a bot"},
    {PHONE_WITH("token=\"abc\";room=\"1\";"), "token: is no token of a bot"},
    {PHONE_WITH("token=\"1:a b\";room=\"1\";"), "token: is no token: it holds a space"},
    {ZULIP_WITH("user=\"a@b\";password=\"p\";"),
     "channel x: room: is missing; it should be a stream"},
    {ZULIP_WITH("room=\"r\";password=\"p\";"), "channel x: user: is missing"},
    {ZULIP_WITH("room=\"r\";user=\"a@b\";"), "channel x: password: is missing"},
    {ZULIP_WITH("room=\"r\";user=\"bot\";password=\"p\";"),
     "channel x: user: should be the mail address of the bot"},
    {ZULIP_WITH("room=\"r\";user=\"a@b\";password=\"p\";topic=\"1234567890123456789012345678901"
		"234567890123456789012345678901\";"),
     "is longer than the 60 characters"},
    {NTFY_WITH(""), "channel x: topic: is missing"},
    {NTFY_WITH("topic=\"a/b\";"), "channel x: topic: is no topic: it should be 1 to 64 letters"},
    {NTFY_WITH("topic=\"t\";room=\"r\";"), "a channel of type ntfy has no such key"},
    {SMTP_WITH("user=\"u\";password=\"p\";token_file=\"oauth\";"),
     "channel x: token_file: stands beside a password; there should be only one of them"},
    {SMTP_WITH("token_file=\"oauth\";"), "channel x: token_file: there is no user"},
    {SMTP_WITH("user=\"u\";token_file=\"no-such-token\";"), "channel x: token_file: "},
    {CHANNEL_WITH("type=\"smtp\";url=\"smtp://h\";from=\"C <c@d>\\r\\nBcc: x@y\";"),
     "channel x: from:"},
    {CHANNEL_WITH("type=\"smtp\";url=\"smtp://h\";from=\"a\\nb <c@d>\";"), "channel x: from:"},

    {CADENCE_WITH("\nrisk={threshold=0.0;};"), "cadenced.conf:2: cadence x: risk: threshold 0 is "
					       "out of range; it should lie between 0 and 1"},
    {CADENCE_WITH("risk={threshold=1.0;};"), "threshold 1 is out of range"},
    {CADENCE_WITH("risk={threshold=-0.5;};"), "threshold -0.5 is out of range"},
    {CADENCE_WITH("risk={threshold=65;};"), "threshold 65 is out of range"},
    {CADENCE_WITH("risk={threshold=1e999;};"), "out of range"},
    {CADENCE_WITH("risk={threshold=\"0.65\";};"),
     "risk: threshold is text, should be a number without quotes"},
    {CADENCE_WITH("risk={};"), "risk: its group names no threshold; it should read like"},
    {CADENCE_WITH("risk={treshold=0.5;};"),
     "risk: treshold: there is no such key in its group; did you mean \"threshold\"?"},
    {CADENCE_WITH("risk=\"on\";"), "risk: \"on\" is nothing that can be chosen; it should be {"},
    {CADENCE_WITH("risk=0.5;"), "risk: is a number without quotes, should be a group { threshold"},
    {CADENCE_WITH("every=\"1 week\";grace=\"2 weeks\";"),
     "cadence x: grace: 2 weeks is longer than every"},
    {CADENCE_WITH("every=\"1 week\";warn=\"1 month\";"), "cadence x: warn: 1 month is longer"},
    {CADENCE_WITH("escalate=[\"8 weeks\",\"4 weeks\"];"), "is not longer than the one before"},
    {CADENCE_WITH("escalate=[\"1 week\",\"2 weeks\",\"3 weeks\"];"), "is one too many"},
    {CADENCE_WITH("every=4;"), "cadence x: every: is a number"},
    {CADENCE_WITH("notify=\"4 weeks\";"),
     "cadence x: notify: there is no such key; it should be one of: every, grace, warn, "
     "meeting_every, escalate, decide_after"},
    {SLACK_WITH("hook=\"x\";"), "channel x: hook: there is no such key; it should be one of: type, "
				"url, url_file, "},
    {SLACK_WITH("frm=\"a@b\";"),
     "channel x: frm: there is no such key; it should be one of: type, "},
    {CADENCE_WITH("evry=\"4 weeks\";"), "did you mean \"every\"?"},

    {OWNER_WITH("digest_at=\"25:00\";"), "owner x: digest_at: \"25:00\" is no time of day"},
    {OWNER_WITH("digest_at=\"8:30\";"), "is no time of day"},
    {OWNER_WITH("workdays=\"\";"), "names no workdays"},
    {OWNER_WITH("away=[\"2026-12-10/2026-12-01\"];"),
     "owner x: away: \"2026-12-10/2026-12-01\" runs backwards: 2026-12-01 is before 2026-12-10; "
     "the first day should come first"},
    {OWNER_WITH("away=[\"2026-12-10/2026-12-32\"];"), "is no day that exists"},
    {OWNER_WITH("away=[\"pt\"];"), "is no day that exists"},
    {BASE("", "e={escalate=[\"4 weeks\"];};", "",
	  "partners=({id=\"p\";owner=\"maria\";cadence=\"e\";});"),
     "there is nobody to escalate to; owner maria should have a backup or a manager"},
    {OWNER_WITH("workdays=\"tue-fri\";"), "review_day: Mon is no workday"},
    {OWNER_WITH("review_day=\"sun\";"), "review_day: Sun is no workday"},
    {OWNER_WITH("backup=\"x\";"), "owner x: backup: \"x\" is the owner"},
    {OWNER_WITH("manager=\"mria\";"), "there is no owner \"mria\"; did you mean \"maria\"?"},
    {OWNER_WITH("manager=\"jon\";"),
     "owner x: manager: there is no owner \"jon\"; it should be one of: maria, x"},
    {OWNER_WITH("channels=[\"slack\"];"),
     "there is no channel \"slack\"; it should be one of: mail"},
    {OWNER_WITH("channels=({channel=\"mail\";when=\"cold\";});"),
     "when: there is no such key in its groups; it should be one of: channel, only"},
    {OWNER_WITH("channels=[\"mial\"];"), "there is no channel \"mial\"; did you mean \"mail\"?"},
    {OWNER_WITH("channels=[];"), "names none"},
    {OWNER_WITH("channels=[\"mail\",\"mail\"];"), "stands there twice"},
    {OWNER_WITH("channels=(\"mail\",{channel=\"mail\";only=\"cold\";});"), "stands there twice"},
    {OWNER_WITH("channels=(\"mail\",\n{channel=\"mail\";only=\"due\";});"),
     "cadenced.conf:2: owner x: channels: only: \"due\" is nothing that can be chosen; it should "
     "be \"cold\", or be left out"},
    {OWNER_WITH("channels=({only=\"cold\";});"), "owner x: channels: a group names no channel"},
    {OWNER_WITH("channels=({channel=\"mail\";onyl=\"cold\";});"), "did you mean \"only\"?"},
    {OWNER_WITH("channels=({channel=5;});"), "channel is a number without quotes"},
    {OWNER_WITH("channels=({channel=\"mial\";});"), "did you mean \"mail\"?"},
    {OWNER_WITH("channels=(5);"), "holds a number without quotes"},
    {OWNER_WITH("away=({channel=\"mail\";});"), "holds a group { … }"},
    {OWNER_WITH("quiet=\"18:00\";"), "owner x: quiet: \"18:00\" is no span of hours"},
    {OWNER_WITH("quiet=\"18:00-18:00\";"), "is no span of hours"},
    {OWNER_WITH("quiet=\"18:00-24:00\";"), "is no span of hours"},
    {OWNER_WITH("quiet=\"8:00-9:00\";"), "is no span of hours"},
    {OWNER_WITH("quiet=\"18:00-08:31\";"),
     "owner x: quiet: 18:00-08:31 holds digest_at, which is 08:30; digest_at should lie outside"},
    {OWNER_WITH("quiet=\"08:30-09:00\";"), "holds digest_at"},
    {OWNER_WITH("holidays=[\"pt\"];"), "there is no set of holidays \"pt\"; the file defines none"},
    {OWNER_WITH("holidays=[\"fr\"];") "holidays={pt=[];de=[];};",
     "there is no set of holidays \"fr\"; it should be one of: pt, de"},
    {OWNER_WITH("holidays=[\"2027-01-02/2026-12-28\"];"), "runs backwards"},
    {"holidays = { pt = [ \"2026-12-28/2026-01-02\" ]; };",
     "holidays pt: \"2026-12-28/2026-01-02\" runs backwards"},
    {"holidays = { pt = [ \"2026-12-28/soon\" ]; };", "\"2026-12-28/soon\" is neither"},
    {OWNER_WITH("weekly=\"yes\";"), "weekly: is text, should be true or false"},
    {OWNER_WITH("name=\"\";"), "name: \"\" is empty"},
    {OWNER_WITH("name=\"Ma\\x07ria\";"), "holds a control character"},
    {OWNER_WITH("name=\"Ma\\r\\nria\";"), "holds a control character"},
    {OWNER_WITH("name=\"Ma\xe2\x80\xaeria\";"), "bidirectional"},
    {OWNER_WITH("name=\"Ma\xffria\";"), "is not valid UTF-8"},
    {BASE("", "", "y={};", ""), "owner y: email: is missing"},
    {"owners={y={};};", "owner y: channels: is missing"},

    {PARTNER_WITH("last_contact=\"2026-02-30\";"),
     "partner p: last_contact: \"2026-02-30\" is no day"},
    {PARTNER_WITH("cadence=\"standart\";"), "did you mean \"standard\"?"},
    {PARTNER_WITH("name=5;"), "partner p: name: is a number"},
    {BASE("", "", "", "partners=({id=\"p\";});"), "partner p: owner: is missing"},
    {BASE("", "", "", "partners=({owner=\"maria\";});"), "partner number 1: id: is missing"},
    {BASE("", "", "", "partners=({id=\"a b\";owner=\"maria\";});"),
     "\"a b\" is no id: a letter or *, then letters"},
    {BASE("", "", "", "partners=({id=\"p\";owner=\"marai\";});"), "did you mean \"maria\"?"},
    {BASE("", "", "", "partners=(\n{id=\"p\";owner=\"maria\";},\n{id=\"p\";owner=\"maria\";});"),
     "cadenced.conf:3: partner p: id: is already the id of the partner at cadenced.conf:2"},
    {"channels={" MAIL_CHANNEL "};cadences={weekly={};daily={};};owners={" MARIA
     "};partners=({id=\"p\";owner=\"maria\";});",
     "it should be one of: daily, weekly"},

    {"a = 1;\nb = ;", "cadenced.conf:2: syntax: a value is missing behind the ="},
    {"deliver=live;\n", "cadenced.conf:1: syntax: a value that is text should stand in quotes"},
    {"timezone=Europe/London;", "syntax: a value that is text should stand in quotes"},
    {"timezone \"UTC\";", "syntax: a name should be followed by = and its value"},
    {"# a = {\n/* [\n */ keep_history = // (\n4 weeks;\na=\"\\\"{\";",
     "cadenced.conf:4: syntax: a name should be followed by = and its value; a value that is text "
     "should stand in quotes"},
    {"deliver=\"live\";,timezone=\"UTC\";", "a ; or , too many; one should stand behind each"},
    {"admin=[\"a@b\",\n];", "cadenced.conf:2: syntax: a comma follows the last entry of a list"},
    {"partners=({id=\"a\";},);", "a comma follows the last entry of a list; it should go"},
    {"partners=(\n{id=\"a\";}\n{id=\"b\";});",
     "cadenced.conf:3: syntax: a comma is missing before this entry of a list"},
    {"partners=({id=\"a\";};{id=\"b\";});", "a ; stands in a list; its entries should be"},
    {"admin=[ops@example.com];", "text in a list should stand in quotes"},
    {"owners={\n x={channels=[\"mail\",{channel=\"a\";}];};};",
     "cadenced.conf:2: syntax: a list of groups, or of names and groups, should stand in ( … ), "
     "not [ … ]"},
    {"admin=[\n\"a@b\");", "a ) stands where the [ of line 1 should be closed first"},
    {"owners={x={};};};\n", "cadenced.conf:1: syntax: a } too many; nothing is open here"},
    {"deliver=\"live\";\nowners={\nx={\n};\n",
     "cadenced.conf:5: syntax: the file ends, and the { of line 2 is open; it should be closed"},
    {"deliver=\"live;\ntimezone=\"UTC\";\n# x\n",
     "cadenced.conf:1: syntax: the text that begins here has no quote at its end"},
    {"a=((((((((((((((((((((5;", "so many brackets stand in each other here"},
    {"owners={2x={};};", "cadenced.conf:1: syntax: cannot be read; a quote, a comma"},
    {"a=1;\nb=\\;\nc=[1,];\n", "cadenced.conf:2: syntax: cannot be read"},
    {"admin=[\"a@b\",5];", "a list in [ … ] should hold entries of one kind"},
    {"timezone=\"UTC\";\n\ntimezone=\"UTC\";",
     "cadenced.conf:3: timezone: stands in line 1 already; one of the two should go"},
    {"owners={x={email=\"a@b\"; name=\"c\"; email=\"c@d\";};};", "cadenced.conf:1: email: stands"},
    {"owners={\nx={name=\"a\";};\nx={name=\"a\";};};",
     "cadenced.conf:3: x: stands in line 2 already; one of the two should go"},
    {"channels={\nmail={type=\"smtp\";}; sales={type=\"slack\";};\nmail={type=\"ntfy\";};\n};",
     "cadenced.conf:3: mail: stands in line 2 already"},
    {"owners={x={name=\xe2\x80\x9cMaria Silva\xe2\x80\x9d;};};",
     "cadenced.conf:1: syntax: a typographic quote stands here; the plain \" should"},
    {"owners={x={name=\"Maria\xe2\x80\x9d; email=\"a@b\";};};",
     "cadenced.conf:1: syntax: a quote is missing before this, or one is too many"},
    {"timezone=\"UTC\"\nowners {x={email=\"a@b\";};};",
     "cadenced.conf:2: syntax: a name should be followed by = and its value"},
    {"a={b={c=1;};c=2;};\nd={c=3;c=4;};", "cadenced.conf:2: c: stands there twice"},
    {"owners={x={name='Maria Silva';};};",
     "syntax: a ' stands here; text should stand in \" quotes"},
    {"owners={x={name=\"Maria Silva; email=\"a@b\";};};",
     "cadenced.conf:1: syntax: a quote is missing before this, or one is too many"},
    {"timezone=\"UTC\";\n  @include \"/etc/passwd\"\n", "cadenced.conf:2: @include: "},
};

static void test_every_fault_is_named_with_its_place(void **state)
{
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++)
		expect_error(state, wrongs[i].text, wrongs[i].expected);
}

static void test_all_faults_are_listed_in_the_order_of_lines(void **state)
{
	char *path = place_path(state, "cadenced.conf");
	struct buf errors = buf_make(ERRORS_SIZE);
	struct conf *conf;
	const char *first, *second, *third;

	place_write(state, "cadenced.conf",
		    "owners = { x = { backup = \"no\";\n digest_at = \"99:99\"; }; };\nfoo = 1;\n",
		    0600);
	assert_int_equal(conf_load(path, &conf, &errors), STATUS_INVALID);
	first = strstr(buf_text(&errors), "cadenced.conf:1: owner x: backup");
	second = strstr(buf_text(&errors), "cadenced.conf:2: owner x: digest_at");
	third = strstr(buf_text(&errors), "cadenced.conf:3: foo");
	assert_non_null(first);
	assert_true(first < second && second < third);
	buf_free(&errors);
	free(path);
}

static void test_thousands_of_faults_are_cut_short(void **state)
{
	char *path = place_path(state, "cadenced.conf");
	struct buf errors = buf_make(ERRORS_SIZE), text = buf_make(ERRORS_SIZE);
	struct conf *conf;

	for (int i = 0; i < 3000; i++)
		buf_addf(&text, "key%d = 1;\n", i);
	place_write(state, "cadenced.conf", buf_text(&text), 0600);
	assert_int_equal(conf_load(path, &conf, &errors), STATUS_INVALID);
	assert_non_null(strstr(buf_text(&errors), "\nand 2800 more"));
	buf_free(&text);
	buf_free(&errors);
	free(path);
}

static void test_name_of_ten_megabytes_is_refused_in_few_words(void **state)
{
	char *path = place_path(state, "cadenced.conf");
	struct buf errors = buf_make(ERRORS_SIZE), text = buf_make((size_t)12 << 20);
	struct conf *conf;

	buf_adds(&text, "owners={x={name=\"");
	for (int i = 0; i < 10 << 20; i++)
		buf_addc(&text, 'a');
	buf_adds(&text, "\";};};");
	place_write(state, "cadenced.conf", buf_text(&text), 0600);
	assert_int_equal(conf_load(path, &conf, &errors), STATUS_INVALID);
	assert_non_null(strstr(buf_text(&errors), "is longer than 200"));
	assert_true(errors.len < 2000);
	buf_free(&text);
	buf_free(&errors);
	free(path);
}

static void test_refused_text_cannot_forge_a_line_or_a_terminal_code(void **state)
{
	char *path = place_path(state, "cadenced.conf");
	struct buf errors = buf_make(ERRORS_SIZE);
	struct conf *conf;

	place_write(state, "cadenced.conf", "deliver = \"a\\n\\x1b[31mroot\\x9b\";\n", 0600);
	assert_int_equal(conf_load(path, &conf, &errors), STATUS_INVALID);
	assert_null(strchr(buf_text(&errors), '\x1b'));
	assert_null(strchr(buf_text(&errors), '\n'));
	buf_free(&errors);
	free(path);
}

static void test_nul_byte_is_refused(void **state)
{
	static const char bytes[] = "deliver = \"live\";\n\0foo";
	char *path = place_path(state, "cadenced.conf");
	struct buf errors = buf_make(ERRORS_SIZE);
	struct conf *conf;

	place_write_bytes(state, "cadenced.conf", bytes, sizeof bytes - 1, 0600);
	assert_int_equal(conf_load(path, &conf, &errors), STATUS_INVALID);
	assert_non_null(strstr(buf_text(&errors), "cadenced.conf:2: file: holds a NUL byte"));
	buf_free(&errors);
	free(path);
}

static void test_missing_file_and_directory_say_so(void **state)
{
	struct place *place = *state;
	struct buf errors = buf_make(ERRORS_SIZE);
	struct conf *conf;

	assert_int_equal(conf_load("/nonexistent/cadenced.conf", &conf, &errors), STATUS_NOT_FOUND);
	assert_non_null(strstr(buf_text(&errors), "/nonexistent/cadenced.conf"));
	assert_int_not_equal(conf_load(place->dir, &conf, &errors), STATUS_OK);
	buf_free(&errors);
}

static void test_secrets_in_a_world_readable_file_are_refused(void **state)
{
	const char *password = SMTP_WITH("user=\"u\";password=\"hunter2\";");
	const char *slack = CHANNEL_WITH("type=\"slack\";url=\"https://hooks.slack.com/x\";");

	expect_error_of_mode(state, password, 0644, "channel x: password: is a secret");
	expect_error_of_mode(state, password, 0644, "chmod o-r");
	expect_error_of_mode(state, slack, 0604, "channel x: url: is a secret");
	roster_unref(&conf_of(state, password)->roster);
	roster_unref(&conf_of(state, slack)->roster);
	place_write(state, "cadenced.conf", HOOK_WITH(""), 0644);
	roster_unref(&load(state, "cadenced.conf")->roster);
}

static void test_credentials_directory_comes_before_the_file_beside(void **state)
{
	struct place *place = *state;
	char *dir = place_path(state, "credentials");
	struct conf *conf;

	(void)place;
	assert_int_equal(mkdir(dir, 0700), 0);
	place_write(state, "pw2", "beside", 0600);
	conf = conf_of(state, SMTP_WITH("user=\"u\";password_file=\"pw2\";"));
	assert_string_equal(roster_channel(&conf->roster, "x")->password, "beside");
	roster_unref(&conf->roster);
	place_write(state, "credentials/pw2", "credential\n", 0600);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", dir, 1), 0);
	conf = load(state, "cadenced.conf");
	assert_string_equal(roster_channel(&conf->roster, "x")->password, "credential");
	roster_unref(&conf->roster);
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	free(dir);
}

static void test_a_file_of_a_directory_that_systemd_hands_over_is_found(void **state)
{
	char *dir = place_path(state, "handed-over");
	struct conf *conf;

	assert_int_equal(mkdir(dir, 0700), 0);
	place_write(state, "handed-over/secrets_pw2", "from the directory\n", 0440);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", dir, 1), 0);
	conf = conf_of(state, SMTP_WITH("user=\"u\";password_file=\"pw2\";"));
	assert_string_equal(roster_channel(&conf->roster, "x")->password, "from the directory");
	roster_unref(&conf->roster);
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	free(dir);
}

static void test_a_secret_file_that_everybody_may_read_is_refused(void **state)
{
	const char *text = SMTP_WITH("user=\"u\";password_file=\"pw2\";");
	char *path = place_path(state, "pw2");

	place_write(state, "pw2", "secret\n", 0644);
	expect_error(state, text,
		     "channel x: password_file: is a secret that everybody may read; `chmod o-r ");
	expect_error(state, text, path);
	assert_int_equal(chmod(path, 0640), 0);
	roster_unref(&load(state, "cadenced.conf")->roster);
	free(path);
}

static void test_secret_files_that_are_empty_or_huge_or_binary_are_refused(void **state)
{
	const char *text = SMTP_WITH("user=\"u\";password_file=\"bad\";");
	char huge[CONF_SECRET_MAX + 2];

	place_write(state, "bad", "\n", 0600);
	expect_error(state, text, "is empty");
	memset(huge, 'x', sizeof huge);
	place_write_bytes(state, "bad", huge, sizeof huge, 0600);
	expect_error(state, text, "channel x: password_file: ");
	place_write_bytes(state, "bad", "a\0b", 3, 0600);
	expect_error(state, text, "NUL");
	place_write(state, "bad", "two\nlines\n", 0600);
	expect_error(state, text, "control character");
}

static void test_secrets_never_stand_in_a_message(void **state)
{
	char *path = place_path(state, "cadenced.conf");
	struct buf errors = buf_make(ERRORS_SIZE);
	struct conf *conf;

	place_write(state, "cadenced.conf", HOOK_WITH("secret=\"hunter2\";"), 0600);
	assert_int_equal(conf_load(path, &conf, &errors), STATUS_INVALID);
	assert_null(strstr(buf_text(&errors), "hunter2"));
	buf_free(&errors);
	free(path);
}

static void test_a_secret_is_not_repeated_by_what_cannot_be_read(void **state)
{
	static const char *const texts[] = {
	    "channels={x={password=hunter2;};};",    "channels={x={password=\"a\" hunter2;};};",
	    "channels={x={password=\"hunter2;};};",  "channels={x={password \"hunter2\";};};",
	    "channels={x={password=[\"hunter2\",];", "a=\"hunter2\";a=\"hunter2\";",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char *path = place_path(state, "cadenced.conf");
		struct buf errors = buf_make(ERRORS_SIZE);
		struct conf *conf;

		place_write(state, "cadenced.conf", texts[i], 0600);
		assert_int_equal(conf_load(path, &conf, &errors), STATUS_INVALID);
		assert_null(strstr(buf_text(&errors), "hunter2"));
		buf_free(&errors);
		free(path);
	}
}

static void test_token_file_of_smtp_is_a_path_whose_content_is_left_alone(void **state)
{
	const char *text = SMTP_WITH("user=\"u\";token_file=\"oauth\";");
	char *path = place_path(state, "oauth");
	struct conf *conf;

	place_write(state, "oauth", "ya29.x\n", 0644);
	expect_error(state, text,
		     "channel x: token_file: is a secret that everybody may read; `chmod");
	place_write(state, "oauth", "", 0600);
	conf = conf_of(state, text);
	assert_string_equal(roster_channel(&conf->roster, "x")->token_file, path);
	assert_null(roster_channel(&conf->roster, "x")->password);
	roster_unref(&conf->roster);
	assert_int_equal(unlink(path), 0);
	expect_error(state, text, path);
	free(path);
}

static void test_token_file_of_a_chat_is_read(void **state)
{
	struct conf *conf;

	place_write(state, "bot", "1:abc\n", 0600);
	conf = conf_of(state, CHANNEL_WITH("token_file=\"bot\";room=\"-5\";type=\"telegram\";"));
	assert_string_equal(roster_channel(&conf->roster, "x")->token, "1:abc");
	assert_null(roster_channel(&conf->roster, "x")->token_file);
	assert_string_equal(roster_channel(&conf->roster, "x")->url, "https://api.telegram.org");
	roster_unref(&conf->roster);
}

static void test_two_signing_secrets_stand_in_two_lines_of_a_file(void **state)
{
	struct conf *conf;

	place_write(state, "two",
		    "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\r\n"
		    "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY4\n",
		    0600);
	conf = conf_of(state, HOOK_WITH("secret_file=\"two\";"));
	assert_string_equal(roster_channel(&conf->roster, "x")->secret,
			    "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3 "
			    "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY4");
	roster_unref(&conf->roster);
}

static void test_pace_of_a_channel_is_its_own_or_that_of_its_type(void **state)
{
	static const struct {
		const char *keys;
		int connections, count;
		int64_t per_ms;
	} rows[] = {
	    {SMTP_WITH(""), 2, 0, 0},
	    {HOOK_WITH(""), 8, 0, 0},
	    {SLACK_WITH(""), 1, 1, SECOND_MS},
	    {SLACK_WITH("connections=256;rate=\"1000/min\";"), 256, 1000, MINUTE_MS},
	    {SMTP_WITH("connections=1;rate=\"100/h\";"), 1, 100, HOUR_MS},
	    {CHANNEL_WITH("type=\"teams\";url=\"https://h/x\";"), 1, 100, HOUR_MS},
	    {PHONE_WITH("token=\"1:a\";room=\"1\";"), 1, 20, MINUTE_MS},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct conf *conf = conf_of(state, rows[i].keys);
		const struct channel *channel = roster_channel(&conf->roster, "x");

		assert_int_equal(channel->connections, rows[i].connections);
		assert_int_equal(channel->rate.count, rows[i].count);
		assert_int_equal(channel->rate.per_ms, rows[i].per_ms);
		roster_unref(&conf->roster);
	}
}

static void test_channels_that_differ_in_one_part_of_the_destination_are_two(void **state)
{
	static const char *const texts[] = {
	    TWO_CHANNELS("type=\"matrix\";url=\"https://h\";token=\"t\";room=\"!a\";",
			 "type=\"matrix\";url=\"https://h\";token=\"t\";room=\"!b\";"),
	    TWO_CHANNELS("type=\"ntfy\";url=\"https://h\";topic=\"a\";",
			 "type=\"ntfy\";url=\"https://h\";topic=\"b\";"),
	    TWO_CHANNELS("type=\"slack\";url=\"https://h/a\";",
			 "type=\"slack\";url=\"https://h/A\";"),
	    TWO_CHANNELS("type=\"webhook\";url=\"https://h:80/a\";",
			 "type=\"webhook\";url=\"https://h/a\";"),
	    TWO_CHANNELS("type=\"smtp\";url=\"smtp://h\";from=\"a@b\";",
			 "type=\"smtp\";url=\"smtp://h\";from=\"c@b\";"),
	    TWO_CHANNELS("type=\"smtp\";url=\"smtp://h\";from=\"a@b\";connections=32;",
			 "type=\"smtp\";url=\"smtp://i\";from=\"a@b\";connections=30;"),
	    TWO_CHANNELS("type=\"smtp\";url=\"smtp://h\";from=\"a@b\";user=\"a\";password=\"p\";",
			 "type=\"smtp\";url=\"smtp://h\";from=\"a@b\";user=\"b\";password=\"p\";"),
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		roster_unref(&conf_of(state, texts[i])->roster);
}

static void test_fallbacks_may_follow_each_other(void **state)
{
	struct conf *conf =
	    conf_of(state, TWO_CHANNELS("type=\"slack\";url=\"https://h/1\";fallback=\"b\";",
					"type=\"slack\";url=\"https://h/2\";fallback=\"mail\";"));
	const struct channel *a = roster_channel(&conf->roster, "a");

	assert_ptr_equal(a->fallback, roster_channel(&conf->roster, "b"));
	assert_string_equal(a->fallback->fallback->id, "mail");
	assert_null(a->fallback->fallback->fallback);
	roster_unref(&conf->roster);
}

static void test_circle_of_fallbacks_is_told_once_and_not_of_who_leads_into_it(void **state)
{
	char *path = place_path(state, "cadenced.conf");
	struct buf errors = buf_make(ERRORS_SIZE);
	struct conf *conf;

	place_write(state, "cadenced.conf",
		    "channels={a={type=\"slack\";url=\"http://h/1\";fallback=\"d\";};\n"
		    "c={type=\"slack\";url=\"http://h/2\";fallback=\"d\";};\n"
		    "d={type=\"slack\";url=\"http://h/3\";fallback=\"e\";};\n"
		    "e={type=\"slack\";url=\"http://h/4\";fallback=\"c\";};};",
		    0600);
	assert_int_equal(conf_load(path, &conf, &errors), STATUS_INVALID);
	assert_string_equal(buf_text(&errors),
			    "cadenced.conf:2: channel c: fallback: goes in a circle: c, d, e, c; "
			    "one of them should have another, or none");
	buf_free(&errors);
	free(path);
}

static void hash_of(void **state, const char *text, char ret_hash[65])
{
	struct conf *conf = conf_of(state, text);

	memcpy(ret_hash, roster_channel(&conf->roster, "x")->hash, 65);
	assert_int_equal(strlen(ret_hash), 64);
	roster_unref(&conf->roster);
}

static void test_hash_of_a_channel_tells_what_could_mend_it(void **state)
{
	static const char *const same[] = {
	    SMTP_WITH(""), SMTP_WITH("connections=4;"), SMTP_WITH("rate=\"1/s\";"),
	    SMTP_WITH("detail=\"short\";"), SMTP_WITH("fallback=\"mail\";")};
	static const char *const others[] = {
	    SMTP_WITH("tls=\"none\";"),
	    SMTP_WITH("user=\"u\";password=\"p\";"),
	    SMTP_WITH("user=\"v\";password=\"p\";"),
	    SMTP_WITH("user=\"u\";password=\"q\";"),
	    SMTP_WITH("user=\"u\";token_file=\"one\";"),
	    SMTP_WITH("user=\"u\";token_file=\"two\";"),
	    SMTP_WITH("ca_file=\"ca.pem\";"),
	    CHANNEL_WITH("type=\"smtp\";url=\"smtp://h:1\";from=\"a@b\";"),
	    CHANNEL_WITH("type=\"smtp\";url=\"smtp://h\";from=\"c@b\";"),
	    HOOK_WITH(""),
	    HOOK_WITH("proxy=\"http://p:1\";"),
	    HOOK_WITH("secret=\"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\";"),
	    MATRIX_WITH("room=\"!a\";"),
	    MATRIX_WITH("room=\"!b\";"),
	    NTFY_WITH("topic=\"a\";"),
	    NTFY_WITH("topic=\"b\";"),
	    NTFY_WITH("topic=\"a\";token=\"t\";"),
	};
	enum { OTHERS = sizeof others / sizeof *others };
	char hashes[OTHERS + 1][65];

	place_write(state, "one", "t", 0600);
	place_write(state, "two", "t", 0600);
	place_write(state, "ca.pem", "-----BEGIN CERTIFICATE-----\n", 0644);
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		hash_of(state, same[i], hashes[OTHERS]);
		if (i == 0)
			memcpy(hashes[0], hashes[OTHERS], sizeof hashes[0]);
		assert_string_equal(hashes[0], hashes[OTHERS]);
	}
	for (size_t i = 0; i < OTHERS; i++) {
		hash_of(state, others[i], hashes[i]);
		assert_string_not_equal(hashes[i], hashes[OTHERS]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(hashes[i], hashes[j]);
	}
}

static void test_hash_of_a_mail_channel_tells_where_its_mail_is_redirected(void **state)
{
	char plain[65], redirected[65];

	hash_of(state, SMTP_WITH(""), plain);
	hash_of(state, "redirect_to=\"t@example.com\";" SMTP_WITH(""), redirected);
	assert_string_not_equal(plain, redirected);
	hash_of(state, HOOK_WITH(""), plain);
	hash_of(state, "redirect_to=\"t@example.com\";" HOOK_WITH(""), redirected);
	assert_string_equal(plain, redirected);
}

static void test_owner_may_want_only_what_is_cold_on_a_channel(void **state)
{
	struct conf *conf = conf_of(
	    state, BASE("s={type=\"slack\";url=\"https://h/x\";};", "",
			"x={email=\"x@y\";channels=(\"mail\",{channel=\"s\";only=\"cold\";});};"
			"y={email=\"y@y\";channels=(\"mail\",{channel=\"s\";});};",
			""));
	const struct owner *x = roster_owner(&conf->roster, "x");

	assert_int_equal(x->channel_count, 2);
	assert_string_equal(x->channels[1]->id, "s");
	assert_false(x->only_cold[0]);
	assert_true(x->only_cold[1]);
	assert_null(roster_owner(&conf->roster, "y")->only_cold);
	assert_int_equal(roster_owner(&conf->roster, "y")->channel_count, 2);
	assert_null(roster_owner(&conf->roster, "maria")->only_cold);
	assert_int_equal(conf->warning_count, 0);
	roster_unref(&conf->roster);
}

static void test_owner_whom_only_cold_reaches_is_a_warning(void **state)
{
	struct conf *conf = conf_of(
	    state,
	    BASE("", "", "x={email=\"x@y\";\nchannels=({channel=\"mail\";only=\"cold\";});};", ""));

	assert_int_equal(conf->warning_count, 1);
	assert_string_equal(conf->warnings[0],
			    "cadenced.conf:2: owner x: channels: only what is cold goes to any of "
			    "them, and nothing else reaches x; one without only would be right");
	roster_unref(&conf->roster);
}

static void test_owner_without_a_day_to_be_told_for_over_a_year_is_a_warning(void **state)
{
	static const struct {
		const char *text;
		const char *warning; /* NULL: none */
	} rows[] = {
	    {OWNER_WITH("\nholidays=[\"2026-01-01/2036-12-31\"];"),
	     "cadenced.conf:2: owner x: holidays: from 2026-01-01 to 2036-12-31 no day is left to "
	     "tell x anything; is a year mistyped?"},
	    {OWNER_WITH("away=[\"2026-01-01/2046-01-01\"];"),
	     "cadenced.conf:1: owner x: away: from 2026-01-01 to 2046-01-01 no day is left"},
	    {OWNER_WITH(
		 "holidays=[\"pt\"];") "holidays={pt=[\"2026-12-25\",\"2027-01-01/2028-01-02\"];};",
	     "holidays: from 2027-01-01 to 2028-01-02"},
	    {OWNER_WITH("away=[\"2026-01-01/2027-01-01\"];"), NULL},
	    {OWNER_WITH("away=[\"2026-01-01/2027-01-02\"];"),
	     "away: from 2026-01-01 to 2027-01-02"},
	    /* From Friday to Monday there is no workday in between, from Thursday there is one. */
	    {OWNER_WITH(
		 "away=[\"2026-11-30/2027-10-01\",\"2026-01-05/2026-11-27\",\"2026-02-01\"];"),
	     "away: from 2026-01-05 to 2027-10-01"},
	    {OWNER_WITH("away=[\"2026-01-05/2026-11-26\",\"2026-11-30/2027-10-01\"];"), NULL},
	    {OWNER_WITH(
		 "workdays=\"mon\";away=[\"2026-01-05/2026-11-23\",\"2026-11-30/2027-10-01\"];"),
	     "away: from 2026-01-05 to 2027-10-01"},
	    {OWNER_WITH("away=[];holidays=[];"), NULL},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct conf *conf = conf_of(state, rows[i].text);

		assert_int_equal(conf->warning_count, rows[i].warning != NULL);
		if (rows[i].warning && !strstr(conf->warnings[0], rows[i].warning))
			fail_msg("expected: %s\ngot: %s", rows[i].warning, conf->warnings[0]);
		roster_unref(&conf->roster);
	}
}

static void test_quiet_hours_may_cross_midnight_and_end_with_the_digest(void **state)
{
	static const struct {
		const char *text;
		int from, to;
	} rows[] = {
	    {OWNER_WITH(""), 0, 0},
	    {OWNER_WITH("quiet=\"18:00-07:30\";"), 18 * 60, 7 * 60 + 30},
	    {OWNER_WITH("quiet=\"18:00-08:30\";"), 18 * 60, 8 * 60 + 30},
	    {OWNER_WITH("quiet=\"00:00-06:00\";"), 0, 6 * 60},
	    {OWNER_WITH("quiet=\"12:00-13:00\";"), 12 * 60, 13 * 60},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct conf *conf = conf_of(state, rows[i].text);
		const struct owner *x = roster_owner(&conf->roster, "x");

		assert_int_equal(x->quiet_from, rows[i].from);
		assert_int_equal(x->quiet_to, rows[i].to);
		roster_unref(&conf->roster);
	}
}

static void test_partner_link_is_taken_as_it_is(void **state)
{
	struct conf *conf =
	    conf_of(state, "partner_link = \"https://crm.example.com/p?id={id}&x\";");

	assert_string_equal(conf->roster.partner_link, "https://crm.example.com/p?id={id}&x");
	roster_unref(&conf->roster);
	conf = conf_of(state, "");
	assert_null(conf->roster.partner_link);
	roster_unref(&conf->roster);
}

static void test_what_leaves_in_clear_text_is_a_warning_whatever_the_type(void **state)
{
	static const struct {
		const char *text;
		const char *warning; /* NULL: none */
	} rows[] = {
	    {SMTP_WITH("tls=\"none\";"), "x: tls: mail leaves this machine in clear text"},
	    {CHANNEL_WITH("type=\"slack\";url=\"http://h/x\";"),
	     "x: url: what is sent can be read on"},
	    {CHANNEL_WITH("type=\"ntfy\";url=\"http://h\";topic=\"t\";token=\"t\";"),
	     "x: url: what is sent can be read on the way, and so can the token; https://"},
	    {CHANNEL_WITH(
		 "type=\"zulip\";url=\"http://h\";room=\"r\";user=\"a@b\";password=\"p\";"),
	     ", and so can the password; https://"},
	    {CHANNEL_WITH("type=\"slack\";url=\"http://[::1]:80/x\";"), NULL},
	    {CHANNEL_WITH("type=\"ntfy\";url=\"http://127.0.0.1:80\";topic=\"t\";"), NULL},
	    {CHANNEL_WITH("type=\"smtp\";url=\"smtp://localhost:26\";from=\"a@b\";tls=\"none\";"),
	     NULL},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct conf *conf = conf_of(state, rows[i].text);

		assert_int_equal(conf->warning_count, rows[i].warning != NULL);
		if (rows[i].warning)
			assert_non_null(strstr(conf->warnings[0], rows[i].warning));
		roster_unref(&conf->roster);
	}
}

static void test_tokens_in_a_world_readable_file_are_refused(void **state)
{
	expect_error_of_mode(state, MATRIX_WITH("room=\"!a\";"), 0644,
			     "channel x: token: is a secret in a file that everybody may read");
	expect_error_of_mode(state, CHANNEL_WITH("type=\"teams\";url=\"https://h/hunter2\";"), 0644,
			     "channel x: url: is a secret");
}

static void test_a_heartbeat_is_a_secret(void **state)
{
	struct conf *conf;

	expect_error_of_mode(state, "heartbeat = \"https://w/x\";", 0644,
			     "cadenced.conf:1: heartbeat: is a secret in a file that everybody may "
			     "read; `chmod o-r cadenced.conf`, or");
	place_write(state, "watch", "https://w/y\n", 0600);
	conf = conf_of(state, "heartbeat_file = \"watch\"; backup = { keep = 3; };");
	assert_string_equal(conf->heartbeat, "https://w/y");
	assert_int_equal(conf->backups, 3);
	assert_int_equal(conf->warning_count, 0);
	roster_unref(&conf->roster);
	conf = conf_of(state, "heartbeat = \"http://w/x\";");
	assert_int_equal(conf->backups, 14);
	assert_int_equal(conf->warning_count, 1);
	assert_non_null(strstr(conf->warnings[0], "heartbeat: is called in clear text"));
	roster_unref(&conf->roster);
}

static void test_replies_are_taken_where_an_address_is_set(void **state)
{
	struct conf *conf = conf_of(state, "");

	assert_null(conf->reply_to);
	assert_null(conf->trusted_authserv);
	assert_null(conf->maildir);
	roster_unref(&conf->roster);
	conf = conf_of(state, "reply_to = \"abcdefghijklmnopqrstuvwxyzabcdefghijk@example.com\";"
			      "trusted_authserv = \"mx.example.com\";"
			      "inbox = { maildir = \"/var/lib/cadenced/inbox\"; };");
	assert_string_equal(conf->reply_to, "abcdefghijklmnopqrstuvwxyzabcdefghijk@example.com");
	assert_string_equal(conf->trusted_authserv, "mx.example.com");
	assert_string_equal(conf->maildir, "/var/lib/cadenced/inbox");
	roster_unref(&conf->roster);
}

static void test_refused_tokens_never_stand_in_a_message(void **state)
{
	static const char *const texts[] = {
	    PHONE_WITH("token=\"hunter2\";room=\"1\";"),
	    PHONE_WITH("token=\"hunter2 x\";room=\"1\";"),
	    HOOK_WITH("secret=\"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3 hunter2\";"),
	    CHANNEL_WITH("type=\"discord\";url=\"https://h/hunter2#\";"),
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char *path = place_path(state, "cadenced.conf");
		struct buf errors = buf_make(ERRORS_SIZE);
		struct conf *conf;

		place_write(state, "cadenced.conf", texts[i], 0600);
		assert_int_equal(conf_load(path, &conf, &errors), STATUS_INVALID);
		assert_null(strstr(buf_text(&errors), "hunter2"));
		buf_free(&errors);
		free(path);
	}
}

static void test_offline_no_token_is_read(void **state)
{
	char *path = place_path(state, "cadenced.conf");
	struct buf errors = buf_make(ERRORS_SIZE);
	struct conf *conf;

	place_write(state, "cadenced.conf",
		    TWO_CHANNELS("type=\"telegram\";token_file=\"gone\";room=\"1\";",
				 "type=\"smtp\";url=\"smtp://h\";from=\"a@b\";user=\"u\";"
				 "token_file=\"gone\";"),
		    0600);
	if (conf_load_offline(path, &conf, &errors) != STATUS_OK)
		fail_msg("%s", buf_text(&errors));
	roster_unref(&conf->roster);
	buf_free(&errors);
	free(path);
}

static void test_what_is_allowed_yet_doubtful_is_a_warning(void **state)
{
	struct conf *conf =
	    conf_of(state, BASE("h={type=\"webhook\";url=\"http://crm.example.com/\";};"
				"l={type=\"webhook\";url=\"http://127.0.0.1:80/\";};",
				"", "", ""));

	assert_int_equal(conf->warning_count, 1);
	assert_non_null(strstr(conf->warnings[0], "channel h: url: what is sent can be read"));
	roster_unref(&conf->roster);
}

static void test_a_ladder_of_two_steps_that_reaches_one_person_is_a_warning(void **state)
{
	static const struct {
		const char *deputies;
		size_t warnings;
	} rows[] = {{"backup=\"maria\";", 1},
		    {"manager=\"maria\";", 1},
		    {"backup=\"maria\";manager=\"maria\";", 1},
		    {"backup=\"maria\";manager=\"ada\";", 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = mem_printf(
		    BASE("", "e={escalate=[\"4 weeks\",\"8 weeks\"];};",
			 "jon={email=\"j@example.com\";%s};ada={email=\"a@example.com\";};",
			 "partners=({id=\"p\";owner=\"jon\";cadence=\"e\";},"
			 "{id=\"q\";owner=\"jon\";cadence=\"e\";});"),
		    rows[i].deputies);
		struct conf *conf = conf_of(state, text);

		assert_int_equal(conf->warning_count, rows[i].warnings);
		if (rows[i].warnings)
			assert_non_null(strstr(conf->warnings[0],
					       "cadence e escalates in two steps, and owner jon "
					       "has only maria to escalate to"));
		roster_unref(&conf->roster);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_example_becomes_a_roster),
	    cmocka_unit_test(test_partners_are_sorted_and_leave_when_dropped),
	    cmocka_unit_test(test_empty_file_is_all_defaults),
	    cmocka_unit_test(test_owner_defaults),
	    cmocka_unit_test(test_smtps_is_implicit_tls),
	    cmocka_unit_test(test_hash_tells_what_a_judgement_depends_on),
	    cmocka_unit_test(test_risk_of_a_cadence_is_a_threshold_or_off),
	    cmocka_unit_test(test_cold_mark_of_a_partner_is_a_duration),
	    cmocka_unit_test(test_every_fault_is_named_with_its_place),
	    cmocka_unit_test(test_all_faults_are_listed_in_the_order_of_lines),
	    cmocka_unit_test(test_thousands_of_faults_are_cut_short),
	    cmocka_unit_test(test_name_of_ten_megabytes_is_refused_in_few_words),
	    cmocka_unit_test(test_refused_text_cannot_forge_a_line_or_a_terminal_code),
	    cmocka_unit_test(test_nul_byte_is_refused),
	    cmocka_unit_test(test_missing_file_and_directory_say_so),
	    cmocka_unit_test(test_secrets_in_a_world_readable_file_are_refused),
	    cmocka_unit_test(test_credentials_directory_comes_before_the_file_beside),
	    cmocka_unit_test(test_a_file_of_a_directory_that_systemd_hands_over_is_found),
	    cmocka_unit_test(test_a_secret_file_that_everybody_may_read_is_refused),
	    cmocka_unit_test(test_secret_files_that_are_empty_or_huge_or_binary_are_refused),
	    cmocka_unit_test(test_secrets_never_stand_in_a_message),
	    cmocka_unit_test(test_a_secret_is_not_repeated_by_what_cannot_be_read),
	    cmocka_unit_test(test_token_file_of_smtp_is_a_path_whose_content_is_left_alone),
	    cmocka_unit_test(test_token_file_of_a_chat_is_read),
	    cmocka_unit_test(test_two_signing_secrets_stand_in_two_lines_of_a_file),
	    cmocka_unit_test(test_pace_of_a_channel_is_its_own_or_that_of_its_type),
	    cmocka_unit_test(test_channels_that_differ_in_one_part_of_the_destination_are_two),
	    cmocka_unit_test(test_fallbacks_may_follow_each_other),
	    cmocka_unit_test(test_circle_of_fallbacks_is_told_once_and_not_of_who_leads_into_it),
	    cmocka_unit_test(test_hash_of_a_channel_tells_what_could_mend_it),
	    cmocka_unit_test(test_hash_of_a_mail_channel_tells_where_its_mail_is_redirected),
	    cmocka_unit_test(test_owner_may_want_only_what_is_cold_on_a_channel),
	    cmocka_unit_test(test_owner_whom_only_cold_reaches_is_a_warning),
	    cmocka_unit_test(test_owner_without_a_day_to_be_told_for_over_a_year_is_a_warning),
	    cmocka_unit_test(test_quiet_hours_may_cross_midnight_and_end_with_the_digest),
	    cmocka_unit_test(test_partner_link_is_taken_as_it_is),
	    cmocka_unit_test(test_what_leaves_in_clear_text_is_a_warning_whatever_the_type),
	    cmocka_unit_test(test_tokens_in_a_world_readable_file_are_refused),
	    cmocka_unit_test(test_a_heartbeat_is_a_secret),
	    cmocka_unit_test(test_replies_are_taken_where_an_address_is_set),
	    cmocka_unit_test(test_refused_tokens_never_stand_in_a_message),
	    cmocka_unit_test(test_offline_no_token_is_read),
	    cmocka_unit_test(test_what_is_allowed_yet_doubtful_is_a_warning),
	    cmocka_unit_test(test_a_ladder_of_two_steps_that_reaches_one_person_is_a_warning),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
