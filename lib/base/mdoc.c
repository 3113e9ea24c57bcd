/* Escapes for roff, and the few macros of mdoc that tables need. */
#include "base/mdoc.h"

#include <stdbool.h>
#include <string.h>

/* A line that begins so would be taken for a macro. */
static bool is_control(char c)
{
	return c == '.' || c == '\'';
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Whether the hyphen begins a word, or is its second: that of --to is typed. */
static bool begins_option(const char *text, const char *at)
{
	if (at > text && at[-1] == '-')
		at--;
	return at == text || at[-1] == ' ' || at[-1] == '(';
}

void mdoc_text(const char *text, struct buf *out)
{
	bool starts_line = true;

	text = text ? text : "";
	for (const char *at = text; *at; at++) {
		if (starts_line && is_control(*at))
			buf_adds(out, "\\&");
		starts_line = *at == ' ' && at > text && at[-1] == '.' && is_capital(at[1]);
		if (*at == '\\')
			buf_adds(out, "\\e");
		else if (*at == '-' && begins_option(text, at))
			buf_adds(out, "\\-");
		else
			buf_addc(out, starts_line ? '\n' : *at);
	}
	buf_addc(out, '\n');
}

void mdoc_literal(const char *text, struct buf *out)
{
	static const struct {
		char c;
		const char *escape;
	} escapes[] = {{'\\', "\\e"},  {'-', "\\-"},   {'\'', "\\(aq"}, {'"', "\\(dq"},
		       {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"}};

	for (const char *at = text; *at; at++) {
		size_t e = 0;

		if ((at == text || at[-1] == '\n') && *at == '.')
			buf_adds(out, "\\&");
		while (e < sizeof(escapes) / sizeof(escapes[0]) && escapes[e].c != *at)
			e++;
		if (e < sizeof(escapes) / sizeof(escapes[0]))
			buf_adds(out, escapes[e].escape);
		else
			buf_addc(out, *at);
	}
}

/* The bytes of the next word: brackets and bars stand alone. */
static size_t word_length(const char *words)
{
	const size_t len = strcspn(words, " []()|");

	return len > 0 ? len : 1;
}

static void add_word(const char *word, size_t len, struct buf *out)
{
	if (*word == '[')
		buf_adds(out, " Oo");
	else if (*word == ']')
		buf_adds(out, " Oc");
	else if (*word == '(')
		buf_adds(out, " Po");
	else if (*word == ')')
		buf_adds(out, " Pc");
	else if (*word == '|')
		buf_adds(out, " |");
	else if (*word == '-')
		buf_addf(out, " Fl %s%.*s", word[1] == '-' ? "\\-" : "",
			 (int)len - 1 - (word[1] == '-'), word + 1 + (word[1] == '-'));
	else
		buf_addf(out, " %s %.*s", is_capital(*word) ? "Ar" : "Cm", (int)len, word);
}

void mdoc_synopsis(const char *words, struct buf *out)
{
	while (*words) {
		const size_t len = word_length(words);

		if (*words != ' ')
			add_word(words, len, out);
		words += len;
	}
}
