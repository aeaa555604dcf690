/* New York sessions by rule, 1990 to 2030.
 *
 * Trading runs from 09:30 to 16:00 New York time on weekdays that are neither
 * one of the ten holidays nor an ad-hoc closing. Sources: NYSE Rule 7.2 (a
 * holiday on a Saturday is kept on the Friday before, on a Sunday on the Monday
 * after; New Year's Day on a Saturday is not kept, the Friday being a month's
 * end) and the exchange's own list of special closings.
 *
 * Early closes are at 13:00 (14:00 until 1992): the day after Thanksgiving from
 * 1992 on, Christmas Eve, and the session before or, until 2012, after
 * Independence Day where that makes a long weekend. Interruptions within a day
 * (storms, circuit breakers) are not modelled: the session keeps its hours.
 */
#include "store/xnys.h"

#include "base/date.h"

#include <stddef.h>

enum { MON, TUE, WED, THU, FRI, SAT, SUN };
enum { EARLY = 13 * 60, EARLY_UNTIL_1992 = 14 * 60, REGULAR = 16 * 60 };

struct civil {
    int year, month, day, weekday;
};

static struct civil civil_of(int32_t day) {
    struct civil c;
    date_to_civil(day, &c.year, &c.month, &c.day);
    c.weekday = date_weekday(day);
    return c;
}

/* The n-th weekday of its month: n = 1 .. 5. */
static bool is_nth(const struct civil *c, int month, int weekday, int n) {
    return c->month == month && c->weekday == weekday &&
           (c->day - 1) / 7 + 1 == n;
}

/* Easter Sunday, Gregorian (Meeus, Jones, Butcher). */
static int32_t easter(int year) {
    int a = year % 19, b = year / 100, c = year % 100;
    int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    int m = (a + 11 * h + 22 * l) / 451;
    int n = h + l - 7 * m + 114;
    return date_from_civil(year, n / 31, n % 31 + 1);
}

/* A date's holiday: that day, the Friday before, or the Monday after. */
static bool is_observed(const struct civil *c, int month, int day) {
    if (c->month != month)
        return false;
    return c->day == day || (c->day == day - 1 && c->weekday == FRI) ||
           (c->day == day + 1 && c->weekday == MON);
}

static bool is_new_year(const struct civil *c) {
    return c->month == 1 && (c->day == 1 || (c->day == 2 && c->weekday == MON));
}

static bool is_holiday(int32_t day, const struct civil *c) {
    return is_new_year(c) ||
           (c->year >= 1998 && is_nth(c, 1, MON, 3)) || /* M. L. King */
           is_nth(c, 2, MON, 3) ||                      /* Washington */
           day == easter(c->year) - 2 ||                /* Good Friday */
           (c->month == 5 && c->weekday == MON && c->day > 24) ||
           (c->year >= 2022 && is_observed(c, 6, 19)) || /* Juneteenth */
           is_observed(c, 7, 4) || is_nth(c, 9, MON, 1) ||
           is_nth(c, 11, THU, 4) || is_observed(c, 12, 25);
}

static const struct {
    int16_t year;
    int8_t month, day;
} closings[] = {
    {1994, 4, 27},                                                /* Nixon */
    {2001, 9, 11},  {2001, 9, 12},  {2001, 9, 13}, {2001, 9, 14}, /* attacks */
    {2004, 6, 11},                                                /* Reagan */
    {2007, 1, 2},                                                 /* Ford */
    {2012, 10, 29}, {2012, 10, 30},                               /* Sandy */
    {2018, 12, 5},                                                /* Bush */
    {2025, 1, 9},                                                 /* Carter */
};

static bool is_closing(const struct civil *c) {
    for (size_t i = 0; i < sizeof closings / sizeof *closings; i++)
        if (closings[i].year == c->year && closings[i].month == c->month &&
            closings[i].day == c->day)
            return true;
    return false;
}

bool xnys_is_session(int32_t day) {
    struct civil c = civil_of(day);
    return c.weekday < SAT && !is_holiday(day, &c) && !is_closing(&c);
}

int32_t xnys_next(int32_t day) {
    while (!xnys_is_session(day))
        day++;
    return day;
}

/* 3 July before a Tuesday, Wednesday or Friday holiday; around a Thursday one
 * the Friday after until 2012, the Wednesday before since. */
static bool is_early_july(const struct civil *c) {
    if (c->year < 1995 || c->month != 7)
        return false;
    if (c->day == 3)
        return c->weekday == MON || c->weekday == TUE || c->weekday == THU ||
               (c->weekday == WED && c->year >= 2013);
    return c->day == 5 && c->weekday == FRI && c->year < 2013;
}

static bool is_early_year_end(int32_t day, const struct civil *c) {
    struct civil eve = civil_of(day - 1);
    if (c->year >= 1992 && is_nth(&eve, 11, THU, 4))
        return true;
    if (c->month != 12)
        return false;
    return c->day == 24 || /* a session: not observed as Christmas */
           (c->day == 26 && c->weekday == FRI &&
            (c->year == 1997 || c->year == 2003)) ||
           (c->day == 31 && c->year == 1999);
}

/* Minutes after midnight in New York. */
static int close_minute(int32_t day) {
    struct civil c = civil_of(day);
    if (!is_early_july(&c) && !is_early_year_end(day, &c))
        return REGULAR;
    return c.year < 1993 ? EARLY_UNTIL_1992 : EARLY;
}

/* Hours of trading are far from the clock changes, which come at 2 at night. */
static bt_time utc_at_exchange(int32_t day, int minute) {
    bt_time local = day * DATE_DAY_US + minute * INT64_C(60000000);
    return local - date_new_york_offset(local + 5 * INT64_C(3600000000)) *
                       INT64_C(1000000);
}

void xnys_times(int32_t day, bt_time *open, bt_time *close) {
    *open = utc_at_exchange(day, 9 * 60 + 30);
    *close = utc_at_exchange(day, close_minute(day));
}
