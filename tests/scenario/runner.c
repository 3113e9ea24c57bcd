/* Plays scenarios: those in text files, every digest hour on the days the clocks change, and years
 * at random. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sys/file.h"
#include "tests/scenario/script.h"
#include "tests/scenario/years.h"

#define FILE_MAX     ((size_t)1 << 20)
#define FIXED_SEEDS  12
#define RANDOM_SEEDS 4

static void play(struct script *script, char *text)
{
	for (char *line = text; line && !script->failed;) {
		char *end = strchr(line, '\n');

		if (end)
			*end = '\0';
		script_line(script, line);
		line = end ? end + 1 : NULL;
	}
	script_end(script);
}

static bool play_file(const char *path, bool verbose)
{
	struct buf bytes = buf_make(FILE_MAX);
	struct script script;
	struct error err;

	script_open(&script, path);
	script.verbose = verbose;
	if (file_read(path, FILE_MAX - 1, &bytes, NULL, &err) != STATUS_OK)
		script_fail(&script, "%s", err.text);
	else
		play(&script, arena_strdup(script.arena, buf_text(&bytes)));
	buf_free(&bytes);
	script_close(&script);
	return !script.failed;
}

static int play_files(int count, char **paths, bool verbose)
{
	int failed = 0;

	for (int i = 0; i < count; i++)
		failed += !play_file(paths[i], verbose);
	printf("scenarios: %d played, %d failed\n", count, failed);
	return failed > 0 || count == 0;
}

/* The same seeds each time, and a few new ones, which are printed. */
static int play_years(uint64_t seed)
{
	const uint64_t fresh = (uint64_t)time(NULL) % 1000000 * 100;
	int failed = 0;

	if (seed)
		return !years_play(seed) || !hints_play(seed);
	failed += !hints_play(1);
	for (uint64_t i = 1; i <= FIXED_SEEDS; i++)
		failed += !years_play(i);
	for (uint64_t i = 1; i <= RANDOM_SEEDS; i++)
		failed += !years_play(fresh + i);
	printf("years at random: %d played, %d failed; the new seeds were %llu to %llu\n",
	       FIXED_SEEDS + RANDOM_SEEDS, failed, (unsigned long long)fresh + 1,
	       (unsigned long long)fresh + RANDOM_SEEDS);
	return failed > 0;
}

/* FILE…; --show FILE…: the digests are printed instead of compared, each with the line before which
 * it belongs, to write a scenario with; --clocks; --years [SEED]. */
int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--clocks") == 0)
		return !clocks_play();
	if (argc > 1 && strcmp(argv[1], "--years") == 0)
		return play_years(argc > 2 ? strtoull(argv[2], NULL, 10) : 0);
	if (argc > 1 && strcmp(argv[1], "--show") == 0)
		return play_files(argc - 2, argv + 2, true);
	return play_files(argc - 1, argv + 1, false);
}
