/* Checks at the store's door: every text and name from outside passes here once, before it is
 * written. */
#ifndef CADENCE_STORE_CHECK_H
#define CADENCE_STORE_CHECK_H

#include "base/text.h"
#include "store/verbs.h"

/* STATUS_OK for NULL. what: the field's name, for the reason ("note holds a control character …").
 * min, max: code points. */
enum status check_text(const char *what, const char *text, enum text_rule rule, size_t min,
		       size_t max, struct error *err) MUST_USE;
/* Whether the text is an id; the reason never repeats what is not one. */
enum status check_id(const char *what, const char *id, struct error *err) MUST_USE;
/* Whether the roster knows them; the reason names the nearest, or all there are. NULL is
 * STATUS_INVALID. */
enum status check_owner(const struct scene *scene, const char *what, const char *id,
			struct error *err) MUST_USE;
enum status check_cadence(const struct scene *scene, const char *id, struct error *err) MUST_USE;
/* STATUS_INVALID when the cadence escalates and the owner has nobody to escalate to. Ids that the
 * roster does not know are none of its business. */
enum status check_ladder(const struct scene *scene, const char *owner, const char *cadence,
			 struct error *err) MUST_USE;
/* STATUS_NOT_FOUND with "did you mean acme?": for a partner that is not there. */
enum status check_no_partner(struct db *db, const char *id, struct error *err) MUST_USE;
/* STATUS_INVALID when the day lies outside of what we accept. */
enum status check_day(const char *what, day d, struct error *err) MUST_USE;
/* The same for the day of a contact, which lies in 1970 or later. */
enum status check_contact_day(day d, struct error *err) MUST_USE;
/* STATUS_INVALID when a cold mark (in days, 0: none) lies before the due day of the cadence. */
enum status check_cold_mark(const struct scene *scene, const char *cadence, int cold_mark,
			    struct error *err) MUST_USE;
/* As check_day(), for the day a partnership began, which may lie SINCE_DAYS_MAX ahead: until then
 * it is not asked after. */
enum status check_since(const struct scene *scene, day since, struct error *err) MUST_USE;
/* STATUS_INVALID "2026-12-01 is after today (2026-11-23 in Europe/Lisbon)". owner NULL: the global
 * zone. */
enum status check_not_ahead(const struct scene *scene, const struct owner *owner, day d,
			    struct error *err) MUST_USE;

#endif
