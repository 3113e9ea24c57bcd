/* The route table, and how a path finds its row. */
#include <string.h>

#include "api/handlers.h"

static const struct route routes[] = {
    {"GET", "/v1/status", status_get, .start = status_start, .help = "how the daemon is doing"},
    {"GET", "/v1/due", due_get, .query = {"owner"}, .help = "partners that ask for attention, ranked"},
    {"GET", "/v1/partners", partners_get,
     .query = {"owner", "cadence", "tag", "state", "after", "limit", "archived"},
     .help = "partners in order of id, a page at a time"},
    {"GET", "/v1/partners/{id}", partner_get, .help = "one partner: verdict, contacts, history"},
    {"GET", "/v1/partners/{id}/why", why_get, .help = "every step that leads to the verdict"},
    {"POST", "/v1/partners/{id}/contacts", contact_post, .writes = true,
     .help = "log a contact: kind, day, note, direction, by, person, minutes, ext_id"},
    {"DELETE", "/v1/contacts/{id}", contact_delete, .writes = true, .help = "undo a contact"},
    {"POST", "/v1/partners/{id}/snooze", snooze_post, .writes = true,
     .help = "keep quiet until a day: until, reason"},
    {"GET", "/v1/contacts", contacts_get, .query = {"partner", "after", "limit"},
     .help = "contacts in order of number, a page at a time"},
    {"POST", "/v1/import/partners", import_partners_post, .writes = true,
     .help = "up to 2000 rows of a partners file: dry_run, rows"},
    {"POST", "/v1/import/contacts", import_contacts_post, .writes = true,
     .help = "up to 2000 rows of a contacts file: dry_run, rows"},
    {"GET", "/v1/outbox", outbox_get_all, .query = {"after", "limit"},
     .help = "deliveries that are not done"},
    {"GET", "/v1/outbox/{id}", outbox_get_one, .help = "one delivery, done or not"},
    {"POST", "/v1/outbox/{id}/retry", outbox_retry_one, .writes = true, .help = "try it again now"},
    {"POST", "/v1/outbox/retry", outbox_retry_all, .writes = true,
     .help = "try everything dead or waiting again now"},
    {"POST", "/v1/outbox/{id}/drop", outbox_drop_one, .writes = true, .help = "give it up"},
    {"GET", "/v1/owners/{id}/preview", preview_get, .query = {"channel", "format"},
     .help = "the digest this owner would get now (format: text, html, json, raw)"},
    {"POST", "/v1/channels/{id}/test", test_post, .writes = true,
     .help = "send a test message: to (a mail address)"},
    {"POST", "/v1/reload", .start = reload_start_call, .help = "read the configuration again: yes"},
    {"GET", "/v1/backup", backup_get, .alone = true, .help = "a copy of the database"},
    {"GET", "/v1/help", .start = help_start, .help = "this table"},
};

const struct route *route_table(size_t *ret_count)
{
	*ret_count = sizeof(routes) / sizeof(routes[0]);
	return routes;
}

/* Whether the path has the pattern's form; {id} stands for one segment that is not empty. */
static bool matches(const char *pattern, const char *path, size_t path_len, const char **ret_id,
		    size_t *ret_id_len)
{
	const char *hole = strstr(pattern, "{id}");
	const size_t before = hole ? (size_t)(hole - pattern) : strlen(pattern);
	const char *after = hole ? hole + strlen("{id}") : "";
	const size_t after_len = strlen(after);

	*ret_id = NULL;
	*ret_id_len = 0;
	if (!hole)
		return path_len == before && memcmp(path, pattern, before) == 0;
	if (path_len <= before + after_len || memcmp(path, pattern, before) != 0 ||
	    memcmp(path + path_len - after_len, after, after_len) != 0)
		return false;
	*ret_id = path + before;
	*ret_id_len = path_len - before - after_len;
	return !memchr(*ret_id, '/', *ret_id_len);
}

const struct route *route_find(const char *method, const char *path, size_t path_len,
			       const char **ret_id, size_t *ret_id_len, bool *ret_known)
{
	*ret_known = false;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!matches(routes[i].path, path, path_len, ret_id, ret_id_len))
			continue;
		*ret_known = true;
		if (strcmp(routes[i].method, method) == 0)
			return &routes[i];
	}
	return NULL;
}
