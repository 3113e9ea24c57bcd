/* A limit on core files would not do: one that is piped to a program knows no limit. */
#include "sys/process.h"

#include <sys/prctl.h>

void process_hide_memory(void)
{
/* The sanitizer looks into the memory itself when it searches for leaks. */
#ifndef __SANITIZE_ADDRESS__
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
}
