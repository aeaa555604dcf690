/* System calls that a worker of a stranger's script still has. */
#ifndef BT_PROC_FENCE_H
#define BT_PROC_FENCE_H

#include <stdbool.h>

/* From here on every other system call of this process fails with EPERM, for
 * good. False: the kernel has no such filter; nothing changed. Wants
 * PR_SET_NO_NEW_PRIVS. */
bool fence_raise(void);

#endif
