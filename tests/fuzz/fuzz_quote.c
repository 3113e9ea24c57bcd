/* The text of a mail without its quotes; the first byte says how it flows, and whether it is HTML.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "source/charset.h"
#include "source/hypertext.h"
#include "source/quote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t how = size > 0 ? data[0] : 0;
	struct arena *arena = arena_new();
	char *raw = mem_strndup((const char *)data + (size > 0), size - (size > 0));
	const char *text = how & 4 ? hypertext_read(raw, strlen(raw), arena) : raw;
	char scratch[TEXT_FAULT_SIZE];

	text = charset_cleaned(text, arena);
	text = quote_strip(text, (struct flow){.flowed = how & 1, .delsp = how & 2}, arena);
	if (text_check(text, strlen(text), TEXT_NOTE, 0, SIZE_MAX, scratch) || *text == '\n')
		abort();
	free(raw);
	arena_free(arena);
	return 0;
}
