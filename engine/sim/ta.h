/* Indicator kernels and the tables that describe them; see ta.c.
 *
 * A kernel sees dense series, no gaps, oldest first, and writes as many values
 * for each of its outputs. It is causal: out[k][i] depends on bars 0 .. i. The
 * first `lookback` values are the caller's to set NaN; a kernel is called with
 * n > lookback only.
 */
#ifndef BT_SIM_TA_H
#define BT_SIM_TA_H

#include "backlua.h"

#include <stdbool.h>

enum { TA_PARAMS_MAX = 6, TA_OUTPUTS_MAX = 7 };

/* What a kernel reads; NULL unless its info asks for it. */
struct ta_input {
    union {
        struct {
            const double *x, *other, *open, *high, *low, *close, *volume,
                *session;
        };
        const double *series[BT_INPUTS]; /* by BT_INPUT_* */
    };
    const double *mask, *other_mask; /* whose gaps count, too, or NULL */
    int32_t n;
};

struct ta_kernel {
    bt_indicator_info info;
    const char *key; /* name and version in cache keys: new values, new key */
    int32_t (*lookback)(const double *params);
    void (*run)(const struct ta_input *in, const double *params,
                double *const *out);
};

/* i-th kernel, NULL past the end; by name, NULL when unknown. */
const struct ta_kernel *ta_at(int32_t i);
const struct ta_kernel *ta_find(const char *name);
/* The kernel reads this series. */
static inline bool ta_reads(const struct ta_kernel *k, int32_t input) {
    return k->info.inputs >> input & 1;
}
/* A value depends on the `lookback` bars before it and on no other. */
bool ta_is_window(const struct ta_kernel *k, const double *params);
/* Fill full [TA_PARAMS_MAX] from params and defaults, checked.
 * errors BT_E_RANGE names the parameter and its limits. */
bt_status ta_params(const struct ta_kernel *k, const double *params,
                    int32_t count, double *full);
/* Run over series that may hold NaN: a bar where one of them has a gap is
 * skipped and stays NaN. out [outputs][n], not overlapping. */
void ta_run(const struct ta_kernel *k, const struct ta_input *in,
            const double *params, double *out);

/* ---- families ------------------------------------------------------------ */

struct ta_family {
    const struct ta_kernel *kernels;
    int32_t count;
};

extern const struct ta_family ta_averages, ta_momentum, ta_stochastic,
    ta_direction, ta_ranges, ta_bands, ta_volume, ta_statistics, ta_prices;

/* How a family writes its rows. */
#define TA_FAMILY(kernels)                                                     \
    { kernels, sizeof(kernels) / sizeof *(kernels) }
#define TA_INPUTS(...) .inputs = TA_BITS(__VA_ARGS__, 0, 0, 0, 0)
#define TA_BITS(a, b, c, d, e, ...) ((a) | (b) | (c) | (d) | (e))
#define TA_X (1 << BT_INPUT_X)
#define TA_OTHER (1 << BT_INPUT_OTHER)
#define TA_OPEN (1 << BT_INPUT_OPEN)
#define TA_HIGH (1 << BT_INPUT_HIGH)
#define TA_LOW (1 << BT_INPUT_LOW)
#define TA_CLOSE (1 << BT_INPUT_CLOSE)
#define TA_VOLUME (1 << BT_INPUT_VOLUME)
#define TA_SESSION (1 << BT_INPUT_SESSION)
#define TA_OUTPUTS(...)                                                        \
    .outputs = (const char *const[]){__VA_ARGS__},                             \
    .output_count =                                                            \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)
#define TA_PARAMS(...)                                                         \
    .params = (const bt_indicator_param[]){__VA_ARGS__},                       \
    .param_count = sizeof((const bt_indicator_param[]){__VA_ARGS__}) /         \
                   sizeof(bt_indicator_param)
/* Default, minimum; then what to search: from, to, step. */
#define TA_LENGTH(name, fallback, min, lo, hi, step)                           \
    { name, fallback, min, BT_HISTORY_MAX, lo, hi, step, 1 }
#define TA_NUMBER(name, fallback, min, max, lo, hi, step)                      \
    { name, fallback, min, max, lo, hi, step, 0 }
/* Kind of average, by TA-Lib's numbers: enum ta_average below. */
#define TA_MATYPE(name)                                                        \
    { name, 0, 0, 8, 0, 6, 1, 1 }

/* ---- lookbacks that many share ------------------------------------------- */

int32_t ta_none(const double *p);    /* 0 */
int32_t ta_one(const double *p);     /* 1 */
int32_t ta_window(const double *p);  /* p[0] - 1: a window of p[0] bars */
int32_t ta_changes(const double *p); /* p[0]: a window of p[0] changes */

/* ---- parts that kernels are made of (ta_part.c, ta_sum.c) ---------------- */

/* All write out[i] for i >= their lookback, given in brackets. */

/* Room for `count` series of n values; free() it. */
double *ta_room(int32_t count, int32_t n);

/* Exact sums of all windows of w values, each rounded once, as exact_sum gives
 * them [w - 1]; n >= w >= 1. */
void ta_window_sums(const double *x, int32_t n, int32_t w, double *out);
/* Sums of all windows with weights first, first + 2, .. (oldest first), exact
 * and rounded once [w - 1]. */
void ta_sloped_sums(const double *x, int32_t n, int32_t w, double first,
                    double *out);
/* Those sums divided by w [w - 1]. */
void ta_mean(const double *x, int32_t n, int32_t w, double *out);
/* Exponential average, factor 2 / (w + 1) [w - 1]; out may be x. */
void ta_exponential(const double *x, int32_t n, int32_t w, double *out);
/* Weights 1 .. w [w - 1]. */
void ta_weighted(const double *x, int32_t n, int32_t w, double *out);
/* Sums of squares, of products around the means of each window: the exact
 * n-fold rounded once (base/spread.h), divided by w [w - 1]. */
void ta_squares(const double *x, int32_t n, int32_t w, double *out);
void ta_products(const double *x, const double *y, int32_t n, int32_t w,
                 double *out);
/* Highest (sign 1) or lowest (sign -1) value of the window and how many bars
 * ago, the newest of equals; either may be NULL [w - 1]. */
void ta_extremes(const double *x, int32_t n, int32_t w, double sign,
                 double *value, double *age);
/* Wilder's true range [1]. */
void ta_true_ranges(const struct ta_input *in, double *out);
/* Wilder's average of true ranges [w]. */
void ta_average_range(const struct ta_input *in, int32_t w, double *out);
/* Wilder's relative strength index [w]. */
void ta_strength(const double *x, int32_t n, int32_t w, double *out);
/* (high + low + close) / 3 [0]. */
void ta_typical(const struct ta_input *in, double *out);

/* ---- averages by number (ta_average.c) ----------------------------------- */

enum ta_average {
    TA_SMA,
    TA_EMA,
    TA_WMA,
    TA_DEMA,
    TA_TEMA,
    TA_TRIMA,
    TA_KAMA,
    TA_MAMA, /* not here */
    TA_T3
};

/* [ta_average_lookback] */
void ta_average(int32_t type, const double *x, int32_t n, int32_t w,
                double *out);
int32_t ta_average_lookback(int32_t type, int32_t w);

#endif
