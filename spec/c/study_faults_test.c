/* Studies under fire: killed writers, failing disks, damaged and foreign files.
 */
#include "study_fixture.h"

#include "base/buf.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRIALS = 120 };

static void study_file(char *path, size_t n, const char *name) {
    snprintf(path, n, "%s/%s.study", bt_study_folder(), name);
}

/* Bring a study to TRIALS trials; *acknowledged follows what is saved. */
static bt_status finish(const char *name, volatile int32_t *acknowledged) {
    bt_study *s = NULL;
    bt_status status = bt_study_resume(name, &s);
    if (status == BT_E_DATA)
        status = bt_study_create(name, &s);
    for (int32_t n = 1; n <= TRIALS && status == BT_OK; n++) {
        bt_trial t = trial(n);
        status = study_add(s, &t, n % 10 == 0 ? "printed\n" : NULL);
        if (status == BT_OK)
            status = study_commit(s, n % 5 == 0 || n == TRIALS);
        if (status == BT_OK)
            *acknowledged = bt_study_saved(s);
    }
    if (s)
        bt_study_close(s);
    return status;
}

static void reference_hash(char *out) {
    bt_study *s;
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    for (int32_t n = 1; n <= TRIALS; n++)
        add(s, n);
    bt_study_hash(s, out);
    bt_study_close(s);
}

static volatile int32_t *shared_number(void) {
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(p != MAP_FAILED);
    return p;
}

/* What was acknowledged is there, every trial is right. */
static int32_t check_study(const char *name, int32_t acknowledged) {
    bt_study *s = NULL;
    bt_status status = bt_study_resume(name, &s);
    if (status == BT_E_DATA && acknowledged == 0)
        return 0; /* not made yet */
    if (status != BT_OK)
        fail_msg("resume: %s", bt_error_message());
    int32_t count = bt_study_count(s);
    assert_true(count >= acknowledged);
    expect_trials(s, 1, count);
    bt_study_close(s);
    return count;
}

static void killed_at_any_instant_nothing_saved_is_lost(void **state) {
    (void)state;
    unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED"))
                                   : (unsigned)(clock_wall_us() & 0xffffff);
    print_message("SEED=%u\n", seed);
    volatile int32_t *acknowledged = shared_number();
    char want[65], got[65];
    reference_hash(want);
    for (int round = 0; round < 6; round++) {
        char name[16];
        int32_t count = 0;
        int kills = 0;
        snprintf(name, sizeof name, "kill%d", round);
        *acknowledged = 0;
        while (count < TRIALS) {
            pid_t writer = fork();
            if (writer == 0)
                _exit(finish(name, acknowledged) == BT_OK ? 0 : 1);
            usleep((useconds_t)(rand_r(&seed) % (4000 << (kills / 4))));
            kill(writer, SIGKILL);
            waitpid(writer, NULL, 0);
            count = check_study(name, *acknowledged);
            kills++;
        }
        bt_study *s;
        assert_int_equal(bt_study_open(name, &s), BT_OK);
        bt_study_hash(s, got);
        assert_string_equal(got, want);
        bt_study_close(s);
    }
    munmap((void *)acknowledged, 4096);
}

/* ---- a disk that fails at the k-th write, sync or truncate --------------- */

/* The database has methods that lock, its journal has others. */
static struct {
    sqlite3_io_methods bad;
    const sqlite3_io_methods *good;
} methods[4];

static sqlite3_vfs bad_vfs, *good_vfs;
static int calls, fail_at, fail_code;
static bool fail_for_ever;

static int fate(void) {
    calls++;
    bool fails = fail_for_ever ? calls >= fail_at : calls == fail_at;
    return fail_at > 0 && fails ? fail_code : SQLITE_OK;
}

static const sqlite3_io_methods *good(const sqlite3_file *f) {
    int i = 0;
    while (f->pMethods != &methods[i].bad)
        i++;
    return methods[i].good;
}

static int bad_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at) {
    int code = fate();
    return code ? code : good(f)->xWrite(f, p, n, at);
}

/* As on Linux: the data may reach the disk although fsync reports an error. */
static int bad_sync(sqlite3_file *f, int flags) {
    int code = fate(), real = good(f)->xSync(f, flags);
    return code ? code : real;
}

static int bad_truncate(sqlite3_file *f, sqlite3_int64 n) {
    int code = fate();
    return code ? code : good(f)->xTruncate(f, n);
}

static int bad_control(sqlite3_file *f, int what, void *out) {
    if (what != SQLITE_FCNTL_LAST_ERRNO)
        return good(f)->xFileControl(f, what, out);
    *(int *)out = EIO;
    return SQLITE_OK;
}

static int bad_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f,
                    int flags, int *out) {
    (void)vfs;
    int code = good_vfs->xOpen(good_vfs, name, f, flags, out);
    int i = 0;
    if (code != SQLITE_OK)
        return code;
    while (methods[i].good && methods[i].good != f->pMethods)
        i++;
    methods[i].good = f->pMethods;
    methods[i].bad = *f->pMethods;
    methods[i].bad.xWrite = bad_write;
    methods[i].bad.xSync = bad_sync;
    methods[i].bad.xTruncate = bad_truncate;
    methods[i].bad.xFileControl = bad_control;
    f->pMethods = &methods[i].bad;
    return code;
}

static void every_failing_call_is_told_and_survived(void **state) {
    (void)state;
    volatile int32_t acknowledged = 0;
    char want[65], got[65];
    reference_hash(want);
    good_vfs = sqlite3_vfs_find(NULL);
    bad_vfs = *good_vfs;
    bad_vfs.zName = "bad";
    bad_vfs.xOpen = bad_open;
    sqlite3_vfs_register(&bad_vfs, 1);
    fail_at = 0;
    assert_int_equal(finish("clean", &acknowledged), BT_OK);
    int all = calls;
    assert_true(all > 100);
    for (int k = 1; k <= all; k += 1 + all / 80) {
        for (int mode = 0; mode < 4; mode++) {
            char name[32], path[256];
            snprintf(name, sizeof name, "io-%d-%d", k, mode);
            calls = 0;
            acknowledged = 0;
            fail_at = k;
            fail_for_ever = mode & 1;
            fail_code = mode & 2 ? SQLITE_FULL : SQLITE_IOERR_WRITE;
            bt_status status = finish(name, &acknowledged);
            fail_at = 0;
            if (calls < k) /* the last commits took fewer calls */
                continue;
            if (status != BT_OK) { /* else SQLite could do without the call */
                assert_int_equal(status, BT_E_IO);
                study_file(path, sizeof path, name);
                expect_message(path);
                expect_message(mode & 2 ? "the disk is full" : "disk I/O");
            }
            check_study(name, acknowledged);
            acknowledged = 0;
            assert_int_equal(finish(name, &acknowledged), BT_OK);
            assert_int_equal(acknowledged, TRIALS);
            bt_study *s;
            assert_int_equal(bt_study_open(name, &s), BT_OK);
            bt_study_hash(s, got);
            assert_string_equal(got, want);
            bt_study_close(s);
            assert_int_equal(bt_study_remove(name), BT_OK);
        }
    }
    sqlite3_vfs_unregister(&bad_vfs);
    sqlite3_vfs_register(good_vfs, 1);
}

static void the_first_failure_is_final(void **state) {
    (void)state;
    bt_study *s;
    sqlite3_vfs_register(&bad_vfs, 1);
    assert_int_equal(bt_study_create("final", &s), BT_OK);
    add(s, 1);
    assert_int_equal(study_commit(s, true), BT_OK);
    add(s, 2);
    calls = 0;
    fail_at = 2;
    fail_for_ever = false;
    fail_code = SQLITE_IOERR_FSYNC;
    assert_int_equal(study_commit(s, true), BT_E_IO);
    assert_true(calls >= 2);
    fail_at = 0; /* the disk is fine again, but this process will not ask it */
    assert_int_equal(study_commit(s, true), BT_E_IO);
    expect_message("disk I/O error: Input/output error; 1 trial is saved");
    expect_message("backlua study resume final");
    assert_int_equal(bt_study_saved(s), 1);
    bt_study_close(s);
    sqlite3_vfs_unregister(&bad_vfs);
    sqlite3_vfs_register(good_vfs, 1);
    check_study("final", 1);
}

/* The kernel's own limit instead of a shim: files may not grow past a size. */
static void a_study_that_could_not_be_made_is_not_to_be_resumed(void **state) {
    (void)state;
    struct rlimit old;
    bt_study *s;
    getrlimit(RLIMIT_FSIZE, &old);
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, old.rlim_max});
    bt_status status = bt_study_create("unmade", &s);
    if (status == BT_OK) {
        add(s, 1);
        status = study_commit(s, true);
        bt_study_close(s);
    }
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, before);
    assert_int_equal(status, BT_E_IO);
    expect_message("no study was made");
    assert_null(strstr(bt_error_message(), "resume"));
}

static void a_full_disk_keeps_what_is_saved(void **state) {
    (void)state;
    volatile int32_t *acknowledged = shared_number();
    for (rlim_t size = 4096; size < 120000; size += 12288) {
        char name[32];
        snprintf(name, sizeof name, "full-%ld", (long)size);
        *acknowledged = 0;
        pid_t writer = fork();
        if (writer == 0) {
            signal(SIGXFSZ, SIG_IGN);
            setrlimit(RLIMIT_FSIZE, &(struct rlimit){size, size});
            bt_status status = finish(name, acknowledged);
            bool told = strstr(bt_error_message(), bt_study_folder()) != NULL;
            _exit(status == BT_OK ? 0 : status == BT_E_IO && told ? 4 : 1);
        }
        int status;
        waitpid(writer, &status, 0);
        assert_true(WIFEXITED(status));
        assert_true(WEXITSTATUS(status) == 4 || WEXITSTATUS(status) == 0);
        check_study(name, *acknowledged);
        assert_int_equal(finish(name, acknowledged), BT_OK);
        assert_int_equal(check_study(name, TRIALS), TRIALS);
    }
    munmap((void *)acknowledged, 4096);
}

/* ---- files that are not what they should be ------------------------------ */

static void read_file(const char *path, struct buf *out) {
    buf_init(out);
    assert_int_equal(fs_read(path, 1 << 24, out), BT_OK);
}

static void damage_is_seen(void **state) {
    (void)state;
    volatile int32_t acknowledged;
    char path[256], want[65], got[65];
    struct buf whole;
    struct rng r;
    reference_hash(want);
    assert_int_equal(finish("damage", &acknowledged), BT_OK);
    study_file(path, sizeof path, "damage");
    read_file(path, &whole);
    rng_seed(&r, 20);
    int seen = 0;
    for (int i = 0; i < 400; i++) {
        size_t at = (size_t)rng_range(&r, 0, (int64_t)whole.len - 1);
        char bit = (char)(1 << rng_range(&r, 0, 7));
        whole.data[at] ^= bit;
        assert_int_equal(fs_write(path, whole.data, whole.len, 0600), BT_OK);
        bt_study *s;
        bt_status status = bt_study_resume("damage", &s);
        if (status == BT_OK) { /* unused bytes, times, attempts, names */
            bt_study_hash(s, got);
            assert_string_equal(got, want);
            bt_study_close(s);
        } else {
            assert_true(status == BT_E_DATA || status == BT_E_IO);
            expect_message("damage.study");
            seen++;
        }
        whole.data[at] ^= bit;
    }
    assert_true(seen > 80); /* a page's free space says nothing */
    buf_fini(&whole);
}

static void exec(const char *name, const char *sql) {
    char path[256];
    sqlite3 *db;
    study_file(path, sizeof path, name);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void refuse(const char *name, const char *sql, const char *message) {
    volatile int32_t acknowledged;
    bt_study *s = NULL;
    assert_int_equal(finish(name, &acknowledged), BT_OK);
    exec(name, sql);
    assert_int_equal(bt_study_open(name, &s), BT_E_DATA);
    expect_message(message);
    assert_int_equal(bt_study_resume(name, &s), BT_E_DATA);
    assert_null(s);
}

static void foreign_files_are_refused(void **state) {
    (void)state;
    refuse("view", "CREATE VIEW v AS SELECT 1", "unexpected tables");
    refuse("trigger",
           "CREATE TRIGGER t AFTER INSERT ON trial BEGIN SELECT 1; END",
           "unexpected tables");
    refuse("column", "ALTER TABLE trial ADD COLUMN x TEXT",
           "unexpected tables");
    refuse("newer", "PRAGMA user_version=9", "newer backlua");
    refuse("older", "PRAGMA user_version=1", "an earlier engine");
    refuse("other", "PRAGMA application_id=7", "not a study");
    refuse("score", "UPDATE trial SET score=x'00' WHERE number=7", "trial 7");
    refuse("state", "UPDATE trial SET state='win' WHERE number=8", "trial 8");
    refuse("edited", "UPDATE trial SET message='x' WHERE number=9", "trial 9");
    refuse("negative", "UPDATE trial SET number=-1 WHERE number=9", "trial -1");
    char path[256];
    bt_study *s = NULL;
    study_file(path, sizeof path, "text");
    assert_int_equal(fs_write(path, "not a database, but text", 24, 0600),
                     BT_OK);
    assert_int_equal(bt_study_open("text", &s), BT_E_DATA);
    expect_message("text.study");
}

/* Killed while its first pages were written: a journal of a file that was empty
 * is beside them. Its bytes, by https://sqlite.org/fileformat.html, 3: magic,
 * records, nonce, pages before, then what a sector and a page hold. */
static void a_study_cut_short_in_the_making_is_none(void **state) {
    (void)state;
    static const uint8_t journal[512] = {0xd9, 0xd5, 0x05, 0xf9,     0x20,
                                         0xa1, 0x63, 0xd7, [22] = 2, [26] = 16};
    static const char pages[8192] = "SQLite format 3";
    char path[256], beside[300];
    bt_study *s = NULL;
    study_file(path, sizeof path, "early");
    snprintf(beside, sizeof beside, "%s-journal", path);
    assert_int_equal(fs_write(path, pages, sizeof pages, 0600), BT_OK);
    assert_int_equal(fs_write(beside, journal, sizeof journal, 0600), BT_OK);
    assert_int_equal(bt_study_resume("early", &s), BT_E_DATA);
    expect_message("no study 'early'");
    assert_int_equal(bt_study_create("early", &s), BT_OK);
    bt_study_close(s);
}

static void a_folder_that_refuses_is_named(void **state) {
    (void)state;
    bt_study *s = NULL;
    setenv("BACKLUA_HOME", "/proc/nowhere", 1);
    assert_int_equal(bt_study_create("x", &s), BT_E_IO);
    expect_message("/proc/nowhere");
    unsetenv("BACKLUA_HOME");
    char *old_home = getenv("HOME") ? strdup(getenv("HOME")) : NULL;
    unsetenv("HOME");
    unsetenv("XDG_DATA_HOME");
    assert_int_equal(bt_study_create("x", &s), BT_E_IO);
    expect_message("set BACKLUA_HOME");
    if (old_home)
        setenv("HOME", old_home, 1);
    free(old_home);
    setenv("BACKLUA_HOME", home, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_any_instant_nothing_saved_is_lost),
        cmocka_unit_test(every_failing_call_is_told_and_survived),
        cmocka_unit_test(the_first_failure_is_final),
        cmocka_unit_test(a_study_that_could_not_be_made_is_not_to_be_resumed),
        cmocka_unit_test(a_full_disk_keeps_what_is_saved),
        cmocka_unit_test(damage_is_seen),
        cmocka_unit_test(foreign_files_are_refused),
        cmocka_unit_test(a_study_cut_short_in_the_making_is_none),
        cmocka_unit_test(a_folder_that_refuses_is_named),
    };
    return cmocka_run_group_tests(tests, enter_home, leave_home);
}
