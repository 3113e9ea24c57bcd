/* What libcurl does with nothing around it: the same posts or mails as the daemon sends, from
 * memory, with no database and no meaning.
 *
 * Usage: bare http|smtp PORT COUNT BYTES AT_A_TIME. Prints a line of JSON with its CPU seconds; the
 * time that counts is the sink's. */
#include <curl/curl.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct bare {
	struct event_base *base;
	CURLM *multi;
	struct event *timer;
	char url[64];
	char *body;
	size_t len;
	long count;
	atomic_long next;
	long under_way;
};

/* ---- http: one multi handle on one libevent base ---- */

struct post {
	CURL *easy;
	struct curl_slist *headers;
};

static size_t ignore(char *bytes, size_t size, size_t n, void *arg)
{
	(void)bytes;
	(void)arg;
	return size * n;
}

static void post_next(struct bare *bare, struct post *post)
{
	const long number = bare->next++;
	char id[64];

	if (number >= bare->count)
		return;
	curl_slist_free_all(post->headers);
	snprintf(id, sizeof(id), "webhook-id: msg_%ld", number);
	post->headers = curl_slist_append(NULL, id);
	post->headers = curl_slist_append(post->headers, "Content-Type: application/json");
	post->headers = curl_slist_append(post->headers, "Expect:");
	curl_easy_setopt(post->easy, CURLOPT_HTTPHEADER, post->headers);
	curl_multi_add_handle(bare->multi, post->easy);
	bare->under_way++;
}

static struct post *post_new(struct bare *bare)
{
	struct post *post = calloc(1, sizeof(*post));

	if (!post)
		abort();
	post->easy = curl_easy_init();
	curl_easy_setopt(post->easy, CURLOPT_PRIVATE, post);
	curl_easy_setopt(post->easy, CURLOPT_URL, bare->url);
	curl_easy_setopt(post->easy, CURLOPT_POSTFIELDS, bare->body);
	curl_easy_setopt(post->easy, CURLOPT_POSTFIELDSIZE, (long)bare->len);
	curl_easy_setopt(post->easy, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(post->easy, CURLOPT_NOSIGNAL, 1L);
	return post;
}

static void collect(struct bare *bare)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(bare->multi, &left))) {
		struct post *post;

		if (message->msg != CURLMSG_DONE)
			continue;
		if (message->data.result != CURLE_OK)
			abort();
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &post);
		curl_multi_remove_handle(bare->multi, post->easy);
		bare->under_way--;
		post_next(bare, post);
	}
	if (bare->under_way == 0)
		event_base_loopbreak(bare->base);
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct bare *bare = arg;
	int running;

	curl_multi_socket_action(bare->multi, fd,
				 (what & EV_READ ? CURL_CSELECT_IN : 0) |
				     (what & EV_WRITE ? CURL_CSELECT_OUT : 0),
				 &running);
	collect(bare);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct bare *bare = arg;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(bare->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(bare);
}

static int watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *watched)
{
	struct bare *bare = arg;
	struct event *event = watched;
	const short wanted =
	    (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));

	(void)easy;
	if (event)
		event_free(event);
	event = NULL;
	if (what != CURL_POLL_REMOVE) {
		event = event_new(bare->base, fd, (short)(wanted | EV_PERSIST), on_socket, bare);
		event_add(event, NULL);
	}
	curl_multi_assign(bare->multi, fd, event);
	return 0;
}

static int set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct bare *bare = arg;
	const struct timeval in = {timeout_ms / 1000, timeout_ms % 1000 * 1000};

	(void)multi;
	if (timeout_ms < 0)
		event_del(bare->timer);
	else
		event_add(bare->timer, &in);
	return 0;
}

static void run_http(struct bare *bare, long at_a_time)
{
	bare->base = event_base_new();
	bare->multi = curl_multi_init();
	bare->timer = evtimer_new(bare->base, on_timer, bare);
	curl_multi_setopt(bare->multi, CURLMOPT_SOCKETFUNCTION, watch);
	curl_multi_setopt(bare->multi, CURLMOPT_SOCKETDATA, bare);
	curl_multi_setopt(bare->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(bare->multi, CURLMOPT_TIMERDATA, bare);
	curl_multi_setopt(bare->multi, CURLMOPT_MAXCONNECTS, at_a_time);
	for (long i = 0; i < at_a_time; i++)
		post_next(bare, post_new(bare));
	event_base_dispatch(bare->base);
}

/* ---- smtp: a thread a session ---- */

struct upload {
	const char *bytes;
	size_t left;
};

static size_t give(char *out, size_t size, size_t n, void *arg)
{
	struct upload *upload = arg;
	const size_t given = upload->left < size * n ? upload->left : size * n;

	memcpy(out, upload->bytes, given);
	upload->bytes += given;
	upload->left -= given;
	return given;
}

static void *run_session(void *arg)
{
	struct bare *bare = arg;
	CURL *easy = curl_easy_init();
	struct curl_slist *to = curl_slist_append(NULL, "<maria@example.com>");
	const size_t room = bare->len + 256;
	char *mail = malloc(room);
	long number;

	if (!mail)
		abort();
	curl_easy_setopt(easy, CURLOPT_URL, bare->url);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, "<cadence@example.com>");
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, give);
	while ((number = bare->next++) < bare->count) {
		const int len = snprintf(mail, room, "Message-ID: <%ld@example.com>\r\n\r\n%s",
					 number, bare->body);
		struct upload upload = {mail, (size_t)len};

		curl_easy_setopt(easy, CURLOPT_READDATA, &upload);
		curl_easy_setopt(easy, CURLOPT_INFILESIZE, (long)len);
		if (curl_easy_perform(easy) != CURLE_OK)
			abort();
	}
	curl_easy_cleanup(easy);
	curl_slist_free_all(to);
	free(mail);
	return NULL;
}

static void run_smtp(struct bare *bare, long at_a_time)
{
	pthread_t threads[256];

	for (long i = 0; i < at_a_time; i++)
		if (pthread_create(&threads[i], NULL, run_session, bare) != 0)
			abort();
	for (long i = 0; i < at_a_time; i++)
		pthread_join(threads[i], NULL);
}

/* Lines of 72 bytes, so that it may stand in a mail. */
static void make_body(struct bare *bare)
{
	bare->body = malloc(bare->len + 1);
	if (!bare->body)
		abort();
	for (size_t i = 0; i < bare->len; i++)
		bare->body[i] = i % 74 == 72 ? '\r' : i % 74 == 73 ? '\n' : 'x';
	bare->body[bare->len] = '\0';
}

int main(int argc, char **argv)
{
	struct bare bare = {0};
	struct rusage used;

	if (argc != 6 || atol(argv[5]) < 1 || atol(argv[5]) > 256) {
		fputs("Usage: bare http|smtp PORT COUNT BYTES AT_A_TIME\n", stderr);
		return 64;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	snprintf(bare.url, sizeof(bare.url), "%s://127.0.0.1:%s/", argv[1], argv[2]);
	bare.count = atol(argv[3]);
	bare.len = strtoul(argv[4], NULL, 10);
	make_body(&bare);
	if (strcmp(argv[1], "smtp") == 0)
		run_smtp(&bare, atol(argv[5]));
	else
		run_http(&bare, atol(argv[5]));
	getrusage(RUSAGE_SELF, &used);
	printf("{\"cpu\": %.6f}\n",
	       (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
		   (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
	return 0;
}
