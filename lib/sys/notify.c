/* The two small protocols of systemd, without its library. */
#include "sys/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LISTEN_FDS_START 3

static enum status send_state(const char *state, int flags)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const size_t len = path ? strlen(path) : 0;
	ssize_t sent;
	int fd;

	if (len == 0)
		return STATUS_OK;
	if ((path[0] != '/' && path[0] != '@') || len >= sizeof(address.sun_path))
		return STATUS_INVALID;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0'; /* an abstract name */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return STATUS_FAILED;
	sent = sendto(fd, state, strlen(state), flags | MSG_NOSIGNAL,
		      (const struct sockaddr *)&address,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
	return sent < 0 ? STATUS_FAILED : STATUS_OK;
}

enum status notify_send(const char *state)
{
	return send_state(state, 0);
}

enum status notify_sign(const char *state)
{
	return send_state(state, MSG_DONTWAIT);
}

bool notify_is_heard(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path && path[0] != '\0';
}

enum status notify_reloading(void)
{
	struct timespec now;
	char state[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
		 (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	return notify_send(state);
}

/* The variables are for one process only; children inherit them by mistake. */
static bool is_for_us(const char *pid_variable)
{
	const char *pid = getenv(pid_variable);

	return !pid || strtol(pid, NULL, 10) == (long)getpid();
}

uint64_t notify_watchdog_usec(void)
{
	const char *usec = getenv("WATCHDOG_USEC");

	return usec && is_for_us("WATCHDOG_PID") ? strtoull(usec, NULL, 10) : 0;
}

bool notify_stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	if (!stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2 ||
	    fstat(STDERR_FILENO, &st))
		return false;
	return st.st_dev == device && st.st_ino == inode;
}

size_t listen_fds(int *ret_fds, size_t max)
{
	const char *count = getenv("LISTEN_FDS");
	size_t n;

	if (!count || !getenv("LISTEN_PID") || !is_for_us("LISTEN_PID"))
		return 0;
	n = strtoul(count, NULL, 10);
	if (n > max)
		n = max;
	for (size_t i = 0; i < n; i++) {
		/* A descriptor that is not open was never handed to us. */
		if (fcntl(LISTEN_FDS_START + (int)i, F_SETFD, FD_CLOEXEC))
			return i;
		ret_fds[i] = LISTEN_FDS_START + (int)i;
	}
	return n;
}

bool listen_fd_is_sound(int fd)
{
	int domain = 0, type = 0, listens = 0;
	socklen_t size = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX &&
	       getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM &&
	       getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}
