/* CSV in and out: import, export. */
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ctl/outfile.h"
#include "ctl/table.h"
#include "ctl/verbs.h"
#include "source/csv.h"
#include "sys/file.h"

#define FILE_MAX ((size_t)64 * 1024 * 1024)
#define BATCH	 1000
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const partner_columns[] = {"id", "name", "owner", "cadence", "since", "tags"};
static const char *const contact_columns[] = {"partner", "date",    "kind", "direction", "by",
					      "person",	 "minutes", "note", "ext_id"};

/* What can be imported and exported. */
static const struct kind {
	const char *name;
	const char *const *columns;
	size_t count;
	size_t required; /* the first ones */
} kinds[] = {
    {"partners", partner_columns, COUNT(partner_columns), 1},
    {"contacts", contact_columns, COUNT(contact_columns), 3},
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

struct tally {
	long long added, changed, same, bad;
	json_t *complaints;
};

static void complain(long long line, const char *why, struct tally *tally)
{
	json_array_append_new(tally->complaints,
			      json_pack("{s:I, s:s+}", "line", (json_int_t)line, "why", why, ""));
	tally->bad++;
}

static int compare_complaints(const void *a, const void *b)
{
	const json_int_t x = json_integer_value(json_object_get(*(json_t *const *)a, "line"));
	const json_int_t y = json_integer_value(json_object_get(*(json_t *const *)b, "line"));

	return (x > y) - (x < y);
}

/* In the order of the file, in whatever order its rows were sent. */
static void print_complaints(const char *file, const json_t *complaints)
{
	const size_t count = json_array_size(complaints);
	json_t **sorted = mem_alloc(count, sizeof(json_t *));

	for (size_t i = 0; i < count; i++)
		sorted[i] = json_array_get(complaints, i);
	qsort(sorted, count, sizeof(json_t *), compare_complaints);
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "%s:%lld: %s\n", file,
			(long long)json_integer_value(json_object_get(sorted[i], "line")),
			json_string_value(json_object_get(sorted[i], "why")));
	free(sorted);
}

static int send_batch(const struct ctl *ctl, const struct kind *kind, const char *file,
		      bool dry_run, json_t *rows, struct tally *tally)
{
	char *path = mem_printf("import/%s", kind->name);
	json_t *answer = NULL, *row;
	size_t i;
	int result = client_json(
	    ctl, "POST", path, json_pack("{s:b, s:o}", "dry_run", dry_run, "rows", rows), &answer);

	if (result == DONE) {
		tally->added += json_integer_value(json_object_get(answer, "new"));
		tally->changed += json_integer_value(json_object_get(answer, "changed"));
		tally->same += json_integer_value(json_object_get(answer, "same"));
		json_array_foreach(json_object_get(answer, "errors"), i, row)
		    complain(json_integer_value(json_object_get(row, "line")),
			     json_string_value(json_object_get(row, "message")), tally);
		if (dry_run && !ctl->json)
			json_array_foreach(json_object_get(answer, "changes"), i, row)
			    printf("%s:%lld: %s\n", file,
				   (long long)json_integer_value(json_object_get(row, "line")),
				   json_string_value(json_object_get(row, "result")));
	}
	json_decref(answer);
	free(path);
	return result;
}

/* A partner's id may stand in a file once; which row would be meant? */
struct seen {
	const char *id;
	size_t line;
};

static int compare_seen(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	const int by_id = strcmp(x->id, y->id);

	return by_id ? by_id : (x->line > y->line) - (x->line < y->line);
}

static void mark_duplicates(struct csv *csv, struct arena *arena)
{
	struct seen *seen = mem_alloc(csv->count, sizeof(*seen));

	for (size_t i = 0; i < csv->count; i++)
		seen[i] = (struct seen){csv->rows[i].cells[0] ? csv->rows[i].cells[0] : "", i};
	qsort(seen, csv->count, sizeof(*seen), compare_seen);
	for (size_t i = 1; i < csv->count; i++)
		if (*seen[i].id && strcmp(seen[i].id, seen[i - 1].id) == 0)
			csv->rows[seen[i].line].fault =
			    arena_printf(arena, "id %s stands in line %zu already", seen[i].id,
					 csv->rows[seen[i - 1].line].line);
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

static json_t *row_json(const struct kind *kind, const struct csv_row *row)
{
	json_t *o = json_pack("{s:I}", "line", (json_int_t)row->line);

	for (size_t c = 0; c < kind->count; c++)
		if (row->cells[c] && *row->cells[c])
			json_object_set_new(o, kind->columns[c], json_string(row->cells[c]));
	return o;
}

static int send_all(const struct ctl *ctl, const struct kind *kind, const char *file, bool dry_run,
		    const struct csv *csv, struct tally *tally)
{
	const bool progress = csv->count > BATCH && isatty(STDERR_FILENO);
	json_t *batch = json_array();
	int result = DONE;

	for (size_t i = 0; i < csv->count && result == DONE; i++) {
		if (csv->rows[i].fault)
			complain((long long)csv->rows[i].line, csv->rows[i].fault, tally);
		else
			json_array_append_new(batch, row_json(kind, &csv->rows[i]));
		if (json_array_size(batch) < BATCH)
			continue;
		result = send_batch(ctl, kind, file, dry_run, batch, tally);
		batch = json_array();
		if (progress)
			fprintf(stderr, "\r%zu of %zu rows", i + 1, csv->count);
	}
	if (progress)
		fputc('\n', stderr);
	if (result == DONE && json_array_size(batch) > 0)
		return send_batch(ctl, kind, file, dry_run, batch, tally);
	json_decref(batch);
	return result;
}

static int import_bytes(const struct ctl *ctl, const struct kind *kind, const char *file,
			bool dry_run, const struct buf *bytes)
{
	struct arena *arena = arena_new();
	struct tally tally = {.complaints = json_array()};
	struct csv csv;
	struct error err;
	int result = FAILED;

	if (csv_read(buf_text(bytes), bytes->len, kind->columns, kind->count, kind->required, arena,
		     &csv, &err) != STATUS_OK) {
		fprintf(stderr, "%s: %s\n", file, err.text);
	} else {
		if (strcmp(kind->name, "partners") == 0)
			mark_duplicates(&csv, arena);
		else
			qsort(csv.rows, csv.count, sizeof(*csv.rows), compare_newest_first);
		result = send_all(ctl, kind, file, dry_run, &csv, &tally);
		print_complaints(file, tally.complaints);
		if (result == DONE && !ctl->json)
			printf("%s%lld new, %lld changed, %lld unchanged, %lld bad\n",
			       dry_run ? "would be: " : "", tally.added, tally.changed, tally.same,
			       tally.bad);
	}
	json_decref(tally.complaints);
	arena_free(arena);
	return result == DONE && tally.bad > 0 ? FAILED : result;
}

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

int verb_import(const struct ctl *ctl, int argc, char **argv)
{
	bool dry_run = false;
	const struct ctl_option options[] = {{"--dry-run", NULL, &dry_run}};
	struct buf bytes = buf_make(FILE_MAX);
	struct error err = {""};
	const struct kind *kind;
	int result;

	argc = take_options(argc, argv, options, COUNT(options));
	if (argc != 2 || !(kind = find_kind(argv[0])))
		return usage(
		    "import takes partners or contacts, and a file (- for standard input)");
	if (read_input(argv[1], &bytes, &err) != STATUS_OK) {
		fprintf(stderr, "cadencectl: %s\n", err.text);
		result = FAILED;
	} else {
		result = import_bytes(ctl, kind, argv[1], dry_run, &bytes);
	}
	buf_free(&bytes);
	return result;
}

/* ---- export ---- */

static void write_row(FILE *file, const struct kind *kind, const json_t *o)
{
	for (size_t c = 0; c < kind->count; c++) {
		const char *key = strcmp(kind->columns[c], "date") == 0 ? "day" : kind->columns[c];
		char scratch[32];
		const char *cell =
		    json_is_null(json_object_get(o, key)) ? "" : member_text(o, key, scratch);

		if (c > 0)
			fputc(',', file);
		if (*cell)
			csv_fwrite(file, cell, strlen(cell));
	}
	fputc('\n', file);
}

static int export_to(FILE *file, const struct ctl *ctl, const struct kind *kind)
{
	const struct ctl quiet = {.socket = ctl->socket};
	char *after = mem_strdup("");
	bool more = true;
	int result = DONE;

	for (size_t c = 0; c < kind->count; c++)
		fprintf(file, "%s%s", c ? "," : "", kind->columns[c]);
	fputc('\n', file);
	while (result == DONE && more) {
		char *path =
		    mem_printf("%s?limit=1000%s%s", kind->name, *after ? "&after=" : "", after);
		json_t *answer = NULL, *rows, *row = NULL;
		size_t i;

		result = client_json(&quiet, "GET", path, NULL, &answer);
		rows = json_object_get(answer, kind->name);
		json_array_foreach(rows, i, row) write_row(file, kind, row);
		more = result == DONE && json_is_true(json_object_get(answer, "more"));
		if (more) {
			char scratch[32];

			free(after);
			after = client_escape(member_text(
			    json_array_get(rows, json_array_size(rows) - 1), "id", scratch));
		}
		json_decref(answer);
		free(path);
	}
	free(after);
	return result;
}

int verb_export(const struct ctl *ctl, int argc, char **argv)
{
	const char *path = "-";
	const struct ctl_option options[] = {{"-o", &path, NULL}, {"--output", &path, NULL}};
	const struct kind *kind;
	struct outfile out;
	int result;

	argc = take_options(argc, argv, options, COUNT(options));
	kind = argc == 1 ? find_kind(argv[0]) : NULL;
	if (!kind)
		return usage("export takes partners or contacts");
	if (!outfile_open(path, &out))
		return FAILED;
	result = export_to(out.file, ctl, kind);
	return outfile_close(&out, result == DONE) || result != DONE ? result : FAILED;
}
