/* Corporate actions: what a set takes, what a bundle keeps and hands back. */
#include "base/digest.h"
#include "base/status.h"
#include "bundle_fixture.h"
#include "store/actions.h"
#include "store/bundle.h"

#include <sqlite3.h>
#include <sys/stat.h>

static const double four[] = {10, 11, 12, 13};

static const struct fixture_asset two[] = {{"AAA", 0, 4, four},
                                           {"BBB", 1, 3, four}};

/* Sessions 10000 .. 10003, as fixture_make has them. */
static bt_status make(const char *name, const struct action_set *set,
                      char *sha) {
    struct builder *b;
    TRY(builder_open(fixture_folder, name, "1d", &b));
    for (int i = 0; i < 2; i++) {
        struct bar bars[4];
        for (int32_t k = 0; k < two[i].n; k++)
            bars[k] = fixture_bar(10000 + two[i].first + k, two[i].closes[k]);
        TRY(builder_asset(b, two[i].symbol, bars, two[i].n));
    }
    builder_actions(b, set);
    return builder_commit(b, "{}", 0, sha);
}

static struct action_set *some(int from_behind) {
    struct action_set *s = action_set_new();
    for (int i = 0; i < 5; i++) {
        bt_status bad = BT_OK;
        switch (from_behind ? 4 - i : i) {
        case 0:
            bad =
                action_set_dividend(s, "BBB", 10002, 0.25, 10003, 9990, "USD");
            break;
        case 1:
            bad = action_set_split(s, "BBB", 10002, 2);
            break;
        case 2:
            bad = action_set_split(s, "AAA", 10001, 0.5);
            break;
        case 3:
            bad = action_set_merger(s, "AAA", 10003, "BBB", 1.5, 2);
            break;
        default:
            bad = action_set_rename(s, "BBB", 10009, "OLD");
            break;
        }
        assert_int_equal(bad, BT_OK);
    }
    return s;
}

static void test_round_trip(void **state) {
    (void)state;
    char sha[65];
    bt_bundle *b;
    const bt_action *a;
    struct action_set *s = some(0);
    assert_int_equal(make("trip", s, sha), BT_OK);
    action_set_free(s);
    assert_int_equal(bt_bundle_acquire("trip", &b), BT_OK);
    assert_int_equal(bt_bundle_actions(b, &a), 5);
    /* AAA: split, merger; BBB: split before dividend of one day, then the
     * change of symbol after the last bar */
    assert_true(a[0].sid == 0 && a[0].kind == BT_ACTION_SPLIT &&
                a[0].value == 0.5 && a[0].row == 1 &&
                a[0].effective == 10001 * FIXTURE_DAY);
    assert_true(a[1].kind == BT_ACTION_MERGER && a[1].other == 1 &&
                a[1].value == 1.5 && a[1].cash == 2 && a[1].row == 3);
    assert_true(a[2].sid == 1 && a[2].kind == BT_ACTION_SPLIT);
    assert_true(a[3].kind == BT_ACTION_DIVIDEND && a[3].value == 0.25 &&
                a[3].pay_day == 10003 && a[3].declared_day == 9990 &&
                a[3].row == 2);
    assert_string_equal(a[3].text, "USD");
    assert_true(a[4].kind == BT_ACTION_SYMBOL && a[4].row == 4 &&
                a[4].effective == 10009 * FIXTURE_DAY);
    assert_string_equal(a[4].text, "OLD");
    bt_bundle_release(b);
    assert_int_equal(bt_bundle_verify("trip"), BT_OK);
}

/* The version depends on the facts alone, not on their order of arrival; a
 * bundle without actions has the version that it had before there were any. */
static void test_content(void **state) {
    (void)state;
    char forth[65], back[65], less[65], none[65], plain[65];
    struct action_set *s = some(0), *t = some(1), *u = action_set_new();
    assert_int_equal(make("forth", s, forth), BT_OK);
    assert_int_equal(make("back", t, back), BT_OK);
    assert_string_equal(forth, back);
    assert_int_equal(make("none", u, none), BT_OK);
    fixture_make("plain", two, 2, plain);
    assert_string_equal(none, plain);
    assert_int_equal(action_set_split(u, "AAA", 10001, 0.5), BT_OK);
    assert_int_equal(make("less", u, less), BT_OK);
    assert_string_not_equal(less, none);
    assert_string_not_equal(less, forth);
    action_set_free(s);
    action_set_free(t);
    action_set_free(u);
}

static void test_once(void **state) {
    (void)state;
    struct action_set *s = action_set_new();
    assert_int_equal(action_set_split(s, "A", 100, 4), BT_OK);
    assert_int_equal(action_set_split(s, "A", 100, 4), BT_OK);
    assert_int_equal(action_set_split(s, "A", 101, 1), BT_OK);
    assert_int_equal(action_set_count(s), 1);
    assert_int_equal(action_set_split(s, "A", 100, 2), BT_E_USAGE);
    assert_message("two splits of A on 1970-04-11, 4 and 2");
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            action_set_dividend(s, "A", 100, 0.5, BT_NO_DAY, BT_NO_DAY, NULL),
            BT_OK);
    assert_int_equal(
        action_set_dividend(s, "A", 100, 1, BT_NO_DAY, BT_NO_DAY, NULL), BT_OK);
    assert_int_equal(action_set_count(s), 3);
    action_set_free(s);
}

static void test_limits(void **state) {
    (void)state;
    struct action_set *s = action_set_new();
    assert_int_equal(action_set_split(s, "A", 1, 0), BT_E_RANGE);
    assert_message("the ratio of a split of A must be a number 1e-06..1e+06");
    assert_int_equal(action_set_split(s, "A", 1, NAN), BT_E_RANGE);
    assert_int_equal(action_set_split(s, "A", 1000000, 2), BT_E_RANGE);
    assert_message("1600 and 2500");
    assert_int_equal(
        action_set_dividend(s, "A", 1, -1, BT_NO_DAY, BT_NO_DAY, ""),
        BT_E_RANGE);
    assert_int_equal(action_set_dividend(s, "A", 20, 1, 19, BT_NO_DAY, ""),
                     BT_E_RANGE);
    assert_message("paid on 1970-01-20, before its ex-date 1970-01-21");
    assert_int_equal(action_set_merger(s, "A", 1, NULL, 0, 0), BT_E_RANGE);
    assert_int_equal(action_set_merger(s, "A", 1, NULL, 1, 0), BT_E_USAGE);
    assert_int_equal(action_set_merger(s, "A", 1, "A", 1, 0), BT_E_USAGE);
    assert_int_equal(action_set_rename(s, "A", 1, ""), BT_E_RANGE);
    assert_int_equal(action_set_delisting(s, "A", 1, INFINITY), BT_E_RANGE);
    assert_int_equal(action_set_count(s), 0);
    action_set_free(s);
}

static void test_unknown_symbol(void **state) {
    (void)state;
    char sha[65];
    struct action_set *s = action_set_new();
    assert_int_equal(action_set_split(s, "AAB", 10001, 2), BT_OK);
    assert_int_equal(make("unknown", s, sha), BT_E_NAME);
    assert_message("'AAB', which has no bars; did you mean 'AAA'?");
    action_set_free(s);
}

/* A catalogue that somebody has written into, sealed anew. */
static void tamper(const char *name, const char *sql) {
    char *path = fixture_path(name, "bundle.sqlite");
    sqlite3 *db;
    struct stat st;
    assert_int_equal(chmod(path, 0600) | stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size - 4096), 0);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    uint8_t sha[32];
    char hex[65], page[4096] = {0};
    assert_int_equal(digest_file(path, sha), BT_OK);
    digest_hex(sha, hex);
    snprintf(page, sizeof page, "backlua catalogue sha256 %s\n", hex);
    FILE *f = fopen(path, "ab");
    assert_int_equal(fwrite(page, 1, sizeof page, f), sizeof page);
    fclose(f);
    free(path);
}

static void test_damaged(void **state) {
    (void)state;
    static const struct {
        const char *sql, *message;
    } cases[] = {
        {"UPDATE action SET value = 3 WHERE id = 0", "is not the hash"},
        {"UPDATE action SET kind = 'gift' WHERE id = 0", "unknown kind"},
        {"UPDATE action SET value = 1e300 WHERE id = 0", "value must be"},
        {"UPDATE action SET sid = 7 WHERE id = 4", "sid must be"},
        {"UPDATE action SET effective = 0 WHERE id = 1", "not in order"},
        {"DELETE FROM action WHERE id = 0", "id must be"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char sha[65];
        bt_bundle *b;
        struct action_set *s = some(0);
        assert_int_equal(make("bad", s, sha), BT_OK);
        action_set_free(s);
        tamper("bad", cases[i].sql);
        assert_int_equal(bt_bundle_acquire("bad", &b), BT_E_DATA);
        assert_message(cases[i].message);
        char *path = fixture_path("bad", NULL);
        assert_int_equal(fs_remove_tree(path), BT_OK);
        free(path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_content),
        cmocka_unit_test(test_once),           cmocka_unit_test(test_limits),
        cmocka_unit_test(test_unknown_symbol), cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
