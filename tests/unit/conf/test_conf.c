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

static const struct wrong wrongs[] = {
    {"timezon = \"UTC\";",
     "cadenced.conf:1: timezon: there is no such key; did you mean \"timezone\"?"},
    {"\nowner = {};", "cadenced.conf:2: owner: there is no such key; did you mean \"owners\"?"},
    {"timezone = \"Europe/Lisboa\";", "cadenced.conf:1: timezone: "},
    {"timezone = \"../../etc/passwd\";", "cadenced.conf:1: timezone: "},
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
    {"events = [ \"crm\" ];", "events: there is no channel \"crm\""},
    {BASE("", "", "", "events=[\"mail\"];"), "\"mail\" is of type smtp; events should go"},
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
    {CHANNEL_WITH("type=\"smtp\";url=\"smtp://h\";from=\"C <c@d>\\r\\nBcc: x@y\";"),
     "channel x: from:"},
    {CHANNEL_WITH("type=\"smtp\";url=\"smtp://h\";from=\"a\\nb <c@d>\";"), "channel x: from:"},

    {CADENCE_WITH("every=\"1 week\";grace=\"2 weeks\";"),
     "cadence x: grace: 2 weeks is longer than every"},
    {CADENCE_WITH("every=\"1 week\";warn=\"1 month\";"), "cadence x: warn: 1 month is longer"},
    {CADENCE_WITH("escalate=[\"8 weeks\",\"4 weeks\"];"), "is not longer than the one before"},
    {CADENCE_WITH("escalate=[\"1 week\",\"2 weeks\",\"3 weeks\"];"), "is one too many"},
    {CADENCE_WITH("every=4;"), "cadence x: every: is a number"},
    {CADENCE_WITH("evry=\"4 weeks\";"), "did you mean \"every\"?"},

    {OWNER_WITH("digest_at=\"25:00\";"), "owner x: digest_at: \"25:00\" is no time of day"},
    {OWNER_WITH("digest_at=\"8:30\";"), "is no time of day"},
    {OWNER_WITH("workdays=\"\";"), "names no workdays"},
    {OWNER_WITH("away=[\"2026-12-10/2026-12-01\"];"), "is no day that exists"},
    {OWNER_WITH("away=[\"pt\"];"), "is no day that exists"},
    {BASE("", "e={escalate=[\"4 weeks\"];};", "",
	  "partners=({id=\"p\";owner=\"maria\";cadence=\"e\";});"),
     "there is nobody to escalate to; owner maria should have a backup or a manager"},
    {OWNER_WITH("workdays=\"tue-fri\";"), "review_day: Mon is no workday"},
    {OWNER_WITH("review_day=\"sun\";"), "review_day: Sun is no workday"},
    {OWNER_WITH("backup=\"x\";"), "owner x: backup: \"x\" is the owner"},
    {OWNER_WITH("manager=\"mria\";"), "there is no owner \"mria\"; did you mean \"maria\"?"},
    {OWNER_WITH("channels=[\"mial\"];"), "there is no channel \"mial\"; did you mean \"mail\"?"},
    {OWNER_WITH("channels=[];"), "names none"},
    {OWNER_WITH("channels=[\"mail\",\"mail\"];"), "stands there twice"},
    {OWNER_WITH("holidays=[\"pt\"];"), "there is no set of holidays \"pt\""},
    {OWNER_WITH("holidays=[\"2027-01-02/2026-12-28\"];"), "is neither"},
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
    {BASE("", "", "", "partners=({id=\"a b\";owner=\"maria\";});"), "\"a b\" is no id"},
    {BASE("", "", "", "partners=({id=\"p\";owner=\"marai\";});"), "did you mean \"maria\"?"},
    {BASE("", "", "", "partners=(\n{id=\"p\";owner=\"maria\";},\n{id=\"p\";owner=\"maria\";});"),
     "cadenced.conf:3: partner p: id: is already the id of the partner at cadenced.conf:2"},
    {"channels={" MAIL_CHANNEL "};cadences={weekly={};daily={};};owners={" MARIA
     "};partners=({id=\"p\";owner=\"maria\";});",
     "it should be one of: daily, weekly"},

    {"a = 1;\nb = ;", "cadenced.conf:2: syntax: "},
    {"timezone=\"UTC\";\ntimezone=\"UTC\";", "duplicate"},
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
	assert_non_null(strstr(buf_text(&errors), "and 2800 more\n"));
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
	assert_ptr_equal(strchr(buf_text(&errors), '\n'), buf_text(&errors) + errors.len - 1);
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
	    cmocka_unit_test(test_every_fault_is_named_with_its_place),
	    cmocka_unit_test(test_all_faults_are_listed_in_the_order_of_lines),
	    cmocka_unit_test(test_thousands_of_faults_are_cut_short),
	    cmocka_unit_test(test_name_of_ten_megabytes_is_refused_in_few_words),
	    cmocka_unit_test(test_refused_text_cannot_forge_a_line_or_a_terminal_code),
	    cmocka_unit_test(test_nul_byte_is_refused),
	    cmocka_unit_test(test_missing_file_and_directory_say_so),
	    cmocka_unit_test(test_secrets_in_a_world_readable_file_are_refused),
	    cmocka_unit_test(test_credentials_directory_comes_before_the_file_beside),
	    cmocka_unit_test(test_secret_files_that_are_empty_or_huge_or_binary_are_refused),
	    cmocka_unit_test(test_secrets_never_stand_in_a_message),
	    cmocka_unit_test(test_what_is_allowed_yet_doubtful_is_a_warning),
	    cmocka_unit_test(test_a_ladder_of_two_steps_that_reaches_one_person_is_a_warning),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
