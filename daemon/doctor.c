/* Checks, one after the other, on a thread of its own. What it needs of the daemon it has copied.
 */
#include "daemon/doctor.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "api/health.h"
#include "base/path.h"
#include "net/probe.h"
#include "store/backup.h"

#define ERRORS_MAX	  (64 * 1024)
#define CERTIFICATE_DAYS  21 /* left, at least, before it is said */
#define CERTIFICATE_SHORT 3  /* left: some renew that late, and nobody should later */
#define SIZE_TEXT_SIZE	  32

struct checkup {
	struct daemon *daemon; /* of the loop */
	struct conf *conf;     /* a reference */
	char *conf_path;
	char *database; /* path; NULL: in memory */
	struct errand *errand;
	doctor_hear *hear;
	doctor_done *done;
	void *arg;
};

enum finding { FINE, WARN, FAIL };

static void say(const struct checkup *c, const char *check, enum finding finding, const char *fmt,
		...) PRINTF_LIKE(4, 5);

static void say(const struct checkup *c, const char *check, enum finding finding, const char *fmt,
		...)
{
	static const char *const names[] = {"ok", "warn", "fail"};
	va_list args;
	json_t *line;
	char *text;

	va_start(args, fmt);
	line = json_pack("{s:s, s:s, s:o}", "check", check, "result", names[finding], "text",
			 json_vsprintf(fmt, args));
	va_end(args);
	text = json_dumps(line, JSON_COMPACT);
	errand_say(c->errand, text ? text : "{}");
	free(text);
	json_decref(line);
}

static bool is_stopped(const struct checkup *c)
{
	return atomic_load(errand_stop(c->errand));
}

/* ---- files ---- */

static void check_conf(struct checkup *c)
{
	struct buf errors = buf_make(ERRORS_MAX);
	struct conf *fresh = NULL;
	struct stat st;

	if (conf_load(c->conf_path, &fresh, &errors) != STATUS_OK)
		say(c, "configuration", FAIL, "%s; correct it, then 'cadencectl reload'",
		    buf_text(&errors));
	else if (stat(c->conf_path, &st) == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)))
		say(c, "configuration", WARN, "%s may be written by others: chmod go-w %s",
		    c->conf_path, c->conf_path);
	else
		say(c, "configuration", FINE, "%s: fine", c->conf_path);
	if (fresh) {
		for (size_t i = 0; i < fresh->warning_count; i++)
			say(c, "configuration", WARN, "%s", fresh->warnings[i]);
		roster_unref(&fresh->roster);
	}
	buf_free(&errors);
}

static void check_file(void *arg, const char *what, const char *path, bool secret)
{
	const struct checkup *c = arg;
	struct stat st;

	if (stat(path, &st))
		say(c, what, FAIL, "%s: %s; put it there, or as a credential of the unit", path,
		    strerror(errno));
	else if (access(path, R_OK))
		say(c, what, FAIL,
		    "%s: %s; let cadenced's user read it, or hand it over with "
		    "LoadCredential",
		    path, strerror(errno));
	else if (secret && (st.st_mode & S_IROTH))
		say(c, what, FAIL, "%s: everybody may read it: chmod o-r %s", path, path);
	else
		say(c, what, FINE, "%s: there, and readable", path);
}

/* "812 KiB", "63 MiB", "77 GiB": so that it has two digits at least. */
static const char *say_size(int64_t bytes, char out[SIZE_TEXT_SIZE])
{
	static const char *const units[] = {"KiB", "MiB", "GiB"};
	int64_t size = (bytes + 1023) >> 10;
	size_t unit = 0;

	for (; size >> 10 >= 10 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		size >>= 10;
	snprintf(out, SIZE_TEXT_SIZE, "%lld %s", (long long)size, units[unit]);
	return out;
}

/* What it takes on the disk: what is not in the file yet is in its log. */
static int64_t size_with_log(const char *database, const struct stat *file)
{
	char *log = mem_printf("%s-wal", database);
	struct stat st;
	const int64_t more = stat(log, &st) == 0 ? st.st_size : 0;

	free(log);
	return file->st_size + more;
}

static void check_folder(struct checkup *c)
{
	char *folder = path_folder(c->database), *backups = backup_newest(c->database);
	char size[SIZE_TEXT_SIZE];
	struct statvfs disk;
	struct stat st, db;

	if (stat(folder, &st) || stat(c->database, &db))
		say(c, "database", FAIL, "%s: %s", c->database, strerror(errno));
	else if (st.st_mode & S_IWOTH)
		say(c, "database", FAIL, "%s: everybody may write there: chmod o-w %s", folder,
		    folder);
	else if (access(folder, W_OK))
		say(c, "database", FAIL, "%s: %s; cadenced has to write there", folder,
		    strerror(errno));
	else if (db.st_mode & (S_IRWXG | S_IRWXO))
		say(c, "database", WARN,
		    "%s: others may read it, and names and notes are in it: chmod "
		    "600 %s",
		    c->database, c->database);
	else
		say(c, "database", FINE, "%s: %s with its log, for its owner alone", c->database,
		    say_size(size_with_log(c->database, &db), size));
	if (statvfs(folder, &disk) == 0) {
		const int64_t room = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;

		say(c, "disk", room < HEALTH_DISK_LEAST ? WARN : FINE, "%s: %s left%s", folder,
		    say_size(room, size), room < HEALTH_DISK_LEAST ? "; make room" : "");
	}
	say(c, "backup", backups ? FINE : WARN, "%s",
	    backups ? backups : "there is none: 'cadencectl backup' makes one");
	free(backups);
	free(folder);
}

static void check_socket(struct checkup *c)
{
	const char *path = c->conf->control;
	struct stat st;

	if (stat(path, &st))
		say(c, "control socket", WARN, "%s: %s; restart cadenced", path, strerror(errno));
	else if (st.st_mode & S_IWOTH)
		say(c, "control socket", FAIL,
		    "%s: everybody may speak to it: chmod o-w %s, and look at what makes it", path,
		    path);
	else
		say(c, "control socket", FINE, "%s", path);
}

/* ---- channels ---- */

/* What may be asked of a server that does nothing; its URL in *ret_url, which the caller wipes. */
static struct probe probe_of(const struct checkup *c, const struct channel *channel, char **ret_url)
{
	const size_t len = strlen(channel->url) - (channel->url[strlen(channel->url) - 1] == '/');
	struct probe probe = {.user = channel->user,
			      .password = channel->password,
			      .token_file = channel->token_file,
			      .clear = channel->tls == TLS_NONE,
			      .proxy = channel->proxy,
			      .ca_file = channel->ca_file,
			      .ask = true,
			      .stop = errand_stop(c->errand)};

	switch (channel->type) {
	case CHANNEL_MATRIX:
		*ret_url =
		    mem_printf("%.*s/_matrix/client/v3/account/whoami", (int)len, channel->url);
		probe.bearer = channel->token;
		break;
	case CHANNEL_TELEGRAM:
		*ret_url = mem_printf("%.*s/bot%s/getMe", (int)len, channel->url, channel->token);
		break;
	case CHANNEL_ZULIP:
		*ret_url = mem_printf("%.*s/api/v1/users/me", (int)len, channel->url);
		break;
	case CHANNEL_NTFY:
		*ret_url = mem_printf("%.*s/v1/health", (int)len, channel->url);
		break;
	default:
		*ret_url = mem_strdup(channel->url);
		probe.ask = false;
	}
	probe.url = *ret_url;
	return probe;
}

static const char *advice(enum net_fault fault)
{
	static const char *const words[NET_FAULTS] = {
	    [NET_RESOLVE] = "check the name in url, and the machine's DNS",
	    [NET_CONNECT] = "check the port in url, and the firewall",
	    [NET_FORBIDDEN] = "check what the name resolves to",
	    [NET_TIMEOUT] = "check the firewall, and whether the server is up",
	    [NET_TLS] = "check the port and tls",
	    [NET_NO_TLS] = "ask the server's administrator for STARTTLS, or use smtps://",
	    [NET_CERTIFICATE] = "check the name in url, the server's certificate, and ca_file",
	    [NET_LOGIN] = "check user and password",
	    [NET_TOKEN] = "check token_file and what renews it",
	};

	return words[fault] ? words[fault] : "see its own log";
}

static void check_certificate(const struct checkup *c, const char *check,
			      const struct probe_result *result)
{
	const int days = result->certificate_days;

	if (days == PROBE_NO_CERTIFICATE)
		return;
	say(c, check,
	    days < CERTIFICATE_SHORT  ? FAIL
	    : days < CERTIFICATE_DAYS ? WARN
				      : FINE,
	    "the certificate ends in %d day%s%s", days, days == 1 ? "" : "s",
	    days < CERTIFICATE_DAYS ? "; have it renewed" : "");
}

/* How far a channel got, in one line. */
static void say_outcome(const struct checkup *c, const char *check, const struct channel *channel,
			const struct probe *probe, const struct probe_result *result)
{
	const bool mail = channel->type == CHANNEL_SMTP;

	if (result->fault != NET_OK)
		say(c, check, FAIL, "%s (%s): %s", net_fault_words(result->fault), result->error,
		    advice(result->fault));
	else if (result->no_login)
		say(c, check, FAIL,
		    "the server offers no login, and user is given: check the port");
	else if (probe->ask && !mail && (result->status == 401 || result->status == 403))
		say(c, check, FAIL, "http %ld: the credentials are refused; check them",
		    result->status);
	else if (probe->ask && !mail && result->status != 200)
		say(c, check, WARN, "http %ld: is it the right server? check url", result->status);
	else
		say(c, check, FINE, "%s%s%s", result->resolved ? "found, " : "",
		    result->encrypted ? "connected, encrypted" : "connected",
		    mail && channel->user				   ? ", logged in"
		    : probe->ask && !mail && channel->type != CHANNEL_NTFY ? ", logged in"
									   : "");
}

static void check_channel(struct checkup *c, const struct channel *channel)
{
	char *check = mem_printf("channel %s", channel->id), *url;
	const struct probe probe = probe_of(c, channel, &url);
	const struct probe_result result = probe_run(&probe);

	if (!is_stopped(c)) {
		say_outcome(c, check, channel, &probe, &result);
		check_certificate(c, check, &result);
	}
	explicit_bzero(url, strlen(url));
	free(url);
	free(check);
}

/* ---- all of it ---- */

static void check_all(struct errand *errand, void *arg)
{
	struct checkup *c = arg;

	c->errand = errand;
	check_conf(c);
	conf_each_file(c->conf, check_file, c);
	if (c->database)
		check_folder(c);
	check_socket(c);
	for (size_t i = 0; i < c->conf->roster.channel_count && !is_stopped(c); i++)
		check_channel(c, &c->conf->roster.channels[i]);
}

static void heard(void *arg, const char *text)
{
	struct checkup *c = arg;

	c->hear(c->arg, text);
}

static void checkup_free(struct checkup *c)
{
	c->daemon->doctor = NULL;
	roster_unref(&c->conf->roster);
	free(c->conf_path);
	free(c->database);
	free(c);
}

static void ended(void *arg)
{
	struct checkup *c = arg;

	c->done(c->arg);
	checkup_free(c);
}

enum status doctor_start(struct daemon *daemon, doctor_hear *hear, doctor_done *done, void *arg,
			 struct error *err)
{
	struct checkup *c;
	enum status status;

	if (daemon->doctor)
		return error_fail(err, STATUS_BUSY, "the doctor is at work already; try again");
	c = daemon->doctor = mem_alloc(1, sizeof(*c));
	*c = (struct checkup){.daemon = daemon,
			      .conf = daemon->conf,
			      .conf_path = mem_strdup(daemon->options.conf_path),
			      .database = mem_strdup(store_path(daemon->store)),
			      .hear = hear,
			      .done = done,
			      .arg = arg};
	roster_ref(&c->conf->roster);
	status = errand_start(daemon, check_all, heard, ended, c, err);
	if (status != STATUS_OK)
		checkup_free(c);
	return status;
}

void doctor_stop(const struct daemon *daemon)
{
	if (daemon->doctor)
		errand_break_off(daemon, daemon->doctor);
}
