/* The schema as it is compiled in, and the door by which a test brings another one. */
#ifndef CADENCE_STORE_SCHEMA_H
#define CADENCE_STORE_SCHEMA_H

#include "store/db.h"

/* schema_sqlite.sql, as it stands, with a NUL. */
extern const char schema_sqlite[];

/* db_open() with the migrations of another text: "-- migration N" lines, numbered from 1 without
 * gaps. */
enum status db_open_schema(const char *url, const char *schema, struct db **ret_db,
			   struct error *err) MUST_USE;

#endif
