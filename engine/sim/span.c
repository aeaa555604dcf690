/* From the texts after -s and -e to a half-open span of instants.
 *
 * A date stands for its whole session, which need not lie within the UTC day of
 * that name (a futures session opens the evening before). So the rows say where
 * a session begins: the bound is midnight where midnight lies between the two
 * closes around it, else the instant after the earlier close.
 */
#include "base/date.h"
#include "base/sorted.h"
#include "base/status.h"
#include "store/bundle.h"

#include <stdbool.h>

struct calendar {
    const bt_time *opens, *closes;
    const int32_t *sessions;
    int32_t rows;
};

/* First row of a session on day or later. */
static int32_t row_of_day(const struct calendar *c, int32_t day) {
    return (int32_t)sorted_day(c->sessions, c->rows, day);
}

/* An instant after every close before row and not after its own. */
static bt_time bound_of(const struct calendar *c, int32_t row, int32_t day) {
    bt_time midnight = (bt_time)day * DATE_DAY_US;
    bool late = row < c->rows && midnight > c->closes[row];
    if (row == 0)
        return late ? c->opens[0] : midnight;
    if (late || midnight <= c->closes[row - 1])
        return c->closes[row - 1] + 1;
    return midnight;
}

static bt_status parse_start(const struct calendar *c, const char *text,
                             bt_time *out) {
    int32_t has_time = 0;
    if (!text) {
        *out = c->rows > 0 ? c->opens[0] : 0;
        return BT_OK;
    }
    TRY(bt_date_parse(text, out, &has_time));
    if (!has_time) {
        int32_t day = date_of(*out);
        *out = bound_of(c, row_of_day(c, day), day);
    }
    return BT_OK;
}

static bt_status parse_end(const struct calendar *c, const char *text,
                           bt_time *out) {
    int32_t has_time = 0;
    if (!text) {
        *out = c->rows > 0 ? c->closes[c->rows - 1] + 1 : 0;
        return BT_OK;
    }
    TRY(bt_date_parse(text, out, &has_time));
    if (!has_time) {
        int32_t after = date_of(*out) + 1;
        *out = bound_of(c, row_of_day(c, after), after);
    }
    return BT_OK;
}

/* First row that closes at `at` or later. */
static int32_t row_from(const bt_time *closes, int32_t rows, bt_time at) {
    return (int32_t)sorted_from(closes, rows, at);
}

int32_t bt_span_bars(const bt_bundle *b, bt_time start, bt_time end) {
    const bt_time *closes = bundle_close_times(b);
    int32_t n = row_from(closes, bundle_rows(b), end) -
                row_from(closes, bundle_rows(b), start);
    return n > 0 ? n : 0;
}

bt_time bt_span_cut(const bt_bundle *b, bt_time start, bt_time end,
                    int32_t bars) {
    const bt_time *closes = bundle_close_times(b);
    int32_t first = row_from(closes, bundle_rows(b), start);
    if (bars >= bt_span_bars(b, start, end))
        return end;
    return closes[first + bars - 1] + 1;
}

static bt_status nothing_inside(const bt_bundle *b, const struct calendar *c,
                                const char *start, const char *end) {
    char first[DATE_TEXT] = "nothing", last[DATE_TEXT] = "nothing";
    bt_bundle_info info;
    bt_bundle_get_info(b, &info);
    if (c->rows > 0) {
        date_format(c->sessions[0], first);
        date_format(c->sessions[c->rows - 1], last);
    }
    return fail(BT_E_DATA,
                "no bar between %s and %s: bundle '%s' holds %s to %s; choose "
                "dates inside",
                start ? start : "its start", end ? end : "its end", info.name,
                first, last);
}

bt_status bt_span(const bt_bundle *b, const char *start, const char *end,
                  bt_time *out_start, bt_time *out_end) {
    struct calendar c = {.opens = bundle_open_times(b),
                         .closes = bundle_close_times(b),
                         .sessions = bundle_sessions(b),
                         .rows = bundle_rows(b)};
    bt_time from = 0, to = 0;
    TRY(parse_start(&c, start, &from));
    TRY(parse_end(&c, end, &to));
    if (start && end && from >= to)
        return fail(BT_E_USAGE, "start %s is not before end %s; swap them",
                    start, end);
    if (bt_span_bars(b, from, to) == 0)
        return nothing_inside(b, &c, start, end);
    *out_start = from;
    *out_end = to;
    return BT_OK;
}
