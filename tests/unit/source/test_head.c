/* Where a head ends, and what makes a mail known again. */
#include "source/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka wants the five above first */
#include <cmocka.h>
#include <string.h>

static void ends_at_the_empty_line(void **state)
{
	static const struct {
		const char *mail;
		size_t length;
	} cases[] = {{"", 0},
		     {"\nbody", 0},
		     {"\r\nbody", 0},
		     {"A: b", 4},
		     {"A: b\n", 5},
		     {"A: b\n\nbody\n\n", 5},
		     {"A: b\r\n\r\nbody", 6},
		     {"A: b\n \n\nbody", 7},
		     {"A: b\n\rC: d\n\n", 11}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(head_length(cases[i].mail, strlen(cases[i].mail)),
				 cases[i].length);
}

static void knows_an_envelope_line(void **state)
{
	(void)state;
	assert_int_equal(head_envelope("From a@b Mon\nTo: c\n", 19), 13);
	assert_int_equal(head_envelope("From: a@b\n", 10), 0);
	assert_int_equal(head_envelope("From a", 6), 6);
	assert_int_equal(head_envelope("Fro", 3), 0);
}

static bool are_same(const char *one, const char *other)
{
	char a[SHA256_HEX_SIZE], b[SHA256_HEX_SIZE];

	head_fingerprint(one, strlen(one), a);
	head_fingerprint(other, strlen(other), b);
	return strcmp(a, b) == 0;
}

#define MAIL "From: maria@example.com\nSubject: Re:\n 4 partners\nDate: Mon\n\n1 call\n\n2 yes\n"

static void each_way_and_each_try_is_the_same_mail(void **state)
{
	(void)state;
	assert_true(are_same(MAIL, MAIL));
	assert_true(are_same(MAIL, "From maria@example.com Mon Nov 23\n" MAIL));
	assert_true(
	    are_same(MAIL, "Return-Path: <m>\nDelivered-To: c\nReceived: by x\n\tat 9\n" MAIL));
	assert_true(are_same(MAIL, "From: maria@example.com\r\nSubject: Re:\r\n 4 partners\r\n"
				   "Date: Mon\r\n\r\n1 call\r\n\r\n2 yes\r\n"));
}

static void another_word_is_another_mail(void **state)
{
	(void)state;
	assert_false(are_same(MAIL, MAIL "3 no\n"));
	assert_false(are_same(MAIL, "From: maria@example.com\nSubject: Re:\n 5 partners\nDate: "
				    "Mon\n\n1 call\n\n2 yes\n"));
	assert_false(are_same(MAIL, "To: x\n" MAIL));
	/* What stands in the body is no field. */
	assert_false(are_same("A: b\n\nReceived: x\n", "A: b\n\nReceived: y\n"));
	assert_false(are_same("", "\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ends_at_the_empty_line),
	    cmocka_unit_test(knows_an_envelope_line),
	    cmocka_unit_test(each_way_and_each_try_is_the_same_mail),
	    cmocka_unit_test(another_word_is_another_mail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
