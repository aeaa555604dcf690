/* The exact sum of doubles, rounded once.
 *
 * A sum has one value here: the exact sum of its terms, rounded to the nearest
 * double (ties to even). So order, blocking, SIMD and caching cannot change it.
 *
 * Fast way. two_sum(a, b) gives s = fl(a + b) and the error e with s + e = a +
 * b exactly (Knuth; holds without overflow). Carry the running sum as a pair:
 * add x to s, the error to lo, and watch whether that second addition rounds.
 * If it never does, s + lo is the exact sum and fl(s + lo) rounds it once. So
 * it is for prices and volumes: thousands of terms of like magnitude need some
 * 70 of the pair's 106 bits. An overflow, an infinity or a NaN leaves a NaN in
 * the error, which counts as rounding.
 *
 * Sure way. Every finite double is an integer times 2^-1074; add_wide() adds it
 * to a 2,200-bit integer held in 32-bit digits of 64-bit words, so that 2^30
 * terms go by between carries (Neal 2015, the small superaccumulator). The
 * integer is exact and cannot overflow, and is rounded once at the end.
 *
 * Prefix sums. sum[i] is the same pair, renormalised, which is exact. Where
 * adding the errors does round, all is added up once more from pairs that are
 * renormalised at each step: a chain of seven additions a row instead of one,
 * but of the smallest errors. A rounding error r is itself known exactly from
 * two_sum, and |r| is added up in `bound`: no sum[i] is further from the truth
 * than bound. A window is a difference of two pairs.
 * With s + e = a.hi - b.hi, t + f = a.lo - b.lo and u + r = e + t:
 *     window = s + u + r + f + (errors of a and b)
 * - r, f and bound all zero: the window is exactly s + u, and fl(s + u) rounds
 *   it once. This is the rule.
 * - else let h + l = s + u exactly, h = fl(s + u). The window lies within
 *   E = |r| + |f| + 2 bound of h + l. Rounding is monotone: if both ends of
 *   [l - E, l + E], widened by more than the error of computing them, give h
 *   when added to h, so does everything between, the window included. A tie or
 *   cancellation fails this test for E > 0.
 * - else exact_sum over the window itself. Rare: E is about 2^-53 of an ulp.
 * So whichever way is taken the result is the correctly rounded exact sum.
 */
#include "base/exact.h"

#include "backlua.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

/* s + *error == a + b exactly, s = fl(a + b). */
static inline double two_sum(double a, double b, double *error) {
    double s = a + b;
    double b_part = s - a;
    double a_part = s - b_part;
    *error = (a - a_part) + (b - b_part);
    return s;
}

/* The same for |a| >= |b| or a == 0. */
static inline double fast_two_sum(double a, double b, double *error) {
    double s = a + b;
    *error = b - (s - a);
    return s;
}

/* ---- double-double ------------------------------------------------------- */

struct dd dd_add(struct dd a, struct dd b) {
    struct dd r;
    double e, f;
    double s = two_sum(a.hi, b.hi, &e);
    double t = two_sum(a.lo, b.lo, &f);
    s = fast_two_sum(s, e + t, &e);
    r.hi = fast_two_sum(s, e + f, &r.lo);
    return r;
}

struct dd dd_add_d(struct dd a, double b) {
    struct dd r;
    double e;
    double s = two_sum(a.hi, b, &e);
    r.hi = fast_two_sum(s, a.lo + e, &r.lo);
    return r;
}

struct dd dd_sub(struct dd a, struct dd b) {
    return dd_add(a, (struct dd){-b.hi, -b.lo});
}

/* ---- the wide integer -----------------------------------------------------
 */

enum {
    WIDE_SHIFT = 64,     /* two digits of zeros below 2^-1074 */
    WIDE_DIGITS = 70,    /* 64 + 2046 + 53 bits, and 60 for carries */
    WIDE_TERMS = 1 << 30 /* terms between carries */
};

struct wide {
    int64_t digit[WIDE_DIGITS]; /* weight 2^(32 i - 64 - 1074) */
};

/* Add a finite x: up to 53 bits, in three digits. */
static void add_wide(struct wide *w, double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    unsigned exponent = bits >> 52 & 0x7FF;
    uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
    if (exponent)
        mantissa |= UINT64_C(1) << 52;
    unsigned position = WIDE_SHIFT + (exponent ? exponent - 1 : 0);
    u128 shifted = (u128)mantissa << position % 32;
    int64_t sign = bits >> 63 ? -1 : 1;
    int64_t *digit = &w->digit[position / 32];
    digit[0] += sign * (int64_t)(uint32_t)shifted;
    digit[1] += sign * (int64_t)(uint32_t)(shifted >> 32);
    digit[2] += sign * (int64_t)(uint32_t)(shifted >> 64);
}

/* Every digit but the top one into [0, 2^32); the top one takes the sign. */
static void carry_wide(struct wide *w) {
    int64_t carry = 0;
    for (int i = 0; i < WIDE_DIGITS - 1; i++) {
        int64_t v = w->digit[i] + carry;
        carry = v >> 32;
        w->digit[i] = v & INT64_C(0xFFFFFFFF);
    }
    w->digit[WIDE_DIGITS - 1] += carry;
}

/* Make it non-negative; true when it was negative. */
static bool absolute_wide(struct wide *w) {
    carry_wide(w);
    if (w->digit[WIDE_DIGITS - 1] >= 0)
        return false;
    for (int i = 0; i < WIDE_DIGITS; i++)
        w->digit[i] = -w->digit[i];
    carry_wide(w);
    return true;
}

/* Bits of the double nearest to v * 2^(32 (top - 2) - 64 - 1074), v >= 2^64;
 * sticky: there is something below v. */
static uint64_t round_bits(u128 v, int top, bool sticky) {
    int length = 128 - __builtin_clzll((uint64_t)(v >> 64));
    int highest = 32 * (top - 2) + length - 1 - WIDE_SHIFT;
    if (highest < 53) /* the bits of a double below 2^-1021 are its integer */
        return (uint64_t)(v >> (WIDE_SHIFT - 32 * (top - 2)));
    int drop = length - 53;
    uint64_t mantissa = (uint64_t)(v >> drop);
    u128 rest = v & (((u128)1 << drop) - 1), half = (u128)1 << (drop - 1);
    if (rest > half || (rest == half && (sticky || mantissa & 1)))
        mantissa++; /* 2^53 carries into the exponent, as it should */
    uint64_t bits = ((uint64_t)(highest - 52) << 52) + mantissa;
    uint64_t infinity = UINT64_C(0x7FF) << 52;
    return bits < infinity ? bits : infinity;
}

static double round_wide(struct wide *w) {
    bool negative = absolute_wide(w);
    int top = WIDE_DIGITS - 1;
    while (top > 2 && w->digit[top] == 0)
        top--;
    if (w->digit[top] == 0)
        return 0.0; /* the two lowest digits are always zero */
    u128 v = (u128)w->digit[top] << 64 | (u128)w->digit[top - 1] << 32 |
             (u128)w->digit[top - 2];
    bool sticky = false;
    for (int i = 0; i < top - 2; i++)
        sticky |= w->digit[i] != 0;
    uint64_t bits = round_bits(v, top, sticky);
    double magnitude;
    memcpy(&magnitude, &bits, sizeof magnitude);
    return negative ? -magnitude : magnitude;
}

static double sum_wide(const double *x, int64_t n) {
    struct wide w = {{0}};
    double special = 0; /* infinities and NaN add up by IEEE rules */
    for (int64_t i = 0; i < n; i++) {
        if (isfinite(x[i]))
            add_wide(&w, x[i]);
        else
            special += x[i];
        if (i % WIDE_TERMS == WIDE_TERMS - 1)
            carry_wide(&w);
    }
    if (isnan(special))
        return NAN;
    return special != 0 ? special : round_wide(&w);
}

double exact_sum(const double *x, int64_t n) {
    double s = 0, lo = 0, lost = 0;
    for (int64_t i = 0; i < n; i++) {
        double e, r;
        s = two_sum(s, x[i], &e);
        lo = two_sum(lo, e, &r);
        lost += fabs(r);
    }
    return lost == 0 ? s + lo : sum_wide(x, n);
}

/* ---- prefix sums ------------------------------------------------------------
 */

/* All x are multiples of a power of two u, u >= min|x| 2^-53, hence all heads
 * and tails, and what is lost when two heads are subtracted. A tail is at most
 * 2^-53 of the largest sum s, and so is that loss of 2 s; the sum of the loss
 * and of two tails, at most 2^-51 s, does not round while it is below 2^53 u:
 *
 *     s <= 2^104 u, for which s <= 2^51 min|x| is enough.
 */
static bool is_certain(double largest_sum, double least) {
    return largest_sum <= 0x1p51 * least;
}

/* In front of the sums in storage, so that other processes can attach. */
struct header {
    int64_t n, lead, clean;
    double bound;
    int64_t certain, unused;
    struct dd before; /* sum[-1]; it ends the cache line */
};
_Static_assert(sizeof(struct header) == 64, "sum[-1] is header.before");

/* How many NaN x begins with, and the row behind its last one: the same where
 * there are no others. */
static void find_gaps(const double *x, int64_t n, int64_t *lead,
                      int64_t *clean) {
    int64_t first = 0, last = n;
    while (first < n && isnan(x[first]))
        first++;
    while (last > first && !isnan(x[last - 1]))
        last--;
    *lead = first;
    *clean = last;
}

size_t prefix_bytes(const double *x, int64_t n) {
    int64_t lead, clean;
    find_gaps(x, n, &lead, &clean);
    size_t gap = lead < clean ? sizeof(int64_t) : 0;
    return sizeof(struct header) + ((size_t)n + 1) * (sizeof(struct dd) + gap);
}

void prefix_attach(struct prefix *p, const double *x, int64_t n,
                   const void *storage) {
    const struct header *header = storage;
    const struct dd *sum = (const struct dd *)(header + 1);
    bool has_gaps = header->lead < header->clean;
    assert(header->n == n);
    *p = (struct prefix){x,
                         n,
                         sum,
                         has_gaps ? (const int64_t *)(sum + n + 1) : NULL,
                         header->lead,
                         header->clean,
                         header->bound,
                         header->certain != 0};
}

static void note_gaps(const double *x, int64_t n, int64_t *gap) {
    int64_t last = 0;
    gap[0] = 0;
    for (int64_t i = 0; i < n; i++)
        gap[i + 1] = last = isnan(x[i]) ? i + 1 : last;
}

/* Of the sums and of the terms but 0. */
struct extremes {
    double largest_sum, least;
};

static inline void look_at(struct extremes *e, double x, double sum) {
    double size = fabs(x);
    e->largest_sum = fabs(sum) > e->largest_sum ? fabs(sum) : e->largest_sum;
    e->least = size < e->least && size != 0 ? size : e->least;
}

static inline double term(double x) {
    return isnan(x) ? 0 : x;
}

/* Fill sum[0 .. n]; false when something rounded. */
static bool add_up(const double *x, int64_t n, struct dd *sum,
                   struct extremes *of) {
    double s = 0, lo = 0, lost = 0;
    sum[0] = (struct dd){0, 0};
    for (int64_t i = 0; i < n; i++) {
        double e, r;
        s = two_sum(s, term(x[i]), &e);
        lo = two_sum(lo, e, &r);
        lost += fabs(r);
        sum[i + 1].hi = two_sum(s, lo, &sum[i + 1].lo);
        look_at(of, x[i], sum[i + 1].hi);
    }
    return lost == 0;
}

/* The same with what was lost, at most. */
static double add_up_closely(const double *x, int64_t n, struct dd *sum,
                             struct extremes *of) {
    struct dd total = {0, 0};
    double bound = 0;
    sum[0] = total;
    for (int64_t i = 0; i < n; i++) {
        double e, r;
        double s = two_sum(total.hi, term(x[i]), &e);
        double lo = two_sum(total.lo, e, &r);
        total.hi = two_sum(s, lo, &total.lo);
        bound += fabs(r);
        look_at(of, x[i], total.hi);
        sum[i + 1] = total;
    }
    /* These additions may have rounded down, each by 2^-53 at most. */
    return bound + bound * (double)n * 0x1p-52;
}

void prefix_build(struct prefix *p, const double *x, int64_t n, void *storage) {
    struct header h = {.n = n, .before = {NAN, NAN}};
    struct dd *sum = (struct dd *)((struct header *)storage + 1);
    struct extremes of = {0, INFINITY};
    find_gaps(x, n, &h.lead, &h.clean);
    if (h.lead < h.clean)
        note_gaps(x, n, (int64_t *)(sum + n + 1));
    if (!add_up(x, n, sum, &of))
        h.bound = add_up_closely(x, n, sum, &of);
    for (int64_t i = 0; i < h.lead; i++)
        sum[i] = (struct dd){NAN, NAN};
    h.certain = h.bound == 0 && is_certain(of.largest_sum, of.least);
    memcpy(storage, &h, sizeof h);
    prefix_attach(p, x, n, storage);
}

double prefix_sum_checked(const struct prefix *p, int64_t from, int64_t to) {
    bool begins_early = from < p->lead && from < to;
    if (from < 0 || begins_early || (p->gap && p->gap[to] > from))
        return NAN;
    if (from >= to)
        return 0.0;
    struct dd a = p->sum[to], b = p->sum[from];
    double e, f, r, l;
    double s = two_sum(a.hi, -b.hi, &e);
    double t = two_sum(a.lo, -b.lo, &f);
    double u = two_sum(e, t, &r);
    double error = fabs(r) + fabs(f) + 2 * p->bound;
    if (error == 0)
        return s + u;
    double h = two_sum(s, u, &l);
    double reach = (error + fabs(l)) * 0x1p-50 + error;
    if (h + (l + reach) == h && h + (l - reach) == h)
        return h;
    return exact_sum(p->x + from, to - from);
}
