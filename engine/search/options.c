/* The options of every kind of search, by name.
 *
 * One row says all there is to know of an option: where it lives in struct
 * search_options, what it may be, and what it is unless told otherwise. Setting
 * by name, defaults and the text in a study's manifest all read these rows, so
 * they cannot disagree. A linear walk over at most ten rows at each call.
 */
#include "search/kind.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum option_type { OPTION_COUNT, OPTION_REAL, OPTION_WORD };

struct option {
    const char *name;
    size_t at;
    double fallback, min, max;
    const char *words[4]; /* WORD: the value is a position */
    enum option_type type;
    bool silent; /* described only where it is not the usual */
};

#define AT(field) offsetof(struct search_options, field)
#define COUNT(option, field, usual, lowest, highest)                           \
    .name = option, .type = OPTION_COUNT, .at = AT(field), .fallback = usual,  \
    .min = lowest, .max = highest
#define REAL(option, field, usual, lowest, highest)                            \
    .name = option, .type = OPTION_REAL, .at = AT(field), .fallback = usual,   \
    .min = lowest, .max = highest
#define WORD(option, field, ...)                                               \
    .name = option, .type = OPTION_WORD, .at = AT(field), .words = {__VA_ARGS__}

static const struct option none[] = {{.name = NULL}};

static const struct option grid[] = {
    {COUNT("early_stopping_rounds", grid.rounds, 0, 0, 1e9), .silent = true},
    {.name = NULL},
};

static const struct option draws[] = {
    {COUNT("max_retries", random.retries, 100, 0, 1e6), .silent = true},
    {.name = NULL},
};

static const struct option tpe[] = {
    {COUNT("n_startup_trials", tpe.startup, 10, 0, 1e6)},
    {COUNT("n_candidates", tpe.candidates, 24, 1, 10000)},
    {COUNT("multivariate", tpe.together, -1, -1, 1)},
    {COUNT("group", tpe.group, 1, 0, 1)},
    {.name = NULL},
};

static const struct option gp[] = {
    {WORD("acq_func", gp.acquisition, "EI", "PI", "LCB")},
    {REAL("kappa", gp.kappa, 1.96, 0, 1e6)},
    {REAL("xi", gp.xi, 0.01, 0, 1e300)},
    {COUNT("n_initial_points", gp.startup, 10, 2, 1e6)},
    {REAL("convergence_threshold", gp.threshold, 1e-4, 0, 1e300)},
    {COUNT("convergence_patience", gp.patience, 10, 0, 1e9)},
    {COUNT("noisy", gp.noisy, 0, 0, 1)},
    {WORD("batch_strategy", gp.believe, "constant_liar", "kriging_believer")},
    {.name = NULL},
};

static const struct option genetic[] = {
    {COUNT("population_size", genetic.population, 50, 2, 100000)},
    {COUNT("max_generations", genetic.generations, 100, 1, 1e9)},
    {WORD("selection", genetic.selection, "tournament", "roulette", "rank")},
    {COUNT("tournament_size", genetic.tournament, 3, 2, 1000)},
    {REAL("crossover_prob", genetic.crossover, 0.8, 0, 1)},
    {REAL("mutation_prob", genetic.mutation, 0.2, 0, 1)},
    {COUNT("elite_size", genetic.elite, -1, -1, 100000)},
    {COUNT("patience", genetic.patience, 0, 0, 1e9)},
    {REAL("target_fitness", genetic.target, INFINITY, -INFINITY, INFINITY)},
    {REAL("diversity_threshold", genetic.diversity, 0.01, 0, 1)},
    {.name = NULL},
};

static const struct option cmaes[] = {
    {COUNT("population_size", cmaes.population, 0, 0, 100000)},
    {REAL("sigma0", cmaes.sigma, 1.0 / 6, 1e-6, 1)},
    {WORD("restarts", cmaes.restarts, "bipop", "ipop", "none")},
    {.name = NULL},
};

static const struct option nsga[] = {
    {COUNT("population_size", nsga.population, 50, 2, 100000)},
    {REAL("crossover_prob", nsga.crossover, 0.9, 0, 1)},
    {REAL("mutation_prob", nsga.mutation, -1, -1, 1)},
    {.name = NULL},
};

static const struct {
    const char *name;
    const struct option *options;
    bool single; /* knows one objective only */
} kinds[] = {
    [BT_SEARCH_GRID] = {"grid", grid, false},
    [BT_SEARCH_RANDOM] = {"random", draws, false},
    [BT_SEARCH_SOBOL] = {"sobol", none, false},
    [BT_SEARCH_LATIN] = {"lhs", none, false},
    [BT_SEARCH_TPE] = {"tpe", tpe, false},
    [BT_SEARCH_GP] = {"gp", gp, true},
    [BT_SEARCH_GENETIC] = {"genetic", genetic, true},
    [BT_SEARCH_CMAES] = {"cmaes", cmaes, true},
    [BT_SEARCH_NSGA2] = {"nsga2", nsga, false},
    [BT_SEARCH_LISTED] = {"listed", none, false},
    [BT_SEARCH_WALK] = {"walk", none, true},
};

enum {
    KINDS = sizeof kinds / sizeof kinds[0],
    NAMED = BT_SEARCH_WALK, /* a walk is more than a name: walk.c */
    NAMES = 16
};

static void put(struct search_options *o, const struct option *row, double v) {
    void *at = (char *)o + row->at;
    if (row->type == OPTION_REAL)
        *(double *)at = v;
    else
        *(int32_t *)at = (int32_t)v;
}

static double get(const struct search_options *o, const struct option *row) {
    const void *at = (const char *)o + row->at;
    return row->type == OPTION_REAL ? *(const double *)at
                                    : (double)*(const int32_t *)at;
}

void search_options_init(struct search_options *o, int32_t kind) {
    *o = (struct search_options){.kind = kind, .objectives = 1};
    if (kind < 0 || kind >= KINDS)
        return;
    for (const struct option *row = kinds[kind].options; row->name; row++)
        put(o, row, row->fallback);
}

static uint64_t stir(uint64_t h, double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    h = (h ^ bits) * UINT64_C(0x100000001b3);
    return h ^ h >> 29;
}

/* What is known as a number: FNV-1a over coordinates and scores. */
static uint64_t known_hash(const struct search_options *o) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (int32_t k = 0; k < o->known_count; k++) {
        const struct point *p = &o->known[k].point;
        for (int32_t i = 0; i < p->count; i++) {
            const struct value *v = &p->value[i];
            h = stir(h, v->choice >= 0 ? v->choice : v->number);
        }
        for (int32_t i = 0; i < o->objectives; i++)
            h = stir(h, o->known[k].verdict.score[i]);
    }
    return h;
}

void search_options_describe(const struct search_options *o, struct buf *out) {
    if (o->kind == BT_SEARCH_WALK) {
        walk_describe(&o->walk, out);
        return;
    }
    buf_str(out, kinds[o->kind].name);
    const char *before = "(";
    for (const struct option *row = kinds[o->kind].options; row->name; row++) {
        char text[NUM_TEXT];
        if (row->silent && get(o, row) == row->fallback)
            continue;
        num_format(get(o, row), text);
        buf_printf(out, "%s%s=%s", before, row->name,
                   row->type == OPTION_WORD ? row->words[(int)get(o, row)]
                                            : text);
        before = ",";
    }
    if (*before == ',')
        buf_chr(out, ')');
    if (o->known_count > 0)
        buf_printf(out, ";known=%d:%016llx", o->known_count,
                   (unsigned long long)known_hash(o));
}

/* ---- by name ---------------------------------------------------------------
 */

/* "what 'name' is unknown; did you mean 'nearest'? (one, two, ...)". */
static bt_status fail_unknown(const char *what, const char *name,
                              const char *const *names, int32_t n) {
    struct buf list;
    buf_init(&list);
    for (int32_t i = 0; i < n; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
    const char *near = bt_nearest(name, names, n);
    bt_status status =
        fail(BT_E_NAME, "unknown %s '%.40s'%s%s%s; there are: %s", what, name,
             near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "",
             n ? list.data : "none");
    buf_fini(&list);
    return status;
}

static bt_status find_option(const bt_search_options *o, const char *name,
                             const struct option **out) {
    const char *names[NAMES];
    int32_t n = 0;
    for (const struct option *row = kinds[o->kind].options; row->name; row++) {
        if (strcasecmp(row->name, name) == 0) {
            *out = row;
            return BT_OK;
        }
        names[n++] = row->name;
    }
    return fail_unknown("option", name, names, n);
}

bt_status bt_search_options_new(const char *kind, double max_trials,
                                double seed, bt_search_options **out) {
    const char *names[NAMED];
    int32_t at = -1;
    for (int32_t i = 0; i < NAMED; i++) {
        names[i] = kinds[i].name;
        if (strcasecmp(kind, kinds[i].name) == 0)
            at = i;
    }
    if (at < 0)
        return fail_unknown("search", kind, names, NAMED);
    if (!(max_trials >= 0 && max_trials <= 0x1p53))
        return fail(BT_E_RANGE,
                    "the number of trials must be 0 (no limit) .. 2^53, got %g",
                    max_trials);
    if (!(fabs(seed) <= 0x1p53) || seed != floor(seed))
        return fail(BT_E_RANGE,
                    "seed must be a whole number of at most 2^53, got %g",
                    seed);
    bt_search_options *o = mem_alloc(sizeof *o);
    search_options_init(o, at);
    o->max_trials = (int64_t)max_trials;
    o->seed = (uint64_t)(int64_t)seed;
    *out = o;
    return BT_OK;
}

void bt_search_options_free(bt_search_options *o) {
    if (o)
        free(o->known);
    free(o);
}

bt_status bt_search_options_number(bt_search_options *o, const char *name,
                                   double value) {
    const struct option *row;
    TRY(find_option(o, name, &row));
    char got[NUM_TEXT], min[NUM_TEXT], max[NUM_TEXT];
    num_format(value, got);
    num_format(row->min, min);
    num_format(row->max, max);
    if (row->type == OPTION_WORD)
        return fail(BT_E_USAGE, "%s is one of a few words, got the number %s",
                    row->name, got);
    if (!(value >= row->min && value <= row->max))
        return fail(BT_E_RANGE, "%s must be %s..%s, got %s", row->name, min,
                    max, got);
    if (row->type == OPTION_COUNT && value != floor(value))
        return fail(BT_E_RANGE, "%s must be a whole number, got %s", row->name,
                    got);
    put(o, row, value);
    return BT_OK;
}

bt_status bt_search_options_word(bt_search_options *o, const char *name,
                                 const char *value) {
    const struct option *row;
    TRY(find_option(o, name, &row));
    if (row->type != OPTION_WORD)
        return fail(BT_E_USAGE, "%s must be a number, got '%.40s'", row->name,
                    value);
    int32_t n = 0;
    for (; row->words[n]; n++) {
        if (strcasecmp(row->words[n], value) == 0) {
            put(o, row, n);
            return BT_OK;
        }
    }
    return fail_unknown(row->name, value, row->words, n);
}

bt_status bt_search_options_objectives(bt_search_options *o, int32_t n) {
    if (n < 1 || n > BT_OBJECTIVES_MAX)
        return fail(BT_E_RANGE, "a study has 1..%d objectives, got %d",
                    BT_OBJECTIVES_MAX, n);
    o->objectives = n;
    return BT_OK;
}

bt_status bt_search_options_check(const bt_search_options *o) {
    const struct genetic_options *g = &o->genetic;
    if (o->objectives > 1 && kinds[o->kind].single)
        return fail(BT_E_USAGE,
                    "the search %s knows one objective, not %d; several take "
                    "nsga2, tpe, random, sobol, lhs or a grid",
                    kinds[o->kind].name, o->objectives);
    if (o->kind == BT_SEARCH_GRID && o->grid.rounds > 0 && o->objectives > 1)
        return fail(BT_E_USAGE,
                    "early_stopping_rounds needs one objective, "
                    "not %d",
                    o->objectives);
    if (o->kind == BT_SEARCH_GENETIC && g->elite >= g->population)
        return fail(BT_E_RANGE,
                    "elite_size must be below population_size %d, got %d: the "
                    "rest of a generation is new",
                    g->population, g->elite);
    if (o->kind == BT_SEARCH_CMAES && o->cmaes.population > 0 &&
        o->cmaes.population < 4)
        return fail(BT_E_RANGE,
                    "population_size must be 0 (by the number of parameters) "
                    "or 4 and more, got %d",
                    o->cmaes.population);
    return BT_OK;
}
