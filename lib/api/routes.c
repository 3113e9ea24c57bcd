/* The routes: which path and method is served by whom, and what may be said there. */
#include "api/request.h"

#include <stdlib.h>
#include <string.h>

#include "api/import.h"
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

/* What may be said there: {name: meaning}. */
static json_t *describe_members(const struct member *members, size_t max)
{
	json_t *object = json_object();

	for (size_t i = 0; i < max && members[i].name; i++)
		json_object_set_new(object, members[i].name, json_string(members[i].help));
	return object;
}

static enum status get_help(struct db *db, struct request *r, struct error *err)
{
	(void)db;
	(void)err;
	r->answer = json_array();
	for (size_t i = 0; i < api_route_count; i++) {
		const struct route *route = &api_routes[i];

		json_array_append_new(
		    r->answer,
		    json_pack("{s:s, s:s, s:s, s:o, s:o}", "method", route->method, "path",
			      route->path, "help", route->help, "query",
			      describe_members(route->queries, ROUTE_QUERIES_MAX), "members",
			      describe_members(route->members, ROUTE_MEMBERS_MAX)));
	}
	return STATUS_OK;
}

/* What many routes take. */
#define AN_OWNER    "the id of an owner"
#define A_CADENCE   "the name of a cadence"
#define A_PARTNER   "the id of a partner"
#define A_DAY_AHEAD "a day, such as 2026-12-07, monday or 2w"
#define BY_OWNER                                                                                   \
	{                                                                                          \
		"owner", WORD, AN_OWNER                                                            \
	}
#define UNTIL(what)                                                                                \
	{                                                                                          \
		"until", WORD, what ": " A_DAY_AHEAD                                               \
	}
#define REASON                                                                                     \
	{                                                                                          \
		"reason", TEXT, "why, in your words"                                               \
	}
#define AFTER(type)                                                                                \
	{                                                                                          \
		"after", type, "goes on behind it: next of the page before"                        \
	}
#define LIMIT                                                                                      \
	{                                                                                          \
		"limit", PAGE, "rows of a page"                                                    \
	}
#define DRY_RUN                                                                                    \
	{                                                                                          \
		"dry_run", FLAG, "true: say what would come of it, and write nothing"              \
	}

/* reload, check and backup are answered by api.c itself: they are no store jobs. A table is read in
 * columns; the manual (cadenced-api(7)) is printed from it. */
/* clang-format off */
const struct route api_routes[] = {
    {"GET", "/v1/help", get_help, READS, .help = "Every route, with what it takes."},
    {"GET", "/v1/status", get_status, READS,
     .help = "How the daemon is: when it looks next, how many partners stand where, what waits, "
             "what is blocked, and warnings."},
    {"GET", "/v1/due", get_due, READS,
     .help = "The partners that are due or cold, the most urgent first.", .example = "owner=maria",
     .queries = {BY_OWNER}},
    {"GET", "/v1/partners", get_partners, READS, .help = "Partners, page by page.",
     .example = "state=cold&limit=50",
     .queries = {BY_OWNER, {"cadence", WORD, A_CADENCE}, {"tag", TEXT, "one of its tags"},
                 {"state", WORD, "where it stands: on track, due soon, due, cold, to confirm, meeting "
                                 "booked, snoozed or off; on_track, booked and confirm will do. Judged when asked, so that a page may have fewer "
                                 "rows than its limit"},
                 {"archived", SWITCH, "1: the archived ones, and no others"}, AFTER(WORD), LIMIT}},
    {"GET", "/v1/partners/{id}", get_partner, READS,
     .help = "One partner with its rules and answers, its last contacts (contact_count: of how many; "
             "more_contacts: there are others) and its history (more_history: there is more).",
     .queries = {{"contacts", PAGE, "how many contacts, the newest first; 10 unless said"},
                 {"history", PAGE, "how many rows of its history, the newest first; 20 unless said"}}},
    {"GET", "/v1/partners/{id}/why", get_why, READS,
     .help = "Why it stands where it stands, what was told, and what comes.", .example = "on=7dec",
     .queries = {{"on", WORD, "asks about another day: " A_DAY_AHEAD}}},
    {"POST", "/v1/partners/{id}/contacts", post_contact, WRITES,
     .help = "A contact happened. The answer is the partner as it stands then, with contact, the "
             "number to undo it by, and result: new; same, when the same day, kind, direction and "
             "note with the same person are known already; or changed, when that adds what was "
             "not known.",
     .example = "{\"kind\": \"call\", \"day\": \"yesterday\", \"note\": \"renewal\"}",
     .members = {{"kind", WORD, "meeting, call, event, email, message or other; required"},
                 {"day", WORD, "when: 2026-11-03, yesterday, monday or 3d; today unless said"},
                 {"direction", WORD, "in, out or both; out is a contact that nobody answered, and "
                                     "does not count for a call, an email or a message"},
                 {"by", WORD, "who of us it was: " AN_OWNER},
                 {"person", TEXT, "who of them it was"},
                 {"minutes", MINUTES, "how long it took"}, {"note", TEXT, "what was said"},
                 {"ext_id", TEXT, "what another system calls it: the same id again changes the "
                                  "contact and makes no second one"}}},
    {"POST", "/v1/partners", post_partner, WRITES, .help = "A new partner, kept by the database.",
     .example = "{\"id\": \"delta\", \"name\": \"Delta SA\", \"owner\": \"maria\"}",
     .members = {{"id", WORD, "a short name that never changes; required"},
                 {"name", TEXT, "the name as people read it; the id unless said"},
                 {"owner", WORD, AN_OWNER "; required"},
                 {"cadence", WORD, A_CADENCE "; standard unless said"},
                 {"tags", TEXT, "words to find it by"},
                 {"since", WORD, "since when it is a partner, such as 2024-03-01"},
                 {"cold_mark", TEXT, "days of silence after which the odds call it cold, 180 days; or "
                                      "none: what the model finds"}}},
    {"POST", "/v1/partners/{id}", post_partner_values, WRITES,
     .help = "Changes what is said of a partner that the database keeps; what is left out stays.",
     .example_id = "delta", .example = "{\"owner\": \"jon\"}",
     .members = {{"name", TEXT, "the name as people read it"}, BY_OWNER,
                 {"cadence", WORD, A_CADENCE}, {"tags", TEXT, "words to find it by"},
                 {"since", WORD, "since when it is a partner, such as 2024-03-01"},
                 {"cold_mark", TEXT, "days of silence after which the odds call it cold, 180 days; or "
                                      "none: what the model finds"}}},
    {"DELETE", "/v1/partners/{id}", delete_partner, WRITES, .example_id = "delta",
     .help = "Erases everything about it: contacts, answers, history. Nothing brings it back."},
    {"POST", "/v1/partners/{id}/snooze", post_snooze, WRITES,
     .help = "Quiet about it until a day; it comes back with the reason. A contact ends it.",
     .example = "{\"until\": \"2w\", \"reason\": \"their CFO is on leave\"}",
     .members = {UNTIL("at most 90 days ahead; required"), REASON}},
    {"POST", "/v1/partners/{id}/off", post_off, WRITES,
     .help = "No nudges until a day, or for good: then it is asked about every 90 days.",
     .example = "{\"reason\": \"their parent decides\"}",
     .members = {UNTIL("for good unless said"), REASON}},
    {"POST", "/v1/partners/{id}/on", post_on, WRITES, .help = "Ends off and snooze."},
    {"POST", "/v1/partners/{id}/ack", post_ack, WRITES,
     .help = "Somebody works on it: one review day is skipped, and nobody else is told for 2 "
             "weeks. Only of what is due or cold.",
     .example = "{\"reason\": \"offer is out\"}", .members = {REASON}},
    {"POST", "/v1/partners/{id}/plan", post_plan, WRITES,
     .help = "A meeting is booked: quiet until then, and afterwards it is asked whether it "
             "happened.",
     .example = "{\"until\": \"2w\"}",
     .members = {UNTIL("the day of the meeting; required"), REASON}},
    {"POST", "/v1/partners/{id}/unplan", post_unplan, WRITES,
     .help = "The booked meeting is called off."},
    {"POST", "/v1/partners/{id}/noshow", post_noshow, WRITES,
     .help = "The booked meeting did not happen; the clock goes on."},
    {"POST", "/v1/partners/{id}/keep", post_keep, WRITES,
     .help = "Decided: it goes on as it was, and the clock starts today.",
     .example = "{\"reason\": \"new contact person\"}", .members = {REASON}},
    {"POST", "/v1/partners/{id}/fix", post_fix, WRITES,
     .help = "Decided: it is mended by a day, and due on that day.",
     .example = "{\"until\": \"4w\"}", .members = {UNTIL("the promised day; required"), REASON}},
    {"POST", "/v1/partners/{id}/end", post_end, WRITES,
     .help = "Decided: it is over, and archived with its history.",
     .example = "{\"reason\": \"they were bought\"}", .members = {REASON}},
    {"POST", "/v1/partners/{id}/restore", post_restore, WRITES,
     .help = "An archived partner is live again."},
    {"GET", "/v1/owners", get_owners, READS,
     .help = "Every owner of the configuration: channels, who stands in, the next digest, and in away "
             "the absence that is or comes next (null: none is known)."},
    {"GET", "/v1/owners/{id}", get_owner, READS, .help = "One owner."},
    {"POST", "/v1/owners/{id}/away", post_away, WRITES,
     .help = "An owner is away: what turns cold goes to the backup, the rest waits. Without both "
             "days: there again.",
     .example = "{\"from\": \"monday\", \"to\": \"2w\"}",
     .members = {{"from", WORD, "the first day: " A_DAY_AHEAD},
                 {"to", WORD, "the last day: " A_DAY_AHEAD}}},
    {"GET", "/v1/contacts", get_contacts, READS, .help = "Contacts, page by page.",
     .example = "partner=acme&limit=100",
     .queries = {{"partner", WORD, A_PARTNER}, AFTER(NUMBER), LIMIT}},
    {"DELETE", "/v1/contacts/{id}", delete_contact, WRITES,
     .help = "Takes a contact back; what it had ended goes on. The answer is the partner as it "
             "stands then, with removed, the contact."},
    {"POST", "/v1/import/partners", post_import_partners, WRITES,
     .help = "Adds and changes partners. Each row stands for itself: a bad one is said in errors, "
             "and the others are stored.",
     .example = "{\"rows\": [\n    {\"id\": \"echo\", \"name\": \"Echo Oy\", \"owner\": \"jon\"}]}",
     .members = {DRY_RUN, {"rows", ROWS, "at most 2000 objects; what each may say stands below; required"}},
     .row = import_partner_row},
    {"POST", "/v1/import/contacts", post_import_contacts, WRITES,
     .help = "Adds contacts; the same one again is no second one. Each row stands for itself.",
     .example = "{\"rows\": [\n    {\"partner\": \"acme\", \"date\": \"2026-11-03\", "
                "\"kind\": \"call\"}]}",
     .members = {DRY_RUN, {"rows", ROWS, "at most 2000 objects; what each may say stands below; required"}},
     .row = import_contact_row},
    {"GET", "/v1/outbox", get_outbox, READS,
     .help = "The deliveries that are not done: queued, sending, retry, waiting for a blocked "
             "channel, or dead. Page by page.",
     .example = "limit=50", .queries = {AFTER(NUMBER), LIMIT}},
    {"POST", "/v1/outbox/retry", post_retry_dead, WRITES,
     .help = "Tries everything again that is dead or waits, and opens what is blocked. What is to be "
             "tried later keeps its time."},
    {"GET", "/v1/outbox/{id}", get_delivery, READS,
     .help = "One delivery with its document; one that is done, too."},
    {"POST", "/v1/outbox/{id}/retry", post_retry, WRITES, .help = "Tries one delivery again."},
    {"POST", "/v1/outbox/{id}/drop", post_drop, WRITES,
     .help = "Gives one delivery up; what no other channel told, the next digest tells."},
    {"GET", "/v1/owners/{id}/preview", get_preview, READS,
     .help = "The digest as it would go out now, as bytes and not as JSON.",
     .example = "format=html",
     .queries = {{"channel", WORD, "as this channel would send it; the owner's first unless said"},
                 {"format", WORD, "text, html, json or raw; text unless said"}}},
    {"POST", "/v1/channels/{id}/test", post_test, WRITES,
     .help = "Sends a test message; the answer names the delivery to look at.",
     .example = "{\"to\": \"you@example.com\"}",
     .members = {{"to", TEXT, "a mail address, for a channel of mail; the first admin unless said"},
                 {"reply", FLAG, "true: a mail that can be answered; answers to it change nothing"}}},
    {"POST", API_RECEIVE, NULL, WRITES, .raw = true,
     .help = "Takes a mail that answers a digest; the body is the mail, and not JSON. The answer says "
             "what became of it, which is on disk then: fate, and the lines that were done and not."},
    {"POST", "/v1/rekey", post_rekey, WRITES,
     .help = "A new key signs the tokens of replies. Those of the one before count still, until the "
             "next time."},
    {"POST", API_RELOAD, NULL, READS,
     .help = "Reads the configuration again. A wrong file is 422 and changes nothing; the message "
             "lists every error.",
     .members = {{"yes", FLAG, "true: also when many partners would be archived"}}},
    {"POST", API_CHECK, NULL, READS,
     .help = "Says what a reload with another file would change, and changes nothing. A wrong file "
             "is 422.",
     .example = "{\"path\": \"/etc/cadenced/cadenced.conf\"}",
     .members = {{"path", TEXT, "the file, from / on; required"}}},
    {"GET", API_DOCTOR, NULL, READS,
     .help = "Checks all that cadenced depends on, sending nothing; a line of JSON for each check "
             "as it ends."},
    {"GET", API_BACKUP, NULL, READS,
     .help = "A consistent copy of the database, as bytes and not as JSON."},
    {"POST", API_BACKUP, NULL, READS,
     .help = "Makes the backup of the day now, beside the database, and reads it as a whole."},
    {"GET", "/v1/ids", get_ids, READS,
     .help = "The ids that begin with a text, for completion; at most 1000.",
     .example = "of=partners&start=ac",
     .queries = {{"of", WORD, "partners, archived, owners, cadences, channels or deliveries; "
                              "required"},
                 {"start", WORD, "how they begin"}}},
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
