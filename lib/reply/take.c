/* Who may answer, what is done, and whether something is said about it. */
#include "reply/take.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/text.h"
#include "message/reply_document.h"
#include "reply/line.h"

#define MESSAGE_ID_MAX 250 /* bytes; the hash of the mail stands for a longer one */
#define DMARC_PASS     "pass"

struct taking {
	struct db *db;
	struct scene scene;
	const struct reply_job *job;
	struct arena *arena;
	struct reply_mail mail;	   /* that is answered */
	const struct owner *owner; /* whose it was; NULL: a test */
	const char *address;	   /* to whom it went */
	const char *message;	   /* what makes this one known again */
	bool empty;		   /* nothing new stands in it */
	struct reply_line *lines;
	size_t line_count;
};

/* ---- which mail is answered ---- */

/* Whether an address carries a good token. *ret_fate: what to say of the worst there is. */
static bool find_by_address(struct taking *t, const char *address, const struct reply_keys *keys,
			    enum reply_fate *ret_fate)
{
	char token[REPLY_TOKEN_SIZE];
	int64_t id;

	if (!reply_address_read(t->job->conf->reply_to, address, token))
		return false;
	*ret_fate = REPLY_FORGED;
	if (!reply_token_read(keys, token, &id))
		return false;
	/* Signed by us, and forgotten since. */
	*ret_fate = REPLY_EXPIRED;
	return reply_find(t->db, &t->scene, id, t->arena, &t->mail) && !t->mail.expired;
}

static bool find_by_reference(struct taking *t, const char *reference, enum reply_fate *ret_fate)
{
	if (!reply_find_message(t->db, &t->scene, reference, t->arena, &t->mail))
		return false;
	if (t->mail.expired)
		*ret_fate = REPLY_EXPIRED;
	return !t->mail.expired;
}

static enum reply_fate find_answered(struct taking *t, const struct reply_keys *keys)
{
	const struct letter *letter = t->job->letter;
	enum reply_fate fate = REPLY_NO_TOKEN;

	for (size_t i = 0; i < letter->recipient_count; i++)
		if (find_by_address(t, letter->recipients[i], keys, &fate))
			return REPLY_TAKEN;
	for (size_t i = 0; i < letter->reference_count; i++)
		if (find_by_reference(t, letter->references[i], &fate))
			return REPLY_TAKEN;
	return fate;
}

/* ---- who may ---- */

/* To whom the mail went: to the owner as the file names them now. */
static void find_addressee(struct taking *t)
{
	t->owner = roster_owner(t->scene.roster, t->mail.owner);
	t->address = t->mail.owner ? NULL : t->mail.address;
	if (t->owner)
		t->address = t->owner->email;
}

static bool is_vouched_for(const struct taking *t)
{
	const struct letter *letter = t->job->letter;
	const char *trusted = t->job->conf->trusted_authserv;

	return !trusted || (letter->authserv && strcasecmp(letter->authserv, trusted) == 0 &&
			    letter->dmarc && strcasecmp(letter->dmarc, DMARC_PASS) == 0);
}

/* What stands for the mail when it comes again. */
static const char *message_of(const struct taking *t)
{
	const char *id = t->job->letter->message_id;

	if (id && *id && strlen(id) <= MESSAGE_ID_MAX)
		return id;
	return arena_printf(t->arena, "sha256:%s", t->job->fingerprint);
}

/* Whoever reads mails is not trusted with what is written down. */
static bool is_sound(const char *text, enum text_rule rule)
{
	char scratch[TEXT_FAULT_SIZE];

	return !text || !text_check(text, strlen(text), rule, 0, SIZE_MAX, scratch);
}

/* Who hears in the owner's place, to try things out, is no owner. */
static enum reply_fate stranger(const struct taking *t)
{
	const char *from = t->job->letter->from, *redirected = t->job->conf->redirect_to;

	return from && redirected && reply_address_same(from, redirected) ? REPLY_REDIRECTED
									  : REPLY_STRANGER;
}

static enum reply_fate judge(struct taking *t, const struct reply_keys *keys)
{
	const struct letter *letter = t->job->letter;
	enum reply_fate fate;

	if (!is_sound(letter->text, TEXT_NOTE) || !is_sound(letter->subject, TEXT_LINE) ||
	    !is_sound(letter->message_id, TEXT_LINE))
		return REPLY_UNREADABLE;
	if (letter->robot != LETTER_HUMAN)
		return REPLY_ROBOT;
	fate = find_answered(t, keys);
	if (fate != REPLY_TAKEN)
		return fate;
	find_addressee(t);
	if (!t->address || !letter->from || !reply_address_same(letter->from, t->address))
		return stranger(t);
	if (!is_vouched_for(t))
		return REPLY_DMARC;
	t->message = message_of(t);
	return reply_was_taken(t->db, t->message) ? REPLY_AGAIN : REPLY_TAKEN;
}

/* ---- what is done ---- */

/* A test changes nothing and says all the same what it would have understood. */
static struct reply_line try_line(const struct command *command)
{
	struct reply_line line = {.said = command->said,
				  .result = REPLY_LINE_DONE,
				  .text = "understood; this was a test, and nothing is changed"};

	if (command->verb == COMMAND_NONE) {
		line.result = REPLY_LINE_NOT;
		line.text = command->fault ? command->fault : "not understood";
	}
	if (command->verb == COMMAND_HELP)
		line.result = REPLY_LINE_HELP;
	return line;
}

static bool has_name(const struct command *commands, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (commands[i].name)
			return true;
	return false;
}

static enum status do_lines(struct taking *t, const struct command *commands, size_t count,
			    struct error *err)
{
	struct answering answering = {
	    .db = t->db,
	    .scene = t->scene,
	    .owner = t->owner,
	    .mail = t->mail,
	    .today = t->owner ? zone_day(t->owner->zone, t->scene.now) : DAY_NEVER,
	    .arena = t->arena,
	};
	enum status status = STATUS_OK;

	if (t->owner && has_name(commands, count))
		answering.candidate_count = reply_candidates(t->db, t->mail.id, t->owner->id,
							     t->arena, &answering.candidates);
	t->lines = arena_alloc(t->arena, count + 1, sizeof(*t->lines));
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		if (t->owner)
			status = line_do(&answering, &commands[i], &t->lines[i], err);
		else
			t->lines[i] = try_line(&commands[i]);
	}
	t->line_count = count;
	return status;
}

static int count_lines(const struct taking *t, enum reply_result result)
{
	int count = 0;

	for (size_t i = 0; i < t->line_count; i++)
		count += t->lines[i].result == result;
	return count;
}

/* Sentences beside lines that were understood are for people, and nothing went wrong. */
static size_t drop_prose(struct command *commands, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (commands[i].verb != COMMAND_NONE || !commands[i].prose)
			commands[kept++] = commands[i];
	return kept > 0 ? kept : count;
}

/* ---- what is said ---- */

static const struct channel *find_channel(const struct taking *t)
{
	const struct channel *channel = roster_channel(t->scene.roster, t->mail.channel);

	return channel && channel->type == CHANNEL_SMTP ? channel : t->scene.roster->mail;
}

static enum status put_confirmation(struct taking *t, const struct reply_news *news,
				    const struct channel *channel)
{
	char *json = document_to_json(reply_document(t->arena, news));
	char mark[BYTES_MARK_SIZE], *key;
	enum status status;
	int64_t id;

	bytes_mark("reply", t->message, mark);
	key = mem_printf("reply|%s|%s|%s", mark, channel->id, t->address);
	status = outbox_add(t->db, &t->scene, key, "reply", channel->id, t->address, json, &id);
	free(key);
	free(json);
	/* It was told already, by an answer that has been forgotten since. */
	return status == STATUS_CONFLICT ? STATUS_OK : status;
}

static enum status confirm(struct taking *t, struct reply_outcome *outcome)
{
	const struct letter *letter = t->job->letter;
	const struct channel *channel = find_channel(t);
	struct owner_history history = {.looked = DAY_NEVER};
	char token[REPLY_TOKEN_SIZE];
	enum status status = reply_token(t->db, t->mail.id, token);

	if (!channel)
		return STATUS_OK;
	if (status == STATUS_OK && t->owner)
		status = owner_history_get(t->db, &t->scene, t->owner->id, &history);
	if (status != STATUS_OK)
		return status;
	const struct reply_news news = {
	    .hearer = t->owner,
	    .history = &history,
	    .roster = t->scene.roster,
	    .today = zone_day(t->owner ? t->owner->zone : t->scene.roster->zone, t->scene.now),
	    .subject = letter->subject,
	    .in_reply_to = letter->message_id,
	    .reply_to = reply_address_write(t->arena, t->job->conf->reply_to, token),
	    .host = t->job->host,
	    .cut = letter->cut,
	    .empty = t->empty,
	    .lines = t->lines,
	    .line_count = t->line_count,
	    .created = t->scene.now,
	};
	outcome->confirmed = true;
	return put_confirmation(t, &news, channel);
}

/* Whoever answers our answers by themselves is not spoken to for ever. */
static bool wants_confirmation(const struct taking *t)
{
	const bool asked = count_lines(t, REPLY_LINE_WHY) + count_lines(t, REPLY_LINE_HELP) > 0;
	const bool failed = count_lines(t, REPLY_LINE_NOT) > 0 || t->job->letter->cut;
	const bool test = !t->owner;

	return (asked || failed || test || t->empty) &&
	       reply_count_confirmed(t->db, t->address, t->scene.now - DAY_MS) <
		   REPLY_CONFIRMED_MAX;
}

/* ---- the whole ---- */

static enum status take(struct taking *t, struct reply_outcome *outcome, struct error *err)
{
	const struct zone *zone = t->owner ? t->owner->zone : t->scene.roster->zone;
	const char *text = t->job->letter->text ? t->job->letter->text : "";
	enum status status;
	size_t count;
	struct command *commands =
	    commands_read(text, zone_day(zone, t->scene.now), t->arena, &count);

	t->scene.actor = t->address;
	/* Whoever wrote something that was taken for a quote must not believe that it was done. */
	t->empty = text[strspn(text, " \n")] == '\0' && !t->job->letter->cut;
	status = do_lines(t, commands, drop_prose(commands, count), err);
	if (status != STATUS_OK)
		return status;
	outcome->done = count_lines(t, REPLY_LINE_DONE);
	outcome->failed = count_lines(t, REPLY_LINE_NOT);
	if (wants_confirmation(t))
		status = confirm(t, outcome);
	if (status != STATUS_OK)
		return error_fail(err, status, "%s", db_error(t->db));
	reply_note_taken(t->db, &t->scene,
			 &(struct reply_taken){.message = t->message,
					       .sender = t->address,
					       .done = outcome->done,
					       .failed = outcome->failed,
					       .confirmed = outcome->confirmed});
	return STATUS_OK;
}

enum status reply_take(struct db *db, const struct scene *scene, const struct reply_job *job,
		       struct reply_outcome *ret_outcome, struct error *err)
{
	struct taking t = {.db = db, .scene = *scene, .job = job, .arena = arena_new()};
	struct reply_outcome outcome = {.fate = REPLY_UNREADABLE};
	struct reply_keys keys;
	enum status status = reply_keys_get(db, &keys);

	if (status == STATUS_OK) {
		outcome.fate = judge(&t, &keys);
		if (outcome.fate == REPLY_TAKEN)
			status = take(&t, &outcome, err);
		else
			reply_note_refused(db, scene, outcome.fate, job->letter->from);
	}
	if (status == STATUS_OK)
		status = db_status(db);
	if (status != STATUS_OK && !err->text[0])
		error_set(err, "%s", db_error(db));
	if (status == STATUS_OK)
		*ret_outcome = outcome;
	explicit_bzero(&keys, sizeof(keys));
	arena_free(t.arena);
	return status;
}
