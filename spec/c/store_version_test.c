/* Versions: kept, found by the start of their hash, cleaned. */
#include "bundle_fixture.h"

#include "store/bundle.h"
#include "store/pool.h"
#include "store/ref.h"
#include "store/schema.h"
#include "store/verified.h"
#include "store/version.h"

static void make(double last, char sha[65]) {
    double closes[] = {10, 11, last};
    struct fixture_asset assets[] = {{"AAA", 0, 3, closes},
                                     {"BBB", 0, 2, closes}};
    fixture_make("v", assets, 2, sha);
}

/* The last close of AAA in a version. */
static double last_of(const char *name) {
    bt_bundle *b;
    const double *close;
    if (bt_bundle_acquire(name, &b) != BT_OK)
        fail_msg("%s", bt_error_message());
    assert_int_equal(bundle_column(b, 0, BT_FIELD_CLOSE, &close), BT_OK);
    double last = close[2];
    bt_bundle_release(b);
    return last;
}

static double last_of_pin(const char *sha, int digits) {
    char *name = mem_printf("v@%.*s", digits, sha);
    double last = last_of(name);
    free(name);
    return last;
}

static bt_status acquire_status(const char *name) {
    bt_bundle *b;
    bt_status s = bt_bundle_acquire(name, &b);
    if (s == BT_OK)
        bt_bundle_release(b);
    return s;
}

static void test_all_versions_open(void **state) {
    (void)state;
    char a[65], b[65], c[65];
    const bt_bundle_version *v;
    make(12, a);
    make(13, b);
    make(14, c);
    assert_true(last_of("v") == 14);
    assert_true(last_of_pin(a, 64) == 12 && last_of_pin(a, 10) == 12);
    assert_true(last_of_pin(b, 64) == 13 && last_of_pin(b, 10) == 13);
    assert_true(last_of_pin(c, 64) == 14 && last_of_pin(c, 10) == 14);
    assert_int_equal(bt_bundle_versions("v", &v), 3);
    assert_string_equal(v[0].sha256, a);
    assert_string_equal(v[1].sha256, b);
    assert_string_equal(v[2].sha256, c);
    assert_true(!v[0].current && !v[1].current && v[2].current);
    assert_true(v[0].made < v[1].made && v[1].made <= v[2].made + 1);
    char *path = fixture_path("v", NULL), *pin = mem_printf("%s@%.9s", path, b);
    assert_true(last_of(pin) == 13);
    assert_int_equal(bt_bundle_verify(pin), BT_OK);
    free(pin);
    free(path);
    for (char *p = a; *p; p++)
        *p = *p >= 'a' ? (char)(*p - 'a' + 'A') : *p;
    assert_true(last_of_pin(a, 64) == 12);
}

/* What was current comes back, what is made again is not made twice. */
static void test_same_content_is_one_version(void **state) {
    (void)state;
    char a[65], b[65], again[65];
    const bt_bundle_version *v;
    make(12, a);
    make(12, again);
    assert_string_equal(a, again);
    assert_int_equal(bt_bundle_versions("v", &v), 1);
    make(13, b);
    make(12, again);
    assert_int_equal(bt_bundle_versions("v", &v), 2);
    assert_string_equal(v[0].sha256, b);
    assert_string_equal(v[1].sha256, a);
    assert_true(last_of("v") == 12 && last_of_pin(b, 64) == 13);
    make(14, again);
    assert_int_equal(bt_bundle_versions("v", &v), 3);
    assert_string_equal(v[1].sha256, a);
}

static void test_unknown_pins(void **state) {
    (void)state;
    char a[65], b[65], pin[80];
    make(12, a);
    make(13, b);
    snprintf(pin, sizeof pin, "v@%.63s%c", a, a[63] == '0' ? '1' : '0');
    assert_int_equal(acquire_status(pin), BT_E_DATA);
    assert_message("bundle 'v' has no version");
    snprintf(pin, sizeof pin, "%.12s (current)", b);
    assert_message(pin);
    snprintf(pin, sizeof pin, "%.12s (2", a); /* and its date */
    assert_message(pin);
    assert_int_equal(acquire_status("v@"), BT_E_USAGE);
    assert_int_equal(acquire_status("v@12"), BT_E_USAGE);
    assert_message("4 to 64 hex digits");
    assert_int_equal(acquire_status("v@xyz0"), BT_E_USAGE);
    assert_message("v@xyz0");
    assert_int_equal(acquire_status("w@1234"), BT_E_DATA);
    assert_message("no bundle 'w'");
}

/* Hashes of our own, since two real ones that begin alike are hard to make. */
static void test_ambiguous_pins(void **state) {
    (void)state;
    struct version list[3] = {
        {.made = 0}, {.made = 86400000000}, {.made = 2, .current = true}};
    struct versions v = {list, 3, 3};
    memset(list[0].sha, 'a', 64);
    memset(list[1].sha, 'a', 64);
    list[1].sha[5] = 'b';
    memset(list[2].sha, 'c', 64);
    size_t at = 9;
    assert_int_equal(versions_find(&v, "x", "aaaa", &at), BT_E_USAGE);
    assert_message("several versions aaaa");
    assert_message("aaaaaaaaaaaa (1970-01-01)");
    assert_message("aaaaabaaaaaa (1970-01-02)");
    assert_null(strstr(bt_error_message(), "ccc"));
    assert_int_equal(at, 9);
    assert_int_equal(versions_find(&v, "x", "aaaaab", &at), BT_OK);
    assert_int_equal(at, 1);
    assert_int_equal(versions_find(&v, "x", "cccc", &at), BT_OK);
    assert_int_equal(at, 2);
    assert_int_equal(versions_find(&v, "x", "dddd", &at), BT_E_DATA);
    assert_message("cccccccccccc (current)");
}

static int count_files(void) {
    char **names;
    size_t n;
    char *path = fixture_path("v", NULL);
    assert_int_equal(fs_list(path, &names, &n), BT_OK);
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
    free(path);
    return (int)n;
}

static void test_clean(void **state) {
    (void)state;
    char a[65], b[65], c[65];
    bt_bundle_cleaning done;
    const bt_bundle_version *v;
    make(12, a);
    int alone = count_files();
    make(13, b);
    make(14, c);
    /* A column file that nobody names, as a killed ingest leaves it. */
    char *stray = fixture_path("v", "00000000000000000000000000000000.col");
    assert_int_equal(fs_write(stray, "x", 1, 0400), BT_OK);
    bt_bundle *held;
    char *pin = mem_printf("v@%s", a);
    assert_int_equal(bt_bundle_acquire(pin, &held), BT_OK);
    assert_int_equal(bt_bundle_clean("v", 2, INT64_MAX, &done), BT_OK);
    assert_int_equal(done.versions, 1);
    assert_int_equal(done.files, 3); /* catalogue, AAA, the stray one */
    assert_true(done.bytes > 0);
    assert_false(fs_exists(stray));
    assert_int_equal(bt_bundle_versions("v", &v), 2);
    assert_int_equal(bt_bundle_verify("v"), BT_OK);
    assert_true(last_of_pin(b, 64) == 13);
    const double *close; /* who has it goes on */
    assert_int_equal(bundle_column(held, 0, BT_FIELD_CLOSE, &close), BT_OK);
    assert_true(close[2] == 12);
    bt_bundle_release(held);
    assert_int_equal(acquire_status(pin), BT_E_DATA);
    assert_int_equal(bt_bundle_clean("v", 1, INT64_MAX, &done), BT_OK);
    assert_int_equal(done.versions, 1);
    assert_int_equal(count_files(), alone);
    assert_true(last_of("v") == 14);
    assert_int_equal(bt_bundle_clean("v", -1, INT64_MAX, &done), BT_E_RANGE);
    free(pin);
    free(stray);
}

static void test_clean_by_date(void **state) {
    (void)state;
    char a[65], b[65];
    bt_bundle_cleaning done;
    const bt_bundle_version *v;
    make(12, a);
    make(13, b);
    assert_int_equal(bt_bundle_versions("v", &v), 2);
    bt_time first = (bt_time)(v[0].made * 1e6);
    assert_int_equal(bt_bundle_clean("v", 0, first - 1000, &done), BT_OK);
    assert_int_equal(done.versions, 0);
    assert_int_equal(bt_bundle_clean("v", 0, INT64_MAX, &done), BT_OK);
    assert_int_equal(done.versions, 0);
    assert_int_equal(bt_bundle_clean("v", 2, INT64_MAX - 1, &done), BT_OK);
    assert_int_equal(done.versions, 0); /* both must speak for it */
    /* Later than all: the current one stays nevertheless. */
    assert_int_equal(bt_bundle_clean("v", 0, INT64_MAX - 1, &done), BT_OK);
    assert_int_equal(done.versions, 1);
    assert_true(last_of("v") == 13);
}

static void overwrite(const char *file, const char *text) {
    char *path = fixture_path("v", file);
    assert_int_equal(fs_write(path, text, strlen(text), 0400), BT_OK);
    free(path);
}

static void test_damage(void **state) {
    (void)state;
    char a[65], b[65], c[65], *name = NULL;
    bt_bundle_cleaning done;
    struct versions v;
    make(12, a);
    make(13, b);
    char *path = fixture_path("v", NULL);
    assert_int_equal(versions_read(path, &v), BT_OK);
    name = mem_strdup(v.list[0].file);
    versions_fini(&v);
    /* A kept version that is damaged: only those who ask for it fail. */
    overwrite(name, "no catalogue");
    char *pin = mem_printf("v@%s", a);
    assert_int_equal(acquire_status(pin), BT_E_DATA);
    assert_message(name);
    assert_true(last_of("v") == 13);
    assert_int_equal(bt_bundle_clean("v", 2, INT64_MAX, &done), BT_E_DATA);
    assert_message(name);
    assert_int_equal(bt_bundle_clean("v", 1, INT64_MAX, &done), BT_OK);
    /* A catalogue under the name of another version. */
    make(14, c);
    assert_int_equal(versions_read(path, &v), BT_OK);
    char *from = fs_join(path, v.list[0].file);
    char *to = mem_printf("%s/1-%s.sqlite", path, a);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(acquire_status(pin), BT_E_DATA);
    assert_message("holds version");
    versions_fini(&v);
    /* The current one damaged: the next ingest replaces it. */
    overwrite(SCHEMA_CATALOGUE, "no catalogue");
    assert_int_equal(acquire_status("v"), BT_E_DATA);
    assert_int_equal(bt_bundle_clean("v", 1, INT64_MAX, &done), BT_E_DATA);
    make(15, c);
    assert_true(last_of("v") == 15);
    free(from);
    free(to);
    free(pin);
    free(name);
    free(path);
}

/* A catalogue is checked once for its stamp: here one is taken for whole whose
 * seal is not. */
static void test_checked_once(void **state) {
    (void)state;
    char a[65];
    struct versions v;
    struct buf bytes;
    struct fs_stamp stamp;
    struct verified whole = {{0}, {0}};
    make(12, a);
    char *path = fixture_path("v", NULL), *real = fs_real(path);
    char *catalogue = fixture_path("v", SCHEMA_CATALOGUE);
    buf_init(&bytes);
    assert_int_equal(fs_read_file(catalogue, SCHEMA_CATALOGUE_MAX, &bytes),
                     BT_OK);
    memset(bytes.data + bytes.len - SCHEMA_PAGE, 'x', SCHEMA_PAGE);
    assert_int_equal(fs_write(catalogue, bytes.data, bytes.len, 0400), BT_OK);
    assert_int_equal(versions_read(path, &v), BT_OK);
    assert_int_equal(v.count, 0);
    versions_fini(&v);
    assert_int_equal(fs_stamp(catalogue, &stamp), BT_OK);
    verified_of(&stamp, 1, whole.catalogue);
    verified_put(real, &whole);
    assert_int_equal(versions_read(path, &v), BT_OK);
    assert_int_equal(v.count, 1);
    assert_string_equal(v.list[0].sha, a);
    versions_fini(&v);
    buf_fini(&bytes);
    free(catalogue);
    free(real);
    free(path);
}

/* Listing makes nothing. */
static void test_listing_makes_no_folder(void **state) {
    (void)state;
    const char *const *names;
    char *folder = fs_join(fixture_folder, "none/at/all");
    setenv("BACKLUA_BUNDLES", folder, 1);
    assert_int_equal(bt_bundle_list(&names), 0);
    assert_string_equal(bt_bundles_folder(), folder);
    assert_int_equal(acquire_status("x"), BT_E_DATA);
    assert_false(fs_exists(folder));
    setenv("BACKLUA_BUNDLES", fixture_folder, 1);
    free(folder);
}

static int teardown(void **state) {
    pool_clear();
    return fixture_teardown(state);
}

#define FRESH(test)                                                            \
    cmocka_unit_test_setup_teardown(test, fixture_setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        FRESH(test_all_versions_open),
        FRESH(test_same_content_is_one_version),
        FRESH(test_unknown_pins),
        cmocka_unit_test(test_ambiguous_pins),
        FRESH(test_clean),
        FRESH(test_clean_by_date),
        FRESH(test_damage),
        FRESH(test_checked_once),
        FRESH(test_listing_makes_no_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
