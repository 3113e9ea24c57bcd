/* Answers the API's questions about other rooms. */
#include "daemon/ops.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel/channel.h"
#include "daemon/check.h"
#include "daemon/doctor.h"
#include "daemon/heartbeat.h"
#include "daemon/inbox.h"
#include "daemon/keeper.h"
#include "daemon/reload.h"
#include "daemon/turn.h"
#include "engine/compose.h"
#include "message/digest_document.h"
#include "message/html.h"
#include "message/reply_document.h"
#include "message/text.h"

#define HOST_SIZE 256

static struct roster *op_roster(void *arg)
{
	struct daemon *daemon = arg;

	return roster_ref(&daemon->conf->roster);
}

static instant op_now(void *arg)
{
	return daemon_now(arg);
}

static bool op_reloading(void *arg)
{
	const struct daemon *daemon = arg;

	return daemon->reloading;
}

static void op_changed(void *arg)
{
	turn_take(arg);
}

static void op_reload(void *arg, bool yes, reload_done *done, void *done_arg)
{
	reload_start(arg, yes, done, done_arg);
}

static void op_check(void *arg, const char *path, check_done *done, void *done_arg)
{
	check_start(arg, path, done, done_arg);
}

static void op_back_up(void *arg, keeper_done *done, void *done_arg)
{
	const struct daemon *daemon = arg;

	keeper_back_up(daemon->keeper, done, done_arg);
}

static enum status op_doctor(void *arg, doctor_hear *hear, doctor_done *done, void *done_arg,
			     struct error *err)
{
	return doctor_start(arg, hear, done, done_arg, err);
}

static void op_doctor_stop(void *arg)
{
	doctor_stop(arg);
}

/* ---- mails that come in ---- */

struct receiving {
	void (*done)(void *arg, enum status status, const char *text);
	void *arg;
};

static void received(void *arg, enum status status, const struct reply_outcome *outcome,
		     const char *why)
{
	struct receiving *receiving = arg;
	json_t *answer =
	    json_pack("{s:s, s:i, s:i, s:b}", "fate", reply_fate_name(outcome->fate), "done",
		      outcome->done, "failed", outcome->failed, "confirmed", outcome->confirmed);
	char *text = json_dumps(answer, JSON_COMPACT);

	receiving->done(receiving->arg, status, status == STATUS_OK ? text : why);
	json_decref(answer);
	free(text);
	free(receiving);
}

static void op_receive(void *arg, const void *bytes, size_t len,
		       void (*done)(void *arg, enum status status, const char *text),
		       void *done_arg)
{
	struct daemon *daemon = arg;
	struct receiving *receiving = mem_alloc(1, sizeof(*receiving));

	*receiving = (struct receiving){done, done_arg};
	inbox_take(daemon->inbox, bytes, len, true, received, receiving);
}

/* ---- preview: on the store thread ---- */

static const char *host_name(char host[HOST_SIZE])
{
	memset(host, 0, HOST_SIZE);
	return gethostname(host, HOST_SIZE - 1) ? NULL : host;
}

/* Why nothing goes out although there may be something to say: no digest is composed for who is
 * away. NULL: is there. */
static const char *say_absence(struct db *db, const struct scene *scene, const struct owner *owner,
			       struct arena *arena)
{
	const day today = zone_day(owner->zone, scene->now);
	struct owner_history history;
	char text[DAY_TEXT_SIZE];

	if (owner_history_get(db, scene, owner->id, &history) != STATUS_OK)
		return NULL;
	const day last = owner_away_until(owner, &history, today);
	if (last == DAY_NEVER)
		return NULL;
	const char *stand_in = owner_stand_in(db, scene, owner);
	return arena_printf(arena, "Nothing to say: %s is away until %s; %s%s", owner->id,
			    day_say(last, today, text),
			    stand_in ? stand_in : "what turns cold waits",
			    stand_in ? " hears what turns cold" : "");
}

/* away: why there is nothing to say, when that is why; NULL. */
static struct document *nothing_document(struct arena *arena, const struct scene *scene,
					 const struct owner *owner, const char *away)
{
	struct document *document = document_new(arena, DOCUMENT_QUIET, scene->now);

	document->subject = "Nothing to say today";
	document->owner_id = owner->id;
	document->owner_name = owner->name;
	document_add_text(arena, document, BLOCK_PARAGRAPH,
			  away ? arena_printf(arena, "%s.", away)
			       : arena_printf(arena, "Nothing to say to %s today.", owner->name));
	return document;
}

/* What is shown has the key, and so the ids, of the delivery that would be made today. */
static enum status render(struct db *db, const struct scene *scene, const struct channel *channel,
			  const struct owner *owner, const char *format,
			  const struct document *document, struct buf *out, struct error *err)
{
	const day today = zone_day(owner->zone, scene->now);
	const char *recipient = channel->type == CHANNEL_SMTP ? owner->email : NULL;
	char installation[65], iso[DAY_TEXT_SIZE], *key;
	enum status status = meta_installation(db, installation);

	if (status != STATUS_OK)
		return status;
	key = mem_printf("digest|%s|%s|%s|%s", owner->id, day_iso(today, iso), channel->id,
			 recipient ? recipient : "");
	const struct parcel parcel = {
	    .document = document,
	    .key = key,
	    .installation_id = installation,
	    .recipient = recipient,
	    .recipient_name = owner->name,
	    .now = scene->now,
	};

	if (strcmp(format, "text") == 0) {
		buf_addf(out, "Subject: %s\n\n", document->subject);
		text_render(document, out);
	} else if (strcmp(format, "html") == 0 && channel->type != CHANNEL_SMTP) {
		status = error_fail(err, STATUS_INVALID,
				    "format html: %s is a channel of %s, and no HTML goes there; "
				    "raw is what would, and it has text and json",
				    channel->id, channel_type_name(channel->type));
	} else if (strcmp(format, "html") == 0) {
		html_render(document, out);
	} else if (strcmp(format, "raw") == 0 ||
		   (strcmp(format, "json") == 0 && channel->type != CHANNEL_SMTP)) {
		/* What is posted to a hook is JSON or a form; a mail's own format is raw. */
		status = channel_render(channel, &parcel, out, err);
	} else if (strcmp(format, "json") == 0) {
		char *json = document_to_json(document);

		buf_adds(out, json);
		free(json);
	} else {
		status =
		    error_fail(err, STATUS_INVALID,
			       "format \"%s\": text, html, json or raw would be right", format);
	}
	free(key);
	return status;
}

static enum status find_channel(const struct scene *scene, const struct owner *owner,
				const char *id, const struct channel **ret, struct error *err)
{
	*ret = id ? roster_channel(scene->roster, id) : owner->channels[0];
	if (!*ret)
		return error_fail(err, STATUS_NOT_FOUND, "no channel \"%s\"", id);
	return STATUS_OK;
}

/* Told as it would be, token and all. */
static struct document *shown_document(struct db *db, const struct scene *scene,
				       const struct channel *channel, const struct digest *digest,
				       struct arena *arena)
{
	/* The roster is the first part of its configuration. */
	const struct conf *conf = (const struct conf *)scene->roster;
	char host[HOST_SIZE];
	int64_t id;

	return compose_document(arena, scene, host_name(host), digest, channel->detail,
				compose_reply_to(db, scene, conf, channel, digest, arena, &id));
}

static enum status op_preview(struct db *db, const struct scene *scene, const char *owner_id,
			      const char *channel_id, const char *format, struct buf *out,
			      struct error *err)
{
	const struct owner *owner = roster_owner(scene->roster, owner_id);
	const struct channel *channel;
	struct arena *arena;
	struct document *document;
	struct digest digest;
	enum status status;

	if (!owner)
		return error_fail(err, STATUS_NOT_FOUND, "no owner \"%s\" in the configuration",
				  owner_id);
	status = find_channel(scene, owner, channel_id, &channel, err);
	if (status != STATUS_OK)
		return status;
	status = db_point(db);
	if (status != STATUS_OK)
		return error_fail(err, status, "%s", db_error(db));
	arena = arena_new();
	status = compose_digest(db, scene, owner, arena, &digest, err);
	if (status == STATUS_OK) {
		const char *away = say_absence(db, scene, owner, arena);

		digest = compose_for_channel(arena, &digest, channel);
		document = away || digest.kind == DIGEST_NOTHING
			       ? nothing_document(arena, scene, owner, away)
			       : shown_document(db, scene, channel, &digest, arena);
		status = render(db, scene, channel, owner, format, document, out, err);
	}
	/* What was remembered of it, to be answered, is for a mail that leaves. */
	db_point_undo(db);
	arena_free(arena);
	return status;
}

/* A mail like a digest that can be answered, remembered under the key of its delivery. */
static enum status op_reply_test(struct db *db, const struct scene *scene, const char *channel,
				 const char *to, const char *key, char **ret_document,
				 struct error *err)
{
	const struct conf *conf = (const struct conf *)scene->roster;
	const struct reply_plan plan = {.channel = channel, .address = to};
	char token[REPLY_TOKEN_SIZE], host[HOST_SIZE];
	struct arena *arena;
	int64_t id;

	if (!conf->reply_to)
		return error_fail(err, STATUS_CONFLICT,
				  "no replies are taken: reply_to is not set in the configuration");
	id = reply_open(db, scene, &plan, token);
	if (id == 0)
		return error_fail(err, db_status(db), "%s", db_error(db));
	reply_bind(db, id, key);
	arena = arena_new();
	*ret_document = document_to_json(reply_test_document(
	    arena, reply_address_write(arena, conf->reply_to, token), host_name(host), scene->now));
	arena_free(arena);
	return STATUS_OK;
}

static char *op_test_document(const struct scene *scene, const char *channel)
{
	struct arena *arena = arena_new();
	char host[HOST_SIZE];
	char *json = document_to_json(test_document(arena, channel, host_name(host), scene->now));

	arena_free(arena);
	return json;
}

/* Whoever waits for the outcome of a test waits in vain for what does not leave. */
static enum status op_check_test(const struct scene *scene, const struct channel *channel,
				 const char *to, struct error *err)
{
	/* The roster is the first part of its configuration. */
	const struct conf *conf = (const struct conf *)scene->roster;

	if (conf->deliver == DELIVER_HOLD)
		return error_fail(
		    err, STATUS_CONFLICT,
		    "deliver = \"hold\" in the configuration: nothing is sent, and no "
		    "test either");
	if (conf->redirect_to && channel->type != CHANNEL_SMTP)
		return error_fail(err, STATUS_CONFLICT,
				  "redirect_to in the configuration: no hook is called, and %s "
				  "cannot be tested",
				  channel->id);
	if (conf->redirect_to && strcmp(conf->redirect_to, to) != 0)
		return error_fail(err, STATUS_CONFLICT,
				  "redirect_to in the configuration: every mail goes to %s, and "
				  "none to %s; 'cadencectl test %s --to %s' tests that",
				  conf->redirect_to, to, channel->id, conf->redirect_to);
	return STATUS_OK;
}

/* What the daemon knows and the database does not. */
static json_t *warnings_of(const struct daemon *daemon)
{
	json_t *warnings = json_array();
	char since[INSTANT_TEXT_SIZE];

	for (size_t i = 0; i < daemon->broken_count; i++)
		json_array_append_new(
		    warnings, json_sprintf("owner %s: since %s the digest cannot be composed: %s",
					   daemon->broken[i].owner,
					   instant_rfc3339(daemon->broken[i].since, since),
					   daemon->broken[i].reason));
	if (daemon->zones_stale && daemon->last_reload_error[0])
		json_array_append_new(
		    warnings,
		    json_sprintf("the system's time zones have changed, and those before are in "
				 "force until the configuration can be reloaded (tried every %d "
				 "min)",
				 RELOAD_ZONES_RETRY_S / 60));
	return warnings;
}

static json_t *instant_json(instant at)
{
	char out[INSTANT_TEXT_SIZE];

	return at == INSTANT_NEVER ? json_null() : json_string(instant_rfc3339(at, out));
}

static json_t *broken_json(const struct daemon *daemon)
{
	json_t *owners = json_array();

	for (size_t i = 0; i < daemon->broken_count; i++)
		json_array_append_new(owners, json_string(daemon->broken[i].owner));
	return owners;
}

static json_t *store_json(const struct daemon *daemon)
{
	if (!daemon->store_reason)
		return json_null();
	return json_pack("{s:o, s:s}", "since", instant_json(daemon->store_failed), "reason",
			 daemon->store_reason);
}

/* How it is with what the daemon itself depends on. */
static void set_own_health(const struct daemon *daemon, json_t *object)
{
	json_object_set_new(object, "now", instant_json(daemon_now(daemon)));
	json_object_set_new(object, "last_look", instant_json(daemon->looked));
	json_object_set_new(object, "next_turn", instant_json(daemon->next_turn));
	json_object_set_new(object, "store_failed", store_json(daemon));
	json_object_set_new(object, "broken", broken_json(daemon));
	json_object_set_new(object, "backup", keeper_status(daemon->keeper));
	json_object_set_new(object, "inbox", inbox_status(daemon->inbox));
	json_object_set_new(object, "heartbeat", heartbeat_status(daemon->heartbeat));
	json_object_set_new(object, "zones",
			    json_pack("{s:s?, s:o}", "version",
				      daemon->zones_version[0] ? daemon->zones_version : NULL,
				      "date", instant_json(daemon->zones_date)));
}

static char *op_status(void *arg)
{
	const struct daemon *daemon = arg;
	char started[INSTANT_TEXT_SIZE];
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:I}", "version", CADENCED_VERSION,
				   "config", daemon->options.conf_path, "started",
				   instant_rfc3339(daemon->started, started), "deliver",
				   daemon->conf->deliver == DELIVER_HOLD ? "hold" : "live",
				   "in_flight", (json_int_t)daemon->flight_count);
	char *text;

	if (daemon->conf->redirect_to)
		json_object_set_new(object, "redirect_to", json_string(daemon->conf->redirect_to));
	if (daemon->last_reload_error[0])
		json_object_set_new(object, "last_reload_error",
				    json_string(daemon->last_reload_error));
	set_own_health(daemon, object);
	json_object_set_new(object, "warnings", warnings_of(daemon));
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return text;
}

static char *op_withheld(void *arg)
{
	const struct conf *conf = ((const struct daemon *)arg)->conf;

	if (conf->deliver == DELIVER_HOLD)
		return mem_strdup("Nothing is sent now: deliver = \"hold\" in the configuration");
	if (conf->redirect_to)
		return mem_printf(
		    "Every mail goes to %s now, and no hook is called: redirect_to in "
		    "the configuration",
		    conf->redirect_to);
	return NULL;
}

struct api_ops ops_make(struct daemon *daemon)
{
	return (struct api_ops){
	    .daemon = daemon,
	    .roster = op_roster,
	    .now = op_now,
	    .reloading = op_reloading,
	    .changed = op_changed,
	    .reload = op_reload,
	    .check = op_check,
	    .back_up = op_back_up,
	    .doctor = op_doctor,
	    .doctor_stop = op_doctor_stop,
	    .preview = op_preview,
	    .test_document = op_test_document,
	    .check_test = op_check_test,
	    .reply_test = op_reply_test,
	    .receive = op_receive,
	    .status = op_status,
	    .withheld = op_withheld,
	};
}
