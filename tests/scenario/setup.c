/* Pieces in, libconfig text out, through a temporary file. */
#include "tests/scenario/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECES_MAX 5000
#define TEXT_MAX   ((size_t)8 << 20)

struct piece {
	const char *kind, *id, *text;
};

struct setup {
	struct arena *arena;
	struct piece pieces[PIECES_MAX];
	size_t count;
};

struct setup *setup_new(void)
{
	struct setup *setup = mem_alloc(1, sizeof(*setup));

	setup->arena = arena_new();
	return setup;
}

struct setup *setup_free(struct setup *setup)
{
	if (setup)
		arena_free(setup->arena);
	free(setup);
	return NULL;
}

static struct piece *find(const struct setup *setup, const char *kind, const char *id)
{
	for (size_t i = 0; i < setup->count; i++)
		if (strcmp(setup->pieces[i].kind, kind) == 0 &&
		    strcmp(setup->pieces[i].id, id) == 0)
			return (struct piece *)&setup->pieces[i];
	return NULL;
}

bool setup_set(struct setup *setup, const char *kind, const char *id, const char *text)
{
	static const char *const kinds[] = {"zone",  "holidays", "cadence",
					    "owner", "partner",	 "global"};
	const bool zone = strcmp(kind, "zone") == 0;
	struct piece *piece = find(setup, kind, zone ? "" : id);
	size_t k = 0;

	while (k < sizeof(kinds) / sizeof(kinds[0]) && strcmp(kinds[k], kind) != 0)
		k++;
	if (k == sizeof(kinds) / sizeof(kinds[0]) || (!piece && setup->count == PIECES_MAX))
		return false;
	if (!piece)
		piece = &setup->pieces[setup->count++];
	*piece = (struct piece){.kind = kinds[k],
				.id = arena_strdup(setup->arena, zone ? "" : id),
				.text = arena_strdup(setup->arena, zone ? id : text)};
	return true;
}

bool setup_drop(struct setup *setup, const char *kind, const char *id)
{
	struct piece *piece = find(setup, kind, id);

	if (!piece)
		return false;
	memmove(piece, piece + 1,
		(size_t)(&setup->pieces[setup->count] - (piece + 1)) * sizeof(*piece));
	setup->count--;
	return true;
}

static const char *first_of(const struct setup *setup, const char *kind, const char *otherwise)
{
	for (size_t i = 0; i < setup->count; i++)
		if (strcmp(setup->pieces[i].kind, kind) == 0)
			return setup->pieces[i].id;
	return otherwise;
}

static void write_all(const struct setup *setup, const char *kind, const char *format,
		      struct buf *out)
{
	for (size_t i = 0; i < setup->count; i++)
		if (strcmp(setup->pieces[i].kind, kind) == 0)
			buf_addf(out, format, setup->pieces[i].id, setup->pieces[i].text);
}

static void write_partners(const struct setup *setup, struct buf *out)
{
	const char *owner = first_of(setup, "owner", "maria");
	const char *cadence = first_of(setup, "cadence", "monthly");
	const char *comma = "";

	for (size_t i = 0; i < setup->count; i++) {
		const struct piece *p = &setup->pieces[i];

		if (strcmp(p->kind, "partner") != 0)
			continue;
		buf_addf(out, "%s\n  { id = \"%s\"; %s", comma, p->id, p->text);
		if (!strstr(p->text, "owner ="))
			buf_addf(out, " owner = \"%s\";", owner);
		if (!strstr(p->text, "cadence ="))
			buf_addf(out, " cadence = \"%s\";", cadence);
		buf_adds(out, " }");
		comma = ",";
	}
}

/* The pieces' own formats are fixed texts, not the scenario's. */
static void write_conf(const struct setup *setup, struct buf *out)
{
	const struct piece *zone = find(setup, "zone", "");

	buf_addf(out, "timezone = \"%s\";\n", zone ? zone->text : "UTC");
	write_all(setup, "global", "%s %s\n", out);
	buf_adds(out, "channels = { mail = { type = \"smtp\"; url = \"smtp://127.0.0.1:25\";"
		      " from = \"cadence@example.com\"; tls = \"none\"; }; };\n");
	buf_adds(out, "holidays = {\n");
	write_all(setup, "holidays", "  %s %s\n", out);
	buf_adds(out, "};\ncadences = {\n");
	write_all(setup, "cadence", "  %s = { %s };\n", out);
	if (!first_of(setup, "cadence", NULL))
		buf_adds(out, "  monthly = { every = \"1 month\"; grace = \"1 week\"; };\n");
	buf_adds(out, "};\nowners = {\n");
	for (size_t i = 0; i < setup->count; i++) {
		const struct piece *p = &setup->pieces[i];

		if (strcmp(p->kind, "owner") == 0)
			buf_addf(out, "  %s = { email = \"%s@example.com\"; %s };\n", p->id, p->id,
				 p->text);
	}
	if (!first_of(setup, "owner", NULL))
		buf_adds(out, "  maria = { email = \"maria@example.com\"; };\n");
	buf_adds(out, "};\npartners = (");
	write_partners(setup, out);
	buf_adds(out, "\n);\n");
}

enum status setup_load(const struct setup *setup, struct conf **ret_conf, struct error *err)
{
	char path[] = "/tmp/cadenced-scenario-XXXXXX";
	struct buf text = buf_make(TEXT_MAX), errors = buf_make(TEXT_MAX);
	const int fd = mkstemp(path);
	enum status status = STATUS_FAILED;

	write_conf(setup, &text);
	if (fd < 0 || write(fd, buf_text(&text), text.len) != (ssize_t)text.len)
		error_set(err, "the temporary file %s cannot be written", path);
	else if ((status = conf_load(path, ret_conf, &errors)) != STATUS_OK)
		error_set(err, "%s", buf_text(&errors));
	if (fd >= 0) {
		close(fd);
		unlink(path);
	}
	buf_free(&errors);
	buf_free(&text);
	return status;
}
