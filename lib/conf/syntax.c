/* Reads the text once more, only to find the first thing that is usually meant by "syntax error".
 *
 * It knows just enough of libconfig's language for that: words, texts, brackets and what stands
 * between them. What it finds behind the line at which libconfig gave up is not believed. */
#include "conf/syntax.h"

#include <string.h>
#include <strings.h>

#define DEPTH_MAX 16 /* of brackets in brackets; ours are five deep at most */
#define WORD                                                                                       \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"                                     \
	"0123456789_*+-."

/* What a token is: itself when it is one character, or one of these. */
enum { TOKEN_END = '\0', TOKEN_WORD = 'w', TOKEN_TEXT = '"' };

struct bracket {
	char open;
	int line;
};

struct scan {
	const char *at;
	int line;
	char token, before, before_that; /* the one read last, and the two before it */
	const char *start;		 /* of the token */
	size_t len;
	int token_line, before_line;
	bool broken; /* a text goes on behind the end of its line */
	struct bracket open[DEPTH_MAX];
	int depth;
};

static void skip_to(struct scan *scan, const char *end)
{
	for (; scan->at < end; scan->at++)
		scan->line += *scan->at == '\n';
}

static const char *end_of(const char *from, const char *mark)
{
	const char *found = strstr(from, mark);

	return found ? found + strlen(mark) : from + strlen(from);
}

static void skip_blanks(struct scan *scan)
{
	for (;;) {
		skip_to(scan, scan->at + strspn(scan->at, " \t\r\n\f\v"));
		if (scan->at[0] == '#' || strncmp(scan->at, "//", 2) == 0)
			skip_to(scan, end_of(scan->at, "\n"));
		else if (strncmp(scan->at, "/*", 2) == 0)
			skip_to(scan, end_of(scan->at + 2, "*/"));
		else
			return;
	}
}

static const char *end_of_text(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		if (at[0] == '\\' && at[1])
			at++;
	return *at ? at + 1 : at;
}

/* Moves on by one token; false at the end. */
static bool next(struct scan *scan)
{
	skip_blanks(scan);
	const size_t word = strspn(scan->at, WORD);
	const char *end = word > 0 ? scan->at + word : scan->at + (*scan->at != '\0');

	scan->before_that = scan->before;
	scan->before = scan->token;
	scan->token = word > 0 ? TOKEN_WORD : *scan->at;
	/* libconfig takes either. */
	if (scan->token == ':')
		scan->token = '=';
	scan->before_line = scan->token_line;
	scan->token_line = scan->line;
	scan->start = scan->at;
	if (scan->token == TOKEN_TEXT)
		end = end_of_text(scan->at);
	scan->len = (size_t)(end - scan->at);
	skip_to(scan, end);
	scan->broken = scan->token == TOKEN_TEXT && scan->line != scan->token_line;
	return scan->token != TOKEN_END;
}

static char open_bracket(const struct scan *scan)
{
	return scan->depth > 0 ? scan->open[scan->depth - 1].open : '{';
}

static bool is_one_of(char token, const char *set)
{
	return token != TOKEN_END && strchr(set, token);
}

/* Whether the word is a name or text, and no number and neither true nor false. */
static bool is_bare_text(const struct scan *scan)
{
	return scan->token == TOKEN_WORD && !strchr("0123456789+-.", scan->start[0]) &&
	       !(scan->len == 4 && strncasecmp(scan->start, "true", 4) == 0) &&
	       !(scan->len == 5 && strncasecmp(scan->start, "false", 5) == 0);
}

static const char *fault_in_list(const struct scan *scan)
{
	if (scan->token == ';')
		return "a ; stands in a list; its entries should be separated by commas";
	if (is_bare_text(scan))
		return "text in a list should stand in quotes";
	if (open_bracket(scan) == '[' && is_one_of(scan->token, "{[("))
		return "a list of groups, or of names and groups, should stand in ( … ), not [ … ]";
	if (is_one_of(scan->before, "})]\"") && is_one_of(scan->token, "{(["))
		return "a comma is missing before this entry of a list";
	if (scan->before == ',' && is_one_of(scan->token, ")]"))
		return "a comma follows the last entry of a list; it should go";
	return NULL;
}

static const char *fault_in_group(const struct scan *scan)
{
	const bool name_before = scan->before == TOKEN_WORD && scan->before_that != '=';

	if (scan->before == '=' && is_one_of(scan->token, ";,}"))
		return "a value is missing behind the =";
	if (scan->before == '=' && is_bare_text(scan))
		return "a value that is text should stand in quotes";
	if (name_before && scan->token != '=')
		return "a name should be followed by = and its value; a value that is text should "
		       "stand in quotes";
	if (is_one_of(scan->before, ";,{") && is_one_of(scan->token, ";,"))
		return "a ; or , too many; one should stand behind each setting";
	return NULL;
}

/* Follows the brackets; what is wrong with one that closes. */
static const char *fault_of_bracket(struct loader *loader, struct scan *scan)
{
	static const char closes[] = "})]", opens[] = "{([";

	if (is_one_of(scan->token, opens) && scan->depth == DEPTH_MAX)
		return "so many brackets stand in each other here that some should be closed";
	if (is_one_of(scan->token, opens))
		scan->open[scan->depth++] = (struct bracket){scan->token, scan->token_line};
	if (!is_one_of(scan->token, closes))
		return NULL;
	if (scan->depth == 0)
		return arena_printf(loader->scratch, "a %c too many; nothing is open here",
				    scan->token);
	const struct bracket *last = &scan->open[scan->depth - 1];

	if (opens[strchr(closes, scan->token) - closes] != last->open)
		return arena_printf(loader->scratch,
				    "a %c stands where the %c of line %d should be closed first",
				    scan->token, last->open, last->line);
	scan->depth--;
	return NULL;
}

/* “ ” „ ‟ ‘ ’ ‚ ‛, as word processors put them: U+2018 to U+201F. */
static bool is_curly_quote(const char *at)
{
	return strncmp(at, "\xe2\x80", 2) == 0 && (unsigned char)at[2] >= 0x98 &&
	       (unsigned char)at[2] <= 0x9f;
}

/* Whether the word that was read last names a setting. */
static bool is_name(const struct scan *scan)
{
	struct scan ahead = *scan;

	return scan->token == TOKEN_WORD && next(&ahead) && ahead.token == '=';
}

/* "owners { …": what is missing is its =. */
static bool opens_group(const struct scan *scan)
{
	struct scan ahead = *scan;

	return next(&ahead) && is_one_of(ahead.token, "{([");
}

static const char *fault_of_quote(const struct scan *scan)
{
	if (is_curly_quote(scan->start))
		return "a typographic quote stands here; the plain \" should";
	if (scan->token == '\'')
		return "a ' stands here; text should stand in \" quotes";
	if (scan->before == TOKEN_TEXT && is_bare_text(scan) &&
	    scan->token_line == scan->before_line && !is_name(scan) && !opens_group(scan))
		return "a quote is missing before this, or one is too many: what was to be text "
		       "goes on behind its end";
	return NULL;
}

static const char *fault_of_token(struct loader *loader, struct scan *scan)
{
	const char *wrong = fault_of_quote(scan);

	if (wrong)
		return wrong;
	if (scan->broken)
		return "the text that begins here has no quote at its end; it should end in this "
		       "line";
	wrong = open_bracket(scan) == '{' ? fault_in_group(scan) : fault_in_list(scan);
	return wrong ? wrong : fault_of_bracket(loader, scan);
}

static void complain_unreadable(struct loader *loader, const char *text, int line)
{
	struct scan scan = {.at = text, .line = 1};
	const char *wrong = NULL;

	while (!wrong && next(&scan))
		wrong = fault_of_token(loader, &scan);
	if (!wrong && scan.depth > 0 && line >= scan.line)
		loader_error(
		    loader, line, "syntax",
		    "the file ends, and the %c of line %d is open; it should be closed, or "
		    "one inside of it",
		    open_bracket(&scan), scan.open[scan.depth - 1].line);
	else if (wrong && scan.token_line <= line)
		loader_error(loader, scan.token_line, "syntax", "%s", wrong);
	else
		loader_error(loader, line, "syntax",
			     "cannot be read; a quote, a comma, a ; or a bracket is missing or too "
			     "many, here or before");
}

/* The name of a setting. */
struct name {
	const char *start;
	size_t len;
	int line;
};

struct names {
	struct name *items;
	size_t count, capacity;
};

static const struct name *find_name(const struct names *names, size_t from,
				    const struct name *wanted)
{
	for (size_t i = from; i < names->count; i++) {
		const struct name *name = &names->items[i];

		if (name->len == wanted->len && memcmp(name->start, wanted->start, name->len) == 0)
			return name;
	}
	return NULL;
}

/* The first name that stands twice in one group; *ret_again: the second time. NULL: none is found.
 */
static const struct name *find_twice(struct loader *loader, const char *text, struct names *names,
				     struct name *ret_again)
{
	size_t first_of[DEPTH_MAX + 2] = {0}; /* of the group that is open at that depth */
	struct scan scan = {.at = text, .line = 1};

	while (next(&scan) && !fault_of_bracket(loader, &scan)) {
		const struct name *first;

		if (is_one_of(scan.token, "{(["))
			first_of[scan.depth] = names->count;
		/* What is closed is of no more interest: a file may have very many groups. */
		if (is_one_of(scan.token, "})]"))
			names->count = first_of[scan.depth + 1];
		if (!is_name(&scan))
			continue;
		*ret_again = (struct name){scan.start, scan.len, scan.token_line};
		if ((first = find_name(names, first_of[scan.depth], ret_again)))
			return first;
		names->items = arena_grow(loader->scratch, names->items, names->count,
					  &names->capacity, sizeof(*names->items));
		names->items[names->count++] = *ret_again;
	}
	return NULL;
}

static void complain_twice(struct loader *loader, const char *text, int line)
{
	struct names names = {0};
	struct name again;
	const struct name *first = find_twice(loader, text, &names, &again);

	if (!first)
		loader_error(loader, line, "syntax",
			     "a name stands twice in one group; one of the two should go");
	else if (first->line == again.line)
		loader_error(loader, again.line,
			     arena_strndup(loader->scratch, again.start, again.len),
			     "stands there twice; one of the two should go");
	else
		loader_error(loader, again.line,
			     arena_strndup(loader->scratch, again.start, again.len),
			     "stands in line %d already; one of the two should go", first->line);
}

void syntax_complain(struct loader *loader, const char *text, const config_t *tree)
{
	const char *said = config_error_text(tree);
	const int line = config_error_line(tree);

	if (strcmp(said, "syntax error") == 0)
		complain_unreadable(loader, text, line);
	else if (strcmp(said, "duplicate setting name") == 0)
		complain_twice(loader, text, line);
	else if (strcmp(said, "mismatched element type in array") == 0)
		loader_error(loader, line, "syntax",
			     "a list in [ … ] should hold entries of one kind, such as text in "
			     "quotes; one that mixes names and groups should stand in ( … )");
	else
		loader_error(loader, line, "syntax", "%s", said);
}
