/* Where channels lead, and what all of them together may do. */
#ifndef CADENCE_CONF_DESTINATION_H
#define CADENCE_CONF_DESTINATION_H

#include "conf/loader.h"

/* Complains of a channel that leads where another does: both would send the same, and each at its
 * own pace. After check_channel() of each. */
void check_destinations(struct loader *loader);
/* Complains when the smtp channels together have more connections than there can be threads: one
 * server that stalls would take them from the others. After check_channel() of each. */
void check_mail_connections(struct loader *loader);

#endif
