/* A scenario, line by line: what is configured, what people do and when, and which digests that
 * yields. */
#ifndef CADENCE_TESTS_SCENARIO_SCRIPT_H
#define CADENCE_TESTS_SCENARIO_SCRIPT_H

#include "tests/scenario/stage.h"

struct expected {
	int line;
	day day;
	int minute;
	const char *owner;
	const char *content;
};

struct script {
	const char *path;
	int line;
	struct arena *arena;
	struct setup *setup;
	struct stage stage;
	bool started, down, any;
	instant now;
	struct expected *expected;
	size_t expected_count, expected_capacity;
	size_t met;	/* expectations so far */
	size_t checked; /* digests so far */
	bool verbose;	/* print the digests, compare none */
	bool failed;
};

/* path: what messages call it. */
void script_open(struct script *script, const char *path);
void script_close(struct script *script);
/* Does what a line says; cuts it up meanwhile. */
void script_line(struct script *script, char *line);
/* Whether everything expected has come. */
void script_end(struct script *script);
/* Prints where and what; the script has failed. */
void script_fail(struct script *script, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
