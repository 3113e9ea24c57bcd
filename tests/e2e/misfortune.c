/* Preloaded into a program under test: makes happen what happens once in a thousand times.
 *
 * SLOW_PARENT    path: who has started a thread while it is there goes on when it is gone
 * STOP_AT_FSYNC  set: the program stops, as by SIGSTOP, before its first fsync()
 * KILL_AT_RENAME N: the program is killed before the Nth file gets another name */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LOOK_US	  10000
#define LOOKS_MAX 500
#define STORE_US  100000 /* what the thread does last, which nobody sees */

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*work)(void *), void *arg)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
	    dlsym(RTLD_NEXT, "pthread_create");
	const char *path = getenv("SLOW_PARENT");
	const int is_there = path && access(path, F_OK) == 0;
	const int failed = real(thread, attr, work, arg);

	if (!is_there || failed)
		return failed;
	for (int i = 0; i < LOOKS_MAX && access(path, F_OK) == 0; i++)
		usleep(LOOK_US);
	usleep(STORE_US);
	return 0;
}

int fsync(int fd)
{
	int (*real)(int) = dlsym(RTLD_NEXT, "fsync");

	if (getenv("STOP_AT_FSYNC")) {
		unsetenv("STOP_AT_FSYNC");
		raise(SIGSTOP);
	}
	return real(fd);
}

static void count_rename(void)
{
	static int count;
	const char *number = getenv("KILL_AT_RENAME");

	if (number && ++count == atoi(number))
		raise(SIGKILL);
}

int rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");

	count_rename();
	return real(from, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
	int (*real)(int, const char *, int, const char *, unsigned) =
	    dlsym(RTLD_NEXT, "renameat2");

	count_rename();
	return real(from_folder, from, to_folder, to, flags);
}
