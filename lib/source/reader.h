/* Reads mails as letters in a process of its own (worker.h), so that a mail made to break a parser
 * breaks nothing that matters. The loop never waits: mails are handed in, letters are collected
 * when the descriptor says so.
 *
 * A worker that dies or stalls is replaced by the warden (warden.h), and the mail it was reading is
 * put aside; when it had read others before, the mail is tried once more by a fresh one, because
 * the fault may be theirs. */
#ifndef CADENCE_SOURCE_READER_H
#define CADENCE_SOURCE_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/mem.h"
#include "source/letter.h"

#define READER_STALL_MS	   20000 /* for one mail, by the clock: longer than JAIL_CPU_S */
#define READER_WAITING_MAX 64	 /* mails handed in and not collected */
#define READER_MAILS_MAX   100	 /* of one worker; then comes a fresh one */

struct reader;

enum reading_end {
	READING_LETTER,
	READING_ASIDE, /* nobody can read this mail; again would not help */
	READING_LATER, /* it could not be tried: the fault is the system's, not the mail's */
};

struct reading {
	void *tag; /* of reader_send() */
	enum reading_end end;
	struct letter letter; /* READING_LETTER */
	/* Otherwise why, one line; goes on from "put aside, because" or "not read, because". */
	const char *reason;
};

/* Forks the warden. To be called before the process has threads, files or secrets that it should
 * not hand down; the workers come when there is mail. stall_ms: how long one may take for a mail.
 * NULL and err when the system refuses. */
struct reader *reader_start(int stall_ms, struct error *err);
/* Ends the warden and its worker and waits until they are gone; mails that were not collected are
 * forgotten. NULL is harmless; returns NULL. */
struct reader *reader_close(struct reader *reader);

/* Why nothing can be read until the process is started anew, one line; NULL: it can. */
const char *reader_fault(const struct reader *reader);

/* Readable when reader_collect() should be called; the same as long as the reader lives. */
int reader_fd(const struct reader *reader);

/* Hands a mail in; the bytes are copied. False when READER_WAITING_MAX wait already: try again
 * after a letter was collected. Collect afterwards, too. Never waits. */
bool reader_send(struct reader *reader, const void *bytes, size_t len, void *tag) MUST_USE;

/* The next result, in the order in which the mails were handed in; false when there is none yet.
 * Call it until it says false. The arena owns the texts. Never waits. */
bool reader_collect(struct reader *reader, struct arena *arena, struct reading *ret_reading);

#endif
