/* What a delivery is about, for the log: whose it is, and which partners stand in it. */
#ifndef CADENCE_DAEMON_ABOUT_H
#define CADENCE_DAEMON_ABOUT_H

#include "daemon/log.h"
#include "message/document.h"
#include "store/verbs.h"

struct about;

/* Copies what it needs; the caller frees with about_free(). */
struct about *about_new(const struct delivery *delivery);
struct about *about_free(struct about *about);
/* Takes the partners from the document, or from an event as it is stored; either may be NULL. */
void about_read(struct about *about, const struct document *document, const char *event);
/* Lives as long as the about. */
const struct log_subject *about_subject(const struct about *about);

#endif
