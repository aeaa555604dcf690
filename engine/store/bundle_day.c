/* Dates of an open bundle's rows, and the schedule that they follow. */
#include "base/date.h"
#include "base/status.h"
#include "store/bundle_parts.h"
#include "store/schedule.h"

#include <math.h>

double bt_bundle_session(const bt_bundle *b, int32_t row) {
    if (row < 0 || row >= bundle_rows(b))
        return (double)NAN;
    return bundle_sessions(b)[row] * (double)(DATE_DAY_US / 1000000);
}

const char *bundle_calendar(const bt_bundle *b) {
    return b->manifest.schedule;
}

bt_status bundle_schedule(const bt_bundle *b, struct schedule **out) {
    const struct manifest *m = &b->manifest;
    return fail_within(
        schedule_parse(m->schedule, m->periods_per_year > 300, out),
        "calendar of bundle '%s'", b->name);
}
