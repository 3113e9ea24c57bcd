/* What a hostile worker says to the daemon. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "source/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read again, what was read is the same. */
static void check_again(const struct letter *letter, const uint8_t *data, size_t size,
			struct arena *arena)
{
	struct buf out = buf_make(WIRE_FRAME_MAX + WIRE_HEAD);

	if (letter->from && address_check_mail(letter->from))
		abort();
	if (strlen(letter->text) > LETTER_TEXT_MAX || letter->recipient_count > LETTER_NAMES_MAX)
		abort();
	wire_write_letter(&out, letter);
	if (out.overflowed || out.len != size + WIRE_HEAD ||
	    memcmp(out.data + WIRE_HEAD, data, size) != 0)
		abort();
	buf_free(&out);
	(void)arena;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct letter letter;
	const char *fault;

	if (wire_read(data, size, arena, &letter, &fault) && !fault)
		check_again(&letter, data, size, arena);
	arena_free(arena);
	return 0;
}
