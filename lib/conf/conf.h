/* The configuration: one file, read whole or not at all.
 *
 * Reading it yields a roster (owners, cadences, channels), the partners that the file manages, and
 * a few global settings. Nothing here prints, and nothing of libconfig outlives conf_load(). */
#ifndef CADENCE_CONF_CONF_H
#define CADENCE_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "core/partner.h"
#include "core/roster.h"
#include "core/span.h"

#define CONF_FILE_MAX		  ((size_t)32 << 20) /* bytes of the configuration file */
#define CONF_SECRET_MAX		  4096		     /* bytes of a file that holds one secret */
#define CONF_OWNERS_MAX		  5000
#define CONF_CADENCES_MAX	  500
#define CONF_CHANNELS_MAX	  500
#define CONF_HOLIDAYS_MAX	  500 /* named sets */
#define CONF_PARTNERS_MAX	  1000000
#define CONF_LIST_MAX		  500  /* entries of any list in the file */
#define CONF_CONNECTIONS_MAX	  256  /* of a channel */
#define CONF_BACKUPS_MAX	  3650 /* ten years of them */
#define CONF_MAIL_CONNECTIONS_MAX 64   /* of all smtp channels together */
#define CONF_RATE_MAX		  1000 /* messages in a second, a minute or an hour */
#define CONF_ERRORS_MAX		  200  /* errors listed; of the rest only the number is said */

enum deliver { DELIVER_LIVE, DELIVER_HOLD };

struct draft;

struct conf {
	/* First, so that the roster's destroy() finds the rest. Starts with one reference, the
	 * caller's; giving the last one back frees everything here. */
	struct roster roster;

	const char *path;
	const char *database; /* "sqlite:///var/lib/cadenced/cadenced.db" */
	const char *control;  /* absolute path of the control socket */
	enum deliver deliver;
	const char *redirect_to;      /* mail address; NULL: none */
	struct span keep_history;     /* how long history stays in the store */
	int backups;		      /* daily ones that are kept; 0: none is made */
	const char *heartbeat;	      /* URL to call while all is well, a secret; NULL: none */
	const char *reply_to;	      /* mail address that replies go to; NULL: none are taken */
	const char *trusted_authserv; /* whose Authentication-Results count; NULL: nobody's */
	const char *maildir;	      /* absolute path of the inbox; NULL: none */

	/* What the file says of partners, sorted by id; gone after conf_drop_partners(). */
	const struct partner_entry *partners;
	size_t partner_count;

	/* What is allowed and yet worth a word, each "file:line: key: …". */
	const char *const *warnings;
	size_t warning_count;

	struct draft *draft; /* the file as it was written, for conf_print() */
	struct arena *arena;
	struct arena *partner_arena; /* partners and their drafts, NULL once dropped */
	struct zone **zones;
	size_t zone_count;
};

/* Reads the file at path. On failure nothing is returned and *ret_errors gets every semantic error,
 * one a line (the last one not ended), each "file:line: key: what is wrong, what would be right"
 * (of syntax errors and duplicate names the first only). STATUS_INVALID when the file is wrong,
 * STATUS_NOT_FOUND when there is none, STATUS_TOO_BIG over CONF_FILE_MAX, STATUS_FAILED when it
 * cannot be read. The caller gives (*ret_conf)->roster back with roster_unref(). */
enum status conf_load(const char *path, struct conf **ret_conf, struct buf *ret_errors) MUST_USE;

/* The same for who will send nothing (simulate): secrets and certificates in other files are not
 * read, so that nobody needs the right to. */
enum status conf_load_offline(const char *path, struct conf **ret_conf,
			      struct buf *ret_errors) MUST_USE;

/* Every file that the configuration names, whether or not it is there: what ("channel mail:
 * password_file"), where it is looked for, and whether it holds a secret. Texts live until tell()
 * returns. */
typedef void conf_file(void *arg, const char *what, const char *path, bool secret);
void conf_each_file(const struct conf *conf, conf_file *tell, void *arg);

/* Frees what the file says of partners, once the store knows it. Not while another thread may look
 * at it. */
void conf_drop_partners(struct conf *conf);

/* The effective configuration as text that conf_load() reads: secrets masked, or named by their
 * file; a comment marks what is a default. Partners stand in it until they are dropped. */
void conf_print(const struct conf *conf, struct buf *out);

/* Every key with its help, type, range and default: the content of conf/cadenced.full.conf. A "#"
 * with one space after it explains, any other switches an example setting off. */
void conf_print_reference(struct buf *out);

/* Every key and every type of channel as items of mdoc, with headings: a part of cadenced.conf(5).
 */
void conf_print_manual(struct buf *out);

/* Appends a line for each setting in which the two differ, but for partners and the days of sets of
 * holidays: "owner maria: digest_at: "08:30" becomes "09:00"". Secrets are masked. */
void conf_differ(const struct conf *before, const struct conf *after, struct buf *out);
/* Names the settings that differ between the two and only take effect after a restart ("database,
 * control"); nothing when there is none. */
void conf_restart_keys(const struct conf *old_conf, const struct conf *new_conf, struct buf *out);

#endif
