/* A run takes no more memory than the machine has to give.
 *
 * Without a limit, a strategy that fills a table and never stops has the system
 * push out everybody else's memory, and then kill somebody. The limit is what
 * the kernel says it can give without swapping (MemAvailable), on private
 * writable memory (RLIMIT_DATA; mapped bundles are none), so nothing is refused
 * that would have fitted. It is a soft one: when a run has failed it is lifted,
 * for there to be room to say why.
 */
#include "backlua.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static rlim_t limit; /* in force; 0: none */

/* Bytes that can be had without swapping; 0 where nobody says so. */
static rlim_t available(void) {
    char text[256];
    int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *at = strstr(text, "MemAvailable:");
    return at ? (rlim_t)strtoull(at + strlen("MemAvailable:"), NULL, 10) << 10
              : 0;
}

void bt_memory_limit(void) {
    struct rlimit now;
    rlim_t most = available();
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
