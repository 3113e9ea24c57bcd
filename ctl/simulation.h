/* A simulation: what a configuration would mean, played by the real engine in virtual time.
 *
 * Contacts come on their days, owners answer by chance, and everything that would have been sent is
 * counted. Prints nothing and needs no daemon. */
#ifndef CADENCE_CTL_SIMULATION_H
#define CADENCE_CTL_SIMULATION_H

#include <jansson.h>

#include "conf/conf.h"
#include "message/document.h"

#define SIMULATION_DAYS_MAX 36525 /* a hundred years */
/* A nudge was of use unless contact came by itself in so many days after it was told. */
#define SIMULATION_USEFUL_DAYS 7

struct simulation {
	struct conf *conf;	/* whose reference simulation_run() takes over */
	day from, to;		/* both included */
	const json_t *partners; /* rows as import_rows() takes them, or NULL */
	const json_t *contacts; /* the same; those from `from` on come on their days */
	/* Whoever is told of a partner answers with this chance, so many days later, if it still
	 * stands then. */
	uint32_t react_permille; /* 0: nobody answers */
	int react_days;
	uint64_t seed;
	/* Called for each digest as it leaves, and for each day before it ends, wherever owners
	 * live; either may be NULL. */
	void (*tell)(void *arg, const struct owner *owner, day d, const struct document *document);
	void (*progress)(void *arg, day d);
	void *arg;
};

/* What it came to; of one owner, or of all. Entries are partners named in a digest. */
struct simulation_count {
	const char *owner; /* id; NULL: all */
	int64_t partners;
	int64_t partner_days, cold_days;
	int64_t digests, quiet;	 /* all-quiet lines are not counted as digests */
	int64_t nudges;		 /* entries in digests to the partner's own owner */
	int64_t unasked;	 /* contacts that came by themselves */
	int64_t unneeded;	 /* of the nudges: contact came by itself soon after */
	int64_t hints;		 /* early hints, which are no nudges */
	int64_t over;		 /* entries about others' partners: the ladder, and absence */
	int64_t answered;	 /* contacts that answered a nudge */
	int64_t busiest_entries; /* all kinds of entries on the day that had most */
	day busiest;		 /* DAY_NEVER: no day had any */
	int64_t entries_today;
};

struct simulation_result {
	struct simulation_count all;
	struct simulation_count *owners; /* sorted by id */
	size_t owner_count;
	int64_t beyond; /* contacts after the last day: left out */
};

/* Runs it. The result lives in the arena. STATUS_INVALID when rows are bad: *ret_errors then lists
 * them ({file: "partners" or "contacts", line, message}), the caller's. */
enum status simulation_run(const struct simulation *simulation, struct arena *arena,
			   struct simulation_result *ret_result, json_t **ret_errors,
			   struct error *err) MUST_USE;

#endif
