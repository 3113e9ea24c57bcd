/* JSON strings that cannot fail: a name that jansson would refuse must not make a message
 * disappear. */
#include "message/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static json_t *repaired_text(const char *text)
{
	struct buf repaired = buf_make(SIZE_MAX);
	char bytes[5];

	while (*text != '\0') {
		const uint32_t code_point = text_next(&text);

		buf_add(&repaired, bytes, text_encode(code_point, bytes));
	}
	json_t *value = json_string_nocheck(buf_text(&repaired));
	buf_free(&repaired);
	return value;
}

json_t *json_text(const char *text)
{
	json_t *value = json_string(text);

	return value != NULL ? value : repaired_text(text);
}

void json_set_text(json_t *object, const char *key, const char *text)
{
	if (text != NULL)
		(void)json_object_set_new_nocheck(object, key, json_text(text));
}

char *json_line(const json_t *value)
{
	char *line = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	return line != NULL ? line : mem_strdup("null");
}

size_t json_size(const json_t *value)
{
	char *line = json_line(value);
	const size_t size = strlen(line);

	free(line);
	return size;
}

void json_write(const json_t *value, struct buf *out)
{
	char *line = json_line(value);

	buf_adds(out, line);
	free(line);
}
