/* Time zones of the tz database: UTC to local time and back; see tz.c. */
#ifndef BT_BASE_TZ_H
#define BT_BASE_TZ_H

#include "backlua.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A zone, one of each name in a process, never freed. */
typedef struct bt_zone tz;

/* A local time is one instant, none (the clocks jumped over it) or two. */
enum {
    TZ_UNIQUE = BT_ZONE_UNIQUE,
    TZ_GAP = BT_ZONE_GAP,
    TZ_TWICE = BT_ZONE_TWICE
};
enum { TZ_TEXT = 224 };

struct tz_instant {
    int32_t kind;          /* TZ_* */
    bt_time first, second; /* UTC: equal unless TWICE; at a gap its end */
};

/* A zone by name: of the tz database ("America/New_York"), "UTC", or a fixed
 * offset east of Greenwich ("+02:00", "UTC-5").
 * errors BT_E_NAME unknown, with the nearest; BT_E_DATA no tz database here, or
 * a damaged file */
bt_status tz_find(const char *name, const tz **out);
/* A zone from the bytes of a TZif file. The caller frees it with free(). */
bt_status tz_parse(const char *name, const void *bytes, size_t n, tz **out);
const char *tz_name(const tz *z);

/* Seconds east of Greenwich at an instant. O(1) near the last one asked for. */
int32_t tz_offset(const tz *z, bt_time utc);
/* What the clock on the wall shows, as if it were UTC. */
bt_time tz_local(const tz *z, bt_time utc);
/* The instants of a local time. */
struct tz_instant tz_utc(const tz *z, bt_time local);
/* First change of the offset after an instant; INT64_MAX when there is none. */
bt_time tz_next_change(const tz *z, bt_time utc);
/* "2012-03-11 02:30:00 does not exist in America/New_York: the clocks went from
 * 02:00:00 to 03:00:00"; for a time that is there twice, both. */
void tz_explain(const tz *z, bt_time local, char out[TZ_TEXT]);

#endif
