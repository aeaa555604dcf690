/* Parameters that depend on others.
 *
 * A parameter may name one earlier parameter of levels, its parent, and the
 * levels of that one at which it is active. Parents come first, so one pass in
 * the order given settles a point; a parameter whose parent is not active is
 * not active either. Conditions thus form a forest.
 *
 * The points of a subtree are a sum over its root's levels of the product of
 * the subtrees that are active there. The same recursion numbers the points and
 * finds the point of a number: O(levels of the parents + parameters^2).
 */
#include "search/param.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"

#include <math.h>
#include <string.h>

/* ---- making them -----------------------------------------------------------
 */

static int32_t find_parent(const bt_space *s, const char *name) {
    for (int32_t i = 0; i < s->count; i++) {
        if (strcmp(s->param[i].name, name) == 0)
            return i;
    }
    return -1;
}

static bt_status fail_parent(const bt_space *s, const char *name) {
    const char *names[SPACE_MAX];
    for (int32_t i = 0; i < s->count - 1; i++)
        names[i] = s->param[i].name;
    const char *near = bt_nearest(name, names, s->count - 1);
    return fail(BT_E_NAME,
                "parameter '%s' depends on '%.64s', which is not among the "
                "parameters before it%s%s%s",
                s->param[s->count - 1].name, name,
                near ? "; did you mean '" : "", near ? near : "",
                near ? "'?" : "; put it first");
}

bt_status bt_space_active_if(bt_space *s, const char *parent) {
    if (s->count == 0)
        return fail(BT_E_STATE, "a condition needs a parameter before it");
    struct param *p = &s->param[s->count - 1];
    int32_t at = find_parent(s, parent);
    if (at < 0 || at == s->count - 1)
        return fail_parent(s, parent);
    struct param *other = &s->param[at];
    if (other->kind == PARAM_FLOAT)
        return fail(BT_E_USAGE,
                    "parameter '%s' cannot depend on '%s', which is "
                    "continuous; give that one a step, or make it categorical",
                    p->name, other->name);
    if (p->parent >= 0)
        return fail(BT_E_USAGE,
                    "parameter '%s' depends on '%s' already; one condition is "
                    "the limit, chain them",
                    p->name, s->param[p->parent].name);
    p->parent = at;
    p->when = mem_zalloc((size_t)param_levels(other), sizeof *p->when);
    other->decides = true;
    return BT_OK;
}

static bool is_level(const struct param *p, const struct value *a,
                     const struct value *b) {
    if (p->kind != PARAM_CHOICE)
        return a->kind == VALUE_FLOAT &&
               fabs(a->number - b->number) <= 1e-12 * fabs(b->number);
    if (a->kind == VALUE_STRING || b->kind == VALUE_STRING)
        return a->kind == b->kind && strcmp(a->string, b->string) == 0;
    return a->kind == b->kind && a->number == b->number;
}

static bt_status add_active(bt_space *s, const struct value *v,
                            const char *shown) {
    struct param *p = s->count ? &s->param[s->count - 1] : NULL;
    if (!p || p->parent < 0)
        return fail(BT_E_STATE, "a value needs bt_space_active_if before it");
    const struct param *parent = &s->param[p->parent];
    for (int64_t k = 0; k < param_levels(parent); k++) {
        struct value level;
        space_level(s, p->parent, k, &level);
        if (is_level(parent, v, &level)) {
            p->when[k] = true;
            return BT_OK;
        }
    }
    return fail(BT_E_RANGE,
                "parameter '%s' depends on '%s' being %.80s, which it never is",
                p->name, parent->name, shown);
}

bt_status bt_space_active_string(bt_space *s, const char *value) {
    struct value v = {.kind = VALUE_STRING, .string = value};
    return add_active(s, &v, value);
}

bt_status bt_space_active_number(bt_space *s, double value) {
    struct value v = {.kind = VALUE_FLOAT, .number = value};
    char text[NUM_TEXT];
    num_format(value, text);
    return add_active(s, &v, text);
}

bt_status bt_space_active_bool(bt_space *s, int32_t value) {
    struct value v = {.kind = VALUE_BOOL, .number = value != 0};
    return add_active(s, &v, value ? "true" : "false");
}

/* ---- points ----------------------------------------------------------------
 */

bool space_has_conditions(const bt_space *s) {
    for (int32_t i = 0; i < s->count; i++) {
        if (s->param[i].parent >= 0)
            return true;
    }
    return false;
}

void point_settle(const bt_space *s, struct point *p) {
    for (int32_t i = 0; i < s->count; i++) {
        const struct param *own = &s->param[i];
        if (own->parent < 0)
            continue;
        const struct value *v = &p->value[own->parent];
        if (v->kind == VALUE_NONE ||
            !own->when[param_level(&s->param[own->parent], v)])
            p->value[i] = (struct value){.kind = VALUE_NONE, .choice = -1};
    }
}

/* ---- numbers ---------------------------------------------------------------
 */

static double points_at(const bt_space *s, int32_t at, int64_t level);

/* Points of the subtree below and with a parameter. */
static double points_of(const bt_space *s, int32_t at) {
    const struct param *p = &s->param[at];
    double levels = (double)param_levels(p), sum = 0;
    if (!p->decides)
        return levels;
    for (int64_t k = 0; k < (int64_t)levels; k++)
        sum += points_at(s, at, k);
    return sum;
}

/* Those with the parameter at a level. */
static double points_at(const bt_space *s, int32_t at, int64_t level) {
    double product = 1;
    for (int32_t i = at + 1; i < s->count; i++) {
        const struct param *p = &s->param[i];
        if (p->parent == at && p->when[level])
            product *= points_of(s, i);
    }
    return product;
}

double bt_space_cardinality(const bt_space *s) {
    double product = 1;
    for (int32_t i = 0; i < s->count; i++) {
        if (s->param[i].parent < 0)
            product *= points_of(s, i);
    }
    return product;
}

static uint64_t rank_of(const bt_space *s, int32_t at, const struct point *p) {
    const struct param *own = &s->param[at];
    int64_t level = param_level(own, &p->value[at]);
    uint64_t below = 0, rank = 0;
    if (!own->decides)
        return (uint64_t)level;
    for (int64_t k = 0; k < level; k++)
        below += (uint64_t)points_at(s, at, k);
    for (int32_t i = at + 1; i < s->count; i++) {
        if (s->param[i].parent == at && s->param[i].when[level])
            rank = rank * (uint64_t)points_of(s, i) + rank_of(s, i, p);
    }
    return below + rank;
}

uint64_t space_rank(const bt_space *s, const struct point *p) {
    uint64_t rank = 0;
    for (int32_t i = 0; i < s->count; i++) {
        if (s->param[i].parent < 0)
            rank = rank * (uint64_t)points_of(s, i) + rank_of(s, i, p);
    }
    return rank;
}

static void unrank(const bt_space *s, int32_t at, uint64_t rank,
                   struct point *out) {
    const struct param *own = &s->param[at];
    int64_t level = 0;
    if (!own->decides) {
        space_level(s, at, (int64_t)rank, &out->value[at]);
        return;
    }
    for (double n; (n = points_at(s, at, level)) <= (double)rank; level++)
        rank -= (uint64_t)n;
    space_level(s, at, level, &out->value[at]);
    for (int32_t i = s->count - 1; i > at; i--) {
        if (s->param[i].parent != at || !s->param[i].when[level])
            continue;
        uint64_t n = (uint64_t)points_of(s, i);
        unrank(s, i, rank % n, out);
        rank /= n;
    }
}

void space_point(const bt_space *s, uint64_t rank, struct point *out) {
    out->count = s->count;
    for (int32_t i = 0; i < s->count; i++)
        out->value[i] = (struct value){.kind = VALUE_NONE, .choice = -1};
    for (int32_t i = s->count - 1; i >= 0; i--) {
        if (s->param[i].parent >= 0)
            continue;
        uint64_t n = (uint64_t)points_of(s, i);
        unrank(s, i, rank % n, out);
        rank /= n;
    }
}
