/* Containers and services are held to less than the machine has, by control
 * groups: of version 2, one hierarchy for all; of version 1, one for each
 * controller. A limit anywhere on the way from the process's group up to the
 * root holds, so the tightest is sought.
 *
 * In a container the groups' names may be the host's, for which there is no
 * folder here; its own limits are then at the root, where the way ends.
 *
 * Cost: a file for each level, and three more where there is a limit.
 */
#include "base/cgroup.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4200, LINE_BYTES = 4096 };

/* A larger limit is none: version 1 says 2^63 less a page. */
#define UNLIMITED 0x1p60

struct controller {
    const char *name;
    double (*left)(const char *folder); /* by one group; INFINITY unlimited */
};

static FILE *open_in(const char *folder, const char *name) {
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    return n < PATH_BYTES ? fopen(path, "re") : NULL;
}

/* The numbers that a file begins with; how many there are, 0 for "max". */
static int read_numbers(const char *folder, const char *name, double *a,
                        double *b) {
    char line[LINE_BYTES] = "", *at = line, *end;
    FILE *f = open_in(folder, name);
    bool read = f && fgets(line, sizeof line, f);
    if (f)
        fclose(f);
    *a = strtod(line, &at);
    if (!read || at == line)
        return 0;
    *b = strtod(at, &end);
    return end == at ? 1 : 2;
}

static double read_number(const char *folder, const char *name) {
    double v, none;
    return read_numbers(folder, name, &v, &none) > 0 ? v : NAN;
}

/* ---- controllers ----------------------------------------------------------*/

static double cpus_of(const char *folder) {
    double quota = NAN, period = NAN;
    if (read_numbers(folder, "cpu.max", &quota, &period) == 0) {
        quota = read_number(folder, "cpu.cfs_quota_us");
        period = read_number(folder, "cpu.cfs_period_us");
    }
    return quota > 0 && period > 0 ? quota / period : INFINITY;
}

/* The value of a line "key value"; 0 when there is none. */
static double stat_of(const char *folder, const char *key) {
    char line[LINE_BYTES];
    double v = 0;
    size_t n = strlen(key);
    FILE *f = open_in(folder, "memory.stat");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, key, n) == 0 && line[n] == ' ')
            v = strtod(line + n, NULL);
    if (f)
        fclose(f);
    return v;
}

/* Pages of files that nobody reads are given back when they are wanted. */
static double memory_of(const char *folder) {
    double most = read_number(folder, "memory.max"), taken = NAN;
    if (!isnan(most))
        taken = read_number(folder, "memory.current") -
                stat_of(folder, "inactive_file");
    else if (!isnan(most = read_number(folder, "memory.limit_in_bytes")))
        taken = read_number(folder, "memory.usage_in_bytes") -
                stat_of(folder, "total_inactive_file");
    if (isnan(most) || most >= UNLIMITED)
        return INFINITY;
    return isnan(taken) ? most : fmax(most - taken, 0);
}

/* ---- hierarchies ----------------------------------------------------------*/

static double least_upwards(const struct controller *c, const char *root,
                            const char *hierarchy, const char *group) {
    char folder[PATH_BYTES];
    int top =
        snprintf(folder, sizeof folder, "%s/sys/fs/cgroup%s", root, hierarchy);
    int n =
        top + snprintf(folder + top, sizeof folder - (size_t)top, "%s", group);
    double least = INFINITY;
    if (n >= PATH_BYTES)
        return least;
    for (;;) {
        least = fmin(least, c->left(folder));
        char *slash = strrchr(folder, '/');
        if (slash < folder + top)
            return least;
        *slash = '\0';
    }
}

/* The name is one of the list "cpu,cpuacct". */
static bool is_listed(const char *list, const char *name) {
    size_t n = strlen(name);
    for (;;) {
        size_t k = strcspn(list, ",");
        if (k == n && strncmp(list, name, n) == 0)
            return true;
        if (list[k] == '\0')
            return false;
        list += k + 1;
    }
}

/* A line of the process's groups: "0::/a/b" or "4:cpu,cpuacct:/a/b". */
static double least_of_line(const struct controller *c, const char *root,
                            char *line) {
    char *list = strchr(line, ':');
    char *group = list ? strchr(list + 1, ':') : NULL;
    char hierarchy[32] = "";
    if (group == NULL)
        return INFINITY;
    *group++ = '\0';
    group[strcspn(group, "\n")] = '\0';
    list++;
    if (*list != '\0' && !is_listed(list, c->name))
        return INFINITY;
    if (*list != '\0')
        snprintf(hierarchy, sizeof hierarchy, "/%s", c->name);
    return least_upwards(c, root, hierarchy, group);
}

static double least_of(const struct controller *c, const char *root) {
    char line[LINE_BYTES];
    double least = INFINITY;
    FILE *f = open_in(root, "proc/self/cgroup");
    while (f && fgets(line, sizeof line, f))
        least = fmin(least, least_of_line(c, root, line));
    if (f)
        fclose(f);
    return least;
}

double cgroup_cpus(const char *root) {
    return least_of(&(struct controller){"cpu", cpus_of}, root);
}

double cgroup_memory(const char *root) {
    return least_of(&(struct controller){"memory", memory_of}, root);
}
