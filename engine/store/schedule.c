/* A bundle's rows say when bars were; a schedule says when sessions are to be.
 *
 * That a session is over is known from the clock and its schedule alone, never
 * from the bars that follow: so a day, a week or a month is closed at the same
 * bar whether or not anything comes after it.
 *
 *     union, weekdays    Monday to Friday, midnight to midnight
 *     union with weekends, 24/7    every day
 *     XNYS               New York (xnys.c)
 *     a file             schedule_file.c
 *
 * Without an exchange's hours a day is over at midnight (of its zone, else
 * UTC). A bar of the whole day then closes at 23:59:59, so that it carries its
 * date wherever it is printed.
 */
#include "store/schedule.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/schedule_parts.h"
#include "store/xnys.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE_US INT64_C(60000000)
#define SECOND_US INT64_C(1000000)

enum { SATURDAY = 5, FILE_BYTES = 4 << 20, LOOK_AHEAD = 366 };

static const char *const builtin[] = {"union", "weekdays", "24/7", "XNYS"};
enum { BUILTIN = sizeof builtin / sizeof *builtin, XNYS = 3 };
static const char head[] = "backlua calendar 1\n";

/* ---- hours ----------------------------------------------------------------*/

static const struct hours whole_day = {true, 0, DAY_MINUTES};

static const struct schedule_date *date_at(const struct schedule *s,
                                           int32_t day) {
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->dates[middle].day == day)
            return &s->dates[middle];
        if (s->dates[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static struct hours hours_of(const struct schedule *s, int32_t day) {
    struct hours h = whole_day;
    if (s->kind == SCHEDULE_DAYS) {
        h.is_session = s->weekends || date_weekday(day) < SATURDAY;
        return h;
    }
    const struct schedule_date *d = date_at(s, day);
    h = d ? d->hours : s->week[date_weekday(day)];
    if (h.open == h.close) /* none are known */
        h.close = DAY_MINUTES;
    return h;
}

static bt_time utc_of(const struct schedule *s, int32_t day, int minute) {
    bt_time local = day * DATE_DAY_US + minute * MINUTE_US;
    return tz_utc(s->zone, local).first;
}

bool schedule_is_session(const struct schedule *s, int32_t day) {
    return s->kind == SCHEDULE_XNYS ? xnys_is_session(day)
                                    : hours_of(s, day).is_session;
}

struct session_times schedule_times(const struct schedule *s, int32_t day) {
    struct session_times t;
    if (s->kind == SCHEDULE_XNYS) {
        xnys_times(day, &t.open, &t.close);
        t.end = t.close;
        return t;
    }
    struct hours h = hours_of(s, day);
    t.open = utc_of(s, day, h.open);
    t.end = utc_of(s, day, h.close);
    t.close = h.close == DAY_MINUTES ? t.end - SECOND_US : t.end;
    return t;
}

const char *schedule_zone(const struct schedule *s) {
    return s->kind == SCHEDULE_XNYS ? "America/New_York" : tz_name(s->zone);
}

static int32_t find_session(const struct schedule *s, bt_time t) {
    int32_t day = date_of(t) - 1; /* no zone is further from UTC */
    for (int32_t last = day + LOOK_AHEAD; day <= last; day++)
        if (schedule_is_session(s, day) && schedule_times(s, day).end > t)
            return day;
    return SCHEDULE_NONE;
}

/* The memory of a schedule is no part of what it is. */
int32_t schedule_session_of(const struct schedule *s, bt_time t) {
    struct schedule *memory = (struct schedule *)s;
    if (t >= s->from && t < s->until)
        return s->found;
    int32_t day = find_session(s, t);
    if (day != SCHEDULE_NONE) {
        struct session_times times = schedule_times(s, day);
        memory->found = day;
        memory->from = t > times.open ? times.open : t;
        memory->until = times.end;
    }
    return day;
}

int32_t schedule_last(const struct schedule *s, int32_t first, int32_t last) {
    for (int32_t day = last; day >= first; day--)
        if (schedule_is_session(s, day))
            return day;
    return SCHEDULE_NONE;
}

/* ---- texts ----------------------------------------------------------------*/

static bt_status unknown(const char *name) {
    const char *near = bt_nearest(name, builtin, BUILTIN);
    if (near)
        return fail(BT_E_NAME,
                    "no calendar '%.80s'; did you mean '%s'? (a file is named "
                    "by its path)",
                    name, near);
    return fail(BT_E_NAME,
                "no calendar '%.80s', and no such file; there are union, "
                "weekdays, 24/7 and XNYS",
                name);
}

/* Which of the built-in ones, with its zone behind a blank; -1 for none. */
static int builtin_of(const char *text, const char **zone) {
    for (int i = 0; i < BUILTIN; i++) {
        size_t n = strlen(builtin[i]);
        if (strncmp(text, builtin[i], n) == 0 &&
            (text[n] == '\0' || (text[n] == ' ' && i != XNYS))) {
            *zone = text[n] == ' ' ? text + n + 1 : "UTC";
            return i;
        }
    }
    return -1;
}

static bt_status read_lines(const char *text, bool weekends,
                            struct schedule *s) {
    const char *zone = "UTC";
    int which = builtin_of(text, &zone);
    TRY(tz_find(zone, &s->zone));
    if (which == XNYS) {
        s->kind = SCHEDULE_XNYS;
        return BT_OK;
    }
    if (which >= 0) {
        s->kind = SCHEDULE_DAYS;
        s->weekends = which == 2 || (which == 0 && weekends);
        return BT_OK;
    }
    if (strncmp(text, head, strlen(head)) != 0)
        return unknown(text);
    s->kind = SCHEDULE_FILE;
    return schedule_read_lines(text + strlen(head), s);
}

bt_status schedule_parse(const char *text, bool weekends,
                         struct schedule **out) {
    struct schedule *s = mem_zalloc(1, sizeof *s);
    bt_status status = read_lines(text, weekends, s);
    if (status != BT_OK) {
        schedule_free(s);
        return status;
    }
    *out = s;
    return BT_OK;
}

static bt_status load_file(const char *path, char **text) {
    struct buf file, out;
    struct schedule *s;
    buf_init(&file);
    buf_init(&out);
    bt_status status = fs_read(path, FILE_BYTES, &file);
    buf_str(&out, head);
    buf_str(&out, file.data);
    buf_fini(&file);
    if (status == BT_OK)
        status = schedule_parse(out.data, false, &s);
    if (status != BT_OK) {
        buf_fini(&out);
        return fail_within(status, "calendar %s", path);
    }
    schedule_free(s);
    *text = buf_take(&out);
    return BT_OK;
}

bt_status schedule_load(const char *name_or_path, char **text) {
    const char *zone;
    struct schedule *s;
    if (builtin_of(name_or_path, &zone) >= 0) {
        TRY(schedule_parse(name_or_path, false, &s));
        schedule_free(s);
        *text = mem_strdup(name_or_path);
        return BT_OK;
    }
    if (!fs_exists(name_or_path) || fs_is_dir(name_or_path))
        return unknown(name_or_path);
    return load_file(name_or_path, text);
}

void schedule_free(struct schedule *s) {
    if (s)
        free(s->dates);
    free(s);
}
