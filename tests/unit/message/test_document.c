/* The document model: what a digest says, and its stored form. */
#include "fixture.h"

#include "message/text.h"

static void assert_round_trip(const struct document *document)
{
	struct arena *arena = arena_new();
	struct document *again = NULL;
	struct error err;
	char *json = document_to_json(document);

	assert_int_equal(document_from_json(arena, json, &again, &err), STATUS_OK);
	char *json_again = document_to_json(again);
	assert_string_equal(json, json_again);
	assert_int_equal(again->kind, document->kind);
	assert_int_equal(again->block_count, document->block_count);
	assert_int_equal(again->created, document->created);
	free(json);
	free(json_again);
	arena_free(arena);
}

static void test_stored_digest_reads_back_the_same(void **state)
{
	(void)state;
	struct fixture *fixtures[] = {fixture_rich(), fixture_quiet(),
				      fixture_long(40, "\"\\/\t<ü>日本", "n")};

	for (size_t i = 0; i < 3; i++) {
		assert_round_trip(fixture_document(fixtures[i], DETAIL_FULL));
		assert_round_trip(fixture_document(fixtures[i], DETAIL_SHORT));
		fixture_free(fixtures[i]);
	}
}

/* A small generator of its own: the same numbers everywhere. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static const char *random_text(struct arena *arena, uint32_t *seed)
{
	static const char *const pieces[] = {"",  "a",	 "\"", "\\", "é",  "日",
					     "😀", "<&>", "\n", "{}", "  ", "\x01"};

	return arena_printf(arena, "%s%s%s", pieces[next_random(seed) % 12],
			    pieces[next_random(seed) % 12], pieces[next_random(seed) % 12]);
}

static void add_random_block(struct arena *arena, struct document *document, uint32_t *seed)
{
	struct block *block =
	    document_add(arena, document, (enum block_kind)(next_random(seed) % BLOCK_KINDS));

	block->number = (int)(next_random(seed) % 3);
	block->mark =
	    block->kind == BLOCK_ENTRY ? (enum mark)(next_random(seed) % MARKS) : MARK_COLD;
	block->brief = next_random(seed) % 2 == 0;
	block->partner = random_text(arena, seed);
	block->title = random_text(arena, seed);
	block->link = next_random(seed) % 2 ? random_text(arena, seed) : NULL;
	block->title_rest = next_random(seed) % 2 ? random_text(arena, seed) : NULL;
	block->text = next_random(seed) % 2 ? random_text(arena, seed) : NULL;
	for (uint32_t i = next_random(seed) % 4; i > 0; i--) {
		struct line *line =
		    block_add_line(arena, block, next_random(seed) % 2 ? "Last" : NULL);

		for (uint32_t j = next_random(seed) % 3; j > 0; j--)
			line_add_run(arena, line, (enum run_style)(next_random(seed) % RUN_STYLES),
				     random_text(arena, seed));
	}
}

static void assert_same_text(const char *a, const char *b)
{
	assert_true((a == NULL) == (b == NULL));
	if (a != NULL)
		assert_string_equal(a, b);
}

static void assert_same_block(const struct block *a, const struct block *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->number, b->number);
	assert_int_equal(a->mark, b->mark);
	assert_int_equal(a->brief, b->brief);
	assert_same_text(a->partner, b->partner);
	assert_same_text(a->title, b->title);
	assert_same_text(a->link, b->link);
	assert_same_text(a->title_rest, b->title_rest);
	assert_same_text(a->text, b->text);
	assert_int_equal(a->line_count, b->line_count);
	for (size_t i = 0; i < a->line_count; i++) {
		assert_same_text(a->lines[i].label, b->lines[i].label);
		assert_int_equal(a->lines[i].run_count, b->lines[i].run_count);
		for (size_t j = 0; j < a->lines[i].run_count; j++) {
			assert_int_equal(a->lines[i].runs[j].style, b->lines[i].runs[j].style);
			assert_string_equal(a->lines[i].runs[j].text, b->lines[i].runs[j].text);
		}
	}
}

static void test_any_document_reads_back_the_same(void **state)
{
	(void)state;
	uint32_t seed = 20261123;

	print_message("seed %u\n", seed);
	for (int round = 0; round < 300; round++) {
		struct arena *arena = arena_new();
		struct document *again = NULL;
		struct document *document = document_new(
		    arena, (enum document_kind)(next_random(&seed) % DOCUMENT_KINDS), -5 + round);

		document->subject = random_text(arena, &seed);
		for (uint32_t i = next_random(&seed) % 8; i > 0; i--)
			add_random_block(arena, document, &seed);
		char *json = document_to_json(document);

		assert_int_equal(document_from_json(arena, json, &again, NULL), STATUS_OK);
		assert_int_equal(again->block_count, document->block_count);
		assert_same_text(again->subject, document->subject);
		for (size_t i = 0; i < document->block_count; i++)
			assert_same_block(&document->blocks[i], &again->blocks[i]);
		free(json);
		arena_free(arena);
	}
}

static void test_broken_stored_document_is_refused_with_a_reason(void **state)
{
	(void)state;
	static const char *const broken[] = {
	    "",
	    "[]",
	    "{",
	    "{\"kind\":\"poem\",\"at\":1,\"subject\":\"s\",\"blocks\":[]}",
	    "{\"kind\":\"digest\",\"subject\":\"s\",\"blocks\":[]}",
	    "{\"kind\":\"digest\",\"at\":1,\"blocks\":[]}",
	    "{\"kind\":\"digest\",\"at\":1,\"subject\":\"s\",\"blocks\":[{\"block\":\"entry\"}]}",
	    ("{\"kind\":\"digest\",\"at\":1,\"subject\":\"s\","
	     "\"blocks\":[{\"block\":\"more\",\"number\":-1}]}"),
	    "{\"kind\":\"digest\",\"at\":1,\"subject\":\"s\",\"blocks\":[3]}",
	    "{\"kind\":\"digest\",\"at\":1,\"subject\":\"a\\u0000b\",\"blocks\":[]}",
	    "{\"kind\":\"event\",\"at\":1,\"subject\":\"s\",\"blocks\":[]}",
	};
	struct arena *arena = arena_new();

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct document *document = NULL;
		struct error err = {""};

		assert_int_equal(document_from_json(arena, broken[i], &document, &err),
				 STATUS_INVALID);
		assert_null(document);
		assert_true(strlen(err.text) > 10);
	}
	arena_free(arena);
}

/* ---- what a digest says ---- */

static void assert_subject(size_t cold, size_t due, enum detail detail, const char *want)
{
	struct fixture *f = fixture_new();

	for (size_t i = 0; i < cold; i++)
		(void)fixture_add(f, LANE_COLD, "acme", "Acme");
	for (size_t i = 0; i < due; i++)
		(void)fixture_add(f, LANE_DUE, "borealis", "Borealis");
	assert_string_equal(fixture_document(f, detail)->subject, want);
	fixture_free(f);
}

static void test_subject_says_the_news(void **state)
{
	(void)state;
	assert_subject(1, 2, DETAIL_FULL, "Acme is cold; 2 due");
	assert_subject(1, 0, DETAIL_FULL, "Acme is cold");
	assert_subject(3, 2, DETAIL_FULL, "3 cold, 2 due");
	assert_subject(3, 0, DETAIL_FULL, "Acme and 2 more are cold");
	assert_subject(0, 1, DETAIL_FULL, "Borealis is due");
	assert_subject(0, 3, DETAIL_FULL, "Borealis and 2 more are due");
	assert_subject(1, 2, DETAIL_SHORT, "Maria: Acme is cold; 2 due");
	assert_subject(0, 0, DETAIL_FULL, "Nothing due; 58 partners on track");
}

static void assert_says(struct fixture *f, enum detail detail, const char *want)
{
	struct buf out = buf_make(1 << 20);

	text_render(fixture_document(f, detail), &out);
	if (strstr(buf_text(&out), want) == NULL)
		fail_msg("\"%s\" is not said in:\n%s", want, buf_text(&out));
	buf_free(&out);
}

static void test_greeting_follows_the_hour_and_counts(void **state)
{
	(void)state;
	struct fixture *f = fixture_new();

	(void)fixture_add(f, LANE_DUE, "a", "A");
	assert_says(f, DETAIL_FULL, "Good morning Maria. 1 needs you today.");
	f->words.local_hour = 12;
	assert_says(f, DETAIL_FULL, "Good afternoon Maria.");
	f->words.local_hour = 18;
	assert_says(f, DETAIL_FULL, "Good evening Maria.");
	f->words.local_hour = 2;
	f->owners[2].name = "Silva, Maria";
	assert_says(f, DETAIL_FULL, "Hello Silva, Maria.");
	fixture_free(f);
}

static void test_two_owners_with_one_first_name_are_told_apart(void **state)
{
	(void)state;
	struct fixture *f = fixture_rich();

	f->owners[0].name = "Jon Novak";
	assert_says(f, DETAIL_FULL, "by Jon Berg");
	fixture_free(f);
}

static void test_contact_without_owner_says_where_it_comes_from(void **state)
{
	(void)state;
	static const struct {
		struct contact contact;
		const char *want;
	} cases[] = {
	    {{.kind = CONTACT_OTHER, .source = "conf", .origin = "cadenced.conf:41"},
	     "Last: contact, Thu 1 Jan 1970, from cadenced.conf:41"},
	    {{.kind = CONTACT_CALL, .source = "command", .actor = "jon"},
	     "call, Thu 1 Jan 1970, logged by Jon"},
	    {{.kind = CONTACT_CALL, .by = "gone"}, "call, Thu 1 Jan 1970, by gone"},
	    {{.kind = CONTACT_CALL}, "call, Thu 1 Jan 1970\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture *f = fixture_new();

		fixture_last(fixture_add(f, LANE_DUE, "a", "A"), cases[i].contact);
		assert_says(f, DETAIL_FULL, cases[i].want);
		fixture_free(f);
	}
}

static void test_next_telling_falls_on_a_workday_at_least_four_days_ahead(void **state)
{
	(void)state;
	struct fixture *f = fixture_new();
	const struct day_range holiday = {fixture_day(2026, 11, 30), fixture_day(2026, 11, 30)};

	(void)fixture_add(f, LANE_COLD, "a", "A");
	assert_says(f, DETAIL_FULL, "Next: told again on Mon 30 Nov");
	f->owners[2].workdays.holidays = &holiday;
	f->owners[2].workdays.holiday_count = 1;
	assert_says(f, DETAIL_FULL, "Next: told again on Tue 1 Dec");
	fixture_free(f);
}

static void test_long_digest_shows_five_in_full_ten_as_lines_and_counts_the_rest(void **state)
{
	(void)state;
	struct fixture *f = fixture_long(38, "Acme", "a note");
	const struct document *document = fixture_document(f, DETAIL_FULL);
	size_t full = 0;

	for (size_t i = 0; i < document->block_count; i++)
		full += document->blocks[i].kind == BLOCK_ENTRY && !document->blocks[i].brief;
	assert_int_equal(full, 5);
	assert_int_equal(document_entries(document), 15);
	assert_says(f, DETAIL_FULL, "\nand 23 more: cadencectl due\n");
	assert_says(f, DETAIL_FULL, "\n6. Acme [partner6]: 14 days overdue, last call 3 Aug\n");
	fixture_free(f);
}

static void test_short_digest_has_no_notes_and_no_commands(void **state)
{
	(void)state;
	struct fixture *f = fixture_rich();
	struct buf out = buf_make(1 << 20);

	text_render(fixture_document(f, DETAIL_SHORT), &out);
	assert_null(strstr(buf_text(&out), "pricing"));
	assert_null(strstr(buf_text(&out), "Jana"));
	assert_null(strstr(buf_text(&out), "cadencectl"));
	buf_free(&out);
	fixture_free(f);
}

static void test_long_note_is_cut_between_characters(void **state)
{
	(void)state;
	struct fixture *f = fixture_new();
	const char *note = fixture_repeat(f->arena, "日", 2000);
	const char *want = arena_printf(f->arena, "%s…", fixture_repeat(f->arena, "日", 159));

	fixture_last(fixture_add(f, LANE_DUE, "a", "A"),
		     (struct contact){.kind = CONTACT_CALL, .note = note});
	const struct document *document = fixture_document(f, DETAIL_FULL);
	const struct block *entry = &document->blocks[2];

	assert_int_equal(entry->kind, BLOCK_ENTRY);
	assert_string_equal(entry->lines[1].runs[1].text, want);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_stored_digest_reads_back_the_same),
	    cmocka_unit_test(test_any_document_reads_back_the_same),
	    cmocka_unit_test(test_broken_stored_document_is_refused_with_a_reason),
	    cmocka_unit_test(test_subject_says_the_news),
	    cmocka_unit_test(test_greeting_follows_the_hour_and_counts),
	    cmocka_unit_test(test_two_owners_with_one_first_name_are_told_apart),
	    cmocka_unit_test(test_contact_without_owner_says_where_it_comes_from),
	    cmocka_unit_test(test_next_telling_falls_on_a_workday_at_least_four_days_ahead),
	    cmocka_unit_test(test_long_digest_shows_five_in_full_ten_as_lines_and_counts_the_rest),
	    cmocka_unit_test(test_short_digest_has_no_notes_and_no_commands),
	    cmocka_unit_test(test_long_note_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
