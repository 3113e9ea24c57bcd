/* Fields in the order of struct letter; a text is its length and its bytes, one that is not there
 * has the length WIRE_NONE. */
#include "source/wire.h"

#include <ctype.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"

#define WIRE_NONE   UINT32_MAX
#define WIRE_LETTER 'L'
#define WIRE_FAULT  'F'

/* ---- writing ---- */

static void put_number(struct buf *out, uint32_t number)
{
	buf_add(out, &number, sizeof(number));
}

static void put_text(struct buf *out, const char *text)
{
	put_number(out, text ? (uint32_t)strlen(text) : WIRE_NONE);
	if (text)
		buf_adds(out, text);
}

static void put_texts(struct buf *out, const char *const *texts, size_t count)
{
	put_number(out, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		put_text(out, texts[i]);
}

/* Begins a frame whose length is not known yet; the place where it stands. */
static size_t begin_frame(struct buf *out, char kind)
{
	const size_t start = out->len;

	put_number(out, 0);
	buf_addc(out, kind);
	return start;
}

static void end_frame(struct buf *out, size_t start)
{
	const uint32_t len = (uint32_t)(out->len - start - WIRE_HEAD);

	if (!out->overflowed)
		memcpy(out->data + start, &len, sizeof(len));
}

void wire_write_letter(struct buf *out, const struct letter *letter)
{
	const size_t start = begin_frame(out, WIRE_LETTER);

	put_text(out, letter->message_id);
	put_text(out, letter->from);
	put_text(out, letter->subject);
	put_texts(out, letter->references, letter->reference_count);
	put_texts(out, letter->recipients, letter->recipient_count);
	put_text(out, letter->authserv);
	put_text(out, letter->dmarc);
	put_number(out, (uint32_t)letter->robot);
	put_text(out, letter->text);
	put_number(out, letter->cut);
	end_frame(out, start);
}

void wire_write_fault(struct buf *out, const char *fault)
{
	const size_t start = begin_frame(out, WIRE_FAULT);

	put_text(out, fault);
	end_frame(out, start);
}

/* ---- reading ---- */

struct wire {
	const uint8_t *at, *end;
	struct arena *arena;
	bool broken;
};

static uint32_t take_number(struct wire *wire, uint32_t max)
{
	uint32_t number = 0;

	if ((size_t)(wire->end - wire->at) < sizeof(number)) {
		wire->broken = true;
		return 0;
	}
	memcpy(&number, wire->at, sizeof(number));
	wire->at += sizeof(number);
	if (number > max && number != WIRE_NONE)
		wire->broken = true;
	return wire->broken ? 0 : number;
}

/* A number that has to be one. */
static uint32_t take_count(struct wire *wire, uint32_t max)
{
	const uint32_t number = take_number(wire, max);

	if (number > max)
		wire->broken = true;
	return wire->broken ? 0 : number;
}

/* The bytes of a text, or NULL when it is not there or broken. */
static const char *take_bytes(struct wire *wire, size_t bytes_max)
{
	const uint32_t len = take_number(wire, (uint32_t)bytes_max);
	const char *text;

	if (wire->broken || len == WIRE_NONE)
		return NULL;
	if ((size_t)(wire->end - wire->at) < len || memchr(wire->at, '\0', len)) {
		wire->broken = true;
		return NULL;
	}
	text = arena_strndup(wire->arena, (const char *)wire->at, len);
	wire->at += len;
	return text;
}

/* A line for people. */
static const char *take_line(struct wire *wire, size_t points_max)
{
	char scratch[TEXT_FAULT_SIZE];
	const char *text = take_bytes(wire, 4 * points_max);

	if (text && text_check(text, strlen(text), TEXT_LINE, 0, points_max, scratch))
		wire->broken = true;
	return wire->broken ? NULL : text;
}

/* ASCII without spaces: an id, a word. */
static const char *take_word(struct wire *wire, size_t bytes_max)
{
	const char *text = take_bytes(wire, bytes_max);

	for (const char *c = text; c && *c; c++)
		if (!isgraph((unsigned char)*c))
			wire->broken = true;
	if (text && !*text)
		wire->broken = true;
	return wire->broken ? NULL : text;
}

static const char *take_address(struct wire *wire)
{
	const char *text = take_bytes(wire, ADDRESS_MAIL_MAX);

	if (text && address_check_mail(text))
		wire->broken = true;
	for (const char *c = text ? strrchr(text, '@') : NULL; c && *c; c++)
		if (isupper((unsigned char)*c))
			wire->broken = true;
	return wire->broken ? NULL : text;
}

static const char *take_reference(struct wire *wire)
{
	return take_word(wire, LETTER_ID_MAX);
}

static const char **take_names(struct wire *wire, const char *(*take)(struct wire *),
			       size_t *ret_count)
{
	const uint32_t count = take_count(wire, LETTER_NAMES_MAX);
	const char **names = arena_alloc(wire->arena, count + 1, sizeof(*names));

	for (size_t i = 0; i < count && !wire->broken; i++) {
		names[i] = take(wire);
		if (!names[i])
			wire->broken = true;
	}
	*ret_count = count;
	return names;
}

static size_t count_lines(const char *text)
{
	size_t lines = *text != '\0';

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

/* What was written anew: line feeds, but no tabs. */
static const char *take_text(struct wire *wire)
{
	char scratch[TEXT_FAULT_SIZE];
	const char *text = take_bytes(wire, LETTER_TEXT_MAX);

	if (!text || strchr(text, '\t') || count_lines(text) > LETTER_LINES_MAX ||
	    text_check(text, strlen(text), TEXT_NOTE, 0, LETTER_TEXT_MAX, scratch))
		wire->broken = true;
	return text;
}

static struct letter take_letter(struct wire *wire)
{
	struct letter letter = {.message_id = take_word(wire, LETTER_ID_MAX)};

	letter.from = take_address(wire);
	letter.subject = take_line(wire, LETTER_LINE_MAX);
	letter.references = take_names(wire, take_reference, &letter.reference_count);
	letter.recipients = take_names(wire, take_address, &letter.recipient_count);
	letter.authserv = take_word(wire, LETTER_WORD_MAX);
	letter.dmarc = take_word(wire, LETTER_WORD_MAX);
	letter.robot = (enum letter_robot)take_count(wire, LETTER_CALENDAR);
	letter.text = take_text(wire);
	letter.cut = take_count(wire, 1) == 1;
	return letter;
}

bool wire_read(const void *bytes, size_t len, struct arena *arena, struct letter *ret_letter,
	       const char **ret_fault)
{
	struct wire wire = {.at = bytes, .end = (const uint8_t *)bytes + len, .arena = arena};
	const char *fault = NULL;
	struct letter letter = {0};
	uint8_t kind;

	if (len == 0)
		return false;
	kind = *wire.at++;
	if (kind == WIRE_LETTER)
		letter = take_letter(&wire);
	else if (kind == WIRE_FAULT)
		fault = take_line(&wire, WIRE_FAULT_MAX);
	if (wire.broken || wire.at != wire.end || (kind != WIRE_LETTER && !fault))
		return false;
	*ret_letter = letter;
	*ret_fault = fault;
	return true;
}
