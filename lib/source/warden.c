/* Forks, waits, and passes on a descriptor. It reads no byte of any mail. */
#include "source/warden.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "source/worker.h"

#define WARDEN_FD   3
#define END_WAIT_MS 1000

static bool write_answer(int fd, struct warden_answer answer, int worker)
{
	struct iovec iov = {.iov_base = &answer, .iov_len = sizeof(answer)};
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	if (worker >= 0) {
		memset(&control, 0, sizeof(control));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(worker));
		memcpy(CMSG_DATA(&control.head), &worker, sizeof(worker));
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(answer);
}

bool warden_read_answer(int fd, struct warden_answer *ret_answer, int *ret_fd)
{
	struct iovec iov = {.iov_base = ret_answer, .iov_len = sizeof(*ret_answer)};
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	const ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *head;

	*ret_fd = -1;
	if (got != (ssize_t)sizeof(*ret_answer)) {
		errno = got < 0 ? errno : EPIPE;
		return false;
	}
	head = CMSG_FIRSTHDR(&message);
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(head), sizeof(*ret_fd));
	return true;
}

static int end_worker(pid_t *worker)
{
	int status = -1;

	if (*worker <= 0)
		return -1;
	(void)kill(*worker, SIGKILL);
	while (waitpid(*worker, &status, 0) < 0 && errno == EINTR)
		;
	*worker = 0;
	return status;
}

/* In the child. If the warden is killed nobody else would end a worker that hangs. */
static _Noreturn void become_worker(int fd, pid_t warden)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != warden)
		_exit(0);
	(void)prctl(PR_SET_NAME, "cadenced-mail");
	worker_run(fd);
}

/* The daemon's end of a new worker, or -1 and errno. */
static int make_worker(int warden_fd, pid_t *ret_worker)
{
	const pid_t warden = getpid();
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	pid = fork();
	if (pid == 0) {
		close(warden_fd);
		close(ends[0]);
		become_worker(ends[1], warden);
	}
	if (pid < 0) {
		const int error = errno;

		close(ends[0]);
		close(ends[1]);
		errno = error;
		return -1;
	}
	close(ends[1]);
	*ret_worker = pid;
	return ends[0];
}

static _Noreturn void run(int fd)
{
	pid_t worker = 0;
	char asked;
	ssize_t got;

	while ((got = read(fd, &asked, 1)) == 1 || (got < 0 && errno == EINTR)) {
		struct warden_answer answer = {.ended = -1};
		int end;

		if (got != 1)
			continue;
		answer.ended = end_worker(&worker);
		end = make_worker(fd, &worker);
		answer.error = end < 0 ? errno : 0;
		if (!write_answer(fd, answer, end))
			break;
		if (end >= 0)
			close(end);
	}
	(void)end_worker(&worker);
	_exit(0);
}

/* In the child: nothing of the daemon but its end of the pair, and no signal that is meant for the
 * daemon alone (a service's stop goes to all its processes). */
static _Noreturn void become(int fd, pid_t daemon)
{
	static const int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGQUIT};
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		(void)signal(ignored[i], SIG_IGN);
	(void)prctl(PR_SET_NAME, "cadenced-warden");
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != daemon || null < 0)
		_exit(1);
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
/* The sanitizer says there what it found. */
#ifndef __SANITIZE_ADDRESS__
	(void)dup2(null, STDERR_FILENO);
#endif
	if (fd != WARDEN_FD && dup2(fd, WARDEN_FD) < 0)
		_exit(1);
	(void)close_range(WARDEN_FD + 1, ~0U, 0);
	run(WARDEN_FD);
}

pid_t warden_start(int fd)
{
	const pid_t daemon = getpid();
	const pid_t pid = fork();

	if (pid == 0)
		become(fd, daemon);
	return pid;
}

void warden_end(pid_t pid)
{
	struct pollfd gone = {.fd = pidfd_open(pid, 0), .events = POLLIN};

	if (gone.fd < 0 || poll(&gone, 1, END_WAIT_MS) <= 0)
		(void)kill(pid, SIGKILL);
	if (gone.fd >= 0)
		close(gone.fd);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
