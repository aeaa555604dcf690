/* What an account may be besides a heap of cash; see account.c. */
#ifndef BT_SIM_ACCOUNT_H
#define BT_SIM_ACCOUNT_H

#include "backlua.h"

#include <stddef.h>

struct bt_run;

struct capital_change {
    int32_t day; /* number of the session's day: at the first one not before */
    int32_t kind;
    double value;
};

/* Units of the account as if it were a fund, from a bar on. */
struct fund_step {
    int32_t bar;
    double units;
};

struct account {
    bt_margin margin;
    double *borrow; /* [assets] annual rate, NaN: margin.borrow_rate; NULL */
    struct capital_change *changes; /* [change_count] by day */
    size_t change_count, change_cap, change_next;
    struct fund_step *steps;
    size_t step_count, step_cap;
    double units; /* of the fund; 0 until the first change */
};

/* Made when a rule is set; a run without any has none. */
struct account *account_of(struct bt_run *run);
void account_free(struct account *a); /* NULL does nothing */
/* A bar is about to be entered: rates for the nights since the bar before it,
 * capital changes that are due. */
bt_status account_enter(struct bt_run *run, int32_t row);
/* The strategy is done with a bar: liquidate what margin no longer carries. */
void account_call_margin(struct bt_run *run);
/* A bar's value as if nothing had been deposited or withdrawn. next: how many
 * changes came before, from 0 on, for bars in order. */
double account_curve(const struct bt_run *run, int32_t bar, double value,
                     size_t *next);
/* Equity as if nothing had been deposited or withdrawn, [bars]: the run's value
 * where that is so, else a new array. */
double *account_performance(const struct bt_run *run);

#endif
