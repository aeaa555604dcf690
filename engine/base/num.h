/* Numbers as text, both ways, independent of the locale. */
#ifndef BT_BASE_NUM_H
#define BT_BASE_NUM_H

#include "backlua.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The 8 bytes of a double: two are the same number, sign of zero and all. */
static inline uint64_t num_bits(double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

enum { NUM_TEXT = 32 };

/* The shortest text that reads back to the same double: 0.1, 1e+300, nan, inf,
 * -inf, -0. Integers below 2^53 without exponent. Returns the length. */
int num_format(double v, char out[NUM_TEXT]);
/* With a fixed number of decimals (0..9), correctly rounded, as printf %.*f;
 * the shortest text from 1e50 on. */
int num_fixed(double v, int decimals, char out[64]);
/* Whole of s[0..n-1] as a decimal number (no hex, no nan/inf, no spaces);
 * correctly rounded. False for anything else and for what overflows. Fast for
 * up to 19 digits. */
bool num_parse(const char *s, size_t n, double *out);
bool num_parse_int(const char *s, size_t n, int64_t *out);
/* "true/false/1/0/yes/no/on/off" in any case. */
bool num_parse_bool(const char *s, bool *out);

#endif
