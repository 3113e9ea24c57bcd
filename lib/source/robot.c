/* RFC 3834 and what was there before it. */
#include "source/robot.h"

#include <string.h>
#include <strings.h>

static bool begins(const char *text, const char *start)
{
	return text && strncasecmp(text, start, strlen(start)) == 0;
}

static const char *trimmed(const char *text)
{
	return text ? text + strspn(text, " \t\r\n") : NULL;
}

static bool is_precedence(const struct robot_signs *signs, const char *word)
{
	return begins(trimmed(signs->precedence), word);
}

static bool is_bounce(const struct robot_signs *signs)
{
	const char *path = trimmed(signs->return_path);
	const char *type = signs->report_type;

	if (path && (*path == '\0' || begins(path, "<>")))
		return true;
	if (signs->is_failed || begins(signs->from, "mailer-daemon@") ||
	    begins(signs->from, "postmaster@"))
		return true;
	return signs->is_report && (!type || begins(type, "delivery-status"));
}

/* Out-of-office notes of programs that do not say so in the head. */
static bool is_absence(const char *subject)
{
	static const char *const starts[] = {"automatic reply:",
					     "auto:",
					     "autoreply:",
					     "auto-reply:",
					     "auto reply:",
					     "out of office",
					     "out of the office",
					     "automatische antwort",
					     "abwesenheitsnotiz",
					     "abwesend:",
					     "réponse automatique",
					     "absence du bureau",
					     "resposta automática",
					     "respuesta automática",
					     "risposta automatica",
					     "automatisch antwoord",
					     "autosvar"};

	subject = trimmed(subject);
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (begins(subject, starts[i]))
			return true;
	return false;
}

static bool is_automatic(const struct robot_signs *signs)
{
	const char *submitted = trimmed(signs->auto_submitted);
	const char *suppress = trimmed(signs->suppress);

	if (submitted && (!begins(submitted, "no") || begins(submitted, "not")))
		return true;
	if (suppress && !begins(suppress, "none"))
		return true;
	return signs->is_autoreply || signs->is_report || is_precedence(signs, "bulk") ||
	       is_precedence(signs, "junk") || is_precedence(signs, "auto") ||
	       is_absence(signs->subject);
}

enum letter_robot robot_of(const struct robot_signs *signs)
{
	if (is_bounce(signs))
		return LETTER_BOUNCE;
	if (signs->is_list || is_precedence(signs, "list"))
		return LETTER_LIST;
	if (signs->has_invitation)
		return LETTER_CALENDAR;
	return is_automatic(signs) ? LETTER_AUTOMATIC : LETTER_HUMAN;
}
