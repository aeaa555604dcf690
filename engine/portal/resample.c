/* Coarser bars.
 *
 * The rows of a bundle are cut into groups, once for all assets: a group is a
 * span of one session, or sessions of one day, week (Monday to Sunday) or
 * month. Spans within a session are counted from its open, and the last one
 * ends with the session.
 *
 * A group is closed at the first row that closes when its span is over, or at
 * the first row behind it: that is known from the clock and the schedule, so a
 * row that follows can never change a bar that was visible. closed[r] is the
 * index that history goes by: the window at row r ends with coarse bar
 * closed[r] - 1.
 *
 * A coarse bar has the first open, the highest high, the lowest low and the
 * last close of the asset's bars in its group and the exact sum of their
 * volumes, rounded once; NaN and volume 0 where the asset had none. Other
 * fields have their last value.
 *
 * Cost: a pass over the rows for the groups, a pass over a column for its bars.
 */
#include "portal/resample.h"

#include "base/date.h"
#include "base/exact.h"
#include "base/status.h"
#include "store/bundle.h"
#include "store/frequency.h"
#include "store/schedule.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const char *const names[] = {"1m", "3m", "5m", "15m", "30m", "1h",
                                    "2h", "4h", "1d", "1w",  "1mo"};
enum { NAMES = sizeof names / sizeof *names, MON = 0, SUN = 6 };

#define NEVER INT64_MAX

const char *bt_frequency_name(int32_t i) {
    return i >= 0 && i < NAMES ? names[i] : NULL;
}

/* ---- which can be made ----------------------------------------------------*/

static bool is_known(const char *frequency) {
    for (int i = 0; i < NAMES; i++)
        if (strcmp(frequency, names[i]) == 0)
            return true;
    return false;
}

static bt_status unknown(const char *frequency) {
    const char *near = bt_nearest(frequency, names, NAMES);
    return fail(BT_E_NAME,
                "no frequency '%.40s'%s%s%s there are 1m, 3m, 5m, 15m, 30m, "
                "1h, 2h, 4h, 1d, 1w and 1mo",
                frequency, near ? "; did you mean '" : ";", near ? near : "",
                near ? "'?" : "");
}

/* Whole bars of base make one of f. */
static bool divides(struct frequency base, struct frequency f) {
    if (frequency_is_intraday(f))
        return frequency_is_intraday(base) &&
               frequency_us(f) > frequency_us(base) &&
               frequency_us(f) % frequency_us(base) == 0;
    return frequency_is_intraday(base) ||
           (base.unit == FREQUENCY_DAY && base.n == 1 &&
            f.unit > FREQUENCY_DAY);
}

bt_status resample_check(const bt_bundle *b, const char *frequency) {
    struct frequency base, f;
    bt_bundle_info info;
    if (!is_known(frequency))
        return unknown(frequency);
    bt_bundle_get_info(b, &info);
    TRY(frequency_parse(info.frequency, &base));
    TRY(frequency_parse(frequency, &f));
    if (divides(base, f))
        return BT_OK;
    return fail(BT_E_NAME,
                "frequency '%s' cannot be made from the bars of bundle '%s', "
                "which are '%s': whole bars must make it; ask for a coarser "
                "one, or ingest finer bars",
                frequency, info.name, info.frequency);
}

/* ---- groups ---------------------------------------------------------------*/

/* Where one group ends. */
struct span {
    int64_t key;   /* same key: same group, unless it was over before */
    bt_time close; /* of the coarse bar */
    bt_time over;  /* a row that closes then or later closes it */
};

struct grouper {
    struct schedule *schedule;
    struct frequency f;
    bool within; /* base bars are shorter than a day */
    int32_t day; /* the session that the rest is of */
    struct session_times times;
    struct span period; /* of the day, week or month */
};

/* Days of a week from Monday, or of a month. */
static void period_of(const struct grouper *g, int32_t day, int32_t *first,
                      int32_t *last) {
    int year, month, dom;
    *first = *last = day;
    if (g->f.unit == FREQUENCY_WEEK) {
        *first = day - date_weekday(day);
        *last = *first + SUN;
    } else if (g->f.unit == FREQUENCY_MONTH) {
        date_to_civil(day, &year, &month, &dom);
        *first = date_from_civil(year, month, 1);
        *last = month == 12 ? date_from_civil(year + 1, 1, 1) - 1
                            : date_from_civil(year, month + 1, 1) - 1;
    }
}

static void enter_session(struct grouper *g, int32_t day) {
    int32_t first, last;
    if (day == g->day)
        return;
    g->day = day;
    g->times = schedule_times(g->schedule, day);
    period_of(g, day, &first, &last);
    int32_t final = schedule_last(g->schedule, first, last);
    final = final == SCHEDULE_NONE || final < day ? day : final;
    struct session_times t = schedule_times(g->schedule, final);
    g->period = (struct span){first, t.close, g->within ? t.end : t.close};
}

/* The span that a bar belongs to. */
static struct span span_of(struct grouper *g, bt_time open, int32_t session) {
    enter_session(g, session);
    if (!frequency_is_intraday(g->f))
        return g->period;
    int64_t length = frequency_us(g->f), from = open - g->times.open;
    int64_t n = from / length - (from % length < 0);
    struct span s = {n, g->times.open + (n + 1) * length, 0};
    s.over = s.close;
    if (open < g->times.end && s.over > g->times.end) { /* cut by its end */
        s.over = g->times.end;
        s.close = g->times.close;
    }
    return s;
}

/* ---- the block ------------------------------------------------------------*/

struct head {
    int32_t rows, count;
};

static size_t close_offset(void) {
    return sizeof(struct head);
}

static size_t first_offset(int32_t rows) {
    return close_offset() + (size_t)rows * sizeof(bt_time);
}

static size_t closed_offset(int32_t rows) {
    return first_offset(rows) + ((size_t)rows + 1) * sizeof(int32_t);
}

size_t groups_bytes(int32_t rows) {
    return closed_offset(rows) + (size_t)rows * sizeof(int32_t);
}

void groups_attach(struct groups *g, const void *block) {
    const struct head *h = block;
    const char *p = block;
    *g = (struct groups){
        .rows = h->rows,
        .count = h->count,
        .close = (const void *)(p + close_offset()),
        .first = (const void *)(p + first_offset(h->rows)),
        .closed = (const void *)(p + closed_offset(h->rows)),
    };
}

const void *groups_block(const struct groups *g) {
    return (const char *)g->close - close_offset();
}

static void cut(struct grouper *g, const bt_bundle *b, void *block) {
    struct head *h = block;
    struct groups made;
    h->rows = bundle_rows(b);
    groups_attach(&made, block);
    bt_time *close = (bt_time *)made.close;
    int32_t *first = (int32_t *)made.first, *closed = (int32_t *)made.closed;
    const bt_time *opens = bundle_open_times(b), *ends = bundle_close_times(b);
    const int32_t *sessions = bundle_sessions(b);
    struct span now = {0, 0, NEVER};
    int32_t count = 0, session = INT32_MIN;
    bool is_over = true;
    for (int32_t r = 0; r < h->rows; r++) {
        struct span s = span_of(g, opens[r], sessions[r]);
        bool same_day = !frequency_is_intraday(g->f) || sessions[r] == session;
        if (is_over || s.key != now.key || !same_day) {
            if (!is_over && close[count - 1] > ends[r])
                close[count - 1] = ends[r]; /* closed by the row behind it */
            close[count] = s.close;
            first[count++] = r;
            now = s;
        }
        session = sessions[r];
        is_over = ends[r] >= now.over;
        closed[r] = is_over ? count : count - 1;
    }
    first[count] = h->rows;
    h->count = count;
}

bt_status groups_make(const bt_bundle *b, const char *frequency, void *block) {
    struct grouper g = {.day = INT32_MIN};
    struct frequency base;
    bt_bundle_info info;
    bt_bundle_get_info(b, &info);
    TRY(frequency_parse(info.frequency, &base));
    TRY(frequency_parse(frequency, &g.f));
    TRY(bundle_schedule(b, &g.schedule));
    g.within = frequency_is_intraday(base);
    cut(&g, b, block);
    schedule_free(g.schedule);
    return BT_OK;
}

/* ---- values ---------------------------------------------------------------*/

static double first_value(const double *x, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            return x[i];
    return NAN;
}

static double last_value(const double *x, int32_t n) {
    for (int32_t i = n - 1; i >= 0; i--)
        if (!isnan(x[i]))
            return x[i];
    return NAN;
}

/* Comparisons with NaN are false: a NaN is replaced, and replaces nothing. */
static double highest(const double *x, int32_t n) {
    double most = x[0];
    for (int32_t i = 1; i < n; i++)
        most = !(most >= x[i]) && !isnan(x[i]) ? x[i] : most;
    return most;
}

static double lowest(const double *x, int32_t n) {
    double least = x[0];
    for (int32_t i = 1; i < n; i++)
        least = !(least <= x[i]) && !isnan(x[i]) ? x[i] : least;
    return least;
}

/* The plain sum where no addition was rounded, as with whole units. */
static double exact_volume(const double *x, int32_t n) {
    double sum = x[0], lost = 0;
    for (int32_t i = 1; i < n; i++) {
        double next = sum + x[i], part = next - sum;
        lost += fabs((sum - (next - part)) + (x[i] - part));
        sum = next;
    }
    return lost == 0 ? sum : exact_sum(x, n);
}

static double (*const kernels[])(const double *, int32_t) = {
    first_value, highest, lowest, last_value, exact_volume};
enum { KERNELS = sizeof kernels / sizeof *kernels };

double resample_value(int32_t field, const double *x, int32_t n) {
    return field < KERNELS ? kernels[field](x, n) : last_value(x, n);
}

void resample_column(const struct groups *g, int32_t field, const double *x,
                     double *out) {
    double (*kernel)(const double *, int32_t) =
        field < KERNELS ? kernels[field] : last_value;
    for (int32_t i = 0; i < g->count; i++)
        out[i] = kernel(x + g->first[i], g->first[i + 1] - g->first[i]);
}
