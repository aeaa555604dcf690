/* The rule for the years after a zone's last listed change; see tz_rule.c. */
#ifndef BT_BASE_TZ_RULE_H
#define BT_BASE_TZ_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Day of a year: 'J' 1..365 without leap days, 'D' 0..365 with them, 'M' the
 * week-th (5 = last) weekday (0 = Sunday) of a month. */
struct tz_rule_day {
    char kind;
    int month, week, day;
    int32_t seconds; /* local time of that day, may be negative */
};

struct tz_rule {
    bool has_dst;
    int32_t standard, summer; /* seconds east of Greenwich */
    struct tz_rule_day start, end;
};

/* A stretch of time with one offset: from <= instant < until, unix seconds. */
struct tz_span {
    int64_t from, until;
    int32_t offset;
};

/* "EST5EDT,M3.2.0,M11.1.0": POSIX TZ text with the extensions of RFC 8536. */
bool tz_rule_parse(const char *text, size_t n, struct tz_rule *out);
struct tz_span tz_rule_span(const struct tz_rule *r, int64_t unix_seconds);

#endif
