/* The store thread: owns the one database connection and runs jobs on it.
 *
 * All jobs that are queued run in one transaction, each in a savepoint of its own (group commit). A
 * job's result is posted only after that transaction is on disk: what a reply says is saved is
 * saved. Jobs never touch what belongs to the loop; they get their inputs in arg and leave their
 * results there. */
#ifndef CADENCE_STORE_STORE_H
#define CADENCE_STORE_STORE_H

#include <stdbool.h>

#include "base/error.h"
#include "store/db.h"

struct store;

/* Runs on the store thread. Anything but STATUS_OK undoes what it wrote. */
typedef enum status store_job(struct db *db, void *arg, struct error *err);
/* Runs on the thread that calls store_collect(), after the commit. err->text is "" when status is
 * STATUS_OK. */
typedef void store_done(enum status status, const struct error *err, void *arg);

#define STORE_QUEUE_MAX 4096 /* jobs waiting; more are refused with STATUS_BUSY */

/* Opens the database (on the caller's thread) and starts the thread. Errors as db_open(). */
enum status store_open(const char *url, struct store **ret_store, struct error *err) MUST_USE;
/* Queues a job; done may be NULL. STATUS_BUSY when too many wait: then neither runs and arg stays
 * the caller's. */
enum status store_submit(struct store *store, store_job *job, store_done *done, void *arg) MUST_USE;
/* The same for what nobody waits for: its commit may wait half a millisecond for others. */
enum status store_submit_patient(struct store *store, store_job *job, store_done *done,
				 void *arg) MUST_USE;
/* The same for what only reads: when the transaction it ran in fails it is run once more, by
 * itself. */
enum status store_submit_reading(struct store *store, store_job *job, store_done *done,
				 void *arg) MUST_USE;
/* The same outside any transaction, alone: for backups. */
enum status store_submit_alone(struct store *store, store_job *job, store_done *done,
			       void *arg) MUST_USE;
/* Submits and waits for it: for start-up, tests and tools; never from the loop. */
enum status store_run(struct store *store, store_job *job, void *arg, struct error *err) MUST_USE;
/* Whether the database was read as a whole while opening: nobody had closed it (db.h). */
bool store_was_checked(const struct store *store);
/* Counts up while a job that takes long goes on (db.h): who gets no answer may wait as long as it
 * does. */
unsigned store_progress(const struct store *store);
/* The path of its file; NULL: it is in memory. */
const char *store_path(const struct store *store);
/* Why nothing more can be done with the database, once a job has met damage; NULL: it is sound, as
 * far as is known. */
const struct error *store_damage(const struct store *store);
/* Readable when results wait. */
int store_fd(struct store *store);
/* Calls the done functions of everything that has finished. */
void store_collect(struct store *store);
/* Runs what is queued (a backup is broken off), then ends the thread and closes the database.
 * Results that are not collected yet are delivered here. NULL is harmless; returns NULL. */
struct store *store_close(struct store *store);

#endif
