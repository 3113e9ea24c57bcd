/* Complaints of one loading: collected in any order, told in the order of the lines. */
#include "conf/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define QUOTE_MAX	  200 /* bytes of a refused text that are repeated */
#define CHOICES_SHOWN_MAX 7
#define CHOICES_TEXT_MAX  ((size_t)1024)

static void note(struct loader *loader, struct complaints *complaints, int line, const char *what,
		 const char *fmt, va_list args)
{
	char text[1024];

	(void)vsnprintf(text, sizeof text, fmt, args);
	complaints->items = arena_grow(loader->scratch, complaints->items, complaints->count,
				       &complaints->capacity, sizeof *complaints->items);
	complaints->items[complaints->count++] = (struct complaint){
	    .line = line,
	    .text = arena_printf(loader->scratch, "%s:%d: %s: %s", loader->base, line, what, text),
	};
}

void loader_error(struct loader *loader, int line, const char *what, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(loader, &loader->errors, line, what, fmt, args);
	va_end(args);
}

void loader_warn(struct loader *loader, int line, const char *what, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(loader, &loader->warnings, line, what, fmt, args);
	va_end(args);
}

static int complaint_order(const void *a, const void *b)
{
	const struct complaint *left = a, *right = b;

	if (left->line != right->line)
		return left->line < right->line ? -1 : 1;
	return strcmp(left->text, right->text);
}

void loader_sort(struct complaints *complaints)
{
	if (complaints->count > 0)
		qsort(complaints->items, complaints->count, sizeof *complaints->items,
		      complaint_order);
}

void loader_list_errors(struct loader *loader, struct buf *out)
{
	struct complaints *errors = &loader->errors;

	loader_sort(errors);
	for (size_t i = 0; i < errors->count && i < CONF_ERRORS_MAX; i++)
		buf_addf(out, "%s%s", i > 0 ? "\n" : "", errors->items[i].text);
	if (errors->count > CONF_ERRORS_MAX)
		buf_addf(out, "\nand %zu more", errors->count - CONF_ERRORS_MAX);
}

const char *loader_what(struct loader *loader, enum section section, const char *id,
			const char *key)
{
	if (section == SECTION_GLOBAL)
		return key;
	if (section == SECTION_INBOX || section == SECTION_BACKUP)
		return arena_printf(loader->scratch, "%s: %s", conf_sections[section].one, key);
	if (!key)
		return arena_printf(loader->scratch, "%s %s", conf_sections[section].one, id);
	return arena_printf(loader->scratch, "%s %s: %s", conf_sections[section].one, id, key);
}

const char *loader_choices(struct loader *loader, const char *const *candidates, size_t count)
{
	struct buf names = buf_make(CHOICES_TEXT_MAX);
	const char *text;

	for (size_t i = 0; i < count && i < CHOICES_SHOWN_MAX; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", candidates[i]);
	if (count > CHOICES_SHOWN_MAX)
		buf_adds(&names, ", …");
	text = arena_strdup(loader->scratch, buf_text(&names));
	buf_free(&names);
	return text;
}

const char *loader_hint(struct loader *loader, const char *word, const char *const *candidates,
			size_t count)
{
	const int nearest = text_nearest(word, candidates, count);

	if (count == 0)
		return "; the file defines none";
	if (nearest < 0)
		return arena_printf(loader->scratch, "; it should be one of: %s",
				    loader_choices(loader, candidates, count));
	return arena_printf(loader->scratch, "; did you mean \"%s\"?", candidates[nearest]);
}

const char *loader_quote(struct loader *loader, const char *text)
{
	char *shown = arena_strndup(loader->scratch, text, strnlen(text, QUOTE_MAX));
	char scratch[TEXT_FAULT_SIZE];
	const bool clean = !text_check(text, strlen(text), TEXT_LINE, 0, QUOTE_MAX / 4, scratch);

	for (char *s = shown; *s; s++)
		if (!clean && (*s < 0x20 || *s > 0x7e))
			*s = '?';
	if (strlen(text) > QUOTE_MAX)
		return arena_printf(loader->scratch, "%s…", shown);
	return shown;
}

static int key_line(enum section section, const struct record *record, const char *name)
{
	size_t count;
	const struct key *keys = keys_of(section, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(keys[i].name, name) == 0)
			return record->lines[i];
	return 0;
}

int record_line(enum section section, const struct record *record, const char *key)
{
	const int line = key_line(section, record, key);

	return line > 0 ? line : record->line;
}

bool record_gives(enum section section, const struct record *record, const char *key)
{
	return key_line(section, record, key) > 0;
}
