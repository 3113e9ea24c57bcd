/* Says no more than the model knows: a day as its horizon, whole per cents, and nothing where
 * nothing can be claimed. */
#include "core/odds.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/hint.h"

static void say_days(double days, const char *one, char *out, size_t size)
{
	const int whole = days < 1 ? 1 : (int)rint(days);

	if (whole == 1)
		snprintf(out, size, "%s", one);
	else
		snprintf(out, size, "%d days", whole);
}

double odds_of_return(const struct facts *facts, day today)
{
	const struct risk *risk = &facts->rhythm.risk;
	const int mark = facts_cold_mark(facts);

	if (risk->n < RISK_CONTACTS_MIN || today >= risk->last + mark)
		return -1;
	const struct risk_law law = risk_law(risk);
	return 1 - risk_turns_cold(risk, &law, mark, today);
}

/* "26 %". Neither 0 nor 100: the model is never that sure. */
static void say_percent(double chance, char *out, size_t size)
{
	const int whole = (int)rint(100 * chance);

	if (whole < 1)
		snprintf(out, size, "under 1 %%");
	else if (whole > 99)
		snprintf(out, size, "over 99 %%");
	else
		snprintf(out, size, "%d %%", whole);
}

static void say_silence(const struct facts *facts, day today, char out[ODDS_TEXT_SIZE])
{
	const struct risk_law law = risk_law(&facts->rhythm.risk);
	const int silent = risk_silent_days(&facts->rhythm.risk, today);
	char usual[32];

	say_days(risk_usual_gap(&law), "day", usual, sizeof(usual));
	if (silent == 0)
		snprintf(out, ODDS_TEXT_SIZE, "You usually talk every %s; the last time was today.",
			 usual);
	else
		snprintf(out, ODDS_TEXT_SIZE, "You usually talk every %s; it has been %d%s.", usual,
			 silent,
			 strcmp(usual, "day") != 0 ? ""
			 : silent == 1		   ? " day"
						   : " days");
}

char *odds_say(const struct facts *facts, day today, char out[ODDS_TEXT_SIZE])
{
	const struct risk *risk = &facts->rhythm.risk;
	const double chance = odds_of_return(facts, today);
	char mark[DAY_TEXT_SIZE], share[16];
	size_t len;

	if (risk->n < RISK_CONTACTS_MIN) {
		snprintf(out, ODDS_TEXT_SIZE,
			 "Too little history for odds: %d contact%s, %d are needed.", risk->n,
			 risk->n == 1 ? "" : "s", RISK_CONTACTS_MIN);
		return out;
	}
	say_silence(facts, today, out);
	len = strlen(out);
	day_say(risk->last + facts_cold_mark(facts), today, mark);
	say_percent(chance, share, sizeof(share));
	if (chance < 0)
		snprintf(out + len, ODDS_TEXT_SIZE - len,
			 " Past its own cold mark (%s): do not wait for it to resume by itself.",
			 mark);
	else
		snprintf(out + len, ODDS_TEXT_SIZE - len,
			 " Chance that it resumes by itself before %s: %s.", mark, share);
	return out;
}
