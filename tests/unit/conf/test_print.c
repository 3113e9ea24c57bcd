/* The table of keys, the reader and the printed forms agree. */
#include "base/address.h"
#include "conf/keys.h"
#include "fixture.h"
#include "sys/file.h"

#define PRINT_MAX ((size_t)1 << 20)

static char *reference(void)
{
	struct buf text = buf_make(PRINT_MAX);

	conf_print_reference(&text);
	assert_false(text.overflowed);
	return buf_take(&text);
}

/* A "#" that is not followed by exactly one space switches a setting off. */
static char *reference_switched_on(void)
{
	char *text = reference();

	for (char *line = text; line;) {
		char *end = strchr(line, '\n');

		if (line[0] == '#' && (line[1] != ' ' || line[2] == ' '))
			line[0] = ' ';
		line = end ? end + 1 : NULL;
	}
	return text;
}

static char *print(const struct conf *conf)
{
	struct buf text = buf_make(PRINT_MAX);

	conf_print(conf, &text);
	assert_false(text.overflowed);
	return buf_take(&text);
}

/* Without the marks of defaults, which become given values when the text is read again. */
static char *without_marks(char *text)
{
	static const char mark[] = "  # default";
	char *at;

	while ((at = strstr(text, mark)))
		memmove(at, at + strlen(mark), strlen(at + strlen(mark)) + 1);
	return text;
}

static char *with_replaced(const char *text, const char *old, const char *new)
{
	struct buf out = buf_make(PRINT_MAX);
	const char *at;

	while ((at = strstr(text, old))) {
		buf_add(&out, text, (size_t)(at - text));
		buf_adds(&out, new);
		text = at + strlen(old);
	}
	buf_adds(&out, text);
	return buf_take(&out);
}

static void test_reference_file_is_what_the_table_says(void **state)
{
	struct buf file = buf_make(PRINT_MAX);
	struct error err;
	char *expected = reference();

	(void)state;
	if (file_read("conf/cadenced.full.conf", PRINT_MAX - 1, &file, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_string_equal(buf_text(&file), expected);
	buf_free(&file);
	free(expected);
}

/* What the reference names as a file. */
static void write_files(void **state)
{
	place_write(state, "company-ca.pem", "-----BEGIN CERTIFICATE-----\n", 0644);
	place_write(state, "office-token", "ya29.x\n", 0600);
}

static void test_reference_switched_on_gives_every_key(void **state)
{
	char *text = reference_switched_on();
	struct conf *conf;
	char *printed;

	write_files(state);
	conf = conf_of(state, text);
	printed = print(conf);

	/* Every key was given, so the only default is what the second owner leaves open. */
	for (size_t i = 0; i < conf_key_count; i++) {
		char *setting = mem_printf(" %s = ", conf_keys[i].name);

		assert_non_null(strstr(text, setting));
		if (conf_keys[i].section != SECTION_GLOBAL && !strstr(printed, setting))
			fail_msg("%s was given and is not printed", conf_keys[i].name);
		free(setting);
	}
	assert_int_equal(conf->deliver, DELIVER_HOLD);
	assert_int_equal(conf->partner_count, 1);
	free(printed);
	free(text);
	roster_unref(&conf->roster);
}

/* Moves a value that stands in the text into a file of its own, wherever it stands. */
static char *moved_to_file(void **state, char *text, const char *key, const char *value,
			   const char *file, const char *content)
{
	char *old = mem_printf(" %s = \"%s\"", key, value);
	char *new = mem_printf(" %s_file = \"%s\"", key, file);
	char *moved = with_replaced(text, old, new);

	place_write(state, file, content, 0600);
	free(text);
	free(new);
	free(old);
	return moved;
}

/* The whole reference, with every secret in a file. */
static char *reference_with_files(void **state)
{
	char *text = reference_switched_on();

	write_files(state);
	for (int type = 0; type < CHANNEL_TYPES; type++) {
		const struct channel_info *info = &conf_channels[type];

		if (info->url_is_secret)
			text = moved_to_file(state, text, "url", info->example_url, info->example,
					     info->example_url);
	}
	text = moved_to_file(state, text, "password", "correct horse", "pw", "correct \"horse\\");
	text = moved_to_file(state, text, "heartbeat", "https://watch.example.com/ping/0b1d6a4e",
			     "watch", "https://h/x\n");
	text = moved_to_file(state, text, "token", "123456789:AAE-x_y", "bot", "1:other\n");
	return moved_to_file(state, text, "secret", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
			     "hook",
			     "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\n"
			     "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY4\n");
}

static void test_what_is_printed_reads_back_the_same(void **state)
{
	char *text = reference_with_files(state);
	struct conf *first = conf_of(state, text), *second;
	char *printed = print(first), *again;

	assert_int_equal(first->roster.channel_count, CHANNEL_TYPES + 1);
	second = conf_of(state, printed);
	again = print(second);
	assert_string_equal(without_marks(printed), again);
	assert_string_equal(first->roster.hash, second->roster.hash);
	for (size_t i = 0; i < first->roster.channel_count; i++)
		assert_string_equal(first->roster.channels[i].hash,
				    second->roster.channels[i].hash);
	free(again);
	free(printed);
	roster_unref(&second->roster);
	roster_unref(&first->roster);
	free(text);
}

/* The least that each type needs: all else is a default, which is printed and read again. */
static void test_defaults_of_every_type_read_back_the_same(void **state)
{
	static const char *const given[CHANNEL_TYPES] = {
	    [CHANNEL_SMTP] = "from=\"a@b\";",
	    [CHANNEL_MATRIX] = "token_file=\"bot\";room=\"!a:b\";",
	    [CHANNEL_TELEGRAM] = "token_file=\"bot\";room=\"@partners\";",
	    [CHANNEL_ZULIP] = "user=\"a@b\";password_file=\"bot\";room=\"a b\";",
	    [CHANNEL_NTFY] = "topic=\"t\";",
	};

	place_write(state, "bot", "1:x\n", 0600);
	for (int type = 0; type < CHANNEL_TYPES; type++) {
		const struct channel_info *info = &conf_channels[type];
		const char *keys = given[type] ? given[type] : "";
		char *text, *printed, *again;
		struct conf *first, *second;

		place_write(state, "url", info->example_url, 0600);
		text = mem_printf("channels={x={type=\"%s\";%s%s};};",
				  channel_type_name((enum channel_type)type), keys,
				  info->default_url ? "" : "url_file=\"url\";");
		first = conf_of(state, text);
		printed = print(first);
		assert_int_equal(first->roster.channels[0].connections, info->connections);
		assert_int_equal(first->roster.channels[0].rate.count > 0, info->rate != NULL);
		assert_int_equal(first->roster.channels[0].detail, info->detail);
		second = conf_of(state, printed);
		again = print(second);
		assert_string_equal(without_marks(printed), again);
		free(again);
		free(printed);
		roster_unref(&second->roster);
		roster_unref(&first->roster);
		free(text);
	}
}

/* What stands in the file by default is given when its print is read, and is checked as such. */
static void test_whatever_is_accepted_reads_back_the_same(void **state)
{
	static const char *const texts[] = {
	    "",
	    "cadences={};owners={};partners=();holidays={};admin=[];events=[];",
	    BASE("", "", "", ""),
	    BASE("", "a={every=\"1 day\";};b={every=\"2 days\";};c={every=\"3 days\";};", "", ""),
	    BASE("", "a={every=\"1 week\";};b={every=\"11 days\";};c={every=\"1 month\";};", "",
		 ""),
	    BASE("", "a={every=\"1 quarter\";grace=\"3 months\";};b={every=\"100 years\";};", "",
		 ""),
	    BASE("", "a={every=\"1 day\";grace=\"1 day\";warn=\"1 day\";decide_after=\"1 day\";};",
		 "", ""),
	    BASE("", "", "x={email=\"x@y\";workdays=\"sun\";review_day=\"sun\";weekly=false;};",
		 ""),
	    BASE("", "", "x={email=\"x@y\";digest_at=\"00:00\";quiet=\"23:59-00:00\";};", ""),
	    BASE("s={type=\"slack\";url_file=\"hook\";};", "",
		 "x={channels=(\"s\");};y={email=\"x@y\";channels=({channel=\"s\";},"
		 "{channel=\"mail\";only=\"cold\";});};",
		 ""),
	    BASE("", "", "x={email=\"x@y\";holidays=[\"pt\",\"2026-01-01\",\"none\"];};",
		 "holidays={pt=[\"2026-12-24/2027-01-02\"];none=[];};"),
	    BASE("", "", "*-_={email=\"x@y\";backup=\"maria\";};",
		 "partners=({id=\"*p_-1\";owner=\"*-_\";tags=\"a, \\\"b\\\"\";});"),
	    "backup={};",
	    "backup={keep=0;};",
	    "timezone=\"Asia/Tokyo\";deliver=\"hold\";keep_history=\"1 day\";admin=(\"a@b\");",
	};

	place_write(state, "hook", "https://h/x\n", 0600);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct conf *first = conf_of(state, texts[i]), *second;
		char *printed = print(first), *again;

		second = conf_of(state, printed);
		again = print(second);
		assert_string_equal(without_marks(printed), again);
		assert_string_equal(first->roster.hash, second->roster.hash);
		assert_int_equal(first->warning_count, second->warning_count);
		free(again);
		free(printed);
		roster_unref(&second->roster);
		roster_unref(&first->roster);
	}
}

static void test_no_secret_of_any_type_is_printed(void **state)
{
	char *text = reference_switched_on();
	struct conf *conf;
	char *printed;

	write_files(state);
	conf = conf_of(state, text);
	printed = print(conf);
	assert_null(strstr(printed, "correct horse"));
	assert_null(strstr(printed, "123456789:AAE"));
	assert_null(strstr(printed, "whsec_"));
	for (int type = 0; type < CHANNEL_TYPES; type++)
		assert_int_equal(strstr(printed, conf_channels[type].example_url) == NULL,
				 conf_channels[type].url_is_secret);
	free(printed);
	roster_unref(&conf->roster);
	free(text);
}

static void test_printing_masks_secrets_and_marks_defaults(void **state)
{
	struct conf *conf = conf_of(
	    state,
	    BASE(
		"s={type=\"slack\";url=\"https://hooks.slack.com/hunter2\";};"
		"x={type=\"smtp\";url=\"smtp://h\";from=\"a@b\";user=\"u\";password=\"hunter2\";};",
		"", "", ""));
	char *printed = print(conf);

	assert_null(strstr(printed, "hunter2"));
	assert_non_null(strstr(printed, "password = \"********\";\n"));
	assert_non_null(strstr(printed, "url = \"smtp://h\";\n"));
	assert_non_null(strstr(printed, "digest_at = \"08:30\";  # default\n"));
	assert_non_null(strstr(printed, "channels = [ \"mail\" ];  # default\n"));
	free(printed);
	roster_unref(&conf->roster);
}

static void test_partners_are_printed_until_they_are_dropped(void **state)
{
	struct conf *conf =
	    conf_of(state, BASE("", "", "", "partners=({id=\"acme\";owner=\"maria\";});"));
	char *before = print(conf), *after;

	conf_drop_partners(conf);
	after = print(conf);
	assert_non_null(strstr(before, "id = \"acme\";"));
	assert_null(strstr(after, "acme"));
	free(after);
	free(before);
	roster_unref(&conf->roster);
}

static void test_names_with_quotes_and_comment_signs_survive_printing(void **state)
{
	struct conf *conf = conf_of(
	    state,
	    BASE("", "", "x={email=\"x@y\";name=\"Jo \\\"#*/ \\\\ {}; <b>\xc3\xa9</b>\";};", ""));
	char *printed = print(conf);
	struct conf *again = conf_of(state, printed);

	assert_string_equal(roster_owner(&again->roster, "x")->name,
			    "Jo \"#*/ \\ {}; <b>\xc3\xa9</b>");
	free(printed);
	roster_unref(&again->roster);
	roster_unref(&conf->roster);
}

static void test_first_configuration_needs_nothing_but_its_secret(void **state)
{
	struct buf file = buf_make(PRINT_MAX);
	struct error err;

	assert_int_equal(file_read("conf/cadenced.conf", PRINT_MAX - 1, &file, NULL, &err),
			 STATUS_OK);
	place_write(state, "smtp-password", "x\n", 0600);
	place_write(state, "cadenced.conf", buf_text(&file), 0644);
	roster_unref(&load(state, "cadenced.conf")->roster);
	buf_free(&file);
}

static void test_changes_that_need_a_restart_are_named(void **state)
{
	struct conf *before = conf_of(state, "control=\"/run/a\";deliver=\"hold\";");
	struct conf *after = conf_of(state, "control=\"/run/b\";deliver=\"live\";");
	struct buf names = buf_make(PRINT_MAX);

	conf_restart_keys(before, after, &names);
	assert_string_equal(buf_text(&names), "control");
	buf_free(&names);
	roster_unref(&after->roster);
	roster_unref(&before->roster);
}

static void test_sections_fit_their_records(void **state)
{
	size_t total = 0;

	(void)state;
	for (enum section section = 0; section < SECTIONS; section++) {
		size_t count;
		const struct key *keys = keys_of(section, &count);

		assert_in_range(count, 1, SECTION_KEYS_MAX);
		for (size_t i = 0; i < count; i++)
			assert_true(keys[i].offset < conf_sections[section].size);
		total += count;
	}
	assert_int_equal(total, conf_key_count);
}

static void test_mail_addresses(void **state)
{
	static const char *const right[] = {"a@b", "maria.silva+x@example.co.uk",
					    "\"a@b\"@example.com", "o'hara@example.com"};
	static const char *const wrong[] = {
	    "",
	    "a",
	    "@b",
	    "a@",
	    "a@b@c",
	    "a b@c",
	    "a@b c",
	    "a@-b",
	    "a@b..c",
	    ".a@b",
	    "a.@b",
	    "a..b@c",
	    "a@b\r\nX:",
	    "a@b>",
	    "<a@b>",
	    "a@b,c@d",
	    "a@[1.2.3.4",
	    "\"a\"b\"@c",
	    "\"a>b\"@c",
	    "\"@c",
	    "a\x7f@b",
	    "\xc3\xa9@b.c",
	    "a@\xc3\xa9.c",
	    "a@b.",
	    "\"a\\\"@b.c",
	    "a;b@c",
	};

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		if (address_check_mail(right[i]))
			fail_msg("%s %s", right[i], address_check_mail(right[i]));
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (!address_check_mail(wrong[i]))
			fail_msg("%s was accepted", wrong[i]);
}

static void test_signing_secrets(void **state)
{
#define NEW_SECRET "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
#define OLD_SECRET "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY4"
	static const char *const right[] = {NEW_SECRET, NEW_SECRET " " OLD_SECRET,
					    "\n" NEW_SECRET "\r\n\t" OLD_SECRET " \n"};
	static const char *const wrong[] = {
	    "",
	    " \n",
	    "whsec_",
	    "whsec_c2hvcnQ=",
	    "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY*",
	    "WHSEC_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
	    NEW_SECRET " plain",
	    NEW_SECRET "," OLD_SECRET,
	    NEW_SECRET " " NEW_SECRET,
	    NEW_SECRET " " OLD_SECRET " " NEW_SECRET,
	};

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		if (address_check_signing(right[i]))
			fail_msg("%s %s", right[i], address_check_signing(right[i]));
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (!address_check_signing(wrong[i]))
			fail_msg("%s was accepted", wrong[i]);
}

static void test_urls(void **state)
{
	static const char *const schemes[] = {"https", "http", NULL};
	static const char *const right[] = {"http://h", "https://a.b:8443/x?y=%20#z",
					    "http://[::1]:80/", "http://127.0.0.1/",
					    "https://h?a=b@c"};
	static const char *const wrong[] = {
	    "",		  "http:",	 "http:///x",	"HTTP://h",    "ftp://h",    "http://h:",
	    "http://h:0", "http://h:1x", "http://[::1", "http://[]",   "http://a@b", "http://h\\",
	    "http://-h",  "http://h i",	 "http://h/%",	"http://h/%2g"};

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		if (address_check_url(right[i], schemes))
			fail_msg("%s %s", right[i], address_check_url(right[i], schemes));
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (!address_check_url(wrong[i], schemes))
			fail_msg("%s was accepted", wrong[i]);
	assert_true(address_is_loopback("http://localhost:1/"));
	assert_true(address_is_loopback("http://127.1.2.3"));
	assert_true(address_is_loopback("http://[::1]/"));
	assert_false(address_is_loopback("http://127.0.0.1.example.com/"));
	assert_false(address_is_loopback("http://localhost.example.com/"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reference_file_is_what_the_table_says),
	    cmocka_unit_test(test_reference_switched_on_gives_every_key),
	    cmocka_unit_test(test_what_is_printed_reads_back_the_same),
	    cmocka_unit_test(test_defaults_of_every_type_read_back_the_same),
	    cmocka_unit_test(test_whatever_is_accepted_reads_back_the_same),
	    cmocka_unit_test(test_no_secret_of_any_type_is_printed),
	    cmocka_unit_test(test_printing_masks_secrets_and_marks_defaults),
	    cmocka_unit_test(test_partners_are_printed_until_they_are_dropped),
	    cmocka_unit_test(test_names_with_quotes_and_comment_signs_survive_printing),
	    cmocka_unit_test(test_first_configuration_needs_nothing_but_its_secret),
	    cmocka_unit_test(test_changes_that_need_a_restart_are_named),
	    cmocka_unit_test(test_sections_fit_their_records),
	    cmocka_unit_test(test_mail_addresses),
	    cmocka_unit_test(test_signing_secrets),
	    cmocka_unit_test(test_urls),
	};

	return cmocka_run_group_tests(tests, place_make, place_remove);
}
