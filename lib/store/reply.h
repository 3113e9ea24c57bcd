/* Replies: which mails can be answered, what their numbers mean, which answers were taken, and how
 * many were refused.
 *
 * Never reads a mail and never decides who may answer: lib/reply does. What is written here is
 * written in the transaction of what it belongs to. */
#ifndef CADENCE_STORE_REPLY_H
#define CADENCE_STORE_REPLY_H

#include "core/reply.h"
#include "store/verbs.h"

#define REPLY_DAYS 90 /* so long can a mail be answered */

/* What became of a mail that came in. All but the first change nothing. */
enum reply_fate {
	REPLY_TAKEN,
	REPLY_AGAIN,	  /* it was taken before */
	REPLY_ROBOT,	  /* nobody wrote it: an automatic answer, a bounce, a list, a calendar */
	REPLY_NO_TOKEN,	  /* it answers no mail of ours */
	REPLY_FORGED,	  /* its token is none of ours */
	REPLY_EXPIRED,	  /* the mail that it answers is too old */
	REPLY_STRANGER,	  /* the right token from somebody else */
	REPLY_REDIRECTED, /* from whom redirect_to names, who may not answer for the owner */
	REPLY_DMARC,	  /* nobody vouches for the sender */
	REPLY_TOO_BIG,	  /* longer than is read */
	REPLY_UNREADABLE, /* whoever reads mails could not */
	REPLY_FATES
};
/* "taken", "replay", "robot", "no token", "forged", "expired", "stranger", "redirected",
 * "dmarc", "too big", "unreadable" */
const char *reply_fate_name(enum reply_fate fate);

/* ---- the keys ---- */

/* Made on first use. */
enum status reply_keys_get(struct db *db, struct reply_keys *ret_keys) MUST_USE;
/* A new key signs from now on; of the tokens out there those of the one before count still, older
 * ones do not any more. */
enum status reply_keys_rotate(struct db *db, const struct scene *scene) MUST_USE;

/* ---- what can be answered ---- */

/* A number in a mail, and whom it stands for. */
struct reply_entry {
	int number;
	int64_t partner; /* its row */
};
struct reply_plan {
	const char *channel; /* over which the mail goes */
	const char *owner;   /* whose digest it is; NULL: a test */
	const char *address; /* to whom the test goes; NULL: a digest */
	const struct reply_entry *entries;
	size_t entry_count;
};
/* Remembers a mail that is about to be put into the outbox; writes the token for its Reply-To.
 * Returns its number, 0 on failure, which sticks to db. */
int64_t reply_open(struct db *db, const struct scene *scene, const struct reply_plan *plan,
		   char ret_token[REPLY_TOKEN_SIZE]);
/* It was put there under this key: its Message-ID counts as a token too. */
void reply_bind(struct db *db, int64_t id, const char *key);

/* A mail that is answered. */
struct reply_mail {
	int64_t id;
	const char *channel, *owner, *address; /* as in the plan */
	bool expired;
};
/* By its number, or by its Message-ID (without < and >); false: not known, or no more. */
bool reply_find(struct db *db, const struct scene *scene, int64_t id, struct arena *arena,
		struct reply_mail *ret_mail);
bool reply_find_message(struct db *db, const struct scene *scene, const char *message_id,
			struct arena *arena, struct reply_mail *ret_mail);
/* The token of one that is known already, for a mail that goes on with the conversation. */
enum status reply_token(struct db *db, int64_t id, char ret_token[REPLY_TOKEN_SIZE]) MUST_USE;
/* The id of the partner that a number in it stands for; NULL: none. */
const char *reply_partner(struct db *db, int64_t id, int number, struct arena *arena);
/* A partner whom an owner may mean by a name. */
struct reply_candidate {
	const char *id, *name;
};
/* The live partners that the owner is responsible for or hears of, and those in the mail, in order
 * of id. */
size_t reply_candidates(struct db *db, int64_t id, const char *owner, struct arena *arena,
			struct reply_candidate **ret_candidates);

/* ---- what came in ---- */

/* Whether a mail was taken before; message: its Message-ID, or what stands for it. */
bool reply_was_taken(struct db *db, const char *message);
struct reply_taken {
	const char *message, *sender;
	int done, failed; /* lines */
	bool confirmed;	  /* a mail says so */
};
void reply_note_taken(struct db *db, const struct scene *scene, const struct reply_taken *taken);
/* How many mails to this sender have confirmed something since then. */
int64_t reply_count_confirmed(struct db *db, const char *sender, instant since);
/* Counts a mail that was not taken; sender may be NULL. */
void reply_note_refused(struct db *db, const struct scene *scene, enum reply_fate fate,
			const char *sender);

struct reply_refusal {
	const char *why, *sender; /* of the last one; NULL: unknown */
	int64_t count;
	instant first, last;
};
struct reply_view {
	bool has_last;
	struct reply_taken last;
	instant last_at;
	struct reply_refusal *refusals; /* the newest first */
	size_t refusal_count;
};
enum status view_replies(struct db *db, struct arena *arena, struct reply_view *ret_view) MUST_USE;

/* Forgets what is older than REPLY_DAYS; at most limit of each. */
enum status reply_prune(struct db *db, const struct scene *scene, size_t limit) MUST_USE;

#endif
