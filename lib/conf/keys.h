/* The table of keys: all that may stand in the file, said once.
 *
 * The reader, --print-config, the reference file and the tests are driven by it. A key's value
 * lands in a draft record (draft.h) at the key's offset. */
#ifndef CADENCE_CONF_KEYS_H
#define CADENCE_CONF_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/roster.h"

enum section {
	SECTION_GLOBAL,
	SECTION_CHANNEL,
	SECTION_CADENCE,
	SECTION_OWNER,
	SECTION_PARTNER,
	SECTION_INBOX,	/* one record, not a group of them */
	SECTION_BACKUP, /* the same */
	SECTIONS,
};

/* How a value is written and checked (value.h). The comment names the type of its place in the
 * draft. */
enum key_type {
	KEY_ID,		 /* const char * */
	KEY_NAME,	 /* const char * */
	KEY_TAGS,	 /* const char * */
	KEY_USER,	 /* const char * */
	KEY_MAIL,	 /* const char * */
	KEY_MAILBOX,	 /* const char * */
	KEY_DATABASE,	 /* const char * */
	KEY_SOCKET,	 /* const char * */
	KEY_FOLDER,	 /* const char * */
	KEY_HOST,	 /* const char * */
	KEY_FILE,	 /* const char *, looked up later */
	KEY_ZONE,	 /* const char *, loaded later */
	KEY_REF,	 /* const char *, looked up later */
	KEY_URL,	 /* struct secret, checked later: it depends on the channel's type */
	KEY_HEARTBEAT,	 /* struct secret */
	KEY_PROXY,	 /* const char * */
	KEY_LINK,	 /* const char * */
	KEY_PASSWORD,	 /* struct secret */
	KEY_TOKEN,	 /* struct secret */
	KEY_SIGNING,	 /* struct secret */
	KEY_CHOICE,	 /* int: the index in choices */
	KEY_BOOL,	 /* bool */
	KEY_CONNECTIONS, /* int */
	KEY_KEEP,	 /* int */
	KEY_RATE,	 /* struct rate */
	KEY_SPAN,	 /* struct span */
	KEY_RISK,	 /* double: the threshold; 0: off */
	KEY_TIME,	 /* int: minute of the day */
	KEY_HOURS,	 /* struct hours */
	KEY_WEEK,	 /* uint8_t */
	KEY_WEEKDAY,	 /* enum weekday */
	KEY_DAY,	 /* day; DAY_NEVER: not said */
	KEY_SPANS,	 /* struct span_list */
	KEY_MAILS,	 /* struct texts */
	KEY_REFS,	 /* struct texts */
	KEY_CHANNELS,	 /* struct channel_refs */
	KEY_HOLIDAYS,	 /* struct texts: names of sets, days, ranges */
	KEY_RANGES,	 /* struct texts: days, ranges */
	KEY_TYPES,
};

#define CHANNEL_BIT(type) (1U << (type))

struct key {
	enum section section;
	enum key_type type;
	const char *name;
	const char *range;    /* what is allowed beyond the type, in words; NULL: nothing to add */
	const char *fallback; /* the default as it would be written, without quotes; NULL: none, or
				 computed */
	const char
	    *computed;	     /* the default in words, when it depends on other things; NULL: none */
	const char *example; /* libconfig text for the reference */
	const char *help;    /* one sentence */
	const char *const *choices; /* KEY_CHOICE: ends with NULL */
	enum section target;	    /* KEY_REF, KEY_REFS: what it names */
	unsigned channel_types;	    /* CHANNEL_BITs of the channels that have it; 0: all */
	unsigned required_types;    /* CHANNEL_BITs of the channels that need it */
	bool required;		    /* whatever the type */
	bool reloadable;
	size_t offset;
};

/* A group (or list) of records of one section. */
struct section_info {
	const char *group;   /* "owners"; NULL for the global section */
	const char *one;     /* "owner" */
	const char *example; /* a name for the reference; NULL: a list without names */
	const char *help;
	size_t size; /* of its draft record */
	size_t max;  /* how many there may be */
};

/* What differs between the types of channels. */
struct channel_info {
	const char *example;	    /* a name for the reference */
	const char *const *schemes; /* of its url; ends with NULL */
	const char *example_url;
	const char *example_room;
	const char *default_url;   /* NULL: none */
	const char *default_topic; /* NULL: none */
	const char *rate;	   /* the default, as it would be written; NULL: no limit */
	int connections;	   /* the default */
	enum detail detail;	   /* the default */
	bool url_is_secret;	   /* whoever knows it may post */
	bool url_is_server;	   /* a path is appended to it */
};

/* Sections are contiguous in the table, in the order of enum section. */
extern const struct key conf_keys[];
extern const size_t conf_key_count;
extern const struct section_info conf_sections[SECTIONS];
extern const struct channel_info conf_channels[CHANNEL_TYPES];

#define SECTION_KEYS_MAX 24 /* a test counts */

/* The keys of a section: the first, and how many. */
const struct key *keys_of(enum section section, size_t *ret_count);
/* The key by its name, also as name_file; *ret_file tells which. NULL: there is none. Of two by
 * that name it is the one that some of channel_types (CHANNEL_BITs) have. */
const struct key *key_find(enum section section, const char *name, unsigned channel_types,
			   bool *ret_file);
/* Whether channels of that type have the key. */
bool key_applies(const struct key *key, int channel_type);
/* Whether the value may also be given as name_file. */
bool key_has_file(const struct key *key);

#endif
