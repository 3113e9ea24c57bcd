/* The system's time zones, by name. */
#ifndef CADENCE_SYS_ZONEINFO_H
#define CADENCE_SYS_ZONEINFO_H

#include "base/buf.h"
#include "core/zone.h"

/* Loads "Europe/Lisbon" from $TZDIR or /usr/share/zoneinfo; "UTC" needs no file. The caller frees
 * the zone. ret_bytes may be NULL; else the file's bytes are appended, for a hash. STATUS_INVALID
 * when the name cannot be one, STATUS_NOT_FOUND with "did you mean" when there is no such zone. */
enum status zoneinfo_load(const char *name, struct zone **ret_zone, struct buf *ret_bytes,
			  struct error *err) MUST_USE;

#define ZONEINFO_VERSION_SIZE 16
/* Which release the system's zones are of, "2025b" ("" when they do not say), and when their list
 * was written; INSTANT_NEVER: there is none. */
void zoneinfo_version(char ret_version[ZONEINFO_VERSION_SIZE], instant *ret_date);

/* A descriptor that becomes readable when a file beside these zones' files changes, as it does when
 * the system's time zones are updated (inotify(7)); -1 when nothing can be watched: then nothing is
 * lost but the notice. The caller closes it. */
int zoneinfo_watch(const struct zone *const *zones, size_t count);
/* Takes in what the descriptor has to say, so that it is quiet until the next change. */
void zoneinfo_watch_read(int fd);

#endif
