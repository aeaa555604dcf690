/* Triangular factors, for Gaussian processes of a few hundred points.
 *
 * All work is inner products of contiguous rows, four products at a time that
 * share one operand, each in four partial sums: enough independent chains to
 * keep two adders busy, and an order of additions that no compiler may change.
 * `lanes` is the compiler's vector of four; on SSE2 it is two registers, with
 * AVX one, and the sums are the same bits.
 *
 * The inverse goes by the rows of M = (L^-1)': column j of L^-1 is row j of M,
 * so that solving for it and multiplying out are inner products of rows again.
 */
#include "search/linalg.h"

#include "base/lanes.h"

#include <math.h>
#include <string.h>

LANES_CLONES double vec_dot(const double *a, const double *b, size_t n) {
    lanes even = {0}, odd = {0};
    size_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        even += lanes_at(a + i) * lanes_at(b + i);
        odd += lanes_at(a + i + LANES) * lanes_at(b + i + LANES);
    }
    double rest = 0;
    for (; i < n; i++)
        rest += a[i] * b[i];
    even += odd;
    return lanes_sum(even) + rest;
}

LANES_CLONES void vec_add(double *a, double s, const double *b, size_t n) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        lanes_put(a + i, lanes_at(a + i) + s * lanes_at(b + i));
    for (; i < n; i++)
        a[i] += s * b[i];
}

/* ---- one right-hand side ---------------------------------------------------
 */

bool chol_append(double *l, size_t n, size_t ld, const double *k, double d) {
    double *row = l + n * ld;
    memcpy(row, k, n * sizeof *row);
    chol_forward(l, n, ld, row);
    double pivot = d - vec_dot(row, row, n);
    if (!(pivot > 0) || !isfinite(pivot))
        return false;
    row[n] = sqrt(pivot);
    return true;
}

void chol_forward(const double *l, size_t n, size_t ld, double *b) {
    for (size_t i = 0; i < n; i++)
        b[i] = (b[i] - vec_dot(l + i * ld, b, i)) / l[i * ld + i];
}

void chol_backward(const double *l, size_t n, size_t ld, double *b) {
    for (size_t i = n; i-- > 0;) {
        b[i] /= l[i * ld + i];
        vec_add(b, -b[i], l + i * ld, i);
    }
}

/* ---- several right-hand sides ----------------------------------------------
 *
 * LANES of them, or twice as many: `groups` of lanes, known when compiled.
 */

enum { TILE = 8 }; /* lanes of right-hand sides that stay in registers */

/* Rows that follow one another, as many as fill it. */
struct tile {
    lanes at[TILE];
};
#define INLINE static inline __attribute__((always_inline))
#define EACH(i, count)                                                         \
    _Pragma("GCC unroll 8") for (size_t i = 0; i < (size_t)(count); i++)

INLINE void tile_load(struct tile *t, const double *b) {
    EACH(k, TILE) t->at[k] = lanes_at(b + k * LANES);
}

INLINE void tile_store(const struct tile *t, double *b) {
    EACH(k, TILE) lanes_put(b + k * LANES, t->at[k]);
}

/* Row r less the row q, times `by`. */
INLINE void tile_less(struct tile *t, size_t r, double by, size_t q,
                      size_t groups) {
    EACH(g, groups) t->at[r * groups + g] -= by * t->at[q * groups + g];
}

INLINE void tile_divide(struct tile *t, size_t r, double by, size_t groups) {
    EACH(g, groups) t->at[r * groups + g] /= by;
}

/* A single row, where fewer are left than a tile has. */
INLINE void forward_row(const double *l, size_t i, double *b, size_t groups) {
    size_t wide = groups * LANES;
    lanes row[2] = {{0.0}};
    EACH(g, groups) row[g] = lanes_at(b + i * wide + g * LANES);
    for (size_t j = 0; j < i; j++)
        EACH(g, groups) row[g] -= l[j] * lanes_at(b + j * wide + g * LANES);
    EACH(g, groups) lanes_put(b + i * wide + g * LANES, row[g] / l[i]);
}

/* The tile less what the rows before it make of it. */
INLINE void forward_tile(struct tile *t, const double *l, size_t i, size_t ld,
                         const double *b, size_t groups) {
    for (size_t j = 0; j < i; j++, b += groups * LANES) {
        lanes row[2] = {{0.0}};
        EACH(g, groups) row[g] = lanes_at(b + g * LANES);
        EACH(r, TILE / groups)
        EACH(g, groups) t->at[r * groups + g] -= l[r * ld + j] * row[g];
    }
}

INLINE void forward(const double *l, size_t n, size_t ld, double *b,
                    size_t groups) {
    struct tile t;
    const size_t rows = TILE / groups, wide = groups * LANES;
    size_t i = 0;
    for (; i + rows <= n; i += rows, l += rows * ld) {
        tile_load(&t, b + i * wide);
        forward_tile(&t, l, i, ld, b, groups);
        EACH(r, rows) {
            EACH(q, r) tile_less(&t, r, l[r * ld + i + q], q, groups);
            tile_divide(&t, r, l[r * ld + i + r], groups);
        }
        tile_store(&t, b + i * wide);
    }
    for (; i < n; i++, l += ld)
        forward_row(l, i, b, groups);
}

INLINE void backward_row(const double *l, size_t i, double *b, size_t groups) {
    size_t wide = groups * LANES;
    lanes row[2] = {{0.0}};
    EACH(g, groups) {
        row[g] = lanes_at(b + i * wide + g * LANES) / l[i];
        lanes_put(b + i * wide + g * LANES, row[g]);
    }
    for (size_t j = 0; j < i; j++)
        EACH(g, groups) {
            double *to = b + j * wide + g * LANES;
            lanes_put(to, lanes_at(to) - l[j] * row[g]);
        }
}

/* The rows before the tile less what it makes of them. */
INLINE void backward_tile(const struct tile *t, const double *l, size_t i,
                          size_t ld, double *b, size_t groups) {
    const size_t rows = TILE / groups;
    for (size_t j = 0; j < i; j++, b += groups * LANES) {
        lanes to[2] = {{0.0}};
        EACH(g, groups) to[g] = lanes_at(b + g * LANES);
        EACH(k, rows) {
            size_t r = rows - 1 - k;
            EACH(g, groups) to[g] -= l[r * ld + j] * t->at[r * groups + g];
        }
        EACH(g, groups) lanes_put(b + g * LANES, to[g]);
    }
}

INLINE void backward(const double *l, size_t n, size_t ld, double *b,
                     size_t groups) {
    struct tile t;
    const size_t rows = TILE / groups, wide = groups * LANES;
    for (; n % rows; n--)
        backward_row(l + (n - 1) * ld, n - 1, b, groups);
    for (size_t i = n; i > 0;) {
        i -= rows;
        const double *from = l + i * ld;
        tile_load(&t, b + i * wide);
        EACH(k, rows) {
            size_t r = rows - 1 - k;
            tile_divide(&t, r, from[r * ld + i + r], groups);
            EACH(q, r) tile_less(&t, q, from[r * ld + i + q], r, groups);
        }
        tile_store(&t, b + i * wide);
        backward_tile(&t, from, i, ld, b, groups);
    }
}

LANES_CLONES void chol_forward_wide(const double *l, size_t n, size_t ld,
                                    double *b) {
    forward(l, n, ld, b, 2);
}

LANES_CLONES void chol_backward_wide(const double *l, size_t n, size_t ld,
                                     double *b) {
    backward(l, n, ld, b, 2);
}

LANES_CLONES void chol_forward_narrow(const double *l, size_t n, size_t ld,
                                      double *b) {
    forward(l, n, ld, b, 1);
}

LANES_CLONES void chol_backward_narrow(const double *l, size_t n, size_t ld,
                                       double *b) {
    backward(l, n, ld, b, 1);
}

/* ---- factor and inverse ----------------------------------------------------
 */

/* Rows and columns j .. end of the factor, from rows that are done before j. */
static bool factor_corner(double *a, size_t j, size_t end, size_t ld) {
    for (size_t c = j; c < end; c++) {
        double *row = a + c * ld;
        double pivot = row[c] - vec_dot(row, row, c);
        if (!(pivot > 0) || !isfinite(pivot))
            return false;
        row[c] = sqrt(pivot);
        for (size_t i = c + 1; i < end; i++)
            a[i * ld + c] =
                (a[i * ld + c] - vec_dot(a + i * ld, row, c)) / row[c];
    }
    return true;
}

bool chol_factor(double *a, size_t n, size_t ld, double *wide) {
    for (size_t j = 0; j < n; j += CHOL_WIDE) {
        size_t rows = n - j < CHOL_WIDE ? n - j : CHOL_WIDE;
        memset(wide, 0, j * CHOL_WIDE * sizeof *wide);
        for (size_t r = 0; r < rows; r++)
            for (size_t i = 0; i < j; i++)
                wide[i * CHOL_WIDE + r] = a[(j + r) * ld + i];
        chol_forward_wide(a, j, ld, wide);
        for (size_t r = 0; r < rows; r++)
            for (size_t i = 0; i < j; i++)
                a[(j + r) * ld + i] = wide[i * CHOL_WIDE + r];
        if (!factor_corner(a, j, j + rows, ld))
            return false;
    }
    return true;
}

void chol_inverse(const double *l, size_t n, size_t ld, double *wide,
                  double *out) {
    for (size_t j = 0; j < n; j += CHOL_WIDE) {
        size_t rows = n - j, columns = rows < CHOL_WIDE ? rows : CHOL_WIDE;
        const double *corner = l + j * ld + j;
        memset(wide, 0, rows * CHOL_WIDE * sizeof *wide);
        for (size_t c = 0; c < columns; c++)
            wide[c * CHOL_WIDE + c] = 1;
        chol_forward_wide(corner, rows, ld, wide);
        chol_backward_wide(corner, rows, ld, wide);
        for (size_t i = 0; i < rows; i++)
            memcpy(out + (j + i) * ld + j, wide + i * CHOL_WIDE,
                   (i < columns ? i + 1 : columns) * sizeof *out);
    }
}

/* ---- eigenvectors ----------------------------------------------------------
 */

/* One rotation makes a_pq vanish. Golub, Van Loan, section 8.5. */
static void rotate(double *a, double *v, size_t n, size_t p, size_t q) {
    double apq = a[p * n + q];
    double theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (size_t k = 0; k < n; k++) {
        double x = a[k * n + p], y = a[k * n + q];
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s * x + c * y;
    }
    for (size_t k = 0; k < n; k++) {
        double x = a[p * n + k], y = a[q * n + k];
        a[p * n + k] = c * x - s * y;
        a[q * n + k] = s * x + c * y;
    }
    for (size_t k = 0; k < n; k++) {
        double x = v[k * n + p], y = v[k * n + q];
        v[k * n + p] = c * x - s * y;
        v[k * n + q] = s * x + c * y;
    }
}

void sym_eigen(double *a, size_t n, double *values, double *vectors) {
    enum { SWEEPS = 30 };
    memset(vectors, 0, n * n * sizeof *vectors);
    for (size_t i = 0; i < n; i++)
        vectors[i * n + i] = 1;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        bool done = true;
        for (size_t p = 0; p + 1 < n; p++) {
            for (size_t q = p + 1; q < n; q++) {
                double size = fabs(a[p * n + p]) + fabs(a[q * n + q]);
                if (fabs(a[p * n + q]) <= 1e-18 * size)
                    continue;
                rotate(a, vectors, n, p, q);
                done = false;
            }
        }
        if (done)
            break;
    }
    for (size_t i = 0; i < n; i++)
        values[i] = a[i * n + i];
}
