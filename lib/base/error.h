/* Statuses and reasons: how every fallible function of this project answers.
 *
 * A status says what kind of thing went wrong, an error says it in words for a person. Libraries
 * fill them in; only programs print. */
#ifndef CADENCE_BASE_ERROR_H
#define CADENCE_BASE_ERROR_H

#define MUST_USE		__attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

enum status {
	STATUS_OK = 0,
	STATUS_INVALID,	  /* what was given is wrong; saying it again will not help */
	STATUS_NOT_FOUND, /* what was named does not exist */
	STATUS_CONFLICT,  /* it would contradict what is there */
	STATUS_TOO_BIG,	  /* over a named limit */
	STATUS_BUSY,	  /* somebody else holds it ("already running") */
	STATUS_NO_SPACE,  /* the disk is full */
	STATUS_DAMAGED,	  /* a file is not what it was when it was written */
	STATUS_NEWER,	  /* written by a newer version of this program */
	STATUS_FAILED,	  /* the system refused: input/output, network, permission */
};

/* One reason, in words that say what to do; always terminated, cut behind a whole character when
 * too long. */
struct error {
	char text[1024];
};

/* Writes the reason. err may be NULL (the caller does not care). */
void error_set(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Writes the reason and returns status, for `return error_fail(err, STATUS_INVALID, "…")`. */
enum status error_fail(struct error *err, enum status status, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#endif
