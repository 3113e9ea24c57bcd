/* The verbs of cadencectl: one function each; the words after the verb come in argv. */
#ifndef CADENCE_CTL_VERBS_H
#define CADENCE_CTL_VERBS_H

#include "ctl/client.h"

typedef int verb_function(const struct ctl *ctl, int argc, char **argv);

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
/* POST partners/ID/what; takes the body. */
int post_to_partner(const struct ctl *ctl, const char *id, const char *what, json_t *body,
		    json_t **ret);

verb_function verb_off, verb_on, verb_ack, verb_plan, verb_unplan, verb_noshow, verb_decide,
    verb_restore, verb_erase, verb_away, verb_partner;
verb_function verb_status, verb_due, verb_list, verb_show, verb_why, verb_log, verb_unlog,
    verb_snooze, verb_preview, verb_import, verb_export, verb_outbox, verb_test, verb_reload,
    verb_backup, verb_simulate, verb_check, verb_doctor;

#endif
