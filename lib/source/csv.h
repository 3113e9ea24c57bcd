/* CSV as people's tools write it: a byte-order mark, commas, semicolons or tabs, quoted line feeds.
 */
#ifndef CADENCE_SOURCE_CSV_H
#define CADENCE_SOURCE_CSV_H

#include <stddef.h>

#include "base/error.h"
#include "base/mem.h"

#define CSV_CELL_MAX	16384 /* bytes of a cell; a longer one makes its row bad */
#define CSV_ROWS_MAX	1000000
#define CSV_COLUMNS_MAX 64

struct csv_row {
	size_t line;	    /* on which it begins, from 1 */
	const char **cells; /* one a known column, NULL when the row is shorter */
	const char *fault;  /* why it cannot be used, or NULL */
};

struct csv {
	struct csv_row *rows;
	size_t count;
};

/* Reads a whole file. Its first row names the columns, in any order and case; columns are the names
 * that are known, the first `required` of them must be there, an unknown one is an error that names
 * the nearest. Rows come back with their cells in the order of columns. Everything lives in the
 * arena. */
enum status csv_read(const char *bytes, size_t len, const char *const *columns, size_t column_count,
		     size_t required, struct arena *arena, struct csv *ret_csv,
		     struct error *err) MUST_USE;

#endif
