/* Rests: channels whose other side asked to be left alone for a while (Retry-After).
 *
 * They live in meta, because the next process must keep them too. */
#include "store/rest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define INSTANT_DIGITS 24

/* No server may silence a channel for longer; what lies further ahead comes from a wrong clock. */
#define REST_MAX_MS DAY_MS

void rest_begin(struct db *db, const char *channel, instant until)
{
	struct query *query =
	    db_query(db, "INSERT INTO meta (key, value) VALUES ('rest|' || $1, $2)"
			 " ON CONFLICT (key) DO UPDATE SET value = excluded.value");
	char digits[INSTANT_DIGITS];

	snprintf(digits, sizeof(digits), "%" PRId64, until);
	db_bind_text(query, 1, channel);
	db_bind_text(query, 2, digits);
	(void)db_run(query);
}

instant channel_rests_until(struct db *db, const struct scene *scene, const char *channel)
{
	struct query *query = db_query(db, "SELECT value FROM meta WHERE key = 'rest|' || $1");
	instant until = scene->now;

	db_bind_text(query, 1, channel);
	if (db_step(query))
		until = strtoll(db_text(query, 0), NULL, 10);
	db_end(query);
	return until > scene->now && until <= scene->now + REST_MAX_MS ? until : scene->now;
}
