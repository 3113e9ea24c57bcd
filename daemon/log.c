/* Writes the log. Whoever logs a reply of another machine has had it cleaned before. */
#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mdoc.h"
#include "sys/journal.h"
#include "sys/notify.h"

#define LINE_MAX_BYTES	2048
#define ENTRY_MAX_BYTES (64 * 1024)
#define PARTNERS_MAX	200 /* fields of one entry */

/* ---- what may be said ---- */

/* An id is for ever: who searches for one finds old entries by it. */
/* clang-format off: a table is read in columns */
static const struct {
	enum log_level level;
	const char *id;
	const char *name;
	const char *means;
} events[LOG_EVENTS] = {
    [LOG_STARTED] = {LOG_LEVEL_NOTICE, "13fe96ab353242b18ee1c204fea65f2d", "started",
		     "The daemon runs."},
    [LOG_STOPPING] = {LOG_LEVEL_NOTICE, "b3b1e5a8f0304b0b9d831dfabeb3a680", "stopping",
		      "The daemon ends; what is being sent gets some seconds."},
    [LOG_START_FAILED] = {LOG_LEVEL_ERR, "56485e9e28634a64b925e6fa9c5cc583", "start-failed",
			  "The daemon could not start; the message says what to do."},
    [LOG_CONF_WRONG] = {LOG_LEVEL_ERR, "4d40955c39a44b2797b5739eaca096bd", "conf-wrong",
			"One error of the configuration, which keeps the daemon from starting."},
    [LOG_CONF_WARNING] = {LOG_LEVEL_WARNING, "cb5a507769d946918a781b8693f6701c", "conf-warning",
			  "The configuration is taken, and one setting is worth a look."},
    [LOG_NOT_LIVE] = {LOG_LEVEL_WARNING, "f7e95f03012e4b2191374a9d30a6738a", "not-live",
		      "deliver or redirect_to keeps messages from whom they are for."},
    [LOG_CALENDAR] = {LOG_LEVEL_WARNING, "59b09e0f8b824691862603bce23e93c4", "calendar",
		      "An owner's holidays lie behind; the calendar may want new ones."},
    [LOG_RELOADED] = {LOG_LEVEL_NOTICE, "3a30f4d1c059474aad00d87943a77ef5", "reloaded",
		      "A new configuration is in force."},
    [LOG_RELOAD_FAILED] = {LOG_LEVEL_ERR, "fc72bce7dbd646d48bdbd577d58b8665", "reload-failed",
			   "The file is wrong, and the configuration before it stays in force."},
    [LOG_CLOCK_SET] = {LOG_LEVEL_WARNING, "aef1d505a9dd45869feeb3a535dad094", "clock-set",
		       "The clock was set; everything is looked at again."},
    [LOG_ZONES_CHANGED] = {LOG_LEVEL_NOTICE, "8e99d5dc05f541d7b3ec718ba7224339", "zones-changed",
			   "The system has new time zones; they come into force."},
    [LOG_ZONES_OLD] = {LOG_LEVEL_WARNING, "f5a5c4d05a2b4553b9324e39a9e7795a", "zones-old",
		       "New time zones cannot come into force while the configuration is wrong."},
    [LOG_LOOKED] = {LOG_LEVEL_DEBUG, "8fe856c86c91413da706fa2b847bf762", "looked",
		    "All that was due was looked at."},
    [LOG_STORE_FAILED] = {LOG_LEVEL_ERR, "deac121e723348b5a3591ef021d15cf6", "store-failed",
			  "The database could not be read or written; nothing is lost by it."},
    [LOG_CHECKED] = {LOG_LEVEL_NOTICE, "5d15f87d26914220a5e5c3563b700658", "checked",
		     "The last stop was none, so all of the database was read; it is sound."},
    [LOG_DAMAGED] = {LOG_LEVEL_ERR, "4d437823cc664119891388f430b3eb8c", "damaged",
		     "The database is damaged; the message says which backup to put in its place."},
    [LOG_STORE_BUSY] = {LOG_LEVEL_WARNING, "d73ce8b245a1413baa9a4ae89440edf0", "store-busy",
			"More waits for the database than it does in time."},
    [LOG_BACKUP_MADE] = {LOG_LEVEL_INFO, "060ec18d0cc2498c94c55c184714e048", "backup-made",
			 "A backup was made, read as a whole, and kept."},
    [LOG_BACKUP_FAILED] = {LOG_LEVEL_ERR, "6b9faa142fa6420b9dd206351bf915e3", "backup-failed",
			   "No backup could be made, or what was made is not sound."},
    [LOG_STORE_WORKS] = {LOG_LEVEL_NOTICE, "12b2acdc4a884190ad85f217e10eb250", "store-works",
			 "The database can be read and written again."},
    [LOG_HEARTBEAT_FAILED] = {LOG_LEVEL_WARNING, "54b6922c6d8249a3b3bc0e90d58de595",
			      "heartbeat-failed", "The watcher outside could not be reached."},
    [LOG_HEARTBEAT_HELD] = {LOG_LEVEL_WARNING, "f6bd65f5bfb24818944a632b05c0db19", "heartbeat-held",
			    "The watcher outside is not called, because all is not well."},
    [LOG_HEARTBEAT_WORKS] = {LOG_LEVEL_NOTICE, "00977ec6c65048af86bd313560373c20",
			     "heartbeat-works", "The watcher outside is called and reached again."},
    [LOG_DELIVERED] = {LOG_LEVEL_INFO, "2d6b4e6800ba4e3eafe5ac9da34fc407", "delivered",
		       "A message has arrived."},
    [LOG_RETRYING] = {LOG_LEVEL_WARNING, "1de273a99cf04f71bd3fe5787ebe1f6f", "retrying",
		      "A message did not arrive, and is tried again."},
    [LOG_BLOCKED] = {LOG_LEVEL_ERR, "ae90dbbf69d447d68d8bca45fb581301", "blocked",
		     "A channel or an address takes nothing until the administrator acts."},
    [LOG_DEAD] = {LOG_LEVEL_ERR, "61f346e239004921abad0c59c12e8df2", "dead",
		  "A message is given up until it is retried by hand."},
    [LOG_RESTING] = {LOG_LEVEL_WARNING, "ae495488a6c0412682b9f9d589135d72", "resting",
		     "A channel asks to be left alone for a while."},
    [LOG_UNSETTLED] = {LOG_LEVEL_ERR, "5891714c9a0749acbfbb9e42e1d5111f", "unsettled",
		       "A message was sent, and what came of it could not be stored."},
    [LOG_INTERRUPTED] =
	{LOG_LEVEL_WARNING, "8bccd9b17f7a4c04a3e4bbb16c1cd8a0", "interrupted",
	 "The daemon ended while a message was being sent; the next start tries again."},
    [LOG_UNHEARD] = {LOG_LEVEL_WARNING, "b25db98cde614534ab7757a8bc8815e8", "unheard",
		     "Nobody hears of a partner."},
    [LOG_BROKEN] = {LOG_LEVEL_ERR, "0d7d1945fd00417aace208524bf89e3c", "broken",
		    "An owner's digest cannot be composed."},
    [LOG_REPLY_TAKEN] = {LOG_LEVEL_INFO, "d6f24a7de8c040f68c6d4d444b0373b2", "reply-taken",
			 "An answer by mail was taken; the message says what came of its lines."},
    [LOG_REPLY_REFUSED] = {LOG_LEVEL_NOTICE, "3beb79f2025f41588c53d06cbf68deed", "reply-refused",
			   "A mail was no answer that counts, and changed nothing; it says why."},
    [LOG_REPLY_ASIDE] = {LOG_LEVEL_WARNING, "d4358942e1804382a70c6494605f2dd8", "reply-aside",
			 "A mail could not be read, and was put aside."},
    [LOG_REPLY_FAILED] =
	{LOG_LEVEL_ERR, "606c053511bc42439393190a153933bf", "reply-failed",
	 "An answer could not be worked on now; whoever brought it brings it again."},
    [LOG_INBOX_FAILED] = {LOG_LEVEL_ERR, "682b110b156e422d91e7bf2ba8e4628e", "inbox-failed",
			  "The inbox cannot be read; what arrives there waits."},
    [LOG_LINES_LOST] =
	{LOG_LEVEL_WARNING, "d373ff84cab141cc8c8ed388793c182e", "lines-lost",
	 "Whoever reads the log did not keep up, and lines are missing before this one."},
};
/* clang-format on */

static const char *const level_names[] = {
    [LOG_LEVEL_ERR] = "err",   [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_NOTICE] = "notice",
    [LOG_LEVEL_INFO] = "info", [LOG_LEVEL_DEBUG] = "debug",
};

bool log_level_parse(const char *name, enum log_level *ret_level)
{
	for (int level = LOG_LEVEL_ERR; level <= LOG_LEVEL_DEBUG; level++) {
		if (strcmp(level_names[level], name) != 0)
			continue;
		*ret_level = (enum log_level)level;
		return true;
	}
	return false;
}

void log_print_events(struct buf *out)
{
	for (size_t i = 0; i < LOG_EVENTS; i++)
		buf_addf(out, "%s\t%s\t%s\t%s\n", events[i].id, level_names[events[i].level],
			 events[i].name, events[i].means);
}

void log_print_manual(struct buf *out)
{
	buf_adds(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < LOG_EVENTS; i++) {
		buf_addf(out, ".It Cm %s Pq %s\n", events[i].name, level_names[events[i].level]);
		mdoc_text(events[i].means, out);
		buf_addf(out, ".br\n.Li %s\n", events[i].id);
	}
	buf_adds(out, ".El\n");
}

/* ---- where it goes ---- */

/* The one thing that all of the daemon shares without being handed it: whoever has something to say
 * says it. */
static struct {
	enum log_level least; /* 0: closed */
	bool marks;	      /* standard error leads to the journal, which reads "<6>" */
	int journal;	      /* -1: none */
	struct outlet outlet;
	uint64_t lost;
} sink = {.journal = -1};

void log_open(enum log_level least)
{
	sink.least = least;
	sink.marks = notify_stderr_is_journal();
	sink.journal = sink.marks ? journal_open() : -1;
	sink.outlet = outlet_open(STDERR_FILENO);
}

void log_close(void)
{
	sink.least = 0;
	if (sink.journal >= 0)
		close(sink.journal);
	sink.journal = -1;
	outlet_close(&sink.outlet);
}

bool log_has_fields(void)
{
	return sink.journal >= 0;
}

static void field_if(struct buf *entry, const char *name, const char *value)
{
	if (value)
		journal_field(entry, name, value);
}

static void fill_entry(struct buf *entry, enum log_event event, const struct log_subject *subject,
		       const char *line)
{
	char number[32];

	snprintf(number, sizeof(number), "%d", (int)events[event].level);
	journal_field(entry, "MESSAGE", line);
	journal_field(entry, "PRIORITY", number);
	journal_field(entry, "SYSLOG_IDENTIFIER", "cadenced");
	journal_field(entry, "MESSAGE_ID", events[event].id);
	if (!subject)
		return;
	snprintf(number, sizeof(number), "%lld", (long long)subject->delivery);
	field_if(entry, "CADENCED_DELIVERY", subject->delivery > 0 ? number : NULL);
	field_if(entry, "CADENCED_CHANNEL", subject->channel);
	field_if(entry, "CADENCED_OWNER", subject->owner);
	for (size_t i = 0; i < subject->partner_count && i < PARTNERS_MAX; i++)
		journal_field(entry, "CADENCED_PARTNER", subject->partners[i]);
}

static bool write_stderr(enum log_event event, const char *line)
{
	char out[LINE_MAX_BYTES + 16];
	int len;

	if (sink.marks)
		len = snprintf(out, sizeof(out), "<%d>%s\n", (int)events[event].level, line);
	else
		len = snprintf(out, sizeof(out), "cadenced: %s\n", line);
	return outlet_write(&sink.outlet, out, (size_t)len);
}

/* False: there was no room for it. A journal that is not there is no reason to be silent. */
static bool write_entry(enum log_event event, const struct log_subject *subject, const char *line)
{
	struct buf entry = buf_make(ENTRY_MAX_BYTES);
	enum status status = STATUS_FAILED;

	if (sink.journal >= 0) {
		fill_entry(&entry, event, subject, line);
		status = journal_send(sink.journal, JOURNAL_SOCKET, &entry);
	}
	buf_free(&entry);
	return status == STATUS_FAILED ? write_stderr(event, line) : status == STATUS_OK;
}

/* What is missing is said where it is missing. */
static bool say_lost(void)
{
	char line[80];

	if (sink.lost == 0)
		return true;
	snprintf(line, sizeof(line), "%llu lines of the log found no room and are lost",
		 (unsigned long long)sink.lost);
	if (!write_entry(LOG_LINES_LOST, NULL, line))
		return false;
	sink.lost = 0;
	return true;
}

static void say(enum log_event event, const struct log_subject *subject, const char *line)
{
	if (events[event].level > sink.least)
		return;
	if (!say_lost() || !write_entry(event, subject, line))
		sink.lost++;
}

/* ---- what is said ---- */

static void put_subject(struct buf *line, const struct log_subject *subject)
{
	if (!subject)
		return;
	if (subject->delivery > 0)
		buf_addf(line, "delivery=%lld ", (long long)subject->delivery);
	else if (subject->partner_count == 1)
		buf_addf(line, "partner=%s ", subject->partners[0]);
	if (subject->channel)
		buf_addf(line, "channel=%s ", subject->channel);
	/* The key of a delivery names its owner. */
	if (subject->owner && subject->delivery == 0)
		buf_addf(line, "owner=%s ", subject->owner);
}

/* One line, whatever was written. */
static void say_formatted(enum log_event event, const struct log_subject *subject, const char *fmt,
			  va_list args)
{
	struct buf line = buf_make(LINE_MAX_BYTES - 1);
	char text[LINE_MAX_BYTES];

	put_subject(&line, subject);
	vsnprintf(text, sizeof(text), fmt, args);
	text[strcspn(text, "\r\n")] = '\0';
	/* What is too long is cut where it is too long. */
	buf_addf(&line, "%.*s", (int)(sizeof(text) - 1 - line.len), text);
	say(event, subject, buf_text(&line));
	buf_free(&line);
}

void log_line(enum log_event event, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say_formatted(event, NULL, fmt, args);
	va_end(args);
}

void log_about(enum log_event event, const struct log_subject *subject, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say_formatted(event, subject, fmt, args);
	va_end(args);
}

void log_lines(enum log_event event, const char *text)
{
	while (*text) {
		const size_t len = strcspn(text, "\n");

		log_line(event, "%.*s", (int)len, text);
		text += len + (text[len] == '\n');
	}
}
