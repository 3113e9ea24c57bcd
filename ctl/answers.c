/* Answering and tending: log, unlog, snooze, preview, outbox, test. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "ctl/portrait.h"
#include "ctl/table.h"
#include "ctl/verbs.h"

#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))
#define TEST_POLL_MS 200
#define TEST_WAIT_S  60

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void set_text(json_t *o, const char *key, const char *value)
{
	if (value)
		json_object_set_new(o, key, json_string(value));
}

char *join_words(int argc, char **argv)
{
	struct buf buf = buf_make(1 << 20);

	if (argc == 0)
		return NULL;
	for (int i = 0; i < argc; i++)
		buf_addf(&buf, "%s%s", i ? " " : "", argv[i]);
	return buf_take(&buf);
}

const char *take_day(int argc, char **argv, bool past, int *at, char joined[DAYWORD_SIZE])
{
	const char *found = joined;
	int words;

	if (*at >= argc)
		return NULL;
	words = dayword_join(argc - *at, (const char *const *)argv + *at, past, joined);
	if (words == 0 && dayword_is_day(argv[*at])) {
		found = argv[*at];
		words = 1;
	}
	*at += words;
	return words > 0 ? found : NULL;
}

int post_to_partner(const struct ctl *ctl, const char *id, const char *what, json_t *body,
		    json_t **ret)
{
	char *escaped = client_escape(id);
	char *path = mem_printf("partners/%s/%s", escaped, what);
	const int result = client_json(ctl, "POST", path, body, ret);

	free(path);
	free(escaped);
	return result;
}

static void say_logged(const json_t *answer, const char *kind)
{
	const char *result = text(answer, "result");
	const char *id = text(answer, "id");
	char *due = portrait_due(answer), day_text[32];

	printf("%s: %s on %s %s (contact %lld). ", id, kind,
	       say_day(text(answer, "contact_day"), text(answer, "today"), day_text),
	       strcmp(result, "same") == 0	? "was logged already, and stays as it was"
	       : strcmp(result, "changed") == 0 ? "was logged already, and what is new is added"
						: "logged",
	       (long long)json_integer_value(json_object_get(answer, "contact")));
	if (text(answer, "archived"))
		printf("It is archived, and nobody hears of it; 'cadencectl restore %s' brings it "
		       "back.\n",
		       id);
	else
		printf("Now %s, %s.\n", text(answer, "standing"), due);
	free(due);
}

int verb_log(const struct ctl *ctl, int argc, char **argv)
{
	const char *direction = NULL, *by = NULL, *person = NULL, *minutes = NULL;
	const struct ctl_option options[] = {{"--direction", &direction, NULL},
					     {"--by", &by, NULL},
					     {"--person", &person, NULL},
					     {"--minutes", &minutes, NULL}};
	char joined[DAYWORD_SIZE], *note;
	json_t *body, *answer = NULL;
	int note_at = 2, result;
	const char *on;

	argc = take_options(argc, argv, options, COUNT(options));
	if (argc < 2)
		return usage(
		    "log takes a partner and a kind (meeting call event email message other)");
	on = take_day(argc, argv, true, &note_at, joined);
	/* A day that was mistyped must not become the note of a contact of today. */
	if (!on && dayword_is_near(argc - 2, (const char *const *)argv + 2))
		return usage("\"%s\" is no day: write 2026-11-03, yesterday, monday, 3d or 7dec "
			     "there; before a note that begins so, write today",
			     argv[2]);
	body = json_pack("{s:s}", "kind", argv[1]);
	set_text(body, "day", on);
	note = join_words(argc - note_at, argv + note_at);
	set_text(body, "note", note);
	set_text(body, "direction", direction);
	set_text(body, "by", by);
	set_text(body, "person", person);
	set_text(body, "minutes", minutes);
	result = post_to_partner(ctl, argv[0], "contacts", body, &answer);
	if (result == DONE && !ctl->json)
		say_logged(answer, argv[1]);
	json_decref(answer);
	free(note);
	return result;
}

/* Contacts and deliveries are numbered from 1 on. */
static bool is_number(const char *word)
{
	int64_t number;

	return text_parse_number(word, &number) && number > 0;
}

/* Whose it was, and all that it takes to log it again. */
static void say_taken_back(const json_t *answer)
{
	const json_t *removed = json_object_get(answer, "removed");
	const char *id = text(answer, "id"), *person = text(removed, "person"),
		   *note = text(removed, "note");
	char *due = portrait_due(answer), day_text[32];

	printf("%s: %s on %s%s%s is taken back%s%s. ", id, text(removed, "kind"),
	       say_day(text(removed, "day"), text(answer, "today"), day_text),
	       person ? " with " : "", person ? person : "", note ? ": " : "", note ? note : "");
	if (text(answer, "archived"))
		puts("It is archived.");
	else
		printf("Now %s, %s.\n", text(answer, "standing"), due);
	free(due);
}

int verb_unlog(const struct ctl *ctl, int argc, char **argv)
{
	json_t *answer = NULL;
	char *escaped, *path;
	int result;

	if (argc != 1 || !is_number(argv[0]))
		return usage(
		    "unlog takes the number of a contact; 'cadencectl show PARTNER' lists them");
	escaped = client_escape(argv[0]);
	path = mem_printf("contacts/%s", escaped);
	result = client_json(ctl, "DELETE", path, NULL, &answer);
	if (result == DONE && !ctl->json)
		say_taken_back(answer);
	json_decref(answer);
	free(path);
	free(escaped);
	return result;
}

int verb_snooze(const struct ctl *ctl, int argc, char **argv)
{
	char joined[DAYWORD_SIZE], *reason, a[32];
	json_t *body, *answer = NULL;
	int result, at = 1;
	const char *on;

	if (argc < 2)
		return usage("snooze takes a partner and a day");
	on = take_day(argc, argv, false, &at, joined);
	/* What is no day is the daemon's to refuse. */
	if (!on)
		on = argv[at++];
	reason = join_words(argc - at, argv + at);
	body = json_pack("{s:s}", "until", on);
	set_text(body, "reason", reason);
	result = post_to_partner(ctl, argv[0], "snooze", body, &answer);
	if (result == DONE && !ctl->json)
		printf("%s: quiet until %s\n", text(answer, "id"),
		       say_day(text(json_object_get(json_object_get(answer, "answers"), "snooze"),
				    "until"),
			       text(answer, "today"), a));
	json_decref(answer);
	free(reason);
	return result;
}

/* A line of JSON is a line; what a hook gets is shown byte for byte as raw, but on a terminal. */
static void print_preview(const struct buf *bytes, bool json)
{
	fwrite(buf_text(bytes), 1, bytes->len, stdout);
	if ((json || isatty(STDOUT_FILENO)) && bytes->len > 0 &&
	    bytes->data[bytes->len - 1] != '\n')
		putchar('\n');
}

/* Whoever reads a preview may wait for it to come. */
static void say_hold(const struct ctl *ctl)
{
	const struct ctl quiet = {.socket = ctl->socket};
	json_t *status = NULL;

	if (ctl->json)
		return;
	if (client_json(&quiet, "GET", "status", NULL, &status) == DONE &&
	    strcmp(text(status, "deliver"), "hold") == 0) {
		fflush(stdout);
		fputs("deliver = \"hold\": nothing of this leaves\n", stderr);
	}
	json_decref(status);
}

int verb_preview(const struct ctl *ctl, int argc, char **argv)
{
	const char *channel = NULL, *format = "text";
	const struct ctl_option options[] = {{"--channel", &channel, NULL},
					     {"--format", &format, NULL}};
	struct buf bytes = buf_make((size_t)64 << 20);
	char *owner, *escaped, *path;
	int result;

	argc = take_options(argc, argv, options, COUNT(options));
	if (argc != 1)
		return usage("preview takes one owner");
	owner = client_escape(argv[0]);
	escaped = client_escape(channel ? channel : "");
	path = mem_printf("owners/%s/preview?format=%s%s%s", owner, ctl->json ? "json" : format,
			  channel ? "&channel=" : "", escaped);
	result = client_bytes(ctl, path, &bytes);
	if (result == DONE) {
		print_preview(&bytes, ctl->json || strcmp(format, "json") == 0);
		say_hold(ctl);
	}
	buf_free(&bytes);
	free(path);
	free(escaped);
	free(owner);
	return result;
}

/* ---- outbox ---- */

static void keep_row(void *rows, json_t *row)
{
	json_array_append(rows, row);
}

static int list_outbox(const struct ctl *ctl)
{
	static const struct column columns[] = {
	    {.title = "ID", .key = "id"},
	    {.title = "STATE", .key = "state"},
	    {.title = "TRIES", .key = "attempts"},
	    {.title = "NEXT", .key = "next_try"},
	    {.title = "WHAT", .key = "key", .floor = TABLE_TEXT_FLOOR},
	    {.title = "REASON", .key = "reason", .floor = TABLE_TEXT_FLOOR}};
	json_t *rows = json_array();
	const int result = client_each(ctl, "outbox", "deliveries", keep_row, rows);

	if (result == DONE && ctl->json)
		client_print(rows);
	else if (result == DONE && json_array_size(rows) == 0)
		puts("The outbox is empty: everything was delivered.");
	else if (result == DONE)
		table_print(rows, columns, COUNT(columns));
	json_decref(rows);
	return result;
}

static int show_delivery(const struct ctl *ctl, const char *id)
{
	char *path = mem_printf("outbox/%s", id);
	json_t *answer = NULL, *value;
	const char *key;
	char scratch[32];
	const int result = client_json(ctl, "GET", path, NULL, &answer);

	if (result == DONE && !ctl->json) {
		json_object_foreach(answer, key, value)
		{
			if (json_is_object(value))
				continue;
			printf("%-10s ", key);
			print_clean(member_text(answer, key, scratch));
			putchar('\n');
		}
		if (json_integer_value(json_object_get(answer, "ambiguous")) > 0)
			puts("perhaps delivered twice: a try ended without an answer");
	}
	json_decref(answer);
	free(path);
	return result;
}

static int retry_all(const struct ctl *ctl)
{
	json_t *answer = NULL;
	const int result = client_json(ctl, "POST", "outbox/retry", NULL, &answer);
	const long long count = json_integer_value(json_object_get(answer, "retrying"));

	if (result == DONE && !ctl->json && count == 0)
		puts("no delivery is dead or waits for a blocked channel: nothing to try again; "
		     "what is to be tried later keeps its time, 'cadencectl outbox retry ID' does "
		     "not wait for it");
	else if (result == DONE && !ctl->json)
		printf("%lld %s tried again\n", count,
		       count == 1 ? "delivery is" : "deliveries are");
	json_decref(answer);
	return result;
}

static int change_delivery(const struct ctl *ctl, const char *verb, const char *id)
{
	char *path = mem_printf("outbox/%s/%s", id, verb);
	const int result = client_json(ctl, "POST", path, NULL, NULL);

	if (result == DONE && !ctl->json)
		printf("%s: %s\n", id, strcmp(verb, "drop") == 0 ? "dropped" : "tried again");
	free(path);
	return result;
}

int verb_outbox(const struct ctl *ctl, int argc, char **argv)
{
	if (argc == 0 || (argc == 1 && strcmp(argv[0], "list") == 0))
		return list_outbox(ctl);
	if (argc == 1 && strcmp(argv[0], "retry") == 0)
		return retry_all(ctl);
	if (argc == 2 && is_number(argv[1]) && strcmp(argv[0], "show") == 0)
		return show_delivery(ctl, argv[1]);
	if (argc == 2 && is_number(argv[1]) &&
	    (strcmp(argv[0], "retry") == 0 || strcmp(argv[0], "drop") == 0))
		return change_delivery(ctl, argv[0], argv[1]);
	return usage("outbox takes list, show ID, retry [ID] or drop ID; an ID is a number that "
		     "'outbox list' shows");
}

/* ---- test ---- */

/* Waits until the test message was delivered or given up; *ret is the delivery as it was last seen.
 */
static int await(const struct ctl *ctl, long long id, json_t **ret)
{
	const struct ctl quiet = {.socket = ctl->socket};
	const struct timespec pause = {.tv_nsec = TEST_POLL_MS * 1000000L};
	char *path = mem_printf("outbox/%lld", id);
	int result = DONE;

	for (int i = 0; i < TEST_WAIT_S * 1000 / TEST_POLL_MS && result == DONE; i++) {
		if (i > 0)
			nanosleep(&pause, NULL);
		json_decref(*ret);
		*ret = NULL;
		result = client_json(&quiet, "GET", path, NULL, ret);
		if (result == DONE && (strcmp(text(*ret, "state"), "delivered") == 0 ||
				       strcmp(text(*ret, "state"), "dead") == 0))
			break;
	}
	free(path);
	return result;
}

static int say_outcome(const struct ctl *ctl, const char *channel, const json_t *delivery)
{
	const bool delivered = strcmp(text(delivery, "state"), "delivered") == 0;
	const bool dead = strcmp(text(delivery, "state"), "dead") == 0;
	const char *reason = text(delivery, "reason");
	const long long id = json_integer_value(json_object_get(delivery, "id"));
	json_t *answer;

	if (ctl->json) {
		answer = json_pack("{s:s, s:I, s:O, s:O}", "channel", channel, "delivery",
				   (json_int_t)id, "state", json_object_get(delivery, "state"),
				   "reason", json_object_get(delivery, "reason"));
		client_print(answer);
		json_decref(answer);
	} else if (delivered || dead) {
		printf("%s: %s: ", channel, delivered ? "delivered" : "not delivered");
		print_clean(reason ? reason : "accepted");
		putchar('\n');
	} else {
		printf("%s: no answer after %d s; see 'cadencectl outbox show %lld'\n", channel,
		       TEST_WAIT_S, id);
	}
	return delivered ? DONE : FAILED;
}

int verb_test(const struct ctl *ctl, int argc, char **argv)
{
	const char *to = NULL;
	bool reply = false;
	const struct ctl_option options[] = {{"--to", &to, NULL}, {"--reply", NULL, &reply}};
	const struct ctl quiet = {.socket = ctl->socket};
	json_t *body, *answer = NULL, *delivery = NULL;
	char *escaped, *path;
	int result;

	argc = take_options(argc, argv, options, COUNT(options));
	if (argc != 1)
		return usage("test takes one channel");
	body = json_object();
	set_text(body, "to", to);
	if (reply)
		json_object_set_new(body, "reply", json_true());
	escaped = client_escape(argv[0]);
	path = mem_printf("channels/%s/test", escaped);
	result = client_json(&quiet, "POST", path, body, &answer);
	if (result == DONE)
		result =
		    await(ctl, json_integer_value(json_object_get(answer, "delivery")), &delivery);
	if (result == DONE)
		result = say_outcome(ctl, argv[0], delivery);
	json_decref(delivery);
	json_decref(answer);
	free(path);
	free(escaped);
	return result;
}
