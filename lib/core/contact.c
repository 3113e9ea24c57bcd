/* Kinds and directions of contacts. */
#include "core/contact.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

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

/* What people call them otherwise. */
static const struct {
	const char *word;
	enum contact_kind kind;
} synonyms[] = {
    {"met", CONTACT_MEETING},	   {"visit", CONTACT_MEETING},	{"visited", CONTACT_MEETING},
    {"lunch", CONTACT_MEETING},	   {"called", CONTACT_CALL},	{"phone", CONTACT_CALL},
    {"phoned", CONTACT_CALL},	   {"telephone", CONTACT_CALL}, {"video", CONTACT_CALL},
    {"talked", CONTACT_CALL},	   {"spoke", CONTACT_CALL},	{"mail", CONTACT_EMAIL},
    {"mailed", CONTACT_EMAIL},	   {"e-mail", CONTACT_EMAIL},	{"wrote", CONTACT_EMAIL},
    {"letter", CONTACT_OTHER},	   {"chat", CONTACT_MESSAGE},	{"chatted", CONTACT_MESSAGE},
    {"messaged", CONTACT_MESSAGE}, {"sms", CONTACT_MESSAGE},	{"text", CONTACT_MESSAGE},
    {"texted", CONTACT_MESSAGE},   {"fair", CONTACT_EVENT},	{"conference", CONTACT_EVENT},
};

/* The first word of it says what it was: "called them". */
const char *contact_kind_near(const char *text)
{
	const size_t len = strcspn(text, " ");
	const char *names[CONTACT_KINDS];
	int nearest;

	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
		if (strlen(synonyms[i].word) == len &&
		    strncasecmp(text, synonyms[i].word, len) == 0)
			return kinds[synonyms[i].kind].name;
	for (size_t i = 0; i < CONTACT_KINDS; i++)
		names[i] = kinds[i].name;
	nearest = text_nearest(text, names, CONTACT_KINDS);
	return nearest < 0 ? NULL : names[nearest];
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
