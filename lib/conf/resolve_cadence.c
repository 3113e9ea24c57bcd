/* Cadences: computed defaults, and spans that must fit each other. */
#include <string.h>

#include "conf/resolver.h"

static void hash_span(struct buf *hash, struct span span)
{
	buf_addf(hash, " %d/%d", span.count, (int)span.unit);
}

static void hash_cadence(struct buf *hash, const struct cadence *cadence)
{
	buf_addf(hash, "cadence %s", cadence->id);
	hash_span(hash, cadence->every);
	hash_span(hash, cadence->grace);
	hash_span(hash, cadence->warn);
	hash_span(hash, cadence->meeting_every);
	hash_span(hash, cadence->decide_after);
	for (size_t i = 0; i < cadence->escalate_count; i++)
		hash_span(hash, cadence->escalate[i]);
	buf_addf(hash, " %.17g", cadence->risk_threshold);
	buf_addc(hash, '\n');
}

static void check_not_longer(struct loader *loader, const struct draft_cadence *draft,
			     const char *key, struct span span)
{
	char longer[SPAN_TEXT_SIZE], every[SPAN_TEXT_SIZE];

	if (!record_gives(SECTION_CADENCE, &draft->head, key) ||
	    span_about_days(span) <= span_about_days(draft->every))
		return;
	loader_error(loader, record_line(SECTION_CADENCE, &draft->head, key),
		     loader_what(loader, SECTION_CADENCE, draft->head.id, key),
		     "%s is longer than every, which is %s; it should not be longer",
		     span_say(span, longer), span_say(draft->every, every));
}

static struct cadence resolve_cadence(struct loader *loader, struct draft_cadence *draft)
{
	struct cadence cadence = {.id = draft->head.id,
				  .every = draft->every,
				  .warn = draft->warn,
				  .meeting_every = draft->meeting_every,
				  .escalate_count = draft->escalate.count,
				  .decide_after = draft->decide_after,
				  .risk_threshold = draft->risk,
				  .origin =
				      resolver_origin(loader, loader->arena, draft->head.line)};

	check_not_longer(loader, draft, "grace", draft->grace);
	check_not_longer(loader, draft, "warn", draft->warn);
	if (draft->grace.count == 0)
		draft->grace = cadence_default_grace(draft->every);
	cadence.grace = draft->grace;
	memcpy(cadence.escalate, draft->escalate.items, sizeof cadence.escalate);
	return cadence;
}

/* Where the file defines no cadence, one that is called standard is there all the same. */
static void define_standard(struct loader *loader)
{
	struct records *records = &loader->draft->records[SECTION_CADENCE];
	struct draft_cadence *draft = arena_alloc(loader->arena, 1, sizeof *draft);

	draft->head.id = STANDARD_CADENCE;
	draft->every = cadence_fallback()->every;
	draft->decide_after = cadence_fallback()->decide_after;
	draft->risk = cadence_fallback()->risk_threshold;
	*records = (struct records){.items = (char *)draft, .count = 1};
}

void resolve_cadences(struct resolver *r)
{
	struct loader *loader = r->loader;
	struct roster *roster = &loader->conf->roster;
	struct record **sorted;
	struct cadence *cadences;

	if (loader->draft->records[SECTION_CADENCE].count == 0)
		define_standard(loader);
	sorted = resolver_sort(loader, SECTION_CADENCE);
	resolver_note_ids(r, SECTION_CADENCE, sorted);
	roster->cadence_count = r->id_counts[SECTION_CADENCE];
	cadences = arena_alloc(loader->arena, roster->cadence_count, sizeof *cadences);
	for (size_t i = 0; i < roster->cadence_count; i++) {
		cadences[i] = resolve_cadence(loader, (struct draft_cadence *)sorted[i]);
		hash_cadence(&loader->hash, &cadences[i]);
	}
	roster->cadences = cadences;
}
