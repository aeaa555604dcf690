/* What an order may ask for: prices that are prices, options that go together,
 * a time in force as the last row on which the order may trade.
 */
#include "base/date.h"
#include "base/sorted.h"
#include "base/status.h"
#include "sim/order.h"

#include <math.h>
#include <string.h>

void bt_order_options_init(bt_order_options *options) {
    *options = (bt_order_options){.limit = NAN,
                                  .stop = NAN,
                                  .trail = NAN,
                                  .trail_percent = NAN,
                                  .limit_offset = NAN};
}

static bt_status check_price(const char *name, double price) {
    if (isnan(price) || (price > 0.0 && price <= 1e15))
        return BT_OK;
    return fail(BT_E_RANGE,
                "%s must be a price above 0 and at most 1e15, got "
                "%g",
                name, price);
}

bt_status order_check_prices(const bt_order_options *o) {
    TRY(check_price("limit", o->limit));
    TRY(check_price("stop", o->stop));
    TRY(check_price("trail", o->trail));
    if (!isnan(o->trail_percent) &&
        !(o->trail_percent > 0.0 && o->trail_percent < 1.0))
        return fail(BT_E_RANGE,
                    "trail_percent is a fraction, 0 < trail_percent < 1, got "
                    "%g; 5 %% is 0.05",
                    o->trail_percent);
    if (!isnan(o->limit_offset) &&
        !(o->limit_offset >= 0.0 && o->limit_offset <= 1e15))
        return fail(BT_E_RANGE,
                    "limit_offset is currency beyond the stop, 0..1e15, got %g",
                    o->limit_offset);
    return BT_OK;
}

static bt_status check_trail(const bt_order_options *o) {
    bool amount = !isnan(o->trail), percent = !isnan(o->trail_percent);
    if (amount && percent)
        return fail(BT_E_USAGE, "give trail (currency) or trail_percent "
                                "(fraction), not both");
    if ((amount || percent) && !(isnan(o->stop) && isnan(o->limit)))
        return fail(BT_E_USAGE, "a trailing stop finds its own prices; leave "
                                "stop and limit out (limit_offset makes it a "
                                "trailing stop-limit)");
    if (!isnan(o->limit_offset) && !amount && !percent)
        return fail(BT_E_USAGE, "limit_offset belongs to a trailing stop; "
                                "give trail or trail_percent, or limit");
    return BT_OK;
}

static bool has_price(const bt_order_options *o) {
    return !isnan(o->limit) || !isnan(o->stop) || !isnan(o->trail) ||
           !isnan(o->trail_percent);
}

bt_status order_check_rules(const bt_order_options *o) {
    const int32_t known = BT_ORDER_SIZE_AT_FILL | BT_ORDER_AT_CLOSE |
                          BT_ORDER_REDUCE_ONLY | BT_ORDER_DISTANCE |
                          BT_ORDER_FRACTION;
    if (o->flags & ~known)
        return fail(BT_E_RANGE, "unknown flags 0x%x; use 0 or a sum of %d",
                    (unsigned)o->flags, known);
    if (o->tif < BT_TIF_GTC || o->tif > BT_TIF_GTD)
        return fail(BT_E_RANGE, "time in force must be 0..%d, got %d",
                    BT_TIF_GTD, o->tif);
    TRY(check_trail(o));
    if ((o->flags & BT_ORDER_AT_CLOSE) && has_price(o))
        return fail(BT_E_USAGE, "an order at the close has no limit, stop or "
                                "trail; leave them out");
    return BT_OK;
}

bt_status bt_run_until(bt_run *run, const char *text, bt_time *out) {
    bt_time at;
    bool has_time;
    if (!date_parse(text, strlen(text), &at, &has_time))
        return fail(BT_E_USAGE,
                    "good_till is a date such as 2024-01-31 or a time such as "
                    "2024-01-31T16:00, got '%.40s'",
                    text);
    int32_t day = date_of(at), row = run->rows;
    while (row > 0 && run->sessions[row - 1] > day)
        row--;
    bool inside = row > 0 && run->sessions[run->rows - 1] >= day;
    bt_time closed = inside ? run->market.close_times[row - 1] + 1
                            : at + DATE_DAY_US; /* after the data */
    *out = has_time ? at : closed;
    return BT_OK;
}

/* Last row of the session that the next row belongs to. */
static int32_t end_of_day(const bt_run *run) {
    int32_t row = run->row + 1;
    while (row + 1 < run->rows && run->sessions[row] == run->sessions[row + 1])
        row++;
    return row;
}

/* Last row that closes before an instant; none when the data end first. */
static int32_t row_before(const bt_run *run, bt_time until) {
    const bt_time *closes = run->market.close_times;
    int32_t low = (int32_t)sorted_from(closes, run->rows, until);
    bool beyond = low == run->rows && until > closes[low - 1] + 1;
    return beyond ? INT32_MAX : low - 1;
}

bt_status order_last_row(const bt_run *run, const bt_order_options *o,
                         int32_t *out) {
    switch (o->tif) {
    case BT_TIF_DAY:
        *out = end_of_day(run);
        return BT_OK;
    case BT_TIF_GTD:
        if (o->until <= run->ledger.account.now)
            return fail(BT_E_RANGE, "good_till lies in the past: it must be "
                                    "after the current bar's close");
        *out = row_before(run, o->until);
        return BT_OK;
    default:
        *out = INT32_MAX;
        return BT_OK;
    }
}
