/* Eight decimal digits at a time; see quick.c. */
#ifndef BT_STORE_DIGITS_H
#define BT_STORE_DIGITS_H

#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "text is read eight bytes at a time, lowest first");

#define DIGITS_ZERO UINT64_C(0x3030303030303030)

static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};

static inline uint64_t digits_load(const char *s) {
    uint64_t chars;
    memcpy(&chars, s, 8);
    return chars;
}

/* The number that eight characters less '0' make: pairs, then two times two
 * pairs. */
static inline uint64_t digits_eight(uint64_t low) {
    const uint64_t pair = UINT64_C(0x000000ff000000ff);
    low = low * 10 + (low >> 8);
    return ((low & pair) * (100 + (UINT64_C(1000000) << 32)) +
            ((low >> 16) & pair) * (1 + (UINT64_C(10000) << 32))) >>
           32;
}

#endif
