/* Reads CSV with libcsv and maps its columns by their names. */
#include "source/csv.h"

#include <csv.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

struct reader {
	struct arena *arena;
	const char *const *columns;
	size_t column_count, required;
	int place[CSV_COLUMNS_MAX]; /* which known column stands here; -1: none */
	size_t width;		    /* columns of the header */
	bool has_header;
	const char *cells[CSV_COLUMNS_MAX]; /* of the row that is being read */
	size_t cell;
	const char *fault;
	size_t line, row_line;
	struct csv csv;
	size_t capacity;
	enum status status;
	struct error *err;
};

static char sniff_delimiter(const char *bytes, size_t len)
{
	const char *newline = memchr(bytes, '\n', len);
	const size_t first = newline ? (size_t)(newline - bytes) : len;
	static const char candidates[] = ",;\t";
	size_t best = 0;
	char delimiter = ',';

	for (const char *c = candidates; *c; c++) {
		size_t count = 0;

		for (size_t i = 0; i < first; i++)
			count += bytes[i] == *c;
		if (count > best) {
			best = count;
			delimiter = *c;
		}
	}
	return delimiter;
}

/* Takes the carriage return out of every CR LF, in place: line ends inside a cell are line feeds here. */
static size_t join_line_ends(char *bytes, size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++)
		if (bytes[i] != '\r' || i + 1 == len || bytes[i + 1] != '\n')
			bytes[kept++] = bytes[i];
	return kept;
}

static void on_cell(void *bytes, size_t len, void *arg)
{
	struct reader *r = arg;
	char scratch[TEXT_FAULT_SIZE];
	const char *fault;

	len = bytes ? join_line_ends(bytes, len) : 0;

	if (r->cell >= CSV_COLUMNS_MAX) {
		r->fault = "has more columns than the first row";
		return;
	}
	if (len > CSV_CELL_MAX)
		fault = arena_printf(r->arena, "column %zu is longer than %d bytes", r->cell + 1,
				     CSV_CELL_MAX);
	else if ((fault = text_check(bytes ? bytes : "", len, TEXT_NOTE, 0, CSV_CELL_MAX, scratch)))
		fault = arena_printf(r->arena, "column %zu %s", r->cell + 1, fault);
	if (fault) {
		if (!r->fault)
			r->fault = fault;
		r->cells[r->cell++] = "";
		return;
	}
	r->cells[r->cell++] = arena_strndup(r->arena, bytes ? bytes : "", len);
}

static void fail(struct reader *r, const char *fmt, const char *a, const char *b)
{
	if (r->status == STATUS_OK)
		r->status = error_fail(r->err, STATUS_INVALID, fmt, a, b);
}

static void read_header(struct reader *r)
{
	bool seen[CSV_COLUMNS_MAX] = {false};

	r->has_header = true;
	r->width = r->cell;
	if (r->fault)
		fail(r, "the first row %s%s", r->fault, "");
	for (size_t i = 0; i < r->cell && r->status == STATUS_OK; i++) {
		const char *name = r->cells[i];

		r->place[i] = -1;
		for (size_t c = 0; c < r->column_count; c++)
			if (strcasecmp(name, r->columns[c]) == 0)
				r->place[i] = (int)c;
		if (r->place[i] < 0) {
			const int near = text_nearest(name, r->columns, r->column_count);

			fail(r, near >= 0 ? "unknown column \"%s\"; did you mean %s?" : "unknown column \"%s\"%s",
			     name, near >= 0 ? r->columns[near] : "");
		} else if (seen[r->place[i]]) {
			fail(r, "column \"%s\" stands there twice%s", name, "");
		} else {
			seen[r->place[i]] = true;
		}
	}
	for (size_t c = 0; c < r->required; c++)
		if (!seen[c])
			fail(r, "column \"%s\" is missing in the first row%s", r->columns[c], "");
}

static void keep_row(struct reader *r)
{
	struct csv_row *row;

	if (r->csv.count >= CSV_ROWS_MAX) {
		fail(r, "more than a million rows%s%s", "", "");
		return;
	}
	r->csv.rows =
	    arena_grow(r->arena, r->csv.rows, r->csv.count, &r->capacity, sizeof(*r->csv.rows));
	row = &r->csv.rows[r->csv.count++];
	*row = (struct csv_row){.line = r->row_line, .fault = r->fault};
	if (r->cell > r->width && !row->fault)
		row->fault = "has more columns than the first row";
	row->cells = arena_alloc(r->arena, r->column_count, sizeof(*row->cells));
	for (size_t i = 0; i < r->cell && i < r->width; i++)
		row->cells[r->place[i]] = r->cells[i];
}

static void on_row(int end, void *arg)
{
	struct reader *r = arg;
	const bool empty = r->cell == 0 || (r->cell == 1 && !r->cells[0][0] && !r->fault);

	(void)end;
	if (r->status == STATUS_OK && !empty) {
		if (!r->has_header)
			read_header(r);
		else
			keep_row(r);
	}
	r->cell = 0;
	r->fault = NULL;
}

/* Feeds the bytes line by line, so that each row knows on which line it begins. */
static enum status parse(struct reader *r, struct csv_parser *parser, const char *bytes, size_t len)
{
	size_t at = 0;

	while (at < len && r->status == STATUS_OK) {
		const char *newline = memchr(bytes + at, '\n', len - at);
		const size_t part = newline ? (size_t)(newline - (bytes + at)) + 1 : len - at;
		const size_t rows_before = r->csv.count + r->has_header;

		if (csv_parse(parser, bytes + at, part, on_cell, on_row, r) != part)
			return error_fail(r->err, STATUS_INVALID, "line %zu: %s", r->line,
					  csv_strerror(csv_error(parser)));
		at += part;
		r->line++;
		/* A row that goes on (a quoted line feed) keeps the line on which it began. */
		if (r->csv.count + r->has_header != rows_before || r->cell == 0)
			r->row_line = r->line;
	}
	csv_fini(parser, on_cell, on_row, r);
	return r->status;
}

enum status csv_read(const char *bytes, size_t len, const char *const *columns, size_t column_count,
		     size_t required, struct arena *arena, struct csv *ret_csv, struct error *err)
{
	struct reader r = {.arena = arena,
			   .columns = columns,
			   .column_count = column_count,
			   .required = required,
			   .line = 1,
			   .row_line = 1,
			   .err = err};
	struct csv_parser parser;
	enum status status;

	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		len -= 3;
	}
	if (csv_init(&parser, CSV_APPEND_NULL))
		return error_fail(err, STATUS_FAILED, "no CSV parser");
	csv_set_delim(&parser, (unsigned char)sniff_delimiter(bytes, len));
	status = parse(&r, &parser, bytes, len);
	csv_free(&parser);
	if (status == STATUS_OK && !r.has_header)
		status = error_fail(err, STATUS_INVALID, "the file is empty; its first row names the columns");
	if (status == STATUS_OK)
		*ret_csv = r.csv;
	return status;
}
