/* The one interface over all searches.
 *
 * A search is created over a space and handed out points until its kind has no
 * more or the limit of points is reached. Numbers, limits and checks live here,
 * so that a kind only says where to look next.
 */
#include "search/kind.h"

#include "base/status.h"
#include "search/param.h"

#include <math.h>

static struct search *create(const bt_space *space,
                             const struct search_options *o) {
    switch (o->kind) {
    case BT_SEARCH_GRID:
        return grid_new(space, &o->grid);
    case BT_SEARCH_RANDOM:
        return random_new(space, &o->random);
    case BT_SEARCH_SOBOL:
        return sobol_new(space);
    case BT_SEARCH_LATIN:
        return lhs_new(space);
    case BT_SEARCH_TPE:
        return tpe_new(space, &o->tpe);
    case BT_SEARCH_GP:
        return gp_new(space, &o->gp);
    case BT_SEARCH_GENETIC:
        return genetic_new(space, &o->genetic);
    case BT_SEARCH_CMAES:
        return cmaes_new(space, &o->cmaes);
    case BT_SEARCH_NSGA2:
        return nsga_new(space, &o->nsga);
    case BT_SEARCH_LISTED:
        return listed_new(o);
    default:
        return NULL;
    }
}

static bool has_numbers(const bt_space *space) {
    for (int32_t i = 0; i < space->count; i++) {
        if (space->param[i].kind != PARAM_CHOICE || space->param[i].ordered)
            return true;
    }
    return false;
}

bt_status search_new(const bt_space *space, const struct search_options *o,
                     struct search **out) {
    TRY(bt_space_check(space));
    if (o->max_trials < 0)
        return fail(BT_E_RANGE,
                    "max_trials must be 0 (no limit) or more, got %lld",
                    (long long)o->max_trials);
    if (o->kind == BT_SEARCH_LATIN && o->max_trials == 0)
        return fail(BT_E_USAGE, "a Latin hypercube has as many strata as "
                                "trials; say how many");
    TRY(bt_search_options_check(o));
    if (o->kind == BT_SEARCH_CMAES && !has_numbers(space))
        return fail(BT_E_USAGE, "cmaes needs a parameter that is a number, all "
                                "of these are choices; use tpe");
    struct search *s = NULL;
    if (o->kind == BT_SEARCH_WALK)
        TRY(walk_new(&o->walk, &s));
    else
        s = create(space, o);
    if (!s)
        return fail(BT_E_USAGE, "unknown search %d; use one of BT_SEARCH_*",
                    o->kind);
    s->space = space;
    s->seed = o->seed;
    s->limit = o->max_trials;
    s->objectives = o->objectives > 0 ? o->objectives : 1;
    for (int32_t i = 0; i < o->known_count; i++)
        search_judge(s, &o->known[i].point, &o->known[i].verdict);
    *out = s;
    return BT_OK;
}

void search_free(struct search *s) {
    if (s)
        s->kind->free(s);
}

bool search_is_adaptive(const struct search *s) {
    return s->kind->adaptive;
}

bool search_ask(struct search *s, struct point *out) {
    if (s->limit && s->asked == s->limit)
        return false;
    if (!s->kind->ask(s, out))
        return false;
    s->asked++;
    return true;
}

void search_judge(struct search *s, const struct point *p,
                  const bt_verdict *v) {
    if (s->kind->tell)
        s->kind->tell(s, p, v);
}

void search_tell(struct search *s, const struct point *p, double score) {
    bt_verdict v = {.score = {score}};
    for (int32_t i = 1; i < s->objectives; i++)
        v.score[i] = NAN;
    search_judge(s, p, &v);
}

void search_exclude(struct search *s, const struct point *p) {
    if (s->kind->excluded)
        s->kind->excluded(s, p);
    else
        search_tell(s, p, (double)NAN);
}

int32_t search_group(const struct search *s, const struct point *p) {
    return s->kind->group ? s->kind->group(s, p) : 0;
}

double search_total(const struct search *s) {
    double total = s->kind->total(s);
    double limit = (double)s->limit;
    if (limit > 0 && (total < 0 || limit < total))
        return limit;
    return total;
}
