/* What answers look like in JSON. */
#include "api/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static void test_reason_is_never_lost(void **state)
{
	static const struct {
		const char *reason, *shown;
	} rows[] = {{NULL, ""},
		    {"", ""},
		    {"no é", "no é"},
		    {"half \xc3", "half \xef\xbf\xbd"},
		    {"\xff and more", "\xef\xbf\xbd and more"}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *text = shape_reason(rows[i].reason);

		assert_string_equal(json_string_value(text), rows[i].shown);
		json_decref(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reason_is_never_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
