/* Names that try to be more than names, in every target, by what the target itself would make of
 * the bytes. */
#include "targets.h"

#define CRM_LINK "https://crm.example.com/p/acme"

/* ---- what a target reads as markup ---- */

static bool is_inner(const char *text, const char *c)
{
	return c > text && isalnum((unsigned char)c[-1]) && isalnum((unsigned char)c[1]);
}

/* The characters that mean something, in their order; what stands in code means nothing. */
static void add_marks(struct buf *marks, const char *text, enum syntax syntax)
{
	bool in_code = false;

	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '\\' && !in_code && ispunct((unsigned char)c[1])) {
			if (syntax != SYNTAX_BACKSLASH)
				buf_addc(marks, *c); /* an escape, where there should be none */
			c++;
			continue;
		}
		if (*c == '`')
			in_code = !in_code;
		else if (in_code)
			continue;
		if (strchr("*`~|", *c) != NULL || (*c == '_' && !is_inner(text, c)))
			buf_addc(marks, *c);
		if (*c == ']' && (c[1] == '(' || c[1] == '['))
			buf_add(marks, c, 2);
		if (syntax != SYNTAX_SLACK &&
		    ((*c == '<' && strncmp(c + 1, ZWSP, 3) != 0) ||
		     (*c == '&' && (isalpha((unsigned char)c[1]) || c[1] == '#'))))
			buf_add(marks, c, 2);
	}
	assert_false(in_code);
}

/* A line may begin neither a list nor a heading nor a quotation nor a block of code. */
static void assert_lines_begin_nothing(const char *text)
{
	if (strncmp(text, "#### ", 5) == 0) /* ours; within a heading nothing begins */
		text += strcspn(text, "\n");
	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		const size_t digits = strspn(line, "0123456789");

		if (*line == ' ' || *line == '>' || strncmp(line, "* ", 2) == 0)
			fail_msg("a line begins with \"%.20s\"", line);
		if (strchr("#-+=", *line) != NULL && *line != '\0')
			assert_int_equal(strncmp(line + 1, ZWSP, 3), 0);
		if (digits > 0 && (line[digits] == '.' || line[digits] == ')'))
			assert_int_equal(strncmp(line + digits + 1, ZWSP, 3), 0);
	}
}

struct skeleton {
	const struct target *target;
	bool plain;
	struct buf marks; /* all markup of a message, in its order */
};

static void add_skeleton(void *context, const char *path, const char *text)
{
	struct skeleton *skeleton = context;
	const enum syntax syntax = syntax_of(skeleton->target, path, skeleton->plain);

	if (is_ours(path))
		return;
	buf_addf(&skeleton->marks, "%s:", path);
	if (syntax == SYNTAX_HTML || syntax == SYNTAX_SLACK)
		add_tags(&skeleton->marks, text);
	if (syntax != SYNTAX_HTML && syntax != SYNTAX_NONE)
		add_marks(&skeleton->marks, text, syntax);
	if (syntax == SYNTAX_BACKSLASH || syntax == SYNTAX_SHAPES)
		assert_lines_begin_nothing(text);
	for (const char *c = text; *c != '\0'; c++) {
		assert_true(((unsigned char)*c >= 0x20 && *c != 0x7f) || *c == '\n');
		if (*c == '\n')
			buf_addc(&skeleton->marks, '\n');
	}
}

static char *skeleton_of(const struct target *target, const struct document *document, bool plain)
{
	struct skeleton skeleton = {target, plain, buf_make(SIZE_MAX)};
	json_t *body = target_read(target, document, plain);

	visit_texts(body, "", add_skeleton, &skeleton);
	json_decref(body);
	return buf_take(&skeleton.marks);
}

/* ---- a document with somebody's words wherever words can stand ---- */

static struct document *worded(struct arena *arena, const char *words, const char *code)
{
	struct document *document = document_new(arena, DOCUMENT_DIGEST, 0);

	document->subject = words;
	for (int brief = 0; brief < 2; brief++) {
		struct block *entry = document_add(arena, document, BLOCK_ENTRY);

		entry->partner = "acme";
		entry->number = 1 - brief;
		entry->brief = brief;
		entry->title = words;
		entry->title_rest = arena_printf(arena, ", %s", words);
		entry->link = CRM_LINK;
		line_add_run(arena, block_add_line(arena, entry, NULL), RUN_PLAIN, words);
		struct line *line = block_add_line(arena, entry, "Last");

		line_add_run(arena, line, RUN_PLAIN, arena_printf(arena, "%s: ", words));
		line_add_run(arena, line, RUN_QUOTE, words);
		line_add_run(arena, line, RUN_STRONG, words);
		line_add_run(arena, line, RUN_CODE, code);
	}
	return document;
}

/* The same, and words that begin a line. */
static struct document *lined(struct arena *arena, const char *words)
{
	static const enum block_kind kinds[] = {BLOCK_GREETING, BLOCK_LANE, BLOCK_PARAGRAPH,
						BLOCK_FOOTNOTE, BLOCK_COMMANDS};
	struct document *document = document_new(arena, DOCUMENT_DIGEST, 0);

	document->subject = "S";
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		document_add_text(arena, document, kinds[i], words);
	struct block *footer = document_add(arena, document, BLOCK_FOOTER);

	for (int i = 0; i < 2; i++)
		line_add_run(arena, block_add_line(arena, footer, NULL), RUN_PLAIN, words);
	return document;
}

static const struct {
	const char *words;
	const char *banned; /* what may not be read anywhere but in code */
} hostile[] = {
    {"@channel", "@channel"},
    {"x @here y", "@here"},
    {"x@here", "@here"},
    {"x@here.example", "@here"},
    {"@everyone", "@everyone"},
    {"x@everyone.example", "@everyone"},
    {"@room", "@room"},
    {"(@all)", "@all"},
    {"<!here>", "<!here"},
    {"<!channel|x>", "<!channel"},
    {"<@U123>", "<@U"},
    {"<@123456>", "<@1"},
    {"<@&123456>", "<@&"},
    {"<#123456>", "<#"},
    {"<#C123|general>", "<#C"},
    {"<users/all>", "<users"},
    {"@**all**", "@**"},
    {"@_**Ada**", "@_**"},
    {"@*team*", "@*"},
    {"#**general**", "#**"},
    {"<time:2026-11-23>", "<time"},
    {"<at>Ada</at>", "<at"},
    {"<mention>", "<mention"},
    {"@user:example.org", "@user"},
    {"#room:example.org", "#room"},
    {"!abc:example.org", "abc:example"},
    {"#sales", "#sales"},
    {"~town-square", "~town"},
    {"/start", "/start"},
    {"x /poll y", "/poll"},
    {"$AAPL", "$AAPL"},
    {"$$x^2$$", "$$"},
    {":smile:", ":smile"},
    {":100:", ":100"},
    {"<:x:123>", "<:x"},
    {"https://evil.example/x", "https://evil"},
    {"HTTPS://evil.example", "HTTPS://evil"},
    {"ftp://evil.example", "ftp://"},
    {"//evil.example", "evil.example"},
    {"//evil", "//evil"},
    {"www.evil.example", "www.evil"},
    {"evil.example", "evil.example"},
    {"evil.рф", "evil.рф"},
    {"x@y.example/evil", "y.example/evil"},
    {"javascript:alert(1)", "javascript:a"},
    {"mailto:x@y.example", "mailto:x"},
    {"tel:+4912345", "tel:+"},
    {"[x](https://evil.example)", "](https://evil"},
    {"[x](//evil)", "](//evil"},
    {"![x](data:image)", "](data"},
    {"[x]: /evil", "]: /evil"},
    {"[x][y]", "x]["},
    {"<https://evil.example|x>", "<https://evil"},
    {"<a href=\"https://evil.example\">x</a>", "<a href=\"https://evil"},
    {"<script>alert(1)</script>", "<script"},
    {"<b>x</b></strong></code></a>", "</b></strong>"},
    {"&lt;!here&gt;", "<!here"},
    {"&#60;b&#62;", "&#60"},
    {"*b* _i_ ~s~ **b** __u__ ~~s~~ ||p||", "*b*"},
    {"`c` ``c`` ```c```", "`c`"},
    {"\\*b\\* \\`c\\` \\[x\\](y)", "](y"},
    {"\\", "\\\n"},
    {"x\\", "x\\**"},
    {"x*", "x***"},
    {"x]", "x](y"},
    {"](https://evil.example) x", "](https://evil"},
    {"x](https://evil.example) [y", "](https://evil"},
    {"\"}],\"text\":\"<!here>\",\"x\":[{\"", "<!here"},
    {"\r\n\r\nX-Header: 1", "\r"},
    {"a\nb\n\n# c", "\n# c"},
    {"a\x1b[31mb\x7f", "\x1b"},
    {"&topic=evil&to=evil", "\r"},
    {"%26to%3Devil", "&to"},
    {"\xff\xfe<b>", "\xff"},
    {"# x", "\n# "},
    {"###### x", "\n####"},
    {"- x", "\n- "},
    {"+ x", "\n+ "},
    {"1. x", "\n1. "},
    {"23) x", "\n23) "},
    {"> x", "\n> "},
    {">>> x", "\n>>> "},
    {"-# x", "\n-# "},
    {"---", "\n---\n"},
    {"===", "\n===\n"},
    {"    x", "\n    x"},
    {"| a | b |", "\n| a | b"},
};
#define HOSTILE_COUNT (sizeof(hostile) / sizeof(hostile[0]))

struct ban {
	const struct target *target;
	bool plain;
	const char *banned;
};

static void assert_not_banned(void *context, const char *path, const char *text)
{
	const struct ban *ban = context;
	const bool is_markup = strpbrk(ban->banned, "<&*`[]\\|\n") != NULL;

	const char *at = strstr(text, ban->banned);

	while (at != NULL && at > text && at[-1] == '\\' &&
	       syntax_of(ban->target, path, ban->plain) == SYNTAX_BACKSLASH)
		at = strstr(at + 1, ban->banned); /* escaped */
	if (is_ours(path) || at == NULL)
		return;
	const enum syntax syntax = syntax_of(ban->target, path, ban->plain);

	/* Where no markup is read, or another, markup is only words. */
	if (!is_markup ||
	    (syntax == SYNTAX_HTML ? strchr(ban->banned, '<') != NULL : syntax != SYNTAX_NONE))
		fail_msg("%s reads %s in %s: %s", ban->target->name, ban->banned, path, text);
}

static void test_hostile_words_add_no_markup_in_any_target(void **state)
{
	(void)state;
	for (size_t i = 0; i < TARGETS * 2; i++) {
		struct arena *arena = arena_new();
		const struct target *target = &targets[i / 2];
		const bool plain = i % 2;
		char *want = skeleton_of(target, worded(arena, "harmless", "code"), plain);

		for (size_t h = 0; h < HOSTILE_COUNT; h++) {
			char *got =
			    skeleton_of(target, worded(arena, hostile[h].words, "code"), plain);

			if (strcmp(got, want) != 0)
				fail_msg("%s%s: \"%s\" changes\n%s\nto\n%s", target->name,
					 plain ? " plain" : "", hostile[h].words, want, got);
			free(got);
		}
		free(want);
		arena_free(arena);
	}
}

static void test_hostile_words_are_no_mention_link_or_command_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < TARGETS * 2; i++) {
		for (size_t h = 0; h < HOSTILE_COUNT; h++) {
			struct arena *arena = arena_new();
			json_t *body = target_read(&targets[i / 2],
						   worded(arena, hostile[h].words, "code"), i % 2);

			visit_texts(body, "", assert_not_banned,
				    &(struct ban){&targets[i / 2], i % 2, hostile[h].banned});
			json_decref(body);
			arena_free(arena);
		}
	}
}

static void test_hostile_words_begin_no_list_heading_or_quotation(void **state)
{
	(void)state;
	for (size_t i = 0; i < TARGETS * 2; i++) {
		struct arena *arena = arena_new();
		const bool plain = i % 2;
		char *want = skeleton_of(&targets[i / 2], lined(arena, "harmless"), plain);

		for (size_t h = 0; h < HOSTILE_COUNT; h++) {
			char *got =
			    skeleton_of(&targets[i / 2], lined(arena, hostile[h].words), plain);

			if (strcmp(got, want) != 0)
				fail_msg("%s: \"%s\" changes\n%s\nto\n%s", targets[i / 2].name,
					 hostile[h].words, want, got);
			free(got);
		}
		free(want);
		arena_free(arena);
	}
}

static void test_hostile_code_does_not_end_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < TARGETS * 2; i++) {
		struct arena *arena = arena_new();
		const bool plain = i % 2;
		char *want = skeleton_of(&targets[i / 2], worded(arena, "w", "code"), plain);

		for (size_t h = 0; h < HOSTILE_COUNT; h++) {
			char *got = skeleton_of(&targets[i / 2],
						worded(arena, "w", hostile[h].words), plain);

			if (strcmp(got, want) != 0)
				fail_msg("%s: \"%s\" changes\n%s\nto\n%s", targets[i / 2].name,
					 hostile[h].words, want, got);
			free(got);
		}
		free(want);
		arena_free(arena);
	}
}

static void find_words(void *context, const char *path, const char *text)
{
	const char **words = context;

	(void)path;
	if (*words != NULL && strstr(text, *words) != NULL)
		*words = NULL;
}

static void test_ordinary_words_stay_as_they_are(void **state)
{
	(void)state;
	static const char *const ordinary[] = {
	    "Wrong or too much? ops@example.com",
	    "(jon.berg+crm@mail.example.com).",
	    "08:30, 3.5 hours, 50% of C# (and F)",
	    "R. Brandt, Acme GmbH: \"yes!\"",
	    "smtp 550 5.1.1 no such user here",
	    "Łódź, 東京, Ελλάδα, O'Neill",
	    "and/or 24/7",
	    "delta2_nord3",
	};

	for (size_t i = 0; i < TARGETS * 2; i++) {
		for (size_t w = 0; w < sizeof(ordinary) / sizeof(ordinary[0]); w++) {
			struct arena *arena = arena_new();
			struct document *document = document_new(arena, DOCUMENT_QUIET, 0);
			const char *missing = ordinary[w];

			document_add_text(arena, document, BLOCK_PARAGRAPH, ordinary[w]);
			json_t *body = target_read(&targets[i / 2], document, i % 2);

			visit_texts(body, "", find_words, &missing);
			if (missing != NULL)
				fail_msg("%s spoils %s", targets[i / 2].name, missing);
			json_decref(body);
			arena_free(arena);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hostile_words_add_no_markup_in_any_target),
	    cmocka_unit_test(test_hostile_words_are_no_mention_link_or_command_anywhere),
	    cmocka_unit_test(test_hostile_words_begin_no_list_heading_or_quotation),
	    cmocka_unit_test(test_hostile_code_does_not_end_itself),
	    cmocka_unit_test(test_ordinary_words_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
