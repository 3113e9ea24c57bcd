/* Too much, and anything at all: every target still gets a message that it takes. */
#include "targets.h"

#define CRM_LINK      "https://crm.example.com/p/acme"
#define LONG_ENTRIES  200
#define RANDOM_ROUNDS 100

/* ---- lengths ---- */

struct tally {
	size_t shown;
	int more;
};

static void count_entries(void *context, const char *path, const char *text)
{
	struct tally *tally = context;

	(void)path;
	for (const char *c = strstr(text, "Partner"); c != NULL; c = strstr(c + 1, "Partner"))
		tally->shown++;
	for (const char *c = strstr(text, "and "); c != NULL; c = strstr(c + 1, "and "))
		if (strstr(c, " more") != NULL)
			tally->more = atoi(c + 4);
}

static struct document *long_digest(struct arena *arena, const char *filler, bool brief)
{
	struct document *document = document_new(arena, DOCUMENT_DIGEST, 0);

	document->subject = "3 cold";
	document_add_text(arena, document, BLOCK_LANE, "Cold");
	for (int i = 0; i < LONG_ENTRIES; i++) {
		struct block *entry = document_add(arena, document, BLOCK_ENTRY);

		entry->partner = "p";
		entry->title = arena_printf(arena, "Partner %d %s", i + 1, filler);
		entry->link = CRM_LINK;
		entry->brief = brief;
		line_add_run(arena, block_add_line(arena, entry, NULL), RUN_PLAIN,
			     "25 days overdue");
		line_add_run(arena, block_add_line(arena, entry, "Last"), RUN_QUOTE, filler);
	}
	struct block *more = document_add(arena, document, BLOCK_MORE);

	more->number = 7;
	line_add_run(arena, block_add_line(arena, more, NULL), RUN_PLAIN, "and 7 more");
	document_add_text(arena, document, BLOCK_FOOTNOTE, "The end.");
	return document;
}

static void find_end(void *context, const char *path, const char *text)
{
	(void)path;
	*(bool *)context = *(bool *)context || strstr(text, "The end.") != NULL;
}

static void test_digest_of_200_entries_is_cut_at_each_limit_and_counts_the_rest(void **state)
{
	(void)state;
	static const char *const fillers[] = {"x", "日本", "😀", "&", "\"\\", "*_`[", "<>@#"};

	for (size_t i = 0; i < TARGETS * 4; i++) {
		for (size_t k = 0; k < sizeof(fillers) / sizeof(fillers[0]); k++) {
			struct arena *arena = arena_new();
			const char *filler = fixture_repeat(arena, fillers[k], 40);
			struct tally tally = {0, 0};
			bool ends = false;
			json_t *body = target_read(&targets[i / 4],
						   long_digest(arena, filler, i % 2), i / 2 % 2);

			/* Matrix says everything twice. */
			if (targets[i / 4].render == matrix_render)
				(void)json_object_del(body, "formatted_body");
			visit_texts(body, "", count_entries, &tally);
			visit_texts(body, "", find_end, &ends);
			if (tally.shown < 2 || tally.shown >= LONG_ENTRIES ||
			    tally.more != LONG_ENTRIES + 7 - (int)tally.shown || !ends)
				fail_msg("%s shows %zu and counts %d", targets[i / 4].name,
					 tally.shown, tally.more);
			json_decref(body);
			arena_free(arena);
		}
	}
}

/* ---- anything at all ---- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static const char *random_text(struct arena *arena, uint32_t *seed)
{
	static const char *const pieces[] = {
	    "",	 "a", " ",  "\"", "\\", "é",	    "日",	 "😀",	 "<",
	    ">", "&", "\n", "*",  "_",	"`",	    "[",	 "]",	 "(",
	    ")", "@", "#",  ":",  "/",	"\x01",	    "\xff",	 "\xf0", "|",
	    "~", "$", ".",  "1",  "-",	"https://", "e\xcc\x81", "word "};
	const uint32_t count = next_random(seed) % 10;
	const size_t times = next_random(seed) % 40 == 0 ? 2000 : 1;
	const char *text = "";

	for (uint32_t i = 0; i < count; i++)
		text = arena_printf(arena, "%s%s", text,
				    pieces[next_random(seed) % (sizeof(pieces) / sizeof(*pieces))]);
	return fixture_repeat(arena, text, times);
}

static void add_random_block(struct arena *arena, struct document *document, uint32_t *seed)
{
	static const char *const links[] = {NULL, CRM_LINK, "javascript:x", "https://x/\">"};
	struct block *block =
	    document_add(arena, document, (enum block_kind)(next_random(seed) % BLOCK_KINDS));

	block->number = (int)(next_random(seed) % 300);
	block->mark = (enum mark)(next_random(seed) % MARKS);
	block->brief = next_random(seed) % 2 == 0;
	block->partner = "p";
	block->title = random_text(arena, seed);
	block->link = links[next_random(seed) % 4];
	block->title_rest = next_random(seed) % 2 ? random_text(arena, seed) : NULL;
	block->text = next_random(seed) % 2 ? random_text(arena, seed) : NULL;
	for (uint32_t i = next_random(seed) % 4; i > 0; i--) {
		struct line *line = block_add_line(
		    arena, block, next_random(seed) % 2 ? random_text(arena, seed) : NULL);

		for (uint32_t j = next_random(seed) % 3; j > 0; j--)
			line_add_run(arena, line, (enum run_style)(next_random(seed) % RUN_STYLES),
				     random_text(arena, seed));
	}
}

static struct document *random_document(struct arena *arena, uint32_t *seed)
{
	struct document *document =
	    document_new(arena, (enum document_kind)(next_random(seed) % DOCUMENT_KINDS), 0);

	document->subject = random_text(arena, seed);
	for (uint32_t i = next_random(seed) % 60; i > 0; i--)
		add_random_block(arena, document, seed);
	return document;
}

/* Tags that are opened are closed, in their order. */
static void assert_tags_close(const char *text)
{
	const char *open[8];
	size_t depth = 0;

	for (const char *c = strchr(text, '<'); c != NULL; c = strchr(c + 1, '<')) {
		if (strncmp(c, "<br>", 4) == 0)
			continue;
		if (c[1] != '/') {
			assert_true(depth < 8);
			open[depth++] = c + 1;
			continue;
		}
		assert_true(depth > 0);
		const size_t len = strcspn(c + 2, ">");

		assert_int_equal(strncmp(open[--depth], c + 2, len), 0);
	}
	assert_int_equal(depth, 0);
}

struct reading {
	const struct target *target;
	bool plain;
};

static void assert_whole(void *context, const char *path, const char *text)
{
	const struct reading *reading = context;
	char scratch[TEXT_FAULT_SIZE];
	struct buf tags = buf_make(SIZE_MAX);

	if (text_check(text, strlen(text), TEXT_NOTE, 0, SIZE_MAX, scratch) != NULL)
		fail_msg("%s %s", path, scratch);
	if (syntax_of(reading->target, path, reading->plain) == SYNTAX_HTML) {
		add_tags(&tags, text);
		assert_tags_close(buf_text(&tags));
	}
	buf_free(&tags);
}

static void test_any_document_gives_a_message_that_every_target_takes(void **state)
{
	(void)state;
	uint32_t seed = 20261124;

	print_message("seed %u\n", seed);
	for (int round = 0; round < RANDOM_ROUNDS; round++) {
		struct arena *arena = arena_new();
		const struct document *document = random_document(arena, &seed);

		for (size_t i = 0; i < TARGETS * 2; i++) {
			json_t *body = target_read(&targets[i / 2], document, i % 2);

			visit_texts(body, "", assert_whole,
				    &(struct reading){&targets[i / 2], i % 2});
			json_decref(body);
		}
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_digest_of_200_entries_is_cut_at_each_limit_and_counts_the_rest),
	    cmocka_unit_test(test_any_document_gives_a_message_that_every_target_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
