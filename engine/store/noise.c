/* Noise over all prices of a bundle at once.
 *
 * Bar t of asset a is multiplied by 1 + std * e[t][a], open, high, low and
 * close alike, so what held among the four holds still. The e of a row belong
 * together as the assets' returns do:
 *
 *     gaussian    e = L g, g independent normal, L L' = the correlation of the
 *                 returns
 *     bootstrap   e = the standardised returns of a row drawn at random, all
 *                 assets of one row
 *
 * z[a][t] is the return of asset a less its mean, over its root mean square,
 * and 0 where there is none: no bar, or a split or the like between the two
 * closes. The root is taken over all rows, so that drawn e have variance 1 also
 * for an asset listed late, and the correlation Z Z' / n is semidefinite
 * whatever is missing: its factor always exists. An asset whose price never
 * moved has none and keeps its prices.
 *
 * z and L are made once, before workers are forked. A simulation costs a normal
 * a bar and half a multiplication a bar and asset; its factors are private
 * memory, a double a bar, as long as its bundle is open.
 */
#include "backlua.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/status.h"
#include "store/bundle.h"
#include "store/overlay.h"
#include "store/pool.h"

#include <math.h>
#include <stdlib.h>

/* A factor stays within 1 -+ 0.9: prices stay above 0, and their mean stays. */
static const double MOST = 0.9;
/* Variance of an asset that earlier ones leave; below, they explain it all. */
static const double LEAST_PIVOT = 1e-12;

struct bt_noise {
    bt_bundle *bundle;
    int32_t model, assets, rows;
    double std;
    uint64_t seed;
    double *z;     /* [assets * rows]; row 0 has no return */
    double *lower; /* [assets * assets] L by rows; gaussian only */
};

/* ---- returns --------------------------------------------------------------*/

/* Take away the returns that an action makes. */
static void drop_actions(const bt_noise *n) {
    const bt_action *list;
    int32_t count = bt_bundle_actions(n->bundle, &list);
    for (int32_t i = 0; i < count; i++)
        if (list[i].kind != BT_ACTION_SYMBOL && list[i].row < n->rows)
            n->z[(int64_t)list[i].sid * n->rows + list[i].row] = NAN;
}

static void fill_returns(const double *close, int32_t rows, double *z) {
    z[0] = NAN;
    for (int32_t t = 1; t < rows; t++)
        z[t] = close[t - 1] > 0 ? close[t] / close[t - 1] - 1 : NAN;
}

static void standardise(double *z, int32_t rows) {
    double sum = 0, squares = 0;
    int32_t count = 0;
    for (int32_t t = 0; t < rows; t++)
        if (!isnan(z[t])) {
            sum += z[t];
            count++;
        }
    double mean = count > 0 ? sum / count : 0;
    for (int32_t t = 0; t < rows; t++) {
        z[t] = isnan(z[t]) ? 0 : z[t] - mean;
        squares += z[t] * z[t];
    }
    double root = sqrt(squares / (rows - 1));
    for (int32_t t = 0; t < rows; t++)
        z[t] = root > 0 ? z[t] / root : 0;
}

static bt_status make_returns(bt_noise *n) {
    n->z = mem_alloc((size_t)n->assets * (size_t)n->rows * sizeof *n->z);
    for (int32_t a = 0; a < n->assets; a++) {
        const double *close;
        TRY(bundle_column(n->bundle, a, BT_FIELD_CLOSE, &close));
        fill_returns(close, n->rows, n->z + (int64_t)a * n->rows);
    }
    drop_actions(n);
    for (int32_t a = 0; a < n->assets; a++)
        standardise(n->z + (int64_t)a * n->rows, n->rows);
    return BT_OK;
}

/* ---- the factor of the correlation ----------------------------------------*/

static double correlation(const bt_noise *n, int32_t a, int32_t b) {
    const double *x = n->z + (int64_t)a * n->rows;
    const double *y = n->z + (int64_t)b * n->rows;
    double sum = 0;
    for (int32_t t = 1; t < n->rows; t++)
        sum += x[t] * y[t];
    return sum / (n->rows - 1);
}

/* Cholesky by rows; a column whose pivot is 0 stays 0. */
static void make_factor(bt_noise *n) {
    int32_t count = n->assets;
    n->lower = mem_zalloc((size_t)count * (size_t)count, sizeof *n->lower);
    for (int32_t a = 0; a < count; a++) {
        double *row = n->lower + (int64_t)a * count;
        for (int32_t b = 0; b <= a; b++) {
            const double *other = n->lower + (int64_t)b * count;
            double left = correlation(n, a, b);
            for (int32_t k = 0; k < b; k++)
                left -= row[k] * other[k];
            if (b == a)
                row[a] = left > LEAST_PIVOT ? sqrt(left) : 0;
            else
                row[b] = other[b] > 0 ? left / other[b] : 0;
        }
    }
}

/* ---- a simulation ---------------------------------------------------------*/

/* e [assets * rows] */
static void draw_gaussian(const bt_noise *n, struct rng *rng, double *e) {
    int64_t rows = n->rows;
    for (int64_t i = 0; i < n->assets * rows; i++)
        e[i] = rng_normal(rng);
    for (int32_t a = n->assets - 1; a >= 0; a--) {
        const double *l = n->lower + (int64_t)a * n->assets;
        double *own = e + a * rows;
        for (int64_t t = 0; t < rows; t++)
            own[t] *= l[a];
        for (int32_t k = 0; k < a; k++)
            for (int64_t t = 0; t < rows; t++)
                own[t] += l[k] * e[k * rows + t];
    }
}

static void draw_bootstrap(const bt_noise *n, struct rng *rng, double *e) {
    int64_t rows = n->rows;
    for (int64_t t = 0; t < rows; t++) {
        int64_t from = rng_range(rng, 1, rows - 1);
        for (int32_t a = 0; a < n->assets; a++)
            e[a * rows + t] = n->z[a * rows + from];
    }
}

/* What bars are multiplied by [assets * rows]; the caller frees. */
static double *make_factors(const bt_noise *n, int32_t simulation) {
    int64_t count = (int64_t)n->assets * n->rows;
    double *e = mem_alloc((size_t)count * sizeof *e);
    struct rng rng;
    rng_key(&rng, n->seed, "noise", (uint64_t)simulation);
    if (n->model == BT_NOISE_GAUSSIAN)
        draw_gaussian(n, &rng, e);
    else
        draw_bootstrap(n, &rng, e);
    for (int64_t i = 0; i < count; i++)
        e[i] = 1 + fmin(fmax(n->std * e[i], -MOST), MOST);
    return e;
}

static void multiply(void *p, int32_t sid, int64_t rows, const double *in,
                     double *out) {
    const double *factor = (const double *)p + sid * rows;
    for (int64_t t = 0; t < rows; t++)
        out[t] = in[t] * factor[t];
}

/* ---- the public face ------------------------------------------------------*/

static bt_status check(const bt_bundle *b, int32_t model, double std) {
    if (model != BT_NOISE_GAUSSIAN && model != BT_NOISE_BOOTSTRAP)
        return fail(BT_E_RANGE, "noise: model must be %d or %d, got %d",
                    BT_NOISE_GAUSSIAN, BT_NOISE_BOOTSTRAP, model);
    if (!(std > 0 && std <= 0.5))
        return fail(BT_E_RANGE,
                    "noise: std must be above 0 and at most 0.5, got %g", std);
    if (bundle_rows(b) < 3)
        return fail(BT_E_RANGE,
                    "noise: needs the returns of at least 3 rows, got %d",
                    bundle_rows(b));
    return BT_OK;
}

bt_status bt_noise_new(bt_bundle *b, int32_t model, double std, uint64_t seed,
                       bt_noise **out) {
    TRY(check(b, model, std));
    bt_noise *n = mem_zalloc(1, sizeof *n);
    n->bundle = b;
    n->model = model;
    n->std = std;
    n->seed = seed;
    n->assets = bundle_assets(b);
    n->rows = bundle_rows(b);
    pool_retain(b);
    bt_status s = make_returns(n);
    if (s != BT_OK) {
        bt_noise_free(n);
        return s;
    }
    if (model == BT_NOISE_GAUSSIAN)
        make_factor(n);
    *out = n;
    return BT_OK;
}

void bt_noise_free(bt_noise *n) {
    if (n == NULL)
        return;
    bt_bundle_release(n->bundle);
    free(n->z);
    free(n->lower);
    free(n);
}

bt_bundle *bt_noise_bundle(const bt_noise *n, int32_t simulation) {
    struct overlay o = {make_factors(n, simulation), multiply, free};
    return overlay_bundle(n->bundle, o);
}
