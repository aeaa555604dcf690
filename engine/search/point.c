/* Points as text and as bytes.
 *
 * The canonical text is the identity of a parameter set: of the random stream
 * of its backtest, of duplicates, of rows in a study. It is sorted by name and
 * its numbers are the shortest that read back, so two sets have one text
 * exactly when a strategy could not tell them apart (20 and 20.0 are one Lua
 * number).
 *
 * The packed form is for workers that hold the same space: 8 bytes a
 * coordinate, a number or the position of a choice, NaN where a parameter is
 * not active. In the text such a parameter does not appear.
 */
#include "search/param.h"

#include "base/num.h"

#include <math.h>
#include <string.h>

static void add_number(struct buf *out, double v) {
    char text[NUM_TEXT];
    int n = num_format(v, text);
    buf_add(out, text, (size_t)n);
}

/* In quotes; what would break out of them or of the line is escaped. */
static void add_string(struct buf *out, const char *s) {
    buf_chr(out, '"');
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') {
            buf_chr(out, '\\');
            buf_chr(out, *s);
        } else if (c == '\n') {
            buf_str(out, "\\n");
        } else if (c < 0x20 || c == 0x7f) {
            buf_printf(out, "\\x%02x", c);
        } else {
            buf_chr(out, *s);
        }
    }
    buf_chr(out, '"');
}

static void add_value(struct buf *out, const struct value *v) {
    switch (v->kind) {
    case VALUE_STRING:
        add_string(out, v->string);
        break;
    case VALUE_BOOL:
        buf_str(out, v->number != 0 ? "true" : "false");
        break;
    default:
        add_number(out, v->number);
    }
}

void point_canonical(const bt_space *s, const struct point *p,
                     struct buf *out) {
    const char *before = "";
    for (int32_t i = 0; i < s->count; i++) {
        int32_t at = s->sorted[i];
        if (p->value[at].kind == VALUE_NONE)
            continue;
        buf_str(out, before);
        before = ";";
        buf_str(out, s->param[at].name);
        buf_chr(out, '=');
        add_value(out, &p->value[at]);
    }
}

void point_pack(const bt_space *s, const struct point *p, struct buf *out) {
    for (int32_t i = 0; i < s->count; i++) {
        const struct value *v = &p->value[i];
        if (v->kind == VALUE_NONE)
            buf_f64(out, (double)NAN);
        else
            buf_f64(out, v->choice >= 0 ? (double)v->choice : v->number);
    }
}

static bool unpack_value(const bt_space *s, int32_t i, double packed,
                         struct value *out) {
    const struct param *p = &s->param[i];
    *out = (struct value){.kind = VALUE_NONE, .choice = -1};
    if (!isfinite(packed))
        return isnan(packed) && p->parent >= 0;
    if (p->kind == PARAM_CHOICE) {
        if (packed < 0 || packed >= (double)p->count || packed != floor(packed))
            return false;
        *out = p->choices[(int32_t)packed];
        return true;
    }
    *out = (struct value){
        .kind = p->kind == PARAM_INT ? VALUE_INT : VALUE_FLOAT,
        .choice = -1,
        .number = packed,
    };
    return true;
}

bool point_unpack(const bt_space *s, const void *bytes, size_t n,
                  struct point *out) {
    if (n != (size_t)s->count * sizeof(double))
        return false;
    out->count = s->count;
    for (int32_t i = 0; i < s->count; i++) {
        double packed;
        memcpy(&packed, (const char *)bytes + (size_t)i * sizeof packed,
               sizeof packed);
        if (!unpack_value(s, i, packed, &out->value[i]))
            return false;
    }
    return true;
}

/* ---- describing a space ----------------------------------------------------
 */

static void describe_float(const struct param *p, struct buf *out) {
    static const char *const priors[] = {"uniform", "log-uniform", "normal"};
    buf_str(out, "float(");
    add_number(out, p->min);
    buf_chr(out, ',');
    add_number(out, p->max);
    buf_printf(out, ",%s,%d)", priors[p->prior], p->points);
}

static void describe_choices(const struct param *p, struct buf *out) {
    buf_str(out, p->fixed ? "fixed(" : p->ordered ? "ordered(" : "choice(");
    for (size_t k = 0; k < p->count; k++) {
        if (k > 0)
            buf_chr(out, ',');
        add_value(out, &p->choices[k]);
    }
    buf_chr(out, ')');
}

static void describe_steps(const struct param *p, struct buf *out) {
    buf_str(out, "steps(");
    add_number(out, p->min);
    buf_chr(out, ',');
    add_number(out, p->max);
    buf_printf(out, ",%d)", p->points - 1);
}

/* "?mode=up|down": when it is active. */
static void describe_condition(const bt_space *s, const struct param *p,
                               struct buf *out) {
    const char *before = "=";
    if (p->parent < 0)
        return;
    buf_printf(out, "?%s", s->param[p->parent].name);
    for (int64_t k = 0; k < space_levels(s, p->parent); k++) {
        struct value v;
        if (!p->when[k])
            continue;
        space_level(s, p->parent, k, &v);
        buf_str(out, before);
        add_value(out, &v);
        before = "|";
    }
}

void space_describe(const bt_space *s, struct buf *out) {
    for (int32_t i = 0; i < s->count; i++) {
        const struct param *p = &s->param[i];
        buf_printf(out, "%s%s:", i > 0 ? ";" : "", p->name);
        if (p->kind == PARAM_INT)
            buf_printf(out, "int(%lld,%lld,%lld%s)", (long long)p->first,
                       (long long)p->last, (long long)p->step,
                       param_is_log_int(p) ? ",log-uniform" : "");
        else if (p->kind == PARAM_FLOAT)
            describe_float(p, out);
        else if (p->kind == PARAM_STEPS)
            describe_steps(p, out);
        else
            describe_choices(p, out);
        describe_condition(s, p, out);
    }
}
