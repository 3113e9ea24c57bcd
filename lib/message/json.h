/* Small helpers for writing JSON with jansson. */
#ifndef CADENCE_MESSAGE_JSON_H
#define CADENCE_MESSAGE_JSON_H

#include <jansson.h>

#include "base/buf.h"

/* Any text as a JSON string: malformed UTF-8 becomes U+FFFD instead of a failure. text may not be
 * NULL. */
json_t *json_text(const char *text);
/* Sets object[key] unless text is NULL. */
void json_set_text(json_t *object, const char *key, const char *text);
/* One line of JSON, keys in the order in which they were set; the caller frees. */
char *json_line(const json_t *value);
/* The same, appended to out. */
void json_write(const json_t *value, struct buf *out);
/* Bytes of that line. */
size_t json_size(const json_t *value);

#endif
