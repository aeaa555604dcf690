/* The pool of open bundles and the cache of asset lists. */
#include "bundle_fixture.h"

#include "store/asset.h"
#include "store/attic.h"
#include "store/bundle.h"
#include "store/pool.h"

#include <fcntl.h>
#include <sys/wait.h>

static const double closes[] = {10, 11, 12};
static const double others[] = {10, 11, 13};
static const struct fixture_asset one[] = {{"AAA", 0, 3, closes}};
static const struct fixture_asset other[] = {{"AAA", 0, 3, others}};

static bt_config original;

static int setup(void **state) {
    if (fixture_setup(state) != 0)
        return -1;
    original = *bt_config_get();
    fixture_make("a", one, 1, NULL);
    fixture_make("b", one, 1, NULL);
    fixture_make("c", one, 1, NULL);
    return 0;
}

static void configure(int32_t pooling, int32_t size) {
    bt_config c = original;
    c.enable_bundle_pooling = pooling;
    c.max_bundle_pool_size = size;
    assert_int_equal(bt_config_set(&c), BT_OK);
}

static bt_bundle *acquire(const char *name) {
    bt_bundle *b;
    if (bt_bundle_acquire(name, &b) != BT_OK)
        fail_msg("%s", bt_error_message());
    return b;
}

static bt_pool_stats stats(void) {
    bt_pool_stats s;
    bt_pool_get_stats(&s);
    return s;
}

/* Names of the pooled bundles, most recently used first: "cab". */
static const char *pooled(void) {
    static char names[64];
    size_t n = 0;
    const char *path;
    for (int32_t i = 0; (path = bt_pool_path(i)) != NULL; i++)
        names[n++] = fs_base(path)[0];
    names[n] = '\0';
    return names;
}

static void test_one_bundle_for_all(void **state) {
    (void)state;
    configure(1, 100);
    bt_pool_stats before = stats();
    bt_bundle *x = acquire("a"), *y = acquire("a");
    assert_ptr_equal(x, y);
    assert_true(stats().misses == before.misses + 1);
    assert_true(stats().hits == before.hits + 1);
    assert_true(stats().open == 1 && stats().max_open == 100);
    bt_bundle_release(x);
    bt_bundle_release(y);
    assert_string_equal(pooled(), "a"); /* stays open */
    assert_ptr_equal(acquire("a"), x);
    bt_bundle_release(x);
    char *path = fixture_path("a", NULL), *odd = mem_printf("%s/", path);
    assert_ptr_equal(acquire(path), x); /* by another way */
    assert_ptr_equal(acquire(odd), x);
    bt_bundle_release(x);
    bt_bundle_release(x);
    free(odd);
    free(path);
}

static void test_least_recently_used_goes(void **state) {
    (void)state;
    configure(1, 2);
    bt_pool_stats before = stats();
    bt_bundle_release(acquire("a"));
    bt_bundle_release(acquire("b"));
    bt_bundle_release(acquire("a"));
    bt_bundle_release(acquire("c"));
    assert_string_equal(pooled(), "ca");
    assert_true(stats().evictions == before.evictions + 1);
    configure(1, 1);
    bt_bundle_release(acquire("c"));
    assert_string_equal(pooled(), "c");
}

static void test_used_ones_stay(void **state) {
    (void)state;
    configure(1, 1);
    bt_bundle *a = acquire("a"), *b = acquire("b");
    assert_string_equal(pooled(), "ba"); /* more than its size: both are held */
    pool_retain(a);
    bt_bundle_release(a);
    assert_string_equal(pooled(), "ba");
    bt_bundle_release(a);
    assert_string_equal(pooled(), "b");
    bt_bundle_release(b);
    assert_string_equal(pooled(), "b");
}

static void test_removed_ones_go(void **state) {
    (void)state;
    configure(1, 100);
    pool_clear();
    fixture_make("d", one, 1, NULL);
    bt_bundle_release(acquire("d"));
    bt_bundle *a = acquire("a");
    assert_string_equal(pooled(), "ad");
    assert_int_equal(bt_bundle_remove("d"), BT_OK);
    assert_string_equal(pooled(), "a");
    assert_int_equal(bt_bundle_remove("a"), BT_OK);
    assert_string_equal(pooled(), "");
    const double *close; /* still its user's */
    assert_int_equal(bundle_column(a, 0, BT_FIELD_CLOSE, &close), BT_OK);
    assert_true(close[2] == 12);
    bt_bundle_release(a);
    fixture_make("a", one, 1, NULL);
}

static void test_new_version(void **state) {
    (void)state;
    configure(1, 100);
    bt_bundle_info old, new;
    bt_bundle *x = acquire("a");
    fixture_make("a", other, 1, NULL);
    bt_bundle *y = acquire("a");
    assert_ptr_not_equal(x, y);
    bt_bundle_get_info(x, &old);
    bt_bundle_get_info(y, &new);
    assert_string_not_equal(old.sha256, new.sha256);
    const double *close;
    assert_int_equal(bundle_column(x, 0, BT_FIELD_CLOSE, &close), BT_OK);
    assert_true(close[2] == 12); /* those who hold the old one keep it */
    bt_bundle_release(x);
    assert_int_equal(bundle_column(y, 0, BT_FIELD_CLOSE, &close), BT_OK);
    assert_true(close[2] == 13);
    bt_bundle_release(y);
    assert_ptr_equal(acquire("a"), y);
    bt_bundle_release(y);
    fixture_make("a", one, 1, NULL);
}

static void test_pooling_off(void **state) {
    (void)state;
    configure(1, 100);
    pool_clear();
    configure(0, 100);
    bt_bundle *x = acquire("a"), *y = acquire("a");
    assert_ptr_not_equal(x, y);
    assert_string_equal(pooled(), "");
    bt_bundle_release(x);
    bt_bundle_release(y);
    configure(1, 100);
    x = acquire("a");
    configure(0, 100);
    bt_bundle_release(x); /* pooled before: leaves with its last use */
    assert_string_equal(pooled(), "");
    configure(1, 100);
}

static void test_pins(void **state) {
    (void)state;
    configure(1, 100);
    pool_clear();
    bt_bundle *b = acquire("a"), *again = NULL;
    bt_bundle_info info;
    bt_bundle_get_info(b, &info);
    char *good = mem_printf("a@%.12s", info.sha256);
    char *whole = mem_printf("a@%s", info.sha256);
    assert_int_equal(bt_bundle_acquire(good, &again), BT_OK);
    assert_ptr_equal(again, b);
    bt_bundle_release(again);
    assert_int_equal(bt_bundle_acquire(whole, &again), BT_OK);
    assert_ptr_equal(again, b);
    bt_bundle_release(again);
    free(good);
    free(whole);
    bt_bundle_release(b);
    assert_int_equal(*bundle_uses(b), 0);
}

/* A run that pinned a version has it after others came, and shares it. */
static void test_pinned_versions_are_pooled(void **state) {
    (void)state;
    configure(1, 100);
    bt_bundle_info info;
    bt_bundle *old = acquire("a");
    bt_bundle_get_info(old, &info);
    char *pin = mem_printf("a@%.8s", info.sha256);
    char *whole = mem_printf("a@%s", info.sha256);
    bt_bundle_release(old);
    fixture_make("a", other, 1, NULL);
    bt_bundle *now = acquire("a"), *x = acquire(pin), *y = acquire(whole);
    assert_ptr_not_equal(x, now);
    assert_ptr_equal(x, y);
    const double *close;
    assert_int_equal(bundle_column(x, 0, BT_FIELD_CLOSE, &close), BT_OK);
    assert_true(close[2] == 12);
    assert_int_equal(bundle_column(now, 0, BT_FIELD_CLOSE, &close), BT_OK);
    assert_true(close[2] == 13);
    bt_bundle_get_info(x, &info);
    assert_string_equal(info.name, "a");
    bt_bundle_release(x);
    assert_ptr_equal(acquire(whole), y); /* it stayed in the pool */
    bt_bundle_release(y);
    bt_bundle_release(y);
    bt_bundle_release(now);
    configure(0, 100);
    x = acquire(pin);
    y = acquire(whole);
    assert_ptr_not_equal(x, y);
    assert_int_equal(bundle_column(y, 0, BT_FIELD_CLOSE, &close), BT_OK);
    assert_true(close[2] == 12);
    bt_bundle_release(x);
    bt_bundle_release(y);
    configure(1, 100);
    fixture_make("a", one, 1, NULL);
    free(pin);
    free(whole);
}

/* How often the pool opened, found and closed. */
static void test_counters(void **state) {
    (void)state;
    configure(1, 1);
    pool_clear();
    bt_pool_stats was, is;
    bt_pool_get_stats(&was);
    bt_bundle_release(acquire("a"));
    bt_bundle_release(acquire("a"));
    bt_bundle_release(acquire("b")); /* a goes */
    bt_pool_get_stats(&is);
    assert_true(is.hits - was.hits == 1);
    assert_true(is.misses - was.misses == 2);
    assert_true(is.evictions - was.evictions == 1);
    assert_true(is.open == 1 && is.max_open == 1);
    assert_string_equal(pooled(), "b");
    configure(1, 100);
}

/* Open descriptors of this process. */
static int descriptors(void) {
    int n = 0;
    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static int mappings(void) {
    char line[4096];
    int n = 0;
    FILE *f = fopen("/proc/self/maps", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        n += strstr(line, ".col") != NULL;
    fclose(f);
    return n;
}

/* Nothing of an open bundle is a handle that a fork could share, and an evicted
 * one gives its files back. */
static void test_holds_no_handle(void **state) {
    (void)state;
    configure(1, 100);
    pool_clear();
    attic_clear();
    int before = descriptors();
    assert_int_equal(mappings(), 0);
    bt_bundle *b = acquire("a");
    assert_int_equal(descriptors(), before);
    assert_true(mappings() > 0);
    pid_t child = fork();
    if (child == 0) {
        const double *close = NULL;
        bool good = bundle_column(b, 0, BT_FIELD_CLOSE, &close) == BT_OK &&
                    close[2] == 12;
        _exit(good ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    bt_bundle_release(b);
    pool_clear();
    attic_clear();
    assert_int_equal(mappings(), 0);
}

static void test_missing(void **state) {
    (void)state;
    bt_bundle *b = NULL;
    assert_int_equal(bt_bundle_acquire("aa", &b), BT_E_DATA);
    assert_null(b);
    assert_message("did you mean 'a'?");
}

/* ---- asset lists ----------------------------------------------------------*/

static bt_cache_stats lists(void) {
    bt_cache_stats s;
    bt_asset_cache_get_stats(&s);
    return s;
}

static void test_asset_lists(void **state) {
    (void)state;
    configure(0, 100);
    asset_cache_clear();
    bt_bundle *a = acquire("a"), *b = acquire("b"); /* the same content */
    assert_true(lists().misses == 1 && lists().hits == 1);
    assert_true(lists().entries == 1 && lists().bytes > 0);
    assert_ptr_equal(bundle_asset_list(a), bundle_asset_list(b));
    asset_cache_clear();
    assert_true(lists().entries == 0);
    assert_string_equal(bt_bundle_symbol(a, 0), "AAA");
    bt_bundle_release(a);
    assert_string_equal(bt_bundle_symbol(b, 0), "AAA");
    bt_bundle_release(b);
    bt_config off = original;
    off.enable_caching = 0;
    off.enable_bundle_pooling = 0;
    assert_int_equal(bt_config_set(&off), BT_OK);
    bt_bundle_release(acquire("a"));
    assert_true(lists().entries == 0 && lists().hits == 0);
    configure(1, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_bundle_for_all),
        cmocka_unit_test(test_least_recently_used_goes),
        cmocka_unit_test(test_used_ones_stay),
        cmocka_unit_test(test_removed_ones_go),
        cmocka_unit_test(test_new_version),
        cmocka_unit_test(test_pooling_off),
        cmocka_unit_test(test_pins),
        cmocka_unit_test(test_pinned_versions_are_pooled),
        cmocka_unit_test(test_counters),
        cmocka_unit_test(test_holds_no_handle),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_asset_lists),
    };
    return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
