/* Tables and texts on a terminal. */
#ifndef CADENCE_CTL_TABLE_H
#define CADENCE_CTL_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Prints a text without its control characters; the second to any stream. */
void print_clean(const char *text);
void fprint_clean(FILE *file, const char *text);

struct column {
	const char *title;
	const char *key; /* of the row's JSON object */
	size_t floor;	 /* the width it may be cut down to; 0: it needs what it has */
	/* For where there is no room: the key of a shorter form, and a shorter title; NULL: none.
	 */
	const char *shorter, *brief;
	bool states; /* its texts are states, and have their colours */
};

#define TABLE_ID_FLOOR	 8
#define TABLE_NAME_FLOOR 8
#define TABLE_TEXT_FLOOR 12 /* reasons, keys */

/* Prints an array of objects as columns. On a terminal columns are cut until a line fits, as far as
 * they say; "…" stands for what was cut. Nothing is cut elsewhere. */
void table_print(const json_t *rows, const struct column *columns, size_t count);
/* A member as text: "-" for null, numbers in digits. Lives in scratch or in the object. */
const char *member_text(const json_t *object, const char *key, char scratch[32]);
/* "2026-11-03" as "Tue 3 Nov"; other texts as they are. today: "2026-11-23". Returns out (at least
 * 32 bytes). */
const char *say_day(const char *iso, const char *today, char out[32]);
/* "Tue 3 Nov (in 3 days)", "… (today)", "… (12 days overdue)". Returns out. */
#define SAY_DUE_SIZE 96
const char *say_due_day(const char *iso, const char *today, long long days_overdue,
			char out[SAY_DUE_SIZE]);
/* "Tue 3 Nov (12 d late)", "… (in 3 d)": the same for narrow places. */
const char *say_due_short(const char *iso, const char *today, long long days_overdue,
			  char out[SAY_DUE_SIZE]);
/* "Mon 7 Dec (in 14 days)", "Tue 3 Nov (20 days ago)", "… (today)": a day and how near it is; today
 * is the day on which it is read. Returns out. */
const char *say_day_near(const char *iso, const char *today, char out[SAY_DUE_SIZE]);

#endif
