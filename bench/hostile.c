/* What mails cost to read that are made to cost much: prints as JSON the processor time of the
 * worst of them, and of an ordinary mail of the same size, in seconds. */
#include "tests/unit/source/hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "source/command.h"
#include "source/mime.h"

#define ROUNDS 3
#define TODAY  20782 /* 2026-11-25 */

/* The least of some rounds: what disturbs only adds. */
static double cost(const struct buf *mail, const struct charsets *charsets)
{
	double least = 0;

	for (int round = 0; round < ROUNDS; round++) {
		const clock_t before = clock();
		struct arena *arena = arena_new();
		struct letter letter = {0};
		double took;
		size_t count;

		if (mime_read(mail->data, mail->len, charsets, arena, &letter))
			abort();
		(void)commands_read(letter.text, TODAY, arena, &count);
		arena_free(arena);
		took = (double)(clock() - before) / CLOCKS_PER_SEC;
		if (round == 0 || took < least)
			least = took;
	}
	return least;
}

/* An answer above a long quote. */
static void fill_ordinary(struct buf *mail)
{
	static const char line[] =
	    "> 1. Acme GmbH, strategic, every 4 weeks [acme], last seen in June\r\n";

	buf_adds(mail, HOSTILE_HEAD "\r\n1 call today talked, numbers Friday\r\n\r\n");
	while (mail->len + sizeof(line) < LETTER_BYTES_MAX)
		buf_adds(mail, line);
}

int main(void)
{
	struct buf mail = buf_make(LETTER_BYTES_MAX);
	struct charsets *charsets;
	double ordinary, worst = 0;
	size_t which = 0;

	mime_begin();
	charsets = charsets_open();
	fill_ordinary(&mail);
	ordinary = cost(&mail, charsets);
	for (size_t i = 0; i < HOSTILE_MAILS; i++) {
		double took;

		hostile_fill(&mail, i);
		took = cost(&mail, charsets);
		if (took > worst) {
			worst = took;
			which = i;
		}
	}
	printf("{\"ordinary\": %.6f, \"worst\": %.6f, \"case\": %zu}\n", ordinary, worst, which);
	buf_free(&mail);
	charsets_close(charsets);
	return 0;
}
