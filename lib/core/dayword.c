/* Guesses what a word was meant to be; which day it is decides core/day.h. */
#include "core/dayword.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "core/day.h"

#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))
#define START_MIN    4 /* letters of a word that is cut short: mond; three are a word themselves */
#define LONG	     8 /* letters; in so many two slips are likely */
#define DIGITS	     "0123456789"
#define PUNCTUATION  ".,:;!"
#define DATE_LETTERS DIGITS "./-"

static const char *const days[] = {"today",	"yesterday", "tomorrow", "monday",   "tuesday",
				   "wednesday", "thursday",  "friday",	 "saturday", "sunday"};
static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
				     "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const units[] = {"d", "day",	  "days",   "w",    "week",  "weeks",
				    "m", "month", "months", "year", "years", "ago"};
/* Stand before a weekday or a unit. */
static const char *const leads[] = {"last", "next", "this", "on", "past", "previous"};

bool dayword_is_day(const char *word)
{
	const size_t digits = strspn(word, DIGITS);
	char *first;
	bool is_day;
	day d;

	if (digits == 0)
		return day_parse_words(word, 0, DAY_PAST, &d);
	if (digits == 4 && word[digits] == '-')
		return true;
	first = mem_printf("1%s", word + digits);
	is_day = day_parse_words(first, 0, DAY_PAST, &d);
	free(first);
	return is_day;
}

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(word, words[i]) == 0)
			return true;
	return false;
}

/* November, nov., nov2026 */
static bool is_month(const char *word)
{
	for (size_t i = 0; i < COUNT(months); i++)
		if (strncasecmp(word, months[i], strlen(months[i])) == 0)
			return true;
	return false;
}

/* 3/11/2026, 03.11.2026, -3d */
static bool is_date_or_step(const char *word)
{
	const char sign = *word == '-' || *word == '+' ? *word++ : 0;
	const size_t len = strspn(word, DATE_LETTERS);

	if (!isdigit((unsigned char)*word))
		return false;
	return sign ||
	       (strcspn(word, "./-") < len && !word[len] && isdigit((unsigned char)word[len - 1]));
}

/* 7december, 3days, and the same in two words. */
static bool is_count(const char *word, const char *next)
{
	const char *rest = word + strspn(word, DIGITS);

	if (rest == word)
		return false;
	if (!*rest)
		rest = next;
	rest += strspn(rest, ".-");
	return is_month(rest) || is_one_of(rest, units, COUNT(units));
}

/* tomorow, mond, friday, */
static bool is_like_day(const char *word)
{
	char *bare = mem_strndup(word, strcspn(word, PUNCTUATION));
	const size_t len = strlen(bare);
	bool is_like = dayword_is_day(bare);

	for (size_t i = 0; i < COUNT(days) && !is_like; i++)
		is_like = (len >= START_MIN && strncasecmp(bare, days[i], len) == 0) ||
			  text_distance(bare, days[i]) <= (strlen(days[i]) >= LONG ? 2 : 1);
	free(bare);
	return is_like;
}

bool dayword_is_near(int argc, const char *const *argv)
{
	const char *word = argc > 0 ? argv[0] : "", *next = argc > 1 ? argv[1] : "";

	if (is_one_of(word, leads, COUNT(leads)))
		return argc == 1 || is_like_day(next) || is_one_of(next, units, COUNT(units));
	return is_date_or_step(word) || is_count(word, next) || is_like_day(word);
}
