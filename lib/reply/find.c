/* Finds partners by number and by name. What could be two is asked back, and what is nearly one is
 * only proposed. */
#include "reply/find.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

#define START_MIN    3	/* bytes of a name that may stand for the whole */
#define PROPOSED_MAX 5	/* partners that are named when several may be meant */
#define NAME_MAX     80 /* code points of a name that is repeated */

static bool is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (unsigned char)c >= 0x80;
}

/* Words with which sentences begin stand for nobody: the call yesterday. */
static bool is_small_word(const char *name)
{
	static const char *const words[] = {"the", "our", "your", "his",  "her", "its", "and",
					    "for", "one", "all",  "new",  "any", "der", "die",
					    "das", "den", "ein",  "eine", "les", "los", "las",
					    "une", "uma", "mit",  NULL};

	for (size_t i = 0; words[i]; i++)
		if (strcasecmp(words[i], name) == 0)
			return true;
	return false;
}

/* ---- how well a name fits, the best first ---- */

static bool is_whole(const char *text, const char *name)
{
	return strcasecmp(text, name) == 0;
}

/* "elbe" for "Elbe Systems" */
static bool begins_with_words(const char *text, const char *name)
{
	const size_t len = strlen(name);

	return strncasecmp(text, name, len) == 0 && !is_word_byte(text[len]) &&
	       !is_small_word(name);
}

/* "bor" for "Borealis" */
static bool begins_with(const char *text, const char *name)
{
	const size_t len = strlen(name);

	return len >= START_MIN && strncasecmp(text, name, len) == 0 && !is_small_word(name);
}

/* "nord" for "Delta Nord" */
static bool holds_word(const char *text, const char *name)
{
	for (const char *at = text; *at; at++)
		if ((at == text || !is_word_byte(at[-1])) && begins_with(at, name))
			return true;
	return false;
}

typedef bool fit(const char *text, const char *name);
static fit *const fits[] = {is_whole, begins_with_words, begins_with, holds_word};
#define FITS (sizeof(fits) / sizeof(fits[0]))

/* ---- names ---- */

struct search {
	const struct answering *a;
	const char *name;
};

static const char *say_partner(const struct search *s, const struct reply_candidate *candidate)
{
	return arena_printf(s->a->arena, "%s [%s]", candidate->name, candidate->id);
}

/* How many fit; *ret_said: the first of them in words, *ret_id: the last. */
static size_t count_fitting(const struct search *s, fit *fits_by, const char **ret_id,
			    const char **ret_said)
{
	size_t found = 0;

	*ret_said = "";
	for (size_t i = 0; i < s->a->candidate_count; i++) {
		const struct reply_candidate *candidate = &s->a->candidates[i];

		if (!fits_by(candidate->id, s->name) && !fits_by(candidate->name, s->name))
			continue;
		*ret_id = candidate->id;
		if (found++ < PROPOSED_MAX)
			*ret_said = arena_printf(s->a->arena, "%s%s%s", *ret_said,
						 found > 1 ? ", " : "", say_partner(s, candidate));
	}
	return found;
}

static const char *shown_name(const struct search *s)
{
	return arena_strndup(s->a->arena, s->name, text_fit_code_points(s->name, NAME_MAX));
}

static enum status fail_unknown(const struct search *s, struct error *err)
{
	const char **names =
	    arena_alloc(s->a->arena, 2 * s->a->candidate_count + 1, sizeof(*names));
	int nearest;

	for (size_t i = 0; i < s->a->candidate_count; i++) {
		names[2 * i] = s->a->candidates[i].id;
		names[2 * i + 1] = s->a->candidates[i].name;
	}
	nearest = text_nearest(s->name, names, 2 * s->a->candidate_count);
	if (nearest >= 0)
		return error_fail(err, STATUS_NOT_FOUND,
				  "no partner is called \"%s\"; did you mean %s? Write its number "
				  "or its id",
				  shown_name(s), say_partner(s, &s->a->candidates[nearest / 2]));
	return error_fail(err, STATUS_NOT_FOUND,
			  "no partner of yours is called \"%s\"; write its number in the mail, or "
			  "its id",
			  shown_name(s));
}

static enum status find_by_name(const struct search *s, const char **ret_id, struct error *err)
{
	bool exists = false;
	const char *said;

	for (size_t i = 0; i < FITS; i++) {
		const size_t found = count_fitting(s, fits[i], ret_id, &said);

		if (found == 1)
			return STATUS_OK;
		if (found > 1)
			return error_fail(err, STATUS_CONFLICT,
					  "\"%s\" may be %s%s; write its number or its id",
					  shown_name(s), said, found > PROPOSED_MAX ? ", …" : "");
	}
	if (text_is_id(s->name) && partner_exists(s->a->db, s->name, &exists) == STATUS_OK &&
	    exists) {
		*ret_id = s->name;
		return STATUS_OK;
	}
	return fail_unknown(s, err);
}

enum status find_partner(const struct answering *a, const struct command *command,
			 const char **ret_id, struct error *err)
{
	const struct search search = {.a = a, .name = command->name};

	if (command->number > 0) {
		*ret_id = reply_partner(a->db, a->mail.id, command->number, a->arena);
		return *ret_id ? STATUS_OK
			       : error_fail(err, STATUS_NOT_FOUND,
					    "the mail that you answer has no number %d; write one "
					    "of its numbers, or the id of a partner",
					    command->number);
	}
	if (!command->name || !*command->name)
		return error_fail(err, STATUS_INVALID,
				  "say which partner: begin with its number in the mail, or its "
				  "id");
	return find_by_name(&search, ret_id, err);
}
