/* A mailer: what one mail thread sends with. A curl easy handle that keeps its session with a
 * server for the next message, and the sockets of it, which another thread may cut.
 *
 * It sends one message at a time and blocks meanwhile. */
#ifndef CADENCE_NET_MAILER_H
#define CADENCE_NET_MAILER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "net/mail.h"

struct mailer;

/* cut: when it becomes true, what is under way ends within a second. */
struct mailer *mailer_new(const atomic_bool *cut);
/* Closes the session. NULL is harmless; returns NULL. */
struct mailer *mailer_free(struct mailer *mailer);

/* Sends it, over the open session if that fits, and tells what became of it. */
struct mail_reply *mailer_send(struct mailer *mailer, const struct mail_request *request);
/* Whether the session has carried as many messages as one may, or there is none. */
bool mailer_is_between(const struct mailer *mailer);
/* Ends its connections now; for another thread. */
void mailer_cut(struct mailer *mailer);

#endif
