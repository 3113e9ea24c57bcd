/* Sends mails that nobody wrote through the worker: those of the corpus, mutated. Each has to come
 * back as a letter, or as no mail; one that ends or stalls the worker fails the run, and is kept.
 *
 *	soak-mail MAILS SEED FOLDER CORPUS/…eml */
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/chance.h"
#include "source/command.h"
#include "source/reader.h"

#define COUNT(a)      (sizeof(a) / sizeof((a)[0]))
#define UNDER_WAY     16 /* mails handed in at a time */
#define MUTATIONS_MAX 8
#define PIECE_MAX     200   /* bytes of a part that is cut, doubled or moved */
#define RUN_MAX	      20000 /* bytes of one thing again and again */
#define SAID_EVERY    50000
#define TODAY	      20782 /* 2026-11-25 */

struct mail {
	char *bytes;
	size_t len;
};

struct soak {
	struct chance chance;
	struct mail *corpus;
	size_t corpus_count;
	const char *folder;
	struct reader *reader;
	size_t sent, letters, no_mails, faults, commands;
	double longest_ms; /* that the loop was held up by one call */
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void note_time(struct soak *soak, double since)
{
	const double took = now_ms() - since;

	if (took > soak->longest_ms)
		soak->longest_ms = took;
}

/* ---- mutations ---- */

static const char *const words[] = {
    "Content-Type: multipart/mixed; boundary=b\n",
    "Content-Type: multipart/alternative; boundary=\"b\"\n",
    "Content-Type: message/rfc822\n\n",
    "Content-Type: text/html; charset=utf-7\n",
    "Content-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding: quoted-printable\n",
    "Content-Transfer-Encoding: x-uuencode\n",
    "\n--b\n",
    "\n--b--\n",
    "\n\n",
    "=?utf-8?B?////?=",
    "=?x?Q?=FF=00?=",
    "=?iso-2022-jp?B?GyRC?=",
    "charset=utf-16",
    "charset*0*=utf-8''%FF",
    "; format=flowed; delsp=yes",
    "begin 644 x\n",
    "<blockquote>",
    "</blockquote>",
    "<style>",
    "<!--",
    "<a href=\"",
    "&#x10FFFF;",
    "&#0;",
    "On Mon, 23 Nov 2026 at 8:30, x <a@b.c> wrote:\n",
    "From: a@b.c\nSent: 1\nTo: d@e.f\nSubject: g\n",
    "-----Original Message-----\n",
    "________________________________\n",
    "> > > ",
    "-- \n",
    "From: a@b.c, \"x\" <d@e.f>, g:h@i.j;;\n",
    "References: <<<<>@>@<\n",
    "Authentication-Results: x; dmarc=pass (((\"; dmarc=pass\n",
    "Date: Mon, 99 Foo 99999 99:99:99 XYZ\n",
    "Subject: \xff\xfe\x80",
    "1 call 3/4\n",
    "\xf0\x9f\x98\x80\xe2\x80\xae",
    "\r",
};

static size_t draw(struct soak *soak, size_t bound)
{
	return bound ? chance_draw(&soak->chance, (uint32_t)bound) : 0;
}

/* Puts len bytes where `cut` bytes were. */
static void splice(struct mail *mail, size_t at, size_t cut, const char *bytes, size_t len)
{
	const size_t size = mail->len - cut + len;
	char *made;

	if (size > LETTER_BYTES_MAX)
		return;
	made = mem_alloc(1, size + 1);
	memcpy(made, mail->bytes, at);
	memcpy(made + at, bytes, len);
	memcpy(made + at + len, mail->bytes + at + cut, mail->len - at - cut);
	free(mail->bytes);
	mail->bytes = made;
	mail->len = size;
}

static void put_run(struct soak *soak, struct mail *mail, size_t at)
{
	const char *word = words[draw(soak, COUNT(words))];
	struct buf run = buf_make(RUN_MAX);

	while (!run.overflowed)
		buf_adds(&run, word);
	splice(mail, at, 0, run.data, run.len);
	buf_free(&run);
}

static void mutate(struct soak *soak, struct mail *mail)
{
	const size_t at = draw(soak, mail->len + 1);
	const size_t left = mail->len - at;
	const size_t piece = draw(soak, left < PIECE_MAX ? left + 1 : PIECE_MAX);
	const struct mail *other = &soak->corpus[draw(soak, soak->corpus_count)];
	const size_t from = draw(soak, other->len);
	const char *word = words[draw(soak, COUNT(words))];
	const char byte = (char)draw(soak, 256);
	char *copy;

	switch (draw(soak, 9)) {
	case 0:
	case 1:
		splice(mail, at, left > 0, &byte, 1);
		break;
	case 2:
		splice(mail, at, piece, "", 0);
		break;
	case 3:
		copy = mem_alloc(1, piece + 1);
		memcpy(copy, mail->bytes + at, piece);
		splice(mail, at, 0, copy, piece);
		free(copy);
		break;
	case 4:
	case 5:
		splice(mail, at, 0, word, strlen(word));
		break;
	case 6:
		splice(mail, at, left, other->bytes + from, other->len - from);
		break;
	case 7:
		if (draw(soak, 20) == 0)
			put_run(soak, mail, at);
		break;
	default:
		if (left > 0)
			mail->bytes[at] ^= (char)(1 << draw(soak, 8));
	}
}

static struct mail *make_mail(struct soak *soak)
{
	const struct mail *model = &soak->corpus[draw(soak, soak->corpus_count)];
	struct mail *mail = mem_alloc(1, sizeof(*mail));

	mail->len = model->len;
	mail->bytes = mem_alloc(1, model->len + 1);
	memcpy(mail->bytes, model->bytes, model->len);
	for (size_t i = 0, count = 1 + draw(soak, MUTATIONS_MAX); i < count; i++)
		mutate(soak, mail);
	return mail;
}

/* ---- what came of it ---- */

static void keep(struct soak *soak, const struct mail *mail, const char *reason)
{
	char *path = mem_printf("%s/mail-%zu.eml", soak->folder, ++soak->faults);
	FILE *file = fopen(path, "wb");

	fprintf(stderr, "%s: %s\n", path, reason);
	if (file) {
		fwrite(mail->bytes, 1, mail->len, file);
		fclose(file);
	}
	free(path);
}

static void judge(struct soak *soak, const struct reading *reading, struct arena *arena)
{
	size_t count;

	if (reading->end == READING_LETTER) {
		soak->letters++;
		(void)commands_read(reading->letter.text, TODAY, arena, &count);
		soak->commands += count;
	} else if (reading->end == READING_ASIDE &&
		   (strstr(reading->reason, "it is no mail") ||
		    strstr(reading->reason, "its headers are larger"))) {
		soak->no_mails++;
	} else {
		keep(soak, reading->tag, reading->reason);
	}
}

static void forget(struct mail *mail)
{
	free(mail->bytes);
	free(mail);
}

/* Collects what is ready, or waits for it; how many. */
static size_t collect(struct soak *soak)
{
	struct pollfd heard = {.fd = reader_fd(soak->reader), .events = POLLIN};
	struct arena *arena = arena_new();
	struct reading reading;
	size_t count = 0;
	double since = now_ms();

	while (reader_collect(soak->reader, arena, &reading)) {
		note_time(soak, since);
		judge(soak, &reading, arena);
		forget(reading.tag);
		count++;
		since = now_ms();
	}
	note_time(soak, since);
	arena_free(arena);
	if (count == 0)
		(void)poll(&heard, 1, -1);
	return count;
}

static void hand_in(struct soak *soak)
{
	struct mail *mail = make_mail(soak);
	const double since = now_ms();

	if (!reader_send(soak->reader, mail->bytes, mail->len, mail))
		abort();
	note_time(soak, since);
	soak->sent++;
}

static void run(struct soak *soak, size_t mails)
{
	size_t waiting = 0;

	while (soak->sent < mails || waiting > 0) {
		for (; waiting < UNDER_WAY && soak->sent < mails; waiting++)
			hand_in(soak);
		waiting -= collect(soak);
		if (soak->sent % SAID_EVERY == 0 && waiting == UNDER_WAY)
			fprintf(stderr, "%zu mails\n", soak->sent);
	}
}

static bool load(struct soak *soak, char **paths, size_t count)
{
	soak->corpus = mem_alloc(count, sizeof(*soak->corpus));
	for (size_t i = 0; i < count; i++) {
		struct mail *mail = &soak->corpus[soak->corpus_count++];
		FILE *file = fopen(paths[i], "rb");

		if (!file)
			return false;
		mail->bytes = mem_alloc(1, LETTER_BYTES_MAX);
		mail->len = fread(mail->bytes, 1, LETTER_BYTES_MAX, file);
		fclose(file);
	}
	return count > 0;
}

static void free_all(struct soak *soak)
{
	for (size_t i = 0; i < soak->corpus_count; i++)
		free(soak->corpus[i].bytes);
	free(soak->corpus);
	reader_close(soak->reader);
}

int main(int argc, char **argv)
{
	struct soak soak = {0};
	struct error err;
	const double since = now_ms();

	if (argc < 5) {
		fputs("usage: soak-mail MAILS SEED FOLDER MAIL.eml…\n", stderr);
		return 64;
	}
	soak.reader = reader_start(READER_STALL_MS, &err);
	soak.chance = chance_make(strtoull(argv[2], NULL, 10));
	soak.folder = argv[3];
	if (!soak.reader || !load(&soak, argv + 4, (size_t)argc - 4)) {
		fputs("soak-mail: no reader, or a mail cannot be read\n", stderr);
		return 1;
	}
	run(&soak, strtoull(argv[1], NULL, 10));
	printf("soak-mail: seed %s: %zu mails, %zu letters with %zu commands, %zu no mails, %zu "
	       "faults; %.0f s, the loop held up %.1f ms at most\n",
	       argv[2], soak.sent, soak.letters, soak.commands, soak.no_mails, soak.faults,
	       (now_ms() - since) / 1000, soak.longest_ms);
	free_all(&soak);
	return soak.faults > 0 || soak.letters == 0;
}
