/* Facts and answers: the small questions that everybody asks of them. */
#include "core/partner.h"

#include <string.h>

static const char *const names[ANSWERS] = {
    [ANSWER_OFF] = "off",   [ANSWER_SNOOZE] = "snooze", [ANSWER_ACK] = "ack",
    [ANSWER_PLAN] = "plan", [ANSWER_KEEP] = "keep",	[ANSWER_FIX] = "fix",
};

const char *answer_name(enum answer_kind kind)
{
	return names[kind];
}

bool answer_parse(const char *text, enum answer_kind *ret_kind)
{
	for (int i = 0; i < ANSWERS; i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret_kind = (enum answer_kind)i;
			return true;
		}
	}
	return false;
}

bool facts_have(const struct facts *facts, enum answer_kind kind)
{
	return facts->answers[kind].is_given && !facts->answers[kind].is_over;
}
