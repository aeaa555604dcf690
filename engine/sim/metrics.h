/* What a run was worth, in numbers; see metrics.c. */
#ifndef BT_SIM_METRICS_H
#define BT_SIM_METRICS_H

#include "backlua.h"

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

#endif
