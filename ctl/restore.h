/* The half of `restore` that is about files. */
#ifndef CADENCE_CTL_RESTORE_H
#define CADENCE_CTL_RESTORE_H

#include "ctl/verbs.h"

/* Whether the word names a file and can be no partner. */
bool restore_is_file(const char *word);
/* restore FILE [--conf F], restore --verify FILE */
verb_function restore_file;

#endif
