/* Dates of an open bundle's rows, for those who print them. */
#include "base/date.h"
#include "store/bundle.h"

#include <math.h>

double bt_bundle_session(const bt_bundle *b, int32_t row) {
    if (row < 0 || row >= bundle_rows(b))
        return (double)NAN;
    return bundle_sessions(b)[row] * (double)(DATE_DAY_US / 1000000);
}
