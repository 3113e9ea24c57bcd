/* Where a file lies. */
#ifndef CADENCE_BASE_PATH_H
#define CADENCE_BASE_PATH_H

#include "base/error.h"

/* The folder a file lies in: "/var/lib" of "/var/lib/x", "/" of "/x", "." of "x". The caller frees.
 */
char *path_folder(const char *path);
/* Puts on disk that the file at path has come, gone, or got this name: until then a crash may
 * forget it, whatever was done for its bytes. STATUS_FAILED. */
enum status path_sync_folder(const char *path, struct error *err) MUST_USE;

#endif
