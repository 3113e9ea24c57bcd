/* The owners, and who of them is away. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ctl/table.h"
#include "ctl/verbs.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

/* ---- owners ---- */

static char *join_channels(const json_t *owner)
{
	struct buf joined = buf_make(SIZE_MAX);
	json_t *channel;
	size_t i;

	json_array_foreach(json_object_get(owner, "channels"), i, channel)
	{
		buf_adds(&joined, i > 0 ? ", " : "");
		buf_adds(&joined, json_string_value(channel));
	}
	return buf_take(&joined);
}

static char *say_range(const json_t *owner)
{
	const json_t *away = json_object_get(owner, "away");
	const char *today = text(owner, "today");
	char from[32], to[32];

	if (!json_is_object(away))
		return NULL;
	return mem_printf("%s to %s", say_day(text(away, "from"), today, from),
			  say_day(text(away, "to"), today, to));
}

static void set_said(json_t *owner, const char *key, char *said)
{
	json_object_set_new(owner, key, said ? json_string(said) : json_null());
	free(said);
}

static void print_owners(json_t *owners)
{
	static const struct column columns[] = {
	    {.title = "OWNER", .key = "id", .floor = TABLE_ID_FLOOR},
	    {.title = "NAME", .key = "name", .floor = TABLE_NAME_FLOOR},
	    {.title = "CHANNELS", .key = "said_channels", .floor = TABLE_TEXT_FLOOR},
	    {.title = "BACKUP", .key = "backup", .floor = TABLE_ID_FLOOR},
	    {.title = "AWAY", .key = "said_away"},
	};
	json_t *owner;
	size_t i;

	json_array_foreach(owners, i, owner)
	{
		set_said(owner, "said_channels", join_channels(owner));
		set_said(owner, "said_away", say_range(owner));
	}
	if (json_array_size(owners) == 0)
		puts("no owners are configured");
	else
		table_print(owners, columns, COUNT(columns));
}

int verb_owners(const struct ctl *ctl, int argc, char **argv)
{
	json_t *answer = NULL;
	int result;

	(void)argv;
	if (argc != 0)
		return usage("owners takes no more words; 'cadencectl list --owner OWNER' lists "
			     "the partners of one");
	result = client_json(ctl, "GET", "owners", NULL, &answer);
	if (result == DONE && !ctl->json)
		print_owners(json_object_get(answer, "owners"));
	json_decref(answer);
	return result;
}

/* ---- away ---- */

static void say_away(const char *owner, const json_t *away, const char *today)
{
	const char *stand_in = text(away, "stand_in");
	char a[32], b[32];

	printf("%s: away from %s to %s; what turns cold %s%s, the rest waits\n", owner,
	       say_day(text(away, "from"), today, a), say_day(text(away, "to"), today, b),
	       stand_in ? "goes to " : "waits", stand_in ? stand_in : "");
}

/* what: "", or what is asked of the owner ("/away"); takes the body. */
static int ask_owner(const struct ctl *ctl, const char *method, const char *owner, const char *what,
		     json_t *body, json_t **ret)
{
	char *escaped = client_escape(owner);
	char *path = mem_printf("owners/%s%s", escaped, what);
	const int result = client_json(ctl, method, path, body, ret);

	free(path);
	free(escaped);
	return result;
}

static int show_away(const struct ctl *ctl, const char *owner)
{
	json_t *answer = NULL;
	const int result = ask_owner(ctl, "GET", owner, "", NULL, &answer);
	const json_t *away = json_object_get(answer, "away");

	if (result == DONE && !ctl->json) {
		if (json_is_object(away))
			say_away(text(answer, "id"), away, text(answer, "today"));
		else
			printf("%s: not away, and no absence is known\n", text(answer, "id"));
	}
	json_decref(answer);
	return result;
}

static int set_away(const struct ctl *ctl, const char *owner, json_t *days)
{
	json_t *answer = NULL;
	const int result = ask_owner(ctl, "POST", owner, "/away", days, &answer);

	if (result == DONE && !ctl->json) {
		if (text(answer, "from"))
			say_away(text(answer, "owner"), answer, text(answer, "from"));
		else
			printf("%s: there again\n", text(answer, "owner"));
	}
	json_decref(answer);
	return result;
}

int verb_away(const struct ctl *ctl, int argc, char **argv)
{
	if (argc == 1)
		return show_away(ctl, argv[0]);
	if (argc == 2 && strcmp(argv[1], "off") == 0)
		return set_away(ctl, argv[0], json_object());
	if (argc == 3)
		return set_away(ctl, argv[0],
				json_pack("{s:s, s:s}", "from", argv[1], "to", argv[2]));
	return usage("away takes an owner, the first and the last day; or an owner and off");
}
