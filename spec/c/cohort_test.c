/* The luck of a study: trials taken as they come, and trials read, to the bit.
 */
#include "study_fixture.h"

#include "base/rng.h"
#include "optimize/cohort.h"

enum { PERIODS = 600, TRIALS = 20 };

static double value(int32_t number, int32_t i) {
    struct rng r;
    rng_key(&r, 7, "cohort", (uint64_t)(number * PERIODS + i));
    return (double)(float)((rng_unit(&r) - 0.49) / 50);
}

/* What the loop does with a result: to the study, and what that keeps to the
 * cohort, if there is one. */
static void offer(bt_study *s, bt_cohort *c, int32_t number, int32_t width,
                  int32_t periods) {
    double x[PERIODS];
    for (int32_t i = 0; i < periods; i++)
        x[i] = value(number, i);
    assert_int_equal(add_with_series(s, number, x, periods, width), BT_OK);
    if (c && bt_study_periods(s, number) > 0)
        cohort_add(c, number, x, periods, sizeof *x);
}

static bt_study *make(const char *name, double budget) {
    bt_study *s;
    assert_int_equal(bt_study_create(name, &s), BT_OK);
    assert_int_equal(bt_study_keep(s, budget), BT_OK);
    return s;
}

/* Luck, by a cohort that may hold trials already and is freed. */
static bt_luck luck_by(bt_study *s, bt_cohort *c) {
    bt_luck out;
    memset(&out, 0, sizeof out);
    assert_int_equal(bt_study_luck(s, c, 100, 252, 5, &out), BT_OK);
    bt_cohort_free(c);
    return out;
}

static void expect_equal(bt_luck a, bt_luck b) {
    assert_true(a.tried == b.tried && a.effective == b.effective);
    assert_true(a.correlation == b.correlation && a.dsr == b.dsr);
    assert_true(a.sharpe == b.sharpe && a.sharpe_low == b.sharpe_low);
    assert_true(a.sharpe_high == b.sharpe_high);
    assert_true(a.pbo.pbo == b.pbo.pbo && a.pbo.loss == b.pbo.loss);
    assert_true(a.pbo.slope == b.pbo.slope);
    assert_true(a.reality_check == b.reality_check && a.spa[1] == b.spa[1]);
    assert_int_equal(a.trials, b.trials);
    assert_int_equal(a.blocks, b.blocks);
}

/* The same from a matrix, its risk-free rate taken off beforehand. */
static bt_luck luck_of_matrix(int32_t trials, int32_t best, double less) {
    static double x[TRIALS * PERIODS];
    bt_luck out;
    for (int32_t k = 0; k < trials; k++) {
        for (int32_t i = 0; i < PERIODS; i++)
            x[k * PERIODS + i] = value(k + 1, i) - less;
    }
    assert_int_equal(bt_odds_luck(x, PERIODS, trials, best, 100, 252, 5, &out),
                     BT_OK);
    return out;
}

static void as_they_come_is_as_they_are_read(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        double less = i * 1e-4;
        bt_study *s = make(i ? "less" : "more", BT_KEEP_BYTES);
        bt_cohort *c = bt_cohort_new(TRIALS, 1e6, less);
        for (int32_t n = 1; n <= TRIALS; n++)
            offer(s, c, n, n % 2 ? 4 : 8, PERIODS);
        bt_luck filled = luck_by(s, c);
        assert_int_equal(filled.trials, TRIALS);
        assert_int_equal(filled.merged, 2);
        assert_int_equal(filled.blocks, 10); /* C(12, 6) is over 600 */
        expect_equal(filled, luck_by(s, bt_cohort_new(TRIALS, 1e6, less)));
        expect_equal(filled, luck_of_matrix(TRIALS, bt_study_best(s), less));
        assert_int_equal(study_commit(s, true), BT_OK); /* and from disk */
        expect_equal(filled, luck_by(s, bt_cohort_new(TRIALS, 1e6, less)));
        bt_study_close(s);
    }
}

/* Trials that a cohort misses, or has too many of, are read. */
static void what_does_not_fit_is_read(void **state) {
    (void)state;
    bt_study *s = make("gaps", BT_KEEP_BYTES);
    bt_cohort *disordered = bt_cohort_new(TRIALS, 1e6, 0);
    bt_cohort *late = bt_cohort_new(TRIALS, 1e6, 0);
    bt_cohort *small = bt_cohort_new(3, 1e6, 0);
    offer(s, disordered, 2, 4, PERIODS);
    offer(s, disordered, 1, 4, PERIODS);
    for (int32_t n = 3; n <= 6; n++)
        offer(s, late, n, 4, PERIODS);
    bt_luck whole = luck_by(s, bt_cohort_new(TRIALS, 1e6, 0));
    assert_int_equal(whole.trials, 6);
    expect_equal(whole, luck_by(s, disordered));
    expect_equal(whole, luck_by(s, late));
    /* what it does hold is not read again */
    bt_cohort *other = bt_cohort_new(TRIALS, 1e6, 0);
    for (int32_t n = 1; n <= 6; n++)
        cohort_add(other, n, (double[PERIODS]){n}, PERIODS, 8);
    assert_true(luck_by(s, other).correlation != whole.correlation);
    for (int32_t n = 1; n <= 6; n++)
        cohort_add(small, n, (double[PERIODS]){0}, PERIODS, 8);
    bt_luck sample = luck_by(s, small);
    assert_int_equal(sample.trials, 3);
    expect_equal(sample, luck_by(s, bt_cohort_new(TRIALS, 3. * PERIODS, 0)));
    bt_study_close(s);
}

/* Other lengths do not stand beside the best's; those that a study dropped are
 * not there for the next reader either. */
static void only_what_the_study_has_counts(void **state) {
    (void)state;
    bt_study *s = make("lengths", BT_KEEP_BYTES);
    bt_cohort *c = bt_cohort_new(TRIALS, 1e6, 0);
    for (int32_t n = 1; n <= 6; n++)
        offer(s, c, n, 4, n == 2 ? PERIODS / 2 : PERIODS);
    bt_luck filled = luck_by(s, c);
    assert_int_equal(filled.trials, 5);
    expect_equal(filled, luck_by(s, bt_cohort_new(TRIALS, 1e6, 0)));
    bt_study_close(s);

    s = make("dropped", 5. * PERIODS * 4);
    c = bt_cohort_new(TRIALS, 1e6, 0);
    for (int32_t n = 1; n <= TRIALS; n++)
        offer(s, c, n, 4, PERIODS);
    filled = luck_by(s, c);
    assert_true(filled.trials < TRIALS && filled.trials > 0);
    expect_equal(filled, luck_by(s, bt_cohort_new(TRIALS, 1e6, 0)));
    bt_study_close(s);
}

static void says_what_is_missing(void **state) {
    (void)state;
    bt_luck out;
    bt_study *s = make("none", 0);
    bt_cohort *c = bt_cohort_new(TRIALS, 1e6, 0);
    assert_int_equal(bt_study_luck(s, c, 1, 252, 5, &out), BT_E_RANGE);
    expect_message("no trial came to a score");
    offer(s, c, 1, 4, PERIODS);
    assert_int_equal(bt_study_luck(s, c, 1, 252, 5, &out), BT_E_RANGE);
    expect_message("no returns were kept");
    bt_cohort_free(c);
    bt_study_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_they_come_is_as_they_are_read),
        cmocka_unit_test(what_does_not_fit_is_read),
        cmocka_unit_test(only_what_the_study_has_counts),
        cmocka_unit_test(says_what_is_missing),
    };
    return cmocka_run_group_tests(tests, enter_home, leave_home);
}
