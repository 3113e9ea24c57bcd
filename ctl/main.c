/* cadencectl: the command line of cadenced. Finds the verb and hands it the rest of the words. */
#include <curl/curl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ctl/complain.h"
#include "ctl/verbs.h"

#define VERSION	     "0.1.0"
#define SOCKET	     "/run/cadenced/control.sock"
#define HELP_COLUMNS 80
#define HELP_INDENT  6

/* What the user is about, for hints. */
static const char *verb_in_use;

int usage(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abort();
	va_end(args);
	/* What is wrong with an option was said: what the verb takes is no second reason. */
	if (!complaint_made())
		complain("%s", text);
	fprintf(stderr, "Try 'cadencectl %s%s--help'.\n", verb_in_use ? verb_in_use : "",
		verb_in_use ? " " : "");
	free(text);
	return USAGE;
}

/* ---- help ---- */

/* Goes on with a text in a line that is `used` columns long; later lines begin with `indent`
 * spaces.
 */
static void print_wrapped(const char *text, size_t used, size_t indent)
{
	while (*text) {
		const size_t len = verb_piece_length(text);
		char *piece = mem_strndup(text, len);
		const size_t columns = text_columns(piece);
		const bool fits = used + 1 + columns <= HELP_COLUMNS;

		if (!fits)
			printf("\n%*s", (int)indent, "");
		else if (used > 0)
			putchar(' ');
		fputs(piece, stdout);
		used = (fits ? used + (used > 0) : indent) + columns;
		text += len + (text[len] == ' ');
		free(piece);
	}
	putchar('\n');
}

static const char day_help[] =
    "DAY is 2026-11-03, today, yesterday, tomorrow, monday, 3d, 2w or 7dec. The last four "
    "lean ahead, on a Monday to the next one; for log and simulate --from they lean back, and "
    "monday is "
    "today then. 2 weeks is 2w too; where they lean back, 2 weeks ago is.";

static const char kind_help[] = "KIND is meeting, call, event, email, message or other.";

static void help(void)
{
	puts("Usage: cadencectl [--json] [--socket PATH] VERB [WORDS]\n");
	for (size_t i = 0; i < ctl_verb_count; i++) {
		printf("  %s", ctl_verbs[i].name);
		print_wrapped(ctl_verbs[i].words, 2 + strlen(ctl_verbs[i].name), HELP_INDENT + 2);
		printf("%*s", HELP_INDENT - 1, "");
		print_wrapped(ctl_verbs[i].help, HELP_INDENT - 1, HELP_INDENT);
	}
	putchar('\n');
	print_wrapped(day_help, 0, 0);
	puts(kind_help);
	puts(
	    "More of a verb: 'cadencectl help VERB'. Behind -- there are no options.\n"
	    "The socket is --socket, $CADENCED_SOCKET or " SOCKET ".\n"
	    "Exit status: 0 done, 1 failed, 64 wrong usage, 69 cadenced does not answer,\n75 "
	    "receive: keep the mail and try again, 78 wrong configuration. With --json the\nreason "
	    "of a failure is JSON on standard output too.");
}

static void print_examples(const struct verb *verb)
{
	for (size_t i = 0; i < VERB_EXAMPLES_MAX && verb->examples[i]; i++)
		printf("%s  cadencectl %s\n", i == 0 ? "\n" : "", verb->examples[i]);
}

static void help_of(const struct verb *verb)
{
	static const char start[] = "Usage: cadencectl";

	printf("%s %s", start, verb->name);
	print_wrapped(verb->words, sizeof(start) + strlen(verb->name), HELP_INDENT);
	print_wrapped(verb->help, 0, 0);
	if (verb->more)
		print_wrapped(verb->more, 0, 0);
	if (strstr(verb->words, "KIND"))
		puts(kind_help);
	if (strstr(verb->words, "DAY"))
		print_wrapped(day_help, 0, 0);
	print_examples(verb);
}

/* ---- words ---- */

int take_options(int argc, char **argv, const struct ctl_option *options, size_t count)
{
	bool ended = false;
	int kept = 0;

	for (int i = 0; i < argc; i++) {
		size_t o = ended ? count : 0;

		if (!ended && strcmp(argv[i], "--") == 0) {
			ended = true;
			continue;
		}
		while (o < count && strcmp(argv[i], options[o].name) != 0)
			o++;
		if (o == count && !ended && strncmp(argv[i], "--", 2) == 0) {
			complain("there is no option %s here", argv[i]);
			return -1;
		}
		if (o == count) {
			argv[kept++] = argv[i];
		} else if (options[o].flag) {
			*options[o].flag = true;
		} else if (++i < argc) {
			*options[o].value = argv[i];
		} else {
			complain("%s needs a word after it", options[o].name);
			return -1;
		}
	}
	return kept;
}

/* What people look for that has another name here. */
static const char *other_name(const char *word)
{
	static const char *const names[][2] = {
	    {"undo",
	     "unlog takes a contact back, on ends snooze and off, unplan a meeting, restore "
	     "brings a partner back"},
	    {"unsnooze", "on ends snooze and off"},
	    {"unack", "an ack ends with the next contact; log it, or decide"},
	    {"absent", "did you mean away?"},
	    {"sync", "did you mean reload?"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(word, names[i][0]) == 0)
			return names[i][1];
	return NULL;
}

static int unknown_verb(const char *word)
{
	const char *other = other_name(word);
	const char **names = mem_alloc(ctl_verb_count, sizeof(*names));
	int nearest;

	for (size_t i = 0; i < ctl_verb_count; i++)
		names[i] = ctl_verbs[i].name;
	nearest = text_nearest(word, names, ctl_verb_count);
	if (other)
		complain("no verb \"%s\"; %s", word, other);
	else if (nearest >= 0)
		complain("no verb \"%s\"; did you mean %s?", word, names[nearest]);
	else
		complain("no verb \"%s\"; try 'cadencectl --help'", word);
	free(names);
	return USAGE;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

/* Their words name files, which may be any bytes, and do not go to the daemon. */
static bool takes_files(verb_function *verb)
{
	return verb == verb_import || verb == verb_export || verb == verb_backup ||
	       verb == verb_simulate;
}

/* What is sent to the daemon is JSON, which has no place for other bytes than UTF-8. The fault is
 * said without them. */
static bool check_words(int argc, char **argv)
{
	char scratch[TEXT_FAULT_SIZE];

	for (int i = 1; i < argc; i++) {
		json_t *word = json_string(argv[i]);

		json_decref(word);
		if (word)
			continue;
		complain("word %d after %s %s; is the terminal set to UTF-8?", i, argv[0],
			 text_check(argv[i], strlen(argv[i]), TEXT_NOTE, 0, SIZE_MAX, scratch));
		return false;
	}
	return true;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ctl_verb_count; i++)
		if (strcmp(name, ctl_verbs[i].name) == 0)
			return &ctl_verbs[i];
	return NULL;
}

/* A verb without options has no use for a -- either: the words behind it are its words. */
static int drop_dashes(const struct verb *verb, int argc, char **argv)
{
	int kept = 0;
	bool dropped = strstr(verb->words, "--") != NULL;

	for (int i = 0; i < argc; i++) {
		if (!dropped && strcmp(argv[i], "--") == 0)
			dropped = true;
		else
			argv[kept++] = argv[i];
	}
	return kept;
}

static int run_verb(const struct ctl *ctl, int argc, char **argv)
{
	const struct verb *verb = find_verb(argv[0]);

	if (!verb)
		return unknown_verb(argv[0]);
	verb_in_use = verb->name;
	if (asks_for_help(argc, argv)) {
		help_of(verb);
		return DONE;
	}
	if (!takes_files(verb->run) && !check_words(argc, argv))
		return USAGE;
	argc = drop_dashes(verb, argc, argv);
	return verb->run(ctl, argc - 1, argv + 1);
}

/* help, and help VERB */
static int give_help(int argc, char **argv)
{
	const bool about = argc > 1 && strcmp(argv[1], "help") != 0;
	const struct verb *verb = about ? find_verb(argv[1]) : NULL;

	if (about && !verb)
		return unknown_verb(argv[1]);
	if (verb)
		help_of(verb);
	else
		help();
	return DONE;
}

/* What was printed counts when it arrived. */
static int close_output(const struct ctl *ctl, int result)
{
	json_t *complaint = complaint_take();
	bool lost;

	if (complaint && ctl->json) {
		json_t *answer = json_pack("{s:O}", "error", complaint);

		client_print(answer);
		json_decref(answer);
	}
	json_decref(complaint);
	lost = ferror(stdout) != 0;
	lost = fclose(stdout) != 0 || lost;
	if (!lost || result != DONE)
		return result;
	complain("standard output: not all of it could be written");
	json_decref(complaint_take());
	return FAILED;
}

int main(int argc, char **argv)
{
	const char *from_environment = getenv("CADENCED_SOCKET");
	struct ctl ctl = {.socket = from_environment ? from_environment : SOCKET};
	char **words = malloc(((size_t)argc + 1) * sizeof(*words));
	bool ended = false; /* options: behind -- there are none */
	int count = 0, result;

	if (!words)
		return FAILED;
	if (argc > 1 && strcmp(argv[1], "--complete") == 0) {
		complete_print(&ctl, argc - 2, argv + 2);
		free(words);
		return DONE;
	}
	for (int i = 1; i < argc; i++) {
		ended |= strcmp(argv[i], "--") == 0;
		if (ended)
			words[count++] = argv[i];
		else if (strcmp(argv[i], "--json") == 0)
			ctl.json = true;
		else if (strcmp(argv[i], "--socket") == 0 && i + 1 < argc)
			ctl.socket = argv[++i];
		else
			words[count++] = argv[i];
	}
	if (count == 0) {
		result = usage("say what to do");
	} else if (strcmp(words[0], "--help") == 0 || strcmp(words[0], "help") == 0) {
		result = give_help(count, words);
	} else if (strcmp(words[0], "--print-manual") == 0) {
		manual_print();
		result = DONE;
	} else if (strcmp(words[0], "--version") == 0) {
		puts("cadencectl " VERSION);
		result = DONE;
	} else {
		curl_global_init(CURL_GLOBAL_DEFAULT);
		result = run_verb(&ctl, count, words);
		curl_global_cleanup();
	}
	free(words);
	return close_output(&ctl, result);
}
