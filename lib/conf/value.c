/* Values: see value.h. What needs other parts of the file (references, zones, URLs) is only noted
 * here and looked up later (resolver.h). */
#include "conf/value.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "conf/value_text.h"

#define MASK "********"

static const struct {
	const char *name;
	int64_t ms;
} rate_units[] = {{"s", SECOND_MS}, {"min", MINUTE_MS}, {"h", HOUR_MS}};

static const char *nearest_choice(const struct key *key, const char *text)
{
	size_t count = 0;

	while (key->choices[count])
		count++;
	const int nearest = text_nearest(text, key->choices, count);

	return nearest < 0 ? NULL : key->choices[nearest];
}

static const char *read_choice(struct arena *arena, const struct key *key, const char *text,
			       void *place, char fault[VALUE_FAULT_SIZE])
{
	int used = snprintf(fault, VALUE_FAULT_SIZE, "is none of");

	(void)arena;
	for (int i = 0; key->choices[i]; i++) {
		if (strcmp(key->choices[i], text) == 0) {
			*(int *)place = i;
			return NULL;
		}
		used += snprintf(fault + used, VALUE_FAULT_SIZE - (size_t)used, "%s \"%s\"",
				 i > 0 ? "," : "", key->choices[i]);
	}
	const char *nearest = nearest_choice(key, text);

	if (nearest)
		(void)snprintf(fault + used, VALUE_FAULT_SIZE - (size_t)used,
			       "; did you mean \"%s\"?", nearest);
	return fault;
}

static const char *read_connections(struct arena *arena, const struct key *key, const char *text,
				    void *place, char fault[VALUE_FAULT_SIZE])
{
	int64_t count;

	(void)arena;
	(void)key;
	(void)fault;
	if (!text_parse_number(text, &count) || count < 1 || count > CONF_CONNECTIONS_MAX)
		return "is out of range; it should lie between 1 and 256";
	*(int *)place = (int)count;
	return NULL;
}

static const char *read_keep(struct arena *arena, const struct key *key, const char *text,
			     void *place, char fault[VALUE_FAULT_SIZE])
{
	int64_t count;

	(void)arena;
	(void)key;
	(void)fault;
	if (!text_parse_number(text, &count) || count < 0 || count > CONF_BACKUPS_MAX)
		return "is out of range; it should lie between 0 and 3650";
	*(int *)place = (int)count;
	return NULL;
}

bool value_parse_rate(const char *text, struct rate *ret_rate)
{
	const char *slash = strchr(text, '/');
	char digits[sizeof "1000"];
	int64_t count;

	if (!slash || slash - text >= (ptrdiff_t)sizeof digits)
		return false;
	(void)snprintf(digits, sizeof digits, "%.*s", (int)(slash - text), text);
	if (!text_parse_number(digits, &count) || count < 1 || count > CONF_RATE_MAX)
		return false;
	for (size_t i = 0; i < sizeof rate_units / sizeof *rate_units; i++) {
		if (strcmp(slash + 1, rate_units[i].name) != 0)
			continue;
		*ret_rate = (struct rate){.count = (int)count, .per_ms = rate_units[i].ms};
		return true;
	}
	return false;
}

static const char *read_rate(struct arena *arena, const struct key *key, const char *text,
			     void *place, char fault[VALUE_FAULT_SIZE])
{
	(void)arena;
	(void)key;
	(void)fault;
	if (!value_parse_rate(text, place))
		return "is no rate; it should be 1 to 1000 in a second, a minute or an hour, and "
		       "read like \"1/s\", \"20/min\" or \"100/h\"";
	return NULL;
}

static const char *read_span(struct arena *arena, const struct key *key, const char *text,
			     void *place, char fault[VALUE_FAULT_SIZE])
{
	(void)arena;
	(void)key;
	(void)fault;
	if (!span_parse(text, place))
		return "is no duration; it should read like \"10 days\", \"4 weeks\", \"3 "
		       "months\", "
		       "\"1 quarter\" or \"2 years\", more than 0 and at most 100 years";
	return NULL;
}

static const char *read_risk(struct arena *arena, const struct key *key, const char *text,
			     void *place, char fault[VALUE_FAULT_SIZE])
{
	char *end;
	const double threshold = strtod(text, &end);

	(void)arena;
	(void)key;
	(void)fault;
	if (strcmp(text, RISK_OFF) == 0) {
		*(double *)place = 0;
		return NULL;
	}
	if (end == text || *end != '\0')
		return "is nothing that can be chosen; it should be { threshold = 0.65; } or "
		       "\"" RISK_OFF "\"";
	if (!(threshold > 0 && threshold < 1))
		return "is out of range; it should lie between 0 and 1, without both, as 0.65 "
		       "does; \"" RISK_OFF "\" switches early hints off";
	*(double *)place = threshold;
	return NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *read_time(struct arena *arena, const struct key *key, const char *text,
			     void *place, char fault[VALUE_FAULT_SIZE])
{
	int hour, minute;

	(void)arena;
	(void)key;
	(void)fault;
	if (strlen(text) != 5 || !is_digit(text[0]) || !is_digit(text[1]) || text[2] != ':' ||
	    !is_digit(text[3]) || !is_digit(text[4]))
		return "is no time of day; it should read like \"08:30\"";
	hour = (text[0] - '0') * 10 + text[1] - '0';
	minute = (text[3] - '0') * 10 + text[4] - '0';
	if (hour > 23 || minute > 59)
		return "is no time of day; it should lie between \"00:00\" and \"23:59\"";
	*(int *)place = hour * 60 + minute;
	return NULL;
}

static const char *read_hours(struct arena *arena, const struct key *key, const char *text,
			      void *place, char fault[VALUE_FAULT_SIZE])
{
	static const char wrong[] =
	    "is no span of hours; it should read like \"18:00-07:30\", two times that differ";
	struct hours hours;
	char first[sizeof "18:00"];

	if (strlen(text) != HOURS_TEXT_SIZE - 1 || text[5] != '-')
		return wrong;
	memcpy(first, text, sizeof first - 1);
	first[sizeof first - 1] = '\0';
	if (read_time(arena, key, first, &hours.from, fault) ||
	    read_time(arena, key, text + 6, &hours.to, fault) || hours.from == hours.to)
		return wrong;
	*(struct hours *)place = hours;
	return NULL;
}

const char *value_hours(struct hours hours, char text[HOURS_TEXT_SIZE])
{
	(void)snprintf(text, HOURS_TEXT_SIZE, "%02u:%02u-%02u:%02u", (unsigned)hours.from / 60 % 24,
		       (unsigned)hours.from % 60, (unsigned)hours.to / 60 % 24,
		       (unsigned)hours.to % 60);
	return text;
}

static const char *read_week(struct arena *arena, const struct key *key, const char *text,
			     void *place, char fault[VALUE_FAULT_SIZE])
{
	(void)arena;
	(void)key;
	(void)fault;
	if (!workdays_parse_week(text, place))
		return "names no workdays; it should read like \"mon-fri\", \"sun-thu\" or "
		       "\"mon,wed,fri\"";
	return NULL;
}

static const char *read_weekday(struct arena *arena, const struct key *key, const char *text,
				void *place, char fault[VALUE_FAULT_SIZE])
{
	(void)arena;
	(void)key;
	(void)fault;
	if (!weekday_parse(text, place))
		return "is no weekday; it should be one of mon, tue, wed, thu, fri, sat, sun";
	return NULL;
}

static const char *read_day(struct arena *arena, const struct key *key, const char *text,
			    void *place, char fault[VALUE_FAULT_SIZE])
{
	(void)arena;
	(void)key;
	(void)fault;
	if (!day_parse_iso(text, place))
		return "is no day that exists; it should read like \"2026-10-01\"";
	return NULL;
}

static const char *read_spans(struct arena *arena, const struct key *key, const char *text,
			      void *place, char fault[VALUE_FAULT_SIZE])
{
	struct span_list *list = place;
	struct span span;
	const char *wrong = read_span(arena, key, text, &span, fault);

	if (wrong)
		return wrong;
	if (list->count == ESCALATE_STEPS)
		return "is one too many: there are two steps, to the backup and to the manager";
	if (list->count > 0 &&
	    span_about_days(span) <= span_about_days(list->items[list->count - 1]))
		return "is not longer than the one before it; each step should come later than the "
		       "last";
	list->items[list->count++] = span;
	return NULL;
}

static const char *add_text(struct arena *arena, const char *text, void *place)
{
	struct texts *list = place;

	/* The reader has made room for every element (read.c). */
	list->items[list->count++] = arena_strdup(arena, text);
	return NULL;
}

static const char *read_mails(struct arena *arena, const struct key *key, const char *text,
			      void *place, char fault[VALUE_FAULT_SIZE])
{
	const char *wrong = address_check_mail(text);

	(void)key;
	(void)fault;
	return wrong ? wrong : add_text(arena, text, place);
}

static const char *read_refs(struct arena *arena, const struct key *key, const char *text,
			     void *place, char fault[VALUE_FAULT_SIZE])
{
	(void)key;
	(void)fault;
	if (!text_is_id(text))
		return "is no id: " TEXT_ID_RULE;
	return add_text(arena, text, place);
}

/* The two days of a range, or the one twice; false when they are none. */
static bool parse_ends(const char *text, struct day_range *ret_range)
{
	const char *slash = strchr(text, '/');
	char first[DAY_TEXT_SIZE];

	if (!slash) {
		if (!day_parse_iso(text, &ret_range->first))
			return false;
		ret_range->last = ret_range->first;
		return true;
	}
	if (slash - text >= DAY_TEXT_SIZE)
		return false;
	(void)snprintf(first, sizeof first, "%.*s", (int)(slash - text), text);
	return day_parse_iso(first, &ret_range->first) &&
	       day_parse_iso(slash + 1, &ret_range->last);
}

bool value_parse_range(const char *text, struct day_range *ret_range)
{
	struct day_range range;

	if (!parse_ends(text, &range) || range.last < range.first)
		return false;
	*ret_range = range;
	return true;
}

/* no_days: what is said of a text that names none. */
static const char *check_range(const char *text, const char *no_days, char fault[VALUE_FAULT_SIZE])
{
	struct day_range range;
	char first[DAY_TEXT_SIZE], last[DAY_TEXT_SIZE];

	if (!parse_ends(text, &range))
		return no_days;
	if (range.first <= range.last)
		return NULL;
	(void)snprintf(fault, VALUE_FAULT_SIZE,
		       "runs backwards: %s is before %s; the first day should come first",
		       day_iso(range.last, last), day_iso(range.first, first));
	return fault;
}

static const char *read_holidays(struct arena *arena, const struct key *key, const char *text,
				 void *place, char fault[VALUE_FAULT_SIZE])
{
	static const char no_days[] =
	    "is neither the name of a set nor a day that exists; it should read like "
	    "\"2026-12-25\" or \"2026-12-28/2027-01-02\"";
	const char *wrong = text_is_id(text) ? NULL : check_range(text, no_days, fault);

	(void)key;
	return wrong ? wrong : add_text(arena, text, place);
}

static const char *read_ranges(struct arena *arena, const struct key *key, const char *text,
			       void *place, char fault[VALUE_FAULT_SIZE])
{
	static const char no_days[] = "is no day that exists; it should read like \"2026-12-25\" "
				      "or \"2026-12-28/2027-01-02\"";
	const char *wrong = check_range(text, no_days, fault);

	(void)key;
	return wrong ? wrong : add_text(arena, text, place);
}

void value_print_quoted(const char *text, struct buf *out)
{
	buf_addc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *text);
	}
	buf_addc(out, '"');
}

static bool print_text(const struct key *key, const void *place, struct buf *out)
{
	const char *text = *(const char *const *)place;

	(void)key;
	if (!text)
		return false;
	value_print_quoted(text, out);
	return true;
}

/* Only what is no secret is shown; which url is one is decided in print.c. */
static bool print_secret(const struct key *key, const void *place, struct buf *out)
{
	const struct secret *secret = place;

	(void)key;
	if (!secret->text)
		return false;
	value_print_quoted(MASK, out);
	return true;
}

static bool print_choice(const struct key *key, const void *place, struct buf *out)
{
	value_print_quoted(key->choices[*(const int *)place], out);
	return true;
}

static bool print_bool(const struct key *key, const void *place, struct buf *out)
{
	(void)key;
	buf_adds(out, *(const bool *)place ? "true" : "false");
	return true;
}

static bool print_connections(const struct key *key, const void *place, struct buf *out)
{
	const int count = *(const int *)place;

	(void)key;
	if (count == 0)
		return false;
	buf_addf(out, "%d", count);
	return true;
}

static bool print_keep(const struct key *key, const void *place, struct buf *out)
{
	(void)key;
	buf_addf(out, "%d", *(const int *)place);
	return true;
}

static bool print_rate(const struct key *key, const void *place, struct buf *out)
{
	const struct rate *rate = place;

	(void)key;
	for (size_t i = 0; rate->count > 0 && i < sizeof rate_units / sizeof *rate_units; i++) {
		if (rate_units[i].ms != rate->per_ms)
			continue;
		buf_addf(out, "\"%d/%s\"", rate->count, rate_units[i].name);
		return true;
	}
	return false;
}

static bool print_hours(const struct key *key, const void *place, struct buf *out)
{
	const struct hours *hours = place;
	char text[HOURS_TEXT_SIZE];

	(void)key;
	if (hours->from == hours->to)
		return false;
	value_print_quoted(value_hours(*hours, text), out);
	return true;
}

/* As few as read back as the same number. */
static int digits_of(double number)
{
	char text[32];
	int digits = 1;

	do
		snprintf(text, sizeof(text), "%.*g", digits, number);
	while (strtod(text, NULL) != number && ++digits < 17);
	return digits;
}

static bool print_risk(const struct key *key, const void *place, struct buf *out)
{
	const double threshold = *(const double *)place;

	(void)key;
	if (threshold > 0)
		buf_addf(out, "{ " RISK_THRESHOLD " = %.*g; }", digits_of(threshold), threshold);
	else
		buf_adds(out, "\"" RISK_OFF "\"");
	return true;
}

static bool print_span(const struct key *key, const void *place, struct buf *out)
{
	const struct span *span = place;
	char text[SPAN_TEXT_SIZE];

	(void)key;
	if (span->count == 0)
		return false;
	value_print_quoted(span_say(*span, text), out);
	return true;
}

static bool print_time(const struct key *key, const void *place, struct buf *out)
{
	const int minute = *(const int *)place;

	(void)key;
	buf_addf(out, "\"%02d:%02d\"", minute / 60, minute % 60);
	return true;
}

/* The days by name, "mon-fri" where it is the usual week. */
static bool print_week(const struct key *key, const void *place, struct buf *out)
{
	static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	const uint8_t week = *(const uint8_t *)place;
	const char *comma = "";

	(void)key;
	if (week == WORKDAYS_MON_FRI) {
		buf_adds(out, "\"mon-fri\"");
		return true;
	}
	buf_addc(out, '"');
	for (int i = MONDAY; i <= SUNDAY; i++) {
		if (!(week & 1U << i))
			continue;
		buf_addf(out, "%s%s", comma, names[i]);
		comma = ",";
	}
	buf_addc(out, '"');
	return true;
}

static bool print_weekday(const struct key *key, const void *place, struct buf *out)
{
	static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

	(void)key;
	value_print_quoted(names[*(const enum weekday *)place], out);
	return true;
}

static bool print_day(const struct key *key, const void *place, struct buf *out)
{
	const day d = *(const day *)place;
	char text[DAY_TEXT_SIZE];

	(void)key;
	if (d == DAY_NEVER)
		return false;
	value_print_quoted(day_iso(d, text), out);
	return true;
}

static bool print_spans(const struct key *key, const void *place, struct buf *out)
{
	const struct span_list *list = place;

	if (list->count == 0)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		buf_adds(out, i > 0 ? ", " : "[ ");
		(void)print_span(key, &list->items[i], out);
	}
	buf_adds(out, " ]");
	return true;
}

static bool print_texts(const struct key *key, const void *place, struct buf *out)
{
	const struct texts *list = place;

	(void)key;
	if (list->count == 0)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		buf_adds(out, i > 0 ? ", " : "[ ");
		value_print_quoted(list->items[i], out);
	}
	buf_adds(out, " ]");
	return true;
}

/* Names alone are an array; libconfig has groups in lists only. */
static bool print_channels(const struct key *key, const void *place, struct buf *out)
{
	const struct channel_refs *refs = place;
	bool groups = false;

	for (size_t i = 0; refs->only_cold && i < refs->names.count; i++)
		groups |= refs->only_cold[i];
	if (!groups)
		return print_texts(key, place, out);
	for (size_t i = 0; i < refs->names.count; i++) {
		buf_adds(out, i > 0 ? ", " : "( ");
		if (refs->only_cold[i])
			buf_adds(out, "{ " REF_CHANNEL " = ");
		value_print_quoted(refs->names.items[i], out);
		if (refs->only_cold[i])
			buf_adds(out, "; " REF_ONLY " = \"" REF_COLD "\"; }");
	}
	buf_adds(out, " )");
	return true;
}

/* clang-format off: a table is read in columns */
const struct value_kind value_kinds[KEY_TYPES] = {
    [KEY_ID] = {"an id", SHAPE_TEXT, value_text_id, print_text},
    [KEY_NAME] = {"text of 1 to 200 characters", SHAPE_TEXT, value_text_name, print_text},
    [KEY_TAGS] = {"text of 1 to 500 characters", SHAPE_TEXT, value_text_tags, print_text},
    [KEY_USER] = {"text of 1 to 200 characters", SHAPE_TEXT, value_text_name, print_text},
    [KEY_MAIL] = {"a mail address", SHAPE_TEXT, value_text_mail, print_text},
    [KEY_MAILBOX] = {"a mail address, perhaps with a name", SHAPE_TEXT, value_text_mailbox,
		     print_text},
    [KEY_DATABASE] = {"sqlite:// and an absolute path", SHAPE_TEXT, value_text_database,
		      print_text},
    [KEY_SOCKET] = {"an absolute path", SHAPE_TEXT, value_text_socket, print_text},
    [KEY_FOLDER] = {"an absolute path", SHAPE_TEXT, value_text_folder, print_text},
    [KEY_HOST] = {"the name of a host", SHAPE_TEXT, value_text_host, print_text},
    [KEY_FILE] = {"the path of a file", SHAPE_TEXT, value_text_name, print_text},
    [KEY_ZONE] = {"a time zone such as \"Europe/London\"", SHAPE_TEXT, value_text_name, print_text},
    [KEY_REF] = {"a name in this file", SHAPE_TEXT, value_text_id, print_text},
    [KEY_URL] = {"a URL", SHAPE_TEXT, value_text_secret, print_secret},
    [KEY_HEARTBEAT] = {"a URL", SHAPE_TEXT, value_text_heartbeat, print_secret},
    [KEY_PROXY] = {"a URL that starts with http://", SHAPE_TEXT, value_text_proxy, print_text},
    [KEY_LINK] = {"a URL with {id} in it", SHAPE_TEXT, value_text_link, print_text},
    [KEY_PASSWORD] = {"text", SHAPE_TEXT, value_text_secret, print_secret},
    [KEY_TOKEN] = {"a token", SHAPE_TEXT, value_text_token, print_secret},
    [KEY_SIGNING] = {"a signing secret", SHAPE_TEXT, value_text_signing, print_secret},
    [KEY_CHOICE] = {"one of", SHAPE_TEXT, read_choice, print_choice},
    [KEY_CONNECTIONS] = {"a number from 1 to 256", SHAPE_NUMBER, read_connections,
			 print_connections},
    [KEY_KEEP] = {"a number from 0 to 3650", SHAPE_NUMBER, read_keep, print_keep},
    [KEY_RATE] = {"a rate such as \"20/min\", 1 to 1000 in a s, min or h", SHAPE_TEXT, read_rate,
		  print_rate},
    [KEY_BOOL] = {"true or false", SHAPE_BOOL, NULL, print_bool},
    [KEY_SPAN] = {"a duration such as \"4 weeks\"", SHAPE_TEXT, read_span, print_span},
    [KEY_RISK] = {"a group { threshold = …; } or \"off\"", SHAPE_RISK, read_risk, print_risk},
    [KEY_TIME] = {"a time of day, \"00:00\" to \"23:59\"", SHAPE_TEXT, read_time, print_time},
    [KEY_HOURS] = {"hours such as \"18:00-07:30\"", SHAPE_TEXT, read_hours, print_hours},
    [KEY_WEEK] = {"weekdays such as \"mon-fri\" or \"mon,wed\"", SHAPE_TEXT, read_week, print_week},
    [KEY_WEEKDAY] = {"a weekday, mon to sun", SHAPE_TEXT, read_weekday, print_weekday},
    [KEY_DAY] = {"a day such as \"2026-10-01\"", SHAPE_TEXT, read_day, print_day},
    [KEY_SPANS] = {"a list of durations", SHAPE_LIST, read_spans, print_spans},
    [KEY_MAILS] = {"a list of mail addresses", SHAPE_LIST, read_mails, print_texts},
    [KEY_REFS] = {"a list of names in this file", SHAPE_LIST, read_refs, print_texts},
    [KEY_CHANNELS] = {"a list of channels", SHAPE_LIST, read_refs, print_channels},
    [KEY_HOLIDAYS] = {"a list of days, ranges of days, and names of sets", SHAPE_LIST,
		      read_holidays, print_texts},
    [KEY_RANGES] = {"a list of days and ranges of days", SHAPE_LIST, read_ranges, print_texts},
};
/* clang-format on */
