/* Which returns a study keeps, and that they come back as they were. */
#include "study_fixture.h"

#include <sqlite3.h>

enum { PERIODS = 50, NARROW = PERIODS * 4 };

static double value(int32_t number, int32_t i) {
    return (number * 31 + i * 7) % 101 * 0.0009765625; /* exact as float */
}

static bt_status offer(bt_study *s, int32_t number, int32_t width) {
    double x[PERIODS];
    for (int32_t i = 0; i < PERIODS; i++)
        x[i] = value(number, i);
    return add_with_series(s, number, x, PERIODS, width);
}

static void expect_series(bt_study *s, int32_t number) {
    double got[PERIODS];
    assert_int_equal(bt_study_periods(s, number), PERIODS);
    assert_int_equal(bt_study_series(s, number, got), BT_OK);
    for (int32_t i = 0; i < PERIODS; i++)
        assert_true(got[i] == value(number, i));
}

static int32_t count_kept(const bt_study *s, int32_t last) {
    int32_t kept = 0;
    for (int32_t n = 1; n <= last; n++)
        kept += bt_study_periods(s, n) > 0;
    return kept;
}

static bt_study *make(const char *name, double budget) {
    bt_study *s;
    assert_int_equal(bt_study_create(name, &s), BT_OK);
    assert_int_equal(bt_study_keep(s, budget), BT_OK);
    return s;
}

static void comes_back(void **state) {
    (void)state;
    bt_study *s = make("back", BT_KEEP_BYTES);
    for (int32_t n = 1; n <= 20; n++)
        assert_int_equal(offer(s, n, n % 2 ? 4 : 8), BT_OK);
    expect_series(s, 3); /* not on disk yet */
    assert_int_equal(study_commit(s, true), BT_OK);
    expect_series(s, 3);
    bt_study_close(s);
    assert_int_equal(bt_study_open("back", &s), BT_OK);
    for (int32_t n = 1; n <= 20; n++)
        expect_series(s, n);
    bt_study_close(s);
}

static void nothing_without_a_score(void **state) {
    (void)state;
    bt_study *s = make(NULL, BT_KEEP_BYTES);
    double x[2] = {0, 1};
    bt_trial failed = trial(3), twin = trial(1);
    twin.number = 2;
    twin.duplicate_of = 1;
    assert_int_equal(study_add(s, &failed, NULL), BT_OK);
    assert_int_equal(study_add(s, &twin, NULL), BT_OK);
    assert_int_equal(study_add_series(s, 3, x, 2, 8), BT_OK);
    assert_int_equal(study_add_series(s, 2, x, 2, 8), BT_OK);
    assert_int_equal(bt_study_periods(s, 3), 0);
    assert_int_equal(bt_study_periods(s, 2), 0);
    assert_int_equal(bt_study_series(s, 3, x), BT_E_RANGE);
    assert_int_equal(study_add_series(s, 9, x, 2, 8), BT_E_RANGE);
    bt_study_close(s);
}

static void summary_keeps_none(void **state) {
    (void)state;
    bt_study *s = make(NULL, 0);
    assert_int_equal(offer(s, 1, 4), BT_OK);
    assert_int_equal(bt_study_periods(s, 1), 0);
    bt_study_close(s);
}

enum { MANY = 900, ROOM = 100 };

static int32_t best_of(int32_t last) {
    int32_t best = 1;
    for (int32_t n = 1; n <= last; n++)
        best = n * 331 % 997 > best * 331 % 997 ? n : best;
    return best;
}

static void a_budget_keeps_a_fair_sample(void **state) {
    (void)state;
    bt_study *s = make(NULL, ROOM * NARROW);
    for (int32_t n = 1; n <= MANY; n++)
        assert_int_equal(offer(s, n, 4), BT_OK);
    int32_t kept = count_kept(s, MANY), early = count_kept(s, MANY / 2);
    assert_in_range(kept, ROOM / 3, ROOM + 1);
    assert_in_range(early, kept / 4, kept - kept / 4);
    expect_series(s, best_of(MANY));
    bt_study_close(s);
}

static void the_sample_knows_no_order(void **state) {
    (void)state;
    bt_study *up = make("up", ROOM * NARROW), *down = make(NULL, ROOM * NARROW);
    for (int32_t n = 1; n <= MANY; n++) {
        assert_int_equal(offer(up, n, 4), BT_OK);
        assert_int_equal(offer(down, MANY + 1 - n, 4), BT_OK);
        if (n % 150 == 0) { /* as if interrupted */
            assert_int_equal(study_commit(up, true), BT_OK);
            bt_study_close(up);
            assert_int_equal(bt_study_resume("up", &up), BT_OK);
            assert_int_equal(bt_study_keep(up, ROOM * NARROW), BT_OK);
        }
    }
    for (int32_t n = 1; n <= MANY; n++)
        assert_int_equal(bt_study_periods(up, n), bt_study_periods(down, n));
    bt_study_close(up);
    bt_study_close(down);
}

static void all_is_all(void **state) {
    (void)state;
    bt_study *s = make(NULL, (double)INFINITY);
    for (int32_t n = 1; n <= MANY; n++)
        assert_int_equal(offer(s, n, 8), BT_OK);
    assert_int_equal(count_kept(s, MANY), MANY);
    assert_int_equal(bt_study_keep(s, -1), BT_E_RANGE);
    assert_int_equal(bt_study_keep(s, (double)NAN), BT_E_RANGE);
    bt_study_close(s);
}

static void damage_is_seen(void **state) {
    (void)state;
    char path[256];
    double got[PERIODS];
    sqlite3 *db;
    bt_study *s = make("hurt", BT_KEEP_BYTES);
    for (int32_t n = 1; n <= 3; n++)
        assert_int_equal(offer(s, n, 4), BT_OK);
    assert_int_equal(study_commit(s, true), BT_OK);
    bt_study_close(s);
    snprintf(path, sizeof path, "%s/studies/hurt.study", home);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "UPDATE series SET data=zeroblob(200) WHERE number=2",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(bt_study_open("hurt", &s), BT_OK);
    expect_series(s, 1);
    assert_int_equal(bt_study_series(s, 2, got), BT_E_DATA);
    expect_message("trial 2");
    bt_study_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(nothing_without_a_score),
        cmocka_unit_test(summary_keeps_none),
        cmocka_unit_test(a_budget_keeps_a_fair_sample),
        cmocka_unit_test(the_sample_knows_no_order),
        cmocka_unit_test(all_is_all),
        cmocka_unit_test(damage_is_seen),
    };
    return cmocka_run_group_tests(tests, enter_home, leave_home);
}
