/* What a run leaves behind. Conventions: backlua.h. */
#ifndef BACKLUA_RESULT_H
#define BACKLUA_RESULT_H

#include "backlua/run.h"

/* ---- results ------------------------------------------------------------- */

/* Where on its bar a fill happened. */
enum { BT_PHASE_OPEN = 0, BT_PHASE_PATH = 1, BT_PHASE_CLOSE = 2 };
/* Of an exit: units that a split left over, as of the bar before, and paid. */
enum { BT_PHASE_BEFORE = -1 };

typedef struct bt_fill {
    int32_t order_id, sid;
    int32_t bar, phase;   /* index of the equity point; BT_PHASE_* */
    bt_time time;         /* the bar's open; its close in BT_PHASE_CLOSE */
    double amount, price; /* signed units; price includes slippage */
    double commission, slippage; /* currency, slippage >= 0 */
} bt_fill;

/* Why money moved without a fill. */
enum {
    BT_FLOW_DEPOSIT = 0,  /* a capital change */
    BT_FLOW_INTEREST = 1, /* on cash */
    BT_FLOW_BORROW = 2,   /* fee for a short position */
    BT_FLOW_DIVIDEND = 3,
    BT_FLOW_IN_LIEU = 4,   /* cash for a fraction of a unit */
    BT_FLOW_MERGER = 5,    /* cash for units that a merger took */
    BT_FLOW_DELISTING = 6, /* likewise a delisting */
    BT_FLOWS
};
/* "deposit", "interest", "borrow", "dividend", "in_lieu", "merger",
 * "delisting"; NULL past the end. */
const char *bt_flow_name(int32_t kind);
typedef struct bt_flow {
    bt_time time;
    int32_t sid, kind; /* sid -1: of no asset */
    double amount;     /* currency; > 0 comes in */
} bt_flow;

/* What a corporate action did to a position. A split scales units and entry
 * prices; what is no whole lot is paid in cash. A dividend belongs to who holds
 * at the close before the ex-date, short positions owe it; from then on it is
 * part of the equity, and it is paid at the open of the pay date. A merger or a
 * delisting ends the position. Money that moves is a flow, too. */
typedef struct bt_event {
    bt_time time;         /* open of the first bar that it holds in */
    bt_time due;          /* when its cash is paid; 0: after the bundle's end */
    int32_t sid, kind;    /* BT_ACTION_* */
    int32_t other;        /* asset of a merger, -1 for none */
    double before, after; /* units held */
    double received;      /* units of other */
    double value; /* ratio of a split or merger, cash of a dividend, per unit */
    double price; /* per unit that was paid for, NaN when none was */
    double cash;  /* comes in (> 0) or goes out */
} bt_event;

/* A round trip, FIFO: one lot of an entry matched with one exit. */
typedef struct bt_trade {
    int32_t sid, bars; /* rows of the calendar from entry to exit */
    bt_time entry_time, exit_time;
    double amount; /* signed: > 0 long */
    double entry_price, exit_price;
    double commission;               /* both sides, pro rata by units */
    double pnl;                      /* net of commission */
    double multiplier;               /* value of a unit / its price */
    int32_t entry_order, exit_order; /* ids; 0: no order (a merger, the end) */
    int32_t entry_bar, exit_bar;     /* indices of the equity points */
    int32_t entry_phase, exit_phase; /* BT_PHASE_* */
} bt_trade;

typedef struct bt_record {
    bt_time time;
    int32_t name; /* index for bt_result_record_name */
    double value;
} bt_record;

/* Metrics, in result order. Definitions with source: sim/metrics.c. */
enum {
    BT_METRIC_TOTAL_RETURN = 0,
    BT_METRIC_CAGR,
    BT_METRIC_VOLATILITY,
    BT_METRIC_SHARPE_RATIO,
    BT_METRIC_SORTINO_RATIO,
    BT_METRIC_CALMAR_RATIO,
    BT_METRIC_MAX_DRAWDOWN,
    BT_METRIC_MAX_DRAWDOWN_BARS,
    BT_METRIC_WIN_RATE,
    BT_METRIC_PROFIT_FACTOR,
    BT_METRIC_EXPECTANCY,
    BT_METRIC_TRADES,
    BT_METRIC_EXPOSURE_TIME,
    BT_METRIC_EXPOSURE_GROSS,
    BT_METRIC_TURNOVER,
    BT_METRIC_TOTAL_COMMISSION,
    BT_METRIC_TOTAL_SLIPPAGE,
    BT_METRICS
};
/* Key of a metric, NULL past the end. */
const char *bt_metric_name(int32_t metric);
/* What it is, in a line: formula and source. NULL past the end. */
const char *bt_metric_text(int32_t metric);
/* Metric of a key ("sharpe", "sortino", "calmar" accepted), -1 if unknown. */
int32_t bt_metric_find(const char *name);

#endif
