/* Four classic functions, and the median regrets of Optuna 5's samplers on them
 * over 30 seeds; see search.c.
 */
#include "search_cases.h"

#include "search/search.h"

#include <math.h>

const int checks[CHECKS] = {25, 50, 100, 200};

/* ---- the functions ---------------------------------------------------------
 */

static double branin(const double *x) {
    double a =
        x[1] - 5.1 / (4 * M_PI * M_PI) * x[0] * x[0] + 5 / M_PI * x[0] - 6;
    return a * a + 10 * (1 - 1 / (8 * M_PI)) * cos(x[0]) + 10;
}

static double hartmann6(const double *x) {
    static const double a[4] = {1.0, 1.2, 3.0, 3.2};
    static const double A[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                                   {0.05, 10, 17, 0.1, 8, 14},
                                   {3, 3.5, 1.7, 10, 17, 8},
                                   {17, 8, 0.05, 10, 0.1, 14}};
    static const double P[4][6] = {{1312, 1696, 5569, 124, 8283, 5886},
                                   {2329, 4135, 8307, 3736, 1004, 9991},
                                   {2348, 1451, 3522, 2883, 3047, 6650},
                                   {4047, 8828, 8732, 5743, 1091, 381}};
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        double q = 0;
        for (int j = 0; j < 6; j++) {
            double d = x[j] - P[i][j] * 1e-4;
            q += A[i][j] * d * d;
        }
        sum -= a[i] * exp(-q);
    }
    return sum;
}

static double rosenbrock5(const double *x) {
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
        sum += 100 * a * a + b * b;
    }
    return sum;
}

static double ackley5(const double *x) {
    double squares = 0, waves = 0;
    for (int i = 0; i < 5; i++) {
        squares += x[i] * x[i] / 5;
        waves += cos(2 * M_PI * x[i]) / 5;
    }
    return -20 * exp(-0.2 * sqrt(squares)) - exp(waves) + 20 + M_E;
}

const struct function functions[FUNCTIONS] = {
    {"branin", branin, 2, {-5, 0}, {10, 15}, 0.39788735772973816},
    {"hartmann6", hartmann6, 6, {0, 0}, {1, 1}, -3.32236801141551},
    {"rosenbrock5", rosenbrock5, 5, {-5, -5}, {10, 10}, 0},
    {"ackley5", ackley5, 5, {-32.768, -32.768}, {32.768, 32.768}, 0},
};

/* ---- the reference ---------------------------------------------------------
 */

const double random_median[FUNCTIONS][CHECKS] = {
    {1.68, 0.766, 0.490, 0.145},
    {2.14, 1.58, 1.20, 1.12},
    {17600, 9260, 3190, 2360},
    {18.5, 17.9, 17.0, 16.5},
};

const struct kind kinds[KINDS] = {
    {"random",
     "RandomSampler",
     BT_SEARCH_RANDOM,
     1000,
     0.1,
     {{1.68, 0.766, 0.490, 0.145},
      {2.14, 1.58, 1.20, 1.12},
      {17600, 9260, 3190, 2360},
      {18.5, 17.9, 17.0, 16.5}}},
    {"sobol",
     "QMCSampler",
     BT_SEARCH_SOBOL,
     1000,
     0.1,
     {{1.64, 0.777, 0.431, 0.133},
      {1.86, 1.55, 1.20, 0.807},
      {8900, 5460, 2860, 2590},
      {19.1, 18.1, 17.2, 16.6}}},
    {"lhs", /* no such reference; before its end a design is random points */
     "RandomSampler",
     BT_SEARCH_LATIN,
     1000,
     0.1,
     {{1.68, 0.766, 0.490, 0.145},
      {2.14, 1.58, 1.20, 1.12},
      {17600, 9260, 3190, 2360},
      {18.5, 17.9, 17.0, 16.5}}},
    {"tpe",
     "TPESampler v5",
     BT_SEARCH_TPE,
     1000,
     1,
     {{0.493, 0.131, 0.0204, 0.00305},
      {0.923, 0.344, 0.129, 0.0313},
      {2730, 489, 71.8, 21.8},
      {15.4, 11.4, 6.62, 4.23}}},
    {"gp",
     "GPSampler",
     BT_SEARCH_GP,
     30,
     20,
     {{0.0368, 4.47e-5, 2.71e-5, 1.48e-5},
      {0.714, 0.00497, 9.90e-5, 8.62e-5},
      {2830, 730, 196, 14.0},
      {12.5, 6.56, 6.11, 4.80}}},
    {"cmaes",
     "CmaEsSampler",
     BT_SEARCH_CMAES,
     1000,
     1,
     {{1.77, 0.503, 0.0146, 1.12e-5},
      {1.56, 0.730, 0.287, 0.0390},
      {1580, 364, 107, 8.60},
      {12.4, 9.71, 6.50, 2.67}}},
    {"genetic",
     "NSGAIISampler",
     BT_SEARCH_GENETIC,
     1000,
     0.1,
     {{1.68, 0.766, 0.578, 0.117},
      {2.14, 1.58, 1.30, 0.817},
      {17600, 9260, 4540, 1690},
      {18.5, 17.9, 16.4, 14.3}}},
    {"nsga2",
     "NSGAIISampler",
     BT_SEARCH_NSGA2,
     1000,
     0.1,
     {{1.68, 0.766, 0.578, 0.117},
      {2.14, 1.58, 1.30, 0.817},
      {17600, 9260, 4540, 1690},
      {18.5, 17.9, 16.4, 14.3}}},
    {"grid", /* ask times only: it has no seeds */
     NULL,
     BT_SEARCH_GRID,
     1000,
     0.1,
     {{0}}},
};
