/* Files and folders in a scratch folder of their own. */
#include "base/fs.h"
#include "base/mem.h"
#include "base/status.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char scratch[64];

static int enter_scratch(void **state) {
    (void)state;
    snprintf(scratch, sizeof scratch, "/tmp/backlua-fs-XXXXXX");
    return mkdtemp(scratch) && chdir(scratch) == 0 ? 0 : -1;
}

static int leave_scratch(void **state) {
    (void)state;
    return chdir("/") == 0 && fs_remove_tree(scratch) == BT_OK ? 0 : -1;
}

static void expect_text(char *got, const char *want) {
    assert_string_equal(got, want);
    free(got);
}

static mode_t mode_of(const char *path) {
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

/* Entries of a folder, hidden ones too. */
static size_t entries(const char *path) {
    size_t n = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n - 2;
}

static void paths(void **state) {
    (void)state;
    expect_text(fs_join("a", "b"), "a/b");
    expect_text(fs_join("a/", "b"), "a/b");
    expect_text(fs_join("a", "/b"), "/b");
    expect_text(fs_join("", "b"), "b");
    expect_text(fs_join("/", "b"), "/b");
    assert_string_equal(fs_base("/a/b.lua"), "b.lua");
    assert_string_equal(fs_base("b.lua"), "b.lua");
    assert_string_equal(fs_base("/a/b/"), "b/");
    assert_string_equal(fs_base("/"), "/");
    assert_string_equal(fs_base(""), "");
    expect_text(fs_dir("/a/b.lua"), "/a");
    expect_text(fs_dir("a/b/"), "a");
    expect_text(fs_dir("a//b"), "a");
    expect_text(fs_dir("b.lua"), ".");
    expect_text(fs_dir("/a"), "/");
    expect_text(fs_dir("/"), "/");
    expect_text(fs_dir(""), ".");
    assert_null(fs_real("absent"));
    char *real = fs_real(".");
    expect_text(fs_real(scratch), real);
    free(real);
}

static void makes_folders_for_the_owner(void **state) {
    (void)state;
    mode_t old = umask(0);
    assert_int_equal(fs_mkdirs("one/two//three/"), BT_OK);
    umask(old);
    assert_true(fs_is_dir("one/two/three"));
    assert_int_equal(mode_of("one"), 0700);
    assert_int_equal(mode_of("one/two/three"), 0700);
    assert_int_equal(fs_mkdirs("one/two"), BT_OK); /* there already */
    assert_int_equal(fs_write("one/file", "x", 1, 0600), BT_OK);
    assert_int_equal(fs_mkdirs("one/file/below"), BT_E_IO);
    assert_non_null(strstr(bt_error_message(), "one/file/below"));
    assert_int_equal(fs_mkdirs("one/file"), BT_E_IO);
    assert_int_equal(fs_mkdirs(""), BT_E_IO);
    assert_false(fs_is_dir("one/file"));
    assert_true(fs_exists("one/file"));
    assert_false(fs_exists("one/absent"));
    char *absolute = fs_join(scratch, "four/five");
    assert_int_equal(fs_mkdirs(absolute), BT_OK);
    assert_true(fs_is_dir("four/five"));
    free(absolute);
}

static void writes_whole_files(void **state) {
    (void)state;
    struct buf text;
    buf_init(&text);
    mode_t old = umask(0);
    assert_int_equal(fs_mkdirs("sub"), BT_OK);
    assert_int_equal(fs_write("sub/a", "first", 5, 0600), BT_OK);
    assert_int_equal(mode_of("sub/a"), 0600);
    assert_int_equal(fs_write("sub/a", "sec\0nd", 6, 0400), BT_OK);
    umask(old);
    assert_int_equal(mode_of("sub/a"), 0400);
    assert_int_equal(fs_read("sub/a", 6, &text), BT_OK);
    assert_int_equal(text.len, 6);
    assert_memory_equal(text.data, "sec\0nd", 7);
    assert_int_equal(fs_write("sub/a", "", 0, 0600), BT_OK);
    assert_int_equal(fs_read("sub/a", 0, &text), BT_OK);
    assert_int_equal(text.len, 0);
    assert_int_equal(entries("sub"), 1); /* nothing left beside it */
    buf_fini(&text);
}

static void failed_writes_leave_nothing(void **state) {
    (void)state;
    assert_int_equal(fs_mkdirs("sub/folder"), BT_OK);
    assert_int_equal(fs_write("sub/folder", "x", 1, 0600), BT_E_IO);
    assert_non_null(strstr(bt_error_message(), "sub/folder: Is a directory"));
    assert_int_equal(entries("sub"), 1);
    assert_int_equal(fs_write("absent/a", "x", 1, 0600), BT_E_IO);
    assert_non_null(strstr(bt_error_message(), "absent/a"));
}

/* A child whose files may have 100 bytes writes 1000 over an old file. */
static int write_beyond_the_limit(void) {
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit limit = {100, 100};
        static const char zeros[1000];
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        bt_status code = fs_write("sub/a", zeros, sizeof zeros, 0600);
        bool named = strstr(bt_error_message(), "sub/a: File too large");
        _exit(code == BT_E_IO && named ? 7 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_full_disk_keeps_the_old_file(void **state) {
    (void)state;
    struct buf text;
    buf_init(&text);
    assert_int_equal(fs_mkdirs("sub"), BT_OK);
    assert_int_equal(fs_write("sub/a", "old", 3, 0600), BT_OK);
    assert_int_equal(write_beyond_the_limit(), 7);
    assert_int_equal(fs_read("sub/a", 100, &text), BT_OK);
    assert_string_equal(text.data, "old");
    assert_int_equal(entries("sub"), 1);
    buf_fini(&text);
}

static void a_stale_file_aside_is_stepped_over(void **state) {
    (void)state;
    assert_int_equal(fs_mkdirs("sub"), BT_OK);
    for (int i = 0; i < 40; i++) { /* names a dead process with our pid left */
        char *stale = mem_printf("sub/.backlua-%ld-%d", (long)getpid(), i);
        int fd = open(stale, O_WRONLY | O_CREAT, 0600);
        assert_true(fd >= 0);
        close(fd);
        free(stale);
    }
    assert_int_equal(fs_write("sub/a", "x", 1, 0600), BT_OK);
    assert_int_equal(entries("sub"), 41);
}

static void reads_up_to_a_limit(void **state) {
    (void)state;
    struct buf text;
    buf_init(&text);
    buf_str(&text, "kept");
    char *big = mem_zalloc(1, 200000);
    assert_int_equal(fs_write("big", big, 200000, 0600), BT_OK);
    free(big);
    assert_int_equal(fs_read("big", 199999, &text), BT_E_DATA);
    assert_non_null(strstr(bt_error_message(), "199999 bytes"));
    assert_int_equal(fs_read("absent", 10, &text), BT_E_IO);
    assert_non_null(strstr(bt_error_message(), "absent: No such file"));
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(fs_read_file("pipe", 10, &text), BT_E_DATA);
    assert_non_null(strstr(bt_error_message(), "pipe is not a file"));
    assert_int_equal(fs_read_file("absent", 10, &text), BT_E_IO);
    assert_int_equal(fs_read(".", 10, &text), BT_E_IO);
    assert_string_equal(text.data, "kept");
    assert_int_equal(fs_read("big", 200000, &text), BT_OK);
    assert_int_equal(text.len, 200000);
    buf_fini(&text);
}

static void stamps_change_with_files(void **state) {
    (void)state;
    struct fs_stamp a, b;
    assert_int_equal(fs_write("s", "one", 3, 0600), BT_OK);
    assert_int_equal(fs_stamp("s", &a), BT_OK);
    assert_int_equal(fs_stamp("s", &b), BT_OK);
    assert_true(fs_stamp_equal(&a, &b));
    assert_int_equal(a.size, 3);
    assert_int_equal(fs_write("s", "two", 3, 0600), BT_OK);
    assert_int_equal(fs_stamp("s", &b), BT_OK);
    assert_false(fs_stamp_equal(&a, &b));
    struct timespec old[2] = {{1, 0}, {1, 0}};
    assert_int_equal(utimensat(AT_FDCWD, "s", old, 0), 0);
    assert_int_equal(fs_stamp("s", &a), BT_OK);
    assert_false(fs_stamp_equal(&a, &b));
    assert_int_equal(a.mtime_ns, 1000000000);
    assert_int_equal(fs_stamp("absent", &a), BT_E_IO);
}

static void lists_sorted_names(void **state) {
    (void)state;
    char **names = NULL;
    size_t n = 9;
    assert_int_equal(fs_mkdirs("sub/b"), BT_OK);
    assert_int_equal(fs_write("sub/c", "", 0, 0600), BT_OK);
    assert_int_equal(fs_write("sub/A", "", 0, 0600), BT_OK);
    assert_int_equal(fs_write("sub/.hidden", "", 0, 0600), BT_OK);
    assert_int_equal(fs_list("sub", &names, &n), BT_OK);
    assert_int_equal(n, 3);
    assert_string_equal(names[0], "A");
    assert_string_equal(names[1], "b");
    assert_string_equal(names[2], "c");
    while (n > 0)
        free(names[--n]);
    free(names);
    assert_int_equal(fs_list("sub/b", &names, &n), BT_OK);
    assert_int_equal(n, 0);
    free(names);
    n = 9;
    assert_int_equal(fs_list("absent", &names, &n), BT_E_IO);
    assert_int_equal(n, 9);
}

static void removes_trees_and_not_what_links_lead_to(void **state) {
    (void)state;
    assert_int_equal(fs_mkdirs("keep"), BT_OK);
    assert_int_equal(fs_write("keep/me", "x", 1, 0600), BT_OK);
    assert_int_equal(fs_mkdirs("tree/a/b"), BT_OK);
    assert_int_equal(fs_write("tree/a/b/ro", "x", 1, 0400), BT_OK);
    assert_int_equal(symlink("../keep", "tree/link"), 0);
    assert_int_equal(symlink("nowhere", "tree/dead"), 0);
    assert_int_equal(fs_remove_tree("tree"), BT_OK);
    assert_false(fs_exists("tree"));
    assert_true(fs_exists("keep/me"));
    assert_int_equal(symlink("keep", "link"), 0);
    assert_int_equal(fs_remove_tree("link"), BT_OK); /* the link itself */
    assert_true(fs_exists("keep/me"));
    assert_int_equal(fs_remove_tree("keep/me"), BT_OK);
    assert_int_equal(fs_remove_tree("absent"), BT_OK);
    assert_int_equal(fs_write("file", "x", 1, 0600), BT_OK);
    assert_int_equal(fs_remove_tree("file/below"), BT_E_IO);
    assert_non_null(strstr(bt_error_message(), "file/below"));
}

static void set(const char *name, const char *value) {
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static void folders_follow_the_environment(void **state) {
    (void)state;
    char *home = fs_join(scratch, "home"), *xdg = fs_join(scratch, "xdg");
    char *data = fs_join(home, ".local/share/backlua");
    set("BACKLUA_HOME", NULL);
    set("BACKLUA_BUNDLES", NULL);
    set("XDG_DATA_HOME", "relative/is/ignored");
    set("XDG_CACHE_HOME", "");
    set("HOME", home);
    expect_text(fs_data_home(), data);
    char *cache = fs_join(home, ".cache/backlua");
    expect_text(fs_cache_home(), cache);
    char *bundles = fs_join(data, "bundles");
    expect_text(fs_bundles(), bundles);
    assert_int_equal(fs_mkdirs("bundles"), BT_OK);
    expect_text(fs_bundles(), "bundles");
    set("BACKLUA_BUNDLES", "mine");
    expect_text(fs_bundles(), "mine");
    assert_false(fs_exists("mine")); /* whoever looks makes nothing */
    assert_false(fs_exists(home));
    set("XDG_DATA_HOME", xdg);
    set("XDG_CACHE_HOME", xdg);
    char *under_xdg = fs_join(xdg, "backlua");
    expect_text(fs_data_home(), under_xdg);
    expect_text(fs_cache_home(), under_xdg);
    set("BACKLUA_HOME", "own");
    expect_text(fs_data_home(), "own");
    set("BACKLUA_HOME", "");
    set("XDG_DATA_HOME", NULL);
    set("XDG_CACHE_HOME", NULL);
    set("HOME", NULL);
    assert_null(fs_data_home());
    assert_null(fs_cache_home());
    free(home);
    free(xdg);
    free(data);
    free(cache);
    free(bundles);
    free(under_xdg);
}

#define IN_SCRATCH(test)                                                       \
    cmocka_unit_test_setup_teardown(test, enter_scratch, leave_scratch)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(paths),
        IN_SCRATCH(makes_folders_for_the_owner),
        IN_SCRATCH(writes_whole_files),
        IN_SCRATCH(failed_writes_leave_nothing),
        IN_SCRATCH(a_full_disk_keeps_the_old_file),
        IN_SCRATCH(a_stale_file_aside_is_stepped_over),
        IN_SCRATCH(reads_up_to_a_limit),
        IN_SCRATCH(stamps_change_with_files),
        IN_SCRATCH(lists_sorted_names),
        IN_SCRATCH(removes_trees_and_not_what_links_lead_to),
        IN_SCRATCH(folders_follow_the_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
