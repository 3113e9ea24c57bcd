/* One table: the words of cadencectl, and those with which a digest asks. */
#include "source/verb.h"

#include <string.h>

#include "base/text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* log has a kind behind it. */
static const struct verb verbs[] = {
    {"meeting", COMMAND_LOG, CONTACT_MEETING}, {"call", COMMAND_LOG, CONTACT_CALL},
    {"event", COMMAND_LOG, CONTACT_EVENT},     {"email", COMMAND_LOG, CONTACT_EMAIL},
    {"e-mail", COMMAND_LOG, CONTACT_EMAIL},    {"message", COMMAND_LOG, CONTACT_MESSAGE},
    {"other", COMMAND_LOG, CONTACT_OTHER},     {"log", COMMAND_LOG, VERB_NO_KIND},
    {"yes", COMMAND_YES, VERB_NO_KIND},	       {"no", COMMAND_NO, VERB_NO_KIND},
    {"noshow", COMMAND_NO, VERB_NO_KIND},      {"moved", COMMAND_MOVED, VERB_NO_KIND},
    {"plan", COMMAND_MOVED, VERB_NO_KIND},     {"snooze", COMMAND_SNOOZE, VERB_NO_KIND},
    {"ack", COMMAND_ACK, VERB_NO_KIND},	       {"off", COMMAND_OFF, VERB_NO_KIND},
    {"why", COMMAND_WHY, VERB_NO_KIND},
};

const struct verb *verb_at(const struct line *line, size_t index)
{
	const char *bare = line_bare(line, index);

	for (size_t i = 0; i < COUNT(verbs); i++)
		if (strcmp(bare, verbs[i].word) == 0)
			return &verbs[i];
	return NULL;
}

bool verb_is_in(const struct line *line)
{
	for (size_t i = 0; i < line->count; i++)
		if (verb_at(line, i))
			return true;
	return false;
}

const char *verb_nearest(const char *bare)
{
	const char *words[COUNT(verbs)];
	int nearest;

	for (size_t i = 0; i < COUNT(verbs); i++)
		words[i] = verbs[i].word;
	nearest = *bare ? text_nearest(bare, words, COUNT(words)) : -1;
	return nearest >= 0 ? words[nearest] : NULL;
}

int number_at(const struct line *line, size_t index)
{
	const char *bare = line_bare(line, index);
	int64_t number;

	if (*bare == '#')
		bare++;
	if (!text_parse_number(bare, &number) || number < 1 || number > COMMAND_NUMBER_MAX)
		return 0;
	return (int)number;
}

bool verb_begins(const struct line *line)
{
	const size_t second = line_skip_dashes(line, 1);

	return (number_at(line, 0) && verb_at(line, second)) ||
	       (verb_at(line, 0) && number_at(line, second));
}
