/* What an ingest takes of memory: at most three times its file and 64 MiB,
 * whatever the file holds. Each runs in a process of its own, whose peak the
 * system knows. */
#include "backlua.h"

#include "base/fs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef __SANITIZE_ADDRESS__ /* its shadow is memory, too */
enum { HAS_SHADOW = 1 };
#else
enum { HAS_SHADOW = 0 };
#endif

static char folder[] = "/tmp/store_memory_XXXXXX";

static int setup(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state) {
    (void)state;
    return fs_remove_tree(folder) != BT_OK;
}

/* ---- files ----------------------------------------------------------------*/

enum { PRIME = 1000003 };

/* One symbol, the shortest rows there are; order: 1 as time goes, else that
 * many rows on, modulo the count. */
static void write_short_rows(FILE *f, int64_t order) {
    enum { ROWS = 1300000 };
    fputs("time,open,high,low,close\n", f);
    for (int64_t i = 0; i < ROWS; i++)
        fprintf(f, "%lld,1,1,1,1\n",
                (long long)(1000000020 + i * order % ROWS * 60));
}

static void in_order(FILE *f) {
    write_short_rows(f, 1);
}

static void shuffled(FILE *f) {
    write_short_rows(f, PRIME);
}

static void many_symbols(FILE *f) {
    enum { SYMBOLS = 5000, DAYS = 60 };
    fputs("symbol,date,open,high,low,close\n", f);
    for (int day = 0; day < DAYS; day++)
        for (int s = 0; s < SYMBOLS; s++)
            fprintf(f, "S%d,2020-%02d-%02d,1,1,1,1\n", s * 7 % SYMBOLS,
                    1 + day / 28, 1 + day % 28);
}

static void one_line(FILE *f) {
    fputs("date,open,high,low,close\n2020-01-02,1,1,1,", f);
    for (int i = 0; i < 1 << 22; i++)
        fputc('1', f);
}

static void every_row_bad(FILE *f) {
    fputs("date,open,high,low,close\n", f);
    for (int i = 0; i < 400000; i++)
        fputs("2020-01-02,1,x,1,1\n", f);
}

static void every_row_the_same(FILE *f) {
    fputs("date,open,high,low,close\n", f);
    for (int i = 0; i < 400000; i++)
        fputs("2020-01-02,1,1,1,1\n", f);
}

/* ---- the bound ------------------------------------------------------------*/

static int ingest(const char *path) {
    bt_ingest_options o = {.bundle = "b", .folder = folder, .skip_bad = 1};
    bt_ingest *g;
    o.symbol = strstr(path, "many") ? NULL : "A";
    if (bt_ingest_open(&o, &g) != BT_OK || bt_ingest_add(g, path) != BT_OK)
        return 1;
    int32_t step = BT_INGEST_MORE;
    while (step == BT_INGEST_MORE)
        step = bt_ingest_step(g);
    const bt_ingest_report *r = bt_ingest_get_report(g);
    bool adds_up =
        step != BT_INGEST_DONE ||
        r->rows == r->stored + r->duplicates + r->rejected + r->empty;
    bt_ingest_close(g);
    return adds_up ? 0 : 2;
}

static void check(const char *name, void (*write)(FILE *)) {
    char *path = fs_join(folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    write(f);
    fclose(f);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(ingest(path));
    int status;
    struct rusage used;
    assert_int_equal(wait4(pid, &status, 0, &used), pid);
    assert_int_equal(status, 0);
    double peak = (double)used.ru_maxrss * 1024;
    double bound = 3 * (double)st.st_size + (64 << 20);
    print_message("%s: %.1f MB of at most %.1f\n", name, peak / 1e6,
                  bound / 1e6);
    assert_true(peak <= bound);
    unlink(path);
    free(path);
}

static void memory_follows_the_file(void **state) {
    (void)state;
    if (HAS_SHADOW)
        return;
    check("order.csv", in_order);
    check("shuffled.csv", shuffled);
    check("many.csv", many_symbols);
    check("line.csv", one_line);
    check("bad.csv", every_row_bad);
    check("same.csv", every_row_the_same);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_follows_the_file),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
