/* Completion: what may stand for the last word, found from the words of the verb's own line in the
 * table. Ids are asked from the daemon. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/contact.h"
#include "core/standing.h"
#include "ctl/verbs.h"

#define COUNT(a)      (sizeof(a) / sizeof((a)[0]))
#define PATIENCE_MS   1000
#define WORDS_MAX     8	 /* of a form that stand alone */
#define FORMS_MAX     32 /* of a verb */
#define OPTIONS_MAX   16
#define WORD_MAX_SIZE 64
#define FILE_MARK     "FILE:"
#define DAY_WORDS                                                                                  \
	"today, tomorrow, yesterday, monday, tuesday, wednesday, thursday, friday, saturday, "     \
	"sunday"

/* One way to say the verb: the words that stand alone, in their order. */
struct form {
	char words[WORDS_MAX][WORD_MAX_SIZE];
	size_t count;
};

struct grammar {
	struct form forms[FORMS_MAX];
	size_t form_count;
	struct {
		char name[WORD_MAX_SIZE];
		char value[WORD_MAX_SIZE]; /* "" for a flag */
	} options[OPTIONS_MAX];
	size_t option_count;
};

struct completion {
	struct ctl ctl;
	const struct verb *verb; /* NULL: not said yet */
	const char *start;	 /* of the word to complete */
};

/* ---- from the words of a verb to its forms ---- */

/* Bytes up to the next " | " that stands in no brackets, or to the end. */
static size_t alternative_length(const char *words)
{
	size_t len = 0;
	int depth = 0;

	for (; words[len] && (depth > 0 || strncmp(words + len, " | ", 3) != 0); len++)
		depth += (words[len] == '[' || words[len] == '(') -
			 (words[len] == ']' || words[len] == ')');
	return len;
}

static void note_option(struct grammar *grammar, const char *words, size_t len)
{
	const size_t name = strcspn(words, " ]");
	const size_t value = name < len ? len - name - 1 : 0;

	for (size_t i = 0; i < grammar->option_count; i++)
		if (strncmp(grammar->options[i].name, words, name) == 0 &&
		    !grammar->options[i].name[name])
			return;
	if (grammar->option_count == OPTIONS_MAX)
		return;
	snprintf(grammar->options[grammar->option_count].name, WORD_MAX_SIZE, "%.*s", (int)name,
		 words);
	snprintf(grammar->options[grammar->option_count].value, WORD_MAX_SIZE, "%.*s", (int)value,
		 words + name + 1);
	grammar->option_count++;
}

static void add_forms(struct grammar *grammar, const struct form *so_far, const char *words);

/* Each alternative of a group, with what comes behind it. */
static void add_group(struct grammar *grammar, const struct form *so_far, const char *inner,
		      size_t inner_len, const char *rest)
{
	char *text = mem_strndup(inner, inner_len);

	for (const char *at = text; *at;) {
		const size_t len = alternative_length(at);
		char *whole = mem_printf("%.*s %s", (int)len, at, rest);

		add_forms(grammar, so_far, whole);
		free(whole);
		at += len + (at[len] ? strlen(" | ") : 0);
	}
	free(text);
}

static void add_alternative(struct grammar *grammar, const struct form *so_far, const char *words)
{
	struct form form = *so_far;
	size_t len;

	words += strspn(words, " ");
	len = verb_piece_length(words);
	if (len == 0) {
		if (grammar->form_count < FORMS_MAX)
			grammar->forms[grammar->form_count++] = form;
	} else if (words[0] == '[' && words[1] == '-') {
		note_option(grammar, words + 1, len - 2);
		add_forms(grammar, so_far, words + len);
	} else if (words[0] == '[' || words[0] == '(') {
		if (words[0] == '[')
			add_forms(grammar, so_far, words + len);
		add_group(grammar, so_far, words + 1, len - 2, words + len);
	} else if (form.count < WORDS_MAX) {
		snprintf(form.words[form.count++], WORD_MAX_SIZE, "%.*s", (int)len, words);
		add_forms(grammar, &form, words + len);
	}
}

static void add_forms(struct grammar *grammar, const struct form *so_far, const char *words)
{
	const size_t len = alternative_length(words);
	char *first = mem_strndup(words, len);

	add_alternative(grammar, so_far, first);
	free(first);
	if (words[len])
		add_forms(grammar, so_far, words + len + strlen(" | "));
}

/* ---- what a word may be ---- */

static void offer(const struct completion *completion, const char *word, size_t len)
{
	if (len >= strlen(completion->start) &&
	    strncmp(word, completion->start, strlen(completion->start)) == 0)
		printf("%.*s\n", (int)len, word);
}

/* Words with a separator between them. */
static void offer_words(const struct completion *completion, const char *words,
			const char *separator)
{
	while (*words) {
		const char *end = strstr(words, separator);
		const size_t len = end ? (size_t)(end - words) : strlen(words);

		offer(completion, words, len);
		words += len + (end ? strlen(separator) : 0);
	}
}

static void offer_ids(const struct completion *completion, const char *of)
{
	char *start = client_escape(completion->start);
	char *path = mem_printf("ids?of=%s&start=%s", of, start);
	json_t *answer = NULL, *id;
	size_t i;

	if (client_json(&completion->ctl, "GET", path, NULL, &answer) == DONE)
		json_array_foreach(json_object_get(answer, "ids"), i, id)
		    offer(completion, json_string_value(id), json_string_length(id));
	json_decref(answer);
	free(path);
	free(start);
}

/* What stands for a word in capitals. */
static void offer_meaning(const struct completion *completion, const char *capitals)
{
	static const struct {
		const char *capitals, *ids, *words;
	} meanings[] = {
	    {"PARTNER", "partners", NULL},    {"OWNER", "owners", NULL},
	    {"CADENCE", "cadences", NULL},    {"CHANNEL", "channels", NULL},
	    {"DELIVERY", "deliveries", NULL}, {"DAY", NULL, DAY_WORDS},
	    {"FIRST-DAY", NULL, DAY_WORDS},   {"LAST-DAY", NULL, DAY_WORDS},
	    {"FILE", NULL, FILE_MARK},	      {"FILE.csv", NULL, FILE_MARK},
	};

	if (strcmp(capitals, "KIND") == 0)
		offer_words(completion, contact_kind_names(), " ");
	else if (strcmp(capitals, "STATE") == 0)
		offer_words(completion, standing_names(), ", ");
	for (size_t i = 0; i < COUNT(meanings); i++) {
		if (strcmp(capitals, meanings[i].capitals) != 0)
			continue;
		if (!meanings[i].ids && strcmp(meanings[i].words, FILE_MARK) == 0)
			puts(FILE_MARK);
		else if (!meanings[i].ids)
			offer_words(completion, meanings[i].words, ", ");
		else if (completion->verb->run == verb_restore)
			offer_ids(completion, "archived");
		else
			offer_ids(completion, meanings[i].ids);
	}
}

static bool is_capital(const char *word)
{
	return *word >= 'A' && *word <= 'Z';
}

static void offer_value(const struct completion *completion, const char *value)
{
	if (is_capital(value))
		offer_meaning(completion, value);
	else
		offer_words(completion, value, "|");
}

/* ---- where the words have got to ---- */

static bool is_one_of(const char *words, const char *word)
{
	const size_t len = strlen(word);

	for (const char *at = words; at; at = strchr(at, '|')) {
		at += *at == '|';
		if (strncmp(at, word, len) == 0 && (at[len] == '|' || !at[len]))
			return true;
	}
	return false;
}

static bool form_begins(const struct form *form, size_t count, char **words)
{
	if (form->count <= count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!is_capital(form->words[i]) && !is_one_of(form->words[i], words[i]))
			return false;
	return true;
}

/* What may come behind these words that stand alone; said once. */
static void offer_next(const struct completion *completion, const struct grammar *grammar,
		       size_t count, char **words)
{
	for (size_t i = 0; i < grammar->form_count; i++) {
		const struct form *form = &grammar->forms[i];
		bool said = false;

		if (!form_begins(form, count, words))
			continue;
		for (size_t j = 0; j < i && !said; j++)
			said = form_begins(&grammar->forms[j], count, words) &&
			       strcmp(grammar->forms[j].words[count], form->words[count]) == 0;
		if (!said)
			offer_value(completion, form->words[count]);
	}
}

/* The value that an option takes; NULL when the word is no option, or a flag. */
static const char *value_of(const struct grammar *grammar, const char *word)
{
	for (size_t i = 0; i < grammar->option_count; i++)
		if (grammar->options[i].value[0] && strcmp(grammar->options[i].name, word) == 0)
			return grammar->options[i].value;
	return NULL;
}

static void offer_options(const struct completion *completion, const struct grammar *grammar)
{
	for (size_t i = 0; i < grammar->option_count; i++)
		offer(completion, grammar->options[i].name, strlen(grammar->options[i].name));
	offer(completion, "--help", strlen("--help"));
}

/* words: those behind the verb, without the one to complete. */
static void offer_behind_verb(const struct completion *completion, size_t count, char **words)
{
	const struct form nothing = {.count = 0};
	struct grammar *grammar = mem_alloc(1, sizeof(*grammar));
	const char *value = NULL;
	size_t alone = 0;

	add_forms(grammar, &nothing, completion->verb->words);
	for (size_t i = 0; i < count; i++) {
		if (value)
			value = NULL;
		else if (words[i][0] == '-' && words[i][1])
			value = value_of(grammar, words[i]);
		else
			words[alone++] = words[i];
	}
	if (!value && completion->start[0] == '-')
		offer_options(completion, grammar);
	if (value)
		offer_value(completion, value);
	else
		offer_next(completion, grammar, alone, words);
	free(grammar);
}

static void offer_verbs(const struct completion *completion)
{
	static const char *const options[] = {"--json", "--socket", "--help", "--version"};

	for (size_t i = 0; i < ctl_verb_count && completion->start[0] != '-'; i++)
		offer(completion, ctl_verbs[i].name, strlen(ctl_verbs[i].name));
	for (size_t i = 0; i < COUNT(options) && completion->start[0] == '-'; i++)
		offer(completion, options[i], strlen(options[i]));
}

/* Takes what stands for every verb out of the words; returns how many are left. */
static size_t take_global(struct completion *completion, int argc, char **argv, bool *ret_socket)
{
	size_t count = 0;

	*ret_socket = false;
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			continue;
		if (strcmp(argv[i], "--socket") != 0)
			argv[count++] = argv[i];
		else if (i + 1 < argc)
			completion->ctl.socket = argv[++i];
		else
			*ret_socket = true;
	}
	return count;
}

void complete_print(const struct ctl *ctl, int argc, char **argv)
{
	struct completion completion = {.ctl = *ctl, .start = argc > 0 ? argv[argc - 1] : ""};
	bool wants_socket, wants_verb;
	const size_t count = take_global(&completion, argc - (argc > 0), argv, &wants_socket);

	wants_verb = count == 0 || (count == 1 && strcmp(argv[0], "help") == 0);
	completion.ctl.timeout_ms = PATIENCE_MS;
	for (size_t i = 0; i < ctl_verb_count && count > 0; i++)
		if (strcmp(ctl_verbs[i].name, argv[0]) == 0)
			completion.verb = &ctl_verbs[i];
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (wants_socket)
		puts(FILE_MARK);
	else if (completion.verb)
		offer_behind_verb(&completion, count - 1, argv + 1);
	else if (wants_verb)
		offer_verbs(&completion);
	curl_global_cleanup();
}
