/* The frequency is the distance that occurs most.
 *
 * Gaps (nights, holidays, minutes without a trade) only add longer distances,
 * so the most frequent one is a bar's length. It must explain the rest, see
 * explains(); bars of days, weeks and months must be apart by just that more
 * often than not. What does not fit is not guessed: the user says --frequency.
 *
 * Times of midnight only are dates, and so are times a day or more apart
 * whatever their clock says. Distances are taken in the file's own local time,
 * so that a clock change does not look like an hour's bar.
 */
#include "store/spacing.h"

#include <string.h>

void spacing_reset(struct spacing *s) {
    memset(s, 0, sizeof *s);
}

static void count_gap(struct spacing *s, int64_t us) {
    uint64_t hash = (uint64_t)us * UINT64_C(0x9e3779b97f4a7c15) >> 54;
    s->total++;
    if (s->usual != NULL && s->usual->us == us) {
        s->usual->count++;
        return;
    }
    for (int probe = 0; probe < 8; probe++) {
        struct gap *g = &s->gap[(hash + (unsigned)probe) % SPACING_GAPS];
        if (g->us == us || g->us == 0) {
            g->us = us;
            g->count++;
            s->usual = g;
            return;
        }
    }
    s->other++;
}

static void count_date(struct marks *m, int32_t day) {
    int year, month, dom;
    date_to_civil(day, &year, &month, &dom);
    m->weekday[date_weekday(day)]++;
    m->month_begin += dom <= 4;
    m->month_end += dom >= 25;
}

static void next_day(struct spacing *s, struct marks *m, bt_time local) {
    int32_t day = date_of(local);
    int64_t days = (day * DATE_DAY_US - s->day_begin) / DATE_DAY_US;
    if (s->rows > 0) {
        s->day_gap[days < SPACING_DAYS ? days : SPACING_DAYS]++;
        s->day_total++;
    }
    s->day_begin = day * DATE_DAY_US;
    count_date(m, day);
}

void spacing_add_any(struct spacing *s, struct marks *m, bt_time local) {
    if (s->rows > 0 && local > s->last)
        count_gap(s, local - s->last);
    if (s->rows == 0 || local >= s->day_begin + DATE_DAY_US)
        next_day(s, m, local);
    bool midnight = local == s->day_begin;
    s->midnights += midnight;
    m->midnights += midnight;
    s->rows++;
    m->rows++;
    s->last = local;
}

static const struct gap *most_frequent(const struct spacing *s) {
    const struct gap *best = &s->gap[0];
    for (int i = 1; i < SPACING_GAPS; i++) {
        const struct gap *g = &s->gap[i];
        if (g->count > best->count ||
            (g->count == best->count && g->us < best->us))
            best = g;
    }
    return best;
}

/* Share of the distances from lo to hi days. */
static double day_share(const struct spacing *s, int lo, int hi) {
    int64_t n = 0;
    for (int i = lo; i <= hi; i++)
        n += s->day_gap[i];
    return (double)n / (double)s->day_total;
}

/* Distances between the same days of successive n-th months, weekends allowed
 * for at either end. */
static const struct {
    int lo, hi, months;
} month_gaps[] = {
    {27, 34, 1}, {57, 64, 2}, {87, 94, 3}, {179, 186, 6}, {362, 368, 12}};
enum { MONTH_GAPS = sizeof month_gaps / sizeof *month_gaps };

static bool decide_months(const struct spacing *s, int mode,
                          struct frequency *out, double *share) {
    for (int i = 0; i < MONTH_GAPS; i++) {
        int lo = month_gaps[i].lo, hi = month_gaps[i].hi;
        if (mode < lo || mode > hi)
            continue;
        *out = (struct frequency){FREQUENCY_MONTH, month_gaps[i].months};
        *share = day_share(s, lo, hi);
        if (mode == 28 && day_share(s, 28, 28) > 0.5)
            *out = (struct frequency){FREQUENCY_WEEK, 4};
        return true;
    }
    return false;
}

static enum spacing_verdict decide_days(const struct spacing *s,
                                        struct frequency *out, double *share) {
    int mode = 1;
    if (s->day_total == 0)
        return SPACING_FEW;
    for (int i = 2; i < SPACING_DAYS; i++)
        if (s->day_gap[i] > s->day_gap[mode])
            mode = i;
    if (!decide_months(s, mode, out, share)) {
        *share = day_share(s, mode, mode);
        *out = mode % 7 == 0 ? (struct frequency){FREQUENCY_WEEK, mode / 7}
                             : (struct frequency){FREQUENCY_DAY, mode};
    }
    bool daily = mode == 1 && *share > 0.2;
    return daily || *share > 0.5 ? SPACING_CLEAR : SPACING_UNCLEAR;
}

/* Nine tenths of all distances are whole multiples of the one that occurs most,
 * or it makes up half of them and few are shorter (the first half hour of a day
 * of hourly bars). */
static bool explains(const struct spacing *s, const struct gap *g) {
    int64_t multiples = 0, shorter = 0;
    for (int i = 0; i < SPACING_GAPS; i++) {
        const struct gap *other = &s->gap[i];
        if (other->count > 0 && other->us % g->us == 0)
            multiples += other->count;
        if (other->us < g->us)
            shorter += other->count;
    }
    return multiples * 10 >= s->total * 9 ||
           (g->count * 2 >= s->total && shorter * 5 <= s->total);
}

static enum spacing_verdict decide_clock(const struct spacing *s,
                                         const struct gap *g,
                                         struct frequency *out, double *share) {
    int64_t seconds = g->us / 1000000;
    *share = (double)g->count / (double)s->total;
    if (seconds % 3600 == 0)
        *out = (struct frequency){FREQUENCY_HOUR, (int32_t)(seconds / 3600)};
    else if (seconds % 60 == 0)
        *out = (struct frequency){FREQUENCY_MINUTE, (int32_t)(seconds / 60)};
    else
        *out = (struct frequency){FREQUENCY_SECOND, (int32_t)seconds};
    bool whole = g->us % 1000000 == 0 && out->n > 0 && out->n < 10000;
    return whole && explains(s, g) ? SPACING_CLEAR : SPACING_UNCLEAR;
}

enum spacing_verdict spacing_decide(const struct spacing *s,
                                    struct frequency *out, double *share) {
    if (s->total == 0)
        return SPACING_FEW;
    const struct gap *g = most_frequent(s);
    if (s->midnights == s->rows || g->us >= DATE_DAY_US / 24 * 20)
        return decide_days(s, out, share);
    return decide_clock(s, g, out, share);
}

int32_t spacing_end(const struct marks *m, struct frequency f) {
    int64_t days = 0;
    for (int i = 0; i < 7; i++)
        days += m->weekday[i];
    if (f.unit == FREQUENCY_MONTH) {
        if (m->month_begin * 5 >= days * 4)
            return BT_STAMP_OPEN;
        return m->month_end * 5 >= days * 4 ? BT_STAMP_CLOSE : BT_STAMP_AUTO;
    }
    if (f.unit == FREQUENCY_WEEK) {
        if (m->weekday[0] * 5 >= days * 4)
            return BT_STAMP_OPEN;
        return m->weekday[4] * 5 >= days * 4 ? BT_STAMP_CLOSE : BT_STAMP_AUTO;
    }
    return BT_STAMP_AUTO;
}
