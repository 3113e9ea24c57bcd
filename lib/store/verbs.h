/* The store in the words of the domain: what a job may do to the database.
 *
 * Plain synchronous functions over the one connection; they run on the store thread, or directly in
 * tests and tools. Everything a verb hands out lives in the arena it was given. Whoever changes
 * something that a judgement depends on has the partner judged again in the same transaction: the
 * verbs below do that themselves. */
#ifndef CADENCE_STORE_VERBS_H
#define CADENCE_STORE_VERBS_H

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "core/digest.h"
#include "core/judge.h"
#include "core/partner.h"
#include "core/roster.h"
#include "core/standing.h"
#include "store/db.h"

/* In what light a verb works: handed down, one `now` per turn. */
struct scene {
	const struct roster *roster;
	instant now;
	const char *actor; /* "uid 1000", "conf", "cadenced" */
};

/* ---- partners (partner.c) ---- */

/* What to write; NULL and DAY_NEVER keep what is there (for a new partner: the default). */
#define COLD_MARK_NONE (-1) /* takes it away: the risk model finds it again */
struct partner_change {
	const char *id;
	const char *name;
	const char *owner;
	const char *cadence;
	const char *tags;
	day since;
	int cold_mark; /* days after the last contact, or COLD_MARK_NONE; 0 keeps what is there */
};
enum change_result { CHANGE_NEW, CHANGE_CHANGED, CHANGE_SAME };

/* Adds a database partner or changes one. Checks every value: texts by text_check(), owner and
 * cadence against the roster (with "did you mean"). STATUS_INVALID; STATUS_CONFLICT when the file
 * manages the partner and the change would differ (says file:line). dry_run: the real path, except
 * that nothing is written. */
enum status partner_write(struct db *db, const struct scene *scene,
			  const struct partner_change *change, bool dry_run,
			  enum change_result *ret_result, struct error *err) MUST_USE;
/* The facts of one live or archived partner. STATUS_NOT_FOUND with "did you mean acme?". */
enum status partner_facts(struct db *db, const struct scene *scene, const char *id,
			  struct arena *arena, struct facts *ret_facts, struct error *err) MUST_USE;
/* The same by row number, for callers that walk over rows. */
enum status partner_facts_row(struct db *db, const struct scene *scene, int64_t row,
			      struct arena *arena, struct facts *ret_facts) MUST_USE;
/* The facts as they were known at the end of a day gone by, replayed from history, or of today and
 * later as they are now; owners, cadences and calendars are those of today. *ret_contacts: all that
 * were known, newest first. STATUS_NOT_FOUND when the partner was not known then. */
enum status partner_facts_on(struct db *db, const struct scene *scene, const char *id, day d,
			     struct arena *arena, struct facts *ret_facts,
			     struct contact **ret_contacts, size_t *ret_count,
			     struct error *err) MUST_USE;
/* Today where its hearer lives (the global zone when nobody hears). */
day scene_today(const struct scene *scene, const struct facts *facts);
/* `partner add` must meet no partner of that id, `partner set` and `partner move` one; import does
 * not mind. */
enum status partner_exists(struct db *db, const char *id, bool *ret_exists) MUST_USE;
/* Everything about one partner goes: contacts, answers, nudges, history, what waits in the outbox.
 * Its colleagues in a digest that waits are told in the next one. STATUS_CONFLICT while the file
 * manages it or one of its deliveries is being sent. */
enum status partner_erase(struct db *db, const struct scene *scene, const char *id,
			  struct error *err) MUST_USE;

/* ---- answers (answer.c) ---- */

/* Gives an answer about a partner and has it judged again. until_words: a day as day_parse_words()
 * reads it, looking ahead; NULL where none is needed (off for good, ack, keep). Limits are those of
 * core/partner.h. STATUS_INVALID for a day that is missing, past or too far; STATUS_CONFLICT when
 * the partner is archived, or nothing is there to acknowledge. */
enum status answer_give(struct db *db, const struct scene *scene, const char *id,
			enum answer_kind kind, const char *until_words, const char *reason,
			struct answer *ret_answer, struct error *err) MUST_USE;
/* Takes answers back: `on` (off and snooze), `unplan`, `noshow` (the booked meeting did not
 * happen). */
enum answer_end { ANSWER_END_ON, ANSWER_END_UNPLAN, ANSWER_END_NOSHOW };
/* STATUS_CONFLICT when there is nothing to take back, or a noshow comes before the booked day. */
enum status answer_take_back(struct db *db, const struct scene *scene, const char *id,
			     enum answer_end end, struct error *err) MUST_USE;
/* `decide end`: archives, for good; also a partner that the file manages. `restore` undoes it, and
 * any archiving. */
enum status partner_end(struct db *db, const struct scene *scene, const char *id,
			const char *reason, struct error *err) MUST_USE;
enum status partner_restore(struct db *db, const struct scene *scene, const char *id,
			    struct error *err) MUST_USE;
/* The owner is away on these days, both included, instead of what was said before; first DAY_NEVER:
 * is there again. Says who stands in: an id, or NULL (nobody: it waits). */
enum status owner_set_away(struct db *db, const struct scene *scene, const char *owner, day first,
			   day last, const char **ret_stand_in, struct error *err) MUST_USE;

/* ---- contacts (contact.c) ---- */

/* contact->day etc. are checked: not after today in the owner's zone, known kinds are the caller's
 * parse; texts by text_check(); `by` must be an owner. The same contact again (ext_id, else day,
 * kind, direction, note, and no other person) is CHANGE_SAME. It is CHANGE_CHANGED with the same
 * ext_id and other content (NULL texts and unknown minutes keep what is there), and without one
 * where it says what was not known. Judges the partner again. */
enum status contact_write(struct db *db, const struct scene *scene, const char *partner,
			  const struct contact *contact, bool dry_run, int64_t *ret_id,
			  enum change_result *ret_result, struct error *err) MUST_USE;
struct contact_row {
	const char *partner;
	struct contact contact;
};
/* Removes one; *ret_removed: what it was. STATUS_CONFLICT for source conf, naming file:line. Judges
 * the partner again. */
enum status contact_remove(struct db *db, const struct scene *scene, int64_t id,
			   struct arena *arena, struct contact_row *ret_removed,
			   struct error *err) MUST_USE;
/* Up to limit contacts with id > after, of one partner (id NULL: of all), in order of id. */
enum status contact_list(struct db *db, const char *partner, int64_t after, size_t limit,
			 struct arena *arena, struct contact_row **ret_rows,
			 size_t *ret_count) MUST_USE;
/* How many contacts a partner has. */
enum status contact_count(struct db *db, int64_t partner_row, int64_t *ret_count) MUST_USE;
/* The newest `limit` contacts of a partner, newest first. */
enum status contact_recent(struct db *db, int64_t partner_row, size_t limit, struct arena *arena,
			   struct contact **ret_contacts, size_t *ret_count) MUST_USE;

/* ---- the file's partners (sync.c) ---- */

/* What a sync did of one kind: to how many, and the ids of the first. */
#define SYNC_NAMED_MAX 20
struct sync_change {
	int count;
	char ids[SYNC_NAMED_MAX][TEXT_ID_MAX + 1];
};
struct sync_plan {
	const struct partner_entry *entries;
	size_t count;
	bool accept_archiving; /* `reload --yes` */
	bool starting;	       /* lost owners and cadences are shown, not refused */
	/* what it did */
	struct sync_change added, changed, archived, restored;
	bool
	    needs_yes; /* so many were archived that a reload asks first; only said when accepted */
};
/* What only shows against the clock, and needs no database: a last_contact after today where the
 * owner lives, a `since` more than a year ahead. Appends what is wrong, a line each. */
void sync_check_entry(const struct scene *scene, const struct partner_entry *entry,
		      struct buf *wrong);
/* Makes the database agree with the file: takes over, archives, restores, replaces conf contacts;
 * records owners; finds stand-ins for lost owners; has everybody judged again when roster->hash is
 * new. STATUS_INVALID for a day that is new and lies too far ahead; STATUS_CONFLICT when a database
 * partner's owner or cadence vanished (reload only) or too many would be archived (more than 3 and
 * more than 10 %). */
enum status sync_file(struct db *db, const struct scene *scene, struct sync_plan *plan,
		      struct error *err) MUST_USE;

/* ---- judging (nudge.c) ---- */

/* Judges one partner: raises, reopens, updates and resolves its nudges, enqueues their events,
 * writes history and its next look. cause: why a nudge that no longer holds is resolved ("contact",
 * "changed", "archived"). */
enum status nudge_judge(struct db *db, const struct scene *scene, const struct facts *facts,
			const char *cause) MUST_USE;
/* Judges up to limit partners whose next look has come; *ret_more says whether some are left. */
enum status nudge_sweep(struct db *db, const struct scene *scene, size_t limit,
			bool *ret_more) MUST_USE;
/* After a backward step of the clock, and at start: nothing that has happened lies ahead. Days
 * remembered as past are clamped to today, retry times to at most a day ahead; everybody is looked
 * at again when the last known now was later. */
enum status nudge_clock_check(struct db *db, const struct scene *scene) MUST_USE;
/* The delivered digests that a step of the ladder waits for: those that told this owner of the
 * nudge before today, since it is due by this verdict. */
int nudge_count_delivered(struct db *db, int64_t nudge, const struct owner *owner,
			  const struct verdict *verdict, day today);
/* The earliest next look; INSTANT_NEVER when there is none. */
instant nudge_next_look(struct db *db);

/* ---- owners and digests (digest.c) ---- */

enum status owner_history_get(struct db *db, const struct scene *scene, const char *owner,
			      struct owner_history *ret) MUST_USE;
/* Who hears what turns cold while this owner is away: the backup, the manager when the backup is
 * away too; an id, or NULL (nobody: it waits). */
const char *owner_stand_in(struct db *db, const struct scene *scene, const struct owner *absent);
/* All that a digest for this owner today must know; told days as if the undelivered digest that it
 * would replace had never been (its nudges are marked retell). */
enum status digest_gather(struct db *db, const struct scene *scene, const struct owner *hearer,
			  struct arena *arena, struct digest_input *ret_input,
			  struct error *err) MUST_USE;
/* The same of one partner alone, by its row; without the portfolio and who is due next. */
enum status digest_gather_of(struct db *db, const struct scene *scene, const struct owner *hearer,
			     int64_t partner, struct arena *arena, struct digest_input *ret_input,
			     struct error *err) MUST_USE;
/* One delivery of a digest to come. */
struct parcel_plan {
	const char *channel;
	const char *recipient; /* NULL for hooks */
	const char *document;  /* JSON */
	int64_t reply;	       /* number under which it can be answered (store/reply.h); 0: none */
};
/* Remembers that a digest was composed today (looked, the turn) and, unless it is DIGEST_NOTHING,
 * replaces the undelivered one, writes the told days and puts the deliveries into the outbox.
 * STATUS_CONFLICT when there was one today already; STATUS_INVALID without a parcel. Nothing is
 * written then. */
enum status digest_commit(struct db *db, const struct scene *scene, const struct digest *digest,
			  const struct parcel_plan *parcels, size_t parcel_count,
			  struct error *err) MUST_USE;

/* The ids of the partners that this owner's digest of that day told of, each once; hints: those of
 * whom it gave an early hint, else those it nudged about. */
enum status digest_partners(struct db *db, const char *owner, day d, bool hints,
			    struct arena *arena, const char ***ret_ids, size_t *ret_count) MUST_USE;

/* ---- what is told of one partner (foretell.c) ---- */

/* A digest that tells of a partner, to come. */
struct telling {
	instant at; /* when it is composed */
	day day;    /* that day, where the hearer lives */
	const struct owner *hearer;
	enum part part;
	enum occasion occasion;
	enum answer_kind back; /* what ended, for OCCASION_BACK */
	enum rule rule;	       /* of the nudge that leads */
	enum state state;
	int step;     /* of the ladder; 0: none */
	int reminder; /* 1 when this hearer is told for the first time */
};
#define TELLINGS_MAX 100
/* The digests from now until then that will tell of a partner if nothing happens, the nearest
 * first; at most TELLINGS_MAX: *until becomes the moment up to which all are known. The days to
 * come are played with the very verbs that will decide them, every digest arrives, and all of it is
 * undone. */
enum status partner_foretell(struct db *db, const struct scene *scene, const struct facts *facts,
			     instant *until, struct arena *arena, struct telling **ret_tellings,
			     size_t *ret_count, struct error *err) MUST_USE;

/* A digest that told of a partner, and what became of it. */
struct told_row {
	int64_t nudge;
	day day;
	const char *hearer;
	const char *digest; /* "open": under way; "delivered"; "lost": it reached nobody */
	enum rule rule;
	enum state state;
	int step;		/* of the ladder that it told; 0: none */
	int count;		/* 1: this hearer was told of the nudge for the first time */
	enum state prior_state; /* what the hearer was told before, when count > 1 */
	int prior_step;
};
/* The newest `limit` of them up to a day, newest first; those that were replaced told nothing. */
enum status partner_tellings(struct db *db, int64_t partner_row, day until, size_t limit,
			     struct arena *arena, struct told_row **ret_rows,
			     size_t *ret_count) MUST_USE;

/* ---- outbox (outbox.c) ---- */

/* The last three are done: they live in history only, where outbox_get() finds them. */
enum delivery_state {
	DELIVERY_QUEUED,
	DELIVERY_SENDING,
	DELIVERY_RETRY,
	DELIVERY_WAITING, /* for a blocked channel or address */
	DELIVERY_DEAD,
	DELIVERY_DELIVERED,
	DELIVERY_DROPPED,
	DELIVERY_REPLACED,
	DELIVERY_STATES
};
const char *delivery_state_name(enum delivery_state state);

struct delivery {
	int64_t id;
	const char *key, *kind, *channel, *recipient, *owner, *document, *reason;
	enum delivery_state state;
	int attempts, ambiguous;
	instant next_try, created;
	bool plain;   /* its markup was refused: it goes without */
	bool doubted; /* a refusal of it was not believed at once: the next one is */
	/* When its schedule of tries began, and how many of the attempts came before. */
	instant schedule_from;
	int schedule_attempts;
};
/* Puts one delivery that belongs to no digest and no nudge into the outbox (a test, an admin's
 * mail). STATUS_CONFLICT when the key was there before. */
enum status outbox_add(struct db *db, const struct scene *scene, const char *key, const char *kind,
		       const char *channel, const char *recipient, const char *document,
		       int64_t *ret_id) MUST_USE;
/* At start: everything that was being sent is queued again, marked ambiguous. */
enum status outbox_recover(struct db *db, const struct scene *scene) MUST_USE;
/* Takes up to room deliveries of a channel that are to be tried now: queued -> sending, attempts
 * + 1. A digest whose nudges are all resolved is dropped as obsolete instead; events of one nudge
 * keep their order. While the channel rests, tests alone. */
enum status outbox_claim(struct db *db, const struct scene *scene, const char *channel, size_t room,
			 struct arena *arena, struct delivery **ret_deliveries,
			 size_t *ret_count) MUST_USE;
enum settle_kind {
	SETTLE_DELIVERED,
	SETTLE_RETRY,
	SETTLE_DEAD,
	SETTLE_BLOCKED,	   /* the channel takes nothing: this waits, and all that is for it */
	SETTLE_NO_ADDRESS, /* nobody has the address: this waits, and all that is for it */
};
struct settlement {
	int64_t id;
	int attempts; /* the attempt this is the result of */
	enum settle_kind kind;
	bool ambiguous;
	instant retry_at;   /* for SETTLE_RETRY */
	bool plain;	    /* for SETTLE_RETRY: without markup */
	bool doubted;	    /* for SETTLE_RETRY: to see whether a refusal is meant */
	instant rest_until; /* nothing goes over the whole channel until then; 0: not asked for */
	const char
	    *token;    /* for SETTLE_BLOCKED: SHA-256 of the token that was refused; NULL: none */
	bool outdated; /* of settings that are not in force any more: ends no block */
	const char *reason; /* what the other side said */
};
/* Writes the result of one attempt; one that belongs to another attempt changes nothing. Delivered
 * ones move to history (and the first of a digest sends nudge.told events); when all of a digest
 * ended dead its told days go back. */
enum status outbox_settle(struct db *db, const struct scene *scene,
			  const struct settlement *settlement) MUST_USE;
/* Hands a claimed delivery back untried (shutdown): sending -> queued, attempts - 1. */
enum status outbox_release(struct db *db, const struct scene *scene, int64_t id,
			   int attempts) MUST_USE;
/* `outbox retry ID`: now, whatever it waits for, its schedule begins anew; its channel and address
 * are blocked no more.
 * `outbox retry`: everything dead or waiting; those that will be tried anyhow keep their time,
 * which the other side may have asked for, and a dead digest that a newer one has overtaken is
 * dropped. `outbox drop ID`. */
enum status outbox_retry(struct db *db, const struct scene *scene, int64_t id,
			 struct error *err) MUST_USE;
enum status outbox_retry_all(struct db *db, const struct scene *scene, int *ret_count) MUST_USE;
/* What is to be tried again over this channel later is tried now; how many that are. */
int64_t outbox_hurry(struct db *db, const struct scene *scene, const char *channel);
enum status outbox_drop(struct db *db, const struct scene *scene, int64_t id,
			struct error *err) MUST_USE;
enum status outbox_list(struct db *db, int64_t after, size_t limit, struct arena *arena,
			struct delivery **ret_deliveries, size_t *ret_count) MUST_USE;
/* STATUS_NOT_FOUND when it is neither in the outbox nor in history. One that is done has no
 * document (NULL) any more, and its next_try is INSTANT_NEVER. */
enum status outbox_get(struct db *db, int64_t id, struct arena *arena,
		       struct delivery *ret_delivery, struct error *err) MUST_USE;
/* Dead deliveries that no admin's mail has told of, the oldest first; tests and such mails are
 * never told of. *ret_total: with those beyond the limit. */
enum status outbox_untold(struct db *db, size_t limit, struct arena *arena,
			  struct delivery **ret_deliveries, size_t *ret_count,
			  int64_t *ret_total) MUST_USE;
/* None of them is told of again, unless it is tried again and dies again. */
enum status outbox_mark_told(struct db *db) MUST_USE;
/* Whether a delivery of that key is in the outbox, or was. */
bool outbox_has(struct db *db, const char *key);
/* Whether anything is being sent. */
bool outbox_is_sending(struct db *db);
/* The earliest time at which something is to be tried on a channel the caller lists as free, after
 * its rest if it has one and it is no test; INSTANT_NEVER: none. */
instant outbox_next_try(struct db *db, const struct scene *scene, const char *channel);
/* Until when the other side of a channel, as it is set up in the scene, has asked for silence; now
 * when it has not (rest.c). */
instant channel_rests_until(struct db *db, const struct scene *scene, const char *channel);
struct outbox_counts {
	int64_t queued, sending, retry, waiting, dead;
	instant oldest; /* creation of the oldest one not done; INSTANT_NEVER: none */
};
enum status outbox_count(struct db *db, struct outbox_counts *ret_counts) MUST_USE;

/* ---- blocked channels (block.c) ---- */

/* Where nothing is sent until somebody has mended it. */
struct blocked {
	const char *channel;
	const char *recipient; /* mail address; NULL: the whole channel */
	const char *reason;    /* what the other side said */
	instant since;
	int64_t waiting; /* deliveries that are kept for it */
	bool admin_told, fallback_told;
};
/* In order of channel and address. */
enum status block_list(struct db *db, struct arena *arena, struct blocked **ret_blocks,
		       size_t *ret_count) MUST_USE;
/* An admin's mail, or a message over its fallback, says so: not again. */
void block_told_admin(struct db *db);
void block_told_fallback(struct db *db, const char *channel);
/* The channels may have been mended: those whose settings differ from what was refused are tried
 * again, those that are gone are forgotten, and so are addresses that nobody has any more, with
 * what waits for them. */
enum status block_review(struct db *db, const struct scene *scene) MUST_USE;
/* Writes the SHA-256 of the token that a channel would log in with now; false: there is none. */
typedef bool block_token(const struct channel *channel, char ret_hash[65]);
/* The same for tokens, which others renew: a channel that refused one is tried again when there is
 * another. token is asked for each such channel. *ret_wait: whether one is blocked for its token
 * still. */
enum status block_review_tokens(struct db *db, const struct scene *scene, block_token *token,
				bool *ret_wait) MUST_USE;

/* ---- history and meta (history.c) ---- */

/* detail: JSON object text, or NULL. */
void history_add(struct db *db, const struct scene *scene, const char *verb, int64_t partner_row,
		 const char *owner, const char *key, const char *detail);
/* The same of a delivery that is done, so that outbox_get() finds it by its id. */
void history_add_delivery(struct db *db, const struct scene *scene, const char *verb,
			  int64_t partner_row, const char *owner, const char *key, int64_t delivery,
			  const char *detail);
/* Forgets what ended before that instant: history, digests whose deliveries are done, resolved
 * nudges; at most limit of each. */
enum status history_prune(struct db *db, instant before, size_t limit) MUST_USE;
struct history_row {
	instant at;
	const char *actor, *verb, *owner, *detail;
};
enum status history_of_partner(struct db *db, int64_t partner_row, size_t limit,
			       struct arena *arena, struct history_row **ret_rows,
			       size_t *ret_count) MUST_USE;
/* The installation's random secret, made on first use: 64 hexadecimal digits. */
enum status meta_installation(struct db *db, char ret_id[65]) MUST_USE;

/* ---- views (view.c) ---- */

/* Up to limit partners with id > after (NULL: from the start), each with its facts, in order of id.
 * owner, cadence, tag: NULL or what must match. archived: those that are, instead of the live. */
struct partner_filter {
	const char *owner, *cadence, *tag;
	bool archived;
};
enum status view_partners(struct db *db, const struct scene *scene,
			  const struct partner_filter *filter, const char *after, size_t limit,
			  struct arena *arena, struct facts **ret_facts,
			  size_t *ret_count) MUST_USE;
/* The partners with an open nudge, for `due`. */
enum status view_open(struct db *db, const struct scene *scene, const char *owner,
		      struct arena *arena, struct digest_item **ret_items,
		      size_t *ret_count) MUST_USE;
/* The open nudge of a silence, with its ladder and what this hearer was told of it (facts and
 * verdict are left alone). STATUS_NOT_FOUND when there is none. */
enum status view_nudge(struct db *db, int64_t partner_row, enum rule rule, day base,
		       const char *hearer, struct digest_item *ret_item) MUST_USE;
/* How many partners of each hearer have a nudge that is cold, as last judged; hearers without one
 * are left out. */
struct cold_view {
	const char *hearer;
	int64_t count;
};
enum status view_cold(struct db *db, struct arena *arena, struct cold_view **ret_views,
		      size_t *ret_count) MUST_USE;
#define VIEW_NAMES_MAX 5
struct status_view {
	int64_t partners, archived, contacts;
	/* live partners by their standing; due soon is counted as on track */
	int64_t standing[STANDINGS];
	instant next_look;
	struct outbox_counts outbox;
	/* partners whose owner or cadence the roster has lost */
	const char **lost;
	size_t lost_count;
	/* channels that the roster has lost while something waits for them */
	const char **orphans;
	size_t orphan_count;
	/* live partners without any contact, and the first of them */
	int64_t without_history;
	const char *without_history_ids[VIEW_NAMES_MAX];
	/* creation of the oldest delivery under way, tests left out; INSTANT_NEVER: none is */
	instant undelivered_since;
	/* given up, tests left out: whoever sent one has seen what came of it */
	int64_t dead;
	/* bytes left on the disk that holds the database; -1: it is in memory */
	int64_t disk_free;
};
enum status view_status(struct db *db, const struct scene *scene, struct arena *arena,
			struct status_view *ret_view) MUST_USE;

/* How things stand, at a glance (figures.c). */
struct figures {
	int64_t partners;    /* live ones */
	int64_t due;	     /* of them, those with an open nudge: due or cold */
	int64_t undelivered; /* deliveries in the outbox, whatever they wait for */
};
enum status view_figures(struct db *db, struct figures *ret_figures) MUST_USE;
/* When the oldest delivery was made that has not arrived, tests left out; INSTANT_NEVER: none.
 * dead: whether those count that were given up. */
instant view_undelivered_since(struct db *db, bool dead);

/* Ladders of database partners that lead nowhere, each in words, for `status` (ladder.c). */
enum status view_ladder_gaps(struct db *db, const struct scene *scene, struct arena *arena,
			     const char ***ret_gaps, size_t *ret_count) MUST_USE;

/* ---- what the administrator should hear of (admin.c) ---- */

/* A live partner whose owner the roster has lost, with nobody who stands in. */
struct unheard_partner {
	const char *partner, *owner;
};
/* Whether an administrator should be told of them: of one of them none was within a week.
 * *ret_total: how many there are. */
enum status unheard_is_news(struct db *db, const struct scene *scene, struct arena *arena,
			    bool *ret_news, int64_t *ret_total) MUST_USE;
/* An administrator is told of all of them; it stands in their history. */
enum status unheard_mark_told(struct db *db, const struct scene *scene,
			      struct arena *arena) MUST_USE;
/* Up to limit of them. */
enum status view_unheard(struct db *db, const struct scene *scene, size_t limit,
			 struct arena *arena, struct unheard_partner **ret_partners,
			 size_t *ret_count) MUST_USE;

#endif
