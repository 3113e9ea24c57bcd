/* The generic cell rate algorithm: one instant a channel says what it has left. */
#include "daemon/pace.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MS_US 1000 /* microseconds, so that "7/s" is not 142 ms */

/* What is known of one channel. */
struct spent {
	char *channel;
	/* When the messages sent so far would all have gone, had they kept an even distance. */
	int64_t until_us;
};

struct pace {
	struct spent *items;
	size_t count;
};

struct pace *pace_new(void)
{
	return mem_alloc(1, sizeof(struct pace));
}

struct pace *pace_free(struct pace *pace)
{
	if (!pace)
		return NULL;
	for (size_t i = 0; i < pace->count; i++)
		free(pace->items[i].channel);
	free(pace->items);
	free(pace);
	return NULL;
}

static struct spent *find(const struct pace *pace, const struct channel *channel)
{
	for (size_t i = 0; i < pace->count; i++)
		if (strcmp(pace->items[i].channel, channel->id) == 0)
			return &pace->items[i];
	return NULL;
}

static struct spent *find_or_add(struct pace *pace, const struct channel *channel)
{
	struct spent *spent = find(pace, channel);

	if (spent)
		return spent;
	pace->items = mem_grow(pace->items, pace->count + 1, sizeof(*pace->items));
	spent = &pace->items[pace->count++];
	*spent = (struct spent){.channel = mem_strdup(channel->id)};
	return spent;
}

static int64_t span_us(const struct channel *channel)
{
	return channel->rate.per_ms * MS_US;
}

static int64_t distance_us(const struct channel *channel)
{
	return span_us(channel) / channel->rate.count;
}

/* Not before now, and not further ahead than a full span: the clock may have been set back, or the
 * rate changed. */
static int64_t until_us(const struct pace *pace, const struct channel *channel, instant now)
{
	const struct spent *spent = find(pace, channel);
	const int64_t now_us = now * MS_US;
	const int64_t latest = now_us + span_us(channel);

	if (!spent || spent->until_us < now_us)
		return now_us;
	return spent->until_us < latest ? spent->until_us : latest;
}

size_t pace_room(const struct pace *pace, const struct channel *channel, instant now,
		 instant *ret_more_at)
{
	*ret_more_at = INSTANT_NEVER;
	if (channel->rate.count == 0)
		return SIZE_MAX;
	const int64_t until = until_us(pace, channel, now);
	const int64_t distance = distance_us(channel);
	const int64_t left = now * MS_US + span_us(channel) - until;
	const int64_t room = left / distance;

	/* The next one after these, to the full millisecond. */
	*ret_more_at = (until + (room + 1) * distance - span_us(channel) + MS_US - 1) / MS_US;
	return (size_t)room;
}

void pace_spend(struct pace *pace, const struct channel *channel, instant now)
{
	if (channel->rate.count == 0)
		return;
	const int64_t until = until_us(pace, channel, now) + distance_us(channel);

	find_or_add(pace, channel)->until_us = until;
}

void pace_refund(struct pace *pace, const struct channel *channel)
{
	struct spent *spent = find(pace, channel);

	if (spent && channel->rate.count > 0)
		spent->until_us -= distance_us(channel);
}
