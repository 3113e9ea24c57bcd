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

/* Takes the options out of argv; returns the number of words left, -1 after printing what is wrong. */
int take_options(int argc, char **argv, const struct ctl_option *options, size_t count);
/* Prints how the verb is used; returns USAGE. */
int usage(const char *text);

verb_function verb_status, verb_due, verb_list, verb_show, verb_why, verb_log, verb_unlog, verb_snooze,
    verb_preview, verb_import, verb_export, verb_outbox, verb_test, verb_reload, verb_backup;

#endif
