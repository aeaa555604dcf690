/* Whole ingests through the public calls: files of any content, small memory,
 * death at any moment.
 *
 * The mutations are seeded; SEED and ROUNDS of the environment change them. */
#include "backlua.h"

#include "base/fs.h"
#include "base/interrupt.h"
#include "base/mem.h"
#include "base/rng.h"

#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[SCRATCH_TEXT];

static int setup(void **state) {
    (void)state;
    return scratch_new(folder) == NULL;
}

static int teardown(void **state) {
    (void)state;
    return fs_remove_tree(folder) != BT_OK;
}

static bt_ingest_options options(const char *bundle) {
    return (bt_ingest_options){
        .bundle = bundle, .folder = folder, .zone = "UTC"};
}

/* Run to its end. The report is copied; strings of it are gone. */
static bt_status ingest(const bt_ingest_options *o, const char *path,
                        bt_ingest_report *report) {
    bt_ingest *g;
    bt_status s = bt_ingest_open(o, &g);
    if (s != BT_OK)
        return s;
    s = bt_ingest_add(g, path);
    int32_t step = BT_INGEST_MORE;
    while (s == BT_OK && step == BT_INGEST_MORE)
        step = bt_ingest_step(g);
    if (s == BT_OK)
        s = bt_ingest_status(g);
    *report = *bt_ingest_get_report(g);
    bt_ingest_close(g);
    return s;
}

/* ---- any content --------------------------------------------------------- */

struct corpus {
    struct buf text[200];
    int count;
};

static void load(struct corpus *c, const char *path) {
    DIR *dir = opendir(path);
    assert_non_null(dir);
    struct dirent *e;
    while ((e = readdir(dir)) != NULL && c->count < 200) {
        char *file = fs_join(path, e->d_name);
        struct buf *b = &c->text[c->count];
        buf_init(b);
        if (e->d_name[0] != '.' && !fs_is_dir(file) &&
            fs_read(file, 1 << 20, b) == BT_OK)
            c->count++;
        else
            buf_fini(b);
        free(file);
    }
    closedir(dir);
}

/* One of: replace, insert, delete, double a piece, splice from another. */
static void mutate(struct rng *r, const struct corpus *c, struct buf *b) {
    static const char bytes[] = "\n\r,;\t\"'0123456789.-+eE:/TZ \0\x1f\x8b\xff";
    struct buf out;
    buf_init(&out);
    size_t n = b->len, from = (size_t)rng_range(r, 0, (int64_t)n);
    size_t to = (size_t)rng_range(r, (int64_t)from, (int64_t)n);
    to = to - from > 40 ? from + 40 : to;
    const struct buf *other = &c->text[rng_range(r, 0, c->count - 1)];
    int64_t kind = rng_range(r, 0, 4);
    buf_add(&out, b->data, from);
    if (kind < 2) /* replace or insert */
        buf_chr(&out, bytes[rng_range(r, 0, sizeof bytes - 2)]);
    if (kind == 2) { /* double */
        buf_add(&out, b->data + from, to - from);
        to = from;
    }
    if (kind == 3 && other->len > 0) { /* splice */
        size_t at = (size_t)rng_range(r, 0, (int64_t)other->len - 1);
        size_t k = other->len - at < 60 ? other->len - at : 60;
        buf_add(&out, other->data + at, k);
    }
    size_t rest = kind == 1 ? from : kind == 0 && from < n ? from + 1 : to;
    buf_add(&out, b->data + rest, n - rest);
    buf_fini(b);
    *b = out;
}

static int64_t setting(const char *name, int64_t fallback) {
    const char *text = getenv(name);
    return text ? atoll(text) : fallback;
}

/* Whatever the file holds: no crash, and every row is stored, a repetition or
 * rejected. */
static void test_any_content(void **state) {
    (void)state;
    static struct corpus c;
    struct rng r;
    int64_t seed = setting("SEED", 1), rounds = setting("ROUNDS", 6000);
    char *path = fs_join(folder, "m.csv");
    int good = 0;
    load(&c, "spec/fixtures/csv/good");
    load(&c, "spec/fixtures/csv/bad");
    assert_true(c.count > 100);
    rng_seed(&r, (uint64_t)seed);
    for (int64_t i = 0; i < rounds; i++) {
        struct buf b;
        buf_init(&b);
        const struct buf *from = &c.text[rng_range(&r, 0, c.count - 1)];
        buf_add(&b, from->data, from->len);
        for (int64_t k = rng_range(&r, 1, 4); k > 0; k--)
            mutate(&r, &c, &b);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        assert_int_equal(write(fd, b.data, b.len), (ssize_t)b.len);
        close(fd);
        bt_ingest_options o = options("x");
        bt_ingest_report report;
        o.dry_run = 1;
        o.skip_bad = (int32_t)rng_range(&r, 0, 1);
        o.frequency = rng_range(&r, 0, 1) ? "1d" : NULL;
        o.stamp = (int32_t)rng_range(&r, 0, 2);
        o.dates = (int32_t)rng_range(&r, 0, 2);
        o.zone = rng_range(&r, 0, 3) ? "UTC" : NULL;
        bt_status s = ingest(&o, path, &report);
        assert_true(s == BT_OK || bt_error_message()[0] != '\0');
        if (s == BT_OK) {
            good++;
            assert_true(report.rows == report.stored + report.duplicates +
                                           report.rejected + report.empty);
            assert_true(report.rejected == 0 || o.skip_bad);
        }
        buf_fini(&b);
    }
    assert_true(good > rounds / 20); /* the fixtures still work */
    for (int i = 0; i < c.count; i++)
        buf_fini(&c.text[i]);
    free(path);
}

/* ---- memory -------------------------------------------------------------- */

static char *many_rows(void) {
    struct buf b;
    struct rng r;
    buf_init(&b);
    rng_seed(&r, 2);
    buf_str(&b, "symbol,time,open,high,low,close,volume\n");
    for (int i = 0; i < 30000; i++)
        buf_printf(&b, "S%d,2020-01-%02d %02d:%02d,10,11,9,10.%d,%d\n",
                   (int)rng_range(&r, 0, 4), 1 + i / 1440, i / 60 % 24, i % 60,
                   (int)rng_range(&r, 0, 99), i);
    char *path = fs_join(folder, "many.csv");
    assert_int_equal(fs_write(path, b.data, b.len, 0600), BT_OK);
    buf_fini(&b);
    return path;
}

static void test_memory_changes_nothing(void **state) {
    (void)state;
    static const double mb[] = {0, 100, 1, 0.1, 0.001};
    char *path = many_rows();
    bt_ingest_report first, other;
    bt_ingest_options o = options("memory");
    assert_int_equal(ingest(&o, path, &first), BT_OK);
    for (int i = 0; i < 5; i++) {
        o.memory_mb = mb[i];
        assert_int_equal(ingest(&o, path, &other), BT_OK);
        assert_string_equal(first.sha256, other.sha256);
    }
    free(path);
}

/* 25 symbols of 16,000 minutes: their rows are 22 MB. */
static char *long_file(void) {
    struct buf b;
    buf_init(&b);
    buf_str(&b, "symbol,time,open,high,low,close,volume\n");
    for (int i = 0; i < 400000; i++) {
        int minute = i % 16000;
        buf_printf(&b, "S%d,2020-01-%02d %02d:%02d,10,11,9,10.%d,%d\n",
                   i / 16000, 1 + minute / 1440, minute / 60 % 24, minute % 60,
                   i % 100, i);
    }
    char *path = fs_join(folder, "long.csv");
    assert_int_equal(fs_write(path, b.data, b.len, 0600), BT_OK);
    buf_fini(&b);
    return path;
}

static long peak_kb(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

/* Rows beyond the budget are on disk: the process stays smaller than they are.
 * In a child, since a peak never falls; not under the sanitizers, which keep
 * what is freed. */
static void test_memory_is_bounded(void **state) {
    (void)state;
    char *path = long_file();
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        bt_ingest_options o = options("long");
        bt_ingest_report report;
        o.memory_mb = 2;
        long before = peak_kb();
        bt_status s = ingest(&o, path, &report);
        long grown = peak_kb() - before;
        _exit(s != BT_OK || report.stored != 400000 ? 2 : grown > 14000);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
#ifdef __SANITIZE_ADDRESS__
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
#else
    assert_int_equal(status, 0);
#endif
    free(path);
}

/* ---- interruption ------------------------------------------------------- */

static bool hidden_left(void);

static void test_interrupted(void **state) {
    (void)state;
    bt_ingest *g;
    bt_ingest_options o = options("interrupted");
    assert_int_equal(bt_ingest_open(&o, &g), BT_OK);
    assert_int_equal(bt_ingest_add(g, "spec/fixtures/csv/good/plain.csv"),
                     BT_OK);
    assert_int_equal(bt_ingest_step(g), BT_INGEST_MORE);
    assert_true(hidden_left());
    interrupt_signal = SIGINT;
    assert_int_equal(bt_ingest_step(g), BT_INGEST_FAILED);
    interrupt_signal = 0;
    assert_int_equal(bt_ingest_status(g), BT_E_INTERRUPT);
    assert_int_equal(bt_ingest_step(g), BT_INGEST_FAILED); /* for good */
    assert_false(hidden_left());
    bt_ingest_close(g);
}

/* ---- death --------------------------------------------------------------- */

static void pause_us(int64_t us) {
    struct timespec t = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&t, NULL);
}

static bt_status opens(char sha[65]) {
    bt_bundle *b;
    bt_bundle_info info;
    char *path = fs_join(folder, "killed");
    bt_status s = bt_bundle_acquire(path, &b);
    free(path);
    if (s == BT_OK) {
        bt_bundle_get_info(b, &info);
        memcpy(sha, info.sha256, 65);
        bt_bundle_release(b);
    }
    return s;
}

static bool hidden_left(void) {
    DIR *dir = opendir(folder);
    struct dirent *e;
    bool found = false;
    while ((e = readdir(dir)) != NULL)
        found |= strstr(e->d_name, ".ingest-") != NULL;
    closedir(dir);
    return found;
}

/* Killed at any instant, an ingest leaves the old bundle, the new one, or, the
 * first time, none; the next one removes what it left. */
static void test_killed(void **state) {
    (void)state;
    struct rng r;
    char old[65], fresh[65], now[65];
    bt_ingest_report report;
    char *path = many_rows();
    char *plain = mem_strdup("spec/fixtures/csv/good/symbols.csv");
    bt_ingest_options o = options("killed");
    assert_int_equal(ingest(&o, path, &report), BT_OK);
    memcpy(fresh, report.sha256, sizeof fresh);
    assert_int_equal(ingest(&o, plain, &report), BT_OK);
    memcpy(old, report.sha256, sizeof old);
    rng_seed(&r, 3);
    int replaced = 0, kept = 0;
    for (int i = 0; i < 25; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            bt_ingest_report unused;
            _exit(ingest(&o, path, &unused) != BT_OK);
        }
        pause_us(rng_range(&r, 0, 60000));
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        assert_int_equal(opens(now), BT_OK);
        bool is_new = strcmp(now, fresh) == 0;
        assert_true(is_new || strcmp(now, old) == 0);
        replaced += is_new;
        kept += !is_new;
        if (is_new)
            assert_int_equal(ingest(&o, plain, &report), BT_OK);
    }
    assert_true(kept > 0);
    assert_int_equal(ingest(&o, path, &report), BT_OK);
    assert_false(hidden_left());
    (void)replaced;
    free(path);
    free(plain);
}

/* Two at once: both end well, one of the two bundles is there, whole. */
static void test_two_at_once(void **state) {
    (void)state;
    char *path = many_rows(), now[65];
    bt_ingest_options o = options("killed");
    for (int round = 0; round < 5; round++) {
        pid_t pids[2];
        for (int k = 0; k < 2; k++) {
            pids[k] = fork();
            if (pids[k] == 0) {
                bt_ingest_report unused;
                _exit(ingest(&o,
                             k ? path : "spec/fixtures/csv/good/symbols.csv",
                             &unused) != BT_OK);
            }
        }
        for (int k = 0; k < 2; k++) {
            int status;
            assert_int_equal(waitpid(pids[k], &status, 0), pids[k]);
            assert_int_equal(status, 0);
        }
        assert_int_equal(opens(now), BT_OK);
    }
    assert_false(hidden_left());
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_content),
        cmocka_unit_test(test_memory_changes_nothing),
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_two_at_once),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
