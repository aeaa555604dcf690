/* The rows of a bundle: the union of all bars' times; see calendar.c. */
#ifndef BT_STORE_CALENDAR_H
#define BT_STORE_CALENDAR_H

#include "backlua.h"
#include "store/scratch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CALENDAR_STEP = 1 << 19 }; /* rows between two rests: 10 MiB */

struct calendar {
    bt_time *open, *close; /* [rows], both strictly ascending */
    int32_t *session;      /* [rows] day number, ascending */
    int64_t rows, cap;
    const char *folder; /* for what is too large for memory, borrowed; NULL */
    struct scratch room[3];
    int64_t sessions, saturdays; /* after calendar_finish */
    char *schedule; /* text of its schedule (schedule.h), freed with it; NULL:
                       union */
    /* of the series being merged */
    int64_t at; /* first row not before it */
    struct calendar_row *fresh;
    size_t fresh_count, fresh_cap;
};

struct calendar_row {
    bt_time open, close;
    int32_t session;
};

void calendar_init(struct calendar *c);
void calendar_fini(struct calendar *c);
/* Merge the times of one asset: begin, add in ascending order, end. expected:
 * how many at most, a hint. BT_E_DATA when a bar contradicts the calendar: same
 * open time, other close. */
void calendar_begin(struct calendar *c, int64_t expected);
bt_status calendar_add_any(struct calendar *c, bt_time open, bt_time close,
                           int32_t session);
/* Mostly behind all that is known, or the next row that is. */
static inline bt_status calendar_add(struct calendar *c, bt_time open,
                                     bt_time close, int32_t session) {
    int64_t at = c->at;
    if (at < c->rows && c->open[at] == open && c->close[at] == close) {
        c->at++;
        return BT_OK;
    }
    if (at < c->rows || at == c->cap || c->fresh_count > 0)
        return calendar_add_any(c, open, close, session);
    c->open[at] = open;
    c->close[at] = close;
    c->session[at] = session;
    c->at = ++c->rows;
    return BT_OK;
}
/* Those who walk along say so now and then: what lies behind leaves memory. */
void calendar_rest(const struct calendar *c);
void calendar_end(struct calendar *c);
/* All assets are in: ascending in open, close and session, at most INT32_MAX
 * rows. Counts the sessions. */
bt_status calendar_finish(struct calendar *c);
/* Row with this open time, searched from *from on; -1 when there is none. */
int64_t calendar_row_of(const struct calendar *c, bt_time open, int64_t from);
/* At least half of the Saturdays are sessions. */
bool calendar_trades_weekends(const struct calendar *c);

#endif
