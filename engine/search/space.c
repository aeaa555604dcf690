/* Parameter spaces: an ordered list of named ranges and choices.
 *
 * The order in which parameters are added is the order of the grid (the last
 * one turns fastest); beside it stands the order by name, which canonical texts
 * use. Whatever is added is checked at once, so a space never holds a parameter
 * that cannot be sampled; only "at least one parameter, each choice two values"
 * has to wait for bt_space_check.
 *
 * What a space holds is read in level.c, conditions are in condition.c.
 */
#include "search/param.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64, CHOICE_MAX_BYTES = 1024, CHOICES_MAX = 100000 };
enum { POINTS_MAX = 1000000 };
#define EXACT_INT (INT64_C(1) << 53)

bt_space *bt_space_new(void) {
    return mem_zalloc(1, sizeof(bt_space));
}

void bt_space_free(bt_space *s) {
    if (!s)
        return;
    for (int32_t i = 0; i < s->count; i++) {
        struct param *p = &s->param[i];
        for (size_t k = 0; k < p->count; k++)
            free((char *)p->choices[k].string);
        free(p->choices);
        free(p->when);
        free(p->name);
    }
    free(s);
}

/* ---- adding parameters -----------------------------------------------------
 */

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_identifier(const char *s) {
    if (!is_letter(*s))
        return false;
    for (; *s; s++) {
        if (!is_letter(*s) && !(*s >= '0' && *s <= '9'))
            return false;
    }
    return true;
}

static bt_status check_name(const bt_space *s, const char *name) {
    if (!is_identifier(name) || strlen(name) > NAME_MAX_BYTES)
        return fail(BT_E_USAGE,
                    "parameter name '%.80s' must be a Lua name of at most %d "
                    "characters: letters, digits and _, no digit first",
                    name, NAME_MAX_BYTES);
    for (int32_t i = 0; i < s->count; i++) {
        if (strcmp(s->param[i].name, name) == 0)
            return fail(BT_E_USAGE,
                        "parameter '%s' is in the space twice; rename one",
                        name);
    }
    if (s->count == SPACE_MAX)
        return fail(BT_E_RANGE,
                    "parameter '%s' would be number %d of the space; the limit "
                    "is %d: fix some of them in the strategy's defaults",
                    name, SPACE_MAX + 1, SPACE_MAX);
    return BT_OK;
}

/* Room for a checked parameter, sorted in by name. */
static struct param *append(bt_space *s, const char *name,
                            enum param_kind kind) {
    int32_t at = s->count;
    while (at > 0 && strcmp(s->param[s->sorted[at - 1]].name, name) > 0) {
        s->sorted[at] = s->sorted[at - 1];
        at--;
    }
    s->sorted[at] = s->count;
    struct param *p = &s->param[s->count++];
    *p = (struct param){.name = mem_strdup(name), .kind = kind, .parent = -1};
    return p;
}

static bt_status check_steps(const char *name, int64_t min, int64_t max,
                             int64_t step) {
    int64_t rest = (max - min) % step;
    if (rest == 0)
        return BT_OK;
    return fail(
        BT_E_RANGE,
        "parameter '%s': step %lld does not divide the range %lld..%lld; "
        "set max_value to %lld or %lld",
        name, (long long)step, (long long)min, (long long)max,
        (long long)(max - rest), (long long)(max - rest + step));
}

bt_status bt_space_int(bt_space *s, const char *name, int64_t min, int64_t max,
                       int64_t step) {
    TRY(check_name(s, name));
    if (min < -EXACT_INT || max > EXACT_INT)
        return fail(BT_E_RANGE,
                    "parameter '%s': %lld..%lld leaves the whole numbers that "
                    "are exact, -2^53..2^53; choose a smaller range",
                    name, (long long)min, (long long)max);
    if (max < min)
        return fail(BT_E_RANGE,
                    "parameter '%s': max_value %lld is below min_value %lld; "
                    "swap them",
                    name, (long long)max, (long long)min);
    if (step < 1)
        return fail(BT_E_RANGE,
                    "parameter '%s': step must be 1 or more, got %lld", name,
                    (long long)step);
    TRY(check_steps(name, min, max, step));
    struct param *p = append(s, name, PARAM_INT);
    p->first = min;
    p->last = max;
    p->step = step;
    return BT_OK;
}

bt_status bt_space_int_log(bt_space *s, const char *name, int64_t min,
                           int64_t max) {
    if (min < 1)
        return fail(BT_E_RANGE,
                    "parameter '%.80s': the prior log-uniform needs min_value "
                    "of 1 or more, got %lld; raise it or use the prior uniform",
                    name, (long long)min);
    TRY(bt_space_int(s, name, min, max, 1));
    s->param[s->count - 1].prior = BT_PRIOR_LOG_UNIFORM;
    return BT_OK;
}

static bt_status check_range(const char *name, double min, double max,
                             int32_t prior) {
    char a[NUM_TEXT], b[NUM_TEXT];
    num_format(min, a);
    num_format(max, b);
    if (!isfinite(min) || !isfinite(max) || !isfinite(max - min))
        return fail(BT_E_RANGE,
                    "parameter '%s': the range %s..%s must be finite", name, a,
                    b);
    if (!(max > min))
        return fail(BT_E_RANGE,
                    "parameter '%s': max_value %s must be above min_value %s; "
                    "make a fixed value a FixedParameter",
                    name, b, a);
    if (prior == BT_PRIOR_LOG_UNIFORM && !(min > 0))
        return fail(
            BT_E_RANGE,
            "parameter '%s': the prior log-uniform needs min_value > 0, "
            "got %s; raise it or use the prior uniform",
            name, a);
    return BT_OK;
}

bt_status bt_space_float(bt_space *s, const char *name, double min, double max,
                         int32_t prior, int32_t points) {
    TRY(check_name(s, name));
    if (prior < BT_PRIOR_UNIFORM || prior > BT_PRIOR_NORMAL)
        return fail(
            BT_E_USAGE,
            "parameter '%s': unknown prior %d; use uniform, log-uniform "
            "or normal",
            name, prior);
    TRY(check_range(name, min, max, prior));
    if (points < 2 || points > POINTS_MAX)
        return fail(BT_E_RANGE, "parameter '%s': points must be 2..%d, got %d",
                    name, POINTS_MAX, points);
    struct param *p = append(s, name, PARAM_FLOAT);
    p->min = min;
    p->max = max;
    p->prior = prior;
    p->points = points;
    return BT_OK;
}

bt_status bt_space_float_steps(bt_space *s, const char *name, double min,
                               double max, double step) {
    TRY(check_name(s, name));
    TRY(check_range(name, min, max, BT_PRIOR_UNIFORM));
    double steps = nearbyint((max - min) / step);
    char a[NUM_TEXT], b[NUM_TEXT], c[NUM_TEXT];
    num_format(min, a);
    num_format(max, b);
    num_format(step, c);
    if (!(step > 0) || !(steps >= 1 && steps < POINTS_MAX))
        return fail(BT_E_RANGE,
                    "parameter '%s': step must be above 0 and cut %s..%s into "
                    "1..%d parts, got %s",
                    name, a, b, POINTS_MAX - 1, c);
    if (fabs(steps * step - (max - min)) > 1e-9 * (max - min))
        return fail(BT_E_RANGE,
                    "parameter '%s': step %s does not divide the range %s..%s; "
                    "set max_value to %.12g or %.12g",
                    name, c, a, b, min + floor((max - min) / step) * step,
                    min + ceil((max - min) / step) * step);
    struct param *p = append(s, name, PARAM_STEPS);
    p->min = min;
    p->max = max;
    p->points = (int32_t)steps + 1;
    return BT_OK;
}

/* ---- choices ---------------------------------------------------------------
 */

bt_status bt_space_choice(bt_space *s, const char *name) {
    TRY(check_name(s, name));
    append(s, name, PARAM_CHOICE);
    return BT_OK;
}

/* The parameter that choices go to: the one added last. */
static struct param *open_choice(bt_space *s) {
    struct param *p = s->count ? &s->param[s->count - 1] : NULL;
    return p && p->kind == PARAM_CHOICE ? p : NULL;
}

/* How a value reads, quotes aside: two choices that read alike are one. */
static void value_text(const struct value *v, struct buf *out) {
    char text[NUM_TEXT];
    buf_clear(out);
    switch (v->kind) {
    case VALUE_STRING:
        buf_str(out, v->string);
        break;
    case VALUE_BOOL:
        buf_str(out, v->number != 0 ? "true" : "false");
        break;
    default:
        num_format(v->number, text);
        buf_str(out, text);
    }
}

static bool reads_like_another(const struct param *p, const struct value *v) {
    struct buf mine, other;
    buf_init(&mine);
    buf_init(&other);
    value_text(v, &mine);
    bool found = false;
    for (size_t i = 0; i < p->count && !found; i++) {
        value_text(&p->choices[i], &other);
        found = strcmp(mine.data, other.data) == 0;
    }
    buf_fini(&mine);
    buf_fini(&other);
    return found;
}

static bt_status fail_twice(const struct param *p, const struct value *v) {
    struct buf text;
    buf_init(&text);
    value_text(v, &text);
    bt_status status = fail(
        BT_E_USAGE, "parameter '%s': choice '%.80s' is there twice; remove one",
        p->name, text.data);
    buf_fini(&text);
    return status;
}

static bt_status add_choice(bt_space *s, struct value v) {
    struct param *p = open_choice(s);
    if (!p)
        return fail(BT_E_STATE, "a choice needs bt_space_choice before it");
    if (p->count == CHOICES_MAX)
        return fail(BT_E_RANGE, "parameter '%s' has more than %d choices",
                    p->name, CHOICES_MAX);
    if (reads_like_another(p, &v))
        return fail_twice(p, &v);
    v.choice = (int32_t)p->count;
    if (v.kind == VALUE_STRING)
        v.string = mem_strdup(v.string);
    p->choices = mem_grow(p->choices, p->count, &p->cap, sizeof *p->choices);
    p->choices[p->count++] = v;
    return BT_OK;
}

bt_status bt_space_choice_string(bt_space *s, const char *value) {
    if (strlen(value) > CHOICE_MAX_BYTES)
        return fail(BT_E_RANGE, "choice '%.40s...' has %zu bytes; at most %d",
                    value, strlen(value), CHOICE_MAX_BYTES);
    return add_choice(s, (struct value){.kind = VALUE_STRING, .string = value});
}

bt_status bt_space_choice_number(bt_space *s, double value) {
    if (!isfinite(value))
        return fail(BT_E_RANGE, "a choice must be a finite number");
    return add_choice(s, (struct value){.kind = VALUE_FLOAT, .number = value});
}

bt_status bt_space_choice_bool(bt_space *s, int32_t value) {
    return add_choice(s,
                      (struct value){.kind = VALUE_BOOL, .number = value != 0});
}

bt_status bt_space_ordered(bt_space *s) {
    struct param *p = open_choice(s);
    if (!p)
        return fail(BT_E_STATE, "an order needs bt_space_choice before it");
    p->ordered = true;
    return BT_OK;
}

bt_status bt_space_fixed(bt_space *s) {
    struct param *p = open_choice(s);
    if (!p || p->count != 1)
        return fail(BT_E_STATE, "a fixed parameter has exactly one choice");
    p->fixed = true;
    return BT_OK;
}

bt_status bt_space_check(const bt_space *s) {
    if (s->count == 0)
        return fail(BT_E_USAGE,
                    "a parameter space needs at least one parameter");
    for (int32_t i = 0; i < s->count; i++) {
        const struct param *p = &s->param[i];
        if (p->kind == PARAM_CHOICE && p->count < (p->fixed ? 1 : 2))
            return fail(BT_E_USAGE,
                        "parameter '%s' needs at least 2 choices, got %zu; "
                        "make it a FixedParameter",
                        p->name, p->count);
    }
    return BT_OK;
}
