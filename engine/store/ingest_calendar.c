/* The sessions of a bundle against the calendar that its user named.
 *
 * Nothing is left out for lying outside: the notes say how many bars do, and
 * which sessions have none.
 */
#include "base/date.h"
#include "store/ingest.h"
#include "store/schedule.h"

#include <stdio.h>
#include <string.h>

enum { XNYS_FIRST = 1990, XNYS_LAST = 2030 };

struct tally {
    int64_t sessions, without, foreign, outside, beyond;
    int64_t at_end; /* of outside: bars that begin when their day is over */
    int32_t first_without, first_foreign;
    bt_time first_outside, first_beyond;
};

/* A row whose session is none, or whose bars lie outside of its hours, or begin
 * within them and end behind them. */
static void judge_row(const bt_ingest *g, int64_t i, bool is_new,
                      struct tally *t) {
    const struct calendar *c = &g->calendar;
    int32_t day = c->session[i];
    if (!schedule_is_session(g->schedule, day)) {
        if (is_new && t->foreign++ == 0)
            t->first_foreign = day;
        return;
    }
    struct session_times hours = schedule_times(g->schedule, day);
    t->sessions += is_new;
    bool within = c->open[i] >= hours.open && c->open[i] < hours.end;
    if (!within && t->outside++ == 0)
        t->first_outside = c->open[i];
    t->at_end +=
        !within && i > 0 &&
        schedule_times(g->schedule, c->session[i - 1]).end == c->open[i];
    if (within && c->close[i] > hours.end && t->beyond++ == 0)
        t->first_beyond = c->open[i];
}

static void count_missing(const bt_ingest *g, int64_t i, struct tally *t) {
    const int32_t *session = g->calendar.session;
    for (int32_t day = session[i - 1] + 1; day < session[i]; day++)
        if (schedule_is_session(g->schedule, day) && t->without++ == 0)
            t->first_without = day;
}

static void note_span(bt_ingest *g) {
    const struct calendar *c = &g->calendar;
    if (strcmp(g->calendar.schedule, "XNYS") == 0 &&
        (c->session[0] < date_from_civil(XNYS_FIRST, 1, 1) ||
         c->session[c->rows - 1] > date_from_civil(XNYS_LAST, 12, 31)))
        ingest_note(g,
                    "warning: closings of XNYS are known from %d to %d; "
                    "sessions outside of these years follow today's rules",
                    XNYS_FIRST, XNYS_LAST);
}

static void note_tally(bt_ingest *g, const struct tally *t) {
    char text[DATE_TEXT];
    if (t->without > 0) {
        date_format(t->first_without, text);
        ingest_note(g, "warning: %lld sessions of it have no bar, the first %s",
                    (long long)t->without, text);
    }
    if (t->foreign > 0) {
        date_format(t->first_foreign, text);
        ingest_note(g,
                    "warning: bars on %lld days without a session, the first "
                    "%s; they are stored",
                    (long long)t->foreign, text);
    }
    if (t->outside > 0) {
        date_format_time(t->first_outside, text);
        bool ends = t->at_end == t->outside &&
                    g->options.stamp == BT_STAMP_AUTO &&
                    g->rule.stamp == BT_STAMP_OPEN;
        ingest_note(g,
                    "warning: bars at %lld times outside of the hours of their "
                    "session, the first at %s; they are stored, those after "
                    "its close in the next session%s",
                    (long long)t->outside, text,
                    ends ? ". All begin at a close: do times mark the end of a "
                           "bar? say --stamp close"
                         : "");
    }
    if (t->beyond > 0) {
        date_format_time(t->first_beyond, text);
        ingest_note(g,
                    "bars at %lld times end after the close of their session, "
                    "the first from %s on; they are known when they end, not "
                    "at the close",
                    (long long)t->beyond, text);
    }
}

void ingest_note_calendar(bt_ingest *g) {
    const struct calendar *c = &g->calendar;
    struct tally t = {0};
    if (g->rule.schedule == NULL || g->rule.frequency.unit > FREQUENCY_DAY)
        return;
    for (int64_t i = 0; i < c->rows; i++) {
        bool is_new = i == 0 || c->session[i] != c->session[i - 1];
        judge_row(g, i, is_new, &t);
        if (is_new && i > 0)
            count_missing(g, i, &t);
    }
    ingest_note(g, "calendar %s: %lld sessions with bars (--calendar)",
                g->options.calendar ? g->options.calendar : "of the bundle",
                (long long)t.sessions);
    note_span(g);
    note_tally(g, &t);
}
