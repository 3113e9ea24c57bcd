/* Says after a turn how things stand. One count is under way at a time: what changes meanwhile is
 * told by the next one, so that a storm of turns does not become a storm of counts. */
#include "daemon/figures.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "core/zone.h"
#include "store/verbs.h"
#include "sys/notify.h"

#define LOOK_TEXT_SIZE	  64
#define WEEKDAY_NAMES_ARE 7 /* for fewer days than this a weekday says which day is meant */

struct count {
	struct daemon *daemon;
	struct figures figures;
};

static enum status count_job(struct db *db, void *arg, struct error *err)
{
	struct count *count = arg;

	(void)err;
	return view_figures(db, &count->figures);
}

/* "08:30" today, "Tue 08:30" this week, "Tue 29 Dec 08:30" later. */
static void say_look(const struct daemon *daemon, char text[LOOK_TEXT_SIZE])
{
	const struct zone *zone = daemon->conf->roster.zone;
	const struct local look = zone_local(zone, daemon->next_look);
	const day today = zone_day(zone, daemon_now(daemon));
	const int ahead = look.day - today, minute = look.second / 60;
	char date[DAY_TEXT_SIZE] = "";

	if (ahead > 0 && ahead < WEEKDAY_NAMES_ARE)
		snprintf(date, sizeof(date), "%s", weekday_name(day_weekday(look.day)));
	else if (ahead != 0)
		day_say(look.day, today, date);
	snprintf(text, LOOK_TEXT_SIZE, "%s%s%02d:%02d", date, ahead != 0 ? " " : "", minute / 60,
		 minute % 60);
}

static void say(const struct daemon *daemon, const struct figures *figures)
{
	char look[LOOK_TEXT_SIZE] = "never";
	char *state;

	if (daemon->next_look != INSTANT_NEVER)
		say_look(daemon, look);
	state = mem_printf("STATUS=%lld partner%s, %lld due, %lld undelivered, next look %s",
			   (long long)figures->partners, figures->partners == 1 ? "" : "s",
			   (long long)figures->due, (long long)figures->undelivered, look);
	(void)notify_sign(state);
	free(state);
}

static void ask(struct daemon *daemon);

static void counted(enum status status, const struct error *err, void *arg)
{
	struct count *count = arg;
	struct daemon *daemon = count->daemon;

	(void)err;
	daemon->figures_asked = false;
	if (daemon->figures_wanted && !daemon->stopping)
		ask(daemon);
	else if (status == STATUS_OK && !daemon->stopping)
		say(daemon, &count->figures);
	free(count);
}

static void ask(struct daemon *daemon)
{
	struct count *count = mem_alloc(1, sizeof(*count));

	*count = (struct count){.daemon = daemon};
	daemon->figures_wanted = false;
	daemon->figures_asked =
	    store_submit_reading(daemon->store, count_job, counted, count) == STATUS_OK;
	if (!daemon->figures_asked)
		free(count);
}

void figures_tell(struct daemon *daemon, instant next)
{
	daemon->next_look = next;
	if (!notify_is_heard())
		return;
	if (daemon->figures_asked)
		daemon->figures_wanted = true;
	else
		ask(daemon);
}
