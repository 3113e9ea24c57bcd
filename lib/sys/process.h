/* The process as the system sees it. */
#ifndef CADENCE_SYS_PROCESS_H
#define CADENCE_SYS_PROCESS_H

/* From here on a crash leaves no core file, and nobody but root can look into the memory: there are
 * passwords in it. */
void process_hide_memory(void);

#endif
