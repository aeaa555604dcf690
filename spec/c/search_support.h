/* Spaces, searches and a game to play with them, for the tests of all kinds. */
#ifndef BT_SPEC_SEARCH_SUPPORT_H
#define BT_SPEC_SEARCH_SUPPORT_H

#include "search/search.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* One of each: linear, logarithmic, normal, steps, words, yes and no. */
static inline bt_space *mixed_space(void) {
    bt_space *s = bt_space_new();
    assert_int_equal(bt_space_float(s, "x", -3, 5, BT_PRIOR_UNIFORM, 10), 0);
    assert_int_equal(
        bt_space_float(s, "rate", 1e-4, 10, BT_PRIOR_LOG_UNIFORM, 10), 0);
    assert_int_equal(bt_space_float(s, "tilt", 0, 1, BT_PRIOR_NORMAL, 10), 0);
    assert_int_equal(bt_space_int(s, "n", -20, 100, 5), 0);
    assert_int_equal(bt_space_choice(s, "mode"), 0);
    assert_int_equal(bt_space_choice_string(s, "fast"), 0);
    assert_int_equal(bt_space_choice_string(s, "slow"), 0);
    assert_int_equal(bt_space_choice_number(s, 3), 0);
    assert_int_equal(bt_space_choice(s, "on"), 0);
    assert_int_equal(bt_space_choice_bool(s, 1), 0);
    assert_int_equal(bt_space_choice_bool(s, 0), 0);
    return s;
}

/* 4 x 3 points. */
static inline bt_space *small_space(void) {
    bt_space *s = bt_space_new();
    assert_int_equal(bt_space_int(s, "n", 10, 40, 10), 0);
    assert_int_equal(bt_space_choice(s, "mode"), 0);
    assert_int_equal(bt_space_choice_string(s, "a"), 0);
    assert_int_equal(bt_space_choice_string(s, "b"), 0);
    assert_int_equal(bt_space_choice_string(s, "c"), 0);
    return s;
}

static inline bt_space *real_space(int dims) {
    bt_space *s = bt_space_new();
    for (int i = 0; i < dims; i++) {
        char name[3] = {(char)('a' + i / 26), (char)('a' + i % 26), 0};
        assert_int_equal(bt_space_float(s, name, 0, 1, BT_PRIOR_UNIFORM, 2), 0);
    }
    return s;
}

static inline struct search_options options_of(int32_t kind, uint64_t seed,
                                               int64_t max_trials) {
    struct search_options o;
    search_options_init(&o, kind);
    o.seed = seed;
    o.max_trials = max_trials;
    return o;
}

/* The same, not stopping before it has to. */
static inline struct search_options patient_options(int32_t kind, uint64_t seed,
                                                    int64_t max_trials) {
    struct search_options o = options_of(kind, seed, max_trials);
    if (kind == BT_SEARCH_GP)
        o.gp.patience = 0;
    return o;
}

static inline struct search *begin(const bt_space *space,
                                   const struct search_options *o) {
    struct search *s = NULL;
    assert_int_equal(search_new(space, o, &s), BT_OK);
    return s;
}

/* A smooth hill, 0 at the top: numbers at 0.7, the rate at 0.1, n at 30, the
 * second of all choices. */
static inline double hill(const struct point *p) {
    double score = 0;
    for (int32_t i = 0; i < p->count; i++) {
        const struct value *v = &p->value[i];
        if (v->choice >= 0)
            score -= v->choice == 1 ? 0 : 1;
        else if (v->kind == VALUE_INT)
            score -= (v->number - 30) * (v->number - 30) / 900;
        else if (i == 1 && p->count == 6)
            score -= pow(log10(v->number) + 1, 2) / 4;
        else
            score -= (v->number - 0.7) * (v->number - 0.7);
    }
    return score;
}

typedef double (*game)(const struct point *p);

/* Ask `batch`, tell them in order, until `trials` are asked or it ends; the
 * canonical texts into out, one a line. Returns how many; *best is the largest
 * score. */
static inline int play(const bt_space *space, struct search *s, game score,
                       int trials, int batch, struct buf *out, double *best) {
    struct point asked[64];
    int count = 0;
    bool more = true;
    *best = -INFINITY;
    while (more && count < trials) {
        int n = 0;
        while (n < batch && count + n < trials &&
               (more = search_ask(s, &asked[n])))
            n++;
        for (int i = 0; i < n; i++) {
            double value = score(&asked[i]);
            search_tell(s, &asked[i], value);
            *best = value > *best ? value : *best;
            if (out) {
                point_canonical(space, &asked[i], out);
                buf_chr(out, '\n');
            }
        }
        count += n;
    }
    return count;
}

#endif
