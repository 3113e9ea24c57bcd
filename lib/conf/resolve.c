/* From the draft to the roster: references, zones, and all that depends on more than one value.
 *
 * A value that was wrong by itself was complained of already (read.c) and has its default or
 * nothing here: what follows must bear that and not complain a second time. */
#include "conf/resolve.h"

#include "base/bytes.h"
#include "conf/resolver.h"

static void resolve_global(struct resolver *r)
{
	struct conf *conf = r->loader->conf;
	const struct draft_global *global = &r->loader->draft->global;

	conf->database = global->database;
	conf->control = global->control;
	conf->deliver = (enum deliver)global->deliver;
	conf->redirect_to = global->redirect_to;
	conf->keep_history = global->keep_history;
	conf->roster.partner_link = global->partner_link;
	conf->roster.admins = global->admin.items;
	conf->roster.admin_count = global->admin.count;
	conf->roster.zone =
	    resolver_zone(r, global->timezone,
			  record_line(SECTION_GLOBAL, &global->head, "timezone"), "timezone", true);
}

void resolve_draft(struct loader *loader)
{
	struct resolver r = {.loader = loader};

	resolve_global(&r);
	resolve_cadences(&r);
	resolve_channels(&r);
	resolve_events(&r);
	resolve_owners(&r);
	resolve_partners(&r);
	bytes_sha256_hex(buf_text(&loader->hash), loader->hash.len, loader->conf->roster.hash);
}
