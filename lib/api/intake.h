/* Reading an HTTP request into what its route takes. What two programs could read in two ways is
 * refused: the one before us may have read the other. Private to lib/api. */
#ifndef CADENCE_API_INTAKE_H
#define CADENCE_API_INTAKE_H

#include "api/request.h"

/* Fills in who asks (actor, source), the query and the body, checked against the route, and the
 * key. STATUS_INVALID with a reason. */
enum status intake_read(struct request *request, struct error *err) MUST_USE;

#endif
