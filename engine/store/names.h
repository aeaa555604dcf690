/* What the name of a column says; see names.c. */
#ifndef BT_STORE_NAMES_H
#define BT_STORE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* The first five are the fields of a bar, in the order of a struct row. */
enum role {
    ROLE_OPEN,
    ROLE_HIGH,
    ROLE_LOW,
    ROLE_CLOSE,
    ROLE_VOLUME,
    ROLE_DATE, /* a date, or date and time in one */
    ROLE_TIME, /* time of day */
    ROLE_SYMBOL,
    ROLE_DIVIDEND, /* cash for each share, 0: none */
    ROLE_SPLIT,    /* new shares for each old one; 0 or 1: none */
    ROLE_IGNORED,
    ROLES
};

enum { NAMES_PLAIN = 64 };

/* Lower case, without blanks, quotes, <>, _, - and the like; Polish letters
 * without their marks. */
void names_plain(const char *name, char out[NAMES_PLAIN]);
/* How telling a name is, 0 best; INT_MAX: it means nothing. */
int names_rank(const char *name, enum role *out);
/* Is it a name such as time_utc or "Time (GMT)"? */
bool names_say_utc(const char *name);
const char *names_role(enum role role); /* "open", "date", ... */
/* The role called so; false when there is none. */
bool names_find_role(const char *text, size_t n, enum role *out);

#endif
