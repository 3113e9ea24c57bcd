/* A gap of g days is ln g; the gaps have a normal law of unknown place and width with a conjugate
 * prior, and what is foretold of the next one is drawn as a log-logistic curve of that place and
 * width. The constants are those that were measured, frozen: docs/design.md section 6. */
#include "core/risk.h"

#include <math.h>

/* The prior: place of ln(gap), and how many gaps it is worth. */
#define PRIOR_MEAN   4.0
#define PRIOR_WEIGHT 0.6
/* The prior of the width, and how many gaps it is worth. */
#define PRIOR_WIDTH	  1.4
#define PRIOR_WIDTH_WORTH 10.0
/* Of the chance that a contact was the last: beta(0.4, 0.4). */
#define GONE_A 0.4
#define GONE_B 0.4
/* What an older gap still weighs when a new one comes. */
#define FADE 0.9
/* From the width of a normal law to that of a logistic one. */
#define LOGISTIC 1.7

#define MARK_GAPS     3.0 /* the own cold mark, in mean gaps */
#define MARK_AGE_DAYS 60  /* drawn towards this gap, while there are few */
#define MARK_MIN_DAYS 60
#define MARK_MAX_DAYS 400

bool risk_add(struct risk *risk, day d)
{
	if (risk->n == 0) {
		*risk = (struct risk){.n = 1, .first = d, .last = d};
		return true;
	}
	if (d <= risk->last)
		return d == risk->last;
	const double x = log((double)d - (double)risk->last);
	const double weight = FADE * risk->weight + 1.0;
	const double off = x - risk->mean;
	const double mean = risk->mean + off / weight;
	risk->square = FADE * risk->square + off * (x - mean);
	risk->weight = weight;
	risk->mean = mean;
	risk->last = d;
	risk->n++;
	return true;
}

struct risk_law risk_law(const struct risk *risk)
{
	const double w = risk->weight;
	const double worth = PRIOR_WEIGHT + w;
	const double off = risk->mean - PRIOR_MEAN;
	const double squares = PRIOR_WIDTH_WORTH * PRIOR_WIDTH * PRIOR_WIDTH + risk->square +
			       PRIOR_WEIGHT * w / worth * off * off;

	return (struct risk_law){
	    .mu = (PRIOR_WEIGHT * PRIOR_MEAN + w * risk->mean) / worth,
	    .sigma = sqrt(squares / (PRIOR_WIDTH_WORTH + w) * (1.0 + 1.0 / worth)),
	    .gone = GONE_A / (GONE_A + GONE_B + risk->n - 1),
	};
}

double risk_usual_gap(const struct risk_law *law)
{
	return exp(law->mu);
}

int risk_silent_days(const struct risk *risk, day today)
{
	return today > risk->last ? today - risk->last : 0;
}

/* The chance that a gap, if it ends at all, is longer than that. */
static double survival(const struct risk_law *law, double silent)
{
	const double u = LOGISTIC * (log(silent + 0.5) - law->mu) / law->sigma;

	if (u < 0)
		return 1.0 / (1.0 + exp(u));
	const double e = exp(-u);
	return e / (1.0 + e);
}

/* The chance that there is none for so long, whether or not one will follow. */
static double silence(const struct risk_law *law, double silent)
{
	return law->gone + (1.0 - law->gone) * survival(law, silent);
}

double risk_stays_silent(const struct risk_law *law, double silent, double ahead)
{
	return silence(law, silent + ahead) / silence(law, silent);
}

int risk_cold_mark(const struct risk *risk)
{
	const double age = (double)risk->last - (double)risk->first;
	const double mark = rint(MARK_GAPS * (age + MARK_AGE_DAYS) / (risk->n + 1));

	return (int)fmin(fmax(mark, MARK_MIN_DAYS), MARK_MAX_DAYS);
}

double risk_turns_cold(const struct risk *risk, const struct risk_law *law, int mark, day today)
{
	const double ahead = (double)risk->last + mark - (double)today;

	return ahead > 0 ? risk_stays_silent(law, risk_silent_days(risk, today), ahead) : 1.0;
}

double risk_warning_silence(const struct risk_law *law, int mark, double threshold)
{
	const double s = (silence(law, mark) / threshold - law->gone) / (1.0 - law->gone);

	if (s >= survival(law, 0))
		return 0;
	const double silent = exp(law->mu + law->sigma / LOGISTIC * (log1p(-s) - log(s))) - 0.5;
	return fmin(fmax(silent, 0), mark);
}

double risk_rank(const struct risk *risk, day today)
{
	if (risk->n < RISK_CONTACTS_MIN)
		return -1;
	const struct risk_law law = risk_law(risk);

	return risk_stays_silent(&law, risk_silent_days(risk, today), RISK_RANK_DAYS);
}
