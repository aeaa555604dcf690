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

#include "search/lanes.h"

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

/* out[r] = a . (b + r * ld), r = 0 .. 3 */
LANES_CLONES static void dot4(const double *a, const double *b, size_t ld,
                              size_t n, double out[4]) {
    lanes s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        lanes v = lanes_at(a + i);
        s0 += v * lanes_at(b + i);
        s1 += v * lanes_at(b + ld + i);
        s2 += v * lanes_at(b + 2 * ld + i);
        s3 += v * lanes_at(b + 3 * ld + i);
    }
    double rest[4] = {0};
    for (; i < n; i++) {
        for (size_t r = 0; r < 4; r++)
            rest[r] += a[i] * b[r * ld + i];
    }
    out[0] = lanes_sum(s0) + rest[0];
    out[1] = lanes_sum(s1) + rest[1];
    out[2] = lanes_sum(s2) + rest[2];
    out[3] = lanes_sum(s3) + rest[3];
}

/* Column j below the diagonal: a_ij -= l_i . l_j, over l_jj. */
static void chol_column(double *a, size_t j, size_t n, size_t ld) {
    const double *row = a + j * ld;
    double by = 1 / row[j];
    size_t i = j + 1;
    for (; i + 4 <= n; i += 4) {
        double dot[4];
        dot4(row, a + i * ld, ld, j, dot);
        for (size_t r = 0; r < 4; r++)
            a[(i + r) * ld + j] = (a[(i + r) * ld + j] - dot[r]) * by;
    }
    for (; i < n; i++)
        a[i * ld + j] = (a[i * ld + j] - vec_dot(row, a + i * ld, j)) * by;
}

bool chol_factor(double *a, size_t n, size_t ld) {
    for (size_t j = 0; j < n; j++) {
        double *row = a + j * ld;
        double pivot = row[j] - vec_dot(row, row, j);
        if (!(pivot > 0) || !isfinite(pivot))
            return false;
        row[j] = sqrt(pivot);
        chol_column(a, j, n, ld);
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

/* Rows j .. j+3 of M: M_ji = (delta - l_i[j..i) . M_j[j..i)) / l_ii. */
static void inverse_rows(const double *l, size_t j, size_t n, size_t ld,
                         double *m) {
    for (size_t r = 0; r < 4; r++) {
        double *row = m + (j + r) * ld;
        for (size_t i = j; i < n && i < j + 4; i++)
            row[i] =
                i < j + r
                    ? 0
                    : ((i == j + r) - vec_dot(l + i * ld + j, row + j, i - j)) /
                          l[i * ld + i];
    }
    for (size_t i = j + 4; i < n; i++) {
        double dot[4];
        dot4(l + i * ld + j, m + j * ld + j, ld, i - j, dot);
        for (size_t r = 0; r < 4; r++)
            m[(j + r) * ld + i] = -dot[r] / l[i * ld + i];
    }
}

static void inverse_row(const double *l, size_t j, size_t n, size_t ld,
                        double *m) {
    double *row = m + j * ld;
    row[j] = 1 / l[j * ld + j];
    for (size_t i = j + 1; i < n; i++)
        row[i] = -vec_dot(l + i * ld + j, row + j, i - j) / l[i * ld + i];
}

void chol_inverse(const double *l, size_t n, size_t ld, double *scratch,
                  double *out) {
    size_t j = 0;
    for (; j + 4 <= n; j += 4)
        inverse_rows(l, j, n, ld, scratch);
    for (; j < n; j++)
        inverse_row(l, j, n, ld, scratch);
    for (size_t i = 0; i < n; i++) {
        const double *row = scratch + i * ld + i;
        size_t k = 0;
        for (; k + 4 <= i; k += 4)
            dot4(row, scratch + k * ld + i, ld, n - i, out + i * ld + k);
        for (; k <= i; k++)
            out[i * ld + k] = vec_dot(row, scratch + k * ld + i, n - i);
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
