/* Dates and times as files write them; see stamp.c. */
#ifndef BT_STORE_STAMP_H
#define BT_STORE_STAMP_H

#include "backlua.h"

#include <stdbool.h>
#include <stddef.h>

enum stamp_form {
    STAMP_UNKNOWN,
    STAMP_ISO,     /* 2012-01-31, also with / or . ; with or without a time */
    STAMP_COMPACT, /* 20120131, with or without a time */
    STAMP_EPOCH,   /* a count since 1970 */
    STAMP_SLASH,   /* 1/31/2012 or 31.1.2012: which, the whole file says */
    STAMP_WORDS,   /* Jan 31, 2012 or 31-Jan-2012 */
    STAMP_MILLIS   /* a count since the midnight of a day told elsewhere */
};
/* The orders and units of backlua.h: BT_DATES_*, BT_EPOCH_*. */

struct stamp {
    bt_time time; /* UTC, or as written when there is no offset */
    int zone;     /* quarter hours east of UTC */
    bool has_zone;
};

/* How to read one column, known once its first cells have been seen. */
struct stamp_rules {
    enum stamp_form form;
    int32_t order; /* BT_DATES_MDY or _DMY, for STAMP_SLASH */
    int32_t unit;  /* BT_EPOCH_*, for STAMP_EPOCH */
    bt_time day;   /* for STAMP_MILLIS */
    int zone;      /* -1 not known yet, 0 without offset, 1 with one */
};

enum stamp_form stamp_form_of(const char *s, size_t n);
/* BT_EPOCH_* that the size of a count speaks for; AUTO, read as seconds, for
 * what may as well be a spreadsheet's number of a day. */
int32_t stamp_unit_of(const char *s, size_t n);
/* NULL, or why s is no date under the rules: a phrase for "value: phrase". */
const char *stamp_parse(const struct stamp_rules *r, const char *s, size_t n,
                        struct stamp *out);
/* A time of day in microseconds: 13:30[:00[.123]], 1:30 PM, 1330, 133000. */
const char *stamp_parse_clock(const char *s, size_t n, bt_time *out);
/* First and second number of a STAMP_SLASH cell; false when it is none. */
bool stamp_slash(const char *s, size_t n, int *first, int *second);

/* Exactly "2012-01-31" at s, which must have 10 readable bytes: the instant its
 * day begins, or INT64_MIN for anything else. */
bt_time stamp_iso_day(const char *s);
#define STAMP_NONE INT64_MIN

#endif
