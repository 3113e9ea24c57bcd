/* Rows of a file into the database: what `import` does, for whoever has rows and a database. */
#ifndef CADENCE_API_IMPORT_H
#define CADENCE_API_IMPORT_H

#include <jansson.h>

#include "api/member.h"
#include "store/verbs.h"

enum import_kind { IMPORT_PARTNERS, IMPORT_CONTACTS };

/* What a row may say; the last has no name. */
extern const struct member import_partner_row[], import_contact_row[];

/* rows: an array of objects of texts, named like the columns of a CSV file (for contacts the day is
 * `date`), each with its `line`. Works on the newest contacts first, each row by itself: a bad one
 * is told and leaves nothing behind, the good ones stay. dry_run: the real path, except that
 * nothing is written. source: what the contacts are said to come from, "csv" when a person imports
 * them. *ret_answer: {new, changed, same, errors: [{line, message}], changes: [{line,
 * result}]}, the caller's. Within a transaction. Fails only when the database does. */
enum status import_rows(struct db *db, const struct scene *scene, enum import_kind kind,
			const json_t *rows, const char *source, bool dry_run, struct arena *arena,
			json_t **ret_answer) MUST_USE;

/* "6 months", or "none" for what the risk model finds, as partner_write() takes it; NULL: keeps
 * what is there. */
enum status import_cold_mark(const char *text, int *ret_days, struct error *err) MUST_USE;

#endif
