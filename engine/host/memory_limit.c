/* A run takes no more memory than there is.
 *
 * Without a limit, a strategy that fills a table and never stops has the system
 * push out everybody else's memory, and then kill somebody. The limit is what
 * the kernel says it can give without swapping (MemAvailable), or what is left
 * to the control group (containers), on private writable memory (RLIMIT_DATA;
 * mapped bundles are none), so nothing is refused that would have fitted. It is
 * a soft one: when a run has failed it is lifted, for there to be room to say
 * why.
 */
#include "backlua.h"

#include <sys/resource.h>

static rlim_t limit; /* in force; 0: none */

void bt_memory_limit(void) {
    struct rlimit now;
    rlim_t most = (rlim_t)bt_memory_available();
#ifdef __SANITIZE_ADDRESS__
    most = 0; /* shadow memory does not fit */
#endif
    if (most == 0 || getrlimit(RLIMIT_DATA, &now) != 0)
        return;
    if (now.rlim_cur > most)
        now.rlim_cur = most;
    if (setrlimit(RLIMIT_DATA, &now) == 0)
        limit = now.rlim_cur;
}

double bt_memory_unlimit(void) {
    struct rlimit now;
    double was = (double)limit;
    if (limit > 0 && getrlimit(RLIMIT_DATA, &now) == 0) {
        now.rlim_cur = now.rlim_max;
        setrlimit(RLIMIT_DATA, &now);
        limit = 0;
    }
    return was;
}
