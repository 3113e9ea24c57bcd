/* Replies: a mail from standard input to the daemon, and the keys of their tokens. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ctl/complain.h"
#include "ctl/table.h"
#include "ctl/verbs.h"

#define MAIL_MAX   ((size_t)1 << 20) /* the daemon puts aside what is longer */
#define PIECE_SIZE 65536

/* All of it is read, so that whoever writes does not break off; of what is too long only enough is
 * kept to see that it is. */
static bool read_mail(struct buf *mail)
{
	char piece[PIECE_SIZE];
	size_t got;

	while ((got = fread(piece, 1, sizeof(piece), stdin)) > 0) {
		const size_t room = MAIL_MAX + 1 - mail->len;

		buf_add(mail, piece, got < room ? got : room);
	}
	if (ferror(stdin))
		complain("standard input: %s", strerror(errno));
	return !ferror(stdin);
}

static void say_fate(const json_t *answer)
{
	const char *fate = json_string_value(json_object_get(answer, "fate"));
	const long long done = json_integer_value(json_object_get(answer, "done"));

	if (strcmp(fate, "taken") != 0) {
		printf("not taken: %s\n", fate);
		return;
	}
	printf("taken: %lld line%s done, %lld not%s\n", done, done == 1 ? "" : "s",
	       json_integer_value(json_object_get(answer, "failed")),
	       json_is_true(json_object_get(answer, "confirmed")) ? "; a mail says so" : "");
}

/* Whatever is in the way, the mail server has to keep the mail. */
int verb_receive(const struct ctl *ctl, int argc, char **argv)
{
	struct buf mail = buf_make(MAIL_MAX + 1);
	json_t *answer = NULL;
	int result;

	(void)argv;
	if (argc != 0)
		return usage("receive takes no words; the mail comes from standard input");
	result = read_mail(&mail) ? client_send(ctl, "receive", &mail, &answer) : TRY_AGAIN;
	if (result == DONE && !ctl->json)
		say_fate(answer);
	json_decref(answer);
	buf_free(&mail);
	return result == DONE ? DONE : TRY_AGAIN;
}

int verb_rekey(const struct ctl *ctl, int argc, char **argv)
{
	int result;

	(void)argv;
	if (argc != 0)
		return usage("rekey takes no words");
	result = client_json(ctl, "POST", "rekey", NULL, NULL);
	if (result == DONE && !ctl->json)
		puts("A new key signs the tokens of replies. Mails of the key before it can be "
		     "answered still; a second rekey ends that.");
	return result;
}
