/* The Maildir that replies arrive in: watched, and read one mail after the other. What is done lies
 * in cur, what could not be used in .failed with the reason beside it; until then a mail lies in
 * new, so that a crash forgets none.
 *
 * Its files are touched on the store thread, between jobs, because a disk may be slow. */
#ifndef CADENCE_DAEMON_MAILDIR_H
#define CADENCE_DAEMON_MAILDIR_H

#include "daemon/daemon.h"

struct maildir;

/* Makes the folders that are missing and begins with what lies there. Never NULL: what is in the
 * way is logged, said by maildir_fault(), and tried again. */
struct maildir *maildir_open(struct daemon *daemon, const char *path);
/* Stops watching; a mail that is under way is left as it is. NULL is harmless; returns NULL. */
struct maildir *maildir_close(struct maildir *maildir);
/* Whether it is the one at that path; NULL is the one at NULL. */
bool maildir_is_at(const struct maildir *maildir, const char *path);
/* Why it cannot be read now; NULL: it can. */
const char *maildir_fault(const struct maildir *maildir);

#endif
