/* The process that reads mail, killed, stopped, starved and made to lie: the mail is put aside, the
 * next one is read, and nothing is left behind. */
#include "source/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "source/wire.h"

#define STALL_MS     400   /* short, for the tests that wait for it */
#define PATIENT_MS   20000 /* never reached */
#define WAIT_MS	     20000
#define FDS_MAX	     16
#define FIRST_FD     3
#define SMALL_MEMORY (1 << 20)
#define MAIL(answer)                                                                               \
	"From: maria@example.com\r\nTo: cadence@example.com\r\n"                                   \
	"Message-ID: <1@example.com>\r\n\r\n" answer "\r\n"

/* The sanitizer ends a process that has no memory by itself. */
#ifdef __SANITIZE_ADDRESS__
#define OUT_OF_MEMORY "the process that was reading it ended"
#else
#define OUT_OF_MEMORY "ended by signal"
#endif

/* ---- processes ---- */

static pid_t parent_of(pid_t pid)
{
	char path[64], line[512];
	const char *behind;
	FILE *file;
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	line[0] = '\0';
	if (fgets(line, sizeof(line), file) && (behind = strrchr(line, ')')))
		(void)sscanf(behind, ") %*c %d", &parent);
	fclose(file);
	return parent;
}

/* The one process whose parent this is, or 0. */
static pid_t child_of(pid_t parent)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	pid_t found = 0;

	assert_non_null(dir);
	while (!found && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    parent_of(atoi(entry->d_name)) == parent)
			found = atoi(entry->d_name);
	closedir(dir);
	return found;
}

static bool is_locked_in(pid_t pid)
{
	char path[64], line[256];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	while (file && !found && fgets(line, sizeof(line), file))
		found = strncmp(line, "Seccomp:\t2", 10) == 0;
	if (file)
		fclose(file);
	return found;
}

/* Until it has nothing but the descriptor and the calls that are left to it. */
static void wait_until_locked_in(pid_t pid)
{
	for (int waited = 0; !is_locked_in(pid); waited++) {
		assert_true(waited < WAIT_MS);
		usleep(1000);
	}
}

static void wait_for_end(int pidfd)
{
	struct pollfd gone = {.fd = pidfd, .events = POLLIN};

	assert_int_equal(poll(&gone, 1, WAIT_MS), 1);
	close(pidfd);
}

static int watch_process(pid_t pid)
{
	const int pidfd = pidfd_open(pid, 0);

	assert_true(pid > 0);
	assert_true(pidfd >= 0);
	return pidfd;
}

/* ---- mails ---- */

struct given {
	struct reader *reader;
	struct arena *arena;
};

static struct given begin(int stall_ms)
{
	struct given given = {.reader = reader_start(stall_ms, NULL), .arena = arena_new()};

	assert_non_null(given.reader);
	return given;
}

static void end(struct given *given)
{
	given->reader = reader_close(given->reader);
	given->arena = arena_free(given->arena);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void hand_in(struct given *given, const char *mail, void *tag)
{
	assert_true(reader_send(given->reader, mail, strlen(mail), tag));
}

static struct reading collect(struct given *given)
{
	struct pollfd heard = {.fd = reader_fd(given->reader), .events = POLLIN};
	struct reading reading;

	while (!reader_collect(given->reader, given->arena, &reading))
		assert_int_equal(poll(&heard, 1, WAIT_MS), 1);
	return reading;
}

static void expect_letter(struct given *given, const char *text)
{
	const struct reading reading = collect(given);

	if (reading.reason)
		print_message("reason: %s\n", reading.reason);
	assert_int_equal(reading.end, READING_LETTER);
	assert_string_equal(reading.letter.text, text);
}

static void expect_end(struct given *given, enum reading_end how, const char *part)
{
	const struct reading reading = collect(given);

	if (reading.end == how && !strstr(reading.reason, part))
		print_message("reason: %s\n", reading.reason);
	assert_int_equal(reading.end, how);
	assert_non_null(strstr(reading.reason, part));
}

static void expect_next_is_read(struct given *given)
{
	hand_in(given, MAIL("2 yes"), NULL);
	expect_letter(given, "2 yes");
}

/* The worker, stopped before it can read what comes next. `warm`: it has read a mail before. */
static pid_t stopped_worker(struct given *given, bool warm)
{
	struct reading reading;
	pid_t worker;

	/* A worker comes when there is mail: this one is sent to a worker that is then replaced. */
	hand_in(given, MAIL("0 first"), NULL);
	(void)collect(given);
	worker = child_of(child_of(getpid()));
	assert_true(worker > 0);
	if (!warm) {
		const int pidfd = watch_process(worker);

		/* It ends while it idles; the next one is fresh, and waits for its first mail. */
		assert_int_equal(kill(worker, SIGKILL), 0);
		wait_for_end(pidfd);
		assert_false(reader_collect(given->reader, given->arena, &reading));
	}
	return worker;
}

/* Hands a mail in and stops the worker that is to read it before it has any of it. */
static pid_t stop_before_it_reads(struct given *given, const char *mail)
{
	const pid_t warden = child_of(getpid());
	struct pollfd heard = {.fd = reader_fd(given->reader), .events = POLLIN};
	struct reading reading;
	pid_t worker;

	(void)stopped_worker(given, false);
	hand_in(given, mail, given);
	/* Asks the warden; the answer is not looked at before the worker is stopped. */
	assert_false(reader_collect(given->reader, given->arena, &reading));
	assert_int_equal(poll(&heard, 1, WAIT_MS), 1);
	worker = child_of(warden);
	wait_until_locked_in(worker);
	assert_int_equal(kill(worker, SIGSTOP), 0);
	assert_false(reader_collect(given->reader, given->arena, &reading));
	return worker;
}

/* ---- what is read, and what is not ---- */

static void test_mails_come_back_in_their_order_with_their_tags(void **state)
{
	struct given given = begin(PATIENT_MS);
	struct reading reading;
	int tags[3];

	(void)state;
	assert_false(reader_collect(given.reader, given.arena, &reading));
	hand_in(&given, MAIL("1 call today"), &tags[0]);
	hand_in(&given, "nothing like a mail", &tags[1]);
	hand_in(&given, MAIL("2 yes"), &tags[2]);
	reading = collect(&given);
	assert_ptr_equal(reading.tag, &tags[0]);
	assert_string_equal(reading.letter.text, "1 call today");
	assert_string_equal(reading.letter.from, "maria@example.com");
	assert_string_equal(reading.letter.message_id, "1@example.com");
	reading = collect(&given);
	assert_ptr_equal(reading.tag, &tags[1]);
	assert_int_equal(reading.end, READING_ASIDE);
	assert_non_null(strstr(reading.reason, "it is no mail"));
	reading = collect(&given);
	assert_ptr_equal(reading.tag, &tags[2]);
	assert_string_equal(reading.letter.text, "2 yes");
	assert_false(reader_collect(given.reader, given.arena, &reading));
	end(&given);
}

static void test_what_is_too_large_is_put_aside_unread(void **state)
{
	struct given given = begin(PATIENT_MS);
	char *mail = mem_alloc(1, LETTER_BYTES_MAX + 2);

	(void)state;
	memset(mail, 'x', LETTER_BYTES_MAX + 1);
	memcpy(mail, "Subject: ", 9);
	assert_true(reader_send(given.reader, mail, LETTER_BYTES_MAX + 1, NULL));
	expect_end(&given, READING_ASIDE, "larger than 1 MB");
	assert_true(reader_send(given.reader, mail, LETTER_BYTES_MAX, NULL));
	expect_end(&given, READING_ASIDE, "headers are larger than 64 KB");
	memcpy(mail + LETTER_HEAD_MAX, "\n\n1 call today\n\n\n", 17);
	assert_true(reader_send(given.reader, mail, LETTER_BYTES_MAX, NULL));
	expect_end(&given, READING_ASIDE, "headers are larger than 64 KB");
	memcpy(mail + LETTER_HEAD_MAX - 1, "\n\n1 call today\n\n\n", 17);
	assert_true(reader_send(given.reader, mail, LETTER_HEAD_MAX + 100, NULL));
	assert_int_equal(collect(&given).end, READING_LETTER);
	assert_true(reader_send(given.reader, "", 0, NULL));
	expect_end(&given, READING_ASIDE, "it is no mail");
	free(mail);
	end(&given);
}

static void test_more_lines_than_a_letter_holds_are_cut_and_it_says_so(void **state)
{
	struct given given = begin(PATIENT_MS);
	struct buf mail = buf_make(LETTER_BYTES_MAX);
	struct reading reading;

	(void)state;
	buf_adds(&mail, "From: maria@example.com\n\n");
	for (int i = 0; i < LETTER_LINES_MAX; i++)
		buf_adds(&mail, "1 call today\n");
	assert_true(reader_send(given.reader, mail.data, mail.len, NULL));
	reading = collect(&given);
	assert_int_equal(reading.end, READING_LETTER);
	assert_false(reading.letter.cut);
	buf_adds(&mail, "2 yes\n");
	assert_true(reader_send(given.reader, mail.data, mail.len, NULL));
	reading = collect(&given);
	assert_int_equal(reading.end, READING_LETTER);
	assert_true(reading.letter.cut);
	assert_null(strstr(reading.letter.text, "2 yes"));
	buf_free(&mail);
	end(&given);
}

static void test_more_than_may_wait_is_refused_at_once(void **state)
{
	struct given given = begin(PATIENT_MS);

	(void)state;
	for (int i = 0; i < READER_WAITING_MAX; i++)
		hand_in(&given, MAIL("2 yes"), NULL);
	assert_false(reader_send(given.reader, "x", 1, NULL));
	expect_letter(&given, "2 yes");
	hand_in(&given, MAIL("3 ack"), NULL);
	for (int i = 1; i < READER_WAITING_MAX; i++)
		expect_letter(&given, "2 yes");
	expect_letter(&given, "3 ack");
	end(&given);
}

static void test_a_worker_is_replaced_before_it_grows_old(void **state)
{
	struct given given = begin(PATIENT_MS);
	const pid_t warden = child_of(getpid());
	pid_t first;

	(void)state;
	expect_next_is_read(&given);
	first = child_of(warden);
	for (int i = 1; i < READER_MAILS_MAX; i++)
		expect_next_is_read(&given);
	assert_int_equal(child_of(warden), first);
	expect_next_is_read(&given);
	assert_int_not_equal(child_of(warden), first);
	end(&given);
}

/* ---- what goes wrong ---- */

static void test_a_mail_whose_worker_is_killed_is_put_aside_and_the_next_is_read(void **state)
{
	struct given given = begin(PATIENT_MS);
	const pid_t worker = stop_before_it_reads(&given, MAIL("1 call today"));

	(void)state;
	assert_int_equal(kill(worker, SIGKILL), 0);
	expect_end(&given, READING_ASIDE, "ended by signal 9 (SIGKILL)");
	expect_next_is_read(&given);
	end(&given);
}

static void test_a_worker_that_had_read_others_is_to_blame_itself(void **state)
{
	struct given given = begin(PATIENT_MS);
	const pid_t worker = stopped_worker(&given, true);
	struct reading reading;

	(void)state;
	assert_int_equal(kill(worker, SIGSTOP), 0);
	hand_in(&given, MAIL("1 call today"), NULL);
	assert_false(reader_collect(given.reader, given.arena, &reading));
	assert_int_equal(kill(worker, SIGKILL), 0);
	expect_letter(&given, "1 call today");
	end(&given);
}

static void test_a_worker_killed_while_it_idles_costs_nothing(void **state)
{
	struct given given = begin(PATIENT_MS);

	(void)state;
	for (int i = 0; i < 3; i++) {
		(void)stopped_worker(&given, false);
		expect_next_is_read(&given);
	}
	end(&given);
}

static void test_a_mail_that_stalls_its_worker_is_put_aside_and_the_next_is_read(void **state)
{
	struct given given = begin(STALL_MS);

	(void)state;
	(void)stop_before_it_reads(&given, MAIL("1 call today"));
	expect_end(&given, READING_ASIDE, "had not ended after 0.4 s");
	expect_next_is_read(&given);
	end(&given);
}

static void test_a_mail_that_takes_all_memory_is_put_aside_and_the_next_is_read(void **state)
{
	const struct rlimit small = {SMALL_MEMORY, SMALL_MEMORY};
	struct given given = begin(PATIENT_MS);
	struct buf mail = buf_make(LETTER_BYTES_MAX);
	pid_t worker;

	(void)state;
	buf_adds(&mail, "From: maria@example.com\n\n");
	while (mail.len < LETTER_BYTES_MAX - 100)
		buf_adds(&mail, "1 call today talked to them\n");
	worker = stop_before_it_reads(&given, buf_text(&mail));
	/* Less than it has: nothing more can be had. */
	assert_int_equal(prlimit(worker, RLIMIT_AS, &small, NULL), 0);
	assert_int_equal(kill(worker, SIGCONT), 0);
	expect_end(&given, READING_ASIDE, OUT_OF_MEMORY);
	expect_next_is_read(&given);
	buf_free(&mail);
	end(&given);
}

/* Says something in the worker's name: a copy of its descriptor is taken from it. */
static void speak_for(pid_t worker, const void *bytes, size_t len)
{
	const int pidfd = watch_process(worker);
	int copy = -1;

	for (int fd = FIRST_FD; fd < FDS_MAX && copy < 0; fd++)
		copy = pidfd_getfd(pidfd, fd, 0);
	assert_true(copy >= 0);
	assert_int_equal(write(copy, bytes, len), len);
	close(copy);
	close(pidfd);
}

static void test_a_worker_that_lies_is_ended_and_the_next_is_read(void **state)
{
	static const struct {
		uint32_t len;
		const char *inside;
		size_t size;
	} lies[] = {
	    {UINT32_MAX, "", 0},  {WIRE_FRAME_MAX + 1, "", 0},	 {0, "", 0},
	    {4, "LLLL", 4},	  {1, "Fmore than it says", 18}, {5, "F\xff\xff\xff\xff", 5},
	    {5, "F\x40\0\0\0", 5}};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct given given = begin(PATIENT_MS);
		const pid_t worker = stop_before_it_reads(&given, MAIL("1 call today"));
		struct buf lie = buf_make(1024);

		buf_add(&lie, &lies[i].len, sizeof(lies[i].len));
		buf_add(&lie, lies[i].inside, lies[i].size);
		speak_for(worker, lie.data, lie.len);
		expect_end(&given, READING_ASIDE, "is no letter");
		expect_next_is_read(&given);
		buf_free(&lie);
		end(&given);
	}
}

static void test_a_worker_that_speaks_unasked_is_replaced(void **state)
{
	struct given given = begin(PATIENT_MS);
	const pid_t worker = stopped_worker(&given, true);

	(void)state;
	speak_for(worker, "\1\0\0\0L", 5);
	expect_next_is_read(&given);
	assert_int_not_equal(child_of(child_of(getpid())), worker);
	end(&given);
}

static void test_without_its_warden_mail_is_left_for_later(void **state)
{
	struct given given = begin(PATIENT_MS);
	const pid_t warden = child_of(getpid());
	const pid_t worker = stopped_worker(&given, true);
	const int worker_end = watch_process(worker), warden_end = watch_process(warden);

	(void)state;
	assert_int_equal(kill(warden, SIGKILL), 0);
	wait_for_end(warden_end);
	wait_for_end(worker_end);
	hand_in(&given, MAIL("1 call today"), NULL);
	expect_end(&given, READING_LATER, "restart cadenced");
	end(&given);
}

static void test_a_warden_that_hangs_is_given_up(void **state)
{
	struct given given = begin(STALL_MS);
	const pid_t warden = child_of(getpid());

	(void)state;
	assert_int_equal(kill(warden, SIGSTOP), 0);
	hand_in(&given, MAIL("1 call today"), NULL);
	expect_end(&given, READING_LATER, "restart cadenced");
	end(&given);
}

static void test_closing_leaves_no_process_even_one_that_is_stopped(void **state)
{
	struct given given = begin(PATIENT_MS);
	const pid_t worker = stop_before_it_reads(&given, MAIL("1 call today"));
	const int gone = watch_process(worker);

	(void)state;
	end(&given);
	wait_for_end(gone);
}

static void test_the_signals_of_a_stop_do_not_end_it(void **state)
{
	struct given given = begin(PATIENT_MS);
	const pid_t warden = child_of(getpid());
	const pid_t worker = stopped_worker(&given, true);
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		assert_int_equal(kill(warden, signals[i]), 0);
		assert_int_equal(kill(worker, signals[i]), 0);
	}
	expect_next_is_read(&given);
	assert_int_equal(child_of(warden), worker);
	end(&given);
}

/* A process that reads a mail, says so, and waits to be killed. */
static _Noreturn void read_and_wait(int said)
{
	struct given given = begin(PATIENT_MS);

	expect_next_is_read(&given);
	(void)!write(said, "r", 1);
	for (;;)
		pause();
}

static void test_when_the_daemon_is_killed_warden_and_worker_end(void **state)
{
	int said[2], warden_end, worker_end;
	pid_t daemon, warden;
	char byte;

	(void)state;
	assert_int_equal(pipe(said), 0);
	daemon = fork();
	assert_true(daemon >= 0);
	if (daemon == 0)
		read_and_wait(said[1]);
	assert_int_equal(read(said[0], &byte, 1), 1);
	warden = child_of(daemon);
	warden_end = watch_process(warden);
	worker_end = watch_process(child_of(warden));
	assert_int_equal(kill(daemon, SIGKILL), 0);
	assert_int_equal(waitpid(daemon, NULL, 0), daemon);
	wait_for_end(warden_end);
	wait_for_end(worker_end);
	close(said[0]);
	close(said[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mails_come_back_in_their_order_with_their_tags),
	    cmocka_unit_test(test_what_is_too_large_is_put_aside_unread),
	    cmocka_unit_test(test_more_lines_than_a_letter_holds_are_cut_and_it_says_so),
	    cmocka_unit_test(test_more_than_may_wait_is_refused_at_once),
	    cmocka_unit_test(test_a_worker_is_replaced_before_it_grows_old),
	    cmocka_unit_test(test_a_mail_whose_worker_is_killed_is_put_aside_and_the_next_is_read),
	    cmocka_unit_test(test_a_worker_that_had_read_others_is_to_blame_itself),
	    cmocka_unit_test(test_a_worker_killed_while_it_idles_costs_nothing),
	    cmocka_unit_test(test_a_mail_that_stalls_its_worker_is_put_aside_and_the_next_is_read),
	    cmocka_unit_test(test_a_mail_that_takes_all_memory_is_put_aside_and_the_next_is_read),
	    cmocka_unit_test(test_a_worker_that_lies_is_ended_and_the_next_is_read),
	    cmocka_unit_test(test_a_worker_that_speaks_unasked_is_replaced),
	    cmocka_unit_test(test_without_its_warden_mail_is_left_for_later),
	    cmocka_unit_test(test_a_warden_that_hangs_is_given_up),
	    cmocka_unit_test(test_closing_leaves_no_process_even_one_that_is_stopped),
	    cmocka_unit_test(test_the_signals_of_a_stop_do_not_end_it),
	    cmocka_unit_test(test_when_the_daemon_is_killed_warden_and_worker_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
