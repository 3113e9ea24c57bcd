/* Brings what stands in several words to the one word that core/day.h reads, and lets that decide.
 */
#include "source/dayphrase.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/dayword.h"

#define NEAR_WORDS    3 /* as many does dayword_is_near() look at */
#define MONTH_LETTERS 3
#define YEAR_DAYS     365
#define NEAR_DAYS     60 /* from today; 6m is half a year both ways */
#define DIGITS	      "0123456789"

struct reading {
	day today;
	enum day_lean lean;
	struct arena *arena;
	size_t used;
	day day;
	const char *fault;
};

static const char *const month_words[] = {"january",   "february", "march",    "april",
					  "may",       "june",	   "july",     "august",
					  "september", "october",  "november", "december"};

int month_parse(const char *bare)
{
	const size_t len = strlen(bare);

	for (int i = 0; i < 12 && len >= MONTH_LETTERS; i++)
		if (strncmp(bare, month_words[i], len) == 0)
			return i + 1;
	return 0;
}

static enum dayphrase doubt(struct reading *r, const char *fault)
{
	r->fault = fault;
	return DAYPHRASE_DOUBT;
}

static enum dayphrase read_word(struct reading *r, const char *word, size_t used)
{
	if (!day_parse_words(word, r->today, r->lean, &r->day))
		return doubt(r, arena_printf(r->arena,
					     "there is no day \"%s\"; write one such as 4 dec, "
					     "friday, 2w or 2026-12-04",
					     word));
	r->used = used;
	return DAYPHRASE_DAY;
}

/* "4", "4th" -> 4; 0 when it is none. */
static int day_number(const char *bare)
{
	static const char *const ends[] = {"", "st", "nd", "rd", "th", NULL};
	const size_t digits = strspn(bare, DIGITS);
	int number = 0;

	if (digits < 1 || digits > 2 || !word_is_one_of(bare + digits, ends))
		return 0;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (bare[i] - '0');
	return number;
}

static bool is_year(const char *bare)
{
	return strspn(bare, DIGITS) == 4 && strlen(bare) == 4 &&
	       (strncmp(bare, "19", 2) == 0 || strncmp(bare, "20", 2) == 0);
}

/* 4 dec, 4th of December 2026, dec 4 */
static enum dayphrase read_date(struct reading *r, const struct line *line)
{
	const char *first = line_bare(line, 0);
	size_t at = 1 + (strcmp(line_bare(line, 1), "of") == 0);
	int number = day_number(first), month = month_parse(line_bare(line, at));
	const char *year;

	if (!number || !month) {
		at = 1;
		month = month_parse(first);
		number = day_number(line_bare(line, at));
	}
	if (!number || !month)
		return DAYPHRASE_NONE;
	year = line_bare(line, at + 1);
	if (!is_year(year))
		year = "";
	return read_word(r,
			 arena_printf(r->arena, "%d%.3s%s", number, month_words[month - 1], year),
			 at + 1 + (*year != '\0'));
}

/* 4dec, 4-dec, 4.december.2026, dec4: the same in one word. */
static enum dayphrase read_glued_date(struct reading *r, const char *word)
{
	char *apart = arena_alloc(r->arena, 2 * strlen(word) + 1, 1);
	size_t used = 0;
	struct line line;

	if (!isalnum((unsigned char)*word) || strspn(word, DIGITS ".-") == strlen(word))
		return DAYPHRASE_NONE;
	for (const char *c = word; *c; c++) {
		const bool joint = *c == '-' || *c == '.';
		const bool turns =
		    c > word && isdigit((unsigned char)*c) != isdigit((unsigned char)c[-1]);

		if (joint || (turns && c[-1] != '-' && c[-1] != '.'))
			apart[used++] = ' ';
		if (!joint)
			apart[used++] = *c;
	}
	line = line_read(apart, used, r->arena);
	if (read_date(r, &line) == DAYPHRASE_NONE)
		return DAYPHRASE_NONE;
	if (r->fault)
		return DAYPHRASE_DOUBT;
	if (r->used != line.count)
		return DAYPHRASE_NONE;
	r->used = 1;
	return DAYPHRASE_DAY;
}

/* "two" -> 2, "12" -> 12; 0 when it is no count. */
static int count_parse(const char *bare)
{
	static const char *const words[] = {"one", "two",   "three", "four", "five",
					    "six", "seven", "eight", "nine", "ten"};
	int count = 0;

	if (strcmp(bare, "a") == 0)
		return 1;
	for (int i = 0; i < 10; i++)
		if (strcmp(bare, words[i]) == 0)
			return i + 1;
	for (; isdigit((unsigned char)*bare) && count < 1000; bare++)
		count = count * 10 + (*bare - '0');
	return *bare ? 0 : count;
}

static char unit_parse(const char *bare)
{
	static const char *const days[] = {"d", "day", "days", NULL};
	static const char *const weeks[] = {"w", "week", "weeks", NULL};
	static const char *const months[] = {"m", "month", "months", NULL};

	if (word_is_one_of(bare, days))
		return 'd';
	if (word_is_one_of(bare, weeks))
		return 'w';
	return word_is_one_of(bare, months) ? 'm' : '\0';
}

/* 2 weeks, two weeks ago; 2w stands in one word. */
static enum dayphrase read_count(struct reading *r, const struct line *line)
{
	const char *first = line_bare(line, 0);
	const bool glued =
	    day_parse_words(first, r->today, r->lean, &r->day) && isdigit((unsigned char)*first);
	const int count = count_parse(first);
	const char unit = unit_parse(line_bare(line, 1));
	const size_t words = glued ? 1 : 2;
	const bool ago = strcmp(line_bare(line, words), "ago") == 0;

	if (!glued && (!count || !unit))
		return DAYPHRASE_NONE;
	if (ago && r->lean == DAY_AHEAD)
		return doubt(r, "that day is gone; write one that lies ahead, such as 4 dec or 2w");
	if (!glued && !ago && r->lean == DAY_PAST)
		return doubt(r, arena_printf(r->arena,
					     "how long ago? write %d%c, or %d%c ago, for a day",
					     count, unit, count, unit));
	if (glued)
		return read_word(r, first, 1 + ago);
	return read_word(r, arena_printf(r->arena, "%d%c", count, unit), 2 + (size_t)ago);
}

/* friday; Fri 4 Dec, as the digest says it, where both have to be the same day. */
static enum dayphrase read_weekday(struct reading *r, const struct line *line)
{
	const struct line rest = line_rest(line, 1);
	enum weekday weekday;
	char text[DAY_TEXT_SIZE];

	if (!weekday_parse(line_bare(line, 0), &weekday))
		return DAYPHRASE_NONE;
	if (read_date(r, &rest) == DAYPHRASE_NONE)
		return read_word(r, line_bare(line, 0), 1);
	if (r->fault)
		return DAYPHRASE_DOUBT;
	if (day_weekday(r->day) != weekday)
		return doubt(r,
			     arena_printf(r->arena, "%s is a %s, not a %s; write the date alone",
					  day_iso(r->day, text), weekday_name(day_weekday(r->day)),
					  weekday_name(weekday)));
	r->used++;
	return DAYPHRASE_DAY;
}

static bool is_near(const struct line *line)
{
	const char *words[NEAR_WORDS];
	const size_t count = line->count < NEAR_WORDS ? line->count : NEAR_WORDS;

	for (size_t i = 0; i < count; i++)
		words[i] = line->words[i].bare;
	return *line_bare(line, 0) && dayword_is_near((int)count, words);
}

static enum dayphrase refuse(struct reading *r, const struct line *line)
{
	const char *first = line_bare(line, 0);
	const char *second = line_bare(line, 1);

	if (strspn(first, DIGITS "/.-") == strlen(first) && isdigit((unsigned char)*first) &&
	    !dayword_is_day(first))
		return doubt(r, arena_printf(r->arena,
					     "\"%s\" could be two days; write the month as a word, "
					     "as in 4 dec, or 2026-12-04",
					     first));
	return doubt(r, arena_printf(r->arena,
				     "which day is \"%s%s%s\"? write one such as 4 dec, friday, 2w "
				     "or 2026-12-04",
				     first, *second ? " " : "", second));
}

static enum dayphrase read_bare(struct reading *r, const struct line *line)
{
	const char *first = line_bare(line, 0);
	enum dayphrase found = read_weekday(r, line);

	if (found == DAYPHRASE_NONE)
		found = read_date(r, line);
	if (found == DAYPHRASE_NONE)
		found = read_glued_date(r, first);
	if (found == DAYPHRASE_NONE)
		found = read_count(r, line);
	if (found == DAYPHRASE_NONE && *first && dayword_is_day(first))
		found = read_word(r, first, 1);
	if (found == DAYPHRASE_NONE && is_near(line))
		found = refuse(r, line);
	return found;
}

/* A date without a year that is likelier the other year's: "call 4 dec" of a November is hardly
 * last year's call, and "away until 20 nov" a few days later no absence of a year. */
static bool is_of_other_year(const struct reading *r, const struct line *line)
{
	const bool is_past = r->lean == DAY_PAST;
	struct reading other = {
	    .today = r->today, .lean = is_past ? DAY_AHEAD : DAY_PAST, .arena = r->arena};
	day apart, near;

	if (read_bare(&other, line) != DAYPHRASE_DAY)
		return false;
	apart = is_past ? other.day - r->day : r->day - other.day;
	near = is_past ? other.day - r->today : r->today - other.day;
	return (apart == YEAR_DAYS || apart == YEAR_DAYS + 1) && near <= NEAR_DAYS;
}

static enum dayphrase doubt_year(struct reading *r)
{
	char text[DAY_TEXT_SIZE];

	day_iso(r->day, text);
	return doubt(r, arena_printf(r->arena,
				     "in which year? write it, as in %s if that is what you mean",
				     text));
}

enum dayphrase dayphrase_read(const struct line *line, day today, enum day_lean lean,
			      struct arena *arena, size_t *ret_used, day *ret_day,
			      const char **ret_fault)
{
	static const char *const leads[] = {"until", "till", "til", "by",   "on",
					    "for",   "in",   "to",  "from", NULL};
	struct reading r = {.today = today, .lean = lean, .arena = arena};
	const bool led = word_is_one_of(line_bare(line, 0), leads);
	const struct line rest = line_rest(line, led);
	enum dayphrase found = read_bare(&r, &rest);

	if (found == DAYPHRASE_DAY && is_of_other_year(&r, &rest))
		found = doubt_year(&r);
	/* One "on" may stand in a note; "on next week" is refused for what follows it. */
	if (found == DAYPHRASE_DOUBT)
		*ret_fault = r.fault;
	if (found != DAYPHRASE_DAY)
		return found;
	*ret_used = r.used + led;
	*ret_day = r.day;
	return found;
}
