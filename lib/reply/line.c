/* Does what lines say: the very verbs that the command line uses, a row a verb. */
#include "reply/line.h"

#include <string.h>

#include "reply/find.h"

#define SOURCE "reply" /* of its contacts */

/* A command on its way: about whom, and what is said of it in the end. */
struct doing {
	const struct answering *a;
	const struct command *command;
	struct facts facts; /* of the partner, when the verb is about one */
	struct reply_line *line;
};

static const char *say(const struct doing *d, day on)
{
	char text[DAY_TEXT_SIZE];

	return arena_strdup(d->a->arena, day_say(on, d->a->today, text));
}

static void done(struct doing *d, const char *text)
{
	d->line->result = REPLY_LINE_DONE;
	d->line->text = text;
}

/* ---- contacts ---- */

static enum status log_contact(struct doing *d, enum contact_kind kind, day on, struct error *err)
{
	const struct answering *a = d->a;
	const struct contact contact = {
	    .day = on,
	    .kind = kind,
	    .direction = DIRECTION_BOTH,
	    .minutes = CONTACT_MINUTES_UNKNOWN,
	    .by = a->owner->id,
	    .note = d->command->note,
	    .source = SOURCE,
	};
	enum change_result result;
	int64_t id;
	const enum status status = contact_write(a->db, &a->scene, d->facts.partner.id, &contact,
						 false, &id, &result, err);

	if (status == STATUS_OK)
		done(d, arena_printf(a->arena, "%s: %s of %s %s", d->facts.partner.name,
				     contact_kind_name(kind), say(d, on),
				     result == CHANGE_NEW ? "is logged" : "was logged already"));
	return status;
}

static enum status do_log(struct doing *d, struct error *err)
{
	const day on = d->command->day;

	return log_contact(d, d->command->kind, on == DAY_NEVER ? d->a->today : on, err);
}

/* ---- booked meetings ---- */

static enum status find_booked(const struct doing *d, day *ret_booked, struct error *err)
{
	const struct answer *plan = &d->facts.answers[ANSWER_PLAN];
	const char *id = d->facts.partner.id;

	if (!plan->is_given)
		return error_fail(err, STATUS_CONFLICT,
				  "no meeting with %s is booked; if you met, write \"%s meeting "
				  "today\"",
				  d->facts.partner.name, id);
	if (plan->until > d->a->today)
		return error_fail(err, STATUS_CONFLICT,
				  "the meeting with %s is booked for %s, which is ahead; if it was "
				  "moved, write \"%s moved 4 dec\"",
				  d->facts.partner.name, say(d, plan->until), id);
	*ret_booked = plan->until;
	return STATUS_OK;
}

static enum status do_yes(struct doing *d, struct error *err)
{
	day booked = DAY_NEVER;
	const enum status status = find_booked(d, &booked, err);

	return status == STATUS_OK ? log_contact(d, CONTACT_MEETING, booked, err) : status;
}

static enum status do_no(struct doing *d, struct error *err)
{
	day booked = DAY_NEVER;
	enum status status = find_booked(d, &booked, err);

	if (status == STATUS_OK)
		status = answer_take_back(d->a->db, &d->a->scene, d->facts.partner.id,
					  ANSWER_END_NOSHOW, err);
	if (status == STATUS_OK)
		done(d, arena_printf(d->a->arena,
				     "%s: the meeting of %s did not happen; the clock goes on",
				     d->facts.partner.name, say(d, booked)));
	return status;
}

/* ---- answers ---- */

static enum status give(struct doing *d, enum answer_kind kind, struct answer *ret_answer,
			struct error *err)
{
	const day until = d->command->day;
	char iso[DAY_TEXT_SIZE];

	return answer_give(d->a->db, &d->a->scene, d->facts.partner.id, kind,
			   until == DAY_NEVER ? NULL : day_iso(until, iso), d->command->note,
			   ret_answer, err);
}

static enum status do_moved(struct doing *d, struct error *err)
{
	struct answer answer;
	const enum status status = give(d, ANSWER_PLAN, &answer, err);

	if (status == STATUS_OK)
		done(d, arena_printf(d->a->arena, "%s: a meeting is booked for %s",
				     d->facts.partner.name, say(d, answer.until)));
	return status;
}

static enum status do_snooze(struct doing *d, struct error *err)
{
	struct answer answer;
	const enum status status = give(d, ANSWER_SNOOZE, &answer, err);

	if (status == STATUS_OK)
		done(d, arena_printf(d->a->arena, "%s: quiet until %s", d->facts.partner.name,
				     say(d, answer.until)));
	return status;
}

static enum status do_ack(struct doing *d, struct error *err)
{
	struct answer answer;
	const enum status status = give(d, ANSWER_ACK, &answer, err);

	if (status == STATUS_OK)
		done(d, arena_printf(d->a->arena, "%s: acknowledged", d->facts.partner.name));
	return status;
}

static enum status do_off(struct doing *d, struct error *err)
{
	struct answer answer;
	const enum status status = give(d, ANSWER_OFF, &answer, err);

	if (status != STATUS_OK)
		return status;
	if (answer.until == DAY_NEVER)
		done(d, arena_printf(d->a->arena, "%s: off", d->facts.partner.name));
	else
		done(d, arena_printf(d->a->arena, "%s: off until %s", d->facts.partner.name,
				     say(d, answer.until)));
	return STATUS_OK;
}

/* ---- the sender ---- */

static enum status do_away(struct doing *d, struct error *err)
{
	const struct answering *a = d->a;
	const struct command *c = d->command;
	const bool back = c->day == DAY_NEVER;
	const day first = back ? DAY_NEVER : c->first_day == DAY_NEVER ? a->today : c->first_day;
	const char *stand_in = NULL;
	const enum status status =
	    owner_set_away(a->db, &a->scene, a->owner->id, first, c->day, &stand_in, err);
	const struct owner *deputy = roster_owner(a->scene.roster, stand_in);

	if (status != STATUS_OK)
		return status;
	if (back)
		done(d, "You are there again");
	else
		done(d, arena_printf(a->arena, "You are away until %s; %s%s", say(d, c->day),
				     deputy ? deputy->name : "what turns cold waits",
				     deputy ? " hears what turns cold" : ""));
	return STATUS_OK;
}

/* ---- questions ---- */

/* What a digest would say of it today, if it is due. */
static enum status do_why(struct doing *d, struct error *err)
{
	const struct answering *a = d->a;
	struct facts *facts = arena_alloc(a->arena, 1, sizeof(*facts));
	struct digest_input input;
	struct digest_entry *entries = NULL;
	const enum status status = digest_gather_of(a->db, &a->scene, a->owner,
						    d->facts.partner.row, a->arena, &input, err);

	if (status != STATUS_OK)
		return status;
	if (d->facts.partner.archived != DAY_NEVER)
		return error_fail(err, STATUS_CONFLICT, "%s is archived, and not watched",
				  d->facts.partner.name);
	*facts = d->facts;
	d->line->facts = facts;
	if (digest_rank(a->arena, input.items, input.item_count, a->today, &entries) > 0)
		d->line->entry = &entries[0];
	d->line->result = REPLY_LINE_WHY;
	return STATUS_OK;
}

static enum status do_help(struct doing *d, struct error *err)
{
	(void)err;
	d->line->result = REPLY_LINE_HELP;
	return STATUS_OK;
}

static enum status do_none(struct doing *d, struct error *err)
{
	return error_fail(err, STATUS_INVALID, "%s",
			  d->command->fault ? d->command->fault
					    : "not understood; write \"help\" to see what is");
}

/* ---- the table ---- */

static const struct {
	enum status (*run)(struct doing *d, struct error *err);
	bool has_partner;
} verbs[] = {
    [COMMAND_LOG] = {do_log, true},	  [COMMAND_YES] = {do_yes, true},
    [COMMAND_NO] = {do_no, true},	  [COMMAND_MOVED] = {do_moved, true},
    [COMMAND_SNOOZE] = {do_snooze, true}, [COMMAND_ACK] = {do_ack, true},
    [COMMAND_OFF] = {do_off, true},	  [COMMAND_WHY] = {do_why, true},
    [COMMAND_AWAY] = {do_away, false},	  [COMMAND_HELP] = {do_help, false},
    [COMMAND_NONE] = {do_none, false},
};

static enum status run(struct doing *d, struct error *err)
{
	const struct answering *a = d->a;
	const char *id = NULL;
	enum status status = STATUS_OK;

	if (verbs[d->command->verb].has_partner) {
		status = find_partner(a, d->command, &id, err);
		if (status == STATUS_OK)
			status = partner_facts(a->db, &a->scene, id, a->arena, &d->facts, err);
	}
	return status == STATUS_OK ? verbs[d->command->verb].run(d, err) : status;
}

/* Whether it is the line that is at fault, or the partner that it is about. A disk or a database
 * that fails is nobody's fault, and the mail has to come again. */
static bool is_about_the_line(const struct db *db, enum status status)
{
	if (db_lost_transaction(db) || db_is_out_of_order(db))
		return false;
	return db_status(db) != STATUS_OK || status == STATUS_INVALID ||
	       status == STATUS_NOT_FOUND || status == STATUS_CONFLICT || status == STATUS_TOO_BIG;
}

enum status line_do(const struct answering *a, const struct command *command,
		    struct reply_line *ret_line, struct error *err)
{
	struct reply_line line = {.said = command->said};
	struct doing doing = {.a = a, .command = command, .line = &line};
	struct error why = {""};
	enum status status = db_point(a->db);

	if (status != STATUS_OK)
		return error_fail(err, status, "%s", db_error(a->db));
	status = run(&doing, &why);
	if (status == STATUS_OK)
		status = db_status(a->db);
	if (status != STATUS_OK && !why.text[0])
		error_set(&why, "%s", db_error(a->db));
	if (status != STATUS_OK && !is_about_the_line(a->db, status))
		return error_fail(err, status, "%s", why.text);
	if (status == STATUS_OK) {
		db_point_keep(a->db);
	} else {
		db_clear(a->db);
		db_point_undo(a->db);
		line = (struct reply_line){.said = command->said,
					   .result = REPLY_LINE_NOT,
					   .text = arena_strdup(a->arena, why.text)};
	}
	*ret_line = line;
	return STATUS_OK;
}
