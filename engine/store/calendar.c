/* The calendar of a bundle is the union of the times of its assets' bars.
 *
 * Assets are merged one by one. Most share their times with those before, so
 * the merge walks the rows that exist and only collects what is new; a new row
 * costs its place in the collection and one pass over the rows at calendar_end.
 * Memory is 20 bytes a row; a large one is on disk but for where it is walked.
 *
 * Invariant: open and close ascend strictly, session ascends, open < close.
 */
#include "store/calendar.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

void calendar_init(struct calendar *c) {
    memset(c, 0, sizeof *c);
}

void calendar_fini(struct calendar *c) {
    for (int i = 0; i < 3; i++)
        scratch_free(&c->room[i]);
    free(c->fresh);
    free(c->schedule);
    memset(c, 0, sizeof *c);
}

static void reserve(struct calendar *c, int64_t rows) {
    if (rows <= c->cap)
        return;
    c->cap = rows > 2 * c->cap ? rows : 2 * c->cap;
    size_t n = (size_t)c->cap, used = (size_t)c->rows;
    scratch_grow(&c->room[0], c->folder, used * 8, n * 8);
    scratch_grow(&c->room[1], c->folder, used * 8, n * 8);
    scratch_grow(&c->room[2], c->folder, used * 4, n * 4);
    c->open = c->room[0].data;
    c->close = c->room[1].data;
    c->session = c->room[2].data;
}

void calendar_begin(struct calendar *c, int64_t expected) {
    c->at = 0;
    c->fresh_count = 0;
    reserve(c, expected);
}

static bt_status contradiction(bt_time open, bt_time a, bt_time b) {
    char at[DATE_TEXT], one[DATE_TEXT], other[DATE_TEXT];
    date_format_time(open, at);
    date_format_time(a, one);
    date_format_time(b, other);
    return fail(BT_E_DATA,
                "bars that open at %s close at %s and at %s; a bundle holds "
                "bars of one frequency",
                at, one, other);
}

static void set_row(struct calendar *c, int64_t i, bt_time open, bt_time close,
                    int32_t session) {
    c->open[i] = open;
    c->close[i] = close;
    c->session[i] = session;
}

bt_status calendar_add_any(struct calendar *c, bt_time open, bt_time close,
                           int32_t session) {
    while (c->at < c->rows && c->open[c->at] < open)
        c->at++;
    if (c->at < c->rows && c->open[c->at] == open)
        return c->close[c->at] == close
                   ? BT_OK
                   : contradiction(open, c->close[c->at], close);
    if (c->at == c->rows &&
        c->fresh_count == 0) { /* behind all that is known */
        reserve(c, c->rows + 1);
        set_row(c, c->rows++, open, close, session);
        c->at = c->rows;
        return BT_OK;
    }
    c->fresh =
        mem_grow(c->fresh, c->fresh_count, &c->fresh_cap, sizeof *c->fresh);
    c->fresh[c->fresh_count++] = (struct calendar_row){open, close, session};
    return BT_OK;
}

void calendar_rest(const struct calendar *c) {
    for (int i = 0; i < 3; i++)
        scratch_rest(&c->room[i]);
}

/* Merge from the back, in place. */
void calendar_end(struct calendar *c) {
    int64_t fresh = (int64_t)c->fresh_count;
    if (fresh == 0)
        return;
    int64_t old = c->rows - 1, total = c->rows + fresh;
    reserve(c, total);
    c->rows = total;
    for (int64_t to = total - 1; fresh > 0; to--) {
        if (to % CALENDAR_STEP == 0)
            calendar_rest(c);
        const struct calendar_row *r = &c->fresh[fresh - 1];
        if (old >= 0 && c->open[old] > r->open) {
            set_row(c, to, c->open[old], c->close[old], c->session[old]);
            old--;
        } else {
            set_row(c, to, r->open, r->close, r->session);
            fresh--;
        }
    }
    c->fresh_count = 0;
}

static bool follows(const struct calendar *c, int64_t i) {
    return c->open[i - 1] < c->open[i] && c->close[i - 1] < c->close[i] &&
           c->session[i - 1] <= c->session[i];
}

bt_status calendar_finish(struct calendar *c) {
    c->sessions = c->saturdays = 0;
    if (c->rows > INT32_MAX)
        return fail(BT_E_RANGE, "%lld rows; a bundle holds at most %d",
                    (long long)c->rows, INT32_MAX);
    for (int64_t i = 0; i < c->rows; i++) {
        if (i % CALENDAR_STEP == 0)
            calendar_rest(c);
        if (c->open[i] >= c->close[i] || (i > 0 && !follows(c, i))) {
            char at[DATE_TEXT];
            date_format_time(c->open[i], at);
            return fail(BT_E_DATA,
                        "the bar that opens at %s does not follow the one "
                        "before it; a bundle holds bars of one frequency",
                        at);
        }
        if (i == 0 || c->session[i] != c->session[i - 1]) {
            c->sessions++;
            c->saturdays += date_weekday(c->session[i]) == 5;
        }
    }
    return BT_OK;
}

int64_t calendar_row_of(const struct calendar *c, bt_time open, int64_t from) {
    while (from < c->rows && c->open[from] < open)
        from++;
    return from < c->rows && c->open[from] == open ? from : -1;
}

bool calendar_trades_weekends(const struct calendar *c) {
    return c->saturdays > 0 && c->saturdays * 14 >= c->sessions;
}
