/* A whole mail, as the worker reads it: GMime, charsets, HTML, quotes, and the frame it writes. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "source/mime.h"
#include "source/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct charsets *charsets;
	struct arena *arena = arena_new();
	struct buf out = buf_make(WIRE_FRAME_MAX + WIRE_HEAD);
	struct letter letter, read;
	const char *fault;

	if (!charsets) {
		charsets = charsets_open();
		mime_begin();
	}
	if (!mime_read((const char *)data, size, charsets, arena, &letter)) {
		wire_write_letter(&out, &letter);
		/* What the worker writes of any mail the daemon has to believe. */
		if (out.overflowed ||
		    !wire_read(out.data + WIRE_HEAD, out.len - WIRE_HEAD, arena, &read, &fault) ||
		    fault)
			abort();
	}
	buf_free(&out);
	arena_free(arena);
	return 0;
}
