/* What one version, or bundle, has that another has not.
 *
 * Assets are matched by symbol, rows by open time, fields by name. A cell is
 * compared where both have a bar; what only one has counts as a bar that came
 * or went. Bits are compared: -0 and 0 differ, NaN equals NaN.
 */
#include "backlua.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"
#include "store/asset.h"
#include "store/bundle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXAMPLES = 10 };

struct side_of {
    bt_bundle *bundle;
    const bt_time *opens;
    int32_t rows;
};

struct diff {
    struct side_of a, b;
    bt_bundle_difference *out;
    struct buf text;
    int lines;
};

static void example(struct diff *d, const char *symbol, bt_time t,
                    const char *field, double x, double y) {
    char at[DATE_TEXT], one[NUM_TEXT], other[NUM_TEXT];
    if (d->lines++ >= EXAMPLES)
        return;
    if (t % DATE_DAY_US == 0)
        date_format(date_of(t), at);
    else
        date_format_time(t, at);
    num_format(x, one);
    num_format(y, other);
    buf_printf(&d->text, "%s %s: %s %s -> %s\n", symbol, at, field, one, other);
}

static struct side_of side_of(bt_bundle *b) {
    return (struct side_of){b, bundle_open_times(b), bundle_rows(b)};
}

/* Rows of the next time of either; -1 where one has none. False at the end. */
static bool next_rows(const struct diff *d, int32_t *a, int32_t *b, bool *in_a,
                      bool *in_b) {
    *a += *in_a;
    *b += *in_b;
    *in_a =
        *a < d->a.rows && (*b >= d->b.rows || d->a.opens[*a] <= d->b.opens[*b]);
    *in_b =
        *b < d->b.rows && (*a >= d->a.rows || d->b.opens[*b] <= d->a.opens[*a]);
    return *in_a || *in_b;
}

static void compare_times(struct diff *d) {
    int32_t a = 0, b = 0;
    bool in_a = false, in_b = false;
    while (next_rows(d, &a, &b, &in_a, &in_b)) {
        d->out->rows_removed += !in_b;
        d->out->rows_added += !in_a;
    }
}

/* ---- columns --------------------------------------------------------------*/

struct pair {
    const char *symbol, *field;
    const double *a, *b;           /* the column */
    const double *mask_a, *mask_b; /* closes: NaN where there is no bar */
    bool counts_bars;
};

static void compare_cell(struct diff *d, const struct pair *p, bt_time t,
                         double x, double y) {
    d->out->cells++;
    if (num_bits(x) == num_bits(y) || (isnan(x) && isnan(y)))
        return;
    d->out->cells_changed++;
    example(d, p->symbol, t, p->field, x, y);
}

static void compare_columns(struct diff *d, const struct pair *p) {
    int32_t a = 0, b = 0;
    bool in_a = false, in_b = false;
    while (next_rows(d, &a, &b, &in_a, &in_b)) {
        bool bar_a = in_a && !isnan(p->mask_a[a]);
        bool bar_b = in_b && !isnan(p->mask_b[b]);
        if (bar_a && bar_b)
            compare_cell(d, p, d->a.opens[a], p->a[a], p->b[b]);
        else if (p->counts_bars) {
            d->out->bars_removed += bar_a;
            d->out->bars_added += bar_b;
        }
    }
}

static bt_status compare_field(struct diff *d, int32_t sid_a, int32_t sid_b,
                               int32_t field) {
    bt_bundle *a = d->a.bundle, *b = d->b.bundle;
    const char *name = bt_bundle_field(a, field);
    int32_t other = bt_bundle_find_field(b, name);
    struct pair p = {.symbol = bt_bundle_symbol(a, sid_a),
                     .field = name,
                     .counts_bars = field == BT_FIELD_CLOSE};
    if (field == BT_FIELD_PRICE || other < 0)
        return BT_OK;
    TRY(bundle_column(a, sid_a, field, &p.a));
    TRY(bundle_column(b, sid_b, other, &p.b));
    TRY(bundle_column(a, sid_a, BT_FIELD_CLOSE, &p.mask_a));
    TRY(bundle_column(b, sid_b, BT_FIELD_CLOSE, &p.mask_b));
    compare_columns(d, &p);
    return BT_OK;
}

/* ---- the rest -------------------------------------------------------------*/

static bool same_facts(const struct fact_list *x, const struct fact_list *y) {
    bool same = x->count == y->count;
    for (size_t i = 0; same && i < x->count; i++)
        same = strcmp(x->facts[i].name, y->facts[i].name) == 0 &&
               strcmp(x->facts[i].value, y->facts[i].value) == 0;
    return same;
}

static bool same_action(const struct diff *d, const bt_action *x,
                        const bt_action *y) {
    return strcmp(bt_bundle_symbol(d->a.bundle, x->sid),
                  bt_bundle_symbol(d->b.bundle, y->sid)) == 0 &&
           x->kind == y->kind && x->day == y->day && x->pay_day == y->pay_day &&
           x->value == y->value && x->cash == y->cash &&
           strcmp(x->text, y->text) == 0;
}

/* Actions of a that b has not; the other way round when swapped. */
static double lost_actions(const struct diff *d) {
    const bt_action *x, *y;
    int32_t n = bt_bundle_actions(d->a.bundle, &x);
    int32_t m = bt_bundle_actions(d->b.bundle, &y);
    double lost = 0;
    for (int32_t i = 0; i < n; i++) {
        bool found = false;
        for (int32_t k = 0; k < m && !found; k++)
            found = same_action(d, &x[i], &y[k]);
        lost += !found;
    }
    return lost;
}

static void name_assets(struct diff *d, bt_bundle *of, const bt_bundle *in,
                        char sign, double *count) {
    for (int32_t i = 0; i < bundle_assets(of); i++) {
        const char *symbol = bt_bundle_symbol(of, i);
        if (bt_bundle_find(in, symbol) >= 0)
            continue;
        ++*count;
        if (d->lines++ < EXAMPLES)
            buf_printf(&d->text, "%casset %s\n", sign, symbol);
    }
}

static void name_fields(struct diff *d, const bt_bundle *of,
                        const bt_bundle *in, char sign, double *count) {
    for (int32_t f = BT_FIELDS; f < bundle_fields(of); f++) {
        const char *name = bt_bundle_field(of, f);
        if (bt_bundle_find_field(in, name) >= 0)
            continue;
        ++*count;
        if (d->lines++ < EXAMPLES)
            buf_printf(&d->text, "%cfield %s\n", sign, name);
    }
}

static bt_status compare_assets(struct diff *d) {
    bt_bundle *a = d->a.bundle, *b = d->b.bundle;
    const struct asset_list *la = bundle_asset_list(a);
    const struct asset_list *lb = bundle_asset_list(b);
    for (int32_t i = 0; i < la->count; i++) {
        int32_t k = bt_bundle_find(b, la->assets[i].symbol);
        if (k < 0)
            continue;
        if (!same_facts(&la->assets[i].facts, &lb->assets[k].facts)) {
            d->out->facts_changed++;
            if (d->lines++ < EXAMPLES)
                buf_printf(&d->text, "%s: other facts\n", la->assets[i].symbol);
        }
        for (int32_t f = 0; f < bundle_fields(a); f++)
            TRY(compare_field(d, i, k, f));
    }
    return BT_OK;
}

static bt_status compare(struct diff *d) {
    bt_bundle *a = d->a.bundle, *b = d->b.bundle;
    d->a = side_of(a);
    d->b = side_of(b);
    name_assets(d, a, b, '-', &d->out->assets_removed);
    name_assets(d, b, a, '+', &d->out->assets_added);
    name_fields(d, a, b, '-', &d->out->fields_removed);
    name_fields(d, b, a, '+', &d->out->fields_added);
    compare_times(d);
    TRY(compare_assets(d));
    d->out->actions_removed = lost_actions(d);
    struct diff turned = {.a = d->b, .b = d->a};
    d->out->actions_added = lost_actions(&turned);
    d->out->same = memcmp(bundle_sha(a), bundle_sha(b), 32) == 0;
    return BT_OK;
}

bt_status bt_bundle_diff(const char *a, const char *b,
                         bt_bundle_difference *out) {
    static char *examples;
    bt_bundle_difference result = {0};
    struct diff d = {.out = &result};
    bt_status s = bt_bundle_acquire(a, &d.a.bundle);
    if (s == BT_OK)
        s = bt_bundle_acquire(b, &d.b.bundle);
    buf_init(&d.text);
    if (s == BT_OK)
        s = compare(&d);
    bt_bundle_release(d.b.bundle);
    bt_bundle_release(d.a.bundle);
    if (s != BT_OK) {
        buf_fini(&d.text);
        return s;
    }
    free(examples);
    examples = buf_take(&d.text);
    result.examples = examples;
    *out = result;
    return BT_OK;
}
