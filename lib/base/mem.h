/* Memory: allocation that cannot fail, and arenas.
 *
 * Whatever a stranger can make us allocate has a named limit, so running out of memory is a fault
 * of the machine: the process says so and aborts. That is safe, because nothing is promised before
 * it is on disk. */
#ifndef CADENCE_BASE_MEM_H
#define CADENCE_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"

/* Zeroed memory of count * size bytes; the caller frees it with free(). Aborts when there is none.
 */
void *mem_alloc(size_t count, size_t size);
/* realloc for arrays: grows p to count * size bytes (the new part is not zeroed). Aborts when there
 * is none. */
void *mem_grow(void *p, size_t count, size_t size);
/* Copies of a string; NULL gives NULL. The caller frees. */
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t len);
char *mem_printf(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* An arena: many small allocations, freed together. Not for use by two threads at once. */
struct arena;

struct arena *arena_new(void);
/* Frees everything ever allocated from it. NULL is harmless; returns NULL. */
struct arena *arena_free(struct arena *arena);
/* Zeroed, aligned for any type; lives as long as the arena. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);
/* Copies into the arena; NULL gives NULL. */
char *arena_strdup(struct arena *arena, const char *s);
char *arena_strndup(struct arena *arena, const char *s, size_t len);
char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* For growing arrays: returns items or a copy of it with room for at least count + 1 items;
 * *capacity is kept up to date (start with NULL and 0). The abandoned smaller copies stay in the
 * arena until it is freed. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size);

#endif
