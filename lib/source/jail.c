/* Limits first, the filter last: setting limits is among what it forbids, but for the one that is
 * renewed. */
#include "source/jail.h"

#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

/* What reading a mail takes. */
static const int allowed[] = {
    SCMP_SYS(read),	    SCMP_SYS(write),	     SCMP_SYS(brk),
    SCMP_SYS(munmap),	    SCMP_SYS(mremap),	     SCMP_SYS(madvise),
    SCMP_SYS(futex),	    SCMP_SYS(exit),	     SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(clock_gettime), SCMP_SYS(restart_syscall)};
/* Libraries look for files of charsets and time zones; they do without. */
static const int refused[] = {SCMP_SYS(open),	SCMP_SYS(openat),    SCMP_SYS(stat),
			      SCMP_SYS(lstat),	SCMP_SYS(fstat),     SCMP_SYS(newfstatat),
			      SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(readlink),
			      SCMP_SYS(getcwd)};
/* What the address sanitizer does besides, above all to report. */
static const int sanitizer[] = {SCMP_SYS(mmap),
				SCMP_SYS(mprotect),
				SCMP_SYS(sigaltstack),
				SCMP_SYS(rt_sigaction),
				SCMP_SYS(rt_sigprocmask),
				SCMP_SYS(getpid),
				SCMP_SYS(gettid),
				SCMP_SYS(tgkill),
				SCMP_SYS(close),
				SCMP_SYS(lseek),
				SCMP_SYS(ioctl),
				SCMP_SYS(sched_yield),
				SCMP_SYS(getrusage),
				SCMP_SYS(uname),
				SCMP_SYS(getuid),
				SCMP_SYS(prctl),
				SCMP_SYS(sysinfo),
				SCMP_SYS(getrandom),
				SCMP_SYS(sched_getaffinity)};

void jail_renew(int seconds)
{
	struct timespec used = {0};
	struct rlimit limit = {.rlim_max = JAIL_CPU_HARD};

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	limit.rlim_cur = (rlim_t)used.tv_sec + (rlim_t)seconds;
	(void)setrlimit(RLIMIT_CPU, &limit);
}

static enum status limit_all(struct error *err)
{
	const struct {
		__rlimit_resource_t what;
		rlim_t max;
		bool breaks_sanitizer;
	} limits[] = {{RLIMIT_AS, JAIL_MEMORY, true}, {RLIMIT_NOFILE, 0, true},
		      {RLIMIT_NPROC, 0, true},	      {RLIMIT_FSIZE, 0, true},
		      {RLIMIT_CORE, 0, false},	      {RLIMIT_CPU, JAIL_CPU_HARD, false}};

	for (size_t i = 0; i < COUNT(limits); i++) {
		const struct rlimit limit = {limits[i].max, limits[i].max};

		if (SANITIZED && limits[i].breaks_sanitizer)
			continue;
		if (setrlimit(limits[i].what, &limit))
			return error_fail(err, STATUS_FAILED, "a limit cannot be set: %s",
					  strerror(errno));
	}
	return STATUS_OK;
}

static int add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++)
		rc = seccomp_rule_add(filter, action, calls[i], 0);
	return rc;
}

/* Memory, but none that can be run; and the one limit, of this process. */
static int add_narrow(scmp_filter_ctx filter)
{
	/* The arguments of mmap and mprotect, and of prlimit64, from 0. */
	const struct scmp_arg_cmp no_code = {
	    .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0};
	const struct scmp_arg_cmp mine = {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = 0};
	const struct scmp_arg_cmp cpu = {.arg = 1, .op = SCMP_CMP_EQ, .datum_a = RLIMIT_CPU};
	int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, mine, cpu);

	if (rc == 0 && !SANITIZED)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_code);
	if (rc == 0 && !SANITIZED)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code);
	return rc;
}

static int load_filter(scmp_filter_ctx filter)
{
	int rc = add_all(filter, SCMP_ACT_ALLOW, allowed, COUNT(allowed));

	if (rc == 0)
		rc = add_narrow(filter);
	if (rc == 0)
		rc = add_all(filter, SANITIZED ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EACCES), refused,
			     COUNT(refused));
	if (rc == 0 && SANITIZED)
		rc = add_all(filter, SCMP_ACT_ALLOW, sanitizer, COUNT(sanitizer));
	return rc == 0 ? seccomp_load(filter) : rc;
}

enum status jail_enter(struct error *err)
{
	scmp_filter_ctx filter;
	int rc;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return error_fail(err, STATUS_FAILED, "no_new_privs: %s", strerror(errno));
	if (limit_all(err) != STATUS_OK)
		return STATUS_FAILED;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return error_fail(err, STATUS_FAILED, "seccomp has no memory");
	rc = load_filter(filter);
	seccomp_release(filter);
	return rc == 0 ? STATUS_OK : error_fail(err, STATUS_FAILED, "seccomp: %s", strerror(-rc));
}
