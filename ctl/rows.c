/* Reads rows, and keeps what is wrong with them. */
#include "ctl/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/complain.h"
#include "ctl/table.h"
#include "sys/file.h"

#define FILE_MAX ((size_t)64 * 1024 * 1024)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const partner_columns[] = {"id", "name", "owner", "cadence", "since", "tags"};
static const char *const contact_columns[] = {"partner", "date",    "kind", "direction", "by",
					      "person",	 "minutes", "note", "ext_id"};

static const struct rows_kind kinds[] = {
    {"partners", partner_columns, COUNT(partner_columns), 1},
    {"contacts", contact_columns, COUNT(contact_columns), 3},
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

/* A partner's id may stand in a file once; which row would be meant? */
struct seen {
	const char *id;
	size_t index;
};

static int compare_seen(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	const int by_id = strcmp(x->id, y->id);

	return by_id ? by_id : (x->index > y->index) - (x->index < y->index);
}

static void mark_duplicates(struct csv *csv, struct arena *arena)
{
	struct seen *seen = mem_alloc(csv->count + 1, sizeof(*seen));

	for (size_t i = 0; i < csv->count; i++)
		seen[i] = (struct seen){csv->rows[i].cells[0] ? csv->rows[i].cells[0] : "", i};
	qsort(seen, csv->count, sizeof(*seen), compare_seen);
	for (size_t i = 1; i < csv->count; i++)
		if (*seen[i].id && strcmp(seen[i].id, seen[i - 1].id) == 0)
			csv->rows[seen[i].index].fault =
			    arena_printf(arena, "id %s stands in line %zu already", seen[i].id,
					 csv->rows[seen[i - 1].index].line);
	free(seen);
}

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
	enum status status = read_input(path, &bytes, &err);
	if (status == STATUS_OK)
		status = csv_read(buf_text(&bytes), bytes.len, kind->columns, kind->count,
				  kind->required, rows->arena, &rows->csv, &err);
	buf_free(&bytes);
	if (status != STATUS_OK) {
		complain("%s: %s", path, err.text);
		rows_close(rows);
		return false;
	}
	if (strcmp(kind->name, "partners") == 0)
		mark_duplicates(&rows->csv, rows->arena);
	else if (rows->csv.count > 0)
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

static int compare_errors(const void *a, const void *b)
{
	return (line_of(a) > line_of(b)) - (line_of(a) < line_of(b));
}

void rows_print_errors(const struct rows *rows)
{
	const size_t count = json_array_size(rows->errors);
	json_t **sorted = mem_alloc(count + 1, sizeof(json_t *));

	for (size_t i = 0; i < count; i++)
		sorted[i] = json_array_get(rows->errors, i);
	qsort(sorted, count, sizeof(json_t *), compare_errors);
	for (size_t i = 0; i < count; i++) {
		fprintf(stderr, "%s:%lld: ", rows->path, (long long)line_of(&sorted[i]));
		fprint_clean(stderr, json_string_value(json_object_get(sorted[i], "message")));
		fputc('\n', stderr);
	}
	free(sorted);
}
