/* What a run was worth, in numbers; see metrics.c. */
#ifndef BT_SIM_METRICS_H
#define BT_SIM_METRICS_H

#include "backlua.h"
#include "sim/tally.h"

struct metric_input {
    int32_t bars;
    const double *value;     /* [bars] marked equity */
    const double *curve;     /* [bars] value net of deposits; may be value */
    const double *gross;     /* [bars] sum of |amount * price| */
    const int32_t *sessions; /* [bars] day of the session of each bar */
    double start;            /* equity before the first bar, > 0 */
    double years;            /* from first open to last close, > 0 */
    double periods_per_year; /* sessions */
    double risk_free;        /* annual */
    const bt_trade *trades;
    int32_t trade_count;
    int32_t exposed_bars; /* bars that close with a position */
    double traded;        /* sum of |amount * price| of the fills */
    double commission, slippage;
};

/* Fill out->metrics and out->drawdown_*. */
void metrics_compute(const struct metric_input *in, bt_result *out);
/* The same from a tally of the bars and the trades, its last bar taken as a
 * session's; the arrays of in are not looked at. */
void metrics_of(const struct metric_input *in, const struct tally *t,
                bt_result *out);
/* An annual rate as one per session. */
double metrics_target(double risk_free, double periods_per_year);

#endif
