/* Squares and products around the mean, against school arithmetic on digits of
 * 16 bits. Every comparison is of bits. */
#include "base/spread.h"

#include "draw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the oracle ---------------------------------------------------------- */

__extension__ typedef unsigned __int128 u128;

enum { DIGITS = 260, LOWEST = -1040, N = 90 };

/* Signed digits of 16 bits, lowest first, in units of 2^LOWEST for a number and
 * of 2^(2 LOWEST) for a product; carried over at the end only. */
struct number {
    int64_t digit[DIGITS];
};

static void add_double(struct number *a, double x) {
    int e;
    double m = frexp(x, &e);
    if (x == 0.0)
        return;
    int at = e - 53 - LOWEST;
    u128 v = (u128)(uint64_t)ldexp(fabs(m), 53) << (at % 16);
    for (int i = at / 16; v != 0; i++, v >>= 16)
        a->digit[i] += x < 0 ? -(int64_t)(v & 0xffff) : (int64_t)(v & 0xffff);
}

static void add_product(struct number *out, const struct number *a,
                        const struct number *b, int64_t times) {
    for (int i = 0; i < DIGITS; i++)
        for (int j = 0; a->digit[i] != 0 && i + j < DIGITS; j++)
            out->digit[i + j] += a->digit[i] * b->digit[j] * times;
}

static void carry(struct number *a) {
    for (int i = 0; i + 1 < DIGITS; i++) {
        int64_t low = a->digit[i] & 0xffff;
        a->digit[i + 1] += (a->digit[i] - low) / 65536;
        a->digit[i] = low;
    }
}

static int bit(const struct number *a, int i) {
    return i < 0 ? 0 : (int)(a->digit[i / 16] >> (i % 16) & 1);
}

/* Nearest double, ties to even; unit: exponent of the lowest bit. */
static double nearest(struct number a, int unit) {
    carry(&a);
    bool negative = a.digit[DIGITS - 1] < 0;
    for (int i = 0; i < DIGITS && negative; i++)
        a.digit[i] = -a.digit[i];
    carry(&a);
    int top = DIGITS * 16 - 1;
    while (top >= 0 && bit(&a, top) == 0)
        top--;
    uint64_t m = 0;
    bool sticky = false;
    for (int i = 0; i < 54; i++)
        m = m << 1 | (uint64_t)bit(&a, top - i);
    for (int i = top - 54; i >= 0; i--)
        sticky |= bit(&a, i) != 0;
    bool up = (m & 1) && (sticky || (m & 2));
    double x = ldexp((double)((m >> 1) + up), top - 52 + unit);
    return negative ? -x : x;
}

/* Digits below this of all values are 0: products need so many less. */
static void lower(struct number *a, int digits) {
    memmove(a->digit, a->digit + digits,
            (size_t)(DIGITS - digits) * sizeof *a->digit);
    memset(a->digit + DIGITS - digits, 0, (size_t)digits * sizeof *a->digit);
}

static double oracle(const double *x, const double *y, int n) {
    static struct number kx[N], ky[N], sx, sy, total;
    int skip = DIGITS;
    memset(kx, 0, sizeof kx);
    memset(ky, 0, sizeof ky);
    memset(&sx, 0, sizeof sx);
    memset(&sy, 0, sizeof sy);
    memset(&total, 0, sizeof total);
    for (int i = 0; i < n; i++) {
        add_double(&kx[i], x[i]);
        add_double(&ky[i], y[i]);
        for (int d = 0; d < skip; d++)
            if (kx[i].digit[d] != 0 || ky[i].digit[d] != 0)
                skip = d;
    }
    skip = skip == DIGITS ? 0 : skip;
    for (int i = 0; i < n; i++) {
        lower(&kx[i], skip);
        lower(&ky[i], skip);
        add_product(&total, &kx[i], &ky[i], n);
        for (int d = 0; d < DIGITS; d++) {
            sx.digit[d] += kx[i].digit[d];
            sy.digit[d] += ky[i].digit[d];
        }
        carry(&total);
    }
    add_product(&total, &sx, &sy, -1);
    return nearest(total, 2 * (LOWEST + 16 * skip));
}

/* ---- values -------------------------------------------------------------- */

static double unit(void) {
    return (double)(draw() >> 11) * 0x1p-53;
}

enum { KINDS = 9 };

/* Prices, whole numbers, changes, and what no price is. */
static double value(int kind) {
    switch (kind) {
    case 0: /* a price in cents */
        return round(unit() * 90000 + 1000) / 100;
    case 1:
        return (double)draw_below(1000);
    case 2: /* a change */
        return (unit() - 0.5) * 0.04;
    case 3: /* much mean, hardly any deviation */
        return 1e6 + unit() * 1e-6;
    case 4: /* volume */
        return (double)draw_below(INT64_C(4000000000));
    case 5: /* few bits more than the grid has, or few less */
        return ldexp(unit() - 0.5, (int)draw_below(62));
    case 6: /* far beyond the grid */
        return ldexp(unit() - 0.5, (int)draw_below(400) - 200);
    case 7:
        return draw_below(3) == 0 ? 0.0 : -round(unit() * 100) / 8;
    default: /* near the end of what is exact */
        return ldexp(unit() + 0.5, draw_below(2) ? 478 : 470);
    }
}

static void draw_all(double *x, int n, int kind) {
    for (int i = 0; i < n; i++)
        x[i] = value(kind);
}

static void assert_bits(double got, double want, int kind, int n) {
    if (memcmp(&got, &want, sizeof got) != 0 && !(got == 0 && want == 0))
        fail_msg("kind %d, n %d: %.17g is not %.17g", kind, n, got, want);
}

/* ---- tests --------------------------------------------------------------- */

static void test_exact(void **state) {
    (void)state;
    double x[N], y[N];
    for (int k = 0; k < 60 * KINDS; k++) {
        int kind = k % KINDS, n = 1 + (int)draw_below(40);
        draw_all(x, n, kind);
        draw_all(y, n, draw_below(2) ? kind : kind == 8 ? 1 : kind % 5);
        assert_bits(spread_of(x, x, n), oracle(x, x, n), kind, n);
        if (kind != 8)
            assert_bits(spread_of(x, y, n), oracle(x, y, n), kind, n);
    }
}

/* Moving along is the same as beginning anew. */
static void test_windows(void **state) {
    (void)state;
    enum { LENGTH = 700 };
    static double x[LENGTH], y[LENGTH], out[LENGTH];
    for (int k = 0; k < 4 * KINDS; k++) {
        int kind = k % KINDS, w = 1 + (int)draw_below(k < KINDS ? 4 : 200);
        draw_all(x, LENGTH, kind);
        draw_all(y, LENGTH, kind);
        const double *other = k % 2 ? x : y;
        spread_windows(x, other, LENGTH, w, out);
        for (int i = w - 1; i < LENGTH; i++)
            assert_bits(out[i], spread_of(x + i + 1 - w, other + i + 1 - w, w),
                        kind, w);
    }
}

static void test_edges(void **state) {
    (void)state;
    double same[] = {0.1, 0.1, 0.1}, gap[] = {1, NAN, 3};
    double far[] = {1, INFINITY, 3}, tiny[] = {1e-300, 3e-300};
    assert_true(spread_of(same, same, 3) == 0);
    assert_true(isnan(spread_of(gap, gap, 3)));
    assert_true(isnan(spread_of(gap, same, 3)));
    assert_true(isnan(spread_of(far, far, 3)));
    assert_true(spread_of(tiny, tiny, 2) >= 0);
    assert_true(spread_of((double[]){1, 3}, (double[]){1, 3}, 2) == 4);
    assert_true(spread_of((double[]){1, 3}, (double[]){3, 1}, 2) == -4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests_name("spread", tests, NULL, NULL);
}
