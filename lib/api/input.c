/* Checks what a request says. */
#include "api/input.h"

#include <string.h>

#include "base/text.h"

#define FIELDS_MAX 16

static const char *const type_names[] = {
    [INPUT_TEXT] = "a text",
    [INPUT_WHOLE] = "a whole number",
    [INPUT_FLAG] = "true or false",
    [INPUT_LIST] = "a list",
};

/* How deeply arrays and objects nest, without building them. */
static size_t depth_of(const char *body, size_t len)
{
	size_t depth = 0, deepest = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		const char c = body[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '[' || c == '{'))
			depth++;
		else if (!quoted && (c == ']' || c == '}') && depth > 0)
			depth--;
		if (depth > deepest)
			deepest = depth;
	}
	return deepest;
}

/* jansson quotes the offending text near the fault; what a stranger wrote is not repeated unless it is clean. */
static void explain_syntax(const json_error_t *fault, struct error *err)
{
	char scratch[TEXT_FAULT_SIZE];
	const bool clean =
	    !text_check(fault->text, strlen(fault->text), TEXT_LINE, 0, sizeof(fault->text), scratch);

	error_set(err, "the body is not JSON: %s (line %d, column %d)",
		  clean ? fault->text : "it does not parse", fault->line, fault->column);
}

json_t *input_parse(const char *body, size_t len, struct error *err)
{
	json_error_t fault;
	json_t *object;

	if (len == 0)
		return json_object();
	if (depth_of(body, len) > INPUT_DEPTH_MAX) {
		error_set(err, "the body nests more than %d levels deep", INPUT_DEPTH_MAX);
		return NULL;
	}
	object = json_loadb(body, len, JSON_REJECT_DUPLICATES, &fault);
	if (!object) {
		explain_syntax(&fault, err);
		return NULL;
	}
	if (!json_is_object(object)) {
		error_set(err, "the body must be a JSON object");
		json_decref(object);
		return NULL;
	}
	return object;
}

static bool has_type(const json_t *value, enum input_type type)
{
	switch (type) {
	case INPUT_TEXT:
		return json_is_string(value);
	case INPUT_WHOLE:
		return json_is_integer(value);
	case INPUT_FLAG:
		return json_is_boolean(value);
	case INPUT_LIST:
		return json_is_array(value);
	}
	return false;
}

static enum status check_value(const struct input_field *field, const json_t *value,
			       struct error *err)
{
	if (!has_type(value, field->type))
		return error_fail(err, STATUS_INVALID, "%s must be %s", field->name,
				  type_names[field->type]);
	if (field->type == INPUT_TEXT && json_string_length(value) > field->max)
		return error_fail(err, STATUS_INVALID, "%s is longer than %zu bytes", field->name,
				  field->max);
	if (field->type == INPUT_LIST && json_array_size(value) > field->max)
		return error_fail(err, STATUS_TOO_BIG, "%s has more than %zu entries", field->name,
				  field->max);
	if (field->type == INPUT_WHOLE &&
	    (json_integer_value(value) < 0 || (size_t)json_integer_value(value) > field->max))
		return error_fail(err, STATUS_INVALID, "%s must lie between 0 and %zu", field->name,
				  field->max);
	return STATUS_OK;
}

static enum status unknown_member(const char *name, const struct input_field *fields, size_t count,
				  struct error *err)
{
	const char *names[FIELDS_MAX];
	int nearest;

	for (size_t i = 0; i < count; i++)
		names[i] = fields[i].name;
	nearest = text_is_id(name) ? text_nearest(name, names, count) : -1;
	if (nearest >= 0)
		return error_fail(err, STATUS_INVALID, "there is no member \"%s\"; did you mean %s?",
				  name, names[nearest]);
	return error_fail(err, STATUS_INVALID, "the object has a member that is not known here%s%s",
			  text_is_id(name) ? ": " : "", text_is_id(name) ? name : "");
}

static const struct input_field *find_field(const struct input_field *fields, size_t count,
					    const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

enum status input_check(const json_t *object, const struct input_field *fields, size_t count,
			struct error *err)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return error_fail(err, STATUS_INVALID, "an object was expected");
	json_object_foreach((json_t *)object, name, value)
	{
		const struct input_field *field = find_field(fields, count, name);
		enum status status;

		if (!field)
			return unknown_member(name, fields, count, err);
		/* null says as much as leaving it out. */
		status = json_is_null(value) ? STATUS_OK : check_value(field, value, err);
		if (status != STATUS_OK)
			return status;
	}
	for (size_t i = 0; i < count; i++) {
		value = json_object_get(object, fields[i].name);
		if (fields[i].required && (!value || json_is_null(value)))
			return error_fail(err, STATUS_INVALID, "%s is missing", fields[i].name);
	}
	return STATUS_OK;
}

const char *input_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

int64_t input_whole(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

bool input_flag(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

bool input_parse_whole(const char *text, int64_t max, int64_t *ret_number)
{
	int64_t number = 0;

	if (!text[0])
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		number = number * 10 + (*text - '0');
		if (number > max || number > INT64_MAX / 10 - 1)
			return false;
	}
	*ret_number = number;
	return true;
}
