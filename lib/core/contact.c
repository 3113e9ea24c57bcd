/* Kinds and directions of contacts. */
#include "core/contact.h"

#include <stddef.h>
#include <strings.h>

static const struct {
	const char *name;
	bool counts_unanswered; /* it was a contact even when it only went out */
} kinds[CONTACT_KINDS] = {
    [CONTACT_MEETING] = {"meeting", true},  [CONTACT_CALL] = {"call", false},
    [CONTACT_EVENT] = {"event", true},	    [CONTACT_EMAIL] = {"email", false},
    [CONTACT_MESSAGE] = {"message", false}, [CONTACT_OTHER] = {"other", true},
};

static const char *const directions[DIRECTIONS] = {"both", "in", "out"};

bool contact_counts(enum contact_kind kind, enum contact_direction direction)
{
	return kinds[kind].counts_unanswered || direction != DIRECTION_OUT;
}

const char *contact_kind_name(enum contact_kind kind)
{
	return kinds[kind].name;
}

bool contact_kind_parse(const char *text, enum contact_kind *ret_kind)
{
	for (size_t i = 0; i < CONTACT_KINDS; i++) {
		if (strcasecmp(text, kinds[i].name) == 0) {
			*ret_kind = (enum contact_kind)i;
			return true;
		}
	}
	return false;
}

const char *contact_direction_name(enum contact_direction direction)
{
	return directions[direction];
}

bool contact_direction_parse(const char *text, enum contact_direction *ret_direction)
{
	for (size_t i = 0; i < DIRECTIONS; i++) {
		if (strcasecmp(text, directions[i]) == 0) {
			*ret_direction = (enum contact_direction)i;
			return true;
		}
	}
	return false;
}

const char *contact_kind_names(void)
{
	return "meeting call event email message other";
}
