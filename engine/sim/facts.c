/* What a run can say about its calendar: when an asset traded last, and where
 * the current session stands in its week and month.
 *
 * The calendar is the bundle's: the sessions that some asset traded in.
 * Exchanges announce theirs years ahead, so counting the sessions to the end of
 * a month looks into no price. Beyond the bundle's last session the calendar is
 * guessed: every weekday (every day, when the bundle trades on weekends) is
 * one. So a bundle that stops on the 10th has no month end on the 10th.
 *
 * Cost: O(log rows) per session of the month, asked once a session.
 */
#include "base/date.h"
#include "base/sorted.h"
#include "sim/run.h"
#include "store/bundle.h"

#include <math.h>

double bt_run_last_traded(bt_run *run, int32_t sid) {
    int32_t row = bt_portal_last_bar(portal_public(run->portal), sid);
    return row >= 0 ? (double)run->market.close_times[row] / 1e6 : NAN;
}

double bt_run_position_value(bt_run *run, int32_t sid) {
    const struct ledger *l = &run->ledger;
    int32_t at = sid >= 0 && sid < run->assets ? l->slot[sid] : -1;
    return at >= 0 ? l->held[at].amount * l->positions[sid].last_price : 0.0;
}

/* Row of the first bar of the session after that of row, or rows. */
static int32_t next_session(const bt_run *run, int32_t row) {
    int32_t low = row + 1, step = 1, day = run->sessions[row];
    while (low + step < run->rows && run->sessions[low + step] == day)
        step *= 2;
    int32_t high = low + step < run->rows ? low + step : run->rows;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (run->sessions[middle] == day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int32_t first_of_session(const bt_run *run, int32_t row) {
    return (int32_t)sorted_day(run->sessions, row, run->sessions[row]);
}

/* Days since the Monday before 1970, in weeks; months since year 0. */
static int32_t week_of(int32_t day) {
    return (day + 3 + 7000000) / 7;
}

static int32_t month_of(int32_t day) {
    int year, month, date;
    date_to_civil(day, &year, &month, &date);
    return year * 12 + month;
}

/* Sessions before the one at row in the same period. */
static int32_t count_before(const bt_run *run, int32_t row,
                            int32_t (*period)(int32_t)) {
    int32_t count = 0, now = period(run->sessions[row]);
    while (row > 0 && period(run->sessions[row - 1]) == now) {
        row = first_of_session(run, row - 1);
        count++;
    }
    return count;
}

/* Sessions after a day, beyond the bundle's last one: guessed. */
static int32_t guess_after(const bt_run *run, int32_t day,
                           int32_t (*period)(int32_t)) {
    bt_bundle_info info;
    bt_bundle_get_info(run->config.bundle, &info);
    bool weekends = info.periods_per_year > 300.0;
    int32_t count = 0, now = period(day);
    while (period(++day) == now)
        count += weekends || date_weekday(day) < 5;
    return count;
}

static int32_t count_after(const bt_run *run, int32_t row,
                           int32_t (*period)(int32_t)) {
    int32_t count = 0, now = period(run->sessions[row]);
    int32_t last = row;
    for (;;) {
        int32_t next = next_session(run, last);
        if (next >= run->rows)
            return count + guess_after(run, run->sessions[last], period);
        if (period(run->sessions[next]) != now)
            return count;
        last = next;
        count++;
    }
}

/* The longest session of the bundle's last hundred before the row, and it. */
static bool is_short(const bt_run *run, int32_t first, bt_time length) {
    const struct market *m = &run->market;
    bt_time longest = length;
    int32_t row = first;
    for (int i = 0; i < 100 && row > 0; i++) {
        int32_t last = row - 1;
        row = first_of_session(run, last);
        bt_time other = m->close_times[last] - m->open_times[row];
        longest = other > longest ? other : longest;
    }
    return (double)length < 0.8 * (double)longest;
}

void bt_run_session(bt_run *run, bt_session *out) {
    const struct market *m = &run->market;
    int32_t row = run->row < 0 ? 0 : run->row;
    int32_t first = first_of_session(run, row);
    int32_t last = next_session(run, row) - 1;
    *out = (bt_session){
        .day = run->sessions[row],
        .open = (double)m->open_times[first] / 1e6,
        .close = (double)m->close_times[last] / 1e6,
        .week_index = count_before(run, row, week_of),
        .week_left = count_after(run, row, week_of),
        .month_index = count_before(run, row, month_of),
        .month_left = count_after(run, row, month_of),
        .half_day =
            is_short(run, first, m->close_times[last] - m->open_times[first]),
    };
}
