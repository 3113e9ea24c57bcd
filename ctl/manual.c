/* Prints the table of verbs for the manual. */
#include <stdio.h>

#include "base/mdoc.h"
#include "ctl/verbs.h"

#define MANUAL_MAX (1 << 20)

static void add_examples(const struct verb *verb, struct buf *out)
{
	for (size_t i = 0; i < VERB_EXAMPLES_MAX && verb->examples[i]; i++) {
		buf_adds(out, i == 0 ? ".Bd -literal\ncadencectl " : "cadencectl ");
		mdoc_literal(verb->examples[i], out);
		buf_addc(out, '\n');
	}
	if (verb->examples[0])
		buf_adds(out, ".Ed\n");
}

/* The line of the table as a sentence. */
static void add_help(const struct verb *verb, struct buf *out)
{
	const char first = verb->help ? verb->help[0] : '\0';

	if (first)
		buf_addf(out, "%c%s.", first >= 'a' && first <= 'z' ? first - 'a' + 'A' : first,
			 verb->help + 1);
	buf_addc(out, '\n');
	if (verb->more)
		mdoc_text(verb->more, out);
}

void manual_print(void)
{
	struct buf out = buf_make(MANUAL_MAX);

	buf_adds(&out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < ctl_verb_count; i++) {
		buf_addf(&out, ".It Cm %s", ctl_verbs[i].name);
		mdoc_synopsis(ctl_verbs[i].words, &out);
		buf_addc(&out, '\n');
		add_help(&ctl_verbs[i], &out);
		add_examples(&ctl_verbs[i], &out);
	}
	buf_adds(&out, ".El\n");
	fputs(buf_text(&out), stdout);
	buf_free(&out);
}
