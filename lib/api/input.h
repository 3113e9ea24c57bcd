/* Input: what a request may say, checked before anything is done with it.
 *
 * A member nobody knows is an error with the nearest name, never ignored: a misspelt "direction" must not log a contact
 * that counts. Pure. */
#ifndef CADENCE_API_INPUT_H
#define CADENCE_API_INPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define INPUT_DEPTH_MAX 8 /* nested arrays and objects in a body */

enum input_type { INPUT_TEXT, INPUT_WHOLE, INPUT_FLAG, INPUT_LIST };

/* One member. A text's max is in bytes, a list's in entries; a whole number lies in 0..max. */
struct input_field {
	const char *name;
	enum input_type type;
	size_t max;
	bool required;
};

/* Parses a body into an object; an empty one is {}. NULL with a reason when it is not an object, not JSON, or nested
 * too deeply. The caller gives the reference back. */
json_t *input_parse(const char *body, size_t len, struct error *err);
/* Whether the object has the required members, and no other than these, each of its type and size. */
enum status input_check(const json_t *object, const struct input_field *fields, size_t count,
			struct error *err) MUST_USE;
/* A member that was checked; NULL, -1 or false when it is not there. The text lives as long as the object. */
const char *input_text(const json_t *object, const char *name);
int64_t input_whole(const json_t *object, const char *name);
bool input_flag(const json_t *object, const char *name);
/* Digits only, in 0..max. */
bool input_parse_whole(const char *text, int64_t max, int64_t *ret_number);

#endif
