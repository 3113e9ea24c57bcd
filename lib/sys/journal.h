/* What a program says to the system's journal (systemd's native protocol, JOURNAL_NATIVE_PROTOCOL)
 * and to a stream that nobody may be reading. Nothing here ever waits. */
#ifndef CADENCE_SYS_JOURNAL_H
#define CADENCE_SYS_JOURNAL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* Appends one field to an entry. name: a constant of capitals, digits and "_"; value: any text,
 * line feeds too. A name may come several times. */
void journal_field(struct buf *entry, const char *name, const char *value);
/* A socket to send from; -1: there is none to be had. The caller closes it. */
int journal_open(void);
/* Sends an entry to the socket at path, as one datagram. STATUS_BUSY: it has no room now;
 * STATUS_FAILED: nobody listens there. */
enum status journal_send(int fd, const char *path, const struct buf *entry) MUST_USE;

/* A descriptor of ours to write to, that others may share and that stays as it is for them. */
struct outlet {
	int fd;
	int own; /* the same file, set not to wait; -1: it cannot be had */
	bool is_socket;
	bool is_file;
	bool torn; /* the last line was cut off in the middle */
};

/* fd stays the caller's and open. */
struct outlet outlet_open(int fd);
void outlet_close(struct outlet *outlet);
/* Writes a line, its line feed included, of at most 4096 bytes; false when there was no room for
 * all of it. */
bool outlet_write(struct outlet *outlet, const char *line, size_t len);

#endif
