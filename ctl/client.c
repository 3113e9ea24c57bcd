/* Talks to the daemon. libcurl knows HTTP over Unix sockets. */
#include "ctl/client.h"

#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/complain.h"
#include "ctl/table.h"

#define ANSWER_MAX	((size_t)1 << 30)
#define SILENCE_S	120L
#define PAGE		1000
#define HTTP_CONF_WRONG 422 /* the answer to a reload of a wrong configuration */

/* Where an answer goes: a good one into the file, if there is one; a refusal is small, and kept
 * apart. */
struct intake {
	CURL *curl;
	FILE *file;
	struct buf *answer;
};

static size_t take(char *bytes, size_t size, size_t count, void *arg)
{
	struct intake *intake = arg;
	long status = 0;

	curl_easy_getinfo(intake->curl, CURLINFO_RESPONSE_CODE, &status);
	if (intake->file && status == 200)
		return fwrite(bytes, size, count, intake->file);
	buf_add(intake->answer, bytes, size * count);
	return intake->answer->overflowed ? 0 : size * count;
}

static int unreachable(const struct ctl *ctl, CURLcode code)
{
	if (code == CURLE_WRITE_ERROR || code == CURLE_PARTIAL_FILE ||
	    code == CURLE_OPERATION_TIMEDOUT) {
		complain("the answer of cadenced did not arrive whole (%s)",
			 curl_easy_strerror(code));
		return FAILED;
	}
	if (ctl->says_alone)
		return UNREACHABLE;
	complain("cadenced does not answer on %s (%s).\n"
		 "Is it running, and may you use its socket? Try 'systemctl status cadenced', or "
		 "name another socket with --socket.",
		 ctl->socket, curl_easy_strerror(code));
	return UNREACHABLE;
}

static int exchange(const struct ctl *ctl, const char *method, const char *path,
		    const struct buf *body, FILE *file, struct buf *answer, long *ret_status)
{
	CURL *curl = curl_easy_init();
	char *url = mem_printf("http://localhost/v1/%s", path);
	struct curl_slist *headers = curl_slist_append(NULL, "X-Cadence-Source: command");
	struct intake intake = {.curl = curl, .file = file, .answer = answer};
	CURLcode code;

	headers = curl_slist_append(headers, "Content-Type: application/json");
	headers = curl_slist_append(headers, "Expect:");
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, ctl->socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	/* No limit of the whole: a backup may take long. Silence is what counts. */
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, SILENCE_S);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ctl->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &intake);
	if (strcmp(method, "POST") == 0) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)(body ? body->len : 0));
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body ? buf_text(body) : "");
	} else {
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	}
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, ret_status);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	free(url);
	return code == CURLE_OK ? DONE : unreachable(ctl, code);
}

static int refuse(const struct buf *answer, long status)
{
	json_t *o = json_loads(buf_text(answer), 0, NULL);
	const json_t *error = json_object_get(o, "error");

	if (json_is_string(json_object_get(error, "message")))
		complain_of(error);
	else
		complain("the daemon answered with HTTP status %ld", status);
	json_decref(o);
	return status == HTTP_CONF_WRONG ? CONF_WRONG : FAILED;
}

static int exchange_json(const struct ctl *ctl, const char *method, const char *path,
			 const struct buf *body, json_t **ret)
{
	struct buf answer = buf_make(ANSWER_MAX);
	long status = 0;
	int result = exchange(ctl, method, path, body, NULL, &answer, &status);

	if (result == DONE && status != 200)
		result = refuse(&answer, status);
	else if (result == DONE && ctl->json)
		puts(buf_text(&answer));
	if (result == DONE && ret) {
		*ret = json_loads(buf_text(&answer), JSON_DECODE_ANY, NULL);
		if (!*ret) {
			complain("the daemon's answer is not JSON");
			result = FAILED;
		}
	}
	buf_free(&answer);
	return result;
}

int client_json(const struct ctl *ctl, const char *method, const char *path, json_t *body,
		json_t **ret)
{
	struct buf bytes = buf_make(SIZE_MAX);
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	int result;

	if (text)
		buf_adds(&bytes, text);
	result = exchange_json(ctl, method, path, &bytes, ret);
	free(text);
	json_decref(body);
	buf_free(&bytes);
	return result;
}

int client_send(const struct ctl *ctl, const char *path, const struct buf *body, json_t **ret)
{
	return exchange_json(ctl, "POST", path, body, ret);
}

int client_bytes(const struct ctl *ctl, const char *path, struct buf *ret)
{
	long status = 0;
	int result = exchange(ctl, "GET", path, NULL, NULL, ret, &status);

	if (result == DONE && status != 200)
		result = refuse(ret, status);
	return result;
}

int client_file(const struct ctl *ctl, const char *path, FILE *file)
{
	struct buf refusal = buf_make(ANSWER_MAX);
	long status = 0;
	int result = exchange(ctl, "GET", path, NULL, file, &refusal, &status);

	if (result == DONE && status != 200)
		result = refuse(&refusal, status);
	buf_free(&refusal);
	return result;
}

int client_each(const struct ctl *ctl, const char *path, const char *key, client_row *take_row,
		void *arg)
{
	const struct ctl quiet = {.socket = ctl->socket};
	char *after = NULL;
	int result = DONE;
	bool more = true;

	while (result == DONE && more) {
		char *page = mem_printf("%s?limit=%d%s%s", path, PAGE, after ? "&after=" : "",
					after ? after : "");
		json_t *answer = NULL, *rows, *row = NULL;
		char scratch[32];
		size_t i;

		result = client_json(&quiet, "GET", page, NULL, &answer);
		rows = json_object_get(answer, key);
		json_array_foreach(rows, i, row) take_row(arg, row);
		more = json_array_size(rows) > 0 && json_is_true(json_object_get(answer, "more"));
		free(after);
		after = more ? client_escape(member_text(
				   json_array_get(rows, json_array_size(rows) - 1), "id", scratch))
			     : NULL;
		json_decref(answer);
		free(page);
	}
	free(after);
	return result;
}

void client_print(const json_t *answer)
{
	json_dumpf(answer, stdout, JSON_COMPACT);
	putchar('\n');
}

char *client_escape(const char *text)
{
	char *escaped = curl_easy_escape(NULL, text, 0);
	char *copy = mem_strdup(escaped);

	curl_free(escaped);
	return copy;
}
