/* The routes: which path and method is served by whom, and what may be said there. */
#include "api/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/check.h"

#define READS  false
#define WRITES true
/* The types, short enough for a table. */
#define WORD	MEMBER_WORD
#define TEXT	MEMBER_TEXT
#define NUMBER	MEMBER_NUMBER
#define MINUTES MEMBER_MINUTES
#define PAGE	MEMBER_PAGE
#define FLAG	MEMBER_FLAG
#define SWITCH	MEMBER_SWITCH
#define ROWS	MEMBER_ROWS

/* ---- what a request says ---- */

const char *request_query(const struct request *r, const char *name)
{
	return member_string(r->query, name);
}

const char *request_text(const struct request *r, const char *name)
{
	return member_string(r->body, name);
}

bool request_flag(const struct request *r, const char *name)
{
	return json_is_true(json_object_get(r->body, name));
}

enum status request_id(const struct request *r, const char *what, int64_t *ret_id,
		       struct error *err)
{
	if (text_parse_number(r->id, ret_id) && *ret_id > 0)
		return STATUS_OK;
	return error_fail(err, STATUS_INVALID,
			  "the path should hold the number of %s: digits, from 1 on", what);
}

enum status request_owner(const struct request *r, struct error *err)
{
	return check_owner(&r->scene, "owner", r->id, err) == STATUS_OK ? STATUS_OK
									: STATUS_NOT_FOUND;
}

int64_t request_after(const struct request *r)
{
	return member_number(r->query, "after", 0);
}

size_t request_page(const struct request *r)
{
	return (size_t)member_number(r->query, "limit", MEMBER_PAGE_MAX);
}

/* ---- the table ---- */

static enum status get_help(struct db *db, struct request *r, struct error *err)
{
	(void)db;
	(void)err;
	r->answer = json_array();
	for (size_t i = 0; i < api_route_count; i++)
		json_array_append_new(
		    r->answer, json_pack("{s:s, s:s, s:s}", "method", api_routes[i].method, "path",
					 api_routes[i].path, "help", api_routes[i].help));
	return STATUS_OK;
}

/* reload, check and backup are answered by api.c itself: they are no store jobs. A table is read in
 * columns. */
/* clang-format off */
const struct route api_routes[] = {
    {"GET", "/v1/help", get_help, READS, .help = "this table"},
    {"GET", "/v1/status", get_status, READS, .help = "how the daemon is"},
    {"GET", "/v1/due", get_due, READS,
     .help = "partners that are due or cold; ?owner=", .queries = {{"owner", WORD}}},
    {"GET", "/v1/partners", get_partners, READS,
     .help = "?owner= &cadence= &tag= &state= &archived=1 &after= &limit=",
     .queries = {{"owner", WORD}, {"cadence", WORD}, {"tag", TEXT}, {"state", WORD},
                 {"archived", SWITCH}, {"after", WORD}, {"limit", PAGE}}},
    {"GET", "/v1/partners/{id}", get_partner, READS,
     .help = "one partner, its contacts and history"},
    {"GET", "/v1/partners/{id}/why", get_why, READS,
     .help = "why it stands where it stands; ?on=DAY", .queries = {{"on", WORD}}},
    {"POST", "/v1/partners/{id}/contacts", post_contact, WRITES,
     .help = "log {kind, day, direction, by, person, minutes, note, ext_id}",
     .members = {{"kind", WORD}, {"day", WORD}, {"direction", WORD}, {"by", WORD},
                 {"person", TEXT}, {"minutes", MINUTES}, {"note", TEXT}, {"ext_id", TEXT}}},
    {"POST", "/v1/partners", post_partner, WRITES,
     .help = "add {id, name, owner, cadence, tags, since, cold_mark}",
     .members = {{"id", WORD}, {"name", TEXT}, {"owner", WORD}, {"cadence", WORD},
                 {"tags", TEXT}, {"since", WORD}, {"cold_mark", TEXT}}},
    {"POST", "/v1/partners/{id}", post_partner_values, WRITES,
     .help = "change {name, owner, cadence, tags, since, cold_mark}",
     .members = {{"name", TEXT}, {"owner", WORD}, {"cadence", WORD}, {"tags", TEXT},
                 {"since", WORD}, {"cold_mark", TEXT}}},
    {"DELETE", "/v1/partners/{id}", delete_partner, WRITES, .help = "erase everything about it"},
    {"POST", "/v1/partners/{id}/snooze", post_snooze, WRITES, .help = "quiet {until, reason}",
     .members = {{"until", WORD}, {"reason", TEXT}}},
    {"POST", "/v1/partners/{id}/off", post_off, WRITES,
     .help = "no more nudges {until, reason}; without until for good",
     .members = {{"until", WORD}, {"reason", TEXT}}},
    {"POST", "/v1/partners/{id}/on", post_on, WRITES, .help = "off and snooze end"},
    {"POST", "/v1/partners/{id}/ack", post_ack, WRITES, .help = "working on it {reason}",
     .members = {{"reason", TEXT}}},
    {"POST", "/v1/partners/{id}/plan", post_plan, WRITES,
     .help = "a meeting is booked {until, reason}",
     .members = {{"until", WORD}, {"reason", TEXT}}},
    {"POST", "/v1/partners/{id}/unplan", post_unplan, WRITES, .help = "it is called off"},
    {"POST", "/v1/partners/{id}/noshow", post_noshow, WRITES, .help = "it did not happen"},
    {"POST", "/v1/partners/{id}/keep", post_keep, WRITES,
     .help = "decided: the clock starts today {reason}", .members = {{"reason", TEXT}}},
    {"POST", "/v1/partners/{id}/fix", post_fix, WRITES,
     .help = "decided: due again on a day {until, reason}",
     .members = {{"until", WORD}, {"reason", TEXT}}},
    {"POST", "/v1/partners/{id}/end", post_end, WRITES, .help = "decided: archived {reason}",
     .members = {{"reason", TEXT}}},
    {"POST", "/v1/partners/{id}/restore", post_restore, WRITES, .help = "live again"},
    {"POST", "/v1/owners/{id}/away", post_away, WRITES,
     .help = "away {from, to}; without both: there again",
     .members = {{"from", WORD}, {"to", WORD}}},
    {"GET", "/v1/contacts", get_contacts, READS, .help = "?partner= &after= &limit=",
     .queries = {{"partner", WORD}, {"after", NUMBER}, {"limit", PAGE}}},
    {"DELETE", "/v1/contacts/{id}", delete_contact, WRITES, .help = "undo one contact"},
    {"POST", "/v1/import/partners", post_import_partners, WRITES, .help = "{dry_run, rows}",
     .members = {{"dry_run", FLAG}, {"rows", ROWS}}},
    {"POST", "/v1/import/contacts", post_import_contacts, WRITES, .help = "{dry_run, rows}",
     .members = {{"dry_run", FLAG}, {"rows", ROWS}}},
    {"GET", "/v1/outbox", get_outbox, READS,
     .help = "deliveries that are not done; ?after= &limit=",
     .queries = {{"after", NUMBER}, {"limit", PAGE}}},
    {"POST", "/v1/outbox/retry", post_retry_dead, WRITES, .help = "try every dead delivery again"},
    {"GET", "/v1/outbox/{id}", get_delivery, READS, .help = "one delivery, done ones too"},
    {"POST", "/v1/outbox/{id}/retry", post_retry, WRITES, .help = "try it again"},
    {"POST", "/v1/outbox/{id}/drop", post_drop, WRITES, .help = "give it up"},
    {"GET", "/v1/owners/{id}/preview", get_preview, READS,
     .help = "?channel= &format=text|html|json|raw",
     .queries = {{"channel", WORD}, {"format", WORD}}},
    {"POST", "/v1/channels/{id}/test", post_test, WRITES, .help = "send a test message; {to}",
     .members = {{"to", TEXT}}},
    {"POST", API_RELOAD, NULL, READS, .help = "read the configuration again; {yes}",
     .members = {{"yes", FLAG}}},
    {"POST", API_CHECK, NULL, READS,
     .help = "what a reload with the file {path} would change; 422 lists what is wrong with it",
     .members = {{"path", TEXT}}},
    {"GET", API_DOCTOR, NULL, READS,
     .help = "check all that cadenced depends on, sending nothing; a line of JSON for each check as "
             "it ends"},
    {"GET", API_BACKUP, NULL, READS, .help = "a consistent copy of the database"},
    {"POST", API_BACKUP, NULL, READS,
     .help = "make the backup of the day now, beside the database, and read it as a whole"},
};
/* clang-format on */

const size_t api_route_count = sizeof(api_routes) / sizeof(api_routes[0]);

/* Whether path has the form of the pattern; *ret_id is what stands for {id}. */
static bool matches(const char *pattern, const char *path, const char **ret_start, size_t *ret_len)
{
	const char *brace = strstr(pattern, "{id}");
	size_t len;

	*ret_len = 0;
	if (!brace)
		return strcmp(pattern, path) == 0;
	if (strncmp(pattern, path, (size_t)(brace - pattern)) != 0)
		return false;
	*ret_start = path + (brace - pattern);
	len = strcspn(*ret_start, "/");
	*ret_len = len;
	return len > 0 && len <= 3 * TEXT_ID_MAX && strcmp(*ret_start + len, brace + 4) == 0;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Takes the %XX out of an id. %00 stays as it is: no id holds it. */
static char *decoded(const char *text, size_t len)
{
	char *out = mem_strndup(text, len), *to = out;

	for (const char *from = out; *from; from++) {
		const int high = *from == '%' ? hex_digit(from[1]) : -1;
		const int low = high >= 0 ? hex_digit(from[2]) : -1;

		*to++ = high * 16 + low > 0 && low >= 0 ? (char)(high * 16 + low) : *from;
		if (high * 16 + low > 0 && low >= 0)
			from += 2;
	}
	*to = '\0';
	return out;
}

char *route_methods(const char *path)
{
	struct buf methods = buf_make(64);
	const char *start;
	size_t len;

	for (size_t i = 0; i < api_route_count; i++)
		if (matches(api_routes[i].path, path, &start, &len) &&
		    !strstr(buf_text(&methods), api_routes[i].method))
			buf_addf(&methods, "%s%s", methods.len ? ", " : "", api_routes[i].method);
	return buf_take(&methods);
}

const struct route *route_find(const char *method, const char *path, char **ret_id)
{
	const char *start = NULL;
	size_t len;

	for (size_t i = 0; i < api_route_count; i++) {
		const struct route *route = &api_routes[i];

		if (strcmp(route->method, method) == 0 &&
		    matches(route->path, path, &start, &len)) {
			*ret_id = len ? decoded(start, len) : NULL;
			return route;
		}
	}
	return NULL;
}
