/* What memory there is to have: what the kernel says it can give without
 * swapping, or less where a control group (containers) holds us to less.
 */
#include "backlua.h"
#include "base/cgroup.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
