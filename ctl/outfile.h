/* A file that a verb writes: whole or absent. "-" is standard output. */
#ifndef CADENCE_CTL_OUTFILE_H
#define CADENCE_CTL_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

struct outfile {
	const char *path; /* as the user named it */
	char *part;	  /* its name until it is whole; NULL: standard output */
	FILE *file;
};

/* Opens PATH.part, for the user alone. A database that is in use is not replaced. False after
 * printing why not. */
bool outfile_open(const char *path, struct outfile *ret);
/* Gives it its name when `good` and all of it reached the disk; else it is gone. False after
 * printing why. */
bool outfile_close(struct outfile *out, bool good);

#endif
