/* Ranges of bars.
 */
#include "sim/ta.h"

static void run_trange(const struct ta_input *in, const double *p,
                       double *const *out) {
    (void)p;
    ta_true_ranges(in, out[0]);
}

static void run_atr(const struct ta_input *in, const double *p,
                    double *const *out) {
    ta_average_range(in, (int32_t)p[0], out[0]);
}

static void run_natr(const struct ta_input *in, const double *p,
                     double *const *out) {
    ta_average_range(in, (int32_t)p[0], out[0]);
    for (int32_t i = (int32_t)p[0]; i < in->n; i++)
        out[0][i] =
            in->close[i] != 0.0 ? out[0][i] / in->close[i] * 100.0 : 0.0;
}

static const struct ta_kernel RANGES[] = {
    {{.name = "trange",
      .title = "True range",
      .formula = "max(high - low, |high - close[-1]|, |low - close[-1]|)",
      .source = "TA-Lib TRANGE (Wilder 1978)",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE),
      TA_OUTPUTS("trange")},
     "trange.1",
     ta_one,
     run_trange},
    {{.name = "atr",
      .title = "Average true range",
      .formula = "(a (n - 1) + trange) / n, from the mean of the first n",
      .source = "TA-Lib ATR (Wilder 1978)",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE),
      TA_OUTPUTS("atr"),
      TA_PARAMS(TA_LENGTH("n", 14, 1, 4, 40, 2))},
     "atr.1",
     ta_changes,
     run_atr},
    {{.name = "natr",
      .title = "Average true range, percent of the close",
      .formula = "100 atr / close",
      .source = "TA-Lib NATR (Forman 2006)",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE),
      TA_OUTPUTS("natr"),
      TA_PARAMS(TA_LENGTH("n", 14, 1, 4, 40, 2))},
     "natr.1",
     ta_changes,
     run_natr},
};

const struct ta_family ta_ranges = TA_FAMILY(RANGES);
