/* The mail threads.
 *
 * Each mailer has an easy handle of its own, made for the first message and gone with the session.
 * Its sockets are known to the pool, so that a shutdown can cut them: libcurl would wait up to two
 * minutes for an answer to QUIT. */
#include "net/mail.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/easy.h"

#define INBOX_MAX 4096
/* Greeting, TLS and AUTH included: some servers greet late on purpose */
#define CONNECT_TIMEOUT_MS 30000
#define SESSION_IDLE_MS	   10000
#define SESSION_MAILS_MAX  50 /* some servers refuse more in one session */
#define SOCKETS_MAX	   16 /* of one mailer at a time: addresses that are tried side by side */
#define CODE_DIGITS	   3
#define PREFIX_SIZE	   16  /* of an enhanced code, "5.7.139 " and a NUL */
#define CODE_SEND_IT	   354 /* the server's last word before the message */
#define CODE_CLOSING	   421
#define CODE_REFUSED	   400 /* and up */

struct mailer {
	struct mail_pool *pool;
	pthread_t thread;
	CURL *easy;    /* NULL: no session */
	char *session; /* whose session it is */
	int mails;     /* sent over it */
	pthread_mutex_t mutex;
	int sockets[SOCKETS_MAX]; /* under the mutex: the pool may cut them */
	size_t socket_count;
};

struct mail_pool {
	struct queue *inbox;
	struct queue *replies;
	struct mailer *mailers;
	size_t count;
	atomic_bool cut; /* the grace is over */
	pthread_mutex_t mutex;
	pthread_cond_t ended;
	size_t running; /* under the mutex */
};

/* One message on its way. */
struct upload {
	const struct mail_request *request;
	const struct mailer *mailer;
	size_t at;		  /* bytes handed to libcurl */
	struct buf text;	  /* the last answer, as it came, without codes */
	bool text_ended;	  /* the next line starts another answer */
	char prefix[PREFIX_SIZE]; /* its enhanced code, which every line repeats */
};

/* ---- requests and replies ---- */

void mail_request_free(struct mail_request *request)
{
	if (!request)
		return;
	free(request->url);
	free(request->user);
	if (request->password)
		explicit_bzero(request->password, strlen(request->password));
	free(request->password);
	free(request->ca_file);
	free(request->from);
	free(request->to);
	free(request->bytes);
	free(request);
}

void mail_reply_free(struct mail_reply *reply)
{
	if (!reply)
		return;
	free(reply->text);
	free(reply);
}

/* ---- sockets ---- */

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct mailer *mailer = arg;
	curl_socket_t fd = CURL_SOCKET_BAD;

	(void)purpose;
	pthread_mutex_lock(&mailer->mutex);
	if (mailer->socket_count < SOCKETS_MAX)
		fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (fd >= 0)
		mailer->sockets[mailer->socket_count++] = fd;
	pthread_mutex_unlock(&mailer->mutex);
	return fd;
}

static int close_socket(void *arg, curl_socket_t fd)
{
	struct mailer *mailer = arg;
	int result;

	pthread_mutex_lock(&mailer->mutex);
	for (size_t i = 0; i < mailer->socket_count; i++)
		if (mailer->sockets[i] == fd)
			mailer->sockets[i] = mailer->sockets[--mailer->socket_count];
	result = close(fd);
	pthread_mutex_unlock(&mailer->mutex);
	return result;
}

static void shut_sockets(struct mailer *mailer, int how)
{
	pthread_mutex_lock(&mailer->mutex);
	for (size_t i = 0; i < mailer->socket_count; i++)
		(void)shutdown(mailer->sockets[i], how);
	pthread_mutex_unlock(&mailer->mutex);
}

/* ---- the session ---- */

static void session_close(struct mailer *mailer)
{
	if (!mailer->easy)
		return;
	/* QUIT still goes out, but nobody waits for its answer. */
	shut_sockets(mailer, SHUT_RD);
	curl_easy_cleanup(mailer->easy);
	mailer->easy = NULL;
	free(mailer->session);
	mailer->session = NULL;
	mailer->mails = 0;
}

/* A session is reused for the same server, protection and login only. */
static void session_open(struct mailer *mailer, const struct mail_request *request)
{
	char *session =
	    mem_printf("%d\n%s\n%s\n%s\n%s", request->tls, request->url,
		       request->ca_file ? request->ca_file : "", request->user ? request->user : "",
		       request->password ? request->password : "");

	if (mailer->easy &&
	    (strcmp(mailer->session, session) != 0 || mailer->mails >= SESSION_MAILS_MAX))
		session_close(mailer);
	if (!mailer->easy)
		mailer->easy = curl_easy_init();
	if (!mailer->easy)
		abort();
	free(mailer->session);
	mailer->session = session;
	mailer->mails++;
}

/* ---- one message ---- */

static size_t give_bytes(char *out, size_t size, size_t count, void *arg)
{
	struct upload *upload = arg;
	const size_t left = upload->request->len - upload->at;
	const size_t given = left < size * count ? left : size * count;

	memcpy(out, upload->request->bytes + upload->at, given);
	upload->at += given;
	return given;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes of "5.1.1 " at the start of a line, 0 when it has none. */
static size_t enhanced_len(const char *s, size_t len)
{
	const size_t span = len < PREFIX_SIZE - 1 ? len : PREFIX_SIZE - 1;
	size_t dots = 0, i = 0;

	for (; i < span && (is_digit(s[i]) || s[i] == '.'); i++)
		dots += s[i] == '.';
	return dots == 2 && i < span && s[i] == ' ' ? i + 1 : 0;
}

static void add_line(struct upload *upload, const char *s, size_t len)
{
	const size_t enhanced = enhanced_len(s, len);

	if (upload->text.len == 0) {
		memcpy(upload->prefix, s, enhanced);
		upload->prefix[enhanced] = '\0';
	} else {
		if (enhanced > 0 && strncmp(upload->prefix, s, enhanced) == 0) {
			s += enhanced;
			len -= enhanced;
		}
		buf_addc(&upload->text, ' ');
	}
	buf_add(&upload->text, s, len);
}

/* A line of an answer: "550-5.1.1 No such user". The answer to QUIT is not about the message. */
static size_t take_line(char *line, size_t size, size_t count, void *arg)
{
	struct upload *upload = arg;
	size_t len = size * count;

	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	if (len < CODE_DIGITS || !is_digit(line[0]) || strncmp(line, "221", CODE_DIGITS) == 0)
		return size * count;
	if (upload->text_ended) {
		buf_free(&upload->text);
		upload->text_ended = false;
	}
	if (len > CODE_DIGITS + 1)
		add_line(upload, line + CODE_DIGITS + 1, len - CODE_DIGITS - 1);
	upload->text_ended = len == CODE_DIGITS || line[CODE_DIGITS] != '-';
	return size * count;
}

/* What a stranger's server said, as clean text of one line. */
static char *clean_text(const char *s)
{
	struct buf clean = buf_make(MAIL_TEXT_MAX - 1);

	while (*s && !clean.overflowed) {
		char scratch[TEXT_FAULT_SIZE];
		char encoded[5];
		const size_t len = text_encode(text_next(&s), encoded);

		if (text_check(encoded, len, TEXT_LINE, 1, 1, scratch))
			buf_addc(&clean, '?');
		else
			buf_add(&clean, encoded, len);
	}
	return buf_take(&clean);
}

/* Called at least once a second; anything but 0 ends the transfer. */
static int keep_going(void *arg, curl_off_t down, curl_off_t down_now, curl_off_t up,
		      curl_off_t up_now)
{
	(void)down;
	(void)down_now;
	(void)up;
	(void)up_now;
	return atomic_load(&((const struct upload *)arg)->mailer->pool->cut);
}

/* After a refusal libcurl says QUIT and waits long for the answer, which nobody needs. */
static int watch_commands(CURL *easy, curl_infotype type, char *bytes, size_t len, void *arg)
{
	(void)easy;
	if (type == CURLINFO_HEADER_OUT && len >= strlen("QUIT") && memcmp(bytes, "QUIT", 4) == 0)
		shut_sockets(arg, SHUT_RD);
	return 0;
}

static bool address_ok(const char *address)
{
	const unsigned char *c = (const unsigned char *)address;

	for (; *c; c++)
		if (*c <= ' ' || *c >= 0x7f || *c == '<' || *c == '>')
			return false;
	return c != (const unsigned char *)address;
}

static void set_connection(struct mailer *mailer, const struct mail_request *request)
{
	CURL *easy = mailer->easy;

	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	/* libcurl's default sends in the clear even where STARTTLS is offered. */
	curl_easy_setopt(easy, CURLOPT_USE_SSL,
			 (long)(request->tls == MAIL_CLEAR ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	if (request->user) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, request->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD,
				 request->password ? request->password : "");
	}
	curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, watch_commands);
	curl_easy_setopt(easy, CURLOPT_DEBUGDATA, mailer);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, mailer);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, mailer);
}

static void set_upload(CURL *easy, struct upload *upload)
{
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_bytes);
	curl_easy_setopt(easy, CURLOPT_READDATA, upload);
	curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)upload->request->len);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_line);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, upload);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, keep_going);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, upload);
}

static CURLcode perform(CURL *easy, const struct mail_request *request)
{
	char *from = mem_printf("<%s>", request->from);
	char *to = mem_printf("<%s>", request->to);
	struct curl_slist *recipients = curl_slist_append(NULL, to);
	CURLcode code;

	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients);
	code = curl_easy_perform(easy);
	/* The handle outlives the list. */
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(recipients);
	free(from);
	free(to);
	return code;
}

static void try_once(struct mailer *mailer, struct upload *upload, struct mail_reply *reply)
{
	const struct mail_request *request = upload->request;
	const struct easy_limits limits = {
	    "smtp,smtps",
	    CONNECT_TIMEOUT_MS,
	    request->timeout_ms > 0 ? request->timeout_ms : MAIL_TIMEOUT_MS,
	    request->ca_file,
	};

	upload->at = 0;
	upload->text_ended = false;
	buf_free(&upload->text);
	session_open(mailer, request);
	easy_prepare(mailer->easy, &limits, reply->error);
	set_connection(mailer, request);
	set_upload(mailer->easy, upload);
	reply->fault = net_fault_of((int)perform(mailer->easy, request));
	curl_easy_getinfo(mailer->easy, CURLINFO_RESPONSE_CODE, &reply->code);
	reply->sent_maybe =
	    reply->fault != NET_OK && reply->code == CODE_SEND_IT && upload->at == request->len;
	/* The handle stays; what it was told to write to does not. */
	curl_easy_setopt(mailer->easy, CURLOPT_ERRORBUFFER, NULL);
}

/* A session that the server had given up between two messages: nothing of this one was said yet. */
static bool was_stale(const struct mailer *mailer, const struct upload *upload,
		      const struct mail_reply *reply)
{
	long connects = 1;

	curl_easy_getinfo(mailer->easy, CURLINFO_NUM_CONNECTS, &connects);
	return connects == 0 && upload->at == 0 &&
	       (reply->code == CODE_CLOSING ||
		(reply->code < CODE_REFUSED && reply->fault == NET_BROKEN));
}

static void send_mail(struct mailer *mailer, const struct mail_request *request,
		      struct mail_reply *reply)
{
	struct upload upload = {
	    .request = request, .mailer = mailer, .text = buf_make(MAIL_TEXT_MAX)};

	try_once(mailer, &upload, reply);
	if (reply->fault != NET_OK && was_stale(mailer, &upload, reply)) {
		session_close(mailer);
		try_once(mailer, &upload, reply);
	}
	reply->text = clean_text(buf_text(&upload.text));
	buf_free(&upload.text);
}

static bool request_ok(const struct mail_request *request)
{
	return address_ok(request->from) && address_ok(request->to) && easy_line_ok(request->url);
}

static struct mail_reply *answer(struct mailer *mailer, const struct mail_request *request)
{
	struct mail_reply *reply = mem_alloc(1, sizeof(*reply));

	reply->tag = request->tag;
	if (request_ok(request)) {
		send_mail(mailer, request, reply);
	} else {
		reply->fault = NET_REQUEST;
		reply->text = mem_strdup("");
	}
	return reply;
}

/* ---- the threads ---- */

static void deliver(struct mailer *mailer, struct mail_request *request)
{
	struct mail_pool *pool = mailer->pool;
	struct mail_reply *reply = answer(mailer, request);

	/* What was cut off has no result that anybody could use. */
	if ((reply->fault != NET_OK && atomic_load(&pool->cut)) ||
	    !queue_push(pool->replies, reply))
		mail_reply_free(reply);
	mail_request_free(request);
}

static void *mailer_run(void *arg)
{
	struct mailer *mailer = arg;
	struct mail_pool *pool = mailer->pool;

	for (;;) {
		struct mail_request *request =
		    queue_wait(pool->inbox, mailer->easy ? SESSION_IDLE_MS : -1);

		if (request)
			deliver(mailer, request);
		else
			session_close(mailer);
		if (!request && queue_is_closed(pool->inbox))
			break;
	}
	pthread_mutex_lock(&pool->mutex);
	pool->running--;
	pthread_cond_signal(&pool->ended);
	pthread_mutex_unlock(&pool->mutex);
	return NULL;
}

/* ---- life ---- */

static bool start_mailer(struct mail_pool *pool)
{
	struct mailer *mailer = &pool->mailers[pool->count];

	mailer->pool = pool;
	pthread_mutex_init(&mailer->mutex, NULL);
	pool->running++;
	if (easy_thread(&mailer->thread, mailer_run, mailer)) {
		pool->count++;
		return true;
	}
	pool->running--;
	pthread_mutex_destroy(&mailer->mutex);
	return false;
}

struct mail_pool *mail_pool_new(struct queue *replies, size_t threads, struct error *err)
{
	struct mail_pool *pool = mem_alloc(1, sizeof(*pool));
	pthread_condattr_t attributes;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->ended, &attributes);
	pthread_condattr_destroy(&attributes);
	pool->replies = replies;
	pool->mailers = mem_alloc(threads, sizeof(*pool->mailers));
	pool->inbox = queue_new(INBOX_MAX);
	pthread_mutex_lock(&pool->mutex);
	while (pool->inbox && pool->count < threads && start_mailer(pool))
		;
	pthread_mutex_unlock(&pool->mutex);
	if (pool->inbox && pool->count == threads)
		return pool;
	error_set(err, "the mail threads could not be started");
	return mail_pool_free(pool, 0);
}

bool mail_pool_send(struct mail_pool *pool, struct mail_request *request)
{
	if (queue_push(pool->inbox, request))
		return true;
	mail_request_free(request);
	return false;
}

static void forget_inbox(struct mail_pool *pool)
{
	struct mail_request *request;

	while ((request = queue_pop(pool->inbox)))
		mail_request_free(request);
}

static void wait_for_mailers(struct mail_pool *pool, int grace_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += grace_ms / 1000;
	until.tv_nsec += (long)(grace_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&pool->mutex);
	while (pool->running > 0 &&
	       pthread_cond_timedwait(&pool->ended, &pool->mutex, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&pool->mutex);
}

static void end_mailers(struct mail_pool *pool, int grace_ms)
{
	queue_close(pool->inbox);
	forget_inbox(pool);
	wait_for_mailers(pool, grace_ms);
	atomic_store(&pool->cut, true);
	for (size_t i = 0; i < pool->count; i++) {
		shut_sockets(&pool->mailers[i], SHUT_RDWR);
		pthread_join(pool->mailers[i].thread, NULL);
		pthread_mutex_destroy(&pool->mailers[i].mutex);
	}
}

struct mail_pool *mail_pool_free(struct mail_pool *pool, int grace_ms)
{
	if (!pool)
		return NULL;
	if (pool->inbox)
		end_mailers(pool, grace_ms);
	queue_free(pool->inbox);
	free(pool->mailers);
	pthread_cond_destroy(&pool->ended);
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
	curl_global_cleanup();
	return NULL;
}
