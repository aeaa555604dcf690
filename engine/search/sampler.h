/* What every search beyond grid and random stands on: the space as a box, the
 * table of trials, no point twice. A kind fills in where to look next. */
#ifndef BT_SEARCH_SAMPLER_H
#define BT_SEARCH_SAMPLER_H

#include "search/cube.h"
#include "search/kind.h"
#include "search/seen.h"

struct sampler;

struct sampler_kind {
    struct search_kind search; /* SAMPLER_ADAPTIVE or SAMPLER_FIXED */
    const char *stream;        /* name of its random streams */
    /* Coordinates of the next trial. Asked again (tries = 1, 2, ...) when they
     * fell on a point that was handed out. */
    void (*propose)(struct sampler *s, struct rng *rng, int tries, double *x);
    /* The verdict came in for the trial of that row; may be NULL. */
    void (*learn)(struct sampler *s, int64_t row);
    /* True when the search has come to its own end; may be NULL. */
    bool (*over)(const struct sampler *s);
    void (*fini)(struct sampler *s); /* what the kind added; may be NULL */
};

/* Trials in the order asked; the first `told` have a verdict. x:
 * [count][dims]; score: [count][objectives], all of them NaN for a trial that
 * is not DONE or VIOLATED. */
struct trials {
    int64_t count, told;
    size_t cap;
    double *x, *score;
    double *violation; /* [count] 0: the trial counts, if it has a score */
    double *reached;   /* [count] of a pruned trial: what it had come to */
    int32_t *steps;    /* [count] and after how many steps; 0: not pruned */
};

/* The first member of such a search. */
struct sampler {
    struct search base;
    struct cube cube;
    struct seen seen;
    int64_t moved;        /* rows whose verdict came before their turn */
    struct trials trials; /* stays empty when the search never looks */
};

bool sampler_ask(struct search *s, struct point *out);
void sampler_tell(struct search *s, const struct point *p, const bt_verdict *v);
double sampler_total(const struct search *s);
void sampler_free(struct search *s);

#define SAMPLER_KIND(looks)                                                    \
    {                                                                          \
        .adaptive = (looks), .ask = sampler_ask, .tell = sampler_tell,         \
        .total = sampler_total, .free = sampler_free                           \
    }

void sampler_init(struct sampler *s, const struct sampler_kind *kind,
                  const bt_space *space);

/* False when the point at x was handed out before. */
bool sampler_is_new(struct sampler *s, const double *x);

/* A row that was told: it has a number in each objective and violates nothing.
 */
bool sampler_counts(const struct sampler *s, int64_t row);
/* It ran and came to something: it counts, was pruned or is violated. */
bool sampler_ran(const struct sampler *s, int64_t row);
/* Negative when row a is the better one, by bt_verdict's order in one
 * objective; the earlier one of equals. Never 0 for two rows. */
int sampler_compare(const struct sampler *s, int64_t a, int64_t b);
void sampler_sort(const struct sampler *s, int64_t *rows, int64_t n);

static inline const double *sampler_row(const struct sampler *s, int64_t row) {
    return s->trials.x + row * s->cube.dims;
}

#endif
