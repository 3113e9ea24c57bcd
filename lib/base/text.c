/* UTF-8 text. Malformed bytes are found once, in text_check(); everything else may assume that they
 * are not there, and stays within the string even when they are. */
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define REPLACEMENT	 0xfffd
#define REPLACEMENT_SIZE 3 /* bytes; a longer character was as long before */
#define CHARACTER_MAX	 4 /* bytes */

struct range {
	uint32_t first, last;
};

static bool in_ranges(uint32_t c, const struct range *ranges, size_t count)
{
	size_t low = 0, high = count;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (c > ranges[middle].last)
			low = middle + 1;
		else if (c < ranges[middle].first)
			high = middle;
		else
			return true;
	}
	return false;
}

#define IN(c, table) in_ranges(c, table, sizeof(table) / sizeof((table)[0]))

/* Formatting characters that reorder what a reader sees (Unicode Annex 9), line separators, the
 * byte-order mark. */
static const struct range bidirectional[] = {
    {0x061c, 0x061c}, {0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069}};
static const struct range unwanted[] = {{0x2028, 0x2029}, {0xfdd0, 0xfdef}, {0xfeff, 0xfeff}};

/* Marks that take no column of their own (Unicode general categories Mn, Me and the joiners), the
 * common blocks. */
static const struct range combining[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd},   {0x05bf, 0x05bf},	{0x05c1, 0x05c2},
    {0x0610, 0x061a}, {0x064b, 0x065f}, {0x0670, 0x0670},   {0x06d6, 0x06dc},	{0x06df, 0x06e4},
    {0x0900, 0x0902}, {0x093a, 0x093a}, {0x093c, 0x093c},   {0x0941, 0x0948},	{0x094d, 0x094d},
    {0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},   {0x1ab0, 0x1aff},	{0x1dc0, 0x1dff},
    {0x200b, 0x200d}, {0x2060, 0x2060}, {0x20d0, 0x20ff},   {0x302a, 0x302d},	{0x3099, 0x309a},
    {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0x1f3fb, 0x1f3ff}, {0xe0020, 0xe007f}, {0xe0100, 0xe01ef}};

/* East Asian wide and fullwidth characters and emoji (Unicode Annex 11, W and F). */
static const struct range wide[] = {
    {0x1100, 0x115f},	{0x231a, 0x231b},   {0x2329, 0x232a},	{0x23e9, 0x23ec},
    {0x25fd, 0x25fe},	{0x2614, 0x2615},   {0x2648, 0x2653},	{0x26a1, 0x26a1},
    {0x26bd, 0x26be},	{0x2705, 0x2705},   {0x2753, 0x2755},	{0x2795, 0x2797},
    {0x2e80, 0x303e},	{0x3041, 0x33ff},   {0x3400, 0x4dbf},	{0x4e00, 0xa4cf},
    {0xa960, 0xa97f},	{0xac00, 0xd7a3},   {0xf900, 0xfaff},	{0xfe30, 0xfe6f},
    {0xff00, 0xff60},	{0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
    {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd}};

/* Decodes one character of at most len bytes; returns its length, 0 when it is malformed. */
static size_t decode(const unsigned char *s, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const size_t need = s[0] < 0x80			  ? 1
			    : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
			    : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
			    : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
							  : 0;
	uint32_t c;

	if (need == 0 || need > len)
		return 0;
	c = need == 1 ? s[0] : s[0] & (0x7fu >> need);
	for (size_t i = 1; i < need; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < least[need] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return need;
}

static const char *fault_of(uint32_t c, enum text_rule rule)
{
	if ((c == '\n' || c == '\t') && rule == TEXT_NOTE)
		return NULL;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return "a control character";
	if (IN(c, bidirectional))
		return "a bidirectional formatting character";
	if (IN(c, unwanted) || (c & 0xfffe) == 0xfffe)
		return "a character that may not be stored";
	return NULL;
}

const char *text_check(const char *s, size_t len, enum text_rule rule, size_t min, size_t max,
		       char *scratch)
{
	size_t count = 0;

	for (size_t at = 0; at < len; count++) {
		uint32_t c = 0;
		const size_t used = decode((const unsigned char *)s + at, len - at, &c);

		if (used == 0) {
			snprintf(scratch, TEXT_FAULT_SIZE, "is not valid UTF-8 (at byte %zu)", at);
			return scratch;
		}
		const char *fault = fault_of(c, rule);
		if (fault) {
			snprintf(scratch, TEXT_FAULT_SIZE, "holds %s (U+%04X at byte %zu)", fault,
				 (unsigned)c, at);
			return scratch;
		}
		if (count >= max) {
			snprintf(scratch, TEXT_FAULT_SIZE, "is longer than %zu characters", max);
			return scratch;
		}
		at += used;
	}
	if (count < min) {
		snprintf(scratch, TEXT_FAULT_SIZE,
			 count == 0 ? "is empty" : "is shorter than %zu characters", min);
		return scratch;
	}
	return NULL;
}

bool text_is_id(const char *s)
{
	if (!isalpha((unsigned char)s[0]) && s[0] != '*')
		return false;
	for (size_t i = 1; s[i]; i++)
		if ((!isalnum((unsigned char)s[i]) && !strchr("_*-", s[i])) || i >= TEXT_ID_MAX)
			return false;
	return true;
}

bool text_parse_number(const char *s, int64_t *ret_number)
{
	int64_t number = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		const int digit = *s - '0';

		if (digit < 0 || digit > 9 || number > (INT64_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return true;
}

uint32_t text_next(const char **s)
{
	uint32_t c = REPLACEMENT;
	size_t used;

	if (!**s)
		return 0;
	used = decode((const unsigned char *)*s, strnlen(*s, 4), &c);
	*s += used ? used : 1;
	return c;
}

size_t text_encode(uint32_t c, char *out)
{
	const size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = len; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[len] | c);
	out[len] = '\0';
	return len;
}

void text_drop_half(char *s)
{
	const size_t len = strlen(s);
	size_t start = len;
	uint32_t c;

	while (start > 0 && len - start < CHARACTER_MAX - 1 &&
	       ((unsigned char)s[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && (unsigned char)s[start - 1] >= 0xc0)
		start--;
	if (start < len && decode((const unsigned char *)s + start, len - start, &c) == 0)
		s[start] = '\0';
}

char *text_repaired(const char *s)
{
	char *copy = mem_alloc(strlen(s) * REPLACEMENT_SIZE + 1, 1), *to = copy;
	uint32_t c;

	while ((c = text_next(&s)))
		to += text_encode(c, to);
	return copy;
}

size_t text_code_points(const char *s)
{
	size_t count = 0;

	while (text_next(&s))
		count++;
	return count;
}

static size_t columns_of(uint32_t c)
{
	if (c < 0x300)
		return 1;
	if (IN(c, combining))
		return 0;
	return IN(c, wide) ? 2 : 1;
}

size_t text_columns(const char *s)
{
	size_t columns = 0;
	uint32_t c;

	while ((c = text_next(&s)))
		columns += columns_of(c);
	return columns;
}

/* The longest start whose characters weigh no more than `limit`, with the marks that follow its
 * last character. */
static size_t fit(const char *s, size_t limit, bool by_columns)
{
	const char *at = s, *end = s;
	size_t used = 0;
	uint32_t c;

	while ((c = text_next(&at))) {
		const size_t width = columns_of(c);

		used += by_columns ? width : 1;
		if (used > limit)
			break;
		end = at;
	}
	/* Never leave a character without its marks: go back to the start of a character that is
	 * cut from them. */
	while (c && columns_of(c) == 0 && end > s) {
		do
			end--;
		while (end > s && ((unsigned char)*end & 0xc0) == 0x80);
		const char *peek = end;
		c = text_next(&peek);
	}
	return (size_t)(end - s);
}

size_t text_fit_columns(const char *s, size_t columns)
{
	return fit(s, columns, true);
}

size_t text_fit_code_points(const char *s, size_t count)
{
	return fit(s, count, false);
}

size_t text_first_line(const char *s)
{
	return strcspn(s, "\n");
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t text_distance(const char *a, const char *b)
{
	const size_t la = strnlen(a, TEXT_ID_MAX), lb = strnlen(b, TEXT_ID_MAX);
	size_t rows[3][TEXT_ID_MAX + 1]; /* the row before the last, the last, this one */

	for (size_t j = 0; j <= lb; j++)
		rows[1][j] = j;
	for (size_t i = 1; i <= la; i++) {
		rows[2][0] = i;
		for (size_t j = 1; j <= lb; j++) {
			const int x = tolower((unsigned char)a[i - 1]);
			const int y = tolower((unsigned char)b[j - 1]);
			size_t best = rows[1][j - 1] + (x != y);

			best = least(best, least(rows[1][j], rows[2][j - 1]) + 1);
			if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				best = least(best, rows[0][j - 2] + 1);
			rows[2][j] = best;
		}
		memcpy(rows[0], rows[1], sizeof(rows[0]));
		memcpy(rows[1], rows[2], sizeof(rows[1]));
	}
	return rows[1][lb];
}

#define COMMON_START 3

int text_nearest(const char *word, const char *const *candidates, size_t count)
{
	size_t best_distance = SIZE_MAX;
	int best = -1;

	for (size_t i = 0; i < count; i++) {
		const size_t lw = strnlen(word, TEXT_ID_MAX), lc = strlen(candidates[i]);
		const size_t longer = lw > lc ? lw : lc;
		size_t allowed = longer / 3 > 1 ? longer / 3 : 1;
		const size_t distance = text_distance(word, candidates[i]);

		if (strncasecmp(word, candidates[i], COMMON_START) == 0)
			allowed = longer;
		if (distance <= allowed && distance < best_distance && distance < longer) {
			best_distance = distance;
			best = (int)i;
		}
	}
	return best;
}
