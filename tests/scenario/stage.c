/* Notes down digests, and looks after each run whether what must always hold does hold. */
#include "tests/scenario/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message/document.h"
#include "message/text.h"

#define RETRY_MS (15 * MINUTE_MS)
#define TEXT_MAX ((size_t)1 << 20)

/* ---- digests ---- */

static const char *lane_word(const char *heading)
{
	static const char *const words[][2] = {{"Cold", "cold"},
					       {"Did it happen?", "ask"},
					       {"Due", "due"},
					       {"Early hint (nothing is overdue)", "hint"},
					       {"Not reached", "reach"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(heading, words[i][0]) == 0)
			return words[i][1];
	return heading;
}

static const char *content_of(struct arena *arena, const struct document *document)
{
	struct buf out = buf_make(TEXT_MAX);
	const char *content;

	if (document->kind == DOCUMENT_QUIET)
		return "quiet";
	for (size_t i = 0; i < document->block_count; i++) {
		const struct block *block = &document->blocks[i];

		if (block->kind == BLOCK_LANE)
			buf_addf(&out, "%s%s", out.len ? "; " : "", lane_word(block->text));
		else if (block->kind == BLOCK_ENTRY)
			buf_addf(&out, " %s", block->partner);
		else if (block->kind == BLOCK_MORE)
			buf_addf(&out, " +%d", block->number);
	}
	content = arena_strdup(arena, buf_text(&out));
	buf_free(&out);
	return content;
}

static const char *text_of(struct arena *arena, const struct document *document)
{
	struct buf out = buf_make(TEXT_MAX);
	const char *text;

	buf_addf(&out, "%s\n\n", document->subject);
	text_render(document, &out);
	text = arena_strdup(arena, buf_text(&out));
	buf_free(&out);
	return text;
}

static void note(struct stage *stage, const struct delivery *delivery)
{
	const struct owner *owner = roster_owner(&stage->conf->roster, delivery->owner);
	struct document *document;
	struct error err;

	if (document_from_json(stage->arena, delivery->document, &document, &err) != STATUS_OK) {
		error_set(&stage->fault, "a document cannot be read: %s", err.text);
		return;
	}
	const struct zone *zone = owner ? owner->zone : stage->conf->roster.zone;
	const struct local local = zone_local(zone, document->created);
	struct seen seen = {.day = local.day,
			    .minute = local.second / 60,
			    .owner = arena_strdup(stage->arena, delivery->owner),
			    .content = content_of(stage->arena, document),
			    .text = text_of(stage->arena, document)};

	for (size_t i = stage->seen_count; i > 0 && !stage->clock_was_set; i--) {
		const struct seen *before = &stage->seen[i - 1];

		if (before->day == seen.day && strcmp(before->owner, seen.owner) == 0)
			error_set(&stage->fault, "%s gets two digests on one local day",
				  seen.owner);
		if (before->day < seen.day - 2)
			break;
	}
	stage->seen = arena_grow(stage->arena, stage->seen, stage->seen_count,
				 &stage->seen_capacity, sizeof(seen));
	stage->seen[stage->seen_count++] = seen;
}

static enum settle_kind send(void *arg, instant now, const struct delivery *delivery,
			     instant *retry_at)
{
	struct stage *stage = arg;

	*retry_at = now + RETRY_MS;
	if (stage->post != POST_WORKS)
		return stage->post == POST_LATER ? SETTLE_RETRY : SETTLE_DEAD;
	if (strcmp(delivery->kind, "digest") == 0)
		note(stage, delivery);
	return SETTLE_DELIVERED;
}

/* ---- the stage itself ---- */

static void take_conf(struct stage *stage, struct conf *conf)
{
	if (stage->conf)
		roster_unref(&stage->conf->roster);
	roster_ref(&conf->roster);
	stage->conf = conf;
}

enum status stage_open(struct stage *stage, const struct setup *setup, instant now,
		       struct error *err)
{
	struct conf *conf;
	enum status status = setup_load(setup, &conf, err);

	if (status != STATUS_OK)
		return status;
	*stage = (struct stage){.arena = arena_new()};
	take_conf(stage, conf);
	status = rehearsal_new(conf, now, send, stage, &stage->rehearsal, err);
	if (status != STATUS_OK)
		stage_close(stage);
	return status;
}

void stage_close(struct stage *stage)
{
	rehearsal_free(stage->rehearsal);
	if (stage->conf)
		roster_unref(&stage->conf->roster);
	arena_free(stage->arena);
	*stage = (struct stage){0};
}

enum status stage_reload(struct stage *stage, const struct setup *setup, bool yes,
			 struct error *err)
{
	struct conf *conf;
	enum status status = setup_load(setup, &conf, err);

	if (status != STATUS_OK)
		return status;
	roster_ref(&conf->roster);
	status = rehearsal_reload(stage->rehearsal, conf, yes, err);
	if (status == STATUS_OK)
		take_conf(stage, conf);
	roster_unref(&conf->roster);
	return status;
}

enum status stage_restart(struct stage *stage, const struct setup *setup, instant now,
			  struct error *err)
{
	struct conf *conf;
	const enum status status = setup_load(setup, &conf, err);

	if (status != STATUS_OK)
		return status;
	take_conf(stage, conf);
	return rehearsal_restart(stage->rehearsal, conf, now, err);
}

/* ---- what must always hold ---- */

static int64_t ask(struct db *db, const char *sql)
{
	struct query *query = db_query(db, sql);
	const int64_t value = db_step(query) ? db_int(query, 0) : -1;

	db_end(query);
	return value;
}

struct count {
	int64_t nudges, open, cold, history, outbox, looks, look_sum, steps;
};

static struct count count(struct db *db)
{
	return (struct count){
	    .nudges = ask(db, "SELECT count(*) FROM nudge"),
	    .open = ask(db, "SELECT count(*) FROM nudge WHERE resolved IS NULL"),
	    .cold = ask(db, "SELECT count(*) FROM nudge WHERE state = 'cold'"),
	    .history = ask(db, "SELECT count(*) FROM history"),
	    .outbox = ask(db, "SELECT count(*) FROM outbox"),
	    .looks = ask(db, "SELECT count(*) FROM sched"),
	    .look_sum = ask(db, "SELECT coalesce(sum(next_check), 0) FROM sched"),
	    .steps = ask(db, "SELECT coalesce(sum(step), 0) FROM nudge"),
	};
}

static enum status judge_all(struct db *db, const struct scene *scene, struct arena *arena,
			     struct error *err)
{
	const struct partner_filter all = {0};
	struct facts *facts;
	size_t found;
	enum status status = view_partners(db, scene, &all, NULL, 100000, arena, &facts, &found);

	for (size_t i = 0; i < found && status == STATUS_OK; i++)
		status = nudge_judge(db, scene, &facts[i], "changed");
	if (status != STATUS_OK)
		error_set(err, "judging again: %s", db_error(db));
	return status;
}

static enum status check_judged(struct db *db, const struct scene *scene, void *arg,
				struct error *err)
{
	struct stage *stage = arg;
	struct arena *arena = arena_new();
	const struct count before = count(db);
	enum status status = judge_all(db, scene, arena, err);
	const struct count after = count(db);

	arena_free(arena);
	if (status != STATUS_OK)
		return status;
	if (memcmp(&before, &after, sizeof(before)) != 0)
		error_set(
		    &stage->fault,
		    "judging twice changes something: %lld nudges, %lld open, %lld cold, %lld "
		    "history, looks %lld became %lld, %lld, %lld, %lld, %lld",
		    (long long)before.nudges, (long long)before.open, (long long)before.cold,
		    (long long)before.history, (long long)before.look_sum, (long long)after.nudges,
		    (long long)after.open, (long long)after.cold, (long long)after.history,
		    (long long)after.look_sum);
	/* Whatever it changed is taken back. */
	return STATUS_CONFLICT;
}

enum status stage_run(struct stage *stage, instant until, struct error *err)
{
	enum status status = rehearsal_run(stage->rehearsal, until, err);
	struct error ignored;

	if (status == STATUS_OK && rehearsal_act(stage->rehearsal, "cadenced", check_judged, stage,
						 &ignored) != STATUS_CONFLICT)
		return error_fail(err, STATUS_FAILED, "%s", ignored.text);
	if (status == STATUS_OK && stage->fault.text[0])
		return error_fail(err, STATUS_FAILED, "%s", stage->fault.text);
	return status;
}

enum status stage_standing(struct stage *stage, const char *partner, const char **ret,
			   struct error *err)
{
	const struct scene scene = rehearsal_scene(stage->rehearsal, "test");
	struct verdict verdicts[RULES];
	struct facts facts;
	enum state worst = STATE_ON_TRACK;
	const enum status status = partner_facts(rehearsal_db(stage->rehearsal), &scene, partner,
						 stage->arena, &facts, err);

	if (status != STATUS_OK)
		return status;
	const size_t found = judge_partner(&facts, scene_today(&scene, &facts), verdicts);
	for (size_t i = 0; i < found; i++)
		if (verdicts[i].state > worst)
			worst = verdicts[i].state;
	*ret = facts.partner.archived != DAY_NEVER ? "archived"
	       : verdicts[0].hold != HOLD_NONE	   ? hold_name(verdicts[0].hold)
						   : state_name(worst);
	return STATUS_OK;
}
