/* Pruners: what they say of hand-made studies. */
#include "optimize/prune.h"
#include "study_fixture.h"

/* ---- Wilcoxon ------------------------------------------------------------ */

/* Counted by hand over the 2^n signs of the ranks. */
static void signed_ranks_are_counted(void **state) {
    (void)state;
    double theirs[4] = {0, 0, 0, 0};
    double worse[4] = {-1, -2, -3, -4}; /* none better: 1 of 16 */
    double mixed[3] = {-3, 1, -2};      /* ranks of the better ones <= 1 */
    double tied[3] = {-1, 1, -2};       /* ranks 1.5, 1.5, 3: 3 of 8 */
    double zero[2] = {0, -1};           /* the zero is split: 1 of 2 */
    double missing[3] = {-1, NAN, -2};  /* two pairs: 1 of 4 */
    assert_true(prune_wilcoxon(worse, theirs, 4) == 1.0 / 16);
    assert_true(prune_wilcoxon(mixed, theirs, 3) == 2.0 / 8);
    assert_true(prune_wilcoxon(tied, theirs, 3) == 3.0 / 8);
    assert_true(prune_wilcoxon(zero, theirs, 2) == 1.0 / 2);
    assert_true(prune_wilcoxon(missing, theirs, 3) == 1.0 / 4);
    assert_true(prune_wilcoxon(theirs, theirs, 4) == 1);
}

/* ---- limits -------------------------------------------------------------- */

/* Trial n of 4 blocks: steps n, 2 n, 3 n, 4 n; every third stopped after 2. */
static bt_study *study_of(int32_t trials) {
    bt_study *s;
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    for (int32_t n = 1; n <= trials; n++) {
        double steps[4] = {n, 2.0 * n, 3.0 * n, 4.0 * n};
        bool stopped = n % 3 == 0;
        bt_trial t = {.number = n,
                      .state = stopped ? BT_TRIAL_PRUNED : BT_TRIAL_DONE,
                      .score = stopped ? (double)NAN : steps[3],
                      .step_count = stopped ? 2 : 4,
                      .steps = steps,
                      .params = "",
                      .message = ""};
        assert_int_equal(study_add(s, &t, NULL), BT_OK);
    }
    return s;
}

static int32_t groups[1000]; /* of trials by number */

static void limits_of(const struct prune_options *o, bt_study *study,
                      int32_t first, int32_t number, double sign,
                      struct prune_limits *out) {
    struct prune_scope s = {study, groups, first, number};
    prune_limits(o, &s, sign, out);
}

static const struct prune_options median = {
    .kind = PRUNE_PERCENTILE, .blocks = 4, .least = 1, .percentile = 50};

static void the_median_is_of_complete_trials_before_the_batch(void **state) {
    (void)state;
    bt_study *s = study_of(9);
    struct prune_limits l;
    struct prune_options late = median;
    late.startup = 5;
    limits_of(&median, s, 8, 8, 1, &l); /* complete: 1 2 4 5 7 */
    for (int b = 1; b < 4; b++)
        assert_true(l.limit[b - 1] == 4 * b);
    assert_true(isnan(l.limit[3]));
    limits_of(&median, s, 8, 8, -1, &l);
    assert_true(l.limit[0] == -4);
    limits_of(&late, s, 6, 6, 1, &l); /* 1 2 4 5: not enough */
    assert_true(isnan(l.limit[0]));
    limits_of(&late, s, 8, 8, 1, &l);
    assert_true(l.limit[0] == 4);
    bt_study_close(s);
}

static void a_trial_stops_below_its_limit(void **state) {
    (void)state;
    struct prune_limits l = {.kind = PRUNE_PERCENTILE, .blocks = 3, .sign = -1};
    double steps[3] = {5, 7, 9};
    l.limit[0] = -5;
    l.limit[1] = -6;
    l.limit[2] = INFINITY;
    assert_false(prune_stops(&l, steps, 1)); /* 5 is not worse than 5 */
    assert_true(prune_stops(&l, steps, 2));  /* 7 is worse than 6 */
    assert_false(prune_stops(&l, steps, 3)); /* the last block is the end */
    l.limit[1] = NAN;
    assert_false(prune_stops(&l, steps, 2));
    steps[0] = NAN;
    assert_false(prune_stops(&l, steps, 1));
}

/* Of 8 before it and itself, 9, one in 4 goes on: 2, so it must reach the
 * second of them. After 2 blocks all 8 have a score, after 4 it is the end. */
static void halving_lets_one_in_so_many_go_on(void **state) {
    (void)state;
    bt_study *s = study_of(8);
    struct prune_limits l;
    struct prune_options o = {
        .kind = PRUNE_HALVING, .blocks = 4, .least = 1, .factor = 4};
    limits_of(&o, s, 9, 9, 1, &l);
    assert_true(l.limit[0] == 7);
    assert_true(isnan(l.limit[1]) && isnan(l.limit[2]) && isnan(l.limit[3]));
    o.factor = 2;
    limits_of(&o, s, 9, 9, 1, &l); /* the fourth of 9 */
    assert_true(l.limit[0] == 5 && l.limit[1] == 10 && isnan(l.limit[2]));
    limits_of(&o, s, 1, 1, 1, &l);
    assert_true(isnan(l.limit[0]));
    bt_study_close(s);
}

static void hyperband_has_brackets_of_late_starters(void **state) {
    (void)state;
    bt_study *s = study_of(300);
    struct prune_options o = {
        .kind = PRUNE_HYPERBAND, .blocks = 4, .least = 1, .factor = 2};
    int first[3] = {0};
    for (int32_t n = 301; n <= 600; n++) {
        struct prune_limits l;
        limits_of(&o, s, 301, n, 1, &l);
        int b = 0;
        while (b < 2 && isnan(l.limit[b]))
            b++;
        first[b]++; /* 2: runs to the end */
    }
    /* budgets 4, 3, 3 of 10 */
    assert_true(first[0] > 90 && first[0] < 150);
    assert_true(first[1] > 60 && first[1] < 120);
    assert_true(first[2] > 60 && first[2] < 120);
    bt_study_close(s);
}

/* Trials 1 .. 4 are of window 1, 5 .. 9 of window 2. */
static void only_its_own_group_counts(void **state) {
    (void)state;
    bt_study *s = study_of(9);
    struct prune_limits l;
    for (int32_t n = 1; n <= 10; n++)
        groups[n] = n <= 4 ? 1 : 2;
    limits_of(&median, s, 10, 10, 1, &l); /* complete: 5 7 8 */
    assert_true(l.limit[0] == 7);
    groups[10] = 1;
    limits_of(&median, s, 10, 10, 1, &l); /* 1 2 4 */
    assert_true(l.limit[0] == 2);
    groups[10] = 3;
    limits_of(&median, s, 10, 10, 1, &l);
    assert_true(isnan(l.limit[0]));
    memset(groups, 0, sizeof groups);
    bt_study_close(s);
}

static void wilcoxon_is_held_against_the_best(void **state) {
    (void)state;
    bt_study *s = study_of(9);
    struct prune_options o = {
        .kind = PRUNE_WILCOXON, .blocks = 4, .least = 2, .p = 0.3};
    struct prune_limits l;
    limits_of(&o, s, 9, 9, 1, &l); /* 8 is the best of the complete ones */
    assert_int_equal(l.rivals, 4);
    double below[4] = {7, 15, 23, 0}, better[4] = {0, 40, 0, 0};
    assert_false(prune_stops(&l, below, 1));  /* too few */
    assert_true(prune_stops(&l, below, 2));   /* p = 1/4 */
    assert_false(prune_stops(&l, better, 2)); /* the better average */
    o.p = 0.2;
    limits_of(&o, s, 9, 9, 1, &l);
    assert_false(prune_stops(&l, below, 2));
    assert_true(prune_stops(&l, below, 3));
    bt_study_close(s);
}

static void limits_travel_as_bytes(void **state) {
    (void)state;
    bt_study *s = study_of(9);
    struct prune_limits l, back;
    struct buf bytes;
    buf_init(&bytes);
    limits_of(&median, s, 8, 8, 1, &l);
    prune_pack(&l, &bytes);
    assert_int_equal(prune_unpack(bytes.data, bytes.len, &back), bytes.len);
    assert_memory_equal(back.limit, l.limit, 4 * sizeof *l.limit);
    assert_int_equal(back.kind, l.kind);
    for (size_t n = 0; n < bytes.len; n++)
        assert_int_equal(prune_unpack(bytes.data, n, &back), 0);
    buf_fini(&bytes);
    bt_study_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_ranks_are_counted),
        cmocka_unit_test(the_median_is_of_complete_trials_before_the_batch),
        cmocka_unit_test(a_trial_stops_below_its_limit),
        cmocka_unit_test(halving_lets_one_in_so_many_go_on),
        cmocka_unit_test(hyperband_has_brackets_of_late_starters),
        cmocka_unit_test(only_its_own_group_counts),
        cmocka_unit_test(wilcoxon_is_held_against_the_best),
        cmocka_unit_test(limits_travel_as_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
