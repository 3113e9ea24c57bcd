/* What the routes do; each is a call_job or a call_start, named for its route in route.c. */
#ifndef CADENCE_API_HANDLERS_H
#define CADENCE_API_HANDLERS_H

#include "api/call.h"

call_job status_get, due_get, partners_get, partner_get, why_get, snooze_post;
call_job contacts_get, contact_post, contact_delete;
call_job import_partners_post, import_contacts_post;
call_job outbox_get_all, outbox_get_one, outbox_retry_one, outbox_retry_all, outbox_drop_one;
call_job preview_get, test_post, backup_get;
call_start status_start, reload_start_call, help_start;

#endif
