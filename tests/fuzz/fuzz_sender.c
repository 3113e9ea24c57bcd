/* A From field, all of which is a stranger's. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "source/mime.h"
#include "source/sender.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool has_begun;
	struct arena *arena = arena_new();
	char *field = mem_strndup((const char *)data, size);
	const char *found;

	if (!has_begun)
		mime_begin();
	has_begun = true;
	found = sender_read(field, arena);
	if (found && (address_check_mail(found) || !strcasestr(field, found)))
		abort();
	free(field);
	arena_free(arena);
	return 0;
}
