/* The verbs of cadencectl: one function each; the words after the verb come in argv. */
#ifndef CADENCE_CTL_VERBS_H
#define CADENCE_CTL_VERBS_H

#include "core/dayword.h"
#include "ctl/client.h"

typedef int verb_function(const struct ctl *ctl, int argc, char **argv);

#define VERB_EXAMPLES_MAX 4

struct verb {
	const char *name;
	verb_function *run;
	/* What it takes: CAPITALS stand for something, "[ ]" may be left out, "( )" holds
	 * together, of "a | b" one is said, "…" goes on. Completion reads it too (complete.c). */
	const char *words;
	const char *help;			 /* in a line */
	const char *more;			 /* sentences; NULL: the line says it all */
	const char *examples[VERB_EXAMPLES_MAX]; /* what follows "cadencectl" */
};

extern const struct verb ctl_verbs[];
extern const size_t ctl_verb_count;

/* Bytes of the next piece of a verb's words: up to a space that stands in no brackets. */
size_t verb_piece_length(const char *words);

/* Every verb as an item of mdoc, to standard output: a part of cadencectl(1). */
void manual_print(void);
/* Prints what may stand for the last of the words, one a line; "FILE:" for the name of a file.
 * Quiet, and quick, when the daemon does not answer. */
void complete_print(const struct ctl *ctl, int argc, char **argv);

/* Words that stand alone, and options with a value that may stand anywhere: {"--by", &by}. */
struct ctl_option {
	const char *name;
	const char **value; /* gets the word after it */
	bool *flag;	    /* or this is set, and no word is taken */
};

/* Takes the options out of argv; returns the number of words left, -1 after printing what is wrong.
 */
int take_options(int argc, char **argv, const struct ctl_option *options, size_t count);
/* Complains of how the verb was used; returns USAGE. */
int usage(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* The words from the first one on, with spaces between; NULL when there are none. The caller frees.
 */
char *join_words(int argc, char **argv);
/* The day that begins with the word at *at ("7dec", "2 weeks", of the past "2 weeks ago"), and
 * moves *at behind it; NULL when none does. Lives in argv or in joined. */
const char *take_day(int argc, char **argv, bool past, int *at, char joined[DAYWORD_SIZE]);
/* POST partners/ID/what; takes the body. */
int post_to_partner(const struct ctl *ctl, const char *id, const char *what, json_t *body,
		    json_t **ret);

verb_function verb_off, verb_on, verb_ack, verb_plan, verb_unplan, verb_noshow, verb_decide,
    verb_restore, verb_erase, verb_owners, verb_away, verb_partner;
verb_function verb_status, verb_due, verb_list, verb_show, verb_why, verb_log, verb_unlog,
    verb_snooze, verb_preview, verb_import, verb_export, verb_outbox, verb_test, verb_reload,
    verb_receive, verb_rekey, verb_backup, verb_simulate, verb_check, verb_doctor;

#endif
