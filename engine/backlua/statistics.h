/* Statistics of returns and round trips. Conventions: backlua.h. */
#ifndef BACKLUA_STATISTICS_H
#define BACKLUA_STATISTICS_H

#include "backlua/result.h"

/* ---- statistics of returns and round trips ------------------------------- */

/* Whose definition, where libraries differ; see sim/measure.c. */
enum {
    BT_CONVENTION_OWN = 0,
    BT_CONVENTION_EMPYRICAL = 1,
    BT_CONVENTION_QUANTSTATS = 2,
    BT_CONVENTION_BACKTESTING = 3
};

/* What a statistic looks at. */
typedef struct bt_sample {
    const double *x;     /* [n] simple returns a period, or pnl of round trips;
                          * oldest first */
    const double *other; /* [n] the benchmark's returns of the same periods, or
                          * the trades' returns; NULL for none */
    int32_t n, convention;
    double periods_per_year; /* > 0 */
    double risk_free;        /* annual */
    double required; /* annual return that counts as a gain; NaN: risk_free */
    double tail;     /* 0..1, share of the worst; 0.05 */
    double years;    /* elapsed; 0: n / periods_per_year */
} bt_sample;

enum { BT_OF_RETURNS = 0, BT_OF_BENCHMARK = 1, BT_OF_TRADES = 2 };
/* i-th statistic: its key, formula with source, what it is of (BT_OF_*); NULL
 * or -1 past the end. Its number by key, -1 if unknown. */
const char *bt_measure_name(int32_t measure);
const char *bt_measure_text(int32_t measure);
int32_t bt_measure_of(int32_t measure);
int32_t bt_measure_find(const char *name);
/* Its value; NaN when undefined, when n is 0, when a number is NaN, or without
 * the benchmark that it needs. cost O(n), O(n log n) with quantiles
 * source of each: bt_measure_text */
double bt_measure(int32_t measure, const bt_sample *s);
/* Its value over each window of that many, ending at each entry: out [n], NaN
 * for the first window - 1. cost O(n * window) */
void bt_measure_rolling(int32_t measure, const bt_sample *s, int32_t window,
                        double *out);

/* From a peak to the first value that is not below it. */
typedef struct bt_drawdown {
    double depth;               /* lowest / peak - 1, < 0 */
    int32_t start, trough, end; /* indices; start -1: the starting value; end
                                 * -1: not recovered */
} bt_drawdown;
/* All drawdowns of a curve, oldest first, the first max of them to out; returns
 * how many there are. value [n]; start: what came before, > 0 */
int32_t bt_drawdowns(double start, const double *value, int32_t n,
                     bt_drawdown *out, int32_t max);
/* value / highest so far - 1: out [n], may be value itself. */
void bt_underwater(double start, const double *value, int32_t n, double *out);

/* A finished run. Arrays are borrowed from it. */
typedef struct bt_result {
    int32_t bars, orders, fills, trades, flows, events, records, record_names;
    int32_t opens;             /* lots still held at the end */
    int32_t first_row;         /* of the bundle, bar 0 */
    const bt_time *times;      /* [bars] close times */
    const double *cash;        /* [bars] */
    const double *value;       /* [bars] marked equity */
    const double *performance; /* [bars] the same as if nothing had been
                                * deposited or withdrawn after the start */
    const bt_order *order;     /* [orders] */
    const bt_fill *fill;       /* [fills] */
    const bt_trade *trade;     /* [trades] */
    const bt_trade *open;      /* [opens] as if sold at their last price, free
                                * of charge: exit_order 0 */
    const bt_flow *flow;       /* [flows] */
    const bt_event *event;     /* [events] */
    const bt_record *record;   /* [records] */
    double metrics[BT_METRICS];
    /* the deepest drawdown as bars: peak (-1: the starting cash), trough,
     * recovery (-1: not recovered); all -1 when there is none */
    int32_t drawdown_start, drawdown_trough, drawdown_end;
    double periods_per_year;
    double starting_cash;
    double years; /* from the first bar's open to the last one's close */
    double short_windows;
    double ambiguous_bars;      /* groups that one bar offered two prices */
    double liquidation_value;   /* equity at the end if all were sold at the
                                 * marks, at the run's costs but without its
                                 * volume limit; NaN under costs in Lua */
    const double *benchmark;    /* [bars] value of a unit of the benchmark, its
                              * dividends reinvested; NaN without a bar; NULL:
                              * no benchmark */
    double benchmark_start;     /* the same before the first bar */
    double reasons[BT_REASONS]; /* orders per reason */
    char hash[65];              /* result_hash, spec/golden/RESULT_HASH.md */
} bt_result;

/* Close the books: end open orders, compute metrics and hash. Once per run; the
 * result stays valid after bt_run_close, until bt_result_free.
 * Before the last bar it ends the run at the current one.
 * errors BT_E_STATE called twice, or after a step that failed. */
bt_status bt_run_finish(bt_run *run, bt_result **out);
void bt_result_free(bt_result *r);
/* Keep a result in the cache folder, with facts [n] bytes of its run, under a
 * key (64 hexadecimal digits) that says what it was made from: all of it, the
 * program (bt_build_id) and the bundle included. Old ones are removed beyond
 * 256 of them and cache_size_gb. Nothing happens without a folder of ours, or
 * when it takes more than `most` bytes.
 * errors BT_E_IO: it could not be written */
bt_status bt_result_keep(const bt_result *r, const char *key, const char *facts,
                         int64_t n, double most);
/* The result kept under the key, to be freed, and its facts: n bytes, borrowed
 * from it. Of the bundle a use is counted.
 * errors BT_E_DATA: there is none, or it was damaged and is now gone */
bt_status bt_result_recall(const char *key, bt_bundle *bundle, bt_result **out,
                           const char **facts, int64_t *n);
/* The times in unix seconds: out [bars]. */
void bt_result_seconds(const bt_result *r, double *out);
/* Returns of the sessions, on performance, and the close of each in unix
 * seconds: out [bars] each. Returns how many sessions there are. */
int32_t bt_result_daily(const bt_result *r, double *returns, double *seconds);
/* How many sessions there are; the closes of the first and the last in unix
 * seconds, unless there is none. */
int32_t bt_result_sessions(const bt_result *r, double *first, double *last);
const char *bt_result_record_name(const bt_result *r, int32_t name);
/* Metrics [BT_METRICS] of n >= 1 results of one bundle, one after another, as
 * one account that goes on with what the one before came to. Trades are those
 * of all, money (pnl, costs) adds up as it is, years are those inside of them.
 * in   risk_free  annual
 * errors BT_E_RANGE n */
bt_status bt_results_metrics(const bt_result *const *parts, int32_t n,
                             double risk_free, double *out);
/* The worst and the best that a round trip of the result (open ones included)
 * stood at, in currency before costs: mae <= 0 <= mfe. Bars count whole, lows
 * and highs, but for what certainly lies outside: the bar of an entry at the
 * close, that of an exit at the open. source Sweeney 1996, Maximum Adverse
 * Excursion */
void bt_result_excursion(const bt_result *r, const bt_trade *t, double *mae,
                         double *mfe);
/* Units held of an asset at the close of each bar: out [bars]. */
void bt_result_amounts(const bt_result *r, int32_t sid, double *out);
/* One bar of an asset as quoted; NaN where there is none. */
typedef struct bt_quote {
    double open, high, low, close, volume;
    double price; /* last traded by then */
} bt_quote;
/* errors BT_E_RANGE bar, sid; BT_E_IO */
bt_status bt_result_quote(const bt_result *r, int32_t sid, int32_t bar,
                          bt_quote *out);
/* The first bar that opens at an instant (unix seconds) or later; bars:
 * none. */
int32_t bt_result_opening(const bt_result *r, double seconds);
/* New units for an old one, by the splits of an asset that begin after a bar,
 * up to another. */
double bt_result_splits(const bt_result *r, int32_t sid, int32_t after,
                        int32_t until);
/* Day of a bar's session, counted from 1970-01-01; -1 past the end. */
int32_t bt_result_day(const bt_result *r, int32_t bar);
/* Compare the result with values [n] of days [n] (ascending, counted from
 * 1970-01-01) instead. errors BT_E_DATA no day of the run has a value, or none
 * before two sessions; BT_E_RANGE a value not above 0, days that do not
 * ascend */
bt_status bt_result_compare(bt_result *r, const int32_t *days,
                            const double *values, int32_t n);
/* Returns of the sessions that the benchmark has a value of, both from the one
 * to the next: out [bars] each. Returns how many; 0 without a benchmark. The
 * first is from the close before the run, or from the open of its first bar; a
 * benchmark that begins later is compared from then on. */
int32_t bt_result_paired(const bt_result *r, double *returns, double *benchmark,
                         double *seconds);

#endif
