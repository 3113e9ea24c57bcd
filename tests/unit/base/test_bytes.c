/* Hashes against published vectors, encodings there and back, buffers with a ceiling, queues
 * between threads. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/queue.h"

static void test_sha256_and_hmac_match_published_vectors(void **state)
{
	char hex[SHA256_HEX_SIZE];
	uint8_t mac[SHA256_SIZE];

	(void)state;
	bytes_sha256_hex("abc", 3, hex); /* FIPS 180-2, B.1 */
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	bytes_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac); /* RFC 4231, 4.3 */
	bytes_hex(mac, sizeof(mac), hex);
	assert_string_equal(hex,
			    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void test_base64_comes_back_and_refuses_what_does_not_belong(void **state)
{
	static const char *const wrong[] = {
	    "A", "AB", "ABC", "AB=C", "====", "A===", "AB C", "AB\nC", "AB-_"};
	uint8_t in[64], out[96];
	size_t len;

	(void)state;
	for (size_t n = 0; n <= sizeof(in); n++) {
		random_bytes(in, n);
		char *text = bytes_base64(in, n);
		assert_int_equal(bytes_base64_decode(text, strlen(text), out, &len), STATUS_OK);
		assert_int_equal(len, n);
		assert_memory_equal(in, out, n);
		free(text);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(bytes_base64_decode(wrong[i], strlen(wrong[i]), out, &len),
				 STATUS_INVALID);
}

static void test_a_full_buffer_keeps_what_it_has_and_says_so(void **state)
{
	struct buf buf = buf_make(10);

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	buf_adds(&buf, "12345");
	buf_addf(&buf, "%d", 67890);
	assert_false(buf.overflowed);
	buf_addc(&buf, 'x');
	assert_true(buf.overflowed);
	assert_string_equal(buf_text(&buf), "1234567890");
	buf_free(&buf);
}

static void test_arena_memory_is_zeroed_and_grows(void **state)
{
	struct arena *arena = arena_new();
	int *numbers = NULL;
	size_t capacity = 0;

	(void)state;
	for (size_t i = 0; i < 5000; i++) {
		numbers = arena_grow(arena, numbers, i, &capacity, sizeof(*numbers));
		numbers[i] = (int)i;
	}
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(numbers[i], i);
	assert_string_equal(arena_printf(arena, "%s-%d", "a", 1), "a-1");
	const char *zeros = arena_alloc(arena, 3, 100000);
	for (size_t i = 0; i < 300000; i++)
		assert_int_equal(zeros[i], 0);
	arena_free(arena);
}

#define ITEMS 20000

static void *produce(void *arg)
{
	struct queue *queue = arg;

	for (uintptr_t i = 1; i <= ITEMS; i++)
		while (!queue_push(queue, (void *)i))
			continue;
	queue_close(queue);
	return NULL;
}

static void test_a_queue_hands_over_everything_in_order(void **state)
{
	struct queue *queue = queue_new(16);
	pthread_t producer;
	uintptr_t expected = 1;
	void *item;

	(void)state;
	pthread_create(&producer, NULL, produce, queue);
	while ((item = queue_wait(queue, -1)))
		assert_int_equal((uintptr_t)item, expected++);
	assert_int_equal(expected, ITEMS + 1);
	assert_true(queue_is_closed(queue));
	assert_false(queue_push(queue, &expected));
	pthread_join(producer, NULL);
	queue_free(queue);
}

static void test_a_full_queue_refuses_and_an_empty_one_does_not_wait_for_ever(void **state)
{
	struct queue *queue = queue_new(1);
	int item;

	(void)state;
	assert_true(queue_push(queue, &item));
	assert_false(queue_push(queue, &item));
	assert_ptr_equal(queue_pop(queue), &item);
	assert_null(queue_pop(queue));
	assert_null(queue_wait(queue, 1));
	queue_free(queue);
}

static bool is_readable(int fd)
{
	struct pollfd pollfd = {.fd = fd, .events = POLLIN};

	return poll(&pollfd, 1, 0) == 1;
}

static void test_a_loop_is_woken_by_items_and_by_closing(void **state)
{
	struct queue *queue = queue_new(3);
	int items[3];

	(void)state;
	assert_false(is_readable(queue_fd(queue)));
	assert_true(queue_push(queue, &items[0]));
	assert_true(queue_push(queue, &items[1]));
	assert_true(is_readable(queue_fd(queue)));
	queue_drain_fd(queue);
	assert_false(is_readable(queue_fd(queue)));
	assert_int_equal(queue_length(queue), 2);
	queue_close(queue);
	assert_true(is_readable(queue_fd(queue)));
	assert_ptr_equal(queue_pop(queue), &items[0]); /* what was inside can still be taken */
	assert_ptr_equal(queue_wait(queue, -1), &items[1]);
	assert_null(queue_wait(queue, -1));
	assert_null(queue_free(queue));
	assert_null(queue_free(NULL));
}

static void test_a_reason_is_cut_never_overrun_and_may_be_unwanted(void **state)
{
	char longest[3000];
	struct error err;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	error_set(&err, "%s", longest);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_int_equal(error_fail(&err, STATUS_BUSY, "%s", "already running"), STATUS_BUSY);
	assert_string_equal(err.text, "already running");
	error_set(NULL, "%s", longest);
	assert_int_equal(error_fail(NULL, STATUS_FAILED, "%s", longest), STATUS_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sha256_and_hmac_match_published_vectors),
	    cmocka_unit_test(test_base64_comes_back_and_refuses_what_does_not_belong),
	    cmocka_unit_test(test_a_full_buffer_keeps_what_it_has_and_says_so),
	    cmocka_unit_test(test_arena_memory_is_zeroed_and_grows),
	    cmocka_unit_test(test_a_queue_hands_over_everything_in_order),
	    cmocka_unit_test(test_a_loop_is_woken_by_items_and_by_closing),
	    cmocka_unit_test(test_a_reason_is_cut_never_overrun_and_may_be_unwanted),
	    cmocka_unit_test(test_a_full_queue_refuses_and_an_empty_one_does_not_wait_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
