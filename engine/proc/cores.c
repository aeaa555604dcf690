/* How many workers this process should have when nobody says.
 *
 * Physical cores, since two threads of one core share what a backtest needs;
 * counted within the affinity mask (taskset, a batch system) and held to the
 * CPU quota of the control group (containers), the tightest one on the way up.
 * One core is left to the parent and to the rest of the machine.
 */
#define _GNU_SOURCE /* sched_getaffinity */
#include "backlua.h"

#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4200, LINE_BYTES = 4096 };

static bool read_line(const char *path, char *line) {
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    bool ok = fgets(line, LINE_BYTES, f) != NULL;
    fclose(f);
    return ok;
}

/* ---- cores -----------------------------------------------------------------
 */

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

/* ---- quota -----------------------------------------------------------------
 */

/* The first number of a file: NAN when there is none ("max"), and what follows
 * it in *rest. */
static double read_number(const char *folder, const char *name, char *line,
                          char **rest) {
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!read_line(path, line))
        return NAN;
    double v = strtod(line, rest);
    return *rest == line ? NAN : v;
}

/* CPUs allowed by one group of either version, INFINITY when unlimited. */
static double group_quota(const char *folder) {
    char line[LINE_BYTES], *rest;
    double period, quota = read_number(folder, "cpu.max", line, &rest);
    if (!isnan(quota)) { /* "150000 100000" */
        period = strtod(rest, NULL);
    } else {
        quota = read_number(folder, "cpu.cfs_quota_us", line, &rest);
        period = read_number(folder, "cpu.cfs_period_us", line, &rest);
    }
    return quota > 0 && period > 0 ? quota / period : INFINITY;
}

/* The tightest quota from a group up to its hierarchy's root. */
static double quota_upwards(const char *root, const char *group) {
    char folder[PATH_BYTES - 32];
    double least = INFINITY;
    snprintf(folder, sizeof folder, "%s%s", root, group);
    for (;;) {
        least = fmin(least, group_quota(folder));
        char *slash = strrchr(folder, '/');
        if (!slash || (size_t)(slash - folder) < strlen(root))
            return least;
        *slash = '\0';
    }
}

/* A line of the process's groups: "0::/a/b" or "4:cpu,cpuacct:/a/b". */
static double quota_of_line(char *line) {
    char *controllers = strchr(line, ':');
    char *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group)
        return INFINITY;
    *group++ = '\0';
    group[strcspn(group, "\n")] = '\0';
    controllers++;
    if (*controllers == '\0')
        return quota_upwards("/sys/fs/cgroup", group);
    if (strncmp(controllers, "cpu", 3) == 0 &&
        (controllers[3] == ',' || controllers[3] == '\0'))
        return quota_upwards("/sys/fs/cgroup/cpu", group);
    return INFINITY;
}

static double cpu_quota(void) {
    char line[LINE_BYTES];
    double least = INFINITY;
    FILE *f = fopen("/proc/self/cgroup", "re");
    while (f && fgets(line, sizeof line, f))
        least = fmin(least, quota_of_line(line));
    if (f)
        fclose(f);
    return least;
}

int32_t bt_crew_default(void) {
    double cores = fmin(cores_in_mask(), floor(cpu_quota())) - 1;
    return cores < 1 ? 1 : cores > BT_CREW_MAX ? BT_CREW_MAX : (int32_t)cores;
}
