/* When a bar opens and closes, and one bar per time.
 *
 * Without an exchange's calendar a session is a day as the file writes it: a
 * daily bar opens at 00:00:00 and closes at 23:59:59 of its date, so that it
 * carries that date wherever it is printed. Bars of several days must not be
 * visible before their last day is over: which end the date marks is known from
 * the dates or from the user, and a week or month is taken to its end, so that
 * series with different holidays share their rows. Bars within a day last
 * exactly their length, also over the close of their session: nothing says
 * whether an hour from 15:30 holds trades of after 16:00, so it is known at
 * 16:30. That is late at worst, never early.
 *
 * Rows of one time: equal values are one bar; other values are a conflict, and
 * none of them is stored, since nothing says which is right.
 */
#include "store/bars.h"

#include "base/date.h"
#include "base/status.h"
#include "store/schedule.h"

#include <string.h>

enum { MON, TUE, WED, THU, FRI, SAT, SUN };
#define LAST_SECOND (DATE_DAY_US - INT64_C(1000000))

static bt_time local_time(const struct row *row) {
    return row->stamp + row->zone * INT64_C(900000000);
}

/* The n-th business day (or day, if weekends trade) from day on, n = 1: itself.
 */
static int32_t last_day(int32_t day, int32_t n, bool weekends) {
    while (--n > 0) {
        day++;
        while (!weekends && date_weekday(day) >= SAT)
            day++;
    }
    return day;
}

static void day_span(const struct bar_rule *r, int32_t day, int32_t *first,
                     int32_t *last) {
    int32_t n = r->frequency.n;
    bool opens = r->stamp == BT_STAMP_OPEN;
    *first = opens ? day : day - (n - 1);
    *last = opens ? last_day(day, n, r->weekends) : day;
}

/* Whole weeks from Monday; to Friday, or to Sunday if it may be part of it. */
static void week_span(const struct bar_rule *r, int32_t day, int32_t *first,
                      int32_t *last) {
    int32_t monday = day - date_weekday(day), n = r->frequency.n;
    bool opens = r->stamp == BT_STAMP_OPEN;
    *first = opens ? monday : monday - 7 * (n - 1);
    *last = *first + 7 * (n - 1) + (opens || r->weekends ? SUN : FRI);
}

static void month_span(const struct bar_rule *r, int32_t day, int32_t *first,
                       int32_t *last) {
    int year, month, dom, n = r->frequency.n;
    date_to_civil(day, &year, &month, &dom);
    int index = 12 * year + month - 1;
    if (r->stamp == BT_STAMP_CLOSE)
        index -= n - 1;
    *first = date_from_civil(index / 12, index % 12 + 1, 1);
    index += n;
    *last = date_from_civil(index / 12, index % 12 + 1, 1) - 1;
}

static void clock_times(const struct bar_rule *r, const struct row *row,
                        struct claim *out) {
    int64_t length = frequency_us(r->frequency);
    out->open = r->stamp == BT_STAMP_CLOSE ? row->stamp - length : row->stamp;
    out->close = out->open + length;
    out->session = date_of(out->open);
    if (r->schedule) {
        int32_t session = schedule_session_of(r->schedule, out->open);
        if (session != SCHEDULE_NONE)
            out->session = session;
    }
}

/* A daily bar of an exchange's session has its hours. */
static bool session_hours(const struct bar_rule *r, int32_t day,
                          struct claim *out) {
    if (r->schedule == NULL || r->frequency.unit != FREQUENCY_DAY ||
        r->frequency.n != 1 || !schedule_is_session(r->schedule, day))
        return false;
    struct session_times t = schedule_times(r->schedule, day);
    *out = (struct claim){t.open, t.close, day, out->row};
    return true;
}

void bar_times(const struct bar_rule *r, const struct row *row,
               struct claim *out) {
    int32_t day = date_of(local_time(row)), first = day, last = day;
    if (frequency_is_intraday(r->frequency)) {
        clock_times(r, row, out);
        return;
    }
    if (session_hours(r, day, out))
        return;
    if (r->frequency.unit == FREQUENCY_DAY)
        day_span(r, day, &first, &last);
    else if (r->frequency.unit == FREQUENCY_WEEK)
        week_span(r, day, &first, &last);
    else
        month_span(r, day, &first, &last);
    out->open = first * DATE_DAY_US;
    out->close = last * DATE_DAY_US + LAST_SECOND;
    out->session = last;
}

const char *bar_rule_text(const struct bar_rule *r) {
    bool opens = r->stamp == BT_STAMP_OPEN;
    switch (r->frequency.unit) {
    case FREQUENCY_DAY:
        if (r->frequency.n == 1 && r->schedule)
            return "a bar has the hours of its session";
        if (r->frequency.n == 1)
            return "a session is a day: bars open at 00:00:00 and close at "
                   "23:59:59 UTC of their date";
        return opens ? "the date is the bar's first day"
                     : "the date is the bar's last day";
    case FREQUENCY_WEEK:
        return opens ? "the date is the week's begin; bars close on Sunday "
                       "at 23:59:59 UTC"
               : r->weekends
                   ? "the date is the week's end; bars close on Sunday at "
                     "23:59:59 UTC"
                   : "the date is the week's end; bars close on Friday at "
                     "23:59:59 UTC";
    case FREQUENCY_MONTH:
        return opens ? "the date is the month's begin; bars close on its last "
                       "day at 23:59:59 UTC"
                     : "the date is the month's end; bars close on its last "
                       "day at 23:59:59 UTC";
    default:
        return opens ? "a time is its bar's open" : "a time is its bar's close";
    }
}

/* ---- one bar per time ---------------------------------------------------- */

/* The next row as the next claim. Rows of the same day need no division. */
static bt_status hold(struct bars *b) {
    struct claim *c = &b->claims[b->next];
    const struct row *row;
    TRY(cursor_next(&b->cursor, &row));
    b->held = row != NULL;
    if (row == NULL)
        return BT_OK;
    c->row = row;
    if (b->length > 0 && row->stamp >= b->day_begin &&
        row->stamp < b->day_begin + DATE_DAY_US) {
        c->open = row->stamp;
        c->close = row->stamp + b->length;
        c->session = b->session;
        return BT_OK;
    }
    bar_times(&b->rule, row, c);
    b->session = c->session;
    b->day_begin = c->session * DATE_DAY_US;
    return BT_OK;
}

bt_status bars_open(struct bars *b, const struct bar_rule *rule,
                    const struct rows *rows, const struct series *series) {
    memset(b, 0, sizeof *b);
    b->rule = *rule;
    if (bar_rule_is_plain(rule))
        b->length = frequency_us(rule->frequency);
    b->day_begin = INT64_MIN / 2; /* no day yet */
    TRY(cursor_open(rows, series, &b->cursor));
    bt_status s = hold(b);
    if (s != BT_OK)
        bars_close(b);
    return s;
}

static bool equal_claims(const struct claim *a, const struct claim *b) {
    const double *v = a->row->v, *w = b->row->v;
    return a->open == b->open && v[0] == w[0] && v[1] == w[1] && v[2] == w[2] &&
           v[3] == w[3] && v[4] == w[4];
}

static void report(const struct bars *b, const struct claim *c,
                   const struct claim *first) {
    if (b->conflict != NULL)
        b->conflict(b->context, c, first);
}

/* Read on while rows claim the bar of first. True: two of them disagree. A row
 * of an earlier bar (a local date that steps back) disagrees as well. */
static bt_status same_time(struct bars *b, struct claim *first,
                           bool *conflict) {
    const struct claim *next = &b->claims[b->next];
    b->kept = *first->row; /* the cursor moves on */
    first->row = &b->kept;
    while (b->held && next->open <= first->open) {
        bool equal = equal_claims(next, first);
        b->duplicates += equal;
        if (!equal)
            report(b, next, first);
        *conflict |= !equal;
        TRY(hold(b));
    }
    return BT_OK;
}

bt_status bars_next(struct bars *b, const struct claim **out) {
    while (b->held) {
        struct claim *first = &b->claims[b->next];
        bool conflict = false;
        b->next ^= 1;
        TRY(hold(b));
        if (b->held && b->claims[b->next].open <= first->open)
            TRY(same_time(b, first, &conflict));
        if (!conflict) {
            *out = first;
            return BT_OK;
        }
        report(b, first, first);
    }
    *out = NULL;
    return BT_OK;
}

void bars_close(struct bars *b) {
    cursor_close(&b->cursor);
}
