/* The new text of an answer, as lines with commands in them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "source/charset.h"
#include "source/command.h"

#define TODAY 20782 /* 2026-11-25 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct command *c, size_t line_before)
{
	char scratch[TEXT_FAULT_SIZE];

	if (c->line <= line_before || !c->said || (c->verb == COMMAND_NONE) != (c->fault != NULL))
		abort();
	if (c->number < 0 || c->number > COMMAND_NUMBER_MAX)
		abort();
	if (c->verb < COMMAND_AWAY && (c->number > 0) == (c->name != NULL))
		abort();
	if (c->name && text_check(c->name, strlen(c->name), TEXT_LINE, 1, TEXT_NAME_MAX, scratch))
		abort();
	if (c->note && text_check(c->note, strlen(c->note), TEXT_LINE, 1, TEXT_NOTE_MAX, scratch))
		abort();
	if (c->verb == COMMAND_LOG && c->day != DAY_NEVER && c->day > TODAY)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char *raw = mem_strndup((const char *)data, size);
	/* The daemon sees only what the wire lets through. */
	const char *text = charset_cleaned(raw, arena);
	size_t count;
	const struct command *commands = commands_read(text, TODAY, arena, &count);

	for (size_t i = 0; i < count; i++)
		check(&commands[i], i ? commands[i - 1].line : 0);
	free(raw);
	arena_free(arena);
	return 0;
}
