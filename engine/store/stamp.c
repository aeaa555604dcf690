/* Reading dates without libc, locale or time zone.
 *
 * One table gives the first day of each month from 1900 to 2200; a date is
 * valid when it lies before the first day of the next month. Everything outside
 * these years is refused: it is a misread column far more often than a date.
 *
 * A number is a count of s, ms, us or ns since 1970. For dates of 1970 to 2200
 * their sizes overlap only near 1970, so size decides: below 1e11 seconds, 1e14
 * milliseconds, 1e17 microseconds. Who reads the file compares the decision of
 * all rows. Counts of 20000 to 79999 say nothing of a unit: as seconds they lie
 * within the first day of 1970, and spreadsheets write the days from 1954 to
 * 2119 so.
 */
#include "store/stamp.h"

#include "base/date.h"

#include <string.h>
#include <strings.h>

enum { DAY_NUMBER_MIN = 20000, DAY_NUMBER_END = 80000 };
enum { YEAR_MIN = 1900, YEAR_MAX = 2200, MONTHS = (2201 - 1900) * 12 };

static const char *const bad_year = "outside the years 1900 to 2200";
static const char *const bad_day = "no such day";
static const char *const bad_clock = "no such time of day";
static const char *const zone_named =
    "text follows the time (if it is a time zone, take it out and say --tz, "
    "such as --tz America/New_York)";
static const char *const bad_date[] = {"not a date",
                                       "not a date like 2012-01-31",
                                       "not a date like 20120131",
                                       "not a count of time since 1970",
                                       "not a date like 1/31/2012",
                                       "not a date like Jan 31, 2012",
                                       "not a count of ms since midnight"};

static int32_t month_start[MONTHS + 1];

static const int32_t *months(void) {
    if (month_start[MONTHS] == 0)
        for (int i = 0; i <= MONTHS; i++)
            month_start[i] = date_from_civil(YEAR_MIN + i / 12, i % 12 + 1, 1);
    return month_start;
}

/* Day number, or why there is none. */
static const char *day_of(int y, int m, int d, int32_t *out) {
    if (y < YEAR_MIN || y > YEAR_MAX)
        return bad_year;
    if (m < 1 || m > 12 || d < 1)
        return bad_day;
    const int32_t *start = months() + (y - YEAR_MIN) * 12 + m - 1;
    if (start[0] + d > start[1])
        return bad_day;
    *out = start[0] + d - 1;
    return NULL;
}

static unsigned digit(char c) {
    return (unsigned char)(c - '0');
}

static int two(const char *s) {
    unsigned a = digit(s[0]), b = digit(s[1]);
    return a < 10 && b < 10 ? (int)(10 * a + b) : -1;
}

bt_time stamp_iso_day(const char *s) {
    int century = two(s), year = two(s + 2), month = two(s + 5);
    int day = two(s + 8);
    int32_t out;
    if (century < 0 || year < 0 || month < 0 || day < 0 || s[4] != '-' ||
        s[7] != '-' || day_of(100 * century + year, month, day, &out) != NULL)
        return STAMP_NONE;
    return out * DATE_DAY_US;
}

/* ---- a text taken apart ---------------------------------------------------
 */

struct scan {
    const char *s, *end;
};

/* One to max digits; -1 when there is none, INT64_MAX when it is larger. */
static int64_t scan_int(struct scan *in, int max) {
    int64_t v = -1;
    for (; max > 0 && in->s < in->end && digit(*in->s) < 10; max--, in->s++) {
        int64_t next = v < 0 ? 0 : v;
        if (__builtin_mul_overflow(next, 10, &next) ||
            __builtin_add_overflow(next, (int64_t)digit(*in->s), &next))
            next = INT64_MAX;
        v = next;
    }
    return v;
}

static bool scan_char(struct scan *in, char c) {
    bool found = in->s < in->end && *in->s == c;
    in->s += found;
    return found;
}

static bool scan_blanks(struct scan *in) {
    const char *first = in->s;
    while (scan_char(in, ' '))
        continue;
    return in->s > first;
}

static char scan_separator(struct scan *in) {
    if (in->s < in->end && (*in->s == '-' || *in->s == '/' || *in->s == '.'))
        return *in->s++;
    return '\0';
}

/* Digits behind a point, as microseconds of a second; false without digits. */
static bool scan_fraction(struct scan *in, int64_t *us) {
    int64_t unit = 100000;
    const char *first = in->s;
    for (; in->s < in->end && digit(*in->s) < 10; in->s++) {
        *us += digit(*in->s) * unit;
        unit /= 10;
    }
    return in->s > first && in->s - first <= 9;
}

static const char *clock_of(int64_t h, int64_t m, int64_t s, int64_t us,
                            bt_time *out) {
    if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59)
        return bad_clock;
    *out = ((h * 60 + m) * 60 + s) * 1000000 + us;
    return NULL;
}

/* " AM" or " PM" behind a clock of 12 hours; false when the hour is none. */
static bool scan_half(struct scan *in, int64_t *h) {
    const char *at = in->s;
    while (at < in->end && *at == ' ')
        at++;
    char half = in->end - at >= 2 ? (char)(at[0] & 0xdf) : '\0';
    if ((half != 'A' && half != 'P') || (at[1] & 0xdf) != 'M')
        return true;
    in->s = at + 2;
    if (*h < 1 || *h > 12)
        return false;
    *h = *h % 12 + (half == 'P' ? 12 : 0);
    return true;
}

/* 13:30[:00[.123]], 1:30[:00] PM or 133000 */
static const char *scan_clock(struct scan *in, bt_time *out) {
    struct scan compact = *in;
    int64_t v = scan_int(&compact, 6), h, m = -1, s = 0, us = 0;
    if (compact.s - in->s == 6) {
        *in = compact;
        return clock_of(v / 10000, v / 100 % 100, v % 100, 0, out);
    }
    h = scan_int(in, 2);
    if (h < 0 || !scan_char(in, ':') || (m = scan_int(in, 2)) < 0)
        return bad_clock;
    if (scan_char(in, ':') && (s = scan_int(in, 2)) < 0)
        return bad_clock;
    if (scan_char(in, '.') && !scan_fraction(in, &us))
        return bad_clock;
    if (!scan_half(in, &h))
        return bad_clock;
    return clock_of(h, m, s, us, out);
}

/* Z, UTC, GMT, +01:00, -0500, +09, GMT+0100 or nothing. */
static bool scan_zone(struct scan *in, struct stamp *out) {
    scan_char(in, ' ');
    size_t n = (size_t)(in->end - in->s);
    if (n == 0)
        return true;
    out->has_zone = true;
    if (n == 1 && *in->s == 'Z')
        return true;
    if (n >= 3 &&
        (memcmp(in->s, "UTC", 3) == 0 || memcmp(in->s, "GMT", 3) == 0))
        in->s += 3;
    if (in->s == in->end)
        return true;
    int sign = *in->s == '-' ? -1 : *in->s == '+' ? 1 : 0;
    in->s++;
    int64_t h = scan_int(in, 2), m = 0;
    if (scan_char(in, ':') || in->s < in->end)
        m = scan_int(in, 2);
    if (sign == 0 || h < 0 || h > 15 || m < 0 || m > 59 || m % 15 != 0)
        return false;
    out->zone = sign * (int)(4 * h + m / 15);
    return in->s == in->end;
}

/* " EST" or " US/Eastern". */
static bool is_name(const char *s, const char *end) {
    size_t letters = 0;
    for (s += s < end && *s == ' '; s < end; s++) {
        bool letter = (*s | 0x20) >= 'a' && (*s | 0x20) <= 'z';
        if (!letter && *s != '/' && *s != '_')
            return false;
        letters += letter && *s <= 'Z';
    }
    return letters > 0;
}

/* What follows a date: nothing, or a time and perhaps an offset. */
static const char *scan_rest(struct scan *in, int32_t day, struct stamp *out) {
    bt_time clock = 0;
    *out = (struct stamp){.time = day * DATE_DAY_US};
    if (in->s == in->end)
        return NULL;
    if (!scan_blanks(in) && !scan_char(in, 'T'))
        return "text follows the date";
    const char *why = scan_clock(in, &clock);
    if (why != NULL)
        return why;
    const char *zone = in->s;
    if (!scan_zone(in, out))
        return is_name(zone, in->end) ? zone_named : "text follows the time";
    out->time += clock - out->zone * INT64_C(900000000);
    return NULL;
}

/* ---- the forms -------------------------------------------------------------
 */

static const char *parse_iso(struct scan in, struct stamp *out) {
    const char *first = in.s;
    int32_t day;
    int64_t y = scan_int(&in, 4);
    if (in.s - first != 4)
        return bad_date[STAMP_ISO];
    char separator = scan_separator(&in);
    int64_t m = scan_int(&in, 2);
    if (separator == '\0' || m < 0 || !scan_char(&in, separator))
        return bad_date[STAMP_ISO];
    int64_t d = scan_int(&in, 2);
    if (d < 0)
        return bad_date[STAMP_ISO];
    const char *why = day_of((int)y, (int)m, (int)d, &day);
    return why ? why : scan_rest(&in, day, out);
}

static const char *parse_compact(struct scan in, struct stamp *out) {
    const char *first = in.s;
    int32_t day;
    int64_t v = scan_int(&in, 8);
    if (in.s - first != 8)
        return bad_date[STAMP_COMPACT];
    const char *why =
        day_of((int)(v / 10000), (int)(v / 100 % 100), (int)(v % 100), &day);
    return why ? why : scan_rest(&in, day, out);
}

static bool scan_slash(struct scan *in, int *first, int *second, int *year) {
    int64_t a = scan_int(in, 2);
    char separator = scan_separator(in);
    int64_t b = scan_int(in, 2);
    if (a < 0 || b < 0 || separator == '\0' || !scan_char(in, separator))
        return false;
    const char *at = in->s;
    *first = (int)a;
    *second = (int)b;
    *year = (int)scan_int(in, 4);
    return in->s - at == 4;
}

bool stamp_slash(const char *s, size_t n, int *first, int *second) {
    int year;
    struct scan in = {s, s + n};
    return scan_slash(&in, first, second, &year);
}

static const char *parse_slash(struct scan in, int32_t order,
                               struct stamp *out) {
    int a, b, y;
    int32_t day;
    if (!scan_slash(&in, &a, &b, &y))
        return bad_date[STAMP_SLASH];
    const char *why =
        order == BT_DATES_DMY ? day_of(y, b, a, &day) : day_of(y, a, b, &day);
    return why ? why : scan_rest(&in, day, out);
}

/* 1 to 12, 0 for a word that is no English month. */
static int scan_month(struct scan *in) {
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    const char *first = in->s;
    while (in->s < in->end && (*in->s | 0x20) >= 'a' && (*in->s | 0x20) <= 'z')
        in->s++;
    for (int m = 0; m < 12 && in->s - first >= 3; m++)
        if (strncasecmp(names + 3L * m, first, 3) == 0)
            return m + 1;
    return 0;
}

static void scan_gap(struct scan *in) {
    while (in->s < in->end && strchr(" ,-/.", *in->s) != NULL)
        in->s++;
}

/* Apr 09, 2020 or 09-Apr-2020 */
static const char *parse_words(struct scan in, struct stamp *out) {
    int64_t d = scan_int(&in, 2);
    int32_t day;
    scan_gap(&in);
    int m = scan_month(&in);
    scan_gap(&in);
    if (d < 0) {
        d = scan_int(&in, 2);
        scan_gap(&in);
    }
    const char *at = in.s;
    int64_t y = scan_int(&in, 4);
    if (m == 0 || d < 0 || in.s - at != 4)
        return bad_date[STAMP_WORDS];
    const char *why = day_of((int)y, m, (int)d, &day);
    return why ? why : scan_rest(&in, day, out);
}

/* Milliseconds since midnight of a day that the file's name tells. */
static const char *parse_millis(struct scan in, bt_time day,
                                struct stamp *out) {
    int64_t v = scan_int(&in, 9);
    if (v < 0 || in.s < in.end || v >= DATE_DAY_US / 1000)
        return bad_date[STAMP_MILLIS];
    *out = (struct stamp){.time = day + v * 1000};
    return NULL;
}

static const struct {
    int64_t times, divided; /* to microseconds */
    int64_t below;          /* counts of this unit are smaller */
} units[] = {[BT_EPOCH_AUTO] = {1000000, 1, 0},
             [BT_EPOCH_S] = {1000000, 1, INT64_C(100000000000)},
             [BT_EPOCH_MS] = {1000, 1, INT64_C(100000000000000)},
             [BT_EPOCH_US] = {1, 1, INT64_C(100000000000000000)},
             [BT_EPOCH_NS] = {1, 1000, INT64_MAX}};

int32_t stamp_unit_of(const char *s, size_t n) {
    struct scan in = {s, s + n};
    bool negative = scan_char(&in, '-');
    int64_t v = scan_int(&in, 18);
    int32_t unit = BT_EPOCH_S;
    if (!negative && v >= DAY_NUMBER_MIN && v < DAY_NUMBER_END)
        return BT_EPOCH_AUTO;
    while (v >= units[unit].below)
        unit++;
    return in.s < in.end && digit(*in.s) < 10 ? BT_EPOCH_NS : unit;
}

/* The first and last instant that is accepted. */
static bool in_range(int64_t us) {
    const int32_t *start = months();
    return us >= start[0] * DATE_DAY_US && us < start[MONTHS] * DATE_DAY_US;
}

static const char *parse_epoch(struct scan in, int32_t unit,
                               struct stamp *out) {
    bool negative = scan_char(&in, '-');
    int64_t fraction = 0, v = scan_int(&in, 19), us;
    if (v < 0 || (in.s < in.end && !scan_char(&in, '.')) ||
        (in.s < in.end && !scan_fraction(&in, &fraction)) || in.s < in.end)
        return bad_date[STAMP_EPOCH];
    if (__builtin_mul_overflow(v, units[unit].times, &us))
        return bad_year;
    us = us / units[unit].divided + (unit <= BT_EPOCH_S ? fraction : 0);
    us = negative ? -us : us;
    *out = (struct stamp){.time = us, .has_zone = true};
    return in_range(us) ? NULL : bad_year;
}

enum stamp_form stamp_form_of(const char *s, size_t n) {
    struct scan in = {s, s + n};
    struct stamp out;
    int a, b, y;
    struct scan slash = in;
    const char *compact = parse_compact(in, &out);
    if (compact == NULL || compact == zone_named)
        return STAMP_COMPACT;
    if (scan_slash(&slash, &a, &b, &y))
        return STAMP_SLASH;
    if (n > 5 && two(s) >= 0 && two(s + 2) >= 0 &&
        (s[4] == '-' || s[4] == '/' || s[4] == '.') && digit(s[5]) < 10 &&
        (n < 7 || memchr(s + 5, s[4], n - 5) != NULL))
        return STAMP_ISO;
    const char *words = parse_words(in, &out);
    if (words == NULL || words == zone_named)
        return STAMP_WORDS;
    const char *why = parse_epoch(in, BT_EPOCH_US, &out);
    return why == NULL || why == bad_year ? STAMP_EPOCH : STAMP_UNKNOWN;
}

const char *stamp_parse(const struct stamp_rules *r, const char *s, size_t n,
                        struct stamp *out) {
    struct scan in = {s, s + n};
    const char *why = bad_date[STAMP_UNKNOWN];
    if (n == 0)
        return "empty";
    if (r->form == STAMP_ISO)
        why = parse_iso(in, out);
    else if (r->form == STAMP_COMPACT)
        why = parse_compact(in, out);
    else if (r->form == STAMP_EPOCH)
        why = parse_epoch(in, r->unit, out);
    else if (r->form == STAMP_SLASH)
        why = parse_slash(in, r->order, out);
    else if (r->form == STAMP_WORDS)
        why = parse_words(in, out);
    else if (r->form == STAMP_MILLIS)
        why = parse_millis(in, r->day, out);
    if (why == NULL && r->zone == 0 && out->has_zone)
        why = "has a UTC offset, the first row has none";
    if (why == NULL && r->zone == 1 && !out->has_zone)
        why = "has no UTC offset, the first row has one";
    return why;
}

const char *stamp_parse_clock(const char *s, size_t n, bt_time *out) {
    struct scan in = {s, s + n};
    if (memchr(s, ':', n) != NULL) {
        const char *why = scan_clock(&in, out);
        return why == NULL && in.s < in.end ? bad_clock : why;
    }
    int64_t v = scan_int(&in, 6);
    if (v < 0 || in.s < in.end || (n < 3 && v != 0))
        return n == 0 ? "empty" : bad_clock;
    if (n <= 4)
        v *= 100;
    return clock_of(v / 10000, v / 100 % 100, v % 100, 0, out);
}
