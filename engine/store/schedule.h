/* When sessions are: what a calendar knows ahead of the data; see
 * schedule.c. */
#ifndef BT_STORE_SCHEDULE_H
#define BT_STORE_SCHEDULE_H

#include "backlua.h"

#include <stdbool.h>
#include <stdint.h>

struct schedule;

/* A session's hours, UTC. */
struct session_times {
    bt_time open;
    bt_time close; /* of a bar of the whole session; 23:59:59 of a day */
    bt_time end;   /* it is over for bars within it; 24:00 of a day */
};

/* What no session is. */
#define SCHEDULE_NONE INT32_MAX

/* A calendar by its text: "union" (every weekday a session from midnight to
 * midnight; every day with weekends), "weekdays", "24/7", "XNYS", each of the
 * day-long ones with a zone behind it ("weekdays Europe/Berlin"), or the text
 * that schedule_load gave. errors BT_E_NAME, BT_E_USAGE name line and remedy */
bt_status schedule_parse(const char *text, bool weekends,
                         struct schedule **out);
/* The text of a calendar that a user names: one of those above, or a file.
 * The caller frees it. errors as above; BT_E_IO */
bt_status schedule_load(const char *name_or_path, char **text);
void schedule_free(struct schedule *s);
/* The zone of its hours: "America/New_York", "UTC". */
const char *schedule_zone(const struct schedule *s);

bool schedule_is_session(const struct schedule *s, int32_t day);
/* Of any day; of one without a session the hours that one would have. */
struct session_times schedule_times(const struct schedule *s, int32_t day);
/* The session that an instant belongs to: the first one that ends after it.
 * SCHEDULE_NONE when there is none within a year. */
int32_t schedule_session_of(const struct schedule *s, bt_time t);
/* Last session among days first..last; SCHEDULE_NONE when there is none. */
int32_t schedule_last(const struct schedule *s, int32_t first, int32_t last);

#endif
