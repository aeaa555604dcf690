/* What the control groups of this process allow it; see cgroup.c.
 * root: "", or a folder that holds a proc and a sys. */
#ifndef BT_BASE_CGROUP_H
#define BT_BASE_CGROUP_H

double cgroup_cpus(const char *root); /* INFINITY where there is no quota */
/* Bytes that the groups can still give; INFINITY where there is no limit. */
double cgroup_memory(const char *root);

#endif
