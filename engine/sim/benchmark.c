/* What else one could have done with the money.
 *
 * A benchmark is a curve of values beside the equity: of an asset of the bundle
 * with its splits and dividends reinvested, or given from outside by day. Its
 * numbers never move by filling: a session without one has NaN, and statistics
 * are taken over the sessions that both have, each return from one of them to
 * the next, so a gap makes one longer period, for both.
 *
 * The asset's value: 1 at its first bar, then times (close * split + dividend)
 * / close before, the dividend of the ex-date reinvested at that close before.
 * source CRSP's holding-period return
 *
 * Cost: O(bars + actions), once a run that has one.
 */
#include "sim/result.h"

#include "base/mem.h"
#include "base/status.h"
#include "store/actions.h"
#include "store/bundle.h"

#include <math.h>
#include <stdlib.h>

/* ---- an asset ------------------------------------------------------------ */

/* Units that one unit becomes at a row, and the cash that comes with them. */
struct change {
    double ratio, cash;
};

static struct change change_at(const struct actions *a, int32_t sid,
                               int32_t after, int32_t row) {
    struct change c = {1.0, 0.0};
    for (int32_t i = actions_first(a, sid);
         i < a->count && a->list[i].sid == sid && a->list[i].row <= row; i++) {
        const bt_action *x = &a->list[i];
        if (x->row <= after)
            continue;
        if (x->kind == BT_ACTION_SPLIT)
            c.ratio *= x->value;
        else if (x->kind == BT_ACTION_DIVIDEND)
            c.cash += x->value * c.ratio;
    }
    return c;
}

/* The asset's value from row 0 on, at rows first .. last: out; at the last bar
 * before first, else at the open of first: *start, NaN without either. */
static void follow(const struct actions *a, int32_t sid, const double *close,
                   const double *open, int32_t first, int32_t last,
                   double *start, double *out) {
    double value = NAN;
    int32_t before = -1;
    *start = NAN;
    for (int32_t row = 0; row <= last; row++) {
        bool has = !isnan(close[row]);
        if (has && before < 0) {
            value = 1.0;
        } else if (has) {
            struct change c = change_at(a, sid, before, row);
            value *= (close[row] * c.ratio + c.cash) / close[before];
        }
        if (has && row < first)
            *start = value;
        if (has && row == first && isnan(*start))
            *start = value * (open[row] / close[row]);
        if (row >= first)
            out[row - first] = has ? value : NAN;
        before = has ? row : before;
    }
}

bt_status benchmark_take(bt_run *run, struct result *r) {
    bt_result *p = &r->pub;
    const double *open, *close;
    if (run->benchmark < 0)
        return BT_OK;
    TRY(result_column(p, run->benchmark, BT_FIELD_OPEN, &open));
    TRY(result_column(p, run->benchmark, BT_FIELD_CLOSE, &close));
    r->benchmark = mem_alloc(((size_t)p->bars + 1) * sizeof *r->benchmark);
    follow(bundle_actions(r->bundle), run->benchmark, close, open, r->first,
           r->first + p->bars - 1, &p->benchmark_start, r->benchmark);
    p->benchmark = r->benchmark;
    return BT_OK;
}

/* ---- values by day ------------------------------------------------------- */

static bt_status check_values(const int32_t *days, const double *values,
                              int32_t n) {
    for (int32_t i = 0; i < n; i++) {
        if (!(values[i] > 0.0) || isinf(values[i]))
            return fail(BT_E_RANGE,
                        "the benchmark's value %d is %g; values must be finite "
                        "and above 0",
                        i + 1, values[i]);
        if (i > 0 && days[i] <= days[i - 1])
            return fail(BT_E_RANGE,
                        "the benchmark's days must ascend; value %d is of the "
                        "day of the one before it, or earlier",
                        i + 1);
    }
    return BT_OK;
}

/* The last bar of a session shows the value of its day. Returns how many. */
static int32_t place(const bt_result *r, const int32_t *days,
                     const double *values, int32_t n, double *start,
                     double *out) {
    int32_t next = 0, found = 0;
    *start = NAN;
    for (int32_t i = 0; i < r->bars; i++) {
        int32_t day = bt_result_day(r, i);
        out[i] = NAN;
        for (; next < n && days[next] < day; next++)
            if (i == 0)
                *start = values[next];
        bool last = bt_result_day(r, i + 1) != day;
        if (last && next < n && days[next] == day) {
            out[i] = values[next];
            found++;
        }
    }
    return found;
}

bt_status bt_result_compare(bt_result *r, const int32_t *days,
                            const double *values, int32_t n) {
    struct result *own = (struct result *)r;
    double start;
    TRY(check_values(days, values, n));
    double *curve = mem_alloc(((size_t)r->bars + 1) * sizeof *curve);
    if (place(r, days, values, n, &start, curve) < 2) {
        free(curve);
        return fail(BT_E_DATA, "the benchmark has values of fewer than two "
                               "sessions of the run; give one that covers it");
    }
    free(own->benchmark);
    own->benchmark = curve;
    r->benchmark = curve;
    r->benchmark_start = start;
    return BT_OK;
}

/* ---- both ---------------------------------------------------------------- */

int32_t bt_result_paired(const bt_result *r, double *returns, double *benchmark,
                         double *seconds) {
    double equity = r->starting_cash, value = r->benchmark_start;
    int32_t n = 0;
    for (int32_t i = 0; i < r->bars && r->benchmark; i++) {
        bool last = bt_result_day(r, i + 1) != bt_result_day(r, i);
        if (!last || isnan(r->benchmark[i]))
            continue;
        if (!isnan(value)) {
            returns[n] = r->performance[i] / equity - 1.0;
            benchmark[n] = r->benchmark[i] / value - 1.0;
            seconds[n++] = seconds_of(r->times[i]);
        }
        value = r->benchmark[i];
        equity = r->performance[i];
    }
    return n;
}
