/* Comparing doubles in tests: within a tolerance, 0 for the same number; NaN
 * equals NaN. */
#ifndef BT_SPEC_SIM_NUMBER_H
#define BT_SPEC_SIM_NUMBER_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define assert_number(actual, expected, tolerance)                             \
    do {                                                                       \
        double actual_ = (actual), expected_ = (expected);                     \
        int same_ = actual_ == expected_ ||                                    \
                    (isnan(actual_) && isnan(expected_)) ||                    \
                    fabs(actual_ - expected_) <= (tolerance);                  \
        if (!same_)                                                            \
            fail_msg("%s is %.17g, expected %.17g", #actual, actual_,          \
                     expected_);                                               \
    } while (0)

#endif
