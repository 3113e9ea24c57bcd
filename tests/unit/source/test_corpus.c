/* Replies as mail programs write them, through the real worker: each .eml has beside it what has to
 * be read of it, in full. */
#include "source/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <glob.h>
#include <poll.h>

#include "dump.h"

#define CORPUS	    "tests/corpus/replies/"
#define CORPUS_MIN  160
#define FILE_MAX    (1 << 20)
#define WAIT_MS	    20000
#define TOKEN_START "cadence+r."
#define DIGEST_ID   "5e0c1f9a7b3d2846@example.com"

static char *read_file(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "rb");
	char *bytes = mem_alloc(1, FILE_MAX + 1);

	assert_non_null(file);
	*ret_len = fread(bytes, 1, FILE_MAX, file);
	fclose(file);
	return bytes;
}

static struct reading read_mail(struct reader *reader, struct arena *arena, const char *path)
{
	struct pollfd heard = {.fd = reader_fd(reader), .events = POLLIN};
	struct reading reading;
	size_t len;
	char *bytes = read_file(path, &len);

	assert_true(reader_send(reader, bytes, len, NULL));
	free(bytes);
	while (!reader_collect(reader, arena, &reading))
		assert_int_equal(poll(&heard, 1, WAIT_MS), 1);
	return reading;
}

static const char *has_token(const struct letter *letter)
{
	for (size_t i = 0; i < letter->recipient_count; i++)
		if (strncmp(letter->recipients[i], TOKEN_START, strlen(TOKEN_START)) == 0)
			return "yes";
	return "no";
}

static const char *has_reference(const struct letter *letter)
{
	for (size_t i = 0; i < letter->reference_count; i++)
		if (strcmp(letter->references[i], DIGEST_ID) == 0)
			return "yes";
	return "no";
}

static void dump_letter(struct buf *out, const struct letter *letter, struct arena *arena)
{
	static const char *const robots[] = {"human", "automatic", "bounce", "list", "calendar"};
	day today = 0;
	size_t count;
	struct command *commands;

	assert_true(day_parse_iso("2026-11-25", &today));
	commands = commands_read(letter->text, today, arena, &count);
	buf_addf(out, "robot %s\nfrom %s\ntoken %s\nreference %s\n", robots[letter->robot],
		 letter->from ? letter->from : "-", has_token(letter), has_reference(letter));
	for (size_t i = 0; i < count; i++)
		dump_command(out, &commands[i]);
}

/* How many of them are not read as expected; says which. */
static size_t count_wrong(struct reader *reader, const glob_t *mails)
{
	size_t wrong = 0;

	for (size_t i = 0; i < mails->gl_pathc; i++) {
		struct arena *arena = arena_new();
		const char *path = mails->gl_pathv[i];
		const struct reading reading = read_mail(reader, arena, path);
		char *expect_path = mem_printf("%.*s.expect", (int)(strlen(path) - 4), path);
		struct buf got = buf_make(FILE_MAX);
		size_t len;
		char *expected = read_file(expect_path, &len);

		if (reading.end == READING_LETTER)
			dump_letter(&got, &reading.letter, arena);
		else
			buf_addf(&got, "aside | %s\n", reading.reason);
		if (strcmp(buf_text(&got), expected) != 0) {
			wrong++;
			printf("%s: expected\n%sread\n%stext\n%s\n\n", path, expected,
			       buf_text(&got),
			       reading.end == READING_LETTER ? reading.letter.text : "");
		}
		buf_free(&got);
		free(expected);
		free(expect_path);
		arena_free(arena);
	}
	return wrong;
}

static void test_each_reply_of_the_corpus_is_read_as_it_was_meant(void **state)
{
	struct reader *reader = reader_start(READER_STALL_MS, NULL);
	glob_t mails;

	(void)state;
	assert_non_null(reader);
	assert_int_equal(glob(CORPUS "*.eml", 0, NULL, &mails), 0);
	assert_true(mails.gl_pathc >= CORPUS_MIN);
	assert_int_equal(count_wrong(reader, &mails), 0);
	globfree(&mails);
	reader_close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_reply_of_the_corpus_is_read_as_it_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
