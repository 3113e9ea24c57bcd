/* The routes as a part of cadenced-api(7). */
#ifndef CADENCE_API_MANUAL_H
#define CADENCE_API_MANUAL_H

#include "base/buf.h"

/* Every route with its meaning, what it takes, and an example that can be typed: items of mdoc. */
void api_print_manual(struct buf *out);

#endif
