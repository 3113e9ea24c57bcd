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

#endif
