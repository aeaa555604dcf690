/* Hashes say that the bytes are those of the ingest; this says that the ingest
 * wrote what a bundle may hold: times that ascend, prices that are all there
 * and > 0 or all NaN, low <= open, close <= high within the tolerance of
 * ingest, volume finite and >= 0, and no bar outside of what the catalogue
 * claims. Own fields hold finite numbers or NaN.
 *
 * One pass over everything, about 5 ns a row and asset.
 */
#include "store/bundle_check.h"

#include "base/date.h"
#include "base/num.h"
#include "base/status.h"
#include "store/asset.h"
#include "store/bundle.h"
#include "store/schema.h"

#include <math.h>
#include <stdbool.h>

/* Twice that of ingest (prices adjusted by vendors): rounding is not damage. */
#define TOLERANCE 2e-6

static bt_status check_calendar(const bt_bundle *b) {
    const bt_time *open = bundle_open_times(b), *close = bundle_close_times(b);
    const int32_t *session = bundle_sessions(b);
    for (int32_t i = 0; i < bundle_rows(b); i++) {
        bool good = open[i] < close[i];
        if (i > 0)
            good = good && open[i - 1] < open[i] && close[i - 1] < close[i] &&
                   session[i - 1] <= session[i];
        if (!good)
            return fail(BT_E_DATA,
                        "%s is damaged: row %d of its calendar does "
                        "not follow the row before it",
                        bundle_path(b), i);
    }
    bt_bundle_info info;
    bt_bundle_get_info(b, &info);
    if (info.first_close != close[0] ||
        info.last_close != close[bundle_rows(b) - 1])
        return fail(BT_E_DATA,
                    "%s is damaged: its calendar does not span what "
                    "the catalogue says",
                    bundle_path(b));
    return BT_OK;
}

struct asset_bars {
    const bt_bundle *bundle;
    const struct asset *asset;
    const double *x[SCHEMA_FIELDS];
};

static bt_status bad_bar(const struct asset_bars *b, int32_t row, int field,
                         const char *why) {
    char at[DATE_TEXT], value[NUM_TEXT];
    date_format_time(bundle_close_times(b->bundle)[row], at);
    num_format(b->x[field][row], value);
    return fail(BT_E_DATA, "%s is damaged: %s of %s at %s is %s, %s",
                bundle_path(b->bundle), schema_fields[field], b->asset->symbol,
                at, value, why);
}

static bool is_price(double x) {
    return x > 0 && x <= 1.7976931348623157e308;
}

static bt_status check_gap(const struct asset_bars *b, int32_t row) {
    for (int f = BT_FIELD_OPEN; f <= BT_FIELD_CLOSE; f++)
        if (!isnan(b->x[f][row]))
            return bad_bar(b, row, f, "where there is no bar");
    if (b->x[BT_FIELD_VOLUME][row] != 0)
        return bad_bar(b, row, BT_FIELD_VOLUME, "where there is no bar");
    return BT_OK;
}

static bt_status check_bar(const struct asset_bars *b, int32_t row) {
    double open = b->x[BT_FIELD_OPEN][row], high = b->x[BT_FIELD_HIGH][row];
    double low = b->x[BT_FIELD_LOW][row], close = b->x[BT_FIELD_CLOSE][row];
    double volume = b->x[BT_FIELD_VOLUME][row];
    for (int f = BT_FIELD_OPEN; f <= BT_FIELD_CLOSE; f++)
        if (!is_price(b->x[f][row]))
            return bad_bar(b, row, f, "not a finite price > 0");
    if (!(volume >= 0 && isfinite(volume)))
        return bad_bar(b, row, BT_FIELD_VOLUME, "not a finite number >= 0");
    double slack = high * TOLERANCE;
    if (low > open + slack || low > close + slack || low > high + slack)
        return bad_bar(b, row, BT_FIELD_LOW, "above open, close or high");
    if (open > high + slack || close > high + slack)
        return bad_bar(b, row, BT_FIELD_HIGH, "below open or close");
    return BT_OK;
}

static bt_status check_asset(bt_bundle *b, int32_t sid) {
    struct asset_bars bars = {b, &bundle_asset_list(b)->assets[sid], {NULL}};
    int64_t count = 0;
    int32_t first = -1, last = -1;
    for (int f = 0; f < SCHEMA_FIELDS; f++)
        TRY(bundle_column(b, sid, f, &bars.x[f]));
    for (int32_t row = 0; row < bundle_rows(b); row++) {
        if (isnan(bars.x[BT_FIELD_CLOSE][row])) {
            TRY(check_gap(&bars, row));
            continue;
        }
        TRY(check_bar(&bars, row));
        first = count++ == 0 ? row : first;
        last = row;
    }
    if (count != bars.asset->bars || first != bars.asset->first_row ||
        last != bars.asset->last_row)
        return fail(BT_E_DATA,
                    "%s is damaged: the bars of %s are not those "
                    "that the catalogue counts",
                    bundle_path(b), bars.asset->symbol);
    return BT_OK;
}

static bt_status check_own(bt_bundle *b, int32_t sid, int32_t field) {
    const double *x;
    TRY(bundle_column(b, sid, field, &x));
    for (int32_t row = 0; row < bundle_rows(b); row++)
        if (isinf(x[row]))
            return fail(BT_E_DATA,
                        "%s is damaged: %s of %s is infinite at row %d",
                        bundle_path(b), bt_bundle_field(b, field),
                        bt_bundle_symbol(b, sid), row);
    return BT_OK;
}

bt_status bundle_check(bt_bundle *b) {
    TRY(check_calendar(b));
    for (int32_t sid = 0; sid < bundle_assets(b); sid++) {
        TRY(check_asset(b, sid));
        for (int32_t f = BT_FIELDS; f < bundle_fields(b); f++)
            TRY(check_own(b, sid, f));
    }
    return BT_OK;
}
