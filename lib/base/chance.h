/* Chance that can be had again: numbers drawn from a seed, for simulations and tests. Never for
 * secrets: those come from random_bytes(). */
#ifndef CADENCE_BASE_CHANCE_H
#define CADENCE_BASE_CHANCE_H

#include <stdint.h>

struct chance {
	uint64_t state;
};

/* The same seed gives the same numbers. */
struct chance chance_make(uint64_t seed);
/* A number in [0, bound); bound > 0. xorshift64*, from Vigna 2016, "An experimental exploration of
 * Marsaglia's xorshift generators, scrambled". */
uint32_t chance_draw(struct chance *chance, uint32_t bound);

#endif
