/* The files of a Maildir: listed, read and put to rest. Whatever may lie there (folders, pipes,
 * links, what nobody may read) keeps nobody waiting. For the store thread: a disk may be slow. */
#ifndef CADENCE_DAEMON_MAILDROP_H
#define CADENCE_DAEMON_MAILDROP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define MAILDROP_FAILED_MAX 200 /* mails in .failed; the oldest go */

/* Where a mail goes when it is done with. */
enum maildrop_rest { MAILDROP_NEW, MAILDROP_CUR, MAILDROP_FAILED };

enum maildrop_found {
	MAILDROP_MAIL,
	MAILDROP_GONE,	  /* somebody else has taken it */
	MAILDROP_TOO_BIG, /* over the buffer's ceiling less one */
	MAILDROP_ODD,	  /* no file: a folder, a link, a pipe, … */
	MAILDROP_DENIED,  /* err says who may not read it */
	MAILDROP_FAULT,	  /* err says what the system says */
};

/* Makes the Maildir's folders where they are missing. */
bool maildrop_make(const char *path, struct error *err);
/* Names in new, the oldest first as a Maildir names them, at most max; the caller frees each and
 * the array. False and err: the folder cannot be read. */
bool maildrop_list(const char *path, size_t max, char ***ret_names, size_t *ret_count,
		   struct error *err);
enum maildrop_found maildrop_fetch(const char *path, const char *name, struct buf *ret,
				   struct error *err);
/* Moves it out of new; why: for MAILDROP_FAILED, written beside it. One that is not there any more
 * needs no place. */
bool maildrop_lay_down(const char *path, const char *name, enum maildrop_rest rest, const char *why,
		       struct error *err);

#endif
