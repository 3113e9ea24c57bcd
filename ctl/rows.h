/* CSV files as rows for an import: read, put in order, and what is wrong with them by its line. */
#ifndef CADENCE_CTL_ROWS_H
#define CADENCE_CTL_ROWS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/mem.h"
#include "source/csv.h"

/* What can be imported and exported. */
struct rows_kind {
	const char *name;
	const char *const *columns;
	size_t count;
	size_t required; /* the first ones */
	/* What of a row may stand in a file once, "" when it has nothing of the kind. */
	const char *(*key)(const struct csv_row *row, struct arena *arena);
};

/* "partners" or "contacts"; NULL for other words. */
const struct rows_kind *rows_kind(const char *name);

struct rows {
	const struct rows_kind *kind;
	const char *path; /* as the user named it */
	struct arena *arena;
	struct csv csv; /* partners in the order of the file, contacts the newest first */
	json_t *errors; /* of {line, message} */
};

/* Reads a file, "-" is standard input; false after printing why not. A row is bad when
 * a cell is too long, and the second time that an id or an ext_id of a partner stands in it. */
bool rows_open(struct rows *rows, const struct rows_kind *kind, const char *path);
void rows_close(struct rows *rows);
/* A row as an object of texts with its line, the caller's; NULL when it is bad, which is noted. */
json_t *rows_json(struct rows *rows, size_t index);
/* Prints, in the order of the file, changes (of {line, result}; NULL: none) to stdout and the
 * errors to stderr. */
void rows_print(const struct rows *rows, const json_t *changes);

#endif
