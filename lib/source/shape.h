/* What a line of a mail looks like: the marks with which mail programs set off what they quote. A
 * line is UTF-8 without its end. Pure. */
#ifndef CADENCE_SOURCE_SHAPE_H
#define CADENCE_SOURCE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

/* Nothing but white space, non-breaking too. */
bool shape_is_blank(const char *line);
/* A sentence that says who wrote what follows, and when, in one line: "On … wrote:". */
bool shape_is_attribution(const char *line);
/* Whether such a sentence may begin here that goes on in the next line. */
bool shape_may_begin_attribution(const char *line);
/* "From: Cadence", "*Gesendet:* …", "De : …": the bytes of the name, or 0. */
size_t shape_header_name(const char *line);
/* Such a line with a name that mail programs write above what they quote. */
bool shape_is_known_header(const char *line);
/* A line of _ or of -. */
bool shape_is_rule(const char *line);
/* The same with words in it: ------ Original ------ */
bool shape_is_titled_rule(const char *line);
/* What only our own mails have: their greeting with what it says, "1. Acme GmbH, every 4 weeks
 * [acme]", and what stands above their examples. A client that marks nothing as quoted would have
 * us do those. */
bool shape_is_ours(const char *line);
/* -----Original Message-----, ---------- Forwarded message ---------, Begin forwarded message: */
bool shape_is_separator(const char *line);
/* Sent from my iPhone. Von meinem iPad gesendet. Get Outlook for iOS */
bool shape_is_phone_signature(const char *line);

#endif
