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
#include "base/cgroup.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static rlim_t limit; /* in force; 0: none */

/* Bytes; 0 where nobody says so. */
static double of_the_machine(void) {
    char text[256];
    int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *at = strstr(text, "MemAvailable:");
    return at ? 1024 * strtod(at + strlen("MemAvailable:"), NULL) : 0;
}

double bt_memory_available(void) {
    double machine = of_the_machine(), group = cgroup_memory("");
    return machine == 0 && !isinf(group) ? group : fmin(machine, group);
}

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
