/* The two clocks.
 *
 * CLOCK_MONOTONIC never jumps, so durations and limits come from it alone. The
 * wall clock labels studies and runs; no result may depend on it.
 */
#include "base/clock.h"

#include <time.h>

double clock_monotonic(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int64_t clock_wall_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}
