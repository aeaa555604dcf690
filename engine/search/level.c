/* What a space holds: names, levels, samples.
 *
 * Levels are the points of the grid: the steps of an int or a float, the
 * choices, or `points` values over a continuous range, evenly spaced (in the
 * logarithm under the log-uniform prior), both ends exact. An int under that
 * prior has all its steps as levels; only draws know the prior. All O(1).
 */
#include "search/param.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int32_t space_count(const bt_space *s) {
    return s->count;
}

const char *space_name(const bt_space *s, int32_t i) {
    return s->param[i].name;
}

static struct value number(enum value_kind kind, double v) {
    return (struct value){.kind = kind, .choice = -1, .number = v};
}

bool space_is_finite(const bt_space *s) {
    for (int32_t i = 0; i < s->count; i++) {
        if (s->param[i].kind == PARAM_FLOAT)
            return false;
    }
    return true;
}

bool param_is_log_int(const struct param *p) {
    return p->kind == PARAM_INT && p->prior == BT_PRIOR_LOG_UNIFORM;
}

bool space_is_even(const bt_space *s) {
    for (int32_t i = 0; i < s->count; i++) {
        if (param_is_log_int(&s->param[i]))
            return false;
    }
    return true;
}

int64_t param_levels(const struct param *p) {
    switch (p->kind) {
    case PARAM_INT:
        return (p->last - p->first) / p->step + 1;
    case PARAM_FLOAT:
    case PARAM_STEPS:
        return p->points;
    default:
        return (int64_t)p->count;
    }
}

int64_t space_levels(const bt_space *s, int32_t i) {
    return param_levels(&s->param[i]);
}

int64_t param_level(const struct param *p, const struct value *v) {
    double last = (double)param_levels(p) - 1, at = v->choice;
    if (p->kind == PARAM_INT)
        at = (v->number - (double)p->first) / (double)p->step;
    else if (p->kind != PARAM_CHOICE)
        at = (v->number - p->min) / (p->max - p->min) * last;
    at = nearbyint(at);
    return (int64_t)(at > 0 ? at < last ? at : last : 0);
}

static double between(double v, double min, double max) {
    return v < min ? min : v > max ? max : v;
}

/* The point at a share of the way from min to max, 0 < share < 1. */
static double along(const struct param *p, double share) {
    double v = p->prior == BT_PRIOR_LOG_UNIFORM
                   ? exp(log(p->min) + share * (log(p->max) - log(p->min)))
                   : p->min + share * (p->max - p->min);
    return between(v, p->min, p->max);
}

/* Levels count in decimals: 15 digits, so that three times 0.1 is 0.3 and what
 * lies between 0.001 and 0.1 on a scale of logarithms is 0.01. */
static double on_grid(const struct param *p, int64_t k) {
    char text[32];
    snprintf(text, sizeof text, "%.15g", along(p, (double)k / (p->points - 1)));
    return between(strtod(text, NULL), p->min, p->max);
}

void space_level(const bt_space *s, int32_t i, int64_t k, struct value *out) {
    const struct param *p = &s->param[i];
    if (p->kind == PARAM_CHOICE)
        *out = p->choices[k];
    else if (p->kind == PARAM_INT)
        *out = number(VALUE_INT, (double)(p->first + k * p->step));
    else if (k == 0)
        *out = number(VALUE_FLOAT, p->min);
    else if (k == p->points - 1)
        *out = number(VALUE_FLOAT, p->max);
    else
        *out = number(VALUE_FLOAT, on_grid(p, k));
}

bool space_wants_normal(const bt_space *s, int32_t i) {
    return s->param[i].kind == PARAM_FLOAT &&
           s->param[i].prior == BT_PRIOR_NORMAL;
}

/* The range is half a step wider at both ends, then logarithms are taken. */
static double log_int(const struct param *p, double unit) {
    double low = log((double)p->first - 0.5), high = log((double)p->last + 0.5);
    return between(floor(exp(low + unit * (high - low)) + 0.5),
                   (double)p->first, (double)p->last);
}

void space_sample(const bt_space *s, int32_t i, double unit, double normal,
                  struct value *out) {
    const struct param *p = &s->param[i];
    if (param_is_log_int(p)) {
        *out = number(VALUE_INT, log_int(p, unit));
    } else if (p->kind != PARAM_FLOAT) {
        int64_t levels = space_levels(s, i);
        int64_t k = (int64_t)(unit * (double)levels);
        space_level(s, i, k < levels ? k : levels - 1, out);
    } else if (p->prior == BT_PRIOR_NORMAL) {
        double v = p->min + (p->max - p->min) * (0.5 + 0.25 * normal);
        *out = number(VALUE_FLOAT, between(v, p->min, p->max));
    } else {
        *out = number(VALUE_FLOAT, along(p, unit));
    }
}
