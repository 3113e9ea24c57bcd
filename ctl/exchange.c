/* CSV in and out: import, export. */
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ctl/outfile.h"
#include "ctl/rows.h"
#include "ctl/table.h"
#include "ctl/verbs.h"

#define BATCH	 1000
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
	const int result =
	    client_json(&quiet, "POST", path,
			json_pack("{s:b, s:o}", "dry_run", dry_run, "rows", batch), &answer);

	if (result == DONE)
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
	int result = DONE;

	for (size_t i = 0; i < count && result == DONE; i++) {
		json_t *row = rows_json(rows, i);

		if (row)
			json_array_append_new(batch, row);
		if (json_array_size(batch) < BATCH && i + 1 < count)
			continue;
		result = send_batch(ctl, rows, dry_run, batch, total);
		batch = json_array();
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
	json_t *row;
	size_t i;

	if (dry_run)
		json_array_foreach(json_object_get(total, "changes"), i, row)
		    printf("%s:%lld: %s\n", rows->path,
			   (long long)json_integer_value(json_object_get(row, "line")),
			   json_string_value(json_object_get(row, "result")));
	rows_print_errors(rows);
	printf("%s%lld new, %lld changed, %lld unchanged, %zu bad\n", dry_run ? "would be: " : "",
	       (long long)json_integer_value(json_object_get(total, "new")),
	       (long long)json_integer_value(json_object_get(total, "changed")),
	       (long long)json_integer_value(json_object_get(total, "same")),
	       json_array_size(rows->errors));
}

static int import(const struct ctl *ctl, struct rows *rows, bool dry_run)
{
	/* The list of errors is shared: what the file's own rows lack comes into it too. */
	json_t *total = json_pack("{s:i, s:i, s:i, s:b, s:O, s:[]}", "new", 0, "changed", 0, "same",
				  0, "dry_run", dry_run, "errors", rows->errors, "changes");
	int result = send_all(ctl, rows, dry_run, total);

	if (ctl->json)
		client_print(total);
	else if (result == DONE)
		print_total(rows, dry_run, total);
	else
		rows_print_errors(rows);
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

static void write_row(FILE *file, const struct rows_kind *kind, const json_t *o)
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

static int export_to(FILE *file, const struct ctl *ctl, const struct rows_kind *kind)
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
