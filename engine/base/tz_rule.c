/* What a zone does for ever: the TZ text in the footer of its file.
 *
 *     EST5EDT,M3.2.0,M11.1.0        standard name, offset west, summer name,
 *                                   first and last day of summer time
 *     <-02>2<-01>,M3.5.0/-1,M10.5.0/0
 *
 * Grammar: POSIX.1 section 8.3 with hours of -167 to 167 (RFC 8536, 3.3.1).
 * Without summer time the span is endless. With it, the changes of three years
 * around an instant are computed and the two that enclose it picked; where one
 * year's end meets the next one's start (summer time all year) the start wins.
 */
#include "base/tz_rule.h"

#include "base/date.h"

#include <string.h>

enum { DAY = 86400, HOUR = 3600, SUMMER = HOUR };

/* ---- reading --------------------------------------------------------------*/

struct reader {
    const char *p, *end;
};

static bool take_char(struct reader *r, char c) {
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool take_name(struct reader *r) {
    const char *from = r->p;
    if (take_char(r, '<')) {
        while (r->p < r->end && *r->p != '>')
            r->p++;
        return take_char(r, '>') && r->p - from > 2;
    }
    while (r->p < r->end && is_letter(*r->p))
        r->p++;
    return r->p - from >= 3;
}

static bool take_int(struct reader *r, int min, int max, int *out) {
    int v = 0;
    const char *from = r->p;
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9' && r->p - from < 3)
        v = 10 * v + (*r->p++ - '0');
    *out = v;
    return r->p > from && v >= min && v <= max;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct reader *r, int max_hours, int32_t *out) {
    int hours, minutes = 0, seconds = 0;
    bool negative = take_char(r, '-');
    if (!negative)
        take_char(r, '+');
    if (!take_int(r, 0, max_hours, &hours) ||
        (take_char(r, ':') &&
         (!take_int(r, 0, 59, &minutes) ||
          (take_char(r, ':') && !take_int(r, 0, 59, &seconds)))))
        return false;
    int32_t t = hours * HOUR + minutes * 60 + seconds;
    *out = negative ? -t : t;
    return true;
}

static bool take_weekday(struct reader *r, struct tz_rule_day *d) {
    return take_int(r, 1, 12, &d->month) && take_char(r, '.') &&
           take_int(r, 1, 5, &d->week) && take_char(r, '.') &&
           take_int(r, 0, 6, &d->day);
}

static bool take_day(struct reader *r, struct tz_rule_day *d) {
    bool ok;
    d->seconds = 2 * HOUR;
    d->kind = take_char(r, 'M') ? 'M' : take_char(r, 'J') ? 'J' : 'D';
    if (d->kind == 'M')
        ok = take_weekday(r, d);
    else
        ok = take_int(r, d->kind == 'J', 365, &d->day);
    return ok && (!take_char(r, '/') || take_time(r, 167, &d->seconds));
}

static bool take_summer(struct reader *r, struct tz_rule *out) {
    int32_t west;
    out->has_dst = true;
    out->summer = out->standard + SUMMER;
    if (!take_name(r))
        return false;
    if (r->p < r->end && *r->p != ',') {
        if (!take_time(r, 24, &west))
            return false;
        out->summer = -west;
    }
    return take_char(r, ',') && take_day(r, &out->start) && take_char(r, ',') &&
           take_day(r, &out->end);
}

bool tz_rule_parse(const char *text, size_t n, struct tz_rule *out) {
    struct reader r = {text, text + n};
    struct tz_rule rule = {0};
    int32_t west;
    if (!take_name(&r) || !take_time(&r, 24, &west))
        return false;
    rule.standard = -west;
    if (r.p < r.end && !take_summer(&r, &rule))
        return false;
    if (r.p != r.end)
        return false;
    *out = rule;
    return true;
}

/* ---- reckoning ------------------------------------------------------------*/

static bool is_leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int32_t day_of(const struct tz_rule_day *d, int year) {
    int32_t january = date_from_civil(year, 1, 1);
    if (d->kind == 'D')
        return january + d->day;
    if (d->kind == 'J')
        return january + d->day - 1 + (d->day >= 60 && is_leap(year));
    int32_t first = date_from_civil(year, d->month, 1);
    int32_t next = d->month == 12 ? date_from_civil(year + 1, 1, 1)
                                  : date_from_civil(year, d->month + 1, 1);
    int weekday = (date_weekday(first) + 1) % 7; /* 0 = Sunday */
    int32_t day = first + (d->day - weekday + 7) % 7 + 7 * (d->week - 1);
    return day < next ? day : day - 7;
}

struct change {
    int64_t at;
    int32_t offset;
};

static struct change change_of(const struct tz_rule *r, int year, bool start) {
    const struct tz_rule_day *d = start ? &r->start : &r->end;
    int32_t before = start ? r->standard : r->summer;
    int32_t after = start ? r->summer : r->standard;
    return (struct change){(int64_t)day_of(d, year) * DAY + d->seconds - before,
                           after};
}

/* In order of time; added in the order end, start, a tie stays in it. */
static void insert(struct change *list, int count, struct change c) {
    int i = count;
    for (; i > 0 && list[i - 1].at > c.at; i--)
        list[i] = list[i - 1];
    list[i] = c;
}

struct tz_span tz_rule_span(const struct tz_rule *r, int64_t unix_seconds) {
    struct change list[6];
    int count = 0, year, month, day;
    if (!r->has_dst)
        return (struct tz_span){INT64_MIN, INT64_MAX, r->standard};
    date_to_civil(date_of(unix_seconds * 1000000), &year, &month, &day);
    for (int y = year - 1; y <= year + 1; y++)
        insert(list, count++, change_of(r, y, false));
    for (int y = year - 1; y <= year + 1; y++)
        insert(list, count++, change_of(r, y, true));
    int i = 0;
    while (i + 1 < count && list[i + 1].at <= unix_seconds)
        i++;
    int next = i + 1;
    while (next < count && list[next].offset == list[i].offset)
        next++;
    return (struct tz_span){list[i].at,
                            next < count ? list[next].at : list[count - 1].at,
                            list[i].offset};
}
