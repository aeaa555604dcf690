/* From local times to instants.
 *
 * A time of the hour that autumn repeats is two instants; which one, the order
 * of the rows says: of those that go on in time, and of those that go back. In
 * rows of no order it is a bad row, as is a time that spring leaves out.
 *
 * The offset of a row holds until the zone's next change, so nearly all rows
 * cost a comparison.
 */
#include "store/parse.h"

#include "base/date.h"

/* Offsets are kept in quarters of an hour; those of a hundred years ago that
 * are none are rounded up, so that a midnight stays on its date. */
static int quarters(int64_t us) {
    return (int)((us + (us > 0 ? INT64_C(899999999) : 0)) / INT64_C(900000000));
}

enum way { OLDEST_FIRST, NEWEST_FIRST, NO_ORDER };

/* The order of a symbol's rows so far; a tenth of them may be out of it. */
static enum way way_of(const struct parser *p, const struct series *s) {
    int64_t steps = s->total - 1;
    if (steps < 1)
        return p->layout->newest_first ? NEWEST_FIRST : OLDEST_FIRST;
    if (s->backward * 10 <= steps)
        return OLDEST_FIRST;
    return s->backward * 10 >= steps * 9 ? NEWEST_FIRST : NO_ORDER;
}

/* Which of its two instants a time of autumn's repeated hour is: the next one
 * as the rows go. False: they go no way. */
static bool choose_instant(const struct parser *p, const struct tz_instant *t,
                           bt_time *out) {
    const struct series *s = p->series;
    if (s == NULL)
        return false;
    switch (way_of(p, s)) {
    case OLDEST_FIRST:
        *out = s->total > 0 && t->first <= s->last ? t->second : t->first;
        return true;
    case NEWEST_FIRST:
        *out = s->total == 0 || t->second < s->last ? t->second : t->first;
        return true;
    default:
        return false;
    }
}

static bool resolve(struct parser *p, bt_time local, bt_time *out) {
    struct tz_instant t = tz_utc(p->zone, local);
    *out = t.first;
    if (t.kind != TZ_UNIQUE)
        return t.kind == TZ_TWICE && choose_instant(p, &t, out);
    bt_time next = tz_next_change(p->zone, *out);
    p->offset = local - *out;
    p->zone_from = local;
    p->zone_to = next == INT64_MAX ? next : next + p->offset - DATE_DAY_US;
    return true;
}

bool parse_localize(struct parser *p, struct row *row) {
    bt_time utc;
    if (p->instants) {
        row->zone = quarters(tz_offset(p->zone, row->stamp) * INT64_C(1000000));
        return true;
    }
    if (row->stamp >= p->zone_from && row->stamp < p->zone_to) {
        row->zone = quarters(p->offset);
        row->stamp -= p->offset;
        return true;
    }
    if (!resolve(p, row->stamp, &utc))
        return false;
    row->zone = quarters(row->stamp - utc);
    row->stamp = utc;
    return true;
}
