/* Proleptic Gregorian dates and UTC instants.
 *
 * Days are counted from 1970-01-01. Civil dates are reckoned in years that
 * begin in March, so that the leap day comes last, within eras of 400 years =
 * 146,097 days (the method of Howard Hinnant's chrono paper). No table, no libc
 * time zone, no process-wide state; the same answer under every TZ.
 *
 * New York: daylight time begins and ends at 2:00 local time, that is at 07:00
 * and 06:00 UTC, on these days (Uniform Time Act of 1966 and its amendments):
 *     to 1973, 1976-1986   last Sunday of April   .. last Sunday of October
 *     1974, 1975           6 January, 23 February .. last Sunday of October
 *     1987-2006            first Sunday of April  .. last Sunday of October
 *     from 2007            second Sunday of March .. first Sunday of November
 * The first line also holds for the city's own rule back to 1955.
 */
#include "base/date.h"

#include "base/buf.h"
#include "base/status.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SECOND_US INT64_C(1000000)
#define HOUR_US (3600 * SECOND_US)

static int64_t floor_div(int64_t a, int64_t b) {
    int64_t q = a / b;
    return q - (a % b < 0);
}

int32_t date_from_civil(int year, int month, int day) {
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int32_t)(era * 146097 + day_of_era - 719468);
}

void date_to_civil(int32_t days, int *year, int *month, int *day) {
    int64_t z = (int64_t)days + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

bool date_is_valid(int year, int month, int day) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= lengths[month - 1] + (month == 2 && leap);
}

int date_weekday(int32_t days) {
    int64_t since_monday = (int64_t)days + 3; /* 1970-01-01 was a Thursday */
    return (int)(since_monday - 7 * floor_div(since_monday, 7));
}

int32_t date_of(bt_time t) {
    return (int32_t)floor_div(t, DATE_DAY_US);
}

void date_format(int32_t days, char out[DATE_TEXT]) {
    int year, month, day;
    date_to_civil(days, &year, &month, &day);
    snprintf(out, DATE_TEXT, "%04d-%02d-%02d", year, month, day);
}

void date_format_time(bt_time t, char out[DATE_TEXT]) {
    int32_t days = date_of(t);
    int64_t us = t % DATE_DAY_US; /* days * DATE_DAY_US might overflow */
    us += us < 0 ? DATE_DAY_US : 0;
    int seconds = (int)(us / SECOND_US), fraction = (int)(us % SECOND_US);
    char date[DATE_TEXT];
    date_format(days, date);
    int n = snprintf(out, DATE_TEXT, "%.13sT%02d:%02d:%02d", date,
                     seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (fraction) {
        n += snprintf(out + n, (size_t)(DATE_TEXT - n), ".%06d", fraction);
        while (out[n - 1] == '0')
            n--;
    }
    out[n] = 'Z';
    out[n + 1] = '\0';
}

/* What is left of a text. */
struct scan {
    const char *s, *end;
};

static bool scan_digits(struct scan *in, int count, int *out) {
    if (in->end - in->s < count)
        return false;
    int v = 0;
    for (int i = 0; i < count; i++) {
        int digit = in->s[i] - '0';
        if (digit < 0 || digit > 9)
            return false;
        v = 10 * v + digit;
    }
    in->s += count;
    *out = v;
    return true;
}

static bool scan_char(struct scan *in, char c) {
    if (in->s == in->end || *in->s != c)
        return false;
    in->s++;
    return true;
}

/* ".123": one to nine digits, what is below a microsecond is cut off. */
static bool scan_fraction(struct scan *in, int64_t *us) {
    int digit, count = 0;
    int64_t unit = SECOND_US / 10;
    while (scan_digits(in, 1, &digit)) {
        *us += digit * unit;
        unit /= 10;
        if (++count > 9)
            return false;
    }
    return count > 0;
}

/* "13:30[:00[.123]]" as microseconds of the day. */
static bool scan_clock(struct scan *in, int64_t *us) {
    int hour, minute, second = 0;
    if (!scan_digits(in, 2, &hour) || !scan_char(in, ':') ||
        !scan_digits(in, 2, &minute))
        return false;
    bool seconds = scan_char(in, ':');
    if (seconds && !scan_digits(in, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *us = (hour * 3600 + minute * 60 + second) * SECOND_US;
    return !seconds || !scan_char(in, '.') || scan_fraction(in, us);
}

/* "", "Z", "+hh", "+hhmm" or "+hh:mm" as microseconds east of UTC. */
static bool scan_zone(struct scan *in, int64_t *us) {
    *us = 0;
    if (in->s == in->end || scan_char(in, 'Z') || scan_char(in, 'z'))
        return true;
    int sign = scan_char(in, '-') ? -1 : 1;
    if (sign > 0 && !scan_char(in, '+'))
        return false;
    int hour, minute = 0;
    if (!scan_digits(in, 2, &hour))
        return false;
    bool colon = scan_char(in, ':');
    if ((colon || in->s != in->end) && !scan_digits(in, 2, &minute))
        return false;
    *us = sign * (hour * INT64_C(60) + minute) * 60 * SECOND_US;
    return hour <= 14 && minute <= 59;
}

bool date_parse(const char *s, size_t n, bt_time *out, bool *has_time) {
    struct scan in = {s, s + n};
    int year, month, day;
    if (!scan_digits(&in, 4, &year) || !scan_char(&in, '-') ||
        !scan_digits(&in, 2, &month) || !scan_char(&in, '-') ||
        !scan_digits(&in, 2, &day) || !date_is_valid(year, month, day))
        return false;
    bt_time t = date_from_civil(year, month, day) * DATE_DAY_US;
    bool timed = in.s != in.end;
    if (timed) {
        int64_t clock, zone;
        if (!scan_char(&in, 'T') && !scan_char(&in, ' ') &&
            !scan_char(&in, 't'))
            return false;
        if (!scan_clock(&in, &clock) || !scan_zone(&in, &zone))
            return false;
        t += clock - zone;
    }
    if (in.s != in.end)
        return false;
    *out = t;
    *has_time = timed;
    return true;
}

/* The k-th Sunday (k >= 1), or the last one (k = 0), of a month. */
static int32_t sunday_of(int year, int month, int k) {
    if (k == 0) {
        int32_t next = month == 12 ? date_from_civil(year + 1, 1, 1)
                                   : date_from_civil(year, month + 1, 1);
        return next - 1 - (date_weekday(next - 1) + 1) % 7;
    }
    int32_t first = date_from_civil(year, month, 1);
    return first + (6 - date_weekday(first)) + 7 * (k - 1);
}

static int32_t daylight_begins(int year) {
    if (year >= 2007)
        return sunday_of(year, 3, 2);
    if (year >= 1987)
        return sunday_of(year, 4, 1);
    if (year == 1974)
        return date_from_civil(1974, 1, 6);
    if (year == 1975)
        return date_from_civil(1975, 2, 23);
    return sunday_of(year, 4, 0);
}

static int32_t daylight_ends(int year) {
    return year >= 2007 ? sunday_of(year, 11, 1) : sunday_of(year, 10, 0);
}

int32_t date_new_york_offset(bt_time utc) {
    int year, month, day;
    date_to_civil(date_of(utc), &year, &month, &day);
    bt_time begins = daylight_begins(year) * DATE_DAY_US + 7 * HOUR_US;
    bt_time ends = daylight_ends(year) * DATE_DAY_US + 6 * HOUR_US;
    return utc >= begins && utc < ends ? -4 * 3600 : -5 * 3600;
}

bt_status bt_date_parse(const char *text, bt_time *out, int32_t *has_time) {
    bool timed;
    if (!date_parse(text, strlen(text), out, &timed)) {
        struct buf quoted;
        buf_init(&quoted);
        buf_quote(&quoted, text, strlen(text), 40);
        bt_status code =
            fail(BT_E_USAGE,
                 "not a date: %s; write 2004-08-19, or with a time "
                 "2004-08-19 13:30[:00], then nothing, Z or +hh:mm",
                 quoted.data);
        buf_fini(&quoted);
        return code;
    }
    *has_time = timed;
    return BT_OK;
}

/* Microseconds of an instant in seconds; false outside years 1 to 9999. */
static bool from_seconds(double unix_seconds, bt_time *out) {
    if (!(unix_seconds >= -62135596800.0 && unix_seconds < 253402300800.0))
        return false;
    *out = (bt_time)nearbyint(unix_seconds * 1e6);
    return true;
}

void bt_date_format(double unix_seconds, char *out) {
    bt_time t;
    if (from_seconds(unix_seconds, &t))
        date_format(date_of(t), out);
    else
        snprintf(out, DATE_TEXT, "(no date)");
}

void bt_time_format(double unix_seconds, char *out) {
    bt_time t;
    if (from_seconds(unix_seconds, &t))
        date_format_time(t, out);
    else
        snprintf(out, DATE_TEXT, "(no time)");
}
