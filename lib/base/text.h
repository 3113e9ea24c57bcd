/* UTF-8 text: what may be stored, how long and how wide it is, where it may be cut.
 *
 * Everything a stranger writes passes text_check() once, at the door. After that it is known to be
 * valid UTF-8 without control or bidirectional formatting characters. */
#ifndef CADENCE_BASE_TEXT_H
#define CADENCE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_NAME_MAX 200  /* code points of a name */
#define TEXT_NOTE_MAX 2000 /* code points of a note or a reason */
#define TEXT_ID_MAX   64   /* bytes of an id */
#define TEXT_TAGS_MAX 500  /* code points of a partner's tags */

enum text_rule {
	TEXT_LINE, /* one line: no control character at all */
	TEXT_NOTE, /* may hold line feeds and tabs, nothing else below U+0020 */
};

/* NULL when the text may be stored, else what is wrong with it, as the rest of a sentence that
 * starts with its name: "holds a control character (U+0007 at byte 12)", "is not valid UTF-8 (at
 * byte 3)", "holds a bidirectional formatting character (U+202E at byte 0)", "is empty", "is longer
 * than 200 characters".
 *
 * Refused: malformed, overlong and surrogate UTF-8, NUL, C0 and C1 controls, DEL, U+2028/2029,
 * U+061C, U+200E/200F, U+202A..202E, U+2066..2069, U+FEFF, non-characters. min, max: code points.
 * The answer lies in scratch, which must hold at least TEXT_FAULT_SIZE bytes. Stops reading at the
 * first fault or past max. */
#define TEXT_FAULT_SIZE 96
const char *text_check(const char *s, size_t len, enum text_rule rule, size_t min, size_t max,
		       char *scratch);

/* Whether s is an id: [A-Za-z*][A-Za-z0-9_*-]*, at most TEXT_ID_MAX bytes (the names libconfig
 * accepts). */
bool text_is_id(const char *s);
/* The same in words, for a refusal. */
#define TEXT_ID_RULE "a letter or *, then letters, digits, _, - and *, at most 64 characters"

/* Digits and nothing else: no sign, no space, no word behind them; false when it is no number or
 * over INT64_MAX. */
bool text_parse_number(const char *s, int64_t *ret_number);

/* Decodes one code point of valid UTF-8 at *s and moves *s past it. At the NUL it returns 0 and
 * does not move. Malformed bytes give U+FFFD and move by one. */
uint32_t text_next(const char **s);
/* Appends a code point as UTF-8 to out (room for 5 bytes) with a NUL; returns the number of bytes.
 */
size_t text_encode(uint32_t code_point, char *out);

/* Takes away the bytes at the end that are no whole character: what is left of one when a text was
 * cut by its bytes. */
void text_drop_half(char *s);
/* A copy with U+FFFD for every byte that is no UTF-8; the caller frees. */
char *text_repaired(const char *s);

size_t text_code_points(const char *s);
/* Terminal columns (0, 1 or 2 a code point; combining marks 0, East Asian wide and emoji 2). No
 * locale involved. */
size_t text_columns(const char *s);
/* Bytes of the longest start of s that fits in `columns` columns (or `count` code points), never
 * splitting a character from the marks that follow it. */
size_t text_fit_columns(const char *s, size_t columns);
size_t text_fit_code_points(const char *s, size_t count);

/* Bytes of the first line of s, without its line feed. */
size_t text_first_line(const char *s);

/* Edit distance of two ids, ignoring ASCII case: insertions, deletions, changes and swaps count 1
 * each. */
size_t text_distance(const char *a, const char *b);
/* The index of the candidate nearest to word, or -1 when none is near enough to be meant (distance
 * over a third of the longer length, at least 1; a common start of 3 characters counts as near). */
int text_nearest(const char *word, const char *const *candidates, size_t count);

#endif
