/* Indicator kernels and the table that describes them; see ta.c.
 *
 * A kernel sees a dense series, no gaps, oldest first, and writes as many
 * values. It is causal: out[i] depends on x[0 .. i]. The first `lookback`
 * values are the caller's to set NaN; a kernel is called with n > lookback
 * only.
 */
#ifndef BT_SIM_TA_H
#define BT_SIM_TA_H

#include "backlua.h"

#include <stdbool.h>

enum { TA_PARAMS_MAX = 4 };

struct ta_input {
    const double *x;          /* the series; the close for kernels over bars */
    const double *high, *low; /* NULL unless the kernel runs over bars */
    int32_t n;
};

struct ta_kernel {
    const char *name;
    const char *key; /* name and version in cache keys: new values, new key */
    bool over_bars;  /* needs high, low and close, whatever the field */
    int32_t param_count;
    bt_indicator_param params[TA_PARAMS_MAX];
    int32_t (*lookback)(const double *params);
    void (*run)(const struct ta_input *in, const double *params, double *out);
};

/* i-th kernel, NULL past the end; by name, NULL when unknown. */
const struct ta_kernel *ta_at(int32_t i);
const struct ta_kernel *ta_find(const char *name);
/* Fill full [TA_PARAMS_MAX] from params and defaults, checked.
 * errors BT_E_RANGE names the parameter and its limits. */
bt_status ta_params(const struct ta_kernel *k, const double *params,
                    int32_t count, double *full);
/* Run over series that may hold NaN: those bars are skipped and stay NaN. mask
 * [n]: NaN where there is no bar. out [n], not overlapping. */
void ta_run(const struct ta_kernel *k, const struct ta_input *in,
            const double *mask, const double *params, double *out);

/* Kernels. p[0] is the length unless said otherwise. */
void ta_sum(const struct ta_input *in, const double *p, double *out);
void ta_sma(const struct ta_input *in, const double *p, double *out);
void ta_ema(const struct ta_input *in, const double *p, double *out);
void ta_wma(const struct ta_input *in, const double *p, double *out);
void ta_stddev(const struct ta_input *in, const double *p, double *out);
void ta_min(const struct ta_input *in, const double *p, double *out);
void ta_max(const struct ta_input *in, const double *p, double *out);
void ta_roc(const struct ta_input *in, const double *p, double *out);
void ta_mom(const struct ta_input *in, const double *p, double *out);
void ta_rsi(const struct ta_input *in, const double *p, double *out);
void ta_atr(const struct ta_input *in, const double *p, double *out);

/* Exact sums of all windows of w values, each rounded once, as exact_sum gives
 * them: out[i] for i >= w - 1, n >= w >= 1. */
void ta_window_sums(const double *x, int32_t n, int32_t w, double *out);

#endif
