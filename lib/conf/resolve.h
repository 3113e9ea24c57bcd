/* From the draft to the roster and the partners. Private to this room. */
#ifndef CADENCE_CONF_RESOLVE_H
#define CADENCE_CONF_RESOLVE_H

#include "conf/loader.h"

/* Looks up what the values name, checks what depends on several of them, and fills in the
 * configuration. Computed defaults are written into the draft. Whether it went well stands in
 * loader->errors. */
void resolve_draft(struct loader *loader);

#endif
