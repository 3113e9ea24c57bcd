/* Values of settings as the file would have them. Private to lib/conf. */
#ifndef CADENCE_CONF_PRINT_H
#define CADENCE_CONF_PRINT_H

#include "conf/draft.h"

/* The value as libconfig text, a secret masked; false when there is none. record: the draft that
 * the key is of. */
bool print_value(const struct key *key, const void *record, struct buf *out);
/* Whether the record can have that key: channels differ by their types. */
bool print_applies(const struct key *key, enum section section, const void *record);

#endif
