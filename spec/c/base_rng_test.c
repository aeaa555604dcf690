/* Random streams: published vectors, ranges, and normals whose distribution
 * function gives back the uniform number they were made from. */
#include "base/rng.h"

#include "base/digest.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void published_vectors(void **state) {
    (void)state;
    /* xoshiro256++ from the state 1, 2, 3, 4 (tests of the Rust crate
     * rand_xoshiro, made with the authors' C code) */
    static const uint64_t want[] = {UINT64_C(41943041),
                                    UINT64_C(58720359),
                                    UINT64_C(3588806011781223),
                                    UINT64_C(3591011842654386),
                                    UINT64_C(9228616714210784205),
                                    UINT64_C(9973669472204895162),
                                    UINT64_C(14011001112246962877),
                                    UINT64_C(12406186145184390807),
                                    UINT64_C(15849039046786891736),
                                    UINT64_C(10450023813501588000)};
    struct rng r = {{1, 2, 3, 4}};
    for (size_t i = 0; i < 10; i++)
        assert_true(rng_u64(&r) == want[i]);
    /* splitmix64 from 1234567 (rosettacode.org) */
    static const uint64_t mixed[] = {
        UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
        UINT64_C(9817491932198370423), UINT64_C(4593380528125082431)};
    rng_seed(&r, 1234567);
    assert_memory_equal(r.s, mixed, sizeof mixed);
}

static void keys_are_digests(void **state) {
    (void)state;
    static const char layout[] = "\5\0\0\0\0\0\0\0"
                                 "\6\0\0\0\0\0\0\0fast=2"
                                 "\1\2\0\0\0\0\0\0";
    uint8_t raw[DIGEST_BYTES];
    struct rng r, again, other;
    digest_bytes(layout, sizeof layout - 1, raw);
    rng_key(&r, 5, "fast=2", 513);
    assert_memory_equal(r.s, raw, sizeof raw); /* on this little-endian one */
    rng_key(&again, 5, "fast=2", 513);
    assert_memory_equal(r.s, again.s, sizeof r.s);
    rng_key(&other, 6, "fast=2", 513);
    assert_memory_not_equal(r.s, other.s, sizeof r.s);
    rng_key(&other, 5, "fast=3", 513);
    assert_memory_not_equal(r.s, other.s, sizeof r.s);
    rng_key(&other, 5, "fast=2", 514);
    assert_memory_not_equal(r.s, other.s, sizeof r.s);
}

/* A stream whose first draw is v: with s[0] = 0 it is s[3] turned by 23. */
static struct rng about_to_draw(uint64_t v) {
    return (struct rng){{0, 1, 2, v >> 23 | v << 41}};
}

static void unit_is_half_open(void **state) {
    (void)state;
    struct rng r = about_to_draw(0);
    assert_true(rng_unit(&r) == 0);
    r = about_to_draw(UINT64_MAX);
    assert_true(rng_unit(&r) == 1 - 0x1p-53);
    rng_seed(&r, 1);
    double sum = 0;
    for (int i = 0; i < 100000; i++)
        sum += rng_unit(&r);
    /* mean of 1e5 uniforms: sigma 0.00091 */
    assert_true(fabs(sum / 1e5 - 0.5) < 0.005);
}

static void ranges_are_even(void **state) {
    (void)state;
    struct rng r;
    int count[7] = {0};
    rng_seed(&r, 2);
    for (int i = 0; i < 70000; i++) {
        int64_t v = rng_range(&r, -3, 3);
        assert_true(v >= -3 && v <= 3);
        count[v + 3]++;
    }
    double chi = 0;
    for (int i = 0; i < 7; i++)
        chi += (count[i] - 10000.0) * (count[i] - 10000.0) / 10000;
    assert_true(chi < 22.46); /* 99.9 % of chi squared with 6 degrees */
}

static void ranges_at_the_edges(void **state) {
    (void)state;
    struct rng r;
    rng_seed(&r, 3);
    assert_int_equal(rng_range(&r, 5, 5), 5);
    assert_int_equal(rng_range(&r, 5, 4), 5);
    r = about_to_draw(0);
    assert_true(rng_range(&r, INT64_MIN, INT64_MAX) == INT64_MIN);
    r = about_to_draw(UINT64_MAX);
    assert_true(rng_range(&r, INT64_MIN, INT64_MAX) == INT64_MAX);
    /* 2^63 + 1 values: almost every other draw is thrown away; 2^64 mod that
     * is 2^63 - 1, so this draw is the last one that is */
    r = about_to_draw((UINT64_C(1) << 63) - 2);
    struct rng next = r;
    rng_u64(&next);
    uint64_t second = rng_u64(&next);
    while (second < (UINT64_C(1) << 63) - 1)
        second = rng_u64(&next);
    assert_true(
        rng_range(&r, INT64_MIN, 0) ==
        (int64_t)(second % ((UINT64_C(1) << 63) + 1) - (UINT64_C(1) << 63)));
    assert_memory_equal(r.s, next.s, sizeof r.s);
    r = about_to_draw((UINT64_C(1) << 63) - 1); /* the first that is kept */
    assert_int_equal(rng_range(&r, INT64_MIN, 0), -1);
}

/* Relative error of Phi(z) against p. */
static double phi_error(double z, double p) {
    return fabs(0.5 * erfc(-z / sqrt(2)) - p) / p;
}

static void normals_invert_the_distribution(void **state) {
    (void)state;
    for (int e = 1; e <= 52; e++)
        for (uint64_t k = 0; k < 40; k++) {
            /* p = (2 v + 1) 2^-53 around 2^-e */
            uint64_t v = (UINT64_C(1) << (52 - e)) * (40 + k) / 40;
            if (v >= UINT64_C(1) << 51)
                continue;
            double p = (double)(2 * v + 1) * 0x1p-53;
            struct rng low = about_to_draw(v << 12);
            struct rng high =
                about_to_draw(((UINT64_C(1) << 52) - 1 - v) << 12);
            double z = rng_normal(&low);
            /* d ln Phi = |z| dz for large |z|: 1e-15 in z counts up to 8e-15 */
            if (phi_error(z, p) > 2e-14 * (1 + z * z))
                fail_msg("p = %a gave %.17g", p, z);
            assert_true(rng_normal(&high) == -z);
        }
}

static void normal_by_the_table(void **state) {
    (void)state;
    /* Phi^-1(0.975) = 1.959963984540054, Phi^-1(0.75) = 0.6744897501960817 */
    struct rng r = about_to_draw((uint64_t)(0.975 * 0x1p52) << 12);
    assert_true(fabs(rng_normal(&r) - 1.959963984540054) < 1e-14);
    r = about_to_draw((uint64_t)(0.75 * 0x1p52) << 12);
    assert_true(fabs(rng_normal(&r) - 0.6744897501960817) < 1e-14);
    r = about_to_draw(0); /* p = 2^-53, the farthest */
    double z = rng_normal(&r);
    assert_true(z < -8.2 && z > -8.3);
    double sum = 0, squares = 0;
    rng_seed(&r, 4);
    for (int i = 0; i < 100000; i++) {
        z = rng_normal(&r);
        sum += z;
        squares += z * z;
    }
    assert_true(fabs(sum / 1e5) < 0.016);         /* 5 sigma */
    assert_true(fabs(squares / 1e5 - 1) < 0.023); /* 5 sigma */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(keys_are_digests),
        cmocka_unit_test(unit_is_half_open),
        cmocka_unit_test(ranges_are_even),
        cmocka_unit_test(ranges_at_the_edges),
        cmocka_unit_test(normals_invert_the_distribution),
        cmocka_unit_test(normal_by_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
