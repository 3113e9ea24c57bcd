/* Remembers whom a delivery is about while it is being sent. */
#include "daemon/about.h"

#include <jansson.h>

#include "base/mem.h"

struct about {
	struct arena *arena;
	struct log_subject subject;
	const char **partners;
	size_t capacity;
};

struct about *about_new(const struct delivery *delivery)
{
	struct arena *arena = arena_new();
	struct about *about = arena_alloc(arena, 1, sizeof(*about));

	about->arena = arena;
	about->subject.delivery = delivery->id;
	about->subject.channel = arena_strdup(arena, delivery->channel);
	about->subject.owner = arena_strdup(arena, delivery->owner);
	return about;
}

struct about *about_free(struct about *about)
{
	if (about)
		arena_free(about->arena);
	return NULL;
}

static void add_partner(struct about *about, const char *id)
{
	struct log_subject *subject = &about->subject;

	if (!id)
		return;
	about->partners = arena_grow(about->arena, about->partners, subject->partner_count,
				     &about->capacity, sizeof(*about->partners));
	about->partners[subject->partner_count++] = arena_strdup(about->arena, id);
	subject->partners = about->partners;
}

/* What programs read of an event names its partner too. */
static void read_event(struct about *about, const char *stored)
{
	json_t *event = json_loads(stored, 0, NULL);
	const json_t *partner = json_object_get(json_object_get(event, "data"), "partner");
	const char *owner = json_string_value(json_object_get(partner, "owner"));

	add_partner(about, json_string_value(json_object_get(partner, "id")));
	if (owner && !about->subject.owner)
		about->subject.owner = arena_strdup(about->arena, owner);
	json_decref(event);
}

void about_read(struct about *about, const struct document *document, const char *event)
{
	if (event)
		read_event(about, event);
	for (size_t i = 0; document && i < document->block_count; i++)
		if (document->blocks[i].kind == BLOCK_ENTRY)
			add_partner(about, document->blocks[i].partner);
}

const struct log_subject *about_subject(const struct about *about)
{
	return &about->subject;
}
