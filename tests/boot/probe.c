/* Stands in the daemon's place, under its unit, and tries what the sandbox should deny. Writes a line "NAME allowed" or
 * "NAME denied: REASON" for each into the state directory, says that it is ready, and ends well. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int made(int fd)
{
	if (fd >= 0)
		close(fd);
	return fd < 0 ? errno : 0;
}

/* The directories belong to whoever runs this, so that only the sandbox stands in the way. */
static int write_etc(void) { return made(open("/etc/boot-probe/file", O_WRONLY | O_CREAT, 0600)); }
static int write_usr(void) { return made(open("/usr/boot-probe/file", O_WRONLY | O_CREAT, 0600)); }
static int write_home(void) { return made(open("/home/boot-probe/file", O_WRONLY | O_CREAT, 0600)); }
static int see_tmp(void) { return made(open("/tmp/boot-probe", O_RDONLY)); }
static int see_init(void) { return made(open("/proc/1/status", O_RDONLY)); }
static int socket_netlink(void) { return made(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)); }
static int socket_packet(void) { return made(socket(AF_PACKET, SOCK_DGRAM, 0)); }
static int socket_raw(void) { return made(socket(AF_INET, SOCK_RAW, 1)); }
static int socket_inet(void) { return made(socket(AF_INET, SOCK_STREAM, 0)); }

/* Runs in a child what would change this process; its exit status is the reason. */
static int in_child(int (*attempt)(void))
{
	const pid_t child = fork();
	int status = 0;

	if (child < 0)
		return errno;
	if (child == 0)
		_exit(attempt());
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 200 + WTERMSIG(status);
}

static int shell(void)
{
	execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL);
	return errno;
}
static int exec_shell(void) { return in_child(shell); }
static int trace(void) { return ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? errno : 0; }
static int do_ptrace(void) { return in_child(trace); }
static int do_mount(void) { return mount("tmpfs", "/var/lib/cadenced", "tmpfs", MS_RDONLY, NULL) ? errno : 0; }
static int mount_in_child(void) { return in_child(do_mount); }
static int new_user(void) { return unshare(CLONE_NEWUSER) ? errno : 0; }
static int do_unshare(void) { return in_child(new_user); }
static int be_other(void) { return personality(PER_LINUX32) < 0 ? errno : 0; }
static int do_personality(void) { return in_child(be_other); }
static int write_and_execute(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? errno : 0;
}
static int set_user_id(void)
{
	const int fd = open("/var/lib/cadenced/suid", O_WRONLY | O_CREAT, 0700);
	const int failed = fd < 0 || fchmod(fd, 04755) ? errno : 0;

	made(fd);
	unlink("/var/lib/cadenced/suid");
	return failed;
}

static const struct {
	const char *name;
	int (*attempt)(void);
} attempts[] = {
	{"write-etc", write_etc}, {"write-usr", write_usr}, {"write-home", write_home}, {"see-tmp", see_tmp},
	{"see-init", see_init}, {"exec-shell", exec_shell}, {"ptrace", do_ptrace}, {"mount", mount_in_child},
	{"unshare", do_unshare}, {"personality", do_personality}, {"socket-raw", socket_raw},
	{"socket-netlink", socket_netlink}, {"socket-packet", socket_packet}, {"write-execute", write_and_execute},
	{"set-user-id", set_user_id}, {"socket-inet", socket_inet},
};

static void say_ready(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!path || fd < 0)
		return;
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	sendto(fd, "READY=1", 7, MSG_NOSIGNAL, (struct sockaddr *)&address,
	       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path)));
	close(fd);
}

int main(void)
{
	FILE *out = fopen("/var/lib/cadenced/probes", "w");

	if (!out)
		return 1;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		const int failed = attempts[i].attempt();

		if (failed)
			fprintf(out, "%s denied: %s\n", attempts[i].name, strerror(failed));
		else
			fprintf(out, "%s allowed\n", attempts[i].name);
	}
	fclose(out);
	say_ready();
	return 0;
}
