/* Exact sums against an oracle of the plainest kind: two big integers, one for
 * the positive and one for the negative terms, subtracted and rounded bit by
 * bit. Every comparison is of bits. */
#include "base/exact.h"

#include "draw.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the oracle ------------------------------------------------------------
 */

enum { BIG_BITS = 2240 };

/* One bit per byte, lowest first, in units of 2^-1074. Slow and obvious. */
struct big {
    unsigned char bit[BIG_BITS];
};

static void big_add(struct big *a, double x) {
    int exponent;
    uint64_t mantissa = (uint64_t)ldexp(frexp(x, &exponent), 53);
    int at = exponent - 53 + 1074; /* of the mantissa's lowest bit */
    for (; at < 0; at++)
        mantissa >>= 1; /* subnormal: those bits are zero */
    unsigned carry = 0;
    for (int i = 0; i < 53 || carry; i++) {
        unsigned sum = a->bit[at + i] + carry;
        if (i < 53)
            sum += mantissa >> i & 1;
        a->bit[at + i] = sum & 1;
        carry = sum >> 1;
    }
}

static int big_compare(const struct big *a, const struct big *b) {
    for (int i = BIG_BITS - 1; i >= 0; i--)
        if (a->bit[i] != b->bit[i])
            return a->bit[i] - b->bit[i];
    return 0;
}

static void big_subtract(struct big *a, const struct big *b) {
    int borrow = 0;
    for (int i = 0; i < BIG_BITS; i++) {
        int d = a->bit[i] - b->bit[i] - borrow;
        borrow = d < 0;
        a->bit[i] = (unsigned char)(d & 1);
    }
}

static double big_round(const struct big *a) {
    int top = BIG_BITS - 1;
    while (top >= 0 && !a->bit[top])
        top--;
    int low = top >= 53 ? top - 52 : 0; /* lowest bit that is kept */
    uint64_t mantissa = 0;
    for (int i = top; i >= low; i--)
        mantissa = mantissa << 1 | a->bit[i];
    bool half = low > 0 && a->bit[low - 1], more = false;
    for (int i = 0; i < low - 1; i++)
        more |= a->bit[i];
    if (half && (more || mantissa & 1))
        mantissa++;
    return ldexp((double)mantissa, low - 1074);
}

static double oracle(const double *x, int64_t n) {
    static struct big positive, negative;
    memset(&positive, 0, sizeof positive);
    memset(&negative, 0, sizeof negative);
    for (int64_t i = 0; i < n; i++) {
        if (isnan(x[i]))
            return NAN;
        big_add(x[i] < 0 ? &negative : &positive, fabs(x[i]));
    }
    int order = big_compare(&positive, &negative);
    if (order == 0)
        return 0.0;
    struct big *larger = order > 0 ? &positive : &negative;
    big_subtract(larger, order > 0 ? &negative : &positive);
    double magnitude = big_round(larger);
    return order > 0 ? magnitude : -magnitude;
}

static bool same(double a, double b) {
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

static void check_sum(const double *x, int64_t n) {
    double got = exact_sum(x, n), want = oracle(x, n);
    if (!same(got, want))
        fail_msg("sum of %ld: %a, not %a", (long)n, got, want);
}

/* ---- data -------------------------------------------------------------------
 */

/* Exponents from a wide or a narrow band, any mantissa, any sign. */
static double draw_double(int low, int high) {
    double m = 1 + (double)(draw() >> 12) * 0x1p-52;
    double v = ldexp(m, low + (int)draw_below(high - low + 1));
    return draw_below(2) ? v : -v;
}

static double draw_price(void) {
    return (double)(1000 + draw_below(100000)) / 100;
}

/* One column of n values of a kind. */
enum kind {
    PRICES,
    VOLUMES,
    CLOSE_BAND,
    WIDE_BAND,
    ALL_EXPONENTS,
    SUBNORMAL,
    HUGE_BOTH_SIGNS,
    CANCELLING,
    TIES,
    SIGNED_ZEROS,
    KINDS
};

static double draw_kind(enum kind kind, int64_t i, double last) {
    static const double tie[] = {1,        0x1p-53,   -0x1p-53,  0x1p-54,
                                 0x1p-106, -0x1p-106, 0x1p-1074, 0x1p53};
    switch (kind) {
    case PRICES:
        return draw_price();
    case VOLUMES:
        return (double)draw_below(INT64_C(100000000000));
    case CLOSE_BAND:
        return draw_double(-3, 3);
    case WIDE_BAND:
        return draw_double(-70, 70);
    case ALL_EXPONENTS:
        return draw_double(-1022, 1023);
    case SUBNORMAL:
        return draw_double(-1060, -1020);
    case HUGE_BOTH_SIGNS:
        return draw_double(1022, 1023);
    case CANCELLING:
        return i % 2 ? -last : draw_double(-200, 200);
    case TIES:
        return tie[draw_below(8)];
    default:
        return draw_below(2) ? 0.0 : -0.0;
    }
}

static void fill(double *x, int64_t n, enum kind kind) {
    double last = 0;
    for (int64_t i = 0; i < n; i++)
        x[i] = last = draw_kind(kind, i, last);
}

static void shuffle(double *x, int64_t n) {
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t k = draw_below(i + 1);
        double t = x[i];
        x[i] = x[k];
        x[k] = t;
    }
}

/* ---- tests
 * -------------------------------------------------------------------- */

static void sums_by_hand(void **state) {
    (void)state;
    static const struct {
        double x[5], sum;
        int n;
    } cases[] = {
        {{0}, 0, 0},
        {{-0.0, -0.0}, 0, 2},
        {{0.1, 0.2}, 0.30000000000000004, 2},
        {{0.1, 0.2, 0.3}, 0.6, 3}, /* 0.6000000000000000055 exactly */
        {{1e16, 1, -1e16}, 1, 3},
        {{1e308, 1e308, -1e308, -1e308, 1}, 1, 5},
        {{DBL_MAX, DBL_MAX, -DBL_MAX}, DBL_MAX, 3},
        {{DBL_MAX, DBL_MAX}, INFINITY, 2},
        {{-DBL_MAX, -DBL_MAX}, -INFINITY, 2},
        {{DBL_MAX, 0x1p969}, DBL_MAX, 2},  /* below half an ulp */
        {{DBL_MAX, 0x1p970}, INFINITY, 2}, /* the tie, to even */
        {{DBL_MAX, 0x1p970, -0x1p-1074}, DBL_MAX, 3},
        {{1, 0x1p-53}, 1, 2}, /* a tie, to even */
        {{1, 0x1p-53, 0x1p-1074}, 1 + 0x1p-52, 3},
        {{1 + 0x1p-52, 0x1p-53}, 1 + 0x1p-51, 2},
        {{1 + 0x1p-52, 0x1p-53, -0x1p-1074}, 1 + 0x1p-52, 3},
        {{0x1p-1074, 0x1p-1074}, 0x1p-1073, 2},
        {{0x1p-1022, -0x1p-1074}, 0x1p-1022 - 0x1p-1074, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!same(exact_sum(cases[i].x, cases[i].n), cases[i].sum))
            fail_msg("case %zu", i);
}

static void what_is_not_finite(void **state) {
    (void)state;
    const double with_nan[] = {1, NAN, INFINITY}, up[] = {1, INFINITY, -5},
                 both[] = {INFINITY, 1, -INFINITY},
                 down[] = {DBL_MAX, DBL_MAX, -INFINITY};
    assert_true(isnan(exact_sum(with_nan, 3)));
    assert_true(exact_sum(up, 3) == INFINITY);
    assert_true(isnan(exact_sum(both, 3)));
    assert_true(exact_sum(down, 3) == -INFINITY);
}

static void agrees_with_big_integers(void **state) {
    (void)state;
    double x[400];
    for (int kind = 0; kind < KINDS; kind++)
        for (int round = 0; round < 150; round++) {
            int64_t n = draw_below(round % 10 ? 12 : 400);
            fill(x, n, (enum kind)kind);
            shuffle(x, n);
            check_sum(x, n);
        }
}

/* A known sum, taken apart: x and -x in any order, and what remains. */
static void total_cancellation_leaves_the_rest(void **state) {
    (void)state;
    double x[203];
    for (int round = 0; round < 200; round++) {
        double rest = draw_double(-1022, 900);
        x[0] = rest;
        for (int i = 1; i < 203; i += 2) {
            x[i] = draw_double(-1022, 1023);
            x[i + 1] = -x[i];
        }
        shuffle(x, 203);
        assert_true(same(exact_sum(x, 203), rest));
    }
}

static void order_does_not_matter(void **state) {
    (void)state;
    double x[1000];
    for (int round = 0; round < 50; round++) {
        fill(x, 1000, round % 2 ? WIDE_BAND : CLOSE_BAND);
        double first = exact_sum(x, 1000);
        shuffle(x, 1000);
        assert_true(same(exact_sum(x, 1000), first));
    }
}

/* Prefix sums of x; the caller frees *storage. */
static struct prefix build(const double *x, int64_t n, void **storage) {
    struct prefix p;
    *storage = aligned_alloc(64, (prefix_bytes(x, n) + 63) / 64 * 64);
    prefix_build(&p, x, n, *storage);
    return p;
}

/* What compiled code does with pairs of which it is certain (view.lua). */
static double unchecked(const struct prefix *p, int64_t from, int64_t to) {
    struct dd a = p->sum[to], b = p->sum[from];
    double head = a.hi - b.hi, taken = head - a.hi;
    double rest = (a.hi - (head - taken)) - (b.hi + taken);
    return head + (rest + (a.lo - b.lo));
}

static void check_windows(const struct prefix *p, int rounds) {
    for (int i = 0; i < rounds; i++) {
        int64_t from = draw_below(p->n + 1);
        int64_t to = from + draw_below(p->n - from + 1);
        double got = prefix_sum(p, from, to);
        double want = oracle(p->x + from, to - from);
        if (!same(got, want))
            fail_msg("window [%ld, %ld): %a, not %a", (long)from, (long)to, got,
                     want);
        if (p->certain && from >= p->clean && from < to)
            assert_true(same(unchecked(p, from, to), want));
    }
}

static void windows_agree_with_big_integers(void **state) {
    (void)state;
    enum { N = 700 };
    double x[N];
    for (int kind = 0; kind < KINDS; kind++)
        for (int round = 0; round < 4; round++) {
            void *storage;
            fill(x, N, (enum kind)kind);
            if (round % 2)
                for (int i = 0; i < 20; i++)
                    x[draw_below(N)] = NAN;
            struct prefix p = build(x, N, &storage);
            if (kind == PRICES || kind == VOLUMES)
                assert_true(p.bound == 0 && p.certain);
            if (kind == WIDE_BAND)
                assert_true(p.bound > 0 && p.bound < 1 && !p.certain);
            check_windows(&p, 120);
            free(storage);
        }
}

/* Exact sums, and yet differences of them need not be. */
static void small_beside_large_is_not_certain(void **state) {
    (void)state;
    const double x[] = {0x1p52, 1, NAN, 0};
    const double y[] = {0x1p50, 1, NAN, 0};
    void *storage;
    struct prefix p = build(x, 4, &storage);
    assert_true(p.bound == 0 && !p.certain);
    free(storage);
    p = build(y, 4, &storage);
    assert_true(p.bound == 0 && p.certain);
    free(storage);
}

static void check_all_windows(const double *x, int64_t n, bool exact) {
    void *storage;
    struct prefix p = build(x, n, &storage);
    assert_int_equal(p.bound == 0, exact);
    for (int64_t from = 0; from <= n; from++)
        for (int64_t to = from; to <= n; to++)
            assert_true(
                same(prefix_sum(&p, from, to), oracle(x + from, to - from)));
    free(storage);
}

/* Ties that only the smallest part of the difference of two sums decides. */
static void small_parts_decide_ties(void **state) {
    (void)state;
    /* no sum rounds; in [2, 5) a.lo - b.lo does: 1 + 2^-53 + 2^-1000 */
    static const double low_parts[] = {-0x1p-1000, 1, 0x1p-1000, 1, 0x1p-53};
    check_all_windows(low_parts, 5, true);
    /* no sum rounds; in [2, 5) e + t does: 2^60 - 64 - 2^-200 */
    static const double middle[] = {0x1p-200, 64, -0x1p-200, -64, 0x1p60};
    check_all_windows(middle, 5, true);
    /* sums of 2^60 and 2^-60 do not fit a pair */
    static const double wide[] = {0x1p60, 0x1p-60, 1, 3, 0x1p-53, 5, 0x1p-60};
    check_all_windows(wide, 7, false);
}

static void windows_with_gaps_are_nan(void **state) {
    (void)state;
    const double x[] = {1, NAN, 3, 4, NAN};
    void *storage;
    struct prefix p = build(x, 5, &storage);
    assert_true(prefix_sum(&p, 0, 1) == 1);
    assert_true(isnan(prefix_sum(&p, 0, 2)));
    assert_true(isnan(prefix_sum(&p, 1, 4)));
    assert_true(prefix_sum(&p, 2, 4) == 7);
    assert_true(isnan(prefix_sum(&p, 2, 5)));
    assert_true(isnan(prefix_sum(&p, -1, 1)));
    assert_true(same(prefix_sum(&p, 5, 5), 0));
    assert_true(same(prefix_sum(&p, 1, 1), 0));
    free(storage);
}

static void a_late_beginning_is_no_gap(void **state) {
    (void)state;
    const double x[] = {NAN, NAN, 3, 4};
    void *storage;
    struct prefix p = build(x, 4, &storage);
    assert_null(p.gap);
    assert_true(prefix_bytes(x, 4) < prefix_bytes((double[]){1, NAN, 3, 4}, 4));
    assert_true(isnan(prefix_sum(&p, 0, 2)) && isnan(prefix_sum(&p, 1, 4)));
    assert_true(same(prefix_sum(&p, 1, 1), 0));
    assert_true(prefix_sum(&p, 2, 4) == 7);
    free(storage);
}

static void infinities_stay_in_their_windows(void **state) {
    (void)state;
    const double x[] = {1, 2, INFINITY, 3, 4, -INFINITY, 5};
    void *storage;
    struct prefix p = build(x, 7, &storage);
    assert_true(prefix_sum(&p, 0, 2) == 3);
    assert_true(prefix_sum(&p, 0, 3) == INFINITY);
    assert_true(prefix_sum(&p, 3, 5) == 7);
    assert_true(isnan(prefix_sum(&p, 2, 6)));
    assert_true(prefix_sum(&p, 6, 7) == 5);
    free(storage);
}

static void attaches_to_built_storage(void **state) {
    (void)state;
    enum { N = 300 };
    double x[N];
    fill(x, N, WIDE_BAND);
    x[17] = NAN;
    void *storage;
    struct prefix p = build(x, N, &storage), q;
    void *copy = aligned_alloc(64, (prefix_bytes(x, N) + 63) / 64 * 64);
    memcpy(copy, storage, prefix_bytes(x, N));
    free(storage);
    prefix_attach(&q, x, N, copy);
    assert_true(q.bound == p.bound && q.bound > 0);
    check_windows(&q, 100);
    free(copy);
}

static void nothing_to_sum(void **state) {
    (void)state;
    void *storage;
    struct prefix p = build(NULL, 0, &storage);
    assert_true(same(prefix_sum(&p, 0, 0), 0));
    free(storage);
}

static void pairs_hold_106_bits(void **state) {
    (void)state;
    struct dd one = {1, 0}, tiny = {0x1p-80, 0};
    struct dd sum = dd_add(one, tiny), less = dd_sub(sum, one);
    assert_true(sum.hi == 1 && sum.lo == 0x1p-80);
    assert_true(less.hi == 0x1p-80 && less.lo == 0);
    struct dd more = dd_add_d(sum, 0x1p-79);
    assert_true(more.hi == 1 && more.lo == 0x1.8p-79);
    for (int i = 0; i < 2000; i++) {
        double parts[4] = {draw_double(-5, 5), 0, draw_double(-5, 5), 0};
        parts[1] = parts[0] * draw_double(-60, -56);
        parts[3] = parts[2] * draw_double(-60, -56);
        struct dd r = dd_add((struct dd){parts[0], parts[1]},
                             (struct dd){parts[2], parts[3]});
        double with[6] = {parts[0], parts[1], parts[2], parts[3], -r.hi, -r.lo};
        double scale = fabs(parts[0]) + fabs(parts[2]);
        assert_true(fabs(oracle(with, 6)) <= 0x1p-102 * scale);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_by_hand),
        cmocka_unit_test(what_is_not_finite),
        cmocka_unit_test(agrees_with_big_integers),
        cmocka_unit_test(total_cancellation_leaves_the_rest),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(windows_agree_with_big_integers),
        cmocka_unit_test(small_beside_large_is_not_certain),
        cmocka_unit_test(small_parts_decide_ties),
        cmocka_unit_test(windows_with_gaps_are_nan),
        cmocka_unit_test(a_late_beginning_is_no_gap),
        cmocka_unit_test(infinities_stay_in_their_windows),
        cmocka_unit_test(attaches_to_built_storage),
        cmocka_unit_test(nothing_to_sum),
        cmocka_unit_test(pairs_hold_106_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
