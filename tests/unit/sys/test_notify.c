/* What systemd is told, and what its variables mean; wrong ones are as good as none. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/notify.h"

/* A datagram socket bound to name; '@' stands for the NUL of an abstract one. */
static int listen_at(const char *name)
{
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const size_t len = strlen(name);

	assert_true(fd >= 0 && len < sizeof(address.sun_path));
	memcpy(address.sun_path, name, len);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (const struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
			 0);
	return fd;
}

static void expect_message(int fd, const char *expected)
{
	char text[100];
	const ssize_t len = recv(fd, text, sizeof(text) - 1, 0);

	assert_true(len >= 0);
	text[len] = '\0';
	assert_string_equal(text, expected);
}

static void test_without_systemd_nothing_is_said_and_nothing_is_wrong(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_send("READY=1"), STATUS_OK);
	setenv("NOTIFY_SOCKET", "", 1);
	assert_int_equal(notify_send("READY=1"), STATUS_OK);
}

static void test_a_message_reaches_a_socket_in_the_file_system(void **state)
{
	char dir[] = "/tmp/test-notify-XXXXXX";
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/notify", dir);
	const int fd = listen_at(path);
	setenv("NOTIFY_SOCKET", path, 1);
	assert_int_equal(notify_send("READY=1\nSTATUS=watching 3 partners"), STATUS_OK);
	expect_message(fd, "READY=1\nSTATUS=watching 3 partners");
	close(fd);
	assert_int_equal(notify_send("STOPPING=1"), STATUS_FAILED); /* nobody listens any more */
	unlink(path);
	rmdir(dir);
}

static void test_a_message_reaches_an_abstract_socket(void **state)
{
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "@cadenced-test-notify-%ld", (long)getpid());
	const int fd = listen_at(name);
	setenv("NOTIFY_SOCKET", name, 1);
	assert_int_equal(notify_send("WATCHDOG=1"), STATUS_OK);
	expect_message(fd, "WATCHDOG=1");
	close(fd);
}

static void test_an_address_that_cannot_be_one_is_refused(void **state)
{
	char longest[200];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	setenv("NOTIFY_SOCKET", longest, 1);
	assert_int_equal(notify_send("READY=1"), STATUS_INVALID);
	setenv("NOTIFY_SOCKET", "relative/path", 1);
	assert_int_equal(notify_send("READY=1"), STATUS_INVALID);
	setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
	assert_int_equal(notify_send("READY=1"), STATUS_INVALID);
}

static void test_the_watchdog_of_another_process_is_not_ours(void **state)
{
	char pid[32];

	(void)state;
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	assert_int_equal(notify_watchdog_usec(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(notify_watchdog_usec(), 30000000);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_watchdog_usec(), 30000000);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_usec(), 0);
	setenv("WATCHDOG_PID", pid, 1);
	setenv("WATCHDOG_USEC", "soon", 1);
	assert_int_equal(notify_watchdog_usec(), 0);
}

static void test_the_journal_is_known_by_the_very_file_it_reads(void **state)
{
	static const char *const wrong[] = {"", "1", "1:", "a:b", ":", "0:0"};
	struct stat st;
	char stream[64];

	(void)state;
	unsetenv("JOURNAL_STREAM");
	assert_false(notify_stderr_is_journal());
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	assert_true(notify_stderr_is_journal());
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		setenv("JOURNAL_STREAM", wrong[i], 1);
		assert_false(notify_stderr_is_journal());
	}
}

/* In a process of its own, whose descriptors from 3 on are `open` ends of a pipe: how many does
 * listen_fds() hand out? 100 more when it left one of them to be inherited. */
static int handed_out(const char *count, const char *pid, size_t max, int open)
{
	const pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		char own[32];
		int fds[8];
		int inherited = 0;

		closefrom(3);
		for (int i = 0; i < open; i++)
			dup2(STDERR_FILENO, 3 + i);
		snprintf(own, sizeof(own), "%ld", (long)getpid());
		setenv("LISTEN_FDS", count, 1);
		setenv("LISTEN_PID", pid ? pid : own, 1);
		const int n = (int)listen_fds(fds, max);
		for (int i = 0; i < n; i++)
			if (fds[i] != 3 + i || !(fcntl(fds[i], F_GETFD) & FD_CLOEXEC))
				inherited = 100;
		_exit(n + inherited);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_descriptors_are_taken_only_when_they_are_ours_and_open(void **state)
{
	(void)state;
	assert_int_equal(handed_out("1", NULL, 4, 1), 1);
	assert_int_equal(handed_out("3", NULL, 4, 3), 3);
	assert_int_equal(handed_out("3", NULL, 2, 3), 2);
	assert_int_equal(handed_out("1", "1", 4, 1), 0);
	assert_int_equal(handed_out("1", "", 4, 1), 0);
	assert_int_equal(handed_out("0", NULL, 4, 1), 0);
	assert_int_equal(handed_out("many", NULL, 4, 1), 0);
	assert_int_equal(handed_out("3", NULL, 4, 1), 1);
	assert_int_equal(handed_out("-1", NULL, 4, 0), 0);
	unsetenv("LISTEN_FDS");
	assert_int_equal(listen_fds(NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_without_systemd_nothing_is_said_and_nothing_is_wrong),
	    cmocka_unit_test(test_a_message_reaches_a_socket_in_the_file_system),
	    cmocka_unit_test(test_a_message_reaches_an_abstract_socket),
	    cmocka_unit_test(test_an_address_that_cannot_be_one_is_refused),
	    cmocka_unit_test(test_the_watchdog_of_another_process_is_not_ours),
	    cmocka_unit_test(test_the_journal_is_known_by_the_very_file_it_reads),
	    cmocka_unit_test(test_descriptors_are_taken_only_when_they_are_ours_and_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
