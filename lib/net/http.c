/* The courier thread: libcurl's multi handle, driven by a libevent base of its own.
 *
 * Everything in struct courier but the inbox belongs to the thread; the inbox is the only door. */
#include "net/http.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "net/easy.h"
#include "net/guard.h"

#define INBOX_MAX 4096
/* A resolver that nobody answers gives up after 10 s, with better words. Not a multiple of 5 s for
 * another reason too: libcurl 7.88.1 may touch freed memory when both end in one instant. */
#define CONNECT_TIMEOUT_MS 12000
#define SPARES_MAX	   64  /* handles that are kept for the next request */
#define IDLE_MAX	   64  /* connections that are kept for the next request */
#define STATUS_FINAL	   200 /* lower ones announce another */
#define STATUS_REFUSED	   300 /* by a proxy, and up */
#define STATUS_PROXY_LOGIN 407

struct courier {
	pthread_t thread;
	struct queue *inbox;
	struct queue *replies;
	char *user_agent;
	struct event_base *base;
	CURLM *multi;
	struct event *letter; /* the inbox has something */
	struct event *timer;  /* libcurl wants to be called */
	struct event *end;    /* the grace is over */
	struct transfer *transfers;
	size_t transfer_count;
	CURL *spares[SPARES_MAX];
	size_t spare_count;
	int grace_ms; /* set before the inbox is closed */
};

/* One request under way. */
struct transfer {
	struct transfer *next, **link;
	struct courier *courier;
	CURL *easy;
	struct curl_slist *headers;
	struct http_request *request;
	struct http_reply *reply;
	struct guard guard;
	size_t head_len; /* bytes of headers so far */
	bool answered;	 /* all headers of the final answer are in */
	bool asked;	 /* the request was begun */
	bool sent;	 /* all of it was handed to the network */
	bool repeats;	 /* libcurl was about to send it again then */
};

/* ---- requests and replies ---- */

struct http_request *http_request_new(int64_t tag, const char *url)
{
	struct http_request *request = mem_alloc(1, sizeof(*request));

	request->tag = tag;
	request->url = mem_strdup(url);
	return request;
}

void http_request_header(struct http_request *request, const char *name, const char *value)
{
	const size_t n = request->header_count++;

	request->headers = mem_grow(request->headers, n + 1, sizeof(*request->headers));
	request->headers[n] = mem_printf("%s: %s", name, value);
}

void http_request_free(struct http_request *request)
{
	if (!request)
		return;
	for (size_t i = 0; i < request->header_count; i++)
		easy_forget(request->headers[i]);
	free(request->headers);
	easy_forget(request->url);
	easy_forget(request->proxy);
	free(request->ca_file);
	if (request->body)
		explicit_bzero(request->body, request->body_len);
	free(request->body);
	free(request);
}

void http_reply_free(struct http_reply *reply)
{
	if (!reply)
		return;
	free(reply->body);
	free(reply->retry_after);
	free(reply->location);
	free(reply);
}

/* ---- one transfer ---- */

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_reply *reply = ((struct transfer *)arg)->reply;
	const size_t len = size * count;
	const size_t room = HTTP_BODY_MAX - reply->body_len;
	const size_t kept = len < room ? len : room;

	reply->body = mem_grow(reply->body, reply->body_len + kept + 1, 1);
	memcpy(reply->body + reply->body_len, bytes, kept);
	reply->body_len += kept;
	reply->body[reply->body_len] = '\0';
	/* A short count ends the transfer: what was answered is known, and the rest could be
	 * endless. */
	return kept;
}

static size_t take_header(char *line, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	const size_t len = size * count;
	long status = 0;

	/* A short count ends the transfer: it could be endless. */
	transfer->head_len += len;
	if (transfer->head_len > HTTP_HEAD_MAX)
		return 0;
	if (len <= 2 && len > 0 && (line[0] == '\r' || line[0] == '\n')) {
		curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
		transfer->answered = status >= STATUS_FINAL;
	}
	return len;
}

/* The counts of libcurl begin anew when it repeats a request. */
static int note_progress(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
			 curl_off_t up)
{
	struct transfer *transfer = arg;

	(void)down_total;
	(void)down;
	(void)up_total;
	transfer->sent |= transfer->asked && (size_t)up >= transfer->request->body_len;
	return 0;
}

/* When a connection that was kept ends without an answer libcurl sends the request again by itself,
 * on another. What may have been taken already goes again only when somebody has counted that. */
static bool is_repeat(struct transfer *transfer)
{
	transfer->repeats |= transfer->sent;
	return transfer->repeats;
}

/* Before each sending of the request, also on a connection that was kept. */
static int begin_request(void *arg, char *peer_ip, char *own_ip, int peer_port, int own_port)
{
	struct transfer *transfer = arg;

	(void)peer_ip;
	(void)own_ip;
	(void)peer_port;
	(void)own_port;
	if (is_repeat(transfer))
		return CURL_PREREQFUNC_ABORT;
	transfer->asked = true;
	return CURL_PREREQFUNC_OK;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = arg;

	(void)purpose;
	return is_repeat(transfer) ? CURL_SOCKET_BAD : guard_open(&transfer->guard, address);
}

/* What all requests have in common; transfer_start() sets the rest. */
static CURL *easy_new(const struct courier *courier)
{
	const struct easy_limits limits = {"http,https", CONNECT_TIMEOUT_MS, HTTP_TIMEOUT_MS, NULL,
					   NULL};
	CURL *easy = curl_easy_init();

	if (!easy)
		abort();
	easy_prepare(easy, &limits, NULL);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, courier->user_agent);
	/* A second request on a reused clear-text HTTP/2 connection fails. */
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, begin_request);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, note_progress);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	/* What a proxy says, and what it is told, is not about the message. */
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	return easy;
}

/* A handle that was used before saves libcurl much of its memory, and the login of TLS. */
static CURL *easy_get(struct courier *courier)
{
	return courier->spare_count > 0 ? courier->spares[--courier->spare_count]
					: easy_new(courier);
}

/* Nothing in it may point to what is gone. The system's authorities cannot be set again where a
 * request had its own. */
static void easy_put(struct courier *courier, const struct http_request *request, CURL *easy)
{
	if (request->ca_file || courier->spare_count == SPARES_MAX) {
		curl_easy_cleanup(easy);
		return;
	}
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
	courier->spares[courier->spare_count++] = easy;
}

/* libcurl counts the connections in use among those that it keeps: many that hang would have it
 * close all that are good. */
static void count_transfers(struct courier *courier, int change)
{
	courier->transfer_count += (size_t)change;
	curl_multi_setopt(courier->multi, CURLMOPT_MAXCONNECTS,
			  (long)courier->transfer_count + IDLE_MAX);
}

static struct transfer *transfer_new(struct courier *courier, struct http_request *request)
{
	struct transfer *transfer = mem_alloc(1, sizeof(*transfer));

	transfer->courier = courier;
	transfer->request = request;
	transfer->reply = mem_alloc(1, sizeof(*transfer->reply));
	transfer->reply->tag = request->tag;
	transfer->easy = easy_get(courier);
	transfer->next = courier->transfers;
	transfer->link = &courier->transfers;
	if (transfer->next)
		transfer->next->link = &transfer->next;
	courier->transfers = transfer;
	count_transfers(courier, 1);
	return transfer;
}

static void transfer_free(struct transfer *transfer)
{
	*transfer->link = transfer->next;
	if (transfer->next)
		transfer->next->link = transfer->link;
	curl_multi_remove_handle(transfer->courier->multi, transfer->easy);
	count_transfers(transfer->courier, -1);
	easy_put(transfer->courier, transfer->request, transfer->easy);
	easy_forget_list(transfer->headers);
	http_request_free(transfer->request);
	http_reply_free(transfer->reply);
	free(transfer);
}

static char *header_of(CURL *easy, const char *name)
{
	struct curl_header *header;

	return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK
		   ? mem_strdup(header->value)
		   : NULL;
}

/* The status with which a proxy refused to connect us, or 0. */
static long proxy_refusal(const struct transfer *transfer)
{
	long status = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	return status < STATUS_REFUSED ? 0 : status;
}

static enum net_fault fault_of(const struct transfer *transfer, CURLcode code)
{
	const long refusal = proxy_refusal(transfer);

	if (transfer->repeats)
		return NET_BROKEN;
	if (guard_stopped(&transfer->guard, code, transfer->reply->error))
		return NET_FORBIDDEN;
	if (code != CURLE_OK && refusal > 0)
		return refusal == STATUS_PROXY_LOGIN ? NET_LOGIN : NET_CONNECT;
	return net_fault_of((int)code);
}

/* Whether the last byte of the request was handed to the network. */
static bool all_sent(const struct transfer *transfer)
{
	long head = 0;
	curl_off_t body = 0;

	if (transfer->sent || !transfer->asked)
		return transfer->sent;
	curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &head);
	curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &body);
	return head > 0 && (size_t)body >= transfer->request->body_len &&
	       proxy_refusal(transfer) == 0;
}

static void transfer_end(struct transfer *transfer, enum net_fault fault)
{
	struct http_reply *reply = transfer->reply;

	/* libcurl takes an end in the middle of the headers for an end. */
	if (!transfer->answered && fault == NET_OK)
		fault = NET_BROKEN;
	/* What came back is no HTTP; the request had nothing wrong. */
	if (fault == NET_REQUEST && all_sent(transfer))
		fault = NET_BROKEN;
	reply->fault = transfer->answered ? NET_OK : fault;
	reply->body_cut = transfer->answered && fault != NET_OK;
	reply->all_sent = all_sent(transfer);
	reply->sent_maybe = reply->fault != NET_OK && reply->all_sent;
	if (transfer->answered) {
		curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &reply->status);
		reply->retry_after = header_of(transfer->easy, "Retry-After");
		reply->location = header_of(transfer->easy, "Location");
	}
	if (!reply->body)
		reply->body = mem_strdup("");
	if (queue_push(transfer->courier->replies, reply))
		transfer->reply = NULL;
	transfer_free(transfer);
}

static bool set_headers(struct transfer *transfer)
{
	const struct http_request *request = transfer->request;

	for (size_t i = 0; i < request->header_count; i++) {
		if (!easy_line_ok(request->headers[i]))
			return false;
		transfer->headers = curl_slist_append(transfer->headers, request->headers[i]);
	}
	/* Not to wait for the server's leave before a large body. */
	transfer->headers = curl_slist_append(transfer->headers, "Expect:");
	return true;
}

static bool method_ok(const char *method)
{
	return !method || (*method && method[strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0');
}

static void transfer_start(struct courier *courier, struct http_request *request)
{
	struct transfer *transfer = transfer_new(courier, request);
	CURL *easy = transfer->easy;
	const long timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : HTTP_TIMEOUT_MS;

	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->reply->error);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
	easy_trust(easy, request->ca_file);
	easy_route(easy, request->proxy);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
	if (!easy_line_ok(request->url) || !method_ok(request->method) || !set_headers(transfer)) {
		transfer_end(transfer, NET_REQUEST);
		return;
	}
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	if (curl_multi_add_handle(courier->multi, easy) != CURLM_OK)
		transfer_end(transfer, NET_OTHER);
}

/* ---- the loop ---- */

static void end_if_idle(struct courier *courier)
{
	if (!courier->transfers && queue_is_closed(courier->inbox))
		event_base_loopbreak(courier->base);
}

static void collect(struct courier *courier)
{
	struct CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(courier->multi, &left))) {
		const CURLcode code = message->data.result;
		struct transfer *transfer;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		transfer_end(transfer, fault_of(transfer, code));
	}
	end_if_idle(courier);
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct courier *courier = arg;
	const int ready =
	    (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
	int running;

	curl_multi_socket_action(courier->multi, fd, ready, &running);
	collect(courier);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct courier *courier = arg;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(courier->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(courier);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *watched)
{
	struct courier *courier = arg;
	struct event *event = watched;
	const short wanted =
	    (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));

	(void)easy;
	if (event)
		event_free(event);
	event = NULL;
	if (what != CURL_POLL_REMOVE) {
		event =
		    event_new(courier->base, fd, (short)(wanted | EV_PERSIST), on_socket, courier);
		event_add(event, NULL);
	}
	curl_multi_assign(courier->multi, fd, event);
	return 0;
}

static int set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct courier *courier = arg;
	const struct timeval in = {timeout_ms / 1000, timeout_ms % 1000 * 1000};

	(void)multi;
	if (timeout_ms < 0)
		event_del(courier->timer);
	else
		event_add(courier->timer, &in);
	return 0;
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(((struct courier *)arg)->base);
}

static void forget_inbox(struct courier *courier)
{
	struct http_request *request;

	while ((request = queue_pop(courier->inbox)))
		http_request_free(request);
}

static void begin_to_end(struct courier *courier)
{
	const struct timeval grace = {courier->grace_ms / 1000, courier->grace_ms % 1000 * 1000};

	forget_inbox(courier);
	event_add(courier->end, &grace);
	end_if_idle(courier);
}

static void on_letter(evutil_socket_t fd, short what, void *arg)
{
	struct courier *courier = arg;
	struct http_request *request;

	(void)fd;
	(void)what;
	queue_drain_fd(courier->inbox);
	if (queue_is_closed(courier->inbox)) {
		begin_to_end(courier);
		return;
	}
	while ((request = queue_pop(courier->inbox)))
		transfer_start(courier, request);
}

static void *courier_run(void *arg)
{
	struct courier *courier = arg;

	event_base_dispatch(courier->base);
	while (courier->transfers)
		transfer_free(courier->transfers);
	while (courier->spare_count > 0)
		curl_easy_cleanup(courier->spares[--courier->spare_count]);
	return NULL;
}

/* ---- life ---- */

static void release(struct courier *courier)
{
	struct event *const events[] = {courier->letter, courier->timer, courier->end};

	/* libcurl first: it still takes its sockets off the loop. */
	if (courier->multi)
		curl_multi_cleanup(courier->multi);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i])
			event_free(events[i]);
	if (courier->base)
		event_base_free(courier->base);
	queue_free(courier->inbox);
	free(courier->user_agent);
	free(courier);
	curl_global_cleanup();
}

static bool set_up(struct courier *courier)
{
	courier->inbox = queue_new(INBOX_MAX);
	courier->base = event_base_new();
	courier->multi = curl_multi_init();
	if (!courier->inbox || !courier->base || !courier->multi)
		return false;
	courier->letter = event_new(courier->base, queue_fd(courier->inbox), EV_READ | EV_PERSIST,
				    on_letter, courier);
	courier->timer = evtimer_new(courier->base, on_timer, courier);
	courier->end = evtimer_new(courier->base, on_end, courier);
	if (!courier->letter || !courier->timer || !courier->end)
		return false;
	event_add(courier->letter, NULL);
	curl_multi_setopt(courier->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(courier->multi, CURLMOPT_SOCKETDATA, courier);
	curl_multi_setopt(courier->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(courier->multi, CURLMOPT_TIMERDATA, courier);
	return thread_start(&courier->thread, courier_run, courier);
}

struct courier *courier_new(struct queue *replies, const char *user_agent, struct error *err)
{
	struct courier *courier = mem_alloc(1, sizeof(*courier));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	courier->replies = replies;
	courier->user_agent = mem_strdup(user_agent);
	if (set_up(courier))
		return courier;
	error_set(err, "the courier's thread could not be started");
	release(courier);
	return NULL;
}

bool courier_send(struct courier *courier, struct http_request *request)
{
	if (queue_push(courier->inbox, request))
		return true;
	http_request_free(request);
	return false;
}

struct courier *courier_free(struct courier *courier, int grace_ms)
{
	if (!courier)
		return NULL;
	courier->grace_ms = grace_ms;
	queue_close(courier->inbox);
	pthread_join(courier->thread, NULL);
	forget_inbox(courier);
	release(courier);
	return NULL;
}
