/* Quantiles of values in any order: one sort, O(n log n), whatever their
 * number. */
#include "base/mem.h"
#include "base/stat.h"
#include "base/status.h"
#include "optimize/odds.h"

#include <math.h>
#include <stdlib.h>

static bt_status check_sizes(int32_t n, const double *p, int32_t count) {
    if (n < 1)
        return fail(BT_E_RANGE, "quantile: needs a value at least, got none");
    for (int32_t i = 0; i < count; i++) {
        if (!(p[i] >= 0 && p[i] <= 1))
            return fail(BT_E_RANGE,
                        "quantile: a probability must be 0..1, got %g", p[i]);
    }
    return BT_OK;
}

bt_status bt_quantiles(const double *x, int32_t n, const double *p,
                       int32_t count, double *out) {
    TRY(check_sizes(n, p, count));
    double *sorted = mem_alloc((size_t)n * sizeof *sorted);
    bool has_nan = false;
    for (int32_t i = 0; i < n; i++) {
        sorted[i] = x[i];
        has_nan = has_nan || isnan(x[i]);
    }
    stat_sort(sorted, (size_t)n);
    for (int32_t i = 0; i < count; i++)
        out[i] = has_nan ? NAN : stat_quantile(sorted, (size_t)n, p[i]);
    free(sorted);
    return BT_OK;
}
