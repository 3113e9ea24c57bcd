/* Drafts: the file's values as they were written, each with its line, before anything is looked up.
 *
 * They outlive the loading only for conf_print(). All memory is the arenas'. */
#ifndef CADENCE_CONF_DRAFT_H
#define CADENCE_CONF_DRAFT_H

#include <stdint.h>

#include "conf/conf.h"
#include "conf/keys.h"

/* The start of every draft record. */
struct record {
	const char *id;		     /* the name of its group; for partners the value of `id` */
	int line;		     /* where it starts */
	int lines[SECTION_KEYS_MAX]; /* of each key, in the table's order; 0: not given */
};

struct texts {
	const char **items;
	int *lines;
	size_t count;
};

struct span_list {
	struct span items[ESCALATE_STEPS];
	size_t count;
};

/* Names of channels, and of each whether only what is cold goes there. */
struct channel_refs {
	struct texts names; /* first: names are read into it like any list */
	bool *only_cold;
};

/* Minutes of the day; equal: none. May cross midnight. */
struct hours {
	int from, to;
};

struct secret {
	const char *text;
	const char *file; /* NULL: the value stands in the configuration itself */
};

struct draft_global {
	struct record head;
	const char *timezone, *database, *control, *redirect_to, *partner_link, *reply_to,
	    *trusted_authserv;
	struct texts admin, events;
	int deliver;
	struct span keep_history;
	struct secret heartbeat;
};

struct draft_backup {
	struct record head;
	int keep;
};

struct draft_channel {
	struct record head;
	int type;
	struct secret url, password, token, secret;
	const char *from, *user, *token_file, *room, *topic, *ca_file, *proxy, *fallback;
	int tls;
	int connections; /* 0: until it is given or computed */
	struct rate rate;
	int detail;
};

struct draft_cadence {
	struct record head;
	struct span every, grace, warn, meeting_every, decide_after;
	struct span_list escalate;
	double risk; /* threshold; 0: off */
};

struct draft_owner {
	struct record head;
	const char *name, *email, *timezone, *backup, *manager;
	int digest_minute;
	uint8_t week;
	enum weekday review_day;
	struct texts holidays, away;
	struct channel_refs channels;
	struct hours quiet;
	bool weekly;
};

struct draft_partner {
	struct record head;
	struct partner_entry entry;
};

struct draft_inbox {
	struct record head;
	const char *maildir;
};

struct holiday_set {
	const char *id;
	int line;
	struct texts days; /* days and ranges only */
};

struct records {
	char *items; /* records of conf_sections[section].size bytes */
	size_t count;
};

struct draft {
	struct draft_global global;
	struct draft_inbox inbox;
	struct draft_backup backup;
	struct records records[SECTIONS]; /* but the single ones; in the file's order */
	struct holiday_set *holidays;
	size_t holiday_count;
};

/* The record at index of a section. */
static inline void *draft_at(const struct draft *draft, enum section section, size_t index)
{
	return draft->records[section].items + index * conf_sections[section].size;
}

#endif
