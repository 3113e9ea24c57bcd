/* Lists of words, in the languages in which people close a mail to an English robot. */
#include "source/smalltalk.h"

#include <ctype.h>
#include <string.h>

#define GREETING_WORDS 5
#define THANKS_WORDS   9
#define CLOSING_WORDS  5
#define NAME_WORDS     4

static const char *const greetings[] = {
    "hi",	    "hello",	  "hey",	  "dear",    "good morning", "good afternoon",
    "good evening", "morning",	  "hallo",	  "moin",    "liebe",	     "lieber",
    "liebes",	    "guten tag",  "guten morgen", "servus",  "bonjour",	     "salut",
    "bonsoir",	    "olá",	  "ola",	  "bom dia", "boa tarde",    "hola",
    "ciao",	    "buongiorno", "hej",	  NULL};
static const char *const thanks[] = {"thanks",	"thank you",   "thx",	  "ty",	      "many thanks",
				     "danke",	"vielen dank", "merci",	  "obrigada", "obrigado",
				     "gracias", "grazie",      "ok",	  "okay",     "great",
				     "perfect", "got it",      "will do", "noted",    NULL};
static const char *const closings[] = {"best",
				       "best regards",
				       "best wishes",
				       "kind regards",
				       "warm regards",
				       "with kind regards",
				       "regards",
				       "rgds",
				       "br",
				       "cheers",
				       "sincerely",
				       "yours",
				       "all the best",
				       "have a nice",
				       "have a good",
				       "have a great",
				       "viele grüße",
				       "liebe grüße",
				       "beste grüße",
				       "schöne grüße",
				       "mit freundlichen grüßen",
				       "mit besten grüßen",
				       "grüße",
				       "gruß",
				       "viele gruesse",
				       "liebe gruesse",
				       "mfg",
				       "lg",
				       "vg",
				       "cordialement",
				       "bien cordialement",
				       "bien à vous",
				       "bonne journée",
				       "atenciosamente",
				       "cumprimentos",
				       "com os melhores cumprimentos",
				       "abraço",
				       "abraços",
				       "saludos",
				       "cordiali saluti",
				       "saluti",
				       "met vriendelijke groet",
				       "groeten",
				       "groet",
				       "hälsningar",
				       NULL};
static const char *const sentence_words[] = {
    "i",     "i'm",    "we",   "we're",	  "you",   "he",    "she",   "they",   "it",
    "it's",  "me",     "us",   "them",	  "my",	   "our",   "your",  "his",    "her",
    "their", "this",   "that", "these",	  "those", "there", "is",    "are",    "was",
    "were",  "be",     "been", "have",	  "has",   "had",   "will",  "would",  "can",
    "could", "should", "do",   "does",	  "did",   "not",   "don't", "didn't", "please",
    "about", "when",   "if",   "because", "but",   "than",  "so",    "let",    "let's",
    "just",  "what",   "who",  "how",	  "last",  "next",  "had",   "again",  "ich",
    "wir",   "sie",    "ist",  "sind",	  "haben", "habe",  "hat",   "nicht",  "bitte",
    "je",    "nous",   "vous", "est",	  "sont",  "pas",   "eu",    "não",    NULL};

/* Whether the bare words of a line begin with those of a phrase. */
static bool begins(const struct line *line, const char *phrase)
{
	for (size_t i = 0; *phrase; i++) {
		const size_t len = strcspn(phrase, " ");
		const char *bare = line_bare(line, i);

		if (strlen(bare) != len || strncmp(bare, phrase, len) != 0)
			return false;
		phrase += len;
		phrase += *phrase == ' ';
	}
	return true;
}

static bool begins_with_any(const struct line *line, const char *const *phrases)
{
	for (; *phrases; phrases++)
		if (begins(line, *phrases))
			return true;
	return false;
}

static bool has_digit(const struct line *line)
{
	return strpbrk(line->text, "0123456789") != NULL;
}

bool smalltalk_is_idle(const struct line *line)
{
	if (line->count == 0 || has_digit(line))
		return line->count == 0;
	if (line->count <= GREETING_WORDS && begins_with_any(line, greetings))
		return true;
	return line->count <= THANKS_WORDS && begins_with_any(line, thanks);
}

bool smalltalk_is_closing(const struct line *line)
{
	return line->count > 0 && line->count <= CLOSING_WORDS && !has_digit(line) &&
	       begins_with_any(line, closings);
}

bool smalltalk_is_name(const struct line *line)
{
	if (line->count == 0 || line->count > NAME_WORDS || has_digit(line))
		return false;
	for (size_t i = 0; i < line->count && line->count > 1; i++) {
		const unsigned char c = (unsigned char)line->words[i].start[0];

		if (islower(c))
			return false;
	}
	return true;
}

bool smalltalk_is_sentence(const struct line *line, size_t first, size_t end)
{
	for (size_t i = first; i < end && i < line->count; i++)
		if (word_is_one_of(line->words[i].bare, sentence_words))
			return true;
	return false;
}
