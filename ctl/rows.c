/* Reads rows, and keeps what is wrong with them. */
#include "ctl/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/contact.h"
#include "ctl/complain.h"
#include "ctl/table.h"
#include "sys/file.h"

#define FILE_MAX ((size_t)64 * 1024 * 1024)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const partner_columns[] = {"id",    "name", "owner",	   "cadence",
					      "since", "tags", "cold_mark"};
static const char *const contact_columns[] = {"partner", "date",    "kind", "direction", "by",
					      "person",	 "minutes", "note", "ext_id"};

#define CONTACT_EXT_ID (COUNT(contact_columns) - 1)

static const char *partner_key(const struct csv_row *row, struct arena *arena);
static const char *contact_key(const struct csv_row *row, struct arena *arena);

static const struct rows_kind kinds[] = {
    {"partners", partner_columns, COUNT(partner_columns), 1, partner_key},
    {"contacts", contact_columns, COUNT(contact_columns), 3, contact_key},
};

const struct rows_kind *rows_kind(const char *name)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

/* ---- reading ---- */

static enum status read_input(const char *path, struct buf *bytes, struct error *err)
{
	char block[16384];
	size_t n;

	if (strcmp(path, "-") != 0)
		return file_read(path, FILE_MAX, bytes, NULL, err);
	while ((n = fread(block, 1, sizeof(block), stdin)) > 0)
		buf_add(bytes, block, n);
	if (ferror(stdin))
		return error_fail(err, STATUS_FAILED, "standard input cannot be read");
	return bytes->overflowed ? error_fail(err, STATUS_TOO_BIG,
					      "standard input: more than %zu MB", FILE_MAX >> 20)
				 : STATUS_OK;
}

/* What may stand in a file once: a partner's id, a contact's name in its source. Which of two rows
 * would be meant? */
struct seen {
	const char *key; /* "" when the row has none */
	size_t index;
};

static int compare_seen(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	const int by_key = strcmp(x->key, y->key);

	return by_key ? by_key : (x->index > y->index) - (x->index < y->index);
}

static const char *partner_key(const struct csv_row *row, struct arena *arena)
{
	return row->cells[0] ? arena_printf(arena, "id %s", row->cells[0]) : "";
}

static const char *contact_key(const struct csv_row *row, struct arena *arena)
{
	const char *partner = row->cells[0], *ext_id = row->cells[CONTACT_EXT_ID];

	return partner && ext_id && *ext_id
		   ? arena_printf(arena, "ext_id %s of %s", ext_id, partner)
		   : "";
}

static void mark_duplicates(struct rows *rows)
{
	struct csv *csv = &rows->csv;
	struct seen *seen = mem_alloc(csv->count + 1, sizeof(*seen));

	for (size_t i = 0; i < csv->count; i++)
		seen[i] = (struct seen){rows->kind->key(&csv->rows[i], rows->arena), i};
	qsort(seen, csv->count, sizeof(*seen), compare_seen);
	for (size_t i = 1; i < csv->count; i++)
		if (*seen[i].key && strcmp(seen[i].key, seen[i - 1].key) == 0)
			csv->rows[seen[i].index].fault =
			    arena_printf(rows->arena, "%s stands in line %zu already", seen[i].key,
					 csv->rows[seen[i - 1].index].line);
	free(seen);
}

/* ---- what is too long ---- */

/* Code points; words that are not here mean something, and are short. */
static const struct {
	const char *column;
	size_t max;
} limits[] = {
    {"name", TEXT_NAME_MAX}, {"person", TEXT_NAME_MAX},	     {"tags", TEXT_TAGS_MAX},
    {"note", TEXT_NOTE_MAX}, {"ext_id", CONTACT_EXT_ID_MAX},
};

static size_t limit_of(const char *column)
{
	for (size_t i = 0; i < COUNT(limits); i++)
		if (strcmp(limits[i].column, column) == 0)
			return limits[i].max;
	return TEXT_ID_MAX;
}

static void mark_long_cells(struct rows *rows)
{
	for (size_t i = 0; i < rows->csv.count; i++) {
		struct csv_row *row = &rows->csv.rows[i];

		for (size_t c = 0; c < rows->kind->count && !row->fault; c++) {
			const size_t max = limit_of(rows->kind->columns[c]);

			if (row->cells[c] && text_code_points(row->cells[c]) > max)
				row->fault =
				    arena_printf(rows->arena, "%s is longer than %zu characters",
						 rows->kind->columns[c], max);
		}
	}
}

/* ---- opening ---- */

/* The newest contacts first, so that those before them change nothing any more and raise no nudge
 * about the past. */
static int compare_newest_first(const void *a, const void *b)
{
	const struct csv_row *x = a, *y = b;
	const char *dx = x->cells[1] ? x->cells[1] : "", *dy = y->cells[1] ? y->cells[1] : "";
	const int by_date = strcmp(dy, dx);

	return by_date ? by_date : (x->line > y->line) - (x->line < y->line);
}

bool rows_open(struct rows *rows, const struct rows_kind *kind, const char *path)
{
	struct buf bytes = buf_make(FILE_MAX);
	struct error err = {""};

	*rows =
	    (struct rows){.kind = kind, .path = path, .arena = arena_new(), .errors = json_array()};
	const enum status read = read_input(path, &bytes, &err);
	enum status status = read;

	if (status == STATUS_OK)
		status = csv_read(buf_text(&bytes), bytes.len, kind->columns, kind->count,
				  kind->required, rows->arena, &rows->csv, &err);
	buf_free(&bytes);
	if (status != STATUS_OK) {
		/* What cannot be read names itself. */
		complain("%s%s%s", read == STATUS_OK ? path : "", read == STATUS_OK ? ": " : "",
			 err.text);
		rows_close(rows);
		return false;
	}
	mark_long_cells(rows);
	mark_duplicates(rows);
	if (strcmp(kind->name, "contacts") == 0 && rows->csv.count > 0)
		qsort(rows->csv.rows, rows->csv.count, sizeof(*rows->csv.rows),
		      compare_newest_first);
	return true;
}

void rows_close(struct rows *rows)
{
	json_decref(rows->errors);
	arena_free(rows->arena);
	*rows = (struct rows){0};
}

json_t *rows_json(struct rows *rows, size_t index)
{
	const struct csv_row *row = &rows->csv.rows[index];
	json_t *o = json_pack("{s:I}", "line", (json_int_t)row->line);

	if (row->fault) {
		json_object_set_new(o, "message", json_string(row->fault));
		json_array_append_new(rows->errors, o);
		return NULL;
	}
	for (size_t c = 0; c < rows->kind->count; c++)
		if (row->cells[c] && *row->cells[c])
			json_object_set_new(o, rows->kind->columns[c], json_string(row->cells[c]));
	return o;
}

/* ---- what is wrong ---- */

static json_int_t line_of(const void *element)
{
	return json_integer_value(json_object_get(*(json_t *const *)element, "line"));
}

static int compare_lines(const void *a, const void *b)
{
	return (line_of(a) > line_of(b)) - (line_of(a) < line_of(b));
}

/* The elements of a list of things said of lines, in the order of the file; the caller frees. */
static json_t **in_order(const json_t *list)
{
	const size_t count = json_array_size(list);
	json_t **sorted = mem_alloc(count + 1, sizeof(*sorted));

	for (size_t i = 0; i < count; i++)
		sorted[i] = json_array_get(list, i);
	qsort(sorted, count, sizeof(*sorted), compare_lines);
	return sorted;
}

static void print_error(const struct rows *rows, json_t *error)
{
	fflush(stdout);
	fprintf(stderr, "%s:%lld: ", rows->path, (long long)line_of(&error));
	fprint_clean(stderr, json_string_value(json_object_get(error, "message")));
	fputc('\n', stderr);
}

static int compare_rows(const void *a, const void *b)
{
	const size_t x = (*(const struct csv_row *const *)a)->line;
	const size_t y = (*(const struct csv_row *const *)b)->line;

	return (x > y) - (x < y);
}

/* The rows in the order of the file; the caller frees. */
static const struct csv_row **rows_in_order(const struct rows *rows)
{
	const struct csv_row **sorted = mem_alloc(rows->csv.count + 1, sizeof(*sorted));

	for (size_t i = 0; i < rows->csv.count; i++)
		sorted[i] = &rows->csv.rows[i];
	qsort(sorted, rows->csv.count, sizeof(*sorted), compare_rows);
	return sorted;
}

/* "contacts.csv:3: new: acme 2026-11-03 call": with what a row has to have. */
static void print_change(const struct rows *rows, const struct csv_row *row, const json_t *change)
{
	printf("%s:%zu: %s:", rows->path, row->line,
	       json_string_value(json_object_get(change, "result")));
	for (size_t c = 0; c < rows->kind->required; c++) {
		putchar(' ');
		print_clean(row->cells[c] ? row->cells[c] : "-");
	}
	putchar('\n');
}

void rows_print(const struct rows *rows, const json_t *changes)
{
	const size_t change_count = json_array_size(changes),
		     error_count = json_array_size(rows->errors);
	json_t **change = in_order(changes), **error = in_order(rows->errors);
	const struct csv_row **sorted = rows_in_order(rows);
	size_t c = 0, e = 0, r = 0;

	while (c < change_count || e < error_count) {
		const bool error_next =
		    e < error_count &&
		    (c == change_count || line_of(&error[e]) <= line_of(&change[c]));

		if (error_next) {
			print_error(rows, error[e++]);
			continue;
		}
		/* What is said is of a row that was sent. */
		while (r + 1 < rows->csv.count && (json_int_t)sorted[r]->line < line_of(&change[c]))
			r++;
		print_change(rows, sorted[r], change[c++]);
	}
	free(sorted);
	free(change);
	free(error);
}
