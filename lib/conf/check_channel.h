/* What is wrong with a channel, whatever else stands in the file. Private to this room. */
#ifndef CADENCE_CONF_CHECK_CHANNEL_H
#define CADENCE_CONF_CHECK_CHANNEL_H

#include "conf/loader.h"

/* Writes the defaults that depend on the type into the draft, and complains of what does not fit
 * it.
 */
void check_channel(struct loader *loader, struct draft_channel *draft);

#endif
