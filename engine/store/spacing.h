/* How long the bars of a file are, from how far they lie apart; see spacing.c.
 */
#ifndef BT_STORE_SPACING_H
#define BT_STORE_SPACING_H

#include "base/date.h"
#include "store/frequency.h"

#include <stdint.h>

enum { SPACING_GAPS = 1024, SPACING_DAYS = 400 };

/* Distances within one series, in local time as the file writes it. */
struct spacing {
    struct gap {
        int64_t us, count;
    } gap[SPACING_GAPS];  /* open addressing, us 0 = free */
    int64_t total, other; /* distances; those that found no place */
    int64_t day_gap[SPACING_DAYS + 1]; /* in days; the last: longer */
    int64_t day_total;
    int64_t rows, midnights;
    bt_time last;
    bt_time day_begin; /* of last */
    struct gap *usual; /* the distance before */
};

/* What the dates of all series say about which end of a bar they mark. */
struct marks {
    int64_t rows, midnights;
    int64_t weekday[7];  /* Monday first */
    int64_t month_begin; /* days 1 to 4 */
    int64_t month_end;   /* day 25 or later */
};

/* No distance seen yet. Adding a row that is as far from the one before as that
 * was costs a few comparisons, another one a look in a table. */
void spacing_reset(struct spacing *s);
void spacing_add_any(struct spacing *s, struct marks *m, bt_time local);
/* The time of a row, in rising order. Mostly it is as far from the row before
 * as that was, on the same day. */
static inline void spacing_add(struct spacing *s, struct marks *m,
                               bt_time local) {
    struct gap *usual = s->usual;
    if (usual == NULL || local - s->last != usual->us ||
        local >= s->day_begin + DATE_DAY_US) {
        spacing_add_any(s, m, local);
        return;
    }
    usual->count++;
    s->total++;
    s->rows++;
    m->rows++;
    s->last = local;
}

enum spacing_verdict {
    SPACING_CLEAR,
    SPACING_FEW,    /* fewer than two different times */
    SPACING_UNCLEAR /* no distance stands out */
};
/* share: of the distances that are one bar. */
enum spacing_verdict spacing_decide(const struct spacing *s,
                                    struct frequency *out, double *share);
/* BT_STAMP_OPEN or _CLOSE where the dates of bars of several days show it,
 * else BT_STAMP_AUTO. */
int32_t spacing_end(const struct marks *m, struct frequency f);

#endif
