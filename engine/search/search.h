/* Where to look next: ask and tell, knowing nothing of strategies.
 *
 * A search hands out points with ascending numbers 1, 2, ... and is told what
 * they came to in the same order. Its stream of points depends on (space,
 * options, seed, tells in order) alone.
 * A search that never looks at scores says so (adaptive = 0), and then may be
 * asked ahead without limit.
 */
#ifndef BT_SEARCH_SEARCH_H
#define BT_SEARCH_SEARCH_H

#include "search/space.h"

#include <stdbool.h>
#include <stdint.h>

struct search;

/* What a kind may be told beside the space. Filled by search_options_init and
 * changed by name (bt_search_options_number, _word), so that each option has
 * one row in one table: name, limits, default (options.c). */
struct grid_options {
    int32_t rounds; /* early_stopping_rounds: trials without a better one; 0 =
                       the whole grid */
};

struct random_options {
    int32_t retries; /* max_retries: of a draw that was there before */
};

struct tpe_options {
    int32_t startup;    /* n_startup_trials: told before the model asks */
    int32_t candidates; /* n_candidates drawn from l(x) at an ask */
    int32_t together;   /* multivariate: one kernel index for all axes;
                           -1: with one objective */
    int32_t group;      /* parameters that are active together, on their own */
};

enum acquisition { ACQUIRE_EI, ACQUIRE_PI, ACQUIRE_LCB };
enum believing { BELIEVE_WORST, BELIEVE_MEAN };

struct gp_options {
    int32_t acquisition; /* acq_func */
    int32_t believe;     /* batch_strategy: what a pending trial may score */
    int32_t startup;     /* n_initial_points, space filling */
    int32_t patience;    /* convergence_patience, 0 = never stops early */
    int32_t noisy;       /* 1 = the noise is fitted, too */
    double kappa;        /* LCB: standard deviations */
    double xi;           /* EI, PI: least improvement, in units of the score */
    double threshold;    /* convergence_threshold, in units of the score */
};

enum selection { SELECT_TOURNAMENT, SELECT_ROULETTE, SELECT_RANK };

struct genetic_options {
    int32_t population, generations, selection, tournament;
    int32_t elite;    /* individuals; -1 = 10 % of the population */
    int32_t patience; /* generations without a better one; 0 = no limit */
    double crossover, mutation; /* probabilities */
    double target;              /* score to stop at; infinite = none */
    double diversity;           /* mean spread below which newcomers fill up */
};

enum restarts { RESTART_BIPOP, RESTART_IPOP, RESTART_NEVER };

struct nsga_options {
    int32_t population;
    double crossover, mutation; /* probabilities; mutation -1: 1 / dimensions */
};

struct cmaes_options {
    int32_t population; /* 0 = 4 + floor(3 ln dimensions) */
    int32_t restarts;
    double sigma; /* sigma0, as a share of each range */
};

/* Space and inner options are borrowed; see walk.c. */
struct walk_options {
    const bt_space *space; /* of the inner search */
    const struct search_options *inner;
    int64_t trials;  /* of a window's search that count; 0 = to its own end */
    int32_t windows; /* 1.. */
    int32_t keep;    /* candidates that are validated */
    bool validation;
};

/* A trial of another time. */
struct known {
    struct point point;
    bt_verdict verdict;
};

struct search_options {
    int32_t kind; /* BT_SEARCH_* */
    uint64_t seed;
    int64_t max_trials; /* points to hand out; 0 = the search's own end */
    int32_t objectives; /* 1 .. BT_OBJECTIVES_MAX */
    union {
        struct grid_options grid;
        struct random_options random;
        struct tpe_options tpe;
        struct gp_options gp;
        struct genetic_options genetic;
        struct cmaes_options cmaes;
        struct nsga_options nsga;
        struct walk_options walk;
    };
    struct known *known; /* told before the first ask; owned */
    int32_t known_count;
};

/* A kind with its defaults: seed 0, no limit. */
void search_options_init(struct search_options *o, int32_t kind);
/* "gp(acq_func=EI,...)": canonical, part of a study's manifest. Seed and limit
 * are not in it. */
void search_options_describe(const struct search_options *o, struct buf *out);

/* errors BT_E_USAGE an empty space, a search that does not suit it; BT_E_RANGE
 * an option (names it and its limits) */
bt_status search_new(const bt_space *space, const struct search_options *o,
                     struct search **out);
void search_free(struct search *s);
bool search_is_adaptive(const struct search *s);
/* Next point; false when there is none left. A search may also say no until
 * all that it asked has been told, and only then go on (walk.c). */
bool search_ask(struct search *s, struct point *out);
void search_judge(struct search *s, const struct point *p, const bt_verdict *v);
/* A verdict that is one score; NaN: no number. */
void search_tell(struct search *s, const struct point *p, double score);
/* In place of a verdict: a constraint excluded the point, it cost no trial. */
void search_exclude(struct search *s, const struct point *p);
/* Points of one group may be held against each other before their end: the
 * number of the group, from 0; -1: the point is not to be held against any. */
int32_t search_group(const struct search *s, const struct point *p);
/* Points it will hand out, -1 when not known beforehand. */
double search_total(const struct search *s);

#endif
