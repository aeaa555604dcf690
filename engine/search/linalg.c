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

/* out[q][r] = a_q . (b + r * ld), q = 0, 1, r = 0 .. 3; n a multiple of LANES.
 */
LANES_CLONES static void tile(const double *a0, const double *a1,
                              const double *b, size_t ld, size_t n,
                              double out[2][4]) {
    lanes s00 = {0}, s01 = {0}, s02 = {0}, s03 = {0};
    lanes s10 = {0}, s11 = {0}, s12 = {0}, s13 = {0};
    for (size_t i = 0; i < n; i += LANES) {
        lanes v0 = lanes_at(a0 + i), v1 = lanes_at(a1 + i);
        lanes w = lanes_at(b + i);
        s00 += v0 * w, s10 += v1 * w;
        w = lanes_at(b + ld + i);
        s01 += v0 * w, s11 += v1 * w;
        w = lanes_at(b + 2 * ld + i);
        s02 += v0 * w, s12 += v1 * w;
        w = lanes_at(b + 3 * ld + i);
        s03 += v0 * w, s13 += v1 * w;
    }
    out[0][0] = lanes_sum(s00), out[0][1] = lanes_sum(s01);
    out[0][2] = lanes_sum(s02), out[0][3] = lanes_sum(s03);
    out[1][0] = lanes_sum(s10), out[1][1] = lanes_sum(s11);
    out[1][2] = lanes_sum(s12), out[1][3] = lanes_sum(s13);
}

/* ---- factor ----------------------------------------------------------------
 */

/* Rows and columns j .. end of the factor. */
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

/* Four columns of one row, less what the columns before them take. */
static void finish_row(const double *corner, size_t ld, const double *less,
                       double *x) {
    for (size_t c = 0; c < 4; c++) {
        const double *l = corner + c * ld;
        double sum = x[c] - less[c];
        for (size_t q = 0; q < c; q++)
            sum -= l[q] * x[q];
        x[c] = sum / l[c];
    }
}

/* Columns j .. j+3 of the rows below that corner, two rows at a time. */
static void below_corner(double *a, size_t j, size_t n, size_t ld) {
    const double *rows = a + j * ld;
    double less[2][4];
    for (size_t i = j + 4; i < n; i += 2) {
        double *one = a + i * ld, *two = i + 1 < n ? one + ld : one;
        tile(one, two, rows, ld, j, less);
        finish_row(rows + j, ld, less[0], one + j);
        if (two != one)
            finish_row(rows + j, ld, less[1], two + j);
    }
}

bool chol_factor(double *a, size_t n, size_t ld) {
    for (size_t j = 0; j < n; j += 4) {
        if (!factor_corner(a, j, j + 4 < n ? j + 4 : n, ld))
            return false;
        below_corner(a, j, n, ld);
    }
    return true;
}

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

LANES_CLONES void chol_forward_wide(const double *l, size_t n, size_t ld,
                                    double *b) {
    for (size_t i = 0; i < n; i++) {
        const double *row = l + i * ld;
        double *to = b + i * CHOL_WIDE;
        lanes low = lanes_at(to), high = lanes_at(to + LANES);
        for (size_t j = 0; j < i; j++) {
            low -= row[j] * lanes_at(b + j * CHOL_WIDE);
            high -= row[j] * lanes_at(b + j * CHOL_WIDE + LANES);
        }
        lanes_put(to, low / row[i]);
        lanes_put(to + LANES, high / row[i]);
    }
}

/* ---- inverse ---------------------------------------------------------------
 */

/* Columns i .. i+3 of row j of M: M_ji = (delta_ji - l_i . M_j)/l_ii, where
 * less[c] is what the columns before these four take. */
static void inverse_row(const double *l, size_t j, size_t i, size_t n,
                        size_t ld, const double *less, double *m) {
    double *row = m + j * ld;
    for (size_t c = i; c < i + 4; c++) {
        const double *of = l + c * ld;
        if (c >= n) {
            row[c] = 0;
            continue;
        }
        double sum = (c == j) - less[c - i];
        for (size_t q = i; q < c; q++)
            sum -= of[q] * row[q];
        row[c] = sum / of[c];
    }
}

/* Rows j .. j+3 of M, from their diagonal to the end of a block of four. */
static void inverse_rows(const double *l, size_t j, size_t n, size_t ld,
                         double *m) {
    for (size_t i = j; i < n; i += 4) {
        double half[2][4], less[4][4] = {{0}};
        for (size_t c = 0; i > j && c < 4 && i + c < n; c += 2) {
            const double *one = l + (i + c) * ld;
            const double *two = i + c + 1 < n ? one + ld : one;
            tile(one + j, two + j, m + j * ld + j, ld, i - j, half);
            for (size_t r = 0; r < 4; r++)
                less[r][c] = half[0][r], less[r][c + 1] = half[1][r];
        }
        for (size_t r = j; r < j + 4 && r < n; r++)
            inverse_row(l, r, i, n, ld, less[r - j], m);
    }
}

/* Rows i and i + 1 of M M', i even; M_i begins at or behind column `from`. */
static void multiply_rows(const double *m, size_t i, size_t n, size_t ld,
                          double *out) {
    size_t from = i / 4 * 4, length = (n - from + 3) / 4 * 4, k = 0;
    bool both = i + 1 < n;
    const double *one = m + i * ld + from, *two = both ? one + ld : one;
    double half[2][4];
    for (; k + 4 <= i; k += 4) {
        tile(one, two, m + k * ld + from, ld, length, half);
        memcpy(out + i * ld + k, half[0], sizeof half[0]);
        if (both)
            memcpy(out + (i + 1) * ld + k, half[1], sizeof half[1]);
    }
    for (; k <= i + both; k++) {
        const double *other = m + k * ld + from;
        if (k <= i)
            out[i * ld + k] = vec_dot(one, other, length);
        if (both)
            out[(i + 1) * ld + k] = vec_dot(two, other, length);
    }
}

void chol_inverse(const double *l, size_t n, size_t ld, double *scratch,
                  double *out) {
    for (size_t j = 0; j < n; j += 4)
        inverse_rows(l, j, n, ld, scratch);
    for (size_t i = 0; i < n; i += 2)
        multiply_rows(scratch, i, n, ld, out);
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
