/* Numbers as they are written with one decimal sign or the other; see
 * decimal.c. */
#ifndef BT_STORE_DECIMAL_H
#define BT_STORE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* decimal: BT_DECIMAL_POINT or _COMMA; the other sign may group thousands. */
bool decimal_parse(const char *s, size_t n, int32_t decimal, double *out);
/* The decimal sign that a number can only be read with; BT_DECIMAL_AUTO where
 * both will do, or none. */
int32_t decimal_of(const char *s, size_t n);

/* What a number of another style has too much, as a phrase with its remedy:
 * groups as in 1'234.5, a currency as in 10.5 EUR. NULL: none of these. */
const char *decimal_surplus(const char *s, size_t n);

#endif
