/* What the journal gets, byte for byte, and that nothing waits for who does not read. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/journal.h"

static void test_a_value_without_line_feeds_stands_behind_an_equals_sign(void **state)
{
	struct buf entry = buf_make(1000);

	(void)state;
	journal_field(&entry, "MESSAGE", "a=b\tc");
	journal_field(&entry, "PRIORITY", "");
	assert_string_equal(buf_text(&entry), "MESSAGE=a=b\tc\nPRIORITY=\n");
	buf_free(&entry);
}

/* A name that brings a field of its own along must stay within its value. */
static void test_a_value_with_line_feeds_has_its_length_before_it(void **state)
{
	static const char value[] = "Acme\nPRIORITY=0\n_PID=1";
	static const char expected[] = "CADENCED_PARTNER\n\x16\0\0\0\0\0\0\0"
				       "Acme\nPRIORITY=0\n_PID=1\nA=b\n";
	struct buf entry = buf_make(1000);

	(void)state;
	journal_field(&entry, "CADENCED_PARTNER", value);
	journal_field(&entry, "A", "b");
	assert_int_equal(entry.len, sizeof(expected) - 1);
	assert_memory_equal(buf_text(&entry), expected, entry.len);
	buf_free(&entry);
}

static void test_the_length_is_sixty_four_bits_with_the_least_first(void **state)
{
	struct buf entry = buf_make(100000);
	char *value = malloc(70001);

	(void)state;
	memset(value, '\n', 70000);
	value[70000] = '\0';
	journal_field(&entry, "N", value);
	/* 70000 = 0x11170 */
	assert_memory_equal(buf_text(&entry), "N\n\x70\x11\x01\0\0\0\0\0\n", 11);
	assert_int_equal(entry.len, 2 + 8 + 70000 + 1);
	buf_free(&entry);
	free(value);
}

static int listen_at(const char *path)
{
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	assert_true(fd >= 0 && strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void test_an_entry_arrives_as_one_datagram(void **state)
{
	char dir[] = "/tmp/test-journal-XXXXXX", path[64], got[100];
	struct buf entry = buf_make(1000);

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/socket", dir);
	const int server = listen_at(path), fd = journal_open();
	journal_field(&entry, "MESSAGE", "hello");
	journal_field(&entry, "PRIORITY", "6");
	assert_int_equal(journal_send(fd, path, &entry), STATUS_OK);
	assert_int_equal(recv(server, got, sizeof(got), 0), entry.len);
	assert_memory_equal(got, buf_text(&entry), entry.len);
	close(server);
	unlink(path);

	/* A journal that is started anew is found under its old name. */
	assert_int_equal(journal_send(fd, path, &entry), STATUS_FAILED);
	const int again = listen_at(path);
	assert_int_equal(journal_send(fd, path, &entry), STATUS_OK);
	close(again);
	close(fd);
	unlink(path);
	rmdir(dir);
	buf_free(&entry);
}

static void test_a_journal_that_does_not_read_is_not_waited_for(void **state)
{
	char dir[] = "/tmp/test-journal-XXXXXX", path[64], got[100];
	struct buf entry = buf_make(1000);
	int sent = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/socket", dir);
	const int server = listen_at(path), fd = journal_open();
	journal_field(&entry, "MESSAGE", "hello");
	while (sent < 1000000 && journal_send(fd, path, &entry) == STATUS_OK)
		sent++;
	assert_true(sent > 0 && sent < 1000000);
	assert_int_equal(journal_send(fd, path, &entry), STATUS_BUSY);
	assert_true(recv(server, got, sizeof(got), 0) > 0);
	assert_int_equal(journal_send(fd, path, &entry), STATUS_OK);
	close(server);
	close(fd);
	unlink(path);
	rmdir(dir);
	buf_free(&entry);
}

static void test_a_path_that_no_socket_can_have_is_refused(void **state)
{
	char path[200];
	struct buf entry = buf_make(10);
	const int fd = journal_open();

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(journal_send(fd, path, &entry), STATUS_FAILED);
	close(fd);
}

/* Fills what fd leads to; then makes room, and expects the next line whole. */
static void expect_no_waiting(int reader, int writer)
{
	struct outlet outlet = outlet_open(writer);
	const int flags = fcntl(writer, F_GETFL);
	static char got[4 << 20];
	char line[1000];
	int written = 0;

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	while (written < 4000 && outlet_write(&outlet, line, sizeof(line)))
		written++;
	assert_true(written > 0 && written < 4000);
	assert_false(outlet_write(&outlet, line, sizeof(line)));
	/* The others who have it see it as it was. */
	assert_int_equal(fcntl(writer, F_GETFL), flags);
	while (recv(reader, got, sizeof(got), MSG_DONTWAIT) > 0 || read(reader, got, 1) > 0)
		if (outlet_write(&outlet, "whole\n", 6))
			break;
	assert_false(outlet.torn);
	outlet_close(&outlet);
}

static void test_a_full_pipe_is_not_waited_for(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	expect_no_waiting(ends[0], ends[1]);
	close(ends[0]);
	close(ends[1]);
}

static void test_a_full_pipe_that_cannot_be_opened_anew_is_not_waited_for(void **state)
{
	char line[1000];
	int ends[2], written = 0;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	struct outlet outlet = {.fd = ends[1], .own = -1};
	memset(line, 'x', sizeof(line));
	while (written < 4000 && outlet_write(&outlet, line, sizeof(line)))
		written++;
	assert_true(written > 0 && written < 4000);
	close(ends[0]);
	close(ends[1]);
}

static void test_a_full_stream_socket_is_not_waited_for(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	expect_no_waiting(ends[0], ends[1]);
	close(ends[0]);
	close(ends[1]);
}

static void test_a_file_keeps_its_place_and_what_is_in_it(void **state)
{
	char path[] = "/tmp/test-journal-XXXXXX", got[20] = "";
	const int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "before\n", 7), 7);
	struct outlet outlet = outlet_open(fd);
	assert_true(outlet_write(&outlet, "after\n", 6));
	outlet_close(&outlet);
	assert_int_equal(pread(fd, got, sizeof(got) - 1, 0), 13);
	assert_string_equal(got, "before\nafter\n");
	close(fd);
	unlink(path);
}

static void test_a_descriptor_that_is_closed_loses_lines_and_nothing_else(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	close(ends[1]);
	struct outlet outlet = outlet_open(ends[1]);
	assert_false(outlet_write(&outlet, "x\n", 2));
	outlet_close(&outlet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_value_without_line_feeds_stands_behind_an_equals_sign),
	    cmocka_unit_test(test_a_value_with_line_feeds_has_its_length_before_it),
	    cmocka_unit_test(test_the_length_is_sixty_four_bits_with_the_least_first),
	    cmocka_unit_test(test_an_entry_arrives_as_one_datagram),
	    cmocka_unit_test(test_a_journal_that_does_not_read_is_not_waited_for),
	    cmocka_unit_test(test_a_path_that_no_socket_can_have_is_refused),
	    cmocka_unit_test(test_a_full_pipe_is_not_waited_for),
	    cmocka_unit_test(test_a_full_pipe_that_cannot_be_opened_anew_is_not_waited_for),
	    cmocka_unit_test(test_a_full_stream_socket_is_not_waited_for),
	    cmocka_unit_test(test_a_file_keeps_its_place_and_what_is_in_it),
	    cmocka_unit_test(test_a_descriptor_that_is_closed_loses_lines_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
