#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/path.h"

static void test_the_folder_of_a_path(void **state)
{
	static const char *const pairs[][2] = {
	    {"/var/lib/cadenced/cadenced.db", "/var/lib/cadenced"},
	    {"/cadenced.db", "/"},
	    {"cadenced.db", "."},
	    {"here/cadenced.db", "here"},
	    {"", "."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char *folder = path_folder(pairs[i][0]);

		assert_string_equal(folder, pairs[i][1]);
		free(folder);
	}
}

static void test_a_folder_that_is_not_there_cannot_be_synced(void **state)
{
	struct error err = {""};

	(void)state;
	assert_int_equal(path_sync_folder("/tmp/x", &err), STATUS_OK);
	assert_int_equal(path_sync_folder("/nowhere/at/all/x", &err), STATUS_FAILED);
	assert_string_equal(err.text, "/nowhere/at/all: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_folder_of_a_path),
	    cmocka_unit_test(test_a_folder_that_is_not_there_cannot_be_synced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
