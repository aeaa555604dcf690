/* From rows to bars with open and close times; see bars.c. */
#ifndef BT_STORE_BARS_H
#define BT_STORE_BARS_H

#include "store/builder.h"
#include "store/frequency.h"
#include "store/rows.h"

struct bar_rule {
    struct frequency frequency;
    int32_t stamp;                   /* BT_STAMP_OPEN or _CLOSE */
    bool weekends;                   /* dates on Saturdays or Sundays occur */
    const struct schedule *schedule; /* NULL: a session is a UTC day */
};

/* A bar and the row it comes from. */
struct claim {
    bt_time open, close;
    int32_t session;
    const struct row *row;
};

/* A bar lasts from its row's stamp for the frequency's length, in the session
 * of the UTC day it opens on. */
static inline bool bar_rule_is_plain(const struct bar_rule *r) {
    return frequency_is_intraday(r->frequency) && r->stamp == BT_STAMP_OPEN &&
           r->schedule == NULL;
}
/* Fill in the times of row. */
void bar_times(const struct bar_rule *rule, const struct row *row,
               struct claim *out);
/* How the times come about, one line for people. */
const char *bar_rule_text(const struct bar_rule *rule);

/* Two rows that claim one bar with different values. */
typedef void bars_conflict(void *context, const struct claim *claim,
                           const struct claim *first);

struct bars {
    struct bar_rule rule;
    struct cursor cursor;
    struct claim claims[2]; /* the bar given out last and the next one */
    int next;               /* index of the next one */
    bool held;              /* there is a next one */
    bt_time day_begin;      /* of the row before, and its session */
    int32_t session;
    int64_t length;          /* of a bar within a day, 0: use bar_times */
    double duplicates;       /* rows equal to one before, left out */
    bars_conflict *conflict; /* called for each row of a conflict, or NULL */
    void *context;
    struct row kept; /* first row of a group of several */
};

bt_status bars_open(struct bars *b, const struct bar_rule *rule,
                    const struct rows *rows, const struct series *series);
/* The next bar, borrowed until the next call; NULL at the end. */
bt_status bars_next(struct bars *b, const struct claim **out);
void bars_close(struct bars *b);

#endif
