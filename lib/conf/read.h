/* From libconfig's tree to the draft. Private to this room. */
#ifndef CADENCE_CONF_READ_H
#define CADENCE_CONF_READ_H

#include <libconfig.h>

#include "conf/loader.h"

/* Reads every value of the tree into the draft, defaults included, and notes what is wrong with
 * each by itself. References, zones and URLs are left to the resolving. */
void read_tree(struct loader *loader, const config_setting_t *root);

#endif
