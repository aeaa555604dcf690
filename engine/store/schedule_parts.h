/* What a schedule is made of: for schedule.c and schedule_file.c alone. */
#ifndef BT_STORE_SCHEDULE_PARTS_H
#define BT_STORE_SCHEDULE_PARTS_H

#include "base/tz.h"
#include "store/schedule.h"

#include <stddef.h>

enum schedule_kind { SCHEDULE_DAYS, SCHEDULE_XNYS, SCHEDULE_FILE };
enum { DAY_MINUTES = 1440 };

/* Local minutes after midnight of the session's date; an open before it is
 * negative. */
struct hours {
    bool is_session;
    int16_t open, close;
};

struct schedule_date {
    int32_t day;
    struct hours hours;
};

struct schedule {
    enum schedule_kind kind;
    bool weekends; /* DAYS: every day */
    const tz *zone;
    bt_time from, until; /* instants that belong to the session found last */
    int32_t found;
    /* FILE */
    struct hours week[7];        /* Monday first */
    struct schedule_date *dates; /* ascending */
    size_t count, cap;
};

/* Lines of a calendar file into s. BT_E_USAGE names the line. */
bt_status schedule_read_lines(const char *text, struct schedule *s);

#endif
