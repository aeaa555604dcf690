/* The first place of an ascending array that holds a value or a larger one; n
 * when all are smaller. O(log n). */
#ifndef BT_BASE_SORTED_H
#define BT_BASE_SORTED_H

#include <stdint.h>

/* In x[0..n-1], instants or other wide integers. */
static inline int64_t sorted_from(const int64_t *x, int64_t n, int64_t least) {
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (x[middle] < least)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* In x[0..n-1], days since 1970. */
static inline int64_t sorted_day(const int32_t *x, int64_t n, int32_t least) {
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (x[middle] < least)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

#endif
