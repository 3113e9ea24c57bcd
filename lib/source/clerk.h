/* What the parts that read an answer have in common. Private to command.c, period.c, commands.c. */
#ifndef CADENCE_SOURCE_CLERK_H
#define CADENCE_SOURCE_CLERK_H

#include "source/command.h"
#include "source/line.h"

struct clerk {
	day today;
	struct arena *arena;
};

/* A command of which nothing is known yet. */
struct command command_of(size_t number, const struct line *line);
/* Forgets what was read: it is not understood, and fault says why. */
void command_give_up(struct command *c, const char *fault);
/* The same of what is a sentence, and no line that went wrong. */
void command_give_up_on_prose(struct command *c);

/* Reads one line that is not empty. Of what it is not about the command has the values of
 * command_of(). */
void command_read(const struct clerk *clerk, struct command *c, const struct line *line);
/* Whether the first word counts several entries: 1,2 or 1-3 or 3/4. */
bool command_counts_several(const struct line *line);
/* The same of a line that says when its sender is away, or is no longer. False: it does not. */
bool period_read(const struct clerk *clerk, struct command *c, const struct line *line);
/* Whether the words of a line, without dashes, are one of the phrases; NULL ends these. */
bool period_is_phrase(const struct line *line, const char *const *phrases, struct arena *arena);

#endif
