/* Dense lower triangles: factor, append a row, solve, invert.
 *
 * Matrices are row-major with `ld` doubles a row; only the lower triangle is
 * read or written. Sums run in a fixed order, so a result depends on the
 * numbers alone. */
#ifndef BT_SEARCH_LINALG_H
#define BT_SEARCH_LINALG_H

#include <stdbool.h>
#include <stddef.h>

double vec_dot(const double *a, const double *b, size_t n);
/* a += s * b */
void vec_add(double *a, double s, const double *b, size_t n);

enum { CHOL_WIDE = 8, CHOL_NARROW = 4 /* right-hand sides at once */ };

/* A becomes L with L L' = A. False when A is not positive definite; it is then
 * half done. wide: scratch [n][CHOL_WIDE]. n^3/6 multiply-adds. */
bool chol_factor(double *a, size_t n, size_t ld, double *wide);
/* L of n rows gets row n: k [n] are its off-diagonal entries of A, d the
 * diagonal one. False when A would not be positive definite. n^2/2. */
bool chol_append(double *l, size_t n, size_t ld, const double *k, double d);
/* L v = b and L' v = b, in place. n^2/2 each. */
void chol_forward(const double *l, size_t n, size_t ld, double *b);
void chol_backward(const double *l, size_t n, size_t ld, double *b);
/* The same of CHOL_WIDE right-hand sides: b [n][CHOL_WIDE]. */
void chol_forward_wide(const double *l, size_t n, size_t ld, double *b);
void chol_backward_wide(const double *l, size_t n, size_t ld, double *b);
/* And of CHOL_NARROW, the same bits in half the time. */
void chol_forward_narrow(const double *l, size_t n, size_t ld, double *b);
void chol_backward_narrow(const double *l, size_t n, size_t ld, double *b);
/* Lower triangle of the inverse of L L' into out; wide: scratch
 * [n][CHOL_WIDE]. n^3/3. */
void chol_inverse(const double *l, size_t n, size_t ld, double *wide,
                  double *out);

/* Eigenvalues and orthonormal eigenvectors of a symmetric matrix a [n][n], by
 * Jacobi's rotations: a is destroyed, values [n], vectors [n][n] in columns. */
void sym_eigen(double *a, size_t n, double *values, double *vectors);

#endif
