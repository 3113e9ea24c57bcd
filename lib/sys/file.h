/* Reading small files whole. */
#ifndef CADENCE_SYS_FILE_H
#define CADENCE_SYS_FILE_H

#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"

/* Appends the file's bytes to *ret. STATUS_NOT_FOUND, STATUS_TOO_BIG (over max bytes) or
 * STATUS_FAILED, with a reason that names the path; then nothing was appended. ret_stat may be
 * NULL. Only regular files. */
enum status file_read(const char *path, size_t max, struct buf *ret, struct stat *ret_stat,
		      struct error *err) MUST_USE;

#endif
