/* Keeps the list, and compares it with the one before. */
#include "daemon/broken.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "engine/engine.h"

static const struct broken_owner *find(const struct daemon *daemon, const char *owner)
{
	for (size_t i = 0; i < daemon->broken_count; i++)
		if (strcmp(daemon->broken[i].owner, owner) == 0)
			return &daemon->broken[i];
	return NULL;
}

static struct broken_owner make(const struct daemon *daemon, const struct compose_failure *failure)
{
	const struct broken_owner *before = find(daemon, failure->owner);

	if (!before || strcmp(before->reason, failure->reason) != 0)
		log_about(LOG_BROKEN, &(struct log_subject){.owner = failure->owner},
			  "the digest could not be composed: %s; trying again in %d min",
			  failure->reason, (int)(ENGINE_BROKEN_MS / MINUTE_MS));
	return (struct broken_owner){.owner = mem_strdup(failure->owner),
				     .reason = mem_strdup(failure->reason),
				     .since = before ? before->since : daemon_now(daemon)};
}

void broken_free(struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->broken_count; i++) {
		free(daemon->broken[i].owner);
		free(daemon->broken[i].reason);
	}
	free(daemon->broken);
	daemon->broken = NULL;
	daemon->broken_count = 0;
}

void broken_note(struct daemon *daemon, const struct compose_failures *failed)
{
	struct broken_owner *broken = mem_alloc(failed->count + 1, sizeof(*broken));

	for (size_t i = 0; i < failed->count; i++)
		broken[i] = make(daemon, &failed->items[i]);
	broken_free(daemon);
	daemon->broken = broken;
	daemon->broken_count = failed->count;
}
