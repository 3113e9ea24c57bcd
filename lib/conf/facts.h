/* What the table knows of a key, in words: for the reference and the manual. Private to this room.
 */
#ifndef CADENCE_CONF_FACTS_H
#define CADENCE_CONF_FACTS_H

#include "base/buf.h"
#include "conf/keys.h"

/* "one of live, hold; default: live; takes effect after a restart" */
void key_facts(const struct key *key, struct buf *out);
/* A value as it would be written in the file; type: the channel's, when it is a key of channels. */
#define KEY_SECOND_MAIL "office" /* a channel of mail beside the first */
void key_example(const struct key *key, int type, struct buf *out);
/* "matrix, telegram and ntfy", of CHANNEL_BITs */
void key_types(unsigned types, struct buf *out);

#endif
