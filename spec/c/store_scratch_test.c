/* Scratch memory over a file system of 8 MiB, which ends before it does. */
#define _GNU_SOURCE /* unshare */
#include "store/scratch.h"

#include "base/fs.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SMALL_DISK_REFUSED = 77, LARGE = 64 << 20 };

static char folder[] = "/tmp/store_scratch_XXXXXX";

/* In a process with mounts of its own. */
static int fill_beyond_the_disk(void) {
    struct scratch s = {0};
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", folder, "tmpfs", 0, "size=8m") != 0)
        return SMALL_DISK_REFUSED;
    scratch_grow(&s, folder, 0, LARGE);
    memset(s.data, 1, LARGE);
    scratch_grow(&s, folder, LARGE, 2 * (size_t)LARGE);
    const char *kept = s.data;
    bool ok = kept[0] == 1 && kept[LARGE - 1] == 1;
    scratch_free(&s);
    return ok ? 0 : 1;
}

static void a_full_disk_makes_it_memory(void **state) {
    (void)state;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(fill_beyond_the_disk());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SMALL_DISK_REFUSED)
        skip(); /* no mounts of its own for this user */
    assert_int_equal(status, 0);
}

static void it_keeps_what_it_holds_on_a_file(void **state) {
    (void)state;
    struct scratch s = {0};
    scratch_grow(&s, folder, 0, LARGE);
    assert_true(s.mapped);
    memset(s.data, 7, LARGE);
    scratch_rest(&s);
    scratch_grow(&s, folder, LARGE, 2 * (size_t)LARGE);
    const char *kept = s.data;
    assert_int_equal(kept[0], 7);
    assert_int_equal(kept[LARGE - 1], 7);
    scratch_free(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_makes_it_memory),
        cmocka_unit_test(it_keeps_what_it_holds_on_a_file),
    };
    if (mkdtemp(folder) == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return fs_remove_tree(folder) != BT_OK || failed != 0;
}
