/* Names of a bundle's own fields; see field.c. */
#ifndef BT_STORE_FIELD_H
#define BT_STORE_FIELD_H

#include "backlua.h"

enum { FIELD_NAME_MAX = 64 };

/* Name of a field that every bundle has (BT_FIELD_*), else NULL. */
const char *field_of_all(int32_t field);

/* A name as everybody spells it: lower case, other characters than letters and
 * digits become one '_', none at the ends. BT_E_USAGE when nothing is left, it
 * begins with a digit, is too long, or is that of a field every bundle has.
 * out: [FIELD_NAME_MAX + 1] */
bt_status field_name(const char *text, char *out);
/* Is a name spelt like that already? BT_E_USAGE */
bt_status field_check_name(const char *name);

#endif
