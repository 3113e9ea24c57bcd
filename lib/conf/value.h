/* Values: one entry per type of key that knows how it is written, read and shown. Private to this
 * room. */
#ifndef CADENCE_CONF_VALUE_H
#define CADENCE_CONF_VALUE_H

#include "base/buf.h"
#include "conf/keys.h"
#include "conf/loader.h"

enum shape { SHAPE_TEXT, SHAPE_NUMBER, SHAPE_BOOL, SHAPE_LIST, SHAPE_RISK };

/* What is wrong with a value, as the rest of a sentence: room for any of them. */
#define VALUE_FAULT_SIZE 256

typedef const char *value_reader(struct arena *arena, const struct key *key, const char *text,
				 void *place, char fault[VALUE_FAULT_SIZE]);

struct value_kind {
	const char *words; /* "a duration such as \"4 weeks\"" */
	enum shape shape;
	/* SHAPE_TEXT, SHAPE_NUMBER (its digits): checks the text and stores it at place. NULL when
	 * right, else what is wrong, perhaps written in fault. SHAPE_LIST: the same for one
	 * element, which is added to the list at place. SHAPE_RISK: the text, or the number that
	 * its group names, as text. */
	value_reader *read;
	/* Writes the value as libconfig text; false when there is none. */
	bool (*print)(const struct key *key, const void *place, struct buf *out);
};

/* How a channel in a list is written when it gets only a part: { channel = "…"; only = "cold"; } */
#define REF_CHANNEL "channel"
#define REF_ONLY    "only"
#define REF_COLD    "cold"
/* How risk is written: { threshold = 0.65; }, or "off". */
#define RISK_THRESHOLD "threshold"
#define RISK_OFF       "off"

extern const struct value_kind value_kinds[KEY_TYPES];

/* Text in the quotes and escapes of libconfig. */
void value_print_quoted(const char *text, struct buf *out);
/* "2026-12-25" or "2026-12-28/2027-01-02". False when it is neither; range->last < range->first is
 * refused. */
bool value_parse_range(const char *text, struct day_range *ret_range);
/* Reads a rate such as "20/min"; false when it is none or out of range. */
bool value_parse_rate(const char *text, struct rate *ret_rate);
/* "18:00-07:30" into room for HOURS_TEXT_SIZE. */
#define HOURS_TEXT_SIZE 12
const char *value_hours(struct hours hours, char text[HOURS_TEXT_SIZE]);

#endif
