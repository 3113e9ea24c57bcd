/* What is meant when libconfig cannot read the file: it says "syntax error" and a line. Private to
 * this room. */
#ifndef CADENCE_CONF_SYNTAX_H
#define CADENCE_CONF_SYNTAX_H

#include <libconfig.h>

#include "conf/loader.h"

/* Complains of what kept tree from being read from text. Repeats names, and no value: it may be a
 * secret. */
void syntax_complain(struct loader *loader, const char *text, const config_t *tree);

#endif
