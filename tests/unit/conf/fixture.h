/* A directory of its own for each test, and configurations written into it. */
#ifndef CADENCE_TESTS_CONF_FIXTURE_H
#define CADENCE_TESTS_CONF_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "conf/conf.h"

#define ERRORS_SIZE ((size_t)1 << 20)

/* Where the tests of a program write; removed file by file at its end. */
struct place {
	char dir[64];
};

static inline int place_make(void **state)
{
	struct place *place = mem_alloc(1, sizeof *place);

	(void)snprintf(place->dir, sizeof place->dir, "/tmp/cadenced-conf-XXXXXX");
	*state = place;
	return mkdtemp(place->dir) ? 0 : -1;
}

static inline int place_remove(void **state)
{
	struct place *place = *state;
	char *command = mem_printf("rm -rf '%s'", place->dir);
	const int failed = system(command);

	free(command);
	free(place);
	return failed;
}

static inline char *place_path(void **state, const char *name)
{
	const struct place *place = *state;

	return mem_printf("%s/%s", place->dir, name);
}

static inline void place_write_bytes(void **state, const char *name, const void *bytes, size_t len,
				     mode_t mode)
{
	char *path = place_path(state, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
	free(path);
}

static inline void place_write(void **state, const char *name, const char *text, mode_t mode)
{
	place_write_bytes(state, name, text, strlen(text), mode);
}

static inline struct conf *load(void **state, const char *name)
{
	char *path = place_path(state, name);
	struct buf errors = buf_make(ERRORS_SIZE);
	struct conf *conf = NULL;

	if (conf_load(path, &conf, &errors) != STATUS_OK)
		fail_msg("%s", buf_text(&errors));
	assert_int_equal(errors.len, 0);
	buf_free(&errors);
	free(path);
	return conf;
}

/* The configuration that the text makes; fails the test when it makes none. */
static inline struct conf *conf_of(void **state, const char *text)
{
	place_write(state, "cadenced.conf", text, 0600);
	return load(state, "cadenced.conf");
}

static inline void expect_error_of_mode(void **state, const char *text, mode_t mode,
					const char *expected)
{
	char *path = place_path(state, "cadenced.conf");
	struct buf errors = buf_make(ERRORS_SIZE);
	struct conf *conf = NULL;

	place_write(state, "cadenced.conf", text, mode);
	if (conf_load(path, &conf, &errors) == STATUS_OK)
		fail_msg("was accepted: %s", text);
	assert_null(conf);
	if (!strstr(buf_text(&errors), expected))
		fail_msg("in:\n%s\nexpected: %s\ngot:\n%s", text, expected, buf_text(&errors));
	assert_int_not_equal(buf_text(&errors)[errors.len - 1], '\n');
	buf_free(&errors);
	free(path);
}

/* The text is refused, and among the reasons is the expected one. */
static inline void expect_error(void **state, const char *text, const char *expected)
{
	expect_error_of_mode(state, text, 0600, expected);
}

#define MAIL_CHANNEL "mail={type=\"smtp\";url=\"smtp://localhost:25\";from=\"C <c@example.com>\";};"
#define MARIA	     "maria={email=\"maria@example.com\";};"
/* A configuration that is right, in one line, with more inside its groups and after them. */
#define BASE(channels, cadences, owners, rest)                                                     \
	"channels={" MAIL_CHANNEL channels "};cadences={standard={};" cadences                     \
	"};owners={" MARIA owners "};" rest

#endif
