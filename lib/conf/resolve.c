/* From the draft to the roster: references, zones, and all that depends on more than one value.
 *
 * A value that was wrong by itself was complained of already (read.c) and has its default or
 * nothing here: what follows must bear that and not complain a second time. */
#include "conf/resolve.h"

#include <string.h>

#include "base/address.h"
#include "base/bytes.h"
#include "conf/resolver.h"
#include "core/reply.h"

/* What stands before the @ of a Reply-To has its limit, and the token needs room. */
static void check_reply_to(struct loader *loader, const struct draft_global *global)
{
	const char *at = global->reply_to ? strchr(global->reply_to, '@') : NULL;

	if (at && at - global->reply_to > REPLY_LOCAL_MAX)
		loader_error(loader, record_line(SECTION_GLOBAL, &global->head, "reply_to"),
			     "reply_to",
			     "\"%s\" has more than %d characters before the @; a token is added "
			     "there",
			     loader_quote(loader, global->reply_to), REPLY_LOCAL_MAX);
}

static void resolve_inbox(struct loader *loader)
{
	const struct draft_inbox *inbox = &loader->draft->inbox;

	loader->conf->maildir = inbox->maildir;
	if (inbox->maildir && !loader->conf->reply_to)
		loader_error(loader, inbox->head.line, "inbox",
			     "nobody can reply without reply_to; it should be set too");
}

static void resolve_heartbeat(struct resolver *r)
{
	struct loader *loader = r->loader;
	const struct draft_global *global = &loader->draft->global;
	const struct secret *url = &global->heartbeat;
	const int line = record_line(SECTION_GLOBAL, &global->head, "heartbeat");

	if (!url->text || (loader->offline && url->file))
		return;
	if (!url->file && loader->world_readable)
		loader_error(
		    loader, line, "heartbeat",
		    "is a secret in a file that everybody may read; `chmod o-r %s`, or put "
		    "it in a file of its own and name that by heartbeat_file",
		    loader->base);
	if (strncmp(url->text, "http://", 7) == 0 && !address_is_loopback(url->text))
		loader_warn(loader, line, "heartbeat", "is called in clear text");
	loader->conf->heartbeat = url->text;
}

static void resolve_global(struct resolver *r)
{
	struct conf *conf = r->loader->conf;
	const struct draft_global *global = &r->loader->draft->global;

	conf->database = global->database;
	conf->control = global->control;
	conf->deliver = (enum deliver)global->deliver;
	conf->redirect_to = global->redirect_to;
	conf->keep_history = global->keep_history;
	conf->backups = r->loader->draft->backup.keep;
	conf->reply_to = global->reply_to;
	conf->trusted_authserv = global->trusted_authserv;
	check_reply_to(r->loader, global);
	resolve_inbox(r->loader);
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
	resolve_heartbeat(&r);
	resolve_cadences(&r);
	resolve_channels(&r);
	resolve_events(&r);
	resolve_owners(&r);
	resolve_partners(&r);
	bytes_sha256_hex(buf_text(&loader->hash), loader->hash.len, loader->conf->roster.hash);
}
