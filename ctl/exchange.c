/* CSV in and out: import, export. */
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ctl/complain.h"
#include "ctl/outfile.h"
#include "ctl/rows.h"
#include "ctl/table.h"
#include "ctl/verbs.h"

#define BATCH 1000 /* rows */
#define BATCH_BYTES                                                                                \
	(1 << 20) /* then it is sent; the daemon takes 8 MiB, and a row is far shorter */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- import ---- */

/* What came of the batches so far: {new, changed, same, errors, changes}. */
static void add_up(json_t *total, const json_t *answer)
{
	static const char *const counts[] = {"new", "changed", "same"};
	static const char *const lists[] = {"errors", "changes"};

	for (size_t i = 0; i < COUNT(counts); i++)
		json_object_set_new(
		    total, counts[i],
		    json_integer(json_integer_value(json_object_get(total, counts[i])) +
				 json_integer_value(json_object_get(answer, counts[i]))));
	for (size_t i = 0; i < COUNT(lists); i++)
		json_array_extend(json_object_get(total, lists[i]),
				  json_object_get(answer, lists[i]));
}

static int send_batch(const struct ctl *ctl, const struct rows *rows, bool dry_run, json_t *batch,
		      json_t *total)
{
	const struct ctl quiet = {.socket = ctl->socket};
	char *path = mem_printf("import/%s", rows->kind->name);
	json_t *answer = NULL;
	int result = DONE;

	if (json_array_size(batch) > 0)
		result = client_json(&quiet, "POST", path,
				     json_pack("{s:b, s:O}", "dry_run", dry_run, "rows", batch),
				     &answer);
	if (answer)
		add_up(total, answer);
	json_decref(answer);
	free(path);
	return result;
}

static int send_all(const struct ctl *ctl, struct rows *rows, bool dry_run, json_t *total)
{
	const size_t count = rows->csv.count;
	const bool progress = count > BATCH && isatty(STDERR_FILENO);
	json_t *batch = json_array();
	size_t bytes = 0;
	int result = DONE;

	for (size_t i = 0; i < count && result == DONE; i++) {
		json_t *row = rows_json(rows, i);

		if (row) {
			bytes += json_dumpb(row, NULL, 0, JSON_COMPACT);
			json_array_append_new(batch, row);
		}
		if (json_array_size(batch) < BATCH && bytes < BATCH_BYTES && i + 1 < count)
			continue;
		result = send_batch(ctl, rows, dry_run, batch, total);
		json_array_clear(batch);
		bytes = 0;
		if (progress)
			fprintf(stderr, "\r%zu of %zu rows", i + 1, count);
	}
	if (progress)
		fputc('\n', stderr);
	json_decref(batch);
	return result;
}

static void print_total(const struct rows *rows, bool dry_run, const json_t *total)
{
	rows_print(rows, dry_run ? json_object_get(total, "changes") : NULL);
	printf("%s%lld new, %lld changed, %lld unchanged, %zu bad\n", dry_run ? "would be: " : "",
	       (long long)json_integer_value(json_object_get(total, "new")),
	       (long long)json_integer_value(json_object_get(total, "changed")),
	       (long long)json_integer_value(json_object_get(total, "same")),
	       json_array_size(rows->errors));
}

static bool is_anything_stored(const json_t *total)
{
	return json_integer_value(json_object_get(total, "new")) > 0 ||
	       json_integer_value(json_object_get(total, "changed")) > 0 ||
	       json_integer_value(json_object_get(total, "same")) > 0;
}

static void print_outcome(const struct rows *rows, bool dry_run, const json_t *total, int result)
{
	if (result == DONE || is_anything_stored(total))
		print_total(rows, dry_run, total);
	else
		rows_print(rows, NULL);
	if (result != DONE && is_anything_stored(total))
		fputs("The rest of the file was not looked at. Importing it again does no harm.\n",
		      stderr);
}

static int import(const struct ctl *ctl, struct rows *rows, bool dry_run)
{
	/* The list of errors is shared: what the file's own rows lack comes into it too. */
	json_t *total = json_pack("{s:i, s:i, s:i, s:b, s:O, s:[]}", "new", 0, "changed", 0, "same",
				  0, "dry_run", dry_run, "errors", rows->errors, "changes");
	const int result = send_all(ctl, rows, dry_run, total);

	if (ctl->json) {
		if (result != DONE)
			json_object_set_new(total, "error", complaint_take());
		client_print(total);
	} else {
		print_outcome(rows, dry_run, total, result);
	}
	json_decref(total);
	return result == DONE && json_array_size(rows->errors) > 0 ? FAILED : result;
}

int verb_import(const struct ctl *ctl, int argc, char **argv)
{
	bool dry_run = false;
	const struct ctl_option options[] = {{"--dry-run", NULL, &dry_run}};
	const struct rows_kind *kind;
	struct rows rows;
	int result;

	argc = take_options(argc, argv, options, COUNT(options));
	if (argc != 2 || !(kind = rows_kind(argv[0])))
		return usage(
		    "import takes partners or contacts, and a file (- for standard input)");
	if (!rows_open(&rows, kind, argv[1]))
		return FAILED;
	result = import(ctl, &rows, dry_run);
	rows_close(&rows);
	return result;
}

/* ---- export ---- */

struct export
{
	FILE *file;
	const struct rows_kind *kind;
	json_t *rows; /* with --json: so far */
};

/* What a column of the file is called in the answers of the daemon. */
static const char *member_of(const char *column)
{
	return strcmp(column, "date") == 0 ? "day" : column;
}

static void write_csv(void *arg, json_t *row)
{
	struct export *export = arg;
	const struct rows_kind *kind = export->kind;

	for (size_t c = 0; c < kind->count; c++) {
		const char *key = member_of(kind->columns[c]);
		char scratch[32];
		const char *cell =
		    json_is_null(json_object_get(row, key)) ? "" : member_text(row, key, scratch);

		if (c > 0)
			fputc(',', export->file);
		if (*cell)
			csv_fwrite(export->file, cell, strlen(cell));
	}
	fputc('\n', export->file);
}

/* As an import takes it: what is not known is not there. */
static void keep_json(void *arg, json_t *row)
{
	struct export *export = arg;
	json_t *o = json_object(), *value;

	for (size_t c = 0; c < export->kind->count; c++) {
		value = json_object_get(row, member_of(export->kind->columns[c]));
		if (!json_is_null(value))
			json_object_set(o, export->kind->columns[c], value);
	}
	json_array_append_new(export->rows, o);
}

static int export_to(FILE *file, const struct ctl *ctl, const struct rows_kind *kind)
{
	struct export export = {.file = file, .kind = kind};
	int result;

	if (!ctl->json) {
		for (size_t c = 0; c < kind->count; c++)
			fprintf(file, "%s%s", c ? "," : "", kind->columns[c]);
		fputc('\n', file);
		return client_each(ctl, kind->name, kind->name, write_csv, &export);
	}
	/* One JSON, whole or not at all. */
	export.rows = json_array();
	result = client_each(ctl, kind->name, kind->name, keep_json, &export);
	if (result == DONE) {
		json_dumpf(export.rows, file, JSON_COMPACT);
		fputc('\n', file);
	}
	json_decref(export.rows);
	return result;
}

int verb_export(const struct ctl *ctl, int argc, char **argv)
{
	const char *path = "-";
	const struct ctl_option options[] = {{"-o", &path, NULL}, {"--output", &path, NULL}};
	const struct rows_kind *kind;
	struct outfile out;
	int result;

	argc = take_options(argc, argv, options, COUNT(options));
	kind = argc == 1 ? rows_kind(argv[0]) : NULL;
	if (!kind)
		return usage("export takes partners or contacts");
	if (!outfile_open(path, &out))
		return FAILED;
	result = export_to(out.file, ctl, kind);
	return outfile_close(&out, result == DONE) || result != DONE ? result : FAILED;
}
