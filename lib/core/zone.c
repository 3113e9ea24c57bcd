/* The reader of TZif files (RFC 8536) and the arithmetic of local time.
 *
 * The block with 64-bit times is used, the 32-bit one skipped; version 1 files have only the
 * latter. Leap-second records are ignored: the system's clock knows none. After the last transition
 * the POSIX TZ footer rules. */
#include "core/zone.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define HEADER_SIZE	 44
#define TRANSITIONS_MAX	 4000
#define TYPES_MAX	 256
#define FOOTER_MAX	 100
#define OFFSET_MAX	 (26 * 3600)
#define FOOTER_HOURS_MAX 167 /* a rule's time may lie up to a week away (RFC 8536, 3.3.1) */

enum rule_form { RULE_NONE, RULE_JULIAN, RULE_DAY_OF_YEAR, RULE_WEEKDAY };

/* When, in a year, the footer's daylight saving time begins or ends. */
struct rule_day {
	enum rule_form form;
	int month, week, weekday; /* Mm.w.d, weekday 0 is Sunday */
	int day;		  /* Jn: 1..365 without 29 Feb; n: 0..365 */
	int second;		  /* local wall time, may be negative or beyond a day */
};

struct footer {
	bool present;
	bool has_dst;
	int standard, dst; /* seconds east of UTC */
	struct rule_day start, end;
};

struct zone {
	char *name;
	size_t count;
	int64_t *times; /* transitions, seconds since 1970 */
	int *offsets;	/* after each of them */
	int first_offset;
	struct footer footer;
};

/* ---- reading ---- */

struct header {
	char version;
	uint32_t isut, isstd, leap, time, type, chars;
};

static uint32_t big32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t big64(const uint8_t *p)
{
	return (int64_t)((uint64_t)big32(p) << 32 | big32(p + 4));
}

static bool read_header(const uint8_t *p, size_t len, struct header *h)
{
	if (len < HEADER_SIZE || memcmp(p, "TZif", 4) != 0)
		return false;
	*h = (struct header){.version = (char)p[4],
			     .isut = big32(p + 20),
			     .isstd = big32(p + 24),
			     .leap = big32(p + 28),
			     .time = big32(p + 32),
			     .type = big32(p + 36),
			     .chars = big32(p + 40)};
	return h->time <= TRANSITIONS_MAX && h->type >= 1 && h->type <= TYPES_MAX &&
	       h->leap <= TRANSITIONS_MAX && h->chars <= TRANSITIONS_MAX && h->isut <= TYPES_MAX &&
	       h->isstd <= TYPES_MAX;
}

static size_t body_size(const struct header *h, size_t time_size)
{
	return h->time * (time_size + 1) + h->type * 6u + h->chars + h->leap * (time_size + 4) +
	       h->isstd + h->isut;
}

static bool read_body(struct zone *zone, const uint8_t *p, const struct header *h, size_t time_size)
{
	const uint8_t *indexes = p + h->time * time_size;
	const uint8_t *types = indexes + h->time;
	int offsets[TYPES_MAX];

	for (uint32_t i = 0; i < h->type; i++) {
		offsets[i] = (int)(int32_t)big32(types + 6 * i);
		if (offsets[i] < -OFFSET_MAX || offsets[i] > OFFSET_MAX)
			return false;
	}
	zone->first_offset = offsets[0];
	zone->times = mem_alloc(h->time + 1, sizeof(*zone->times));
	zone->offsets = mem_alloc(h->time + 1, sizeof(*zone->offsets));
	for (uint32_t i = 0; i < h->time; i++) {
		const uint8_t *at = p + i * time_size;

		zone->times[i] = time_size == 8 ? big64(at) : (int32_t)big32(at);
		if (indexes[i] >= h->type || (i > 0 && zone->times[i] <= zone->times[i - 1]))
			return false;
		zone->offsets[i] = offsets[indexes[i]];
	}
	zone->count = h->time;
	return true;
}

/* ---- the footer: "CET-1CEST,M3.5.0,M10.5.0/3" ---- */

static bool take_name(const char **s)
{
	const char *start = *s;

	if (**s == '<') {
		*s += strcspn(*s, ">");
		if (**s != '>')
			return false;
		++*s;
		return true;
	}
	while (isalpha((unsigned char)**s))
		++*s;
	return *s - start >= 3;
}

static bool take_int(const char **s, int min, int max, int *ret)
{
	int value = 0;

	if (!isdigit((unsigned char)**s))
		return false;
	for (; isdigit((unsigned char)**s); ++*s) {
		value = value * 10 + (**s - '0');
		if (value > max)
			return false;
	}
	*ret = value;
	return value >= min;
}

/* [+-]hh[:mm[:ss]] as seconds */
static bool take_time(const char **s, int *ret)
{
	int sign = 1, hours, minutes = 0, seconds = 0;

	if (**s == '+' || **s == '-')
		sign = *(*s)++ == '-' ? -1 : 1;
	if (!take_int(s, 0, FOOTER_HOURS_MAX, &hours))
		return false;
	if (**s == ':') {
		++*s;
		if (!take_int(s, 0, 59, &minutes))
			return false;
		if (**s == ':') {
			++*s;
			if (!take_int(s, 0, 59, &seconds))
				return false;
		}
	}
	*ret = sign * (hours * 3600 + minutes * 60 + seconds);
	return true;
}

static bool take_expected(const char **s, char c)
{
	return **s == c && (++*s, true);
}

static bool take_rule(const char **s, struct rule_day *rule)
{
	*rule = (struct rule_day){.second = 2 * 3600};
	if (!take_expected(s, ','))
		return false;
	if (take_expected(s, 'M')) {
		rule->form = RULE_WEEKDAY;
		if (!take_int(s, 1, 12, &rule->month) || !take_expected(s, '.') ||
		    !take_int(s, 1, 5, &rule->week) || !take_expected(s, '.') ||
		    !take_int(s, 0, 6, &rule->weekday))
			return false;
	} else if (take_expected(s, 'J')) {
		rule->form = RULE_JULIAN;
		if (!take_int(s, 1, 365, &rule->day))
			return false;
	} else {
		rule->form = RULE_DAY_OF_YEAR;
		if (!take_int(s, 0, 365, &rule->day))
			return false;
	}
	return take_expected(s, '/') ? take_time(s, &rule->second) : true;
}

static bool parse_footer(const char *s, struct footer *footer)
{
	int west;

	if (!*s)
		return true;
	if (!take_name(&s) || !take_time(&s, &west))
		return false;
	footer->present = true;
	footer->standard = -west;
	if (!*s)
		return true;
	if (!take_name(&s))
		return false;
	footer->has_dst = true;
	footer->dst = footer->standard + 3600;
	if (*s && *s != ',') {
		if (!take_time(&s, &west))
			return false;
		footer->dst = -west;
	}
	return take_rule(&s, &footer->start) && take_rule(&s, &footer->end) && !*s;
}

static bool read_footer(struct zone *zone, const uint8_t *p, size_t len)
{
	char text[FOOTER_MAX + 1];
	const uint8_t *end;

	if (len < 2 || p[0] != '\n')
		return false;
	end = memchr(p + 1, '\n', len - 1);
	if (!end || end - (p + 1) > FOOTER_MAX || memchr(p + 1, '\0', (size_t)(end - p)))
		return false;
	memcpy(text, p + 1, (size_t)(end - (p + 1)));
	text[end - (p + 1)] = '\0';
	return parse_footer(text, &zone->footer);
}

static bool read_all(struct zone *zone, const uint8_t *p, size_t len)
{
	struct header h;
	size_t size;

	if (!read_header(p, len, &h))
		return false;
	size = HEADER_SIZE + body_size(&h, 4);
	if (size > len)
		return false;
	if (h.version == '\0')
		return read_body(zone, p + HEADER_SIZE, &h, 4);
	p += size;
	len -= size;
	if (!read_header(p, len, &h))
		return false;
	size = HEADER_SIZE + body_size(&h, 8);
	return size <= len && read_body(zone, p + HEADER_SIZE, &h, 8) &&
	       read_footer(zone, p + size, len - size);
}

enum status zone_parse(const char *name, const void *bytes, size_t len, struct zone **ret_zone,
		       struct error *err)
{
	struct zone *zone = mem_alloc(1, sizeof(*zone));

	zone->name = mem_strdup(name);
	if (!read_all(zone, bytes, len)) {
		zone_free(zone);
		return error_fail(err, STATUS_INVALID,
				  "time zone %s: its file is damaged; install tzdata again", name);
	}
	*ret_zone = zone;
	return STATUS_OK;
}

struct zone *zone_utc(void)
{
	struct zone *zone = mem_alloc(1, sizeof(*zone));

	zone->name = mem_strdup("UTC");
	return zone;
}

struct zone *zone_free(struct zone *zone)
{
	if (!zone)
		return NULL;
	free(zone->name);
	free(zone->times);
	free(zone->offsets);
	free(zone);
	return NULL;
}

const char *zone_name(const struct zone *zone)
{
	return zone->name;
}

/* ---- instants to local time ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/* The day of a year on which a rule applies. */
static day rule_in_year(const struct rule_day *rule, int year)
{
	const day new_year = day_from_civil((struct civil){year, 1, 1});
	const bool leap = civil_month_days(year, 2) == 29;

	if (rule->form == RULE_JULIAN)
		return new_year + rule->day - 1 + (leap && rule->day >= 60);
	if (rule->form == RULE_DAY_OF_YEAR)
		return new_year + rule->day;
	const day first = day_from_civil((struct civil){year, rule->month, 1});
	const int wanted = (rule->weekday + 6) % 7; /* MONDAY is 0 here */
	day d = first + (wanted - (int)day_weekday(first) + 7) % 7 + 7 * (rule->week - 1);

	while (d >= first + civil_month_days(year, rule->month))
		d -= 7;
	return d;
}

static int64_t rule_time(const struct rule_day *rule, int year, int offset_before)
{
	return (int64_t)rule_in_year(rule, year) * DAY_SECONDS + rule->second - offset_before;
}

static int footer_offset(const struct footer *f, int64_t t)
{
	int year;
	int64_t start, end;

	if (!f->has_dst)
		return f->standard;
	year = day_to_civil((day)floor_div(t + f->standard, DAY_SECONDS)).year;
	start = rule_time(&f->start, year, f->standard);
	end = rule_time(&f->end, year, f->dst);
	if (start < end)
		return t >= start && t < end ? f->dst : f->standard;
	return t >= start || t < end ? f->dst : f->standard;
}

static int offset_at(const struct zone *zone, int64_t t)
{
	size_t low = 0, high = zone->count; /* the number of transitions not after t lies between */

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (zone->times[middle] <= t)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == zone->count && zone->footer.present)
		return footer_offset(&zone->footer, t);
	return low == 0 ? zone->first_offset : zone->offsets[low - 1];
}

struct local zone_local(const struct zone *zone, instant at)
{
	const int64_t t = floor_div(at, SECOND_MS);
	const int offset = offset_at(zone, t);
	const int64_t wall = t + offset;
	const int64_t d = floor_div(wall, DAY_SECONDS);

	return (struct local){
	    .day = (day)d, .second = (int)(wall - d * DAY_SECONDS), .offset = offset};
}

day zone_day(const struct zone *zone, instant at)
{
	return zone_local(zone, at).day;
}

/* ---- local time to instants ---- */

/* The first second after `from` at which the offset differs from that at `from`; `to` has another
 * one. */
static int64_t find_change(const struct zone *zone, int64_t from, int64_t to)
{
	const int offset = offset_at(zone, from);

	while (to - from > 1) {
		const int64_t middle = from + (to - from) / 2;

		if (offset_at(zone, middle) == offset)
			from = middle;
		else
			to = middle;
	}
	return to;
}

instant zone_instant(const struct zone *zone, day d, int second)
{
	const int64_t wall = (int64_t)d * DAY_SECONDS + second;
	/* Whatever the offset is, the moment lies between these two. */
	const int before = offset_at(zone, wall - OFFSET_MAX);
	const int after = offset_at(zone, wall + OFFSET_MAX);

	if (offset_at(zone, wall - before) == before)
		return (wall - before) * SECOND_MS;
	if (offset_at(zone, wall - after) == after)
		return (wall - after) * SECOND_MS;
	/* Neither fits: the wall skipped it. The gap ends where the offset changes. */
	return find_change(zone, wall - OFFSET_MAX, wall + OFFSET_MAX) * SECOND_MS;
}

instant zone_day_start(const struct zone *zone, day d)
{
	return zone_instant(zone, d, 0);
}
