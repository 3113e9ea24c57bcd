/* Lists of words and marks, in the languages in which people read their mail. */
#include "source/shape.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define COUNT(a)	      (sizeof(a) / sizeof((a)[0]))
#define HEADER_NAME_MAX	      24 /* bytes */
#define RULE_MIN	      10 /* characters of a line of _ or - */
#define TITLED_RULE_MIN	      5	 /* on each side of its words */
#define PHONE_SIGNATURE_WORDS 12
#define ENTRY_DIGITS	      3 /* of a number of the digest */

bool shape_is_blank(const char *line)
{
	for (; *line; line++)
		if (!isspace((unsigned char)*line) && strncmp(line, "\xc2\xa0", 2) != 0 &&
		    (unsigned char)*line != 0xA0)
			return false;
	return true;
}

static bool begins(const char *text, const char *start)
{
	return strncasecmp(text, start, strlen(start)) == 0;
}

static bool has_digit(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (isdigit((unsigned char)text[i]))
			return true;
	return false;
}

/* How the sentence begins that says who wrote what follows, and what is in it. */
struct attribution {
	const char *start, *verb;
};

static const struct attribution attributions[] = {
    {"On ", "wrote:"},	  {"On ", "writes:"}, {"Am ", "schrieb"},   {"Le ", "a écrit"},
    {"Em ", "escreveu"},  {"A ", "escreveu"}, {"El ", "escribió"},  {"Il ", "ha scritto"},
    {"Op ", "schreef"},	  {"Den ", "skrev"},  {"W dniu ", "pisze"}, {"", " wrote on "},
    {"", " schrieb am "}, {"", " wrote:"},    {"", " schrieb:"},    {"", " a écrit"},
    {"", " escreveu:"},	  {"", " napisał"}};

bool shape_may_begin_attribution(const char *line)
{
	if (strchr(line, '<') && strchr(line, '@'))
		return true;
	if (!has_digit(line, strlen(line)))
		return false;
	for (size_t i = 0; i < COUNT(attributions); i++)
		if (*attributions[i].start && begins(line, attributions[i].start))
			return true;
	return strspn(line, "0123456789") == 4 && line[4] == '-';
}

/* A year or a time, or an address: what else tells a sentence about a mail from one of the answer.
 */
static bool has_date(const char *text)
{
	if (strchr(text, '<') && strchr(text, '@'))
		return true;
	while (*(text += strcspn(text, "0123456789"))) {
		const size_t digits = strspn(text, "0123456789");
		const char behind = text[digits];

		if (digits == 4)
			return true;
		if (behind && strchr(":./", behind) && isdigit((unsigned char)text[digits + 1]))
			return true;
		text += digits;
	}
	return false;
}

/* In whatever language: an address in brackets, and behind it a day in digits at most. */
static bool ends_with_address(const char *text)
{
	const char *behind = strrchr(text, '>');

	if (!behind || !strchr(text, '<') || !strchr(text, '@'))
		return false;
	while (*behind && !isalpha((unsigned char)*behind))
		behind++;
	return *behind == '\0';
}

bool shape_is_attribution(const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	if (len == 0 || text[len - 1] != ':' || !has_digit(text, len))
		return false;
	for (size_t i = 0; i < COUNT(attributions); i++)
		if (begins(text, attributions[i].start) && strcasestr(text, attributions[i].verb) &&
		    has_date(text) && (*attributions[i].start || !isdigit((unsigned char)*text)))
			return true;
	return ends_with_address(text);
}

size_t shape_header_name(const char *line)
{
	size_t len;

	line += strspn(line, " \t*");
	len = strcspn(line, ":");
	if (line[len] != ':' || len == 0 || len > HEADER_NAME_MAX)
		return 0;
	for (size_t i = 0; i < len; i++)
		if (!isalpha((unsigned char)line[i]) && (unsigned char)line[i] < 0x80 &&
		    !strchr(" -*", line[i]))
			return 0;
	return len;
}

bool shape_is_known_header(const char *line)
{
	static const char *const names[] = {
	    "from",	 "sent",     "date",	"to",	   "cc",      "subject",   "reply-to",
	    "von",	 "gesendet", "datum",	"an",	   "betreff", "de",	   "envoyé",
	    "à",	 "objet",    "para",	"enviado", "enviada", "assunto",   "asunto",
	    "da",	 "inviato",  "oggetto", "a",	   "van",     "verzonden", "aan",
	    "onderwerp", "data",     "fecha",	"copie",   "kopie"};
	size_t len = shape_header_name(line);

	line += strspn(line, " \t*");
	while (len > 0 && strchr(" *", line[len - 1]))
		len--;
	for (size_t i = 0; i < COUNT(names) && len > 0; i++)
		if (strlen(names[i]) == len && strncasecmp(line, names[i], len) == 0)
			return true;
	return false;
}

bool shape_is_rule(const char *line)
{
	const size_t under = strspn(line, "_"), dashes = strspn(line, "-");

	return (under >= RULE_MIN && shape_is_blank(line + under)) ||
	       (dashes >= RULE_MIN && shape_is_blank(line + dashes));
}

bool shape_is_titled_rule(const char *line)
{
	const size_t dashes = strspn(line, "-");
	size_t len = strlen(line), behind = 0;

	while (len > 0 && isspace((unsigned char)line[len - 1]))
		len--;
	while (behind < len && line[len - 1 - behind] == '-')
		behind++;
	return dashes >= TITLED_RULE_MIN && behind >= TITLED_RULE_MIN && dashes < len;
}

/* "1. Acme GmbH, strategic, every 4 weeks [acme]" */
static bool is_entry(const char *line)
{
	const size_t digits = strspn(line, "0123456789");
	size_t len = strlen(line);
	const char *open = strrchr(line, '[');

	while (len > 0 && isspace((unsigned char)line[len - 1]))
		len--;
	if (digits < 1 || digits > ENTRY_DIGITS || line[digits] != '.' || line[digits + 1] != ' ' ||
	    !open || len == 0 || line[len - 1] != ']' || open + 1 >= line + len - 1)
		return false;
	for (const char *c = open + 1; c < line + len - 1; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_*-", *c))
			return false;
	return true;
}

/* "Good morning Maria. 4 need you today." and what a confirmation says there. */
static bool is_greeting(const char *line)
{
	static const char *const starts[] = {"good morning ", "good afternoon ", "good evening ",
					     "hello "};
	static const char *const ends[] = {
	    ". nothing is due",	  "need you today",
	    "needs you today",	  ". nothing due",
	    "could not be done.", "here is what you asked for.",
	    ". nothing new",	  "no new text was found in your answer"};
	bool is_begun = false;

	for (size_t i = 0; i < COUNT(starts); i++)
		is_begun |= begins(line, starts[i]);
	for (size_t i = 0; i < COUNT(ends) && is_begun; i++)
		if (strcasestr(line, ends[i]))
			return true;
	return false;
}

bool shape_is_ours(const char *line)
{
	line += strspn(line, " \t*_|");
	return is_greeting(line) || begins(line, "answer by replying, one line each") ||
	       begins(line, "to answer, reply with a line for each") ||
	       begins(line, "write for example:") || is_entry(line);
}

bool shape_is_separator(const char *line)
{
	static const char *const words[] = {
	    "original message",	 "original appointment",  "ursprüngliche nachricht",
	    "originalnachricht", "ursprünglicher termin", "message d'origine",
	    "message d’origine", "message original",	  "mensagem original",
	    "mensaje original",	 "messaggio originale",	  "oorspronkelijk bericht",
	    "forwarded message", "forwarded by",	  "weitergeleitete nachricht",
	    "message transféré", "reply message",	  "reply above this line"};

	line += strspn(line, " \t");
	if (begins(line, "begin forwarded message:") || strcasestr(line, "reply above this line"))
		return true;
	if (strspn(line, "-_") < 2)
		return false;
	/* ---- On Mon, 23 Nov 2026 08:30:00 +0000 Cadence <c@example.com> wrote --- */
	if (strcasestr(line, " wrote --"))
		return true;
	for (size_t i = 0; i < COUNT(words); i++)
		if (strcasestr(line, words[i]))
			return true;
	return false;
}

static size_t count_words(const char *line)
{
	size_t words = 0;

	while (*line) {
		line += strspn(line, " \t");
		words += *line != '\0';
		line += strcspn(line, " \t");
	}
	return words;
}

bool shape_is_phone_signature(const char *line)
{
	static const char *const starts[] = {"sent from my ",
					     "sent from mail for ",
					     "sent from outlook for ",
					     "sent from yahoo",
					     "sent from proton",
					     "sent with proton",
					     "sent with spark",
					     "sent with [proton",
					     "sent via ",
					     "sent from gmail mobile",
					     "sent from samsung",
					     "get outlook for ",
					     "von meinem ",
					     "gesendet von outlook",
					     "gesendet von mail",
					     "gesendet von meinem ",
					     "gesendet mit ",
					     "holen sie sich outlook",
					     "outlook für ",
					     "envoyé de mon ",
					     "envoyé depuis ",
					     "envoyé à partir de ",
					     "télécharger outlook",
					     "enviado do meu ",
					     "enviado a partir",
					     "enviado desde mi ",
					     "enviado de mi ",
					     "obter o outlook",
					     "obtenir outlook",
					     "inviato da ",
					     "verzonden vanaf ",
					     "skickat från min "};

	line += strspn(line, " \t-_*<");
	if (count_words(line) > PHONE_SIGNATURE_WORDS)
		return false;
	for (size_t i = 0; i < COUNT(starts); i++)
		if (begins(line, starts[i]))
			return !begins(line, "von meinem ") || strcasestr(line, "gesendet");
	return false;
}
