/* Answers questions about histories of contact by the model of lib/core/risk, for whoever wants to
 * measure it.
 *
 * HISTORY: partner,timestamp,dir (Unix seconds; any contact counts, whatever its direction).
 * QUERIES: partner,time,horizon_days. OUT repeats them and adds the probability of no contact in
 * (time, time + horizon], by contacts up to that time only; empty for who was never met. Days are
 * those of UTC. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/risk.h"

#define FIELDS 3

struct row {
	char *partner;
	long long time, horizon;
	size_t place; /* in the file */
	double chance;
};

struct table {
	struct row *rows;
	size_t count, capacity;
};

static void give_up(const char *path, const char *why)
{
	fprintf(stderr, "risk_replay: %s: %s\n", path, why);
	exit(1);
}

static bool read_number(const char *text, long long *ret)
{
	char *end;

	errno = 0;
	*ret = text ? strtoll(text, &end, 10) : 0;
	return text && end != text && *end == '\0' && errno == 0;
}

/* Every line below the heading; the third field is a number in queries only. */
static struct table read_table(const char *path, bool queries)
{
	FILE *file = fopen(path, "r");
	struct table table = {0};
	char *line = NULL;
	size_t size = 0;

	if (!file)
		give_up(path, strerror(errno));
	if (getline(&line, &size, file) < 0)
		give_up(path, "it is empty; a heading should come first");
	while (getline(&line, &size, file) > 0) {
		char *at = line, *partner, *time, *third;
		struct row row = {.place = table.count};

		line[strcspn(line, "\r\n")] = '\0';
		partner = strsep(&at, ",");
		time = strsep(&at, ",");
		third = strsep(&at, ",");
		if (!third || !read_number(time, &row.time) ||
		    (queries && (!read_number(third, &row.horizon) || row.horizon < 0)))
			give_up(path, "a line does not read as its heading says");
		if (table.count == table.capacity) {
			table.capacity = table.capacity ? 2 * table.capacity : 1024;
			table.rows = mem_grow(table.rows, table.capacity, sizeof(*table.rows));
		}
		row.partner = mem_strdup(partner);
		table.rows[table.count++] = row;
	}
	free(line);
	fclose(file);
	return table;
}

static void free_table(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->rows[i].partner);
	free(table->rows);
}

static int compare_times(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	const int by_partner = strcmp(x->partner, y->partner);

	return by_partner ? by_partner : (x->time > y->time) - (x->time < y->time);
}

static int compare_places(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
}

static day day_of(long long time)
{
	return (day)((time >= 0 ? time : time - (DAY_SECONDS - 1)) / DAY_SECONDS);
}

static double answer(const struct risk *risk, const struct row *query)
{
	if (risk->n == 0)
		return -1;
	const struct risk_law law = risk_law(risk);

	return risk_stays_silent(&law, risk_silent_days(risk, day_of(query->time)),
				 (double)query->horizon);
}

/* Both in order of partner and time: one walk, and nobody sees what comes later. */
static void answer_all(const struct table *history, struct table *queries)
{
	struct risk risk = {0};
	size_t h = 0;

	for (size_t q = 0; q < queries->count; q++) {
		struct row *query = &queries->rows[q];

		if (q == 0 || strcmp(query->partner, query[-1].partner) != 0)
			risk = (struct risk){0};
		while (h < history->count && compare_times(&history->rows[h], query) <= 0) {
			if (strcmp(history->rows[h].partner, query->partner) == 0 &&
			    !risk_add(&risk, day_of(history->rows[h].time)))
				give_up("history", "its days are out of order");
			h++;
		}
		query->chance = answer(&risk, query);
	}
}

static void write_answers(const char *path, const struct table *queries)
{
	FILE *file = fopen(path, "w");

	if (!file)
		give_up(path, strerror(errno));
	fputs("partner,time,horizon_days,probability\n", file);
	for (size_t i = 0; i < queries->count; i++) {
		const struct row *row = &queries->rows[i];

		fprintf(file, "%s,%lld,%lld,", row->partner, row->time, row->horizon);
		if (row->chance >= 0)
			fprintf(file, "%.17g", row->chance);
		fputc('\n', file);
	}
	if (fclose(file) != 0)
		give_up(path, strerror(errno));
}

int main(int argc, char **argv)
{
	struct table history, queries;

	if (argc != 4) {
		fputs("Usage: risk_replay HISTORY QUERIES OUT\n", stderr);
		return 64;
	}
	history = read_table(argv[1], false);
	queries = read_table(argv[2], true);
	qsort(history.rows, history.count, sizeof(*history.rows), compare_times);
	qsort(queries.rows, queries.count, sizeof(*queries.rows), compare_times);
	answer_all(&history, &queries);
	qsort(queries.rows, queries.count, sizeof(*queries.rows), compare_places);
	write_answers(argv[3], &queries);
	free_table(&history);
	free_table(&queries);
	return 0;
}
