/* An Authentication-Results field, most of which a stranger may have written. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "source/authres.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char *value = mem_strndup((const char *)data, size);
	const char *authserv, *dmarc;

	authres_read(value, arena, &authserv, &dmarc);
	if ((dmarc && !authserv) || (dmarc && !*dmarc) || (authserv && strpbrk(authserv, " ;\"(")))
		abort();
	free(value);
	arena_free(arena);
	return 0;
}
