/* Partners of the file: whose they are, and whether their ladder leads anywhere. */
#include <string.h>

#include "conf/resolver.h"

static void default_cadence(struct resolver *r, struct draft_partner *draft)
{
	struct loader *loader = r->loader;

	if (roster_cadence(&loader->conf->roster, STANDARD_CADENCE))
		draft->entry.cadence = STANDARD_CADENCE;
	else
		loader_error(
		    loader, draft->head.line,
		    loader_what(loader, SECTION_PARTNER, draft->head.id, "cadence"),
		    "is missing, and no cadence is called " STANDARD_CADENCE
		    "; it should be one of: %s",
		    loader_choices(loader, r->ids[SECTION_CADENCE], r->id_counts[SECTION_CADENCE]));
}

/* The only one whom a ladder of this owner reaches; NULL: there are two, or nobody. */
static const char *only_one(const struct owner *owner)
{
	if (!owner->backup || !owner->manager)
		return owner->backup ? owner->backup : owner->manager;
	return strcmp(owner->backup, owner->manager) == 0 ? owner->backup : NULL;
}

static void warn_of_short_ladder(struct resolver *r, const struct draft_partner *draft,
				 const struct owner *owner, const struct cadence *cadence)
{
	if (cadence->escalate_count < 2 || !only_one(owner))
		return;
	loader_warn(r->loader, draft->head.line,
		    loader_what(r->loader, SECTION_PARTNER, draft->head.id, NULL),
		    "cadence %s escalates in two steps, and owner %s has only %s to escalate to: "
		    "a backup and a manager who is somebody else would be right",
		    cadence->id, owner->id, only_one(owner));
}

/* Says once per owner that a ladder leads nowhere, or not far. said: by the owner's place in the
 * roster. */
static void check_ladder(struct resolver *r, const struct draft_partner *draft, bool *said)
{
	const struct roster *roster = &r->loader->conf->roster;
	const struct owner *owner = roster_owner(roster, draft->entry.owner);
	const struct cadence *cadence = roster_cadence(roster, draft->entry.cadence);

	if (!owner || !cadence || cadence->escalate_count == 0 || said[owner - roster->owners])
		return;
	if (owner->backup || owner->manager) {
		said[owner - roster->owners] = cadence->escalate_count == 2 && only_one(owner);
		warn_of_short_ladder(r, draft, owner, cadence);
		return;
	}
	said[owner - roster->owners] = true;
	loader_error(
	    r->loader, draft->head.line,
	    loader_what(r->loader, SECTION_PARTNER, draft->head.id, NULL),
	    "cadence %s escalates, but there is nobody to escalate to; owner %s should have "
	    "a backup or a manager, or the cadence no escalate",
	    cadence->id, owner->id);
}

static void check_cold_mark(struct resolver *r, const struct draft_partner *draft)
{
	struct loader *loader = r->loader;
	const struct cadence *cadence = roster_cadence(&loader->conf->roster, draft->entry.cadence);
	const struct span mark = draft->entry.cold_mark;
	char said[SPAN_TEXT_SIZE], every[SPAN_TEXT_SIZE];

	if (mark.count == 0 || !cadence || span_about_days(mark) >= span_about_days(cadence->every))
		return;
	loader_error(loader, record_line(SECTION_PARTNER, &draft->head, "cold_mark"),
		     loader_what(loader, SECTION_PARTNER, draft->head.id, "cold_mark"),
		     "%s lies before the due day of cadence %s, which is every %s; it should be as "
		     "long at least",
		     span_say(mark, said), cadence->id, span_say(cadence->every, every));
}

static void check_last_contact(struct resolver *r, const struct draft_partner *draft)
{
	char said[DAY_TEXT_SIZE];

	if (draft->entry.last_contact >= CONTACT_DAY_MIN)
		return;
	loader_error(r->loader, record_line(SECTION_PARTNER, &draft->head, "last_contact"),
		     loader_what(r->loader, SECTION_PARTNER, draft->head.id, "last_contact"),
		     "%s lies before 1970; it should be later, or be left out",
		     day_iso(draft->entry.last_contact, said));
}

static void resolve_partner(struct resolver *r, struct draft_partner *draft, bool *said)
{
	struct loader *loader = r->loader;
	struct partner_entry *entry = &draft->entry;

	if (!entry->name)
		entry->name = entry->id;
	entry->origin = resolver_origin(loader, loader->conf->partner_arena, draft->head.line);
	(void)resolver_names_one(r, SECTION_OWNER, entry->owner,
				 record_line(SECTION_PARTNER, &draft->head, "owner"),
				 loader_what(loader, SECTION_PARTNER, draft->head.id, "owner"));
	if (!record_gives(SECTION_PARTNER, &draft->head, "cadence"))
		default_cadence(r, draft);
	else
		(void)resolver_names_one(
		    r, SECTION_CADENCE, entry->cadence,
		    record_line(SECTION_PARTNER, &draft->head, "cadence"),
		    loader_what(loader, SECTION_PARTNER, draft->head.id, "cadence"));
	check_ladder(r, draft, said);
	check_cold_mark(r, draft);
	check_last_contact(r, draft);
}

void resolve_partners(struct resolver *r)
{
	struct loader *loader = r->loader;
	struct conf *conf = loader->conf;
	const size_t count = loader->draft->records[SECTION_PARTNER].count;
	struct record **sorted = resolver_sort(loader, SECTION_PARTNER);
	struct partner_entry *partners =
	    arena_alloc(conf->partner_arena, count + 1, sizeof *partners);
	bool *said = arena_alloc(loader->scratch, conf->roster.owner_count + 1, sizeof *said);

	for (size_t i = 0; i < count; i++) {
		struct draft_partner *draft = (struct draft_partner *)sorted[i];

		resolve_partner(r, draft, said);
		partners[i] = draft->entry;
		if (i > 0 && strcmp(sorted[i - 1]->id, sorted[i]->id) == 0)
			loader_error(
			    loader, sorted[i]->line,
			    loader_what(loader, SECTION_PARTNER, sorted[i]->id, "id"),
			    "is already the id of the partner at %s:%d; each should have its own",
			    loader->base, sorted[i - 1]->line);
	}
	conf->partners = partners;
	conf->partner_count = count;
}
