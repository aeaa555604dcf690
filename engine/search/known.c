/* Points from outside: made value by value, told to a search.
 *
 * Values are set by name and checked at once; what was not set is missed when
 * the point is used. A point that is whole is settled, so it looks like one
 * that a search handed out.
 */
#include "search/known.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"
#include "search/param.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bt_point *bt_point_new(const bt_space *space) {
    bt_point *p = mem_zalloc(1, sizeof *p);
    p->space = space;
    buf_init(&p->text);
    bt_point_clear(p);
    return p;
}

void bt_point_free(bt_point *p) {
    if (!p)
        return;
    buf_fini(&p->text);
    free(p);
}

void bt_point_clear(bt_point *p) {
    p->point.count = p->space->count;
    for (int32_t i = 0; i < p->space->count; i++)
        p->point.value[i] = (struct value){.kind = VALUE_NONE, .choice = -1};
}

const char *bt_point_text(bt_point *p) {
    buf_clear(&p->text);
    point_canonical(p->space, &p->point, &p->text);
    return p->text.data;
}

/* ---- values ----------------------------------------------------------------
 */

static bt_status find_parameter(const bt_space *s, const char *name,
                                int32_t *out) {
    const char *names[SPACE_MAX];
    for (int32_t i = 0; i < s->count; i++) {
        names[i] = s->param[i].name;
        if (strcmp(names[i], name) == 0) {
            *out = i;
            return BT_OK;
        }
    }
    const char *near = bt_nearest(name, names, s->count);
    return fail(BT_E_NAME, "unknown parameter '%.64s'%s%s%s", name,
                near ? "; did you mean '" : "", near ? near : "",
                near ? "'?" : "");
}

static bool is_choice(const struct value *a, const struct value *b) {
    if (a->kind != b->kind)
        return false;
    return a->kind == VALUE_STRING ? strcmp(a->string, b->string) == 0
                                   : a->number == b->number;
}

static bt_status set_choice(const struct param *p, const struct value *v,
                            const char *shown, struct value *out) {
    for (size_t k = 0; k < p->count; k++) {
        if (is_choice(v, &p->choices[k])) {
            *out = p->choices[k];
            return BT_OK;
        }
    }
    return fail(BT_E_RANGE, "parameter '%s' has no choice %.80s", p->name,
                shown);
}

static bt_status set_number(const bt_space *s, int32_t i, const struct value *v,
                            const char *shown, struct value *out) {
    const struct param *p = &s->param[i];
    bool whole = p->kind == PARAM_INT;
    double min = whole ? (double)p->first : p->min;
    double max = whole ? (double)p->last : p->max;
    struct value level;
    char low[NUM_TEXT], high[NUM_TEXT];
    num_format(min, low);
    num_format(max, high);
    if (v->kind != VALUE_FLOAT || !(v->number >= min && v->number <= max))
        return fail(BT_E_RANGE,
                    "parameter '%s' must be a number %s..%s, got "
                    "%.80s",
                    p->name, low, high, shown);
    level = *v;
    if (p->kind != PARAM_FLOAT)
        space_level(s, i, param_level(p, v), &level);
    if (fabs(level.number - v->number) > 1e-9 * (max - min))
        return fail(BT_E_RANGE,
                    "parameter '%s': %s is not on its steps; the nearest is "
                    "%.12g",
                    p->name, shown, level.number);
    *out = level;
    return BT_OK;
}

static bt_status set(bt_point *p, const char *name, struct value v,
                     const char *shown) {
    int32_t i = 0;
    v.choice = -1;
    TRY(find_parameter(p->space, name, &i));
    const struct param *param = &p->space->param[i];
    struct value *out = &p->point.value[i];
    return param->kind == PARAM_CHOICE
               ? set_choice(param, &v, shown, out)
               : set_number(p->space, i, &v, shown, out);
}

bt_status bt_point_number(bt_point *p, const char *name, double value) {
    char shown[NUM_TEXT];
    num_format(value, shown);
    return set(p, name, (struct value){.kind = VALUE_FLOAT, .number = value},
               shown);
}

bt_status bt_point_string(bt_point *p, const char *name, const char *value) {
    return set(p, name, (struct value){.kind = VALUE_STRING, .string = value},
               value);
}

bt_status bt_point_bool(bt_point *p, const char *name, int32_t value) {
    return set(p, name,
               (struct value){.kind = VALUE_BOOL, .number = value != 0},
               value ? "true" : "false");
}

bt_status bt_point_check(const bt_point *p) {
    struct point settled = p->point;
    point_settle(p->space, &settled);
    for (int32_t i = 0; i < settled.count; i++) {
        const struct param *param = &p->space->param[i];
        bool given = p->point.value[i].kind != VALUE_NONE;
        bool parent = param->parent < 0 ||
                      (settled.value[param->parent].kind != VALUE_NONE &&
                       param->when[param_level(&p->space->param[param->parent],
                                               &settled.value[param->parent])]);
        if (given && !parent)
            return fail(BT_E_USAGE, "parameter '%s' is not active here",
                        param->name);
        if (!given && parent)
            return fail(BT_E_USAGE, "parameter '%s' is missing", param->name);
    }
    return BT_OK;
}

/* ---- told before the first ask ---------------------------------------------
 */

bt_status bt_search_options_known(bt_search_options *o, const bt_point *p,
                                  const bt_verdict *v) {
    TRY(bt_point_check(p));
    size_t n = (size_t)o->known_count;
    o->known = mem_realloc(o->known, (n + 1) * sizeof *o->known);
    o->known[n] = (struct known){.point = p->point, .verdict = *v};
    o->known_count++;
    return BT_OK;
}
