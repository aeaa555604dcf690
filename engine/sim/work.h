/* One order on one bar; see work.c. */
#ifndef BT_SIM_WORK_H
#define BT_SIM_WORK_H

#include "sim/links.h"
#include "sim/run.h"
#include "sim/touch.h"

/* The bar under work. */
struct bar_work {
    struct bt_run *run;
    int32_t row;
    enum phase phase;
    struct reading reading;
    bool session_end;
    size_t count;             /* orders that it matters to */
    struct working **touched; /* [count] in submission order */
    double equity; /* at the start of the phase, NaN until asked for */
};

static inline bt_order *order_of(const struct bar_work *b,
                                 const struct working *w) {
    return &b->run->book.orders[w->index];
}

static inline double position_of(const struct bt_run *run, int32_t sid) {
    return run->ledger.positions[sid].amount;
}

static inline bt_time time_of(const struct bar_work *b) {
    return market_time(&b->run->market, b->row, b->phase);
}

static inline void end_order(struct bar_work *b, struct working *w,
                             int32_t status, int32_t reason) {
    links_end(b->run, w, status, reason, time_of(b));
}

/* Value that the account has traded in the calendar month of an instant. */
double work_traded(const struct bt_run *run, bt_time when);
/* Trade what the bar, the rules and the cash allow of an order that has a quote
 * in the phase. */
void work_order(struct bar_work *b, struct working *w);

#endif
