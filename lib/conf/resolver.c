/* Looking things up by their names, for every part of the resolving. */
#include "conf/resolver.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "sys/zoneinfo.h"

#define ZONE_BYTES_MAX ((size_t)1 << 20)

/* A zone that was loaded, once, for all who live in it. */
struct loaded_zone {
	const char *name;
	const struct zone
	    *zone; /* NULL: it could not be loaded, and was complained of where it is named */
	struct error err;
	char hash[SHA256_HEX_SIZE];
};

const char *resolver_origin(struct loader *loader, struct arena *arena, int line)
{
	return arena_printf(arena, "%s:%d", loader->base, line);
}

static int record_order(const void *a, const void *b)
{
	const struct record *left = *(const struct record *const *)a;
	const struct record *right = *(const struct record *const *)b;
	const int order = strcmp(left->id, right->id);

	if (order != 0)
		return order;
	return (left->line > right->line) - (left->line < right->line);
}

struct record **resolver_sort(struct loader *loader, enum section section)
{
	const size_t count = loader->draft->records[section].count;
	struct record **sorted = arena_alloc(loader->scratch, count + 1, sizeof *sorted);

	for (size_t i = 0; i < count; i++)
		sorted[i] = draft_at(loader->draft, section, i);
	qsort(sorted, count, sizeof(struct record *), record_order);
	return sorted;
}

void resolver_note_ids(struct resolver *r, enum section section, struct record *const *sorted)
{
	const size_t count = r->loader->draft->records[section].count;
	const char **ids = arena_alloc(r->loader->scratch, count + 1, sizeof *ids);

	for (size_t i = 0; i < count; i++)
		ids[i] = sorted[i]->id;
	r->ids[section] = ids;
	r->id_counts[section] = count;
}

static int id_order(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

bool resolver_names_one(struct resolver *r, enum section target, const char *id, int line,
			const char *what)
{
	const char *const *ids = r->ids[target];
	const size_t count = r->id_counts[target];

	if (!id)
		return false;
	if (bsearch(id, ids, count, sizeof *ids, id_order))
		return true;
	loader_error(r->loader, line, what, "there is no %s \"%s\"%s", conf_sections[target].one,
		     id, loader_hint(r->loader, id, ids, count));
	return false;
}

static void load_zone(struct resolver *r, struct loaded_zone *loaded)
{
	struct conf *conf = r->loader->conf;
	struct buf bytes = buf_make(ZONE_BYTES_MAX);
	struct zone *zone;

	if (zoneinfo_load(loaded->name, &zone, &bytes, &loaded->err) == STATUS_OK) {
		conf->zones = arena_grow(conf->arena, conf->zones, conf->zone_count,
					 &r->kept_capacity, sizeof(struct zone *));
		conf->zones[conf->zone_count++] = zone;
		loaded->zone = zone;
		bytes_sha256_hex(buf_text(&bytes), bytes.len, loaded->hash);
	}
	buf_free(&bytes);
}

static const struct loaded_zone *zone_by_name(struct resolver *r, const char *name)
{
	struct loaded_zone *loaded;

	for (size_t i = 0; i < r->zone_count; i++)
		if (strcmp(r->zones[i].name, name) == 0)
			return &r->zones[i];
	r->zones = arena_grow(r->loader->scratch, r->zones, r->zone_count, &r->zone_capacity,
			      sizeof *r->zones);
	loaded = &r->zones[r->zone_count++];
	*loaded = (struct loaded_zone){.name = name};
	load_zone(r, loaded);
	return loaded;
}

const struct zone *resolver_zone(struct resolver *r, const char *name, int line, const char *what,
				 bool complain)
{
	const struct loaded_zone *loaded = zone_by_name(r, name);

	if (!loaded->zone && complain)
		loader_error(r->loader, line, what, "%s", loaded->err.text);
	buf_addf(&r->loader->hash, "zone %s %s\n", name, loaded->hash);
	return loaded->zone;
}
