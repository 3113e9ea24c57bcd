/* Names and types of what a request says. */
#include "api/member.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "core/contact.h"

static const struct {
	const char *right;
	int64_t min, max; /* of a number */
} types[MEMBER_TYPES] = {
    [MEMBER_WORD] = {"a text", 0, 0},
    [MEMBER_TEXT] = {"a text", 0, 0},
    [MEMBER_NUMBER] = {"a whole number", 0, INT64_MAX},
    [MEMBER_MINUTES] = {"a whole number", 0, CONTACT_MINUTES_MAX},
    [MEMBER_PAGE] = {"a whole number", 1, MEMBER_PAGE_MAX},
    [MEMBER_FLAG] = {"true or false", 0, 0},
    [MEMBER_SWITCH] = {"1 or 0", 0, 1},
    [MEMBER_ROWS] = {"an array", 0, 0},
};

void member_describe(enum member_type type, struct buf *out)
{
	buf_adds(out, types[type].right);
	if (types[type].max > 0 && types[type].max < INT64_MAX && type != MEMBER_SWITCH)
		buf_addf(out, " from %lld to %lld", (long long)types[type].min,
			 (long long)types[type].max);
}

const char *member_string(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static bool read_number(const json_t *value, int64_t *ret)
{
	if (json_is_string(value))
		return text_parse_number(json_string_value(value), ret);
	*ret = json_integer_value(value);
	return json_is_integer(value);
}

int64_t member_number(const json_t *object, const char *name, int64_t otherwise)
{
	int64_t number;

	return read_number(json_object_get(object, name), &number) ? number : otherwise;
}

static const char *kind_of(const json_t *value)
{
	static const char *const names[] = {
	    [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "that text",
	    [JSON_INTEGER] = "a number", [JSON_REAL] = "a number",  [JSON_TRUE] = "true",
	    [JSON_FALSE] = "false",	 [JSON_NULL] = "null"};

	return names[json_typeof(value)];
}

static enum status check_number(const struct member *member, const json_t *value, struct error *err)
{
	const int64_t min = types[member->type].min, max = types[member->type].max;
	int64_t number;

	if (read_number(value, &number) && number >= min && number <= max)
		return STATUS_OK;
	if (max == INT64_MAX)
		return error_fail(err, STATUS_INVALID, "%s: must be a whole number", member->name);
	return error_fail(err, STATUS_INVALID, "%s: must be a whole number from %lld to %lld",
			  member->name, (long long)min, (long long)max);
}

static enum status check_word(const struct member *member, const json_t *value, struct error *err)
{
	char scratch[TEXT_FAULT_SIZE];
	const char *fault = text_check(json_string_value(value), json_string_length(value),
				       TEXT_LINE, 0, MEMBER_WORD_MAX, scratch);

	return fault ? error_fail(err, STATUS_INVALID, "%s %s", member->name, fault) : STATUS_OK;
}

static enum status check_value(const struct member *member, const json_t *value, struct error *err)
{
	bool right = false;

	switch (member->type) {
	case MEMBER_NUMBER:
	case MEMBER_MINUTES:
	case MEMBER_PAGE:
		return check_number(member, value, err);
	case MEMBER_WORD:
		if (json_is_string(value))
			return check_word(member, value, err);
		break;
	case MEMBER_SWITCH:
		right = json_is_string(value) && (strcmp(json_string_value(value), "1") == 0 ||
						  strcmp(json_string_value(value), "0") == 0);
		break;
	case MEMBER_TEXT:
		right = json_is_string(value);
		break;
	case MEMBER_FLAG:
		right = json_is_boolean(value);
		break;
	case MEMBER_ROWS:
		right = json_is_array(value);
		break;
	case MEMBER_TYPES:
		break;
	}
	return right ? STATUS_OK
		     : error_fail(err, STATUS_INVALID, "%s: must be %s, not %s", member->name,
				  types[member->type].right, kind_of(value));
}

static enum status refuse_name(const struct member *members, const char *what, const char *name,
			       struct error *err)
{
	const char *names[MEMBERS_MAX];
	size_t count = 0;
	int nearest;

	for (; count < MEMBERS_MAX && members[count].name; count++)
		names[count] = members[count].name;
	if (!text_is_id(name))
		return error_fail(err, STATUS_INVALID,
				  "there is a %s that is not known here: its name is no name",
				  what);
	nearest = text_nearest(name, names, count);
	if (nearest < 0)
		return error_fail(err, STATUS_INVALID, "there is a %s that is not known here: %s",
				  what, name);
	return error_fail(err, STATUS_INVALID, "there is no %s \"%s\" here; did you mean %s?", what,
			  name, names[nearest]);
}

enum status member_check(const struct member *members, const char *what, const json_t *object,
			 struct error *err)
{
	enum status status = STATUS_OK;
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value)
	{
		const struct member *member = members;

		while (member->name && strcmp(member->name, name) != 0)
			member++;
		status = member->name ? check_value(member, value, err)
				      : refuse_name(members, what, name, err);
		if (status != STATUS_OK)
			break;
	}
	return status;
}
