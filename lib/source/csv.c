/* Reads CSV with libcsv and maps its columns by their names. */
#include "source/csv.h"

#include <csv.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define ROW_MAX	   65536 /* bytes of a row with line ends in it */
#define BROKEN_MAX 1000	 /* rows whose quotes do not match, before we give up */

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
	size_t rows_seen; /* ends of rows, empty ones too */
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

/* Takes the carriage return out of every CR LF, in place: line ends inside a cell are line feeds
 * here. */
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

			fail(r,
			     near >= 0 ? "unknown column \"%s\"; did you mean %s?"
				       : "unknown column \"%s\"%s",
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
	r->rows_seen++;
	if (r->status == STATUS_OK && !empty) {
		if (!r->has_header)
			read_header(r);
		else
			keep_row(r);
	}
	r->cell = 0;
	r->fault = NULL;
}

/* The header must be whole; any other row is kept as a bad one. */
static void on_broken_row(struct reader *r)
{
	if (r->has_header)
		keep_row(r);
	else
		fail(r, "the first row %s%s", r->fault, "");
	r->fault = NULL;
}

/* Bytes up to and with the next line end: LF, CR LF or CR. */
static size_t line_length(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n')
			return i + 1;
		if (bytes[i] == '\r')
			return i + 1 < len && bytes[i + 1] == '\n' ? i + 2 : i + 1;
	}
	return len;
}

static enum status open_parser(struct csv_parser *parser, char delimiter, struct error *err)
{
	if (csv_init(parser, CSV_APPEND_NULL | CSV_STRICT | CSV_STRICT_FINI))
		return error_fail(err, STATUS_FAILED, "no CSV parser");
	csv_set_delim(parser, (unsigned char)delimiter);
	/* Its own step of 128 bytes copies a huge cell over and over. */
	csv_set_blk_size(parser, ROW_MAX);
	return STATUS_OK;
}

/* Feeds lines until one row has ended; *ret_used and *ret_lines say how far that went. False when
 * the quotes of the row do not match: it ends inside a quoted cell, goes on too long, or has a
 * quote where none can stand. */
static bool feed_row(struct reader *r, struct csv_parser *parser, const char *bytes, size_t len,
		     size_t *ret_used, size_t *ret_lines)
{
	const size_t rows_before = r->rows_seen;

	*ret_used = *ret_lines = 0;
	while (*ret_used < len && r->rows_seen == rows_before) {
		const char *line = bytes + *ret_used;
		const size_t part = line_length(line, len - *ret_used);

		if (csv_parse(parser, line, part, on_cell, on_row, r) != part)
			return false;
		*ret_used += part;
		++*ret_lines;
		/* An empty line ends no row, and begins none. */
		if (r->rows_seen == rows_before && part <= 2 && *ret_lines == 1 &&
		    (line[0] == '\n' || line[0] == '\r'))
			return true;
		if (r->rows_seen == rows_before && *ret_used > ROW_MAX)
			return false;
	}
	return r->rows_seen != rows_before || csv_fini(parser, on_cell, on_row, r) == 0;
}

/* Reads row by row. A row whose quotes do not match is bad by itself: reading goes on with the line
 * after the one on which it began, so that a forgotten quote takes no other row with it. */
static enum status parse(struct reader *r, char delimiter, const char *bytes, size_t len)
{
	struct csv_parser parser;
	size_t used, lines, broken = 0;

	if (open_parser(&parser, delimiter, r->err) != STATUS_OK)
		return STATUS_FAILED;
	while (len > 0 && r->status == STATUS_OK && broken <= BROKEN_MAX) {
		r->row_line = r->line;
		if (!feed_row(r, &parser, bytes, len, &used, &lines)) {
			broken++;
			r->cell = 0;
			r->fault = "has quotes that do not match";
			on_broken_row(r);
			used = line_length(bytes, len);
			lines = 1;
			csv_free(&parser);
			if (open_parser(&parser, delimiter, r->err) != STATUS_OK)
				return STATUS_FAILED;
		}
		bytes += used;
		len -= used;
		r->line += lines;
	}
	csv_free(&parser);
	if (broken > BROKEN_MAX)
		fail(r, "too many rows have quotes that do not match; is this CSV?%s%s", "", "");
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
	enum status status;

	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		len -= 3;
	}
	status = parse(&r, sniff_delimiter(bytes, len), bytes, len);
	if (status == STATUS_OK && !r.has_header)
		status = error_fail(err, STATUS_INVALID,
				    "the file is empty; its first row names the columns");
	if (status == STATUS_OK)
		*ret_csv = r.csv;
	return status;
}
