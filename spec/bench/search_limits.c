/* Three of the functions with constraints on the result that shut out their
 * least, so that the best place is on the border:
 *
 *     branin       x0 + x1 >= 10 and x0 <= 8        0.9248 at (-3.33, 13.33)
 *     hartmann6    sum of x <= 1.8                  -3.1233
 *     rosenbrock5  sum of x <= 3                    0.4775
 *
 * (by Nelder-Mead from 60 starts, over the box and along the border, which
 * agree to 1e-12). Of random points 45, 5 and 16 % hold them.
 *
 * The regret of the best trial that holds them, beside two that a search must
 * beat to be worth its constraints: random search, and the same Gaussian
 * process that is told of scores alone. After the last check a Mann-Whitney
 * test asks of each function how likely the other came to be so much worse, and
 * what all of them say together (Fisher: so small a product of p-values) must
 * be below 0.01. Of branin a third of the seeds still sits at the corner of the
 * two constraints by then, 7.9 off.
 */
#include "search_limits.h"

#include "search_bench.h"
#include "search_cases.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMITED = 3, LATER = 3 /* checks */, SEEDS = 1000 };

static double off_branin(const double *x) {
    return fmax(10 - x[0] - x[1], 0) + fmax(x[0] - 8, 0);
}

static double sum_of(const double *x, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

static double off_hartmann6(const double *x) {
    return fmax(sum_of(x, 6) - 1.8, 0);
}

static double off_rosenbrock5(const double *x) {
    return fmax(sum_of(x, 5) - 3, 0);
}

/* Of functions[] the first three. */
static const struct {
    double (*off)(const double *x);
    double least;
} limits[LIMITED] = {
    {off_branin, 0.924816825583475},
    {off_hartmann6, -3.1233068635722},
    {off_rosenbrock5, 0.477537336943831},
};

/* How it is played. */
enum way { TOLD, BLIND, RANDOM, WAYS };
static const char *const names[WAYS] = {"told of them", "told of scores alone",
                                        "random search"};

static double regret[WAYS][LATER][SEEDS];

/* Options of the command line are the Gaussian process's. */
static struct search *begin(const bt_space *space, enum way way, int seed) {
    struct search_options o;
    struct search *s = NULL;
    if (way != RANDOM)
        return start(space, BT_SEARCH_GP, (uint64_t)seed, checks[LATER - 1]);
    search_options_init(&o, BT_SEARCH_RANDOM);
    o.seed = (uint64_t)seed;
    o.max_trials = checks[LATER - 1];
    if (search_new(space, &o, &s))
        exit(1);
    return s;
}

/* regret[way][check][seed - 1] of one seed; infinite before a trial holds. */
static void play(int f, const bt_space *space, enum way way, int seed) {
    struct search *s = begin(space, way, seed);
    double best = INFINITY, x[SPACE_MAX];
    struct point p;
    for (int n = 1, check = 0; check < LATER && search_ask(s, &p); n++) {
        for (int i = 0; i < functions[f].dims; i++)
            x[i] = p.value[i].number;
        double y = functions[f].f(x), off = limits[f].off(x);
        bt_verdict verdict = {{-y}, way == BLIND ? 0 : off, 0};
        search_judge(s, &p, &verdict);
        if (off <= 0)
            best = fmin(best, y);
        if (n == checks[check])
            regret[way][check++][seed - 1] = best - limits[f].least;
    }
    search_free(s);
}

/* Medians; p [way] *= how likely that way came to be so much worse than the one
 * that is told. */
static void report(int f, int seeds, double *p) {
    for (int way = 0; way < WAYS; way++) {
        double chance = chance_of(regret[way][LATER - 1], seeds,
                                  regret[TOLD][LATER - 1], seeds);
        p[way] *= chance;
        printf("  %-12s %-21s", way ? "" : functions[f].name, names[way]);
        for (int check = 0; check < LATER; check++)
            printf(" %10.3g", median(regret[way][check], seeds));
        if (way)
            printf("  worse at p = %.2g", chance);
        printf("\n");
    }
}

/* How likely a product of `count` p-values is so small by chance. */
static double together(double product, int count) {
    double term = product, sum = 0, log_product = log(product);
    for (int i = 0; i < count && product > 0; i++) {
        sum += term;
        term *= -log_product / (i + 1);
    }
    return sum;
}

static void play_all(int f, int seeds) {
    bt_space *space =
        space_of(functions[f].dims, functions[f].low, functions[f].high);
    for (int way = 0; way < WAYS; way++) {
        for (int seed = 1; seed <= seeds; seed++)
            play(f, space, way, seed);
    }
    bt_space_free(space);
}

bool limits_judge(int seeds, const char *function) {
    double product[WAYS] = {1, 1, 1};
    int played = 0;
    bool better = true;
    printf("\ngp within constraints on the result: median regret of the best "
           "trial that holds them, after 25, 50, 100\n");
    for (int f = 0; f < LIMITED; f++) {
        if (function && strcmp(function, functions[f].name) != 0)
            continue;
        play_all(f, seeds);
        report(f, seeds, product);
        played++;
    }
    for (int way = 1; way < WAYS && played > 0; way++) {
        double p = together(product[way], played);
        printf("  %s is worse at p = %.2g: %s\n", names[way], p,
               p < 0.01 ? "ok" : "NOT CLEAR");
        better = better && p < 0.01;
    }
    return better;
}
