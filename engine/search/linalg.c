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

enum { ROWS = 4 }; /* of a triangle that share what is loaded of the rest */

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

/* ---- many right-hand sides -------------------------------------------------
 */

/* ROWS rows of right-hand sides. */
struct strip {
    lanes low[ROWS], high[ROWS];
};
#define INLINE static inline __attribute__((always_inline))
#define EACH_ROW(r) _Pragma("GCC unroll 4") for (size_t r = 0; r < ROWS; r++)

INLINE void strip_load(struct strip *s, const double *b) {
    EACH_ROW(r) {
        s->low[r] = lanes_at(b + r * CHOL_WIDE);
        s->high[r] = lanes_at(b + r * CHOL_WIDE + LANES);
    }
}

INLINE void strip_store(const struct strip *s, double *b) {
    EACH_ROW(r) {
        lanes_put(b + r * CHOL_WIDE, s->low[r]);
        lanes_put(b + r * CHOL_WIDE + LANES, s->high[r]);
    }
}

/* Row r less the row q, times `by`. */
INLINE void strip_less(struct strip *s, size_t r, double by, size_t q) {
    s->low[r] -= by * s->low[q];
    s->high[r] -= by * s->high[q];
}

INLINE void strip_divide(struct strip *s, size_t r, double by) {
    s->low[r] /= by;
    s->high[r] /= by;
}

/* A single row, where fewer than ROWS are left. */
INLINE void forward_row(const double *l, size_t i, double *b) {
    double *row = b + i * CHOL_WIDE;
    lanes low = lanes_at(row), high = lanes_at(row + LANES);
    for (size_t j = 0; j < i; j++) {
        low -= l[j] * lanes_at(b + j * CHOL_WIDE);
        high -= l[j] * lanes_at(b + j * CHOL_WIDE + LANES);
    }
    lanes_put(row, low / l[i]);
    lanes_put(row + LANES, high / l[i]);
}

LANES_CLONES void chol_forward_wide(const double *l, size_t n, size_t ld,
                                    double *b) {
    struct strip s;
    size_t i = 0;
    for (; i + ROWS <= n; i += ROWS, l += ROWS * ld) {
        strip_load(&s, b + i * CHOL_WIDE);
        for (size_t j = 0; j < i; j++) {
            lanes low = lanes_at(b + j * CHOL_WIDE);
            lanes high = lanes_at(b + j * CHOL_WIDE + LANES);
            EACH_ROW(r) {
                s.low[r] -= l[r * ld + j] * low;
                s.high[r] -= l[r * ld + j] * high;
            }
        }
        EACH_ROW(r) {
#pragma GCC unroll 4
            for (size_t q = 0; q < r; q++)
                strip_less(&s, r, l[r * ld + i + q], q);
            strip_divide(&s, r, l[r * ld + i + r]);
        }
        strip_store(&s, b + i * CHOL_WIDE);
    }
    for (; i < n; i++, l += ld)
        forward_row(l, i, b);
}

INLINE void backward_row(const double *l, size_t i, double *b) {
    double *row = b + i * CHOL_WIDE;
    lanes low = lanes_at(row) / l[i], high = lanes_at(row + LANES) / l[i];
    for (size_t j = 0; j < i; j++) {
        double *to = b + j * CHOL_WIDE;
        lanes_put(to, lanes_at(to) - l[j] * low);
        lanes_put(to + LANES, lanes_at(to + LANES) - l[j] * high);
    }
    lanes_put(row, low);
    lanes_put(row + LANES, high);
}

LANES_CLONES void chol_backward_wide(const double *l, size_t n, size_t ld,
                                     double *b) {
    struct strip s;
    for (; n % ROWS; n--)
        backward_row(l + (n - 1) * ld, n - 1, b);
    for (size_t i = n; i > 0;) {
        i -= ROWS;
        const double *rows = l + i * ld;
        strip_load(&s, b + i * CHOL_WIDE);
#pragma GCC unroll 4
        for (size_t r = ROWS; r-- > 0;) {
            strip_divide(&s, r, rows[r * ld + i + r]);
#pragma GCC unroll 4
            for (size_t q = 0; q < r; q++)
                strip_less(&s, q, rows[r * ld + i + q], r);
        }
        strip_store(&s, b + i * CHOL_WIDE);
        for (size_t j = 0; j < i; j++) {
            double *to = b + j * CHOL_WIDE;
            lanes low = lanes_at(to), high = lanes_at(to + LANES);
#pragma GCC unroll 4
            for (size_t r = ROWS; r-- > 0;) {
                low -= rows[r * ld + j] * s.low[r];
                high -= rows[r * ld + j] * s.high[r];
            }
            lanes_put(to, low);
            lanes_put(to + LANES, high);
        }
    }
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
