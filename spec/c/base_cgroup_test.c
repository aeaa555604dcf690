/* Limits of control groups of both versions, from folders like the system's. */
#include "base/cgroup.h"

#include "base/fs.h"

#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char root[SCRATCH_TEXT];

static int setup(void **state) {
    (void)state;
    return scratch_new(root) == NULL;
}

static int teardown(void **state) {
    (void)state;
    return fs_remove_tree(root) != BT_OK;
}

static void put(const char *name, const char *text) {
    char *path = fs_join(root, name), *folder = fs_dir(path);
    assert_int_equal(fs_mkdirs(folder), BT_OK);
    assert_int_equal(fs_write(path, text, strlen(text), 0600), BT_OK);
    free(folder);
    free(path);
}

static void groups(const char *text) {
    char *sys = fs_join(root, "sys");
    assert_int_equal(fs_remove_tree(sys), BT_OK);
    free(sys);
    put("proc/self/cgroup", text);
}

static void assert_near(double x, double want) {
    if (x != want)
        fail_msg("%g is not %g", x, want);
}

static void no_groups(void **state) {
    (void)state;
    assert_near(cgroup_cpus(root), INFINITY);
    assert_near(cgroup_memory(root), INFINITY);
    groups("0::/\n");
    assert_near(cgroup_cpus(root), INFINITY);
    assert_near(cgroup_memory(root), INFINITY);
}

static void second_version(void **state) {
    (void)state;
    groups("0::/user.slice/run.scope\n");
    put("sys/fs/cgroup/user.slice/run.scope/cpu.max", "max 100000\n");
    put("sys/fs/cgroup/user.slice/run.scope/memory.max", "max\n");
    put("sys/fs/cgroup/user.slice/run.scope/memory.current", "5000\n");
    assert_near(cgroup_cpus(root), INFINITY);
    assert_near(cgroup_memory(root), INFINITY);
    /* the group above */
    put("sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n");
    put("sys/fs/cgroup/user.slice/memory.max", "1000000\n");
    put("sys/fs/cgroup/user.slice/memory.current", "700000\n");
    put("sys/fs/cgroup/user.slice/memory.stat",
        "anon 200000\ninactive_file 100000\nactive_file 3\n");
    assert_near(cgroup_cpus(root), 1.5);
    assert_near(cgroup_memory(root), 400000);
    /* the tighter one */
    put("sys/fs/cgroup/user.slice/run.scope/memory.max", "6000\n");
    put("sys/fs/cgroup/user.slice/run.scope/cpu.max", "50000 100000\n");
    assert_near(cgroup_cpus(root), 0.5);
    assert_near(cgroup_memory(root), 1000);
    put("sys/fs/cgroup/user.slice/run.scope/memory.current", "7000\n");
    assert_near(cgroup_memory(root), 0);
}

static void first_version(void **state) {
    (void)state;
    groups("9:name=systemd:/\n4:memory:/job\n2:cpu,cpuacct:/job\n0::/\n");
    put("sys/fs/cgroup/memory/job/memory.limit_in_bytes",
        "9223372036854771712\n");
    put("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "100\n");
    put("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1\n");
    put("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
    assert_near(cgroup_cpus(root), INFINITY);
    assert_near(cgroup_memory(root), INFINITY);
    put("sys/fs/cgroup/memory/memory.limit_in_bytes", "1000\n");
    put("sys/fs/cgroup/memory/memory.usage_in_bytes", "900\n");
    put("sys/fs/cgroup/memory/memory.stat",
        "inactive_file 1\ntotal_inactive_file 50\n");
    put("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "250000\n");
    assert_near(cgroup_cpus(root), 2.5);
    assert_near(cgroup_memory(root), 150);
}

/* A container: the name is the host's, the limits are the mount's own. */
static void names_of_the_host(void **state) {
    (void)state;
    groups("0::/docker/0123\n");
    put("sys/fs/cgroup/memory.max", "2000\n");
    put("sys/fs/cgroup/memory.current", "500\n");
    put("sys/fs/cgroup/cpu.max", "200000 100000\n");
    assert_near(cgroup_memory(root), 1500);
    assert_near(cgroup_cpus(root), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_groups),
        cmocka_unit_test(second_version),
        cmocka_unit_test(first_version),
        cmocka_unit_test(names_of_the_host),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
