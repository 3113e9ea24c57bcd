/* Which route a path finds, and what a body may say. */
#include "api/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static void expect_route(const char *method, const char *path, const char *pattern, const char *id)
{
	char *found_id = NULL;
	const struct route *route = route_find(method, path, &found_id);

	if (!pattern) {
		assert_null(route);
		return;
	}
	assert_non_null(route);
	assert_string_equal(route->path, pattern);
	if (id)
		assert_string_equal(found_id, id);
	else
		assert_null(found_id);
	free(found_id);
}

static void test_path_finds_its_route_and_id(void **state)
{
	(void)state;
	expect_route("GET", "/v1/status", "/v1/status", NULL);
	expect_route("GET", "/v1/partners/acme", "/v1/partners/{id}", "acme");
	expect_route("GET", "/v1/partners/acme/why", "/v1/partners/{id}/why", "acme");
	expect_route("POST", "/v1/outbox/retry", "/v1/outbox/retry", NULL);
	expect_route("POST", "/v1/outbox/12/retry", "/v1/outbox/{id}/retry", "12");
}

static void test_escaped_id_is_decoded_once(void **state)
{
	(void)state;
	expect_route("GET", "/v1/partners/a%2Ab", "/v1/partners/{id}", "a*b");
	expect_route("GET", "/v1/partners/a%252Ab", "/v1/partners/{id}", "a%2Ab");
	expect_route("GET", "/v1/partners/a%00b", "/v1/partners/{id}", "a%00b");
	expect_route("GET", "/v1/partners/a%2", "/v1/partners/{id}", "a%2");
	expect_route("GET", "/v1/partners/a%", "/v1/partners/{id}", "a%");
}

static void test_other_paths_and_methods_find_none(void **state)
{
	char path[1024] = "/v1/partners/";

	(void)state;
	memset(path + strlen(path), 'x', 900);
	expect_route("GET", path, NULL, NULL);
	expect_route("GET", "/v1/partners/", NULL, NULL);
	expect_route("GET", "/v1/partners/a/b", NULL, NULL);
	expect_route("GET", "/v1/partners//why", NULL, NULL);
	expect_route("GET", "/v1/status/", NULL, NULL);
	expect_route("GET", "", NULL, NULL);
	expect_route("POST", "/v1/status", NULL, NULL);
	expect_route("", "/v1/status", NULL, NULL);
}

static enum status check(const char *path, const char *text, struct error *err)
{
	char *id = NULL;
	const struct route *route = route_find("POST", path, &id);
	json_t *body = json_loads(text, 0, NULL);
	const enum status status = member_check(route->members, "member", body, err);

	json_decref(body);
	free(id);
	return status;
}

static void test_misspelt_member_is_refused_with_the_nearest(void **state)
{
	struct error err = {""};

	(void)state;
	assert_int_equal(
	    check("/v1/partners/acme/contacts", "{\"kind\":\"call\",\"dirction\":\"out\"}", &err),
	    STATUS_INVALID);
	assert_non_null(strstr(err.text, "did you mean direction"));
	assert_int_equal(check("/v1/outbox/retry", "{\"id\":3}", &err), STATUS_INVALID);
	assert_int_equal(
	    check("/v1/partners/acme/contacts", "{\"kind\":\"call\",\"minutes\":3}", &err),
	    STATUS_OK);
}

static void test_member_of_another_type_is_refused_by_its_name(void **state)
{
	static const struct {
		const char *path, *body, *reason;
	} rows[] = {
	    {"/v1/import/contacts", "{\"dry_run\":\"yes\"}", "dry_run: must be true or false"},
	    {"/v1/import/contacts", "{\"dry_run\":1}", "dry_run: must be true or false"},
	    {"/v1/import/contacts", "{\"rows\":{}}", "rows: must be an array"},
	    {"/v1/partners/a/contacts", "{\"day\":20261103}", "day: must be a text"},
	    {"/v1/partners/a/contacts", "{\"day\":null}", "day: must be a text, not null"},
	    {"/v1/partners/a/contacts", "{\"note\":123}", "note: must be a text, not a number"},
	    {"/v1/partners/a/contacts", "{\"minutes\":1.5}", "minutes: must be a whole number"},
	    {"/v1/partners/a/contacts", "{\"minutes\":true}", "minutes: must be a whole number"},
	    {"/v1/partners/a/contacts", "{\"minutes\":\"1h\"}", "minutes: must be a whole number"},
	    {"/v1/partners/a/contacts", "{\"minutes\":-1}", "from 0 to 10080"},
	    {"/v1/partners/a/contacts", "{\"ext_id\":[\"x\"]}",
	     "ext_id: must be a text, not an array"},
	    {"/v1/partners/a/contacts", "{\"direction\":3}", "direction: must be a text"},
	    {"/v1/partners/a/contacts", "{\"kind\":\"\\u202e\"}", "kind holds a bidirectional"},
	    {"/v1/partners/a/contacts", "{\"kind\":\"\\u001b[31m\"}", "kind holds a control"},
	    {"/v1/partners/a/snooze", "{\"until\":{}}", "until: must be a text, not an object"},
	    {"/v1/channels/a/test", "{\"to\":5}", "to: must be a text, not a number"},
	    {"/v1/reload", "{\"yes\":\"no\"}", "yes: must be true or false"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error err = {""};

		assert_int_equal(check(rows[i].path, rows[i].body, &err), STATUS_INVALID);
		if (!strstr(err.text, rows[i].reason))
			fail_msg("%s: %s", rows[i].body, err.text);
	}
}

static void test_right_members_are_taken(void **state)
{
	static const char *const bodies[] = {
	    "{\"kind\":\"call\",\"day\":\"2026-11-03\",\"minutes\":\"15\",\"note\":\"é\\n\"}",
	    "{\"minutes\":0}",
	    "{\"minutes\":10080}",
	    "{}",
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_int_equal(check("/v1/partners/a/contacts", bodies[i], &err), STATUS_OK);
}

static void test_hostile_member_name_is_not_repeated(void **state)
{
	struct error err = {""};

	(void)state;
	assert_int_equal(check("/v1/reload", "{\"\\u001b[31m\":1}", &err), STATUS_INVALID);
	assert_null(strchr(err.text, '\x1b'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_path_finds_its_route_and_id),
	    cmocka_unit_test(test_escaped_id_is_decoded_once),
	    cmocka_unit_test(test_other_paths_and_methods_find_none),
	    cmocka_unit_test(test_misspelt_member_is_refused_with_the_nearest),
	    cmocka_unit_test(test_member_of_another_type_is_refused_by_its_name),
	    cmocka_unit_test(test_right_members_are_taken),
	    cmocka_unit_test(test_hostile_member_name_is_not_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
