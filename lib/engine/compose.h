/* From an owner and a day to the documents of a digest: gather, compose, put into words. */
#ifndef CADENCE_ENGINE_COMPOSE_H
#define CADENCE_ENGINE_COMPOSE_H

#include "conf/conf.h"
#include "message/document.h"
#include "store/verbs.h"

/* The digest this owner would get today, and the document of it for a level of detail. host: the
 * machine that sends, NULL: not said. */
enum status compose_digest(struct db *db, const struct scene *scene, const struct owner *owner,
			   struct arena *arena, struct digest *ret_digest,
			   struct error *err) MUST_USE;
/* What of it goes over a channel: all, or only what is cold. */
struct digest compose_for_channel(struct arena *arena, const struct digest *digest,
				  const struct channel *channel);
/* Where answers to it go, when it can be answered over that channel: a mail address of its own,
 * which is remembered with its numbers (*ret_id, for struct parcel_plan); else NULL and 0. Failures
 * stick to db. */
const char *compose_reply_to(struct db *db, const struct scene *scene, const struct conf *conf,
			     const struct channel *channel, const struct digest *digest,
			     struct arena *arena, int64_t *ret_id);
/* reply_to: what that has answered. */
struct document *compose_document(struct arena *arena, const struct scene *scene, const char *host,
				  const struct digest *digest, enum detail detail,
				  const char *reply_to);

/* The owners whose digest could not be composed, and why. */
struct compose_failures {
	struct compose_failure {
		const char *owner, *reason;
	} * items;
	size_t count;
};

/* Composes and commits the digest of every owner whose time it is. One owner's failure delays
 * nobody else: it is noted in *ret_failed, which lives in the arena (the owner's id in the
 * roster). */
enum status compose_due(struct db *db, const struct scene *scene, const struct conf *conf,
			const char *host, struct arena *arena, struct compose_failures *ret_failed,
			struct error *err) MUST_USE;
/* The next instant at which some owner's digest is to be composed; those that have just failed are
 * left out. */
enum status compose_next(struct db *db, const struct scene *scene,
			 const struct compose_failures *failed, instant *ret_next) MUST_USE;

#endif
