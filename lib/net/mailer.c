/* One message at a time over a session that is reused.
 *
 * The easy handle is made for the first message and gone with the session. Its sockets are kept in
 * a list, so that a shutdown can cut them: libcurl would wait up to two minutes for an answer to
 * QUIT. */
#include "net/mailer.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/easy.h"
#include "net/guard.h"
#include "net/token.h"

/* Greeting, TLS and AUTH included: some servers greet late on purpose. Not a multiple of 5 s, after
 * which resolvers give up: libcurl 7.88.1 may touch freed memory when both end in one instant. */
#define CONNECT_TIMEOUT_MS 32000
#define SESSION_MAILS_MAX  50 /* some servers refuse more in one session */
#define SOCKETS_MAX	   16 /* of one mailer at a time: addresses that are tried side by side */
#define HEARD_MAX	   65536 /* bytes of all answers to one message */
#define CODE_DIGITS	   3
#define PREFIX_SIZE	   16  /* of an enhanced code, "5.7.139 " and a NUL */
#define CODE_GO_ON	   334 /* in the middle of a login */
#define CODE_CLOSING	   421
#define CODE_REFUSED	   400 /* and up */

struct session_key {
	unsigned char hash[EVP_MAX_MD_SIZE];
};

struct mailer {
	const atomic_bool *cut;
	CURL *easy;		/* NULL: no session */
	struct session_key key; /* whose session it is */
	int mails;		/* sent over it */
	struct guard guard;	/* of the message under way */
	pthread_mutex_t mutex;
	int sockets[SOCKETS_MAX]; /* under the mutex: another thread may cut them */
	size_t socket_count;
	bool said_mail; /* something was said of the message on hand */
};

/* One message on its way. */
struct upload {
	const struct mail_request *request;
	struct mailer *mailer;
	const char *token;	  /* NULL: none is used */
	size_t at;		  /* bytes handed to libcurl */
	size_t heard;		  /* bytes of answers */
	struct buf text;	  /* the last answer, as it came, without codes */
	bool text_ended;	  /* the next line starts another answer */
	char prefix[PREFIX_SIZE]; /* its enhanced code, which every line repeats */
};

/* ---- requests and replies ---- */

void mail_request_free(struct mail_request *request)
{
	if (!request)
		return;
	free(request->lane);
	free(request->url);
	free(request->user);
	easy_forget(request->password);
	free(request->token_file);
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
		fd = guard_open(&mailer->guard, address);
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
	mailer->mails = 0;
}

/* Equal for the same server, protection and login, and for nothing else. No secret can be read from
 * it. */
static struct session_key key_of(const struct mail_request *request, const char *token)
{
	const char *const parts[] = {request->url, request->ca_file, request->user,
				     request->password, token};
	struct session_key key = {{0}};
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) &&
		    EVP_DigestUpdate(context, &request->tls, sizeof(request->tls));

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && done; i++)
		/* With the NUL: no part can run into the next. */
		done = parts[i] ? EVP_DigestUpdate(context, "+", 1) &&
				      EVP_DigestUpdate(context, parts[i], strlen(parts[i]) + 1)
				: EVP_DigestUpdate(context, "-", 1);
	if (!done || !EVP_DigestFinal_ex(context, key.hash, NULL))
		abort();
	EVP_MD_CTX_free(context);
	return key;
}

static void session_open(struct mailer *mailer, const struct mail_request *request,
			 const char *token)
{
	const struct session_key key = key_of(request, token);

	if (mailer->mails >= SESSION_MAILS_MAX || memcmp(&key, &mailer->key, sizeof(key)) != 0)
		session_close(mailer);
	if (!mailer->easy)
		mailer->easy = curl_easy_init();
	if (!mailer->easy)
		abort();
	mailer->key = key;
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

	/* A short count ends the transfer: it could be endless. */
	upload->heard += len;
	if (upload->heard > HEARD_MAX)
		return 0;
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
	return atomic_load(((const struct upload *)arg)->mailer->cut);
}

static bool is_command(const char *bytes, size_t len, const char *command)
{
	return len >= strlen(command) && memcmp(bytes, command, strlen(command)) == 0;
}

/* After a refusal libcurl says QUIT and waits long for the answer, which nobody needs. */
static int watch_commands(CURL *easy, curl_infotype type, char *bytes, size_t len, void *arg)
{
	struct mailer *mailer = arg;

	(void)easy;
	if (type != CURLINFO_HEADER_OUT)
		return 0;
	mailer->said_mail |= is_command(bytes, len, "MAIL ");
	if (is_command(bytes, len, "QUIT"))
		shut_sockets(mailer, SHUT_RD);
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
	curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, watch_commands);
	curl_easy_setopt(easy, CURLOPT_DEBUGDATA, mailer);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, mailer);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, mailer);
}

static void set_login(CURL *easy, const struct mail_request *request, const char *token)
{
	if (!request->user)
		return;
	curl_easy_setopt(easy, CURLOPT_USERNAME, request->user);
	curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, token ? LOGIN_TOKEN : LOGIN_PASSWORD);
	if (token)
		curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, token);
	else
		curl_easy_setopt(easy, CURLOPT_PASSWORD,
				 request->password ? request->password : "");
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

/* libcurl says no more than "Login denied" when it found no way to log in that it may use. */
static void explain_login(struct mail_reply *reply, const char *token)
{
	if (reply->fault == NET_LOGIN && reply->code < CODE_GO_ON)
		snprintf(reply->error, sizeof(reply->error), "the server offers %s",
			 token ? "neither OAUTHBEARER nor XOAUTH2, as a token needs"
			       : "none of CRAM-MD5, PLAIN and LOGIN, as a password needs");
}

static void try_once(struct mailer *mailer, struct upload *upload, struct mail_reply *reply)
{
	const struct mail_request *request = upload->request;
	const struct easy_limits limits = {
	    "smtp,smtps",
	    CONNECT_TIMEOUT_MS,
	    request->timeout_ms > 0 ? request->timeout_ms : MAIL_TIMEOUT_MS,
	    request->ca_file,
	    NULL,
	};
	CURLcode code;

	upload->at = 0;
	upload->heard = 0;
	upload->text_ended = false;
	buf_free(&upload->text);
	mailer->said_mail = false;
	mailer->guard = (struct guard){.refused = false};
	session_open(mailer, request, upload->token);
	easy_prepare(mailer->easy, &limits, reply->error);
	set_connection(mailer, request);
	set_login(mailer->easy, request, upload->token);
	set_upload(mailer->easy, upload);
	code = perform(mailer->easy, request);
	reply->fault = guard_stopped(&mailer->guard, code, reply->error) ? NET_FORBIDDEN
									 : net_fault_of((int)code);
	curl_easy_getinfo(mailer->easy, CURLINFO_RESPONSE_CODE, &reply->code);
	explain_login(reply, upload->token);
	reply->unheard = reply->code >= CODE_REFUSED && !mailer->said_mail;
	/* Until something is refused; an answer to the dot that means nothing refuses nothing. */
	reply->sent_maybe =
	    reply->fault != NET_OK && reply->code < CODE_REFUSED && upload->at == request->len;
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

static void send_mail(struct mailer *mailer, const struct mail_request *request, const char *token,
		      struct mail_reply *reply)
{
	struct upload upload = {
	    .request = request, .mailer = mailer, .token = token, .text = buf_make(MAIL_TEXT_MAX)};

	try_once(mailer, &upload, reply);
	if (reply->fault != NET_OK && was_stale(mailer, &upload, reply)) {
		session_close(mailer);
		try_once(mailer, &upload, reply);
	}
	/* libcurl keeps a connection whose answer did not come in time: it would be taken for the
	 * answer to the next message. */
	if (reply->fault != NET_OK && reply->code < CODE_REFUSED)
		session_close(mailer);
	reply->text = clean_text(buf_text(&upload.text));
	buf_free(&upload.text);
}

/* Asking the file for each message is cheaper than telling whether it is still the same file, and
 * surer: a session with an old token is not gone on with, because its key is another. */
static void send_with_token(struct mailer *mailer, const struct mail_request *request,
			    struct mail_reply *reply)
{
	char token[TOKEN_MAX + 1];
	struct error err = {""};

	reply->fault = NET_TOKEN;
	if (!request->user) {
		reply->fault = NET_LOGIN;
		error_set(&err, "a token needs a user");
	} else if (token_read(request->token_file, token, &err) == STATUS_OK) {
		send_mail(mailer, request, token, reply);
		if (reply->fault == NET_LOGIN && reply->code >= CODE_REFUSED)
			bytes_sha256_hex(token, strlen(token), reply->refused_token);
	}
	explicit_bzero(token, sizeof(token));
	if (reply->text)
		return;
	snprintf(reply->error, sizeof(reply->error), "%.*s", (int)sizeof(reply->error) - 1,
		 err.text);
	text_drop_half(reply->error);
}

static bool request_ok(const struct mail_request *request)
{
	return address_ok(request->from) && address_ok(request->to) && easy_line_ok(request->url);
}

struct mail_reply *mailer_send(struct mailer *mailer, const struct mail_request *request)
{
	struct mail_reply *reply = mem_alloc(1, sizeof(*reply));

	reply->tag = request->tag;
	if (!request_ok(request))
		reply->fault = NET_REQUEST;
	else if (request->token_file)
		send_with_token(mailer, request, reply);
	else
		send_mail(mailer, request, NULL, reply);
	if (!reply->text)
		reply->text = mem_strdup("");
	return reply;
}

/* ---- life ---- */

struct mailer *mailer_new(const atomic_bool *cut)
{
	struct mailer *mailer = mem_alloc(1, sizeof(*mailer));

	mailer->cut = cut;
	pthread_mutex_init(&mailer->mutex, NULL);
	return mailer;
}

struct mailer *mailer_free(struct mailer *mailer)
{
	if (!mailer)
		return NULL;
	session_close(mailer);
	pthread_mutex_destroy(&mailer->mutex);
	free(mailer);
	return NULL;
}

bool mailer_is_between(const struct mailer *mailer)
{
	return !mailer->easy || mailer->mails >= SESSION_MAILS_MAX;
}

void mailer_cut(struct mailer *mailer)
{
	shut_sockets(mailer, SHUT_RDWR);
}
