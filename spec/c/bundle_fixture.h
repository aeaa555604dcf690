/* Small bundles for tests, in a folder that goes away. */
#ifndef BT_SPEC_BUNDLE_FIXTURE_H
#define BT_SPEC_BUNDLE_FIXTURE_H

#include "base/fs.h"
#include "base/mem.h"
#include "store/builder.h"

#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FIXTURE_DAY INT64_C(86400000000)

static char fixture_folder[SCRATCH_TEXT];

/* Bundles and caches in a folder of their own; every test may call it again. */
static inline int fixture_setup(void **state) {
    (void)state;
    if (scratch_new(fixture_folder) == NULL)
        return -1;
    char *cache = fs_join(fixture_folder, "cache");
    setenv("BACKLUA_BUNDLES", fixture_folder, 1);
    setenv("XDG_CACHE_HOME", cache, 1);
    free(cache);
    return 0;
}

static inline int fixture_teardown(void **state) {
    (void)state;
    return fs_remove_tree(fixture_folder) != BT_OK;
}

/* One asset: its closes from session `first` on, NaN where it has no bar. */
struct fixture_asset {
    const char *symbol;
    int32_t first;
    int32_t n;
    const double *closes;
};

static inline struct bar fixture_bar(int32_t day, double close) {
    return (struct bar){.open_time = day * FIXTURE_DAY,
                        .close_time = day * FIXTURE_DAY + FIXTURE_DAY / 2,
                        .session = day,
                        .open = close - 0.5,
                        .high = close + 1,
                        .low = close - 1,
                        .close = close,
                        .volume = 100 * close};
}

/* Sessions are the days 10000, 10001, ... sha: [65]. */
static inline void fixture_make(const char *name,
                                const struct fixture_asset *assets, int count,
                                char *sha) {
    struct builder *b;
    char hex[65];
    assert_int_equal(builder_open(fixture_folder, name, "1d", &b), BT_OK);
    for (int i = 0; i < count; i++) {
        const struct fixture_asset *a = &assets[i];
        struct bar *bars = mem_alloc((size_t)a->n * sizeof *bars);
        int64_t n = 0;
        for (int32_t k = 0; k < a->n; k++)
            if (!isnan(a->closes[k]))
                bars[n++] = fixture_bar(10000 + a->first + k, a->closes[k]);
        assert_int_equal(builder_asset(b, a->symbol, bars, n), BT_OK);
        free(bars);
    }
    assert_int_equal(builder_commit(b, "{}", 0, sha ? sha : hex), BT_OK);
}

static inline char *fixture_path(const char *name, const char *file) {
    char *bundle = fs_join(fixture_folder, name);
    char *path = file ? fs_join(bundle, file) : mem_strdup(bundle);
    free(bundle);
    return path;
}

#define assert_message(part)                                                   \
    do {                                                                       \
        if (strstr(bt_error_message(), part) == NULL)                          \
            fail_msg("'%s' lacks '%s'", bt_error_message(), part);             \
    } while (0)

#endif
