/* The roster: owners, cadences and channels, as the configuration sets them.
 *
 * One roster never changes; a reload makes a new one. Threads share it by counted references, so
 * that a job that started under the old one finishes under it. */
#ifndef CADENCE_CORE_ROSTER_H
#define CADENCE_CORE_ROSTER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/day.h"
#include "core/span.h"
#include "core/workdays.h"
#include "core/zone.h"

#define ESCALATE_STEPS 2

struct cadence {
	const char *id;
	struct span every;
	struct span grace;
	struct span warn;	   /* none when count is 0 */
	struct span meeting_every; /* none when count is 0 */
	struct span escalate[ESCALATE_STEPS];
	size_t escalate_count;
	struct span decide_after;
	double risk_threshold; /* of an early hint, between 0 and 1; 0: none are given */
	const char *origin;    /* "cadenced.conf:14" */
};

enum channel_type {
	CHANNEL_SMTP,
	CHANNEL_WEBHOOK,
	CHANNEL_SLACK,
	CHANNEL_TEAMS,
	CHANNEL_DISCORD,
	CHANNEL_MATTERMOST,
	CHANNEL_GOOGLECHAT,
	CHANNEL_MATRIX,
	CHANNEL_TELEGRAM,
	CHANNEL_ZULIP,
	CHANNEL_NTFY,
	CHANNEL_TYPES
};
enum channel_tls { TLS_STARTTLS, TLS_IMPLICIT, TLS_NONE };
enum detail { DETAIL_FULL, DETAIL_SHORT };

/* So many messages in that time; count 0: no limit. */
struct rate {
	int count;
	int64_t per_ms;
};

/* What a type does not use is NULL. */
struct channel {
	const char *id;
	enum channel_type type;
	const char *url;  /* of the hook; of the server for smtp, matrix, telegram, zulip, ntfy */
	const char *from; /* smtp: "Cadence <cadence@example.com>" */
	const char *user; /* smtp; NULL: no AUTH. zulip: the bot's address */
	const char *password;	/* smtp. zulip: the bot's API key */
	const char *token_file; /* smtp: path of an OAuth 2 access token, read for each session */
	const char *token;	/* matrix, telegram, ntfy: access token */
	const char *secret; /* webhook: "whsec_…", or two with a space between; NULL: not signed */
	const char *room;   /* matrix: room id. telegram: chat id. zulip: stream */
	const char *topic;  /* zulip, ntfy */
	const char *proxy;  /* all but smtp: URL of an HTTP proxy */
	const struct channel *fallback; /* says that this one is blocked */
	int connections;		/* sends under way at a time, at least 1 */
	struct rate rate;
	enum channel_tls tls; /* smtp */
	const char *ca_file;  /* path of PEM certificates to trust, NULL: those of the system */
	enum detail detail;
	/* SHA-256 over everything that could mend a blocked channel: server, login, secrets. */
	char hash[65];
	const char *origin;
};

/* A named set of holidays that an owner keeps. */
struct holiday_set_end {
	const char *id;
	day last; /* its last day */
};

struct owner {
	const char *id;
	const char *name;
	const char *email; /* NULL: none */
	const struct zone *zone;
	int digest_minute; /* of the local day, 0..1439 */
	struct workdays workdays;
	const struct holiday_set_end *holiday_sets; /* the named ones among the holidays */
	size_t holiday_set_count;
	enum weekday review_day;
	const struct channel **channels; /* where the digest goes; at least one */
	size_t channel_count;
	const bool
	    *only_cold; /* of each channel: nothing but what is cold goes there; NULL: of none */
	int quiet_from, quiet_to; /* minutes of the local day between which no digest is sent; may
				     cross midnight; equal: never */
	const char *backup;	  /* id of an owner, NULL: none */
	const char *manager;	  /* id of an owner, NULL: none */
	const struct day_range *away; /* sorted by first day; may overlap */
	size_t away_count;
	bool weekly; /* gets the all-quiet line */
	const char *origin;
};

struct roster {
	atomic_int references;
	void (*destroy)(struct roster *roster); /* frees the roster and all it points to */

	const struct zone *zone; /* the global one */
	const struct owner *owners;
	size_t owner_count; /* sorted by id */
	const struct cadence *cadences;
	size_t cadence_count; /* sorted by id */
	const struct channel *channels;
	size_t channel_count;	       /* sorted by id */
	const struct channel *mail;    /* the first smtp channel of the file; NULL: none */
	const struct channel **events; /* channels that get the events */
	size_t event_count;
	const char
	    *partner_link;   /* URL of a partner in the user's own CRM, with {id}; NULL: none */
	const char **admins; /* mail addresses */
	size_t admin_count;
	/* SHA-256 over everything a judgement depends on: cadences, owners' calendars and zones'
	 * rules. Another value means that everybody must be judged again. */
	char hash[65];
};

struct roster *roster_ref(struct roster *roster);
/* Gives one reference back; the last one destroys it. NULL is harmless. */
void roster_unref(struct roster *roster);

/* NULL when there is none by that id (or id is NULL). */
const struct owner *roster_owner(const struct roster *roster, const char *id);
const struct cadence *roster_cadence(const struct roster *roster, const char *id);
const struct channel *roster_channel(const struct roster *roster, const char *id);
/* The cadence for a partner whose own is unknown: every 3 months and its default grace. */
const struct cadence *cadence_fallback(void);
/* The threshold of early hints where a cadence names none. */
#define RISK_THRESHOLD_DEFAULT 0.65
/* The grace of a cadence that names none: a quarter of every, at least 3 days, at most 3 weeks, and
 * never longer than every; in days. */
struct span cadence_default_grace(struct span every);

/* Whether nothing but what is cold goes to the owner over the channel at that place in its list. */
bool owner_only_cold(const struct owner *owner, size_t channel);
/* Whether early hints reach the owner: they go by mail only. */
bool owner_hears_hints(const struct owner *owner);
/* When an owner who is in quiet hours at that instant may be sent a digest again; at itself when no
 * quiet is kept then. */
instant owner_quiet_until(const struct owner *owner, instant at);
/* Tells of every owner's calendar that has run out: all of it, or a named set. The text is gone
 * after the call. */
typedef void roster_warning(void *arg, const char *text);
void roster_warn_of_calendars(const struct roster *roster, instant now, roster_warning *warn,
			      void *arg);

/* "smtp" <-> CHANNEL_SMTP */
const char *channel_type_name(enum channel_type type);

#endif
