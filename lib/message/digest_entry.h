/* The entries of a digest, each one partner. Private to lib/message. */
#ifndef CADENCE_MESSAGE_DIGEST_ENTRY_H
#define CADENCE_MESSAGE_DIGEST_ENTRY_H

#include "message/wording.h"

/* Adds an entry with all its evidence. */
void entry_add_full(const struct writer *w, const struct digest_entry *entry);
/* Adds an entry of one line. With DETAIL_SHORT it has neither number nor id. */
void entry_add_brief(const struct writer *w, const struct digest_entry *entry, enum detail detail);

#endif
