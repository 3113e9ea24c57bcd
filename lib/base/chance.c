/* Draws. */
#include "base/chance.h"

/* A state of 0 would stay 0; neighbouring seeds should not give neighbouring numbers. */
struct chance chance_make(uint64_t seed)
{
	return (struct chance){(seed + 1) * 0x9e3779b97f4a7c15ULL | 1};
}

uint32_t chance_draw(struct chance *chance, uint32_t bound)
{
	chance->state ^= chance->state >> 12;
	chance->state ^= chance->state << 25;
	chance->state ^= chance->state >> 27;
	return (uint32_t)((chance->state * 0x2545f4914f6cdd1dULL) >> 33) % bound;
}
