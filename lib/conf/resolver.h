/* What the parts of the resolving share: one resolver a loading. Private to this room. */
#ifndef CADENCE_CONF_RESOLVER_H
#define CADENCE_CONF_RESOLVER_H

#include "conf/loader.h"

#define STANDARD_CADENCE "standard"

struct loaded_zone;

struct resolver {
	struct loader *loader;
	struct loaded_zone *zones;
	size_t zone_count, zone_capacity;
	size_t kept_capacity; /* of conf->zones */
	const char *const *ids[SECTIONS];
	size_t id_counts[SECTIONS];
};

/* "cadenced.conf:14" */
const char *resolver_origin(struct loader *loader, struct arena *arena, int line);
/* The records of a section in the order of their ids, from the scratch arena. */
struct record **resolver_sort(struct loader *loader, enum section section);
/* Keeps the ids of a section, for references to it. */
void resolver_note_ids(struct resolver *r, enum section section, struct record *const *sorted);
/* Whether id names a record of the section; complains when it does not. NULL was complained of
 * before. */
bool resolver_names_one(struct resolver *r, enum section target, const char *id, int line,
			const char *what);
/* The zone by its name, added to the hash; NULL after a complaint, if one is wanted. */
const struct zone *resolver_zone(struct resolver *r, const char *name, int line, const char *what,
				 bool complain);

/* Each fills its part of the roster, in this order: a part names only what comes before it. */
void resolve_cadences(struct resolver *r);
void resolve_channels(struct resolver *r);
void resolve_events(struct resolver *r);
void resolve_owners(struct resolver *r);
void resolve_partners(struct resolver *r);

/* The channels that a list names, each once. */
const struct channel **resolve_channel_list(struct resolver *r, const struct texts *list,
					    const char *what, size_t *ret_count);

#endif
