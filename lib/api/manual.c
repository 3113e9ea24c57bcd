/* Prints the table of routes for the manual. */
#include "api/manual.h"

#include <string.h>

#include "api/request.h"
#include "base/mdoc.h"

#define SOCKET "/run/cadenced/control.sock"

/* What stands for {id} under a path. */
static const struct {
	const char *start, *id;
} usual_ids[] = {
    {"/v1/partners/", "acme"}, {"/v1/owners/", "maria"}, {"/v1/channels/", "mail"},
    {"/v1/contacts/", "17"},   {"/v1/outbox/", "42"},
};

static const char *example_id(const struct route *route)
{
	for (size_t i = 0; i < sizeof(usual_ids) / sizeof(usual_ids[0]); i++)
		if (!route->example_id &&
		    strncmp(route->path, usual_ids[i].start, strlen(usual_ids[i].start)) == 0)
			return usual_ids[i].id;
	return route->example_id ? route->example_id : "";
}

static void print_path(const struct route *route, struct buf *out)
{
	const char *brace = strstr(route->path, "{id}");
	const int before = brace ? (int)(brace - route->path) : (int)strlen(route->path);

	buf_addf(out, "%.*s%s%s", before, route->path, brace ? example_id(route) : "",
		 brace ? brace + strlen("{id}") : "");
}

static bool is_get(const struct route *route)
{
	return strcmp(route->method, "GET") == 0;
}

/* As a shell reads it: no example has a "'" in it. */
static void print_command(const struct route *route, struct buf *out)
{
	buf_adds(out, "curl --unix-socket " SOCKET);
	if (strcmp(route->method, "DELETE") == 0 || (!is_get(route) && !route->example))
		buf_addf(out, " -X %s", route->method);
	buf_adds(out, " \\\n  'http://localhost");
	print_path(route, out);
	if (is_get(route) && route->example)
		buf_addf(out, "?%s", route->example);
	buf_addc(out, '\'');
	if (!is_get(route) && route->example)
		buf_addf(out, " \\\n  -d '%s'", route->example);
	buf_addc(out, '\n');
}

static void print_example(const struct route *route, struct buf *out)
{
	struct buf command = buf_make(out->max);

	print_command(route, &command);
	buf_adds(out, ".Bd -literal\n");
	mdoc_literal(buf_text(&command), out);
	buf_adds(out, ".Ed\n");
	buf_free(&command);
}

static void print_members(const char *what, const struct member *members, size_t max,
			  struct buf *out)
{
	if (max == 0 || !members[0].name)
		return;
	buf_addf(out, ".Pp\n%s:\n.Bl -tag -width direction -compact\n", what);
	for (size_t i = 0; i < max && members[i].name; i++) {
		buf_addf(out, ".It Va %s\n", members[i].name);
		mdoc_text(members[i].help, out);
		if (members[i].type != MEMBER_WORD && members[i].type != MEMBER_TEXT) {
			buf_addc(out, '(');
			member_describe(members[i].type, out);
			buf_adds(out, ")\n");
		}
	}
	buf_adds(out, ".El\n");
}

static void print_route(const struct route *route, struct buf *out)
{
	buf_addf(out, ".It Cm %s Pa %s\n", route->method, route->path);
	mdoc_text(route->help, out);
	print_members("Parameters", route->queries, ROUTE_QUERIES_MAX, out);
	print_members("Body", route->members, ROUTE_MEMBERS_MAX, out);
	print_members("Each row", route->row, route->row ? SIZE_MAX : 0, out);
	print_example(route, out);
}

void api_print_manual(struct buf *out)
{
	buf_adds(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < api_route_count; i++)
		print_route(&api_routes[i], out);
	buf_adds(out, ".El\n");
}
