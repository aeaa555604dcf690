/* Proleptic Gregorian dates and UTC instants, no libc time zones. */
#ifndef BT_BASE_DATE_H
#define BT_BASE_DATE_H

#include "backlua.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATE_DAY_US INT64_C(86400000000)
enum { DATE_TEXT = 32 };

int32_t date_from_civil(int year, int month, int day); /* days since 1970 */
void date_to_civil(int32_t days, int *year, int *month, int *day);
bool date_is_valid(int year, int month, int day);
int date_weekday(int32_t days); /* 0 = Monday .. 6 = Sunday */
int32_t date_of(bt_time t);     /* UTC day, floor */
/* "2004-08-19" */
void date_format(int32_t days, char out[DATE_TEXT]);
/* "2004-08-19T13:30:00Z"; with a fraction ".123" where it is not zero. */
void date_format_time(bt_time t, char out[DATE_TEXT]);
/* ISO date "2004-08-19", or with a time "2004-08-19 13:30[:00[.123]]", 'T' or
 * blank between, optional Z or +hh[[:]mm]; years 0001 to 9999; what is below a
 * microsecond is cut off. *has_time tells which form it was. */
bool date_parse(const char *s, size_t n, bt_time *out, bool *has_time);
/* UTC offset of New York in seconds at a UTC instant, US rules; 1955 on. */
int32_t date_new_york_offset(bt_time utc);

#endif
