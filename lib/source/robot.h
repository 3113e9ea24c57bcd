/* Mails that nobody wrote, and nobody answers. */
#ifndef CADENCE_SOURCE_ROBOT_H
#define CADENCE_SOURCE_ROBOT_H

#include <stdbool.h>

#include "source/letter.h"

/* What the head of a mail says of who wrote it; NULL what is not there. */
struct robot_signs {
	const char *auto_submitted;
	const char *precedence;
	const char *suppress;	 /* X-Auto-Response-Suppress */
	const char *return_path; /* "<>" or "" after a bounce */
	const char *from;	 /* the address */
	const char *subject;
	const char *report_type; /* of a multipart/report */
	bool is_report;
	bool is_autoreply;   /* X-Autoreply or the like is there */
	bool is_list;	     /* List-Id or the like is there */
	bool is_failed;	     /* X-Failed-Recipients is there */
	bool has_invitation; /* a part of text/calendar */
};

/* The strongest of what they say. Pure. */
enum letter_robot robot_of(const struct robot_signs *signs);

#endif
