/* Values that are kept as text: names, addresses, URLs, secrets. */
#include "conf/value_text.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"

#define SOCKET_PATH_MAX 107  /* bytes that fit in sun_path */
#define FOLDER_MAX	3000 /* code points of a folder's path: the names in it need room too */
#define SPACE		" \t\r\n"
#define LINK_ID		"{id}"

static const char *store_text(struct arena *arena, const char *text, void *place)
{
	*(const char **)place = arena_strdup(arena, text);
	return NULL;
}

static const char *read_line(struct arena *arena, const char *text, size_t max, void *place,
			     char fault[VALUE_FAULT_SIZE])
{
	char scratch[TEXT_FAULT_SIZE];
	const char *wrong = text_check(text, strlen(text), TEXT_LINE, 1, max, scratch);

	if (!wrong)
		return store_text(arena, text, place);
	(void)snprintf(fault, VALUE_FAULT_SIZE, "%s", wrong);
	return fault;
}

const char *value_text_name(struct arena *arena, const struct key *key, const char *text,
			    void *place, char fault[VALUE_FAULT_SIZE])
{
	(void)key;
	return read_line(arena, text, TEXT_NAME_MAX, place, fault);
}

const char *value_text_tags(struct arena *arena, const struct key *key, const char *text,
			    void *place, char fault[VALUE_FAULT_SIZE])
{
	(void)key;
	return read_line(arena, text, TEXT_TAGS_MAX, place, fault);
}

const char *value_text_id(struct arena *arena, const struct key *key, const char *text, void *place,
			  char fault[VALUE_FAULT_SIZE])
{
	(void)key;
	(void)fault;
	if (!text_is_id(text))
		return "is no id: " TEXT_ID_RULE;
	return store_text(arena, text, place);
}

const char *value_text_mail(struct arena *arena, const struct key *key, const char *text,
			    void *place, char fault[VALUE_FAULT_SIZE])
{
	const char *wrong = address_check_mail(text);

	(void)key;
	(void)fault;
	return wrong ? wrong : store_text(arena, text, place);
}

const char *value_text_mailbox(struct arena *arena, const struct key *key, const char *text,
			       void *place, char fault[VALUE_FAULT_SIZE])
{
	const char *wrong = address_check_mailbox(text);

	(void)key;
	(void)fault;
	return wrong ? wrong : store_text(arena, text, place);
}

const char *value_text_database(struct arena *arena, const struct key *key, const char *text,
				void *place, char fault[VALUE_FAULT_SIZE])
{
	if (strncmp(text, "sqlite:///", 10) != 0 || text[10] == '\0')
		return "is no database: it should be sqlite:// and an absolute path, such as "
		       "\"sqlite:///var/lib/cadenced/cadenced.db\"";
	(void)key;
	return read_line(arena, text, ADDRESS_URL_MAX, place, fault);
}

const char *value_text_socket(struct arena *arena, const struct key *key, const char *text,
			      void *place, char fault[VALUE_FAULT_SIZE])
{
	(void)key;
	if (text[0] != '/' || text[1] == '\0')
		return "is no absolute path; it should start with /";
	if (strlen(text) > SOCKET_PATH_MAX)
		return "is longer than the 107 bytes that a socket's path may have";
	return read_line(arena, text, SOCKET_PATH_MAX, place, fault);
}

const char *value_text_folder(struct arena *arena, const struct key *key, const char *text,
			      void *place, char fault[VALUE_FAULT_SIZE])
{
	(void)key;
	if (text[0] != '/' || text[1] == '\0')
		return "is no absolute path; it should start with /";
	return read_line(arena, text, FOLDER_MAX, place, fault);
}

const char *value_text_host(struct arena *arena, const struct key *key, const char *text,
			    void *place, char fault[VALUE_FAULT_SIZE])
{
	const char *wrong = address_check_host(text);

	(void)key;
	(void)fault;
	return wrong ? wrong : store_text(arena, text, place);
}

const char *value_text_secret(struct arena *arena, const struct key *key, const char *text,
			      void *place, char fault[VALUE_FAULT_SIZE])
{
	struct secret *secret = place;

	(void)key;
	return read_line(arena, text, ADDRESS_URL_MAX, &secret->text, fault);
}

/* Goes into a header or a path as it is. */
const char *value_text_token(struct arena *arena, const struct key *key, const char *text,
			     void *place, char fault[VALUE_FAULT_SIZE])
{
	for (const char *s = text; *s; s++)
		if (*s <= 0x20 || *s > 0x7e)
			return "is no token: it holds a space, a control or a non-ASCII character; "
			       "it should be copied whole";
	return value_text_secret(arena, key, text, place, fault);
}

/* One secret, or two with one space between, whatever white space stands there. */
const char *value_text_signing(struct arena *arena, const struct key *key, const char *text,
			       void *place, char fault[VALUE_FAULT_SIZE])
{
	const char *wrong = address_check_signing(text);
	struct secret *secret = place;
	const char *gap = "";
	char *kept;

	(void)key;
	(void)fault;
	if (wrong)
		return wrong;
	kept = arena_alloc(arena, strlen(text) + 1, 1);
	secret->text = kept;
	for (text += strspn(text, SPACE); *text; text += strspn(text, SPACE)) {
		const size_t len = strcspn(text, SPACE);

		kept = stpcpy(kept, gap);
		kept = mempcpy(kept, text, len);
		text += len;
		gap = " ";
	}
	return NULL;
}

const char *value_text_heartbeat(struct arena *arena, const struct key *key, const char *text,
				 void *place, char fault[VALUE_FAULT_SIZE])
{
	static const char *const schemes[] = {"https", "http", NULL};
	const char *wrong = address_check_url(text, schemes);

	return wrong ? wrong : value_text_secret(arena, key, text, place, fault);
}

const char *value_text_proxy(struct arena *arena, const struct key *key, const char *text,
			     void *place, char fault[VALUE_FAULT_SIZE])
{
	static const char *const schemes[] = {"http", NULL};
	const char *wrong = address_check_url(text, schemes);

	(void)key;
	(void)fault;
	if (wrong)
		return wrong;
	if (address_after_host(text)[0] != '\0' && strcmp(address_after_host(text), "/") != 0)
		return "has a path; a proxy should read like \"http://proxy.example.com:3128\"";
	return store_text(arena, text, place);
}

/* A URL with {id} in it, once and not in the host. */
const char *value_text_link(struct arena *arena, const struct key *key, const char *text,
			    void *place, char fault[VALUE_FAULT_SIZE])
{
	static const char *const schemes[] = {"https", "http", NULL};
	const char *at = strstr(text, LINK_ID);
	const char *wrong;
	char *filled;

	(void)key;
	(void)fault;
	if (!at)
		return "has no {id}; it should read like \"https://crm.example.com/partners/{id}\"";
	if (strstr(at + 1, LINK_ID))
		return "has {id} more than once; once is right";
	filled = arena_printf(arena, "%.*sid%s", (int)(at - text), text, at + strlen(LINK_ID));
	wrong = address_check_url(filled, schemes);
	if (wrong)
		return wrong;
	if (at - text < address_after_host(filled) - filled)
		return "has {id} in its host; it should stand behind it";
	return store_text(arena, text, place);
}
