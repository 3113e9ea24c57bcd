/* Who wrote a mail: forms that people's programs write, and forms that two parsers read
 * differently. */
#include "source/sender.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka wants the five above first */
#include <cmocka.h>

#include "source/mime.h"

static void finds_whom_programs_write(void **state)
{
	static const char *const fields[] = {
	    "maria@example.com",
	    " maria@EXAMPLE.com \r\n",
	    "<maria@example.com>",
	    "maria@example.com (Maria)",
	    "(Maria (of Acme)) maria@example.com",
	    "Maria Silva <maria@example.com>",
	    "Maria P. O'Silva <maria@example.com>",
	    "Maria Silva\r\n <maria@example.com>",
	    "\"Silva, Maria\" <maria@example.com>",
	    "\"Maria \\\"Mia\\\" Silva\" <maria@example.com> (Lisbon)",
	    "\"a@b <c>; d:\" <maria@example.com>",
	    "Mar\xc3\xad"
	    "a <maria@example.com>",
	    "=?utf-8?q?Mar=C3=ADa_Silva?= <maria@example.com>",
	    "=?utf-8?B?U2lsdmEsIE1hcmlh?= <maria@example.com>",
	    "maria@example.com <maria@example.com>",
	    "Maria@Example.com <maria@example.com>",
	    "\"maria@example.com\" <maria@example.com>",
	    "=?utf-8?q?maria=40example=2Ecom?= <maria@example.com>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct arena *arena = arena_new();
		const char *from = sender_read(fields[i], arena);

		if (!from)
			fail_msg("nobody is found in: %s", fields[i]);
		assert_string_equal(from, "maria@example.com");
		arena_free(arena);
	}
}

static void finds_nobody_where_two_may_be_meant(void **state)
{
	static const char *const fields[] = {
	    "",
	    "Maria",
	    "Maria maria@example.com",
	    "\"maria@example.com\"",
	    "maria@example.com, eve@example.net",
	    "Maria <maria@example.com>, Eve <eve@example.net>",
	    "Maria <maria@example.com> eve@example.net",
	    "Maria <maria@example.com> <eve@example.net>",
	    "<maria@example.com> Maria",
	    "eve@example.net <maria@example.com>",
	    "maria@example.com eve@example.net <maria@example.com>",
	    "<eve@example.net> <maria@example.com>",
	    "Eve <eve@example.net, maria@example.com>",
	    "Maria <@relay.example:maria@example.com>",
	    "Team: maria@example.com;",
	    "Maria (<eve@example.net>) <maria@example.com>",
	    "maria@example.com (eve@example.net)",
	    "maria@example.com (open",
	    "Maria <maria@example.com",
	    "Maria maria@example.com>",
	    "\"open <maria@example.com>",
	    "Maria [eve] <maria@example.com>",
	    "Eve\\ <maria@example.com>",
	    "<maria@example.com >",
	    "<maria@example.com(comment)>",
	    "<maria@[192.0.2.1]>",
	    "<maria@example.com\r\n\t>",
	    "Maria\x01 <maria@example.com>",
	    "Maria\r <maria@example.com>",
	    "=?utf-8?q?eve=40example=2Enet?= <maria@example.com>",
	    "=?utf-8?b?PGV2ZUBleGFtcGxlLm5ldD4=?= <maria@example.com>",
	    "\"=?utf-8?q?eve=40example.net?=\" <maria@example.com>",
	    "=?utf-7?q?+ADw-eve+AEA-example.net+AD4-?= <maria@example.com>",
	    "=?UTF-16?b?AGUAdgBlAEAAeA==?= <maria@example.com>",
	    "=?utf-8?q?Maria?= =?x-own?q?y?= <maria@example.com>",
	    "((((((((((deep)))))))))) maria@example.com",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct arena *arena = arena_new();
		const char *from = sender_read(fields[i], arena);

		if (from)
			fail_msg("%s is found in: %s", from, fields[i]);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_whom_programs_write),
	    cmocka_unit_test(finds_nobody_where_two_may_be_meant),
	};

	mime_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
