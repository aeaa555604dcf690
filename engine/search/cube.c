/* Parameters as coordinates, and back.
 *
 * One axis a parameter, in the order of the space. A point handed out is
 * decoded and encoded again before it is remembered, so what a model learns
 * from lies exactly where the strategy ran. O(parameters) each way, two of
 * libm's logarithms or exponentials for a log axis.
 */
#include "search/cube.h"

#include "base/stat.h"
#include "search/param.h"

#include <math.h>

static void axis_init(struct axis *a, const struct param *p, int64_t levels) {
    *a = (struct axis){.min = p->min, .max = p->max};
    switch (p->kind) {
    case PARAM_FLOAT:
        a->kind = AXIS_REAL;
        a->log = p->prior == BT_PRIOR_LOG_UNIFORM;
        a->normal = p->prior == BT_PRIOR_NORMAL;
        a->low = a->log ? log(p->min) : p->min;
        a->high = a->log ? log(p->max) : p->max;
        break;
    case PARAM_INT:
    case PARAM_STEPS:
        a->kind = AXIS_STEPS;
        a->levels = (double)levels;
        a->log = param_is_log_int(p);
        if (a->log) {
            a->min = (double)p->first;
            a->low = log((double)p->first - 0.5);
            a->high = log((double)p->last + 0.5);
        }
        break;
    default:
        a->kind = p->ordered ? AXIS_STEPS : AXIS_CHOICE;
        a->count = (int32_t)levels;
        a->levels = (double)levels;
    }
}

void cube_init(struct cube *c, const bt_space *space) {
    c->space = space;
    c->dims = space->count;
    c->conditions = space_has_conditions(space);
    for (int32_t i = 0; i < c->dims; i++) {
        bool real = space->param[i].kind == PARAM_FLOAT;
        axis_init(&c->axis[i], &space->param[i],
                  real ? 0 : space_levels(space, i));
    }
}

static double inside(double v, double low, double high) {
    return v > low ? (v < high ? v : high) : low; /* NaN: low */
}

double axis_level(const struct axis *a, double x) {
    double at = x * a->levels;
    if (a->log)
        at = exp(a->low + x * (a->high - a->low)) - (a->min - 0.5);
    return inside(floor(at), 0, a->levels - 1);
}

/* Of a number of the log axis. */
static double log_share(const struct axis *a, double v) {
    return inside((log(v) - a->low) / (a->high - a->low), 0, 1);
}

double axis_place(const struct axis *a, double k) {
    return a->log ? log_share(a, a->min + k) : (k + 0.5) / a->levels;
}

double axis_edge(const struct axis *a, double k) {
    return a->log ? log_share(a, a->min + k - 0.5) : k / a->levels;
}

double axis_beside(const struct axis *a, double x, double way) {
    return axis_place(a, inside(axis_level(a, x) + way, 0, a->levels - 1));
}

double axis_snap(const struct axis *a, double x) {
    switch (a->kind) {
    case AXIS_REAL:
        return inside(x, 0, 1);
    case AXIS_STEPS:
        return axis_place(a, axis_level(a, x));
    default:
        return inside(nearbyint(x), 0, a->levels - 1);
    }
}

/* The value at a share of the way, both ends exact. */
static double value_at(const struct axis *a, double x) {
    if (!(x > 0))
        return a->min;
    if (x >= 1)
        return a->max;
    double at = a->low + x * (a->high - a->low);
    return inside(a->log ? exp(at) : at, a->min, a->max);
}

static double share_of(const struct axis *a, double v) {
    double at = a->log ? log(v) : v;
    return inside((at - a->low) / (a->high - a->low), 0, 1);
}

/* Where a parameter that is not active is put. */
static double rest(const struct axis *a) {
    return a->kind == AXIS_CHOICE ? 0 : axis_snap(a, 0.5);
}

static bool is_active(const struct cube *c, const double *x, int32_t i) {
    const struct param *p = &c->space->param[i];
    if (p->parent < 0)
        return true;
    const struct axis *a = &c->axis[p->parent];
    double at = x[p->parent];
    double level =
        a->kind == AXIS_CHOICE ? axis_snap(a, at) : axis_level(a, at);
    return p->when[(int64_t)level];
}

void cube_settle(const struct cube *c, double *x, bool *active) {
    for (int32_t i = 0; i < c->dims; i++) {
        int32_t parent = c->space->param[i].parent;
        active[i] = is_active(c, x, i) && (parent < 0 || active[parent]);
        if (!active[i])
            x[i] = rest(&c->axis[i]);
    }
}

void cube_encode(const struct cube *c, const struct point *p, double *x) {
    for (int32_t i = 0; i < c->dims; i++) {
        const struct axis *a = &c->axis[i];
        const struct param *param = &c->space->param[i];
        const struct value *v = &p->value[i];
        if (v->kind == VALUE_NONE)
            x[i] = rest(a);
        else if (a->kind == AXIS_REAL)
            x[i] = share_of(a, v->number);
        else if (a->kind == AXIS_CHOICE)
            x[i] = v->choice;
        else
            x[i] = axis_place(a, (double)param_level(param, v));
    }
}

void cube_decode(const struct cube *c, const double *x, struct point *out) {
    out->count = c->dims;
    for (int32_t i = 0; i < c->dims; i++) {
        const struct axis *a = &c->axis[i];
        double at = axis_snap(a, x[i]);
        if (a->kind == AXIS_REAL)
            out->value[i] = (struct value){
                .kind = VALUE_FLOAT, .choice = -1, .number = value_at(a, at)};
        else if (a->kind == AXIS_CHOICE)
            space_level(c->space, i, (int64_t)at, &out->value[i]);
        else
            space_level(c->space, i, (int64_t)axis_level(a, at),
                        &out->value[i]);
    }
    if (c->conditions)
        point_settle(c->space, out);
}

double axis_draw(const struct axis *a, double unit) {
    if (a->kind == AXIS_CHOICE)
        return axis_level(a, unit);
    if (a->normal)
        return inside(0.5 + 0.25 * stat_normal_inverse(
                                       inside(unit, 0x1p-54, 1 - 0x1p-53)),
                      0, 1);
    return axis_snap(a, unit);
}

void cube_draw(const struct cube *c, struct rng *rng, double *x) {
    for (int32_t i = 0; i < c->dims; i++)
        x[i] = axis_draw(&c->axis[i], rng_unit(rng));
}
