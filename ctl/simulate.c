/* simulate: what a configuration would mean, before it is put in force. Needs no daemon. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "core/zone.h"
#include "ctl/complain.h"
#include "ctl/rows.h"
#include "ctl/simulation.h"
#include "ctl/table.h"
#include "ctl/verbs.h"
#include "message/text.h"
#include "sys/clock.h"

#define CONF_PATH      "/etc/cadenced/cadenced.conf"
#define TEXT_MAX       ((size_t)16 << 20)
#define REACT_DAYS_MAX 365
#define PERMILLE       1000
#define YEAR_DAYS      365.25
#define COUNT(a)       (sizeof(a) / sizeof((a)[0]))

struct words {
	const char *conf, *contacts, *partners, *from, *to, *owner, *react, *seed;
	bool summary;
};

/* One simulation and how it is shown. */
struct show {
	const struct ctl *ctl;
	struct words words;
	struct simulation simulation;
	const struct owner *owner; /* NULL: all */
	json_t *digests;	   /* with --json */
	bool progress;
	day said; /* the last day that the progress line showed */
};

/* ---- what leaves ---- */

static void add_digest(struct show *show, const struct owner *owner, day d,
		       const struct document *document, const char *time)
{
	json_t *partners = json_array();
	char iso[DAY_TEXT_SIZE];

	for (size_t i = 0; i < document->block_count; i++)
		if (document->blocks[i].kind == BLOCK_ENTRY)
			json_array_append_new(partners, json_string(document->blocks[i].partner));
	json_array_append_new(show->digests,
			      json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "day", day_iso(d, iso),
					"time", time, "owner", owner->id, "kind",
					document_kind_name(document->kind), "subject",
					document->subject, "partners", partners));
}

static void print_digest(const struct show *show, const struct owner *owner, day d,
			 const struct document *document, const char *time)
{
	struct buf text = buf_make(TEXT_MAX);
	char said[DAY_TEXT_SIZE];

	text_render(document, &text);
	printf("==== %s %s, to %s (%s)\nSubject: ", day_say(d, show->simulation.from, said), time,
	       owner->id, zone_name(owner->zone));
	print_clean(document->subject);
	puts("\n");
	print_clean(buf_text(&text));
	putchar('\n');
	buf_free(&text);
}

static void tell(void *arg, const struct owner *owner, day d, const struct document *document)
{
	struct show *show = arg;
	const struct local local = zone_local(owner->zone, document->created);
	char time[16];

	if (show->owner && show->owner != owner)
		return;
	snprintf(time, sizeof(time), "%02d:%02d", local.second / 3600, local.second / 60 % 60);
	if (show->ctl->json)
		add_digest(show, owner, d, document, time);
	else
		print_digest(show, owner, d, document, time);
}

/* Once a simulated month is often enough for the eye. */
static void progress(void *arg, day d)
{
	struct show *show = arg;
	char iso[DAY_TEXT_SIZE];

	if (!show->progress || d - show->said < 28)
		return;
	show->said = d;
	fprintf(stderr, "\r%s", day_iso(d, iso));
}

/* ---- the end ---- */

static double per_year(const struct simulation_count *count)
{
	return count->partner_days > 0
		   ? (double)count->nudges * YEAR_DAYS / (double)count->partner_days
		   : 0.0;
}

static double percent(int64_t part, int64_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0.0;
}

static json_t *count_json(const struct simulation_count *count)
{
	char iso[DAY_TEXT_SIZE];

	return json_pack("{s:s?, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:I, s:I, s:s?, s:I}",
			 "owner", count->owner, "partners", (json_int_t)count->partners, "digests",
			 (json_int_t)count->digests, "quiet", (json_int_t)count->quiet, "nudges",
			 (json_int_t)count->nudges, "hints", (json_int_t)count->hints, "over",
			 (json_int_t)count->over, "nudges_per_partner_year", per_year(count),
			 "useful_percent", percent(count->nudges - count->unneeded, count->nudges),
			 "cold_percent", percent(count->cold_days, count->partner_days),
			 "partner_days", (json_int_t)count->partner_days, "answered",
			 (json_int_t)count->answered, "busiest_day",
			 count->busiest == DAY_NEVER ? NULL : day_iso(count->busiest, iso),
			 "busiest_entries", (json_int_t)count->busiest_entries);
}

static bool is_shown(const struct show *show, const struct simulation_count *count)
{
	return !show->owner || strcmp(show->words.owner, count->owner) == 0;
}

/* The chosen owner's, else everybody's. */
static const struct simulation_count *count_shown(const struct show *show,
						  const struct simulation_result *result)
{
	for (size_t i = 0; show->owner && i < result->owner_count; i++)
		if (strcmp(result->owners[i].owner, show->words.owner) == 0)
			return &result->owners[i];
	return &result->all;
}

static void print_json(const struct show *show, const struct simulation_result *result)
{
	json_t *owners = json_array(), *summary, *all;
	char from[DAY_TEXT_SIZE], to[DAY_TEXT_SIZE];

	for (size_t i = 0; i < result->owner_count; i++)
		if (is_shown(show, &result->owners[i]))
			json_array_append_new(owners, count_json(&result->owners[i]));
	summary = count_json(count_shown(show, result));
	json_object_set_new(summary, "contacts_by_themselves",
			    json_integer(count_shown(show, result)->unasked));
	json_object_set_new(summary, "contacts_beyond", json_integer(result->beyond));
	all = json_pack("{s:s, s:s, s:I, s:o, s:o, s:O}", "from",
			day_iso(show->simulation.from, from), "to",
			day_iso(show->simulation.to, to), "seed", (json_int_t)show->simulation.seed,
			"summary", summary, "owners", owners, "digests", show->digests);
	client_print(all);
	json_decref(all);
}

static void say_premises(const struct show *show, const struct simulation_result *result)
{
	const struct simulation *simulation = &show->simulation;
	char from[DAY_TEXT_SIZE], to[DAY_TEXT_SIZE];

	const long long partners = count_shown(show, result)->partners;

	printf("%s to %s, %lld partner%s.\n", day_say(simulation->from, DAY_MIN, from),
	       day_say(simulation->to, DAY_MIN, to), partners, partners == 1 ? "" : "s");
	if (simulation->react_permille > 0)
		printf("Each nudge is answered with a chance of %.1f %%, %d days later (seed "
		       "%llu).\n",
		       (double)simulation->react_permille / 10, simulation->react_days,
		       (unsigned long long)simulation->seed);
	else
		puts("Nobody answers a nudge; --react 0.5,3 lets half of them be answered.");
	if (count_shown(show, result)->unasked > 0)
		printf("%lld contacts come by themselves, on the days the files say.\n",
		       (long long)count_shown(show, result)->unasked);
	if (result->beyond > 0)
		printf("%lld contacts lie after the last day and are left out.\n",
		       (long long)result->beyond);
	putchar('\n');
}

static void say_totals(const struct simulation_count *all)
{
	char said[DAY_TEXT_SIZE];

	printf("Nudges per partner-year   %.1f\n", per_year(all));
	if (all->unasked > 0)
		printf("Useful nudges             %.0f %%  (the others: contact came by itself "
		       "within %d days)\n",
		       percent(all->nudges - all->unneeded, all->nudges), SIMULATION_USEFUL_DAYS);
	printf("Cold days                 %.1f %% of %lld partner-days\n",
	       percent(all->cold_days, all->partner_days), (long long)all->partner_days);
	printf("Digests                   %lld, and %lld all-quiet lines\n",
	       (long long)all->digests, (long long)all->quiet);
	if (all->hints > 0)
		printf("Early hints               %lld, before anything was due\n",
		       (long long)all->hints);
	if (all->over > 0)
		printf("Told to others            %lld times: the ladder, and absence\n",
		       (long long)all->over);
	if (all->busiest == DAY_NEVER)
		puts("Busiest day               none: nobody is told of anything");
	else
		printf("Busiest day               %s: %lld entr%s in the digests\n",
		       day_say(all->busiest, DAY_MIN, said), (long long)all->busiest_entries,
		       all->busiest_entries == 1 ? "y" : "ies");
}

static json_t *row_of(const struct simulation_count *count)
{
	char nudges[32], cold[32], busiest[64] = "-", said[DAY_TEXT_SIZE];

	snprintf(nudges, sizeof(nudges), "%.1f", per_year(count));
	snprintf(cold, sizeof(cold), "%.1f %%", percent(count->cold_days, count->partner_days));
	if (count->busiest != DAY_NEVER)
		snprintf(busiest, sizeof(busiest), "%lld on %s", (long long)count->busiest_entries,
			 day_say(count->busiest, DAY_MIN, said));
	return json_pack("{s:s, s:I, s:I, s:s, s:s, s:s}", "owner", count->owner, "partners",
			 (json_int_t)count->partners, "digests", (json_int_t)count->digests,
			 "nudges", nudges, "cold", cold, "most", busiest);
}

static void say_owners(const struct show *show, const struct simulation_result *result)
{
	static const struct column columns[] = {
	    {.title = "OWNER", .key = "owner"},	    {.title = "PARTNERS", .key = "partners"},
	    {.title = "DIGESTS", .key = "digests"}, {.title = "NUDGES/YEAR", .key = "nudges"},
	    {.title = "COLD DAYS", .key = "cold"},  {.title = "MOST IN A DIGEST", .key = "most"}};
	json_t *rows = json_array();

	for (size_t i = 0; i < result->owner_count; i++)
		if (is_shown(show, &result->owners[i]))
			json_array_append_new(rows, row_of(&result->owners[i]));
	putchar('\n');
	table_print(rows, columns, COUNT(columns));
	json_decref(rows);
}

static void print_result(const struct show *show, const struct simulation_result *result)
{
	if (show->ctl->json) {
		print_json(show, result);
		return;
	}
	say_premises(show, result);
	say_totals(count_shown(show, result));
	say_owners(show, result);
}

/* ---- the words ---- */

static bool refuse(const char *what, const char *word, const char *right)
{
	complain("%s: \"%s\" is not right; %s", what, word, right);
	return false;
}

/* "0.5,3" or "50%,3". */
static bool parse_react(const char *word, struct simulation *simulation)
{
	static const char right[] = "write a chance and days, as in 0.5,3 or 50%,3";
	char *end;
	const double chance = strtod(word, &end);
	const double whole = *end == '%' ? 100.0 : 1.0;

	if (end == word || !(chance >= 0.0 && chance <= whole))
		return refuse("--react", word, right);
	end += *end == '%';
	if (*end != ',')
		return refuse("--react", word, right);
	const char *days = end + 1;
	const long count = strtol(days, &end, 10);
	if (end == days || *end || count < 0 || count > REACT_DAYS_MAX)
		return refuse("--react", word, right);
	simulation->react_permille = (uint32_t)(chance * PERMILLE / whole + 0.5);
	simulation->react_days = (int)count;
	return true;
}

static bool parse_seed(const char *word, struct simulation *simulation)
{
	char *end;

	simulation->seed = strtoull(word, &end, 10);
	return (end != word && !*end) || refuse("--seed", word, "write a number");
}

static bool parse_days(const struct words *words, day today, struct simulation *simulation)
{
	static const char right[] = "write a day as in 2026-11-03, today or 7dec";

	simulation->from = today;
	if (words->from && !day_parse_words(words->from, today, DAY_PAST, &simulation->from))
		return refuse("--from", words->from, right);
	simulation->to = day_add_months(simulation->from, 12);
	if (words->to && !day_parse_words(words->to, simulation->from, DAY_AHEAD, &simulation->to))
		return refuse("--to", words->to, right);
	if (simulation->to < simulation->from)
		return refuse("--to", words->to, "the last day should not come before the first");
	if (simulation->to - simulation->from >= SIMULATION_DAYS_MAX)
		return refuse("--to", words->to, "a hundred years are the most");
	return true;
}

/* Who begins long after the first day is refused on it, as by a daemon that is started then; it is
 * the first day that can be chosen here. */
static bool check_since(const struct simulation *simulation)
{
	for (size_t i = 0; i < simulation->conf->partner_count; i++) {
		const struct partner_entry *entry = &simulation->conf->partners[i];
		char since[DAY_TEXT_SIZE], from[DAY_TEXT_SIZE];

		if (entry->since == DAY_NEVER || entry->since <= simulation->from + SINCE_DAYS_MAX)
			continue;
		complain("%s: partner %s: since %s is more than a year after the first day, %s; "
			 "begin with a later one (--from)",
			 entry->origin, entry->id, day_iso(entry->since, since),
			 day_iso(simulation->from, from));
		return false;
	}
	return true;
}

static struct conf *load_conf(const char *path)
{
	struct buf errors = buf_make(TEXT_MAX);
	struct conf *conf = NULL;

	if (conf_load_offline(path, &conf, &errors) != STATUS_OK) {
		complain("%s", buf_text(&errors));
		conf = NULL;
	}
	buf_free(&errors);
	return conf;
}

static bool find_owner(struct show *show)
{
	const struct roster *roster = &show->simulation.conf->roster;
	const char *word = show->words.owner;
	const char **ids;
	int nearest;

	if (!word)
		return true;
	show->owner = roster_owner(roster, word);
	if (show->owner)
		return true;
	ids = mem_alloc(roster->owner_count + 1, sizeof(*ids));
	for (size_t i = 0; i < roster->owner_count; i++)
		ids[i] = roster->owners[i].id;
	nearest = text_nearest(word, ids, roster->owner_count);
	complain("no owner \"%s\"%s%s", word, nearest >= 0 ? "; did you mean " : "",
		 nearest >= 0 ? ids[nearest] : "");
	free(ids);
	return false;
}

/* ---- the files ---- */

/* Says that rows are bad, which have been printed; --json lists them: {file, line, message}. */
static void complain_of_rows(const json_t *errors)
{
	const size_t count = json_array_size(errors);
	json_t *all = json_pack("{s:o, s:O}", "message",
				json_sprintf("%zu row%s not right; nothing was played", count,
					     count == 1 ? " is" : "s are"),
				"errors", errors);

	complain_of(all);
	json_decref(all);
}

static void name_file(json_t *errors, const char *path)
{
	json_t *error;
	size_t i;

	json_array_foreach(errors, i, error) json_object_set_new(error, "file", json_string(path));
}

/* The good rows of a file; false when one is bad: half a history would give wrong numbers. */
static bool read_rows(const char *kind, const char *path, json_t **ret_rows)
{
	struct rows rows;
	bool good;

	*ret_rows = NULL;
	if (!path)
		return true;
	if (!rows_open(&rows, rows_kind(kind), path))
		return false;
	*ret_rows = json_array();
	for (size_t i = 0; i < rows.csv.count; i++) {
		json_t *row = rows_json(&rows, i);

		if (row)
			json_array_append_new(*ret_rows, row);
	}
	rows_print(&rows, NULL);
	good = json_array_size(rows.errors) == 0;
	if (!good) {
		name_file(rows.errors, path);
		complain_of_rows(rows.errors);
	}
	rows_close(&rows);
	return good;
}

/* The simulation names the kind of file, the user knows its path. */
static void print_bad_rows(const struct show *show, json_t *errors)
{
	json_t *error;
	size_t i;

	json_array_foreach(errors, i, error)
	{
		const char *kind = json_string_value(json_object_get(error, "file"));
		const char *path =
		    strcmp(kind, "partners") == 0 ? show->words.partners : show->words.contacts;

		fprintf(stderr, "%s:%lld: ", path,
			(long long)json_integer_value(json_object_get(error, "line")));
		fprint_clean(stderr, json_string_value(json_object_get(error, "message")));
		fputc('\n', stderr);
		json_object_set_new(error, "file", json_string(path));
	}
	complain_of_rows(errors);
	if (!show->words.partners)
		complain("partners that only the database knows come from --partners; 'cadencectl "
			 "export partners' writes them");
}

static int play(struct show *show)
{
	struct arena *arena = arena_new();
	struct simulation_result result;
	json_t *errors = NULL;
	struct error err = {""};
	const enum status status = simulation_run(&show->simulation, arena, &result, &errors, &err);

	show->simulation.conf = NULL;
	if (show->progress)
		fputs("\r          \r", stderr);
	if (status == STATUS_OK) {
		print_result(show, &result);
	} else if (json_array_size(errors) > 0) {
		print_bad_rows(show, errors);
	} else {
		complain("%s", err.text);
	}
	json_decref(errors);
	arena_free(arena);
	return status == STATUS_OK ? DONE : FAILED;
}

static int simulate(struct show *show)
{
	struct simulation *simulation = &show->simulation;
	json_t *partners = NULL, *contacts = NULL;
	const struct clock clock = clock_real();
	int result = FAILED;

	if (!find_owner(show))
		return FAILED;
	if (!parse_days(&show->words, zone_day(simulation->conf->roster.zone, clock_now(&clock)),
			simulation))
		return USAGE;
	if (!check_since(simulation))
		return FAILED;
	if (read_rows("partners", show->words.partners, &partners) &&
	    read_rows("contacts", show->words.contacts, &contacts)) {
		simulation->partners = partners;
		simulation->contacts = contacts;
		result = play(show);
	}
	json_decref(partners);
	json_decref(contacts);
	return result;
}

int verb_simulate(const struct ctl *ctl, int argc, char **argv)
{
	struct show show = {.ctl = ctl, .words = {.conf = CONF_PATH, .seed = "1"}};
	const struct ctl_option options[] = {{"--conf", &show.words.conf, NULL},
					     {"--contacts", &show.words.contacts, NULL},
					     {"--partners", &show.words.partners, NULL},
					     {"--from", &show.words.from, NULL},
					     {"--to", &show.words.to, NULL},
					     {"--owner", &show.words.owner, NULL},
					     {"--react", &show.words.react, NULL},
					     {"--seed", &show.words.seed, NULL},
					     {"--summary", NULL, &show.words.summary}};
	int result;

	argc = take_options(argc, argv, options, COUNT(options));
	if (argc < 0)
		return USAGE;
	if (argc > 0)
		return usage("simulate takes options only");
	if (!parse_seed(show.words.seed, &show.simulation) ||
	    (show.words.react && !parse_react(show.words.react, &show.simulation)))
		return USAGE;
	show.simulation.conf = load_conf(show.words.conf);
	if (!show.simulation.conf)
		return CONF_WRONG;
	show.simulation.tell = show.words.summary ? NULL : tell;
	show.simulation.progress = progress;
	show.simulation.arg = &show;
	show.progress = show.words.summary && isatty(STDERR_FILENO);
	show.said = DAY_MIN;
	show.digests = json_array();
	result = simulate(&show);
	json_decref(show.digests);
	if (show.simulation.conf)
		roster_unref(&show.simulation.conf->roster);
	return result;
}
