/* Commands as a line each, for tests that compare them with what is expected. */
#ifndef CADENCE_TEST_SOURCE_DUMP_H
#define CADENCE_TEST_SOURCE_DUMP_H

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "core/contact.h"
#include "source/command.h"

static const char *dump_day(day d, char out[DAY_TEXT_SIZE])
{
	return d == DAY_NEVER ? "-" : day_iso(d, out);
}

static void dump_who(struct buf *out, const struct command *c)
{
	if (c->number)
		buf_addf(out, " %d", c->number);
	if (c->name)
		buf_addf(out, " \"%s\"", c->name);
}

static void dump_command(struct buf *out, const struct command *c)
{
	static const char *const verbs[] = {
	    [COMMAND_LOG] = "log",     [COMMAND_YES] = "yes",	    [COMMAND_NO] = "no",
	    [COMMAND_MOVED] = "moved", [COMMAND_SNOOZE] = "snooze", [COMMAND_ACK] = "ack",
	    [COMMAND_OFF] = "off",     [COMMAND_WHY] = "why",	    [COMMAND_AWAY] = "away",
	    [COMMAND_HELP] = "help",   [COMMAND_NONE] = "unknown"};
	char text[DAY_TEXT_SIZE];

	if (c->verb == COMMAND_NONE) {
		buf_addf(out, "%s | %s\n", c->prose ? "prose" : "unknown", c->said);
		return;
	}
	buf_adds(out, verbs[c->verb]);
	dump_who(out, c);
	if (c->verb == COMMAND_LOG)
		buf_addf(out, " %s", contact_kind_name(c->kind));
	if (c->verb == COMMAND_AWAY)
		buf_addf(out, " %s", dump_day(c->first_day, text));
	if (c->verb == COMMAND_LOG || c->verb == COMMAND_AWAY || c->verb == COMMAND_MOVED ||
	    c->verb == COMMAND_SNOOZE || c->verb == COMMAND_OFF)
		buf_addf(out, " %s", dump_day(c->day, text));
	if (c->note)
		buf_addf(out, " | %s", c->note);
	buf_addc(out, '\n');
}

#endif
