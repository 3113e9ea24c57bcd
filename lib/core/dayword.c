/* Guesses what a word was meant to be; which day it is decides core/day.h. */
#include "core/dayword.h"

#include <ctype.h>
#include <stdio.h>
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
static const char *const months[] = {"january",	  "february", "march",	  "april",
				     "may",	  "june",     "july",	  "august",
				     "september", "october",  "november", "december"};
static const char *const units[] = {"d", "day",	  "days",   "w",    "week",  "weeks",
				    "m", "month", "months", "year", "years", "ago"};
/* Stand before a weekday or a unit. */
static const char *const leads[] = {"last", "next", "this", "on", "past", "previous"};
/* Stand before a unit. */
static const char *const counts[] = {"a",   "an",    "one",   "two",  "three", "four",	 "five",
				     "six", "seven", "eight", "nine", "ten",   "couple", "few"};

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
	size_t len = 0;

	while (isalpha((unsigned char)word[len]))
		len++;
	for (size_t i = 0; i < COUNT(months) && len >= 3; i++)
		if (strncasecmp(word, months[i], len) == 0)
			return true;
	return false;
}

/* 3/11/2026, 03.11.2026, 3.11., -3d */
static bool is_date_or_step(const char *word)
{
	const char sign = *word == '-' || *word == '+' ? *word++ : 0;
	const size_t len = strspn(word, DATE_LETTERS), number = strspn(word, DIGITS);

	if (number == 0)
		return false;
	/* "3." only numbers what follows. */
	return sign || (number < len && !word[len] && isdigit((unsigned char)word[number + 1]));
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

/* nextweek, lastfriday */
static bool is_joined(const char *word)
{
	for (size_t i = 0; i < COUNT(leads); i++) {
		const size_t len = strlen(leads[i]);

		if (strncasecmp(word, leads[i], len) == 0 && strlen(word + len) >= START_MIN &&
		    (is_one_of(word + len, units, COUNT(units)) ||
		     is_one_of(word + len, days, COUNT(days))))
			return true;
	}
	return false;
}

/* two days ago, a week ago, a few days ago, a couple of days ago */
static bool is_count_in_words(const char *const word[3])
{
	const int few = is_one_of(word[0], counts, 2) && is_one_of(word[1], counts, COUNT(counts));

	if (strcasecmp(word[few], "couple") == 0 && strcasecmp(word[few + 1], "of") == 0)
		return true;
	/* "two days of talks" is a note. */
	return is_one_of(word[few], counts, COUNT(counts)) &&
	       is_one_of(word[few + 1], units, COUNT(units)) &&
	       (few || !*word[2] || strcasecmp(word[2], "ago") == 0);
}

/* Nov 20, November 20th; but not "Mar told us". */
static bool is_month_and_day(const char *const word[3])
{
	return isalpha((unsigned char)word[0][0]) && is_month(word[0]) &&
	       isdigit((unsigned char)word[1][0]);
}

/* day before yesterday, the day after tomorrow */
static bool is_day_beside(const char *const word[3])
{
	const int the = strcasecmp(word[0], "the") == 0;

	return strcasecmp(word[the], "day") == 0 && (strcasecmp(word[the + 1], "before") == 0 ||
						     strcasecmp(word[the + 1], "after") == 0);
}

static bool is_near(const char *const word[3])
{
	if (is_one_of(word[0], leads, COUNT(leads)))
		return !*word[1] || is_like_day(word[1]) || is_one_of(word[1], units, COUNT(units));
	return is_date_or_step(word[0]) || is_count(word[0], word[1]) || is_like_day(word[0]) ||
	       is_joined(word[0]) || is_count_in_words(word) || is_month_and_day(word) ||
	       is_day_beside(word);
}

/* One word of a shell that is several: a day in quotes has hardly more than three. */
static bool is_near_quoted(const char *text)
{
	const char *word[3] = {"", "", ""};
	char *copy = mem_strdup(text), *rest = copy, *next;
	size_t count = 0;

	while ((next = strtok_r(rest, " ", &rest)) && count++ < COUNT(word))
		word[count - 1] = next;
	const bool near = count <= COUNT(word) && is_near(word);

	free(copy);
	return near;
}

bool dayword_is_near(int argc, const char *const *argv)
{
	const char *word[3];

	if (argc > 0 && strchr(argv[0], ' '))
		return is_near_quoted(argv[0]);
	for (int i = 0; i < (int)COUNT(word); i++)
		word[i] = i < argc ? argv[i] : "";
	return is_near(word);
}

/* "days" as "d". */
static char unit_letter(const char *word)
{
	static const char *const whole[] = {"day", "days", "week", "weeks", "month", "months"};

	return is_one_of(word, whole, COUNT(whole)) ? (char)tolower((unsigned char)word[0]) : 0;
}

int dayword_join(int argc, const char *const *argv, bool past, char out[DAYWORD_SIZE])
{
	const int in = !past && argc > 0 && strcasecmp(argv[0], "in") == 0;
	const int words = in + 2 + past;
	const char *number = argc > in ? argv[in] : "";
	const size_t digits = strspn(number, DIGITS);
	char letter;

	if (argc < words || digits == 0 || digits > DAYWORD_SIZE - 2 || number[digits] ||
	    !(letter = unit_letter(argv[in + 1])))
		return 0;
	if (past && strcasecmp(argv[2], "ago") != 0)
		return 0;
	snprintf(out, DAYWORD_SIZE, "%s%c", number, letter);
	return words;
}
