/* What is a fault, and from when on. */
#include "api/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#define NOW "2026-11-23T12:00:00Z"

/* The kinds of faults of a status, "blocked dead", with the words of the first; the caller frees.
 */
static char *faults_of(const char *status_text, const char **ret_first)
{
	static char first[1000];
	json_t *status = json_loads(status_text, 0, NULL), *faults, *fault;
	char *kinds = calloc(1, 1000);
	instant now;
	size_t i;

	assert_non_null(status);
	assert_true(instant_parse(NOW, &now));
	faults = health_faults(status, now);
	first[0] = '\0';
	json_array_foreach(faults, i, fault)
	{
		if (i > 0)
			strcat(kinds, " ");
		else
			strncpy(first, json_string_value(json_object_get(fault, "text")),
				sizeof(first) - 1);
		strcat(kinds, json_string_value(json_object_get(fault, "kind")));
	}
	json_decref(faults);
	json_decref(status);
	*ret_first = first;
	return kinds;
}

static void test_each_fault_begins_where_it_should_and_says_what_to_do(void **state)
{
	static const struct {
		const char *status, *kinds, *says;
	} cases[] = {
	    {"{}", "", ""},
	    {"{\"blocked\":[{\"channel\":\"mail\",\"recipient\":null,\"since\":\"2026-11-23T08:30:"
	     "00Z\","
	     "\"reason\":\"smtp 535 no\"}]}",
	     "blocked",
	     "mail is blocked since 2026-11-23T08:30:00Z: smtp 535 no; mend it, then "
	     "'cadencectl outbox retry'"},
	    {"{\"blocked\":[{\"channel\":\"mail\",\"recipient\":\"a@b\",\"since\":\"x\",\"reason\":"
	     "\"y\"}]}",
	     "blocked", "mail to a@b is blocked"},
	    {"{\"dead\":1}", "dead",
	     "1 delivery is given up: see 'cadencectl outbox list', then retry or drop it"},
	    {"{\"dead\":2}", "dead", "2 deliveries are given up"},
	    {"{\"undelivered_since\":\"2026-11-23T08:00:01Z\"}", "", ""},
	    {"{\"undelivered_since\":\"2026-11-23T08:00:00Z\"}", "undelivered",
	     "undelivered since 2026-11-23T08:00:00Z"},
	    {"{\"undelivered_since\":\"2026-11-23T08:00:00Z\",\"deliver\":\"hold\"}", "", ""},
	    {"{\"next_look\":\"2026-11-23T11:50:01Z\"}", "", ""},
	    {"{\"next_look\":\"2026-11-23T11:50:00Z\"}", "stuck", "systemctl restart cadenced"},
	    {"{\"next_look\":null}", "", ""},
	    /* It cannot look, because the store fails: that is the fault. */
	    {"{\"next_look\":\"2026-11-23T11:50:00Z\",\"store_failed\":{\"since\":\"x\",\"reason\":"
	     "\"full\"}}",
	     "store", "since x the database cannot be used: full"},
	    {"{\"unheard\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}", "unheard",
	     "nobody hears of a, b, c and 2 more: "},
	    {"{\"unheard\":[],\"broken\":[]}", "", ""},
	    {"{\"broken\":[\"maria\"]}", "broken", "for maria; the warnings say why"},
	    {"{\"last_reload_error\":\"cadenced.conf:1: x\"}", "reload",
	     "cadenced.conf:1: x; correct it"},
	    {"{\"started\":\"2026-11-23T11:00:01Z\",\"backup\":{\"daily\":true,\"last\":null}}", "",
	     ""},
	    {"{\"started\":\"2026-11-23T11:00:00Z\",\"backup\":{\"daily\":true,\"last\":null}}",
	     "backup", "the last backup is none"},
	    {"{\"started\":\"2026-11-01T11:00:00Z\",\"backup\":{\"daily\":true,\"last\":\"2026-11-"
	     "22\"}}",
	     "", ""},
	    {"{\"started\":\"2026-11-01T11:00:00Z\",\"backup\":{\"daily\":true,\"last\":\"2026-11-"
	     "21\"}}",
	     "backup", "is of 2026-11-21; see the log"},
	    {"{\"started\":\"2026-11-01T11:00:00Z\",\"backup\":{\"daily\":false,\"last\":\"2026-01-"
	     "21\"}}",
	     "", ""},
	    {"{\"backup\":{\"failed\":\"no room\"}}", "backup",
	     "no room; mend that, then 'cadencectl backup'"},
	    {"{\"disk_free\":67108864}", "", ""},
	    {"{\"disk_free\":67108863}", "disk", "63 MiB left; make room"},
	    {"{\"heartbeat\":{\"failing\":\"http 404\"}}", "heartbeat", "(http 404)"},
	    {"{\"heartbeat\":null,\"backup\":null,\"store_failed\":null}", "", ""},
	    {"{\"dead\":1,\"disk_free\":0,\"blocked\":[{\"channel\":\"m\",\"since\":\"x\","
	     "\"reason\":\"y\"}]}",
	     "blocked dead disk", "m is blocked"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *first;
		char *kinds = faults_of(cases[i].status, &first);

		if (strcmp(kinds, cases[i].kinds) != 0 || !strstr(first, cases[i].says))
			fail_msg("%s: %s: %s", cases[i].status, kinds, first);
		free(kinds);
	}
}

static void test_the_heart_is_kept_back_by_what_keeps_us_from_what_we_are_for(void **state)
{
	static const struct {
		struct health_signs signs;
		const char *undelivered_since, *next_look, *reason;
	} cases[] = {
	    {{0}, NULL, NULL, NULL},
	    {{.store_fails = true}, NULL, NULL, "the database cannot be used"},
	    {{.broken = 1}, NULL, NULL, "a digest cannot be composed"},
	    {{.blocked = 1}, NULL, NULL, "a channel or an address is blocked"},
	    {{0}, "2026-11-23T08:00:01Z", NULL, NULL},
	    {{0}, "2026-11-23T08:00:00Z", NULL, "something has been undelivered for 4 hours"},
	    {{.hold = true}, "2026-11-23T08:00:00Z", NULL, NULL},
	    {{0}, NULL, "2026-11-23T11:50:01Z", NULL},
	    {{0}, NULL, "2026-11-24T11:50:01Z", NULL},
	    {{0}, NULL, "2026-11-23T11:50:00Z", "nobody has looked at what is due for 10 minutes"},
	    /* Also where nothing is meant to leave. */
	    {{.hold = true, .store_fails = true}, NULL, NULL, "the database cannot be used"},
	};
	instant now;

	(void)state;
	assert_true(instant_parse(NOW, &now));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct health_signs signs = cases[i].signs;
		const char *reason;

		signs.undelivered_since = signs.next_look = INSTANT_NEVER;
		if (cases[i].undelivered_since)
			assert_true(
			    instant_parse(cases[i].undelivered_since, &signs.undelivered_since));
		if (cases[i].next_look)
			assert_true(instant_parse(cases[i].next_look, &signs.next_look));
		reason = health_reason_to_hold(&signs, now);
		if (!cases[i].reason)
			assert_null(reason);
		else
			assert_string_equal(reason, cases[i].reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_fault_begins_where_it_should_and_says_what_to_do),
	    cmocka_unit_test(test_the_heart_is_kept_back_by_what_keeps_us_from_what_we_are_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
