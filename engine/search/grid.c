/* Every point of the grid once, in order, never materialised.
 *
 * The state is an odometer with one digit a parameter; the last parameter turns
 * fastest. An ask costs the digits that turn plus the copy of the point, the
 * memory is the odometer, and a grid of any size starts at once. A parameter
 * that is not active has no levels to turn through.
 *
 * With early_stopping_rounds it listens, and ends when so many cells in a row
 * were no better than the best before them.
 */
#include "search/kind.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

struct grid {
    struct search base;
    struct point point; /* what the digits show */
    int64_t digit[SPACE_MAX];
    bool over;
    int64_t rounds, since; /* cells told since the best one */
    double best;
};

static void show(struct grid *g, int32_t i, int64_t k) {
    g->digit[i] = k;
    space_level(g->base.space, i, k, &g->point.value[i]);
}

/* The first level of all from `from` on, as far as they are active. */
static void start(struct grid *g, int32_t from) {
    g->point.count = space_count(g->base.space);
    for (int32_t i = from; i < g->point.count; i++)
        show(g, i, 0);
    point_settle(g->base.space, &g->point);
}

static bool can_turn(const struct grid *g, int32_t i) {
    return g->point.value[i].kind != VALUE_NONE &&
           g->digit[i] + 1 < space_levels(g->base.space, i);
}

static void turn(struct grid *g) {
    int32_t i = g->point.count - 1;
    while (i >= 0 && !can_turn(g, i))
        i--;
    g->over = i < 0;
    if (g->over)
        return;
    show(g, i, g->digit[i] + 1);
    start(g, i + 1);
}

static bool grid_ask(struct search *s, struct point *out) {
    struct grid *g = (struct grid *)s;
    if (s->asked == 0)
        start(g, 0);
    else if (!g->over)
        turn(g);
    if (g->over)
        return false;
    out->count = g->point.count;
    for (int32_t i = 0; i < out->count; i++)
        out->value[i] = g->point.value[i];
    return true;
}

static double grid_total(const struct search *s) {
    return bt_space_cardinality(s->space);
}

static void grid_free(struct search *s) {
    free(s);
}

static void tell(struct search *s, const struct point *p, const bt_verdict *v) {
    struct grid *g = (struct grid *)s;
    (void)p;
    bool counts = v->violation == 0 && v->steps == 0;
    bool better = counts && v->score[0] > g->best;
    g->since = better ? 0 : g->since + 1;
    if (better)
        g->best = v->score[0];
    g->over = g->over || g->since >= g->rounds;
}

/* What the constraint leaves out is no cell. */
static void excluded(struct search *s, const struct point *p) {
    (void)s;
    (void)p;
}

static const struct search_kind stopping_kind = {
    .adaptive = true,
    .ask = grid_ask,
    .tell = tell,
    .excluded = excluded,
    .total = grid_total,
    .free = grid_free,
};

static const struct search_kind grid_kind = {
    .adaptive = false,
    .ask = grid_ask,
    .total = grid_total,
    .free = grid_free,
};

struct search *grid_new(const bt_space *space, const struct grid_options *o) {
    struct grid *g = mem_zalloc(1, sizeof *g);
    g->base.kind = o->rounds > 0 ? &stopping_kind : &grid_kind;
    g->rounds = o->rounds;
    g->best = -INFINITY;
    g->base.space = space;
    return &g->base;
}
