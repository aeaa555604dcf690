/* What the searches are tried on, and what the reference reached there. */
#ifndef BT_SPEC_SEARCH_CASES_H
#define BT_SPEC_SEARCH_CASES_H

#include <stdint.h>

enum { CHECKS = 4, TRIALS = 200, FUNCTIONS = 4, KINDS = 9 };

/* Regret is looked at after so many trials. */
extern const int checks[CHECKS];

struct function {
    const char *name;
    double (*f)(const double *x);
    int dims;
    double low[2], high[2]; /* of the first coordinate, of the others */
    double least;
};
extern const struct function functions[FUNCTIONS];

/* Of the reference's random search. */
extern const double random_median[FUNCTIONS][CHECKS];

struct kind {
    const char *name, *reference;
    int32_t kind;
    int seeds; /* as many as take a few seconds */
    double ms; /* an ask may take, at the last of the ask times */
    double median[FUNCTIONS][CHECKS]; /* the reference's */
};
extern const struct kind kinds[KINDS];

/* Regrets of the reference's Gaussian process on functions[AGAIN_ON], of other
 * seeds than its medians, after the checks but the last. */
enum { AGAIN = 100, AGAIN_ON = 1 };
extern const double again[CHECKS - 1][AGAIN];

#endif
