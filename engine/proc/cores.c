/* How many workers this process should have when nobody says.
 *
 * Physical cores, since two threads of one core share what a backtest needs;
 * counted within the affinity mask (taskset, a batch system) and held to the
 * CPU quota of the control groups (containers). One core is left to the parent
 * and to the rest of the machine.
 */
#define _GNU_SOURCE /* sched_getaffinity */
#include "backlua.h"
#include "base/cgroup.h"

#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 128, LINE_BYTES = 4096 };

static bool read_line(const char *path, char *line) {
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    bool ok = fgets(line, LINE_BYTES, f) != NULL;
    fclose(f);
    return ok;
}

/* First number of a list such as "3,7" or "0-1" that is in the mask. */
static int first_in(const char *list, const cpu_set_t *mask) {
    while (*list >= '0' && *list <= '9') {
        char *at;
        long from = strtol(list, &at, 10), to = from;
        if (*at == '-')
            to = strtol(at + 1, &at, 10);
        for (long cpu = from; cpu <= to && cpu < CPU_SETSIZE; cpu++) {
            if (CPU_ISSET((size_t)cpu, mask))
                return (int)cpu;
        }
        list = *at == ',' ? at + 1 : at;
    }
    return -1;
}

/* A core counts with the first of its threads in the mask. */
static bool leads_its_core(int cpu, const cpu_set_t *mask) {
    char path[PATH_BYTES], line[LINE_BYTES];
    snprintf(path, sizeof path,
             "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
             cpu);
    return !read_line(path, line) || first_in(line, mask) == cpu;
}

static int cores_in_mask(void) {
    cpu_set_t mask;
    int n = 0;
    if (sched_getaffinity(0, sizeof mask, &mask) != 0)
        return (int)sysconf(_SC_NPROCESSORS_ONLN);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        n += CPU_ISSET((size_t)cpu, &mask) && leads_its_core(cpu, &mask);
    return n;
}

int32_t bt_crew_default(void) {
    double cores = fmin(cores_in_mask(), floor(cgroup_cpus(""))) - 1;
    return cores < 1 ? 1 : cores > BT_CREW_MAX ? BT_CREW_MAX : (int32_t)cores;
}
