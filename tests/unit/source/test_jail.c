/* What a process that reads mail can still do: read, write, have memory, end. Each other thing is
 * tried by a process that is locked in, and ends it. */
#include "source/jail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define DONE   7 /* exit statuses of the process that tries */
#define UNLIKE 8
#define OPEN   9
#define PAGE   4096
#define BLOCK  ((size_t)8 << 20)

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* How a process ends that locks itself in and then does this, as waitpid() says. */
static int end_of(void (*act)(void))
{
	const pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (jail_enter(NULL) != STATUS_OK)
			_exit(OPEN);
		act();
		_exit(DONE);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void expect_signal(void (*act)(void), int number)
{
	const int status = end_of(act);

	if (WIFEXITED(status))
		print_message("it ended with %d\n", WEXITSTATUS(status));
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), number);
}

static void expect_done(void (*act)(void))
{
	const int status = end_of(act);

	if (WIFSIGNALED(status))
		print_message("it ended by signal %d\n", WTERMSIG(status));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), DONE);
}

static void make_socket(void)
{
	(void)socket(AF_INET, SOCK_STREAM, 0);
}

static void make_process(void)
{
	(void)fork();
}

static void run_program(void)
{
	char *const argv[] = {"true", NULL};

	(void)execv("/bin/true", argv);
}

static void kill_parent(void)
{
	(void)kill(getppid(), 0);
}

static void unlink_file(void)
{
	(void)unlink("/nonexistent");
}

static void limit_files(void)
{
	const struct rlimit none = {100, 100};

	(void)setrlimit(RLIMIT_NOFILE, &none);
}

static void run_memory(void)
{
	(void)mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		   0);
}

static void spin(void)
{
	volatile unsigned turns = 0;

	jail_renew(1);
	for (;;)
		turns++;
}

static void open_file(void)
{
	if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES)
		_exit(UNLIKE);
}

static void use_memory(void)
{
	void *block = malloc(BLOCK);

	if (!block)
		_exit(UNLIKE);
	memset(block, 1, BLOCK);
	free(block);
}

static void use_all_memory(void)
{
	for (size_t used = 0; used <= JAIL_MEMORY; used += BLOCK) {
		void *block =
		    mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (block == MAP_FAILED)
			return;
	}
	_exit(UNLIKE);
}

static void renew(void)
{
	jail_renew(JAIL_CPU_S);
	jail_renew(JAIL_CPU_S);
}

static void test_sockets_processes_programs_signals_and_files_end_it(void **state)
{
	(void)state;
	expect_signal(make_socket, SIGSYS);
	expect_signal(run_program, SIGSYS);
	expect_signal(unlink_file, SIGSYS);
	expect_signal(kill_parent, SIGSYS);
	expect_signal(limit_files, SIGSYS);
	expect_signal(make_process, SIGSYS);
}

static void test_memory_that_can_be_run_ends_it(void **state)
{
	(void)state;
	if (SANITIZED)
		skip();
	expect_signal(run_memory, SIGSYS);
}

static void test_opening_a_file_fails_and_no_more(void **state)
{
	(void)state;
	if (SANITIZED)
		skip();
	expect_done(open_file);
}

static void test_memory_is_there_and_has_an_end(void **state)
{
	(void)state;
	expect_done(use_memory);
	if (!SANITIZED)
		expect_done(use_all_memory);
}

static void test_its_time_can_be_renewed_and_a_loop_ends_with_it(void **state)
{
	(void)state;
	expect_done(renew);
	expect_signal(spin, SIGXCPU);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sockets_processes_programs_signals_and_files_end_it),
	    cmocka_unit_test(test_memory_that_can_be_run_ends_it),
	    cmocka_unit_test(test_opening_a_file_fails_and_no_more),
	    cmocka_unit_test(test_memory_is_there_and_has_an_end),
	    cmocka_unit_test(test_its_time_can_be_renewed_and_a_loop_ends_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
