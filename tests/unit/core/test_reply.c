/* Tokens that nobody can make but we, and the addresses that carry them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/reply.h"

#define REPLY_TO "cadence@example.com"

static struct reply_keys keys_of(uint8_t first, uint8_t second)
{
	struct reply_keys keys = {.count = second ? 2 : 1};

	memset(keys.keys[0], first, REPLY_KEY_SIZE);
	memset(keys.keys[1], second, REPLY_KEY_SIZE);
	return keys;
}

static void test_a_token_says_which_mail_it_is_of(void **state)
{
	const int64_t ids[] = {1, 2, 255, 256, 1000000, REPLY_ID_MAX};
	const struct reply_keys keys = keys_of(7, 0);
	char token[REPLY_TOKEN_SIZE];
	int64_t id;

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		reply_token_write(&keys, ids[i], token);
		assert_int_equal(strlen(token), REPLY_TOKEN_CHARS);
		assert_int_equal(strspn(token, "abcdefghijklmnopqrstuvwxyz234567"),
				 REPLY_TOKEN_CHARS);
		assert_true(reply_token_read(&keys, token, &id));
		assert_int_equal(id, ids[i]);
	}
}

/* RFC 2104 and RFC 4648, computed with Python's hmac and base64: so that a token of today is one
 * tomorrow. */
static void test_a_token_is_what_the_standards_make_of_it(void **state)
{
	const struct reply_keys keys = keys_of(7, 0);
	char token[REPLY_TOKEN_SIZE];

	(void)state;
	reply_token_write(&keys, 1000000, token);
	assert_string_equal(token, "aaaa6qsawswstdmy3v2lmomz");
}

static void test_a_token_with_one_character_changed_is_none(void **state)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	const struct reply_keys keys = keys_of(7, 9);
	char token[REPLY_TOKEN_SIZE];
	int64_t id = -1;

	(void)state;
	reply_token_write(&keys, 1234, token);
	for (size_t i = 0; i < REPLY_TOKEN_CHARS; i++) {
		const char right = token[i];

		for (const char *c = digits; *c; c++) {
			token[i] = *c;
			assert_int_equal(reply_token_read(&keys, token, &id), *c == right);
		}
		token[i] = right;
	}
	assert_int_equal(id, 1234);
}

static void test_a_token_that_is_cut_or_longer_is_none(void **state)
{
	const struct reply_keys keys = keys_of(7, 0);
	char token[REPLY_TOKEN_SIZE + 1];
	int64_t id;

	(void)state;
	reply_token_write(&keys, 1234, token);
	strcat(token, "a");
	assert_false(reply_token_read(&keys, token, &id));
	for (size_t len = 0; len < REPLY_TOKEN_CHARS; len++) {
		token[REPLY_TOKEN_CHARS - 1 - len] = '\0';
		assert_false(reply_token_read(&keys, token, &id));
	}
	assert_false(reply_token_read(&keys, "aaaaaaaaaaaaaaaaaaaaaaa1", &id));
}

static void test_two_keys_are_live_and_no_third(void **state)
{
	const struct reply_keys old = keys_of(1, 0), both = keys_of(2, 1), later = keys_of(3, 2);
	char token[REPLY_TOKEN_SIZE];
	int64_t id;

	(void)state;
	reply_token_write(&old, 5, token);
	assert_true(reply_token_read(&both, token, &id));
	assert_false(reply_token_read(&later, token, &id));
	reply_token_write(&both, 5, token);
	assert_false(reply_token_read(&old, token, &id));
}

static void test_an_address_carries_its_token_whatever_the_case(void **state)
{
	const struct reply_keys keys = keys_of(7, 0);
	struct arena *arena = arena_new();
	char token[REPLY_TOKEN_SIZE], got[REPLY_TOKEN_SIZE];
	const char *address;
	char *loud;
	int64_t id;

	(void)state;
	reply_token_write(&keys, 42, token);
	address = reply_address_write(arena, REPLY_TO, token);
	assert_true(reply_address_read(REPLY_TO, address, got));
	assert_string_equal(got, token);
	loud = arena_strdup(arena, address);
	for (char *c = loud; *c; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
	assert_true(reply_address_read(REPLY_TO, loud, got));
	assert_true(reply_token_read(&keys, got, &id));
	assert_int_equal(id, 42);
	arena_free(arena);
}

static void test_other_addresses_carry_none(void **state)
{
	static const char *const others[] = {
	    "",
	    "cadence@example.com",
	    "cadence+r.@example.com",
	    "cadence+r.aaaaaaaaaaaaaaaaaaaaaaa@example.com",
	    "cadence+r.aaaaaaaaaaaaaaaaaaaaaaaaa@example.com",
	    "cadence+x.aaaaaaaaaaaaaaaaaaaaaaaa@example.com",
	    "cadencf+r.aaaaaaaaaaaaaaaaaaaaaaaa@example.com",
	    "cadence+r.aaaaaaaaaaaaaaaaaaaaaaaa@example.net",
	    "cadence+r.aaaaaaaaaaaaaaaaaaaaaaaa@example.com.evil.example",
	};
	char token[REPLY_TOKEN_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(reply_address_read(REPLY_TO, others[i], token));
}

static void test_what_stands_before_the_at_has_room(void **state)
{
	(void)state;
	assert_int_equal(REPLY_LOCAL_MAX + strlen("+r.") + REPLY_TOKEN_CHARS, 64);
}

static void test_addresses_are_one_but_for_the_case_of_the_domain(void **state)
{
	(void)state;
	assert_true(reply_address_same("maria@example.com", "maria@EXAMPLE.com"));
	assert_false(reply_address_same("maria@example.com", "Maria@example.com"));
	assert_false(reply_address_same("maria@example.com", "maria@example.org"));
	assert_false(reply_address_same("maria@example.com", "aria@example.com"));
	assert_false(reply_address_same("maria", "maria"));
	assert_false(reply_address_same("maria@example.com", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_token_says_which_mail_it_is_of),
	    cmocka_unit_test(test_a_token_is_what_the_standards_make_of_it),
	    cmocka_unit_test(test_a_token_with_one_character_changed_is_none),
	    cmocka_unit_test(test_a_token_that_is_cut_or_longer_is_none),
	    cmocka_unit_test(test_two_keys_are_live_and_no_third),
	    cmocka_unit_test(test_an_address_carries_its_token_whatever_the_case),
	    cmocka_unit_test(test_other_addresses_carry_none),
	    cmocka_unit_test(test_what_stands_before_the_at_has_room),
	    cmocka_unit_test(test_addresses_are_one_but_for_the_case_of_the_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
