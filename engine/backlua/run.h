/* Runs: bars, orders, costs, accounts. Conventions: backlua.h. */
#ifndef BACKLUA_RUN_H
#define BACKLUA_RUN_H

#include "backlua/indicator.h"

/* ---- runs ---------------------------------------------------------------- */

enum { BT_FILL_NEXT_OPEN = 0, BT_FILL_NEXT_CLOSE = 1, BT_FILL_SAME_CLOSE = 2 };
enum { BT_INSUFFICIENT_REDUCE = 0, BT_INSUFFICIENT_REJECT = 1 };

/* Commission: kind and its numbers; see lua/backlua/commission.lua.
 * PER_SHARE: rate per unit; PER_TRADE: rate per order; PER_DOLLAR: rate of the
 * traded value; MAKER_TAKER: rate of the value where the order rested at its
 * limit, taker elsewhere; TIERED: tier_rate[i] of the part of a month's traded
 * value from tier_from[i] on; CUSTOM: a Lua function, bt_run_set_ask. */
enum {
    BT_COMMISSION_NONE = 0,
    BT_COMMISSION_PER_SHARE = 1,
    BT_COMMISSION_PER_TRADE = 2,
    BT_COMMISSION_PER_DOLLAR = 3,
    BT_COMMISSION_MAKER_TAKER = 4,
    BT_COMMISSION_TIERED = 5,
    BT_COMMISSION_CUSTOM = 6
};
enum { BT_TIERS_MAX = 8 };
typedef struct bt_commission {
    int32_t kind;
    double rate;    /* currency per unit, per order, or fraction of value */
    double minimum; /* currency per order, over its partial fills */
    double taker;   /* fraction of value */
    int32_t tiers;  /* 1..BT_TIERS_MAX */
    double tier_from[BT_TIERS_MAX]; /* currency, from 0 upwards */
    double tier_rate[BT_TIERS_MAX]; /* fraction of value */
} bt_commission;

/* Slippage. FIXED_BPS: price * (1 +- bps / 10000); FIXED_SPREAD: price +-
 * spread / 2; VOLUME_SHARE: price * (1 +- impact * share^2); VOLATILITY: price
 * * (1 +- impact * volatility * sqrt(units / mean volume)); CUSTOM: a Lua
 * function. volume_limit: the largest share of a bar's volume that one asset's
 * orders may take, 0 = no limit. Formulas and sources: sim/slip.c. */
enum {
    BT_SLIPPAGE_NONE = 0,
    BT_SLIPPAGE_FIXED_BPS = 1,
    BT_SLIPPAGE_FIXED_SPREAD = 2,
    BT_SLIPPAGE_VOLUME_SHARE = 3,
    BT_SLIPPAGE_VOLATILITY = 4,
    BT_SLIPPAGE_CUSTOM = 5
};
typedef struct bt_slippage {
    int32_t kind;
    double bps;
    double volume_limit;
    double spread; /* currency per unit */
    double impact; /* of volume share or volatility */
} bt_slippage;

/* Rules of an account that borrows; rates are annual, charged by the days
 * between sessions, actual/365. */
typedef struct bt_margin {
    double maintenance; /* equity / gross exposure below which positions are
                         * liquidated; 0: never */
    double cash_rate;   /* earned by cash, short proceeds apart */
    double debit_rate;  /* paid on cash below zero */
    double borrow_rate; /* paid on the value of short positions */
} bt_margin;

/* Which way a bar went where it does not say so: sim/touch.c. */
enum {
    BT_INTRABAR_PESSIMISTIC = 0,
    BT_INTRABAR_OPTIMISTIC = 1,
    BT_INTRABAR_OHLC = 2
};

typedef struct bt_run_config {
    bt_bundle *bundle;       /* the run counts a use of its own */
    bt_time start, end;      /* first instant, last instant + 1; see bt_span */
    double capital;          /* > 0; default 100000 */
    int32_t fill;            /* BT_FILL_* */
    int32_t on_insufficient; /* BT_INSUFFICIENT_* */
    double lot;              /* smallest unit; 1 = whole; > 0 */
    double leverage;         /* buying power / equity; INFINITY = unlimited */
    int32_t long_only;       /* 1: no short positions */
    int32_t strict_start;    /* history_start = "error" */
    int32_t adjust;          /* BT_ADJUST_*, of history; ALL */
    int32_t keep_delisted;   /* 1: positions stay, at their last price */
    int32_t close_at_end;    /* 1: what is held is sold at the last close */
    double periods_per_year; /* 0 = from the bundle */
    double risk_free;        /* annual, default 0 */
    uint64_t seed;
    const char *params; /* canonical parameters: key of the random stream */
    int64_t repeat;     /* repeat index, 0 */
    int64_t *beat;      /* counts bars for a watching parent, or NULL */
    bt_commission commission;
    bt_slippage slippage;
    bt_margin margin;
    int32_t intrabar; /* BT_INTRABAR_* */
} bt_run_config;

/* Defaults of section 6 of the design: capital 100,000, next open, whole lots,
 * 0.001 per share, 5 basis points, at most 10 % of a bar's volume. */
void bt_run_config_init(bt_run_config *config);
/* Turn -s / -e texts (NULL = open) into the half-open span [start, end): a date
 * stands for its whole session, a time as end is exclusive.
 * errors BT_E_USAGE a text, or start not before end; BT_E_DATA no bar inside
 * (says what there is). */
bt_status bt_span(const bt_bundle *b, const char *start, const char *end,
                  bt_time *out_start, bt_time *out_end);
/* Bars whose close lies in [start, end). */
int32_t bt_span_bars(const bt_bundle *b, bt_time start, bt_time end);
/* An end after `bars` of those bars, at most `end`. bars >= 1 */
bt_time bt_span_cut(const bt_bundle *b, bt_time start, bt_time end,
                    int32_t bars);

/* What a strategy may read at any bar, current at each return to Lua. */
typedef struct bt_account {
    BT_CONST double cash, positions_value, portfolio_value, starting_cash;
    BT_CONST double gross, net; /* exposure: sum |amount * price|, signed sum */
    BT_CONST double commission, slippage; /* paid so far */
    BT_CONST double deposits;             /* capital added later, net */
    BT_CONST double carry; /* other flows: interest, fees, dividends, net */
    BT_CONST double
        accrued;          /* dividends due, not paid yet; part of the equity */
    BT_CONST bt_time now; /* close of the current bar */
    BT_CONST bt_time start; /* open of the first bar */
    BT_CONST int32_t row;
    BT_CONST int32_t open_orders;
    BT_CONST int32_t margin_calls;
    BT_CONST double fund_units; /* after a capital change: portfolio_value by
                                 * it is the growth; 0 before */
} bt_account;

/* All 0 while nothing is held. */
typedef struct bt_position {
    BT_CONST double amount;     /* units, signed */
    BT_CONST double cost_basis; /* per unit held, entry costs included */
    BT_CONST double last_price; /* last traded price */
} bt_position;

typedef struct bt_run bt_run;

/* Start a backtest: acquires the bundle, checks every setting, stands before
 * the first bar. errors BT_E_RANGE a setting (names it and its limits);
 * BT_E_DATA no bar in the span. The portal, account and positions are borrowed
 * from the run. */
bt_status bt_run_open(const bt_run_config *config, bt_run **out);
void bt_run_close(bt_run *run); /* NULL ok */
bt_portal *bt_run_portal(bt_run *run);
const bt_account *bt_run_account(bt_run *run);
const bt_position *bt_run_positions(bt_run *run); /* [assets] */

enum {
    BT_STEP_DONE = 0,
    BT_STEP_MORE = 1,
    BT_STEP_FAILED = 2,
    BT_STEP_PAUSED = 3, /* after the bar of bt_run_pause_after; step on */
    BT_STEP_SESSION = 4 /* of bt_run_announce_sessions; step on */
};
/* Finish the current bar, go to the next one, work its orders, mark it.
 * MORE: handle_data is due; DONE: no bar left, call bt_run_finish;
 * FAILED: interrupted or a money identity broke, see bt_error_message. */
int32_t bt_run_step(bt_run *run);
/* Have bt_run_step answer SESSION before each session: before_trading_start is
 * due. Market and account are those of the bar before, the time is the
 * session's open, orders and records are refused. Before the bundle's first
 * session there is no bar: prices are NaN, as before any listing. */
void bt_run_announce_sessions(bt_run *run);
/* Bars from the run's first to its last. */
int32_t bt_run_bars(const bt_run *run);
/* Have bt_run_step answer PAUSED after bar `bar`, 1 .. bt_run_bars: its books
 * are closed, the next step enters the next bar. The last bar: never. */
void bt_run_pause_after(bt_run *run, int32_t bar);
/* Metrics of the bars `from` (0 = the first) to the newest of a paused run or
 * one that is done, as a result over those bars alone would have them; what is
 * counted over a whole run only (exposure_time, turnover, costs) is NaN unless
 * from = 0. out [BT_METRICS]. errors BT_E_RANGE from
 * cost O(bars) */
bt_status bt_run_metrics(const bt_run *run, int32_t from, double *out);
/* A metric as it would be if the run ended here, to the bit; NaN while it is
 * undefined and past the last one. Before the first bar of no bars, while
 * handle_data runs with the current bar as it is marked, in a finished run the
 * result's.
 * cost O(1) a bar, asked once or often; nothing where nobody asks */
double bt_run_metric(bt_run *run, int32_t metric);
/* 1 when the current bar is the first / last of its session. */
int32_t bt_run_is_session_start(bt_run *run);
int32_t bt_run_is_session_end(bt_run *run);
/* Close of the asset's last bar so far in unix seconds, NaN when it has
 * none. */
double bt_run_last_traded(bt_run *run, int32_t sid);
/* What a position is worth at the last mark, signed; 0 when flat. */
double bt_run_position_value(bt_run *run, int32_t sid);

/* The current session in its week (Monday to Sunday) and month; sim/facts.c. */
typedef struct bt_session {
    int32_t day;                   /* days since 1970-01-01 of its name */
    int32_t week_index, week_left; /* sessions before and after it in them */
    int32_t month_index, month_left;
    int32_t half_day;   /* 1: under 80 % of the longest of the last hundred */
    double open, close; /* unix seconds: first open, last close */
} bt_session;
void bt_run_session(bt_run *run, bt_session *out);
/* Uniform [0,1) and standard normal of the run's own stream. */
double bt_run_random(bt_run *run);
double bt_run_random_normal(bt_run *run);

/* What a cost function of the strategy is asked. */
enum { BT_ASK_PRICE = 0, BT_ASK_FEE = 1 };
typedef struct bt_query {
    int32_t order_id, sid;
    int32_t maker; /* 1: it rested at its limit */
    double amount; /* units about to trade, signed */
    double price;  /* without slippage; for a fee: of the fill */
    double open, high, low, close, volume; /* of the bar */
    double limit, stop;                    /* of the order, NaN for none */
    double taken;  /* units of the bar that the asset's orders have taken */
    double filled; /* units of the order filled before, signed */
    double paid;   /* commission of the order so far */
} bt_query;
/* Writes a number; BT_OK, or an error with its message set. */
typedef bt_status (*bt_ask)(void *ctx, int32_t what, const bt_query *query,
                            double *out);
/* Who answers for BT_COMMISSION_CUSTOM and BT_SLIPPAGE_CUSTOM while the run is
 * stepped; NULL: nobody, and a fill that asks fails the step. Not under an FFI
 * call: see host/step_lua.c. */
void bt_run_set_ask(bt_run *run, bt_ask ask, void *ctx);

/* Settings a strategy makes in initialize.
 * errors BT_E_RANGE names setting, value and limits; BT_E_STATE after the first
 * step. */
bt_status bt_run_set_commission(bt_run *run, const bt_commission *c);
bt_status bt_run_set_slippage(bt_run *run, const bt_slippage *s);
bt_status bt_run_set_leverage(bt_run *run, double leverage);
bt_status bt_run_set_lot(bt_run *run, double lot);
bt_status bt_run_set_fill(bt_run *run, int32_t fill);
bt_status bt_run_set_intrabar(bt_run *run, int32_t intrabar);
bt_status bt_run_set_on_insufficient(bt_run *run, int32_t policy);
bt_status bt_run_set_long_only(bt_run *run, int32_t on);
bt_status bt_run_set_strict_start(bt_run *run, int32_t on);
bt_status bt_run_set_margin(bt_run *run, const bt_margin *m);
/* One asset's borrow rate, annual. errors as above; BT_E_NAME sid */
bt_status bt_run_set_borrow_rate(bt_run *run, int32_t sid, double rate);
/* How an asset trades in this run: smallest unit, multiplier of a contract,
 * step of limit and stop prices; NaN leaves one as it is.
 * errors as above; BT_E_NAME sid */
bt_status bt_run_set_terms(bt_run *run, int32_t sid, double lot,
                           double multiplier, double tick);
/* Limits a strategy sets on itself. units, value (currency): of an order or a
 * position, INFINITY for none; ORDER_COUNT: units a session of all assets;
 * LEVERAGE: value, gross exposure over equity, with fails also at each close.
 * sid -1: every asset. fails: 1, an order beyond it is refused with an error;
 * 0, it is rejected with BT_REASON_CONTROL. errors as above; BT_E_NAME sid */
enum {
    BT_CONTROL_ORDER_SIZE = 0,
    BT_CONTROL_POSITION_SIZE = 1,
    BT_CONTROL_ORDER_COUNT = 2,
    BT_CONTROL_DO_NOT_ORDER = 3,
    BT_CONTROL_LONG_ONLY = 4,
    BT_CONTROL_LEVERAGE = 5
};
bt_status bt_run_add_control(bt_run *run, int32_t kind, int32_t sid,
                             double units, double value, int32_t fails);
/* 1: an order without a time in force is good for the day only.
 * errors BT_E_STATE after the first step */
bt_status bt_run_set_day_orders(bt_run *run, int32_t on);
enum { BT_CAPITAL_DELTA = 0, BT_CAPITAL_TARGET = 1 };
/* Money that comes in (> 0) or goes out before the orders of the first session
 * not before a day (text, "2020-03-01"), or what equity shall then be; nothing
 * where that session is before the run's first.
 * errors as above; BT_E_USAGE the day; a change that cash or equity cannot bear
 * fails the run when it is due (BT_E_STATE) */
bt_status bt_run_add_capital_change(bt_run *run, const char *day, int32_t kind,
                                    double value);
bt_status bt_run_set_adjust(bt_run *run, int32_t adjust);
bt_status bt_run_set_keep_delisted(bt_run *run, int32_t on);
bt_status bt_run_set_close_at_end(bt_run *run, int32_t on);
/* The asset that the result is compared with (-1: none); see bt_result.
 * errors as above; BT_E_NAME sid; BT_E_IO */
bt_status bt_run_set_benchmark(bt_run *run, int32_t sid);

/* What the number of an order call means. */
enum {
    BT_ORDER_AMOUNT = 0,        /* units */
    BT_ORDER_VALUE = 1,         /* currency */
    BT_ORDER_PERCENT = 2,       /* fraction of portfolio value */
    BT_ORDER_TARGET = 3,        /* units to hold */
    BT_ORDER_TARGET_VALUE = 4,  /* currency to hold */
    BT_ORDER_TARGET_PERCENT = 5 /* fraction to hold */
};
/* Flags of an order. */
enum {
    BT_ORDER_SIZE_AT_FILL = 1, /* size at the fill price before slippage */
    BT_ORDER_AT_CLOSE = 2,     /* trade at the close of the next session end */
    BT_ORDER_REDUCE_ONLY = 4,  /* never opens or turns a position */
    BT_ORDER_DISTANCE = 8,  /* child: limit and stop are currency away from */
    BT_ORDER_FRACTION = 16, /* ... or a fraction of the entry's price */
    BT_ORDER_CHILD = 32,    /* set by bt_order_attach */
    BT_ORDER_DETAILS = 64,  /* set when it has any option but limit, stop */
    BT_ORDER_FORCED = 4096, /* given by the account, not asked */
    BT_ORDER_CLOSING = 8192 /* ... at the end, because of close_at_end */
};
/* Time in force. UNSAID: of an order, the day where bt_run_set_day_orders says
 * so, else GTC; of a change, what it was. */
enum { BT_TIF_UNSAID = -1, BT_TIF_GTC = 0, BT_TIF_DAY = 1, BT_TIF_GTD = 2 };

enum {
    BT_STATUS_OPEN = 0,
    BT_STATUS_FILLED = 1,
    BT_STATUS_CANCELLED = 2,
    BT_STATUS_REJECTED = 3,
    BT_STATUS_PARTIAL = 4 /* traded less than asked: reduced, cut, cancelled */
};

/* Why an order ended as it did. bt_reason_name gives the stable text. */
enum {
    BT_REASON_NONE = 0,
    BT_REASON_FILLED,
    BT_REASON_REDUCED_CASH, /* reduced to what the buying power pays */
    BT_REASON_NO_CASH,      /* nothing affordable, or policy reject */
    BT_REASON_BELOW_LOT,    /* truncates to zero units */
    BT_REASON_AT_TARGET,    /* sized at fill, nothing to do */
    BT_REASON_NO_PRICE,     /* no traded price yet to size with */
    BT_REASON_NO_BAR,       /* the asset never had another bar */
    BT_REASON_NO_VOLUME,    /* the bars' volume never allowed a fill */
    BT_REASON_VOLUME_LIMIT, /* partly filled when the run ended */
    BT_REASON_LONG_ONLY,
    BT_REASON_CANCELLED,   /* by the strategy */
    BT_REASON_END_OF_RUN,  /* the last bar's orders */
    BT_REASON_MARGIN_CALL, /* equity fell below the maintenance margin */
    BT_REASON_EXPIRED,     /* its day, or its date, is over */
    BT_REASON_NOT_REACHED, /* no bar came to its limit or stop */
    BT_REASON_LINKED,      /* another order of its group or bracket traded */
    BT_REASON_NO_ENTRY,    /* the entry of its bracket ended without a fill */
    BT_REASON_NO_POSITION, /* it may only reduce, and nothing is left */
    BT_REASON_CONTROL,     /* beyond a limit the strategy has set itself */
    BT_REASON_SPLIT,       /* a split made it less than one lot */
    BT_REASON_MERGED,      /* the asset became another one */
    BT_REASON_DELISTED,    /* the asset is no longer traded */
    BT_REASON_CLOSED,      /* close_at_end: the account's own, filled */
    BT_REASONS
};
const char *bt_reason_name(int32_t reason);
/* One sentence for people: what it means and what to do. */
const char *bt_reason_text(int32_t reason);

typedef struct bt_order {
    int32_t id; /* 1, 2, ... in submission order */
    int32_t sid;
    int32_t kind, flags; /* BT_ORDER_* */
    int32_t status, reason;
    int32_t created_row;
    double request;       /* the number given by the strategy */
    double amount;        /* units, signed; 0 until sized; see filled */
    double filled;        /* units, signed; after the splits while it was open:
                             the sum of its fills, each by those after it */
    double limit, stop;   /* NaN when absent */
    double average_price; /* of the fills, of such a unit; NaN when none */
    double commission, slippage; /* currency, of all its fills */
    bt_time created, ended;      /* ended 0 while open */
    double trail, trail_percent; /* distance of a trailing stop: currency,
                                    fraction; NaN when none; stop: the level */
    double limit_offset; /* limit beyond the stop when it is met, or NaN */
    bt_time until;       /* end of a GTD order, else 0 */
    int32_t tif;         /* BT_TIF_* */
    int32_t parent;      /* id of the entry of its bracket, 0: none */
    int32_t oco;         /* id of the first order of its group, 0: none */
} bt_order;

/* What an order may ask for beside its amount. */
typedef struct bt_order_options {
    double limit, stop;          /* prices, NaN for none */
    double trail, trail_percent; /* trailing stop: currency, fraction; or NaN */
    double limit_offset; /* trailing stop-limit, currency >= 0; or NaN */
    bt_time until;       /* first instant it is no longer good, for GTD */
    int32_t flags;       /* BT_ORDER_* */
    int32_t tif;         /* BT_TIF_* */
    int32_t oco;         /* id of an order to share a group with, or 0 */
} bt_order_options;
/* No price, no flags, good till cancelled. */
void bt_order_options_init(bt_order_options *options);

/* Submit. Returns the order id (> 0), 0 when there is nothing to do (an amount
 * of 0, a target that is met), or -BT_E_* (RANGE: a number not finite or beyond
 * its limit, unknown flags; STATE: outside handle_data; NAME: unknown sid or
 * order; USAGE: options that exclude one another). An order that cannot be
 * sized is booked and rejected with its reason. Targets count what open market
 * orders of the asset will still trade; those with a price count what waits for
 * a price as well. Orders that only reduce, and groups, are not counted.
 * source Zipline's order_* family; truncation toward zero to whole lots. */
int32_t bt_order_submit(bt_run *run, int32_t sid, int32_t kind, double amount,
                        double limit, double stop, int32_t flags);
/* The same with every option. An order of a group ends when another one of it
 * trades. */
int32_t bt_order_place(bt_run *run, int32_t sid, int32_t kind, double amount,
                       const bt_order_options *options);
/* Attach an exit to an order given on this bar: it closes what the order
 * fills, from the bar after its first fill on, may only reduce, and shares the
 * exits' group: a fill of one takes as much off the others. Returns the exit's
 * id or -BT_E_* (STATE: the order ended or is not of this bar; USAGE: neither
 * limit nor stop; RANGE: a price). source Interactive Brokers' bracket
 * orders */
int32_t bt_order_attach(bt_run *run, int32_t id,
                        const bt_order_options *options);
/* Change an open order from the next bar on: amount (signed units in all, NaN
 * keeps it) and every price that is not NaN in options; tif when it is >= 0.
 * Returns 1, or 0 when a control that rejects left all of it as it is, or
 * -BT_E_* (RANGE: unknown id, a number; STATE: it has ended, orders are being
 * worked, a control that fails; USAGE: a price that the order does not have, or
 * of an exit relative to an entry that has not traded). */
int32_t bt_order_modify(bt_run *run, int32_t id, double amount,
                        const bt_order_options *options);
/* The first instant after a date's session, or a time itself: the end of a GTD
 * order. errors BT_E_USAGE neither a date nor a time. */
bt_status bt_run_until(bt_run *run, const char *text, bt_time *out);
/* Take an open order back; one that has ended stays as it is.
 * errors BT_E_RANGE unknown id; BT_E_STATE orders are being worked */
bt_status bt_order_cancel(bt_run *run, int32_t id);
/* Borrowed until the next call on the run; NULL for an unknown id. */
const bt_order *bt_order_get(bt_run *run, int32_t id);
/* Ids of open orders of an asset (sid -1: all), oldest first, the first max of
 * them to ids [max]. Returns how many it wrote; 0 for an unknown sid. */
int32_t bt_orders_open(bt_run *run, int32_t sid, int32_t *ids, int32_t max);

/* Record a number under a name at the current bar; the last one of a bar
 * counts.
 * errors BT_E_RANGE more than 1000 names; BT_E_STATE not on a bar. */
bt_status bt_run_record(bt_run *run, const char *name, double value);

#endif
